"""Mutated files against the readers: nothing may crash the station, hang it, swell it or be unexplained.

    python bench/fuzz.py --minutes 30 --seed 1 [--corpus DIR] [--keep DIR]

Seeds are the files of our own tests and, where it is there, the hostile corpus ($LIASSE_CORPUS or ../shared/corpus).
Each is changed by bit flips, cuts, splices, repeats and known numbers in known places, then opened as the station opens
it. Ends with 1 where two minutes brought no page, the processes took 2 GiB, or an answer has no reason; `--keep` keeps
files that brought a reader down.
"""

import argparse
import itertools
import os
import random
import re
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from lexicon import catalogue
from lexicon.faults import SheetFault
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from tests.hostile_fixtures import Peak, unpack
from tests.hostile_made import families, named, scanned_pdf
from tests.pages_fixtures import drawing, jpeg_bytes, tiff_bytes

CORPUS: Final = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus"))
LARGEST: Final = 1 << 20
"""Bytes of a seed: what is bigger says nothing more, and costs time."""
MOST_SECONDS: Final = 120.0
"""Without a page, or a reason why there is none."""
MOST_BYTES: Final = 2 << 30
LIMITS: Final = Limits(max_pages=50)
"""Fewer pages than a station takes, so that more files are met in a minute; all else as in a station."""
NUMBERS: Final = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 65_500)
WORDS: Final = (
    *(b"II*\0", b"MM\0*", b"II+\0", b"\x89PNG\r\n\x1a\n", b"IHDR", b"IDAT", b"acTL", b"iCCP", b"eXIf", b"%PDF-1.7"),
    *(b"\xff\xd8", b"\xff\xc0", b"\xff\xc2", b"\xff\xda", b"\xff\xdd", b"\xff\xd9", b"\xff\xee\x00\x0eAdobe"),
    *(b"/FlateDecode", b"/DCTDecode", b"/JBIG2Decode", b"/JPXDecode", b"/CCITTFaxDecode", b"/LZWDecode", b"%%EOF"),
    *(b"/Width 99999", b"/Height -1", b"/Kids [1 0 R]", b"/Type/ObjStm", b"/Predictor 15", b"/Columns 0", b"/K -1"),
    *(b"/Rotate 91", b"/MediaBox [0 0 1e9 1e9]", b"/UserUnit 1e9", b"/Encrypt", b"stream", b"endstream", b" obj "),
    *(b"<<", b">>", b"xref", b"startxref 0", b"/RunLengthDecode", b"Exif\0\0"),
)
_NUMBER: Final = re.compile(rb"\d{1,9}")


@dataclass(slots=True)
class Outcomes:
    """What mutated files met."""

    count: Counter[str] = field(default_factory=Counter)
    worst: tuple[float, str] = (0.0, "-")
    wrong: list[str] = field(default_factory=list)

    def take(self, outcome: str, seconds: float, which: str) -> None:
        self.count[outcome] += 1
        self.worst = max(self.worst, (seconds, f"{which}: {outcome}"))
        if seconds > MOST_SECONDS:
            self.wrong.append(f"{which} gave nothing for {seconds:.0f} s")
        if outcome != "pages" and outcome not in catalogue.FAULTS:
            self.wrong.append(f"{which} ended as {outcome}")


def seeds(folder: Path) -> dict[str, bytes]:
    """By name, in an order of their own."""
    page = drawing()
    found = {name: made.content for name, made in families().items() if made.reasons != ("decoder-too-slow",)}
    found |= {
        "scan.pdf": scanned_pdf(),
        "fax.tif": tiff_bytes([drawing(mode="1")] * 2, "group4"),
        "fax3.tif": tiff_bytes([drawing(mode="1")], "group3"),
        "colour.tif": tiff_bytes([drawing(mode="RGB")] * 2, "jpeg"),
        "packed.tif": tiff_bytes([page], "packbits"),
        "progressive.jpg": jpeg_bytes(page, progressive=True),
        "named.jpg": next(iter(named().values())),
    }
    if (CORPUS / "hostile.tar.gz").is_file():
        found |= {ascii(path.name): path.read_bytes() for path in unpack(CORPUS, folder).iterdir()}
    return {name: found[name] for name in sorted(found) if 0 < len(found[name]) <= LARGEST}


def mutated(rng: random.Random, blob: bytes, other: bytes) -> bytes:
    changed = bytearray(blob)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        rng.choice(MUTATIONS)(rng, changed, other)
    return bytes(changed[: 4 * LARGEST])


def _flip(rng: random.Random, blob: bytearray, _: bytes) -> None:
    for _turn in range(rng.choice((1, 1, 8, 64))):
        place = _place(rng, blob)
        blob[place : place + 1] = rng.randbytes(1)


def _cut(rng: random.Random, blob: bytearray, _: bytes) -> None:
    del blob[_place(rng, blob) :]


def _drop(rng: random.Random, blob: bytearray, _: bytes) -> None:
    place = _place(rng, blob)
    del blob[place : place + rng.randrange(1, 512)]


