"""What a form's code says: `LIASSEA1|station|form|page/pages|crc`. Nothing in it says whose form it is.

A QR code (ISO/IEC 18004) in modules of 0.5 mm or more. The form's number is the station's own (ULID), and means
something to its database alone: a form found in a corridor tells nobody who is a patient of whom.
"""

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import Final

MARK: Final = "LIASSEA"
"""How every form's payload begins, of this version or another."""
_VERSION: Final = "LIASSEA1"
_ULID: Final = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"
_SAID: Final = re.compile(rf"([0-9A-F]{{8}})\|({_ULID})\|([1-9])/([1-9])", re.ASCII)
_TAG: Final = 8


@dataclass(frozen=True, slots=True)
class FormCode:
    """One page of one form: `page` of `pages`, from 1, at most 9. The last page is the one that is signed."""

    station: str
    """`station_tag` of the station that printed it."""
    form: str
    page: int
    pages: int

    @property
    def signed(self) -> bool:
        return self.page == self.pages


def station_tag(station: str) -> str:
    """Eight hex digits that tell a station's forms from another's."""
    return hashlib.sha256(f"liasse form 1|{station}".encode()).hexdigest()[:_TAG].upper()


def payload(code: FormCode) -> str:
    """The text of a page's code."""
    body = f"{code.station}|{code.form}|{code.page}/{code.pages}"
    return f"{_VERSION}|{body}|{_crc(body)}"


def parse(text: str) -> FormCode | None:
    """What a code says; None when it is no form's of this version, or a damaged one."""
    version, _, rest = text.partition("|")
    body, _, crc = rest.rpartition("|")
    said = _SAID.fullmatch(body)
    if version != _VERSION or said is None or crc != _crc(body):
        return None
    code = FormCode(said[1], said[2], int(said[3]), int(said[4]))
    return code if code.page <= code.pages else None


def _crc(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08X}"
