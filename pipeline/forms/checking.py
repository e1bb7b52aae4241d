"""What a person makes of a form that came back: reads the ticks and the signature, and says so under a second factor.

By itself a returned form is nothing: no machine reads ticks here. What the person read becomes facts of the register,
with the sealed form as their evidence; then the copy that the station could read is destroyed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlmodel import Session

from consent_gate.cells import is_doc_type
from consent_gate.model import DocType, Evidence, EvidenceKind, FactKind, Giver, PatientRef, Statement
from consent_gate.people import DECIDING
from consent_gate.review import Check, Kind
from lexicon.faults import StationFault, TamperFault
from pipeline import settle
from pipeline.forms.returning import compose, deliver_returns
from pipeline.office.decisions import bind
from pipeline.office.people import Act, Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import disk_faults, is_older, replacing
from storage.forms import CHECKED, DISCARDED, HELD, SEALED, TO_CHECK, UNCHECKED, Forms, StoredForm, StoredReturn
from storage.register import Recording
from storage.reviews import Reviews, new_waiting
from storage.stored import LOST, StoredFile
from storage.work import Superseded

CHANNEL: Final = "formulaire"
"""How a notice that stands beside a form was given."""


class Read(StrEnum):
    """What is ticked and signed. The value is stored: never rename one."""

    GRANTED = "granted"
    LIMITED = "limited"
    REFUSED = "refused"
    UNUSABLE = "unusable"
    """Not signed, not dated, two boxes ticked, another's signature: it says nothing."""


_OPENING: Final = (Read.GRANTED, Read.LIMITED)
_UNDER_WAY: Final = timedelta(days=1)
"""Far longer than it takes to seal a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a person read on a form. `on` is the day beside the signature; limits are those that the patient set."""

    outcome: Read
    on: date | None = None
    until: date | None = None
    doc_types: frozenset[DocType] | None = None
    given_by: Giver = Giver.PATIENT
    authority_until: date | None = None

    def content(self) -> Mapping[str, Any]:
        """As JSON has it: what the person's proof is bound to."""
        return {
            "authority_until": _text(self.authority_until),
            "doc_types": None if self.doc_types is None else sorted(self.doc_types),
            "given_by": self.given_by.value,
            "on": _text(self.on),
            "outcome": self.outcome.value,
            "until": _text(self.until),
        }

    def require_sound(self, today: date) -> None:
        """Raise `StationFault("form-reading-unsound", what=…)` for what no form can say."""
        opening, limited = self.outcome in _OPENING, self.until is not None or self.doc_types is not None
        wrong = {
            "on": self.outcome is not Read.UNUSABLE and (self.on is None or self.on > today),
            "type": not all(map(is_doc_type, self.doc_types or ())),
            "limits": limited != (self.outcome is Read.LIMITED),
            "until": self.until is not None and self.on is not None and self.until < self.on,
            "authority-until": self.authority_until is not None and not (opening and self.given_by is Giver.GUARDIAN),
        }
        for what, found in wrong.items():
            if found:
                raise StationFault("form-reading-unsound", what=what)


@dataclass(frozen=True, slots=True)
class Standing:
    """A return as a person is shown it. `patient` is the client's reference, for the person's eyes."""

    returned: StoredReturn
    form: StoredForm | None
    file_name: str
    copies: int
    """How many times this form came back."""
    readable: bool
    """Whether the station still has what `show` writes."""
    waits: str | None = None
    """The review in which its check waits for a second person."""

    @property
    def reason(self) -> str | None:
        """Why it waits for a person; None: it does not."""
        return UNCHECKED if self.returned.state == TO_CHECK else self.returned.reason


def standings(station: Station, *, waiting: bool = True) -> tuple[Standing, ...]:
    """What came back, in order; with `waiting`, what waits for a person alone."""
    forms = Forms(station.columns)
    with station.database.read() as session:
        copies = Counter(one.form for one in forms.returns(session) if one.form)
        found = forms.returns(session, states=(TO_CHECK, HELD)) if waiting else forms.returns(session)
        return tuple(
            Standing(
                one,
                forms.find(session, one.form) if one.form else None,
                _name(station.captured.file(session, one.file)),
                copies[one.form] if one.form else 0,
                station.quarantine.has(one.id),
            )
            for one in found
        )


