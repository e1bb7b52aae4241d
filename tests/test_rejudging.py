"""A new fact judges what is in hand anew, at once: what may go on does, in order; what may not stops."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import structlog

from consent_gate.model import DocumentId, FactKind, Patient, PatientRef, Statement
from consent_gate.people import Role
from demo.records import Invented
from lexicon.faults import StationFault
from pipeline import custody_end, settle
from pipeline import steps as engine_steps
from pipeline.batches import close_batch
from pipeline.office import rejudging
from pipeline.office.following_up import Acting, Closing, Found, Rejudged
from pipeline.office.people import Presented
from pipeline.office.rebuilding import rebuild
from pipeline.office.rejudging import finish, rejudge, release, waiting_for_release
from pipeline.reopen import take_again
from pipeline.station import Station
from pipeline.steps import Signals, StationSteps
from storage import effects, rejudges
from storage.deposits import find_receipt
from storage.stored import Claim, StoredDocument
from tests.custody_fixtures import entries_about, require_balance
from tests.handover_fixtures import LEONIE, QuickTools, Sheets, Workshop
from tests.people_fixtures import Somebody, entries, refused, with_key
from tests.register_fixtures import add_facts
from tests.trial_fixtures import TODAY, RememberingTools, Trial, make_few, register_sheet, work

DAY = date(2025, 1, 1)
ASKED = PatientRef("P-0010")
"""Informed, and asked for an authorization that has not come."""
OTHER = PatientRef("P-0011")
LATER = PatientRef("P-0012")


def patient(ref: PatientRef) -> Patient:
    return replace(LEONIE, ref=ref, birth_name=f"De {ref}", ins=None)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station's folder."""
    folder = tmp_path_factory.mktemp("prepared") / "station"
    with pytest.MonkeyPatch.context() as patched, opened(folder) as workshop:
        patched.setattr(engine_steps, "DocumentTools", QuickTools)
        for ref in (ASKED, OTHER):
            workshop.knows(patient(ref), FactKind.NOTICE)
        for name, refs in (("a.tif", (ASKED, OTHER)), ("b.tif", (ASKED,))):
            file = workshop.takes(name, "lot")
            workshop.opens(file, [Sheets(2, ref, "courrier", f"{name}-{ref}") for ref in refs])
        travel(workshop.station)
        finish(workshop.station)
        close(workshop.station)
    return folder


@pytest.fixture
def station(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    """Three documents that wait for an authorization, two of one patient, in two files; the batch is closed."""
    monkeypatch.setattr(engine_steps, "DocumentTools", QuickTools)
    shutil.copytree(prepared, tmp_path / "station")
    with opened(tmp_path / "station") as workshop:
        yield workshop.station


@contextmanager
def opened(folder: Path) -> Iterator[Workshop]:
    """A workshop until the end of the block."""
    workshop = Workshop.open(folder)
    try:
        yield workshop
    finally:
        workshop.station.close()


def travel(station: Station) -> None:
    """What the engine does with each document on its way."""
    steps = StationSteps(station, Signals(lambda: False))
    with station.database.read() as session:
        documents = station.documents.documents(session, state="in-progress")
    for one in documents:
        steps.prepare(one.id)
        steps.deliver(one.id)


def close(station: Station) -> None:
    with station.database.read() as session:
        batches = station.batches.open(session)
    for batch in batches:
        close_batch(station, batch)


def of(station: Station, ref: PatientRef) -> tuple[StoredDocument, ...]:
    with station.database.read() as session:
        return tuple(d for d in station.documents.documents(session) if d.claim and d.claim.patient == ref)


def says(station: Station, ref: PatientRef, kind: FactKind, on: date = DAY) -> None:
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(ref, Statement(kind=kind, on=on))], station.clock.now())


def nobody(*_: object) -> None:
    """Nobody is at work: the next run finds the rows."""


# --- What may go on ---------------------------------------------------------------------------------------------------


