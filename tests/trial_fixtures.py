"""A trial station as an operator has it, and the `liasse` command as an operator types it."""

import hashlib
import json
import os
import random
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar, Literal

from consent_gate.model import Clearance, Patient, PatientRef
from demo import records
from demo.people import everybody
from demo.records import Invented, InventedDocument, InventedFile
from demo.scanner import Mode
from pipeline.config import load
from pipeline.events import Accounts, DocumentSettled, Event
from pipeline.model import Recognised, RecognisedPage, Scan
from pipeline.office.founding import Founding, found
from pipeline.runs import process_folder
from pipeline.station import Station, open_station
from pipeline.tools import DocumentTools
from tests.command_mother import COMMAND, Mother, all_of, memory_file, mother_of

Rule = Literal["separator", "two-sources"]
TODAY = date(2026, 1, 15)
SEED = 1515
"""Of these tests alone, so that numbers and scans of theirs are nobody else's on the machine."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said; times in seconds."""

    code: int
    out: str
    err: str
    wall: float
    cpu: float

    @property
    def lines(self) -> list[Json]:
        return [json.loads(line) for line in self.out.splitlines()]

    def of_kind(self, kind: str) -> list[Json]:
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def accounts(self) -> Json:
        return self.lines[-1]


def run_command(
    arguments: Sequence[str | Path], environment: Mapping[str, str], *, answers: str = "", cwd: Path | None = None
) -> Ran:
    """Run a program to its end."""
    mother = mother_of(list(map(str, arguments)), environment)
    if mother is not None:
        return _born(mother, list(map(str, arguments)), environment, answers, cwd or Path.cwd())
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        list(map(str, arguments)), input=answers, capture_output=True, text=True, env=environment, cwd=cwd,
        timeout=590, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - began, cpu)


def _born(mother: Mother, arguments: Sequence[str], environment: Mapping[str, str], answers: str, place: Path) -> Ran:
    began = time.monotonic()
    with memory_file(answers.encode()) as said, memory_file() as out, memory_file() as err:
        born = mother.bear(arguments, environment, place, (said, out, err))
        try:
            code = born.wait(590)
        finally:
            born.kill()
        return Ran(code, all_of(out), all_of(err), time.monotonic() - began, born.cpu)


def environment(temporary: Path, **more: str) -> dict[str, str]:
    """A clean one: nothing of the tests' own, and temporary files where they can be searched."""
    temporary.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "TMPDIR": str(temporary), "PYTHONWARNINGS": "error", **more}


