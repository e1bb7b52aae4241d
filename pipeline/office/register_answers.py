"""Questions about the register: facts by kind and day, what held of a patient on one day as known on another, exports.

Each answer is a consultation in the ledger, written down before it is given.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from sqlmodel import Session, col, select

from consent_gate.exports import Form, Known, csv_form
from consent_gate.fhir.exports import Asking, fhir_form
from consent_gate.gate import decide
from consent_gate.model import (
    Clearance,
    DocType,
    DocumentId,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    Patient,
    PatientRef,
    RegisterReading,
)
from consent_gate.people import DECIDING
from consent_gate.review import is_checkable
from consent_gate.sheets.reading import LARGEST
from consent_gate.standing import noes, rejected, standing
from lexicon.faults import StationFault
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.files import replacing
from storage.tables import FactRow
from storage.times import fresh_id, write_time

Answer = dict[str, Any]

_NOT_CHECKED: Final = "not-checked"
_NOBODY: Final = DocumentId("0" * 26)
_ENDING: Final = 64
"""Bytes that are kept for the end of a file."""


# Lists


def listed(
    station: Station, kind: FactKind | None = None, since: date | None = None, *, unchecked: bool = False
) -> list[Answer]:
    """Facts in the order of their recording, by opaque references alone; `since`: recorded on that day or later.

    `unchecked`: those alone whose evidence nobody has looked at.
    """
    query = select(FactRow).order_by(FactRow.id)
    if kind is not None:
        query = query.where(FactRow.kind == kind.value)
    if since is not None:
        query = query.where(col(FactRow.recorded_at) >= write_time(_begin(station, since)))
    _consulted(station, "register-listed", f"station:{fresh_id(station.clock.now())}")
    with station.database.read() as session:
        chosen = frozenset(_unchecked(station, session)) if unchecked else None
        rows = [row for row in session.exec(query) if chosen is None or row.id in chosen]
        refs = station.roster.refs_of(session, {row.patient_index for row in rows})
        retracted = _retracted(session)
        return [
            {
                "fact": row.id,
                "patient": refs.get(row.patient_index),
                "kind": row.kind,
                "on": row.on,
                "until": row.until,
                "recorded_at": row.recorded_at,
                "recorded_by": row.recorded_by,
                "import": row.import_id,
                "retracted": row.id in retracted,
            }
            for row in rows
        ]


def _unchecked(station: Station, session: Session) -> Iterator[str]:
    for _, history in station.register.everybody(session):
        facts = standing(history)
        checked, failed = {fact.about for fact in facts if fact.kind is FactKind.CHECKED}, rejected(history)
        yield from (fact.reference for fact in facts if _check(fact, checked, failed) == _NOT_CHECKED)


def _retracted(session: Session) -> frozenset[str | None]:
    return frozenset(session.exec(select(FactRow.about).where(FactRow.kind == FactKind.RETRACTED.value)))


# One patient


def shown(station: Station, ref: PatientRef, on: date | None = None, known: date | None = None) -> Answer:
    """What the gate answers of a patient on the day `on`, by what was on record at the end of the day `known`.

    Both are days at the client's, today where None. All facts on record by then, retracted ones marked, and what says
    no under other references with the same INS. The contract (`terms`, digest) and the rule are those of today. Raises
    `StationFault("patient-not-on-roster")`, where no roster has ever had the patient; `TamperFault("register-forged")`.
    """
    moment = station.clock.moment()
    known_at = moment.at if known is None else min(_end(station, known), moment.at)
    judged = Moment(known_at, on or moment.day, moment.trusted)
    _consulted(station, "register-shown", f"patient:{station.keys.pseudonym(ref)}", ref)
    with station.database.read() as session:
        found = station.roster.find(ref, session)
        if found is None:
            raise StationFault("patient-not-on-roster")
        reading = station.register.reading_in(session, ref, known_at)
        history = tuple(fact for fact in station.register.history(session, ref) if fact.recorded_at <= known_at)
        others = _same_person(station, session, found, known_at)
        documents = station.documents.documents(session, patient=ref)
    types = {one for fact in history for one in fact.doc_types or ()}
    types |= {document.claim.doc_type for document in documents if document.claim and document.claim.doc_type}
    asked: list[DocType | None] = [None, *sorted(types)]
    register_at = reading.register_at if isinstance(reading, KnownPatient) else None
    return {
        "patient": ref,
        "on": judged.day.isoformat(),
        "known": known_at.isoformat(),
        "terms": station.policy.digest(),
        "register_at": register_at.isoformat() if register_at else None,
        "answers": [{"doc_type": one, "answer": _answer(station, ref, one, reading, judged)} for one in asked],
        "facts": list(_told(history)),
        "same_person": others,
    }


def _same_person(station: Station, session: Session, patient: Patient, known_at: datetime) -> list[Answer]:
    """The other references with the patient's INS, and what says no under each."""
    of_each = station.register.same_person(session, patient)
    refs = station.roster.refs_of(session, of_each)
    return [
        {"patient": refs[index], "facts": list(_told(noes(fact for fact in history if fact.recorded_at <= known_at)))}
        for index, history in sorted(of_each.items(), key=lambda one: refs[one[0]])
    ]


