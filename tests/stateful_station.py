"""A station that lives through any sequence: imports, scans, work, crashes, a host that is away, reviews, days.

Everything is the product's but for four things: its steps are driven here and not by DBOS; what Tesseract read and what
was seen on a page is remembered by its pixels; files are decoded in this process; veraPDF is left out.
"""

import hashlib
import io
import os
import re
import shutil
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NoReturn, get_args

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from consent_gate.imports import LineOutcome
from consent_gate.model import DocType, Evidence, EvidenceKind, PatientRef
from consent_gate.people import Role
from consent_gate.review import Authorize, Maintain, MaintainReason, authorization
from lexicon.faults import Fault, StationFault
from pipeline import durable, pages, recognise, settle
from pipeline import steps as engine_steps
from pipeline.clock import wall
from pipeline.config import load
from pipeline.custody_end import sweep_closing
from pipeline.decoding.answers import Looked
from pipeline.forms import ending
from pipeline.intake import Source, take
from pipeline.model import Separator
from pipeline.office import reviews
from pipeline.office.people import Presented
from pipeline.office.register_desk import bring_in
from pipeline.office.rejudging import finish
from pipeline.reading.engines import open_engine
from pipeline.sheets.image import sheet_image
from pipeline.split import Sighting, examine
from pipeline.station import Station, open_station
from pipeline.steps import Signals, StationSteps
from pipeline.taking_back import look_again
from pipeline.tools import DocumentTools
from storage import accounts, effects, work
from storage.custody import read_entry
from storage.database import Database
from storage.dialects import sqlite
from storage.stored import StoredDocument
from tests.custody_fixtures import require_balance
from tests.people_fixtures import Somebody, Ticking, copied, staffed
from tests.stateful_oracle import GRANTED, LIFTED, REFUSED, WITHDRAWN, Entry, Judge, Said, Seen, Told
from tests.trial_fixtures import RememberingTools, Trial

