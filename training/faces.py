"""Typefaces that French texts are set in: those of free font packages, by what they are good for."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

RARE: Final = frozenset("²³µ≤≥±•↑↓→’–")
"""Characters that a face may lack."""
_NEEDED: Final = "éèàçœŒÉ°€«»"
_SKIPPED: Final = (
    "dingbats", "standardsymbols", "d050000l", "math", "z003", "chorus", "lmdunh", "upright", "keyboard", "initials",
    "csc", "caps", "display",
)  # fmt: skip
_MARKED: Final = ("bold", "italic", "oblique", "black", "heavy", "thin", "light", "slant", "bd", "obl")
_SLANTED: Final = ("italic", "oblique", "slant", "obl", "-ri", "-it")
_USUAL: Final = (
    "liberation", "dejavu", "carlito", "caladea", "arimo", "tinos", "cousine", "nimbus", "courier", "typewriter",
    "roboto", "opensans",
)  # fmt: skip
_BOOKISH: Final = (
    "garamond", "libertine", "gentium", "freeserif", "lmroman", "c059", "p052", "bookman", "schola", "pagella",
    "bonum", "termes", "nimbusroman",
)  # fmt: skip
_NOT_TYPED: Final = ("sans", "hack", "inconsolata", "roboto", "bold", "condensed", "cond")


@dataclass(frozen=True, slots=True)
class Font:
    """A face at a size in pixels."""

    drawn: ImageFont.FreeTypeFont
    rare: frozenset[str]
    """Of `RARE`, what it has."""
    body: float
    """Height of its small letters."""

    def ink(self, word: str) -> tuple[float, float, float, float]:
        """The box of the word's ink, from where its baseline begins; not of its advance."""
        mask, (x, y) = self.drawn.getmask2(word, mode="L", anchor="ls")
        left, top, right, bottom = mask.getbbox() or (0, 0, 0, 0)
        return x + left, y + top, x + right, y + bottom


@dataclass(slots=True)
class Faces:
    """All of them, and those of a kind."""

    all: list[Path]
    usual: list[Path] = field(init=False)
    plain: list[Path] = field(init=False)
    """Upright, of normal weight."""
    slanted: list[Path] = field(init=False)
    books: list[Path] = field(init=False)
    typewriters: list[Path] = field(init=False)
    """Every letter as wide as any other."""

    def __post_init__(self) -> None:
        self.usual = [path for path in self.all if _named(path, _USUAL)]
        self.plain = [path for path in self.all if not _named(path, _MARKED)]
        self.slanted = [path for path in self.all if _named(path, _SLANTED)]
        self.books = [path for path in self.plain if _named(path, _BOOKISH)]
        self.typewriters = [path for path in self.all if not _named(path, _NOT_TYPED) and _even(path)]


def faces_in(folder: Path) -> Faces:
    """Text faces under a folder that have French letters."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in {".ttf", ".otf"}]
    return Faces([path for path in paths if not _named(path, _SKIPPED) and _french(path)])


@lru_cache(maxsize=400)
def font(path: Path, pixels: int) -> Font:
    drawn = ImageFont.truetype(str(path), pixels)
    rare = frozenset(letter for letter in RARE if _has(drawn, letter))
    return Font(drawn, rare, float(-drawn.getbbox("x", anchor="ls")[1]))


def _named(path: Path, names: tuple[str, ...]) -> bool:
    return any(name in path.stem.lower() for name in names)


def _french(path: Path) -> bool:
    drawn = ImageFont.truetype(str(path), 20)
    return all(_has(drawn, letter) for letter in _NEEDED)


def _even(path: Path) -> bool:
    drawn = ImageFont.truetype(str(path), 40)
    return drawn.getlength("i") == drawn.getlength("M")


def _has(drawn: ImageFont.FreeTypeFont, letter: str) -> bool:
    missing, shown = drawn.getmask("\uffff"), drawn.getmask(letter)
    return shown.size != missing.size or bytes(shown) != bytes(missing)
