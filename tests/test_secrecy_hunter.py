"""The hunter finds what is planted, however it is written and wherever it hides, and nothing in noise."""

import base64
import gzip
import random
import sqlite3
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_gate.model import Patient, PatientRef
from pipeline.compose import compose, compose_originals
from pipeline.model import RecognisedPage, Word
from pipeline.pdfa.compact import compacted
from pipeline.pdfa.packing import packed, repacked
from tests.compact_fixtures import page
from tests.compose_fixtures import CONTEXT, flate, g4, jpeg, noisy, recognised, scan, sheet
from tests.hunter import Hunter, Person, bare, pieces_of

SOMEBODY = Patient(
    PatientRef("A1"), "D'Æbischer-Lœuillet", "Nuñez", ("Léonie", "Zoé"), date(1962, 3, 4), "F", "262037511504217"
)
HUNTER = Hunter([Person.of(SOMEBODY)], {"piece of a scan": bytes(range(200, 232))})

WRITTEN = (
    "D'Æbischer-Lœuillet",
    "D'AEBISCHER LOEUILLET",
    "d'aebischer-loeuillet",
    "daebischerloeuillet",
    "Nuñez",
    "NUÑEZ",
    "nunez",
    "LEONIE",
    unicodedata.normalize("NFD", "Léonie"),
    "Nuñez_Zoé",
    "ZOE NUNEZ",
    "262037511504217",
    "2620375115042",
    "2 62 03 75 115 042 17",
    "2620375115042 17",
)


