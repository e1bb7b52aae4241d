"""Pages laid out by hand: words where a printer would put them, for the rooms that say whose a page is."""

import re
from collections.abc import Sequence
from datetime import date

from consent_gate.model import Patient, PatientRef
from pipeline.identity.evidence import PageEvidence, Search, evidence_of
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import key
from pipeline.model import Word

TODAY = date(2026, 11, 23)
HEIGHT = 40.0
"""Pixels of a line of 10 points at 300 dpi, its ascenders and descenders included."""
ADVANCE = 20.0
COLUMN = 70
"""Characters from one column to the next."""
CLIENT_NUMBER = re.compile(r"N° dossier ?: ?([A-Z]\d{3})")


def person(
    ref: str, name: str, given: str, born: str, *, order: int, usage: str | None = None, sex: str = "F"
) -> Patient:
    day = date.fromisoformat(born)
    first13 = f"{1 if sex == 'M' else 2}{day:%y%m}29{990 + order % 8 + 1}{order:03}"
    return Patient(PatientRef(ref), name, usage, tuple(given.split(", ")), day, sex, first13 + key(first13))


def laid(text: str, confidence: float = 92.0) -> tuple[Word, ...]:
    """Words of a page: a line a line, `|` where the next column begins, several blanks a gap of as many."""
    words = []
    for number, line in enumerate(text.split("\n")):
        for column, part in enumerate(line.split("|")):
            for found in re.finditer(r"\S+", part):
                x0 = 100 + (column * COLUMN + found.start()) * ADVANCE
                x1 = x0 + len(found[0]) * ADVANCE - 4
                base = 100 + 1.5 * HEIGHT * number
                words.append(Word(found[0], x0, base, x1, base, HEIGHT, confidence, number))
    return tuple(words)


def seen(
    text: str,
    roster: RosterIndex,
    *,
    claimed: Patient | None = None,
    codes: Sequence[str] = (),
    confidence: float = 92.0,
) -> PageEvidence:
    search = Search(roster, "trial", TODAY, claimed.ref if claimed else None, CLIENT_NUMBER)
    return evidence_of(laid(text, confidence), codes, search)


def sought(roster: RosterIndex, client_number: re.Pattern[str] | None = None) -> Search:
    """What a page is searched for on a trial station, of whomever it is."""
    return Search(roster, "trial", TODAY, None, client_number)


def said(evidence: PageEvidence) -> set[tuple[str, str]]:
    """The votes, as slug and reference."""
    return {(vote.source.value, str(vote.patient)) for vote in evidence.votes}
