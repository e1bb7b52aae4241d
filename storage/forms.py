"""Authorization forms as rows: which was printed for whom, and what came back of each.

Whose form it is, is sealed; the number that is printed says nothing. What came back without a form that is known has no
patient.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from consent_gate.model import PatientRef
from storage.columns import Columns
from storage.envelope import SealedForm
from storage.header import FormHeader
from storage.receipt import FormReceipt
from storage.tables import FormReturnRow, FormRow
from storage.times import write_time
from storage.work import Superseded

TO_SEAL: Final = "taken"
SEALED: Final = "sealed"
TO_CHECK: Final = "to-check"
CHECKED: Final = "checked"
HELD: Final = "held"
DISCARDED: Final = "discarded"
STATES: Final = (TO_SEAL, SEALED, TO_CHECK, CHECKED, HELD, DISCARDED)
"""taken: matched with a form; sealed: for client and escrow, on its way to the host; to-check: there, and waiting for a
person; checked, held, discarded. The values are stored: never rename one."""
IN_HAND: Final = (TO_SEAL, SEALED)
ROLE: Final = "form"
"""Of pages that belong to a return."""
UNMATCHED: Final = "form-unmatched"
"""Why a page is held that bears no code; it stays the reason of one that a person matched with a form."""
_PATIENT: Final = "form.patient"
_MEDIA_TYPE: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A form that was printed. `pages` bear a code; the last is the one to sign."""

    id: str
    patient: PatientRef
    notice_version: str
    pages: int
    printed_at: str


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
    """The file in which its envelope waits for the host."""
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


class Forms:
    """Reads and writes of these rows. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    # Printed

    def print(
        self, session: Session, form: str, patient: PatientRef, notice_version: str, pages: int, at: datetime
    ) -> None:
        """A form that is about to be printed for a patient."""
        session.add(
            FormRow(
                id=form,
                patient_index=self._columns.reference_index(patient),
                patient_sealed=self._columns.seal(_PATIENT, form, patient.encode()),
                notice_version=notice_version,
                pages=pages,
                printed_at=write_time(at),
            )
        )

    def find(self, session: Session, form: str) -> StoredForm | None:
        """Raises `TamperFault("column-forged")` where its row was altered."""
        row = session.get(FormRow, form)
        return None if row is None else self._form(row)

    # Returned

    def take(self, session: Session, file: str, captured_at: str, returned: Sequence[Returned]) -> None:
        """What a file held."""
        for ordinal, one in enumerate(returned, start=1):
            session.add(
                FormReturnRow(
                    id=one.id,
                    file_id=file,
                    ordinal=ordinal,
                    form_id=one.form,
                    positions=json.dumps(list(one.positions)),
                    pages=len(one.positions),
                    state=HELD if one.reason else TO_SEAL,
                    reason=one.reason,
                    captured_at=captured_at,
                )
            )
        session.flush()

    def returned(self, session: Session, identifier: str) -> StoredReturn | None:
        row = session.get(FormReturnRow, identifier)
        return None if row is None else _stored(row)

    def returns(
        self, session: Session, *, file: str | None = None, form: str | None = None, states: Sequence[str] = STATES
    ) -> tuple[StoredReturn, ...]:
        """In the order in which they came."""
        query = select(FormReturnRow).where(col(FormReturnRow.state).in_(states))
        if file is not None:
            query = query.where(FormReturnRow.file_id == file)
        if form is not None:
            query = query.where(FormReturnRow.form_id == form)
        ordered = query.order_by(FormReturnRow.file_id, col(FormReturnRow.ordinal))
        return tuple(_stored(row) for row in session.exec(ordered))

    def came_back(self, session: Session, form: str) -> int:
        """How many times a form came back; its backs do not count."""
        coded = func.coalesce(FormReturnRow.reason, "") != UNMATCHED
        return session.exec(select(func.count()).where(FormReturnRow.form_id == form, coded)).one()

    def overdue(self, session: Session, before: datetime, state: str) -> tuple[str, ...]:
        """Which wait for a person since before a moment, and are readable by what the rows say; the oldest first."""
        captured = col(FormReturnRow.captured_at)
        kept = (FormReturnRow.state == state, captured < write_time(before), col(FormReturnRow.cleared_at).is_(None))
        query = select(FormReturnRow.id).where(*kept).order_by(captured, FormReturnRow.id)
        return tuple(session.exec(query))

    def seal(self, session: Session, sealed: SealedForm, object_key: str, waits_as: str) -> None:
        """Its envelope is in the station's folder. Raises `Superseded` where another worker was quicker."""
        row = self._row(session, sealed.header.form, TO_SEAL, sealed.header.version)
        row.state, row.object_key, row.waits_as = SEALED, object_key, waits_as
        _write_sealed(row, sealed)
        session.add(row)

    def close(self, session: Session, sealed: SealedForm) -> None:
        """Held pages are sealed for client and escrow, and stay at the station. Raises `Superseded`."""
        row = self._held(session, sealed.header.form)
        _write_sealed(row, sealed)
        session.add(row)

    def give_up(self, session: Session, returned: StoredReturn, *, lost: str | None = None) -> None:
        """Its envelope is no good: it is sealed anew under another key; with `lost`, it is held instead."""
        row = self._row(session, returned.id, SEALED, returned.version)
        row.state, row.reason = (TO_SEAL, row.reason) if lost is None else (HELD, lost)
        row.version += 1
        row.object_key = row.waits_as = row.pdf_sha256 = row.pdf_size = row.sha256 = row.size = None
        session.add(row)

    def lose(self, session: Session, returned: StoredReturn, reason: str) -> None:
        """Nothing of it is left to seal."""
        row = self._row(session, returned.id, TO_SEAL, returned.version)
        row.state, row.reason = HELD, reason
        session.add(row)

    def deposit(self, session: Session, receipt: FormReceipt) -> None:
        """It was read back from the host: it waits for a person."""
        row = self._row(session, receipt.header.form, SEALED, receipt.header.version)
        row.state, row.host, row.object_version = TO_CHECK, receipt.host, receipt.object_version
        row.deposited_at = write_time(receipt.deposited_at)
        session.add(row)

    def check(self, session: Session, returned: str, outcome: str, person: str, at: datetime) -> None:
        """What a person read on it. Raises `Superseded` where it does not wait any more."""
        row = self._row(session, returned, TO_CHECK)
        row.state, row.outcome, row.checked_by, row.checked_at = CHECKED, outcome, person, write_time(at)
        session.add(row)

    def assign(self, session: Session, returned: str, form: str) -> str:
        """A person says of which form held pages are; their file's identifier. Why they were held stays: no code says
        whose they are. Raises `Superseded`.
        """
        row = self._held(session, returned)
        row.state, row.form_id = TO_SEAL, form
        session.add(row)
        return row.file_id

    def discard(self, session: Session, returned: str) -> None:
        """A person says that held pages, closed or not, are of no form. Raises `Superseded`."""
        row = self._row(session, returned, HELD)
        row.state, row.cleared_at = DISCARDED, None
        session.add(row)

    def cleared(self, session: Session, returned: str, at: datetime) -> bool:
        """Its readable copy is destroyed; False where that was said before."""
        row = session.get_one(FormReturnRow, returned)
        if row.cleared_at is not None:
            return False
        row.cleared_at = write_time(at)
        session.add(row)
        return True

    def uncleared(self, session: Session) -> tuple[str, ...]:
        """Checked, discarded or closed, and the readable copy not said to be destroyed."""
        closed = and_(col(FormReturnRow.state) == HELD, col(FormReturnRow.sha256).is_not(None))
        ended = or_(col(FormReturnRow.state).in_((CHECKED, DISCARDED)), closed)
        return tuple(session.exec(select(FormReturnRow.id).where(ended, col(FormReturnRow.cleared_at).is_(None))))

    def _held(self, session: Session, returned: str) -> FormReturnRow:
        row = self._row(session, returned, HELD)
        if row.sha256 is not None:
            raise Superseded
        return row

    def _row(self, session: Session, returned: str, state: str, version: int | None = None) -> FormReturnRow:
        row = session.get_one(FormReturnRow, returned, with_for_update=True)
        if row.state != state or version not in {None, row.version}:
            raise Superseded
        return row

    def _form(self, row: FormRow) -> StoredForm:
        patient = self._columns.open(_PATIENT, row.id, row.patient_sealed).decode()
        return StoredForm(row.id, PatientRef(patient), row.notice_version, row.pages, row.printed_at)


