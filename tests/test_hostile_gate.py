"""Hostile files behind a separator of an authorized patient: their pages go the whole way, and their pages alone."""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.records import Invented
from lexicon import catalogue
from lexicon.reasons import REASONS
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from tests.hostile_covers import active_parts, cover, covered, hidden_words, pages_read, words_of
from tests.hostile_fixtures import Treated, treatments, unpack
from tests.hostile_made import MISLEADING, active_pdf, families
from tests.pages_fixtures import drawing, jpeg_bytes, tiff_bytes
from tests.trial_fixtures import TODAY, Ran, Trial

CORPUS = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus"))
PATIENT = "A1001"
MOST_PAGES = 10
COLUMNS = {"deposited", "held", "set-aside", "refused", "separator", "blank", "duplicate"}


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of covered files."""

    trial: Trial
    ran: Ran
    sources: Mapping[str, bytes]
    """Each as it was before its sheet was laid before it."""
    treated: Mapping[str, Treated]


def passed(base: Path, invented: Invented, files: Iterable[bytes]) -> Passed:
    """Every readable one of some files, each once, behind a sheet, through a station that knows its patient."""
    folder, sources = base / "covered", dict[str, bytes]()
    folder.mkdir()
    decoders = Decoders(Limits(), Bounds())
    try:
        for number, content in enumerate(sorted(set(files))):
            (base / "file").write_bytes(content)
            if pages := pages_read(decoders, base / "file", MOST_PAGES):
                name = f"{number:03}.scan"
                (folder / name).write_bytes(covered(content, cover(PATIENT, number), pages))
                sources[name] = content
    finally:
        decoders.close()
    trial = Trial.found(base / "station", verapdf="never")
    trial.know(invented)
    command = trial.command("--as-of", TODAY.isoformat(), "process", folder, "--json")
    began = time.monotonic()
    ended = subprocess.run(command, env=trial.environment(), capture_output=True, text=True, check=False)
    ran = Ran(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - began, 0)
    return Passed(trial, ran, sources, treatments(ran.lines))


def promise(passed: Passed, folder: Path) -> int:
    """That each page is somewhere, with a reason, and nothing of a file but its pages is deposited; how many were."""
    accounted(passed)
    deposited = [line for line in passed.ran.of_kind("document") if line["outcome"] == "deposited"]
    for line in deposited:
        opened = passed.trial.open_with_openssl(passed.trial.host / line["object"], folder / f"{line['document']}.pdf")
        assert active_parts(opened) == set()
        assert words_of(opened) & hidden_words(passed.sources[line["file"]]) == set()
    return len(deposited)


def accounted(passed: Passed) -> None:
    assert passed.ran.code in {0, 3}, passed.ran.err
    assert "Traceback" not in passed.ran.err
    assert passed.ran.accounts["images"]["balanced"]
    assert passed.ran.accounts["images"]["in-progress"] == 0
    assert passed.treated.keys() == passed.sources.keys()
    for treated in passed.treated.values():
        assert treated.columns
        assert set(treated.columns) <= COLUMNS
        assert treated.reasons or not {"held", "refused", "set-aside"} & set(treated.columns)
        assert set(treated.reasons) <= (catalogue.FAULTS | REASONS).keys()
        assert not [reason for reason in treated.reasons if reason.startswith(("unexpected", "decoder-"))]
    assert passed.trial.left_at_work() == []


def test_of_what_our_own_hostile_files_hold_only_pictures_are_deposited(
    tmp_path: Path, invented_records: Invented
) -> None:
    readable = [made.content for made in families().values() if "no-separator" in made.reasons]
    readable += [jpeg_bytes(drawing((800, 1100)), progressive=True), tiff_bytes([drawing(mode="RGB")] * 2, "tiff_lzw")]
    assert hidden_words(active_pdf()) >= {"INVENTE", "Autre", "patient"} <= set(MISLEADING.split())
    run = passed(tmp_path, invented_records, readable)
    assert len(run.sources) >= len(readable) - 1
    assert promise(run, tmp_path) >= len(readable) // 2


@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.skipif(not (CORPUS / "hostile.tar.gz").is_file(), reason=f"no hostile corpus in {CORPUS}")
@pytest.mark.timeout(3600)
def test_of_what_the_corpus_holds_only_pictures_are_deposited(tmp_path: Path, invented_records: Invented) -> None:
    files = unpack(CORPUS, tmp_path / "corpus").iterdir()
    run = passed(tmp_path, invented_records, (path.read_bytes() for path in files))
    assert sum(bool(hidden_words(content)) for content in run.sources.values()) >= 1
    assert promise(run, tmp_path) >= len(run.sources) // 4
