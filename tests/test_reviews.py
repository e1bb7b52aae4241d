"""What people decide of refused documents and the register: by a second factor, once; the gate alone opens the gate."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from consent_gate.model import (
    Clearance,
    DocType,
    Evidence,
    EvidenceKind,
    Fact,
    FactKind,
    Giver,
    Judged,
    KnownPatient,
    Opposition,
    PatientRef,
)
from consent_gate.people import Role
from consent_gate.review import (
    BY_TWO,
    Authorize,
    Check,
    CorrectIdentity,
    Decision,
    Detach,
    DetachReason,
    Dismiss,
    DismissReason,
    Kind,
    Maintain,
    MaintainReason,
    Settle,
    SettleReason,
    authorization,
    contradictions,
    dismissal,
    is_doubtful,
    kind_of,
    may_decide,
    settled_by,
)
from demo import records
from demo.people import everybody
from demo.records import Invented
from demo.scanner import Mode
from handover.replay import replay
from lexicon.faults import EXIT_WAITING, StationFault, TamperFault
from lexicon.reviews import DECISIONS, DETACH_REASONS, DISMISS_REASONS, FACTS, MAINTAIN_REASONS, SETTLE_REASONS
from pipeline import steps as engine_steps
from pipeline.model import Archival, Scan
from pipeline.office import afterwards, deciding, enrolling, register_desk, reviews, second, showing
from pipeline.office.decisions import bind
from pipeline.office.factors import sign_challenge
from pipeline.office.people import Presented, Signature, act_of, authenticate, challenge
from pipeline.office.register_answers import listed
from pipeline.office.register_recording import foretell, record
from pipeline.office.review_text import decision_text, show_text
from pipeline.recorded import RecordedTools
from pipeline.station import Station
from pipeline.tools import DocumentTools
from storage.backup.records import collect, size_of
from storage.custody import read_entry
from storage.fact_rows import Recording
from storage.reviews import Reviews
from tests.custody_fixtures import require_balance, says
from tests.people_fixtures import Somebody, entries, refused, with_key
from tests.review_fixtures import NAME, UNHEARD, UNKNOWN, WITHDRAWN, Office, Template, make_template
from tests.station_fixtures import burglar
from tests.trial_fixtures import SEED, TODAY, Ran, RememberingTools, Trial, _rng, register_sheet, run_command, work

ORAL = Evidence(kind=EvidenceKind.ORAL, witness="Jeanne Témoin")
HOUSE = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Template:
    return make_template(tmp_path_factory.mktemp("reviews"), invented_records)


@pytest.fixture
def office(template: Template, tmp_path: Path) -> Iterator[Office]:
    with template.opened(tmp_path / "station") as opened:
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def maintain(office: Office, patient: str = UNHEARD) -> Maintain:
    return Maintain(office.document(patient).id, MaintainReason.PATIENT_CONFIRMS)


def authorize(office: Office, patient: str = UNHEARD, on: date = TODAY) -> Authorize:
    return Authorize(office.document(patient).id, authorization(on, ORAL))


def correct(office: Office, ref: str = "A1001") -> CorrectIdentity:
    return CorrectIdentity(office.document(UNKNOWN).id, PatientRef(ref), None, "registre du service, ligne 12")


def granted(office: Office) -> Check:
    """Of an authorization that was supplied and that nobody has looked at."""
    decided = reviews.decide(office.station, authorize(office, WITHDRAWN), office.reviewer.proved())
    return Check(decided.facts[0], passed=True)


def contradicted(office: Office, invented: Invented) -> Settle:
    """An authorization and a refusal of one day; it is the refusal that does not stand."""
    for said in ("accordee", "refusee"):
        says(office.station, invented, UNHEARD, said)
    (refusal,) = [fact for fact in facts(office, UNHEARD) if fact.kind is FactKind.REFUSED]
    return Settle(PatientRef(UNHEARD), (refusal.reference,), SettleReason.RECORDED_BY_MISTAKE)


def facts(office: Office, patient: str) -> tuple[Fact, ...]:
    reading = office.station.register.reading(PatientRef(patient))
    assert isinstance(reading, KnownPatient)
    return reading.facts


def decision(office: Office, invented: Invented, kind: Kind) -> Decision:
    made: dict[Kind, Callable[[], Decision]] = {
        Kind.MAINTAIN: lambda: maintain(office),
        Kind.AUTHORIZE: lambda: authorize(office),
        Kind.CORRECT_IDENTITY: lambda: correct(office),
        Kind.CHECK: lambda: granted(office),
        Kind.SETTLE: lambda: contradicted(office, invented),
        Kind.DISMISS: lambda: dismissed(office),
        Kind.DETACH: lambda: Detach(PatientRef(UNHEARD), DetachReason.ANOTHERS),
    }
    return made[kind]()


def said_by_hand(office: Office, kind: str, *, days: int = 3, by: Somebody | None = None) -> str:
    """The reference of what somebody recorded at the station."""
    words = {"kind": kind, "on": (TODAY - timedelta(days=days)).isoformat()}
    words |= {"evidence": "F-1"} if by else {}
    who = by.proved if by else None
    done = record(office.station, PatientRef(UNHEARD), words, who)
    assert done.fact is not None
    return done.fact


def dismissed(office: Office, kind: str = "opposition") -> Dismiss:
    """An opposition, and the controller's decision of a later day not to uphold it."""
    said_by_hand(office, kind)
    return Dismiss(PatientRef(UNHEARD), dismissal(TODAY, "D-2026-4"), DismissReason.NOT_LEGITIMATE)


def decider(office: Office, kind: Kind) -> Somebody:
    return office.controller if kind in BY_TWO else office.reviewer


def mistake(*retract: str, patient: str = UNHEARD) -> Settle:
    return Settle(PatientRef(patient), retract, SettleReason.RECORDED_BY_MISTAKE)


def outcomes_of(office: Office, fact: str) -> list[str]:
    """What entries say of a fact."""
    return [entry["outcome"] for entry in entries(office.station) if entry["object"] == f"fact:{fact}"]


def everything(station: Station) -> tuple[object, ...]:
    """What a decision may change: documents, facts and the roster."""
    with station.database.read() as session:
        known = station.documents.documents(session)
        facts = [station.register.history(session, d.claim.patient) for d in known if d.claim]
    return known, facts, tuple(station.roster.all())


# --- Nobody decides unnamed: each of these is refused, nothing changes, and an entry says so --------------------------

KINDS = pytest.mark.parametrize("kind", list(Kind))


@KINDS
def test_a_review_without_a_second_factor_is_refused_with_an_entry(
    office: Office, invented_records: Invented, kind: Kind
) -> None:
    decided = decision(office, invented_records, kind)
    before = everything(office.station)
    with refused(office.station, "second-factor-missing", office.reviewer.id):
        reviews.decide(office.station, decided, Presented(office.reviewer.id))
    assert everything(office.station) == before