def in_hand(session: Session, file: str) -> int:
    """How many of a file's returns are not at the host yet, and are to be."""
    waits = col(FormReturnRow.state).in_(IN_HAND)
    return session.exec(select(func.count()).where(FormReturnRow.file_id == file, waits)).one()


def pages_by_state(session: Session, files: SelectOfScalar[str]) -> Mapping[str, int]:
    """State -> pages of what came back in the files that a query chooses."""
    query = select(FormReturnRow.state, func.sum(FormReturnRow.pages)).group_by(FormReturnRow.state)
    query = query.where(col(FormReturnRow.file_id).in_(files))
    return Counter({state: int(pages) for state, pages in session.exec(query)})


def waiting(session: Session) -> Mapping[str, int]:
    """Reason -> returns that wait for a person."""
    kept = or_(col(FormReturnRow.state) == HELD, col(FormReturnRow.state) == TO_CHECK)
    query = select(FormReturnRow.state, FormReturnRow.reason, func.count()).where(kept)
    grouped = query.group_by(FormReturnRow.state, col(FormReturnRow.reason))
    found: Counter[str] = Counter()
    for state, reason, count in session.exec(grouped):
        found[reason if state == HELD and reason else UNCHECKED] += count
    return found


UNCHECKED: Final = "form-unchecked"
"""Why a form that came back waits: nobody has read it yet."""


def _write_sealed(row: FormReturnRow, sealed: SealedForm) -> None:
    row.pdf_sha256, row.pdf_size = sealed.plaintext_sha256, sealed.plaintext_size
    row.sha256, row.size = sealed.sha256, sealed.size


def _stored(row: FormReturnRow) -> StoredReturn:
    return StoredReturn(
        id=row.id,
        file=row.file_id,
        form=row.form_id,
        positions=tuple(json.loads(row.positions)),
        version=row.version,
        state=row.state,
        reason=row.reason,
        waits_as=row.waits_as,
        pdf_sha256=row.pdf_sha256,
        pdf_size=row.pdf_size,
        sha256=row.sha256,
        size=row.size,
        object_key=row.object_key,
        deposited_at=row.deposited_at,
        outcome=row.outcome,
        checked_at=row.checked_at,
        captured_at=row.captured_at,
    )
