"""The render check: a copy that shows its scan passes, whatever the page; each spoilt one is refused."""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lexicon.faults import SheetFault, StationFault
from pipeline.compose import compose
from pipeline.model import PageImage, Recognised, RecognisedPage, Scan
from pipeline.validate import require_same_look
from tests.compose_fixtures import CONTEXT, FONT, LINES, flate, g4, jpeg, page_of, recognised, scan, sheet, unread
from tests.sabotage import (
    RELAID,
    REPAINTED,
    Change,
    Repaint,
    channel,
    half,
    image_of,
    repainted,
    size_of,
    without_colour,
    words_shown,
)

DPI: Final = 150
A5: Final = (874, 1240)


def letters(points: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, round(points / 72 * DPI))


def dense(version: int) -> Image.Image:
    picture = Image.new("L", A5, 250)
    pen = ImageDraw.Draw(picture)
    for line in range(50):
        words = " ".join(LINES[(line * 3 + word + version) % len(LINES)] for word in range(3))
        pen.text((40, 40 + line * 23), words[line % 7 :], font=letters(7), fill=20)
    return picture


def one_line(version: int) -> Image.Image:
    picture = Image.new("L", A5, 255)
    ImageDraw.Draw(picture).text((90, 200), LINES[version], font=letters(10), fill=60)
    return picture


def rules(version: int) -> Image.Image:
    """The same printed form, filled in differently: a few words by a light pencil."""
    picture = Image.new("L", A5, 245)
    pen = ImageDraw.Draw(picture)
    for y in range(60, 1200, 40):
        pen.line((40, y, 830, y), 90, 2)
    for x in (40, 300, 560, 830):
        pen.line((x, 60, x, 1180), 90, 2)
    pen.text((60, 70), "Numération", font=letters(8), fill=40)
    for row in range(3):
        pen.text((310, 145 + row * 80), str(3_141_592 * (version + row + 2))[:6], font=letters(9), fill=130)
    return picture