@KINDS
def test_a_review_with_a_replayed_code_is_refused_with_an_entry(
    office: Office, invented_records: Invented, kind: Kind
) -> None:
    decided = decision(office, invented_records, kind)
    proof = office.reviewer.proved()
    showing.show(office.station, office.document(UNKNOWN).id, proof)
    before = everything(office.station)
    with refused(office.station, "second-factor-replayed", office.reviewer.id):
        reviews.decide(office.station, decided, proof)
    assert everything(office.station) == before


@KINDS
def test_a_review_by_a_disabled_person_is_refused_with_an_entry(
    office: Office, invented_records: Invented, kind: Kind
) -> None:
    decided = decision(office, invented_records, kind)
    enrolling.disable(office.station, office.reviewer.id, office.administrator.proved())
    before = everything(office.station)
    with refused(office.station, "person-disabled", office.reviewer.id):
        reviews.decide(office.station, decided, office.reviewer.proved())
    assert everything(office.station) == before


@KINDS
def test_a_review_by_somebody_whose_role_it_is_not_is_refused_with_an_entry(
    office: Office, invented_records: Invented, kind: Kind
) -> None:
    decided = decision(office, invented_records, kind)
    before = everything(office.station)
    strangers = [office.operator, office.administrator]
    strangers += [office.controller] if kind is Kind.CORRECT_IDENTITY else []
    strangers += [office.reviewer] if kind in BY_TWO else []
    for somebody in strangers:
        with refused(office.station, "role-insufficient", somebody.id):
            reviews.decide(office.station, decided, somebody.proved())
    assert everything(office.station) == before


class Lookalike:
    """Says yes to everything that a clearance is asked."""

    def __init__(self, judged: Judged) -> None:
        self.judged, self.document, self.patient, self.decision = judged, judged.document, judged.patient, "0" * 64

    def require(self, *_: object) -> None:
        pass


def by_hand(judged: Judged) -> Clearance:
    """Put together field by field, so that nobody asked where it comes from."""
    forged = object.__new__(Clearance)
    object.__setattr__(forged, "judged", judged)
    object.__setattr__(forged, "_bond", b"\0" * 32)
    return forged


@pytest.mark.parametrize("kind", ["by-hand", "lookalike"])
def test_a_review_with_a_clearance_forged_by_hand_is_refused_with_an_entry(office: Office, kind: str) -> None:
    stored = office.document(UNHEARD)
    judged = Judged(stored.id, PatientRef(UNHEARD), None, (), office.clock(), TODAY, "gate-2")
    forged = by_hand(judged) if kind == "by-hand" else Lookalike(judged)
    before = everything(office.station)
    with pytest.raises(TamperFault, match="clearance-forged"):
        Clearance(judged, b"\0" * 32)
    with office.station.database.read() as session:
        file = office.station.captured.file(session, stored.file)
    assert file is not None
    with office.station.workplace() as folder:
        tools = RecordedTools(DocumentTools(office.station, stored, file, (1,), folder))
        archival = Archival(stored.id, folder / "x.pdf", "0" * 64, 1, 1, "1b", ())
        for attempt in (
            lambda: tools.recognise(Scan(stored.id, ()), forged),  # type: ignore[arg-type]
            lambda: tools.seal(archival, forged),  # type: ignore[arg-type]
            lambda: tools.deposit(None, forged),  # type: ignore[arg-type]
        ):
            with refused(office.station, "clearance-forged", None):
                attempt()
    assert entries(office.station)[-1]["within"]["document"] == stored.id
    assert everything(office.station) == before


def test_nothing_that_reviews_makes_a_clearance_or_asks_the_gate() -> None:
    office = (f"pipeline/office/{name}.py" for name in ("reviews", "decisions", "deciding", "second"))
    for name in ("consent_gate/review.py", *office):
        tree = ast.parse((HOUSE / name).read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        assert imported.isdisjoint({"Clearance", "decide", "ask_again"}), name


# --- Maintain ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patient", [UNHEARD, WITHDRAWN])
def test_a_maintained_refusal_destroys_the_document_and_leaves_its_tombstone(office: Office, patient: str) -> None:
    station, stored = office.station, office.document(patient)
    reviews.decide(station, maintain(office, patient), office.reviewer.proved())
    after = office.stored(stored.id)
    assert (after.state, after.custody) == ("refused", "final")
    assert not station.quarantine.has(stored.id)
    assert not station.closed_path(stored.id).exists()
    told = [entry for entry in entries(station) if entry["agents"].get("person") == office.reviewer.id]
    destroyed = [entry for entry in told if entry["type"] == "destruction"]
    assert [entry["outcome"] for entry in destroyed] == ["patient-confirms"]
    (said,) = [entry for entry in told if entry["outcome"] == "decided-maintain"]
    (proved,) = [entry for entry in entries(station) if entry["id"] == said["parent"]]
    assert (proved["outcome"], proved["hashes_in"]) == ("authenticated", said["hashes_in"])
    require_balance(station)
    with pytest.raises(StationFault, match="review-not-possible"):
        reviews.decide(station, Authorize(stored.id, authorization(TODAY, ORAL)), office.reviewer.proved())


# --- Authorize --------------------------------------------------------------------------------------------------------


def test_a_supplied_authorization_is_a_fact_of_the_register_and_the_gate_lets_the_patients_documents_go_on(
    office: Office, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    station, both = office.station, [office.document(UNHEARD, number=n).id for n in (0, 1)]
    decided = reviews.decide(station, authorize(office), office.reviewer.proved())
    assert decided.rejudged.gone_on == tuple(both)
    (fact,) = [fact for fact in facts(office, UNHEARD) if fact.kind is FactKind.GRANTED]
    assert (fact.reference, fact.recorded_by, fact.evidence) == (decided.facts[0], office.reviewer.id, ORAL)
    (entry,) = [entry for entry in entries(station) if entry["object"] == f"fact:{fact.reference}"]
    assert (entry["outcome"], entry["agents"]["person"]) == (deciding.SUPPLIED, office.reviewer.id)
    assert entry["subject"] == station.keys.pseudonym(PatientRef(UNHEARD))
    work(station, empty)
    assert [office.stored(one).state for one in both] == ["deposited", "deposited"]
    require_balance(station)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (authorization(TODAY + timedelta(days=30), ORAL), "not-yet-in-force"),
        (authorization(TODAY - timedelta(days=30), ORAL, until=TODAY - timedelta(days=1)), "expired"),
        (authorization(TODAY, ORAL, doc_types=["autre_type"]), "out-of-scope"),
    ],
)
def test_what_an_authorization_is_worth_the_gate_says_and_not_the_reviewer(
    office: Office, said: object, reason: str
) -> None:
    document = office.document(UNHEARD).id
    decided = reviews.decide(office.station, Authorize(document, said), office.reviewer.proved())  # type: ignore[arg-type]
    assert decided.rejudged.gone_on == ()
    assert (office.stored(document).state, office.stored(document).reason) == ("refused", reason)