def _repeat(rng: random.Random, blob: bytearray, _: bytes) -> None:
    place = _place(rng, blob)
    blob[place:place] = blob[place : place + rng.randrange(1, 4096)] * rng.choice((1, 2, 30))


def _splice(rng: random.Random, blob: bytearray, other: bytes) -> None:
    place, start = _place(rng, blob), _place(rng, other)
    blob[place:] = other[start:]


def _graft(rng: random.Random, blob: bytearray, other: bytes) -> None:
    place, start = _place(rng, blob), _place(rng, other)
    piece = other[start : start + rng.randrange(1, 2048)]
    blob[place : place + len(piece)] = piece


def _number(rng: random.Random, blob: bytearray, _: bytes) -> None:
    place, form = _place(rng, blob), rng.choice("BHIQ")
    value = rng.choice(NUMBERS) & ((1 << 8 * struct.calcsize(form)) - 1)
    packed = struct.pack(rng.choice("<>") + form, value)
    blob[place : place + len(packed)] = packed


def _word(rng: random.Random, blob: bytearray, _: bytes) -> None:
    place, word = _place(rng, blob), rng.choice(WORDS)
    blob[place : place + len(word) * rng.randrange(2)] = word


def _decimal(rng: random.Random, blob: bytearray, _: bytes) -> None:
    """A number as PDFs write it becomes another one."""
    found = list(_NUMBER.finditer(blob, _place(rng, blob)))[:50]
    if found:
        chosen = rng.choice(found)
        blob[chosen.start() : chosen.end()] = str(rng.choice(NUMBERS)).encode()


def _place(rng: random.Random, blob: bytes | bytearray) -> int:
    """Heads are looked at more than bodies."""
    end = len(blob) if rng.random() < 0.6 else min(len(blob), 512)  # noqa: PLR2004  as often as not
    return rng.randrange(end) if end else 0


MUTATIONS: Final[tuple[Callable[[random.Random, bytearray, bytes], None], ...]] = (
    _flip, _flip, _cut, _drop, _repeat, _splice, _graft, _number, _number, _word, _decimal,
)  # fmt: skip


def opened(decoders: Decoders, path: Path) -> tuple[str, float]:
    """How a file ends (`pages`, a fault's code, or what ought not to be), and its longest silence in seconds."""
    ticks = [time.monotonic()]
    outcome = _opened(decoders, path, ticks)
    ticks.append(time.monotonic())
    return outcome, max(later - sooner for sooner, later in itertools.pairwise(ticks))


def _opened(decoders: Decoders, path: Path, ticks: list[float]) -> str:
    try:
        with decoders.opened(path) as file:
            ticks += (time.monotonic() for _ in file.pages())
    except SheetFault as fault:
        return fault.code
    except Exception as error:  # noqa: BLE001  this is what the program looks for
        return f"{type(error).__name__} in the station"
    return "pages"


def fuzz(minutes: float, seed: int, keep: Path | None) -> Outcomes:
    rng, outcomes, until = random.Random(seed), Outcomes(), time.monotonic() + 60 * minutes  # noqa: S311  mutations
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = seeds(folder / "corpus")
        names, path = tuple(known), folder / "file"
        decoders = Decoders(LIMITS, Bounds())
        try:
            while time.monotonic() < until:
                which = rng.choice(names)
                blob = mutated(rng, known[which], known[rng.choice(names)])
                path.write_bytes(blob)
                outcome, seconds = opened(decoders, path)
                outcomes.take(outcome, seconds, which)
                if keep and (outcome.startswith("decoder-") or outcome not in {"pages", *catalogue.FAULTS}):
                    (keep / f"{outcome.split()[0]}-{outcomes.count.total():06d}").write_bytes(blob)
        finally:
            decoders.close()
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    lost: Counter[str] = Counter()

    def hear(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        lost[" ".join(str(event.get(key, "-")) for key in ("fault", "kind", "where"))] += 1
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    with Peak().of(os.getpid()) as peak:
        outcomes = fuzz(given.minutes, given.seed, given.keep)
    print(f"{outcomes.count.total()} files in {given.minutes:g} minutes, seed {given.seed};", end=" ")
    print(f"readers and bounds as in a station, {os.cpu_count()} cores, but {LIMITS.max_pages} pages a file at most")
    for outcome, count in outcomes.count.most_common():
        print(f"{count:8}  {outcome}")
    print("readers lost, at the first attempt or the second:")
    for how, count in lost.most_common(20):
        print(f"{count:8}  {how}")
    print(f"longest without a page: {outcomes.worst[0]:.1f} s ({outcomes.worst[1]})")
    print(f"most memory of all processes: {peak.bytes / (1 << 20):.0f} MiB")
    if peak.bytes > MOST_BYTES:
        outcomes.wrong.append("more than 2 GiB")
    for wrong in outcomes.wrong:
        print(f"WRONG: {wrong}")
    return 1 if outcomes.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
