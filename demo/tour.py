"""The whole journey on invented records: a trial station, the daemon at work, the evidence tried by other programs."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pypdfium2

from demo.records import Invented, InventedFile, make_records
from handover.build import build
from lexicon.faults import StationFault
from lexicon.screens import say
from lexicon.sentences import Language
from pipeline.config import Config
from pipeline.daemon import watch_inboxes
from pipeline.events import DocumentSettled, Event, FileSettled
from pipeline.hosting import folders_of
from pipeline.office.founding import TRIAL_KEYS, Founding, found
from pipeline.office.journal import start_journal
from pipeline.office.register_text import import_text
from pipeline.office.report import spoken, verdict_text
from pipeline.station import Station, open_station

Print = Callable[[str], None]

OPENED: Final = "opened.pdf"
"""What OpenSSL made of an envelope: an invented record, in clear, to look at."""
_PATIENCE: Final = 600.0
"""Seconds that the daemon may take for everything, before the tour gives up."""
_ENOUGH: Final = 0.9
"""Share of the printed words that the opened copy's text must hold."""


@dataclass(slots=True)
class _Seen:
    """What the daemon told, and what was foretold."""

    print_: Print
    language: Language
    documents: list[DocumentSettled]
    files: list[FileSettled]

    def __call__(self, event: Event) -> None:
        match event:
            case DocumentSettled():
                self.documents.append(event)
            case FileSettled():
                self.files.append(event)
            case _:
                pass
        for line in spoken(event, self.language):
            self.print_(line)


def tour(target: Path, language: Language, print_: Print) -> None:
    """Run the tour in `target` (made anew); every step is printed. Raises `StationFault("demo-differs")` when what
    happened is not what the invented records foretell, and every other `Fault` as it comes."""
    if target.exists() and not (target / "station" / "config.toml").exists() and any(target.iterdir()):
        raise StationFault("target-not-empty")
    shutil.rmtree(target, ignore_errors=True)
    now = datetime.now(UTC)

    def title(key: str, **places: int | str) -> None:
        print_("")
        print_(say(key, language, **places))

    title("tour-records")
    records = make_records(target / "records", now.date())
    print_(say("tour-made", language, files=len(records.files), documents=len(records.documents)))
    title("tour-station")
    config = found(target / "station", Founding("trial", "SPST (exemple)", "DEMO"), now)
    config = _hasty(config)
    start_journal(config.folder / "log")
    station = open_station(config)
    try:
        for kind, csv in (("roster", records.patients_csv), ("register", records.authorizations_csv)):
            report = station.import_sheet("roster" if kind == "roster" else "register", csv.read_bytes())
            print_(f"  {csv.name}: {import_text(report, language)}")
        title("tour-daemon")
        seen = _Seen(print_, language, [], [])
        _run_daemon(station, records, seen)
        _compare(records, seen)
        print_(say("tour-as-foretold", language, documents=len(seen.documents)))
        title("tour-openssl")
        _open_with_openssl(config, records, seen, print_)
        title("tour-custody")
        verdict = station.ledger.verify()
        print_(verdict_text(verdict, language))
        title("tour-handover")
        build(station, target / "handover")
        print_(say("handed-over", language, path=str(target / "handover")))
    finally:
        station.close()
    title("tour-look")
    for key, path in _places(target):
        print_(f"  {path}")
        print_(f"      {say(key, language)}")
    if not verdict.verified:
        raise StationFault("demo-differs", what="custody")


def _hasty(config: Config) -> Config:
    """The station's own settings, but that a demonstration does not wait for a slow scanner."""
    inbox = config.inbox[0].model_copy(update={"settle": 0.5, "sweep": 0.5})
    batch = config.batch.model_copy(update={"quiet": 1.0})
    return config.model_copy(update={"inbox": (inbox,), "batch": batch})


def _run_daemon(station: Station, records: Invented, seen: _Seen) -> None:
    """Start the daemon, drop the files as a scanner would, and stop it when all is settled and the batch is closed."""
    stop = threading.Event()
    faults: list[BaseException] = []

    def work() -> None:
        try:
            watch_inboxes(station, seen, stop)
        except BaseException as fault:  # noqa: BLE001  told by the thread that waits
            faults.append(fault)

    daemon = threading.Thread(target=work, name="daemon")
    daemon.start()
    inbox = station.config.path(station.config.inbox[0].folder)
    deadline = time.monotonic() + _PATIENCE
    try:
        for file in records.files:
            shutil.copyfile(records.scans / file.name, inbox / file.name)
        while daemon.is_alive() and time.monotonic() < deadline and not _at_rest(station, records, seen):
            time.sleep(0.2)
    finally:
        stop.set()
        daemon.join()
    if faults:
        raise faults[0]


def _at_rest(station: Station, records: Invented, seen: _Seen) -> bool:
    if len(seen.files) < len(records.files):
        return False
    with station.database.read() as session:
        return not station.batches.open(session)


def _compare(records: Invented, seen: _Seen) -> None:
    """What became of each document against what its record foretells; the pages of each file against its columns."""
    got = {(d.name, d.pages): (d.outcome, d.reason, d.patient) for d in seen.documents}
    for file in records.files:
        for document in file.documents if file.duplicate_of is None else ():
            outcome = got.get((file.name, document.pages))
            foretold = (document.outcome, document.reason.value if document.reason else None, document.decided)
            if outcome != foretold:
                raise StationFault("demo-differs", what=f"{file.name}:{document.ordinal}")
    if any(file.pages != file.accounted for file in seen.files):
        raise StationFault("demo-differs", what="accounts")


def _open_with_openssl(config: Config, records: Invented, seen: _Seen, print_: Print) -> None:
    """One deposited object, opened by OpenSSL alone with the client's trial key; its text against what was printed."""
    shown = next(document for document in seen.documents if document.outcome == "deposited")
    keys = config.base / TRIAL_KEYS
    opened = config.base.parent / OPENED
    (host,) = folders_of(config.host, config.path)
    envelope = host / (shown.object_key or "")
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", str(envelope)]
    command += ["-inkey", str(keys / "client.key"), "-recip", str(keys / "client.crt"), "-out", str(opened)]
    print_(f"  $ {' '.join(command)}")
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode or not opened.read_bytes().startswith(b"%PDF-1.4"):
        raise StationFault("demo-differs", what="openssl")
    words, there = _words(opened, _file(records, shown), shown)
    print_(say("tour-opened", seen.language, pages=len(shown.pages), there=there, words=words))
    if there < _ENOUGH * words:
        raise StationFault("demo-differs", what="text")


def _file(records: Invented, shown: DocumentSettled) -> InventedFile:
    return next(file for file in records.files if file.name == shown.name)


def _words(opened: Path, file: InventedFile, shown: DocumentSettled) -> tuple[int, int]:
    """How many words are printed on the document's pages, and how many of them its text layer holds."""
    pdf = pypdfium2.PdfDocument(opened)  # type: ignore[no-untyped-call]  # pypdfium2 has no types
    try:
        text = " ".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()  # type: ignore[no-untyped-call]  # the same
    pages = [page for page in file.pages if page.position in shown.pages]
    printed = [word for page in pages for line in page.lines for word in line.split() if word[0].isalnum()]
    read = set(text.split())
    return len(printed), sum(word in read for word in printed)


def _places(target: Path) -> list[tuple[str, Path]]:
    station = target / "station"
    return [
        ("look-records", target / "records" / "scans"),
        ("look-opened", target / OPENED),
        ("look-host", station / "host"),
        ("look-handover", target / "handover" / "LISEZMOI.txt"),
        ("look-config", station / "config.toml"),
    ]
