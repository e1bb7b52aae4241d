"""Held pages, and what a person says of them: of which form they are, or that they are of none.

No gate is asked for forms, so that nothing but a form may be put at the host: a page is matched with a form by hand
only where its own code cannot be read, or where it is written on and lies directly before or behind a coded page of
that form: a scanner that is fed the other way round gives the back first.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Final

from sqlmodel import Session

from consent_gate.people import DECIDING
from lexicon.faults import StationFault
from pipeline import settle
from pipeline.forms.depositing import deliver_returns
from pipeline.forms.ending import clear
from pipeline.forms.laying import FormReason
from pipeline.forms.readings import Read
from pipeline.forms.standings import Standing, returned_of, standing_of
from pipeline.forms.telling import told_by
from pipeline.office.people import Presented, act_of, authenticate
from pipeline.station import Station
from storage.custody import EntryType
from storage.forms import DISCARDED, HELD, STATES, TO_CHECK, TO_SEAL, Forms, StoredForm, StoredReturn
from storage.stored import LOST
from storage.work import Superseded

_READ: Final = frozenset({None, FormReason.UNSIGNED_PAGE.value})
_DAMAGED: Final = frozenset({FormReason.CODE_DAMAGED.value})
_CODED: Final = _READ | _DAMAGED
_MATCHABLE: Final = _DAMAGED | {FormReason.UNMATCHED.value}
_UNREAD: Final = _MATCHABLE | {FormReason.SEPARATOR.value, LOST}
"""Why pages are held of which no code says that they are another form's."""
_COUNTED: Final = tuple(state for state in STATES if state != DISCARDED)


def assign(station: Station, identifier: str, form: str, by: Callable[[], Presented]) -> Standing:
    """A person says by its printed number of which form a held page is; it is sealed like any other, and checked.

    Raises `StationFault` `form-unknown`, `form-not-held`, `form-unassignable`, `form-sides-exceeded`,
    `form-copy-missing`, or as `authenticate`.
    """
    forms = Forms(station.columns)
    returned, number = returned_of(station, identifier), "".join(form.split()).upper()
    with station.database.read() as session:
        printed = forms.find(session, number)
    if printed is None:
        raise StationFault("form-unknown")
    if returned.state != HELD or returned.reason == LOST:
        raise StationFault("form-not-held")
    with station.database.read() as session:
        _require_assignable(session, forms, returned, printed)
    if returned.closed or not station.quarantine.has(returned.id):
        raise StationFault("form-copy-missing")
    who = authenticate(station, by(), act_of(station, "form-assign", f"form:{returned.id}", {"form": number}), DECIDING)
    subject = station.keys.pseudonym(printed.patient)
    try:
        with station.database.write("form.assign") as session:
            forms.lock(session, number)
            _require_assignable(session, forms, returned, printed)
            file = forms.assign(session, returned.id, number)
            station.captured.take_up_again(session, file)
            entry = told_by(who, returned, EntryType.REVIEW, "assigned", subject, parent=number)
            station.ledger.append(session, entry, at=station.clock.now())
    except Superseded:
        raise StationFault("form-not-held") from None
    _seal(station, returned)
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


def sealed_by_now(station: Station, returned: StoredReturn) -> StoredReturn:
    """This return as it stands once what was matched by hand beside it, and not sealed since a crash, is sealed."""
    with station.database.read() as session:
        beside = Forms(station.columns).returns(session, file=returned.file, states=(TO_SEAL,))
    left = [one for one in beside if one.reason in _MATCHABLE and one.outcome is None]
    for one in left:
        _seal(station, one)
    return returned_of(station, returned.id) if left else returned


def waits_beside(session: Session, forms: Forms, returned: StoredReturn) -> bool:
    """Whether a written page directly before or behind a page of this form waits: for a person who says whether it is
    of it, or to be sealed.
    """
    beside = forms.returns(session, file=returned.file)
    fronts = _fronts(beside, returned.form)
    return any(_undecided(one, returned.form) and _is_beside(one, fronts) for one in beside if one.id != returned.id)


