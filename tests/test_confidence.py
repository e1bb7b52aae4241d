"""How sure of a page, and what of it was not read: no page with ink is passed over in silence."""

import os
import resource
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lexicon.flags import FLAGS
from pipeline.clean import Readable, readable
from pipeline.formats.limits import Limits
from pipeline.model import RecognisedPage, Word
from pipeline.pages import open_pages
from pipeline.read_flags import FLAGS_READ, counts_read, flags_read
from pipeline.reading.confidence import not_read
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import Sheet, clearance, flate, page_of, recognised, scan, sheet
from tests.writing_fixtures import note, write_by_hand

REAL = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "real"
LOW = 60.0


def word(text: str, confidence: float) -> Word:
    return Word(text, 0, 0, 10, 0, 10, confidence, 0)


def zones(picture: Image.Image, words: Sequence[Word] = (), dpi: int = 200) -> int:
    return not_read(readable(flate(picture, (dpi, dpi))), words)


def printed(dpi: int = 200) -> Sheet:
    return sheet(dpi=dpi)


# --- How sure ---------------------------------------------------------------------------------------------------------


def test_a_page_is_as_sure_as_its_words_each_counting_for_its_letters() -> None:
    page = RecognisedPage((word("certificat", 90), word("le", 30), word("—", 0)), 0, ())
    assert page.confidence == pytest.approx((10 * 90 + 2 * 30) / 12)


def test_of_a_page_without_a_letter_nothing_is_sure() -> None:
    assert RecognisedPage((), 0, ()).confidence == 0
    assert RecognisedPage((word("—", 95),), 0, ()).confidence == 0


# --- What was not read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dpi", [150, 200, 300])
def test_a_note_by_hand_on_a_printed_page_is_told(dpi: int) -> None:
    drawn = printed(dpi)
    assert zones(drawn.picture, page_of(drawn).words, dpi) == 0
    note(drawn.picture, dpi, (15, 150), lines=2)
    assert zones(drawn.picture, page_of(drawn).words, dpi) == 1


def test_notes_in_two_places_are_two_zones() -> None:
    drawn = sheet(size_mm=(210, 297))
    note(drawn.picture, 200, (20, 150), lines=2)
    note(drawn.picture, 200, (20, 240), lines=2)
    assert zones(drawn.picture, page_of(drawn).words) == 2


def test_a_signature_a_stroke_and_a_few_ticks_are_not_told() -> None:
    drawn = printed()
    write_by_hand(drawn.picture, 200, (70, 170), words=2)
    pen = ImageDraw.Draw(drawn.picture)
    pen.line((100, 1400, 1000, 1380), 20, 5)
    for top in (800, 900, 1000):
        pen.line((80, top, 95, top + 20, 130, top - 30), 20, 4)
    assert zones(drawn.picture, page_of(drawn).words) == 0


def test_holes_bars_and_a_frame_are_no_writing() -> None:
    drawn = printed()
    pen = ImageDraw.Draw(drawn.picture)
    for top in (500, 1100):
        pen.ellipse((30, top, 78, top + 48), fill=0)
    for place in range(12):
        pen.rectangle((200 + 60 * place, 1200, 240 + 60 * place, 1240), fill=0)
    pen.rectangle((20, 20, 1145, 1634), outline=0, width=4)
    assert zones(drawn.picture, page_of(drawn).words) == 0


def test_what_was_read_without_any_confidence_was_not_read() -> None:
    drawn = printed()
    doubtful = [word_ for word_ in page_of(drawn).words if word_.y0 > 450]
    sure = [word_ for word_ in page_of(drawn).words if word_.y0 <= 450]
    noise = [Word(one.text, one.x0, one.y0, one.x1, one.y1, one.height, 12, one.line) for one in doubtful]
    assert zones(drawn.picture, [*sure, *doubtful]) == 0
    assert zones(drawn.picture, [*sure, *noise]) >= 1


