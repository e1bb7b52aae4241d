"""One cell of a client's sheet as a reference, a name, a day, an INS, a kind of fact or a limit, or why not."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from consent_gate.model import DocType, EvidenceKind, FactKind, Giver, Opposition, PatientRef
from consent_gate.sheets.reading import Row
from consent_gate.sheets.values import CellCode, plain_text
from consent_gate.traits import comparable_name, is_matricule, key_is_right, matricule, normal_name

LONGEST: Final = 200
"""Characters of a name, or of a reference to evidence."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a `statut` means."""

    kind: FactKind
    opposition: Opposition | None = None
    limited: bool = False
    """The word itself says that what is authorized has limits."""


_MATTERS: Final = {
    "": Opposition.HOSTING,
    "HEBERGEMENT": Opposition.HOSTING,
    "ALHEBERGEMENT": Opposition.HOSTING,
    "ACCES": Opposition.ACCESS,
    "ALACCES": Opposition.ACCESS,
    "TRANSMISSION": Opposition.TRANSMISSION,
    "ALATRANSMISSION": Opposition.TRANSMISSION,
}
_LIFTINGS: Final = ("OPPOSITION{}LEVEE", "OPPOSITIONLEVEE{}", "LEVEEOPPOSITION{}", "LEVEEDOPPOSITION{}")
_GRANTED: Final = Said(FactKind.GRANTED)
_SAID: Final = {
    "ACCORDEE": _GRANTED,
    "ACCORDE": _GRANTED,
    "LIMITEE": Said(FactKind.GRANTED, limited=True),
    "LIMITE": Said(FactKind.GRANTED, limited=True),
    "REFUSEE": Said(FactKind.REFUSED),
    "REFUSE": Said(FactKind.REFUSED),
    "RETIREE": Said(FactKind.WITHDRAWN),
    "RETIRE": Said(FactKind.WITHDRAWN),
    "INFORMATION": Said(FactKind.NOTICE),
    "INFORMEE": Said(FactKind.NOTICE),
    "INFORME": Said(FactKind.NOTICE),
    "DECES": Said(FactKind.DECEASED),
    "DECEDEE": Said(FactKind.DECEASED),
    "DECEDE": Said(FactKind.DECEASED),
    **{f"OPPOSITION{word}": Said(FactKind.OPPOSED, which) for word, which in _MATTERS.items()},
    **{
        form.format(word): Said(FactKind.OPPOSITION_LIFTED, which)
        for form in _LIFTINGS
        for word, which in _MATTERS.items()
    },
}
IN_DOUBT: Final = "en_doute"
"""The word of an export for a patient about whom a doubt is open: no line can be used until it is settled."""
_GIVERS: Final = {
    "": None,
    "PATIENT": Giver.PATIENT,
    "PATIENTE": Giver.PATIENT,
    "AUTORITEPARENTALE": Giver.PARENTAL_AUTHORITY,
    "PARENT": Giver.PARENTAL_AUTHORITY,
    "PARENTS": Giver.PARENTAL_AUTHORITY,
    "TUTEUR": Giver.GUARDIAN,
    "TUTRICE": Giver.GUARDIAN,
    "CURATEUR": Giver.GUARDIAN,
    "CURATRICE": Giver.GUARDIAN,
}
_EVIDENCE_KINDS: Final = {
    "": EvidenceKind.UNSPECIFIED,
    "FORMULAIRESIGNE": EvidenceKind.SIGNED_FORM,
    "FORMULAIRE": EvidenceKind.SIGNED_FORM,
    "COURRIEL": EvidenceKind.E_MAIL,
    "EMAIL": EvidenceKind.E_MAIL,
    "MAIL": EvidenceKind.E_MAIL,
    "MEL": EvidenceKind.E_MAIL,
    "ORAL": EvidenceKind.ORAL,
    "ORALE": EvidenceKind.ORAL,
    "DECISIONRESPONSABLE": EvidenceKind.CONTROLLER_DECISION,
}
_SEXES: Final = {"": None, "M": "M", "H": "M", "F": "F", "I": "I"}
_ALL_DOCUMENTS: Final = frozenset({"TOUSDOCUMENTS", "TOUSLESDOCUMENTS", "TOUS"})
_ALL_PURPOSES: Final = frozenset({"TOUTESFINALITES", "TOUTESLESFINALITES", "TOUTES"})
_OLDEST: Final = 1900

_FRENCH_ACCENTS: Final = dict.fromkeys(map(ord, "\u0300\u0301\u0302\u0308\u0327"))
"""No others are taken off: a stroke through a letter is one of them."""
_QUOTES_AND_HYPHENS: Final = str.maketrans("\u2019\u02bc\u2010", "''-")
_PLAIN_WORD: Final = re.compile(r"[A-Z0-9]+(?:[\s_'-]+[A-Z0-9]+)*")

