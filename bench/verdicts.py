"""Every file of the corpus as an archival copy, in each way it can be asked for: what the validators say of them all.

    python bench/verdicts.py [PATH...] [--ways WAY...] [--wordless] [--jobs N] [--most PAGES]

PATH are files and folders; by default the shared corpus ($LIASSE_CORPUS, else ../shared/corpus): its sample, its real
pages and its hostile files. A file is opened as a station opens it, read once behind the gate, and composed in each WAY
(level and profile, e.g. `1b`, `2u`, `1b-compact`). A copy passes where pikepdf and veraPDF accept it as what it says it
is and the render check sees the scan in it. Files that a station refuses are told by why. Ends with 1 where a copy
fails. `--wordless`: nothing is recognised; `--most`: of a longer file, so many pages.
"""

import argparse
import os
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from ulid import ULID

from bench.ocr_engine import cleared, register
from bench.sample import CORPUS
from consent_gate.model import DocumentId
from lexicon.faults import Fault
from pipeline.compose import Level, ScanContext, compose
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.model import Recognised, RecognisedPage, Scan
from pipeline.packing import PackedImages, pack
from pipeline.pdfa.compact import compacted
from pipeline.pdfa.packing import Draw, packed, repacked
from pipeline.pdfa.verapdf import verapdf_facts
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.software import SOFTWARE
from pipeline.validate import Validator, VeraPdfUse, require_pdfa
from storage.spool import Spool

_WAYS: Final[dict[str, tuple[Level, Draw]]] = {
    "1b": ("1b", packed),
    "1b-repacked": ("1b", repacked),
    "1b-compact": ("1b", compacted),
    "2u": ("2u", packed),
    "3b": ("3b", packed),
    "2u-compact": ("2u", compacted),
    "3b-compact": ("3b", compacted),
}
_FILES: Final = frozenset({".tif", ".tiff", ".jpg", ".jpeg", ".png", ".pdf"})
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  a memory file system; a 0700 folder is made in it
_CONTEXT: Final = ScanContext("bench", SOFTWARE, datetime(2026, 1, 15, tzinfo=UTC), "00" * 32, (1,))


@dataclass(frozen=True, slots=True)
class Asked:
    ways: tuple[str, ...]
    wordless: bool
    jobs: int
    most: int | None


@dataclass(slots=True)
class Tally:
    """Of one group of files, e.g. `hostile`."""

    refused: Counter[str] = field(default_factory=Counter)
    """Files, by the fault's code."""
    passed: Counter[str] = field(default_factory=Counter)
    """Copies, by way."""
    pages: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """Each copy that did not pass, and why."""


class Rooms:
    """What a station opens, once for all files."""

    def __init__(self, asked: Asked, held: ExitStack) -> None:
        memory = _MEMORY_FILES if _MEMORY_FILES.is_dir() else None
        self._work = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="verdicts-", dir=memory)))
        spooled = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="verdicts-")))
        self._spool, self._asked = Spool(spooled / "spool", os.urandom(32)), asked
        self._decoders = Decoders(Limits(), Bounds())
        held.callback(self._decoders.close)
        self._recogniser = Recogniser(RecogniseSettings(self._work, workers=asked.jobs))
        judge: VeraPdfUse = "always" if verapdf_facts().available else "never"
        self._validator = held.enter_context(Validator(judge, self._work))
        self._register = register()

    def judge(self, source: Path, tally: Tally) -> None:
        """One file, in all ways. Raises Fault where a station would refuse the file."""
        document = DocumentId(str(ULID()))
        try:
            with self._decoders.opened(source) as opened:
                pages = islice(opened.pages(), self._asked.most)
                pack(self._spool, document, (looked.image for looked in pages))
            scan = Scan(document, PackedImages(self._spool, document))
            read = self._read(scan)
            for way in self._asked.ways:
                self._judge(way, scan, read, tally, source.name)
        finally:
            self._spool.destroy(document)

    def _read(self, scan: Scan) -> Recognised:
        if self._asked.wordless:
            pages = tuple(RecognisedPage((), image.quarter_turns, ()) for image in scan.images)
            return Recognised(scan.document, pages, self._recogniser.engine)
        return self._recogniser.recognise(scan, cleared(scan.document, self._register))

    def _judge(self, way: str, scan: Scan, read: Recognised, tally: Tally, name: str) -> None:
        level, draw = _WAYS[way]
        target = self._work / f"{scan.document}.pdf"
        try:
            copy = compose(scan, read, _CONTEXT, target, level, draw)
            verdict = require_pdfa(self._validator, copy, scan, read)
        except Fault as fault:
            if fault.code not in {"not-pdfa", "render-differs", "validator-failed"}:
                raise
            tally.failed.append(f"{name!a} {way}: {fault.code} {dict(fault.facts)}")
        else:
            if verdict.conforms and not verdict.findings:
                tally.passed[way] += 1
                tally.pages[way] += copy.pages
            else:
                tally.failed.append(f"{name!a} {way}: {verdict}")
        finally:
            target.unlink(missing_ok=True)


def _one(rooms: Rooms, source: Path, tally: Tally) -> None:
    try:
        rooms.judge(source, tally)
    except Fault as fault:
        tally.refused[fault.code] += 1
    except Exception as broken:  # noqa: BLE001  ours, and told so; the other files go on
        tally.failed.append(f"{source.name!a}: {type(broken).__name__}")


def groups(paths: Sequence[Path], folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Files by the folder that was named; of the corpus, by its parts. The hostile ones are unpacked into `folder`."""
    if paths:
        yield from ((path.name, _files(path)) for path in paths)
        return
    for part in ("sample", "real"):
        yield part, _files(CORPUS.parent / part)
    archive = CORPUS.parent / "hostile.tar.gz"
    if archive.exists():
        with tarfile.open(archive) as packed_files:
            packed_files.extractall(folder, filter="data")
        there = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
        yield "hostile", [path for path in there if path.name != "manifest.csv"]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [one for one in sorted(path.rglob("*")) if one.suffix.lower() in _FILES and one.is_file()]


def told(name: str, count: int, tally: Tally) -> Iterator[str]:
    yield f"{name}: {count} files, {sum(tally.refused.values())} refused"
    for code, number in sorted(tally.refused.items()):
        yield f"  refused {code}: {number}"
    for way, number in tally.passed.items():
        yield f"  {way}: {number} copies of {tally.pages[way]} pages, all accepted"
    yield from (f"  FAILED {line}" for line in tally.failed)


def run(paths: Sequence[Path], asked: Asked) -> int:
    """How many copies did not pass."""
    failed = 0
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="hostile-")))
        rooms = Rooms(asked, held)
        for name, files in groups(paths, folder):
            tally = Tally()
            with ThreadPoolExecutor(asked.jobs) as pool:
                list(pool.map(lambda source, tally=tally: _one(rooms, source, tally), files))
            print("\n".join(told(name, len(files), tally)), flush=True)
            failed += len(tally.failed)
    return failed


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("paths", type=Path, nargs="*", metavar="PATH")
    options.add_argument("--ways", choices=_WAYS, nargs="+", default=["1b"], metavar="WAY")
    options.add_argument("--wordless", action="store_true", help="recognise nothing")
    options.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options.add_argument("--most", type=int, help="pages of a file")
    given = options.parse_args()
    print(f"{SOFTWARE}, veraPDF {verapdf_facts().version or 'not installed'}", flush=True)
    failed = run(given.paths, Asked(tuple(given.ways), given.wordless, given.jobs, given.most))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
