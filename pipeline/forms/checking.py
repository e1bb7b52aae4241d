"""What a person makes of a form that came back: reads the ticks and the signature, and says so under a second factor.

By itself a returned form is nothing: no machine reads ticks here. What the person read becomes facts of the register,
with the sealed form as their evidence; then that goes to the host, and the copy that the station could read is
destroyed. Of what is unusable, and of who opposes hosting, nothing goes there.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import structlog
from sqlmodel import Session

from consent_gate.gate import opposes_hosting
from consent_gate.model import (
    Evidence,
    EvidenceKind,
    FactKind,
    PatientRef,
    Statement,
)
from consent_gate.people import DECIDING
from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline import settle
from pipeline.forms import second
from pipeline.forms.depositing import deliver_returns
from pipeline.forms.ending import clear
from pipeline.forms.holding import backs_of, sealed_by_now, waits_beside
from pipeline.forms.readings import Read, Reading, require_known
from pipeline.forms.returning import compose
from pipeline.forms.standings import Standing, form_of, returned_of, standing_of
from pipeline.forms.telling import told_by
from pipeline.office.people import Act, Authenticated, Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.fact_rows import Recording
from storage.files import replacing
from storage.forms import TO_CHECK, Forms, StoredForm, StoredReturn, document_types
from storage.work import Superseded

log = structlog.get_logger("liasse.forms")

CHANNEL: Final = "formulaire"
"""How a notice that stands beside a form was given."""


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
            entry = told_by(who, returned, EntryType.CONSULTATION, "shown")
            station.ledger.append(session, entry, at=station.clock.now())
        with effect("form.show"), replacing(target) as copy:
            copy.write(path.read_bytes())
    return standing_of(station, returned.id)


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

    Where two are asked for (`second.needs_two`), what the first one read waits, and nothing of it is recorded; the
    same, from another person, takes effect. What was matched by hand is checked with the page beside it: a back alone
    says nothing that could be recorded. While a written page beside it waits, nothing is checked. The station's own
    copy is not needed for it: who has the paper, or the evidence that the client opened, may say what is on it. State,
    facts, check and entries are one transaction.

    A host that is away is no fault: the daemon goes on. Raises `StationFault` `form-unknown`, `form-not-to-check`,
    `form-page-behind`, `form-reading-unsound`, `form-type-unknown`, `second-person-same`, or as `authenticate`.
    """
    returned = sealed_by_now(station, returned_of(station, identifier))
    form = form_of(station, returned)
    if returned.state != TO_CHECK or form is None:
        raise StationFault("form-not-to-check")
    reading.require_sound(form.printed_on, station.clock.moment().day)
    require_known(reading.doc_types or (), _known_types(station))
    if returned.back and reading.outcome is not Read.UNUSABLE:
        raise StationFault("form-reading-unsound", what="back")
    with station.database.read() as session:
        _require_all_told(station, session, returned)
    who = authenticate(station, by(), act_of_check(station, returned.id, reading), DECIDING)
    if second.waits(station, returned, reading, who):
        return standing_of(station, returned.id)
    try:
        with station.database.write("form.check") as session:
            _require_all_told(station, session, returned)
            backs = backs_of(session, Forms(station.columns), returned, usable=reading.outcome is not Read.UNUSABLE)
            _record_reading(station, session, reading, (returned, *backs), form, who)
    except Superseded:
        raise StationFault("form-not-to-check") from None
    for one in (returned, *backs):
        clear(station, one.id)
    rejudge(station, [form.patient])
    _deposit(station, returned.file)
    return standing_of(station, returned.id)


def _require_all_told(station: Station, session: Session, returned: StoredReturn) -> None:
    """Raises `StationFault("form-page-behind")`: the patient may have set a limit there."""
    if waits_beside(session, Forms(station.columns), returned):
        raise StationFault("form-page-behind")


