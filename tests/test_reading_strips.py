"""Lines as strips for a recogniser: all of the line, level, of one height; and words laid back on their ink."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pytesseract import pytesseract

from pipeline.formats.pixels import Grey
from pipeline.reading.lines import Line, lines_of, without
from pipeline.reading.strips import HEIGHT, Read, Strip, strip
from tests.compose_fixtures import FONT, LINES, Sheet, sheet, tilted

INK = 150


def said(cut: Strip) -> str:
    """What Tesseract reads on it, as a raw line."""
    return str(pytesseract.image_to_string(Image.fromarray(cut.pixels), lang="fra", config="--psm 13")).strip()  # type: ignore[no-untyped-call]


def grey(picture: Image.Image) -> Grey:
    return np.asarray(picture, np.uint8)


def strips(picture: Image.Image, dpi: int = 200) -> list[Strip]:
    pixels = grey(picture)
    return [strip(pixels, line) for line in lines_of(pixels, dpi)]


def inked(drawn: Sheet, word: str) -> tuple[int, int]:
    """First column of a word's ink, and the one after its last."""
    left, top, right, bottom = (round(side) for side in drawn.words[word])
    columns = np.flatnonzero((grey(drawn.picture)[top:bottom, left : right + 1] <= INK).any(axis=0))
    return left + int(columns[0]), left + int(columns[-1]) + 1


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_words_lie_on_their_ink_however_roughly_they_were_placed(dpi: int) -> None:
    drawn = sheet(dpi=dpi)
    rng = np.random.default_rng(3)
    for number, (text, cut) in enumerate(zip(LINES, strips(drawn.picture, dpi), strict=True)):
        told = [
            Read(word, (x0 - cut.left) * cut.scale + rng.uniform(-5, 5), (x1 - cut.left) * cut.scale, 90.0)
            for word, (x0, x1) in ((word, inked(drawn, word)) for word in text.split())
        ]
        for word in cut.words(told, number):
            assert (word.x0, word.x1) == pytest.approx(inked(drawn, word.text), abs=2)
            assert (word.y0, word.y1) == pytest.approx((drawn.baselines[word.text],) * 2, abs=0.015 * dpi)
            assert 0.6 * drawn.height < word.height < 1.1 * drawn.height
            assert (word.line, word.confidence) == (number, 90.0)


def test_a_word_that_is_read_where_there_is_no_ink_stays_where_it_was_read() -> None:
    cut = strips(sheet().picture)[0]
    blank = Strip(cut.line, np.full_like(cut.pixels, 255), cut.left, cut.scale)
    (word,) = blank.words([Read("rien", 20, 60, 5.0)], 0)
    assert (word.x0, word.x1) == (cut.left + 20 / cut.scale, cut.left + 60 / cut.scale)


def test_words_that_overlap_as_read_do_not_overlap_on_the_page() -> None:
    drawn = sheet()
    cut = strips(drawn.picture)[0]
    ends = [[(end - cut.left) * cut.scale for end in inked(drawn, word)] for word in LINES[0].split()]
    told = [Read(word, x0 - 7, x1 + 7, 90.0) for word, (x0, x1) in zip(LINES[0].split(), ends, strict=True)]
    words = list(cut.words(told, 0))
    assert all(one.x1 <= other.x0 for one, other in pairwise(words))


@pytest.mark.parametrize("dpi", [150, 200, 350])
def test_strips_have_one_height_and_show_all_of_the_line(dpi: int) -> None:
    for cut in strips(sheet(dpi=dpi).picture, dpi):
        assert cut.pixels.shape[0] == HEIGHT
        assert (cut.pixels[[0, -1]] > INK).all()
        assert (cut.pixels <= INK).any()


def test_a_line_that_climbs_is_level_in_its_strip() -> None:
    picture, _ = tilted(sheet(size_mm=(210, 148)), 0.5)
    for cut in strips(picture):
        feet = HEIGHT - (cut.pixels[::-1] <= INK).argmax(axis=0)[(cut.pixels <= INK).any(axis=0)]
        halves = np.array_split(feet, 2)
        assert abs(float(np.median(halves[0]) - np.median(halves[1]))) <= 1.5


def test_a_line_at_the_edge_of_the_page_has_white_beyond_it() -> None:
    pixels = grey(sheet().picture)
    line = lines_of(pixels, 200)[0]
    above = int(line.top)
    edge = lines_of(pixels[above:], 200)[0]
    cut = strip(pixels[above:], edge)
    whole = strip(pixels, line)
    assert cut.pixels.shape == whole.pixels.shape
    assert (cut.pixels[0] == 255).all()


def test_white_letters_are_given_black() -> None:
    picture = Image.new("L", (1600, 500), 255)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((100, 300, 1500, 380), fill=0)
    pen.text((150, 355), "BIOLOGIE", font=ImageFont.truetype(FONT, 40), fill=255, anchor="ls")
    (cut,) = strips(picture)
    assert float((cut.pixels <= INK).mean()) < 0.5
    assert said(cut) == "BIOLOGIE"


def test_what_was_printed_is_read_from_the_strips() -> None:
    assert [said(cut) for cut in strips(sheet().picture)] == list(LINES)


def test_letters_may_be_narrowed() -> None:
    pixels = grey(sheet().picture)
    line = lines_of(pixels, 200)[0]
    whole, narrow = strip(pixels, line), strip(pixels, line, 0.9)
    assert narrow.pixels.shape[1] == pytest.approx(0.9 * whole.pixels.shape[1], abs=1)
    assert narrow.scale == pytest.approx(0.9 * whole.scale, rel=0.01)


def test_a_page_without_its_lines_is_white_but_for_what_stands_in_none() -> None:
    picture = sheet().picture
    pixels = grey(picture)
    assert without(pixels, lines_of(pixels, 200)).min() > INK
    assert np.array_equal(without(pixels, ()), pixels)
    assert without(pixels[:200], lines_of(pixels, 200)).shape == pixels[:200].shape
    pen = ImageDraw.Draw(picture)
    pen.ellipse((300, 1200, 700, 1600), fill=0)
    stained = grey(picture)
    left = without(stained, lines_of(stained, 200))
    assert int((left == 0).sum()) == pytest.approx(np.pi * 200**2, rel=0.02)


def test_a_line_of_one_letter_is_a_strip_as_well() -> None:
    pixels = grey(sheet().picture)
    line = Line(10, 12, (30.0, 0.0, 0.0), 10.0, 10.0, 0.0, 1)
    assert strip(pixels, line).pixels.shape[0] == HEIGHT
