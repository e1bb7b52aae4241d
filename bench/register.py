"""A register of many patients: how fast it is imported, and how long one decision takes over it.

    python bench/register.py [--patients 200000] [--facts 500000] [--asked 2000]

A trial station does what it does in production: sealed rows, blind indexes, a seal over each patient's facts, a ledger
entry an import. Each decision is asked alone, with its own reading of roster and register, and written to nobody.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from consent_gate.gate import decide
from consent_gate.imports import LineOutcome
from consent_gate.model import DocumentId, PatientRef, Refused
from pipeline.identity.traits import key
from pipeline.office.founding import Founding, found
from pipeline.station import Station, open_station

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SEED: Final = 3


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--patients", type=int, default=200_000)
    options.add_argument("--facts", type=int, default=500_000)
    options.add_argument("--asked", type=int, default=2_000)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        station = _station(Path(folder))
        try:
            _imports(station, chosen.patients, chosen.facts)
            _decisions(station, chosen.patients, chosen.asked)
        finally:
            station.close()


def _imports(station: Station, patients: int, facts: int) -> None:
    _import(station, "roster", _roster(patients))
    _import(station, "register", _register(patients, facts))
    _import(station, "register", _register(patients, facts))


def _import(station: Station, kind: Literal["roster", "register"], lines: Iterator[str]) -> None:
    raw = "\n".join(lines).encode()
    started = time.monotonic()
    report = station.import_sheet(kind, raw)
    seconds = time.monotonic() - started
    counts = {outcome.value: report.count(outcome) for outcome in LineOutcome if report.count(outcome)}
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    print(f"import of the {kind}: {told}: {seconds:.1f} s, {sum(counts.values()) / seconds:.0f} lines a second")


def _decisions(station: Station, patients: int, asked: int) -> None:
    chance = random.Random(_SEED)  # noqa: S311  an invented register
    took, answers = [], Counter[str]()
    for number in range(asked):
        patient = PatientRef(f"P{chance.randrange(patients)}")
        started = time.perf_counter()
        reading = station.register.reading(patient)
        moment = station.clock.moment()
        decision = decide(DocumentId(f"D{number}"), patient, None, reading, moment, station.policy)
        took.append((time.perf_counter() - started) * 1000)
        answers[decision.reason.value if isinstance(decision, Refused) else "cleared"] += 1
    took.sort()
    print(
        f"a decision: {took[0]:.2f} ms at least, {statistics.median(took):.2f} ms at the median, "
        f"{took[int(len(took) * 0.99)]:.2f} ms at the 99th of a hundred, {took[-1]:.2f} ms at most"
    )
    print(f"answers: {', '.join(f'{count} {answer}' for answer, count in answers.most_common())}")


def _station(folder: Path) -> Station:
    return open_station(found(folder / "station", Founding("trial", "bench", "bench"), datetime.now(UTC)))


def _name(number: int) -> str:
    return "ROUX" + "".join(_LETTERS[number // 26**place % 26] for place in range(4))


def _birth(number: int) -> date:
    return date(1940, 1, 1) + timedelta(days=number % 25_000)


def _matricule(number: int) -> str:
    """Of its own for each patient, with its key."""
    digits = f"2{_birth(number):%y%m}99{number // 999 + 1:03}{number % 999 + 1:03}"
    return digits + key(digits)


def _roster(patients: int) -> Iterator[str]:
    yield "patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir"
    for number in range(patients):
        yield f"P{number};{_name(number)};;Ana;{_birth(number)};F;{_matricule(number)}"


def _register(patients: int, facts: int) -> Iterator[str]:
    """An information for everybody, then authorizations, then what some of them said afterwards."""
    yield "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;preuve"
    said = ("information;2024-12-01;;;", "accordee;2025-01-02;;tous;F-{}", "retiree;2025-05-02;;tous;")
    for fact in range(facts):
        number = fact % patients
        line = said[min(fact // patients, 2)].format(number)
        yield f"P{number};{_name(number)};Ana;{_birth(number)};;{line}"


if __name__ == "__main__":
    main()
