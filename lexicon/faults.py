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
EXIT_PERSON: Final = 10
EXIT_INTERRUPTED: Final = 130


_EXITS: Final = {
    "accounts-unbalanced": EXIT_EVIDENCE,
    "already-running": EXIT_RUNNING,
    "changed-while-read": EXIT_UNEXPECTED,
    "csv-column-missing": EXIT_REGISTER,
    "csv-column-twice": EXIT_REGISTER,
    "csv-empty": EXIT_REGISTER,
    "csv-encoding": EXIT_REGISTER,
    "csv-malformed": EXIT_REGISTER,
    "csv-not-text": EXIT_REGISTER,
    "csv-too-large": EXIT_REGISTER,
    "database-away": EXIT_REGISTER,
    "database-newer": EXIT_REGISTER,
    "database-taken": EXIT_REGISTER,
    "database-unfit": EXIT_REGISTER,
    "database-unsafe": EXIT_REGISTER,
    "database-unusable": EXIT_REGISTER,
    "disk-full": EXIT_UNEXPECTED,
    "disk-unusable": EXIT_UNEXPECTED,
    "fhir-bundle-partial": EXIT_REGISTER,
    "fhir-bundle-type": EXIT_REGISTER,
    "fhir-malformed": EXIT_REGISTER,
    "fhir-not-set-up": EXIT_REGISTER,
    "first-person-administrator": EXIT_PERSON,
    "four-eyes-needed": EXIT_PERSON,
    "identity-key-unreadable": EXIT_PERSON,
    "import-is-undo": EXIT_REGISTER,
    "import-not-register": EXIT_REGISTER,
    "import-undone": EXIT_REGISTER,
    "import-unknown": EXIT_REGISTER,
    "last-administrator": EXIT_PERSON,
    "patient-not-on-roster": EXIT_REGISTER,
    "patient-without-ins": EXIT_REGISTER,
    "person-confirmation-wrong": EXIT_PERSON,
    "person-disabled": EXIT_PERSON,
    "person-locked": EXIT_PERSON,
    "person-unknown": EXIT_PERSON,
    "program-missing": EXIT_PROGRAM_MISSING,
    "register-unreadable": EXIT_REGISTER,
    "role-insufficient": EXIT_PERSON,
    "second-factor-missing": EXIT_PERSON,
    "second-factor-replayed": EXIT_PERSON,
    "second-factor-too-soon": EXIT_PERSON,
    "second-factor-wrong": EXIT_PERSON,
    "second-person-same": EXIT_PERSON,
    "sheet-bomb": EXIT_REGISTER,
    "sheet-column-hidden": EXIT_REGISTER,
    "sheet-column-missing": EXIT_REGISTER,
    "sheet-column-twice": EXIT_REGISTER,
    "sheet-column-unknown": EXIT_REGISTER,
    "sheet-empty": EXIT_REGISTER,
    "sheet-encrypted": EXIT_REGISTER,
    "sheet-format-conditional": EXIT_REGISTER,
    "sheet-header-missing": EXIT_REGISTER,
    "sheet-header-unclear": EXIT_REGISTER,
    "sheet-malformed": EXIT_REGISTER,
    "sheet-several": EXIT_REGISTER,
    "sheet-table-above": EXIT_REGISTER,
    "sheet-too-large": EXIT_REGISTER,
    "sheet-unsupported": EXIT_REGISTER,
    "statement-unusable": EXIT_REGISTER,
    "work-unwritable": EXIT_UNEXPECTED,
}
"""Codes whose exit is not their family's."""


class Fault(Exception):
    """A failure with a stable `code` (kebab-case) and harmless `facts`.

    The code is the JSON field, the documentation anchor and the key of its French and English
    sentences in `lexicon.catalogue`. `facts` fill the sentence: numbers, settings, paths of the
    station. Never a name, an INS, a text of a record, a key, or the name of a scanned file.
    """

    family_exit: ClassVar[int] = EXIT_UNEXPECTED

    def __init__(self, code: str, **facts: int | str) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @property
    def exit_code(self) -> int:
        """What the command ends with when this fault ends it (documented in docs/reference/exit-codes.md)."""
        return _EXITS.get(self.code, self.family_exit)

    def __reduce__(self) -> tuple[object, ...]:
        return _revive, (type(self), self.code, self.facts)


def exit_of_passing(code: str) -> int:
    """What a run ends with that a passing fault kept from its end: the host's, or the disk's, or the database's."""
    return _EXITS.get(code, EXIT_HOST)


def _revive(family: type[Fault], code: str, facts: dict[str, int | str]) -> Fault:
    return family(code, **facts)


class SheetFault(Fault):
    """This file or page cannot be used: it is set aside with its reason, and the work goes on."""


class HostFault(Fault):
    """The host did not do what it was asked: retry with back-off, then tell."""

    family_exit = EXIT_HOST


class StationFault(Fault):
    """The station cannot go on: stop and tell what to do."""

    family_exit = EXIT_CONFIGURATION


class TamperFault(Fault):
    """Evidence, envelope or clearance is not what it must be: stop and raise the alarm."""

    family_exit = EXIT_EVIDENCE
