"""PDF: the scanner's image taken out as it is where the page is that image, any other page drawn as viewers show it."""

import io
import zlib
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from lexicon.faults import SheetFault
from pipeline.formats import draw
from pipeline.formats.limits import Limits
from pipeline.formats.raster import Placing, page
from pipeline.model import Encoding
from pipeline.pages import count_pages, grey
from tests.pages_fixtures import as_grey, dct, drawing, far, jpeg_bytes, pages_of, pdf_bytes, shown

PLACE = "q 115.2 0 0 161.28 0 0 cm /Im0 Do Q"


def written(folder: Path, blob: bytes) -> Path:
    path = folder / "scan"
    path.write_bytes(blob)
    return path


def viewed(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """What a viewer shows, in grey, at `size`."""
    with pypdfium2.PdfDocument(path) as document:  # type: ignore[no-untyped-call]  # pypdfium2 has no types
        return as_grey(document[0].render(scale=4).to_pil().resize(size))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_page_is_kept_byte_for_byte(tmp_path: Path, mode: str) -> None:
    blob, about = dct(drawing(mode=mode))
    (kept,) = pages_of(written(tmp_path, pdf_bytes(blob, about)))
    assert (kept.encoding, kept.payload) == (Encoding.JPEG, blob)
    assert (round(kept.dpi_x), round(kept.dpi_y), kept.quarter_turns) == (200, 200, 0)


MATRICES = {
    "upright": "115.2 0 0 161.28 0 0",
    "quarter left": "0 115.2 -161.28 0 161.28 0",
    "half": "-115.2 0 0 -161.28 115.2 161.28",
    "quarter right": "0 -115.2 161.28 0 0 115.2",
    "mirrored": "-115.2 0 0 161.28 115.2 0",
    "upside down mirror": "115.2 0 0 -161.28 0 161.28",
    "transposed": "0 115.2 161.28 0 0 0",
}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("lies", MATRICES)
def test_the_page_comes_out_as_a_viewer_shows_it(tmp_path: Path, lies: str, rotate: int) -> None:
    blob, about = dct(drawing())
    across = "quarter" in lies or lies == "transposed"
    box = (0, 0, 161.28, 115.2) if across else (0, 0, 115.2, 161.28)
    made = pdf_bytes(blob, about, content=f"q {MATRICES[lies]} cm /Im0 Do Q", box=box, page={"/Rotate": rotate})
    path = written(tmp_path, made)
    (found,) = pages_of(path)
    upright = shown(found)
    assert far(upright, viewed(path, (upright.shape[1], upright.shape[0]))) < 4
    assert (found.encoding is Encoding.JPEG) is (lies not in {"mirrored", "upside down mirror", "transposed"})


@pytest.mark.parametrize("black_is_1", [False, True])
@pytest.mark.parametrize("decode", [(0, 1), (1, 0)])
def test_a_group_4_page_is_kept_bit_for_bit_in_every_polarity(
    tmp_path: Path, decode: tuple[int, int], *, black_is_1: bool
) -> None:
    strip = page(drawing(mode="1"), Placing((200, 200))).payload
    about = {
        "/Width": 320, "/Height": 448, "/ColorSpace": pikepdf.Name.DeviceGray, "/BitsPerComponent": 1,
        "/Filter": pikepdf.Name.CCITTFaxDecode, "/Decode": pikepdf.Array(decode),
        "/DecodeParms": pikepdf.Dictionary(K=-1, Columns=320, Rows=448, BlackIs1=black_is_1),
    }  # fmt: skip
    path = written(tmp_path, pdf_bytes(strip, about))
    (kept,) = pages_of(path)
    assert (kept.encoding, kept.payload) == (Encoding.G4, strip)
    assert far(grey(kept), viewed(path, (320, 448))) < 12


@pytest.mark.parametrize("mode", ["L", "RGB", "1"])
def test_a_flate_page_keeps_every_sample(tmp_path: Path, mode: str) -> None:
    image = drawing(mode=mode)
    space = pikepdf.Name.DeviceRGB if mode == "RGB" else pikepdf.Name.DeviceGray
    about = {
        "/Width": 320, "/Height": 448, "/ColorSpace": space, "/BitsPerComponent": 1 if mode == "1" else 8,
        "/Filter": pikepdf.Name.FlateDecode,
    }  # fmt: skip
    (found,) = pages_of(written(tmp_path, pdf_bytes(zlib.compress(image.tobytes()), about)))
    assert np.array_equal(grey(found), as_grey(image))
    assert found.encoding is (Encoding.G4 if mode == "1" else Encoding.FLATE)


def test_inverted_samples_come_out_as_shown(tmp_path: Path) -> None:
    blob, about = dct(drawing(), **{"/Decode": pikepdf.Array((1, 0))})
    (found,) = pages_of(written(tmp_path, pdf_bytes(blob, about)))
    with Image.open(io.BytesIO(blob)) as image:
        assert far(grey(found), 255 - as_grey(image)) < 1


def test_invisible_text_is_passed_over(tmp_path: Path) -> None:
    blob, about = dct(drawing())
    hidden = PLACE + " BT 3 Tr /F1 12 Tf 10 10 Td (another patient) Tj ET"
    (kept,) = pages_of(written(tmp_path, pdf_bytes(blob, about, content=hidden)))
    assert kept.payload == blob


NOTE = {"/Annots": pikepdf.Array([pikepdf.Dictionary(
    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Square, Rect=pikepdf.Array((10, 10, 60, 60)),
    C=pikepdf.Array((0, 0, 0)), F=4,
)])}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "page_entries"),
    [
        (PLACE + " BT /F1 12 Tf 10 100 Td (stamped) Tj ET", {}),
        (PLACE + " 0 g 10 10 50 50 re f", {}),
        (PLACE + " q 50 0 0 50 20 20 cm /Im0 Do Q", {}),
        ("q 40 0 0 56 20 20 cm /Im0 Do Q", {}),
        ("q 114 10 -14 160 0 0 cm /Im0 Do Q", {}),
        ("q 0 0 60 161.28 re W n 115.2 0 0 161.28 0 0 cm /Im0 Do Q", {}),
        (PLACE, NOTE),
        (PLACE, {"/CropBox": [10, 10, 60, 100]}),
        ("", {}),
    ],
    ids=["text", "a box drawn", "two images", "a small image", "at an angle", "clipped", "an annotation", "cropped",
         "nothing"],
)  # fmt: skip
def test_a_page_that_is_not_its_image_alone_is_drawn(
    tmp_path: Path, content: str, page_entries: dict[str, object]
) -> None:
    blob, about = dct(drawing())
    path = written(tmp_path, pdf_bytes(blob, about, content=content, page=page_entries))
    (found,) = pages_of(path)
    assert found.encoding is Encoding.FLATE
    assert (round(found.dpi_x), found.quarter_turns) == (300, 0)
    assert far(grey(found), viewed(path, (found.width, found.height))) < 6