def _answer(station: Station, ref: PatientRef, doc_type: DocType | None, reading: RegisterReading, at: Moment) -> str:
    answer = decide(_NOBODY, ref, doc_type, reading, at, station.policy)
    return "cleared" if isinstance(answer, Clearance) else answer.reason.value


def _told(history: Iterable[Fact]) -> Iterator[Answer]:
    facts = tuple(history)
    retracted = {fact.about: fact.recorded_at for fact in facts if fact.kind is FactKind.RETRACTED}
    checked, failed = {fact.about for fact in standing(facts) if fact.kind is FactKind.CHECKED}, rejected(facts)
    for fact in facts:
        gone = retracted.get(fact.reference)
        yield {
            "fact": fact.reference,
            "kind": fact.kind.value,
            "opposition": fact.opposition.value if fact.opposition else None,
            "on": fact.on.isoformat(),
            "until": fact.until.isoformat() if fact.until else None,
            "doc_types": None if fact.doc_types is None else sorted(fact.doc_types),
            "purposes": None if fact.purposes is None else sorted(fact.purposes),
            "given_by": fact.given_by.value if fact.given_by else None,
            "authority_until": fact.authority_until.isoformat() if fact.authority_until else None,
            "about": fact.about,
            "version": fact.version,
            "channel": fact.channel,
            "evidence": _evidence(fact),
            "check": _check(fact, checked, failed),
            "recorded_at": fact.recorded_at.isoformat(),
            "recorded_by": fact.recorded_by,
            "retracted_at": gone.isoformat() if gone else None,
        }


def _check(fact: Fact, checked: Collection[str | None], failed: Collection[str | None]) -> str | None:
    """What the last person who looked at the evidence said of it; None where there is nothing to look at."""
    if not is_checkable(fact):
        return None
    if fact.reference in failed:
        return FactKind.CHECK_FAILED.value
    return FactKind.CHECKED.value if fact.reference in checked else _NOT_CHECKED


def _evidence(fact: Fact) -> Answer | None:
    said = fact.evidence
    if said is None:
        return None
    return {
        "reference": said.reference,
        "kind": said.kind.value,
        "on": said.on.isoformat() if said.on else None,
        "sha256": said.sha256,
        "envelope": said.envelope,
        "witness": said.witness,
    }


# Exports