def test_on_a_page_of_which_nothing_was_read_one_word_by_hand_is_told() -> None:
    page = Image.new("L", (1165, 1654), 255)
    assert zones(page) == 0
    write_by_hand(page, 200, (60, 90), words=1)
    assert zones(page) == 1


def test_a_page_as_large_as_a_wall_costs_no_more_than_a_sheet() -> None:
    wall = Readable(np.full((6000, 6000), 255, np.uint8), 30, np.eye(2, 3), 0, ())
    limits = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 200_000_000, limits[1]))
    try:
        assert not_read(wall, ()) == 0
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


# --- What is told of a page -------------------------------------------------------------------------------------------


def flags(*pages: RecognisedPage, blanks: Sequence[int] = (), low: float = LOW) -> dict[int, tuple[str, ...]]:
    return flags_read(recognised(*pages), [2 + place for place in range(len(pages))], blanks, low)


def test_a_page_is_flagged_below_the_agreed_confidence() -> None:
    sure, unsure = (RecognisedPage((word("certificat", confidence),), 0, ()) for confidence in (60, 59))
    assert flags(sure, unsure) == {3: ("low-confidence:59",)}
    assert flags(sure, unsure, low=0) == {}


def test_a_page_of_which_no_word_was_read_is_never_passed_over() -> None:
    assert flags(RecognisedPage((), 0, ())) == {2: ("not-read:1",)}
    assert flags(RecognisedPage((word("—", 95), word("ju", 9)), 0, ()), low=0) == {2: ("not-read:1",)}
    assert flags(RecognisedPage((), 0, (), not_read=3), low=0) == {2: ("not-read:3",)}
    assert flags(RecognisedPage((), 0, ()), blanks=[2]) == {}, "that nothing is on it was decided by its ink"


def test_a_printed_page_with_a_note_is_told_to_have_one() -> None:
    assert flags(RecognisedPage((word("certificat", 91),), 0, (), not_read=2)) == {2: ("not-read:2",)}


def test_custody_has_numbers_of_them_alone() -> None:
    read = recognised(
        RecognisedPage((word("certificat", 90),), 0, ()),
        RecognisedPage((word("x", 10),), 0, (), not_read=1),
        RecognisedPage((), 0, ("deskew:0.73", "unread")),
    )
    counts = counts_read(read, flags_read(read, (1, 2, 3), (), LOW))
    assert counts == {
        "deskew": 1, "pages": 3, "words": 2, "unread": 1, "confidence": 83, "low-confidence": 1, "not-read": 2,
    }  # fmt: skip


def test_each_flag_has_its_sentences() -> None:
    assert {*FLAGS} >= FLAGS_READ


# --- Real pages -------------------------------------------------------------------------------------------------------

HANDS = ("cremma_mss20_fr_handwriting", "cremma_testaments_fr_handwriting_1914")


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="the shared corpus is not there (LIASSE_CORPUS)")
def test_real_pages_by_hand_are_told_and_real_print_is_read(tmp_path: Path) -> None:
    hands = [path for folder in HANDS for path in sorted((REAL / folder).rglob("*.jpg"))]
    print_ = sorted((REAL / "tesseract_test").glob("*.tif"))
    assert (len(hands), len(print_)) >= (15, 4)
    with Recogniser(RecogniseSettings(tmp_path, workers=2)) as recogniser:
        told = {path: _told(recogniser, path) for path in (*hands, *print_)}
    silent = [path.name for path in hands if "not-read" not in told[path] or "low-confidence" not in told[path]]
    assert silent == []
    assert [path.name for path in print_ if told[path]] == []


def _told(recogniser: Recogniser, path: Path) -> set[str]:
    read = recogniser.recognise(scan(next(open_pages(path, Limits()))), clearance())
    return {flag.partition(":")[0] for several in flags_read(read, (1,), (), LOW).values() for flag in several}
