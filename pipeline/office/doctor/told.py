"""How a check is told: a line of JSON, or a mark, its name, what is wrong and what to do."""

from typing import Final

from lexicon.catalogue import FAULTS
from lexicon.sentences import Language
from pipeline.office.answers import Answer
from pipeline.office.doctor.findings import Check, Outcome

_MARKS: Final = {Outcome.OK: "✓", Outcome.WARNING: "!", Outcome.FAULT: "✗", Outcome.NOT_CHECKED: "?"}
_NAMES: Final = 11
"""Letters of the longest name."""


def check_answer(check: Check) -> Answer:
    """As JSON has it. `facts` are the station's own numbers, paths and programs."""
    fault = check.fault
    return {
        "check": check.name,
        "outcome": check.outcome.value,
        "fault": fault.code if fault else None,
        "facts": dict(fault.facts if fault else check.seen),
    }


def check_text(check: Check, language: Language) -> str:
    """As a terminal shows it: one line, and a second with the remedy where there is something to do."""
    line = f"  {_MARKS[check.outcome]} {check.name.ljust(_NAMES)}"
    if check.fault is None:
        return f"{line} {', '.join(check.seen.values())}".rstrip()
    sentence, facts = FAULTS[check.fault.code], check.fault.facts
    what = f"{line} {sentence.what(language, **facts)} [{check.fault.code}]"
    return f"{what}\n    {' ' * _NAMES} {sentence.hint(language, **facts)}"
