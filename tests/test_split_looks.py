"""One page seen alone: separators at any angle, codes of others, codes nobody can read, backs with nothing on them."""

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from consent_gate.model import DocType, PatientRef
from pipeline.formats.raster import Placing, jpeg_page, page
from pipeline.model import PageImage, Separator
from pipeline.separator import payload
from pipeline.sheets.image import sheet_image
from pipeline.sheets.symbols import Symbology
from pipeline.split import Look, examine
from tests.pages_fixtures import jpeg_bytes

SAID = Separator(PatientRef("P00042"), DocType("fiche_aptitude"), "D0042")
RNG = np.random.default_rng(11)
A4 = (1654, 2339)
"""At 200 dots an inch."""


def scanned(
    sheet: Image.Image, dpi: int = 200, degrees: float = 0.0, *, bilevel: bool = False, colour: bool = False
) -> PageImage:
    """A sheet drawn at 200 dpi as a scanner gives it: tilted, blurred, greyed, grainy."""
    turned = sheet.convert("L").rotate(degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor=245)
    sized = turned.resize((turned.width * dpi // 200, turned.height * dpi // 200), Image.Resampling.HAMMING)
    levels = np.asarray(sized.filter(ImageFilter.GaussianBlur(0.6 * dpi / 200))).astype(float) * 0.8 + 35
    grainy = np.clip(levels + RNG.normal(0, 6, levels.shape), 0, 255).astype(np.uint8)
    if bilevel:
        return page(Image.fromarray(np.asarray(grainy > 145)), Placing((dpi, dpi)))
    image = Image.fromarray(grainy).convert("RGB" if colour else "L")
    return jpeg_page(jpeg_bytes(image, quality=60), Placing((dpi, dpi)))


def written_page(lines: int = 30) -> Image.Image:
    """A page of type: one word after the other in a plain letter."""
    image = Image.new("L", A4, 255)
    pen = ImageDraw.Draw(image)
    for line in range(lines):
        pen.text(
            (150, 150 + 60 * line), "Examen du jour sans particularite, a revoir dans un an. " * 2, 0, font_size=28
        )
    return image


def with_code(sheet: Image.Image, text: str, module: int, *, datamatrix: bool = True) -> Image.Image:
    kind = zxingcpp.BarcodeFormat.DataMatrix if datamatrix else zxingcpp.BarcodeFormat.QRCode
    made = np.array(zxingcpp.create_barcode(text, kind).to_image(scale=module), np.uint8)
    copy = sheet.copy()
    copy.paste(Image.fromarray(made), (1654 - made.shape[1] - 120, 60))
    return copy


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
@pytest.mark.parametrize(
    ("dpi", "degrees", "bilevel", "colour"),
    [(150, 0, False, False), (150, -3, True, False), (200, 180, False, True), (300, 90, False, False),
     (300, 2, True, False), (400, -4, False, False)],
)  # fmt: skip
def test_a_separator_is_read_however_it_was_fed(
    symbology: Symbology, dpi: int, degrees: float, *, bilevel: bool, colour: bool
) -> None:
    seen = examine(scanned(sheet_image(SAID, 200, symbology), dpi, degrees, bilevel=bilevel, colour=colour))
    assert (seen.look, seen.separator) == (Look.SEPARATOR, SAID)


def spoilt(how: str, symbology: Symbology) -> Image.Image:
    """A separator sheet with both its codes damaged the same way."""
    sheet = sheet_image(SAID, 200, symbology)
    pen = ImageDraw.Draw(sheet)
    for x, y, half in ((827, 669, 220), (1323, 2031, 130)):
        box = (x - half, y - half, x + half, y + half)
        if how == "half gone":
            pen.rectangle((x, y - half, x + half, y + half), fill=255)
        elif how == "corner torn":
            pen.polygon(
                ((x - half, y - half), (x + half * 6 // 10, y - half), (x - half, y + half * 6 // 10)), fill=255
            )
        elif how == "inked over":
            pen.rectangle((x - half, y - 40, x + half, y + 40), fill=0)
        else:
            stains = cv2.resize(
                (RNG.random((50, 50)) < 0.25).astype(np.uint8), (2 * half, 2 * half), interpolation=cv2.INTER_NEAREST
            )
            crop: NDArray[np.uint8] = np.asarray(sheet.crop(box))
            sheet.paste(Image.fromarray(np.where(stains > 0, 255 - crop, crop).astype(np.uint8)), box[:2])
    return sheet


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
@pytest.mark.parametrize("how", ["half gone", "corner torn", "inked over", "stained"])
@pytest.mark.parametrize("bilevel", [False, True])
def test_a_separator_that_cannot_be_read_is_never_an_ordinary_page(
    symbology: Symbology, how: str, *, bilevel: bool
) -> None:
    assert examine(scanned(spoilt(how, symbology), degrees=1.0, bilevel=bilevel)).look is Look.SUSPECT


def test_a_code_of_ours_that_does_not_hold_together_is_damaged() -> None:
    for text in (payload(SAID)[:-1] + "0", "LIASSE2|P1|||00000000", "LIASSE"):
        seen = examine(scanned(with_code(Image.new("L", A4, 255), text, 6)))
        assert (seen.look, seen.separator) == (Look.DAMAGED, None)


def test_two_separators_on_one_sheet_contradict_each_other() -> None:
    other = Separator(PatientRef("P00043"), None, None)
    sheet = with_code(sheet_image(SAID, 200), payload(other), 6)
    assert examine(scanned(sheet)).look is Look.DAMAGED


def by_hand(sheet: Image.Image, top: int, lines: int) -> Image.Image:
    """Lines of joined strokes across the sheet."""
    pen = ImageDraw.Draw(sheet)
    for line in range(lines):
        for word in range(9):
            places = [
                (150 + 150 * word + 6 * step, top + 60 * line + round(14 * np.sin(step * 1.3) - 10 * (step % 3)))
                for step in range(20)
            ]
            pen.line(places, fill=30, width=4)
    return sheet


@pytest.mark.parametrize("bilevel", [False, True])
def test_a_record_with_a_code_of_ours_on_it_is_not_destroyed_as_a_separator(*, bilevel: bool) -> None:
    damaged = payload(SAID)[:-1] + "0"
    for sheet in (
        with_code(written_page(), payload(SAID), 6),
        with_code(written_page(), damaged, 6),
        with_code(by_hand(Image.new("L", A4, 255), 500, 15), payload(SAID), 6, datamatrix=False),
        by_hand(sheet_image(SAID, 200), 1420, 8),
    ):
        assert examine(scanned(sheet, bilevel=bilevel)).look is Look.SUSPECT


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
def test_a_separator_with_the_longest_references_or_one_code_inked_over_is_still_one(symbology: Symbology) -> None:
    longest = Separator(PatientRef("P" * 128), DocType("fiche_aptitude"), "D" * 128)
    assert examine(scanned(sheet_image(longest, 200, symbology), 300)).look is Look.SEPARATOR
    for x, y, half in ((827, 669, 220), (1323, 2031, 130)):
        sheet = sheet_image(SAID, 200, symbology)
        ImageDraw.Draw(sheet).rectangle((x - half, y - 40, x + half, y + 40), fill=0)
        assert examine(scanned(sheet)).separator == SAID


INS = (
    "IS010000000000000000000000S1279035121518989S21.2.250.1.213.1.4.10S3DOMINIQUE MARIE-LOUISE\x1dS4PAT-TROIS\x1d"
    "S5FS628-03-1979S751215"
)


@pytest.mark.parametrize("degrees", [0, 1.5, 180])
def test_codes_of_others_are_content(degrees: float) -> None:
    for sheet in (
        with_code(written_page(), INS, 4),
        with_code(Image.new("L", A4, 255), INS, 4),
        with_code(written_page(), "https://example.org/vaccination", 6, datamatrix=False),
    ):
        assert examine(scanned(sheet, degrees=degrees)).look is Look.CONTENT


def test_a_small_code_that_cannot_be_read_on_a_page_of_type_is_content() -> None:
    sheet = with_code(written_page(), INS, 2)
    ImageDraw.Draw(sheet).rectangle((1500, 60, 1540, 140), fill=255)
    assert examine(scanned(sheet, bilevel=True)).look is Look.CONTENT


def holes(sheet: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(sheet)
    for y in (854, 1484):
        pen.ellipse((65, y, 112, y + 47), fill=30)
    return sheet


def shining_through(sheet: Image.Image) -> Image.Image:
    """The other side's type, mirrored, blurred and faint."""
    other = np.asarray(written_page().transpose(Image.Transpose.FLIP_LEFT_RIGHT)).astype(np.float32)
    ghost = (255 - cv2.GaussianBlur(other, (0, 0), 2.2)) * 0.07
    return Image.fromarray(np.clip(np.asarray(sheet).astype(np.float32) - ghost, 0, 255).astype(np.uint8))


def folded(sheet: Image.Image) -> Image.Image:
    ImageDraw.Draw(sheet).line((0, 780, 1654, 792), fill=215, width=4)
    return sheet


def bordered(sheet: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(sheet)
    pen.polygon(((0, 0), (60, 0), (0, 2339)), fill=25)
    pen.rectangle((0, 2310, 1654, 2339), fill=25)
    return sheet


def stapled(sheet: Image.Image) -> Image.Image:
    ImageDraw.Draw(sheet).line((70, 90, 112, 72), fill=60, width=4)
    return sheet


@pytest.mark.parametrize("bilevel", [False, True])
@pytest.mark.parametrize("wear", [holes, shining_through, folded, bordered, stapled], ids=lambda wear: wear.__name__)
def test_paper_and_its_wear_are_blank(wear: object, *, bilevel: bool) -> None:
    assert callable(wear)
    assert examine(scanned(wear(Image.new("L", A4, 250)), bilevel=bilevel)).look is Look.BLANK


def handwriting(grey: int, words: int) -> Image.Image:
    """A line of joined strokes, 0.5 mm wide."""
    sheet = Image.new("L", A4, 250)
    pen = ImageDraw.Draw(sheet)
    for word in range(words):
        places = [
            (300 + 130 * word + 6 * step, 600 + round(14 * np.sin(step * 1.3) - 10 * (step % 3))) for step in range(16)
        ]
        pen.line(places, fill=grey, width=4)
    return sheet


@pytest.mark.parametrize(("grey", "words"), [(30, 5), (30, 1), (120, 5), (120, 2), (190, 5)])
@pytest.mark.parametrize("dpi", [150, 300])
def test_one_line_by_hand_is_no_blank_page(grey: int, words: int, dpi: int) -> None:
    assert examine(scanned(handwriting(grey, words), dpi)).look is Look.CONTENT


def blob(paper: float, ink: float, softness: float) -> Image.Image:
    """A page-filling picture without an edge: a lesion on skin, a bone on a film."""
    down, across = np.mgrid[0 : A4[1], 0 : A4[0]]
    far = ((across - 830) / 330) ** 2 + ((down - 1170) / 420) ** 2
    picture = np.where(far < 1, ink, paper) if softness else paper + (ink - paper) * np.exp(-far)
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), softness) if softness else picture
    return Image.fromarray(soft.astype(np.uint8))


def framed(picture: Image.Image, white: int) -> Image.Image:
    sheet = Image.new("L", A4, 250)
    sheet.paste(picture.crop((white, white, A4[0] - white, A4[1] - white)), (white, white))
    return sheet


def at_the_top(text: str, left: int, top: int) -> Image.Image:
    sheet = Image.new("L", A4, 255)
    ImageDraw.Draw(sheet).text((left, top), text, 0, font_size=28)
    return sheet


def stroke(*ends: int) -> Image.Image:
    sheet = Image.new("L", A4, 255)
    ImageDraw.Draw(sheet).line(ends, 0, 4)
    return sheet


LOST_ONCE = {
    "all black": Image.new("L", A4, 0),
    "a film": blob(20, 200, 0),
    "a film in a white frame": framed(blob(20, 200, 0), 30),
    "a pale film": blob(240, 170, 0),
    "a lesion": blob(190, 130, 40),
    "a lesion on light skin": blob(225, 170, 40),
    "type at the very top": at_the_top("Allergie: penicilline", 60, 20),
    "a word in the corner": at_the_top("VIH+", 1000, 40),
    "a stroke across": stroke(300, 1200, 1400, 1200),
    "a stroke from corner to corner": stroke(100, 100, 1500, 2200),
}


@pytest.mark.parametrize("what", LOST_ONCE)
@pytest.mark.parametrize("grain", [False, True])
def test_pictures_words_at_the_edge_and_single_strokes_are_no_blank_pages(what: str, *, grain: bool) -> None:
    sheet = LOST_ONCE[what]
    seen = examine(scanned(sheet)) if grain else examine(page(sheet, Placing((200, 200))))
    assert seen.look is not Look.BLANK


def test_a_streak_of_the_scanner_from_edge_to_edge_is_no_ink() -> None:
    assert examine(scanned(stroke(700, 0, 700, 2339))).look is Look.BLANK


def test_a_page_too_light_to_read_is_no_blank_page() -> None:
    light = Image.fromarray((255 - (255 - np.asarray(written_page())) * 0.07).astype(np.uint8))
    assert examine(jpeg_page(jpeg_bytes(light), Placing((200, 200)))).look is Look.CONTENT


def test_the_same_pixels_have_the_same_digest_whatever_carries_them() -> None:
    sheet = written_page(3).convert("1")
    one = examine(page(sheet, Placing((200, 200))))
    same = examine(page(sheet, Placing((200, 200))))
    sheet.putpixel((500, 1500), 0)
    assert one.digest == same.digest
    assert examine(page(sheet, Placing((200, 200)))).digest != one.digest


@pytest.mark.parametrize("size", [(1, 1), (2, 2339), (100, 3), (3000, 1)])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_strip_of_a_few_pixels_is_a_page_like_any_other(size: tuple[int, int], mode: str) -> None:
    """At a high resolution nothing of it is left where pages are looked at reduced."""
    assert examine(page(Image.new(mode, size), Placing((1200, 1200)))).look is Look.CONTENT
