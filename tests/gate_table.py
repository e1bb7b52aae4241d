"""The gate's decision table (`decision_table.csv`): how it is read, and the cases that it is asked.

Written from the sentences of `docs/adr/0023-gate-in-sentences.md` alone; nothing here knows how the gate answers.
A case says of each kind of fact on which day it lies (`avant`, `jour`, `après`; facts of one word share one day) or
that it was taken back (`rétracté`), and in which circumstances the gate is asked. How a person reads the table:
`docs/fr/table-de-decision.md`.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, cycle, product
from pathlib import Path
from typing import Final

PATH: Final = Path(__file__).with_name("decision_table.csv")

BEFORE, ON, AFTER, TAKEN_BACK, NONE = "avant", "jour", "après", "rétracté", "non"
DAYS: Final = (BEFORE, ON, AFTER)
OPEN: Final = "ouvert"
BEST: Final = "voir autorisations"
ENDED: Final = "écartée"

FURTHEST: Final = (
    "no-authorization",
    "not-yet-in-force",
    "expired",
    "authority-ended",
    "out-of-scope",
    "type-needed",
    "information-missing",
    "evidence-missing",
    "evidence-unchecked",
    OPEN,
)
"""Sentence 11: of several authorizations, the one that comes furthest answers."""

GENERAL: Final = "autorisation"
BARE: Final = "autorisation sans preuve"
BY_TYPE: Final = "autorisation par type"
BY_PURPOSE: Final = "autorisation par finalité"
FOR_A_TIME: Final = "autorisation à durée"
PARENTS: Final = "autorisation des parents"
GUARDIAN: Final = "autorisation du tuteur"
AUTHORIZATIONS: Final = (GENERAL, BARE, BY_TYPE, BY_PURPOSE, FOR_A_TIME, PARENTS, GUARDIAN)
LIMIT_TYPE, LIMIT_PURPOSE, LIMIT_TIME = "limite par type", "limite par finalité", "limite de durée"
LIMITS: Final = (LIMIT_TYPE, LIMIT_PURPOSE, LIMIT_TIME)
NOTICE, REFUSAL, WITHDRAWAL = "information", "refus", "retrait"
OBSTACLES: Final = (
    "décès",
    "ligne inutilisable",
    "ligne réglée",
    "opposition hébergement",
    "levée hébergement",
    "opposition accès",
    "levée accès",
    "opposition transmission",
    "levée transmission",
    REFUSAL,
    WITHDRAWAL,
)
KINDS: Final = (NOTICE, *AUTHORIZATIONS, *LIMITS, *OBSTACLES)

EVIDENCE: Final = (
    "absente",
    "orale sans témoin",
    "non vérifiée",
    "vérifiée plus tard",
    "rejetée",
    "vérifiée",
    "vérifiée puis rejetée",
    "rejetée puis vérifiée",
)


LONG_AGO: Final = "longtemps"
"""Of the 18th birthday: before whatever was said."""
_FEW: Final = 2


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that is not a dated fact, in the words of the table's columns."""

    doc_type: str = "dans"
    purpose: str = "dans"
    last_day: str = AFTER
    """Of an authorization for a time, and of a limit in time."""
    eighteen: str = LONG_AGO
    guardian_until: str = NONE
    evidence: str = "vérifiée"
    notice_asked: bool = True
    evidence_asked: bool = True
    check_asked: bool = True
    age_asked: bool = True
    register: str = "lisible"
    clock: str = "sûre"
    patient: str = "connu"


