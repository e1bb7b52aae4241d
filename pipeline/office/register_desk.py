"""Facts come in, and are taken back: imports of the register, their undoing, and what either changes for documents.

After each, what is in hand is judged anew (`pipeline.office.rejudging`). A dry run's facts are rolled back; the gate is
then asked without and with them, while nobody waits for the writer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlmodel import Session

from consent_gate.gate import decide
from consent_gate.model import Clearance, Decision, DocumentId, Fact, KnownPatient, PatientRef, Refused, RegisterReading
from consent_gate.people import DECIDING
from consent_gate.standing import as_read, noes
from pipeline.asking_again import is_closing
from pipeline.identify import identify_stored
from pipeline.model import Held, Identified
from pipeline.office import rejudging
from pipeline.office.following_up import STRETCH, Rejudged
from pipeline.office.gate_words import lets_read, proposes_deletion, said_of, says_no
from pipeline.office.people import Presented, act_of, authenticate
from pipeline.station import Station
from storage.imports import Foreseen, ImportReport
from storage.rejudges import at_host, curable, same_person, under_way
from storage.undoing import By, Undoing, UndoReport


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of documents in hand: how many."""

    go_on: int
    """Curable, and the gate would open."""
    otherwise: int
    """Curable, and they would stay so for another reason."""
    close: int
    """Curable, or on their way and among those that stop, and the gate would close for good: the station's key to
    them would be destroyed."""
    stop: int
    """On their way, and the gate would close."""
    restrict: int
    """Deposited, and the person would say no."""
    propose: int
    """Of those the ones that the person would not want at the host: their deletion would be proposed."""
    lift: int
    """Deposited, and the person would not say no any more."""

    @property
    def counts(self) -> Mapping[str, int]:
        """For a report."""
        of_kept = {"go-on": self.go_on, "otherwise": self.otherwise, "close": self.close}
        return {
            **of_kept,
            "stop": self.stop,
            "restrict": self.restrict,
            "propose-deletion": self.propose,
            "lift": self.lift,
        }


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
    report = station.import_sheet(kind, raw, dry_run=dry_run)
    if dry_run:
        return Brought(report, change=_change(station, report.foreseen))
    return Brought(report, rejudged=rejudging.finish(station))


def take_back(
    station: Station, import_id: str, by: Callable[[], Presented] | None = None, *, dry_run: bool = False
) -> TakenBack:
    """Take an import of the register back, and judge anew what is in hand.

    `by` is asked who acts where the import restricts somebody: then only a person who may decide takes it back. Raises
    as `storage.undoing.Undoing.undo` and `pipeline.office.people.authenticate`.
    """
    undoing = Undoing(station.database, station.columns, station.ledger)
    who = None
    if by is not None and not dry_run and undoing.restricts(import_id):
        act = act_of(station, "undo", f"import:{import_id}", {"import": import_id})
        who = authenticate(station, by(), act, DECIDING)
    moment = station.clock.moment()
    named = By(who.id, who.act.digest()) if who else None
    report = undoing.undo(import_id, moment.at, today=moment.day, dry_run=dry_run, by=named)
    if dry_run:
        return TakenBack(report, change=_change(station, report.foreseen))
    return TakenBack(report, rejudged=rejudging.finish(station))


# What a dry run tells


def _change(station: Station, foreseen: Foreseen | None) -> Change | None:
    if foreseen is None:
        return None
    with station.database.read() as session:
        return _Foreseeing(station, session, foreseen).change()


def change_by(station: Station, patient: PatientRef, said: Sequence[Fact]) -> Change:
    """What would become of documents in hand if these facts of a patient were recorded."""
    facts = {station.columns.reference_index(patient): tuple(said)}
    with station.database.read() as session:
        foreseen = Foreseen(facts, station.register.brought_up_to_date(session))
        return _Foreseeing(station, session, foreseen).change()


