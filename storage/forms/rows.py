"""Forms and returns in the database: each row bound by a keyed digest, each changed from the state it must be in."""

import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from consent_gate.model import PatientRef
from lexicon.faults import TamperFault
from storage.columns import Columns
from storage.envelope import SealedForm
from storage.forms.returned import (
    CHECKED,
    DISCARDED,
    HELD,
    SEALED,
    STATES,
    TO_CHECK,
    TO_SEAL,
    UNMATCHED,
    Returned,
    StoredForm,
    StoredReturn,
    return_of,
)
from storage.receipt import FormReceipt
from storage.tables import FormReturnRow, FormRow
from storage.times import write_time
from storage.work import Superseded

_PATIENT: Final = "form.patient"


class Forms:
    """Reads and writes of these rows. Writes take the caller's session: state and custody entry are one transaction."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    # Printed

    def print(self, session: Session, printed: StoredForm) -> None:
        """A form that is about to be printed for a patient."""
        session.add(
            FormRow(
                id=printed.id,
                patient_index=self._columns.reference_index(printed.patient),
                patient_sealed=self._columns.seal(_PATIENT, printed.id, printed.patient.encode()),
                notice_version=printed.notice_version,
                pages=printed.pages,
                printed_at=printed.printed_at,
                printed_on=printed.printed_on.isoformat(),
                notice_sha256=printed.notice_sha256,
                digest=self._digest(printed),
            )
        )

    def notices(self, session: Session, version: str) -> frozenset[str]:
        """SHA-256 (hex) of the texts that were printed as one version of the notice."""
        query = select(FormRow.notice_sha256).where(FormRow.notice_version == version).distinct()
        return frozenset(session.exec(query))

    def find(self, session: Session, form: str) -> StoredForm | None:
        """Raises `TamperFault("column-forged")` where its row was altered."""
        row = session.get(FormRow, form)
        return None if row is None else self._form(row)

    def lock(self, session: Session, form: str) -> None:
        """Nobody else matches anything with this form before the transaction ends."""
        session.get_one(FormRow, form, with_for_update=True)

    # Returned

    def take(self, session: Session, file: str, captured_at: str, returned: Sequence[Returned]) -> None:
        """What a file held."""
        for ordinal, one in enumerate(returned, start=1):
            row = FormReturnRow(
                id=one.id,
                file_id=file,
                ordinal=ordinal,
                form_id=one.form,
                positions=json.dumps(list(one.positions)),
                pages=len(one.positions),
                version=1,
                state=HELD if one.reason else TO_SEAL,
                reason=one.reason,
                captured_at=captured_at,
                digest="",
            )
            self._write(session, row)
        session.flush()

    def returned(self, session: Session, identifier: str) -> StoredReturn | None:
        """Raises `TamperFault("column-forged")` where its row was altered."""
        row = session.get(FormReturnRow, identifier)
        return None if row is None else self._stored(row)

    def returns(
        self, session: Session, *, file: str | None = None, form: str | None = None, states: Sequence[str] = STATES
    ) -> tuple[StoredReturn, ...]:
        """In the order in which they came. Raises as `returned`."""
        query = select(FormReturnRow).where(col(FormReturnRow.state).in_(states))
        if file is not None:
            query = query.where(FormReturnRow.file_id == file)
        if form is not None:
            query = query.where(FormReturnRow.form_id == form)
        ordered = query.order_by(FormReturnRow.file_id, col(FormReturnRow.ordinal))
        return tuple(self._stored(row) for row in session.exec(ordered))

    def leaving(self, session: Session) -> tuple[str, ...]:
        """Which are to leave the host, and have not been told to have left."""
        told = col(FormReturnRow.leaving).is_not(None)
        return tuple(session.exec(select(FormReturnRow.id).where(told).order_by(FormReturnRow.id)))

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
        """Its envelope is in the station's folder: it waits for a person; sealed anew after one read it, for the host.

        Raises `Superseded` where another worker was quicker.
        """
        row = self._row(session, sealed.header.form, TO_SEAL, sealed.header.version)
        row.state = TO_CHECK if row.outcome is None else SEALED
        row.object_key, row.waits_as = object_key, waits_as
        _write_sealed(row, sealed)
        self._write(session, row)

    def close(self, session: Session, sealed: SealedForm) -> None:
        """Held pages are sealed for client and escrow, and stay at the station. Raises `Superseded`."""
        row = self._held(session, sealed.header.form)
        _write_sealed(row, sealed)
        self._write(session, row)

    def give_up(self, session: Session, returned: StoredReturn, *, lost: str | None = None) -> None:
        """Its envelope is no good: it is sealed anew under another key; with `lost`, nothing of it is left but the
        paper, and what a person read stands.
        """
        row = self._row(session, returned.id, SEALED, returned.version)
        row.version += 1
        row.object_key = row.waits_as = row.sha256 = row.size = None
        if lost is None:
            row.state, row.pdf_sha256, row.pdf_size = TO_SEAL, None, None
        else:
            row.state, row.reason = CHECKED, lost
        self._write(session, row)

    def lose(self, session: Session, returned: StoredReturn, reason: str) -> None:
        """Nothing of it is left to seal."""
        row = self._row(session, returned.id, TO_SEAL, returned.version)
        row.state, row.reason = HELD if row.outcome is None else CHECKED, reason
        self._write(session, row)

    def lose_kept(self, session: Session, returned: StoredReturn, reason: str) -> None:
        """Its envelope, which the station alone had, is gone; what a person read stands. Raises `Superseded`."""
        row = self._row(session, returned.id, CHECKED, returned.version)
        if row.object_key is not None:
            raise Superseded
        row.reason = reason
        self._write(session, row)

    def deposit(self, session: Session, receipt: FormReceipt) -> None:
        """It was read back from the host."""
        row = self._row(session, receipt.header.form, SEALED, receipt.header.version)
        row.state, row.host, row.object_version = CHECKED, receipt.host, receipt.object_version
        row.deposited_at, row.waits_as = write_time(receipt.deposited_at), None
        self._write(session, row)

    def check(
        self, session: Session, returned: str, outcome: str, person: str, at: datetime, *, to_host: bool
    ) -> StoredReturn:
        """What a person read on it; `to_host`: as evidence it goes there now. Raises `Superseded` where it does not
        wait any more.
        """
        row = self._row(session, returned, TO_CHECK)
        row.state = SEALED if to_host else CHECKED
        row.outcome, row.checked_by, row.checked_at = outcome, person, write_time(at)
        if not to_host:
            row.object_key = None
        self._write(session, row)
        return self._stored(row)

    def leave(self, session: Session, returned: StoredReturn, entry: str, person: str | None = None) -> None:
        """It is to leave the host, where it is or may be: `entry` says so, on whose word. Raises `Superseded`."""
        row = self._hosted(session, returned)
        row.leaving, row.recalled_by = entry, person or row.recalled_by
        self._write(session, row)

    def take_back(self, session: Session, returned: StoredReturn, *, lost: str | None = None) -> None:
        """It is not at the host, and not to be; with `lost`, nowhere else either. Raises `Superseded`."""
        row = self._hosted(session, returned)
        row.state, row.reason = CHECKED, lost or row.reason
        row.object_key = row.object_version = row.leaving = row.recalled_by = None
        self._write(session, row)

    def retain(self, session: Session, returned: StoredReturn, host: str, at: datetime) -> None:
        """It is to leave the host, and a lock keeps it there: it goes once that ends. Raises `Superseded`."""
        row = self._hosted(session, returned)
        row.state, row.host, row.deposited_at = CHECKED, host, row.deposited_at or write_time(at)
        self._write(session, row)

    def assign(self, session: Session, returned: str, form: str) -> str:
        """A person says of which form held pages are; their file's identifier. Why they were held stays: no code says
        whose they are. Raises `Superseded`.
        """
        row = self._held(session, returned)
        row.state, row.form_id = TO_SEAL, form
        self._write(session, row)
        return row.file_id

    def discard(self, session: Session, returned: str) -> None:
        """A person says that held pages, closed or not, are of no form. Raises `Superseded`."""
        row = self._row(session, returned, HELD)
        row.state, row.cleared_at = DISCARDED, None
        self._write(session, row)

    def cleared(self, session: Session, returned: str, at: datetime) -> bool:
        """Its readable copy is destroyed; False where that was said before."""
        row = session.get_one(FormReturnRow, returned)
        if row.cleared_at is not None:
            return False
        self._require_own(row)
        row.cleared_at, row.waits_as = write_time(at), None
        self._write(session, row)
        return True

    def uncleared(self, session: Session) -> tuple[str, ...]:
        """Checked, discarded or closed, and the readable copy not said to be destroyed."""
        closed = and_(col(FormReturnRow.state) == HELD, col(FormReturnRow.sha256).is_not(None))
        ended = or_(col(FormReturnRow.state).in_((CHECKED, DISCARDED)), closed)
        return tuple(session.exec(select(FormReturnRow.id).where(ended, col(FormReturnRow.cleared_at).is_(None))))

    def _hosted(self, session: Session, returned: StoredReturn) -> FormReturnRow:
        """At the host, or on its way there, as it was read."""
        row = session.get_one(FormReturnRow, returned.id, with_for_update=True)
        if row.state not in (SEALED, CHECKED) or row.object_key is None or row.version != returned.version:
            raise Superseded
        self._require_own(row)
        return row

    def _held(self, session: Session, returned: str) -> FormReturnRow:
        row = self._row(session, returned, HELD)
        if row.sha256 is not None:
            raise Superseded
        return row

    def _row(self, session: Session, returned: str, state: str, version: int | None = None) -> FormReturnRow:
        row = session.get_one(FormReturnRow, returned, with_for_update=True)
        if row.state != state or version not in {None, row.version}:
            raise Superseded
        self._require_own(row)
        return row

    def _write(self, session: Session, row: FormReturnRow) -> None:
        row.digest = self._bound(row)
        session.add(row)

    def _bound(self, row: FormReturnRow) -> str:
        said = (row.form_id, row.pdf_sha256, row.sha256, row.reason, row.object_key, row.outcome, row.checked_by)
        lies = (row.waits_as, row.leaving, row.recalled_by)
        place = (row.id, row.file_id, row.positions, str(row.version), row.state)
        return self._columns.blind("form-return", *place, *(one or "" for one in (*said, *lies)))

    def _require_own(self, row: FormReturnRow) -> None:
        if not hmac.compare_digest(self._bound(row), row.digest):
            raise TamperFault("column-forged", column="form_return.digest")
        if row.waits_as is not None and return_of(row.waits_as) != row.id:
            raise TamperFault("column-forged", column="form_return.waits_as")

    def _form(self, row: FormRow) -> StoredForm:
        patient = PatientRef(self._columns.open(_PATIENT, row.id, row.patient_sealed).decode())
        said = (row.id, patient, row.notice_version, row.notice_sha256, str(row.pages), row.printed_at, row.printed_on)
        if not hmac.compare_digest(self._columns.blind("form", *said), row.digest):
            raise TamperFault("column-forged", column="form.digest")
        on = date.fromisoformat(row.printed_on)
        return StoredForm(row.id, patient, row.notice_version, row.pages, row.printed_at, on, row.notice_sha256)

    def _digest(self, form: StoredForm) -> str:
        told = (form.notice_version, form.notice_sha256, str(form.pages))
        when = (form.printed_at, form.printed_on.isoformat())
        return self._columns.blind("form", form.id, form.patient, *told, *when)

    def _stored(self, row: FormReturnRow) -> StoredReturn:
        self._require_own(row)
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
            leaving=row.leaving,
            recalled_by=row.recalled_by,
        )


def _write_sealed(row: FormReturnRow, sealed: SealedForm) -> None:
    row.pdf_sha256, row.pdf_size = sealed.plaintext_sha256, sealed.plaintext_size
    row.sha256, row.size = sealed.sha256, sealed.size
