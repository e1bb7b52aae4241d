"""What can go wrong, by who must act: four families of faults, each fault a stable code and one remedy."""

from typing import ClassVar, Final

EXIT_DONE: Final = 0
EXIT_UNEXPECTED: Final = 1
EXIT_USAGE: Final = 2
EXIT_WAITING: Final = 3
EXIT_CONFIGURATION: Final = 4
EXIT_PROGRAM_MISSING: Final = 5
EXIT_REGISTER: Final = 6
EXIT_HOST: Final = 7
EXIT_EVIDENCE: Final = 8
EXIT_RUNNING: Final = 9
EXIT_INTERRUPTED: Final = 130


class Fault(Exception):
    """A failure with a stable `code` (kebab-case) and harmless `facts`.

    The code is the JSON field, the documentation anchor and the key of its French and English
    sentences in `lexicon.catalogue`. `facts` fill the sentence: numbers, settings, paths of the
    station. Never a name, an INS, a text of a record, a key, or the name of a scanned file.
    """

    exit_code: ClassVar[int] = EXIT_UNEXPECTED

    def __init__(self, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        return _revive, (type(self), self.code, self.facts)


def _revive(family: type[Fault], code: str, facts: dict[str, int | str]) -> Fault:
    return family(code, **facts)


class SheetFault(Fault):
    """This file or page cannot be used: it is set aside with its reason, and the work goes on."""


class HostFault(Fault):
    """The host did not do what it was asked: retry with back-off, then tell."""

    exit_code = EXIT_HOST


class StationFault(Fault):
    """The station cannot go on: stop and tell what to do."""

    exit_code = EXIT_CONFIGURATION


class TamperFault(Fault):
    """Evidence, envelope or clearance is not what it must be: stop and raise the alarm."""

    exit_code = EXIT_EVIDENCE
