"""The gate's laws, over register readings that nobody thought of: see the last lines of decision 0023.

`facts()` and `contracts()` are strategies that other tests may import.
"""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
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
    Statement,
    UnknownPatient,
    UnreadableRegister,
)
from consent_gate.standing import with_limits
from storage.fact_rows import Recording
from storage.register import Register
from tests.station_fixtures import COLUMNS, open_database

TODAY: Final = date(2026, 11, 22)
AT: Final = datetime(2026, 11, 22, 10, tzinfo=UTC)
FIRST: Final = datetime(2026, 8, 1, 8, tzinfo=UTC)
PURPOSE: Final = "numerisation"
TYPES: Final = tuple(DocType(name) for name in ("fiche_aptitude", "courrier", "etude_de_poste"))

PERMISSIONS: Final = frozenset(
    {FactKind.GRANTED, FactKind.NOTICE, FactKind.CHECKED, FactKind.OPPOSITION_LIFTED, FactKind.DOUBT_LIFTED}
)
OBSTACLES: Final = frozenset(
    {
        FactKind.REFUSED,
        FactKind.WITHDRAWN,
        FactKind.LIMITED,
        FactKind.OPPOSED,
        FactKind.DECEASED,
        FactKind.DOUBTED,
        FactKind.CHECK_FAILED,
    }
)
STATED: Final = frozenset(FactKind) - {FactKind.RETRACTED}
NOES: Final = frozenset({FactKind.REFUSED, FactKind.WITHDRAWN})
DOUBTS: Final = frozenset({FactKind.DOUBTED, FactKind.DOUBT_LIFTED})
IN_THEIR_ORDER: Final = frozenset({FactKind.CHECKED, FactKind.CHECK_FAILED, *DOUBTS})
"""Of these the one recorded last decides (sentences 8 and 9); of no other kind."""
WHENEVER: Final = frozenset({FactKind.RETRACTED, *DOUBTS})
"""What takes a line back, or could not use one, holds whatever day is judged (sentence 9)."""

near: Final = st.integers(-4, 4).map(lambda days: TODAY + timedelta(days))
anywhere: Final = near | st.dates()
_SOME_TYPES: Final = (None, frozenset(TYPES[:1]), frozenset(TYPES[1:]), frozenset[DocType]())
_SOME_PURPOSES: Final = (None, frozenset({PURPOSE}), frozenset({"recherche"}), frozenset[str]())
_SOME_EVIDENCE: Final = (
    Evidence(reference="formulaire 12", kind=EvidenceKind.SIGNED_FORM, sha256="5a" * 32),
    None,
    Evidence(reference="entretien", kind=EvidenceKind.ORAL),
    Evidence(reference="entretien", kind=EvidenceKind.ORAL, witness="un témoin"),
)
_ABOUT: Final = frozenset({FactKind.CHECKED, FactKind.CHECK_FAILED, FactKind.RETRACTED})
_WIDE: Final = frozenset({FactKind.GRANTED, FactKind.LIMITED})
_SAYS_WHO: Final = frozenset({FactKind.GRANTED, *NOES})


def reference(number: int) -> str:
    return f"01JD{number:022d}"