FIRST_DAY: Final = date(2026, 1, 15)
PATIENTS: Final = ("P1", "P2")
UNKNOWN: Final = "P9"
TYPES: Final = ("certificat", "resultats_labo", None)
MATTERS: Final = ("hebergement", "acces", "transmission")
_LET_GO: Final = ":let-go"
"""A point after a commit where others may write by now."""
Part = Literal["open", "prepare", "whole"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

_ROSTER: Final = """\
patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir
P1;ABÈS;;Ana, Éva;1979-03-28;F;
P2;BÉRÉ-COUR;DUPÊCHE;Théo;1985-05-06;M;
"""
_WHO: Final = {"P1": "P1;ABÈS;1979-03-28", "P2": "P2;BÉRÉ-COUR;1985-05-06"}
_HEAD: Final = "patient_id;nom_naissance;date_naissance;statut;date_signature;date_fin;perimetre;note"
_NUMBER: Final = b"liasse-0000000000"
_ORAL: Final = Evidence(kind=EvidenceKind.ORAL, witness="Jeanne Témoin")
_WORDS: Final = {GRANTED: "accordee", REFUSED: "refusee", WITHDRAWN: "retiree"}
_NOT_TO_BE: Final = frozenset({"review-not-possible", "patient-not-on-roster", "fact-known-already"})
"""Why a person cannot decide this now: no fault of anybody's."""
_ENVELOPE: Final = re.compile(r"[0-9a-f]+\.p7m")


class RememberingDecoders:
    """Reads files in this process; what was seen on a page with these pixels is not looked for again."""

    _seen: ClassVar[dict[bytes, Sighting]] = {}

    def __init__(self, station: Station) -> None:
        self._limits = station.limits

    @contextmanager
    def opened(self, path: Path) -> Iterator["_Opened"]:
        with path.open("rb") as file, pages.opened(file, self._limits) as found:
            yield _Opened(found, self._seen)

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(frozen=True, slots=True)
class _Opened:
    found: pages.Pages
    seen: dict[bytes, Sighting]

    @property
    def count(self) -> int:
        return self.found.count

    def pages(self) -> Iterator[Looked]:
        for number in range(self.count):
            image = self.found.page(number)
            digest = hashlib.sha256(image.payload).digest()
            if digest not in self.seen:
                self.seen[digest] = examine(image)
            yield Looked(image, self.seen[digest])


@dataclass(frozen=True, slots=True)
class _NthEffect(effects.Armed):
    """Ends the process at the n-th point that it reaches, whatever point that is."""

    left: list[None] = field(default_factory=list)

    def reach(self, point: str) -> None:
        if point.endswith(_LET_GO):
            return
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left.pop()


@dataclass(frozen=True, slots=True)
class _Amid(effects.Armed):
    """Somebody else records at the n-th point or soon after: where the process lets others write."""

    record: Callable[[], None]
    may_write: Callable[[], bool]
    left: list[None]

    def reach(self, point: str) -> None:  # noqa: ARG002  any
        if len(self.left) > 1:
            self.left.pop()
        elif self.left and self.may_write():
            self.left.pop()  # once: recording has points of its own
            self.record()


@dataclass(frozen=True, slots=True)
class Template:
    """A closed station with a roster, one authorization and a reviewer; and scans to be numbered."""

    folder: Path
    reviewer: Somebody
    ahead: timedelta
    told: Told
    scans: dict[tuple[str, str | None], bytes]


def make_template(folder: Path) -> Template:
    """P1 authorizes, of P2 nothing is on record."""
    trial = Trial.found(folder / "template", verapdf="never")
    told = Told(days=[(0, FIRST_DAY)], known=frozenset(PATIENTS))
    scans = {(who, kind): _scan(who, kind) for who in (*PATIENTS, UNKNOWN) for kind in TYPES}
    with quick(), trial.opened(FIRST_DAY) as station:
        told.pseudonyms |= {station.keys.pseudonym(PatientRef(who)): who for who in (*PATIENTS, UNKNOWN)}
        station.import_sheet("roster", _ROSTER.encode())
        bring_in(station, "register", sheet(told, Said("P1", GRANTED, FIRST_DAY - timedelta(days=5))))
        staff = staffed(station)
        reviewer = staff.enrol("Dr Aline Testeur", Role.REVIEWER)
    made = Template(trial.folder, reviewer, staff.clock.ahead + timedelta(minutes=5), told, scans)
    _warm(made, folder)
    return made


def _warm(template: Template, folder: Path) -> None:
    """What is remembered is: before any process is forked off."""
    with quick():
        life = Life(template, folder)
        for who, kind in template.scans:
            life.scans(who, kind)
        life.end()
        life.close()


def sheet(told: Told, *said: Said) -> bytes:
    """A register of these lines; what it says is kept under its hash."""
    raw = "\n".join((_HEAD, *map(_line, said), "")).encode()
    told.sheets[hashlib.sha256(raw).hexdigest()] = said
    return raw


def _line(said: Said) -> str:
    word = _WORDS.get(said.kind) or f"opposition_{said.matter}{'_levee' if said.kind == LIFTED else ''}"
    scope = "+".join(sorted(said.types)) if said.types else "tous_documents"
    return f"{_WHO[said.patient]};{word};{said.on};{said.until or ''};{scope};"


def _scan(who: str, kind: str | None) -> bytes:
    """A bilevel TIFF: a separator sheet, and a small page with few words."""
    named = Separator(PatientRef(who), DocType(kind) if kind else None, None)
    first = sheet_image(named, 100).point([0] * 151 + [255] * 105, "1")
    second = Image.new("1", (400, 300), 1)
    drawn = ImageDraw.Draw(second)
    drawn.text((40, 60), "Certificat de travail", fill=0)
    drawn.rectangle((20, 20, 380, 280), outline=0)
    written = io.BytesIO()
    first.save(
        written, "TIFF", save_all=True, append_images=[second], compression="group4", dpi=(100, 100),
        description=_NUMBER.decode(),
    )  # fmt: skip
    return written.getvalue()


@contextmanager
def quick(tools: type[DocumentTools] = RememberingTools) -> Iterator[None]:
    """No engine beside, and nothing read twice."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine_steps, "DocumentTools", tools)
        patched.setattr(durable, "prepare_from_outside", lambda *_: None)
        patched.setattr(Database, "write", _letting_go(Database.write))
        patched.setattr(sqlite, "create_engine", _ENGINES)
        patched.setattr(recognise, "open_engine", cache(open_engine))
        yield


_Write = Callable[[Database, str], AbstractContextManager[Session]]


def _letting_go(write: _Write) -> _Write:
    """The same, with a point after it where nobody writes."""

    @contextmanager
    def written(database: Database, effect: str) -> Iterator[Session]:
        with write(database, effect) as session:
            yield session
        effects.reach(f"{effect}{_LET_GO}")

    return written


class _Engines:
    """Makes engines that share what SQLAlchemy has compiled: a station is opened anew many times."""

    def __init__(self) -> None:
        self._first: Engine | None = None

    def __call__(self, *asked: Any, **named: Any) -> Engine:
        made = create_engine(*asked, **named)
        self._first = self._first or made
        made.dialect, made._compiled_cache = self._first.dialect, self._first._compiled_cache
        return made


_ENGINES: Final = _Engines()


class Life:
    """One station from its first day on. Each public method is something that may happen; `end` is the judgement."""

    def __init__(self, template: Template, folder: Path) -> None:
        self._template, self._folder = template, Path(tempfile.mkdtemp(dir=folder))
        self.trial = copied(template.folder, self._folder / "s")
        told = template.told
        self.told = replace(told, sheets=dict(told.sheets), scans={}, days=list(told.days))
        self.day = FIRST_DAY
        self.happened, self.outcomes = Counter[str](), Counter[str]()
        self._scanned = 0
        self._seen: dict[str, Seen] = {}
        self._swept = True
        self.station = open_station(load(self.trial.config), self.day)
        self._clock = Ticking(self.station, template.ahead, wall())
        self._reviewer = replace(template.reviewer, clock=self._clock)
        self._settle_in()

    # What may happen

    def says(self, *said: Said) -> None:
        """The client's register, imported as the command does."""
        self._import(self.station, sheet(self.told, *said))
        self._look(said[0].kind)

    def scans(self, who: str, kind: str | None) -> None:
        self._take(self.station, *self._new_scan(who, kind))
        self._look("scan")

    def works(self, part: Part) -> None:
        self._work(self.station, part)
        self._look(f"work-{part}")

    def works_while(self, part: Part, effect: int, said: Said) -> None:
        """Somebody says something amid the work, from about that effect on: after it, where there is none."""
        raw = sheet(self.told, said)
        left: list[None] = [None] * effect
        amid = _Amid({}, 0.0, "", lambda: self._import(self.station, raw), self._may_write, left)
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(vars(effects), "_armed", amid)
            self._work(self.station, part)
        if left:
            self._import(self.station, raw)
        self._look("said-after" if left else "said-amid")

    def reviews(self, number: int, *, maintain: bool) -> None:
        kept = self._kept()
        if not kept:
            return
        try:
            self._review(self.station, kept[number % len(kept)], self._reviewer.proved(), maintain=maintain)
        except StationFault as fault:
            if fault.code not in _NOT_TO_BE:
                raise
            return
        self._look("maintain" if maintain else "supply")

    def crashes(self, effect: int, what: str, number: int, part: Part, said: Said) -> None:
        """Something of the above by a process that is killed at that effect, the first one being 1."""
        self._crash(effect, self._action(what, number, part, said))
        self._swept = False
        self._look(f"crash-{what}")

    @property
    def host_is_there(self) -> bool:
        return self.trial.host.exists()

    def host_away(self) -> None:
        self.trial.host.rename(self._away)
        self._look("host-away")

    def host_back(self) -> None:
        self._away.rename(self.trial.host)
        self._look("host-back")

    def day_passes(self) -> None:
        self.day += timedelta(days=1)
        self.told.days.append((len(self.entries()), self.day))
        self.station.clock = replace(self.station.clock, as_of=self.day)
        self._clock.pass_(hours=1)
        self._look("day")

    def end(self) -> None:
        """The host comes back, the station is started anew and works to the end; then it is judged."""
        if not self.host_is_there:
            self.host_back()
        self._reopen()
        self._swept = False
        self._work(self.station, "whole")
        self._look("end")
        self.judge(ended=True)
        require_balance(self.station)
        with self.station.database.read() as session:
            images, paper = accounts.images(session), accounts.paper(session, self.station.sides)
            assert not work.paused(session)
        assert images.balanced
        assert images.in_progress == 0
        assert paper.balanced
        self.outcomes.update(f"{d.state} {d.reason or ''} {d.custody or ''}".strip() for d in self._documents())

    def close(self) -> None:
        self.station.close()
        shutil.rmtree(self._folder)

    # What is there afterwards

    def entries(self) -> list[Entry]:
        with self.station.database.read() as session:
            return [read_entry(raw) for raw in self.station.ledger.entries(session)]

    def judge(self, *, ended: bool) -> None:
        """By entries, objects and names of files alone; raises AssertionError with all that does not hold."""
        judge = Judge(self.told).read(self.entries())
        judge.objects(self._seen, self._objects(), ended=ended)
        judge.left(str(path.relative_to(self.trial.folder)) for path in self.trial.folder.rglob("*"))
        assert not judge.wrong, "\n".join(judge.wrong)

    # How it is done

    @property
    def _away(self) -> Path:
        return self.trial.folder / "host-away"

    def _settle_in(self) -> None:
        """The test's clock, and what replaces the decoders."""
        self._clock.station = self.station
        self.station.clock = replace(self.station.clock, wall=self._clock)
        vars(self.station)["decoders"] = RememberingDecoders(self.station)

    def _reopen(self) -> None:
        self.station.close()
        self.station = open_station(load(self.trial.config), self.day)
        self._settle_in()

    def _look(self, rule: str) -> None:
        """Count what happened, and see what is new at the host."""
        self.happened[rule] += 1
        if self.host_is_there:
            new = {key: sha256 for key, sha256 in self._objects().items() if key not in self._seen}
            if new:
                entries = len(self.entries())
                self._seen |= {key: Seen(sha256, entries) for key, sha256 in new.items()}

    def _objects(self) -> dict[str, str]:
        """Envelopes at the host, by their name there."""
        return {
            str(path): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.trial.host.rglob("*")
            if _ENVELOPE.fullmatch(path.name)
        }

    def _may_write(self) -> bool:
        return self.station.database._owner is None

    def _import(self, station: Station, raw: bytes) -> None:
        report = bring_in(station, "register", raw).report
        assert not report.count(LineOutcome.REFUSED), report.verdicts

    def _new_scan(self, who: str, kind: str | None) -> tuple[str, bytes]:
        self._scanned += 1
        raw = self._template.scans[who, kind].replace(_NUMBER, f"liasse-{self._scanned:010}".encode())
        self.told.scans[hashlib.sha256(raw).hexdigest()] = (who, kind)
        return f"SCAN_{self._scanned:04}.tif", raw

    def _take(self, station: Station, name: str, raw: bytes) -> None:
        take(station, Source(station.identifiers.new(), name, "lot", io.BytesIO(raw), lambda: None))

    def _work(self, station: Station, part: Part) -> None:
        """As a process that starts: what an interrupted one left, then files, documents, and what may go on since."""
        if not self._swept:
            settle.sweep(station, alone=True)
            ending.sweep(station)
            sweep_closing(station)
            look_again(station, at_start=True)
            self._swept = True
        finish(station, begin=lambda *_: None)
        steps = StationSteps(station, Signals(lambda: False))
        self._steps(steps, part)
        while part == "whole" and finish(station, begin=lambda *_: None).gone_on:
            self._steps(steps, part)
        assert steps.signals.broken is None, repr(steps.signals.broken)

    def _steps(self, steps: StationSteps, part: Part) -> None:
        station = steps.station
        with station.database.read() as session:
            files = [
                *station.captured.files(session, state="captured"),
                *station.captured.files(session, state="split"),
            ]
        for file in files:
            steps.open_file(file.id)
        if part == "open":
            return
        with station.database.read() as session:
            documents = station.documents.documents(session, state="in-progress")
        for document in documents:
            steps.prepare(document.id)
            if part == "whole":
                steps.deliver(document.id)

    def _review(self, station: Station, document: StoredDocument, by: Presented, *, maintain: bool) -> None:
        if maintain:
            reviews.decide(station, Maintain(document.id, MaintainReason.PATIENT_CONFIRMS), by)
        else:
            reviews.decide(station, Authorize(document.id, authorization(self.day, _ORAL)), by)

    def _kept(self) -> Sequence[StoredDocument]:
        return [one for one in self._documents() if one.state in {"refused", "held"} and one.custody != "final"]

    def _documents(self) -> Sequence[StoredDocument]:
        with self.station.database.read() as session:
            return self.station.documents.documents(session)

    def _action(self, what: str, number: int, part: Part, said: Said) -> Callable[[Station], None]:
        kept = self._kept()
        if what == "scan":
            scan = self._new_scan(said.patient, None)
            return lambda station: self._take(station, *scan)
        if what == "import":
            raw = sheet(self.told, said)
            return lambda station: self._import(station, raw)
        if what == "review" and kept:
            by, document = self._reviewer.proved(), kept[number % len(kept)]
            return lambda station: self._review(station, document, by, maintain=bool(number % 2))
        return lambda station: self._work(station, part)

    def _crash(self, effect: int, action: Callable[[Station], None]) -> None:
        self.station.close()
        child = os.fork()
        if child == 0:
            self._die(effect, action)
        _, ended = os.waitpid(child, 0)
        self.happened["killed"] += os.WIFSIGNALED(ended)
        if os.WIFSIGNALED(ended):
            assert os.WTERMSIG(ended) == signal.SIGKILL
        else:
            assert os.WEXITSTATUS(ended) == 0
        self.station = open_station(load(self.trial.config), self.day)
        self._settle_in()
        self._clock.pass_(seconds=1)  # identifiers of one millisecond follow each other: the child had the next ones

    def _die(self, effect: int, action: Callable[[Station], None]) -> NoReturn:
        """In the child: whatever happens, nothing of the test's runs on here."""
        code = 70
        try:
            vars(effects)["_armed"] = _NthEffect({}, 0.0, "", [None] * (effect - 1))
            self.station = open_station(load(self.trial.config), self.day)
            self._settle_in()
            action(self.station)
            code = 0
        except Fault as fault:
            code = 0 if fault.code in _NOT_TO_BE else 70
            if code:
                traceback.print_exc()
        except BaseException:  # noqa: BLE001  whatever it is, the child ends here
            traceback.print_exc()
        finally:
            os._exit(code)


def memory() -> Path | None:
    """A folder in memory, where the machine has one: nothing here is about what a disk keeps."""
    shared = Path("/dev/shm")  # noqa: S108  each life makes its own folder in it, for itself alone
    return shared if os.access(shared, os.W_OK) else None
