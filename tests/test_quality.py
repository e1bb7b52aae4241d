"""How a page was scanned, and whether a sheet went through twice: told for what it is, and not of good pages."""

import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from lexicon.flags import DOUBLE_FEED, FLAGS, LOOKS_LIKE, ODD_SIDES, slug_of
from pipeline.config import ProfileSection
from pipeline.decoding.answers import Looked
from pipeline.formats.pixels import grey
from pipeline.formats.raster import Placing, jpeg_page, page
from pipeline.marks.likeness import Print, alike, unpressed
from pipeline.marks.profile import Profile
from pipeline.marks.quality import Measures, flags_of, survey
from pipeline.model import PageImage
from pipeline.page_flags import FlagsSeen
from pipeline.split import Look, Sighting, examine
from tests.pages_fixtures import jpeg_bytes
from tests.test_split_looks import scanned

PROFILE = Profile()


def seen(image: PageImage, profile: Profile = PROFILE) -> tuple[str, ...]:
    return flags_of(image, survey(grey(image), image)[0], profile)


def whole(sheet: Image.Image, dpi: int = 200) -> PageImage:
    """A sheet drawn at 200 dpi, as it is."""
    return jpeg_page(jpeg_bytes(sheet, quality=80, dpi=(dpi, dpi)), Placing((dpi, dpi)))


def letters(lines: int = 24) -> Image.Image:
    """Lines of type that differ from each other, within the margins."""
    image = Image.new("L", (1654, 2339), 250)
    pen, chance = ImageDraw.Draw(image), random.Random(lines)  # noqa: S311  an invented page
    for line in range(lines):
        text = " ".join("".join(chance.choices("abcdefghimnoprstu", k=chance.randrange(2, 9))) for _ in range(11))
        pen.text((160, 160 + 80 * line), text, 20, font_size=30)
    return image


def faded(sheet: Image.Image) -> Image.Image:
    return sheet.point(lambda level: 255 - (255 - level) // 6)


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda sheet: sheet.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=250)


def blurred(sheet: Image.Image) -> Image.Image:
    return sheet.filter(ImageFilter.GaussianBlur(4))


def shifted(sheet: Image.Image) -> Image.Image:
    """The feeder took the sheet too far left: the first letters of the lines are gone."""
    out = Image.new("L", sheet.size, 250)
    out.paste(sheet, (-175, 0))
    return out