def backs_of(session: Session, forms: Forms, returned: StoredReturn, *, usable: bool) -> tuple[StoredReturn, ...]:
    """What a person matched with this form, and what waits to be checked with this return of it.

    A page whose code nobody can read goes with the one beside it whose code was read, where that is `usable`:
    otherwise it may be another signed copy. The back of a page that is not checked by itself goes with any.
    """
    if returned.back:
        return ()
    waiting = forms.returns(session, file=returned.file, form=returned.form, states=(TO_CHECK,))
    others = [one for one in waiting if one.id != returned.id]
    sheets = frozenset(returned.positions)
    spoilt = list[StoredReturn]()
    if usable and returned.reason is None:
        read = _positions(one for one in others if one.reason is None)
        spoilt = [one for one in others if one.reason in _DAMAGED and _goes_with(one, sheets, read, alone=False)]
    sheets |= _positions(spoilt)
    read = _positions(one for one in others if not one.back) - sheets
    backs = [one for one in others if one.back and _goes_with(one, sheets, read, alone=usable)]
    return (*spoilt, *backs)


def _seal(station: Station, returned: StoredReturn) -> None:
    """Nothing else of its file, so that nobody waits for a host."""
    deliver_returns(station, returned.file, only=returned.id)
    settle.end_file(station, returned.file)


def _require_assignable(session: Session, forms: Forms, returned: StoredReturn, form: StoredForm) -> None:
    """Whether a held page may be one of this form: a single page, for a sheet has one back, and one code a side.

    Raises `StationFault` `form-unassignable`, `form-sides-exceeded`.
    """
    if returned.reason not in _MATCHABLE or len(returned.positions) > 1:
        raise StationFault("form-unassignable")
    if returned.reason == FormReason.UNMATCHED:
        beside = forms.returns(session, file=returned.file)
        backs = _positions(one for one in beside if one.back and one.form == form.id)
        if not _each_has_its_front(backs | frozenset(returned.positions), _fronts(beside, form.id)):
            raise StationFault("form-unassignable")
    sides = 2 * form.pages
    came = [one for one in forms.returns(session, form=form.id, states=_COUNTED) if one.reason != LOST]
    kept = [one for one in came if one.outcome != Read.UNUSABLE]
    coded = sum(len(one.positions) for one in kept if one.reason in _READ)
    sides = max(sides, 2 * coded)
    if sum(len(one.positions) for one in kept) >= sides:
        raise StationFault("form-sides-exceeded", sides=sides)


def _undecided(one: StoredReturn, form: str | None) -> bool:
    """Whether it may be of this form, by all that is known of it, and waits. A code that was read decides."""
    if one.state == TO_SEAL:
        return one.form == form and one.reason in _MATCHABLE and one.outcome is None
    return one.state == HELD and one.form in {None, form} and one.reason in _UNREAD


def _is_beside(one: StoredReturn, fronts: Collection[int]) -> bool:
    return one.positions[0] - 1 in fronts or one.positions[-1] + 1 in fronts


def _goes_with(one: StoredReturn, sheets: Collection[int], others: Collection[int], *, alone: bool) -> bool:
    """Whether a matched page lies beside these rather than beside others, the page before it first; `alone` where it
    lies beside neither.
    """
    for place in (one.positions[0] - 1, one.positions[0] + 1):
        if place in sheets:
            return True
        if place in others:
            return False
    return alone


def _each_has_its_front(backs: Collection[int], fronts: Collection[int]) -> bool:
    """Whether each back can be that of another front directly beside it: a sheet has one."""
    free = set(fronts)
    for back in sorted(backs):
        front = next((place for place in (back - 1, back + 1) if place in free), None)
        if front is None:
            return False
        free.remove(front)
    return True


def _fronts(returns: Iterable[StoredReturn], form: str | None) -> frozenset[int]:
    """The positions in the file of a form's pages that bear a code. A back that was matched by hand is no front."""
    return _positions(one for one in returns if form and one.form == form and one.reason in _CODED)


def _positions(returns: Iterable[StoredReturn]) -> frozenset[int]:
    return frozenset(position for one in returns for position in one.positions)
