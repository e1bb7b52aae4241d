"""The INS datamatrix: what its text says (ANS, INS - Format datamatrix, v2.2), in any order of blocks.

The code bears no signature and proves nothing by itself. Scanners pass the separator GS (0x1D) on as it is, as `<GS>`,
as a blank, or not at all; names have no digits, so that `S1` to `S7` always begin a block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from pipeline.identity.traits import key

MARK: Final = "IS"
"""How every INS datamatrix begins, of this version or another."""

_VERSION: Final = "01"
_HEADER: Final = re.compile(r"IS01\d{22}")
_VERSIONED: Final = re.compile(r"IS\d{24}")
_GS: Final = "\x1d"
_SEPARATORS: Final = re.compile("<GS>|\u241d|\\{GS\\}", re.IGNORECASE)
_READER_MARK: Final = re.compile(r"^(?:\]d\d)?\x1d?")
"""AIM's name of the symbology (ISO/IEC 15424), which some readers put first."""
_BETWEEN: Final = " \t\r\n" + _GS
_BLOCK: Final = re.compile(r"S[1-7]")
_END: Final = re.compile(rf"{_GS}|(?=S[1-7])|$")
_FIXED: Final = {"S1": 15, "S5": 1, "S6": 10, "S7": 5}
_OPTIONAL: Final = "S7"
_ALL: Final = ("S1", "S2", "S3", "S4", "S5", "S6", "S7")
_LONGEST_NAME: Final = 100

_MATRICULE: Final = re.compile(r"[1-478]\d{4}(?:\d{2}|2[AB])\d{6}\d{2}")
_NAME: Final = re.compile(r"[A-Z'](?:[A-Z' -]*[A-Z'-])?")
_DAY: Final = re.compile(r"(\d{2})-(\d{2})-(\d{4})")
_PLACE: Final = re.compile(r"\d{5}|2[AB]\d{3}")
_TEMPORARY: Final = frozenset("378")
_PSEUDO_MONTH: Final = 20


class Domain(StrEnum):
    """The world that an OID is of."""

    PRODUCTION = "production"
    TEST = "test"
    DEMO = "demo"


_ROOT: Final = "1.2.250.1.213.1.4."
OIDS: Final = {
    f"{_ROOT}8": Domain.PRODUCTION,  # INS-NIR
    f"{_ROOT}9": Domain.PRODUCTION,  # INS-NIA
    f"{_ROOT}10": Domain.TEST,
    f"{_ROOT}11": Domain.DEMO,
}
_NIA: Final = f"{_ROOT}9"
_HISTORICAL: Final = frozenset(f"{_ROOT}{last}" for last in (2, 6, 7))
"""INS-C, computed from the traits: no number of a person."""


class InsFlaw(StrEnum):
    """Why a code is no INS that can be compared. The value is reported: never rename one."""

    NOT_INS = "not-ins"
    VERSION = "ins-version"
    HEADER = "ins-header"
    UNKNOWN_BLOCK = "ins-unknown-block"
    DUPLICATE_BLOCK = "ins-duplicate-block"
    MISSING_BLOCK = "ins-missing-block"
    MATRICULE = "ins-matricule"
    KEY = "ins-key"
    OID = "ins-oid"
    HISTORICAL = "ins-historical"
    NAME = "ins-name"
    SEX = "ins-sex"
    BIRTH_DATE = "ins-birth-date"
    BIRTH_PLACE = "ins-birth-place"


class InsWarning(StrEnum):
    """What the parts of a code say of each other; identities change, so that none of it makes the code wrong."""

    SEX_DIFFERS = "sex-differs"
    BIRTH_DIFFERS = "birth-differs"
    KIND_DIFFERS = "kind-differs"
    """A waiting number under the OID of definite ones, or the reverse."""


@dataclass(frozen=True, slots=True)
class InsCode:
    """An INS as a datamatrix says it. Its text is identity: never logged."""

    matricule: str = field(repr=False)
    """15 characters with a right key."""
    oid: str
    given_names: tuple[str, ...] = field(repr=False)
    """Given names of birth; a composed one may be one word or two, the format does not say."""
    birth_name: str = field(repr=False)
    sex: Literal["M", "F"] = field(repr=False)
    birth_date: date = field(repr=False)
    birth_place: str | None = field(repr=False)
    """INSEE code (COG) of a commune, or of a country."""
    warnings: tuple[InsWarning, ...] = ()

    @property
    def domain(self) -> Domain:
        return OIDS[self.oid]


def admits(mode: Literal["trial", "production"], domain: Domain) -> bool:
    """Whether a station of that mode works with identities of that domain: real ones in production, and no others."""
    return (domain is Domain.PRODUCTION) == (mode == "production")


