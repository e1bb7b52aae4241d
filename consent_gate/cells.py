"""One cell of a client's sheet as a reference, a name, a day, an INS, a kind of fact or a scope, or why not."""

import re
from datetime import date
from typing import Final

from consent_gate.model import DocType, FactKind, PatientRef
from consent_gate.sheets import Row
from consent_gate.traits import comparable_name, is_matricule, key_is_right, matricule, normal_name

LONGEST: Final = 200
"""Characters of a name, or of a reference to evidence."""

_KINDS: Final = {
    "ACCORDEE": FactKind.GRANTED,
    "ACCORDE": FactKind.GRANTED,
    "REFUSEE": FactKind.REFUSED,
    "REFUSE": FactKind.REFUSED,
    "RETIREE": FactKind.WITHDRAWN,
    "RETIRE": FactKind.WITHDRAWN,
    "INFORMATION": FactKind.NOTICE,
    "OPPOSITION": FactKind.OPPOSED,
    "OPPOSITIONLEVEE": FactKind.OPPOSITION_LIFTED,
}
_SEXES: Final = {"": None, "M": "M", "H": "M", "F": "F", "I": "I"}
_ALL_DOCUMENTS: Final = frozenset({"TOUSDOCUMENTS", "TOUSLESDOCUMENTS", "TOUS"})
_OLDEST: Final = 1900

_REFERENCE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?")
_NIR_WITHOUT_KEY: Final = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}")
_DOC_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_FRENCH_DAY: Final = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4})")


class CellRefused(Exception):
    """A line cannot be used: a key of `lexicon.catalogue.LINES`, and the field at fault if one is. Never the cell."""

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def reference(row: Row) -> PatientRef:
    """The client's own opaque reference of a patient: it travels on separators and in reports, so never an INS."""
    return check_reference(row.cells.get("reference", ""))


def check_reference(text: str) -> PatientRef:
    """Raise `CellRefused` for a text that is no reference: empty, an INS, or with signs that are not allowed."""
    if not text:
        raise CellRefused("reference-missing", "reference")
    number = matricule(text)
    if is_matricule(number) or _NIR_WITHOUT_KEY.fullmatch(number):
        raise CellRefused("reference-is-ins", "reference")
    if not _REFERENCE.fullmatch(text):
        raise CellRefused("reference-unusable", "reference")
    return PatientRef(text)


def name(row: Row, field: str) -> str:
    """A name as the client wrote it, once RNIV can write it too."""
    text = row.cells.get(field, "")
    if not text:
        raise CellRefused("name-missing", field)
    return _readable(text, field)


def names(row: Row, field: str) -> tuple[str, ...]:
    """Names between commas, at least one."""
    text = row.cells.get(field, "")
    if not text:
        raise CellRefused("name-missing", field)
    return tuple(_readable(part.strip(), field) for part in text.split(","))


def ins(row: Row) -> str:
    """A matricule with the right key, spaces taken out; empty where the cell is."""
    number = matricule(row.cells.get("ins", ""))
    if number and not is_matricule(number):
        raise CellRefused("ins-malformed", "ins")
    if number and not key_is_right(number):
        raise CellRefused("ins-key-wrong", "ins")
    return number


def sex(row: Row) -> str | None:
    """M, F or I (undetermined); H is read as M."""
    text = row.cells.get("sex", "").upper()
    if text not in _SEXES:
        raise CellRefused("sex-unknown", "sex")
    return _SEXES[text]


def day(row: Row, field: str) -> date:
    """A day, as AAAA-MM-JJ or JJ/MM/AAAA."""
    text = row.cells.get(field, "")
    if not text:
        raise CellRefused("date-missing", field)
    iso, french = _ISO_DAY.fullmatch(text), _FRENCH_DAY.fullmatch(text)
    parts = iso.groups() if iso else french.groups()[::-1] if french else None
    if parts is None:
        raise CellRefused("date-unreadable", field)
    try:
        found = date(*(int(part) for part in parts))
    except ValueError:
        raise CellRefused("date-impossible", field) from None
    if found.year < _OLDEST:
        raise CellRefused("date-impossible", field)
    return found


def kind(row: Row) -> FactKind | None:
    """What the line says was done, whatever case, accents and spaces; None for a word that is not known."""
    return _KINDS.get(comparable_name(row.cells.get("kind", "")))


def is_doc_type(text: str) -> bool:
    """Whether a document type can be named so, on a separator or in a scope."""
    return _DOC_TYPE.fullmatch(text) is not None


def scope(row: Row) -> frozenset[DocType] | None:
    """The document types that a grant is limited to, between commas, spaces, plus signs or bars; None: all."""
    if "scope" not in row.cells:
        return None
    text = row.cells["scope"]
    if comparable_name(text) in _ALL_DOCUMENTS:
        return None
    words = [word for word in re.split(r"[\s,+|]+", text) if word]
    if not words:
        raise CellRefused("scope-missing", "scope")
    if any(not is_doc_type(word) or comparable_name(word) in _ALL_DOCUMENTS for word in words):
        raise CellRefused("scope-unreadable", "scope")
    return frozenset(DocType(word) for word in words)


def evidence(row: Row) -> str | None:
    """A reference to a signed form or another proof."""
    text = row.cells.get("evidence", "")
    if len(text) > LONGEST or not text.isprintable():
        raise CellRefused("evidence-unusable", "evidence")
    return text or None


def _readable(text: str, field: str) -> str:
    if len(text) > LONGEST or normal_name(text) is None:
        raise CellRefused("name-unreadable", field)
    return text
