"""The page's image in the copy: the scanner's own file, or the same samples in fewer bytes, and never other ones."""

import io
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import deflate
import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from pipeline.compose import compose
from pipeline.formats.pixels import grey
from pipeline.formats.raster import MOST_AT_ONCE, Placing, page
from pipeline.model import Colour, Encoding, PageImage
from pipeline.pdfa.packing import packed, repacked, smaller_jpeg
from pipeline.pdfa.predicting import deflated
from pipeline.pdfa.srgb import profile
from tests.compose_fixtures import CONTEXT, flate, g4, jpeg, noisy, recognised, scan, sheet, unread

SHEET = sheet()
DRAWN = SHEET.picture
COLOURS = Image.merge("RGB", (DRAWN, DRAWN.point(lambda level: level // 2 + 120), DRAWN))
NOISY = noisy(DRAWN)
NOISY_COLOURS = noisy(COLOURS)
TWO = DRAWN.convert("1", dither=Image.Dither.NONE)
SIZE = (100.0, 100.0)


def composed(tmp_path: Path, image: PageImage, *, repack: bool = False) -> Path:
    draw = repacked if repack else packed
    return compose(scan(image), recognised(unread()), CONTEXT, tmp_path / "copy.pdf", "1b", draw).path


def stream_of(path: Path) -> tuple[bytes, dict[str, str]]:
    """The image's bytes as they lie in the file, and its dictionary."""
    with pikepdf.open(path) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        entries = {str(key): str(image[key]) for key in image.keys()}  # noqa: SIM118  pikepdf's own mapping
        filters = (
            [str(name) for name in image.Filter] if isinstance(image.Filter, pikepdf.Array) else [str(image.Filter)]
        )
        return image.read_raw_bytes(), entries | {"filters": " ".join(filters)}


def by_pdfium(path: Path) -> NDArray[np.uint8]:
    """The image's samples as pdfium decodes them, RGB."""
    with pypdfium2.PdfDocument(path) as document:  # type: ignore[no-untyped-call]  # pypdfium2 has no types
        (found,) = document[0].get_objects()
        return np.asarray(found.get_bitmap().to_pil().convert("RGB"))


def by_poppler(path: Path) -> NDArray[np.uint8]:
    """The same, by Poppler."""
    subprocess.run(["pdfimages", "-png", path, path.with_suffix("")], check=True)
    (written,) = path.parent.glob("copy-*.png")
    with Image.open(written) as image:
        return np.asarray(image.convert("RGB"))


LOSSLESS: dict[str, tuple[PageImage, Image.Image, str]] = {
    "bilevel": (g4(TWO), TWO, "/CCITTFaxDecode"),
    "bilevel, white coded as black": (g4(TWO, black_is_1=False), TWO, "/CCITTFaxDecode"),
    "dots": (g4(NOISY.convert("1")), NOISY.convert("1"), "/FlateDecode"),
    "dots, white coded as black": (g4(NOISY.convert("1"), black_is_1=False), NOISY.convert("1"), "/FlateDecode"),
    "bits": (flate(TWO), TWO, "/CCITTFaxDecode"),
    "bits, ink set": (flate(TWO, black_is_1=True), TWO, "/CCITTFaxDecode"),
    "grey": (flate(NOISY), NOISY, "/FlateDecode"),
    "rgb": (flate(NOISY_COLOURS), NOISY_COLOURS, "/FlateDecode"),
    "drawn in grey": (flate(DRAWN), DRAWN, "/FlateDecode"),
    "drawn in few colours": (flate(COLOURS), COLOURS, "/FlateDecode"),
    "grey in three channels": (flate(NOISY.convert("RGB")), NOISY, "/FlateDecode"),
    "black and white in grey": (flate(TWO.convert("L")), TWO, "/CCITTFaxDecode"),
    "black and white in three channels": (flate(TWO.convert("RGB")), TWO, "/CCITTFaxDecode"),
    "four greys": (flate(DRAWN.point(lambda v: v // 86 * 86)), DRAWN.point(lambda v: v // 86 * 86), "/FlateDecode"),
    "two greys": (
        flate(TWO.convert("L").point(lambda v: v // 2 + 9)),
        TWO.convert("L").point(lambda v: v // 2 + 9),
        "",
    ),
}


@pytest.mark.parametrize("read", [by_pdfium, by_poppler])
@pytest.mark.parametrize("kind", LOSSLESS)
def test_the_very_samples_come_out_of_the_copy(
    tmp_path: Path, kind: str, read: Callable[[Path], NDArray[np.uint8]]
) -> None:
    image, scanned, coding = LOSSLESS[kind]
    path = composed(tmp_path, image)
    assert np.array_equal(read(path), np.asarray(scanned.convert("RGB")))
    assert coding in stream_of(path)[1]["filters"]


def test_images_need_no_more_bits_than_they_have_colours(tmp_path: Path) -> None:
    found = {kind: stream_of(composed(tmp_path, LOSSLESS[kind][0]))[1] for kind in LOSSLESS}
    bits = {kind: int(entries["/BitsPerComponent"]) for kind, entries in found.items()}
    assert {kind for kind in bits if bits[kind] == 1} == {
        kind
        for kind, (_, picture, _) in LOSSLESS.items()
        if set(np.unique(np.asarray(picture.convert("RGB")))) == {0, 255}
    }
    assert (bits["two greys"], bits["four greys"], bits["drawn in few colours"]) == (2, 2, 8)
    assert found["grey in three channels"]["/ColorSpace"] == "/DeviceGray"
    assert "/Indexed" in found["drawn in few colours"]["/ColorSpace"]
    assert found["rgb"]["/ColorSpace"] == "/DeviceRGB"


@pytest.mark.parametrize("picture", [NOISY, NOISY_COLOURS, DRAWN, COLOURS], ids=["grey", "rgb", "drawn", "few colours"])
def test_a_png_becomes_smaller_than_its_file(tmp_path: Path, picture: Image.Image) -> None:
    with io.BytesIO() as target:
        picture.save(target, "PNG")
        file = len(target.getvalue())
    payload, _ = stream_of(composed(tmp_path, page(picture, Placing((200, 200)))))
    assert len(payload) < 0.97 * file


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("picture", [NOISY, NOISY_COLOURS, DRAWN], ids=["grey", "colour", "drawn"])
def test_a_jpeg_is_in_the_copy_byte_for_byte(tmp_path: Path, picture: Image.Image, *, progressive: bool) -> None:
    """By itself, or in a wrapping of Deflate that any reader takes off before it decodes the JPEG."""
    image = jpeg(picture, progressive=progressive)
    path = composed(tmp_path, image)
    payload, entries = stream_of(path)
    if entries["filters"] == "/DCTDecode":
        assert payload == image.payload
    else:
        assert entries["filters"] == "/FlateDecode /DCTDecode"
        assert zlib.decompress(payload) == image.payload
        assert len(payload) <= 0.99 * len(image.payload)
    subprocess.run(["pdfimages", "-j", path, tmp_path / "found"], check=True)
    (found,) = tmp_path.glob("found-*.jpg")
    assert found.read_bytes() == image.payload


def pixels(coded: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(coded)) as image:
        return np.asarray(image)


def segments(coded: bytes, marker: int) -> int:
    return coded.count(bytes((0xFF, marker)))


@pytest.mark.parametrize("picture", [NOISY, NOISY_COLOURS], ids=["grey", "colour"])
def test_a_jpeg_that_is_coded_anew_shows_the_same_pixels(tmp_path: Path, picture: Image.Image) -> None:
    image = jpeg(picture)
    payload, entries = stream_of(composed(tmp_path, image, repack=True))
    assert entries["filters"] == "/DCTDecode"
    assert len(payload) < 0.95 * len(image.payload)
    assert np.array_equal(pixels(payload), pixels(image.payload))


def test_what_a_jpeg_says_of_its_colours_is_kept_when_it_is_coded_anew() -> None:
    """Its ICC profile, and the Adobe segment without which RGB would be taken for YCbCr."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile = jpeg(NOISY_COLOURS, profile=srgb).payload
    again = smaller_jpeg(with_profile)
    assert again is not None
    assert srgb in again
    with io.BytesIO() as target:
        NOISY_COLOURS.save(target, "JPEG", quality=90, keep_rgb=True)
        as_rgb = target.getvalue()
    rgb_again = smaller_jpeg(as_rgb)
    assert rgb_again is not None
    assert np.array_equal(pixels(rgb_again), pixels(as_rgb))
    assert b"Adobe\0" in rgb_again


@pytest.mark.parametrize("damage", ["cut", "not a jpeg", "empty", "header alone"])
def test_a_jpeg_in_doubt_is_not_coded_anew(damage: str) -> None:
    whole = jpeg(NOISY).payload
    payload = {"cut": whole[: len(whole) // 2], "not a jpeg": b"GIF89a" * 9, "empty": b"", "header alone": whole[:300]}
    found = smaller_jpeg(payload[damage])
    assert found is None or np.array_equal(pixels(found), pixels(payload[damage]))


def test_what_cannot_be_made_smaller_stays_as_it_came(tmp_path: Path) -> None:
    best = PageImage(
        Encoding.FLATE,
        bytes(deflate.zlib_compress(COLOURS.convert("L").tobytes(), 12)),
        *COLOURS.size,
        200.0,
        200.0,
        Colour.GREY,
    )
    assert stream_of(composed(tmp_path, best))[0] == best.payload


def test_a_page_too_big_to_be_held_twice_stays_as_it_came(tmp_path: Path) -> None:
    wide = 9_000
    high = MOST_AT_ONCE // wide + 1
    image = page(Image.new("L", (wide, high), 200), Placing((1200, 1200)))
    assert stream_of(composed(tmp_path, image))[0] == image.payload
    assert grey(image).shape == (high, wide)


@given(
    width=st.integers(1, 40), height=st.integers(1, 300), step=st.sampled_from([1, 3]), kind=st.sampled_from("nsz"),
    seed=st.integers(0, 1 << 16),
)  # fmt: skip
def test_any_rows_come_back_from_their_predictor(width: int, height: int, step: int, kind: str, seed: int) -> None:
    """By the inverse filters of the PNG recommendation as pikepdf's image reader has them."""
    rng = np.random.default_rng(seed)
    slope = np.add.outer(np.arange(height), np.arange(width * step)).astype(np.uint8)
    rows = {
        "n": rng.integers(0, 256, slope.shape, np.uint8),
        "s": slope ^ rng.integers(0, 2, slope.shape, np.uint8),
    }.get(kind, np.zeros_like(slope))
    coded = deflated(rows, step)
    with pikepdf.new() as pdf:
        stream = pikepdf.Stream(pdf, coded.payload)
        stream.Filter = pikepdf.Name.FlateDecode
        if coded.predicted:
            stream.DecodeParms = pikepdf.Dictionary(Predictor=15, Columns=width, Colors=step, BitsPerComponent=8)
        assert stream.read_bytes() == rows.tobytes()


def test_the_profile_means_srgb() -> None:
    """Within a level of what Little CMS takes for it, which rounds as well."""
    ours = ImageCms.ImageCmsProfile(io.BytesIO(profile()))
    levels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    there = ImageCms.buildTransform(ours, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    found = ImageCms.applyTransform(Image.fromarray(levels), there)
    assert found is not None
    assert np.abs(np.asarray(found).astype(int) - levels).max() <= 1
    assert len(profile()) < 800