def parse(text: str, today: date) -> InsCode | InsFlaw:
    """What a code's text says, or the first flaw that makes it no INS. Never raises, whatever the text."""
    plain = _SEPARATORS.sub(_GS, _READER_MARK.sub("", text.strip(" \t\r\n\x02\x03"), count=1))
    if not _HEADER.match(plain):
        return _headless(plain)
    blocks = list(_blocks(plain[26:]))
    names = [name for name, _ in blocks]
    if not set(names) <= set(_ALL):
        return InsFlaw.UNKNOWN_BLOCK
    if len(set(names)) < len(names):
        return InsFlaw.DUPLICATE_BLOCK
    if any(name not in names for name in _ALL if name != _OPTIONAL):
        return InsFlaw.MISSING_BLOCK
    return _judged(dict(blocks), today)


def _headless(plain: str) -> InsFlaw:
    """Of a text that does not begin as version 01 does."""
    if plain.startswith(MARK + _VERSION):
        return InsFlaw.HEADER
    return InsFlaw.VERSION if _VERSIONED.match(plain) else InsFlaw.NOT_INS


def _blocks(body: str) -> Iterator[tuple[str, str]]:
    """Each block's name and text; a name that is none for what begins no block."""
    rest = body.lstrip(_BETWEEN)
    while rest:
        name = rest[:2]
        if not _BLOCK.fullmatch(name):
            yield "", ""
            return
        rest = rest[2:]
        end = _end(name, rest)
        yield name, rest[:end].strip(_BETWEEN)
        rest = rest[end:].lstrip(_BETWEEN)


def _end(name: str, rest: str) -> int:
    """Where a block's text ends: at a separator or where the next begins, fixed ones at their length at the latest."""
    found = _END.search(rest)
    end = found.start() if found else len(rest)
    return min(_FIXED.get(name, end), end)


def _judged(blocks: dict[str, str], today: date) -> InsCode | InsFlaw:
    flaw = next(_lexical(blocks), None)
    if flaw is not None:
        return flaw
    born = _day(blocks["S6"], today)
    if born is None:
        return InsFlaw.BIRTH_DATE
    return InsCode(
        matricule=blocks["S1"],
        oid=blocks["S2"],
        given_names=tuple(blocks["S3"].split()),
        birth_name=blocks["S4"],
        sex="M" if blocks["S5"] == "M" else "F",
        birth_date=born,
        birth_place=blocks.get("S7"),
        warnings=tuple(_warnings(blocks, born)),
    )


def _lexical(blocks: dict[str, str]) -> Iterator[InsFlaw]:
    """What of the blocks' texts is not of their form, the number first."""
    number, oid = blocks["S1"], blocks["S2"]
    if not (number.isascii() and _MATRICULE.fullmatch(number)):
        yield InsFlaw.MATRICULE
    elif key(number[:13]) != number[13:]:
        yield InsFlaw.KEY
    if oid not in OIDS:
        yield InsFlaw.HISTORICAL if oid in _HISTORICAL else InsFlaw.OID
    if not all(_is_name(blocks[name]) for name in ("S3", "S4")) or "--" in blocks["S3"]:
        yield InsFlaw.NAME
    if blocks["S5"] not in ("M", "F"):
        yield InsFlaw.SEX
    if "S7" in blocks and not (blocks["S7"].isascii() and _PLACE.fullmatch(blocks["S7"])):
        yield InsFlaw.BIRTH_PLACE


def _is_name(said: str) -> bool:
    return 0 < len(said) <= _LONGEST_NAME and bool(_NAME.fullmatch(said)) and not re.search(r" {2}|''| '|' ", said)


def _day(said: str, today: date) -> date | None:
    parts = _DAY.fullmatch(said) if said.isascii() else None
    try:
        day = date(int(parts[3]), int(parts[2]), int(parts[1])) if parts else None
    except ValueError:
        return None
    return day if day is not None and day <= today else None


def _warnings(blocks: dict[str, str], born: date) -> Iterator[InsWarning]:
    number = blocks["S1"]
    if (int(number[0]) % 2 == 1) != (blocks["S5"] == "M"):
        yield InsWarning.SEX_DIFFERS
    month = int(number[3:5])
    if int(number[1:3]) != born.year % 100 or (month < _PSEUDO_MONTH and month != born.month):
        yield InsWarning.BIRTH_DIFFERS
    if OIDS[blocks["S2"]] is Domain.PRODUCTION and (number[0] in _TEMPORARY) != (blocks["S2"] == _NIA):
        yield InsWarning.KIND_DIFFERS
