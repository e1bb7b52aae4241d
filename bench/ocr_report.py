"""The benchmark's report: tables in Markdown, and a chart beside them."""

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Final

from bench.ocr_chart import Point, chart
from bench.ocr_fidelity import Shown
from bench.ocr_findings import Findings, by, gain, hard, of, scores, sizes, typical, verdicts
from bench.ocr_papers import TURNED
from bench.ocr_parts import COMPACT, DEBIAN, FAST, PLAIN, REPACKED, Row, is_ours, told
from bench.ocr_peer import CLEAN, DEFAULT, SMALL, Peer, tesseract_version
from bench.ocr_promises import promises
from bench.ocr_speed import APART, BOUND, FILES, Lap, Way
from pipeline.pdfa.verapdf import verapdf_facts

_MEGA: Final = 1 << 20
_ALL: Final = "all"
_OUTSIDE: Final = "**outside recognition, veraPDF apart**"
_KINDS: Final = {"jpeg": "JPEG", "bilevel": "bilevel", "lossless": "PNG and lossless TIFF"}
_KEPT: Final = {True: "yes", False: "**no**", None: "not measured"}
_UNMEASURED: Final = (
    "Not measured: other languages than French, handwriting, more than two processors, other machines, memory and time "
    "of very long documents, and how readers other than Poppler lay the words out."
)

Lines = Iterator[str]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the tables."""

    day: str
    machine: str
    jobs: int
    peer: Peer
    version: str
    """The peer's."""
    command: str


def machine() -> str:
    """Processor, how many of it, memory, system."""
    known = dict(
        line.split(":", 1) for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if ":" in line
    )
    model = {key.strip(): value.strip() for key, value in known.items()}.get("model name", platform.machine())
    total = int(Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]) / _MEGA
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{model}, {os.cpu_count()} processors, {total:.0f} GiB of memory, {system}"


def report(findings: Findings, heading: Heading, picture: str | None) -> str:
    """All of it; `picture` is the chart's file, where there is one."""
    shown = (f"![Pages a minute and words found, of each engine]({picture})", "") if picture else ()
    parts = (_top(findings, heading), _promised(findings), _speed(findings), _words(findings), _real(findings))
    lines = [line for part in parts for line in part]
    rest = [line for part in (_bytes(findings), _judged(findings)) for line in part]
    return "\n".join((*lines[:2], *shown, *lines[2:], *rest, _UNMEASURED, *findings.notes, ""))


def picture(findings: Findings) -> str | None:
    """The chart; None without speed and words both."""
    rows = hard(findings.fresh) or findings.fresh
    points = [
        Point(engine, typical(laps, lambda lap: lap.rate), scores(of(rows, engine)).recall, is_ours(engine))
        for (way, engine), laps in _laps(findings).items()
        if way == FILES and of(rows, engine)
    ]
    return chart(points, "Speed and words found, pages of office and bad quality") if points else None


def _laps(findings: Findings) -> dict[tuple[Way, str], list[Lap]]:
    """Runs that made their PDFs, by way and engine, as they were run."""
    found: dict[tuple[Way, str], list[Lap]] = {}
    for lap in findings.laps:
        if lap.pages:
            found.setdefault((lap.way, lap.engine), []).append(lap)
    return found


def _top(findings: Findings, heading: Heading) -> Lines:
    yield "# OCR and PDF/A beside OCRmyPDF"
    yield ""
    yield f"{heading.day}. Written by `{heading.command}` (`make bench-ocr`), {heading.jobs} pages at a time."
    yield ""
    yield from table(("", ""), _versions(findings, heading))
    yield from table(("engine", "command"), [(name, f"`{told(name, heading.peer)}`") for name in _engines(findings)])


def _engines(findings: Findings) -> list[str]:
    rows = (*findings.words, *findings.bytes, *findings.real)
    found = {*(lap.engine for lap in findings.laps), *(row.engine for row in rows)}
    return [name for name in (FAST, PLAIN, DEBIAN, REPACKED, COMPACT, DEFAULT, CLEAN, SMALL) if name in found]


def _versions(findings: Findings, heading: Heading) -> list[tuple[str, str]]:
    return [
        ("machine", heading.machine),
        *sorted(findings.recognisers.items()),
        ("OCRmyPDF", heading.version),
        ("Tesseract of OCRmyPDF, and of Liasse with pytesseract", tesseract_version()),
        ("pikepdf, Python", f"{metadata.version('pikepdf')}, {platform.python_version()}"),
        ("veraPDF", verapdf_facts().version or "not installed"),
    ]


