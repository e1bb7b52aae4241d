"""What is said of a patient, as a row holds it: evidence and what is beside it sealed, under a keyed digest of all."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from consent_gate.model import Fact, Statement
from lexicon.faults import TamperFault
from storage.columns import Columns
from storage.said import Json, else_said, read_else, read_statement, said_of, written
from storage.times import fresh_id, read_time, write_time

_EVIDENCE: Final = "fact.evidence"
_SAID: Final = "fact.said"


@dataclass(frozen=True, slots=True)
class Recording:
    """Who has statements recorded, when (UTC), and by which import, if by one."""

    at: datetime
    import_id: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A statement as its row will say it."""

    patient_index: str
    said: Json
    beside: Json
    about: str | None
    digest: str = ""


class FactRows:
    """Writes and reads them. Nothing here asks the database."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def draft(self, index: str, statement: Statement) -> FactDraft:
        """A statement about the patient of this blind index, under its digest."""
        return self.digested(FactDraft(index, said_of(statement), else_said(statement), statement.about))

    def digested(self, draft: FactDraft) -> FactDraft:
        """The same under its digest."""
        whole = {**draft.said, **({"else": dict(draft.beside)} if draft.beside else {})}
        if draft.about is not None:
            whole["about"] = draft.about
        digest = self._columns.blind("fact", draft.patient_index, written(whole).decode())
        return FactDraft(draft.patient_index, draft.said, draft.beside, draft.about, digest)

    def fact(self, row: Row[Any]) -> Fact:
        """What a row says. Raises `TamperFault("register-forged")` where it is not what was recorded."""
        try:
            draft = self._as_drafted(row)
            statement = read_statement(draft.said, draft.beside, draft.about)
        except (TypeError, ValueError, LookupError):
            raise TamperFault("register-forged") from None
        if self.digested(draft).digest != row.digest:
            raise TamperFault("register-forged")
        return Fact(
            reference=row.id,
            recorded_at=read_time(row.recorded_at),
            recorded_by=row.recorded_by,
            **{name: getattr(statement, name) for name in Statement.__slots__},
        )

    def _as_drafted(self, row: Row[Any]) -> FactDraft:
        evidence, beside = row.evidence_sealed, row.said_sealed
        said = {
            "doc_types": None if row.doc_types is None else json.loads(row.doc_types),
            "evidence": None if evidence is None else self._columns.open(_EVIDENCE, row.id, evidence).decode(),
            "kind": row.kind,
            "on": row.on,
            "until": row.until,
        }
        return FactDraft(
            row.patient_index,
            said,
            {} if beside is None else read_else(self._columns.open(_SAID, row.id, beside)),
            row.about,
        )

    def row(self, draft: FactDraft, by: Recording) -> dict[str, Any]:
        """A new fact's columns, by name."""
        identifier, said = fresh_id(by.at), draft.said
        types, evidence = said["doc_types"], said["evidence"]
        rests = None if evidence is None else self._columns.seal(_EVIDENCE, identifier, evidence.encode())
        return {
            "id": identifier,
            "patient_index": draft.patient_index,
            "kind": said["kind"],
            "on": said["on"],
            "until": said["until"],
            "doc_types": None if types is None else json.dumps(types),
            "evidence_sealed": rests,
            "said_sealed": self._columns.seal(_SAID, identifier, written(draft.beside)) if draft.beside else None,
            "about": draft.about,
            "digest": draft.digest,
            "recorded_at": write_time(by.at),
            "recorded_by": by.person,
            "import_id": by.import_id,
        }