_REFERENCE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?")
_NIR_WITHOUT_KEY: Final = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}")
_DOC_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
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


def said(row: Row) -> Said | None:
    """What the line says was done, whatever case, accents and spaces; None for a word that is not known."""
    return said_by(row.cells.get("kind", ""))


def said_by(text: str) -> Said | None:
    """The same of a word alone, in the words of the column `statut`."""
    return _SAID.get(_word(text))


def speaks(text: str) -> bool:
    """Whether a cell alone is a word of the column `statut`."""
    return said_by(text) is not None or _word(text) == _word(IN_DOUBT)


def is_doubt(row: Row) -> bool:
    """Whether the line is another station's word that nobody knows yet what the patient said."""
    return _word(row.cells.get("kind", "")) == _word(IN_DOUBT)


def giver(row: Row) -> Giver | None:
    """Who spoke; None where the cell is empty."""
    word = _word(row.cells.get("given_by", ""))
    if word not in _GIVERS:
        raise CellRefused("giver-unknown", "given_by")
    return _GIVERS[word]


def evidence_kind(row: Row) -> EvidenceKind:
    word = _word(row.cells.get("evidence_kind", ""))
    if word not in _EVIDENCE_KINDS:
        raise CellRefused("evidence-kind-unknown", "evidence_kind")
    return _EVIDENCE_KINDS[word]


def sha256(row: Row) -> str | None:
    """64 hexadecimal digits, spaces and colons taken out, in small letters."""
    text = re.sub(r"[\s:]", "", row.cells.get("evidence_sha256", "")).lower()
    if text and not _SHA256.fullmatch(text):
        raise CellRefused("hash-malformed", "evidence_sha256")
    return text or None


def is_doc_type(text: str) -> bool:
    """Whether a document type can be named so, on a separator or in a scope."""
    return _DOC_TYPE.fullmatch(text) is not None


def scope(row: Row) -> frozenset[DocType] | None:
    """The document types that a grant is limited to, between commas, spaces, plus signs or bars; None: all."""
    if "scope" not in row.cells:
        return None
    words = _limits(row, "scope", _ALL_DOCUMENTS, CellRefused("scope-unreadable", "scope"))
    if words == ():
        raise CellRefused("scope-missing", "scope")
    return None if words is None else frozenset(map(DocType, words))


def purposes(row: Row) -> frozenset[str] | None:
    """The purposes that a grant is limited to, as the document types; None: all, as where the cell is empty."""
    words = _limits(row, "purposes", _ALL_PURPOSES, CellRefused("purposes-unreadable", "purposes"))
    return frozenset(words) if words else None


@lru_cache(maxsize=1024)
def _word(text: str) -> str:
    """A word of the sheet's small vocabulary, whatever case, accents, and blanks, hyphens and apostrophes within it.

    Any other sign stays and makes it a word of nobody's: `accordée ?`, `≠ accordée` and `- accordée` are no yes.
    """
    folded = text.upper() if text.isascii() else unicodedata.normalize("NFKD", text.upper())
    plain = folded.translate(_FRENCH_ACCENTS).translate(_QUOTES_AND_HYPHENS)
    return re.sub(r"[\s_'-]+", "", plain) if _PLAIN_WORD.fullmatch(plain) else plain


def is_all(row: Row, field: str) -> bool:
    """Whether nothing in the cell looks like a limit: it says all, or its column is not there."""
    words = _ALL_DOCUMENTS if field == "scope" else _ALL_PURPOSES | {""} if field == "purposes" else {""}
    return field not in row.cells or _word(row.cells[field]) in words


def reference_text(row: Row, field: str) -> str:
    """A reference to a proof, the name of a witness, a version or a channel; empty where the cell is."""
    text = row.cells.get(field, "")
    return check_text(text, field)


def check_text(text: str, field: str) -> str:
    """The text. Raises `CellRefused` for one too long, with invisible signs, or that a spreadsheet would compute."""
    plain = plain_text(text)
    if len(text) > LONGEST or isinstance(plain, CellCode) or not plain.isprintable():
        raise CellRefused("evidence-unusable", field)
    return plain


def _limits(row: Row, field: str, everything: frozenset[str], unreadable: CellRefused) -> tuple[str, ...] | None:
    """The words of a limit; None where the cell says that there is none."""
    text = row.cells.get(field, "")
    if _word(text) in everything:
        return None
    words = tuple(word for word in re.split(r"[\s,+|]+", text) if word)
    if (text and not words) or any(not is_doc_type(word) or comparable_name(word) in everything for word in words):
        raise unreadable
    return words


def _readable(text: str, field: str) -> str:
    if len(text) > LONGEST or normal_name(text) is None:
        raise CellRefused("name-unreadable", field)
    return text
