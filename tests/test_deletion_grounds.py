"""What a deletion rests on is asked in the moment before it: register, holds, and the ledger whatever rows say."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from consent_gate.model import DocumentId, FactKind, PatientRef, Statement
from consent_gate.people import Role
from handover.build import build
from lexicon.faults import HostFault, StationFault, TamperFault
from pipeline.batches import close_batch
from pipeline.clock import wall
from pipeline.config import load
from pipeline.office import answers
from pipeline.office.deleting import all_of, due, execute, to_be_done
from pipeline.office.deletion import confirm, order
from pipeline.office.deletion_grounds import impediments
from pipeline.office.doctor.inside import of_station
from pipeline.office.fetch import fetch
from pipeline.office.founding import Founding, found
from pipeline.office.holds import Of, hold, release_hold
from pipeline.office.rejudging import finish
from pipeline.station import Station, open_station
from storage.custody import Draft, EntryType
from storage.deletions import Deletion, Deletions, DeletionState
from storage.deposits import find_receipt
from storage.hosts import Absent, Stored
from storage.stored import Claim
from tests.handover_fixtures import LEONIE, REFERENCE, Sheets, Workshop
from tests.host_fixtures import MemoryHost
from tests.people_fixtures import Entry, Staff, copied, entries, staffed, with_key
from tests.register_fixtures import add_facts
from tests.station_fixtures import burglar
from tests.test_deletion import (
    Breaking,
    Retaining,
    at_host,
    confirmed,
    destroy_paper,
    open_workshop,
    proposed,
    told,
    two,
    withdraw,
)
from tests.trial_fixtures import Trial, by_separator

DAY = date(2025, 1, 1)
AGAIN = DAY + timedelta(days=2)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station of which each test has its copy."""
    folder = tmp_path_factory.mktemp("deletions") / "station"
    open_workshop(folder).station.close()
    return folder


@pytest.fixture
def station(prepared: Path, tmp_path: Path) -> Iterator[Station]:
    with copied(prepared, tmp_path / "station").opened() as opened:
        yield opened


@pytest.fixture
def staff(station: Station) -> Staff:
    return staffed(station)


def says(station: Station, kind: FactKind, on: date = AGAIN) -> None:
    """On record, and nobody has judged anew since: as where a machine stops just then."""
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(REFERENCE, Statement(kind=kind, on=on))], station.clock.now())


def distrust_clock(station: Station) -> None:
    object.__setattr__(station.clock, "reading", lambda at: (at, False))


# --- The register -----------------------------------------------------------------------------------------------------


