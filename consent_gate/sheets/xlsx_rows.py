"""One sheet of an XLSX (ECMA-376-1, 18.3) told row by row to a `Gathering`."""

import re
from collections.abc import Mapping
from typing import Final

from consent_gate.sheets import values
from consent_gate.sheets.gathering import Gathering, Range
from consent_gate.sheets.xlsx_values import MAINS, TRUE, CellValues, Heard, strikes, struck, whole_number
from lexicon.faults import SheetFault

_RULES: Final = ("conditionalFormatting", "cfRule")
_NAMES: Final = ("t", "rPh", "strike", "sheetData", "row", "c", "v", "f", "mergeCell", "col", *_RULES)
_TAGS: Final = {f"{main}}}{name}": name for main in MAINS for name in _NAMES}
_SELDOM: Final = frozenset({"t", "f", "rPh", "strike", "mergeCell", "col", "sheetData", *_RULES})
_CELL_DEPTH: Final = 4
_RANGE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_SIZE: Final = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?")
_LETTERS: Final = re.compile(r"[A-Z]{1,3}")


class SheetReader(Heard):
    """One sheet. Rows and cells go forward; a cell that stands twice would be two statements."""

    def __init__(self, cells: CellValues, gathering: Gathering, changes: frozenset[str]) -> None:
        super().__init__()
        self._changes = changes
        self._ruled = ""
        self._cells = cells
        self._gathering = gathering
        self._in_rows = False
        self._number = 0
        self._digits = ""
        self._hidden = False
        self._filled = False
        self._found: dict[int, str] = {}
        self._column = 0
        self._columns: dict[str, int] = {}
        self._wanted = False
        self._kind = "n"
        self._style = ""
        self._computes = False
        self._aloud = False
        self._struck = False

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        tag = _TAGS.get(name)
        if tag == "c" and self._in_rows and depth == _CELL_DEPTH:
            self._begin_cell(attributes)
        elif tag == "v":
            self._begin_value()
        elif tag == "row" and self._in_rows:
            self._begin_row(attributes)
        elif tag in _SELDOM:
            self._seldom(tag, attributes)

    def end(self, name: str, _depth: int) -> None:
        self._listens = False
        tag = _TAGS.get(name)
        if tag == "c":
            if self._wanted:
                self._end_cell()
        elif tag == "row" and self._in_rows:
            gathering = self._gathering
            gathering.line(self._number, self._found, filled=self._filled, hidden=self._hidden)
        elif tag == "rPh":
            self._aloud = False
        elif tag == "sheetData":
            self._in_rows = False

    def _begin_value(self) -> None:
        self._filled = True
        self._listens = self._wanted and self._kind != "inlineStr"
        if self._parts:
            raise SheetFault("sheet-malformed")

    def _seldom(self, tag: str, attributes: Mapping[str, str]) -> None:
        """What is within a cell, and then what is around them all."""
        match tag:
            case "t":
                self._listens = self._wanted and self._kind == "inlineStr" and not self._aloud
                self._filled = True
            case "f":
                self._computes = self._filled = True
                if "ref" in attributes and attributes.get("t") != "shared":
                    self._gathering.cover(_range(attributes["ref"], values.FORMULA))
            case "rPh":
                self._aloud = True
            case "strike":
                self._struck = self._struck or strikes(attributes)
            case _:
                self._around(tag, attributes)

    def _around(self, tag: str, attributes: Mapping[str, str]) -> None:
        match tag:
            case "col":
                if attributes.get("hidden") in TRUE or _is_nothing(attributes.get("width", "")):
                    self._gathering.hide(
                        whole_number(attributes.get("min", "")), whole_number(attributes.get("max", ""))
                    )
            case "conditionalFormatting":
                self._ruled = attributes.get("sqref", "")
            case "cfRule" if attributes.get("dxfId") in self._changes:
                for one in self._ruled.split():
                    self._gathering.disguise(_range(one, values.FORMAT))
            case "mergeCell":
                self._gathering.cover(_range(attributes.get("ref", ""), values.MERGED))
            case "sheetData":
                self._in_rows = True
            case _:
                pass

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        number = whole_number(attributes["r"]) if "r" in attributes else self._number + 1
        if number <= self._number:
            raise SheetFault("sheet-malformed")
        self._number, self._digits = number, str(number)
        self._hidden = attributes.get("hidden") in TRUE or ("ht" in attributes and _is_nothing(attributes["ht"]))
        self._found, self._filled, self._column = {}, False, 0

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        column = self._column + 1 if place is None else self._place(place)
        if column <= self._column:
            raise SheetFault("sheet-malformed")
        self._column = column
        columns = self._gathering.columns
        self._wanted = columns is None or column in columns
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._computes = self._struck = False

    def _place(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        if place[len(letters) :] != self._digits:
            raise SheetFault("sheet-malformed")
        known = self._columns.get(letters)
        if known is None:
            known = self._columns[letters] = _column(letters)
        return known

    def _end_cell(self) -> None:
        self._wanted = False
        too_long, text = self._size > values.LONGEST, self._taken()
        if self._computes:
            said: str = values.FORMULA
        elif too_long:
            said = values.TOO_LONG
        else:
            said = self._cells.value(self._kind, self._style, text) if text else ""
            said = struck(said) if self._struck else said
        if said:
            self._found[self._column] = said


def _is_nothing(size: str) -> bool:
    """Whether a height in points or a width in characters leaves nothing to see."""
    return _SIZE.fullmatch(size) is not None and float(size) < 1


def _column(letters: str) -> int:
    """`A` is 1, `XFD` 16,384."""
    if not _LETTERS.fullmatch(letters):
        raise SheetFault("sheet-malformed")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _range(text: str, code: values.CellCode) -> Range:
    corners = _RANGE.fullmatch(text)
    if corners is None:
        raise SheetFault("sheet-malformed")
    left, top, right, bottom = corners.groups()
    return Range(int(top), _column(left), int(bottom or top), _column(right or left), code)