def test_an_authorization_does_not_open_what_is_closed_on_the_station(office: Office) -> None:
    document = office.document(WITHDRAWN).id
    decided = reviews.decide(office.station, authorize(office, WITHDRAWN), office.reviewer.proved())
    assert len(decided.facts) == 1
    assert (office.stored(document).state, office.stored(document).custody) == ("refused", "closed")


def test_the_same_authorization_twice_is_told(office: Office) -> None:
    reviews.decide(office.station, authorize(office, WITHDRAWN), office.reviewer.proved())
    with pytest.raises(StationFault, match="fact-known-already"):
        reviews.decide(office.station, authorize(office, WITHDRAWN), office.second.proved())


@pytest.mark.parametrize(
    ("unfit", "field"),
    [
        (lambda: authorization(TODAY, Evidence()), "evidence"),
        (lambda: authorization(TODAY, Evidence("dossier", kind=EvidenceKind.ORAL)), "evidence"),
        (lambda: authorization(TODAY, ORAL, until=TODAY - timedelta(days=1)), "until"),
        (lambda: authorization(TODAY, ORAL, authority_until=TODAY), "authority-until"),
        (
            lambda: authorization(TODAY, ORAL, given_by=Giver.GUARDIAN, authority_until=TODAY - timedelta(days=1)),
            "authority-until",
        ),
    ],
)
def test_an_authorization_that_does_not_hold_together_is_refused(unfit: object, field: str) -> None:
    assert callable(unfit)
    with pytest.raises(StationFault, match="authorization-unfit") as caught:
        unfit()
    assert caught.value.facts == {"field": field}


def test_nobody_authorizes_for_a_patient_whom_the_roster_does_not_know(office: Office) -> None:
    with pytest.raises(StationFault, match="patient-not-on-roster"):
        reviews.decide(office.station, authorize(office, UNKNOWN), office.reviewer.proved())


# --- Correct the identity ---------------------------------------------------------------------------------------------


def test_a_corrected_identity_is_judged_by_the_gate_for_the_right_patient(office: Office, empty: Path) -> None:
    station, document = office.station, office.document(UNKNOWN).id
    reviews.decide(station, correct(office, UNHEARD), office.reviewer.proved())
    told = [entry for entry in entries(station) if entry["outcome"].startswith("identity-")]
    assert [(entry["type"], entry["outcome"], entry["subject"]) for entry in told] == [
        ("identification", deciding.IDENTITY_WITHDRAWN, station.keys.pseudonym(PatientRef(UNKNOWN))),
        ("identification", deciding.IDENTITY_CORRECTED, station.keys.pseudonym(PatientRef(UNHEARD))),
    ]
    assert {entry["agents"]["person"] for entry in told} == {office.reviewer.id}
    assert office.stored(document).state == "in-progress"
    work(station, empty)
    after = office.stored(document)
    assert (after.state, after.reason, after.claim and after.claim.patient) == ("refused", "no-authorization", UNHEARD)
    require_balance(station)


