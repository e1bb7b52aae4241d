"""Whose a page is, by layouts of French medical paper written against it: what passes, what is held for nothing.

    python -m bench.whose [--list]

`bench/layouts/` has invented pages, line by line, and the invented people of two rosters: `strangers.txt`, somebody
else's page behind a missed sheet (each is to be held), `nobodys.txt`, stacks of which the paper alone says whose they
are, `ordinary.txt`, later pages of the right patient who names others by the way (none is to be held). Some cannot be
decided by anybody from that page alone. `--list` names those that come out otherwise.
"""

import argparse
import csv
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from consent_gate.model import DocumentId, Patient, PatientRef
from pipeline.identify import check_identity
from pipeline.identity.evidence import Search, evidence_of
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import normalise
from pipeline.identity.verdict import Opening, decide, split_by_identity
from pipeline.model import Held, Recognised, RecognisedPage, Separator
from tests.evidence_fixtures import CLIENT_NUMBER, TODAY, laid

_LAYOUTS: Final = Path(__file__).with_name("layouts")
_DOCUMENT: Final = DocumentId("01J00000000000000000000000")
_ZONE: Final = 0.35
_PAGE: Final = 3508
"""Pixels of an A4 page's height at 300 dpi."""
_BENEATH: Final = "~~~"
_LINES: Final = 21
"""Lines of a layout that lie in the zone."""


@dataclass(frozen=True, slots=True)
class Layout:
    """One of a file: `head` are the words between its number and what it is."""

    number: str
    head: tuple[str, ...]
    what: str
    text: str


def layouts(name: str) -> Iterator[Layout]:
    for part in ("\n" + (_LAYOUTS / name).read_text(encoding="utf-8")).split("\n## ")[1:]:
        first, _, text = part.partition("\n")
        head, _, what = first.partition(" | ")
        number, *words = head.split()
        yield Layout(number, tuple(words), what, text)


def people() -> dict[str, Patient]:
    with (_LAYOUTS / "people.csv").open(encoding="utf-8", newline="") as source:
        return {row["reference"]: _patient(row) for row in csv.DictReader(source)}


def _patient(row: dict[str, str]) -> Patient:
    given = tuple(row["given_names"].split(";"))
    day = date.fromisoformat(row["birth_date"])
    reference, usage = PatientRef(row["reference"]), row["usage_name"] or None
    return Patient(reference, row["birth_name"], usage, given, day, row["sex"], row["ins"] or None)


@dataclass(frozen=True, slots=True)
class Station:
    """What judges: the roster, and the rule of two sources."""

    roster: RosterIndex

    def outcomes(self, texts: Sequence[str], opening: Opening, codes: Sequence[str] = ()) -> list[str]:
        """Of each document that the pages make: the reference of whose it is, or `held`."""
        claimed = opening.claim.patient if opening.claim else None
        search = Search(self.roster, "trial", TODAY, claimed, CLIENT_NUMBER)
        pages = [laid(_moved(text)) for text in texts]
        zones = [tuple(word for word in page if word.y0 < _ZONE * _PAGE) for page in pages]
        seen = [evidence_of(zone, () if at else codes, search) for at, zone in enumerate(zones)]
        parts = [range(len(texts))] if opening.bounded else split_by_identity(seen, self.roster)
        found = []
        for part in parts:
            one = decide(_DOCUMENT, opening, [seen[at] for at in part], self.roster)
            if isinstance(one, Held):
                found.append("held")
                continue
            read = Recognised(_DOCUMENT, tuple(RecognisedPage(pages[at], 0, ()) for at in part), "none")
            whole = Search(self.roster, "trial", TODAY, one.patient, CLIENT_NUMBER)
            held = isinstance(check_identity(read, one.patient, whole), Held)
            found.append("held" if held else one.patient)
        return found


def _moved(text: str) -> str:
    """What follows the mark, beneath the zone."""
    head, mark, rest = text.partition(_BENEATH)
    return head + "\n" * max(1, _LINES - head.count("\n")) + rest.lstrip("\n") if mark else text


def first_page(own: Patient) -> str:
    title, ending = ("Mme", "e") if own.sex == "F" else ("M.", "")
    name = f"{own.usage_name} née {own.birth_name}" if own.usage_name else own.birth_name
    born = f"né{ending} le {own.birth_date:%d/%m/%Y}"
    return f"{title} {name} {own.given_names[0]}, {born}\nNIR : {own.ins}"


def datamatrix(own: Patient) -> str:
    """The text of the patient's INS datamatrix, of the test domain."""
    given = " ".join(normalise(name) for name in own.given_names)
    traits = f"S3{given}\x1dS4{normalise(own.birth_name)}\x1dS5{own.sex}S6{own.birth_date:%d-%m-%Y}"
    return f"IS01{'0' * 22}S1{own.ins}S21.2.250.1.213.1.4.10\x1d{traits}"


def behind_a_first_page(name: str, station: Station, known: dict[str, Patient]) -> Iterator[tuple[Layout, bool]]:
    """Each layout of a file as the second page of its patient's document, and whether that was deposited."""
    for one in layouts(name):
        own = known[one.head[0]]
        opening = Opening(Separator(own.ref, None, None))
        yield one, station.outcomes([first_page(own), one.text], opening) == [own.ref]


def by_themselves(station: Station, known: dict[str, Patient]) -> Iterator[tuple[Layout, list[str], list[str]]]:
    """Each stack of `nobodys.txt`: what was to become of its documents, and what became of them."""
    for one in layouts("nobodys.txt"):
        wanted, flags = one.head[0].split(","), dict((flag + "=").split("=")[:2] for flag in one.head[1].split(","))
        claim = Separator(PatientRef(flags["sheet"]), None, None) if "sheet" in flags else None
        opening = Opening(claim, bounded="unb" not in flags, labelled="labelled" in flags)
        codes = (datamatrix(known[flags["dm"]]),) if "dm" in flags else ()
        yield one, wanted, station.outcomes(one.text.split("\n====\n"), opening, codes)


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--list", action="store_true", help="name those that come out otherwise")
    listed = options.parse_args().list
    known = people()
    station = Station(RosterIndex(known.values()))
    strangers = list(behind_a_first_page("strangers.txt", station, known))
    passed = [one for one, deposited in strangers if deposited]
    ordinary = list(behind_a_first_page("ordinary.txt", station, known))
    held = [one for one, deposited in ordinary if not deposited]
    stacks = list(by_themselves(station, known))
    wrong = [one for one, wanted, found in stacks if {*found} - {*wanted, "held"}]
    idle = [one for one, wanted, found in stacks if {*wanted} - {*found, "held"}]
    print(f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}")
    print(f"{len(known)} people on the roster\n")
    print(f"somebody else's page behind a missed sheet: {len(passed)} of {len(strangers)} not seen")
    print(f"stacks by what is printed: {len(wrong)} of {len(stacks)} deposited as another's, {len(idle)} not decided")
    print(f"ordinary pages of the right patient: {len(held)} of {len(ordinary)} held")
    for title, found in (("not seen", passed), ("as another's", wrong), ("not decided", idle), ("held", held)):
        for one in found if listed else ():
            print(f"{title:<13} {one.number:<6} {one.what}")


if __name__ == "__main__":
    main()
