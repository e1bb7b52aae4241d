"""Our page engine on files, as `ocrmypdf` is run on them: one searchable PDF/A a file, the product's checks all on.

    python bench/pdfa.py INPUT... --out DIR [--jobs N] [--engine auto|tesserocr|pytesseract]
                         [--model liasse|installed] [--level LEVEL] [--images faithful|compact] [--repack]
                         [--verapdf auto|always|sample|never] [--profile FILE]

Each input gets a PDF of its name in DIR; one that cannot be read gets a line with the fault's code, and the others go
on. Text is read behind the gate, as everywhere: a register in memory authorizes one invented patient, whose papers all
of them are taken to be. Ends with 0, or with 1 where an input has no PDF.
"""

import argparse
import json
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, get_args

from bench.ocr_engine import ClosedError, Engine, Settings
from bench.ocr_profile import Meter, metered
from lexicon.faults import EXIT_UNEXPECTED, EXIT_USAGE, Fault
from pipeline.compose import Level
from pipeline.copies import ImageUse
from pipeline.reading.engines import EngineUse
from pipeline.reading.tessdata import ModelUse
from pipeline.software import SOFTWARE
from pipeline.validate import VeraPdfUse

_AHEAD: Final = 1
"""Documents in hand beyond the pages read at a time: one is opened or judged meanwhile."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says."""

    inputs: tuple[Path, ...]
    out: Path
    settings: Settings
    profile: Path | None
    """Where to tell the time stage by stage: one page at a time then, of one document at a time."""

    def target(self, source: Path) -> Path:
        return self.out / f"{source.stem}.pdf"

    def refusal(self) -> str | None:
        """Why nothing can be done: two inputs that would be one PDF, or one that would be overwritten."""
        twice = [name for name, count in Counter(map(self.target, self.inputs)).items() if count > 1]
        if twice:
            return f"several inputs would be {twice[0].name}"
        own = [source for source in self.inputs if source.resolve() == self.target(source).resolve()]
        return f"{own[0].name} would overwrite itself" if own else None


def made(engine: Engine, asked: Asked, source: Path) -> int:
    """Pages of one input's copy, 0 where there is none; a line is printed either way."""
    name = source.name if source.name.isprintable() else ascii(source.name)
    try:
        composed = engine.make(source, asked.target(source))
    except Fault as fault:
        problem = fault.code
    except ClosedError as closed:
        problem = f"closed: {closed}"
    except OSError as failure:
        problem = f"{failure.strerror}"
    except Exception as failure:  # noqa: BLE001  ours; the other files go on, and this one has its line
        problem = f"broken: {type(failure).__name__}"
    else:
        print(f"{name}: {composed.pages} pages, {composed.size} bytes, PDF/A-{composed.level}", flush=True)
        return composed.pages
    print(f"{name}: {problem}", file=sys.stderr, flush=True)
    return 0


def run(asked: Asked) -> list[int]:
    """Pages made of each input. Raises Fault where nothing can be made at all."""
    meter = Meter()
    with ExitStack() as held:
        if asked.profile:
            held.enter_context(metered(meter))
        threads = 1 if asked.profile else asked.settings.jobs + _AHEAD
        with ExitStack() as rooms:
            engine = Engine(asked.settings, rooms)
            print(f"{SOFTWARE}, {engine.name}", flush=True)
            if asked.profile:
                made(engine, asked, asked.inputs[0])
                meter.started()
            with ThreadPoolExecutor(threads, thread_name_prefix="document") as pool:
                pages = list(pool.map(lambda source: made(engine, asked, source), asked.inputs))
        if asked.profile:
            profile = meter.profile(engine.name, sum(pages))
            asked.profile.write_text(json.dumps(asdict(profile)))
            print(profile)
    return pages


def main() -> None:
    told = _options().parse_args()
    settings = Settings(
        1 if told.profile else told.jobs,
        told.engine,
        told.images,
        told.level,
        told.repack,
        told.verapdf,
        told.model,
    )
    asked = Asked(tuple(told.inputs), told.out, settings, told.profile)
    refusal = asked.refusal()
    if refusal:
        print(refusal, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    asked.out.mkdir(parents=True, exist_ok=True)
    try:
        pages = run(asked)
    except Fault as fault:
        print(f"{fault.code} {' '.join(map(str, fault.facts.values()))}", file=sys.stderr)
        sys.exit(fault.exit_code)
    sys.exit(0 if all(pages) else EXIT_UNEXPECTED)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("inputs", type=Path, nargs="+", metavar="INPUT")
    options.add_argument("--out", type=Path, required=True, metavar="DIR")
    options.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="pages at a time")
    options.add_argument("--engine", choices=get_args(EngineUse), default="auto")
    options.add_argument("--model", choices=get_args(ModelUse), default="liasse", help="ours, or what is installed")
    options.add_argument("--images", choices=get_args(ImageUse), default="faithful")
    options.add_argument("--level", choices=get_args(Level), default="1b")
    options.add_argument("--repack", action="store_true", help="JPEG coded anew without loss")
    options.add_argument("--verapdf", choices=get_args(VeraPdfUse), default="auto")
    options.add_argument("--profile", type=Path, metavar="FILE", help="tell processor time by stage, a page at a time")
    return options


if __name__ == "__main__":
    main()
