"""Forms for the printer: each is on record before it is on paper, so that none comes back unknown."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from consent_gate.cells import CellRefused, check_reference
from consent_gate.model import Patient, PatientRef
from lexicon.faults import StationFault
from pipeline.forms.code import station_tag
from pipeline.forms.notice import compose_notice
from pipeline.forms.paper import Blank, pages_of, write_forms
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import replacing
from storage.forms import Forms, StoredForm
from storage.times import write_time

PRINTED: Final = "form-printed"
_MOST: Final = 5_000
"""Forms in one file."""
_FEMALE: Final = "F"


def read_references(path: Path) -> tuple[str, ...]:
    """The references of a file of UTF-8, one a line; an empty line keeps its place.

    Raises `StationFault("patients-file-unreadable")`.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise StationFault("patients-file-unreadable") from None
    return tuple(line.strip() for line in lines)


def print_forms(
    station: Station, references: Sequence[str], target: Path, *, version: str | None = None, names: bool = False
) -> tuple[str, ...]:
    """Write notice and form for each patient at `target`, where there is no file yet; the forms' numbers, in order.

    Empty references are passed over, and said twice is said once; a fault names the place among all that were given.
    Printing tells nobody anything: no notice is recorded as given. Raises `StationFault` `notice-setting-missing`,
    `notice-version-changed`, `reference-unusable-on-sheet`, `reference-not-on-roster`, `form-nobody`, `form-too-many`,
    `target-exists`, `disk-full`.
    """
    if os.path.lexists(target):
        raise StationFault("target-exists")
    place_of = {text: place for place, text in reversed([*enumerate(references, start=1)]) if text}
    wanted = sorted(place_of, key=place_of.__getitem__)
    if not wanted:
        raise StationFault("form-nobody")
    if len(wanted) > _MOST:
        raise StationFault("form-too-many", limit=_MOST)
    notice = compose_notice(station.config, version)
    told = notice.digest()
    patients = [_patient(station, place_of[text], text) for text in wanted]
    pages, now, on = pages_of(notice), station.clock.now(), station.clock.moment().day
    numbers = tuple(station.identifiers.new() for _ in patients)
    forms = Forms(station.columns)
    with station.database.write("form.print-record") as session:
        if forms.notices(session, notice.version) - {told}:
            raise StationFault("notice-version-changed", version=notice.version)
        drafts = list[Draft]()
        for number, patient in zip(numbers, patients, strict=True):
            forms.print(session, StoredForm(number, patient.ref, notice.version, pages, write_time(now), on, told))
            subject = station.keys.pseudonym(patient.ref)
            drafts.append(Draft(EntryType.COMPOSITION, f"form:{number}", PRINTED, subject=subject, hashes_out=(told,)))
        station.ledger.append(session, *drafts, at=now)
    blanks = [
        Blank(number, patient.ref, _named(patient) if names else "")
        for number, patient in zip(numbers, patients, strict=True)
    ]
    with effect("form.print"), replacing(target) as stream:
        write_forms(blanks, notice, station_tag(station.id), now.astimezone(station.clock.zone), stream)
    return numbers


def _patient(station: Station, place: int, text: str) -> Patient:
    try:
        reference: PatientRef = check_reference(text)
    except CellRefused:
        raise StationFault("reference-unusable-on-sheet", place=place) from None
    found = station.roster.find(reference)
    if found is None:
        raise StationFault("reference-not-on-roster", place=place)
    return found


def _named(patient: Patient) -> str:
    born = "née" if patient.sex == _FEMALE else "né" if patient.sex else "né(e)"
    given = " ".join(patient.given_names)
    return f"{patient.birth_name} {given}, {born} le {patient.birth_date:%d/%m/%Y}".replace("*", "")