def show(station: Station, identifier: str, by: Presented, target: Path) -> Standing:
    """Write what came back as a PDF of images at `target`, where there is no file yet. An entry says who looked.

    Raises `StationFault` `form-unknown`, `form-copy-missing`, `target-exists`, or as `authenticate`;
    `TamperFault("form-differs")` where it is not the very PDF that is the evidence.
    """
    returned = _returned(station, identifier)
    if target.exists() or target.is_symlink():
        raise StationFault("target-exists")
    who = authenticate(station, by, act_of(station, "form-show", f"form:{returned.id}", {}), DECIDING)
    with station.database.read() as session:
        file = station.captured.file(session, returned.file)
    if file is None or not station.quarantine.has(returned.id):
        raise StationFault("form-copy-missing")
    with station.workplace() as folder:
        path = folder / "form.pdf"
        compose(station, file, returned, path)
        if returned.pdf_sha256 not in {None, settle.digest(path)}:
            raise TamperFault("form-differs")
        with station.database.write("form.consult") as session:
            station.ledger.append(
                session, _draft(returned, EntryType.CONSULTATION, "shown", who), at=station.clock.now()
            )
        with effect("form.show"), replacing(target) as copy:
            copy.write(path.read_bytes())
    return next(one for one in standings(station, waiting=False) if one.returned.id == returned.id)


def act_of_check(station: Station, identifier: str, reading: Reading) -> Act:
    """What a person proves to be about to do, for challenges that are signed elsewhere."""
    return act_of(station, "check", f"form:{identifier}", reading.content())


def check(
    station: Station,
    identifier: str,
    reading: Reading,
    by: Callable[[], Presented],
    rejudge: Callable[[Station, Iterable[PatientRef]], object],
) -> Standing:
    """Record what the person read, as facts with the sealed form as their evidence; then judge what is in hand anew.

    State, facts, check and entries are one transaction. Raises `StationFault` `form-unknown`, `form-not-to-check`,
    `form-reading-unsound`, or as `authenticate`.
    """
    reading.require_sound(station.clock.moment().day)
    returned = _returned(station, identifier)
    form = _form_of(station, returned)
    if returned.state != TO_CHECK or form is None:
        raise StationFault("form-not-to-check")
    who = authenticate(station, by(), act_of_check(station, returned.id, reading), DECIDING)
    now = station.clock.now()
    try:
        with station.database.write("form.check") as session:
            Forms(station.columns).check(session, returned.id, reading.outcome, who.id, now)
            recording = Recording(now, person=who.id)
            said = _statements(reading, returned, form)
            recorded = station.register.record(session, [(form.patient, one) for one in said], recording)
            references = [one.reference for one in recorded]
            drafts = [_draft(returned, EntryType.REVIEW, reading.outcome.value, who, _subject(station, form))]
            grant = references[0] if said and said[0].kind is FactKind.GRANTED else None
            waits = _second(station, session, grant, who, now) if grant else None
            if grant is not None and waits is None:
                seen = Statement(kind=FactKind.CHECKED, on=station.clock.moment().day, about=grant)
                station.register.record(session, [(form.patient, seen)], recording)
            told = [(one, f"{said[at].kind.value}-recorded") for at, one in enumerate(references[: len(said)]) if one]
            told += [(grant, FactKind.CHECKED.value)] if grant is not None and waits is None else []
            subject = _subject(station, form)
            drafts += [
                Draft(EntryType.REVIEW, f"fact:{fact}", outcome, subject=subject, parent=who.entry, person=who.id)
                for fact, outcome in told
            ]
            station.ledger.append(session, *drafts, at=now)
    except Superseded:
        raise StationFault("form-not-to-check") from None
    clear(station, returned.id)
    rejudge(station, [form.patient])
    return replace(_standing(station, returned.id), waits=waits)


def assign(station: Station, identifier: str, form: str, by: Callable[[], Presented]) -> Standing:
    """A person says by its printed number of which form held pages are; it is sealed and deposited like any other.

    Raises `StationFault` `form-unknown`, `form-not-held`, or as `authenticate`; `HostFault`: the daemon goes on.
    """
    forms = Forms(station.columns)
    returned, number = _returned(station, identifier), "".join(form.split()).upper()
    with station.database.read() as session:
        printed = forms.find(session, number)
    if printed is None:
        raise StationFault("form-unknown")
    if returned.state != HELD or returned.reason == LOST:
        raise StationFault("form-not-held")
    who = authenticate(station, by(), act_of(station, "form-assign", f"form:{returned.id}", {"form": number}), DECIDING)
    try:
        with station.database.write("form.assign") as session:
            file = forms.assign(session, returned.id, number)
            station.captured.take_up_again(session, file)
            entry = _draft(returned, EntryType.REVIEW, "assigned", who, _subject(station, printed), parent=number)
            station.ledger.append(session, entry, at=station.clock.now())
    except Superseded:
        raise StationFault("form-not-held") from None
    deliver_returns(station, file)
    settle.end_file(station, file)
    return _standing(station, returned.id)


