"""The gate: total, fail-closed, each way to be closed told by its own name."""

import copy
import dataclasses
import pickle
from datetime import MAXYEAR, UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.gate import Policy, decide, majority
from consent_gate.model import (
    Clearance,
    CustodyClass,
    Decision,
    DocType,
    DocumentId,
    Evidence,
    EvidenceKind,
    Fact,
    FactKind,
    Giver,
    KnownPatient,
    Moment,
    Opposition,
    PatientRef,
    Reason,
    Refused,
    RegisterReading,
    UnknownPatient,
    UnreadableRegister,
    custody_class,
)
from lexicon.faults import TamperFault

DAY = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
DOCUMENT = DocumentId("01JDOCUMENT0000000000000000")
PATIENT = PatientRef("P00001")
LAB = DocType("resultats_labo")


def fact(kind: FactKind, on: date, **more: object) -> Fact:
    fields = {"reference": f"{kind}-{on}-{more.get('doc_types')}", "kind": kind, "on": on, "recorded_at": NOW}
    return Fact(**{**fields, **more})  # type: ignore[arg-type]  # a terse builder of cases


def ask(
    *facts: Fact,
    doc_type: DocType | None = LAB,
    policy: Policy | None = None,
    moment: Moment | None = None,
    register_at: datetime | None = NOW,
) -> Decision:
    reading = KnownPatient(facts, register_at)
    return decide(DOCUMENT, PATIENT, doc_type, reading, moment or Moment(NOW, DAY), policy or Policy())


def answer(decision: Decision) -> str:
    return decision.reason.value if isinstance(decision, Refused) else "cleared"


GRANT = fact(FactKind.GRANTED, DAY - timedelta(days=30))
LATER = DAY - timedelta(days=10)

