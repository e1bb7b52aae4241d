"""What must be shown, each figure beside what was found (issue 6, "Must show" 1 to 4)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from bench.ocr_findings import Findings, by, gain, hard, least_cer, of, scores, sizes
from bench.ocr_papers import TURNED
from bench.ocr_parts import COMPACT, FAST, PLAIN, REPACKED
from bench.ocr_peer import CLEAN, DEFAULT, SMALL
from bench.ocr_speed import APART, BOUND, FILES, Way

_SPEED: Final = ((FAST, DEFAULT, 3.0), (PLAIN, DEFAULT, 1.7), (FAST, CLEAN, 10.0))
_WAYS: Final[dict[Way, str]] = {FILES: "files as they lie", APART: "the peer on files side by side", BOUND: "one PDF"}
_OUTSIDE: Final = 0.35
"""Seconds of processor time a page."""
_BYTES: Final = (
    ("JPEG as it came", frozenset({"jpeg"}), None, DEFAULT, 1.02),
    ("JPEG re-packed", frozenset({"jpeg"}), REPACKED, DEFAULT, 0.92),
    ("bilevel", frozenset({"bilevel"}), None, DEFAULT, 1.0),
    ("PNG and lossless TIFF", frozenset({"lossless"}), None, DEFAULT, 0.95),
    ("compact, grey and colour", frozenset({"jpeg", "lossless"}), COMPACT, SMALL, 0.25),
)
"""Class, its kinds of files, which of ours (None: the default), which of theirs, the largest share."""
_GAIN: Final = 8.0
"""Points of recall on what was scanned less than well."""
_LABORATORY: Final = 0.85
_ERRORS: Final = 0.5
_READ: Final = 0.5
"""Share of a page's words from which it was read: as it lies, sideways or upside down, next to none are found."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One line. `kept` is None where it was not measured."""

    what: str
    wanted: str
    found: str
    kept: bool | None


def promises(findings: Findings) -> list[Promise]:
    return [*_speed(findings), *_outside(findings), *_bytes(findings), *_words(findings), *_real(findings)]


def _speed(findings: Findings) -> Iterator[Promise]:
    for way, (ours, theirs, least) in product(_WAYS, _SPEED):
        ratios = findings.speed(ours, theirs, way)
        if ratios or way == FILES:
            what = f"pages a minute, {_WAYS[way]}, {ours} over {theirs}"
            kept = ratios.median >= least if ratios else None
            yield Promise(what, f"at least {least:g}", str(ratios or "-"), kept)


def _outside(findings: Findings) -> Iterator[Promise]:
    for profile in findings.profiles:
        what, found = f"CPU outside recognition, a page, {profile.engine}", f"{profile.outside:.2f} s"
        yield Promise(what, f"at most {_OUTSIDE} s", found, profile.outside <= _OUTSIDE)


def _bytes(findings: Findings) -> Iterator[Promise]:
    for what, kinds, ours, theirs, most in _BYTES:
        rows = [row for row in findings.bytes if row.kind in kinds]
        found = sizes(rows, ours or findings.ours, theirs)
        kept = found.ratio <= most if found else None
        yield Promise(
            f"bytes, {what}, over {theirs}", f"at most {most:g}", f"{found.ratio:.3f}" if found else "-", kept
        )


def _words(findings: Findings) -> Iterator[Promise]:
    if findings.words:
        yield from _on_the_whole(findings)
        yield from _of_some(findings)


def _on_the_whole(findings: Findings) -> Iterator[Promise]:
    rows, ours = findings.fresh, findings.ours
    if hard(rows):
        more = gain(hard(rows), ours)
        yield Promise(
            "words found, office and bad, points above the peer", f"at least {_GAIN:g}", f"{more:+.1f}", more >= _GAIN
        )
    least, kind = min((gain(own, ours), kind) for kind, own in by(rows, lambda row: row.doc_type).items())
    yield Promise("the same, on the worst document type", "not below", f"{least:+.1f} ({kind})", least >= 0)
    if least_cer(rows):
        share = scores(of(rows, ours)).cer / least_cer(rows)
        yield Promise("order-free errors, over the peer's", f"at most {_ERRORS}", f"{share:.2f}", share <= _ERRORS)


def _of_some(findings: Findings) -> Iterator[Promise]:
    ours = findings.ours
    laboratory = [row for row in of(findings.fresh, ours) if (row.doc_type, row.level) == ("resultats_labo", "office")]
    if laboratory:
        share = scores(laboratory).recall
        wanted = f"at least {_LABORATORY:.0%}"
        yield Promise("words found, laboratory tables, office", wanted, f"{share:.1%}", share >= _LABORATORY)
    turned = [row for row in of(findings.words, ours) if row.level == TURNED]
    if turned:
        least = min(row.score.recall for row in turned)
        found = f"{scores(turned).recall:.1%}, at the least {least:.1%}"
        yield Promise("words found, pages put in sideways or upside down", "each is read", found, least >= _READ)


def _real(findings: Findings) -> Iterable[Promise]:
    rows, ours = findings.real, findings.ours
    if not rows:
        return
    least, group = min((gain(own, ours), group) for group, own in by(rows, lambda row: row.group).items())
    yield Promise("words found, real pages, worst sub-corpus", "not below", f"{least:+.1f} ({group})", least >= 0)
    more = gain(rows, ours)
    yield Promise("words found, real pages, all", "above", f"{more:+.1f}", more > 0)