def photocopy(version: int) -> Image.Image:
    """Dark all around, grey within, speckled."""
    draw = np.random.default_rng(version)
    picture = dense(version).point(lambda level: level * 3 // 5)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, *A5), outline=8, width=36)
    return Image.fromarray(np.clip(np.asarray(picture) + draw.normal(0, 12, A5[::-1]), 0, 255).astype(np.uint8))


def photograph(version: int) -> Image.Image:
    draw = np.random.default_rng(10 + version)
    coarse = Image.fromarray(draw.integers(40, 220, (9, 7, 3), np.uint8))
    return coarse.resize(A5, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(4))


def stamped(version: int) -> Image.Image:
    """Black print, and a stamp in blue, a signature in red."""
    picture = one_line(version).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((500, 800, 720, 960), outline=(40, 60, 190), width=5)
    pen.text((530, 860), "Docteur", font=letters(11), fill=(40, 60, 190))
    pen.line([(150, 900), (220, 860 + 20 * version), (260, 930), (330, 870)], (190, 40, 60), 4)
    return picture


def label(version: int) -> Image.Image:
    picture = Image.new("L", (300, 120), 255)
    ImageDraw.Draw(picture).text((20, 30), f"{version + 3}7-41", font=letters(14), fill=0)
    return picture


def receipt(version: int) -> Image.Image:
    picture = Image.new("L", (460, 2800), 252)
    pen = ImageDraw.Draw(picture)
    for line in range(53):
        pen.text((30, 50 + line * 50), LINES[(line + version) % len(LINES)][:22], font=letters(9), fill=70)
    return picture


def blank(_: int) -> Image.Image:
    return Image.new("L", A5, 255)


@dataclass(frozen=True)
class Page:
    """A kind of page: drawn in versions, coded as scanners do."""

    draw: Callable[[int], Image.Image]
    code: Callable[[Image.Image, tuple[float, float]], PageImage] = jpeg

    def image(self, version: int = 0) -> PageImage:
        return self.code(self.draw(version), (DPI, DPI))


INKED: Final = {
    "dense": Page(dense),
    "dense, bilevel": Page(dense, g4),
    "one line": Page(one_line),
    "one line, bilevel": Page(one_line, g4),
    "rules": Page(rules, flate),
    "photocopy": Page(photocopy),
    "photograph": Page(photograph),
    "stamped": Page(stamped),
    "label": Page(label, flate),
    "receipt": Page(receipt),
}
PAGES: Final = {**INKED, "blank": Page(blank), "blank, bilevel": Page(blank, g4)}
Document = tuple[Scan, Recognised]


def document(*images: PageImage, turns: int = 0) -> Document:
    return scan(*images), recognised(*(unread(turns) for _ in images))


@cache
def composed(kind: str, turns: int = 0) -> bytes:
    """Two pages of a kind, version 0 and 1, as the composer writes them."""
    with TemporaryDirectory() as folder:
        page = PAGES[kind]
        pair = document(page.image(), page.image(1), turns=turns)
        return compose(*pair, CONTEXT, Path(folder, "copy.pdf")).path.read_bytes()


def spoilt(tmp_path: Path, copy: bytes, change: Change) -> Path:
    path = tmp_path / "spoilt.pdf"
    with pikepdf.open(io.BytesIO(copy)) as pdf:
        change(pdf)
        pdf.save(path)
    return path


def differs(path: Path, pair: Document, page: int = 1) -> bool:
    try:
        require_same_look(path, *pair)
    except StationFault as fault:
        assert (fault.code, fault.facts) == ("render-differs", {"page": page})  # noqa: PT017  which page is told
        return True
    return False


@cache
def pair_of(kind: str, turns: int = 0) -> Document:
    return document(PAGES[kind].image(), PAGES[kind].image(1), turns=turns)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", PAGES)
def test_a_copy_that_shows_its_scan_passes(tmp_path: Path, kind: str, turns: int) -> None:
    path = tmp_path / "copy.pdf"
    path.write_bytes(composed(kind, turns))
    require_same_look(path, *pair_of(kind, turns))


@pytest.mark.parametrize("change", RELAID.values(), ids=RELAID)
@pytest.mark.parametrize("kind", ["dense", "one line, bilevel", "photograph", "label", "blank"])
def test_a_page_laid_otherwise_is_refused(tmp_path: Path, kind: str, change: Change) -> None:
    assert differs(spoilt(tmp_path, composed(kind), change), pair_of(kind))


@pytest.mark.parametrize("repaint", REPAINTED.values(), ids=REPAINTED)
@pytest.mark.parametrize("kind", [kind for kind in INKED if kind not in {"dense", "one line, bilevel"}])
def test_a_page_that_shows_its_ink_otherwise_is_refused(tmp_path: Path, kind: str, repaint: Repaint) -> None:
    """Laid as it should be: only a look at it tells."""
    assert differs(spoilt(tmp_path, composed(kind), repainted(repaint)), pair_of(kind))


@pytest.mark.parametrize("kind", ["blank", "blank, bilevel"])
def test_a_blank_page_turned_black_is_refused(tmp_path: Path, kind: str) -> None:
    assert differs(spoilt(tmp_path, composed(kind), repainted(REPAINTED["inverted"])), pair_of(kind))


HALVES: Final = {
    "upper": half(slice(0, 1), slice(0, 2)),
    "lower": half(slice(1, 2), slice(0, 2)),
    "left": half(slice(0, 2), slice(0, 1)),
    "right": half(slice(0, 2), slice(1, 2)),
}


@pytest.mark.parametrize("repaint", HALVES.values(), ids=HALVES)
@pytest.mark.parametrize("kind", ["dense", "dense, bilevel", "rules", "photocopy", "photograph", "receipt"])
def test_half_a_page_is_refused(tmp_path: Path, kind: str, repaint: Repaint) -> None:
    assert differs(spoilt(tmp_path, composed(kind), repainted(repaint)), pair_of(kind))


def reversed_pages(pdf: pikepdf.Pdf) -> None:
    pdf.pages.reverse()


@pytest.mark.parametrize("kind", INKED)
def test_pages_in_another_order_are_refused(tmp_path: Path, kind: str) -> None:
    assert differs(spoilt(tmp_path, composed(kind), reversed_pages), pair_of(kind))


@pytest.mark.parametrize("kind", INKED)
def test_another_documents_page_is_refused(tmp_path: Path, kind: str) -> None:
    """The hard case is `rules`: one printed form, filled in differently."""
    other = composed(kind)
    page = PAGES[kind]
    path = tmp_path / "other.pdf"
    path.write_bytes(other)
    assert differs(path, document(page.image(), page.image(2 if kind != "label" else 4)), 2)


@pytest.mark.parametrize("kind", ["photograph", "stamped"])
@pytest.mark.parametrize(
    "repaint",
    [without_colour, *(channel(number, level) for number in range(3) for level in (0, 255))],
    ids=["no colour", "no red", "all red", "no green", "all green", "no blue", "all blue"],
)
def test_a_page_that_lost_its_colours_is_refused(tmp_path: Path, kind: str, repaint: Repaint) -> None:
    assert differs(spoilt(tmp_path, composed(kind), repainted(repaint)), pair_of(kind))


def in_layers(pdf: pikepdf.Pdf) -> None:
    """Dark strokes as a stencil of one tone over a coarse, smooth paper: what the compact profile makes of a page."""
    for page in pdf.pages:
        picture = pikepdf.PdfImage(image_of(page)).as_pil_image().convert("L")
        samples = np.asarray(picture)
        paper = int(np.median(samples))
        ink = samples < paper - 35
        coarse = Image.new("L", (picture.width // 3, picture.height // 3), paper)
        tone = float(samples[ink].mean()) / 255
        stencil = pdf.make_stream(np.packbits(~ink, axis=1).tobytes(), ImageMask=True, BitsPerComponent=1)
        under = pdf.make_stream(coarse.tobytes(), BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray)
        for image, size in ((stencil, picture.size), (under, coarse.size)):
            image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
            image.Width, image.Height = size
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(B=under, S=stencil))
        width, height = size_of(page)
        painted = f"q {width} 0 0 {height} 0 0 cm /B Do {tone:.3f} g /S Do Q".encode("ascii")
        page.obj.Contents = pdf.make_stream(painted)


@pytest.mark.parametrize("kind", ["dense", "one line", "label", "rules"])
def test_a_page_in_layers_passes_and_another_in_layers_is_refused(tmp_path: Path, kind: str) -> None:
    path, page = spoilt(tmp_path, composed(kind), in_layers), PAGES[kind]
    require_same_look(path, *pair_of(kind))
    for spoiling in ("inverted", "mirrored", "turned 180", "shifted 1 0", "rescaled 0.95", "blank"):
        wrong = REPAINTED[spoiling]
        shown = page.code(Image.fromarray(np.ascontiguousarray(wrong(np.asarray(page.draw(0)), 30))), (DPI, DPI))
        assert differs(path, document(shown, page.image(1)))
    assert differs(path, document(page.image(), page.image(4)), 2)


def test_words_that_show_are_refused(tmp_path: Path) -> None:
    drawn = sheet()
    pair = scan(jpeg(drawn.picture)), recognised(page_of(drawn))
    copy = compose(*pair, CONTEXT, tmp_path / "copy.pdf").path
    require_same_look(copy, *pair)
    assert differs(spoilt(tmp_path, copy.read_bytes(), words_shown), pair)


def test_a_page_that_cannot_be_read_back_is_the_sheets_fault(tmp_path: Path) -> None:
    """Not the copy's: it holds the very bytes that do not decode."""
    image = PAGES["dense"].image()
    pair = document(replace(image, payload=image.payload[:100]))
    path = tmp_path / "copy.pdf"
    path.write_bytes(composed("dense"))
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        del pdf.pages[1]
        pdf.save(path)
    with pytest.raises(SheetFault, match="unreadable-scan"):
        require_same_look(path, *pair)


@pytest.mark.parametrize("dpi", [(204.0, 98.0), (72.0, 72.0), (600.0, 600.0), (2400.0, 1200.0)])
@pytest.mark.parametrize("code", [jpeg, g4, flate])
def test_any_resolution_passes_and_its_mirror_is_refused(
    tmp_path: Path, dpi: tuple[float, float], code: Callable[[Image.Image, tuple[float, float]], PageImage]
) -> None:
    pair = scan(code(dense(0), dpi)), recognised(RecognisedPage((), 1, ()))
    copy = compose(*pair, CONTEXT, tmp_path / "copy.pdf").path
    require_same_look(copy, *pair)
    assert differs(spoilt(tmp_path, copy.read_bytes(), repainted(REPAINTED["mirrored"])), pair)
