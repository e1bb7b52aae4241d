"""What opens a document besides our own sheets: patch codes, and the client's barcodes by a pattern."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from consent_gate.model import DocType, PatientRef
from pipeline.marks.code import Code, Symbology
from pipeline.model import Separator
from pipeline.separator import checked

_LONGEST: Final = 256
"""Characters of a barcode that are held against the pattern."""
_LONGEST_PATTERN: Final = 200
_GROUPS: Final = frozenset({"patient", "type", "document"})
_PATCH_TEXTS: Final = frozenset({"PATCHT", "PATCH2", "PATCHII", "PATCH3", "PATCHIII"})
_PATCH_BARS: Final[tuple[Symbology, ...]] = ("code128", "code39")
_OPENING: Final = frozenset({"2", "3", "T"})
"""Patches that begin a document or a batch; a T fed the other way round is a 3. The others switch scanner modes."""
_SPARE: Final = str.maketrans("", "", " -_*")


@dataclass(frozen=True, slots=True)
class Separation:
    """The station's settings, as its confined readers obey them."""

    patches: bool = True
    barcode: str = ""
    """The pattern, with groups `patient`, and perhaps `type` and `document`; empty: no barcode is a separator."""
    symbologies: tuple[Symbology, ...] = ("code128", "qr", "datamatrix")
    kept: bool = False
    """Whether a page with such a barcode belongs to its document, as the record's first page."""

    @property
    def bars(self) -> tuple[Symbology, ...]:
        """Symbologies to look for besides QR and Data Matrix."""
        configured = self.symbologies if self.barcode else ()
        found = (*configured, *(_PATCH_BARS if self.patches else ()))
        return tuple(kind for kind in dict.fromkeys(found) if kind not in {"qr", "datamatrix"})

    @property
    def barred(self) -> bool:
        """Whether the client's separators are bar codes, of which one that nobody can read is a doubt on any page."""
        return bool(self.barcode) and not {"qr", "datamatrix"}.issuperset(self.symbologies)

    def said(self, read: Sequence[Code]) -> set[Separator | None]:
        """What the page's barcodes say: each another separator, None for one whose fields no separator can have."""
        if not self.barcode:
            return set()
        pattern = _compiled(self.barcode)
        texts = {code.text for code in read if code.kind in self.symbologies and len(code.text) <= _LONGEST}
        return {_separator(found) for found in map(pattern.fullmatch, sorted(texts)) if found}

    def has_patch(self, kinds: Collection[str], read: Sequence[Code]) -> bool:
        """Whether patch codes of these kinds, or the same in letters, begin a document."""
        said = {code.text.upper().translate(_SPARE) for code in read if len(code.text) <= _LONGEST}
        return self.patches and bool(_OPENING.intersection(kinds) or _PATCH_TEXTS & said)


OURS_AND_PATCHES: Final = Separation()
"""The defaults: no barcode of the client's."""


def check_pattern(pattern: str) -> str:
    """Raises ValueError `barcode-pattern` for what is no regular expression, or has other groups than it may have."""
    try:
        groups = _compiled(pattern).groupindex.keys() if len(pattern) <= _LONGEST_PATTERN else frozenset()
    except (re.error, OverflowError, RecursionError):
        groups = frozenset()
    if pattern and ("patient" not in groups or groups - _GROUPS):
        raise ValueError("barcode-pattern")
    return pattern


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _separator(found: re.Match[str]) -> Separator | None:
    said = {name: value or "" for name, value in found.groupdict().items()}
    kind, document = said.get("type", ""), said.get("document", "")
    return checked(Separator(PatientRef(said["patient"]), DocType(kind) if kind else None, document or None))
