"""What follows from judging anew, and is written: restrictions first, then what closes, then what goes on.

Each stretch is one transaction, which passes over what was recorded since it was read, or settled otherwise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

from sqlmodel import Session

from consent_gate.model import Clearance, CustodyClass, DocumentId, Moment, Refused, custody_class
from pipeline.custody_end import close_curable, refuse_lost, unless_unreadable
from pipeline.durable import Task
from pipeline.entries import about, answered
from pipeline.office.deletion import cancel_in, propose_in
from pipeline.reopen import Begin, opened_again, taken_again
from pipeline.station import Station
from pipeline.steps import priority
from storage import rejudges, restrictions
from storage.custody import LIFTED, Draft, EntryType
from storage.rejudges import EVERYBODY
from storage.stored import StoredDocument
from storage.times import write_time
from storage.work import Superseded

_Answer = TypeVar("_Answer")

"""Outcome of a `restriction`: the no that it stood for does not stand any more."""

STRETCH: Final = 500
"""Documents of one transaction: other writers wait for less than a second."""


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What came of it. `held_back`: those that wait since now for a person to confirm how many there are."""

    gone_on: tuple[DocumentId, ...] = ()
    files: tuple[str, ...] = ()
    """Of those that went on."""
    held_back: int = 0
    otherwise: int = 0
    """Curable documents that stay so, for another reason."""
    closed: int = 0
    restricted: int = 0
    lifted: int = 0
    left: int = 0
    """Patients who are still to be judged: something was recorded, or was being cleared away, meanwhile."""
    to_close: int = 0
    """Patients whose documents are still to be closed, at a later look."""
    unreadable: frozenset[DocumentId] = frozenset()
    """Documents that the gate closes and whose copy cannot be read: they stay as they are."""

    @property
    def counts(self) -> dict[str, int]:
        """For a report."""
        counted = {"gone-on": len(self.gone_on), "held-back": self.held_back, "otherwise": self.otherwise}
        return {**counted, "closed": self.closed, "restricted": self.restricted, "lifted": self.lifted}


@dataclass(frozen=True, slots=True)
class Restricting:
    """A deposited document, the gate's closing answer of the person's no, and the fact that says it; `proposes`: that
    the deletion is to be proposed."""

    document: StoredDocument
    refused: Refused
    fact: str
    proposes: bool


@dataclass(slots=True)
class Found:
    """What reading alone has found: what each document's answer is, where it changes something."""

    cleared: list[tuple[StoredDocument, Clearance]] = field(default_factory=list)
    refused: list[tuple[StoredDocument, Refused]] = field(default_factory=list)
    restricting: list[Restricting] = field(default_factory=list)
    lifting: list[tuple[StoredDocument, str | None]] = field(default_factory=list)
    waiting_no_more: list[StoredDocument] = field(default_factory=list)
    """Documents that wait for a person, and that cannot go on any more: the gate is closed, or they are lost."""
    lost: int = 0
    """Documents that the gate lets go on, and whose kept copy is not there: they stay."""
    left: set[str] = field(default_factory=set)
    to_close: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Closing:
    """How many documents one look closes, for sealing takes its time; `stopping` is asked before each.

    `unreadable` are those that a look before this one could not read, and that this one leaves out: of those that are
    not closed, none keeps the others waiting, and none is tried again and again.
    """

    most: int | None = None
    stopping: Callable[[], bool] = lambda: False
    unreadable: frozenset[DocumentId] = frozenset()


ALL: Final = Closing()