def test_user_units_make_the_page_bigger(tmp_path: Path) -> None:
    blob, about = dct(drawing())
    (kept,) = pages_of(written(tmp_path, pdf_bytes(blob, about, page={"/UserUnit": 2})))
    assert round(kept.dpi_x) == 100
    drawn = pdf_bytes(blob, about, content="0 g 10 10 50 50 re f", page={"/UserUnit": 2})
    (found,) = pages_of(written(tmp_path, drawn))
    assert found.width == pytest.approx(115.2 * 2 / 72 * 300, abs=1.5)


def saved(blob: bytes, **settings: object) -> bytes:
    with pikepdf.open(io.BytesIO(blob)) as document, io.BytesIO() as target:
        document.save(target, **settings)  # type: ignore[arg-type]  # pikepdf's own options
        return target.getvalue()


def changed(blob: bytes, **root: pikepdf.Object) -> bytes:
    with pikepdf.open(io.BytesIO(blob)) as document, io.BytesIO() as target:
        for key, value in root.items():
            document.Root["/" + key] = value
        document.save(target)
        return target.getvalue()


PLAIN = pdf_bytes(*dct(drawing((96, 128))), content="q 115.2 0 0 161.28 0 0 cm /Im0 Do Q")
XFA = pikepdf.Dictionary(XFA=pikepdf.Array(), Fields=pikepdf.Array())


