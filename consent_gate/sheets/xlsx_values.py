"""What the cells of an XLSX say (ECMA-376-1, 18.3.1.4, 18.4 and 18.8): shared strings, styles, types."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from consent_gate.sheets import number_formats, values
from consent_gate.sheets.number_formats import Format, Shown
from lexicon.faults import SheetFault

MOST_STRINGS: Final = 4_000_000
"""Strings that the cells share."""
MAINS: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)

_LONGEST_SHARED: Final = 128 * 2**20
"""Characters of all shared strings together."""
_MEMO: Final = 200_000
_TAGS: Final = {f"{main}}}{name}": name for main in MAINS for name in ("numFmt", "xf", "cellXfs", "si", "t", "rPh")}
TRUE: Final = frozenset({"1", "true"})
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Deaf:
    """A reader to which nothing matters."""

    def start(self, _name: str, _attributes: Mapping[str, str], _depth: int) -> None:
        pass

    def end(self, _name: str, _depth: int) -> None:
        pass

    def text(self, _text: str) -> None:
        pass


class Styles(Deaf):
    """The number formats of the cells' styles."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._used: list[str] = []
        self._of_cells = False

    def start(self, name: str, attributes: Mapping[str, str], _depth: int) -> None:
        tag = _TAGS.get(name)
        if tag == "numFmt":
            self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._of_cells = True
        elif tag == "xf" and self._of_cells:
            self._used.append(attributes.get("numFmtId", "0"))

    def end(self, name: str, _depth: int) -> None:
        if _TAGS.get(name) == "cellXfs":
            self._of_cells = False

    def formats(self) -> tuple[Format, ...]:
        known = {number: self._format(number) for number in set(self._used)}
        return tuple(known[number] for number in self._used)

    def _format(self, number: str) -> Format:
        if number in self._codes:
            return number_formats.format_of(self._codes[number][:1000])
        return number_formats.built_in(whole_number(number))


class Heard(Deaf):
    """Text of a string, run after run, without what is written above it to be read aloud (`rPh`)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._listens = False

    def text(self, text: str) -> None:
        if self._listens and self._size <= values.LONGEST:
            self._parts.append(text)
            self._size += len(text)

    def _taken(self) -> str:
        """What was heard; the ear is empty again."""
        heard = "".join(self._parts)
        self._parts.clear()
        self._size = 0
        return heard


class Strings(Heard):
    """The strings that cells share."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._room = _LONGEST_SHARED
        self._aloud = 0

    def start(self, name: str, _attributes: Mapping[str, str], depth: int) -> None:
        tag = _TAGS.get(name)
        if tag == "rPh":
            self._aloud = depth
        self._listens = tag == "t" and not self._aloud

    def end(self, name: str, depth: int) -> None:
        self._listens = False
        if depth == self._aloud:
            self._aloud = 0
        if _TAGS.get(name) == "si":
            self._room -= self._size
            if self._room < 0 or len(self.texts) >= MOST_STRINGS:
                raise SheetFault("sheet-too-large")
            self.texts.append(_said(self._taken()))


class CellValues:
    """What a cell says, from its type, its style and its text."""

    def __init__(self, strings: Sequence[str], styles: Sequence[Format], *, since_1904: bool) -> None:
        self._strings = strings
        self._styles = styles
        self._since_1904 = since_1904
        self._memo: dict[tuple[str, str], str] = {}

    def value(self, kind: str, style: str, text: str) -> str:
        match kind:
            case "s":
                return self._shared(text)
            case "n":
                return self._number(style, text.strip())
            case "str" | "inlineStr":
                return _said(text)
            case "b":
                return values.BOOLEAN
            case "e":
                return values.ERROR
            case "d":
                return values.day_of_iso(text.strip())
            case _:
                raise SheetFault("sheet-malformed")

    def _shared(self, text: str) -> str:
        try:
            return self._strings[whole_number(text.strip())]
        except IndexError:
            raise SheetFault("sheet-malformed") from None

    def _number(self, style: str, text: str) -> str:
        if not text:
            return ""
        known = self._memo.get((style, text))
        if known is None:
            known = self._fresh_number(style, text)
            if len(self._memo) < _MEMO:
                self._memo[style, text] = known
        return known

    def _fresh_number(self, style: str, text: str) -> str:
        shape = self._style(style)
        match shape.shown:
            case Shown.DAY:
                return values.day_of_serial(text, since_1904=self._since_1904)
            case Shown.UNCLEAR:
                return values.UNCLEAR
            case Shown.SHARE:
                return values.INEXACT
            case Shown.NUMBER:
                number = values.digits(text)
                padded = shape.width > len(number) and number.isdigit()
                return number.zfill(shape.width) if padded else number

    def _style(self, style: str) -> Format:
        if not style or not self._styles:
            return number_formats.GENERAL
        try:
            return self._styles[whole_number(style)]
        except IndexError:
            raise SheetFault("sheet-malformed") from None


def _said(text: str) -> str:
    """A string's text, its escapes (ECMA-376-1, 22.9.2.19) written out."""
    if len(text) > values.LONGEST:
        return values.TOO_LONG
    if "_x" in text:
        text = _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
    return values.plain_text(text)


def whole_number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise SheetFault("sheet-malformed")
    return int(text)
