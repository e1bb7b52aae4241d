"""Forms that come back: taken for what they are, kept as evidence, and nothing until a person has read them."""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy import update
from sqlmodel import SQLModel, select

from consent_gate.model import (
    DocType,
    DocumentId,
    EvidenceKind,
    Fact,
    FactKind,
    Giver,
    KnownPatient,
    PatientRef,
)
from consent_gate.people import Role
from consent_gate.review import CorrectIdentity
from demo.records import Invented
from handover.build import build
from handover.recount import recount
from lexicon.faults import Fault, HostFault, TamperFault
from pipeline import settle
from pipeline.custody_end import close_overdue
from pipeline.events import FileSettled
from pipeline.forms import checking, depositing, ending, holding, recalling, second, standings
from pipeline.forms.code import FormCode
from pipeline.forms.foreseeing import foreseen
from pipeline.forms.laying import FormLaying, FormReason, Laid
from pipeline.forms.readings import Read, Reading, read_reading, require_known
from pipeline.model import Separator
from pipeline.office import showing
from pipeline.office.answers import status
from pipeline.office.doctor.inside import of_station
from pipeline.office.enrolling import disable
from pipeline.office.people import Presented
from pipeline.office.rejudging import rejudge
from pipeline.office.reviews import confirm, decide, decline
from pipeline.office.reviews import waiting as waiting_ones
from pipeline.runs import process_folder
from pipeline.sheets.image import sheet_image
from pipeline.split import Look, Sighting
from pipeline.station import Station
from storage import accounts, gauges
from storage.envelope import Header, Sealed, open_envelope
from storage.forms import CHECKED, DISCARDED, HELD, SEALED, TO_CHECK, Forms, StoredReturn
from storage.header import FormHeader
from storage.keys import load_certificate, load_private_key
from storage.stored import Claim
from storage.tables import FormReturnRow, FormRow
from tests.crash_nursery import Nursery
from tests.custody_fixtures import entries_about
from tests.failpoint_fixtures import points
from tests.form_fixtures import (
    DPI,
    Printed,
    blank,
    fed,
    inbox_of,
    letter,
    never,
    one_to_check,
    printed,
    returns,
    scanned,
    signed,
    spoilt,
    told,
)
from tests.people_fixtures import Staff, entries, refused, staffed, with_key
from tests.trial_fixtures import TODAY, Trial, make_few, work

TAG = "0A1B2C3D"
NUMBER = "01KAPQ3Z7M4X9T2V8W6Y5R1CDE"
OTHER = "01KAPQ3Z7M4X9T2V8W6Y5R1CDF"


# --- Pages to forms ---------------------------------------------------------------------------------------------------


def seen(*looks: Look | tuple[str, int]) -> list[Sighting]:
    """A look, or `(form, page)` of two."""
    return [
        Sighting(Look.FORM, "", form=FormCode(TAG, *look, 2)) if isinstance(look, tuple) else Sighting(look, "")
        for look in looks
    ]


def laid(
    *looks: Look | tuple[str, int], station: str = TAG, known: Iterable[str] = (NUMBER, OTHER)
) -> tuple[Laid, ...]:
    laying = FormLaying(station, dict.fromkeys(known, 2).get)
    sightings = seen(*looks)
    for sighting, following in zip_longest(sightings, sightings[1:]):
        laying.following = following.look if following else None
        laying.place(sighting)
    return laying.laid()


FIRST, LAST, LAST_OF_OTHER = (NUMBER, 1), (NUMBER, 2), (OTHER, 2)


def test_pages_of_one_form_belong_together_in_any_order() -> None:
    assert laid(FIRST, LAST) == (Laid(NUMBER, (1, 2), None),)
    assert laid(LAST, FIRST) == (Laid(NUMBER, (1, 2), None),)
    assert laid(LAST, LAST_OF_OTHER) == (Laid(NUMBER, (1,), None), Laid(OTHER, (2,), None))


def test_a_page_without_a_code_is_part_of_no_form() -> None:
    unmatched = FormReason.UNMATCHED
    assert laid(LAST, Look.BLANK, Look.CONTENT, LAST_OF_OTHER) == (
        Laid(NUMBER, (1,), None), Laid(None, (3,), unmatched), Laid(OTHER, (4,), None),
    )  # fmt: skip
    assert laid(LAST, *[Look.CONTENT] * 12) == (
        Laid(NUMBER, (1,), None), Laid(None, (2,), unmatched), Laid(None, tuple(range(3, 14)), unmatched),
    )  # fmt: skip
    assert laid(FIRST, Look.CONTENT, LAST) == (
        Laid(NUMBER, (1,), FormReason.UNSIGNED_PAGE), Laid(None, (2,), unmatched), Laid(NUMBER, (3,), None),
    )  # fmt: skip
    assert laid(Look.CONTENT, Look.BLANK, Look.CONTENT) == (Laid(None, (1, 3), unmatched),)


def test_a_page_that_may_be_the_back_of_the_one_behind_it_stands_alone() -> None:
    unmatched = FormReason.UNMATCHED
    assert laid(*[Look.CONTENT] * 3, LAST) == (
        Laid(None, (1, 2), unmatched), Laid(None, (3,), unmatched), Laid(NUMBER, (4,), None),
    )  # fmt: skip
    assert laid(LAST, *[Look.CONTENT] * 2, Look.SUSPECT) == (
        Laid(NUMBER, (1,), None), Laid(None, (2,), unmatched), Laid(None, (3,), unmatched),
        Laid(None, (4,), FormReason.CODE_DAMAGED),
    )  # fmt: skip


def test_a_form_that_is_there_twice_came_back_twice() -> None:
    assert laid(FIRST, LAST, FIRST, LAST) == (Laid(NUMBER, (1, 2), None), Laid(NUMBER, (3, 4), None))
    assert laid(LAST, LAST) == (Laid(NUMBER, (1,), None), Laid(NUMBER, (2,), None))