@st.composite
def a_fact(
    draw: st.DrawFn, number: int, kinds: frozenset[FactKind] = frozenset(FactKind), on: st.SearchStrategy[date] = near
) -> Fact:
    """One fact of these kinds. Checks and retractions are about one of the first ten facts, there or not."""
    kind, day, more = draw(st.sampled_from(sorted(kinds))), draw(on), draw(st.integers(0, 4**5 - 1))
    until, types, purposes, giver, proof = (more // 4**place % 4 for place in range(5))
    wide, grant = kind in _WIDE, kind is FactKind.GRANTED
    return Fact(
        kind=kind,
        on=day,
        until=TODAY + timedelta(2 * until - 3) if wide and until else None,
        doc_types=_SOME_TYPES[types] if wide else None,
        purposes=_SOME_PURPOSES[purposes] if wide else None,
        evidence=_SOME_EVIDENCE[proof] if grant else None,
        given_by=(None, *Giver)[giver] if kind in _SAYS_WHO else None,
        authority_until=TODAY + timedelta(2 * types - 3) if grant and purposes else None,
        opposition=(None, *Opposition)[giver] if "oppos" in kind else None,
        about=reference(more % 10) if kind in _ABOUT else None,
        reference=reference(number),
        recorded_at=FIRST + timedelta(minutes=number),
    )


def facts(
    kinds: frozenset[FactKind] = frozenset(FactKind), on: st.SearchStrategy[date] = near, most: int = 8
) -> st.SearchStrategy[tuple[Fact, ...]]:
    """None to `most` facts, recorded a minute apart, most of them of the days around today."""
    lengths = [st.tuples(*(a_fact(number, kinds, on) for number in range(length))) for length in range(most + 1)]
    return st.one_of(lengths)


def open_before(most: int = 4) -> st.SearchStrategy[tuple[Fact, ...]]:
    """A few facts beside a notice and an authorization of five days ago, with evidence that was checked."""
    return facts(most=most).map(lambda more: (*_OPEN, *more))


def contracts() -> st.SearchStrategy[Policy]:
    return st.builds(
        Policy,
        notice_required=st.booleans(),
        evidence_required=st.booleans(),
        check_required=st.booleans(),
        maximum_age=st.none() | st.just(timedelta(days=7)),
        purpose=st.just(PURPOSE),
    )


_OPEN: Final = tuple(
    Fact(
        kind=kind, on=TODAY - timedelta(5), evidence=proof, about=about, reference=reference(number), recorded_at=FIRST
    )
    for number, kind, proof, about in (
        (90, FactKind.NOTICE, None, None),
        (91, FactKind.GRANTED, _SOME_EVIDENCE[0], None),
        (92, FactKind.CHECKED, None, reference(91)),
    )
)

born: Final = st.just(date(1980, 1, 1)) | st.sampled_from(
    [date(2008, 11, 21), date(2008, 11, 22), date(2008, 11, 23), date(2008, 2, 29), None]
)
doc_type: Final = st.none() | st.sampled_from(TYPES)
moments: Final = st.builds(Moment, at=st.just(AT), day=near)
at_hand: Final = st.builds(lambda *asked: asked, doc_type, born, contracts())
Asked = tuple[DocType | None, date | None, Policy]


def ask(known: Sequence[Fact], asked: Asked, day: date = TODAY) -> Decision:
    kind, birth, policy = asked
    reading = KnownPatient(tuple(known), AT, birth)
    return decide(DocumentId("01JD0000000000000000000001"), PatientRef("P-1"), kind, reading, Moment(AT, day), policy)


def answer(known: Sequence[Fact], asked: Asked, day: date = TODAY) -> str:
    decision = ask(known, asked, day)
    return decision.reason.value if isinstance(decision, Refused) else "open"


def opens(known: Sequence[Fact], asked: Asked) -> bool:
    return isinstance(ask(known, asked), Clearance)


EXTREME: Final = st.sampled_from((date.min, date.max, date(2024, 2, 29)))
readings: Final = st.one_of(
    st.just(UnknownPatient()),
    st.just(UnreadableRegister()),
    st.builds(
        KnownPatient,
        facts(on=anywhere | EXTREME),
        st.none() | st.datetimes(timezones=st.just(UTC)),
        st.none() | st.dates() | EXTREME,
    ),
)
odd_contracts: Final = st.builds(
    Policy,
    notice_required=st.booleans(),
    evidence_required=st.booleans(),
    check_required=st.booleans(),
    maximum_age=st.none() | st.timedeltas(),
    purpose=st.text(max_size=12),
)


@settings(max_examples=150, deadline=None)
@given(
    reading=readings,
    kind=st.none() | st.text(max_size=8).map(DocType),
    at=st.datetimes(timezones=st.just(UTC)),
    day=anywhere | EXTREME,
    clock=st.sampled_from(("trusted", "untrusted")),
    policy=odd_contracts,
)
def test_whatever_the_register_holds_the_gate_answers(
    reading: RegisterReading, kind: DocType | None, at: datetime, day: date, clock: str, policy: Policy
) -> None:
    moment = Moment(at, day, trusted=clock == "trusted")
    document, patient = DocumentId("01JD0000000000000000000001"), PatientRef("P-1")
    decision = decide(document, patient, kind, reading, moment, policy)
    assert isinstance(decision, Clearance) or decision.reason in Reason
    assert decision.document == document
    assert decision.decision == decide(document, patient, kind, reading, moment, policy).decision
    if isinstance(decision, Clearance):
        assert isinstance(reading, KnownPatient)
        assert moment.trusted
        assert any(fact.kind is FactKind.GRANTED and fact.on <= day for fact in reading.facts)


def _retraction_of(fact: Fact, number: int) -> Fact:
    return Fact(
        kind=FactKind.RETRACTED,
        on=TODAY,
        about=fact.reference,
        reference=reference(number),
        recorded_at=FIRST + timedelta(minutes=number),
    )


@settings(max_examples=150, deadline=None)
@given(known=facts() | open_before(), obstacle=a_fact(50, OBSTACLES), asked=at_hand)
def test_an_obstacle_more_never_opens_the_gate(known: tuple[Fact, ...], obstacle: Fact, asked: Asked) -> None:
    """A limit is put beside no other limit of its day: those of one day are one, see the limits of one day below."""
    assume(obstacle.kind is not FactKind.LIMITED or not _another_limit_that_day(known, obstacle))
    assert opens(known, asked) or not opens((*known, obstacle), asked)


@settings(max_examples=150, deadline=None)
@given(known=facts(STATED) | open_before(), chosen=st.integers(0, 11), asked=at_hand)
def test_taking_back_a_permission_never_opens_the_gate_but_ends_a_contradiction(
    known: tuple[Fact, ...], chosen: int, asked: Asked
) -> None:
    taken = known[chosen % len(known)] if known else None
    assume(taken is not None and taken.kind in PERMISSIONS and not opens(known, asked))
    if taken is not None and opens((*known, _retraction_of(taken, 50)), asked):
        assert answer(known, asked) == "contradictory"
        assert any(_contradict(taken, fact) for fact in known)


def _another_limit_that_day(known: Sequence[Fact], limit: Fact) -> bool:
    return any(fact.kind is FactKind.LIMITED and fact.on == limit.on and fact is not limit for fact in known)


def _contradict(permission: Fact, other: Fact) -> bool:
    if permission.on != other.on:
        return False
    if permission.kind is FactKind.GRANTED:
        return other.kind in NOES
    lifts = permission.kind is FactKind.OPPOSITION_LIFTED and other.kind is FactKind.OPPOSED
    return lifts and (permission.opposition or Opposition.HOSTING) is (other.opposition or Opposition.HOSTING)


@settings(max_examples=150, deadline=None)
@given(known=open_before(), permission=a_fact(50, PERMISSIONS), asked=at_hand)
def test_a_permission_more_never_closes_the_gate_but_against_a_word_of_the_same_day(
    known: tuple[Fact, ...], permission: Fact, asked: Asked
) -> None:
    assume(opens(known, asked))
    if not opens((*known, permission), asked):
        assert answer((*known, permission), asked) == "contradictory"
        assert any(_contradict(permission, fact) for fact in known)


@settings(max_examples=150, deadline=None)
@given(known=open_before(most=2), obstacle=a_fact(50, OBSTACLES), asked=at_hand)
def test_taking_back_an_obstacle_never_closes_the_gate(known: tuple[Fact, ...], obstacle: Fact, asked: Asked) -> None:
    assume(opens((*known, obstacle), asked))
    assert opens((*known, obstacle, _retraction_of(obstacle, 51)), asked)


@settings(max_examples=150, deadline=None)
@given(known=facts() | open_before(), asked=at_hand, seed=st.randoms(use_true_random=False))
def test_the_order_of_a_reading_and_of_recording_never_matters(
    known: tuple[Fact, ...], asked: Asked, seed: random.Random
) -> None:
    """Checks and doubts keep their order; all else is recorded at times that are dealt out again, read in any order."""
    told = answer(known, asked)
    times = [fact.recorded_at for fact in known if fact.kind not in IN_THEIR_ORDER]
    seed.shuffle(times)
    anew = [fact if fact.kind in IN_THEIR_ORDER else replace(fact, recorded_at=times.pop()) for fact in known]
    seed.shuffle(anew)
    assert answer(anew, asked) == told


@settings(max_examples=150, deadline=None)
@given(known=facts() | open_before(), asked=at_hand, day=near)
def test_what_holds_only_after_the_day_judged_is_not_looked_at(
    known: tuple[Fact, ...], asked: Asked, day: date
) -> None:
    begun = [fact for fact in known if fact.on <= day or fact.kind in WHENEVER]
    with_later, without = answer(known, asked, day), answer(begun, asked, day)
    assert with_later == without or (with_later, without) == ("not-yet-in-force", "no-authorization")


@settings(max_examples=150, deadline=None)
@given(known=facts(frozenset(FactKind) - {FactKind.RETRACTED}), chosen=st.integers(0, 8), asked=at_hand, day=near)
def test_what_was_retracted_was_never_there(known: tuple[Fact, ...], chosen: int, asked: Asked, day: date) -> None:
    assume(chosen < len(known))
    without = [fact for fact in known if fact is not known[chosen]]
    assert answer((*known, _retraction_of(known[chosen], 50)), asked, day) == answer(without, asked, day)


@settings(max_examples=150, deadline=None)
@given(known=facts(), other=a_fact(50), asked=at_hand)
def test_a_decision_tells_by_its_digest_on_which_facts_it_was_taken(
    known: tuple[Fact, ...], other: Fact, asked: Asked
) -> None:
    assume(other.kind not in WHENEVER)
    assert ask(known, asked).decision == ask(tuple(reversed(known)), asked).decision
    assert ask(known, asked).decision != ask((*known, other), asked).decision
    assert ask(known, asked).decision != ask(known, asked, TODAY + timedelta(1)).decision


def _said(kind: FactKind, days: int, number: int, **more: object) -> Fact:
    on, at = TODAY + timedelta(days), FIRST + timedelta(minutes=number)
    return Fact(kind=kind, on=on, reference=reference(number), recorded_at=at, **more)  # type: ignore[arg-type]


GENERAL: Final = _said(FactKind.GRANTED, -9, 1)
PLAIN: Final = Policy(purpose=PURPOSE)


def _line(days: int, number: int, *types: str, **more: object) -> Fact:
    return _said(FactKind.GRANTED, days, number, doc_types=frozenset(map(DocType, types)), **more)


@pytest.mark.parametrize(
    ("lines", "kind", "told"),
    [
        ([_line(-5, 2, "courrier")], "courrier", "open"),
        ([_line(-5, 2, "courrier")], "fiche_aptitude", "out-of-scope"),
        ([_line(-5, 2, "courrier")], None, "type-needed"),
        ([_line(-5, 2, "courrier"), _line(-5, 3, "fiche_aptitude")], "fiche_aptitude", "open"),
        ([_line(-5, 2, "courrier"), _line(-5, 3, "fiche_aptitude")], "courrier", "open"),
        ([_line(-5, 2, "courrier"), _line(-5, 3, "fiche_aptitude")], "etude_de_poste", "out-of-scope"),
        ([_line(-5, 2, "courrier"), _line(-3, 3, "fiche_aptitude")], "fiche_aptitude", "open"),
        ([_line(-5, 2, "courrier"), _line(-3, 3, "fiche_aptitude")], "courrier", "out-of-scope"),
        ([_line(-5, 2, "courrier"), _said(FactKind.GRANTED, -3, 3)], "etude_de_poste", "open"),
        ([_line(5, 2, "courrier")], "fiche_aptitude", "open"),
        ([_line(-5, 2, "courrier", until=TODAY - timedelta(1))], "courrier", "expired"),
    ],
)
def test_a_line_that_authorizes_within_limits_is_a_permission_and_a_limit_of_what_was_said_until_then(
    lines: list[Fact], kind: str | None, told: str
) -> None:
    """Sentence 4, on a register that authorized everything nine days ago."""
    known = with_limits((GENERAL, *lines))
    assert answer(known, (None if kind is None else DocType(kind), None, PLAIN)) == told


def test_a_limit_of_the_same_day_narrows_a_general_authorization() -> None:
    known = with_limits((_said(FactKind.GRANTED, -5, 1), _line(-5, 2, "courrier")))
    assert answer(known, (DocType("fiche_aptitude"), None, PLAIN)) == "out-of-scope"


def test_two_limited_lines_of_one_day_allow_nothing_that_neither_of_them_allows() -> None:
    """Types of the one with the purposes of the other; a type of the one that ended with the period of the other."""
    mail = _line(-5, 2, "courrier", purposes=frozenset({"recherche"}), until=TODAY + timedelta(30))
    sheet = _line(-5, 3, "fiche_aptitude", purposes=frozenset({PURPOSE}), until=TODAY + timedelta(30))
    assert answer(with_limits((GENERAL, mail, sheet)), (DocType("courrier"), None, PLAIN)) == "out-of-scope"
    ended = _line(-5, 2, "courrier", until=TODAY - timedelta(1))
    going = _line(-5, 3, "fiche_aptitude", until=TODAY + timedelta(30))
    assert answer(with_limits((GENERAL, ended, going)), (DocType("courrier"), None, PLAIN)) != "open"


@pytest.mark.parametrize(
    ("birth", "day", "told"),
    [
        (date(2008, 11, 23), date(2026, 11, 22), "open"),
        (date(2008, 11, 22), date(2026, 11, 22), "authority-ended"),
        (date(2008, 2, 29), date(2026, 2, 27), "open"),
        (date(2008, 2, 29), date(2026, 2, 28), "authority-ended"),
        (None, date(2026, 11, 22), "authority-ended"),
    ],
)
def test_what_parents_authorized_ends_on_the_eighteenth_birthday(birth: date | None, day: date, told: str) -> None:
    known = (
        _said(FactKind.GRANTED, -365, 1, given_by=Giver.PARENTAL_AUTHORITY),
        _said(FactKind.NOTICE, -365, 2),
    )
    assert answer(known, (None, birth, PLAIN), day) == told


@pytest.mark.parametrize("giver", [None, *Giver])
def test_what_was_authorized_before_the_eighteenth_birthday_ends_on_it_whoever_gave_it(giver: Giver | None) -> None:
    known = (_said(FactKind.GRANTED, -5, 1, given_by=giver), _said(FactKind.NOTICE, -5, 2))
    assert answer(known, (None, TODAY.replace(year=TODAY.year - 18) + timedelta(1), PLAIN)) == "open"
    assert answer(known, (None, TODAY.replace(year=TODAY.year - 18), PLAIN)) == "authority-ended"
    grown = answer(known, (None, TODAY.replace(year=TODAY.year - 18) - timedelta(5), PLAIN))
    assert grown == ("authority-ended" if giver is Giver.PARENTAL_AUTHORITY else "open")


def test_a_refusal_by_parents_outlives_the_eighteenth_birthday() -> None:
    known = (_said(FactKind.REFUSED, -365, 1, given_by=Giver.PARENTAL_AUTHORITY),)
    assert answer(known, (None, date(2000, 1, 1), PLAIN)) == "refused"


def test_what_the_register_knew_at_a_time_is_what_it_had_learnt_until_then(tmp_path: Path) -> None:
    """Sixty statements a minute apart, every fifth takes back the one before; then the register as of each minute."""
    database, patient = open_database(tmp_path), PatientRef("Q1")
    register = Register(database, COLUMNS)
    kinds = sorted(STATED - {FactKind.LIMITED, FactKind.CHECKED, FactKind.CHECK_FAILED})
    learnt: list[tuple[str | None, str | None]] = []
    for minute in range(60):
        taken = learnt[-1][0] if minute % 5 == 4 else None
        kind = FactKind.RETRACTED if taken else kinds[minute % len(kinds)]
        said = Statement(kind=kind, on=TODAY - timedelta(minute), about=taken)
        with database.write("test.record") as session:
            by = Recording(FIRST + timedelta(minutes=minute))
            learnt.append((register.record(session, [(patient, said)], by)[0].reference, taken))
    with database.read() as session:
        for minute in range(60):
            known = register.facts(session, patient, FIRST + timedelta(minutes=minute))
            until_then = learnt[: minute + 1]
            taken_back = {about for _, about in until_then}
            stand = {added for added, about in until_then if about is None and added not in taken_back}
            assert {fact.reference for fact in known if fact.kind is not FactKind.RETRACTED} == stand
    database.close()