STRICT: Final = Circumstances()
LAX: Final = Circumstances(notice_asked=False, evidence_asked=False, check_asked=False, age_asked=False)
"""Two contracts: all that can be asked, and nothing of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the gate."""

    facts: Mapping[str, str]
    """Kind to the day word, or `rétracté`; kinds that are absent are not there."""
    around: Circumstances

    def __str__(self) -> str:
        said = ", ".join(f"{kind} {day}" for kind, day in self.facts.items()) or "aucun fait"
        around = self.around
        asked = (around.notice_asked, around.evidence_asked, around.check_asked, around.age_asked)
        words = ("information", "preuve", "vérification", "âge")
        contract = ", ".join(word for word, wanted in zip(words, asked, strict=True) if wanted) or "rien"
        return (
            f"{said} | type {around.doc_type}, finalité {around.purpose}, dernier jour {around.last_day}, "
            f"18 ans {around.eighteen}, fin de tutelle {around.guardian_until}, preuve {around.evidence} | "
            f"exigé : {contract} | registre {around.register}, horloge {around.clock}, patient {around.patient}"
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: the cells that ask something, as sets of words."""

    number: int
    cells: tuple[tuple[str, frozenset[str]], ...]
    answer: str
    sentences: frozenset[int]
    why: str

    def fits(self, words: Mapping[str, str]) -> bool:
        return all(words[column] in wanted for column, wanted in self.cells)


_SAID: Final = ("n°", "partie", "réponse", "phrase", "explication")


def _rule(line: Mapping[str, str]) -> Rule:
    cells = []
    for column, cell in line.items():
        if column in _SAID or cell == "-":
            continue
        wanted = frozenset(cell.split("|"))
        cells.append((column, wanted | {TAKEN_BACK} if NONE in wanted else wanted))
    sentences = frozenset(int(number) for number in line["phrase"].split(","))
    return Rule(int(line["n°"]), tuple(cells), line["réponse"], sentences, line["explication"])


@dataclass(frozen=True, slots=True)
class Answered:
    """What the table answers: `ouvert` or a reason's slug, and the number of the rule that says so."""

    answer: str
    rule: int


@dataclass(slots=True)
class Table:
    """The table as read, and which of its rules decided something so far."""

    whole: tuple[Rule, ...]
    """The rules of the part `dossier`."""
    each: tuple[Rule, ...]
    """The rules of the part `autorisation`."""
    columns: tuple[str, ...]
    hit: set[int] = field(default_factory=set)
    _known: dict[tuple[str, ...], Rule] = field(default_factory=dict)

    def answer(self, case: Case) -> Answered:
        """Raise `LookupError` where no rule fits: then the table is not total."""
        rule = self._first(self.whole, whole_words(case))
        if rule.answer != BEST:
            return Answered(rule.answer, rule.number)
        standing = [kind for kind in AUTHORIZATIONS if case.facts.get(kind) in DAYS]
        judged = [self._first(self.each, each_words(case, kind)) for kind in standing]
        best = max((rule for rule in judged if rule.answer != ENDED), key=lambda rule: FURTHEST.index(rule.answer))
        return Answered(best.answer, best.number)

    def _first(self, rules: tuple[Rule, ...], words: Mapping[str, str]) -> Rule:
        key = tuple(words.values())
        if key not in self._known:
            found = next((rule for rule in rules if rule.fits(words)), None)
            if found is None:
                raise LookupError(words)
            self._known[key] = found
            self.hit.add(found.number)
        return self._known[key]


def read_table(path: Path = PATH) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, delimiter=";", strict=True)
        lines = list(reader)
        columns = tuple(reader.fieldnames or ())
    whole, each = (
        tuple(_rule(line) for line in lines if line["partie"] == name) for name in ("dossier", "autorisation")
    )
    return Table(whole, each, columns)


def _latest_authorization(facts: Mapping[str, str]) -> str:
    days = {facts.get(kind, NONE) for kind in AUTHORIZATIONS}
    return next(word for word in (ON, BEFORE, AFTER, TAKEN_BACK, NONE) if word in days)


def whole_words(case: Case) -> dict[str, str]:
    """The words of the columns that the part `dossier` reads."""
    around = case.around
    words = {kind: case.facts.get(kind, NONE) for kind in OBSTACLES}
    words["dernière autorisation"] = _latest_authorization(case.facts)
    words |= {"registre": around.register, "horloge": around.clock, "patient": around.patient}
    words["âge maximal"] = _asked(around.age_asked)
    return words


def _asked(wanted: bool) -> str:  # noqa: FBT001
    return "exigé" if wanted else "libre"


def _since(fact: str, authorization: str, earlier: str) -> str:
    """Where a fact lies for an authorization: `depuis` is its own day or later, and not after the day judged."""
    if fact not in (BEFORE, ON):
        return NONE
    return earlier if DAYS.index(fact) < DAYS.index(authorization) else "depuis"


def each_words(case: Case, kind: str) -> dict[str, str]:
    """The words of the columns that the part `autorisation` reads, for one authorization of the case."""
    around, own = case.around, case.facts[kind]
    words = {"cette autorisation": own, "donnée par": {PARENTS: "parents", GUARDIAN: "tuteur"}.get(kind, "patient")}
    words["18 ans"] = around.eighteen
    words["fin de tutelle"] = around.guardian_until
    words["types nommés"] = "oui" if kind == BY_TYPE else NONE
    words["finalités nommées"] = "oui" if kind == BY_PURPOSE else NONE
    words["dernier jour"] = around.last_day if kind == FOR_A_TIME else NONE
    words |= {no: _since(case.facts.get(no, NONE), own, "antérieur") for no in (REFUSAL, WITHDRAWAL)}
    words |= {limit: _since(case.facts.get(limit, NONE), own, "antérieure") for limit in LIMITS}
    if words[LIMIT_TIME] == "depuis":
        words[LIMIT_TIME] = "depuis, échue" if around.last_day == BEFORE else "depuis, en cours"
    words |= {"type du document": around.doc_type, "finalité du contrat": around.purpose}
    words[NOTICE] = case.facts.get(NOTICE, NONE)
    words["preuve"] = "absente" if kind == BARE else around.evidence
    words["information exigée"] = _asked(around.notice_asked) + "e"
    words["preuve exigée"] = _asked(around.evidence_asked) + "e"
    words["vérification exigée"] = _asked(around.check_asked) + "e"
    return words


