"""What would become of documents in hand if what a person read on a form were recorded."""

from dataclasses import fields

from consent_gate.model import Fact, FactKind, Statement
from pipeline.forms.checking import statements
from pipeline.forms.readings import Reading
from pipeline.forms.standings import form_of, returned_of
from pipeline.office.register_desk import Change, change_by
from pipeline.station import Station


def foreseen(station: Station, identifier: str, reading: Reading) -> Change | None:
    """What would become of documents in hand if this were recorded; None where nothing would be recorded.

    Raises `StationFault("form-unknown")`.
    """
    returned = returned_of(station, identifier)
    form = form_of(station, returned)
    said = statements(reading, returned, form) if form else []
    if form is None or not said:
        return None
    facts = [_as_fact(station, one) for one in said]
    checks = [
        Statement(kind=FactKind.CHECKED, on=station.clock.moment().day, about=fact.reference)
        for fact in facts
        if fact.kind is FactKind.GRANTED
    ]
    return change_by(station, form.patient, [*facts, *(_as_fact(station, one) for one in checks)])


def _as_fact(station: Station, said: Statement) -> Fact:
    stated = {one.name: getattr(said, one.name) for one in fields(Statement)}
    return Fact(**stated, reference=station.identifiers.new(), recorded_at=station.clock.now())