def discard(station: Station, identifier: str, by: Callable[[], Presented]) -> Standing:
    """A person says that held pages are no form's: the station's copy is destroyed, and says so; the paper is there.

    Raises `StationFault` `form-unknown`, `form-not-held`, or as `authenticate`.
    """
    returned = _returned(station, identifier)
    if returned.state != HELD:
        raise StationFault("form-not-held")
    who = authenticate(station, by(), act_of(station, "form-discard", f"form:{returned.id}", {}), DECIDING)
    try:
        with station.database.write("form.discard") as session:
            Forms(station.columns).discard(session, returned.id)
            station.ledger.append(session, _draft(returned, EntryType.REVIEW, "discarded", who), at=station.clock.now())
    except Superseded:
        raise StationFault("form-not-held") from None
    clear(station, returned.id)
    return _standing(station, returned.id)


def clear(station: Station, identifier: str) -> None:
    """Destroy the readable copy of a return that was checked or discarded. Run again after a crash, it finishes."""
    with effect("form.destroy"):
        station.quarantine.destroy(identifier)
    with station.database.write("form.cleared") as session:
        returned = Forms(station.columns).returned(session, identifier)
        if returned is None or returned.state not in (CHECKED, DISCARDED):
            return
        now = station.clock.now()
        if Forms(station.columns).cleared(session, identifier, now):
            draft = Draft(EntryType.DESTRUCTION, f"form:{identifier}", "working-copies", within={"file": returned.file})
            station.ledger.append(session, draft, at=now)


def sweep(station: Station) -> None:
    """At start: finish what a crash left between an outcome and its destruction, and envelopes that no row knows.

    Where others may be sealing, only those that are older than that can take.
    """
    older = (station.clock.now() - _UNDER_WAY).timestamp() if station.config.several else None
    forms = Forms(station.columns)
    with station.database.read() as session:
        uncleared = forms.uncleared(session)
        waits = {one.waits_as for one in forms.returns(session, states=(SEALED,))}
    for identifier in uncleared:
        clear(station, identifier)
    for path in station.sealed_folder.glob("*-form-*.p7m"):
        if path.name not in waits and is_older(path, older):
            with disk_faults(), effect("form.sweep"):
                path.unlink(missing_ok=True)


def _second(station: Station, session: Session, grant: str, who: Authenticated, at: datetime) -> str | None:
    """The review in which the check of a grant waits for a second person, where `review.four_eyes` asks for one."""
    if Kind.CHECK.value not in station.config.review.four_eyes:
        return None
    bound = bind(station, session, Check(grant, passed=True))
    act = act_of(station, Kind.CHECK.value, bound.about, bound.content)
    waiting = new_waiting(act.kind, act.object, act.digest(), bound.content, who.id, at)
    Reviews(station.columns).keep(session, waiting)
    return waiting.id


def _statements(reading: Reading, returned: StoredReturn, form: StoredForm) -> list[Statement]:
    """What the form says, the decision first; nothing where it is unusable."""
    if reading.on is None or reading.outcome is Read.UNUSABLE:
        return []
    evidence = Evidence(kind=EvidenceKind.SIGNED_FORM, on=reading.on, sha256=returned.pdf_sha256, envelope=returned.id)
    decided = Statement(
        kind=FactKind.REFUSED if reading.outcome is Read.REFUSED else FactKind.GRANTED,
        on=reading.on,
        until=reading.until,
        doc_types=reading.doc_types,
        evidence=evidence,
        given_by=reading.given_by,
        authority_until=reading.authority_until,
    )
    informed = Statement(kind=FactKind.NOTICE, on=reading.on, version=form.notice_version, channel=CHANNEL)
    return [decided, informed]


def _returned(station: Station, identifier: str) -> StoredReturn:
    """A return by its number, or the one of a form by the form's, where only one waits."""
    forms, number = Forms(station.columns), "".join(identifier.split()).upper()
    with station.database.read() as session:
        found = forms.returned(session, number)
        waiting = () if found else forms.returns(session, form=number, states=(TO_CHECK, HELD))
    if found is not None:
        return found
    if len(waiting) > 1:
        raise StationFault("form-returned-twice", count=len(waiting))
    if not waiting:
        raise StationFault("form-unknown")
    return waiting[0]


def _form_of(station: Station, returned: StoredReturn) -> StoredForm | None:
    with station.database.read() as session:
        return Forms(station.columns).find(session, returned.form) if returned.form else None


def _standing(station: Station, identifier: str) -> Standing:
    return next(one for one in standings(station, waiting=False) if one.returned.id == identifier)


def _draft(
    returned: StoredReturn,
    kind: EntryType,
    outcome: str,
    who: Authenticated,
    subject: str | None = None,
    parent: str | None = None,
) -> Draft:
    return Draft(
        kind,
        f"form:{returned.id}",
        outcome,
        within={"file": returned.file},
        counts={"pages": len(returned.positions)},
        subject=subject,
        hashes_in=(returned.pdf_sha256,) if returned.pdf_sha256 else (),
        parent=parent or who.entry,
        person=who.id,
    )


def _subject(station: Station, form: StoredForm) -> str:
    return station.keys.pseudonym(form.patient)


def _name(file: StoredFile | None) -> str:
    return file.name if file else ""


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
