"""Custody around the tools: each call of a journey leaves its entry, so that no step can forget.

What leaves the station is written down twice: before, as intended, and after, as read back. State and entry are
one transaction; what needs a clearance is written down where the gate says so in that very transaction, and else not.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlmodel import Session

from consent_gate.model import Clearance, DocumentId, Refused
from lexicon.faults import TamperFault
from lexicon.flags import KEPT_BLANK
from pipeline.announced import waits
from pipeline.entries import about, answered
from pipeline.identity.verdict import NOT_ANNOUNCED
from pipeline.indexing.propose import IndexedArchival
from pipeline.model import Agreed, Archival, Held, HeldReason, Identified, Recognised, Scan
from pipeline.read_flags import FLAGS_READ, counts_read, flags_read
from pipeline.taking_back import take_back
from pipeline.tools import DocumentTools, NoLongerCleared
from storage.claims import Finding
from storage.custody import Draft, EntryType
from storage.deposit import DamagedFault
from storage.deposits import Archived, Signed, record_receipt, record_sealed
from storage.envelope import Sealed
from storage.indexing import record_index
from storage.pages import flag_pages, flags_of
from storage.receipt import Receipt
from storage.signature import sign
from storage.work import require_held

DISCARDED: Final = "discarded"
"""Outcome of a `recognition`: the pages were read by a clearance, and the gate was closed when they had been."""


@dataclass(frozen=True, slots=True)
class RecordedTools:
    """The same tools, with an entry around each."""

    inner: DocumentTools

    def identify(self, scan: Scan) -> Identified | Held:
        """Whose it is goes into its row, and by what into the entry."""
        station = self.inner.station
        found = self._awaited(scan) or self.inner.identify(scan)
        with station.database.write("identity.record") as session:
            self._require_held(session)
            if isinstance(found, Identified):
                station.documents.identify(session, scan.document, found.patient, found.sources)
                subject = station.keys.pseudonym(found.patient)
                counts = {f"by-{source}": 1 for source in found.sources}
                draft = self._draft(EntryType.IDENTIFICATION, "identified", subject=subject, counts=counts)
            else:
                station.documents.unidentify(session, scan.document, _shown(found))
                counts = {"page": found.conflict.page} if found.conflict else {}
                draft = self._draft(EntryType.IDENTIFICATION, found.reason.value, counts=counts)
            station.ledger.append(session, draft, at=station.clock.now())
        return found

    def _awaited(self, scan: Scan) -> Held | None:
        """Nothing of it is read while it waits for its batch."""
        station, document = self.inner.station, self.inner.document
        with station.database.read() as session:
            return Held(scan.document, HeldReason.BATCH_UNCONFIRMED) if waits(station, session, document) else None

    def identified(self, scan: Scan) -> Identified | Held:
        return self.inner.identified(scan)

    def is_enough(self, identified: Identified) -> bool:
        return self.inner.is_enough(identified)

    def ask(self, identified: Identified) -> Clearance | Refused:
        """Facts, clock, decision and entry while nobody else can write: one step."""
        station = self.inner.station
        with station.database.write("gate.record") as session:
            self._require_held(session)
            decision = self.inner.ask(identified)
            station.ledger.append(session, self._answered(decision), at=decision.judged.at)
        return decision

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised | Refused:
        """Asked again before the first page and after the last: what was read of somebody who says no by then is
        thrown away, and the entry says that it was read (`discarded`)."""
        self._require(clearance)
        still = self._still(clearance)
        if isinstance(still, Refused):
            return still
        recognised = self.inner.recognise(scan, clearance)
        station = self.inner.station
        with station.database.write("recognition.record") as session:
            self._require_held(session)
            refused = self._refused(session, clearance)
            flags = self._flags(session, recognised)
            if refused is None:
                flag_pages(session, scan.document, flags, FLAGS_READ)
            outcome, counts = DISCARDED if refused else "recognised", counts_read(recognised, flags)
            draft = self._draft(EntryType.RECOGNITION, outcome, decision=clearance.decision, counts=counts)
            station.ledger.append(session, draft, at=station.clock.now())
        return refused or recognised

    def _flags(self, session: Session, recognised: Recognised) -> dict[int, tuple[str, ...]]:
        """What its pages are flagged with once they were read, by their positions."""
        seen = flags_of(session, recognised.document)
        blanks = {position for position, flags in seen.items() if KEPT_BLANK in flags}
        low = self.inner.station.config.ocr.low_confidence
        return flags_read(recognised, self.inner.positions, blanks, low)

    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held:
        found, station = self.inner.check_identity(recognised, identified), self.inner.station
        draft = partial(self._draft, EntryType.IDENTIFICATION, subject=station.keys.pseudonym(identified.patient))
        with station.database.write("agreement.record") as session:
            self._require_held(session)
            if isinstance(found, Agreed):
                station.documents.inherit(session, recognised.document, found.inherited)
                entry = draft("agreed", counts={"inherited": found.inherited})
            else:
                station.documents.contradict(session, recognised.document, _shown(found))
                entry = draft(found.reason.value, counts={"page": found.conflict.page} if found.conflict else {})
            station.ledger.append(session, entry, at=station.clock.now())
        return found

    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
        composed = self.inner.compose(scan, recognised)
        match composed:
            case Archival():
                hashes = {"hashes_out": (composed.sha256,), "sizes_out": (composed.size,)}
                self._record(
                    "composition.record",
                    self._draft(
                        EntryType.COMPOSITION,
                        "composed",
                        counts={"pages": composed.pages, **composed.figures},
                        **hashes,
                    ),
                    self._draft(
                        EntryType.VALIDATION,
                        "conforms" if composed.validators else "not-checked",
                        counts={"validators": len(composed.validators)},
                        hashes_in=(composed.sha256,),
                    ),
                )
            case Held():
                self._record("composition.record", self._draft(EntryType.VALIDATION, composed.reason.value))
        return composed

    def index(self, archival: Archival, scan: Scan, recognised: Recognised, identified: Identified) -> Archival:
        """Recorded with the seal, and in no entry: what is proposed speaks of health."""
        return self.inner.index(archival, scan, recognised, identified)

    def seal(self, archival: Archival, clearance: Clearance) -> Sealed | Refused | Held:
        """`Refused` where the gate is closed when the envelope is written down; the envelope goes with the refusal."""
        station = self.inner.station
        self._require(clearance)
        sealed = self.inner.seal(archival, clearance)
        draft = self._draft(
            EntryType.SEALING,
            "sealed",
            decision=clearance.decision,
            hashes_in=(archival.sha256,),
            sizes_in=(archival.size,),
            hashes_out=(sealed.sha256,),
            sizes_out=(sealed.size,),
            counts={"recipients": len(station.recipients)},
        )
        now = station.clock.now()
        key = station.keys.object_key(station.id, archival.document, sealed.header.version)
        with station.database.write("sealing.record") as session:
            self._require_held(session)
            refused = self._refused(session, clearance)
            if refused is not None:
                return refused
            if station.documents.sealed_elsewhere(session, self.inner.document):
                return Held(archival.document, HeldReason(station.documents.known_from(session, self.inner.document)))
            archived = Archived(archival.level, archival.validators)
            record_sealed(session, sealed, key, archived, self.inner.sealed_name, now)
            if isinstance(archival, IndexedArchival):
                record_index(session, station.columns, archival.document, archival.index)
            station.ledger.append(session, draft, at=now)
        return sealed

    def sealed(self, document: DocumentId) -> Sealed | None:
        return self.inner.sealed(document)

    def announce(self, sealed: Sealed) -> None:
        """Under the decision that it was sealed by; the gate is asked anew after it, for this may take minutes."""
        hashes = {"hashes_out": (sealed.sha256,), "sizes_out": (sealed.size,), "decision": sealed.header.decision}
        self._record("deposit.intend", self._draft(EntryType.DEPOSIT, "intended", **hashes))
        self.inner.station.shipping.ship()  # what the host is about to have can be explained without this machine

    def deposit(self, sealed: Sealed, clearance: Clearance) -> Receipt | Refused:
        """Whatever was recorded until the receipt itself counts: `Refused`, and then there is no receipt."""
        self._require(clearance)
        identified = _identified(clearance)
        while True:
            try:
                receipt = self.inner.deposit(sealed, clearance)
            except DamagedFault:
                take_back(self.inner.station, self.inner.document)  # sealed and put anew, under another key
                raise
            except NoLongerCleared:
                answer = self.ask(identified)
                if isinstance(answer, Refused):
                    return answer
                clearance = answer  # and authorized again since: what was put is looked at again
            else:
                return self._received(receipt, clearance)

    def _received(self, receipt: Receipt, clearance: Clearance) -> Receipt | Refused:
        """The receipt, unless the gate is closed by now: while nobody else can write, so nothing comes in between."""
        station = self.inner.station
        hashes = {"hashes_out": (receipt.sha256,), "sizes_out": (receipt.size,), "decision": clearance.decision}
        signed = Signed(receipt, sign(station.keys, receipt.manifest()))
        now = station.clock.now()
        with station.database.write("receipt.record") as session:
            self._require_held(session)
            refused = self._refused(session, clearance)
            if refused is not None:
                return refused
            record_receipt(session, signed)
            station.documents.settle(session, receipt.document, "deposited", now, decision=clearance.decision)
            pages = {"pages": self.inner.document.pages}
            station.ledger.append(session, self._draft(EntryType.RECEIPT, "deposited", counts=pages, **hashes), at=now)
        return receipt

    def _still(self, clearance: Clearance) -> Clearance | Refused:
        """Whether the register of now says the same; an entry is written only where it does not."""
        identified = _identified(clearance)
        return clearance if isinstance(self.inner.ask(identified), Clearance) else self.ask(identified)

    def _refused(self, session: Session, clearance: Clearance) -> Refused | None:
        """The gate's answer and its entry where it is closed by now: while nobody else can write."""
        answer = self.inner.ask(_identified(clearance))
        if isinstance(answer, Clearance):
            return None
        self.inner.station.ledger.append(session, self._answered(answer), at=answer.judged.at)
        return answer

    def _answered(self, answer: Clearance | Refused) -> Draft:
        return answered(self.inner.document, answer, self.inner.station.keys.pseudonym(answer.judged.patient))

    def _require(self, clearance: Clearance) -> None:
        """Raise `TamperFault` unless the gate gave it for this document; that somebody tried is an entry."""
        document = self.inner.document
        try:
            _require_genuine(clearance, document.id)
        except TamperFault as fault:
            station, now = self.inner.station, self.inner.station.clock.now()
            within = {"batch": document.batch, "file": document.file, "document": document.id}
            draft = Draft(EntryType.REVIEW, f"station:{station.identifiers.new()}", fault.code, within=within)
            with station.database.write("clearance.refuse") as session:
                station.ledger.append(session, draft, at=now)
            raise

    def _record(self, effect: str, *drafts: Draft) -> None:
        station = self.inner.station
        with station.database.write(effect) as session:
            self._require_held(session)
            station.ledger.append(session, *drafts, at=station.clock.now())

    def _require_held(self, session: Session) -> None:
        """Raises `Superseded` where another worker has taken the document."""
        require_held(session, self.inner.document.id, self.inner.document.holder)

    def _draft(self, kind: EntryType, outcome: str, **more: object) -> Draft:
        return about(self.inner.document, kind, outcome, **more)


def _shown(held: Held) -> tuple[Finding, ...]:
    """What contradicts, where that is why it is held: on its page, or of the document as a whole."""
    if held.conflict is not None:
        return held.conflict.findings
    return (NOT_ANNOUNCED,) if held.reason is HeldReason.NOT_ANNOUNCED else ()


def _identified(clearance: Clearance) -> Identified:
    """Whose it is and what, as the gate was asked."""
    judged = clearance.judged
    return Identified(judged.document, judged.patient, judged.doc_type, ())


def _require_genuine(clearance: object, document: DocumentId) -> None:
    """Something that only looks like a clearance would answer for itself."""
    if type(clearance) is not Clearance:
        raise TamperFault("clearance-forged")
    clearance.require(document)