def _promised(findings: Findings) -> Lines:
    yield "## What was promised"
    yield ""
    yield "The peer's words are those of the better of its two settings; ratios are medians (least to most)."
    yield ""
    yield from table(
        ("", "promised", "found", "kept"),
        [(one.what, one.wanted, one.found, _KEPT[one.kept]) for one in promises(findings)],
    )


def _speed(findings: Findings) -> Lines:
    if not findings.laps:
        return
    rounds = max(map(len, _laps(findings).values()), default=0)
    yield "## Speed"
    yield ""
    yield (
        f"The same {max(lap.pages for lap in findings.laps)} pages to each engine in turn, {rounds} times round; whole "
        "programs, from start to end. Medians. Processor time is the kernel's, of the whole tree of processes; memory "
        "the largest sum of proportional set sizes, looked at four times a second. veraPDF's Java is in ours; its "
        "share is shown, and its memory apart."
    )
    yield ""
    yield "How the pages are put to an engine:"
    yield ""
    yield f"- `{FILES}`: each page in its file, as a scanner drops them. Liasse takes all of them in one run; OCRmyPDF,"
    yield "  which takes one file a run, is run on one after the other."
    yield f"- `{APART}`: OCRmyPDF is run on as many files at once as there are processors, with one job each, as who"
    yield "  wants the most of it would. The ratio is with what Liasse did on the files in the same round."
    yield f"- `{BOUND}`: one PDF of all pages, bound by img2pdf: the best case of OCRmyPDF, which then starts but once."
    yield ""
    failed = Counter((lap.way, lap.engine) for lap in findings.laps if lap.code or not lap.pages)
    for (way, engine), times in failed.items():
        yield f"**{way}, {engine}: {times} runs failed.**"
        yield ""
    head = ("pages", "engine", "pages a minute", "CPU s a page", "of it Java", "peak memory", "Java's", "bytes a page")
    yield from table(head, [_typical(*key, laps) for key, laps in _laps(findings).items()])
    yield from table(
        ("pages", "ratio of pages a minute", "least", "median", "most"),
        [
            (way, f"{ours} over {theirs}", f"{found.least:.2f}", f"{found.median:.2f}", f"{found.most:.2f}")
            for way in (FILES, APART, BOUND)
            for ours, theirs in ((FAST, DEFAULT), (PLAIN, DEFAULT), (FAST, CLEAN), (PLAIN, CLEAN))
            if (found := findings.speed(ours, theirs, way))
        ],
    )
    yield "How much of it is a newer Tesseract: Liasse with pytesseract runs the very program that OCRmyPDF runs, and"
    yield f"Liasse with tesserocr the library that is in its wheel. `{DEBIAN}`, among the words below, is that program"
    yield "with Debian's model too, the very one that OCRmyPDF reads with: what is left of the gain is of the pages'"
    yield "preparation."
    yield ""
    yield from _profiles(findings)


def _typical(way: Way, engine: str, laps: Sequence[Lap]) -> tuple[str, ...]:
    def a_page(of_one: Callable[[Lap], float]) -> float:
        return typical(laps, lambda lap: of_one(lap) / max(1, lap.pages))

    return (
        way,
        engine,
        f"{typical(laps, lambda lap: lap.rate):.1f}",
        f"{a_page(lambda lap: lap.cpu):.2f}",
        f"{a_page(lambda lap: lap.java_cpu):.2f}",
        f"{typical(laps, lambda lap: lap.peak) / _MEGA:.0f} MiB",
        f"{typical(laps, lambda lap: lap.java_peak) / _MEGA:.0f} MiB",
        f"{a_page(lambda lap: lap.size):.0f}",
    )


def _profiles(findings: Findings) -> Lines:
    profiles = findings.profiles
    if not profiles:
        return
    yield f"Processor time a page, over {profiles[0].pages} pages of 300 dpi, one after the other: of the whole tree of"
    yield "processes, before and after each stage. A page read before them, which starts all programs, is left out."
    yield ""
    stages = list(dict.fromkeys(stage for profile in profiles for stage in profile.a_page))
    lines = [(stage, *(f"{profile.a_page.get(stage, 0.0):.3f} s" for profile in profiles)) for stage in stages]
    sums = tuple(f"**{profile.outside:.3f} s**" for profile in profiles)
    yield from table(("stage", *(profile.engine for profile in profiles)), [*lines, (_OUTSIDE, *sums)])


