"""What a person makes of a form that came back: reads the ticks and the signature, and says so under a second factor.

By itself a returned form is nothing: no machine reads ticks here. What the person read becomes facts of the register,
with the sealed form as their evidence; then the copy that the station could read is destroyed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import Session

from consent_gate.model import Evidence, EvidenceKind, FactKind, PatientRef, Statement
from consent_gate.people import DECIDING
from consent_gate.review import Check, Kind
from lexicon.faults import StationFault, TamperFault
from pipeline import settle
from pipeline.forms.readings import Read, Reading
from pipeline.forms.returning import compose, deliver_returns
from pipeline.forms.standings import Standing, form_of, returned_of, standing_of, standings
from pipeline.office.decisions import bind
from pipeline.office.people import Act, Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import disk_faults, is_older, replacing
from storage.forms import CHECKED, DISCARDED, HELD, SEALED, TO_CHECK, Forms, StoredForm, StoredReturn
from storage.register import Recording
from storage.reviews import Reviews, new_waiting
from storage.stored import LOST
from storage.work import Superseded

CHANNEL: Final = "formulaire"
"""How a notice that stands beside a form was given."""
_UNDER_WAY: Final = timedelta(days=1)
"""Far longer than it takes to seal a form."""


def show(station: Station, identifier: str, by: Presented, target: Path) -> Standing:
    """Write what came back as a PDF of images at `target`, where there is no file yet. An entry says who looked.

    Raises `StationFault` `form-unknown`, `form-copy-missing`, `target-exists`, or as `authenticate`;
    `TamperFault("form-differs")` where it is not the very PDF that is the evidence.
    """
    returned = returned_of(station, identifier)
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
    returned = returned_of(station, identifier)
    form = form_of(station, returned)
    if returned.state != TO_CHECK or form is None:
        raise StationFault("form-not-to-check")
    who = authenticate(station, by(), act_of_check(station, returned.id, reading), DECIDING)
    now = station.clock.now()
    try:
        with station.database.write("form.check") as session:
            Forms(station.columns).check(session, returned.id, reading.outcome, who.id, now)
            recording, said = Recording(now, person=who.id), _statements(reading, returned, form)
            told = _record(station, session, form.patient, said, recording)
            grant = next((fact for fact, kind in told if kind is FactKind.GRANTED), None)
            waits = _second(station, session, grant, who, now) if grant else None
            if grant is not None and waits is None:
                seen = Statement(kind=FactKind.CHECKED, on=station.clock.moment().day, about=grant)
                _record(station, session, form.patient, [seen], recording)
                told.append((grant, FactKind.CHECKED))
            subject = _subject(station, form)
            drafts = [_draft(returned, EntryType.REVIEW, reading.outcome.value, who, subject)]
            drafts += [
                Draft(
                    EntryType.REVIEW, f"fact:{fact}", _outcome(kind), subject=subject, parent=who.entry, person=who.id
                )
                for fact, kind in told
            ]
            station.ledger.append(session, *drafts, at=now)
    except Superseded:
        raise StationFault("form-not-to-check") from None
    clear(station, returned.id)
    rejudge(station, [form.patient])
    return replace(standing_of(station, returned.id), waits=waits)


def assign(station: Station, identifier: str, form: str, by: Callable[[], Presented]) -> Standing:
    """A person says by its printed number of which form held pages are; it is sealed and deposited like any other.

    Raises `StationFault` `form-unknown`, `form-not-held`, or as `authenticate`; `HostFault`: the daemon goes on.
    """
    forms = Forms(station.columns)
    returned, number = returned_of(station, identifier), "".join(form.split()).upper()
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
    return standing_of(station, returned.id)


def discard(station: Station, identifier: str, by: Callable[[], Presented]) -> Standing:
    """A person says that held pages are no form's: the station's copy is destroyed, and says so; the paper is there.

    Raises `StationFault` `form-unknown`, `form-not-held`, or as `authenticate`.
    """
    returned = returned_of(station, identifier)
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
    return standing_of(station, returned.id)


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


def _record(
    station: Station, session: Session, patient: PatientRef, said: Sequence[Statement], recording: Recording
) -> list[tuple[str, FactKind]]:
    """References and kinds of the facts that are new."""
    recorded = station.register.record(session, [(patient, one) for one in said], recording)
    return [(one.reference, what.kind) for one, what in zip(recorded, said, strict=True) if one.reference]


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


def _outcome(kind: FactKind) -> str:
    return kind.value if kind is FactKind.CHECKED else f"{kind.value}-recorded"


def _subject(station: Station, form: StoredForm) -> str:
    return station.keys.pseudonym(form.patient)