def test_what_the_patient_authorizes_again_is_not_deleted(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    says(station, FactKind.GRANTED)
    with pytest.raises(StationFault, match="deletion-ended"):
        execute(station, ready.id)
    assert at_host_of(station, ready.document)
    assert told(station)[-1] == "cancelled"
    finish(station)
    assert answers.document(station, ready.document)["restriction"] is None


def test_what_came_in_doubt_since_is_not_deleted(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    says(station, FactKind.DOUBTED)
    with pytest.raises(StationFault, match="deletion-ended"):
        execute(station, ready.id)
    assert at_host_of(station, ready.document)


def test_on_a_clock_that_cannot_be_trusted_nothing_is_deleted_but_by_the_controllers_order(
    station: Station, staff: Staff
) -> None:
    ready = confirmed(station, staff)
    controller = staff.enrol("DPO", Role.CONTROLLER)
    good = station.clock
    station.clock = replace(station.clock)
    distrust_clock(station)
    with pytest.raises(StationFault, match="clock-untrusted"):
        execute(station, ready.id)
    assert at_host(station)
    station.clock = good
    order(station, ready.document, controller.proved(), "LRAR 2026-114")
    distrust_clock(station)
    assert execute(station, ready.id).state is DeletionState.EXECUTED


def test_what_a_lock_keeps_is_not_deleted_once_the_patient_authorizes_again(tmp_path: Path) -> None:
    host = Retaining()
    station = open_workshop(tmp_path / "station", host).station
    locked = execute(station, confirmed(station, staffed(station)).id)
    assert locked.state is DeletionState.LOCKED
    withdraw(station, FactKind.GRANTED, AGAIN)
    host.retains = False
    with pytest.raises(StationFault, match="deletion-ended"):
        execute(station, locked.id)
    assert at_host_of(station, locked.document)
    assert answers.document(station, locked.document)["restriction"] is None
    build(station, tmp_path / "handover")  # rows and ledger tell the same of it
    withdraw(station, on=AGAIN + timedelta(days=1))
    assert [one.state.value for one in all_of(station)] == ["cancelled", "proposed"]
    station.close()


def test_what_a_lock_keeps_whole_is_read_again_as_soon_as_the_patient_authorizes_again(tmp_path: Path) -> None:
    station = open_workshop(tmp_path / "station", Retaining()).station
    locked = execute(station, confirmed(station, staffed(station)).id)
    keys, out = tmp_path / "station" / "trial-keys", tmp_path / "read.pdf"
    with pytest.raises(StationFault, match="document-deleted"):
        fetch(station, locked.document, keys / "client.key", keys / "client.crt", out)
    withdraw(station, FactKind.GRANTED, AGAIN)
    assert [one.state.value for one in all_of(station)] == ["cancelled"]
    fetch(station, locked.document, keys / "client.key", keys / "client.crt", out)
    build(station, tmp_path / "handover")
    station.close()


def test_what_is_gone_is_told_to_its_end_though_the_patient_authorizes_again(tmp_path: Path) -> None:
    host = Breaking()
    station = open_workshop(tmp_path / "station", host).station
    ready = confirmed(station, staffed(station))
    with pytest.raises(HostFault):
        execute(station, ready.id)
    host.breaks = False
    says(station, FactKind.GRANTED)
    assert execute(station, ready.id).state is DeletionState.EXECUTED
    station.close()


# --- Another reference with the same INS ------------------------------------------------------------------------------

NAMESAKE = replace(LEONIE, ref=PatientRef("P-7777"), birth_name="Autre", given_names=("Paule",))
"""By a roster in which an INS may be wrong."""


def namesake_says(station: Station, kind: FactKind, on: date) -> None:
    now = station.clock.now()
    with station.database.write("test.write") as session:
        station.roster.add(session, [NAMESAKE], now)
        add_facts(station.register, session, [(NAMESAKE.ref, Statement(kind=kind, on=on))], now)
    finish(station)


def test_a_no_of_another_reference_restricts_and_proposes_no_deletion(station: Station) -> None:
    withdraw(station, FactKind.GRANTED, AGAIN)
    (one,) = all_of(station)
    assert one.state is DeletionState.CANCELLED
    namesake_says(station, FactKind.REFUSED, AGAIN + timedelta(days=1))
    assert answers.document(station, one.document)["restriction"] == "refused"
    assert [found.state for found in all_of(station)] == [DeletionState.CANCELLED]
    withdraw(station, FactKind.REFUSED, AGAIN + timedelta(days=2))  # the same reason, of the document's own reference
    assert proposed(station).state is DeletionState.PROPOSED


def test_what_another_reference_says_keeps_no_proposal_that_the_patient_took_away(station: Station) -> None:
    namesake_says(station, FactKind.WITHDRAWN, AGAIN + timedelta(days=3))
    assert proposed(station).state is DeletionState.PROPOSED, "the patient's own no, which stands"
    withdraw(station, FactKind.GRANTED, AGAIN)
    (one,) = all_of(station)
    assert one.state is DeletionState.CANCELLED
    assert answers.document(station, one.document)["restriction"] == "withdrawn"


def test_what_another_reference_says_executes_nothing_that_the_patient_took_away(
    station: Station, staff: Staff
) -> None:
    namesake_says(station, FactKind.WITHDRAWN, AGAIN + timedelta(days=3))
    ready = confirmed(station, staff)
    says(station, FactKind.GRANTED)  # and nobody has judged anew
    with pytest.raises(StationFault, match="deletion-ended"):
        execute(station, ready.id)
    assert at_host_of(station, ready.document)


# --- Holds and paper --------------------------------------------------------------------------------------------------


class Asked(MemoryHost):
    """Somebody does something else while it is asked what it has."""

    meanwhile: Callable[[], None] | None = None

    def head(self, key: str) -> Stored | Absent:
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        return super().head(key)


@pytest.mark.parametrize("what", ["deletion-held", "deletion-paper-destroyed"])
def test_what_forbids_it_while_the_host_is_asked_forbids_it(tmp_path: Path, what: str) -> None:
    host = Asked()
    station = open_workshop(tmp_path / "station", host).station
    ready = confirmed(station, staff := staffed(station))
    reviewer = staff.reviewer("Dr Autre")

    def meanwhile() -> None:
        if what == "deletion-held":
            hold(station, Of(document=ready.document), reviewer.proved(), "Litige 44/2026")
        else:
            destroy_paper(staff)

    host.meanwhile = meanwhile
    with pytest.raises(StationFault, match=what):
        execute(station, ready.id)
    assert at_host(station)
    assert "intended" not in told(station)
    station.close()


def test_a_hold_that_comes_just_before_a_confirmation_is_on_record_forbids_it(station: Station, staff: Staff) -> None:
    first, _ = two(staff)
    staff.clock.pass_(days=8)
    write, one = station.database.write, proposed(station)

    @contextmanager
    def overtaken(effect: str) -> Iterator[Session]:
        if effect == "deletion.confirm":
            hold(station, Of(patient=REFERENCE), first.proved(), "Litige 44/2026")
        with write(effect) as session:
            yield session

    vars(station.database)["write"] = overtaken
    with pytest.raises(StationFault, match="deletion-held"):
        confirm(station, one.id, first.proved())
    assert proposed(station).state is DeletionState.PROPOSED


def test_an_order_covers_no_hold_that_came_after_it(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    order(station, ready.document, controller.proved(), "LRAR 2026-114")
    hold(station, Of(document=ready.document), reviewer.proved(), "Prud'hommes 2026-115")
    with pytest.raises(StationFault, match="deletion-held"):
        execute(station, ready.id)
    order(station, ready.document, controller.proved(), "LRAR 2026-116")
    assert execute(station, ready.id).state is DeletionState.EXECUTED


def test_what_was_broken_off_and_held_since_goes_on_by_the_controllers_order(tmp_path: Path) -> None:
    host = Breaking()
    station = open_workshop(tmp_path / "station", host).station
    ready = confirmed(station, staff := staffed(station))
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    with pytest.raises(HostFault):
        execute(station, ready.id)
    host.breaks = False
    hold(station, Of(document=ready.document), reviewer.proved(), "Litige 44/2026")
    with pytest.raises(StationFault, match="deletion-held"):
        execute(station, ready.id)
    ordered = order(station, ready.document, controller.proved(), "LRAR 2026-114")
    assert ordered.state is DeletionState.INTENDED
    assert execute(station, ready.id).state is DeletionState.EXECUTED
    station.close()


# --- The ledger -------------------------------------------------------------------------------------------------------

INVENTED = {"one": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "other": "01ARZ3NDEKTSV4RRFFQ69G5FAW"}
LATE = "2999-01-01T00:00:00.000000Z"
BY_TWO = "UPDATE deletion SET first_by = :one, second_by = :other, first_at = proposed_at, second_at = proposed_at"


@pytest.mark.parametrize("state", ["confirmed", "intended", "locked"])
def test_rows_that_say_it_is_confirmed_delete_nothing(station: Station, staff: Staff, state: str) -> None:
    staff.clock.pass_(days=8)
    edited(station, BY_TWO, **INVENTED)
    edited(station, "UPDATE deletion SET state = :state, locked_until = '2020-01-01'", state=state)
    require_forged(station)


def test_one_who_confirmed_and_one_who_never_did_delete_nothing(station: Station, staff: Staff) -> None:
    first, second = two(staff)
    staff.clock.pass_(days=8)
    confirm(station, proposed(station).id, first.proved())
    edited(station, "UPDATE deletion SET state = 'confirmed', second_by = :one, second_at = first_at", one=second.id)
    require_forged(station)


def test_the_proof_of_one_person_is_no_proof_of_another(station: Station, staff: Staff) -> None:
    """The second person's entries, made by hand after those of the first: the tree holds, and no key was needed."""
    first, second = two(staff)
    staff.clock.pass_(days=8)
    confirm(station, proposed(station).id, first.proved())
    *_, proof, said = entries(station)
    with station.database.write("test.write") as session:
        (forged,) = station.ledger.append(session, again(proof, second.id), at=station.clock.now())
        confirming = again(said, second.id, outcome="confirmed", parent=forged.id)
        station.ledger.append(session, confirming, at=station.clock.now())
    edited(station, "UPDATE deletion SET state = 'confirmed', second_by = :one, second_at = first_at", one=second.id)
    require_forged(station)


def again(entry: Entry, person: str, **otherwise: Any) -> Draft:
    """The same entry, of another person."""
    kind, _, _ = entry["object"].partition(":")
    return Draft(
        EntryType(entry["type"]),
        f"person:{person}" if kind == "person" else entry["object"],
        str(otherwise.get("outcome", entry["outcome"])),
        within=entry["within"],
        hashes_in=tuple(entry.get("hashes_in", ())),
        person=person,
        parent=otherwise.get("parent"),
    )


def test_what_was_confirmed_for_another_deletion_deletes_nothing(station: Station, staff: Staff) -> None:
    confirmed(station, staff)
    edited(station, "UPDATE deletion SET id = :one", one=INVENTED["one"])
    require_forged(station)


@pytest.mark.parametrize("edit", ["DELETE FROM hold", "UPDATE hold SET lifted_at = placed_at, lifted_by = placed_by"])
@pytest.mark.parametrize("of", ["document", "patient"])
def test_a_hold_that_a_hand_took_out_of_the_database_forbids_it_still(
    station: Station, staff: Staff, edit: str, of: str
) -> None:
    ready = confirmed(station, staff)
    reviewer = staff.reviewer("Dr Autre")
    held = Of(document=ready.document) if of == "document" else Of(patient=REFERENCE)
    hold(station, held, reviewer.proved(), "Litige 44/2026")
    edited(station, edit)
    require_forged(station)


def test_an_order_that_nobody_gave_passes_over_no_hold(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    hold(station, Of(document=ready.document), reviewer.proved(), "Litige 44/2026")
    edited(station, "UPDATE deletion SET ordered_by = :one, ordered_at = :at", one=controller.id, at=LATE)
    require_forged(station)


def test_an_order_that_was_dated_late_covers_no_hold_that_came_after_it(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    order(station, ready.document, controller.proved(), "LRAR 2026-114")
    hold(station, Of(patient=REFERENCE), reviewer.proved(), "Litige 44/2026")
    edited(station, "UPDATE deletion SET ordered_at = :at", at=LATE)
    require_forged(station)


def test_a_proposal_that_was_dated_back_cools_off_all_the_same(station: Station, staff: Staff) -> None:
    first, second = two(staff)
    edited(station, "UPDATE deletion SET proposed_at = '2020-01-01T00:00:00.000000Z'")
    confirm(station, proposed(station).id, first.proved())
    confirm(station, proposed(station).id, second.proved())
    require_forged(station)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE sealed SET object_key = :victim",
        "UPDATE sealed SET version = 2",
        "UPDATE sealed SET sha256 = :victim",
        "DELETE FROM sealed",
        "UPDATE receipt SET manifest = replace(manifest, :own, :victim)",
    ],
)
def test_a_key_that_a_hand_wrote_deletes_nothing(station: Station, staff: Staff, edit: str) -> None:
    """Not the other object, and none of the document's own while its rows tell something else of it."""
    ready = confirmed(station, staff)
    own = key_of(station, ready.document)
    victim, *_ = (one.key for one in station.host.list("") if one.key != own)
    edited(station, edit, victim=victim, own=own)
    with pytest.raises(TamperFault, match="deletion-forged"):
        execute(station, ready.id)
    assert isinstance(station.host.head(victim), Stored)
    assert isinstance(station.host.head(own), Stored)
    assert "intended" not in told(station)


def test_a_receipt_that_a_hand_took_away_deletes_nothing(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    own = key_of(station, ready.document)
    edited(station, "DELETE FROM receipt")
    with pytest.raises(TamperFault, match="deletion-forged"):
        execute(station, ready.id)
    assert isinstance(station.host.head(own), Stored)


def test_what_was_seen_at_the_host_before_a_crash_is_signed_as_it_was_written_down(tmp_path: Path) -> None:
    host = Breaking()
    station = open_workshop(tmp_path / "station", host).station
    ready = confirmed(station, staffed(station))
    with pytest.raises(HostFault):
        execute(station, ready.id)
    host.breaks = False
    edited(station, "UPDATE deletion SET proof = :seen", seen='{"keys":[]}')
    with pytest.raises(TamperFault, match="deletion-forged"):
        execute(station, ready.id)
    station.close()


@pytest.mark.parametrize(
    "edit",
    ["DELETE FROM paper WHERE movement = 'destroyed'", "UPDATE paper SET movement = 'returned' WHERE sheets = 1"],
)
def test_destroyed_paper_that_a_hand_took_out_of_the_database_forbids_it_still(
    station: Station, staff: Staff, edit: str
) -> None:
    confirmed(station, staff)
    destroy_paper(staff)
    edited(station, edit)
    require_forged(station)


def test_an_older_claim_put_back_hides_no_hold(station: Station, staff: Staff) -> None:
    """Sealed for this very document once, before a person corrected whose it is: it opens, and is not believed."""
    ready = confirmed(station, staff)
    hold(station, Of(patient=REFERENCE), staff.reviewer("Dr Autre").proved(), "Litige 44/2026")
    Workshop(station).knows(NEIGHBOUR, FactKind.REFUSED)
    with station.database.write("test.write") as session:
        station.documents.reclaim(session, ready.document, Claim(NEIGHBOUR.ref, None, None))
    require_forged(station)


def key_of(station: Station, document: DocumentId) -> str:
    with station.database.read() as session:
        signed = find_receipt(session, document)
    assert signed
    return signed.receipt.object_key


def test_a_longer_cooling_off_is_waited_for_by_what_was_confirmed_before(station: Station, staff: Staff) -> None:
    ready = confirmed(station, staff)
    longer = station.config.deletion.model_copy(update={"cooling_off_days": 30})
    station.config = station.config.model_copy(update={"deletion": longer})
    assert due(station) == ()
    with pytest.raises(StationFault, match="deletion-too-soon"):
        execute(station, ready.id)
    assert at_host(station)


def test_where_the_ledger_does_not_hold_nothing_is_deleted(station: Station, staff: Staff) -> None:
    """An entry that says `confirmed`, made of another one."""
    ready = confirmed(station, staff)
    changed = "UPDATE custody_entry SET entry = CAST(replace(entry, '\"first-confirmed\"', '\"confirmed\"') AS BLOB)"
    edited(station, changed)
    with pytest.raises(TamperFault, match="custody-broken"):
        execute(station, ready.id)
    assert at_host(station)


def test_a_hold_that_was_lifted_and_a_deletion_that_is_proposed_anew_are_told_rightly(
    station: Station, staff: Staff
) -> None:
    """The same document: cancelled once confirmed, proposed anew, confirmed anew by the same two; held and let go."""
    confirmed(station, staff)
    withdraw(station, FactKind.GRANTED, AGAIN)
    withdraw(station, on=AGAIN + timedelta(days=1))
    ready = confirmed(station, staff)
    reviewer, controller = staff.reviewer("Dr Autre"), staff.enrol("DPO", Role.CONTROLLER)
    placed = hold(station, Of(patient=REFERENCE), reviewer.proved(), "Litige 44/2026")
    release_hold(station, placed.id, controller.proved())
    assert execute(station, ready.id).state is DeletionState.EXECUTED


def edited(station: Station, statement: str, **values: str) -> None:
    with burglar(station.config.folder) as connection:
        assert connection.execute(statement, values).rowcount >= 1


def require_forged(station: Station) -> None:
    one = proposed(station)
    with pytest.raises(TamperFault) as caught:
        execute(station, one.id)
    assert caught.value.code == "deletion-forged"
    assert at_host(station)
    assert proposed(station).state is one.state


def at_host_of(station: Station, document: DocumentId) -> bool:
    return not isinstance(station.host.head(key_of(station, document)), Absent)


# --- Several ----------------------------------------------------------------------------------------------------------

NEIGHBOUR = replace(LEONIE, ref=PatientRef("P-0003"), birth_name="Autre", ins=None)


@pytest.fixture
def two_ready(tmp_path: Path) -> Iterator[Station]:
    """Two people's documents, both deletions confirmed; nine days have passed at this station since it was founded."""
    folder = tmp_path / "station"
    found(folder, Founding("trial", "Service de santé inventé", "CT-2026-001"), wall() - timedelta(days=9))
    made = Workshop(open_station(load(by_separator(folder / "config.toml"))))
    station = made.station
    now = station.clock
    station.clock = replace(now, wall=lambda: wall() - timedelta(days=9))
    for number, patient in enumerate((LEONIE, NEIGHBOUR)):
        made.knows(patient, FactKind.GRANTED)
        file = made.takes(f"{number}.tif", "lot")
        made.opens(file, [Sheets(1, patient.ref, "courrier", f"D-{number}")])
        made.works(file)
    for patient in (LEONIE, NEIGHBOUR):
        with station.database.write("test.write") as session:
            said = Statement(kind=FactKind.WITHDRAWN, on=DAY + timedelta(days=1))
            add_facts(station.register, session, [(patient.ref, said)], station.clock.now())
    finish(station)
    station.clock = replace(now)
    administrator = with_key(station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    for role in (Role.REVIEWER, Role.CONTROLLER):
        somebody = with_key(station, f"M. {role.value}", role, administrator.proved())
        for one in all_of(station):
            confirm(station, one.id, somebody.proved())
    yield station
    station.close()


def test_one_that_is_held_keeps_no_other_from_being_done(two_ready: Station) -> None:
    station, (oldest, other) = two_ready, all_of(two_ready)
    assert (to_be_done(station), answers.status(station)["deletions_due"]) == (2, 2)
    place_hold(station, oldest)
    assert to_be_done(station) == 1, "what a hold forbids is not told as due"
    (check,) = [one for one in of_station(station) if one.name == "deletions"]
    assert (check.fault and check.fault.code, check.fault and check.fault.facts) == ("deletions-due", {"deletions": 1})
    trial = Trial(station.config.folder.parent)
    assert "liasse deletion execute" in trial.run("status").out
    ran = trial.run("deletion", "execute")
    assert (ran.code, "[deletion-held]" in ran.err, oldest.id in ran.err, other.id in ran.out) == (4, True, True, True)
    assert [one.state.value for one in all_of(station)] == ["confirmed", "executed"]
    (check,) = [one for one in of_station(station) if one.name == "deletions"]
    assert check.fault is None


def test_the_paper_is_counted_once_however_many_deletions_are_listed(two_ready: Station) -> None:
    several = all_of(two_ready)
    place_hold(two_ready, several[0])
    assert impediments(two_ready, several) == {several[0].id: "deletion-held"}
    assert statements(two_ready, several) == statements(two_ready, several[:1]) > 0


def place_hold(station: Station, of: Deletion) -> None:
    """By hand: what is asked of it here asks rows alone."""
    with station.database.write("test.write") as session:
        deletions, now = Deletions(station.columns), station.clock.now()
        deletions.hold(session, of.document, patient=False, reference="Litige", person=of.first_by or "", at=now)


def statements(station: Station, several: Sequence[Deletion]) -> int:
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        counted.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        impediments(station, several)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(counted)


# --- The handover -----------------------------------------------------------------------------------------------------


def test_nothing_is_handed_over_without_its_restriction_said(tmp_path: Path) -> None:
    """On a clock that cannot be trusted nobody judges anew: the withdrawal is on record, and no restriction is."""
    made = Workshop.open(tmp_path / "station")
    station = made.station
    made.knows(LEONIE, FactKind.GRANTED)
    file = made.takes("a.tif", "lot")
    made.opens(file, [Sheets(1, REFERENCE, "courrier", "D-1")])
    made.works(file)
    close_batch(station, file.batch)
    finish(station)
    good = station.clock
    station.clock = replace(station.clock)
    distrust_clock(station)
    build(station, tmp_path / "before")  # nobody said no: nothing is to be said
    says(station, FactKind.WITHDRAWN, DAY + timedelta(days=1))
    with pytest.raises(StationFault, match="clock-untrusted"):
        build(station, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    station.clock = good
    built = build(station, tmp_path / "out")
    listed = (built.path / "documents.csv").read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(listed.splitlines(), delimiter=";")
    assert row["restriction"] == "withdrawn"
    station.close()