def test_documents_of_a_patient_who_authorizes_now_go_on_and_are_deposited(station: Station) -> None:
    before = of(station, ASKED)
    assert {(one.state, one.reason, one.custody) for one in before} == {("refused", "no-authorization", "curable")}
    says(station, ASKED, FactKind.GRANTED)
    judged = finish(station, begin=nobody)
    assert judged.gone_on == tuple(one.id for one in before), "in the order in which they came"
    assert [one.state for one in of(station, ASKED)] == ["in-progress", "in-progress"]
    assert all(station.quarantine.has(one.id) for one in before), "until a step takes them to the spool"
    with station.database.read() as session:
        assert len(station.batches.open(session)) == 1, "and the batch is to be closed anew"
    travel(station)
    assert [one.state for one in of(station, ASKED)] == ["deposited", "deposited"]
    assert [one.state for one in of(station, OTHER)] == ["refused"]
    assert station.quarantine.ids() == tuple(one.id for one in of(station, OTHER))
    assert station.spool.ids() == ()
    assert [o for o in entries_about(station, before[0].id) if o[0] in ("consent-check", "review")][1:4] == [
        ("review", "no-authorization"), ("consent-check", "cleared"), ("review", "taken-again"),
    ]  # fmt: skip
    close(station)
    assert station.ledger.verify().verified
    require_balance(station)


def test_a_roster_that_names_an_unknown_patient_lets_the_gate_ask_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", QuickTools)
    with opened(tmp_path / "station") as workshop:
        file = workshop.takes("a.tif", "lot")
        workshop.opens(file, [Sheets(1, LATER, "courrier", "D-1")])
        travel(workshop.station)
        assert [one.reason for one in of(workshop.station, LATER)] == ["patient-unknown"]
        workshop.knows(patient(LATER), FactKind.GRANTED)
        assert len(finish(workshop.station, begin=nobody).gone_on) == 1
        travel(workshop.station)
        assert [one.state for one in of(workshop.station, LATER)] == ["deposited"]


