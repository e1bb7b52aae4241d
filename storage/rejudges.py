"""What is to be judged anew: patients of whom something was recorded, written down with what was recorded.

A queue, not a clock: a row goes when everything in hand of its patient was judged by what the row stands for, and a
crash between the recording and the judging leaves it. Its time is nobody's: two commands may record at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, func, insert, text, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar
from ulid import ULID

from consent_gate.model import DocumentId, FactKind
from storage.database import in_batches
from storage.tables import (
    BatchRow,
    DocumentRow,
    FactRow,
    FileRow,
    JudgedRow,
    PatientRow,
    RejudgeRow,
    ReleasableRow,
    RestrictionRow,
)

EVERYBODY: Final = "*"
CROWD: Final = 20
"""References of one INS that are read together. More are no person of a client's index, but a slip in it."""
_ONE: Final = "station"
_NO: Final = tuple(kind.value for kind in (FactKind.REFUSED, FactKind.WITHDRAWN, FactKind.OPPOSED, FactKind.DOUBTED))
_QUEUE: Final = (
    "INSERT INTO rejudge (patient_index, mark, to_close) SELECT DISTINCT patient_index, :mark, FALSE FROM document"
    " WHERE patient_index IN ({}) ON CONFLICT (patient_index) DO UPDATE SET mark = excluded.mark, to_close = FALSE"
)
_SAME_PERSON: Final = (
    "SELECT other.patient_index FROM patient AS other JOIN patient AS named ON other.ins_index = named.ins_index"
    " WHERE named.patient_index IN ({}) AND other.patient_index <> named.patient_index"
)
"""The other references with the same INS: what says no under one closes them all."""
_GONE_ON: Final = {
    "state": "in-progress",
    "reason": None,
    "custody": None,
    "decision": None,
    "look_at": None,
    "settled_at": None,
    "cleared_at": None,
    "purged_at": None,
    "holder": None,
    "trouble": None,
    "troubled_at": None,
    "paused": None,
}


# The queue


def queue(session: Session, patients: Iterable[str]) -> None:
    """Have what is in hand of these patients (blind indexes) judged anew, under every reference with their INS.

    Of those who have nothing, nothing is.
    """
    mark = str(ULID())
    for some in in_batches(sorted(set(patients))):
        named = {f"p{number}": index for number, index in enumerate(some)}
        places = ", ".join(f":{name}" for name in named)
        for whom in (places, _SAME_PERSON.format(places)):
            session.execute(text(_QUEUE.format(whom)), {"mark": mark, **named})


def queue_everybody(session: Session) -> None:
    """Have everything in hand judged anew: a register was brought in, a day has begun, or the station came back."""
    session.merge(RejudgeRow(patient_index=EVERYBODY, mark=str(ULID())))
    session.flush()


def queued(session: Session, most: int | None = None) -> dict[str, str]:
    """Blind index, or `EVERYBODY` -> mark; of those whose documents are to be closed and no more, at most so many.

    Where everybody is to be judged anew, so are all of them.
    """
    marks = select(RejudgeRow.patient_index, RejudgeRow.mark)
    found = dict(session.exec(marks.where(~col(RejudgeRow.to_close))).all())
    closing = marks.where(col(RejudgeRow.to_close)).order_by(RejudgeRow.mark, RejudgeRow.patient_index)
    return found | dict(session.exec(closing.limit(None if EVERYBODY in found else most)).all())


def marks_of(session: Session, patients: Iterable[str]) -> dict[str, str]:
    """The marks of these patients (blind indexes), and everybody's, where they wait to be judged."""
    marks = select(RejudgeRow.patient_index, RejudgeRow.mark)
    return {
        index: mark
        for some in in_batches(sorted({EVERYBODY, *patients}))
        for index, mark in session.exec(marks.where(col(RejudgeRow.patient_index).in_(some)))
    }


def queue_to_close(session: Session, patients: Iterable[str]) -> None:
    """Have documents of these patients closed at a later look; where something was recorded meanwhile, judged first."""
    mark, queued_ = str(ULID()), sorted(set(patients))
    known = marks_of(session, queued_)
    new = [{"patient_index": one, "mark": mark, "to_close": True} for one in queued_ if one not in known]
    if new:
        session.execute(insert(RejudgeRow), new)