CASES: dict[str, tuple[list[Fact], str]] = {
    "nothing on record": ([], "no-authorization"),
    "a notice alone": ([fact(FactKind.NOTICE, LATER)], "no-authorization"),
    "granted": ([GRANT], "cleared"),
    "granted today": ([fact(FactKind.GRANTED, DAY)], "cleared"),
    "granted tomorrow": ([fact(FactKind.GRANTED, DAY + timedelta(days=1))], "not-yet-in-force"),
    "refused": ([fact(FactKind.REFUSED, LATER)], "refused"),
    "refused after a grant": ([GRANT, fact(FactKind.REFUSED, LATER)], "refused"),
    "granted after a refusal": ([fact(FactKind.REFUSED, DAY - timedelta(days=40)), GRANT], "cleared"),
    "withdrawn": ([GRANT, fact(FactKind.WITHDRAWN, LATER)], "withdrawn"),
    "withdrawal tomorrow": ([GRANT, fact(FactKind.WITHDRAWN, DAY + timedelta(days=1))], "cleared"),
    "withdrawn, then granted anew": ([fact(FactKind.WITHDRAWN, DAY - timedelta(days=300)), GRANT], "cleared"),
    "withdrawn, a grant to come": (
        [GRANT, fact(FactKind.WITHDRAWN, LATER), fact(FactKind.GRANTED, DAY + timedelta(days=5))],
        "withdrawn",
    ),
    "granted and refused on one day": ([GRANT, fact(FactKind.REFUSED, GRANT.on)], "contradictory"),
    "granted and withdrawn on one day": ([GRANT, fact(FactKind.WITHDRAWN, GRANT.on)], "contradictory"),
    "expired yesterday": ([fact(FactKind.GRANTED, LATER, until=DAY - timedelta(days=1))], "expired"),
    "last day of the grant": ([fact(FactKind.GRANTED, LATER, until=DAY)], "cleared"),
    "an expired grant beside an open one": (
        [GRANT, fact(FactKind.GRANTED, LATER, until=DAY - timedelta(days=1))],
        "cleared",
    ),
    "limited to a day gone by": ([GRANT, fact(FactKind.LIMITED, LATER, until=DAY - timedelta(days=1))], "expired"),
    "limited to another type": (
        [GRANT, fact(FactKind.LIMITED, LATER, doc_types=frozenset({DocType("certificat")}))],
        "out-of-scope",
    ),
    "limited before the grant": (
        [fact(FactKind.LIMITED, DAY - timedelta(days=40), until=DAY - timedelta(days=35)), GRANT],
        "cleared",
    ),
    "authorized by a guardian whose time ended": (
        [fact(FactKind.GRANTED, LATER, given_by=Giver.GUARDIAN, authority_until=DAY - timedelta(days=1))],
        "authority-ended",
    ),
    "authorized by a guardian on the last day": (
        [fact(FactKind.GRANTED, LATER, given_by=Giver.GUARDIAN, authority_until=DAY)],
        "cleared",
    ),
    "dead": ([GRANT, fact(FactKind.DECEASED, DAY)], "deceased"),
    "a grant of the day after death": ([fact(FactKind.DECEASED, LATER), fact(FactKind.GRANTED, DAY)], "deceased"),
    "opposed to access": ([GRANT, fact(FactKind.OPPOSED, LATER, opposition=Opposition.ACCESS)], "opposition-access"),
    "opposed to transmission, another one lifted": (
        [
            GRANT,
            fact(FactKind.OPPOSED, LATER, opposition=Opposition.TRANSMISSION),
            fact(FactKind.OPPOSITION_LIFTED, DAY, opposition=Opposition.ACCESS),
        ],
        "opposition-transmission",
    ),
    "a retracted refusal": (
        [GRANT, fact(FactKind.REFUSED, LATER, reference="slip"), fact(FactKind.RETRACTED, DAY, about="slip")],
        "cleared",
    ),
    "in scope": ([fact(FactKind.GRANTED, LATER, doc_types=frozenset({LAB}))], "cleared"),
    "out of scope": ([fact(FactKind.GRANTED, LATER, doc_types=frozenset({DocType("certificat")}))], "out-of-scope"),
    "opposed": ([GRANT, fact(FactKind.OPPOSED, LATER)], "opposition"),
    "opposed before the grant": ([fact(FactKind.OPPOSED, DAY - timedelta(days=60)), GRANT], "opposition"),
    "opposition lifted": (
        [GRANT, fact(FactKind.OPPOSED, LATER), fact(FactKind.OPPOSITION_LIFTED, LATER + timedelta(days=1))],
        "cleared",
    ),
    "opposed and lifted on one day": (
        [GRANT, fact(FactKind.OPPOSED, LATER), fact(FactKind.OPPOSITION_LIFTED, LATER)],
        "contradictory",
    ),
    "doubted": ([GRANT, fact(FactKind.DOUBTED, DAY)], "doubted"),
    "doubted on the UTC's next day": ([GRANT, fact(FactKind.DOUBTED, DAY + timedelta(days=1))], "doubted"),
    "doubted and lifted at one instant": (
        [GRANT, fact(FactKind.DOUBTED, DAY), fact(FactKind.DOUBT_LIFTED, DAY)],
        "doubted",
    ),
    "a doubt lifted later": (
        [GRANT, fact(FactKind.DOUBTED, DAY), fact(FactKind.DOUBT_LIFTED, DAY, recorded_at=NOW + timedelta(hours=1))],
        "cleared",
    ),
    "doubted again after the lifting": (
        [
            GRANT,
            fact(FactKind.DOUBTED, DAY, recorded_at=NOW + timedelta(hours=2)),
            fact(FactKind.DOUBT_LIFTED, DAY, recorded_at=NOW + timedelta(hours=1)),
        ],
        "doubted",
    ),
    "doubted without a grant": ([fact(FactKind.DOUBTED, DAY)], "doubted"),
    "opposed again after the lifting": (
        [
            GRANT,
            fact(FactKind.OPPOSED, DAY - timedelta(days=20)),
            fact(FactKind.OPPOSITION_LIFTED, DAY - timedelta(days=15)),
            fact(FactKind.OPPOSED, LATER),
        ],
        "opposition",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_situation_has_its_own_answer(case: str) -> None:
    facts, expected = CASES[case]
    assert answer(ask(*facts)) == expected


def test_a_limited_grant_needs_a_document_type() -> None:
    limited = fact(FactKind.GRANTED, LATER, doc_types=frozenset({LAB}))
    assert answer(ask(limited, doc_type=None)) == "type-needed"


def test_two_limited_grants_of_one_day_add_up() -> None:
    one = fact(FactKind.GRANTED, LATER, doc_types=frozenset({LAB}))
    two = fact(FactKind.GRANTED, LATER, doc_types=frozenset({DocType("certificat")}))
    assert answer(ask(one, two)) == "cleared"


@pytest.mark.parametrize(
    ("reading", "trusted", "expected"),
    [
        (UnknownPatient(), True, "patient-unknown"),
        (UnknownPatient(), False, "clock-untrusted"),
        (UnreadableRegister(), True, "register-unreadable"),
        (KnownPatient((GRANT,), NOW), False, "clock-untrusted"),
    ],
)
def test_what_cannot_be_known_closes_the_gate(reading: RegisterReading, trusted: bool, expected: str) -> None:  # noqa: FBT001  a table's column
    decision = decide(DOCUMENT, PATIENT, LAB, reading, Moment(NOW, DAY, trusted), Policy())
    assert answer(decision) == expected


def test_a_register_older_than_agreed_is_stale() -> None:
    policy = Policy(maximum_age=timedelta(days=7))
    assert answer(ask(GRANT, policy=policy, register_at=NOW - timedelta(days=8))) == "register-stale"
    assert answer(ask(GRANT, policy=policy, register_at=None)) == "register-stale"
    assert answer(ask(GRANT, policy=policy, register_at=NOW - timedelta(days=6))) == "cleared"


def test_the_contract_may_require_the_notice() -> None:
    policy = Policy(notice_required=True)
    assert answer(ask(GRANT, policy=policy)) == "information-missing"
    assert answer(ask(GRANT, fact(FactKind.NOTICE, LATER), policy=policy)) == "cleared"
    assert answer(ask(GRANT, fact(FactKind.NOTICE, DAY + timedelta(days=1)), policy=policy)) == "information-missing"


def test_the_contract_may_require_evidence_for_the_grant_in_force() -> None:
    policy = Policy(evidence_required=True)
    old = fact(FactKind.GRANTED, DAY - timedelta(days=90), evidence=Evidence("form-1"))
    assert answer(ask(GRANT, policy=policy)) == "evidence-missing"
    assert answer(ask(old, GRANT, policy=policy)) == "cleared"
    assert answer(ask(fact(FactKind.GRANTED, LATER, evidence=Evidence("form-2")), policy=policy)) == "cleared"
    oral = Evidence(kind=EvidenceKind.ORAL, reference="note")
    assert answer(ask(fact(FactKind.GRANTED, LATER, evidence=oral), policy=policy)) == "evidence-missing"
    heard = dataclasses.replace(oral, witness="M. Témoin")
    assert answer(ask(fact(FactKind.GRANTED, LATER, evidence=heard), policy=policy)) == "cleared"


def test_the_contract_may_require_that_a_person_checked_the_evidence() -> None:
    policy = Policy(evidence_required=True, check_required=True)
    grant = fact(FactKind.GRANTED, LATER, evidence=Evidence("form"), reference="grant")
    good = fact(FactKind.CHECKED, LATER, about="grant", reference="good")
    bad = fact(FactKind.CHECK_FAILED, LATER, about="grant", reference="bad", recorded_at=NOW + timedelta(minutes=1))
    assert answer(ask(grant, policy=policy)) == "evidence-unchecked"
    assert answer(ask(grant, dataclasses.replace(good, about="another"), policy=policy)) == "evidence-unchecked"
    assert answer(ask(grant, good, policy=policy)) == "cleared"
    assert answer(ask(grant, good, bad, policy=policy)) == "evidence-missing"
    assert answer(ask(grant, good, dataclasses.replace(bad, recorded_at=NOW), policy=policy)) == "evidence-missing"


def test_a_lifting_needs_the_evidence_and_the_check_that_the_contract_asks_of_an_authorization() -> None:
    grant = fact(FactKind.GRANTED, DAY - timedelta(days=90), evidence=Evidence("form"), reference="grant")
    seen = fact(FactKind.CHECKED, LATER, about="grant", reference="seen")
    opposed = fact(FactKind.OPPOSED, DAY - timedelta(days=60), reference="opposed")
    bare = fact(FactKind.OPPOSITION_LIFTED, LATER, reference="lifted")
    told = dataclasses.replace(bare, evidence=Evidence("letter"))
    checked = fact(FactKind.CHECKED, LATER, about="lifted", reference="checked")
    failed = dataclasses.replace(checked, kind=FactKind.CHECK_FAILED)
    asked, looked_at = Policy(evidence_required=True), Policy(evidence_required=True, check_required=True)
    assert answer(ask(grant, opposed, bare)) == "cleared"
    assert answer(ask(grant, opposed, bare, policy=asked)) == "opposition"
    assert answer(ask(grant, opposed, told, policy=asked)) == "cleared"
    assert answer(ask(grant, seen, opposed, told, policy=looked_at)) == "opposition"
    assert answer(ask(grant, seen, opposed, told, checked, policy=looked_at)) == "cleared"
    assert answer(ask(grant, seen, opposed, told, failed, policy=looked_at)) == "opposition"
    same_day = dataclasses.replace(opposed, on=LATER)
    assert answer(ask(grant, same_day, bare, policy=asked)) == "opposition"
    assert answer(ask(grant, same_day, told, policy=asked)) == "contradictory"


@pytest.mark.parametrize(
    ("birth_date", "expected"),
    [
        (date(2008, 1, 15), "authority-ended"),
        (date(2008, 1, 16), "cleared"),
        (date(2008, 2, 29), "cleared"),
        (None, "authority-ended"),
    ],
)
def test_what_parents_authorized_ends_with_the_eighteenth_birthday(birth_date: date | None, expected: str) -> None:
    grant = fact(FactKind.GRANTED, LATER, given_by=Giver.PARENTAL_AUTHORITY)
    reading = KnownPatient((grant,), NOW, birth_date)
    assert answer(decide(DOCUMENT, PATIENT, LAB, reading, Moment(NOW, DAY), Policy())) == expected


def test_somebody_born_on_a_leap_day_comes_of_age_on_the_last_of_february() -> None:
    assert majority(date(2008, 2, 29)) == date(2026, 2, 28)
    assert majority(date(9990, 1, 1)).year == MAXYEAR


def test_an_authorization_for_another_purpose_is_out_of_scope() -> None:
    grant = fact(FactKind.GRANTED, LATER, purposes=frozenset({"recherche"}))
    assert answer(ask(grant, policy=Policy(purpose="dematerialisation"))) == "out-of-scope"
    assert answer(ask(grant, policy=Policy(purpose="recherche"))) == "cleared"


def test_every_reason_can_be_reached() -> None:
    told = {expected for _, expected in CASES.values()} - {"cleared"}
    told |= {"type-needed", "patient-unknown", "clock-untrusted", "register-unreadable"}
    told |= {"register-stale", "information-missing", "evidence-missing", "evidence-unchecked"}
    assert told == {reason.value for reason in Reason}


def test_what_a_patient_decided_is_closed_and_what_is_missing_is_curable() -> None:
    closed = {reason for reason in Reason if custody_class(reason) is CustodyClass.CLOSED}
    assert {reason.value for reason in closed} == {
        "refused",
        "withdrawn",
        "deceased",
        "opposition",
        "opposition-access",
        "opposition-transmission",
        "contradictory",
        "expired",
        "authority-ended",
        "out-of-scope",
    }


days = st.dates(DAY - timedelta(days=5), DAY + timedelta(days=5))
scopes = st.none() | st.frozensets(st.sampled_from([LAB, DocType("certificat")]), min_size=1)
facts = st.builds(
    Fact,
    reference=st.uuids().map(str),
    kind=st.sampled_from(FactKind),
    on=days,
    recorded_at=st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours)),
    until=st.none() | days,
    doc_types=scopes,
    evidence=st.none() | st.just(Evidence("form")),
)
policies = st.builds(Policy, notice_required=st.booleans(), evidence_required=st.booleans())
OBSTACLES = (FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED, FactKind.DOUBTED)


