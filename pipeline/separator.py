"""What a separator's code says: `LIASSE1|patient|type|document|crc`. Drawn for the printer in `pipeline.sheets`.

It carries the client's opaque reference, never a name or an INS.
"""

import zlib
from typing import Final

from consent_gate.cells import is_doc_type
from consent_gate.model import DocType, PatientRef
from lexicon.faults import StationFault
from pipeline.model import Separator

MARK: Final = "LIASSE"
"""How every payload of ours begins, of this version or another."""
_VERSION: Final = "LIASSE1"
_FIELDS: Final = 5
_LONGEST: Final = 128
"""Characters of a field: what still prints in modules of 0.5 mm with room to spare."""


def payload(separator: Separator) -> str:
    """The text of a separator's code. StationFault `separator-unprintable` for fields that a code cannot carry."""
    if checked(separator) is None:
        raise StationFault("separator-unprintable", limit=_LONGEST)
    body = "|".join((separator.patient, separator.doc_type or "", separator.client_document or ""))
    return f"{_VERSION}|{body}|{_crc(body)}"


def parse(text: str) -> Separator | None:
    """What a code says; None when it is no separator of this version, or a damaged one.

    The type is stored in clear: free text in its place makes the separator a damaged one.
    """
    parts = text.split("|")
    if len(parts) != _FIELDS or parts[0] != _VERSION or not parts[1] or parts[4] != _crc("|".join(parts[1:4])):
        return None
    if not all(_is_plain(value) for value in parts) or not _is_type(parts[2]):
        return None
    return Separator(PatientRef(parts[1]), DocType(parts[2]) if parts[2] else None, parts[3] or None)


def checked(separator: Separator) -> Separator | None:
    """The separator, where a code of ours could say it; None for one that no sheet can have."""
    fields = separator.patient, separator.doc_type or "", separator.client_document or ""
    if not separator.patient or not all(_is_plain(value) for value in fields) or not _is_type(fields[1]):
        return None
    return separator


def _is_plain(value: str) -> bool:
    return len(value) <= _LONGEST and "|" not in value and (not value or value.isprintable())


def _is_type(value: str) -> bool:
    return not value or is_doc_type(value)


def _crc(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08X}"
