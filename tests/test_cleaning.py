"""Rules taken out of a page's copy and letters left whole; paper made even, ink made black."""

from typing import Final

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.cleaning.contrast import contrasted, even, ink_threshold
from pipeline.cleaning.rules import unruled
from pipeline.formats.pixels import Grey
from tests.compose_fixtures import FONT

DPI: Final = 200
A4: Final = (1654, 2339)
PITCH: Final = 47
ROWS: Final = ("Hémoglobine 14,2 g/dL", "Plaquettes 231 G/L", "Glycémie à jeun 0,98 g/L", "Ferritine 112 µg/L")


def page(*printed: tuple[int, int, str], points: int = 9) -> Image.Image:
    """A4 with lines of text; left and baseline in pixels."""
    picture = Image.new("L", A4, 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, round(points / 72 * DPI))
    for left, base, text in printed:
        pen.text((left, base), text, font=font, fill=0, anchor="ls")
    return picture


def column(left: int, top: int, texts: tuple[str, ...], pitch: int = PITCH) -> list[tuple[int, int, str]]:
    return [(left, top + number * pitch, text) for number, text in enumerate(texts)]


def pixels_of(picture: Image.Image) -> Grey:
    return np.asarray(picture, np.uint8)


TABLE: Final = page(*column(200, 433, ROWS * 4, 60))


def ruled(picture: Image.Image, width: int = 2) -> Image.Image:
    """With the rules of a table around each line and on both sides."""
    drawn = picture.copy()
    pen = ImageDraw.Draw(drawn)
    for row in range(17):
        pen.line((150, 390 + 60 * row, 1450, 390 + 60 * row), fill=0, width=width)
    for across in (150, 820, 1450):
        pen.line((across, 390, across, 390 + 960), fill=0, width=width)
    return drawn


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_tables_rules_are_taken_out_and_its_letters_stay_whole(width: int) -> None:
    plain = unruled(pixels_of(ruled(TABLE, width)), DPI)
    lying = [(x0, y0, x1, y1) for x0, y0, x1, y1 in plain.rules if x1 - x0 > y1 - y0]
    assert len(lying) == 17
    assert len(plain.rules) - len(lying) == 3
    for number, (x0, y0, x1, y1) in enumerate(sorted(lying, key=lambda rule: rule[1])):
        assert (x0, x1) == pytest.approx((150, 1450), abs=25)
        assert (y0, y1) == pytest.approx((390 + 60 * number,) * 2, abs=3)
    wrong = (plain.pixels <= 127) != (pixels_of(TABLE) <= 127)
    assert int(wrong[400:1340].sum()) == 0
    assert int(wrong.sum()) <= 6 * 16  # specks in the corners


def test_a_letter_that_crosses_a_rule_keeps_its_strokes() -> None:
    """Descenders on a form's line: what stands on the rule is thicker there than the rule is."""
    written = page((200, 700, "gypje gypje"), points=14)
    on_a_line = written.copy()
    ImageDraw.Draw(on_a_line).line((150, 706, 1400, 706), fill=0, width=2)
    plain = unruled(pixels_of(on_a_line), DPI)
    assert len(plain.rules) == 1
    before, after = pixels_of(written) <= 127, plain.pixels <= 127
    assert int((before & ~after).sum()) <= 0.1 * int(before.sum())
    assert int((after & ~before).sum()) <= 0.03 * int(before.sum())


@pytest.mark.parametrize(("on", "off"), [(3, 3), (12, 8), (40, 6)])
def test_dotted_and_broken_rules_are_taken_out(on: int, off: int) -> None:
    picture = TABLE.copy()
    pen = ImageDraw.Draw(picture)
    for left in range(150, 1450, on + off):
        pen.line((left, 390, left + on - 1, 390), fill=0, width=2)
    plain = unruled(pixels_of(picture), DPI)
    assert int((plain.pixels[380:400] <= 127).sum()) <= 0.05 * 1300 * 2


