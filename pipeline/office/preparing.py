"""The gate before the feeder: asked for each patient of a list, so that the paper of who refused is never fed.

The answer of a document is asked again when it is there: what is printed here opens nothing.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from consent_gate.gate import decide
from consent_gate.model import Clearance, DocumentId, Patient, PatientRef, Reason, RegisterReading
from lexicon.faults import Fault, StationFault
from pipeline.sheets.apart import Apart, write_csv, write_pdf
from pipeline.sheets.wanted import Wanted
from pipeline.station import Station
from storage.effects import effect
from storage.files import replacing

_NOBODY: Final = DocumentId("0" * 26)
_FEMALE: Final = "F"


@dataclass(frozen=True, slots=True)
class Closed:
    """A line for which the gate is closed, and why."""

    wanted: Wanted
    reason: Reason

    @property
    def answer(self) -> dict[str, Any]:
        """For the operator's screen, as JSON."""
        one = self.wanted
        return {
            "patient": one.patient,
            "doc_type": one.doc_type,
            "document": one.client_document,
            "box": one.box,
            "position": one.position,
            "reason": self.reason.value,
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's lines, in their order, by what the gate says of each at this moment."""

    cleared: tuple[Wanted, ...]
    closed: tuple[Closed, ...]
    people: dict[PatientRef, Patient] = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """For the entry: how many patients were asked for, how many lines passed, how many did not."""
        return {"patients": len(self.people), "cleared": len(self.cleared), "closed": len(self.closed)}


def ask_for(station: Station, several: Sequence[Wanted], *, listed: bool = True) -> Asked:
    """Ask the gate for each line; where an authorization is limited to types, the line's type counts.

    The caller writes the entry, before anybody is told. For a reference that the roster does not have, raises
    `StationFault` `list-patient-unknown`, or `reference-not-on-roster` where it was not `listed` but given alone.
    """
    moment, readings = station.clock.moment(), dict[PatientRef, RegisterReading]()
    cleared, closed = list[Wanted](), list[Closed]()
    with station.database.read() as session:
        people = dict(station.roster.find_many(session, [one.patient for one in several]))
        for one in several:
            if one.patient not in people:
                _unknown(one, listed=listed)
            if one.patient not in readings:
                readings[one.patient] = station.register.reading_within(session, one.patient)
            said = decide(_NOBODY, one.patient, one.doc_type, readings[one.patient], moment, station.policy)
            if isinstance(said, Clearance):
                cleared.append(one)
            else:
                closed.append(Closed(one, said.reason))
    return Asked(tuple(cleared), tuple(closed), people)


def _unknown(one: Wanted, *, listed: bool) -> NoReturn:
    if listed:
        raise StationFault("list-patient-unknown", place=one.line)
    raise StationFault("reference-not-on-roster", place=one.line)


# The list NE PAS NUMÉRISER


def places_of(target: Path) -> tuple[Path, Path]:
    """Where the list goes: the PDF, and the CSV beside it, whichever of both was named."""
    sheet = target.with_suffix(".csv")
    return (target.with_suffix(".pdf") if target == sheet else target), sheet


def beside(target: Path) -> Path:
    """The list's place where nobody named one: beside what is printed."""
    return target.with_name(f"{target.stem}.ne-pas-numeriser.pdf")


def require_free(*targets: Path) -> None:
    """Raise `StationFault("target-exists")`, also where two of them are one place."""
    if any(map(os.path.lexists, targets)) or len(set(targets)) < len(targets):
        raise StationFault("target-exists")


@contextmanager
def withdrawn_on_fault(*paths: Path) -> Iterator[None]:
    """Around what these files are for: where it meets a fault, none of them stays."""
    try:
        yield
    except Fault:
        for path in paths:
            with suppress(OSError), effect("apart.withdraw"):
                path.unlink(missing_ok=True)
        raise


def write_list(
    station: Station,
    asked: Asked,
    target: Path,
    *,
    names: bool = False,
    about: Sequence[str] = (),
    box: str | None = None,
) -> tuple[Path, Path]:
    """The list as PDF at `target` and as CSV beside it, durable, both or none; `box`: where a line names none. Raises
    `StationFault` `target-exists`, `disk-full`.
    """
    paths = places_of(target)
    require_free(*paths)
    lines = [_apart(one, asked.people[one.wanted.patient] if names else None, box) for one in asked.closed]
    at = station.clock.now().astimezone(station.clock.zone)
    head = (station.config.client.name, *about)
    with withdrawn_on_fault(*paths), ExitStack() as streams, effect("apart.print"):
        printed, sheet = (streams.enter_context(replacing(path)) for path in paths)
        write_pdf(lines, printed, at=at, about=head)
        write_csv(lines, sheet)
    return paths


def named(patient: Patient) -> str:
    """For the eyes of who feeds the paper: names and birth date."""
    born = "née" if patient.sex == _FEMALE else "né" if patient.sex else "né(e)"
    return f"{patient.birth_name} {' '.join(patient.given_names)}, {born} le {patient.birth_date:%d/%m/%Y}"


def _apart(closed: Closed, patient: Patient | None, box: str | None) -> Apart:
    one = closed.wanted
    return Apart(
        one.patient,
        one.doc_type,
        one.client_document,
        one.box or box,
        one.position,
        closed.reason is Reason.TYPE_NEEDED,
        named(patient) if patient else "",
    )
