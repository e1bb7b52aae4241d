"""What the cells of an XLSX say (ECMA-376-1, 18.3.1.4, 18.4 and 18.8): shared strings, styles, types."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
_NAMES: Final = ("numFmts", "numFmt", "fonts", "font", "strike", "xf", "cellXfs", "dxfs", "dxf", "si", "t", "rPh")
_TAGS: Final = {f"{main}}}{name}": name for main in MAINS for name in _NAMES}
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


def strikes(attributes: Mapping[str, str]) -> bool:
    """Whether a `strike` strikes (18.4.10): it does unless it says that it does not."""
    return attributes.get("val", "1") not in ("0", "false")


class Styles(Deaf):
    """The number formats of the cells' styles, whether their fonts strike through, and what conditions change."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._struck: list[bool] = []
        """Of each font."""
        self._used: list[tuple[str, str]] = []
        """Number format and font of each style."""
        self._changes: list[bool] = []
        """Whether each of the differences that conditions make strikes through, or has a number format."""
        self._within = ""

    def start(self, name: str, attributes: Mapping[str, str], _depth: int) -> None:
        tag = _TAGS.get(name)
        if tag in ("numFmts", "fonts", "cellXfs", "dxfs"):
            self._within = tag
            return
        match self._within, tag:
            case "numFmts", "numFmt":
                self._codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            case "fonts", "font":
                self._struck.append(False)
            case "fonts", "strike" if self._struck:
                self._struck[-1] = strikes(attributes)
            case "cellXfs", "xf":
                self._used.append((attributes.get("numFmtId", "0"), attributes.get("fontId", "0")))
            case "dxfs", "dxf":
                self._changes.append(False)
            case "dxfs", "strike" | "numFmt" if self._changes:
                self._changes[-1] = self._changes[-1] or tag == "numFmt" or strikes(attributes)
            case _:
                pass

    def changes(self) -> frozenset[str]:
        """Differences by which a condition makes a cell show something else, or strikes it through."""
        return frozenset(str(place) for place, changes in enumerate(self._changes) if changes)

    def end(self, name: str, _depth: int) -> None:
        if _TAGS.get(name) == self._within:
            self._within = ""

    def formats(self) -> tuple[Format, ...]:
        known = {used: self._format(*used) for used in set(self._used)}
        return tuple(known[used] for used in self._used)

    def _format(self, number: str, font: str) -> Format:
        if number in self._codes:
            found = number_formats.format_of(self._codes[number][:1000])
        else:
            found = number_formats.built_in(whole_number(number))
        place = whole_number(font)
        return replace(found, struck=place < len(self._struck) and self._struck[place])


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
        self._struck = False

    def start(self, name: str, attributes: Mapping[str, str], depth: int) -> None:
        tag = _TAGS.get(name)
        if tag == "rPh":
            self._aloud = depth
        elif tag == "strike":
            self._struck = self._struck or strikes(attributes)
        self._listens = tag == "t" and not self._aloud

    def end(self, name: str, depth: int) -> None:
        self._listens = False
        if depth == self._aloud:
            self._aloud = 0
        if _TAGS.get(name) == "si":
            self._room -= self._size
            if self._room < 0 or len(self.texts) >= MOST_STRINGS:
                raise SheetFault("sheet-too-large")
            text = _said(self._taken())
            self.texts.append(struck(text) if self._struck else text)
            self._struck = False


class CellValues:
    """What a cell says, from its type, its style and its text."""

    def __init__(self, strings: Sequence[str], styles: Sequence[Format], *, since_1904: bool) -> None:
        self._strings = strings
        self._styles = styles
        self._since_1904 = since_1904
        self._memo: dict[tuple[str, str], str] = {}
        self._known: dict[str, Format] = {}

    def value(self, kind: str, style: str, text: str) -> str:
        match kind:
            case "s":
                return self._text(style, self._shared(text))
            case "n":
                return self._number(style, text.strip())
            case "str" | "inlineStr":
                return self._text(style, _said(text))
            case "b":
                return values.BOOLEAN
            case "e":
                return values.ERROR
            case "d":
                return self._iso_day(style, text.strip())
            case _:
                raise SheetFault("sheet-malformed")

    def _text(self, style: str, text: str) -> str:
        shape = self._style(style)
        if not shape.text and text:
            return values.FORMAT
        return struck(text) if shape.struck else text

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

    def _iso_day(self, style: str, text: str) -> str:
        shape = self._style(style)
        day = _in_order(values.day_of_iso(text), shape) if shape.shown is Shown.DAY else values.UNCLEAR
        return struck(day) if shape.struck else day

    def _fresh_number(self, style: str, text: str) -> str:
        shape = self._style(style)
        number = self._shown(shape, text)
        return struck(number) if shape.struck else number

    def _shown(self, shape: Format, text: str) -> str:
        match shape.shown:
            case Shown.DAY:
                return _in_order(values.day_of_serial(text, since_1904=self._since_1904), shape)
            case Shown.OTHERWISE:
                return values.FORMAT
            case Shown.UNCLEAR:
                return values.UNCLEAR
            case Shown.SHARE:
                return values.INEXACT
            case Shown.NUMBER:
                number = values.digits(text)
                padded = shape.width > len(number) and number.isdigit()
                return number.zfill(shape.width) if padded else number

    def _style(self, style: str) -> Format:
        """By its number; a cell that names none has the first."""
        known = self._known.get(style)
        if known is None:
            known = self._known[style] = self._looked_up(style)
        return known

    def _looked_up(self, style: str) -> Format:
        if not self._styles:
            return number_formats.GENERAL
        try:
            return self._styles[whole_number(style or "0")]
        except IndexError:
            raise SheetFault("sheet-malformed") from None


def struck(text: str) -> str:
    """A text that is struck through; what says nothing at all still says nothing."""
    return values.Struck(text) if text and not isinstance(text, values.CellCode) else text


def _in_order(day: str, shape: Format) -> str:
    """A day, unless month and day stand the other way round than a French reader takes them."""
    if not shape.month_first or isinstance(day, values.CellCode):
        return day
    return values.in_other_order(day)


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