@pytest.mark.parametrize("pitch", [30, 36, 47, 60])
@pytest.mark.parametrize("text", ["1", "l", "I", "12/03/2024", "La ligne", "Une seconde", "E", "0,11 l/L"])
def test_stems_beneath_one_another_are_no_rule(text: str, pitch: int) -> None:
    """A column of dates, of results, of lines that begin alike."""
    written = pixels_of(page(*column(300, 300, (text,) * 30, pitch), *column(900, 300, ("Le même",) * 30, pitch)))
    plain = unruled(written, DPI)
    assert plain.rules == ()
    assert np.array_equal(plain.pixels, written)


@pytest.mark.parametrize("text", ["1", "11"])
def test_a_column_of_ones_beneath_a_rules_end_stays(text: str) -> None:
    picture = page(*column(300, 900, (text,) * 20))
    stem = int(np.flatnonzero((pixels_of(picture)[870:900] <= 127).sum(0) > 12)[0])
    ImageDraw.Draw(picture).line((stem, 200, stem, 820), fill=0, width=2)
    plain = unruled(pixels_of(picture), DPI)
    assert len(plain.rules) == 1
    assert int((plain.pixels[200:815] <= 127).sum()) <= 4
    assert np.array_equal(plain.pixels[865:], pixels_of(picture)[865:])


@pytest.mark.parametrize("text", ["LETTRE DE LIAISON ET FEUILLE DE SOINS", "mmmmmmmmmmmmmmm"])
def test_a_lines_heads_and_feet_are_no_rule(text: str) -> None:
    written = pixels_of(page(*column(200, 400, (text,) * 12)))
    assert unruled(written, DPI).rules == ()


@pytest.mark.parametrize("shape", [(1, 1), (30, 2000), (2000, 30), (300, 300)])
def test_what_has_no_rule_stays_as_it_is(shape: tuple[int, int]) -> None:
    for level in (0, 128, 255):
        blank = np.full(shape, level, np.uint8)
        assert np.array_equal(unruled(blank, DPI).pixels, blank)


def shaded(picture: Image.Image, ink: int) -> Grey:
    """Grey ink on paper that darkens to one side."""
    paper = np.linspace(245, 170, picture.width)[None, :]
    letters = pixels_of(picture).astype(np.float64) / 255
    return np.asarray(np.rint(paper * letters + ink * (1 - letters)), np.uint8)


@pytest.mark.parametrize("ink", [10, 60, 110])
def test_shaded_paper_becomes_white_and_grey_ink_black(ink: int) -> None:
    clean = contrasted(even(shaded(TABLE, ink)))
    letters = pixels_of(TABLE)
    core = cv2.erode(letters, np.ones((3, 3), np.uint8)) < 20
    away = cv2.erode(letters, np.ones((15, 15), np.uint8)) == 255
    assert float(np.median(clean[core & (letters < 20)])) == 0
    assert clean[away].min() >= 250
    assert 0.5 < float(((clean > 20) & (clean < 235)).sum() / ((letters > 20) & (letters < 235)).sum()) < 2


def test_a_dark_photograph_does_not_decide_what_is_ink() -> None:
    picture = shaded(TABLE, 90)
    with_it = picture.copy()
    with_it[1500:2200, 200:1400] = np.random.default_rng(4).integers(0, 60, (700, 1200), np.uint8)
    least, most = sorted(
        (ink_threshold(picture) or 0, ink_threshold(np.where(with_it < 60, np.uint8(20), with_it)) or 0)
    )
    assert most - least <= 40


@pytest.mark.parametrize("ink", [28, 70, 110])
def test_pure_black_on_pure_white_beside_grey_print_takes_none_of_it(ink: int) -> None:
    """A code or a box drawn by a computer, on a page printed or scanned paler."""
    pixels = np.where(pixels_of(TABLE) < 128, np.uint8(ink), np.uint8(255))
    pixels[300:700:12, 1200:1600] = 0
    pixels[300:700, 1200:1600:9] = 0
    assert int((contrasted(pixels)[:, :1100] <= 127).sum()) == int((pixels[:, :1100] == ink).sum())


def test_paper_without_ink_is_left_alone() -> None:
    for level in (0, 200, 255):
        blank = np.full((900, 700), level, np.uint8)
        assert ink_threshold(blank) is None
        assert np.array_equal(contrasted(blank), blank)