def to_close(session: Session) -> int:
    """Of how many patients documents are still to be closed."""
    return session.exec(select(func.count()).select_from(RejudgeRow).where(col(RejudgeRow.to_close))).one()


def judged(session: Session, marks: Mapping[str, str]) -> None:
    """These were judged by what their marks stand for; what was recorded since stays to be judged."""
    by_mark: dict[str, list[str]] = {}
    for index, mark in marks.items():
        by_mark.setdefault(mark, []).append(index)
    for mark, indexes in by_mark.items():
        for some in in_batches(indexes):
            session.execute(
                delete(RejudgeRow).where(col(RejudgeRow.patient_index).in_(some), col(RejudgeRow.mark) == mark)
            )


def judge_under(session: Session, terms: str) -> None:
    """Have everything in hand judged anew under these terms: the civil day, the rule, what the contract asks."""
    row = session.get(JudgedRow, _ONE) or JudgedRow(id=_ONE, terms="")
    if row.terms == terms:
        return
    row.terms = terms
    session.add(row)
    queue_everybody(session)


def judged_under(session: Session) -> str:
    """The terms under which everything was last to be judged; empty: never."""
    row = session.get(JudgedRow, _ONE)
    return "" if row is None else row.terms


# What is in hand


def in_hand() -> SelectOfScalar[str]:
    """Blind indexes of the patients of whom there are documents, under every reference with their INS."""
    return _same_person(select(DocumentRow.patient_index))


def same_person(session: Session, patients: Iterable[str]) -> frozenset[str]:
    """These patients (blind indexes), and the other references with their INS."""
    found = set(patients)
    for some in in_batches(sorted(found)):
        found |= set(
            session.exec(_same_person(select(PatientRow.patient_index).where(col(PatientRow.patient_index).in_(some))))
        )
    return frozenset(found)


def _same_person(patients: SelectOfScalar[Any]) -> SelectOfScalar[str]:
    ins = select(PatientRow.ins_index).where(
        col(PatientRow.patient_index).in_(patients), col(PatientRow.ins_index).is_not(None)
    )
    either = col(PatientRow.patient_index).in_(patients) | col(PatientRow.ins_index).in_(ins)
    return select(PatientRow.patient_index).where(either)


def _crowded() -> SelectOfScalar[str]:
    """Blind indexes of the patients whose INS more references have than are read together."""
    ins = select(PatientRow.ins_index).where(col(PatientRow.ins_index).is_not(None)).group_by(col(PatientRow.ins_index))
    return select(PatientRow.patient_index).where(col(PatientRow.ins_index).in_(ins.having(func.count() > CROWD)))


def curable(session: Session, patients: Sequence[str] | None) -> tuple[DocumentId, ...]:
    """Refused documents that a new fact may let go on, in order of arrival; of all patients where None."""
    query = select(DocumentRow.id, DocumentRow.file_id, DocumentRow.ordinal).where(
        DocumentRow.state == "refused", DocumentRow.custody == "curable", col(DocumentRow.patient_index).is_not(None)
    )
    found = []
    for some in [None] if patients is None else list(in_batches(patients)):
        chosen = query if some is None else query.where(col(DocumentRow.patient_index).in_(some))
        found += [(file, ordinal, document) for document, file, ordinal in session.exec(chosen)]
    return tuple(DocumentId(document) for _, _, document in sorted(found))


def under_way(session: Session, patients: Sequence[str] | None) -> tuple[DocumentId, ...]:
    """Documents on their way of these patients; of all where None."""
    query = select(DocumentRow.id).where(
        DocumentRow.state == "in-progress", col(DocumentRow.patient_index).is_not(None)
    )
    return tuple(
        DocumentId(one)
        for some in ([None] if patients is None else list(in_batches(patients)))
        for one in session.exec(query if some is None else query.where(col(DocumentRow.patient_index).in_(some)))
    )


