"""The gate answers what the decision table answers, over the product of fact kinds, days and document types."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
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
    RegisterReading,
    UnknownPatient,
    UnreadableRegister,
)
from consent_gate.standing import with_limits
from tests.gate_table import (
    AFTER,
    AUTHORIZATIONS,
    BARE,
    BEFORE,
    BEST,
    BY_PURPOSE,
    BY_TYPE,
    DAYS,
    ENDED,
    FOR_A_TIME,
    FURTHEST,
    GUARDIAN,
    KINDS,
    LIMIT_PURPOSE,
    LIMIT_TIME,
    LIMIT_TYPE,
    LIMITS,
    LONG_AGO,
    NOTICE,
    ON,
    OPEN,
    PARENTS,
    REFUSAL,
    TAKEN_BACK,
    WITHDRAWAL,
    Case,
    Choice,
    Circumstances,
    all_ended,
    all_stands,
    contracts,
    every_choice,
    product_of,
    read_table,
    registers,
)

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
RECORDED = datetime(2026, 8, 1, 8, tzinfo=UTC)
THE_DAY = {BEFORE: TODAY - timedelta(10), ON: TODAY, AFTER: TODAY + timedelta(10), TAKEN_BACK: TODAY - timedelta(10)}
LAST_DAY = {BEFORE: TODAY - timedelta(5), ON: TODAY, AFTER: TODAY + timedelta(20)}
BORN = {
    BEFORE: date(2008, 11, 21),
    ON: date(2008, 11, 22),
    AFTER: date(2008, 11, 23),
    LONG_AGO: date(1980, 1, 1),
    "inconnu": None,
}
DOC_TYPE = {"dans": DocType("fiche_aptitude"), "hors": DocType("courrier"), "inconnu": None}
PURPOSE = {"dans": "numerisation", "hors": "recherche"}
NAMED_TYPES = frozenset({DocType("fiche_aptitude"), DocType("etude_de_poste")})
NAMED_PURPOSES = frozenset({"numerisation", "archivage"})
MAXIMUM_AGE = timedelta(days=7)
REGISTER_AT = {
    "lisible": AT - MAXIMUM_AGE,
    "périmé": AT - MAXIMUM_AGE - timedelta(seconds=1),
    "jamais mis à jour": None,
}
OPPOSED = {"hébergement": Opposition.HOSTING, "accès": Opposition.ACCESS, "transmission": Opposition.TRANSMISSION}
SIMPLE = {
    NOTICE: FactKind.NOTICE,
    REFUSAL: FactKind.REFUSED,
    WITHDRAWAL: FactKind.WITHDRAWN,
    "décès": FactKind.DECEASED,
}
DOUBT = {"ligne inutilisable": (FactKind.DOUBTED, 8), "ligne réglée": (FactKind.DOUBT_LIFTED, 9)}
"""An import says them, on its own day and at that hour: what could not be used, and later that it can."""
CHECKS = {
    "vérifiée": ((FactKind.CHECKED, 0),),
    "vérifiée plus tard": ((FactKind.CHECKED, 3),),
    "rejetée": ((FactKind.CHECK_FAILED, 0),),
    "vérifiée puis rejetée": ((FactKind.CHECKED, 0), (FactKind.CHECK_FAILED, 0)),
    "rejetée puis vérifiée": ((FactKind.CHECK_FAILED, 0), (FactKind.CHECKED, 0)),
}
"""What was recorded of an evidence, in that order, and how many days after the day judged it holds."""


def reference(kind: str, more: int = 0) -> str:
    return f"01JD{KINDS.index(kind):02d}{more:02d}".ljust(26, "0")


def _fact(kind: str, day: str, told: FactKind, **more: object) -> Fact:
    on = THE_DAY[day]
    return Fact(kind=told, on=on, reference=reference(kind), recorded_at=RECORDED, **more)  # type: ignore[arg-type]


def _evidence(word: str) -> Evidence | None:
    if word == "absente":
        return None
    if word == "orale sans témoin":
        return Evidence(reference="entretien", kind=EvidenceKind.ORAL)
    return Evidence(reference="formulaire 12", kind=EvidenceKind.SIGNED_FORM, sha256="5a" * 32)


def _authorized(kind: str, day: str, around: Circumstances) -> Iterator[Fact]:
    word = "absente" if kind == BARE else around.evidence
    yield _fact(
        kind,
        day,
        FactKind.GRANTED,
        until=LAST_DAY[around.last_day] if kind == FOR_A_TIME else None,
        doc_types=NAMED_TYPES if kind == BY_TYPE else None,
        purposes=NAMED_PURPOSES if kind == BY_PURPOSE else None,
        evidence=_evidence(word),
        given_by={PARENTS: Giver.PARENTAL_AUTHORITY, GUARDIAN: Giver.GUARDIAN}.get(kind, Giver.PATIENT),
        authority_until=LAST_DAY.get(around.guardian_until) if kind == GUARDIAN else None,
    )
    for number, (told, later) in enumerate(CHECKS.get(word, ()), start=1):
        yield Fact(
            kind=told,
            on=TODAY + timedelta(later),
            about=reference(kind),
            reference=reference(kind, number),
            recorded_at=RECORDED + timedelta(hours=number),
        )


def _limited(kind: str, day: str, around: Circumstances) -> Fact:
    return _fact(
        kind,
        day,
        FactKind.LIMITED,
        until=LAST_DAY[around.last_day] if kind == LIMIT_TIME else None,
        doc_types=NAMED_TYPES if kind == LIMIT_TYPE else None,
        purposes=NAMED_PURPOSES if kind == LIMIT_PURPOSE else None,
    )


def _opposed(kind: str, day: str, of: str) -> Fact:
    return _fact(kind, day, FactKind.OPPOSED, opposition=OPPOSED[of])


def _lifted(kind: str, day: str, of: str) -> Iterator[Fact]:
    """With its evidence, which a person has checked."""
    yield _fact(kind, day, FactKind.OPPOSITION_LIFTED, opposition=OPPOSED[of], evidence=_evidence("vérifiée"))
    at = RECORDED + timedelta(hours=1)
    yield Fact(
        kind=FactKind.CHECKED, on=THE_DAY[day], about=reference(kind), reference=reference(kind, 1), recorded_at=at
    )


@cache
def facts_of(kind: str, day: str, around: Circumstances) -> tuple[Fact, ...]:
    """The facts of the register that one word of a case stands for; of what was taken back, its retraction too."""
    if kind in AUTHORIZATIONS:
        made = tuple(_authorized(kind, day, around))
    elif kind in (LIMIT_TYPE, LIMIT_PURPOSE, LIMIT_TIME):
        made = (_limited(kind, day, around),)
    elif kind in SIMPLE:
        made = (_fact(kind, day, SIMPLE[kind]),)
    elif kind in DOUBT:
        made = (_doubt(kind, day),)
    else:
        verb, of = kind.split(" ")
        made = tuple(_lifted(kind, day, of)) if verb == "levée" else (_opposed(kind, day, of),)
    return (*made, _retraction(kind)) if day == TAKEN_BACK else made


def _doubt(kind: str, day: str) -> Fact:
    told, hour = DOUBT[kind]
    by = Evidence(reference="registre.csv")
    at = datetime.combine(THE_DAY[day], time(hour), UTC)
    return Fact(kind=told, on=THE_DAY[day], evidence=by, reference=reference(kind), recorded_at=at)


def _retraction(kind: str) -> Fact:
    return Fact(
        kind=FactKind.RETRACTED,
        on=THE_DAY[BEFORE],
        about=reference(kind),
        reference=reference(kind, 9),
        recorded_at=RECORDED + timedelta(days=1),
    )


def _reading(case: Case) -> RegisterReading:
    around = case.around
    if around.register == "illisible":
        return UnreadableRegister()
    if around.patient == "inconnu":
        return UnknownPatient()
    facts = tuple(fact for kind, day in case.facts.items() for fact in facts_of(kind, day, around))
    return KnownPatient(facts, REGISTER_AT[around.register], BORN[around.eighteen])


@cache
def _policy(around: Circumstances) -> Policy:
    return Policy(
        notice_required=around.notice_asked,
        evidence_required=around.evidence_asked,
        check_required=around.check_asked,
        maximum_age=MAXIMUM_AGE if around.age_asked else None,
        purpose=PURPOSE[around.purpose],
    )


MOMENTS = {"sûre": Moment(AT, TODAY), "douteuse": Moment(AT, TODAY, trusted=False)}


def ask_the_gate(case: Case) -> str:
    return _answer(case, _reading(case))


def ask_as_the_register_does(case: Case) -> str:
    """An authorization within limits is a line of the register, which is a limit as well (sentence 4)."""
    reading = _reading(case)
    assert isinstance(reading, KnownPatient)
    return _answer(case, replace(reading, facts=with_limits(reading.facts)))


def _answer(case: Case, reading: RegisterReading) -> str:
    decision = decide(
        DocumentId("01JD0000000000000000000001"),
        PatientRef("P-0001"),
        DOC_TYPE[case.around.doc_type],
        reading,
        MOMENTS[case.around.clock],
        _policy(case.around),
    )
    return OPEN if isinstance(decision, Clearance) else decision.reason.value


TABLE = read_table()


def disagreements(cases: Iterable[Case]) -> tuple[int, str]:
    """How many cases were asked, and in words where table and gate differ: one case of each difference."""
    found: defaultdict[tuple[int, str, str], list[Case]] = defaultdict(list)
    asked = 0
    for case in cases:
        asked += 1
        told, answer = TABLE.answer(case), ask_the_gate(case)
        if answer != told.answer:
            found[told.rule, told.answer, answer].append(case)
    lines = [
        f"règle {rule} : la table dit {told}, le barrage {answer} ({len(cases)} cas)\n    {cases[0]}"
        for (rule, told, answer), cases in sorted(found.items())
    ]
    return asked, "\n".join(lines)


def agree(cases: Iterable[Case], at_least: int) -> None:
    asked, told = disagreements(cases)
    assert not told, f"\n{told}"
    assert asked >= at_least


@pytest.mark.parametrize("base", [0, 1], ids=["nothing-else", "open-otherwise"])
@pytest.mark.parametrize(("count", "least"), [(0, 3), (1, 390), (2, 23_000)])
def test_the_gate_agrees_with_the_table_on_each_kind_and_each_pair_of_kinds(count: int, least: int, base: int) -> None:
    agree(product_of(count, base, every_choice, (*DAYS, TAKEN_BACK)), least)


def test_the_gate_agrees_with_the_table_on_each_three_kinds_of_fact() -> None:
    agree(product_of(3, 0, all_stands), 100_000)


def test_the_gate_agrees_with_the_table_on_each_three_kinds_of_fact_in_an_open_record() -> None:
    """With the document types in turn, and all that could have ended ended; the rest is for the slow tests."""
    agree(product_of(3, 1, all_ended, in_turn=True), 35_000)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("base", [0, 1], ids=["nothing-else", "open-otherwise"])
def test_the_gate_agrees_with_the_table_on_each_three_kinds_of_fact_in_every_circumstance(base: int) -> None:
    agree(product_of(3, base, every_choice), 340_000)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("choice", [all_stands, all_ended])
@pytest.mark.parametrize("base", [0, 1], ids=["nothing-else", "open-otherwise"])
def test_the_gate_agrees_with_the_table_on_each_four_kinds_of_fact(base: int, choice: Choice) -> None:
    agree(product_of(4, base, choice), 1_000_000)


@pytest.mark.parametrize("base", [0, 1], ids=["nothing-else", "open-otherwise"])
def test_a_line_that_authorizes_within_limits_is_an_authorization_and_a_limit_of_the_table(base: int) -> None:
    asked, found = 0, []
    for case in lines_within_limits(base):
        limits = {_AS_A_LINE[kind]: day for kind, day in case.facts.items() if kind in _AS_A_LINE}
        told, answer = TABLE.answer(replace(case, facts={**case.facts, **limits})), ask_as_the_register_does(case)
        asked += 1
        if told.answer != answer:
            found.append(f"la table dit {told.answer}, le barrage {answer} : {case}")
    assert not found, found[0]
    assert asked >= 3_000


_AS_A_LINE = {BY_TYPE: LIMIT_TYPE, BY_PURPOSE: LIMIT_PURPOSE, FOR_A_TIME: LIMIT_TIME}


def lines_within_limits(base: int) -> Iterator[Case]:
    """Every such line, alone and with every other kind of fact but limits of their own and other such lines."""
    for count in (1, 2):
        for case in product_of(count, base, every_choice):
            kinds = case.facts.keys()
            if len(kinds & _AS_A_LINE.keys()) == 1 and not kinds & set(LIMITS):
                yield case


def test_the_gate_agrees_with_the_table_under_every_contract() -> None:
    agree(contracts(), 12_000)


def test_the_gate_agrees_with_the_table_in_every_state_of_register_clock_and_roster() -> None:
    agree(registers(), 4_000)


def _quick_cases() -> Iterator[Case]:
    yield from contracts()
    yield from registers()
    for base in (0, 1):
        for count in (0, 1, 2):
            yield from product_of(count, base, every_choice, (*DAYS, TAKEN_BACK))


def test_every_rule_of_the_table_decides_some_case_and_every_case_has_a_rule() -> None:
    table = read_table()
    answers = {table.answer(case).answer for case in _quick_cases()}
    every = {rule.number for rule in (*table.whole, *table.each)}
    assert every - table.hit == set()
    assert answers == {OPEN, *(reason.value for reason in Reason)}


def test_the_table_can_be_read_without_its_program() -> None:
    table = read_table()
    rules = (*table.whole, *table.each)
    assert [rule.number for rule in rules] == list(range(1, len(rules) + 1))
    assert all(rule.sentences and rule.sentences <= set(range(1, 13)) for rule in rules)
    assert all(rule.why.endswith((".", ")")) for rule in rules)
    assert {rule.answer for rule in rules} == {OPEN, BEST, ENDED, *(reason.value for reason in Reason)}
    assert set(FURTHEST) < {rule.answer for rule in rules}
    assert {number for rule in rules for number in rule.sentences} == set(range(1, 13))