class Acting:
    """What follows from the answers, a stretch a transaction: the most urgent first."""

    def __init__(
        self,
        station: Station,
        moment: Moment,
        marks: Mapping[str, str],
        begin: Begin,
        *,
        confirmed: bool = False,
        closing: Closing = ALL,
    ) -> None:
        self._station, self._moment, self._marks, self._begin = station, moment, marks, begin
        self._confirmed, self._closing = confirmed, closing
        self._found = Found()
        self._told: list[Task] = []
        self._unreadable: set[DocumentId] = set()
        self._files: dict[str, None] = {}

    def act(self, found: Found) -> Rejudged:
        self._found = found
        no = [one.document for one in found.restricting]
        restricted = sum(self._stretches(no, found.restricting, self._restrict))
        lifted = sum(self._stretches([one for one, _ in found.lifting], found.lifting, self._lift))
        sum(self._stretches(found.waiting_no_more, found.waiting_no_more, self._wait_no_more))
        staying = [one for one in found.refused if custody_class(one[1].reason) is CustodyClass.CURABLE]
        closing = [one for one in found.refused if custody_class(one[1].reason) is CustodyClass.CLOSED]
        otherwise = sum(self._stretches([one for one, _ in staying], staying, self._say_otherwise))
        closed = self._close_some(closing)
        held_back = 0
        if self._confirmed or len(found.cleared) <= self._station.config.review.release_threshold:
            sum(self._stretches([one for one, _ in found.cleared], found.cleared, self._go_on))
        else:
            held_back = self._hold_back([one.id for one, _ in found.cleared])
        if self._told:
            self._begin(self._station, self._told)
        gone_on = tuple(DocumentId(task.object) for task in self._told)
        came = Rejudged(gone_on, tuple(self._files), held_back, otherwise, closed, restricted, lifted)
        return replace(came, unreadable=frozenset(self._unreadable))

    def _stretches(
        self,
        documents: Sequence[StoredDocument],
        answers: Sequence[_Answer],
        write: Callable[[Session, Sequence[_Answer]], int],
    ) -> Iterator[int]:
        """Each stretch of what is still as it was read, in one transaction."""
        for start in range(0, len(answers), STRETCH):
            some = documents[start : start + STRETCH]
            with self._station.database.write("rejudging.record") as session:
                as_read = self._as_read(session, some)
                pairs = zip(some, answers[start : start + STRETCH], strict=True)
                yield write(session, [answer for document, answer in pairs if document.id in as_read])

    def _as_read(self, session: Session, documents: Sequence[StoredDocument]) -> frozenset[str]:
        """Those of which nothing was recorded since, and that nobody settled otherwise; the others are left."""
        identifiers = [one.id for one in documents]
        index_of = rejudges.patients_of(session, identifiers)
        now = rejudges.marks_of(session, index_of.values())
        before = {one.id: (one.state, one.custody, one.reason) for one in documents}
        unchanged = set[str]()
        for one in self._station.documents.several(session, identifiers):
            index = index_of.get(one.id, "")
            if now.get(index) != self._marks.get(index) or now.get(EVERYBODY) != self._marks.get(EVERYBODY):
                self._found.left.add(index)
            elif (one.state, one.custody, one.reason) == before[one.id]:
                unchanged.add(one.id)
        return frozenset(unchanged)

    def _restrict(self, session: Session, found: Sequence[Restricting]) -> int:
        """But what somebody else who judges has restricted meanwhile for the same reason and by the same fact."""
        stand = restrictions.standing_among(session, [one.document.id for one in found])
        told = {document: (one.reason, one.fact) for document, one in stand.items()}
        found = [one for one in found if told.get(one.document.id) != (one.refused.reason.value, one.fact)]
        placed = [(one.document.id, one.refused.reason.value, one.fact) for one in found]
        restrictions.restrict(session, placed, self._moment.at)
        drafts = [
            about(
                one.document,
                EntryType.RESTRICTION,
                one.refused.reason.value,
                subject=self._station.keys.pseudonym(one.refused.judged.patient),
                decision=one.refused.decision,
                parent=one.fact or None,
            )
            for one in found
        ]
        reasons = [(one.document, one.refused.reason.value if one.proposes else "") for one in found]
        self._append(session, [*drafts, *propose_in(self._station, session, reasons, self._moment.at)])
        return len(found)

    def _lift(self, session: Session, found: Sequence[tuple[StoredDocument, str | None]]) -> int:
        """But what somebody else who judges has lifted meanwhile."""
        stand = restrictions.standing_among(session, [document.id for document, _ in found])
        found = [(document, fact) for document, fact in found if document.id in stand]
        restrictions.lift(session, [(document.id, fact) for document, fact in found], self._moment.at)
        drafts = [about(document, EntryType.RESTRICTION, LIFTED, parent=fact) for document, fact in found]
        documents = [document for document, _ in found]
        self._append(session, [*drafts, *cancel_in(self._station, session, documents, self._moment.at)])
        return len(found)

    def _say_otherwise(self, session: Session, found: Sequence[tuple[StoredDocument, Refused]]) -> int:
        drafts = list[Draft]()
        for document, refused in found:
            reason = refused.reason.value
            rejudges.say_otherwise(session, document.id, reason, refused.decision)
            drafts.append(self._checked(document, refused))
            pages = {"pages": document.pages}
            drafts.append(about(document, EntryType.REVIEW, reason, counts=pages, decision=refused.decision))
        self._append(session, drafts)
        return len(found)

    def _close_some(self, found: Sequence[tuple[StoredDocument, Refused]]) -> int:
        """One after the other, as many as one look closes; the others are told to the queue."""
        closed, readable = 0, [one for one in found if one[0].id not in self._closing.unreadable]
        for number, (document, refused) in enumerate(readable):
            if closed == self._closing.most or self._closing.stopping():
                with self._station.database.read() as session:
                    left = rejudges.patients_of(session, [one.id for one, _ in readable[number:]])
                self._found.to_close |= set(left.values())
                break
            done = unless_unreadable(document.id, partial(self._close, document, refused))
            closed += bool(done)
            self._unreadable |= {document.id} if done is None else set()
        return closed

    def _close(self, document: StoredDocument, refused: Refused) -> bool:
        def still(session: Session) -> None:
            """Asked where the closing is recorded: sealing took a while, and what is closed is so for good."""
            if document.id not in self._as_read(session, [document]):
                raise Superseded
            self._append(session, [self._checked(document, refused)])

        if not self._station.quarantine.has(document.id):
            return refuse_lost(self._station, document, refused, within=still)
        return close_curable(self._station, document.id, refused, within=still)

    def _go_on(self, session: Session, found: Sequence[tuple[StoredDocument, Clearance]]) -> int:
        documents = [document for document, _ in found]
        drafts = list[Draft]()
        for document, clearance in found:
            checked = self._checked(document, clearance)
            drafts += [checked, taken_again(document, checked.decision)]
        opened = rejudges.put_back_all(session, [one.id for one in documents])
        self._append(session, [*drafts, *opened_again(documents, *opened)])
        self._told += [Task(one.id, priority(one.captured_at, one.pages)) for one in documents]
        self._files |= dict.fromkeys(one.file for one in documents)
        return len(found)

    def _hold_back(self, documents: Sequence[DocumentId]) -> int:
        with self._station.database.write("rejudging.hold-back") as session:
            return rejudges.hold_back(session, documents, write_time(self._moment.at))

    def _wait_no_more(self, session: Session, documents: Sequence[StoredDocument]) -> int:
        rejudges.let_wait_no_more(session, [one.id for one in documents])
        return len(documents)

    def _checked(self, document: StoredDocument, answer: Clearance | Refused) -> Draft:
        return answered(document, answer, self._station.keys.pseudonym(answer.judged.patient))

    def _append(self, session: Session, drafts: Sequence[Draft]) -> None:
        if drafts:
            self._station.ledger.append(session, *drafts, at=self._moment.at)
