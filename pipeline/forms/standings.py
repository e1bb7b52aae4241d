"""Forms that came back, as a person is shown them: which of them wait, for what, and whether they can be looked at."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from lexicon.faults import StationFault
from pipeline.station import Station
from storage.forms import HELD, TO_CHECK, UNCHECKED, Forms, StoredForm, StoredReturn
from storage.reviews import Reviews, Waiting

_OBJECT: Final = "form:"
"""How a return is named as the object of an entry or a review."""


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
    waits: Waiting | None = None
    """What one person read on it, where that waits for a second one."""

    @property
    def reason(self) -> str | None:
        """Why it waits for a person; None: it does not."""
        held = self.returned.reason if self.returned.state == HELD else None
        return UNCHECKED if self.returned.state == TO_CHECK else held


def standings(station: Station, *, waiting: bool = True) -> tuple[Standing, ...]:
    """What came back, in order; with `waiting`, what waits for a person alone."""
    forms = Forms(station.columns)
    with station.database.read() as session:
        copies = Counter(one.form for one in forms.returns(session) if one.form and not one.back)
        found = forms.returns(session, states=(TO_CHECK, HELD)) if waiting else forms.returns(session)
        read = readings_waiting(station, session)
        return tuple(
            _standing(station, session, one, copies[one.form] if one.form else 0, read.get(one.id)) for one in found
        )


def returned_of(station: Station, identifier: str) -> StoredReturn:
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


def form_of(station: Station, returned: StoredReturn) -> StoredForm | None:
    with station.database.read() as session:
        return Forms(station.columns).find(session, returned.form) if returned.form else None


def standing_of(station: Station, identifier: str) -> Standing:
    """Of one return by its own number. Raises `StationFault("form-unknown")`."""
    forms = Forms(station.columns)
    with station.database.read() as session:
        returned = forms.returned(session, identifier)
        if returned is None:
            raise StationFault("form-unknown")
        copies = forms.came_back(session, returned.form) if returned.form else 0
        return _standing(station, session, returned, copies, readings_waiting(station, session).get(identifier))


def readings_waiting(station: Station, session: Session) -> dict[str, Waiting]:
    """By return: what one person read on it, where that waits for a second one; the first one's, where several do."""
    found: dict[str, Waiting] = {}
    for one in Reviews(station.columns).all_waiting(session):
        if is_reading(one):
            found.setdefault(of_return(one), one)
    return found


def is_reading(waiting: Waiting) -> bool:
    """Whether what waits for a second person is what a first one read on a form."""
    return waiting.object.startswith(_OBJECT)


def of_return(waiting: Waiting) -> str:
    return waiting.object.removeprefix(_OBJECT)


def _standing(
    station: Station, session: Session, returned: StoredReturn, copies: int, waits: Waiting | None
) -> Standing:
    file = station.captured.file(session, returned.file)
    form = Forms(station.columns).find(session, returned.form) if returned.form else None
    readable = station.quarantine.has(returned.id)
    return Standing(returned, form, file.name if file else "", copies, readable, waits)
