"""The compact profile: much smaller, nothing lost, and left alone where that cannot be had."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from lexicon.faults import SheetFault
from pipeline.compose import compose, sheet_size
from pipeline.model import PageImage
from pipeline.pdfa import compact_pixels, fidelity
from pipeline.pdfa.compact import compact, compacted, drawn, measured
from pipeline.pdfa.compact_pixels import picture
from pipeline.pdfa.verapdf import VeraPdf, verapdf_facts
from tests.compact_fixtures import COLOURS, KINDS, Kind, layers_of, page
from tests.compose_fixtures import CONTEXT, flate, g4, jpeg, recognised, scan, sheet, unread

MISSING = verapdf_facts().missing
verapdf = pytest.mark.skipif(bool(MISSING), reason=f"veraPDF cannot run here; missing: {', '.join(MISSING)}")
poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs pdftoppm (apt-get install poppler-utils)")


def copy_of(folder: Path, *images: PageImage) -> Path:
    words = recognised(*[unread()] * len(images))
    return compose(scan(*images), words, CONTEXT, folder / "copy.pdf", draw=compacted).path


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_in_layers_shows_what_its_scan_shows(kind: Kind) -> None:
    image = page(kind).image
    shown = measured(picture(image), layers_of(image))
    assert shown.similarity >= 0.95
    assert min(shown.ink_recall, shown.ink_precision) >= 0.995
    assert min(shown.colour_recall, shown.colour_precision) >= 0.98


@pytest.mark.parametrize(("dpi", "grey"), [(150, True), (200, True), (200, False), (300, False), (400, True)])
def test_a_page_in_layers_is_a_fraction_of_its_scan(dpi: int, *, grey: bool) -> None:
    image = page("text" if grey else "blue", dpi, grey=grey).image
    layers = layers_of(image)
    assert layers.size <= 0.33 * len(image.payload)
    assert {stencil.width for stencil in layers.stencils} == {round(105 / 25.4 * min(dpi, 300))}


@pytest.mark.parametrize("kind", COLOURS)
def test_stamps_and_pens_keep_their_colour_and_their_strength(kind: Kind) -> None:
    """Compared where the fixture drew them, not where the measure found them."""
    painted = page(kind)
    pixels = picture(painted.image).pixels
    shown = drawn(layers_of(painted.image), (painted.image.width, painted.image.height))
    shown = shown if shown.ndim == 3 else np.repeat(shown[..., None], 3, axis=2)
    was, became = (np.median(every[painted.special], axis=0) for every in (pixels, shown))
    assert np.abs(was - became).max() <= 24


@pytest.mark.parametrize("kind", ["blue", "pencil", "signature"])
def test_a_grey_scan_of_them_keeps_them_too(kind: Kind) -> None:
    painted = page(kind, grey=True)
    shown = drawn(layers_of(painted.image), (painted.image.width, painted.image.height))
    paper = np.median(shown)
    was, became = (np.median(every[painted.special]) for every in (picture(painted.image).luma, shown))
    assert shown.ndim == 2
    assert abs(paper - became) >= 0.8 * abs(paper - was)


def test_a_bilevel_page_is_left_as_it_is() -> None:
    assert compact(g4(sheet().picture)) is None


def test_a_page_that_layers_hardly_shrink_is_left_as_it_is() -> None:
    quiet = Image.new("L", (900, 1200), 250)
    assert compact(flate(quiet)) is None
    assert compact(jpeg(quiet.resize((40, 40)))) is None


def test_a_lossless_scan_is_made_compact_as_well() -> None:
    painted = picture(page("violet").image)
    lossless = flate(Image.fromarray(painted.pixels))
    assert layers_of(lossless).size < 0.1 * len(lossless.payload)


def test_unequal_resolutions_and_turns_come_out_even() -> None:
    """As a fax is: 204 dots an inch one way, 98 the other."""
    upright = Image.fromarray(picture(page("text", grey=True).image).luma)
    squeezed = jpeg(upright.resize((upright.width, upright.height // 2)), (200, 100), quarter_turns=1)
    layers = layers_of(squeezed)
    assert {(stencil.width, stencil.height) for stencil in layers.stencils} == {
        (upright.width, upright.height // 2 * 2)
    }


def test_a_scan_that_does_not_decode_is_a_fault() -> None:
    whole = page("blue").image
    for broken in (replace(whole, payload=b"\xff\xd8\xff"), replace(whole, width=whole.width + 1)):
        with pytest.raises(SheetFault, match="unreadable-scan"):
            compact(broken)


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    image = page("red").image
    assert copy_of(tmp_path, image).read_bytes() == copy_of(tmp_path / "again", image).read_bytes()


def test_a_copy_holds_nothing_that_is_forbidden_or_may_swap_letters(tmp_path: Path) -> None:
    with pikepdf.open(copy_of(tmp_path, page("blue").image)) as pdf:
        streams = [found for found in pdf.objects if isinstance(found, pikepdf.Stream)]
        filters = {str(stream.get("/Filter")) for stream in streams if stream.get("/Subtype") == "/Image"}
        assert filters == {"/DCTDecode", "/CCITTFaxDecode"}
        assert not any("/SMask" in stream or "/Interpolate" in stream for stream in streams)
        assert "/Group" not in pdf.pages[0]


def test_a_page_of_fine_detail_is_in_the_copy_as_it_was(tmp_path: Path) -> None:
    """A printer's screen at a low resolution is a plain tint: the measure says so, and the scan stays."""
    image = page("screen").image
    with pikepdf.open(copy_of(tmp_path, image)) as pdf:
        (shown,) = pdf.pages[0].get_images().values()
        assert (int(shown.Width), int(shown.Height)) == (image.width, image.height)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VeraPdf]:
    with VeraPdf(tmp_path_factory.mktemp("work")) as opened:
        yield opened


@verapdf
def test_a_copy_in_layers_is_pdfa_1b(tmp_path: Path, judge: VeraPdf) -> None:
    path = copy_of(tmp_path, page("blue").image, page("text", 150, grey=True).image, page("rules").image)
    answer = judge.judge(path, "1b")
    assert (answer.conforms, answer.rules) == (True, ())


@poppler
@pytest.mark.parametrize("kind", ["violet", "text"])
def test_another_reader_draws_the_same(tmp_path: Path, kind: Kind) -> None:
    """An explicit mask upside down, or its ink taken for paper, would look otherwise in one of them."""
    image = page(kind).image
    path, size = copy_of(tmp_path, image), (image.width, image.height)
    assert layers_of(image).stencils
    points = sheet_size(image)
    subprocess.run(
        ["pdftoppm", "-singlefile", "-scale-to-x", str(size[0]), "-scale-to-y", str(size[1]), path, tmp_path / "drawn"],
        check=True,
    )
    with Image.open(tmp_path / "drawn.ppm") as ppm:
        shown = np.asarray(ppm.convert("RGB"), np.uint8)
    assert points[0] < points[1]
    assert fidelity.fidelity(compact_pixels.picture(image), shown).enough
