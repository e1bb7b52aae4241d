"""Printed forms and what came back of them, as other rooms see them: states, sheets, envelopes."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from consent_gate.model import PatientRef
from storage.envelope import SealedForm
from storage.header import FormHeader

TO_SEAL: Final = "taken"
SEALED: Final = "sealed"
TO_CHECK: Final = "to-check"
CHECKED: Final = "checked"
HELD: Final = "held"
DISCARDED: Final = "discarded"
STATES: Final = (TO_SEAL, SEALED, TO_CHECK, CHECKED, HELD, DISCARDED)
"""taken: matched with a form; to-check: sealed at the station, and waiting for a person; sealed: read, and on its way
to the host; checked, held, discarded. The values are stored: never rename one."""
IN_HAND: Final = (TO_SEAL, SEALED)
ROLE: Final = "form"
"""Of pages that belong to a return."""
UNMATCHED: Final = "form-unmatched"
"""Why a page is held that bears no code; it stays the reason of one that a person matched with a form."""
_MEDIA_TYPE: Final = "application/pdf"
_ENVELOPE: Final = re.compile(r"(?P<of>[^/]+)-form-[0-9A-HJKMNP-TV-Z]{26}\.p7m", re.ASCII)


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A form that was printed. `pages` bear a code; the last is the one to sign."""

    id: str
    patient: PatientRef
    notice_version: str
    pages: int
    printed_at: str
    printed_on: date
    """The civil day at the client's: nobody signs it before."""
    notice_sha256: str
    """Of the notice's text, hex."""


@dataclass(frozen=True, slots=True)
class Returned:
    """Pages of a file that belong to one form, or that are held: `reason` says why, and `form` may be None."""

    id: str
    form: str | None
    positions: tuple[int, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredReturn:
    """What came back, as it stands. `positions` are 1-based in the file."""

    id: str
    file: str
    form: str | None
    positions: tuple[int, ...]
    version: int
    state: str
    reason: str | None
    waits_as: str | None
    """The file in which its envelope waits for the host (`envelope_name`)."""
    pdf_sha256: str | None
    """Of the image-only PDF that is the evidence, hex."""
    pdf_size: int | None
    sha256: str | None
    """Of the envelope."""
    size: int | None
    object_key: str | None
    deposited_at: str | None
    outcome: str | None
    checked_at: str | None
    captured_at: str
    leaving: str | None
    """The entry that says that it is to leave the host; None where it is not to, or has left."""
    recalled_by: str | None
    """The person on whose word."""

    @property
    def closed(self) -> bool:
        """Held for too long: its images are sealed for client and escrow, and the station cannot read them."""
        return self.state == HELD and self.sha256 is not None

    @property
    def back(self) -> bool:
        """A written page without a code, of which a person said that it is the back of a page of its form."""
        return self.form is not None and self.reason == UNMATCHED

    @property
    def sealed(self) -> SealedForm | None:
        """Its envelope, where it has one."""
        if self.pdf_sha256 is None or self.sha256 is None or self.size is None or self.pdf_size is None:
            return None
        header = FormHeader(self.id, self.version, self.pdf_sha256, _MEDIA_TYPE)
        return SealedForm(header, self.sha256, self.size, self.pdf_size)


def envelope_name(returned: str, sealing: str) -> str:
    """The name of a file in which a return's envelope waits; `sealing` is a fresh ULID."""
    return f"{returned}-form-{sealing}.p7m"


def return_of(name: str) -> str | None:
    """Of which return a file's envelope is, by its name; None where it is no such name."""
    found = _ENVELOPE.fullmatch(name)
    return found["of"] if found else None
