"""Forms that came back, as a person is shown them: which of them wait, for what, and whether they can be looked at."""

from collections import Counter
from dataclasses import dataclass

from lexicon.faults import StationFault
from pipeline.station import Station
from storage.forms import HELD, TO_CHECK, UNCHECKED, Forms, StoredForm, StoredReturn
from storage.stored import StoredFile


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
    return next(one for one in standings(station, waiting=False) if one.returned.id == identifier)


def _name(file: StoredFile | None) -> str:
    return file.name if file else ""