@pytest.mark.parametrize(
    ("blob", "slug"),
    [
        (saved(PLAIN, encryption=pikepdf.Encryption(user="secret", owner="owner")), "encrypted-pdf"),
        (PLAIN[: len(PLAIN) // 2], "truncated-scan"),
        (PLAIN[:-6], "truncated-scan"),
        (PLAIN + b"\n9 0 obj\n<< /Type /Page >>", "truncated-scan"),
        (changed(PLAIN, AcroForm=XFA, NeedsRendering=pikepdf.Object.parse(b"true")), "unsupported-format"),
        (changed(PLAIN, Collection=pikepdf.Dictionary()), "unsupported-format"),
        (b"%PDF-1.4\n%%EOF\n", "unreadable-scan"),
    ],
    ids=["encrypted", "half", "without end", "an object after the end", "XFA", "portfolio", "nothing"],
)
def test_what_is_no_scan_is_told_for_what_it_is(tmp_path: Path, blob: bytes, slug: str) -> None:
    with pytest.raises(SheetFault) as caught:
        pages_of(written(tmp_path, blob))
    assert caught.value.code == slug
    assert caught.value.__cause__ is None


def test_a_pdf_without_pages_is_told(tmp_path: Path) -> None:
    with pikepdf.new() as document:
        document.save(tmp_path / "scan")
    with pytest.raises(SheetFault, match="no-pages"):
        pages_of(tmp_path / "scan")


def test_an_owner_password_alone_hinders_nobody(tmp_path: Path) -> None:
    blob = saved(PLAIN, encryption=pikepdf.Encryption(user="", owner="owner"))
    assert len(pages_of(written(tmp_path, blob))) == 1


def test_limits_hold_before_decoding(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    with pytest.raises(SheetFault, match="too-many-pixels"):
        pages_of(path, Limits(max_pixels=1_000))
    wide = written(tmp_path, pdf_bytes(*dct(drawing()), content="", box=(0, 0, 14_400, 14_400)))
    with pytest.raises(SheetFault, match="too-many-pixels"):
        pages_of(wide, Limits(max_pixels=10_000_000))
    assert count_pages(wide, Limits()) == 1


def test_a_truncated_jpeg_within_is_a_fault_of_the_whole_file(tmp_path: Path) -> None:
    blob, about = dct(drawing())
    with pytest.raises(SheetFault, match="truncated-scan"):
        pages_of(written(tmp_path, pdf_bytes(blob[: len(blob) // 2], about)))


@pytest.mark.parametrize("content", [PLACE, PLACE + " 0 g 10 10 5 5 re f"])
def test_an_image_that_cannot_be_decoded_never_leaves_a_white_page(tmp_path: Path, content: str) -> None:
    about = dct(drawing())[1] | {"/ColorSpace": pikepdf.Name.DeviceRGB}
    with pytest.raises(SheetFault, match="unreadable-scan"):
        pages_of(written(tmp_path, pdf_bytes(jpeg_bytes(drawing()), about, content=content)))


@given(flips=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_whatever_the_bytes_are_the_answer_is_pages_or_a_fault(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    blob = bytearray(PLAIN)
    for place, value in flips:
        blob[place % len(blob)] = value
    try:
        for found in pages_of(written(tmp_path_factory.mktemp("flipped"), bytes(blob)), Limits(4_000_000, 20)):
            grey(found)
    except SheetFault:
        pass


def test_a_file_whose_pages_are_counted_otherwise_by_the_drawer_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    with path.open("rb") as file, draw.drawing(file, 2) as asked, pytest.raises(SheetFault, match="unreadable-scan"):
        asked.describe(0)


def test_a_page_content_that_swells_is_left_to_the_renderer(tmp_path: Path) -> None:
    blob, about = dct(drawing())
    with pikepdf.open(io.BytesIO(pdf_bytes(blob, about))) as document, io.BytesIO() as target:
        swollen = zlib.compress(b" " * (1 << 23) + PLACE.encode())
        document.pages[0].obj.Contents = document.make_stream(b"")
        document.pages[0].obj.Contents.write(swollen, filter=pikepdf.Name.FlateDecode)
        document.save(target, compress_streams=False)
        (found,) = pages_of(written(tmp_path, target.getvalue()))
    assert found.encoding is Encoding.FLATE


@pytest.mark.parametrize("size", [0, 1 << 20, (1 << 20) - 3, (1 << 21) + 5])
def test_the_end_of_a_pdf_is_found_however_far_before_the_files_end(tmp_path: Path, size: int) -> None:
    assert len(pages_of(written(tmp_path, PLAIN + b"\n" * size))) == 1
    with pytest.raises(SheetFault, match="truncated-scan"):
        pages_of(written(tmp_path, PLAIN + b"\n" * size + b"7 0 obj\n" + b"\n" * size))
