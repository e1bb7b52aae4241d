"""TIFF: every page as it was scanned, kept as coded where a PDF can hold it; nothing of a file that is not whole."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from lexicon.faults import SheetFault
from pipeline.formats.limits import Limits
from pipeline.model import Colour, Encoding
from pipeline.pages import count_pages, grey
from tests.pages_fixtures import as_grey, bare_tiff, drawing, far, jpeg_bytes, pages_of, shown, tiff_bytes

LOSSLESS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits")
ORIENTED = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.ROTATE_180,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_90,
)
"""What makes an image of orientation 1 to 8 upright."""


def written(folder: Path, blob: bytes) -> Path:
    path = folder / "scan"
    path.write_bytes(blob)
    return path


@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P", "LA", "I;16"])
def test_lossless_pages_keep_every_sample(tmp_path: Path, compression: str, mode: str) -> None:
    image = drawing(mode="L" if mode == "I;16" else mode)
    expected = as_grey(image.convert("RGB") if mode == "P" else image)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    (page,) = pages_of(written(tmp_path, tiff_bytes([image], compression)))
    assert page.encoding is (Encoding.G4 if mode == "1" else Encoding.FLATE)
    assert np.array_equal(grey(page), expected)
    assert (round(page.dpi_x), round(page.dpi_y)) == (200, 200)


@pytest.mark.parametrize("compression", ["group4", "group3"])
def test_fax_codes_come_out_black_on_white(tmp_path: Path, compression: str) -> None:
    (page,) = pages_of(written(tmp_path, tiff_bytes([drawing(mode="1")], compression)))
    assert (page.encoding, page.colour) == (Encoding.G4, Colour.BILEVEL)
    assert np.array_equal(grey(page), as_grey(drawing(mode="1")))


@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("fill_order", [1, 2])
def test_a_single_group_4_strip_is_kept_bit_for_bit(tmp_path: Path, photometric: int, fill_order: int) -> None:
    blob = tiff_bytes([drawing(mode="1")], "group4", tiffinfo={278: 448})
    with Image.open(io.BytesIO(blob)) as image:
        offset, count = image.tag_v2[273][0], image.tag_v2[279][0]  # type: ignore[attr-defined]  # a TiffImageFile
    strip = blob[offset : offset + count]
    stored = strip if fill_order == 1 else bytes(int(f"{byte:08b}"[::-1], 2) for byte in strip)
    tags = [(256, 4, 1, 320), (257, 4, 1, 448), (258, 3, 1, 1), (259, 3, 1, 4), (262, 3, 1, photometric)]
    tags += [(266, 3, 1, fill_order), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 448), (279, 4, 1, count)]
    (page,) = pages_of(written(tmp_path, bare_tiff(tags, stored)))
    assert page.payload == strip
    assert page.black_is_1 is (photometric == 0)
    ink = as_grey(drawing(mode="1"))
    assert np.array_equal(grey(page), ink if photometric == 1 else 255 - ink)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("rows", [16, 64, 448])
def test_jpeg_strips_become_one_jpeg_without_decoding(tmp_path: Path, mode: str, rows: int) -> None:
    blob = tiff_bytes([drawing(mode=mode)], "jpeg", tiffinfo={278: rows}, quality=70)
    (page,) = pages_of(written(tmp_path, blob))
    assert page.encoding is Encoding.JPEG
    assert page.colour is (Colour.GREY if mode == "L" else Colour.RGB)
    with Image.open(io.BytesIO(blob)) as reference, Image.open(io.BytesIO(page.payload)) as kept:
        assert np.array_equal(np.asarray(kept.convert("RGB")), np.asarray(reference.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["group4", "jpeg", "tiff_lzw"])
def test_the_orientation_tag_is_obeyed_once(tmp_path: Path, orientation: int, compression: str) -> None:
    stored = drawing(mode="1" if compression == "group4" else "L")
    blob = tiff_bytes([stored], compression, tiffinfo={274: orientation, 278: 448}, dpi=(200, 100))
    (page,) = pages_of(written(tmp_path, blob))
    method = ORIENTED[orientation - 1]
    expected = as_grey(stored.transpose(method) if method is not None else stored)
    assert far(shown(page), expected) < (4 if compression == "jpeg" else 0.01)
    across = (page.dpi_x, page.dpi_y) if page.quarter_turns % 2 == 0 else (page.dpi_y, page.dpi_x)
    assert [round(dpi) for dpi in across] == ([200, 100] if orientation < 5 else [100, 200])


def test_pages_of_mixed_kinds_keep_their_order_and_size(tmp_path: Path) -> None:
    images = [drawing((320, 448), "L"), drawing((640, 400), "RGB"), drawing((200, 300), "1")]
    path = written(tmp_path, tiff_bytes(images, "tiff_lzw"))
    assert [(page.width, page.height) for page in pages_of(path)] == [(320, 448), (640, 400), (200, 300)]
    assert count_pages(path, Limits()) == 3


def test_a_fax_of_unequal_resolution_keeps_both(tmp_path: Path) -> None:
    (page,) = pages_of(written(tmp_path, tiff_bytes([drawing((1728, 1146), "1")], "group4", dpi=(204, 98))))
    assert (round(page.dpi_x), round(page.dpi_y)) == (204, 98)


@pytest.mark.parametrize("dpi", [None, (1, 1), (72, 7200), (72, 300)])
def test_no_resolution_or_an_absurd_one_makes_a_page_as_wide_as_a4(tmp_path: Path, dpi: tuple[int, int] | None) -> None:
    settings = {} if dpi is None else {"dpi": dpi}
    with io.BytesIO() as target:
        drawing((1654, 2339), "L").save(target, "TIFF", compression="tiff_lzw", **settings)
        (page,) = pages_of(written(tmp_path, target.getvalue()))
    assert page.dpi_x == page.dpi_y
    assert 209 < page.width / page.dpi_x * 25.4 < 211


def test_cmyk_becomes_rgb_and_alpha_lies_on_white(tmp_path: Path) -> None:
    (page,) = pages_of(written(tmp_path, tiff_bytes([drawing(mode="CMYK")], "tiff_lzw")))
    assert page.colour is Colour.RGB
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    (blank,) = pages_of(written(tmp_path, tiff_bytes([clear], "tiff_lzw")))
    assert (grey(blank) == 255).all()


def test_a_thumbnail_is_no_page_but_a_page_that_calls_itself_one_is(tmp_path: Path) -> None:
    thumbnail = drawing((80, 112))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}, "compression": "tiff_lzw"}
    path = written(tmp_path, tiff_bytes([drawing((320, 448)), thumbnail, drawing((300, 300))], "tiff_lzw"))
    assert [page.width for page in pages_of(path)] == [320, 300]
    path.write_bytes(tiff_bytes([drawing((80, 112))], "raw", tiffinfo={254: 1}))
    assert count_pages(path, Limits()) == 1


SIZED = [(256, 4, 1, 100), (257, 4, 1, 100), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)]
STORED = [*SIZED, (273, 4, 1, 8), (278, 4, 1, 100), (279, 4, 1, 10_000)]


@pytest.mark.parametrize(
    ("blob", "slug"),
    [
        (bare_tiff(STORED, bytes(10_000), following=8 + 10_000), "unreadable-scan"),
        (bare_tiff([(256, 4, 1, 0), *SIZED[1:]]), "unreadable-scan"),
        (bare_tiff([(256, 4, 1, 500_000), (257, 4, 1, 500_000), *SIZED[2:]]), "too-many-pixels"),
        (bare_tiff(STORED, bytes(9_000)), "truncated-scan"),
        (bare_tiff([*SIZED, (273, 4, 1_000_000, 8)]), "truncated-scan"),
        (b"II*\0" + struct.pack("<I", 5_000), "truncated-scan"),
        (b"II*\0" + struct.pack("<I", 0), "no-pages"),
        (b"II*\0", "truncated-scan"),
        (bare_tiff([*STORED[:2], (258, 3, 1, 12), *STORED[3:]], bytes(10_000)), "unsupported-format"),
    ],
    ids=["loop", "no width", "bomb", "strip beyond the end", "offsets beyond the end", "no directory", "no page",
         "header alone", "12 bits"],
)  # fmt: skip
def test_a_broken_or_monstrous_file_is_told_for_what_it_is(tmp_path: Path, blob: bytes, slug: str) -> None:
    with pytest.raises(SheetFault) as caught:
        pages_of(written(tmp_path, blob))
    assert caught.value.code == slug


def test_limits_hold_before_decoding(tmp_path: Path) -> None:
    path = written(tmp_path, tiff_bytes([drawing()] * 3, "tiff_lzw"))
    for limits, slug in (
        (Limits(max_pages=2), "too-many-pages"),
        (Limits(max_pixels=1_000), "too-many-pixels"),
        (Limits(max_bytes=100), "too-many-bytes"),
    ):
        with pytest.raises(SheetFault) as caught:
            pages_of(path, limits)
        assert caught.value.code == slug


THREE = tiff_bytes([drawing((64, 80), "1"), drawing((64, 80), "L"), drawing((64, 80), "RGB")], "tiff_lzw")
STRIPS = tiff_bytes([drawing((64, 80), "L"), drawing((64, 80), "RGB")], "jpeg", tiffinfo={278: 16})


@given(cut=st.integers(1, len(THREE) - 1))
@settings(max_examples=80, deadline=None)
def test_a_cut_file_gives_all_its_pages_or_none(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = written(tmp_path_factory.mktemp("cut"), THREE[:cut])
    try:
        assert len(pages_of(path)) == 3
    except SheetFault:
        return


@given(
    blob=st.sampled_from((THREE, STRIPS)), flips=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=4)
)
@settings(max_examples=250, deadline=None)
def test_whatever_the_bytes_are_the_answer_is_pages_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, blob: bytes, flips: list[tuple[int, int]]
) -> None:
    changed = bytearray(blob)
    for place, value in flips:
        changed[place % len(changed)] = value
    path = written(tmp_path_factory.mktemp("flipped"), bytes(changed))
    try:
        for page in pages_of(path, Limits(max_pixels=1_000_000, max_pages=50)):
            grey(page)
    except SheetFault:
        pass


def test_a_mirror_image_is_turned_over_whatever_its_coding(tmp_path: Path) -> None:
    blob = jpeg_bytes(drawing(), exif=b"Exif\0\0" + b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x02\0\0\0\0\0\0\0")
    (page,) = pages_of(written(tmp_path, blob))
    assert page.encoding is Encoding.FLATE
    with Image.open(io.BytesIO(blob)) as image:
        assert np.array_equal(grey(page), as_grey(ImageOps.mirror(image)))
