"""Whose is this page, on a roster of 200,000: milliseconds a page, and whether anybody else is ever named.

    python -m bench.evidence [--patients N] [--pages N]

Half of the pages are patients' of the roster, half are of people whom it does not know; surnames and given names are
drawn from few, so that namesakes and people of one birth day are many more than in life.
"""

import argparse
import random
import sys
import time
from collections import Counter
from datetime import date, timedelta
from typing import Final

from consent_gate.model import Patient, PatientRef
from pipeline.identity.evidence import Search, evidence_of
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import key
from pipeline.identity.vocabulary import listed
from tests.evidence_fixtures import TODAY, laid

SURNAMES: Final = listed(
    """MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX DAVID
    BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER LEFEVRE FAURE ANDRE"""
)
SYLLABLES: Final = listed("BER CHA DEL FOU GAR LAN MAR NOR PEL QUI ROS SAL TER VAN ZEL BAU DIN GEL HOU JAR")
GIVEN: Final = listed(
    """Jean Marie Paul Sophie Camille Nicolas Anne Luc Thomas Martin Bernard Jean-Pierre Marie-Claude Zoé Inès Robert
    Étienne Maëlle Anaïs Noëlle Hugo Léa Louis Emma Gabriel Jade Arthur Louise Adam Alice"""
)
COMMON, MARRIED = 0.3, 0.2
"""Shares of common surnames, and of people with a usage name."""
LAYOUTS: Final = (
    "Dr {x} Nicolas|{c} {n} {g}\nRhumatologie|né(e) le {d:%d/%m/%Y}\nEmployeur : {y} SARL\nle 12/03/2024, {x} Robert",
    "Nom de naissance :|{n}\nPrénom :|{g}\nDate de naissance :|{d:%d/%m/%Y}\nMédecin : Dr {x} Paul\n{y} {x}",
    "LABORATOIRE {x}|{c} {n} {g}\nBiologiste : Dr {y} Anne|Né(e) le {d:%d/%m/%Y}\nPrélevé le 12/03/2024|INS : {i}",
    "Je soussigné, Dr {x} Jean, certifie avoir examiné {c} {g} {n}, né(e) le {d:%d/%m/%Y}, demeurant 12 rue {y}",
)


def invented(draw: random.Random, number: int) -> Patient:
    born = date(1950, 1, 1) + timedelta(days=draw.randrange(20_000))
    rare = "".join(draw.sample(SYLLABLES, 3))
    first13 = (
        f"{draw.randint(1, 2)}{born:%y%m}{draw.randint(1, 95):02}{draw.randint(1, 989):03}{draw.randint(1, 999):03}"
    )
    return Patient(
        PatientRef(f"R{number}"),
        draw.choice(SURNAMES) if draw.random() < COMMON else rare,
        draw.choice(SURNAMES) if draw.random() < MARRIED else None,
        tuple(draw.sample(GIVEN, 2)),
        born,
        "M" if first13[0] == "1" else "F",
        first13 + key(first13),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--patients", type=int, default=200_000)
    parser.add_argument("--pages", type=int, default=4_000)
    asked = parser.parse_args()
    draw = random.Random(5)  # noqa: S311  invented people
    roster = [invented(draw, number) for number in range(asked.patients)]
    index = RosterIndex(roster)
    seen: Counter[str] = Counter()
    seconds = 0.0
    for number in range(asked.pages):
        known = number % 2 == 0
        patient = draw.choice(roster) if known else invented(draw, -1)
        words = laid(
            draw.choice(LAYOUTS).format(
                n=patient.birth_name,
                g=patient.given_names[0],
                d=patient.birth_date,
                i=patient.ins if known else "",
                c=draw.choice(("M.", "Monsieur") if patient.sex == "M" else ("Mme", "Madame")),
                x=draw.choice(SURNAMES),
                y=draw.choice(SURNAMES),
            )
        )
        started = time.perf_counter()
        evidence = evidence_of(words, (), Search(index, "trial", TODAY))
        seconds += time.perf_counter() - started
        own = frozenset(one.ref for one in index.born_on([patient.birth_date]) if looks_like(one, patient))
        seen[f"{'known' if known else 'unknown'}: {told(evidence.patients, own)}"] += 1
    print(f"{asked.patients} patients, {asked.pages} pages, {1000 * seconds / asked.pages:.1f} ms a page")
    for what, count in sorted(seen.items()):
        print(f"{what:32} {count}")
    return 0


def looks_like(one: Patient, patient: Patient) -> bool:
    """Whether a patient is the page's, or has all that it shows: birth name, first given name and birth date."""
    return one.birth_name == patient.birth_name and patient.given_names[0] in one.given_names


def told(named: frozenset[PatientRef], own: frozenset[PatientRef]) -> str:
    """What a page's votes are: its own patient (or one who is the same in all that it shows), nobody, somebody else."""
    return "nobody" if not named else "its own patient" if named <= own else "somebody else"


if __name__ == "__main__":
    sys.exit(main())
