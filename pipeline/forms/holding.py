"""Held pages, and what a person says of them: of which form they are, or that they are of none.

No gate is asked for forms, so that nothing but a form may be put at the host: a page is matched with a form by hand
only where its own code cannot be read, or where it is written on and lies directly behind a coded page of that form.
"""

from collections.abc import Callable, Iterable
from typing import Final

from sqlmodel import Session

from consent_gate.people import DECIDING
from lexicon.faults import StationFault
from pipeline import settle
from pipeline.forms.depositing import deliver_returns
from pipeline.forms.ending import clear
from pipeline.forms.laying import FormReason
from pipeline.forms.standings import Standing, returned_of, standing_of
from pipeline.forms.telling import told_by
from pipeline.office.people import Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import EntryType
from storage.forms import HELD, TO_CHECK, Forms, StoredReturn
from storage.stored import LOST
from storage.work import Superseded

_CODED: Final = frozenset({None, FormReason.UNSIGNED_PAGE.value, FormReason.CODE_DAMAGED.value})
_MATCHABLE: Final = frozenset({FormReason.CODE_DAMAGED.value, FormReason.UNMATCHED.value})


def assign(station: Station, identifier: str, form: str, by: Callable[[], Presented]) -> Standing:
    """A person says by its printed number of which form a held page is; it is sealed like any other, and checked.

    Raises `StationFault` `form-unknown`, `form-not-held`, `form-unassignable`, `form-copy-missing`, or as
    `authenticate`.
    """
    forms = Forms(station.columns)
    returned, number = returned_of(station, identifier), "".join(form.split()).upper()
    with station.database.read() as session:
        printed = forms.find(session, number)
        fits = printed is not None and _may_be_of(session, forms, returned, printed.id)
    if printed is None:
        raise StationFault("form-unknown")
    if returned.state != HELD or returned.reason == LOST:
        raise StationFault("form-not-held")
    if not fits:
        raise StationFault("form-unassignable")
    if returned.closed or not station.quarantine.has(returned.id):
        raise StationFault("form-copy-missing")
    who = authenticate(station, by(), act_of(station, "form-assign", f"form:{returned.id}", {"form": number}), DECIDING)
    subject = station.keys.pseudonym(printed.patient)
    try:
        with station.database.write("form.assign") as session:
            file = forms.assign(session, returned.id, number)
            station.captured.take_up_again(session, file)
            entry = told_by(who, returned, EntryType.REVIEW, "assigned", subject, parent=number)
            station.ledger.append(session, entry, at=station.clock.now())
    except Superseded:
        raise StationFault("form-not-held") from None
    deliver_returns(station, file)
    settle.end_file(station, file)
    return standing_of(station, returned.id)


def discard(station: Station, identifier: str, by: Callable[[], Presented]) -> Standing:
    """A person says that held pages are no form's: the station's copies are destroyed, sealed ones too, and the ledger
    says so; the paper is there.

    Raises `StationFault` `form-unknown`, `form-not-held`, or as `authenticate`.
    """
    returned = returned_of(station, identifier)
    if returned.state != HELD:
        raise StationFault("form-not-held")
    who = authenticate(station, by(), act_of(station, "form-discard", f"form:{returned.id}", {}), DECIDING)
    try:
        with station.database.write("form.discard") as session:
            Forms(station.columns).discard(session, returned.id)
            entry = told_by(who, returned, EntryType.REVIEW, "discarded")
            station.ledger.append(session, entry, at=station.clock.now())
    except Superseded:
        raise StationFault("form-not-held") from None
    clear(station, returned.id)
    return standing_of(station, returned.id)


def has_page_behind(station: Station, returned: StoredReturn) -> bool:
    """Whether a written page lies behind a page of this form, and nobody has said yet whether it is of it."""
    forms = Forms(station.columns)
    with station.database.read() as session:
        beside = forms.returns(session, file=returned.file)
    fronts = _fronts(beside, returned.form)
    return any(
        one.state == HELD and one.reason == FormReason.UNMATCHED and one.positions[0] - 1 in fronts for one in beside
    )


def backs_of(session: Session, forms: Forms, returned: StoredReturn) -> tuple[StoredReturn, ...]:
    """What a person matched with this return as backs of its pages, and what waits to be checked with it."""
    beside = forms.returns(session, file=returned.file, form=returned.form, states=(TO_CHECK,))
    return tuple(one for one in beside if one.back and one.positions[0] - 1 in returned.positions)


def _may_be_of(session: Session, forms: Forms, returned: StoredReturn, form: str) -> bool:
    """Whether a held page may be one of this form: a single page, for a sheet has one back, and one code a side."""
    if returned.reason not in _MATCHABLE or len(returned.positions) > 1:
        return False
    if returned.reason == FormReason.CODE_DAMAGED:
        return True
    return returned.positions[0] - 1 in _fronts(forms.returns(session, file=returned.file), form)


def _fronts(returns: Iterable[StoredReturn], form: str | None) -> frozenset[int]:
    """The positions in the file of a form's pages that bear a code. A back that was matched by hand is no front."""
    of_form = (one for one in returns if form and one.form == form and one.reason in _CODED)
    return frozenset(position for one in of_form for position in one.positions)