def _words(findings: Findings) -> Lines:
    rows = findings.fresh
    if not rows:
        return
    yield "## Words"
    yield ""
    yield "Printed words found / order-free character errors, by what `pdftotext -raw` finds in each PDF. Last,"
    yield "ours above the better of the peer's two settings, in points of words found."
    yield ""
    yield from _compared("level", rows, lambda row: row.level, {"office and bad": hard(rows), _ALL: rows})
    yield from _compared("document type", rows, lambda row: row.doc_type, {})
    yield from _compared("document type, level", rows, lambda row: f"{row.doc_type}, {row.level}", {})
    others = [row for row in findings.words if row not in rows]
    if others:
        yield f"Other pages; `{TURNED}`: good ones put in sideways, both ways, and upside down."
        yield ""
        yield from _compared("pages", others, lambda row: row.group, {})


def _real(findings: Findings) -> Lines:
    if findings.real:
        yield "## Real pages"
        yield ""
        yield "Printed and typewritten pages of public corpora, the same two figures; both engines read French."
        yield ""
        yield from _compared("sub-corpus", findings.real, lambda row: row.group, {_ALL: findings.real})


def _compared(what: str, rows: Sequence[Row], key: Callable[[Row], str], more: dict[str, list[Row]]) -> Lines:
    engines = list(dict.fromkeys(row.engine for row in rows))
    ours = next(name for name in (FAST, PLAIN) if name in engines)
    parts = {name: own for name, own in {**by(rows, key), **more}.items() if own}
    lines = []
    for name, own in parts.items():
        each = [scores(of(own, engine)) for engine in engines]
        shown = [f"{one.recall:.1%} / {one.cer:.1%}" for one in each]
        lines.append((name, str(len(of(own, ours))), *shown, f"{gain(own, ours):+.1f}"))
    yield from table((what, "pages", *engines, "gain"), lines)


def _bytes(findings: Findings) -> Lines:
    if not findings.bytes:
        return
    yield "## Bytes"
    yield ""
    yield "One PDF a page. The ratio is of all bytes of the class; page by page, its median (least to most). PNG and"
    yield "lossless TIFF (LZW) are what JPEG pages hold, written again without further loss."
    yield ""
    pairs = ((findings.ours, DEFAULT), (REPACKED, DEFAULT), (COMPACT, SMALL))
    lines = []
    for kind, own in by(findings.bytes, lambda row: row.kind).items():
        for ours, theirs in pairs:
            if found := sizes(own, ours, theirs):
                mean = f"{found.ours / found.pages:.0f}", f"{found.theirs / found.pages:.0f}"
                lines.append(
                    (_KINDS[kind], f"{ours} / {theirs}", str(found.pages), *mean, f"{found.ratio:.3f}", str(found.each))
                )
    yield from table(("class", "engines", "pages", "ours, a page", "theirs", "ratio", "page by page"), lines)
    yield from _shown(findings.shown)


def _shown(pages: Sequence[Shown]) -> Lines:
    if not pages:
        return
    layers = [page for page in pages if page.layers]
    yield f"Compact PDFs, drawn by pdfium and held against the scans: {len(layers)} of {len(pages)} pages in layers,"
    yield f"the others as they came. {sum(not page.enough for page in layers)} of them are below the limits."
    yield ""
    figures = (
        ("structural similarity", [page.similarity for page in layers]),
        ("ink", [page.ink for page in layers]),
        ("colour", [page.colour for page in layers]),
    )
    lines = [(name, f"{min(each):.4f}", f"{median(each):.4f}") for name, each in figures if each]
    yield from table(("of pages in layers", "least", "median"), lines)


def _judged(findings: Findings) -> Lines:
    judged = verdicts(findings)
    if judged:
        yield "## PDF/A"
        yield ""
        yield "Every file above judged by veraPDF once more, from the outside: ours as 1b, theirs as 2b."
        yield ""
        yield from table(("engine", "files", "accepted", "refused"), [(one[0], *map(str, one[1:])) for one in judged])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    """In Markdown, with a blank line behind it."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
