"""XLSX (ECMA-376, transitional or strict) told row by row to a `Gathering`; what a cell says, not what it would show.

Our own reader: it must see the digits as they are written, which cells compute, which rows are hidden, and never
trust a size (docs/adr/0002-dependencies.md).
"""

import posixpath
from collections.abc import Mapping
from typing import Final

from consent_gate.sheets.gathering import Gathering
from consent_gate.sheets.packages import Package
from consent_gate.sheets.xlsx_rows import SheetReader
from consent_gate.sheets.xlsx_values import MAINS, TRUE, CellValues, Deaf, Strings, Styles
from lexicon.faults import SheetFault

_RELATIONS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_LINK: Final = "http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_TAGS: Final = {f"{main}}}{name}": name for main in MAINS for name in ("workbook", "workbookPr", "sheet")}


def read_xlsx(package: Package, gathering: Gathering) -> None:
    """Tell every sheet that is not hidden. Raises `SheetFault`: `sheet-unsupported`, `sheet-malformed` and others."""
    root = _Links(package, "_rels/.rels", "")
    workbook_part = root.first("/officeDocument")
    if workbook_part is None or workbook_part.endswith(".bin"):
        raise SheetFault("sheet-unsupported")
    workbook = _Workbook()
    package.read(workbook_part, workbook)
    if not workbook.is_one:
        raise SheetFault("sheet-unsupported")
    folder, name = posixpath.split(workbook_part)
    links = _Links(package, posixpath.join(folder, "_rels", f"{name}.rels"), folder)
    strings, styles = Strings(), Styles()
    for kind, reader in (("/sharedStrings", strings), ("/styles", styles)):
        part = links.first(kind)
        if part is not None:
            package.read(part, reader)
    cells = CellValues(strings.texts, styles.formats(), since_1904=workbook.since_1904)
    for identifier in workbook.shown:
        part = links.sheet(identifier)
        if part is not None:
            _read_sheet(package, part, SheetReader(cells, gathering, styles.changes()), gathering)


def _read_sheet(package: Package, part: str, reader: SheetReader, gathering: Gathering) -> None:
    gathering.begin()
    for _ in package.reading(part, reader):
        if gathering.over:
            break
    gathering.end()


class _Links(Deaf):
    """Relationships of a part (ECMA-376-2, 9.3): identifier -> kind and the part that is meant."""

    def __init__(self, package: Package, name: str, folder: str) -> None:
        self._folder = folder
        self._links: dict[str, tuple[str, str]] = {}
        package.read(name, self)

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        if name == _LINK and depth > 1 and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", "")))
            self._links[attributes.get("Id", "")] = (attributes.get("Type", ""), target.lstrip("/"))

    def first(self, kind: str) -> str | None:
        return next((part for each, part in self._links.values() if each.endswith(kind)), None)

    def sheet(self, identifier: str) -> str | None:
        """The worksheet of that identifier; None for a sheet of another kind, as a chart."""
        if identifier not in self._links:
            raise SheetFault("sheet-malformed")
        kind, part = self._links[identifier]
        return part if kind.endswith("/worksheet") else None


class _Workbook(Deaf):
    def __init__(self) -> None:
        self.is_one = False
        self.since_1904 = False
        self.shown: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        tag = _TAGS.get(name)
        if depth == 1:
            self.is_one = tag == "workbook"
        elif tag == "workbookPr":
            self.since_1904 = attributes.get("date1904") in TRUE
        elif tag == "sheet" and attributes.get("state", "visible") == "visible":
            self.shown.append(next((attributes[key] for r in _RELATIONS if (key := f"{r}}}id") in attributes), ""))