def at_host(session: Session, patients: Sequence[str] | None) -> tuple[DocumentId, ...]:
    """Deposited documents of these patients; where None, of all those of whom a no is on record, or a restriction.

    A no under another reference with their INS is one of theirs; and so is, of a crowd (`CROWD`), what nobody has read.
    """
    query = select(DocumentRow.id).where(DocumentRow.state == "deposited")
    if patients is not None:
        return tuple(
            DocumentId(one)
            for some in in_batches(patients)
            for one in session.exec(query.where(col(DocumentRow.patient_index).in_(some)))
        )
    said_no = _same_person(select(FactRow.patient_index).where(col(FactRow.kind).in_(_NO)))
    restricted = select(RestrictionRow.document_id).where(col(RestrictionRow.lifted_at).is_(None))
    by_patient = session.exec(query.where(col(DocumentRow.patient_index).in_(said_no)))
    of_crowd = session.exec(query.where(col(DocumentRow.patient_index).in_(_crowded())))
    found = {*by_patient, *of_crowd, *session.exec(query.where(col(DocumentRow.id).in_(restricted)))}
    return tuple(DocumentId(one) for one in sorted(found))


def uncleared_among(session: Session, documents: Sequence[str]) -> frozenset[str]:
    """Those whose working copies are being destroyed: they are judged when that is over."""
    return frozenset(
        one
        for some in in_batches(documents)
        for one in session.exec(
            select(DocumentRow.id).where(col(DocumentRow.id).in_(some), col(DocumentRow.cleared_at).is_(None))
        )
    )


def patients_of(session: Session, documents: Sequence[str]) -> dict[str, str]:
    """Document -> its patient's blind index, where it has one."""
    return {
        document: index
        for some in in_batches(documents)
        for document, index in session.exec(
            select(DocumentRow.id, DocumentRow.patient_index).where(col(DocumentRow.id).in_(some))
        )
        if index is not None
    }


# Documents that go on


def put_back_all(session: Session, documents: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kept documents are on their way again: which files and which batches were ended, and are open again."""
    for some in in_batches(documents):
        session.execute(update(DocumentRow).where(col(DocumentRow.id).in_(some)).values(**_GONE_ON))
        session.execute(delete(ReleasableRow).where(col(ReleasableRow.document_id).in_(some)))
    files, batches = set[str](), set[str]()
    for some in in_batches(documents):
        of = select(DocumentRow.file_id, DocumentRow.batch_id).where(col(DocumentRow.id).in_(some))
        for file, batch in session.exec(of):
            files.add(file)
            batches.add(batch)
    ended = _open_again(session, FileRow, FileRow.state == "settled", files, {"state": "split", "settled_at": None})
    closed = _open_again(session, BatchRow, col(BatchRow.closed_at).is_not(None), batches, {"closed_at": None})
    session.expire_all()
    return ended, closed


def say_otherwise(session: Session, document: str, reason: str, decision: str) -> None:
    """A curable document stays, for another reason than before."""
    changed = {"reason": reason, "decision": decision}
    session.execute(update(DocumentRow).where(col(DocumentRow.id) == document).values(**changed))


def _open_again(
    session: Session,
    model: type[FileRow | BatchRow],
    is_ended: object,
    identifiers: Iterable[str],
    values: Mapping[str, object],
) -> tuple[str, ...]:
    found: list[str] = []
    for some in in_batches(sorted(identifiers)):
        found += session.exec(select(model.id).where(col(model.id).in_(some), is_ended))  # type: ignore[arg-type]
    for some in in_batches(found):
        session.execute(update(model).where(col(model.id).in_(some)).values(**values))
    return tuple(found)


# Those that wait for a person to confirm how many


def hold_back(session: Session, documents: Sequence[str], since: str) -> int:
    """Have them wait; how many did not before."""
    known = frozenset(
        one
        for some in in_batches(documents)
        for one in session.exec(select(ReleasableRow.document_id).where(col(ReleasableRow.document_id).in_(some)))
    )
    new = [{"document_id": one, "since": since} for one in documents if one not in known]
    if new:
        session.execute(insert(ReleasableRow), new)
    return len(new)


def let_wait_no_more(session: Session, documents: Sequence[str]) -> None:
    """The gate is closed for them again, or they went on."""
    for some in in_batches(documents):
        session.execute(delete(ReleasableRow).where(col(ReleasableRow.document_id).in_(some)))


def releasable(session: Session) -> tuple[DocumentId, ...]:
    """Documents that the gate lets go on and that wait for a person, in order of arrival."""
    query = select(ReleasableRow.document_id).join(
        DocumentRow,
        (col(DocumentRow.id) == col(ReleasableRow.document_id))
        & (col(DocumentRow.state) == "refused")
        & (col(DocumentRow.custody) == "curable"),
    )
    return tuple(DocumentId(one) for one in session.exec(query.order_by(DocumentRow.file_id, col(DocumentRow.ordinal))))
