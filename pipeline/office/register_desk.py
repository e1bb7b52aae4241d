"""Facts come in, and are taken back: imports of the register, their undoing, and what either changes for documents.

After each, what is in hand is judged anew (`pipeline.office.rejudging`); a dry run asks the same gate before and after,
inside the transaction that is then rolled back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlmodel import Session

from consent_gate.gate import decide
from consent_gate.model import Clearance, DocumentId, KnownPatient, PatientRef
from pipeline import identify
from pipeline.model import Held, Separator
from pipeline.office import rejudging
from pipeline.office.following_up import Rejudged
from pipeline.office.gate_words import said_of, says_no
from pipeline.station import Station
from storage.imports import ImportReport, Looks
from storage.register import Register
from storage.rejudges import at_host, curable, under_way
from storage.stored import StoredDocument
from storage.undoing import Undoing, UndoReport

CLEARED: Final = "cleared"
SAYS_NO: Final = "says-no"


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of documents in hand: how many."""

    go_on: int
    """Curable, and the gate would open."""
    stop: int
    """On their way, and the gate would close."""
    restrict: int
    """Deposited, and the person would say no."""
    lift: int
    """Deposited, and the person would not say no any more."""

    @property
    def counts(self) -> Mapping[str, int]:
        return {"go-on": self.go_on, "stop": self.stop, "restrict": self.restrict, "lift": self.lift}


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import did. `change` after a dry run, `rejudged` after a real one, of the register."""

    report: ImportReport
    change: Change | None = None
    rejudged: Rejudged | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The same of an undoing."""

    report: UndoReport
    change: Change | None = None
    rejudged: Rejudged | None = None


def bring_in(station: Station, kind: Literal["roster", "register"], raw: bytes, *, dry_run: bool = False) -> Brought:
    """Import a sheet or a FHIR file, and judge anew what is in hand.

    Raises `SheetFault` where the file as a whole cannot be used, and then nothing is imported; the faults of database
    and disk.
    """
    look = Looking(station).look if dry_run and kind == "register" else None
    report = station.import_sheet(kind, raw, dry_run=dry_run, look=look)
    if dry_run:
        return Brought(report, change=_change(report.looks))
    return Brought(report, rejudged=rejudging.finish(station))


def take_back(station: Station, import_id: str, *, dry_run: bool = False) -> TakenBack:
    """Take an import of the register back, and judge anew what is in hand. Raises as `storage.undoing.Undoing.undo`."""
    moment = station.clock.moment()
    undoing = Undoing(station.database, station.columns, station.ledger)
    look = Looking(station).look if dry_run else None
    report = undoing.undo(import_id, moment.at, today=moment.day, dry_run=dry_run, look=look)
    if dry_run:
        return TakenBack(report, change=_change(report.looks))
    return TakenBack(report, rejudged=rejudging.finish(station))


class Looking:
    """What the gate answers for documents in hand, as a session stands that nobody else can see."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._moment = station.clock.moment()
        self._register = Register(station.database, station.columns)

    def look(self, session: Session, patients: frozenset[PatientRef]) -> Mapping[str, str]:
        """`STATE:DOCUMENT` -> answer, of these patients; of everybody, where a newer register may open the gate."""
        indexes = sorted(map(self._station.columns.reference_index, patients))
        chosen = None if self._station.policy.maximum_age is not None else indexes
        answers: dict[str, str] = {}
        for state, found in (
            ("curable", curable(session, chosen)),
            ("under-way", under_way(session, chosen)),
            ("deposited", at_host(session, indexes)),
        ):
            for document in self._station.documents.several(session, found):
                answers[f"{state}:{document.id}"] = self._answer(session, document, deposited=state == "deposited")
        return answers

    def _answer(self, session: Session, document: StoredDocument, *, deposited: bool) -> str:
        claim = document.claim
        separator = Separator(claim.patient, claim.doc_type, claim.client_document) if claim else None
        found = identify.identify(DocumentId(document.id), separator, damaged=document.damaged)
        if isinstance(found, Held):
            return found.reason.value
        reading = self._register.reading_within(session, found.patient)
        if deposited:
            if not isinstance(reading, KnownPatient):
                return ""
            return SAYS_NO if says_no(said_of(self._station, found, reading, self._moment)) else ""
        answer = decide(found.document, found.patient, found.doc_type, reading, self._moment, self._station.policy)
        return CLEARED if isinstance(answer, Clearance) else answer.reason.value


def _change(looks: Looks | None) -> Change | None:
    if looks is None:
        return None

    def count(state: str, before: str, after: str) -> int:
        """How many passed over: an answer with `!` before it is any other one."""
        return sum(
            _is(looks.before.get(name, ""), before) and _is(answer, after)
            for name, answer in looks.after.items()
            if name.startswith(f"{state}:")
        )

    return Change(
        go_on=count("curable", f"!{CLEARED}", CLEARED),
        stop=count("under-way", CLEARED, f"!{CLEARED}"),
        restrict=count("deposited", f"!{SAYS_NO}", SAYS_NO),
        lift=count("deposited", SAYS_NO, f"!{SAYS_NO}"),
    )


def _is(answer: str, wanted: str) -> bool:
    return answer != wanted[1:] if wanted.startswith("!") else answer == wanted


def change_answer(done: Brought | TakenBack) -> dict[str, Any]:
    """For JSON: what would change, or what came of judging anew."""
    if done.change is not None:
        return {"would": dict(done.change.counts)}
    return {"rejudged": dict(done.rejudged.counts)} if done.rejudged is not None else {}
