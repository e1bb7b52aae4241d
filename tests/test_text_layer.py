"""Text that is found, marked and copied from an archival copy: whole words, on their ink, a row in one line."""

import math
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageFont

from pipeline.model import PageImage, RecognisedPage, Word
from pipeline.pdfa.textlayer import text_object
from pipeline.pdfa.typeface import Alphabet
from pipeline.validate import Validator
from tests.compose_fixtures import FONT, jpeg
from tests.text_layer_fixtures import CUT, DPI, FOUND, copy_of, drawn, poppler, written

MODES = pytest.mark.parametrize("mode", [(), ("-layout",), ("-raw",)], ids=["flow", "layout", "raw"])
POINT = DPI / 72
"""Pixels a point."""


def pdftotext(path: Path, *options: str) -> str:
    return subprocess.run(["pdftotext", *options, str(path), "-"], check=True, capture_output=True, text=True).stdout


def first_page(path: Path) -> Any:
    return pypdfium2.PdfDocument(path)[0]  # type: ignore[no-untyped-call]  # pypdfium2 has no types


def pdfium_lines(path: Path) -> list[str]:
    text: str = first_page(path).get_textpage().get_text_range()
    return [" ".join(line.split()) for line in text.splitlines()]


def marked(path: Path, text: str) -> list[tuple[float, float, float, float]]:
    """What pdfium marks where it finds the text: left, top, right, bottom in pixels of the page's image."""
    page = first_page(path)
    height, shown = page.get_height(), page.get_textpage()
    hit = shown.search(text).get_next()
    if hit is None:
        return []
    rectangles = [shown.get_rect(index) for index in range(shown.count_rects(*hit))]
    return [(x0 * POINT, (height - y1) * POINT, x1 * POINT, (height - y0) * POINT) for x0, y0, x1, y1 in rectangles]


@poppler
@MODES
def test_words_cut_at_a_lines_end_are_found_whole_by_poppler(tmp_path: Path, mode: tuple[str, ...]) -> None:
    text = pdftotext(copy_of(tmp_path / "copy.pdf", CUT), *mode).split()
    assert [word.strip(",.") for word in text if word.strip(",.") in FOUND] == list(FOUND)
    assert "".join(text).count("mentale") == 1, "no part of a word is there twice"


def test_words_cut_at_a_lines_end_are_found_whole_by_pdfium_and_marked_on_their_ink(tmp_path: Path) -> None:
    _, words, ink = drawn(CUT)
    path = copy_of(tmp_path / "copy.pdf", CUT)
    for text in FOUND:
        rectangles = marked(path, text)
        assert rectangles, text
        first = next(place for place, word in enumerate(words) if text.startswith(word.text.rstrip("-")))
        assert rectangles[0] == pytest.approx(ink[first], abs=12), text
    assert "surveillance médicamentale quotidienne, une" in " ".join(pdfium_lines(path))


@poppler
def test_what_ends_with_a_hyphen_of_its_own_stays_as_it_is(tmp_path: Path) -> None:
    """A dash alone, one after a number, one before a word of another column, or of a line far below."""
    lines = ("Antériorité -", "voir dossier 12-", "suite 5", "Tél. bureau-")
    picture, words, _ = drawn(lines)
    beside = replace(words[-1], text="gauche", x0=600, x1=700, y0=words[-1].y0 + 2, y1=words[-1].y1 + 2, line=9)
    path = written(tmp_path / "copy.pdf", (jpeg(picture, (DPI, DPI)), (*words, beside)))
    assert pdftotext(path, "-raw").split() == [word.text for word in (*words, beside)]


@poppler
def test_every_character_is_copied_as_it_was_read(tmp_path: Path) -> None:
    """Codes of all values are written, those of parentheses, backslash and carriage return among them."""
    many = "".join(chr(code) for code in range(0xC0, 0x17F)) + "".join(map(chr, range(0x21, 0x7F)))
    lines = ["œuvre 5 µg/L 12 € 22 kg/m² n° 3 « cœur » ½ ¾", *(many[start : start + 24] for start in range(0, 284, 24))]
    text = pdftotext(copy_of(tmp_path / "copy.pdf", lines), "-raw")
    assert text.split() == " ".join(lines).split()


@poppler
def test_a_row_of_distant_cells_is_one_line(tmp_path: Path) -> None:
    picture, words, _ = drawn(["Glycémie 0,78 g/L 0,74 0,85", "Créatinine 7,4 mg/L 6,0 11,8"])
    lefts = (100, 450, 600, 800, 1000) * 2
    cells = [
        replace(word, x0=left, x1=left + word.x1 - word.x0, y0=word.y0 + place % 3, y1=word.y1 + place % 3)
        for place, (word, left) in enumerate(zip(words, lefts, strict=True))
    ]
    path = written(tmp_path / "copy.pdf", (jpeg(picture, (DPI, DPI)), cells))
    rows = ["Glycémie 0,78 g/L 0,74 0,85", "Créatinine 7,4 mg/L 6,0 11,8"]
    assert pdfium_lines(path) == rows
    assert [" ".join(line.split()) for line in pdftotext(path, "-layout").splitlines() if line.strip()] == rows


def test_what_pdfium_marks_covers_the_ink_of_a_word_and_little_else(tmp_path: Path) -> None:
    lines = ("Audiométrie sans anomalie relevée", "Fil fin, mammographie, Willy")
    _, words, ink = drawn(lines)
    path = copy_of(tmp_path / "copy.pdf", lines)
    for word, (left, top, right, bottom) in zip(words, ink, strict=True):
        ((x0, y0, x1, y1),) = marked(path, word.text)
        assert (x0, x1) == pytest.approx((left, right), abs=2), word.text
        assert y0 <= top + 1, word.text
        assert y1 >= bottom - 1, word.text
        assert y1 - y0 <= 1.1 * word.height, word.text


