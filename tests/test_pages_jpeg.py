"""JPEG and PNG: the scanner's bytes kept where they can be; a picture with a piece missing is no page."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.model import Colour, Encoding
from pipeline.pages import grey, opened
from tests.pages_fixtures import as_grey, drawing, far, jpeg_bytes, pages_of, shown


def written(folder: Path, blob: bytes) -> Path:
    path = folder / "scan"
    path.write_bytes(blob)
    return path


def png_bytes(image: Image.Image, **more: object) -> bytes:
    with io.BytesIO() as target:
        image.save(target, "PNG", **more)
        return target.getvalue()


def oriented(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x112] = value
    return exif.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_kept_byte_for_byte(tmp_path: Path, mode: str, *, progressive: bool) -> None:
    blob = jpeg_bytes(drawing(mode=mode), progressive=progressive)
    (page,) = pages_of(written(tmp_path, blob))
    assert page.payload == blob
    assert (page.width, page.height, page.dpi_x) == (320, 448, 200)
    assert page.colour is (Colour.GREY if mode == "L" else Colour.RGB)


def test_what_follows_the_first_picture_is_left_out(tmp_path: Path) -> None:
    blob = jpeg_bytes(drawing())
    (page,) = pages_of(written(tmp_path, blob + jpeg_bytes(drawing((160, 120))) + b"trailer"))
    assert page.payload == blob


def test_a_missing_end_marker_behind_whole_data_is_added(tmp_path: Path) -> None:
    blob = jpeg_bytes(drawing())
    (page,) = pages_of(written(tmp_path, blob[:-2]))
    assert page.payload == blob


@pytest.mark.parametrize(("value", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_exif_orientation_is_told_and_not_applied(tmp_path: Path, value: int, turns: int) -> None:
    blob = jpeg_bytes(drawing(), exif=oriented(value))
    (page,) = pages_of(written(tmp_path, blob))
    assert (page.payload, page.quarter_turns) == (blob, turns)


@pytest.mark.parametrize(
    ("value", "method"),
    [(2, Image.Transpose.FLIP_LEFT_RIGHT), (4, Image.Transpose.FLIP_TOP_BOTTOM), (5, Image.Transpose.TRANSPOSE)],
)
def test_a_mirrored_picture_is_turned_over_without_loss(tmp_path: Path, value: int, method: Image.Transpose) -> None:
    blob = jpeg_bytes(drawing(), exif=oriented(value))
    (page,) = pages_of(written(tmp_path, blob))
    with Image.open(io.BytesIO(blob)) as image:
        assert np.array_equal(shown(page), as_grey(image.transpose(method)))


def test_cmyk_becomes_rgb_with_its_colours(tmp_path: Path) -> None:
    (page,) = pages_of(written(tmp_path, jpeg_bytes(drawing(mode="CMYK"))))
    assert (page.encoding, page.colour) == (Encoding.FLATE, Colour.RGB)
    assert far(grey(page), as_grey(drawing(mode="CMYK").convert("RGB"))) < 4


WHOLE = jpeg_bytes(drawing((96, 128)), quality=60)
CODED = (
    WHOLE,
    jpeg_bytes(drawing((93, 121)), optimize=True),
    jpeg_bytes(drawing((96, 128), "RGB"), quality=60),
    jpeg_bytes(Image.new("L", (96, 128), 128)),
)
"""The last is all of the level that decoders paint where they have no data."""


@pytest.mark.parametrize("coded", CODED, ids=["grey", "odd sides", "colour", "middle grey"])
@given(before=st.integers(1), closed=st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_jpeg_with_a_piece_missing_is_no_page(
    tmp_path_factory: pytest.TempPathFactory, coded: bytes, before: int, *, closed: bool
) -> None:
    """Also when a scanner put an end marker behind what it had: decoders paint the rest grey and say nothing."""
    cut = len(coded) - 1 - before % (len(coded) - 1)
    path = written(tmp_path_factory.mktemp("cut"), coded[:cut] + (b"\xff\xd9" if closed else b""))
    try:
        (page,) = pages_of(path)
    except SheetFault:
        return
    with Image.open(io.BytesIO(coded)) as image:
        assert far(grey(page), as_grey(image)) < 2  # grey of colours is rounded otherwise here and there


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_what_was_decoded_on_the_way_is_what_the_kept_image_shows(tmp_path: Path, form: str, mode: str) -> None:
    """Also of a picture whose sides are no multiple of a coding unit."""
    image = drawing((93, 121), mode)
    blob = png_bytes(image) if form == "PNG" else jpeg_bytes(image.convert("RGB" if mode == "P" else mode))
    with written(tmp_path, blob).open("rb") as file, opened(file, Limits()) as pages:
        taken = pages.take(0)
    assert taken.grey is not None
    assert np.array_equal(taken.grey, grey(taken.image))


def in_chunks(blob: bytes, size: int) -> bytes:
    """A PNG with its data in chunks of so many bytes, and a chunk of text behind them."""
    at, length = blob.index(b"IDAT") + 4, struct.unpack_from(">I", blob, blob.index(b"IDAT") - 4)[0]
    parts = [blob[start : min(start + size, at + length)] for start in range(at, at + length, size)]
    chunks = [*((b"IDAT", part) for part in parts), (b"tEXt", b"Comment\0after")]
    coded = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    return blob[: at - 8] + b"".join(coded) + blob[at + length + 4 :]


def test_a_png_in_many_chunks_keeps_every_sample(tmp_path: Path) -> None:
    (page,) = pages_of(written(tmp_path, in_chunks(png_bytes(drawing()), 100)))
    assert np.array_equal(grey(page), as_grey(drawing()))


def test_rows_that_a_png_did_not_announce_are_passed_over(tmp_path: Path) -> None:
    blob = bytearray(png_bytes(drawing()))
    (high,) = struct.unpack_from(">I", blob, 20)
    struct.pack_into(">I", blob, 20, high - 1)
    struct.pack_into(">I", blob, 29, zlib.crc32(blob[12:29]))
    (page,) = pages_of(written(tmp_path, bytes(blob)))
    assert np.array_equal(grey(page), as_grey(drawing())[:-1])


@given(flips=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_whatever_the_bytes_are_the_answer_is_a_page_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    for blob in (WHOLE, png_bytes(drawing((96, 128), "RGB"))):
        changed = bytearray(blob)
        for place, value in flips:
            changed[place % len(changed)] = value
        try:
            for page in pages_of(written(tmp_path_factory.mktemp("flipped"), bytes(changed)), Limits(1_000_000)):
                grey(page)
        except SheetFault:
            pass


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "I;16"])
def test_a_png_keeps_every_sample(tmp_path: Path, mode: str) -> None:
    image = drawing(mode="L" if mode == "I;16" else mode)
    expected = as_grey(image.convert("RGB") if mode == "P" else image)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    (page,) = pages_of(written(tmp_path, png_bytes(image, dpi=(300, 300))))
    assert np.array_equal(grey(page), expected)
    assert round(page.dpi_x) == 300


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_on_white(tmp_path: Path, mode: str) -> None:
    clear = Image.new(mode, (100, 100), 0)
    (page,) = pages_of(written(tmp_path, png_bytes(clear)))
    assert page.colour is Colour.GREY
    assert (grey(page) == 255).all()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = png_bytes(drawing((96, 128)))
HEAD = PNG[:33]


@pytest.mark.parametrize(
    ("blob", "slug"),
    [
        (b"", "empty-file"),
        (b"\xff", "unsupported-format"),
        (b"<html>no page</html>", "unsupported-format"),
        (b"GIF89a" + bytes(40), "unsupported-format"),
        (b"\xff\xd8\xff\xe0", "truncated-scan"),
        (b"\xff\xd8\xff\xd9", "truncated-scan"),
        (PNG[:-12], "truncated-scan"),
        (PNG[:200], "truncated-scan"),
        (PNG[:60] + bytes((PNG[60] ^ 1,)) + PNG[61:], "unreadable-scan"),
        (HEAD + chunk(b"IEND", b""), "unreadable-scan"),
        (HEAD + chunk(b"acTL", bytes(8)) + PNG[33:], "unsupported-format"),
        (PNG[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)) + PNG[33:],
         "too-many-pixels"),
    ],
    ids=["empty", "one byte", "html", "gif", "jpeg head", "jpeg of nothing", "png without end", "png cut",
         "png damaged", "png of nothing", "animated png", "png bomb"],
)  # fmt: skip
def test_what_is_no_page_is_told_for_what_it_is(tmp_path: Path, blob: bytes, slug: str) -> None:
    with pytest.raises(SheetFault) as caught:
        pages_of(written(tmp_path, blob))
    assert caught.value.code == slug


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(written(tmp_path, PNG))
    with pytest.raises(OSError, match="symbolic"):
        pages_of(tmp_path / "link")
