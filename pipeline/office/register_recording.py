"""A statement that somebody at the station records: a no by anybody, at once; a permission by an enrolled person alone.

What is said goes through the reader of the register's sheets, in the same words, so that both refuse the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from consent_gate.cells import CellRefused, said_by
from consent_gate.model import EvidenceKind, Fact, FactKind, Giver, PatientRef, Statement
from consent_gate.people import DECIDING
from consent_gate.sheets.reading import Row
from consent_gate.statements import OPENING, said_in, statement
from lexicon.faults import StationFault
from pipeline.office import rejudging
from pipeline.office.decisions import candidate
from pipeline.office.following_up import Rejudged
from pipeline.office.people import Authenticated, Presented, act_of, authenticate
from pipeline.office.register_desk import Change, change_by
from pipeline.station import Station
from storage import rejudges
from storage.custody import Draft, EntryType
from storage.fact_rows import Recording
from storage.said import else_said, said_of
from storage.times import fresh_id

_FREE: Final = frozenset({FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED, FactKind.DECEASED})
"""Nobody has to prove anything to record these: a no is never hard to say."""
AUTHORIZE: Final = "authorize"
"""Of `review.four_eyes`: permissions are then recorded by a review, which a second person confirms."""
_SLUGS: Final = {
    "given_by": {Giver.PARENTAL_AUTHORITY.value: "autorite_parentale", Giver.GUARDIAN.value: "tuteur"},
    "evidence_kind": {EvidenceKind.SIGNED_FORM.value: "formulaire_signe", EvidenceKind.E_MAIL.value: "courriel"},
}
"""The program's own words, in those of the sheet."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a statement. `fact` is its reference; None: the very same stood on record already."""

    fact: str | None
    kind: FactKind
    rejudged: Rejudged


def statement_from(words: Mapping[str, str], today: date) -> Statement:
    """What options say, by the fields and in the words of the register's sheet (`consent_gate.imports`).

    Raises `StationFault("statement-unusable", reason=...)` with the code of `lexicon.catalogue.LINES`.
    """
    said = {field: _SLUGS.get(field, {}).get(text.strip(), text.strip()) for field, text in words.items()}
    cells = {"scope": "tous_documents", **{field: text for field, text in said.items() if text}}
    row = Row(1, cells, whole=True)
    try:
        found = statement(row, said_in(row), today)
        _require_said(found)
    except CellRefused as refusal:
        option = f"--{refusal.field.replace('_', '-')}, " if refusal.field else ""
        raise StationFault("statement-unusable", reason=f"{option}{refusal.code}") from None
    return found


def _require_said(found: Statement) -> None:
    """A controller's decision is no word of the patient's: `consent_gate.review.dismissal` makes it, by two people."""
    if found.evidence is not None and found.evidence.kind is EvidenceKind.CONTROLLER_DECISION:
        raise CellRefused("evidence-kind-unknown", "evidence_kind")


def needs_person(kind: str) -> bool:
    """Whether only an enrolled person may record what this word says; a word that is not known needs nobody."""
    said = said_by(kind)
    return said is not None and said.kind not in _FREE


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a statement would come to. `patient`: masked traits."""

    patient: Mapping[str, Any] = field(repr=False)
    kind: FactKind
    change: Change


def foretell(station: Station, ref: PatientRef, words: Mapping[str, str]) -> Foretold:
    """Whom it is said of, and what would become of documents in hand; nothing is recorded, nobody is asked who acts.

    Raises `StationFault` `patient-not-on-roster`, `statement-unusable`.
    """
    now = station.clock.now()
    said = statement_from(words, station.clock.moment().day)
    patient = candidate(station, ref)
    fact = Fact(reference=fresh_id(now), recorded_at=now, **{name: getattr(said, name) for name in Statement.__slots__})
    return Foretold(patient, said.kind, change_by(station, ref, [fact]))


def record(
    station: Station, ref: PatientRef, words: Mapping[str, str], by: Callable[[], Presented] | None = None
) -> Recorded:
    """Record what a patient said, and judge anew what is in hand. `by`, where it is given, is asked who acts.

    Raises `StationFault` `patient-not-on-roster`, `statement-unusable`, `four-eyes-needed`, `second-factor-missing`
    (a permission by nobody) and the others of `pipeline.office.people.authenticate`.
    """
    moment = station.clock.moment()
    said = statement_from(words, moment.day)
    if station.roster.find(ref) is None:
        raise StationFault("patient-not-on-roster")
    who = _who(station, ref, said, by)
    pseudonym = station.keys.pseudonym(ref)
    now = station.clock.now()
    with station.database.write("fact.record") as session:
        recording = Recording(now, None, who.id if who else None)
        (recorded,) = station.register.record(session, [(ref, said)], recording)
        fact = recorded.reference
        draft = Draft(
            EntryType.REVIEW,
            f"fact:{fact}" if fact else f"patient:{pseudonym}",
            f"{said.kind.value}-recorded" if fact else "unchanged",
            subject=pseudonym,
            hashes_out=(recorded.digest,),
            person=who.id if who else None,
            parent=who.entry if who else None,
        )
        station.ledger.append(session, draft, at=now)
        rejudges.queue(session, [station.columns.reference_index(ref)])
    return Recorded(fact, said.kind, rejudging.finish(station))


def _who(
    station: Station, ref: PatientRef, said: Statement, by: Callable[[], Presented] | None
) -> Authenticated | None:
    free = said.kind in _FREE
    if by is None and free:
        return None
    if said.kind in OPENING and AUTHORIZE in station.config.review.four_eyes:
        raise StationFault("four-eyes-needed")
    if by is None:
        raise StationFault("second-factor-missing")
    content = {**said_of(said), "else": dict(else_said(said))}
    act = act_of(station, "record", f"patient:{station.keys.pseudonym(ref)}", content)
    return authenticate(station, by(), act) if free else authenticate(station, by(), act, DECIDING)
