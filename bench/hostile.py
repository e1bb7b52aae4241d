"""The treatment of each hostile file: where its images stand and why, how long its reading took, and the memory.

    python bench/hostile.py

Reads $LIASSE_CORPUS/hostile.tar.gz (default ../shared/corpus), or, where it is not there, the files of our own tests.
Each file goes through `liasse process` with all the others, and is then read once more alone, as a station reads, for
seconds and memory: of the processes that read, and of the one from which they were forked.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from lexicon.faults import SheetFault
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from tests.hostile_fixtures import Hostile, Peak, Treated, manifest, treatments, unpack
from tests.hostile_made import families
from tests.trial_fixtures import TODAY, Trial

CORPUS: Final = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus"))
MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Of reading one file alone."""

    seconds: float
    memory: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The run over all files."""

    treated: dict[str, Treated]
    seconds: float
    memory: int
    code: int


def laid_out(folder: Path) -> tuple[Path, tuple[Hostile, ...]]:
    if (CORPUS / "hostile.tar.gz").is_file():
        return unpack(CORPUS, folder), manifest(folder / "manifest.csv")
    files = folder / "made"
    files.mkdir(parents=True)
    for name, made in families().items():
        (files / name).write_bytes(made.content)
    return files, tuple(Hostile(name, name, " or ".join(made.reasons)) for name, made in families().items())


def processed(folder: Path, files: Path) -> Whole:
    trial = Trial.found(folder / "station", verapdf="never")
    began = time.monotonic()
    with (
        subprocess.Popen(
            trial.command("--as-of", TODAY.isoformat(), "process", files, "--json"),
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=trial.environment(), text=True,
        ) as process,
        Peak().of(process.pid) as peak,
    ):  # fmt: skip
        assert process.stdout is not None
        lines = [json.loads(line) for line in process.stdout]
        code = process.wait()
    return Whole(treatments(lines), time.monotonic() - began, peak.bytes, code)


def costs(files: Path) -> dict[str, Cost]:
    """By name as the station shows it."""
    found: dict[str, Cost] = {}
    decoders = Decoders(Limits(), Bounds())
    try:
        for path in files.iterdir():
            began = time.monotonic()
            with Peak(every=0.01).below(os.getpid()) as peak:
                read(decoders, path)
            shown = os.fsencode(path.name).decode("utf-8", "backslashreplace")
            found[shown] = Cost(time.monotonic() - began, peak.bytes)
    finally:
        decoders.close()
    return found


def read(decoders: Decoders, path: Path) -> None:
    with decoders.opened(path) as opened:
        try:
            for _ in opened.pages():
                pass
        except SheetFault:
            return


def table(hostile: tuple[Hostile, ...], whole: Whole, cost: dict[str, Cost]) -> None:
    print("| file | what it is | columns | reason | pages | s | MiB |")
    print("|---|---|---|---|---|---|---|")
    for one in sorted(hostile, key=lambda one: ascii(one.name)):
        treated, spent = whole.treated.get(one.name), cost.get(one.name, Cost(0, 0))
        columns = ", ".join(treated.columns) if treated else "left in its folder"
        reasons = ", ".join(f"`{reason}`" for reason in treated.reasons) if treated else "a temporary name"
        pages = treated.pages if treated else 0
        cells = (_name(one.name), one.kind, columns, reasons, pages, f"{spent.seconds:.2f}", spent.memory // MIB)
        print("|", " | ".join(str(cell).replace("|", "\\|") for cell in cells), "|")


def _name(name: str) -> str:
    shown = ascii(name)[1:-1]
    return f"`{shown if len(shown) < 60 else shown[:50] + '…'}`"  # noqa: PLR2004  one name is 250 letters


def main() -> int:
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    structlog.configure(processors=[_drop])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files, hostile = laid_out(folder / "corpus")
        whole, cost = processed(folder, files), costs(files)
    print("# The treatment of each hostile file\n")
    print(f"`bench/hostile.py`, {datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores,", end=" ")
    print(f"Python {platform.python_version()}.\n")
    print(f"- all {len(hostile)} through `liasse process`: {whole.seconds:.0f} s, exit code {whole.code},", end=" ")
    print(f"most memory of the whole process tree {whole.memory // MIB} MiB")
    slowest = max(cost.items(), key=lambda known: known[1].seconds)
    biggest = max(cost.items(), key=lambda known: known[1].memory)
    print(f"- slowest alone: {_name(slowest[0])}, {slowest[1].seconds:.1f} s")
    print(f"- biggest alone: {_name(biggest[0])}, {biggest[1].memory // MIB} MiB (readers and warm process)\n")
    print("Held: no separator says whose the pages are. Seconds and memory are those of reading the file alone.\n")
    table(hostile, whole, cost)
    return 0


def _drop(*_: object) -> structlog.typing.EventDict:
    raise structlog.DropEvent


if __name__ == "__main__":
    raise SystemExit(main())
