"""Sequences of everything that may happen to a station and its register, drawn by Hypothesis."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.stateful_oracle import GRANTED, LIFTED, OPPOSED, REFUSED, WITHDRAWN, Said
from tests.stateful_station import MATTERS, PARTS, PATIENTS, TYPES, UNKNOWN, Life, Part, Template

STEPS: Final = 8
"""Of a sequence; each ends with the host back, a new start, work to the end, and the judgement."""
_FEW, _SOME, _MANY = 24, 80, 120
"""Effects of an import, a review or a taking, of one document's journey, and of some work: about so many."""

_patients = st.sampled_from(PATIENTS)
_kinds = st.sampled_from(TYPES)
_back = st.integers(0, 2)
_types = st.sampled_from((None, None, frozenset({"certificat"}), frozenset({"resultats_labo"})))


@dataclass
class Tally:
    """Over all sequences."""

    sequences: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)


class _Lives(RuleBasedStateMachine):
    """What may happen, in any order. Days are counted back from the one that it is."""

    template: Template
    folder: Path
    tally: Tally

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(self.template, self.folder)

    def _says(self, who: str, kind: str, back: int, matter: str = "") -> None:
        self.life.says(Said(who, kind, self.life.day - timedelta(days=back), matter=matter))

    @rule(who=_patients, back=_back, types=_types)
    def authorize(self, who: str, back: int, types: frozenset[str] | None) -> None:
        self.life.says(Said(who, GRANTED, self.life.day - timedelta(days=back), types=types))

    @rule(who=_patients)
    def grant_again(self, who: str) -> None:
        """Later than whatever was said."""
        self.life.day_passes()
        self._says(who, GRANTED, 0)

    @rule(who=_patients, back=_back, lasts=st.integers(0, 2))
    def authorize_for_a_time(self, who: str, back: int, lasts: int) -> None:
        on = self.life.day - timedelta(days=back)
        self.life.says(Said(who, GRANTED, on, on + timedelta(days=lasts)))

    @rule(who=_patients, back=_back)
    def refuse(self, who: str, back: int) -> None:
        self._says(who, REFUSED, back)

    @rule(who=_patients, back=_back)
    def withdraw(self, who: str, back: int) -> None:
        self._says(who, WITHDRAWN, back)

    @rule(who=_patients, back=_back, matter=st.sampled_from(MATTERS))
    def oppose(self, who: str, back: int, matter: str) -> None:
        self._says(who, OPPOSED, back, matter)

    @rule(who=_patients, back=_back, matter=st.sampled_from(MATTERS))
    def lift(self, who: str, back: int, matter: str) -> None:
        self._says(who, LIFTED, back, matter)

    @initialize(who=_patients, kind=_kinds, part=st.sampled_from(PARTS))
    def begin(self, who: str, kind: str | None, part: Part) -> None:
        self.life.scans(who, kind)
        self.life.works(part)

    @rule(who=st.sampled_from((*PATIENTS, *PATIENTS, UNKNOWN)), kind=_kinds)
    def scan(self, who: str, kind: str | None) -> None:
        self.life.scans(who, kind)

    @rule(part=st.sampled_from(PARTS))
    def work(self, part: Part) -> None:
        self.life.works(part)

    @rule(who=_patients, part=st.sampled_from(PARTS))
    def scan_and_work(self, who: str, part: Part) -> None:
        self.life.scans(who, TYPES[0])
        self.life.works(part)

    @rule(
        who=_patients,
        kind=st.sampled_from((WITHDRAWN, WITHDRAWN, REFUSED, OPPOSED, GRANTED)),
        effect=st.integers(1, _SOME),
        part=st.sampled_from(("prepare", "whole")),
    )
    def speak_amid_work(self, who: str, kind: str, effect: int, part: Part) -> None:
        """A new scan of a patient who says no (or yes) while it travels."""
        self.life.scans(who, TYPES[0])
        said = Said(who, kind, self.life.day, matter=MATTERS[0] if kind == OPPOSED else "")
        self.life.works_while(part, effect, said)

    @rule(effect=st.integers(1, _MANY), part=st.sampled_from(("prepare", "whole", "whole")))
    def crash_at_work(self, effect: int, part: Part) -> None:
        self.life.crashes(effect, "work", 0, part, Said(PATIENTS[0], GRANTED, self.life.day))

    @rule(
        effect=st.integers(1, _FEW),
        what=st.sampled_from(("import", "scan", "review")),
        number=st.integers(0, 3),
        who=_patients,
        kind=st.sampled_from((GRANTED, WITHDRAWN)),
    )
    def crash_elsewhere(self, effect: int, what: str, number: int, who: str, kind: str) -> None:
        self.life.crashes(effect, what, number, "open", Said(who, kind, self.life.day))

    @rule()
    def host_goes_or_comes_back(self) -> None:
        if self.life.host_is_there:
            self.life.host_away()
        else:
            self.life.host_back()

    @rule(number=st.integers(0, 3), maintain=st.booleans())
    def review(self, number: int, maintain: bool) -> None:  # noqa: FBT001  drawn
        self.life.reviews(number, maintain=maintain)

    @rule()
    def day(self) -> None:
        self.life.day_passes()

    def teardown(self) -> None:
        try:
            self.life.end()
        finally:
            self.tally.sequences += 1
            self.tally.rules += self.life.happened
            self.tally.documents += self.life.outcomes
            self.life.close()


def run_sequences(
    template: Template, folder: Path, count: int, *, seed: int | None = None, shrink: bool = True
) -> Tally:
    """So many sequences; without a seed always the same. Raises AssertionError with the smallest that does not hold."""
    told = Tally()
    made = type("Lives", (_Lives,), {"template": template, "folder": folder, "tally": told})
    if seed is not None:
        hypothesis.seed(seed)(made)
    run_state_machine_as_test(
        made,
        settings=settings(
            max_examples=count,
            stateful_step_count=STEPS,
            derandomize=seed is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        ),
    )
    return told