def test_letters_are_marked_where_they_stand(tmp_path: Path) -> None:
    """Narrow ones too: a part of a word can be marked. Letters of one width would be off by a tenth of the word."""
    path = copy_of(tmp_path / "copy.pdf", ["illimitée", "mammographie"])
    letters = ImageFont.truetype(FONT, 100)
    for text, part in (("illimitée", "tée"), ("mammographie", "graphie")):
        (whole,), (rest,) = marked(path, text), marked(path, part)
        share = letters.getlength(text.removesuffix(part)) / letters.getlength(text)
        assert (rest[0] - whole[0]) / (whole[2] - whole[0]) == pytest.approx(share, abs=0.04)


@poppler
@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_turned_page_is_read_from_top_to_bottom(tmp_path: Path, quarter_turns: int) -> None:
    lines = ("Certificat médical initial", "établi à la demande du patient", "et remis en main propre")
    picture, words, _ = drawn(lines)
    turned = picture.rotate(90 * quarter_turns, expand=True)
    width, height = picture.size
    corner = {1: (0, width), 2: (width, height), 3: (height, 0)}[quarter_turns]
    angle = -math.pi / 2 * quarter_turns
    cosine, sine = round(math.cos(angle)), round(math.sin(angle))

    def at(x: float, y: float) -> tuple[float, float]:
        return corner[0] + x * cosine - y * sine, corner[1] + x * sine + y * cosine

    laid = [
        replace(word, x0=x0, y0=y0, x1=x1, y1=y1)
        for word in words
        for (x0, y0), (x1, y1) in [(at(word.x0, word.y0), at(word.x1, word.y1))]
    ]
    path = written(tmp_path / "copy.pdf", (jpeg(turned, (DPI, DPI)), laid), quarter_turns=quarter_turns)
    for mode in ((), ("-layout",), ("-raw",)):
        assert [" ".join(line.split()) for line in pdftotext(path, *mode).splitlines() if line.strip()] == list(lines)
    assert pdfium_lines(path) == list(lines)


@poppler
def test_words_on_their_side_are_whole(tmp_path: Path) -> None:
    picture, words, _ = drawn(["Certificat médical initial"])
    margin = (
        Word("Document", 60, 900, 60, 740, 30, 90, 7),
        Word("confidentiel", 60, 720, 60, 500, 30, 90, 7),
    )
    path = written(tmp_path / "copy.pdf", (jpeg(picture, (DPI, DPI)), (*words, *margin)))
    assert pdftotext(path, "-raw").split() == ["Certificat", "médical", "initial", "Document", "confidentiel"]
    assert "Document confidentiel" in pdfium_lines(path)


def test_nothing_of_the_text_is_seen(tmp_path: Path) -> None:
    picture, words, _ = drawn(CUT)
    image = jpeg(picture, (DPI, DPI))
    shown = [
        first_page(path).render(scale=2).to_numpy()
        for path in (written(tmp_path / "with.pdf", (image, words)), written(tmp_path / "without.pdf", (image, ())))
    ]
    assert np.array_equal(*shown)


def test_the_text_is_pdfa_as_the_validators_have_it(tmp_path: Path) -> None:
    with Validator(work=tmp_path) as validator:
        verdict = validator.validate(copy_of(tmp_path / "copy.pdf", CUT), "1b")
    assert verdict.conforms, verdict


def test_widths_are_the_font_programs_own(tmp_path: Path) -> None:
    """PDF/A-1, 6.3.6: what `W` says and what the glyphs have."""
    with pikepdf.open(copy_of(tmp_path / "copy.pdf", CUT)) as pdf:
        descendant = pdf.pages[0].Resources.Font.T.DescendantFonts[0]
        program = descendant.FontDescriptor.FontFile2.read_bytes()
        glyphs = descendant.CIDToGIDMap.read_bytes()
        runs = [int(number) for number in descendant.W]
    tables = {program[at : at + 4]: program[at + 8 : at + 16] for at in range(12, 12 + 16 * program[5], 16)}
    start = int.from_bytes(tables[b"hmtx"][:4])
    for first, last, width in zip(runs[::3], runs[1::3], runs[2::3], strict=True):
        for code in range(first, last + 1):
            glyph = int.from_bytes(glyphs[2 * code : 2 * code + 2])
            assert int.from_bytes(program[start + 4 * glyph : start + 4 * glyph + 2]) == width


def test_the_text_of_a_dense_page_takes_few_bytes() -> None:
    """A page of a letter: 60 lines of 80 characters; two bytes a character, where each word told all of its own."""
    line = "Le traitement antalgique est poursuivi à la demande, sans effet indésirable noté"
    _, words, _ = drawn([line] * 60)
    uneven = np.random.default_rng(6).normal(0, 0.7, (len(words), 4))
    read = tuple(
        replace(word, x0=word.x0 + a, x1=word.x1 + b, y0=word.y0 + c, y1=word.y1 + c, height=word.height * (1 + d / 20))
        for word, (a, b, c, d) in zip(words, uneven.tolist(), strict=True)
    )
    image: PageImage = jpeg(Image.new("L", (8, 8)), (DPI, DPI))
    shown = text_object(replace(image, width=1165, height=1654), read, Alphabet.of([RecognisedPage(read, 0, ())]))
    assert len(zlib.compress(shown, 9)) < 0.9 * 60 * len(line)