def _deposit(station: Station, file: str) -> None:
    """Nobody who read a form has to wait for a host that is away."""
    try:
        deliver_returns(station, file)
        settle.end_file(station, file)
    except HostFault as fault:
        log.warning("form-not-deposited", object=f"file:{file}", fault=fault.code)


def _known_types(station: Station) -> frozenset[str]:
    """Those of the contract; where it names none, those that documents came with."""
    configured = frozenset(station.config.notice.doc_types)
    if configured:
        return configured
    with station.database.read() as session:
        return document_types(session)


def _record_reading(
    station: Station,
    session: Session,
    reading: Reading,
    sheets: Sequence[StoredReturn],
    form: StoredForm,
    who: Authenticated,
) -> None:
    """`sheets`: what bears the signature, then its backs."""
    returned, now = sheets[0], station.clock.now()
    recording, said = Recording(now, person=who.id), statements(reading, returned, form)
    told = _record(station, session, form.patient, said, recording)
    grant = next((fact for fact, kind in told if kind is FactKind.GRANTED), None)
    if grant is not None:
        seen = Statement(kind=FactKind.CHECKED, on=station.clock.moment().day, about=grant)
        _record(station, session, form.patient, [seen], recording)
        told.append((grant, FactKind.CHECKED))
    subject = station.keys.pseudonym(form.patient)
    drafts = [told_by(who, one, EntryType.REVIEW, reading.outcome.value, subject) for one in sheets]
    drafts += _end(station, session, reading, sheets, form, who)
    drafts += [
        Draft(EntryType.REVIEW, f"fact:{fact}", _outcome(kind), subject=subject, parent=who.entry, person=who.id)
        for fact, kind in told
    ]
    drafts += second.settled(station, session, returned, reading, who, now)
    station.ledger.append(session, *drafts, at=now)


def _end(
    station: Station,
    session: Session,
    reading: Reading,
    sheets: Sequence[StoredReturn],
    form: StoredForm,
    who: Authenticated,
) -> list[Draft]:
    """Evidence is on its way to the host from now on, unless this person opposes hosting: then it stays here."""
    usable = reading.outcome is not Read.UNUSABLE
    reading_of = station.register.reading_within(session, form.patient)
    opposed = usable and opposes_hosting(reading_of, station.clock.moment(), station.policy)
    forms, drafts = Forms(station.columns), list[Draft]()
    for one in sheets:
        forms.check(session, one.id, reading.outcome, who.id, station.clock.now(), to_host=usable and not opposed)
        if opposed:
            drafts.append(told_by(who, one, EntryType.SEALING, "kept-from-host"))
    if usable and not opposed:
        station.captured.take_up_again(session, sheets[0].file)
    return drafts


def _record(
    station: Station, session: Session, patient: PatientRef, said: Sequence[Statement], recording: Recording
) -> list[tuple[str, FactKind]]:
    """References and kinds of the facts that are new."""
    recorded = station.register.record(session, [(patient, one) for one in said], recording)
    return [(one.reference, what.kind) for one, what in zip(recorded, said, strict=True) if one.reference]


def statements(reading: Reading, returned: StoredReturn, form: StoredForm) -> list[Statement]:
    """What the form says, the decision first; nothing where it is unusable."""
    if reading.on is None or reading.outcome is Read.UNUSABLE:
        return []
    evidence = Evidence(kind=EvidenceKind.SIGNED_FORM, on=reading.on, sha256=returned.pdf_sha256, envelope=returned.id)
    decided = Statement(
        kind=FactKind.GRANTED if reading.opens else FactKind.REFUSED,
        on=reading.on,
        until=reading.until,
        doc_types=reading.doc_types,
        evidence=evidence,
        given_by=reading.given_by,
        authority_until=reading.authority_until,
    )
    informed = Statement(kind=FactKind.NOTICE, on=reading.on, version=form.notice_version, channel=CHANNEL)
    return [decided, informed]


def _outcome(kind: FactKind) -> str:
    return kind.value if kind is FactKind.CHECKED else f"{kind.value}-recorded"