def test_what_is_doubtful_is_held_apart_with_its_reason() -> None:
    assert laid(Look.CONTENT, LAST) == (Laid(None, (1,), FormReason.UNMATCHED), Laid(NUMBER, (2,), None))
    assert laid(LAST, Look.SUSPECT, Look.CONTENT) == (
        Laid(NUMBER, (1,), None), Laid(None, (2,), FormReason.CODE_DAMAGED), Laid(None, (3,), FormReason.UNMATCHED),
    )  # fmt: skip
    assert laid(LAST, Look.SEPARATOR, Look.CONTENT) == (
        Laid(NUMBER, (1,), None), Laid(None, (2, 3), FormReason.SEPARATOR),
    )  # fmt: skip
    assert laid(FIRST) == (Laid(NUMBER, (1,), FormReason.UNSIGNED_PAGE),)
    assert laid(LAST, known=()) == (Laid(None, (1,), FormReason.UNKNOWN),)
    assert laid((NUMBER, 1), (NUMBER, 2), known=()) == (Laid(None, (1, 2), FormReason.UNKNOWN),)
    longer = Sighting(Look.FORM, "", form=FormCode(TAG, NUMBER, 3, 3))
    laying = FormLaying(TAG, {NUMBER: 2}.get)
    laying.place(longer)
    assert laying.laid() == (Laid(None, (1,), FormReason.UNKNOWN),), "more pages than were printed"
    assert laid(LAST, station="99999999") == (Laid(None, (1,), FormReason.OTHER_STATION),)