@given(st.lists(facts), policies, st.none() | st.just(LAB))
def test_the_gate_always_answers_and_never_opens_without_a_grant_in_force(
    recorded: list[Fact], policy: Policy, doc_type: DocType | None
) -> None:
    decision = ask(*recorded, policy=policy, doc_type=doc_type)
    if isinstance(decision, Clearance):
        assert any(f.kind is FactKind.GRANTED and f.on <= DAY and (f.until is None or f.until >= DAY) for f in recorded)


@given(st.lists(facts), policies, facts.filter(lambda f: f.kind in OBSTACLES))
def test_adding_an_obstacle_never_opens_the_gate(recorded: list[Fact], policy: Policy, obstacle: Fact) -> None:
    if isinstance(ask(*recorded, policy=policy), Refused):
        assert isinstance(ask(*recorded, obstacle, policy=policy), Refused)


@given(st.lists(facts), policies, st.randoms())
def test_the_order_of_recording_never_matters(recorded: list[Fact], policy: Policy, random: object) -> None:
    shuffled = list(recorded)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert answer(ask(*recorded, policy=policy)) == answer(ask(*shuffled, policy=policy))


def clearance() -> Clearance:
    decision = ask(GRANT)
    assert isinstance(decision, Clearance)
    return decision


def test_a_clearance_cannot_be_made_by_hand() -> None:
    with pytest.raises(TamperFault, match="clearance-forged"):
        Clearance(clearance().judged, b"\0" * 32)


def test_a_clearance_cannot_be_turned_to_another_document_or_patient() -> None:
    mine = clearance()
    for change in ({"document": DocumentId("other")}, {"patient": PatientRef("P00002")}, {"day": date(2027, 1, 1)}):
        with pytest.raises(TamperFault, match="clearance-forged"):
            dataclasses.replace(mine, judged=dataclasses.replace(mine.judged, **change))


def test_a_clearance_is_never_serialised_or_copied() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TamperFault, match="clearance-serialised"):
            attempt(clearance())


def test_a_clearance_serves_its_own_document_and_patient_only() -> None:
    mine = clearance()
    mine.require(DOCUMENT, PATIENT)
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        mine.require(DocumentId("other"))
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        mine.require(DOCUMENT, PatientRef("P00002"))


def test_the_decision_digest_says_what_was_judged() -> None:
    refused = ask()
    assert isinstance(refused, Refused)
    assert len({clearance().decision, refused.decision, ask(GRANT, doc_type=None).decision}) == 3
    assert clearance().decision == clearance().decision