def by_separator(config: Path) -> Path:
    """The same configuration, under which the sheet alone says whose a document is."""
    config.write_text(f'{config.read_text(encoding="utf-8")}\n[identification]\nrule = "separator"\n', encoding="utf-8")
    return config


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial station in `folder`, its work folder and its temporary folder beside it."""

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls, folder: Path, *, verapdf: Literal["auto", "never"] = "auto", rule: Rule = "separator") -> "Trial":
        """A new station that does not wait for slow scanners, nor, unless told to, for what is on the pages."""
        found(folder, Founding("trial", "Service de santé inventé", "CT-2026-001"), datetime.now(UTC))
        trial = cls(folder)
        trial.work.mkdir(mode=0o700)
        text = trial.config.read_text(encoding="utf-8").replace("settle = 5.0", "settle = 0.0\nsweep = 0.2")
        text = text.replace("[station]\n", f'[station]\nwork = "{trial.work}"\n')
        more = f'[identification]\nrule = "{rule}"\n\n[pdfa]\nverapdf = "{verapdf}"\n'
        trial.config.write_text(f"{text}\n{more}", encoding="utf-8")
        return trial

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def configure(self, sections: str) -> None:
        """Add sections that the configuration does not have yet."""
        with self.config.open("a", encoding="utf-8") as written:
            written.write(f"\n{sections}")

    @property
    def home(self) -> Path:
        """What the station keeps."""
        return self.folder / "station"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def host(self) -> Path:
        return self.folder / "host"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def know(self, invented: Invented) -> None:
        """Import roster and register."""
        with self.opened() as station:
            station.import_sheet("roster", invented.patients_csv.read_bytes())
            station.import_sheet("register", invented.authorizations_csv.read_bytes())

    def open_with_openssl(self, envelope: Path, target: Path) -> Path:
        """An envelope, opened with the client's key by OpenSSL and nothing else."""
        keys = self.folder / "trial-keys"
        command: list[str | Path] = [
            "openssl", "cms", "-decrypt", "-inform", "DER", "-in", envelope,
            "-inkey", keys / "client.key", "-recip", keys / "client.crt", "-out", target,
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        return target

    def command(self, *arguments: str | Path) -> list[str]:
        return [COMMAND, "--config", str(self.config), *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        return environment(self.temporary, **self.variables)

    def run(self, *arguments: str | Path) -> Ran:
        """`liasse --config … ARGUMENTS`."""
        return run_command(self.command(*arguments), self.environment())

    def process(self, folder: Path, *more: str) -> Ran:
        return self.run("--as-of", TODAY.isoformat(), "process", folder, *more)

    @contextmanager
    def opened(self, as_of: date | None = TODAY) -> Iterator[Station]:
        station = open_station(load(self.config), as_of)
        try:
            yield station
        finally:
            station.close()

    def left_at_work(self) -> list[str]:
        """Working copies: what must be gone when nothing is on its way."""
        places = (self.home / "spool", self.home / "sealed", self.work, self.temporary)
        return [str(p.relative_to(self.folder)) for place in places if place.exists() for p in place.rglob("*")]


@dataclass(frozen=True, slots=True)
class Few:
    """One file of few documents, for the tests that run many times: one deposited, one refused, one held at its end."""

    path: Path
    file: InventedFile

    @property
    def documents(self) -> tuple[InventedDocument, ...]:
        return self.file.documents


def make_few(folder: Path, name: str, *cases: tuple[str, str, Literal["deposited", "refused", "held"]]) -> Few:
    """A grey TIFF at 200 dpi of documents (type, patient, outcome) of the same people as the session's records."""
    batch = records._Batch(
        name, Mode.GREY, 200, "qr", duplex=False, cases=tuple(records._Case(kind, who, end) for kind, who, end in cases)
    )
    known = everybody(_rng())
    folder.mkdir(parents=True, exist_ok=True)
    return Few(folder / name, records._Maker(batch, known, TODAY, f"{SEED}/{name}").make(folder))


class RememberingTools(DocumentTools):
    """The real tools; a page that Tesseract has read once in this process is not read again."""

    __slots__ = ()
    _read: ClassVar[dict[str, tuple[RecognisedPage, ...]]] = {}

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
        clearance.require(scan.document)
        images = hashlib.sha256(b"".join(image.payload for image in scan.images)).hexdigest()
        if images not in self._read:
            self._read[images] = super().recognise(scan, clearance).pages
        return Recognised(scan.document, self._read[images], self.station.recogniser.engine)


@dataclass(frozen=True, slots=True)
class Worked:
    """What a run within this process came to."""

    code: int
    events: tuple[Event, ...]

    @property
    def documents(self) -> tuple[DocumentSettled, ...]:
        return tuple(event for event in self.events if isinstance(event, DocumentSettled))

    @property
    def accounts(self) -> Accounts:
        (accounts,) = (event for event in self.events if isinstance(event, Accounts))
        return accounts

    def ends(self) -> dict[tuple[int, ...], tuple[str, str | None]]:
        """Pages -> outcome and reason."""
        return {document.pages: (document.outcome, document.reason) for document in self.documents}


def work(station: Station, folder: Path) -> Worked:
    """`liasse process FOLDER`, in this process."""
    events: list[Event] = []
    code = process_folder(station, folder, events.append, threading.Event())
    return Worked(code, tuple(events))


def people() -> tuple[Patient, ...]:
    """All invented people of these tests, the one whom no roster knows too."""
    return tuple(person.patient for person in everybody(_rng()).values())


def _rng() -> random.Random:
    return random.Random(f"people/{SEED}")  # noqa: S311  invented people


def register_sheet(invented: Invented, ref: str, said: str, *, on: date = TODAY, until: date | None = None) -> bytes:
    """A register of one line about one patient, in the client's words."""
    (patient,) = [patient for patient in invented.patients if patient.ref == ref]
    head = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
    who = f"{ref};{patient.birth_name};{patient.given_names[0]};{patient.birth_date};{patient.ins}"
    return f"{head}\n{who};{said};{on};{until or ''};tous_documents;\n".encode()


def by_place(ran: Ran) -> dict[tuple[str, tuple[int, ...]], Json]:
    """The document lines by file and pages."""
    return {(line["file"], tuple(line["pages"])): line for line in ran.of_kind("document")}


def refs(invented: Invented) -> set[PatientRef]:
    return {patient.ref for patient in invented.patients}