def test_an_import_lets_them_go_on_and_the_next_run_deposits_them(
    tmp_path: Path, trial: Trial, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an operator does it: `process`, `authorization import`, `process`."""
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    few = make_few(tmp_path / "scans", "NONE_0001.tif", ("ordonnance", "A1009", "refused"))
    (empty := tmp_path / "empty").mkdir()
    ref = PatientRef("A1009")
    with trial.opened() as station:
        assert work(station, few.path.parent).ends() == {(2,): ("refused", "no-authorization")}
    sheet = tmp_path / "register.csv"
    sheet.write_bytes(register_sheet(invented_records, ref, "accordee"))
    assert trial.run("--as-of", TODAY.isoformat(), "authorization", "import", sheet).code == 0
    with trial.opened() as station:
        assert [one.state for one in of(station, ref)] == ["in-progress"]
        assert work(station, empty).ends() == {(2,): ("deposited", None)}
        with station.database.read() as session:
            assert station.batches.open(session) == ()
    assert trial.left_at_work() == []


def test_an_authorization_that_comes_into_force_lets_its_documents_go_on(station: Station) -> None:
    today = station.clock.moment().day
    says(station, ASKED, FactKind.GRANTED, today + timedelta(days=3))
    assert finish(station, begin=nobody).otherwise == 2
    assert {one.reason for one in of(station, ASKED)} == {"not-yet-in-force"}
    object.__setattr__(station.clock, "as_of", today + timedelta(days=3))
    assert len(finish(station, begin=nobody).gone_on) == 2, "the day that has begun has everything judged anew"


def test_a_fact_between_the_gate_and_the_refusal_is_not_forgotten(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document is judged by what was known, and settled after what came since was judged."""
    says(station, ASKED, FactKind.GRANTED)
    finish(station, begin=nobody)
    with station.database.write("test.write") as session:
        (granted,) = [f for f in station.register.history(session, ASKED) if f.kind is FactKind.GRANTED]
        taken = Statement(kind=FactKind.RETRACTED, on=DAY, about=granted.reference)
        add_facts(station.register, session, [(ASKED, taken)], station.clock.now())
    record, told = settle._record, list[FactKind]()

    def slowly(*arguments: object, **named: object) -> None:
        if not told:
            told.append(FactKind.GRANTED)
            says(station, ASKED, told[0], DAY + timedelta(days=1))
            finish(station, begin=nobody)
        record(*arguments, **named)  # type: ignore[arg-type]  # its own

    monkeypatch.setattr(settle, "_record", slowly)
    travel(station)
    assert "refused" in {one.state for one in of(station, ASKED)}, "by what was known"
    assert finish(station, begin=nobody).gone_on
    travel(station)
    assert {one.state for one in of(station, ASKED)} == {"deposited"}


def test_a_fact_that_comes_while_others_are_judged_waits_for_the_next_look(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read as cleared, and withdrawn before the first of them is written: none goes on."""
    says(station, ASKED, FactKind.GRANTED)
    act, said = Acting.act, list[FactKind]()

    def late(acting: Acting, found: Found) -> Rejudged:
        if not said:
            said.append(FactKind.WITHDRAWN)
            says(station, ASKED, said[0], DAY + timedelta(days=1))
        return act(acting, found)

    monkeypatch.setattr(Acting, "act", late)
    assert finish(station, begin=nobody).gone_on == ()
    assert {one.state for one in of(station, ASKED)} == {"refused"}
    assert finish(station, begin=nobody).closed == 2
    assert {(one.custody, one.reason) for one in of(station, ASKED)} == {("closed", "withdrawn")}


# --- A person confirms the count --------------------------------------------------------------------------------------


@pytest.fixture
def cautious(station: Station) -> Station:
    """Whose threshold is one document."""
    review = station.config.review.model_copy(update={"release_threshold": 1})
    station.config = station.config.model_copy(update={"review": review})
    return station


@pytest.fixture
def counting(cautious: Station) -> Somebody:
    """Who may confirm how many go on."""
    administrator = with_key(cautious, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    return with_key(cautious, "Dr Aline Testeur", Role.REVIEWER, administrator.proved())


def test_whoever_confirms_the_count_is_named_in_its_entry_and_nobody_unnamed_does(
    cautious: Station, counting: Somebody
) -> None:
    says(cautious, ASKED, FactKind.GRANTED)
    finish(cautious, begin=nobody)
    with refused(cautious, "second-factor-missing", counting.id):
        release(cautious, 2, lambda: Presented(counting.id), begin=nobody)
    assert len(waiting_for_release(cautious)) == 2
    release(cautious, 2, counting.proved, begin=nobody)
    (told,) = [entry for entry in entries(cautious) if entry["outcome"] == rejudging.COUNT_CONFIRMED]
    assert (told["agents"]["person"], told["counts"]) == (counting.id, {"documents": 2})


def test_above_the_threshold_a_person_confirms_the_count_first(cautious: Station, counting: Somebody) -> None:
    by = counting.proved
    says(cautious, ASKED, FactKind.GRANTED)
    judged = finish(cautious, begin=nobody)
    assert (judged.gone_on, judged.held_back) == ((), 2)
    assert rejudge(cautious, begin=nobody).gone_on == (), "those who wait go on waiting"
    assert waiting_for_release(cautious) == tuple(one.id for one in of(cautious, ASKED))
    for wrong in (1, 3):
        with pytest.raises(StationFault) as caught:
            release(cautious, wrong, by, begin=nobody)
        assert (caught.value.code, caught.value.facts) == ("release-count-differs", {"waiting": 2})
    assert len(release(cautious, 2, by, begin=nobody).gone_on) == 2
    assert waiting_for_release(cautious) == ()
    travel(cautious)
    assert {one.state for one in of(cautious, ASKED)} == {"deposited"}


def test_the_count_is_confirmed_on_the_command_line(tmp_path: Path, cautious: Station, counting: Somebody) -> None:
    says(cautious, ASKED, FactKind.GRANTED)
    finish(cautious, begin=nobody)
    trial = Trial(tmp_path / "station")
    assert json.loads(trial.run("status", "--json").out)["releasable"] == 2
    asked = ("refusal", "release", "--count", "2", "--person", counting.id)
    assert trial.run(*asked).code == 10
    (key := tmp_path / "me.key").write_bytes(counting.pem or b"")
    assert trial.run(*asked, "--identity-key", key).code == 0
    assert {one.state for one in of(cautious, ASKED)} == {"in-progress"}


def test_what_waits_for_a_person_does_not_go_on_once_the_patient_refuses(cautious: Station) -> None:
    says(cautious, ASKED, FactKind.GRANTED)
    assert finish(cautious, begin=nobody).held_back == 2
    says(cautious, ASKED, FactKind.REFUSED, DAY + timedelta(days=1))
    assert finish(cautious, begin=nobody).closed == 2
    assert waiting_for_release(cautious) == ()
    balance_closed(cautious)


def test_on_a_clock_that_cannot_be_trusted_nobody_lets_them_go_on_and_they_wait_still(
    cautious: Station, counting: Somebody
) -> None:
    by = counting.proved
    says(cautious, ASKED, FactKind.GRANTED)
    assert finish(cautious, begin=nobody).held_back == 2
    right = cautious.clock.reading
    object.__setattr__(cautious.clock, "reading", lambda at: (at, False))
    with pytest.raises(StationFault, match="clock-untrusted"):
        release(cautious, 2, by, begin=nobody)
    assert len(waiting_for_release(cautious)) == 2
    object.__setattr__(cautious.clock, "reading", right)
    assert len(release(cautious, 2, by, begin=nobody).gone_on) == 2


def test_one_that_was_authorized_again_while_it_was_judged_waits_still(
    cautious: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read as closed, and by somebody else as open since: the answer of before does not take it off the list."""
    says(cautious, ASKED, FactKind.GRANTED)
    finish(cautious, begin=nobody)
    with cautious.database.read() as session:
        (granted,) = [f for f in cautious.register.history(session, ASKED) if f.kind is FactKind.GRANTED]
    with cautious.database.write("test.write") as session:
        taken = Statement(kind=FactKind.RETRACTED, on=DAY, about=granted.reference)
        add_facts(cautious.register, session, [(ASKED, taken)], cautious.clock.now())
    act, said = Acting.act, list[FactKind]()

    def late(acting: Acting, found: Found) -> Rejudged:
        if not said:
            said.append(FactKind.GRANTED)
            says(cautious, ASKED, said[0], DAY + timedelta(days=1))
            finish(cautious, begin=nobody)
        return act(acting, found)

    monkeypatch.setattr(Acting, "act", late)
    finish(cautious, begin=nobody)
    assert len(waiting_for_release(cautious)) == 2


def balance_closed(station: Station) -> None:
    close(station)
    require_balance(station)


# --- What stays -------------------------------------------------------------------------------------------------------


def test_a_curable_document_whose_patient_refuses_is_closed(station: Station) -> None:
    says(station, ASKED, FactKind.REFUSED)
    assert finish(station).closed == 2
    for one in of(station, ASKED):
        assert (one.state, one.reason, one.custody) == ("refused", "refused", "closed")
        assert not station.quarantine.has(one.id)
        assert station.closed_path(one.id).exists()
        assert ("consent-check", "refused") in entries_about(station, one.id)
    says(station, ASKED, FactKind.GRANTED, DAY + timedelta(days=1))
    assert finish(station).gone_on == (), "the station has no key to it any more: the client has"
    require_balance(station)


def test_a_document_that_stays_for_another_reason_says_so(station: Station) -> None:
    says(station, ASKED, FactKind.GRANTED, station.clock.moment().day + timedelta(days=30))
    assert finish(station).otherwise == 2
    assert {one.reason for one in of(station, ASKED)} == {"not-yet-in-force"}
    assert rejudge(station).otherwise == 0, "once"
    require_balance(station)


def test_nothing_is_judged_on_a_clock_that_cannot_be_trusted(station: Station) -> None:
    says(station, ASKED, FactKind.GRANTED)
    object.__setattr__(station.clock, "reading", lambda at: (at, False))
    assert finish(station).gone_on == ()
    with station.database.read() as session:
        assert rejudges.queued(session), "it waits"


def test_of_those_who_have_nothing_in_hand_nothing_waits_to_be_judged(station: Station) -> None:
    with station.database.write("test.write") as session:
        station.roster.add(session, [patient(LATER)], station.clock.now())
    says(station, LATER, FactKind.GRANTED)
    with station.database.read() as session:
        assert rejudges.queued(session) == {}


def test_an_authorization_of_while_a_document_was_being_sealed_leaves_it_curable(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealing takes seconds, and closed is for good: what is on record is looked at again where it is recorded."""
    says(station, OTHER, FactKind.REFUSED)
    seal = custody_end._seal

    def slowly(*arguments: object) -> object:
        sealed = seal(*arguments)  # type: ignore[arg-type]  # its own
        says(station, OTHER, FactKind.GRANTED, DAY + timedelta(days=1))
        return sealed

    monkeypatch.setattr(custody_end, "_seal", slowly)
    judged = finish(station, begin=nobody)
    assert (judged.closed, judged.left) == (0, 1)
    assert [(one.reason, one.custody) for one in of(station, OTHER)] == [("no-authorization", "curable")]
    assert not list(station.sealed_folder.glob("*-closing-*"))
    assert len(finish(station, begin=nobody).gone_on) == 1


def test_two_who_judge_at_once_write_what_follows_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command and the daemon have both read the same; the restriction and its end have one entry each."""
    monkeypatch.setattr(engine_steps, "DocumentTools", QuickTools)
    act, reading = Acting.act, list[bool]()

    def beside(acting: Acting, found: Found) -> Rejudged:
        if not reading:
            reading.append(True)
            with monkeypatch.context() as slow:
                slow.setattr(rejudging, "_settled", lambda *arguments: arguments[-1])  # it has not got so far yet
                assert sum(finish(workshop.station, begin=nobody).counts.values()) == 1
        return act(acting, found)

    with opened(tmp_path / "station") as workshop:
        workshop.knows(LEONIE, FactKind.GRANTED)
        file = workshop.takes("a.tif", "lot")
        workshop.opens(file, [Sheets(1, LEONIE.ref, "courrier", "D-1")])
        travel(workshop.station)
        finish(workshop.station)
        (one,) = of(workshop.station, LEONIE.ref)
        monkeypatch.setattr(Acting, "act", beside)
        for days, kind in enumerate((FactKind.WITHDRAWN, FactKind.GRANTED), start=1):
            says(workshop.station, LEONIE.ref, kind, DAY + timedelta(days=days))
            reading.clear()
            assert not any(finish(workshop.station, begin=nobody).counts.values()), "what stands is passed over"
        assert [o for o in entries_about(workshop.station, one.id) if o[0] in ("restriction", "deletion")] == [
            ("restriction", "withdrawn"), ("deletion", "proposed"),
            ("restriction", "lifted"), ("deletion", "cancelled"),
        ]  # fmt: skip


# --- Some of it a look ------------------------------------------------------------------------------------------------


def test_one_look_closes_so_many_and_the_queue_keeps_the_others(station: Station) -> None:
    says(station, ASKED, FactKind.REFUSED)
    says(station, OTHER, FactKind.REFUSED)
    looks = [finish(station, closing=Closing(most=1)) for _ in range(4)]
    assert [(one.closed, one.to_close > 0) for one in looks] == [(1, True), (1, True), (1, False), (0, False)]
    assert {one.custody for ref in (ASKED, OTHER) for one in of(station, ref)} == {"closed"}
    require_balance(station)


def test_who_asks_to_stop_waits_for_no_document_to_be_closed(station: Station) -> None:
    says(station, ASKED, FactKind.REFUSED)
    judged = finish(station, closing=Closing(stopping=lambda: True))
    assert (judged.closed, judged.to_close) == (0, 1)
    with station.database.read() as session:
        assert len(rejudges.queued(session)) == 1


def test_what_is_recorded_of_one_that_is_still_to_be_closed_counts_first(station: Station) -> None:
    """Judged with the others of that moment, not some at a time: so does the threshold count them together."""
    today = station.clock.moment().day
    says(station, ASKED, FactKind.REFUSED)
    finish(station, closing=Closing(stopping=lambda: True))
    object.__setattr__(station.clock, "as_of", today + timedelta(days=1))  # everybody is judged anew
    assert finish(station, closing=Closing(stopping=lambda: True)).to_close == 1
    says(station, ASKED, FactKind.GRANTED, DAY + timedelta(days=1))
    says(station, OTHER, FactKind.GRANTED)
    assert len(finish(station, begin=nobody, closing=Closing(most=1)).gone_on) == 3


# --- Whose copy is not there ------------------------------------------------------------------------------------------


def damage(station: Station, document: str) -> None:
    path = station.config.shared / "quarantine" / f"{document}.spool"
    path.write_bytes(path.read_bytes()[:-40])


def test_a_damaged_copy_keeps_no_other_from_being_closed_and_is_not_tried_at_each_look(station: Station) -> None:
    says(station, ASKED, FactKind.REFUSED)
    says(station, OTHER, FactKind.REFUSED)
    first, *others = sorted(one.id for ref in (ASKED, OTHER) for one in of(station, ref))
    damage(station, first)
    looks, unreadable = [], frozenset[DocumentId]()
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            looks.append(finish(station, closing=Closing(most=1, unreadable=unreadable)))
            unreadable |= looks[-1].unreadable
    assert [(one.closed, one.to_close > 0) for one in looks] == [(1, True), (1, False), (0, False)]
    assert [one.unreadable for one in looks] == [{first}, set(), set()]
    assert [line["event"] for line in logged].count("not-closed") == 1
    known = {one.id: one.custody for ref in (ASKED, OTHER) for one in of(station, ref)}
    assert known == {first: "curable", **dict.fromkeys(others, "closed")}
    today = station.clock.moment().day
    object.__setattr__(station.clock, "as_of", today + timedelta(days=1))  # everybody is judged anew
    assert finish(station, closing=Closing(most=1)).unreadable == {first}


@pytest.mark.parametrize("harm", [lambda station, document: station.quarantine.destroy(document), damage])
def test_one_copy_that_is_missing_or_damaged_keeps_no_other_document(
    station: Station, harm: Callable[[Station, str], None]
) -> None:
    first, second = of(station, ASKED)
    harm(station, first.id)
    there = station.quarantine.has(first.id)
    says(station, ASKED, FactKind.REFUSED)
    says(station, OTHER, FactKind.GRANTED)
    judged = finish(station, begin=nobody)
    assert (judged.closed, len(judged.gone_on), judged.left) == (1 if there else 2, 1, 0)
    travel(station)
    assert [one.state for one in of(station, OTHER)] == ["deposited"]
    first, second = of(station, ASKED)
    assert (second.reason, second.custody) == ("refused", "closed")
    if there:
        assert (first.reason, first.custody) == ("no-authorization", "curable"), "it stays as it lies, and is told"
    else:
        assert (first.state, first.reason, first.custody) == ("refused", "refused", None), "with nothing to seal"
        assert entries_about(station, first.id)[-3:] == [
            ("consent-check", "refused"), ("review", "refused"), ("destruction", "lost-with-station"),
        ]  # fmt: skip
    assert not any(finish(station, begin=nobody).counts.values())
    balance_closed(station)


def test_a_run_goes_to_its_end_though_a_copy_is_missing_and_takes_what_comes(station: Station, tmp_path: Path) -> None:
    station.quarantine.destroy(of(station, ASKED)[0].id)
    says(station, ASKED, FactKind.REFUSED)
    says(station, OTHER, FactKind.GRANTED)
    (empty := tmp_path / "empty").mkdir()
    work(station, empty)
    assert [one.state for one in of(station, OTHER)] == ["deposited"]
    assert [one.custody for one in of(station, ASKED)] == [None, "closed"]


def test_a_document_whose_copy_is_not_there_is_not_put_on_its_way(cautious: Station, counting: Somebody) -> None:
    by = counting.proved
    first, second = of(cautious, ASKED)
    says(cautious, ASKED, FactKind.GRANTED)
    assert finish(cautious, begin=nobody).held_back == 2
    cautious.quarantine.destroy(first.id)
    assert release(cautious, 2, by, begin=nobody).gone_on == (second.id,)
    assert waiting_for_release(cautious) == ()
    assert rejudge(cautious, begin=nobody).gone_on == ()
    assert [one.state for one in of(cautious, ASKED)] == ["refused", "in-progress"]


def test_what_was_lost_with_its_machine_is_to_be_scanned_again_and_no_fact_lets_it_go_on(station: Station) -> None:
    for one in of(station, ASKED):
        station.quarantine.destroy(one.id)  # as after a return: no backup has these files
    assert len(rebuild(station).lost) == 2
    told = [(one.state, one.reason, one.custody) for one in of(station, ASKED)]
    assert told == [("set-aside", "lost-with-station", None)] * 2
    assert rebuild(station).lost == [], "told once"
    with station.database.read() as session:
        for file in station.captured.files(session):
            assert station.captured.same_bytes(session, file.sha256) is None, "its bytes may come again"
    for number, kind in enumerate((FactKind.REFUSED, FactKind.GRANTED)):
        says(station, ASKED, kind, DAY + timedelta(days=number))
        assert not any(finish(station, begin=nobody).counts.values())
    balance_closed(station)


# --- Taken again by a person ------------------------------------------------------------------------------------------


def test_a_person_who_says_whose_a_document_is_has_it_travel_again(station: Station) -> None:
    (one,) = of(station, OTHER)
    says(station, ASKED, FactKind.GRANTED)
    assert take_again(station, [one.id], claim=Claim(ASKED, None, None), begin=nobody) == (one.id,)
    assert of(station, OTHER) == ()
    travel(station)
    assert one.id in {found.id for found in of(station, ASKED) if found.state == "deposited"}


def test_what_is_not_curable_is_not_taken_again(station: Station) -> None:
    says(station, ASKED, FactKind.REFUSED)
    finish(station)
    for document in (of(station, ASKED)[0].id, DocumentId("01ARZ3NDEKTSV4RRFFQ69G5FAV")):
        with pytest.raises(StationFault, match="document-not-curable"):
            take_again(station, [of(station, OTHER)[0].id, document], begin=nobody)
    assert of(station, OTHER)[0].state == "refused", "all of them or none"


# --- Crashes ----------------------------------------------------------------------------------------------------------

POINTS = [
    f"{name}:{side}"
    for name in (
        "rejudging.new-terms", "rejudging.record", "rejudging.judged", "reopened.spool", "receipt.record",
    )
    for side in ("before", "after")
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_leaves_a_document_kept_or_on_its_way_and_the_next_run_ends_it(
    station: Station, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Neither lost nor twice at the host, wherever the process ends between the fact and the receipt."""
    before = of(station, ASKED)
    says(station, ASKED, FactKind.GRANTED)
    object.__setattr__(station.clock, "as_of", station.clock.moment().day + timedelta(days=1))
    armed = effects.armed_by({effects.VARIABLE: f"{point}=raise"})
    monkeypatch.setattr(effects, "_armed", armed)
    with pytest.raises(KeyboardInterrupt):
        _go_on(station)
    monkeypatch.setattr(effects, "_armed", None)
    for one in of(station, ASKED):
        kept = station.quarantine.has(one.id) or station.spool.has(one.id)
        assert kept or one.state == "deposited", "nothing is lost"
    settle.sweep(station, alone=True)
    _go_on(station)
    assert [(one.id, one.state) for one in of(station, ASKED)] == [(one.id, "deposited") for one in before]
    with station.database.read() as session:
        receipts = {signed.receipt.object_key for one in before if (signed := find_receipt(session, one.id))}
    assert receipts <= {stored.key for stored in station.host.list(f"{station.id}/")}
    assert len(receipts) == len(before)
    assert station.spool.ids() == ()
    assert station.quarantine.ids() == tuple(one.id for one in of(station, OTHER))
    balance_closed(station)


def _go_on(station: Station) -> None:
    finish(station, begin=nobody)
    travel(station)


def test_what_the_contract_asks_is_no_silent_change(station: Station, tmp_path: Path) -> None:
    """A decision names the terms it was made under, and the ledger says when they changed."""
    finish(station, begin=nobody)
    told = [entry for entry in entries(station) if entry["outcome"] == "terms-changed"]
    assert [entry["terms"] for entry in told] == [station.policy.digest()]
    before = station.policy.digest()
    station.close()
    config = tmp_path / "station" / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub("(?m)^notice_required = .*$", "notice_required = true", text), encoding="utf-8")
    with opened(tmp_path / "station") as workshop:
        finish(workshop.station, begin=nobody)
        finish(workshop.station, begin=nobody)
        told = [entry for entry in entries(workshop.station) if entry["outcome"] == "terms-changed"]
        assert [entry["terms"] == before for entry in told] == [True, False]
