"""Is the copy what it claims to be? PDF/A is a verdict of validators, faithfulness one of comparison with the scan.

ISO 19005, judged by `pikepdf.pdfa` on every file, and by veraPDF, whose word decides, where it is installed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, assert_never

import pikepdf

from lexicon.faults import StationFault
from pipeline.compose import Composed
from pipeline.model import Recognised, Scan
from pipeline.pdfa.rendered import require_same_look
from pipeline.pdfa.verapdf import INSTALL, VeraPdf, VeraPdfError, verapdf_facts

VeraPdfUse = Literal["auto", "always", "never"]
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  a memory file system; VeraPdf makes a 0700 folder in it

_MOST_FINDINGS: Final = 5


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
        self._must = verapdf == "always"
        self._name = f"verapdf {facts.version}"
        wanted = facts.available and verapdf != "never"
        self._verapdf = VeraPdf(work or _MEMORY_FILES, file_seconds) if wanted else None

    def validate(self, path: Path, level: str) -> Verdict:
        """Judge a written file. Raises `StationFault("validator-failed")` when veraPDF must judge and could not."""
        own = _pikepdf_verdict(path, level)
        decisive = self._verapdf_verdict(path, level)
        if decisive is None:
            return own
        if own.conforms is None or own.conforms != decisive.conforms:
            # pikepdf denies what it does not know, which may be a false alarm: its findings are kept, its name is not
            return Verdict(decisive.conforms, decisive.validators, (*decisive.findings, *own.findings))
        return Verdict(decisive.conforms, (*own.validators, *decisive.validators), (*decisive.findings, *own.findings))

    def close(self) -> None:
        """End veraPDF's process."""
        if self._verapdf is not None:
            self._verapdf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
    verdict = validator.validate(composed.path, composed.level)
    if verdict.conforms is False:
        raise StationFault("not-pdfa", level=composed.level, findings=", ".join(verdict.findings[:_MOST_FINDINGS]))
    require_same_look(composed.path, scan, recognised)
    return verdict


def _pikepdf_verdict(path: Path, level: str) -> Verdict:
    from pikepdf.pdfa import validate_written  # noqa: PLC0415  a sixth of a second, for the process that seals alone

    report = validate_written(path, level)
    findings = tuple(dict.fromkeys(f"pikepdf: {finding.rule}" for finding in report.findings))
    match report.verdict:
        case "pass":
            conforms: bool | None = True
        case "fail":
            conforms = False
        case "not_checked":
            conforms = None
        case never:
            assert_never(never)
    judges = () if conforms is None else (f"pikepdf {pikepdf.__version__}",)
    return Verdict(conforms, judges, findings)