# --- Through the drop folder ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """A station to which forms came back; `by` are its returns by the pages of the one file."""

    trial: Trial
    station: Station
    forms: Printed
    by: dict[tuple[int, ...], StoredReturn]
    events: tuple[object, ...]
    code: int
    staff: Staff
    file: Path
    """A copy of the file that came."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Trial:
    trial = Trial.found(tmp_path_factory.mktemp("forms") / "station", verapdf="never")
    trial.know(invented_records)
    told(trial)
    return trial


@pytest.fixture(scope="module")
def taken(template: Trial, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    folder = tmp_path_factory.mktemp("taken")
    with template.opened() as station:
        forms = printed(station, folder, "A1001", "A1002", "A1003", "A1005", "A1007", "A1010")
        one, other, third, fourth, fifth, sixth = (forms.sides(number) for number in range(6))
        separator = sheet_image(Separator(PatientRef("A1001"), DocType("certificat"), None), DPI)
        sides = (
            blank(),  # 1
            signed(one[0]), signed(one[-1]), blank(),  # 2, 3, 4
            signed(other[-1], "once"), signed(other[-1], "twice"),  # 5, 6
            third[0],  # 7
            separator, letter(),  # 8, 9
            spoilt(signed(fourth[-1])), blank(),  # 10, 11
            signed(fifth[-1]), signed(sixth[-1]),  # 12, 13
            blank(), letter(),  # 14, 15
        )  # fmt: skip
        file = scanned(folder / "scan.tif", *sides)
        (inbox_of(template) / "scan.tif").write_bytes(file.read_bytes())
        events: list[object] = []
        code = process_folder(station, inbox_of(template), events.append, threading.Event())
        by = {one.positions: one for one in returns(station)}
        yield Taken(template, station, forms, by, tuple(events), code, staffed(station), file)


def again(taken: Taken, *positions: int) -> StoredReturn:
    """As it stands now."""
    return next(one for one in returns(taken.station) if one.positions == positions)


def facts(station: Station, ref: str) -> list[Fact]:
    reading = station.register.reading(PatientRef(ref))
    assert isinstance(reading, KnownPatient)
    return [fact for fact in reading.facts if fact.recorded_by is not None]


def test_each_form_is_taken_for_its_own_and_waits_for_a_person(taken: Taken) -> None:
    assert taken.code == 3
    ends = {positions: (one.state, one.reason, one.form) for positions, one in taken.by.items()}
    numbers = taken.forms.numbers
    assert ends == {
        (2, 3): (TO_CHECK, None, numbers[0]),
        (5,): (TO_CHECK, None, numbers[1]),
        (6,): (TO_CHECK, None, numbers[1]),
        (7,): (HELD, "form-page-missing", numbers[2]),
        (8, 9): (HELD, "separator-among-forms", None),
        (10,): (HELD, "form-code-damaged", None),
        (12,): (TO_CHECK, None, numbers[4]),
        (13,): (TO_CHECK, None, numbers[5]),
        (15,): (HELD, "form-unmatched", None),
    }


def test_nothing_of_it_is_a_document_or_a_fact_or_an_image_of_records(taken: Taken) -> None:
    with taken.station.database.read() as session:
        assert taken.station.documents.documents(session) == ()
        images = accounts.images(session)
        assert (images.captured, images.accounted) == (0, 0)
        forms = accounts.form_images(session)
        assert accounts.paper(session, 1).scanned == 0
    (settled,) = [event for event in taken.events if isinstance(event, FileSettled)]
    assert forms.balanced
    assert (forms.captured, forms.in_progress) == (15, 0)
    assert (settled.pages, settled.accounted) == (15, 15)
    assert settled.columns["form-to-check"] + settled.columns["form-held"] + settled.columns["blank"] == 15
    assert settled.columns["blank"] == 4


def test_what_waits_is_told_with_what_to_do(taken: Taken) -> None:
    ran = taken.trial.run("status")
    assert "[form-unchecked]" in ran.out
    assert "[separator-among-forms]" in ran.out
    (forms,) = [line.strip() for line in ran.out.splitlines() if line.lstrip().startswith("formulaires :")]
    assert forms.startswith(
        "formulaires : 15 pages = 6 à vérifier + 0 vérifiées + 5 en attente + 0 écartées + 4 vierges"
    )
    assert forms.endswith("✓ équilibré")
    assert status(taken.station)["forms"]["balanced"]


def test_the_same_file_again_is_told_as_a_duplicate_and_nothing_else(taken: Taken) -> None:
    (inbox_of(taken.trial) / "again.tif").write_bytes(taken.file.read_bytes())
    events: list[object] = []
    before = returns(taken.station)
    process_folder(taken.station, inbox_of(taken.trial), events.append, threading.Event())
    (settled,) = [event for event in events if isinstance(event, FileSettled)]
    assert (settled.columns["duplicate"], settled.reason) == (15, "duplicate-file")
    assert returns(taken.station) == before


def test_nothing_is_at_the_host_before_a_person_has_read_it(taken: Taken) -> None:
    assert at_host(taken.station) == set()


def test_the_evidence_is_the_scan_sealed_for_the_client(taken: Taken, tmp_path: Path) -> None:
    one = taken.by[2, 3]
    there = taken.station.sealed_folder / (one.waits_as or "")
    opened = taken.trial.open_with_openssl(there, tmp_path / "form.pdf")
    assert hashlib.sha256(opened.read_bytes()).hexdigest() == one.pdf_sha256
    with pikepdf.open(opened) as pdf:
        assert len(pdf.pages) == 2
        assert all(list(dict(page.Resources)) == ["/XObject"] for page in pdf.pages)  # images, no fonts: no text


def test_a_form_cannot_pass_for_a_document(taken: Taken, tmp_path: Path) -> None:
    one = taken.by[2, 3]
    there = taken.station.sealed_folder / (one.waits_as or "")
    assert one.sealed is not None
    document = Header(DocumentId(one.id), 1, "0" * 64, one.pdf_sha256 or "", "application/pdf")
    assert FormHeader(one.id, 1, one.pdf_sha256 or "", "application/pdf").digest() != document.digest()
    keys = taken.trial.folder / "trial-keys"
    key, certificate = load_private_key(keys / "client.key"), load_certificate(keys / "client.crt")
    open_envelope(there, key, certificate, tmp_path / "right.pdf", one.sealed)
    claimed = Sealed(document, one.sealed.sha256, one.sealed.size, one.sealed.plaintext_size)
    with pytest.raises(TamperFault, match="envelope-forged"):
        open_envelope(there, key, certificate, tmp_path / "wrong.pdf", claimed)


def test_no_entry_names_a_patient(taken: Taken) -> None:
    with taken.station.database.read() as session:
        ledger = b"".join(taken.station.ledger.entries(session))
    assert b"A1001" not in ledger
    assert b"A1002" not in ledger


def test_a_handover_of_the_records_is_whole_beside_the_forms(taken: Taken, tmp_path: Path) -> None:
    built = build(taken.station, tmp_path / "restitution")
    stated = json.loads((built.path / "handover.json").read_text(encoding="utf-8"))
    forms, of_batches = stated["forms"], sum(batch["form_pages"] for batch in stated["batches"])
    assert (forms["images"]["balanced"], of_batches, recount(built.path).balanced) == (
        True, forms["images"]["captured"], True,
    )  # fmt: skip
    assert f"formulaires : {forms['images']['captured']} pages" in (built.path / "LISEZMOI.txt").read_text("utf-8")
    forms["returns"][0]["pages"] += 1
    (built.path / "handover.json").write_text(json.dumps(stated), "utf-8")
    assert f"file:{forms['returns'][0]['file']}" in recount(built.path).differing
    assert (built.images.captured, built.images.balanced) == (0, True)


# --- A person reads ---------------------------------------------------------------------------------------------------


def checked(taken: Taken, reading: Reading, *positions: int) -> list[Fact]:
    """What was recorded of the patient of this return."""
    rejudged: list[list[PatientRef]] = []

    def then(station: Station, patients: Iterable[PatientRef]) -> None:
        rejudged.append(list(patients))
        rejudge(station, rejudged[-1])

    reviewer = taken.staff.reviewer()
    standing = checking.check(taken.station, taken.by[positions].id, reading, reviewer.proved, then)
    assert standing.form is not None
    assert rejudged == [[standing.form.patient]]
    assert (standing.returned.state, standing.returned.outcome) == (CHECKED, reading.outcome)
    assert not taken.station.quarantine.has(standing.returned.id)
    return facts(taken.station, standing.form.patient)


def test_a_person_is_shown_the_very_pages_that_are_the_evidence(taken: Taken, tmp_path: Path) -> None:
    reviewer = taken.staff.reviewer()
    one = taken.by[12,]
    standing = checking.show(taken.station, one.id, reviewer.proved(), tmp_path / "shown.pdf")
    assert hashlib.sha256((tmp_path / "shown.pdf").read_bytes()).hexdigest() == one.pdf_sha256
    assert (tmp_path / "shown.pdf").stat().st_mode & 0o077 == 0
    assert standing.form is not None
    assert standing.form.patient == "A1007"
    last = entries(taken.station)[-1]
    assert (last["type"], last["object"], last["agents"]["person"]) == ("consultation", f"form:{one.id}", reviewer.id)


def test_nobody_looks_or_checks_without_a_second_factor_or_the_right(taken: Taken, tmp_path: Path) -> None:
    operator = taken.staff.enrol("Jean Opérateur", Role.OPERATOR)
    one, reading = taken.by[12,], Reading(outcome=Read.GRANTED, on=TODAY)
    with refused(taken.station, "role-insufficient", operator.id):
        checking.check(taken.station, one.id, reading, operator.proved, rejudge)
    reviewer = taken.staff.reviewer()
    with refused(taken.station, "second-factor-missing", reviewer.id):
        checking.show(taken.station, one.id, Presented(reviewer.id), tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()
    assert again(taken, 12) == one


def test_a_type_that_the_contract_does_not_know_closes_nothing(taken: Taken) -> None:
    reading = Reading(outcome=Read.LIMITED, on=TODAY, doc_types=frozenset({DocType("resultat_labo")}))
    with pytest.raises(Fault) as caught:
        checking.check(taken.station, again(taken, 12).id, reading, never, rejudge)
    assert caught.value.code == "form-type-unknown"
    require_known([DocType("anything")], ())


def test_a_form_is_not_signed_before_it_was_printed(taken: Taken) -> None:
    reading = Reading(outcome=Read.GRANTED, on=TODAY - timedelta(days=1))
    with pytest.raises(Fault, match="form-reading-unsound"):
        checking.check(taken.station, again(taken, 12).id, reading, never, rejudge)


def test_a_grant_is_a_fact_with_its_evidence_its_check_and_the_notice(taken: Taken, tmp_path: Path) -> None:
    one = taken.by[2, 3]
    recorded = {fact.kind: fact for fact in checked(taken, Reading(outcome=Read.GRANTED, on=TODAY), 2, 3)}
    assert recorded.keys() == {FactKind.GRANTED, FactKind.NOTICE, FactKind.CHECKED}
    evidence = recorded[FactKind.GRANTED].evidence
    assert evidence is not None
    assert (evidence.kind, evidence.sha256, evidence.envelope) == (EvidenceKind.SIGNED_FORM, one.pdf_sha256, one.id)
    assert recorded[FactKind.CHECKED].about == recorded[FactKind.GRANTED].reference
    notice = recorded[FactKind.NOTICE]
    assert (notice.on, notice.version, notice.channel) == (TODAY, "2026-1", "formulaire")
    with pytest.raises(Fault, match="form-not-to-check"):
        checking.check(taken.station, one.id, Reading(outcome=Read.REFUSED, on=TODAY), never, rejudge)
    assert at_host(taken.station) == {one.object_key}
    there = taken.trial.host / (one.object_key or "")
    assert hashlib.sha256(there.read_bytes()).hexdigest() == one.sha256
    assert not (taken.station.sealed_folder / (one.waits_as or "")).exists()
    told_of = [entry for entry in entries(taken.station) if entry["object"] == f"form:{one.id}"]
    assert [(entry["type"], entry["outcome"]) for entry in told_of] == [
        ("identification", "matched"), ("sealing", "sealed"), ("review", "granted"), ("deposit", "intended"),
        ("receipt", "deposited"), ("destruction", "working-copies"),
    ]  # fmt: skip
    assert told_of[4]["hashes_out"] == [one.sha256]
    handed = json.loads((build(taken.station, tmp_path / "out").path / "handover.json").read_text(encoding="utf-8"))
    named = {said["object_key"]: said["object_sha256"] for said in handed["forms"]["returns"] if said["object_key"]}
    assert named == {one.object_key: one.sha256}


def test_limits_and_who_signed_are_as_the_person_read_them(taken: Taken) -> None:
    reading = Reading(
        outcome=Read.LIMITED, on=TODAY, until=TODAY + timedelta(days=90), doc_types=frozenset({DocType("certificat")}),
        given_by=Giver.GUARDIAN, authority_until=TODAY + timedelta(days=60),
    )  # fmt: skip
    (granted,) = [fact for fact in checked(taken, reading, 5) if fact.kind is FactKind.GRANTED]
    assert (granted.until, granted.doc_types, granted.given_by) == (
        reading.until, reading.doc_types, Giver.GUARDIAN,
    )  # fmt: skip
    assert granted.authority_until == reading.authority_until


def test_a_refusal_is_recorded_as_one_and_what_is_unusable_as_nothing(taken: Taken) -> None:
    recorded = checked(taken, Reading(outcome=Read.REFUSED, on=TODAY), 13)
    assert [fact.kind for fact in recorded] == [FactKind.REFUSED, FactKind.NOTICE]
    before = facts(taken.station, "A1002")
    there, unusable = at_host(taken.station), taken.by[6,]
    assert checked(taken, Reading(outcome=Read.UNUSABLE), 6) == before
    assert at_host(taken.station) == there, "nothing of it is hosted"
    assert not (taken.station.sealed_folder / (unusable.waits_as or "")).exists()
    assert not taken.station.closed_path(unusable.id).exists()


@pytest.mark.parametrize(
    ("reading", "what"),
    [
        (Reading(outcome=Read.GRANTED), "on"),
        (Reading(outcome=Read.REFUSED, on=TODAY + timedelta(days=1)), "on"),
        (Reading(outcome=Read.GRANTED, on=TODAY - timedelta(days=8)), "on"),
        (Reading(outcome=Read.LIMITED, on=TODAY), "limits"),
        (Reading(outcome=Read.GRANTED, on=TODAY, until=TODAY), "limits"),
        (Reading(outcome=Read.LIMITED, on=TODAY, until=TODAY - timedelta(days=1)), "until"),
        (Reading(outcome=Read.LIMITED, on=TODAY, doc_types=frozenset({DocType("no type, but a sentence")})), "type"),
        (Reading(outcome=Read.GRANTED, on=TODAY, authority_until=TODAY), "authority-until"),
    ],
)
def test_what_no_form_can_say_is_refused(reading: Reading, what: str) -> None:
    with pytest.raises(Fault) as caught:
        reading.require_sound(TODAY - timedelta(days=7), TODAY)
    assert (caught.value.code, caught.value.facts) == ("form-reading-unsound", {"what": what})


def asks_for_two(station: Station, monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    review = station.config.review.model_copy(update={"four_eyes": kinds})
    monkeypatch.setattr(station, "config", station.config.model_copy(update={"review": review}))


@pytest.mark.parametrize("kind", ["check", "authorize"])
def test_two_are_asked_to_read_an_authorization_and_one_to_read_a_no(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    asks_for_two(taken.station, monkeypatch, kind)
    asked = {read: second.needs_two(taken.station, Reading(outcome=read, on=TODAY)) for read in Read}
    assert asked == {Read.GRANTED: True, Read.LIMITED: True, Read.REFUSED: False, Read.UNUSABLE: False}
    asks_for_two(taken.station, monkeypatch, "maintain", "settle")
    assert not second.needs_two(taken.station, Reading(outcome=Read.GRANTED, on=TODAY))


@pytest.mark.parametrize(
    "reading",
    [
        Reading(outcome=Read.UNUSABLE),
        Reading(outcome=Read.LIMITED, on=TODAY, until=TODAY, doc_types=frozenset({DocType("b"), DocType("a")})),
        Reading(outcome=Read.GRANTED, on=TODAY, given_by=Giver.GUARDIAN, authority_until=TODAY),
    ],
)
def test_what_waits_for_a_second_person_is_what_the_first_one_read(reading: Reading) -> None:
    assert read_reading(json.loads(json.dumps(reading.content()))) == reading


def test_nothing_of_an_authorization_is_on_record_before_a_second_person_read_the_same(
    taken: Taken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, one, reading = taken.station, taken.by[12,], Reading(outcome=Read.GRANTED, on=TODAY)
    asks_for_two(station, monkeypatch, "authorize")
    first, other = taken.staff.reviewer(), taken.staff.reviewer("Dr Bruno Second")
    waiting = checking.check(station, one.id, reading, first.proved, nobody_judged)
    assert waiting.waits is not None
    assert (waiting.returned.state, facts(station, "A1007")) == (TO_CHECK, [])
    with pytest.raises(Fault, match="second-person-same"):
        confirm(station, waiting.waits.id, first.proved())
    with pytest.raises(Fault, match="second-person-same"):
        checking.check(station, one.id, reading, first.proved, nobody_judged)
    decline(station, waiting.waits.id, other.proved())
    ending.sweep(station)
    assert (facts(station, "A1007"), station.quarantine.has(one.id)) == ([], True)

    waiting = checking.check(station, one.id, reading, first.proved, nobody_judged)
    limited = Reading(outcome=Read.LIMITED, on=TODAY, until=TODAY)
    checking.check(station, one.id, limited, other.proved, nobody_judged)
    ending.sweep(station)
    shown = checking.show(station, one.id, other.proved(), tmp_path / "shown.pdf")
    assert waiting.waits is not None
    assert shown.waits == waiting.waits
    assert hashlib.sha256((tmp_path / "shown.pdf").read_bytes()).hexdigest() == one.pdf_sha256
    assert waiting_ones(station)[1:]
    decided = confirm(station, waiting.waits.id, other.proved())
    assert not decided.waits
    recorded = {fact.kind: fact.recorded_by for fact in facts(station, "A1007")}
    assert recorded == dict.fromkeys((FactKind.GRANTED, FactKind.NOTICE, FactKind.CHECKED), other.id)
    assert waiting_ones(station) == (), "what else was read of it is overtaken"
    assert (again(taken, 12).state, station.quarantine.has(one.id)) == (CHECKED, False)
    told_of = [entry["outcome"] for entry in entries(station) if entry["object"].startswith("review:")]
    assert told_of[:4] == ["waits-for-second", "second-person-same", "second-person-same", "declined-check"]
    assert sorted(told_of[-2:]) == ["decided-check", "overtaken-check"]
    with pytest.raises(Fault, match="review-not-waiting"):
        confirm(station, waiting.waits.id, other.proved())


def test_what_somebody_read_who_was_disabled_since_counts_for_nothing(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(trial)
    with trial.opened() as station:
        one, staff, reading = (
            one_to_check(station, tmp_path, "A1001"),
            staffed(station),
            Reading(outcome=Read.GRANTED, on=TODAY),
        )
        asks_for_two(station, monkeypatch, "authorize")
        first, other = staff.reviewer(), staff.reviewer("Dr Bruno Second")
        checking.check(station, one.id, reading, first.proved, nobody_judged)
        disable(station, first.id, staff.administrator.proved())
        anew = checking.check(station, one.id, reading, other.proved, nobody_judged)
        assert anew.waits is not None
        assert anew.waits.person == other.id
        assert FactKind.GRANTED not in {fact.kind for fact in facts(station, "A1001")}


def nobody_judged(*_: object) -> None:
    raise AssertionError("nothing has changed")


@pytest.mark.parametrize("positions", [(7,), (8, 9), (15,)])
def test_nothing_but_a_page_of_the_form_is_matched_with_it(taken: Taken, positions: tuple[int, ...]) -> None:
    before = again(taken, *positions)
    with pytest.raises(Fault, match="form-unassignable"):
        holding.assign(taken.station, before.id, taken.forms.numbers[2], never)
    assert again(taken, *positions) == before
    assert before.object_key is None


def test_held_pages_are_matched_by_their_printed_number_or_discarded(taken: Taken) -> None:
    reviewer, number = taken.staff.reviewer(), taken.forms.numbers[3]
    spaced = " ".join(number[at : at + 5] for at in range(0, 26, 5)).lower()
    assigned = holding.assign(taken.station, taken.by[10,].id, spaced, reviewer.proved)
    assert (assigned.returned.state, assigned.returned.form) == (TO_CHECK, number)
    assert (taken.station.sealed_folder / (assigned.returned.waits_as or "")).exists()
    discarded = holding.discard(taken.station, taken.by[15,].id, reviewer.proved)
    assert discarded.returned.state == DISCARDED
    assert not taken.station.quarantine.has(taken.by[15,].id)
    with taken.station.database.read() as session:
        forms = accounts.form_images(session, files=[taken.by[15,].file])
    assert forms.balanced
    assert forms.columns["form-discarded"] == 1
    with pytest.raises(Fault, match="form-not-held"):
        holding.discard(taken.station, taken.by[15,].id, never)


def test_a_form_that_came_back_twice_is_named_by_its_return(taken: Taken) -> None:
    with pytest.raises(Fault, match="form-unknown"):
        holding.discard(taken.station, "0" * 26, never)
    found = {one.returned.positions: one for one in standings.standings(taken.station, waiting=False)}
    assert (found[5,].copies, found[6,].copies, found[2, 3].copies) == (2, 2, 1)


# --- What is no form --------------------------------------------------------------------------------------------------


def test_medical_pages_behind_a_form_are_sent_nowhere(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001", "A1002")
        scanned(inbox_of(trial) / "f.tif", signed(forms.sides(0)[-1]), letter(), letter(), letter())
        process_folder(station, inbox_of(trial), lambda _: None, threading.Event())
        front, back, record = returns(station)
        assert [(one.positions, one.state, one.reason) for one in (front, back, record)] == [
            ((1,), TO_CHECK, None), ((2,), HELD, "form-unmatched"), ((3, 4), HELD, "form-unmatched"),
        ]  # fmt: skip
        assert at_host(station) == set()
        envelope = station.sealed_folder / (front.waits_as or "")
        with pikepdf.open(trial.open_with_openssl(envelope, tmp_path / "o.pdf")) as pdf:
            assert len(pdf.pages) == 1
        reviewer, reading = staffed(station).reviewer(), Reading(outcome=Read.GRANTED, on=TODAY)
        with pytest.raises(Fault, match="form-page-behind"):
            checking.check(station, front.id, reading, never, rejudge)
        for held, number in ((record, 0), (back, 1)):
            with pytest.raises(Fault, match="form-unassignable"):
                holding.assign(station, held.id, forms.numbers[number], never)
        assigned = holding.assign(station, back.id, forms.numbers[0], reviewer.proved).returned
        assert (assigned.state, assigned.form) == (TO_CHECK, forms.numbers[0])
        with pytest.raises(Fault, match="form-reading-unsound"):
            checking.check(station, back.id, reading, never, rejudge)
        checked = checking.check(station, front.id, reading, reviewer.proved, rejudge)
        assert checked.copies == 1
        assert [one.outcome for one in returns(station, [CHECKED])] == ["granted", "granted"], "the back with its front"
        holding.discard(station, record.id, reviewer.proved)
        assert at_host(station) == {front.object_key, assigned.object_key}
        assert not any(station.quarantine.has(one.id) for one in (front, back, record))


def test_a_back_that_was_matched_by_hand_is_no_front_of_another(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        file = fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1]), letter(), letter()))
        depositing.deliver_returns(station, file)
        front, back, behind = returns(station)
        reviewer = staffed(station).reviewer()
        assert holding.assign(station, back.id, forms.numbers[0], reviewer.proved).reason == "form-unchecked"
        with pytest.raises(Fault, match="form-unassignable"):
            holding.assign(station, behind.id, forms.numbers[0], never)
        assert len(returns(station, [TO_CHECK])) == 2
        assert at_host(station) == set()
        with station.database.read() as session:
            assert gauges.reasons(session) == {"form-unchecked": 2, "form-unmatched": 1}
        assert standings.returned_of(station, front.id) == front


def test_who_has_no_readable_copy_checks_by_the_paper_and_the_same_command_confirms(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(trial)
    with trial.opened() as station:
        one = one_to_check(station, tmp_path, "A1001")
        station.quarantine.destroy(one.id)  # as after a return from a backup
        asks_for_two(station, monkeypatch, "check")
        staff, reading = staffed(station), Reading(outcome=Read.GRANTED, on=TODAY)
        first, other = staff.reviewer(), staff.reviewer("Dr Bruno Second")
        (listed,) = standings.standings(station)
        assert (listed.readable, listed.returned.object_key, listed.reason) == (False, one.object_key, "form-unchecked")
        with pytest.raises(Fault, match="form-copy-missing"):
            checking.show(station, one.id, other.proved(), tmp_path / "x.pdf")
        assert checking.check(station, one.id, reading, first.proved, nobody_judged).waits is not None
        (listed,) = standings.standings(station)
        assert listed.waits is not None
        done = checking.check(station, one.id, reading, other.proved, rejudge)
        assert (done.waits, done.returned.state) == (None, CHECKED)
        assert {FactKind.GRANTED, FactKind.CHECKED} <= {fact.kind for fact in facts(station, "A1001")}


def at_host(station: Station) -> set[str | None]:
    return {stored.key for stored in station.host.list("") if stored.key.endswith(".p7m")}


def test_held_pages_are_closed_in_time_and_a_form_nobody_checks_is_told(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        file = fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1]), blank(), letter(), letter()))
        depositing.deliver_returns(station, file)
        front, held = returns(station)
        assert close_overdue(station) == 0
        staff = staffed(station)
        staff.clock.pass_(days=station.config.quarantine.max_days + 2)
        assert found_by_doctor(station) == {"quarantine-overdue": 1, "forms-unchecked": 1}
        with station.database.read() as session:
            assert gauges.waiting(session, station.clock.now() - timedelta(days=1)).count == 2
        assert close_overdue(station) == 1
        front, held = returns(station)
        assert (front.state, held.state, held.closed) == (TO_CHECK, HELD, True)
        assert (station.quarantine.has(front.id), station.quarantine.has(held.id)) == (True, False)
        assert entries_about(station, held.id)[-2:] == [("sealing", "kept-too-long"), ("destruction", "key-destroyed")]
        with pikepdf.open(trial.open_with_openssl(station.closed_path(held.id), tmp_path / "held.pdf")) as pdf:
            assert len(pdf.pages) == 2
        assert found_by_doctor(station) == {"forms-unchecked": 1}
        assert close_overdue(station) == 0
        with station.database.read() as session:
            assert accounts.form_images(session).balanced
        assert station.ledger.verify().verified
        reviewer = staff.reviewer()
        with pytest.raises(Fault, match="form-copy-missing"):
            checking.show(station, held.id, reviewer.proved(), tmp_path / "x.pdf")
        assert holding.discard(station, held.id, reviewer.proved).returned.state == DISCARDED
        assert not station.closed_path(held.id).exists()


def found_by_doctor(station: Station) -> dict[str, int]:
    """Slug -> how many of them, of the quarantine check."""
    faults = [check.fault for check in of_station(station) if check.name == "quarantine" and check.fault]
    return {fault.code: int(fault.facts.get("documents") or fault.facts["forms"]) for fault in faults}


@pytest.mark.parametrize("broken", ["_seal", "_record_closed", "clear"])
def test_a_closing_that_broke_off_leaves_held_pages_readable_or_sealed(
    taken: Taken, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    station, held = taken.station, again(taken, 8, 9)
    with monkeypatch.context() as breaking:
        breaking.setattr(ending, broken, _interrupted)
        with pytest.raises(KeyboardInterrupt):
            ending.close_held(station, held.id)
    closed = broken == "clear"
    assert (station.quarantine.has(held.id), station.closed_path(held.id).exists()) == (True, closed)
    ending.sweep(station)
    assert (station.quarantine.has(held.id), again(taken, 8, 9).closed) == (not closed, closed)
    assert not list(station.sealed_folder.glob("*-closing-*"))


def test_one_return_is_read_without_any_other(taken: Taken, monkeypatch: pytest.MonkeyPatch) -> None:
    def every(*_: object, **__: object) -> None:
        raise AssertionError("all returns ever are read")

    one = again(taken, 6)
    monkeypatch.setattr(Forms, "returns", every)
    standing = standings.standing_of(taken.station, one.id)
    assert (standing.returned, standing.copies) == (one, 2)


# --- Among records ----------------------------------------------------------------------------------------------------


def test_a_form_among_records_is_in_no_document(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        separator = sheet_image(Separator(PatientRef("A1007"), DocType("certificat"), None), DPI)
        scanned(trial.inbox / "mixed.tif", separator, letter(), signed(forms.sides(0)[-1]), letter())
        worked = work(station, trial.inbox)
        assert worked.ends()[3, 4] == ("held", "form-among-records")
        assert worked.ends()[(2,)][0] == "refused"
        assert returns(station) == ()
        assert worked.accounts.station_images.balanced


def test_a_form_among_records_becomes_no_record_by_a_correction(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        scanned(trial.inbox / "mixed.tif", signed(forms.sides(0)[-1]), letter())
        assert work(station, trial.inbox).ends()[1, 2] == ("held", "form-among-records")
        with station.database.read() as session:
            (document,) = station.documents.documents(session)
        (answer,) = showing.waiting(station)
        assert answer["may"] == ["maintain"]
        reviewer = staffed(station).reviewer()
        with pytest.raises(Fault, match="document-holds-form"):
            decide(station, CorrectIdentity(document.id, PatientRef("A1001"), None, "ligne 12"), reviewer.proved())
        with station.database.write("test.reclaim") as session:
            station.documents.reclaim(session, document.id, Claim(PatientRef("A1001"), None, None))
        with station.database.read() as session:
            (claimed,) = station.documents.documents(session)
        assert (claimed.claim, claimed.form) == (Claim(PatientRef("A1001"), None, None), True)


# --- When something breaks --------------------------------------------------------------------------------------------


def test_a_host_that_is_away_gets_the_very_same_envelope_later(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        file = fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1])))
        depositing.deliver_returns(station, file)
        settle.end_file(station, file)
        assert not station.spool.has(file)
        with monkeypatch.context() as broken:

            def away(*_: object) -> None:
                raise HostFault("host-unreachable")

            broken.setattr(station.host, "create", away)
            (waiting,) = returns(station)
            reviewer, reading = staffed(station).reviewer(), Reading(outcome=Read.GRANTED, on=TODAY)
            assert checking.check(station, waiting.id, reading, reviewer.proved, rejudge).returned.outcome == "granted"
            with pytest.raises(HostFault):
                depositing.deliver_returns(station, file)
        (kept,) = returns(station)
        assert kept.state == SEALED
        with station.database.read() as session:
            assert accounts.form_images(session).balanced
            assert accounts.form_images(session).in_progress == 1
        assert station.quarantine.has(kept.id), "until its evidence is there"
        process_folder(station, inbox_of(trial), lambda _: None, threading.Event())  # the station goes on by itself
        (there,) = returns(station)
        assert (there.state, there.sha256, there.version) == (CHECKED, kept.sha256, 1)
        assert at_host(station) == {there.object_key}
        assert not station.quarantine.has(kept.id)


@pytest.mark.parametrize("put", [True, False])
def test_an_envelope_that_a_machine_was_lost_with_counts_if_the_host_has_it(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, put: bool
) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        file = fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1])))
        depositing.deliver_returns(station, file)
        with monkeypatch.context() as broken:
            broken.setattr(depositing, "_record_receipt" if put else "deposit_form", _interrupted)
            (waiting,) = returns(station)
            reviewer, reading = staffed(station).reviewer(), Reading(outcome=Read.GRANTED, on=TODAY)
            with pytest.raises(KeyboardInterrupt):
                checking.check(station, waiting.id, reading, reviewer.proved, rejudge)
        (sealed,) = returns(station)
        for envelope in station.sealed_folder.glob("*-form-*"):
            envelope.unlink()
        depositing.deliver_returns(station, file)
        if not put:
            depositing.deliver_returns(station, file)
        (there,) = returns(station)
        assert there.state == CHECKED
        assert (there.version, there.sha256 == sealed.sha256) == ((1, True) if put else (2, False))
        assert list(station.sealed_folder.iterdir()) == []


def test_a_form_of_which_nothing_is_left_is_held_as_lost(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001")
        file = fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1])))
        station.quarantine.destroy(returns(station)[0].id)
        depositing.deliver_returns(station, file)
        (lost,) = returns(station)
        assert (lost.state, lost.reason) == (HELD, "lost-with-station")
        with pytest.raises(Fault, match="form-not-held"):
            holding.assign(station, lost.id, forms.numbers[0], never)


def test_what_was_read_stands_where_only_the_paper_is_left(trial: Trial, tmp_path: Path) -> None:
    """A machine was lost before the check: neither copy nor envelope came back with the backup."""
    told(trial)
    with trial.opened() as station:
        one = one_to_check(station, tmp_path, "A1001")
        station.quarantine.destroy(one.id)
        (station.sealed_folder / (one.waits_as or "")).unlink()
        reviewer, reading = staffed(station).reviewer(), Reading(outcome=Read.GRANTED, on=TODAY)
        done = checking.check(station, one.id, reading, reviewer.proved, rejudge).returned
        assert (done.state, done.outcome, done.object_key) == (CHECKED, "granted", None)
        assert ("deposit", "not-received") in entries_about(station, one.id)
        assert FactKind.GRANTED in {fact.kind for fact in facts(station, "A1001")}
        assert at_host(station) == set()


OPPOSED = (
    b"patient_id;nom_naissance;date_naissance;statut;date_signature;date_fin;perimetre\n"
    b"A1;MARTIN;1962-03-04;opposition;%s;;\n"
)
ROSTER = b"patient_id;nom_naissance;prenoms;date_naissance\nA1;MARTIN;Zoe;1962-03-04\nA2;DURAND;Luc;1970-01-01\n"


def test_nothing_of_who_opposes_hosting_is_hosted(trial: Trial, tmp_path: Path) -> None:
    """CSP L.1111-8."""
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", ROSTER)
        forms = printed(station, tmp_path, "A1")
        station.import_sheet("register", OPPOSED % TODAY.isoformat().encode())
        depositing.deliver_returns(station, fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1]))))
        (one,) = returns(station)
        reviewer, reading = staffed(station).reviewer(), Reading(outcome=Read.REFUSED, on=TODAY)
        done = checking.check(station, one.id, reading, reviewer.proved, rejudge).returned
        assert (done.state, done.object_key, at_host(station)) == (CHECKED, None, set())
        assert ("sealing", "kept-from-host") in entries_about(station, one.id)
        with pikepdf.open(trial.open_with_openssl(station.closed_path(one.id), tmp_path / "kept.pdf")) as pdf:
            assert len(pdf.pages) == 1
        ending.sweep(station)
        assert station.closed_path(one.id).exists()
        assert not list(station.sealed_folder.iterdir())


def test_evidence_is_taken_back_from_the_host_on_the_controllers_word(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", ROSTER)
        one = one_to_check(station, tmp_path, "A1")
        staff = staffed(station)
        reviewer, controller = staff.reviewer(), staff.enrol("Mme Claire Directrice", Role.CONTROLLER)
        with pytest.raises(Fault, match="form-not-at-host"):
            recalling.recall(station, one.id, never)
        checking.check(station, one.id, Reading(outcome=Read.GRANTED, on=TODAY), reviewer.proved, rejudge)
        assert at_host(station) == {one.object_key}
        with refused(station, "role-insufficient", reviewer.id):
            recalling.recall(station, one.id, reviewer.proved)
        (lies,) = (path for path in trial.folder.rglob(Path(str(one.object_key)).name) if "host" in path.parts)
        lies.rename(tmp_path / "gone")
        with pytest.raises(Fault, match="form-not-at-host"):
            recalling.recall(station, one.id, controller.proved)
        assert not station.closed_path(one.id).exists()
        (tmp_path / "gone").rename(lies)
        done = recalling.recall(station, one.id, controller.proved).returned
        assert (done.state, done.object_key, at_host(station)) == (CHECKED, None, set())
        assert hashlib.sha256(station.closed_path(one.id).read_bytes()).hexdigest() == one.sha256
        assert entries_about(station, one.id)[-2:] == [("destruction", "taking-back"), ("destruction", "taken-back")]
        assert station.ledger.verify().verified


def test_a_form_whose_row_was_altered_authorizes_nobody(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", ROSTER)
        forms = printed(station, tmp_path, "A1", "A2")
        depositing.deliver_returns(station, fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1]))))
        (one,) = returns(station)
        reading = Reading(outcome=Read.GRANTED, on=TODAY)
        hands: tuple[tuple[type[SQLModel], dict[str, object]], ...] = (
            (FormReturnRow, {"form_id": forms.numbers[1]}),
            (FormReturnRow, {"pdf_sha256": one.sha256}),
            (FormReturnRow, {"positions": "[2]"}),
            (FormRow, {"printed_on": "2019-01-01"}),
            (FormRow, {"notice_version": "x"}),
            (FormRow, {"pages": 1}),
        )
        for table, change in hands:
            was = by_hand(station, table, change)
            with pytest.raises(TamperFault, match="column-forged"):
                checking.check(station, one.id, reading, never, rejudge)
            by_hand(station, table, was)
        assert standings.returned_of(station, one.id) == one


def test_whom_the_handwriting_is_to_name_is_shown_to_who_proved_themselves(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", ROSTER)
        one = one_to_check(station, tmp_path, "A1")
        reviewer = with_key(station, "Dr Anne Lectrice", Role.REVIEWER, staffed(station).administrator.proved())
    (tmp_path / "key.pem").write_bytes(reviewer.pem or b"")
    who = ("--person", reviewer.id, "--identity-key", tmp_path / "key.pem")
    shown = trial.run("authorization", "forms", "show", one.id, "--out", tmp_path / "x.pdf", *who, "--json")
    assert shown.lines[0]["person"] == {"birth_name": "MARTIN", "given_names": "Zoe", "birth_date": "1962-03-04"}
    screen = trial.run("authorization", "forms", "show", one.id, "--out", tmp_path / "y.pdf", *who)
    assert "MARTIN Zoe, naissance 1962-03-04" in screen.out
    nobody = trial.run("authorization", "forms", "show", one.id, "--out", tmp_path / "z.pdf", "--json")
    assert nobody.code != 0
    for ran in (trial.run("authorization", "forms", "list", "--json"), nobody):
        assert "MARTIN" not in ran.out + ran.err
    assert "MARTIN" not in shown.err + screen.err


def by_hand(station: Station, table: type[SQLModel], change: dict[str, object]) -> dict[str, object]:
    """Every row of a table altered; what one of them said before."""
    with station.database.write("test.by-hand") as session:
        was = session.exec(select(table)).first()
        before = {name: getattr(was, name) for name in change}
        session.connection().execute(update(table).values(change))
    return before


def test_what_would_become_of_documents_is_told_before(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1009")
        make_few(trial.inbox, "lot.tif", ("certificat", "A1009", "refused"), ("ordonnance", "A1009", "refused"))
        work(station, trial.inbox)
        depositing.deliver_returns(station, fed(station, scanned(tmp_path / "f.tif", signed(forms.sides(0)[-1]))))
        (one,) = returns(station)
        limited = Reading(outcome=Read.LIMITED, on=TODAY, doc_types=frozenset({DocType("certificat")}))
        change = foreseen(station, one.id, limited)
        assert change is not None
        assert (change.go_on, change.close) == (1, 1)
        assert foreseen(station, one.id, Reading(outcome=Read.UNUSABLE)) is None
        assert facts(station, "A1009") == []


OWN = frozenset({"form.pack", "form.split", "form.seal", "form.seal-record"})
CRASHED = [point for point in points() if point.partition(":")[0] in OWN]
SOME = ["form.pack:after", "form.split:after", "form.seal:after", "form.seal-record:after"]


@pytest.mark.parametrize(
    "crashed", [pytest.param(SOME, id="some"), pytest.param(CRASHED, id="each", marks=pytest.mark.slow)]
)
def test_killed_at_its_effects_the_same_forms_wait_once(trial: Trial, tmp_path: Path, crashed: list[str]) -> None:
    told(trial)
    with trial.opened() as station:
        forms = printed(station, tmp_path, "A1001", "A1002", "A1003")
    scanned(inbox_of(trial) / "f.tif", *(signed(forms.sides(one)[-1]) for one in range(3)), letter())
    nursery, left, killed = Nursery(tmp_path), list(crashed), list[str]()
    try:
        while True:
            armed = ",".join(f"{point}=kill" for point in left)
            ended = nursery.run(trial, "process", inbox_of(trial), "--json", failpoint=armed)
            if not ended.killed:
                break
            left.remove(ended.points[0])
            killed.append(ended.points[0])
            if len(killed) % 3 == 0:  # the engine gives up what has ended five processes; its tables are no record
                for path in trial.home.glob("engine.db*"):
                    path.unlink()
    finally:
        nursery.close()
    assert sorted(killed) == sorted(crashed), ended.err[-500:]
    assert ended.code in {0, 3}, ended.err[-500:]  # 0: nothing was left to tell
    with trial.opened() as station:
        found = returns(station)
        assert [(one.state, one.form, one.positions) for one in found] == [
            *((TO_CHECK, number, (position,)) for position, number in enumerate(forms.numbers, start=1)),
            (HELD, None, (4,)),
        ]
        assert {path.name for path in station.sealed_folder.iterdir()} == {one.waits_as for one in found[:3]}
        assert at_host(station) == set()
        assert station.ledger.verify().verified
    assert [name for name in trial.left_at_work() if "-form-" not in name] == []


def test_a_check_that_broke_off_is_finished_at_the_next_start(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(trial)
    with trial.opened() as station:
        one = one_to_check(station, tmp_path, "A1001")
        reviewer = staffed(station).reviewer()
        with monkeypatch.context() as broken:
            broken.setattr(checking, "clear", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                checking.check(station, one.id, Reading(outcome=Read.GRANTED, on=TODAY), reviewer.proved, rejudge)
        assert station.quarantine.has(one.id)
        assert FactKind.GRANTED in {fact.kind for fact in facts(station, "A1001")}
        with monkeypatch.context() as broken:
            broken.setattr(depositing, "clear", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                process_folder(station, inbox_of(trial), lambda _: None, threading.Event())
        assert (station.quarantine.has(one.id), at_host(station)) == (True, {one.object_key})
        ending.sweep(station)
        assert not station.quarantine.has(one.id)
        with station.database.read() as session:
            assert Forms(station.columns).uncleared(session) == ()
        told_of = [entry["outcome"] for entry in entries(station) if entry["object"] == f"form:{one.id}"]
        assert told_of[-4:] == ["granted", "intended", "deposited", "working-copies"]


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