def export(
    station: Station,
    form: Literal["csv", "fhir"],
    target: Path,
    by: Callable[[], Presented],
    known: date | None = None,
) -> Answer:
    """Write the register at `target` (0600): what stands, or stood at the end of the day `known`.

    It leaves with names and numbers: only a person who may decide about patients takes it out. Beyond what an import
    takes (`consent_gate.sheets.reading.LARGEST`), further files follow, `target` and `.2`, `.3`...: each is whole.
    Raises `StationFault` `export-target-taken`, `fhir-not-set-up`, `disk-full`, `disk-unusable`, and as
    `pipeline.office.people.authenticate`; `TamperFault("register-forged")`.
    """
    if form == "fhir" and not station.config.authorization.fhir.names.patient_system:
        raise StationFault("fhir-not-set-up")
    _require_free(target)
    asked = {"format": form, "known": known.isoformat() if known else ""}
    who = authenticate(station, by(), act_of(station, "export", f"station:{station.id}", asked), DECIDING)
    moment = station.clock.moment()
    known_at = moment.at if known is None else min(_end(station, known), moment.at)
    judged = Moment(known_at, moment.day if known is None else min(known, moment.day), moment.trusted)
    with ExitStack() as open_files, station.database.read() as session:
        files = _Files(target, _form(station, session, form, judged), open_files)
        for patient, history in station.register.everybody(session):
            of_each = station.register.same_person(session, patient).values()
            mine, *others = (tuple(one for one in said if one.recorded_at <= known_at) for said in (history, *of_each))
            crowded = station.roster.same_ins(session, patient) is None
            files.write(Known(patient, mine, tuple(map(noes, others)), crowded))
        files.end()
        counts = {"facts": files.facts, "patients": files.patients}
        _consulted(station, "register-exported", f"station:{fresh_id(moment.at)}", counts=counts, who=who)
    return {"format": form, **counts, "path": str(target), "paths": [str(path) for path in files.paths]}


def _require_free(target: Path) -> None:
    for path in (target, _part(target, 2)):
        if path.exists():
            raise StationFault("export-target-taken", path=str(path))


def _part(target: Path, number: int) -> Path:
    """Where a further file goes: `register.csv`, `register.2.csv`, ..."""
    return target if number == 1 else target.with_name(f"{target.stem}.{number}{target.suffix}")


def _form(station: Station, session: Session, form: Literal["csv", "fhir"], judged: Moment) -> Form:
    if form == "csv":
        return csv_form(judged.day)
    register_at = station.register.brought_up_to_date(session, judged.at)
    asking = Asking(judged, station.policy, register_at)
    return fhir_form(station.config.authorization.fhir.names, station.clock.now(), asking)


class _Files:
    """Files that are written a patient at a time, and are there when all of them are whole."""

    def __init__(self, target: Path, form: Form, open_files: ExitStack) -> None:
        self._target, self._form, self._open_files = target, form, open_files
        self.paths: list[Path] = []
        self.patients = self.facts = 0
        self._stream, self._size, self._told = self._next()

    def write(self, known: Known) -> None:
        """Of whom nothing stands, nothing is told."""
        told = known.told
        self.facts += len(told)
        self.patients += bool(told) or known.doubtful
        content = self._form.of(known) if told or known.doubtful else b""
        if not content:
            return
        if self._told and self._size + len(content) > LARGEST - _ENDING:
            self.end()
            self._stream, self._size, self._told = self._next()
        lead = self._form.between if self._told else self._form.first
        self._size += self._stream.write(lead + content)
        self._told = True

    def end(self) -> None:
        """Nothing more comes in the last file."""
        self._stream.write((self._form.last if self._told else b"") + self._form.tail)

    def _next(self) -> tuple[BinaryIO, int, bool]:
        path = _part(self._target, len(self.paths) + 1)
        if path.exists():
            raise StationFault("export-target-taken", path=str(path))
        stream = self._open_files.enter_context(replacing(path))
        self.paths.append(path)
        return stream, stream.write(self._form.head), False


# What all of them need


def _begin(station: Station, day: date) -> datetime:
    return datetime.combine(day, time(), station.clock.zone)


def _end(station: Station, day: date) -> datetime:
    return _begin(station, day + timedelta(days=1)) - timedelta(microseconds=1)


def _consulted(
    station: Station,
    outcome: str,
    about: str,
    patient: PatientRef | None = None,
    counts: dict[str, int] | None = None,
    who: Authenticated | None = None,
) -> None:
    subject = station.keys.pseudonym(patient) if patient else None
    draft = Draft(EntryType.CONSULTATION, about, outcome, subject=subject, counts=counts or {})
    if who is not None:
        draft = replace(draft, person=who.id, parent=who.entry, hashes_in=(who.act.digest(),))
    with station.database.write("register.consult") as session:
        station.ledger.append(session, draft, at=station.clock.now())