class _Foreseeing:
    """The gate asked twice of what is in hand: by what is on record, and by what a dry run would have left there."""

    def __init__(self, station: Station, session: Session, foreseen: Foreseen) -> None:
        self._station, self._session, self._foreseen = station, session, foreseen
        self._moment = station.clock.moment()
        self._readings: dict[PatientRef, tuple[RegisterReading, RegisterReading]] = {}

    def change(self) -> Change:
        """Of the patients of whom something would be added; of everybody, where a register's age may close."""
        added = sorted(same_person(self._session, self._foreseen.facts))
        chosen = added if self._station.policy.maximum_age is None else None
        kept = [self._asked(one) for one in self._identified(curable(self._session, chosen))]
        passing = [self._asked(one) for one in self._identified(under_way(self._session, chosen))]
        there = list(self._identified(at_host(self._session, added)))
        deposited, proposed = [self._said(one) for one in there], [self._is_proposed(one) for one in there]
        stopped = [after for before, after in passing if isinstance(before, Clearance) and isinstance(after, Refused)]
        closing = [after for _, after in kept if is_closing(after)] + [after for after in stopped if is_closing(after)]
        return Change(
            go_on=sum(isinstance(after, Clearance) and isinstance(before, Refused) for before, after in kept),
            otherwise=sum(_differs(before, after) and not is_closing(after) for before, after in kept),
            close=len(closing),
            stop=len(stopped),
            restrict=sum(says_no(after) and not says_no(before) for before, after in deposited),
            propose=sum(proposed),
            lift=sum(says_no(before) and lets_read(after) for before, after in deposited),
        )

    def _identified(self, documents: Sequence[DocumentId]) -> Iterator[Identified]:
        for start in range(0, len(documents), STRETCH):
            for document in self._station.documents.several(self._session, documents[start : start + STRETCH]):
                found = identify_stored(document)
                if not isinstance(found, Held):
                    yield found

    def _asked(self, found: Identified) -> tuple[Decision, Decision]:
        def ask(reading: RegisterReading) -> Decision:
            return decide(found.document, found.patient, found.doc_type, reading, self._moment, self._station.policy)

        before, after = self._reading(found.patient)
        return ask(before), ask(after)

    def _said(self, found: Identified) -> tuple[Decision, Decision]:
        """What the person says of a deposited document; what cannot be read restricts nothing."""
        before, after = self._reading(found.patient)
        if not isinstance(before, KnownPatient) or not isinstance(after, KnownPatient):
            return self._asked(found)
        return (
            said_of(self._station, found, before, self._moment),
            said_of(self._station, found, after, self._moment),
        )

    def _is_proposed(self, found: Identified) -> bool:
        """Whether the deletion of a deposited document would be asked for, and is not yet."""
        before, after = (
            isinstance(one, KnownPatient) and proposes_deletion(self._station, found, one, self._moment)
            for one in self._reading(found.patient)
        )
        return after and not before

    def _reading(self, patient: PatientRef) -> tuple[RegisterReading, RegisterReading]:
        """On record, and as it would be."""
        if patient not in self._readings:
            self._readings[patient] = self._read(patient)
        return self._readings[patient]

    def _read(self, patient: PatientRef) -> tuple[RegisterReading, RegisterReading]:
        register = self._station.register
        now = register.reading_within(self._session, patient)
        if not isinstance(now, KnownPatient):
            return now, now
        added = self._foreseen.facts
        mine = added.get(self._station.columns.reference_index(patient), ())
        facts = as_read((*register.history(self._session, patient), *mine)) if mine else now.facts
        found, others = self._station.roster.find(patient, self._session), now.others
        if found is not None and now.others:
            of_each = register.same_person(self._session, found)
            others = tuple(noes((*history, *added.get(index, ()))) for index, history in of_each.items())
        return now, replace(now, facts=facts, others=others, register_at=self._foreseen.register_at)


def _differs(before: Decision, after: Decision) -> bool:
    """Whether a curable document would be told another reason."""
    return isinstance(after, Refused) and (isinstance(before, Clearance) or before.reason is not after.reason)


# What is told


def change_answer(done: Brought | TakenBack) -> dict[str, Any]:
    """For JSON: what would change, or what came of judging anew."""
    if done.change is not None:
        return {"would": dict(done.change.counts)}
    return {"rejudged": dict(done.rejudged.counts)} if done.rejudged is not None else {}
