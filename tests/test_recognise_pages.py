"""Reading: only with a clearance, words on their ink, whatever way the sheet was fed, and nothing left behind."""

import logging
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from typing import Final, overload

import pytest

from consent_gate.model import DocumentId
from lexicon.faults import SheetFault, StationFault, TamperFault
from pipeline.model import PageImage, RecognisedPage, Scan
from pipeline.reading.engines import EngineUse
from pipeline.reading.hocr import pages
from pipeline.reading.tessdata import model
from pipeline.reading.tesseract import tesseract_facts
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import (
    DOCUMENT,
    LINES,
    Box,
    clearance,
    everything_in,
    flate,
    g4,
    jpeg,
    scan,
    sheet,
    tilted,
)

ENGINES: Final[tuple[EngineUse, ...]] = ("tesserocr", "pytesseract") if find_spec("tesserocr") else ("pytesseract",)
engines = pytest.mark.parametrize("engine", ENGINES)
SHEET = sheet()
SHORT = sheet(LINES[:3], size_mm=(148, 60))
EXPECTED = " ".join(LINES)


@pytest.fixture(params=ENGINES)
def recogniser(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Recogniser]:
    with Recogniser(RecogniseSettings(tmp_path, workers=2, engine=request.param)) as opened:
        yield opened
    assert everything_in(tmp_path) == []


def read(recogniser: Recogniser, *images: PageImage) -> tuple[RecognisedPage, ...]:
    return recogniser.recognise(scan(*images), clearance()).pages


def assert_words_on(ink: dict[str, Box], page: RecognisedPage, slack: float = 6.0) -> None:
    """Each word, once recognised, starts and ends at its ink and has it between its baseline and its height."""
    found = {word.text: word for word in page.words}
    assert len(found.keys() & ink.keys()) >= 0.9 * len(ink)
    for text in found.keys() & ink.keys():
        left, top, right, bottom = ink[text]
        word = found[text]
        assert min(word.x0, word.x1) == pytest.approx(left, abs=slack), text
        assert max(word.x0, word.x1) == pytest.approx(right, abs=slack), text
        assert top - slack < max(word.y0, word.y1) < bottom + slack, text
        assert word.height >= (bottom - top) * 0.8, text


class Untouchable(Sequence[PageImage]):
    """Images that nobody may look at."""

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> PageImage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PageImage]: ...
    def __getitem__(self, index: int | slice) -> PageImage | Sequence[PageImage]:
        raise AssertionError("a pixel was touched without a clearance")


def test_a_clearance_of_another_document_is_refused_before_any_pixel_is_read(recogniser: Recogniser) -> None:
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        recogniser.recognise(Scan(DOCUMENT, Untouchable()), clearance(DocumentId("01JHZ0000000000000000000BB")))


def test_words_are_read_and_lie_on_their_ink(recogniser: Recogniser) -> None:
    pages = read(recogniser, jpeg(SHEET.picture), g4(SHORT.picture), flate(SHORT.picture.convert("RGB")))
    assert pages[0].text.split() == EXPECTED.split()
    assert pages[0].quarter_turns == 0
    assert all(word.confidence > 60 for word in pages[0].words)
    for page, drawn in zip(pages, (SHEET, SHORT, SHORT), strict=True):
        assert_words_on(drawn.words, page)


def test_the_engine_is_named_as_it_is_installed(tmp_path: Path) -> None:
    facts = tesseract_facts()
    with Recogniser(RecogniseSettings(tmp_path, engine="pytesseract")) as program:
        assert program.engine == f"tesseract {facts.version} {model('fra').name}"
    assert {"fra", "osd"} <= set(facts.languages)


def test_a_sheet_fed_askew_is_read_and_its_words_lie_on_the_tilted_ink(recogniser: Recogniser) -> None:
    picture, forth = tilted(SHEET, 2.5)
    (page,) = read(recogniser, jpeg(picture))
    assert any(operation.startswith("deskew:2.") for operation in page.operations)
    assert page.text.split() == EXPECTED.split()
    for word in page.words:
        left, top, right, bottom = SHEET.words[word.text]
        start, end = forth @ (left, bottom, 1), forth @ (right, bottom, 1)
        assert (word.x0, word.x1) == pytest.approx((start[0], end[0]), abs=7), word.text
        assert word.y0 == pytest.approx(start[1], abs=(bottom - top) * 0.5), word.text
        assert word.y0 - word.y1 == pytest.approx(start[1] - end[1], abs=3), word.text


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_sheet_fed_the_wrong_way_round_is_turned_and_read(recogniser: Recogniser, quarter_turns: int) -> None:
    """The stored image lies turned; what is told is how a viewer makes it upright."""
    lying = SHEET.picture.rotate(90 * quarter_turns, expand=True)
    (page,) = read(recogniser, jpeg(lying))
    assert page.quarter_turns == quarter_turns
    assert "orientation" in page.operations
    assert page.text.split() == EXPECTED.split()
    width, height = lying.size
    word = next(word for word in page.words if word.text == "travail")
    left, _, right, bottom = SHEET.words["travail"]
    start, end = {
        1: ((bottom, height - left), (bottom, height - right)),
        2: ((width - left, height - bottom), (width - right, height - bottom)),
        3: ((width - bottom, left), (width - bottom, right)),
    }[quarter_turns]
    assert (word.x0, word.y0) == pytest.approx(start, abs=6)
    assert (word.x1, word.y1) == pytest.approx(end, abs=6)


