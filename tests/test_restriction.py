"""A deposited document whose patient says no is restricted at once: not read, not handed over without that said."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent_gate.model import FactKind, Opposition, PatientRef, Statement
from consent_gate.people import Role
from handover.build import build
from lexicon.faults import StationFault
from pipeline.batches import close_batch
from pipeline.office import answers
from pipeline.office.fetch import Access, AccessReason, fetch
from pipeline.office.rejudging import finish, rejudge
from pipeline.station import Station
from storage import restrictions
from storage.envelope import Opened
from storage.stored import StoredDocument
from tests.handover_fixtures import LEONIE, REFERENCE, Sheets, Workshop
from tests.people_fixtures import Somebody, Staff, entries, staffed
from tests.register_fixtures import add_facts
from tests.station_fixtures import burglar

DAY = date(2025, 1, 1)


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """One document at the host, of a patient who authorized; its batch is closed."""
    made = Workshop.open(tmp_path / "station")
    made.knows(LEONIE, FactKind.GRANTED)
    file = made.takes("a.tif", "lot")
    made.opens(file, ["separator", Sheets(2, REFERENCE, "fiche_aptitude", "D-1")])
    made.works(file)
    close_batch(made.station, file.batch)
    yield made
    made.station.close()


def document(station: Station) -> StoredDocument:
    with station.database.read() as session:
        (one,) = station.documents.documents(session)
    return one


def says(station: Station, kind: FactKind, on: date = DAY + timedelta(days=1), **more: object) -> None:
    statement = Statement(kind=kind, on=on, **more)  # type: ignore[arg-type]  # fields of Statement
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(REFERENCE, statement)], station.clock.now())


def read(workshop: Workshop, tmp_path: Path, access: Access | None = None) -> Opened:
    keys = tmp_path / "station" / "trial-keys"
    one = document(workshop.station)
    return fetch(workshop.station, one.id, keys / "client.key", keys / "client.crt", tmp_path / "read.pdf", access)


def reason_of(station: Station) -> str | None:
    with station.database.read() as session:
        standing = restrictions.standing(session, document(station).id)
    return standing.reason if standing else None


NOES: list[tuple[FactKind, Opposition | None, str]] = [
    (FactKind.WITHDRAWN, None, "withdrawn"),
    (FactKind.REFUSED, None, "refused"),
    (FactKind.OPPOSED, Opposition.HOSTING, "opposition"),
    (FactKind.OPPOSED, Opposition.ACCESS, "opposition-access"),
    (FactKind.OPPOSED, Opposition.TRANSMISSION, "opposition-transmission"),
    (FactKind.DOUBTED, None, "doubted"),
]


@pytest.mark.parametrize(("kind", "opposition", "reason"), NOES)
def test_each_no_restricts_what_is_deposited(
    workshop: Workshop, tmp_path: Path, kind: FactKind, opposition: Opposition | None, reason: str
) -> None:
    station = workshop.station
    read(workshop, tmp_path)
    says(station, kind, opposition=opposition)
    with pytest.raises(StationFault) as caught:  # though nobody has judged it anew yet: the register itself is asked
        read(workshop, tmp_path)
    assert (caught.value.code, caught.value.facts) == ("document-restricted", {"reason": reason})
    assert finish(station).restricted == 1
    assert finish(station).restricted == 0, "once"
    assert reason_of(station) == reason
    told = [(e["type"], e["outcome"]) for e in entries(station) if e["object"] == f"document:{document(station).id}"]
    assert ("restriction", reason) in told
    proposes = reason in {"refused", "withdrawn", "opposition"}
    assert (("deletion", "proposed") in told) is proposes, "proposed, and nothing more; of the others people decide"
    assert ("consultation", "document-restricted") in told, "the attempt is on record"
    with pytest.raises(StationFault, match="document-restricted"):
        read(workshop, tmp_path)


@pytest.mark.parametrize("kind", [FactKind.DECEASED, FactKind.NOTICE])
def test_what_is_no_no_restricts_nothing(workshop: Workshop, tmp_path: Path, kind: FactKind) -> None:
    says(workshop.station, kind)
    assert finish(workshop.station).restricted == 0
    read(workshop, tmp_path)


def test_an_authorization_that_has_ended_does_not_reach_back(tmp_path: Path) -> None:
    workshop = Workshop.open(tmp_path / "station")
    station, today = workshop.station, workshop.station.clock.moment().day
    workshop.knows(LEONIE, FactKind.NOTICE)
    says(station, FactKind.GRANTED, DAY, until=today)
    file = workshop.takes("a.tif", "lot")
    workshop.opens(file, ["separator", Sheets(1, REFERENCE, "courrier", "D-1")])
    workshop.works(file)
    assert document(station).state == "deposited"
    object.__setattr__(station.clock, "as_of", today + timedelta(days=30))
    assert rejudge(station).restricted == 0
    read(workshop, tmp_path)
    station.close()


def test_death_does_not_hide_a_no_nor_undo_it(workshop: Workshop) -> None:
    station = workshop.station
    says(station, FactKind.WITHDRAWN)
    says(station, FactKind.DECEASED, DAY + timedelta(days=2))
    assert finish(station).restricted == 1
    says(station, FactKind.DECEASED, DAY + timedelta(days=3))
    assert finish(station).lifted == 0


def test_a_later_authorization_lifts_the_restriction_and_cancels_the_deletion(
    workshop: Workshop, tmp_path: Path
) -> None:
    station = workshop.station
    says(station, FactKind.WITHDRAWN)
    finish(station)
    says(station, FactKind.GRANTED, DAY + timedelta(days=2))
    assert finish(station).lifted == 1
    assert reason_of(station) is None
    read(workshop, tmp_path)
    with station.database.read() as session:
        (placed,) = restrictions.history(session, document(station).id)
    assert placed.lifted_at
    assert placed.lifted_by
    assert answers.document(station, document(station).id)["deletion"] == "cancelled"
    says(station, FactKind.WITHDRAWN, DAY + timedelta(days=3))
    assert finish(station).restricted == 1, "and a no of later restricts it again"
    assert answers.document(station, document(station).id)["deletion"] == "proposed"


def test_an_opposition_is_lifted_by_its_own_lifting_alone(workshop: Workshop) -> None:
    station = workshop.station
    says(station, FactKind.OPPOSED, opposition=Opposition.ACCESS)
    finish(station)
    says(station, FactKind.GRANTED, DAY + timedelta(days=2))
    assert finish(station).lifted == 0
    says(station, FactKind.OPPOSITION_LIFTED, DAY + timedelta(days=3), opposition=Opposition.ACCESS)
    assert finish(station).lifted == 1


def deletion_of(station: Station) -> object:
    return answers.document(station, document(station).id)["deletion"]


def test_a_line_that_contradicts_itself_restricts_and_proposes_no_deletion(workshop: Workshop) -> None:
    """The record is required by law (RGPD art. 17(3)(b)): a typo is no reason to erase it."""
    says(workshop.station, FactKind.WITHDRAWN, DAY)
    finish(workshop.station)
    assert (reason_of(workshop.station), deletion_of(workshop.station)) == ("contradictory", None)


@pytest.mark.parametrize(
    ("kind", "opposition", "left"),
    [
        (FactKind.OPPOSED, Opposition.ACCESS, ("withdrawn", "proposed")),
        (FactKind.DOUBTED, None, ("doubted", "cancelled")),
    ],
)
def test_a_proposal_stands_as_long_as_the_no_that_asks_for_it(
    workshop: Workshop, kind: FactKind, opposition: Opposition | None, left: tuple[str, str]
) -> None:
    """An opposition to access beside a withdrawal takes nothing from it; a doubt does, until it is settled."""
    station = workshop.station
    says(station, FactKind.WITHDRAWN)
    finish(station)
    says(station, kind, DAY + timedelta(days=2), opposition=opposition)
    finish(station)
    assert (reason_of(station), deletion_of(station)) == left


def test_a_withdrawal_after_an_opposition_to_access_proposes_the_deletion(workshop: Workshop) -> None:
    station = workshop.station
    says(station, FactKind.OPPOSED, opposition=Opposition.ACCESS)
    finish(station)
    assert deletion_of(station) is None
    says(station, FactKind.WITHDRAWN, DAY + timedelta(days=2))
    finish(station)
    assert (reason_of(station), deletion_of(station)) == ("withdrawn", "proposed")


def test_a_narrower_authorization_after_a_refusal_does_not_lift_it(workshop: Workshop) -> None:
    station = workshop.station
    says(station, FactKind.REFUSED)
    finish(station)
    says(station, FactKind.GRANTED, DAY + timedelta(days=2), doc_types=frozenset({"courrier"}))
    assert finish(station).lifted == 0
    assert reason_of(station) == "refused"


def test_a_withdrawal_that_is_still_to_come_restricts_on_its_day(workshop: Workshop, tmp_path: Path) -> None:
    station, today = workshop.station, workshop.station.clock.moment().day
    says(station, FactKind.WITHDRAWN, today + timedelta(days=2))
    assert finish(station).restricted == 0
    read(workshop, tmp_path)
    object.__setattr__(station.clock, "as_of", today + timedelta(days=2))
    with pytest.raises(StationFault, match="document-restricted"):
        read(workshop, tmp_path)
    assert finish(station).restricted == 1, "the day that has begun has everything judged anew"


def test_the_handover_says_what_is_restricted(workshop: Workshop, tmp_path: Path) -> None:
    """Though nobody has judged it anew yet: the handover does."""
    station = workshop.station
    says(station, FactKind.WITHDRAWN)
    built = build(station, tmp_path / "handover")
    with (built.path / "documents.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream, delimiter=";")
    assert row["restriction"] == "withdrawn"
    assert row["restricted_since"]
    assert "limit" in (built.path / "LISEZMOI.txt").read_text(encoding="utf-8")
    shown = answers.document(station, document(station).id)
    assert shown["restriction"] == "withdrawn"
    assert answers.status(station)["restricted"] == 1


# --- Read all the same ------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(workshop: Workshop) -> Staff:
    return staffed(workshop.station)


def access_of(somebody: Somebody) -> Access:
    return Access(somebody.proved(), AccessReason.LEGAL_CLAIM)


def test_the_controller_reads_a_restricted_document_with_a_reason(
    workshop: Workshop, staff: Staff, tmp_path: Path
) -> None:
    controller = staff.enrol("M. Le Responsable", Role.CONTROLLER)
    says(workshop.station, FactKind.WITHDRAWN)
    read(workshop, tmp_path, access_of(controller))
    *_, last = entries(workshop.station)
    assert (last["type"], last["outcome"]) == ("consultation", "fetched-legal-claim"), "and for what"
    assert last["agents"]["person"] == controller.id
    assert last["parent"], "the proof that it was this person"


def test_a_reviewer_does_not_read_a_restricted_document(workshop: Workshop, staff: Staff, tmp_path: Path) -> None:
    reviewer = staff.reviewer()
    says(workshop.station, FactKind.WITHDRAWN)
    with pytest.raises(StationFault, match="role-insufficient"):
        read(workshop, tmp_path, access_of(reviewer))
    assert not (tmp_path / "read.pdf").exists()


def test_a_register_that_cannot_be_read_restricts_as_well(workshop: Workshop, tmp_path: Path) -> None:
    with burglar(tmp_path / "station" / "station") as forced:
        forced.execute("DELETE FROM fact WHERE kind = 'granted'")
    with pytest.raises(StationFault) as caught:
        read(workshop, tmp_path)
    assert caught.value.facts == {"reason": "register-unreadable"}


def test_nobody_else_is_judged(workshop: Workshop) -> None:
    says(workshop.station, FactKind.WITHDRAWN)
    assert rejudge(workshop.station, [PatientRef("P-0009")]).restricted == 1, "what waits is judged with it"