def darkened(sheet: Image.Image) -> Image.Image:
    return sheet.point(lambda level: level // 6)


SPOILT: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "tilted": (turned(4.5), "rescan-skew"),
    "tilted on its side": (lambda sheet: turned(-5)(sheet).transpose(Image.Transpose.ROTATE_90), "rescan-skew"),
    "blurred": (blurred, "rescan-blur"),
    "too light": (faded, "rescan-clipped"),
    "too dark": (darkened, "rescan-clipped"),
    "a negative": (lambda sheet: sheet.point(lambda level: 255 - level), "rescan-clipped"),
    "cut": (shifted, "rescan-cut"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_page_that_was_scanned_badly_is_told_why(how: str) -> None:
    spoil, flag = SPOILT[how]
    assert seen(whole(spoil(letters()))) == (flag,)


@pytest.mark.parametrize("degrees", [0.0, 0.8, -2.0, 90.0, 180.0])
def test_a_page_that_was_scanned_well_is_told_nothing(degrees: float) -> None:
    assert seen(whole(letters())) == ()
    assert seen(scanned(letters(), 200, degrees)) == ()
    assert seen(scanned(letters(), 200, degrees, bilevel=True)) == ()
    assert seen(scanned(letters(3), 300, degrees, colour=True)) == ()


def test_the_resolution_and_the_colours_are_as_agreed() -> None:
    image = scanned(letters(), 200)
    assert seen(image, Profile(dpi=300)) == ("rescan-resolution",)
    assert seen(image, Profile(colours=("rgb",))) == ("rescan-colour",)
    assert seen(replace(image, dpi_x=204, dpi_y=98)) == ("rescan-resolution",)  # a fax: told, and no worse


@pytest.mark.parametrize("dpi", [None, (1.0, 1.0), (0.0, 0.0), (100_000.0, 100_000.0)])
def test_a_resolution_that_nobody_said_or_that_cannot_be_is_told(dpi: tuple[float, float] | None) -> None:
    assert seen(page(letters(), Placing(dpi))) == ("resolution-unknown",)


def test_a_scrap_or_a_page_without_ink_is_told_nothing() -> None:
    assert seen(page(Image.new("L", (300, 200), 255), Placing((200, 200)))) == ()
    assert seen(page(Image.new("L", (1654, 2339), 255), Placing((200, 200)))) == ()


def test_what_is_agreed_by_default_is_the_same_in_the_settings_and_in_the_code() -> None:
    assert ProfileSection().agreed == PROFILE


# --- One sheet twice --------------------------------------------------------------------------------------------------


def form(hand: int, name: str = "") -> Image.Image:
    """The same printed form, filled in by chance: crosses and lines by hand; `name` is typed on it."""
    image = Image.new("L", (1654, 2339), 255)
    pen, chance = ImageDraw.Draw(image), random.Random(hand)  # noqa: S311  an invented page
    pen.text((400, 80), "QUESTIONNAIRE DE SANTE AU TRAVAIL", 0, font_size=44)
    pen.text((900, 150), name, 0, font_size=30)
    for line in range(20):
        pen.text((150, 220 + 95 * line), f"Question {line} : {'abcdefgh'[line % 8] * 3} au travail ?", 0, font_size=28)
        pen.rectangle((1200, 220 + 95 * line, 1230, 250 + 95 * line), outline=0, width=3)
        if hand and chance.random() < 0.4:
            pen.line((1203, 223 + 95 * line, 1227, 247 + 95 * line), fill=20, width=4)
    for _ in range(4 if hand else 0):
        left, top, high = chance.randrange(300, 900), chance.randrange(260, 1900), chance.uniform(6, 14)
        pen.line([(left + 6 * k, top + round(high * np.sin(k * 1.3) - 10 * (k % 3))) for k in range(25)], 30, 4)
    return image


def print_of(image: PageImage) -> Print:
    found = unpressed(survey(grey(image), image)[1])
    assert found is not None
    return found


@pytest.mark.parametrize(("dpi", "degrees", "bilevel"), [(150, 1.5, False), (200, -2.0, False), (300, 180.0, False),
                                                         (200, 0.6, True)])  # fmt: skip
def test_the_same_sheet_fed_again_looks_like_itself(dpi: int, degrees: float, *, bilevel: bool) -> None:
    first, again = scanned(form(1), 200, 0.3), scanned(form(1), dpi, degrees, bilevel=bilevel)
    assert alike(print_of(first), print_of(again))


@pytest.mark.parametrize("hand", range(2, 6))
def test_two_forms_filled_in_by_two_people_are_two_sheets(hand: int) -> None:
    assert not alike(print_of(scanned(form(1), 200, 0.3)), print_of(scanned(form(hand), 200, -0.4)))


def test_forms_that_are_typed_differ_by_a_name() -> None:
    dupont, dupond = (print_of(scanned(form(1, name), 200, tilt)) for name, tilt in (("DUPONT", 0.2), ("DUPOND", 0)))
    martin = print_of(scanned(form(1, "MARTIN"), 200, -0.3))
    assert not alike(dupont, martin)
    assert not alike(dupont, dupond)


def test_a_print_of_a_strangers_making_is_refused() -> None:
    line = b"\x00\x01\x07\xd0" + zlib.compress(b"\xff" * 500)
    for bytes_ in (b"x", b"\xff\xff\xff\xff" + b"x" * 40, b"\x00\x80\x00\x80garbage", b"y" * 100_000, line):
        with pytest.raises(ValueError, match="print"):
            unpressed(bytes_)


# --- A file's pages together ------------------------------------------------------------------------------------------


def told(images: list[PageImage], sides: int = 1) -> dict[int, tuple[str, ...]]:
    flags = FlagsSeen(PROFILE, sides)
    looks: Iterator[Looked] = (Looked(image, examine(image)) for image in images)
    assert [looked.image for looked in flags.each(looks)] == images
    return flags.found(set())


def test_the_same_pixels_are_told_unless_they_were_left_out_as_a_duplicate() -> None:
    """In another document of the file, the copy stays: nothing else would tell of it."""
    page = scanned(form(1), 200, 0.3)
    flags = FlagsSeen(PROFILE)
    list(flags.each(Looked(image, examine(image)) for image in (page, scanned(letters(), 200), page, page)))
    assert flags.found((), duplicates=(4,)) == {3: (f"{LOOKS_LIKE}:1",)}


def test_a_sheet_fed_twice_is_told_with_the_page_that_it_looks_like() -> None:
    pages = [scanned(form(1), 200, 0.3), scanned(letters(), 200), scanned(form(1), 200, -0.5)]
    assert told(pages) == {3: (f"{LOOKS_LIKE}:1",)}


def bare(width: float, length: float) -> Looked:
    """A page of that size in millimetres, at 200 dpi."""
    image = whole(Image.new("L", (64, 64), 255))
    pixels = round(width / 25.4 * 200), round(length / 25.4 * 200)
    return Looked(replace(image, width=pixels[0], height=pixels[1]), Sighting(Look.CONTENT, "0" * 64, None))


@pytest.mark.parametrize(("lengths", "found"), [
    ((297, 297, 297, 360), {4}), ((297, 355, 297), {2}), ((297, 420, 297, 297), {2}), ((297, 297, 297), set()),
    ((297, 297, 594), set()), ((297, 360), set()), ((210, 148, 297, 297), set()),
])  # fmt: skip
def test_a_page_longer_than_its_neighbours_may_be_two_sheets(lengths: tuple[int, ...], found: set[int]) -> None:
    flags = FlagsSeen(PROFILE)
    assert len(list(flags.each(iter([bare(210, length) for length in lengths])))) == len(lengths)
    assert {position for position, several in flags.found(set()).items() if DOUBLE_FEED in several} == found


def test_an_a3_sheet_among_a4_is_no_double_feed() -> None:
    flags = FlagsSeen(PROFILE)
    list(flags.each(iter([bare(210, 297), bare(210, 297), bare(297, 420), bare(420, 297)])))
    assert not any(DOUBLE_FEED in several for several in flags.found(set()).values())


@pytest.mark.parametrize(("pages", "sides", "odd"), [(3, 2, True), (4, 2, False), (3, 1, False), (1, 2, False)])
def test_a_side_too_many_or_too_few_is_told_of_two_sided_sheets(pages: int, sides: int, *, odd: bool) -> None:
    flags = FlagsSeen(PROFILE, sides)
    list(flags.each(iter([bare(210, 297)] * pages)))
    assert (ODD_SIDES in flags.found(set()).get(pages, ())) is odd


def test_every_flag_has_its_sentence() -> None:
    flagged = flags_of(whole(letters()), Measures(9, 9, 0, 1, 99), Profile(dpi=10_000, colours=("rgb",)))
    assert {slug_of(flag) for flag in flagged} | {"resolution-unknown", LOOKS_LIKE, DOUBLE_FEED, ODD_SIDES} <= {*FLAGS}
    assert all(sentence.fr and sentence.fr_hint and sentence.en and sentence.en_hint for sentence in FLAGS.values())
