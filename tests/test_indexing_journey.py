"""What real pages propose, read by Tesseract on their way through the station: right, or nothing."""

from pathlib import Path

from storage.indexing import indexes_of
from tests.conftest import Processed


def test_what_invented_records_are_headed_as_is_what_they_are(processed: Processed) -> None:
    """Their separators say what they are; what their pages propose is compared with it."""
    with processed.trial.opened() as station, station.database.read() as session:
        documents = station.documents.documents(session, state="deposited")
        indexes = indexes_of(session, station.columns, [one.id for one in documents])
    said = {one.id: one.claim.doc_type for one in documents if one.claim and one.claim.doc_type}
    proposed = {one: indexes[one].proposed_type for one in said}
    wrong = {one for one, type_ in proposed.items() if type_ is not None and type_.value != said[one]}
    assert not wrong
    assert sum(type_ is not None for type_ in proposed.values()) >= 0.9 * len(said)
    assert not any(index.films for index in indexes.values())


def test_the_days_of_invented_records_stand_on_their_pages(processed: Processed) -> None:
    """A day that is proposed was before the reference day, and is nobody's birth date."""
    births = {patient.birth_date.isoformat() for patient in processed.invented.patients}
    with processed.trial.opened() as station, station.database.read() as session:
        documents = station.documents.documents(session, state="deposited")
        indexes = indexes_of(session, station.columns, [one.id for one in documents])
    days = [index.proposed_date.value for index in indexes.values() if index.proposed_date]
    assert len(days) >= 0.5 * len(documents)
    assert not births & set(days)


def test_no_proposal_lies_in_clear_in_the_station(processed: Processed) -> None:
    with processed.trial.opened() as station, station.database.read() as session:
        documents = station.documents.documents(session, state="deposited")
        indexes = indexes_of(session, station.columns, [one.id for one in documents])
    days = {index.proposed_date.value for index in indexes.values() if index.proposed_date}
    kept = [path for path in Path(processed.trial.home).rglob("*") if path.is_file()]
    content = b"\n".join(path.read_bytes() for path in kept)
    assert days
    assert not [day for day in days if f'"{day}"'.encode() in content]
