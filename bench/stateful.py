"""Sequences of all that may happen to a station and its register: each judged by its ledger and its host alone.

    python -m bench.stateful [--sequences 5000] [--seed 1] [--out docs/soak/stateful.txt]

What a sequence may hold: tests/stateful_machine.py; what must hold afterwards: tests/stateful_oracle.py. Ends with 1
where something does not, with the smallest sequence that shows it.
"""

import argparse
import logging
import os
import platform
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from tests.stateful_machine import STEPS, Tally, run_sequences
from tests.stateful_station import make_template, memory, quick


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sequences", type=int, default=5000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, help="where to write it, beside telling it")
    asked = options.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = Path(tempfile.mkdtemp(dir=memory()))
    began = time.monotonic()
    try:
        with quick():
            tally = run_sequences(make_template(folder), folder, asked.sequences, seed=asked.seed)
    finally:
        shutil.rmtree(folder)
    report = "\n".join(_report(tally, asked.seed, time.monotonic() - began))
    print(report)
    if asked.out:
        asked.out.write_text(f"{report}\n", encoding="utf-8")


def _report(tally: Tally, seed: int, seconds: float) -> Iterator[str]:
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    yield f"{datetime.now(UTC):%Y-%m-%d}, {machine}, seed {seed}, a folder as host, SQLite"
    yield ""
    yield f"{tally.sequences} sequences of up to {STEPS} rules after the first scan: nothing wrong, in {seconds:.0f} s"
    yield from _counted("what happened", tally.rules)
    yield from _counted("documents by outcome, reason and custody class", tally.documents)


def _counted(title: str, counts: Counter[str]) -> Iterator[str]:
    yield f"\n{title} ({counts.total()})\n"
    yield from (f"{count:>9}  {name}" for name, count in counts.most_common())


if __name__ == "__main__":
    main()