def hidden(raw: bytes) -> dict[str, bytes]:
    """The same bytes in each layer."""
    around = b"so " + raw + b" it"
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", around)
    raster = zlib.compress(b"\0" + around)
    halves = raster[: len(raster) // 2], raster[len(raster) // 2 :]
    chunks = b"".join(struct.pack(">I", len(half)) + b"IDAT" + half + bytes(4) for half in halves)
    noise = random.Random(1).randbytes(500)  # noqa: S311  noise
    return {
        "as it is": around,
        "alone": raw,
        "hex": b"x" + around.hex().encode(),
        "HEX": around.hex().upper().encode(),
        **{f"base64 from {n}": b":" + base64.b64encode(b" " * n + around) for n in range(3)},
        "base64 for addresses": base64.urlsafe_b64encode(b"\xff\xfe\xfb" + around),
        "base64 in lines": base64.encodebytes(bytes(52) + around),
        "zlib": noise + zlib.compress(around, 9) + noise,
        "zlib, cut short": noise + zlib.compress(around + noise)[:-40],
        "zlib of a small window": noise + _small(around),
        "gzip": noise + gzip.compress(around),
        "zip": noise + packed.getvalue(),
        "png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 0) + b"IHDR" + bytes(4) + chunks,
        "pdf": b"<< /Filter /FlateDecode >>\nstream\r\n" + zlib.compress(b"BT (" + around + b") Tj") + b"\r\nendstream",
        "one in another": base64.b64encode(gzip.compress(around.hex().encode())),
    }


def _small(raw: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 9)
    return packer.compress(raw) + packer.flush()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("written", WRITTEN)
def test_every_writing_is_found_in_every_layer(written: str, encoding: str) -> None:
    try:
        raw = written.encode(encoding)
    except UnicodeEncodeError:
        pytest.skip("cannot be written so")
    missed = {layer for layer, content in hidden(raw).items() if not HUNTER.in_bytes(content, "here")}
    # four letters are too few for certainty where no text is around them
    assert missed <= ({"zlib, cut short"} if len(raw) < 7 else set())


@pytest.mark.parametrize("place", ["file", "name", "cell", "write-ahead log"])
def test_every_place_is_searched(tmp_path: Path, place: str) -> None:
    match place:
        case "file":
            (tmp_path / "x").write_bytes(b"... Nu\xc3\xb1ez ...")
        case "name":
            (tmp_path / "nunez").mkdir()
        case _:
            write_database(tmp_path / "x.db", keep_log=place == "write-ahead log")
    assert "Nuñez" in {trace.term for trace in HUNTER.in_folder(tmp_path)}


def write_database(path: Path, *, keep_log: bool) -> None:
    """A short name in a cell, among binary ones; `keep_log`: as a crash leaves it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a BLOB, b TEXT, c BLOB)")
        connection.execute("INSERT INTO t VALUES (?, ?, ?)", (b"\x00\x01\x02\x03\x04", "nunez", b"\x00\x01\x02\x03"))
        if keep_log:
            for suffix in ("", "-wal"):
                source = path.with_name(path.name + suffix)
                path.with_name(f"kept.db{suffix}").write_bytes(source.read_bytes())
    if keep_log:
        path.unlink()


def test_a_piece_of_a_scan_is_found() -> None:
    assert {t.term for t in HUNTER.in_bytes(b"xx" + bytes(range(195, 250)), "here")} == {"piece of a scan"}


SCANS = {
    "jpeg in deflate": (jpeg(noisy(sheet().picture)), packed, ["/FlateDecode", "/DCTDecode"]),
    "jpeg": (jpeg(noisy(sheet().picture), progressive=True), packed, "/DCTDecode"),
    "jpeg coded anew": (jpeg(noisy(sheet().picture)), repacked, "/DCTDecode"),
    "samples": (flate(noisy(sheet().picture)), packed, "/FlateDecode"),
    "bilevel": (g4(sheet().picture), packed, "/CCITTFaxDecode"),
    "in layers": (page("blue").image, compacted, "/DCTDecode"),
}


@pytest.mark.parametrize("kind", SCANS)
def test_a_copy_that_lies_about_is_found_by_its_words_and_its_images(tmp_path: Path, kind: str) -> None:
    """Its font gives each document codes of its own: no name stands in it as letters, unpacked or not."""
    image, draw, filters = SCANS[kind]
    words = tuple(
        Word(text, 100, 200 + 60 * line, 300, 200 + 60 * line, 40, 95, line)
        for line, text in enumerate(("Nuñez", "Léonie", "2620375115042"))
    )
    read = recognised(RecognisedPage(words, 0, ()))
    copy = compose(scan(image), read, CONTEXT, tmp_path / "copy.pdf", draw=draw)
    with pikepdf.open(copy.path) as pdf:
        (shown, *_) = pdf.pages[0].get_images().values()
        assert filters == (shown.Filter if isinstance(shown.Filter, pikepdf.Name) else [*map(str, shown.Filter)])
        assert b"Nu" not in pdf.pages[0].Contents.read_bytes()
    compose_originals(scan(image), CONTEXT, tmp_path / "scan.pdf")
    hunter = Hunter([Person.of(SOMEBODY)], dict(pieces_of(tmp_path / "scan.pdf")))
    found = {trace.term for trace in hunter.in_file(copy.path)}
    assert found >= {"Nuñez", "Léonie", "262037511504217"}
    lost = kind in {"jpeg coded anew", "in layers"}
    assert any(term.startswith("scan.pdf p. 1") for term in found) is not lost
    assert {trace.term for trace in hunter.in_bytes(gzip.compress(copy.path.read_bytes()), "packed")} == found


def test_what_lies_in_a_folder_left_out_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x").write_text("Nuñez")
    assert HUNTER.in_folder(tmp_path, but=[tmp_path / "in"]) == set()


@pytest.mark.parametrize("innocent", ["Zoé est là", "Leon, Nune, 2620375", "A1", "nuna nuez", "262037511504"])
def test_who_is_not_named_is_not_found(innocent: str) -> None:
    assert not any(HUNTER.in_bytes(content, "here") for content in hidden(innocent.encode()).values())


def test_nothing_is_found_in_noise() -> None:
    everybody = [
        Person((name,), ()) for name in ("Loïc", "Karim", "Anna", "Zoé Roy", "Jean", "Yves", "Remy", "Paul", "Élie")
    ]
    assert Hunter(everybody).in_bytes(random.Random(7).randbytes(8 << 20), "noise") == set()  # noqa: S311  noise


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x17F, categories=["Lu", "Ll"]), min_size=5, max_size=12),
    st.sampled_from([str, str.upper, str.lower, str.title, bare]),
    st.binary(max_size=40),
)
def test_any_name_is_found_whatever_stands_before(name: str, written: Callable[[str], str], before: bytes) -> None:
    hunter = Hunter([Person((name,), ())])
    raw = written(name).encode("utf-16-le")
    for content in (before + raw, before + base64.b64encode(before + raw), before + zlib.compress(before + raw)):
        assert {trace.term for trace in hunter.in_bytes(content, "here")} == {name}