def can_be(facts: Mapping[str, str], last_day: str) -> bool:
    """Several limits of one day are for `test_gate_properties`, not for the table; no period ends before it began."""
    limits = [facts[kind] for kind in LIMITS if facts.get(kind, NONE) in DAYS]
    begun = [facts[kind] for kind in (FOR_A_TIME, LIMIT_TIME) if facts.get(kind, NONE) in DAYS]
    return len(set(limits)) == len(limits) and all(DAYS.index(day) <= DAYS.index(last_day) for day in begun)


def placed(count: int, words: Sequence[str] = DAYS) -> Iterator[dict[str, str]]:
    """Every choice of `count` kinds of fact, each on every day."""
    for kinds in combinations(KINDS, count):
        for days in product(words, repeat=count):
            yield dict(zip(kinds, days, strict=True))


_BASES: Final[tuple[tuple[dict[str, str], Circumstances], ...]] = (
    ({}, LAX),
    ({NOTICE: BEFORE, GENERAL: BEFORE}, STRICT),
)
"""Nothing else on record under a contract that asks nothing; and a patient open otherwise, under one that asks all."""

Choice = Callable[[Mapping[str, str]], Iterator[dict[str, str]]]


def every_choice(facts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """All circumstances that could matter to these facts, each combined with each."""
    some = facts.keys()
    yield from _combined(
        purpose=("dans", "hors") if some & {BY_PURPOSE, LIMIT_PURPOSE} else ("dans",),
        last_day=DAYS if some & {FOR_A_TIME, LIMIT_TIME} else (AFTER,),
        eighteen=_birthdays(some),
        guardian_until=(*DAYS, NONE) if GUARDIAN in some else (NONE,),
    )


def _birthdays(kinds: Collection[str]) -> tuple[str, ...]:
    """The 18th one: any where parents speak; where others do, any that is known, in cases of few facts."""
    if PARENTS in kinds:
        return (LONG_AGO, *DAYS, "inconnu")
    others = len(kinds) <= _FEW and not set(AUTHORIZATIONS).isdisjoint(kinds)
    return (LONG_AGO, *DAYS) if others else (LONG_AGO,)


def all_stands(_: Mapping[str, str]) -> Iterator[dict[str, str]]:
    yield {}


def all_ended(facts: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Whatever could have ended has, as far as it had begun, and the purpose is another."""
    begun = [facts[kind] for kind in (FOR_A_TIME, LIMIT_TIME) if kind in facts]
    last = max(begun, key=DAYS.index, default=AFTER)
    eighteen = ON if PARENTS in facts else LONG_AGO
    yield {"purpose": "hors", "last_day": last, "eighteen": eighteen, "guardian_until": BEFORE}


def _combined(**choices: Sequence[str]) -> Iterator[dict[str, str]]:
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


TYPES: Final = ("dans", "hors", "inconnu")


def product_of(
    count: int, base: int, choice: Choice, words: Sequence[str] = DAYS, *, in_turn: bool = False
) -> Iterator[Case]:
    """Every choice of kinds and days added to a base, for each document type, or `in_turn` for one type each."""
    others, around = _BASES[base]
    turn = cycle((kind,) for kind in TYPES)
    for added in placed(count, words):
        facts = others | added
        for chosen in choice(added):
            if can_be(facts, chosen.get("last_day", AFTER)):
                for doc_type in next(turn) if in_turn else TYPES:
                    yield Case(facts, _with(around, chosen | {"doc_type": doc_type}))


def _with(around: Circumstances, chosen: Mapping[str, str]) -> Circumstances:
    key = (around, *chosen.items())
    if key not in _MADE:
        names = Circumstances.__dataclass_fields__
        _MADE[key] = Circumstances(**({name: getattr(around, name) for name in names} | dict(chosen)))
    return _MADE[key]


_MADE: Final[dict[tuple[object, ...], Circumstances]] = {}


def contracts() -> Iterator[Case]:
    """Every contract, evidence, day of the notice (or none), with every authorization, and with two pairs of them."""
    wanted = product((False, True), repeat=3)
    kinds = [(kind,) for kind in AUTHORIZATIONS] + [(GENERAL, BARE), (BARE, BY_TYPE)]
    for (notice, evidence, check), word, authorizations in product(list(wanted), EVIDENCE, kinds):
        for informed, days in product((*DAYS, TAKEN_BACK, NONE), product(DAYS, repeat=len(authorizations))):
            facts = dict(zip(authorizations, days, strict=True))
            if informed != NONE:
                facts[NOTICE] = informed
            around = Circumstances(evidence=word, notice_asked=notice, evidence_asked=evidence, check_asked=check)
            yield Case(facts, around)


def registers() -> Iterator[Case]:
    """Every kind in every state of register, clock and roster, under a contract with and without a greatest age."""
    known = ("lisible", "illisible", "périmé", "jamais mis à jour")
    for register, clock, patient, aged in product(known, ("sûre", "douteuse"), ("connu", "inconnu"), (False, True)):
        around = Circumstances(age_asked=aged, register=register, clock=clock, patient=patient)
        for others, count in product((_BASES[0][0], _BASES[1][0]), (0, 1)):
            for added in placed(count):
                yield Case(others | added, around)