def test_a_corrected_identity_that_the_page_belies_is_held_all_the_same(
    office: Office, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    document = office.document(UNHEARD).id
    wrong = CorrectIdentity(document, PatientRef("A1001"), None, "vu")
    reviews.decide(office.station, wrong, office.reviewer.proved())
    work(office.station, empty)
    after = office.stored(document)
    assert (after.state, after.reason) == ("held", "identity-conflict"), "the page names somebody else of the roster"


def test_a_document_under_another_patients_separator_goes_on_once_a_reviewer_says_whose_it_is(
    office: Office, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    case = records._Case("resultats_labo", "A1002", claimed="A1013")
    batch = records._Batch("OTHER_0001.tif", Mode.GREY, 200, "qr", duplex=False, cases=(case,))
    scans = tmp_path / "other"
    scans.mkdir()
    records._Maker(batch, everybody(_rng()), TODAY, f"{SEED}/other").make(scans)
    work(office.station, scans)
    held = office.document("A1013")
    assert (held.state, held.reason) == ("held", "identity-conflict")
    right = CorrectIdentity(held.id, PatientRef("A1002"), None, "carte Vitale vue")
    reviews.decide(office.station, right, office.reviewer.proved())
    work(office.station, empty)
    assert office.stored(held.id).state == "deposited"
    require_balance(office.station)


@pytest.mark.parametrize(
    ("ref", "evidence", "code"),
    [
        ("A1998", "vu", "patient-not-on-roster"),
        ("A1001", "  ", "review-evidence-missing"),
    ],
)
def test_an_identity_is_corrected_to_a_known_patient_with_evidence_alone(
    office: Office, ref: str, evidence: str, code: str
) -> None:
    decided = CorrectIdentity(office.document(UNKNOWN).id, PatientRef(ref), None, evidence)
    with pytest.raises(StationFault, match=code):
        reviews.decide(office.station, decided, office.reviewer.proved())


def test_a_closed_document_keeps_its_identity_and_an_unchanged_one_is_no_correction(office: Office) -> None:
    closed = CorrectIdentity(office.document(WITHDRAWN).id, PatientRef("A1001"), None, "vu")
    with pytest.raises(StationFault, match="review-not-possible"):
        reviews.decide(office.station, closed, office.reviewer.proved())
    same = CorrectIdentity(office.document(UNHEARD).id, PatientRef(UNHEARD), None, "vu")
    with pytest.raises(StationFault, match="identity-unchanged"):
        reviews.decide(office.station, same, office.reviewer.proved())
    typed = replace(same, doc_type=DocType("ordonnance"))
    reviews.decide(office.station, typed, office.reviewer.proved())
    after = office.document(UNHEARD)
    assert (after.claim and after.claim.doc_type, after.state) == ("ordonnance", "in-progress")


# --- Evidence and contradictions --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("passed", "kind"), [(True, FactKind.CHECKED), (False, FactKind.CHECK_FAILED)])
def test_a_check_of_the_evidence_is_a_fact_about_the_authorization(
    office: Office,
    passed: bool,  # noqa: FBT001
    kind: FactKind,
) -> None:
    fact = granted(office).fact
    decided = reviews.decide(office.station, Check(fact, passed), office.second.proved())
    (check,) = [one for one in facts(office, WITHDRAWN) if one.reference == decided.facts[0]]
    assert (check.kind, check.about, check.recorded_by) == (kind, fact, office.second.id)
    assert outcomes_of(office, fact) == [deciding.SUPPLIED]
    assert outcomes_of(office, check.reference) == [kind.value]


def test_there_is_nothing_to_check_of_what_has_no_evidence_or_is_not_there(office: Office) -> None:
    (withdrawal,) = [one for one in facts(office, WITHDRAWN) if one.kind is FactKind.WITHDRAWN]
    for fact, code in ((withdrawal.reference, "fact-not-checkable"), ("01J00000000000000000000000", "fact-unknown")):
        with pytest.raises(StationFault, match=code):
            reviews.decide(office.station, Check(fact, passed=True), office.reviewer.proved())


def test_a_person_settles_a_contradiction_and_the_retracted_fact_stays_on_record(
    office: Office, invented_records: Invented
) -> None:
    settle = contradicted(office, invented_records)
    reviews.decide(office.station, settle, office.controller.proved())
    assert settle.retract[0] not in {fact.reference for fact in facts(office, UNHEARD)}
    with office.station.database.read() as session:
        history = office.station.register.history(session, PatientRef(UNHEARD))
    assert settle.retract[0] in {fact.reference for fact in history}
    (retraction,) = [fact for fact in history if fact.kind is FactKind.RETRACTED]
    assert (retraction.about, retraction.recorded_by) == (settle.retract[0], office.controller.id)
    assert outcomes_of(office, retraction.reference) == ["recorded-by-mistake"]
    assert contradictions(facts(office, UNHEARD)) == ()


def test_nobody_retracts_a_no_that_nothing_contradicts(office: Office) -> None:
    (withdrawal,) = [one for one in facts(office, WITHDRAWN) if one.kind is FactKind.WITHDRAWN]
    mistake = Settle(PatientRef(WITHDRAWN), (withdrawal.reference,), SettleReason.RECORDED_BY_MISTAKE)
    with pytest.raises(StationFault, match="nothing-to-settle"):
        reviews.decide(office.station, mistake, office.reviewer.proved())
    doubt = Settle(PatientRef(WITHDRAWN), (), SettleReason.LINE_EXPLAINED)
    with pytest.raises(StationFault, match="nothing-to-settle"):
        reviews.decide(office.station, doubt, office.reviewer.proved())


@pytest.mark.parametrize("kind", ["deces", "refusee", "opposition_acces"])
def test_a_no_recorded_by_mistake_is_taken_back_by_the_controller_and_another_person(office: Office, kind: str) -> None:
    station, fact = office.station, said_by_hand(office, kind)
    with refused(station, "role-insufficient", office.reviewer.id):
        reviews.decide(station, mistake(fact), office.reviewer.proved())
    first = reviews.decide(station, mistake(fact), office.controller.proved())
    assert first.waits, "two people, although no setting asks for them"
    assert fact in {one.reference for one in facts(office, UNHEARD)}
    with refused(station, "second-person-same", office.controller.id):
        reviews.confirm(station, first.review, office.controller.proved())
    done = reviews.confirm(station, first.review, office.reviewer.proved())
    assert fact not in {one.reference for one in facts(office, UNHEARD)}
    with station.database.read() as session:
        history = station.register.history(session, PatientRef(UNHEARD))
    assert fact in {one.reference for one in history}, "it stays on record"
    assert outcomes_of(office, done.facts[0]) == ["recorded-by-mistake"]
    told = [entry for entry in entries(station) if entry["object"] == f"review:{first.review}"]
    people = {entry["agents"]["person"] for entry in told if entry["outcome"] != deciding.SAME_PERSON}
    assert people == {office.controller.id, office.reviewer.id}
    assert {one["answer"] for one in afterwards.gate_now(station, done)} == {"no-authorization"}
    assert said_by_hand(office, kind) != fact, "and may be said anew"


def test_a_yes_recorded_by_mistake_closes_again_by_the_controller_alone(office: Office) -> None:
    fact = said_by_hand(office, "accordee", by=office.reviewer)
    assert not reviews.decide(office.station, mistake(fact), office.controller.proved()).waits
    assert facts(office, UNHEARD)[-1].kind is FactKind.RETRACTED


def test_what_an_import_brought_or_a_reason_of_another_kind_takes_nothing_back(office: Office) -> None:
    (withdrawal,) = [one for one in facts(office, WITHDRAWN) if one.kind is FactKind.WITHDRAWN]
    fact = said_by_hand(office, "deces")
    wrong = replace(mistake(fact), reason=SettleReason.SAID_BEFORE)
    several = mistake(fact, withdrawal.reference)
    for settle in (mistake(withdrawal.reference, patient=WITHDRAWN), wrong, several):
        with pytest.raises(StationFault, match="nothing-to-settle"):
            reviews.decide(office.station, settle, office.controller.proved())


def test_whoever_may_only_confirm_begins_nothing(office: Office) -> None:
    """The first one's decision is declined between the second one's proof and its own record."""
    station, settle = office.station, mistake(said_by_hand(office, "deces"))
    first = reviews.decide(station, settle, office.controller.proved())
    with station.database.read() as session:
        bound = bind(station, session, settle)
    act = act_of(station, Kind.SETTLE.value, bound.about, bound.content)
    who = authenticate(station, office.reviewer.proved(), act)
    reviews.decline(station, first.review, office.controller.proved())
    with pytest.raises(StationFault, match="role-insufficient"):
        deciding.Deciding(station, settle, bound, act, who).decide()
    assert reviews.waiting(station) == ()


def test_an_opposition_to_hosting_that_is_not_upheld_ends_as_the_controllers_word_and_not_the_patients(
    office: Office,
) -> None:
    station, decided = office.station, dismissed(office)
    first = reviews.decide(station, decided, office.controller.proved())
    done = reviews.decide(station, decided, office.reviewer.proved())
    assert (first.waits, done.review, done.waits) == (True, first.review, False)
    (lifted,) = [one for one in facts(office, UNHEARD) if one.kind is FactKind.OPPOSITION_LIFTED]
    assert lifted.evidence is not None
    assert (lifted.evidence.kind, lifted.evidence.reference) == (EvidenceKind.CONTROLLER_DECISION, "D-2026-4")
    assert lifted.given_by is None
    assert outcomes_of(office, lifted.reference) == [deciding.DISMISSED]
    assert {one["answer"] for one in afterwards.gate_now(station, done)} == {"no-authorization"}


@pytest.mark.parametrize("kind", ["opposition_acces", "opposition_transmission", "refusee"])
def test_no_other_no_is_dismissed(office: Office, kind: str) -> None:
    with pytest.raises(StationFault, match="opposition-not-dismissible"):
        reviews.decide(office.station, dismissed(office, kind), office.controller.proved())


def test_an_opposition_is_dismissed_in_writing_on_a_later_day_that_has_come(office: Office) -> None:
    decided = dismissed(office)
    for day in (TODAY - timedelta(days=3), TODAY + timedelta(days=400)):
        other = replace(decided, said=dismissal(day, "D-2026-4"))
        with pytest.raises(StationFault, match="opposition-not-dismissible"):
            reviews.decide(office.station, other, office.controller.proved())
    with pytest.raises(StationFault, match="review-evidence-missing"):
        dismissal(TODAY, " ")


def test_the_controllers_own_decision_lifts_nothing_else_in_a_register(office: Office) -> None:
    for kind in ("accordee", "opposition_acces_levee"):
        with pytest.raises(StationFault, match="statement-unusable"):
            record(office.station, PatientRef(UNHEARD), decided_alone(kind), office.controller.proved)
    theirs = Evidence("D-1", kind=EvidenceKind.CONTROLLER_DECISION)
    with pytest.raises(StationFault, match="authorization-unfit"):
        authorization(TODAY, theirs)


def decided_alone(kind: str) -> dict[str, str]:
    """Words that claim the controller's decision."""
    return {"kind": kind, "on": TODAY.isoformat(), "evidence": "D-1", "evidence_kind": "decision_responsable"}


def test_the_controllers_own_decision_is_recorded_by_a_dismissal_and_two_people_or_not_at_all(office: Office) -> None:
    said_by_hand(office, "opposition")
    words, ref = decided_alone("opposition_levee"), PatientRef(UNHEARD)
    for somebody in (office.reviewer, office.controller):
        with pytest.raises(StationFault, match="statement-unusable"):
            record(office.station, ref, words, somebody.proved)
    with pytest.raises(StationFault, match="statement-unusable"):
        foretell(office.station, ref, words)
    assert FactKind.OPPOSITION_LIFTED not in {one.kind for one in facts(office, UNHEARD)}


def test_evidence_of_several_is_checked_by_one_proof_that_names_them_all(office: Office) -> None:
    station = office.station
    several = [said_by_hand(office, "accordee", days=days, by=office.reviewer) for days in (1, 2)]
    assert [one["fact"] for one in listed(station, unchecked=True) if one["fact"] in several] == several
    done = list(reviews.check_all(station, several, office.second.proved(), passed=True))
    assert [outcomes_of(office, one.facts[0]) for one in done] == [["evidence-checked"]] * 2
    assert not [one for one in listed(station, unchecked=True) if one["fact"] in several]


def test_a_doubt_that_a_line_left_is_lifted_by_a_person_as_often_as_there_is_one(office: Office) -> None:
    station, ref = office.station, PatientRef(UNHEARD)
    for number in (1, 2):
        office.clock.pass_(minutes=1)
        with station.database.write("test.doubt") as session:
            by = Recording(station.clock.now(), f"import-{number}")
            assert station.register.doubt(session, [ref], TODAY, by) == 1
        office.clock.pass_(minutes=1)
        decided = reviews.decide(station, Settle(ref, (), SettleReason.LINE_EXPLAINED), office.reviewer.proved())
        assert len(decided.facts) == 1
    with pytest.raises(StationFault, match="nothing-to-settle"):
        reviews.decide(station, Settle(ref, (), SettleReason.LINE_EXPLAINED), office.reviewer.proved())


def test_a_no_that_is_taken_back_with_its_import_is_left_to_two_people(
    office: Office, invented_records: Invented
) -> None:
    """Whoever takes it back would else lift alone what is left of it."""
    station = office.station
    says(station, invented_records, UNHEARD, "accordee", on=TODAY - timedelta(days=9))
    office.clock.pass_(minutes=1)
    withdrawn = register_sheet(invented_records, UNHEARD, "retiree", on=TODAY - timedelta(days=3))
    brought = station.import_sheet("register", withdrawn)
    office.clock.pass_(minutes=1)
    assert brought.id is not None
    register_desk.take_back(station, brought.id, office.reviewer.proved)
    lifting = Settle(PatientRef(UNHEARD), (), SettleReason.LINE_EXPLAINED)
    office.clock.pass_(minutes=1)
    first = reviews.decide(station, lifting, office.reviewer.proved())
    assert first.waits
    with refused(station, "second-person-same", office.reviewer.id):
        reviews.confirm(station, first.review, office.reviewer.proved())
    assert is_doubtful(facts(office, UNHEARD))
    assert reviews.confirm(station, first.review, office.controller.proved()).facts
    assert not is_doubtful(facts(office, UNHEARD))


def fact(number: int, kind: FactKind, on: date = TODAY, opposition: Opposition | None = None) -> Fact:
    at = datetime(2026, 1, 15, 8, number, tzinfo=UTC)
    return Fact(kind=kind, on=on, reference=f"F{number}", recorded_at=at, opposition=opposition)


def test_one_side_of_a_contradiction_is_retracted_and_one_side_stays() -> None:
    yes, no, gone = fact(1, FactKind.GRANTED), fact(2, FactKind.REFUSED), fact(3, FactKind.WITHDRAWN)
    other = fact(4, FactKind.GRANTED, TODAY - timedelta(days=1))
    known = (yes, no, gone, other)
    assert contradictions(known) == (frozenset({"F1", "F2", "F3"}),)
    assert settled_by(known, ["F1"])
    assert settled_by(known, ["F2", "F3"])
    for wrong in ([], ["F2"], ["F1", "F2", "F3"], ["F1", "F4"], ["F4"], ["F9"]):
        assert not settled_by(known, wrong), wrong


def test_oppositions_contradict_their_own_lifting_alone() -> None:
    access, transmission = Opposition.ACCESS, Opposition.TRANSMISSION
    apart = (fact(1, FactKind.OPPOSED, opposition=access), fact(2, FactKind.OPPOSITION_LIFTED, opposition=transmission))
    assert contradictions(apart) == ()
    same = (fact(1, FactKind.OPPOSED), fact(2, FactKind.OPPOSITION_LIFTED, opposition=Opposition.HOSTING))
    assert contradictions(same) == (frozenset({"F1", "F2"}),)


# --- Four eyes --------------------------------------------------------------------------------------------------------


@pytest.fixture
def careful(template: Template, tmp_path: Path) -> Iterator[Office]:
    with template.opened(tmp_path / "careful", tuple(kind.value for kind in Kind if kind not in BY_TWO)) as opened:
        yield opened


def named(kind: Kind) -> tuple[str, ...]:
    """What the setting has to name so that it needs two people; one always does."""
    return () if kind in BY_TWO else (kind.value,)


@KINDS
def test_where_two_must_agree_nothing_follows_before_another_person_says_the_very_same(
    template: Template, tmp_path: Path, invented_records: Invented, kind: Kind
) -> None:
    with template.opened(tmp_path / "careful", named(kind)) as careful:
        decided = decision(careful, invented_records, kind)
        assert kind_of(decided) is kind
        before = everything(careful.station)
        somebody = decider(careful, kind)
        first = reviews.decide(careful.station, decided, somebody.proved())
        assert first.waits
        assert everything(careful.station) == before
        with refused(careful.station, "second-person-same", somebody.id):
            reviews.decide(careful.station, decided, somebody.proved())
        with refused(careful.station, "second-person-same", somebody.id):
            reviews.confirm(careful.station, first.review, somebody.proved())
        assert everything(careful.station) == before
        second = reviews.confirm(careful.station, first.review, careful.second.proved())
        assert (second.review, second.waits) == (first.review, False)
        assert everything(careful.station) != before
        assert reviews.waiting(careful.station) == ()
        with pytest.raises(StationFault, match="review-not-waiting"):
            reviews.confirm(careful.station, first.review, careful.second.proved())


@pytest.mark.parametrize("kind", [Kind.MAINTAIN, Kind.DISMISS])
def test_what_somebody_decided_who_was_disabled_since_is_confirmed_by_nobody_and_counts_for_nothing(
    template: Template, tmp_path: Path, invented_records: Invented, kind: Kind
) -> None:
    with template.opened(tmp_path / "careful", named(kind)) as careful:
        station, decided = careful.station, decision(careful, invented_records, kind)
        gone = decider(careful, kind)
        first = reviews.decide(station, decided, gone.proved())
        enrolling.disable(station, gone.id, careful.administrator.proved())
        before = everything(station)
        assert reviews.waiting(station) == ()
        with pytest.raises(StationFault, match="review-not-waiting"):
            reviews.confirm(station, first.review, careful.second.proved())
        if kind is Kind.DISMISS:  # whoever may only confirm begins nothing
            with pytest.raises(StationFault, match="role-insufficient"):
                reviews.decide(station, decided, careful.second.proved())
        else:
            anew = reviews.decide(station, decided, careful.second.proved())
            assert (anew.waits, anew.review == first.review) == (True, False)
        assert everything(station) == before


def test_saying_the_same_again_is_confirming_and_saying_otherwise_is_another_decision(careful: Office) -> None:
    decided = maintain(careful)
    first = reviews.decide(careful.station, decided, careful.reviewer.proved())
    other = replace(decided, reason=MaintainReason.NO_ANSWER)
    assert reviews.decide(careful.station, other, careful.second.proved()).waits
    done = reviews.decide(careful.station, decided, careful.second.proved())
    assert (done.review, done.waits) == (first.review, False)
    assert careful.stored(decided.document).custody == "final"
    (left,) = reviews.waiting(careful.station)
    with pytest.raises(StationFault, match="review-overtaken"):
        reviews.confirm(careful.station, left.id, careful.reviewer.proved())
    assert reviews.waiting(careful.station) == ()


@KINDS
def test_a_second_person_is_told_the_decision_whole_before_saying_the_same(
    template: Template, tmp_path: Path, invented_records: Invented, kind: Kind
) -> None:
    """What, whose, why, on what evidence, from when to when; never who witnessed it. It is a consultation."""
    with template.opened(tmp_path / "careful", named(kind)) as careful:
        decided = decision(careful, invented_records, kind)
        first = reviews.decide(careful.station, decided, decider(careful, kind).proved())
        with refused(careful.station, "role-insufficient", careful.operator.id):
            second.show(careful.station, first.review, careful.operator.proved())
        answer = second.show(careful.station, first.review, careful.second.proved())
        entry = entries(careful.station)[-1]
    told = (entry["type"], entry["outcome"], entry["object"], entry["agents"]["person"])
    assert told == ("consultation", second.DECISION_SHOWN, f"review:{first.review}", careful.second.id)
    assert (answer["review"], answer["decision"], answer["person"]) == (first.review, kind, decider(careful, kind).id)
    for language in ("fr", "en"):
        text = decision_text(answer, language)
        assert all(word in text for word in _words_of(decided)), text
        assert "Jeanne Témoin" not in text


def _words_of(decided: Decision) -> tuple[str, ...]:
    match decided:
        case Maintain(document, reason):
            return (document, UNHEARD, reason.value)
        case Authorize(document, said):
            return (document, UNHEARD, said.on.isoformat())
        case CorrectIdentity(document, patient, _, evidence):
            return (document, UNKNOWN, patient, evidence)
        case Check(fact, _):
            return (fact, WITHDRAWN)
        case Settle() | Detach():
            marks = decided.retract if isinstance(decided, Settle) else ("•••",)
            return (decided.patient, *marks, decided.reason.value)
        case Dismiss(patient, said, reason):
            return (patient, said.on.isoformat(), said.evidence.reference if said.evidence else "?", reason.value)


def test_the_second_persons_proof_is_bound_to_what_the_first_one_decided(careful: Office) -> None:
    """A key signs that very decision: a signature of another one, as if it had been shown, confirms nothing."""
    station = careful.station
    keyed = with_key(station, "Dr Clé", Role.REVIEWER, careful.administrator.proved())
    first = reviews.decide(station, correct(careful), careful.reviewer.proved())
    other = reviews.decide(station, correct(careful, "A1002"), careful.reviewer.proved())
    acts = {one.id: one.act for one in reviews.waiting(station)}
    with station.database.read() as session:
        bound = bind(station, session, correct(careful, "A1002"))
    act = act_of(station, Kind.CORRECT_IDENTITY.value, bound.about, bound.content)
    assert act.digest() == acts[other.review]
    asked, content = challenge(station, keyed.id, act)
    signed = Presented(keyed.id, Signature(asked, sign_challenge(keyed.pem or b"", None, content)))
    before = everything(station)
    with refused(station, "second-factor-wrong", keyed.id):
        reviews.confirm(station, first.review, signed)
    assert everything(station) == before
    careful.clock.pass_(seconds=30)
    reviews.confirm(station, first.review, keyed.proved())
    told = [entry for entry in entries(station) if entry["object"] == f"review:{first.review}"]
    assert [entry["hashes_in"] for entry in told] == [[acts[first.review]]] * 2


def test_several_refusals_are_maintained_by_one_proof_that_names_them_all(office: Office) -> None:
    station = office.station
    documents = reviews.maintainable(station, PatientRef(UNHEARD))
    assert documents == tuple(office.document(UNHEARD, number=number).id for number in (0, 1))
    proof = office.reviewer.proved()
    done = list(reviews.maintain_all(station, documents, MaintainReason.NO_ANSWER, proof))
    assert [office.stored(document).custody for document in documents] == ["final", "final"]
    told = [entry for entry in entries(station) if entry["outcome"] in ("authenticated", "decided-maintain")]
    (proven,) = [entry for entry in told if entry["outcome"] == "authenticated"][-1:]
    decided = [entry for entry in told if entry["outcome"] == "decided-maintain"]
    assert [entry["object"] for entry in decided] == [f"review:{one.review}" for one in done]
    assert all(proven["hashes_in"][0] in entry["hashes_in"] for entry in decided)
    assert len({entry["hashes_in"][0] for entry in decided}) == len(documents), "and its own"
    assert reviews.maintainable(station, PatientRef(UNHEARD)) == ()
    with refused(station, "second-factor-replayed", office.reviewer.id):
        reviews.maintain_all(station, [office.document(WITHDRAWN).id], MaintainReason.NO_ANSWER, proof)
    require_balance(station)


def test_of_several_each_waits_for_the_second_person_by_itself(careful: Office) -> None:
    documents, reason = reviews.maintainable(careful.station, PatientRef(UNHEARD)), MaintainReason.NO_ANSWER
    first = list(reviews.maintain_all(careful.station, documents, reason, careful.reviewer.proved()))
    assert [one.waits for one in first] == [True, True]
    reviews.confirm(careful.station, first[0].review, careful.second.proved())
    (left,) = reviews.maintain_all(careful.station, documents[1:], reason, careful.controller.proved())
    assert (left.review, left.waits) == (first[1].review, False)
    assert reviews.waiting(careful.station) == ()


def test_a_decision_that_waits_is_declined_by_anybody_who_may_decide(careful: Office) -> None:
    first = reviews.decide(careful.station, maintain(careful), careful.reviewer.proved())
    with refused(careful.station, "role-insufficient", careful.operator.id):
        reviews.decline(careful.station, first.review, careful.operator.proved())
    reviews.decline(careful.station, first.review, careful.second.proved())
    assert entries(careful.station)[-1]["outcome"] == "declined-maintain"
    assert reviews.waiting(careful.station) == ()
    assert careful.document(UNHEARD).custody == "curable"


@pytest.mark.parametrize("change", ["person_id = :second", "object = 'document:' || :second", "act = :second"])
def test_a_decision_that_waits_cannot_be_made_another_persons_or_another_one(careful: Office, change: str) -> None:
    first = reviews.decide(careful.station, maintain(careful), careful.reviewer.proved())
    with burglar(careful.station.config.folder) as connection:
        connection.execute(f"UPDATE review SET {change}", {"second": careful.second.id})  # noqa: S608
    with pytest.raises(TamperFault, match="review-forged"):
        reviews.confirm(careful.station, first.review, careful.reviewer.proved())


def test_a_return_from_the_hosts_records_brings_back_people_decisions_and_facts(careful: Office) -> None:
    first = reviews.decide(careful.station, authorize(careful), careful.reviewer.proved())
    with careful.station.database.read() as session:
        size = size_of(session)
    done = reviews.confirm(careful.station, first.review, careful.second.proved())
    with careful.station.database.read() as session:
        record = collect(session, 0, size)
    assert record is not None
    told = {table: {row.get("id") for row in rows} for table, rows in record.rows.items()}
    assert careful.second.id in told["person"], "with the step of the code that was used"
    assert (told["review"], told["fact"]) == ({first.review}, set(done.facts))
    assert len(record.rows["fact_seal"]) == 1


def test_what_was_decided_lies_sealed_with_its_evidence(office: Office) -> None:
    reviews.decide(office.station, correct(office), office.reviewer.proved())
    with office.station.database.read() as session:
        assert Reviews(office.station.columns).all_waiting(session) == ()
    office.station.database.close()
    kept = b"".join(path.read_bytes() for path in office.station.config.folder.rglob("*") if path.is_file())
    for planted in ("registre du service", NAME, "Jeanne Témoin"):
        assert planted.encode() not in kept


# --- What is shown ----------------------------------------------------------------------------------------------------


def test_a_document_is_shown_to_whom_it_concerns_and_the_consultation_is_an_entry(office: Office) -> None:
    document = office.document(WITHDRAWN).id
    with refused(office.station, "role-insufficient", office.operator.id):
        showing.show(office.station, document, office.operator.proved())
    assert all(entry["type"] != "consultation" for entry in entries(office.station))
    answer = showing.show(office.station, document, office.reviewer.proved())
    (entry,) = [entry for entry in entries(office.station) if entry["type"] == "consultation"]
    assert (entry["outcome"], entry["agents"]["person"]) == (showing.SHOWN, office.reviewer.id)
    assert entry["object"] == f"document:{document}"
    assert (answer["reason"], answer["custody"], answer["days_left"]) == ("withdrawn", "closed", None)
    assert [one["kind"] for one in answer["facts"]].count("withdrawn") == 1
    assert answer["may"] == ["maintain", "authorize"]
    text = show_text(answer, "fr")
    assert all(one["fact"] in text for one in answer["facts"])
    assert "Le patient a retiré son autorisation." in text


def test_what_is_curable_says_how_many_days_are_left(office: Office) -> None:
    document, most = office.document(UNHEARD).id, office.station.config.quarantine.max_days
    assert showing.show(office.station, document, office.reviewer.proved())["days_left"] == most - 1
    office.clock.pass_(days=3)
    (told,) = [one for one in showing.waiting(office.station) if one["document"] == document]
    assert told["days_left"] == most - 4
    office.clock.pass_(days=400)
    assert showing.show(office.station, document, office.reviewer.proved())["days_left"] == 0


def test_the_list_says_what_may_be_decided_of_each(careful: Office) -> None:
    first = reviews.decide(careful.station, maintain(careful), careful.reviewer.proved())
    told = {one["document"]: one for one in showing.waiting(careful.station)}
    assert told[careful.document(UNHEARD).id]["may"] == ["maintain", "authorize", "correct-identity"]
    assert told[careful.document(UNHEARD).id]["second"] == first.review
    assert told[careful.document(WITHDRAWN).id]["may"] == ["maintain", "authorize"]


def test_the_list_says_how_many_the_gate_lets_go_on_and_who_confirms_it(office: Office) -> None:
    station = office.station
    review = station.config.review.model_copy(update={"release_threshold": 1})
    station.config = station.config.model_copy(update={"review": review})
    assert not any(one["releasable"] for one in showing.waiting(station))
    decided = reviews.decide(station, authorize(office), office.reviewer.proved())
    assert decided.rejudged.held_back == 2
    told = {one["document"] for one in showing.waiting(station) if one["releasable"]}
    assert told == {office.document(UNHEARD, number=number).id for number in (0, 1)}
    assert "liasse refusal release --count 2" in office.trial.run("refusal", "list").out


@pytest.mark.parametrize(
    ("outcome", "custody", "named", "kinds"),
    [
        ("refused", "curable", True, "maintain authorize correct-identity"),
        ("refused", "closed", True, "maintain authorize"),
        ("held", "curable", False, "maintain correct-identity"),
        ("held", "closed", True, "maintain"),
        ("refused", "final", True, ""),
        ("deposited", None, True, ""),
        ("in-progress", None, True, ""),
        ("set-aside", "curable", True, ""),
    ],
)
def test_what_may_be_decided_of_a_document_follows_from_what_is_kept_of_it(
    outcome: str,
    custody: str | None,
    named: bool,  # noqa: FBT001
    kinds: str,
) -> None:
    assert [kind.value for kind in may_decide(outcome, custody, named=named)] == kinds.split()


@pytest.mark.parametrize(
    ("reason", "kinds"),
    [
        ("no-authorization", "maintain authorize"),
        ("withdrawn", "maintain authorize"),
        ("deceased", "maintain"),
        ("patient-unknown", "maintain"),
        ("opposition", "maintain dismiss"),
        ("opposition-access", "maintain"),
        ("contradictory", "maintain settle"),
        ("doubted", "maintain settle"),
        ("evidence-unchecked", "maintain check"),
    ],
)
def test_what_is_offered_for_a_reason_leads_somewhere(reason: str, kinds: str) -> None:
    assert [kind.value for kind in may_decide("refused", "closed", named=True, reason=reason)] == kinds.split()


def test_every_decision_and_reason_has_its_words() -> None:
    assert DECISIONS.keys() == {kind.value for kind in Kind}
    assert MAINTAIN_REASONS.keys() == {reason.value for reason in MaintainReason}
    assert DISMISS_REASONS.keys() == {reason.value for reason in DismissReason}
    assert DETACH_REASONS.keys() == {reason.value for reason in DetachReason}
    assert SETTLE_REASONS.keys() == {reason.value for reason in SettleReason}
    assert FACTS.keys() == {kind.value for kind in FactKind}


def test_a_strangers_count_of_the_ledger_is_not_disturbed_by_reviews(office: Office, empty: Path) -> None:
    before = [
        read_entry(json.dumps(entry, sort_keys=True, separators=(",", ":")).encode())
        for entry in entries(office.station)
    ]
    told = replay(before, 1).images
    showing.show(office.station, office.document(UNHEARD).id, office.reviewer.proved())
    reviews.decide(office.station, correct(office, UNHEARD), office.reviewer.proved())
    work(office.station, empty)
    assert replay(entries(office.station), 1).images == told
    assert replay(entries(office.station), 1).contradictions == ()
    assert office.station.ledger.verify().verified


# --- The commands -----------------------------------------------------------------------------------------------------


def test_a_reviewer_works_from_the_command_line(template: Template, tmp_path: Path) -> None:
    trial = template.copy(tmp_path / "station")
    reviewer = template.people[1]
    listed = trial.run("refusal", "list", "--json").lines
    (withdrawn,) = [line for line in listed if line["reason"] == "withdrawn"]
    assert withdrawn["may"] == ["maintain", "authorize"]
    plain = trial.run("refusal", "list")
    assert withdrawn["document"] in plain.out
    asked = ("refusal", "review", "maintain", withdrawn["document"], "--reason", "no-answer", "--person", reviewer.id)
    without = trial.run(*asked)
    assert (without.code, "[second-factor-missing]" in without.err) == (10, True)
    done = run_command(trial.command(*asked, "--code", "-", "--json"), trial.environment(), answers=_code(reviewer))
    assert (done.code, done.lines[0]["decision"], done.lines[0]["waits"]) == (0, "maintain", False), done.err
    again = run_command(trial.command(*asked, "--code", "-"), trial.environment(), answers=_code(reviewer))
    assert "[review-not-possible]" in again.err
    log = b"".join(path.read_bytes() for path in (trial.home / "log").glob("*"))
    for planted in (NAME, _code(reviewer).strip()):
        assert planted.encode() not in log


def test_two_reviewers_decide_from_the_command_line_and_the_second_is_told_what(
    template: Template, tmp_path: Path
) -> None:
    trial = template.copy(tmp_path / "station", ("correct-identity",))
    _, first, other, *_ = template.people
    (unknown,) = [line for line in trial.run("refusal", "list", "--json").lines if line["patient"] == UNKNOWN]
    asked = ("refusal", "review", "correct-identity", unknown["document"], "--patient", "A1001", "--evidence", "L. 12")
    ran = _run(trial, *asked, "--json", by=first)
    assert (ran.code, ran.lines[0]["waits"]) == (EXIT_WAITING, True), ran.err
    review = ran.lines[0]["review"]
    without = trial.run("refusal", "confirm", review, "--person", other.id)
    assert without.code == 10
    for said in (unknown["document"], UNKNOWN, "A1001", "L. 12", "•••"):
        assert said in without.err.partition("[second-factor-missing]")[0], "shown before the code is asked"
    shown = _run(trial, "refusal", "show", review, "--json", by=other)
    assert (shown.code, shown.lines[0]["was"], shown.lines[0]["patient"]) == (0, UNKNOWN, "A1001"), shown.err


def test_several_are_maintained_from_the_command_line_by_their_number(template: Template, tmp_path: Path) -> None:
    trial, reviewer = template.copy(tmp_path / "station"), template.people[1]
    asked = ("refusal", "review", "maintain", "--patient", UNHEARD, "--reason", "no-answer", "--json")
    uncounted = _run(trial, *asked, by=reviewer)
    assert (uncounted.code, "[review-count-differs]" in uncounted.err) == (4, True), uncounted.err
    done = _run(trial, *asked, "--count", "2", by=reviewer)
    assert (done.code, [line["waits"] for line in done.lines]) == (0, [False, False]), done.err
    assert len({line["document"] for line in done.lines}) == len(done.lines)


def _run(trial: Trial, *asked: str, by: Somebody) -> Ran:
    command = trial.command(*asked, "--person", by.id, "--code", "-")
    return run_command(command, trial.environment(), answers=_code(by))


def _code(somebody: Somebody) -> str:
    return f"{pyotp.TOTP((somebody.secret or b'').decode()).at(datetime.now(UTC) + timedelta(seconds=30))}\n"


def test_a_death_recorded_by_mistake_is_put_right_from_the_command_line_and_the_answer_of_now_is_told(
    template: Template, tmp_path: Path
) -> None:
    trial = template.copy(tmp_path / "station")
    _, reviewer, _, controller, _ = template.people
    on = (TODAY - timedelta(days=1)).isoformat()
    fact = trial.run("authorization", "record", UNHEARD, "--kind", "deces", "--on", on, "--json").lines[0]["fact"]
    told = [line for line in trial.run("refusal", "list", "--json").lines if line["reason"] == "deceased"]
    assert [line["may"] for line in told] == [["maintain"]] * 2, "an authorization would lead nowhere"
    asked = ("authorization", "settle", UNHEARD, "--retract", fact, "--reason", "recorded-by-mistake")
    first = _run(trial, *asked, "--json", by=controller)
    assert (first.code, first.lines[0]["waits"]) == (EXIT_WAITING, True), first.err
    done = _run(trial, "refusal", "confirm", first.lines[0]["review"], by=reviewer)
    assert done.code == 0, done.err
    assert "le contrôle répond maintenant" in done.out
    assert "[no-authorization]" in done.out
