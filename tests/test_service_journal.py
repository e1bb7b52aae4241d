"""The technical log: one line an event, in one file whoever writes, put away by size and age, and harmless."""

import json
import logging
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from lexicon.faults import StationFault
from pipeline.config import LogSection
from pipeline.events import DocumentSettled, FileTaken
from pipeline.office.journal import FILE, SharedFile, note, noting_faults, start_journal
from tests.conftest import Processed

HOUSE = str(Path(__file__).parents[1])


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    ours = logging.getLogger("liasse")
    for handler in list(ours.handlers):
        ours.removeHandler(handler)
        handler.close()


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / FILE).read_text(encoding="utf-8").splitlines()]


def test_a_line_is_an_event_with_its_gravity_and_its_time(tmp_path: Path) -> None:
    start_journal(tmp_path)
    structlog.get_logger("liasse.test").warning("host-fault", document="01M8", fault="host-full")
    (line,) = lines(tmp_path)
    assert line.items() >= {"event": "host-fault", "document": "01M8", "fault": "host-full", "level": "warning"}.items()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", str(line["timestamp"]))
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_might_quote_paper_does_not_get_into_a_line(tmp_path: Path) -> None:
    start_journal(tmp_path)
    log = structlog.get_logger("liasse.test")
    log.info("x", text="Hélène GUILLOU", other=["HÉLÈNE"], exc_info=ValueError("2 60 05"), path="/srv/a-b.c", count=3)
    logging.getLogger("pikepdf").error("quoted: %s", "GUILLOU")
    (line,) = lines(tmp_path)
    assert {name: line.get(name) for name in ("text", "other", "exc_info", "path", "count")} == {
        "text": "?", "other": "?", "exc_info": None, "path": "/srv/a-b.c", "count": 3,
    }  # fmt: skip


def test_the_engines_events_are_noted_without_names_and_references(tmp_path: Path) -> None:
    start_journal(tmp_path)
    note(FileTaken("f1", "b1", "GUILLOU Hélène.tif", 9))
    note(
        DocumentSettled(
            "d1", "b1", "f1", "GUILLOU.tif", (1, 2), "A1001", "ordonnance", "held", "no-separator", 1, None, None
        )
    )
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert "GUILLOU" not in text
    assert "A1001" not in text
    assert [line["event"] for line in lines(tmp_path)] == ["file-taken", "document-settled"]


def test_a_command_that_ends_with_a_fault_says_so(tmp_path: Path) -> None:
    start_journal(tmp_path)
    with pytest.raises(StationFault), noting_faults():
        raise StationFault("batch-unknown")
    assert lines(tmp_path)[0].items() >= {"event": "command-ended", "fault": "batch-unknown", "level": "error"}.items()


def test_lines_below_the_level_are_left_out(tmp_path: Path) -> None:
    start_journal(tmp_path, LogSection(level="warning"))
    log = structlog.get_logger("liasse.test")
    log.info("left-out")
    log.warning("kept")
    assert [line["event"] for line in lines(tmp_path)] == ["kept"]


_WRITER = """
import sys, structlog
from pathlib import Path
from pipeline.config import LogSection
from pipeline.office import journal
journal._MEGABYTE = 5000
journal.start_journal(Path(sys.argv[1]), LogSection(megabytes=1, kept=50))
log = structlog.get_logger("liasse.test")
for number in range(200):
    log.info("line", writer=int(sys.argv[2]), number=number)
"""


def test_several_processes_write_to_one_log_and_lose_no_line(tmp_path: Path) -> None:
    """Both put files away while the other writes."""
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, tmp_path, str(n)], cwd=HOUSE) for n in range(2)
    ]  # fmt: skip
    assert [writer.wait(60) for writer in writers] == [0, 0]
    files = [path for path in tmp_path.iterdir() if path.name.startswith(FILE)]
    assert len(files) > 5
    said = [json.loads(line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted((line["writer"], line["number"]) for line in said) == [(w, n) for w in range(2) for n in range(200)]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_what_was_put_away_goes_after_the_days_agreed(tmp_path: Path) -> None:
    old, recent = tmp_path / f"{FILE}.2", tmp_path / f"{FILE}.1"
    for path, days in ((old, 31), (recent, 29)):
        path.write_text("{}\n", encoding="utf-8")
        os.utime(path, (time.time() - days * 86_400,) * 2)
    SharedFile(tmp_path / FILE, LogSection(days=30)).close()
    assert recent.exists()
    assert not old.exists()


def test_under_systemd_lines_go_to_the_journal_with_their_gravity(tmp_path: Path) -> None:
    """A stream socket, as systemd gives it, named in $JOURNAL_STREAM; another stream is not written to."""
    ours, theirs = socket.socketpair()
    found = os.fstat(theirs.fileno())
    code = (
        "import structlog; from pathlib import Path; from pipeline.office.journal import start_journal;"
        f"start_journal(Path({str(tmp_path)!r})); structlog.get_logger('liasse.x').error('disk-full', code=1)"
    )
    for stream in (f"{found.st_dev}:{found.st_ino}", "1:1"):
        subprocess.run(
            [sys.executable, "-c", code],
            stderr=theirs.fileno(),
            cwd=HOUSE,
            check=True,
            env={**os.environ, "JOURNAL_STREAM": stream},
        )
    theirs.close()
    said = b"".join(iter(lambda: ours.recv(1 << 16), b"")).decode().splitlines()
    ours.close()
    (line,) = said
    assert line.startswith("<3>{")
    assert json.loads(line[3:])["event"] == "disk-full"
    assert len(lines(tmp_path)) == 2


def test_a_days_work_is_told_line_by_line(processed: Processed) -> None:
    told = lines(processed.trial.home / "log")
    events = [line["event"] for line in told]
    assert events.count("file-taken") >= len(processed.files)  # other tests of this session may have come since
    settled = [line for line in told if line["event"] == "document-settled"]
    assert {str(line["document"]) for line in settled} >= {
        line["document"] for line in processed.first.of_kind("document")
    }
