"""Is the copy what it claims to be? PDF/A is a verdict of validators, faithfulness one of comparison with the scan.

ISO 19005, judged by `pikepdf.pdfa` on every file, and by veraPDF, whose word decides, where it is installed and asked.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, assert_never

import pikepdf
import pypdfium2

from lexicon.faults import StationFault
from pipeline.compose import Composed
from pipeline.model import Recognised, Scan
from pipeline.pdfa.drawn import drawing
from pipeline.pdfa.rendered import looks_like
from pipeline.pdfa.verapdf import INSTALL, VeraPdf, VeraPdfError, verapdf_facts

VeraPdfUse = Literal["auto", "always", "sample", "never"]
"""When veraPDF judges: each file where it is installed, each file or none goes on, a sample where installed, never."""
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  a memory file system; VeraPdf makes a 0700 folder in it

_AT_ONCE: Final = 50
"""Pages that are drawn before the copy is opened anew: pdfium keeps what it has read until it is closed."""
_MOST_FINDINGS: Final = 5
_ONE_IN: Final = 20
_IN_PART: Final = {"2u": ("2b", "ISO_19005_2:6.6.4-3")}
"""Levels that pikepdf knows in part only: as which other, and the rule that the file then breaks by saying its own."""

Kind = frozenset[tuple[str, ...]]
"""How a file's images are coded and coloured, with the level: filter, colour space, bits, mask of each."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the validators found."""

    conforms: bool | None
    """None: not checked, since no validator could tell."""
    validators: tuple[str, ...]
    """Who judged, with version; empty with None."""
    findings: tuple[str, ...]
    """Broken rules, as `validator: rule`; numbers of clauses, never a word of the file."""


class Validator:
    """The station's validators. veraPDF's process starts with the first file and ends with `close`."""

    def __init__(self, verapdf: VeraPdfUse = "auto", work: Path | None = None, file_seconds: float = 120.0) -> None:
        """`work`: a folder on a memory file system for what veraPDF unpacks (None: /dev/shm).

        Raises `StationFault("program-missing")` when veraPDF must always judge and is not installed.
        """
        facts = verapdf_facts()
        if verapdf == "always" and not facts.available:
            raise StationFault("program-missing", program="veraPDF", install=INSTALL)
        self._must, self._sampled = verapdf == "always", verapdf == "sample"
        self._seen = set[Kind]()
        self._name = f"verapdf {facts.version}"
        wanted = facts.available and verapdf != "never"
        self._verapdf = VeraPdf(work or _MEMORY_FILES, file_seconds) if wanted else None

    def validate(self, path: Path, level: str, document: str | None = None) -> Verdict:
        """Judge a written file. Raises `StationFault("validator-failed")` when veraPDF must judge and could not.

        Of a sample (`in_sample`), veraPDF judges the files whose `document` is drawn, those that pikepdf does not pass,
        and the first of each kind since the start.
        """
        own = _pikepdf_verdict(path, level)
        decisive = self._verapdf_verdict(path, level) if self._asked(own, path, level, document) else None
        if decisive is None:
            return own
        if own.conforms is None or own.conforms != decisive.conforms:
            # pikepdf denies what it does not know, which may be a false alarm: its findings are kept, its name is not
            return Verdict(decisive.conforms, decisive.validators, (*decisive.findings, *own.findings))
        return Verdict(decisive.conforms, (*own.validators, *decisive.validators), (*decisive.findings, *own.findings))

    def warm(self) -> None:
        """Start veraPDF's process, where every file is for it, while the first is still being made."""
        if self._verapdf is not None and not self._sampled:
            self._verapdf.warm()

    def close(self) -> None:
        """End veraPDF's process."""
        if self._verapdf is not None:
            self._verapdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, own: Verdict, path: Path, level: str, document: str | None) -> bool:
        if self._verapdf is None or not self._sampled or own.conforms is not True:
            return self._verapdf is not None
        kind = _kind(path, level)
        new = kind not in self._seen
        self._seen.add(kind)
        return new or document is None or in_sample(document)

    def _verapdf_verdict(self, path: Path, level: str) -> Verdict | None:
        if self._verapdf is None:
            return None
        try:
            answer = self._verapdf.judge(path, level)
        except VeraPdfError as failure:
            if self._must:
                raise StationFault("validator-failed", validator="veraPDF", problem=str(failure)) from None
            return None
        findings = tuple(f"verapdf: {rule}" for rule in answer.rules)
        return Verdict(answer.conforms, (self._name,), findings)


def require_pdfa(validator: Validator, composed: Composed, scan: Scan, recognised: Recognised) -> Verdict:
    """The verdict on a copy that may go on: it conforms, or could not be checked, and it looks like the scan.

    Raises `StationFault("not-pdfa")`, `StationFault("render-differs")`; both are ours, not the sheet's.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="look") as aside:
        looking = aside.submit(require_same_look, composed.path, scan, recognised)
        verdict = validator.validate(composed.path, composed.level, scan.document)
        if verdict.conforms is False:
            raise StationFault("not-pdfa", level=composed.level, findings=", ".join(verdict.findings[:_MOST_FINDINGS]))
        looking.result()
    return verdict


def require_same_look(path: Path, scan: Scan, recognised: Recognised) -> None:
    """Raise `StationFault("render-differs", page=...)` unless each page, drawn small, shows what was scanned, upright.

    `recognised` tells which way is up. A file that cannot be drawn differs as well. Raises
    `SheetFault("unreadable-scan")` when the scan itself does not decode.
    """
    page, count = 1, len(scan.images)
    try:
        for first in range(0, max(count, 1), _AT_ONCE):
            with drawing(path) as drawn:
                if len(drawn) != count:
                    page = min(len(drawn), count) + 1
                    raise StationFault("render-differs", page=page)
                for page in range(first + 1, min(first + _AT_ONCE, count) + 1):
                    turns = recognised.pages[page - 1].quarter_turns % 4
                    if not looks_like(drawn, page - 1, scan.images[page - 1], turns):
                        raise StationFault("render-differs", page=page)
    except pypdfium2.PdfiumError:
        raise StationFault("render-differs", page=page) from None


def in_sample(document: str) -> bool:
    """Whether a document's identifier is drawn: its SHA-256, as a number, is a multiple of 20; anybody can tell."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()) % _ONE_IN == 0


def _kind(path: Path, level: str) -> Kind:
    """What a sound file's pages are made of, the reader of pikepdf's verdict having passed it."""
    keys = ("/Filter", "/ColorSpace", "/BitsPerComponent", "/ImageMask")
    with pikepdf.open(path) as pdf:
        images = [image for page in pdf.pages for image in page.get_images().values()]
        return frozenset((level, *(str(image.get(key)) for key in keys)) for image in images)


def _pikepdf_verdict(path: Path, level: str) -> Verdict:
    """Where pikepdf knows a level in part, what it says of that part: a denial, or nothing."""
    from pikepdf.pdfa import validate_written  # noqa: PLC0415  a sixth of a second, for the process that seals alone

    known, foreseen = _IN_PART.get(level, (level, ""))
    report = validate_written(path, known)
    rules = [finding.rule for finding in report.findings if finding.rule != foreseen]
    findings = tuple(dict.fromkeys(f"pikepdf: {rule}" for rule in rules))
    conforms: bool | None
    match report.verdict:
        case "pass":
            conforms = True if known == level else None
        case "fail":
            conforms = False if rules else None
        case "not_checked":
            conforms = None
        case never:
            assert_never(never)
    judges = () if conforms is None else (f"pikepdf {pikepdf.__version__}",)
    return Verdict(conforms, judges, findings)