def test_the_turns_that_the_scanner_announced_are_kept(recogniser: Recogniser) -> None:
    lying = jpeg(SHORT.picture.rotate(90, expand=True), quarter_turns=1)
    (page,) = read(recogniser, lying)
    assert page.quarter_turns == 1
    assert "orientation" not in page.operations
    assert "travail" in page.text


def test_unequal_resolutions_are_read_as_square_and_mapped_back(recogniser: Recogniser) -> None:
    squeezed = SHEET.picture.resize((SHEET.picture.width, SHEET.picture.height // 2))
    (page,) = read(recogniser, flate(squeezed, (200, 100)))
    ink = {text: (x0, y0 / 2, x1, y1 / 2) for text, (x0, y0, x1, y1) in SHEET.words.items()}
    assert_words_on(ink, page)


def test_a_blank_page_has_no_words_and_is_not_searched_for_any(recogniser: Recogniser) -> None:
    blank = sheet(()).picture
    (page,) = read(recogniser, g4(blank))
    assert page.words == ()
    assert not {"orientation", "second-attempt", "unread"} & set(page.operations)


@engines
def test_a_page_that_takes_too_long_is_kept_without_words_and_says_so(tmp_path: Path, engine: EngineUse) -> None:
    with Recogniser(RecogniseSettings(tmp_path, page_seconds=0.05, engine=engine)) as hasty:
        (page,) = read(hasty, jpeg(SHEET.picture, quarter_turns=2))
    assert page.words == ()
    assert page.quarter_turns == 2
    assert page.operations[-1] == "unread"
    assert everything_in(tmp_path) == []


def test_a_page_that_does_not_decode_leaves_nothing_behind(recogniser: Recogniser) -> None:
    good, bad = jpeg(SHORT.picture), replace(jpeg(SHORT.picture), payload=b"no jpeg")
    with pytest.raises(SheetFault, match="unreadable-scan"):
        read(recogniser, good, bad, good)


def by_program(work: Path, *, workers: int = 1, page_seconds: float = 180.0) -> Recogniser:
    return Recogniser(RecogniseSettings(work, page_seconds=page_seconds, workers=workers, engine="pytesseract"))


def program(folder: Path, body: str) -> str:
    """A folder with a `tesseract` of our own, as the only one on the PATH before the usual places."""
    folder.mkdir()
    script = folder / "tesseract"
    script.write_text(f'#!/bin/sh\nPATH="$LIASSE_TEST_PATH"\ncase "$1" in --*) exec tesseract "$@";; esac\n{body}\n')
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIASSE_TEST_PATH", os.environ["PATH"])
    monkeypatch.setenv("LIASSE_TEST_NOTES", str(tmp_path / "notes"))
    (tmp_path / "work").mkdir()
    return tmp_path


def test_the_program_runs_on_one_thread_with_private_files_of_the_work_folder(
    shim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = '$OMP_THREAD_LIMIT|$copy|$(stat -c %a "$copy" "$(dirname "$copy")" | tr "\\n" " ")'
    named = f'while read -r copy; do\necho "{facts}" >> "$LIASSE_TEST_NOTES"\necho "$copy"; done | tesseract "$@"'
    monkeypatch.setenv("PATH", program(shim / "bin", named))
    with by_program(shim / "work") as recogniser:
        (page,) = read(recogniser, jpeg(SHORT.picture))
    assert "travail" in page.text
    threads, image, modes = (shim / "notes").read_text().splitlines()[0].split("|")
    assert threads == "1"
    assert Path(image).is_relative_to(shim / "work")
    assert modes.split() == ["600", "700"]
    assert stat.S_IMODE((shim / "work").stat().st_mode) == stat.S_IMODE((shim / "bin").stat().st_mode)
    assert everything_in(shim / "work") == []


@pytest.mark.parametrize("workers", [1, 3])
def test_so_many_pages_are_read_at_once_of_all_documents_together(
    shim: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    counted = 'echo in >> "$LIASSE_TEST_NOTES"; sleep 0.2; echo out >> "$LIASSE_TEST_NOTES"; exit 1'
    monkeypatch.setenv("PATH", program(shim / "bin", counted))
    page = jpeg(SHORT.picture)
    with by_program(shim / "work", workers=workers) as recogniser, ThreadPoolExecutor(3) as documents:
        list(documents.map(lambda _: read(recogniser, page, page), range(3)))
    steps = [1 if line == "in" else -1 for line in (shim / "notes").read_text().split()]
    assert max(accumulate(steps)) == workers


def test_a_program_that_fails_or_writes_nonsense_costs_the_words_and_tells_none(
    shim: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    nonsense = 'read copy; echo "Jean DUPONT"; echo "Jean DUPONT" >&2; exit 0'
    for body in ('echo "Jean DUPONT" >&2; exit 1', "kill -9 $$", nonsense, "exit 0"):
        folder = shim / f"bin{len(body)}"
        monkeypatch.setenv("PATH", program(folder, body))
        with by_program(shim / "work") as recogniser:
            (page,) = read(recogniser, jpeg(SHORT.picture))
        assert page.words == ()
        assert page.operations[-1] == "unread"
        assert everything_in(shim / "work") == []
    assert "DUPONT" not in caplog.text


def test_a_slow_first_attempt_is_followed_by_a_simpler_one(shim: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = 'case "$*" in *"--psm 13"*) exec sleep 60;; esac\nexec tesseract "$@"'
    monkeypatch.setenv("PATH", program(shim / "bin", slow))
    with by_program(shim / "work", page_seconds=8) as recogniser:
        (page,) = read(recogniser, jpeg(SHORT.picture))
    assert "simpler-attempt" in page.operations
    assert_words_on(SHORT.words, page)


def test_a_station_without_the_program_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("auto", *ENGINES):
        with pytest.raises(StationFault, match="program-missing") as caught:
            Recogniser(RecogniseSettings(tmp_path, language="fra+xyz", engine=engine))
        assert caught.value.facts["install"] == "apt-get install tesseract-ocr-xyz"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StationFault, match="program-missing") as caught:
        by_program(tmp_path)
    assert caught.value.facts["install"] == "apt-get install tesseract-ocr-fra tesseract-ocr-osd"


def test_a_work_folder_that_cannot_be_written_is_a_fault_of_the_station(tmp_path: Path) -> None:
    with (
        Recogniser(RecogniseSettings(tmp_path / "absent")) as recogniser,
        pytest.raises(StationFault, match="work-unw"),
    ):
        read(recogniser, jpeg(SHORT.picture))


HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><body><div class='ocr_page' title='image "x"; bbox 0 0 500 500'>
<span class='ocr_line' title="bbox 100 200 300 240; baseline 0.02 -8; x_size 40">
<span class='ocrx_word' title='bbox 100 205 180 238; x_wconf 91'>caf&#39;&eacute;?</span>
<span class='ocrx_word' title='bbox 200 205 300 240; x_wconf 0'> </span></span>
<span class='ocr_line' title="bbox 400 100 440 300; textangle 90; x_size 38">
<span class='ocrx_word' title='bbox 400 100 440 300; x_wconf 40'><strong>tampon</strong></span></span>
<span class='ocr_line' title="bbox 450 100 490 300; baseline -361 722; x_size 38">
<span class='ocrx_word' title='bbox 450 100 490 300; x_wconf 40'>marge</span></span>
</div></body></html>""".replace("&eacute;", "é")


def test_baselines_of_lines_that_lie_and_lines_that_stand() -> None:
    lying, tampon, margin = pages(HOCR.encode())[0]
    assert lying.text == "caf'é?"
    assert (lying.x0, lying.y0, lying.x1, lying.y1) == pytest.approx((100, 232, 180, 233.6))
    assert (lying.height, lying.confidence, lying.line) == (40, 91, 0)
    assert (tampon.text, tampon.x0, tampon.y0, tampon.x1, tampon.y1) == ("tampon", 440, 300, 440, 100)
    assert (margin.x0, margin.y0, margin.x1, margin.y1) == (450, 100, 450, 300)


def test_output_that_is_no_hocr_is_refused_without_quoting_it() -> None:
    with pytest.raises(ValueError, match=r"^no hOCR$") as caught:
        pages(b"Jean DUPONT")
    assert caught.value.__cause__ is None
