"""What styles of an ODS (OpenDocument 1.2, part 1, 16 and 20) do to what they dress: strike it, hide it, replace it.

Of a number or a day the file tells what is shown; of a text it does not, where the style's format shows another.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

_URN: Final = "urn:oasis:names:tc:opendocument:xmlns"
_STYLE: Final = f"{_URN}:style:1.0}}"
_NUMBER: Final = f"{_URN}:datastyle:1.0}}"
_TABLE: Final = f"{_URN}:table:1.0}}"
_THROUGH: Final = (f"{_STYLE}text-line-through-style", f"{_STYLE}text-line-through-type")
_SIZES: Final = (f"{_STYLE}row-height", f"{_STYLE}column-width")
_TEXT_FORMAT: Final = f"{_NUMBER}text-style"
_PLAIN_TEXT: Final = f"{_NUMBER}text-content"
_PROPERTIES: Final = f"{_STYLE}text-properties"
_NOTHING: Final = re.compile(r"0*\.?0{1,3}[0-9]*[a-z]{0,3}")
"""A height or width below a hundredth of any unit."""
_MOST_PARENTS: Final = 30


@dataclass(slots=True)
class _Style:
    parent: str = ""
    format: str = ""
    struck: bool | None = None
    hidden: bool = False


@dataclass(slots=True)
class _Format:
    """Of text; `shows`: the text itself, `more`: anything besides."""

    shows: bool = False
    more: bool = False


@dataclass(slots=True)
class Looks:
    """What is told of styles, in whatever part; then asked by a style's family and name."""

    _styles: dict[tuple[str, str], _Style] = field(default_factory=dict)
    _formats: dict[str, _Format] = field(default_factory=dict)
    _style: _Style | None = None
    _format: _Format | None = None

    def start(self, name: str, attributes: Mapping[str, str], _depth: int) -> None:
        if name in (f"{_STYLE}style", f"{_STYLE}default-style"):
            key = (attributes.get(f"{_STYLE}family", ""), attributes.get(f"{_STYLE}name", ""))
            parent, shown = attributes.get(f"{_STYLE}parent-style-name", ""), attributes.get(f"{_STYLE}data-style-name")
            self._style = self._styles[key] = _Style(parent, shown or "")
        elif name.startswith(_NUMBER) and name.endswith("-style"):
            made = self._formats[attributes.get(f"{_STYLE}name", "")] = _Format(shows=name != _TEXT_FORMAT)
            self._format = made if name == _TEXT_FORMAT else None
        elif self._format is not None:
            self._within_format(self._format, name)
        elif self._style is not None:
            self._within_style(self._style, name, attributes)

    def end(self, name: str, _depth: int) -> None:
        if name == _TEXT_FORMAT:
            self._format = None
        elif name in (f"{_STYLE}style", f"{_STYLE}default-style"):
            self._style = None

    def text(self, _text: str) -> None:
        pass

    @staticmethod
    def _within_format(shown: _Format, name: str) -> None:
        if name == _PLAIN_TEXT:
            shown.more, shown.shows = shown.more or shown.shows, True
        elif name not in (_PROPERTIES, f"{_STYLE}map"):
            shown.more = True

    @staticmethod
    def _within_style(style: _Style, name: str, attributes: Mapping[str, str]) -> None:
        if name == _PROPERTIES:
            said = [attributes[one] for one in _THROUGH if one in attributes]
            if said:
                style.struck = "none" not in said
        elif name == f"{_STYLE}table-properties":
            style.hidden = attributes.get(f"{_TABLE}display") == "false"
        else:
            style.hidden = style.hidden or any(
                _NOTHING.fullmatch(attributes[one]) for one in _SIZES if one in attributes
            )

    def strikes(self, family: str, name: str) -> bool:
        """Whether text of that style is struck through."""
        return next((style.struck for style in self._line(family, name) if style.struck is not None), False)

    def hides(self, family: str, name: str) -> bool:
        """Whether a table, a row or a column of that style is not to be seen."""
        return any(style.hidden for style in self._line(family, name))

    def replaces(self, name: str) -> bool:
        """Whether a cell of that style shows another text than it holds, or more."""
        named = next((style.format for style in self._line("table-cell", name) if style.format), "")
        shown = self._formats.get(named)
        return shown is not None and (shown.more or not shown.shows)

    def changes(self, name: str) -> bool:
        """Whether a condition that lays this style on a cell strikes it through, or makes it show something else."""
        style = self._styles.get(("table-cell", name), _Style())
        return bool(style.format) or self.strikes("table-cell", name)

    def _line(self, family: str, name: str) -> Iterator[_Style]:
        """A style, its parent, and so on, to the family's own."""
        for _ in range(_MOST_PARENTS):
            style = self._styles.get((family, name))
            if style is None:
                break
            yield style
            if not name:
                return
            name = style.parent
        if (last := self._styles.get((family, ""))) is not None:
            yield last
