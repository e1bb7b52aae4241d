"""The real tools of one document's journey: roster and register, Tesseract, PDF/A, envelope, host."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from consent_gate.gate import decide
from consent_gate.model import Clearance, DocumentId, Refused
from lexicon.faults import StationFault
from lexicon.flags import RESCAN
from pipeline import identify as identification
from pipeline.compose import ScanContext
from pipeline.copies import UNFIT, Wanted, fit_copy
from pipeline.identity.looking import ZoneLook
from pipeline.identity.verdict import Opening, suffices
from pipeline.identity.verdict import decide as decide_identity
from pipeline.indexing.propose import IndexedArchival, propose
from pipeline.model import (
    Agreed,
    Archival,
    Held,
    HeldReason,
    Identified,
    Recognised,
    Scan,
    Separator,
)
from pipeline.software import SOFTWARE
from pipeline.station import Station
from storage.claims import PERSON, of_pages
from storage.deposit import Known, Receipt, deposit
from storage.deposits import find_sealed, waiting_file
from storage.effects import effect
from storage.envelope import Sealed, seal
from storage.header import Header
from storage.pages import flags_of
from storage.stored import StoredDocument, StoredFile
from storage.times import read_time
from storage.work import require_held

MEDIA_TYPE = "application/pdf"


class NoLongerCleared(Exception):
    """What was recorded while an object was put and read back closes the gate for its document."""


@dataclass(frozen=True, slots=True)
class DocumentTools:
    """What one document needs of the outside world. `work` is this document's own folder on the memory file system."""

    station: Station
    document: StoredDocument
    file: StoredFile
    positions: tuple[int, ...]
    work: Path
    seen: list[ZoneLook] = field(default_factory=list, repr=False)
    """What was read to identify it, a page a place: in memory, until its pages are read whole or it does not go on."""
    told: Callable[[int, int], None] | None = field(default=None, repr=False, kw_only=True)
    """Hears how many of its pages are read, and of how many."""

    def identify(self, scan: Scan) -> Identified | Held:
        found = self._whose(scan)
        if isinstance(found, Identified):
            if self._is_below_profile():
                return Held(scan.document, HeldReason.BELOW_PROFILE)
            with self.station.database.read() as session:
                if self.station.documents.already_known(session, self.document):
                    return Held(scan.document, HeldReason(self.station.documents.known_from(session, self.document)))
        return found

    def _is_below_profile(self) -> bool:
        """Whether a page of it is to be scanned again before it goes, and no person has said otherwise."""
        if self.station.config.profile.below == "flag" or PERSON in self.document.sources:
            return False
        with self.station.database.read() as session:
            flags = flags_of(session, self.document.id)
        return any(flag.startswith(RESCAN) for several in flags.values() for flag in several)

    def identified(self, scan: Scan) -> Identified | Held:  # noqa: ARG002  as the journey calls it
        """Whose it is, as `identify` found; that it was not there before is not asked again."""
        return identification.identify_stored(self.document)

    def _whose(self, scan: Scan) -> Identified | Held:
        """By its sheet or a person alone where that is the rule, else by what its pages say too."""
        document, station = self.document, self.station
        if station.config.identification.rule == "separator":
            return identification.identify_stored(document)
        opening = opening_of(document, labelled=station.config.separation.barcode_page == "content")
        if not (opening.damaged or opening.form):
            self.seen[:] = station.looker.look(scan.images, opening.claim.patient if opening.claim else None)
        with station.database.read() as session:
            announced = station.batches.announced(session, document.batch)
        evidence = [page.evidence for page in self.seen]
        found = decide_identity(document.id, opening, evidence, station.roster_index(), announced)
        told = isinstance(found, Held) and found.conflict is not None
        unread = any(page.unread for page in self.seen)
        return Held(document.id, HeldReason.PAGE_UNREAD) if unread and not told else found

    def is_enough(self, identified: Identified) -> bool:
        """Whether the rule is obeyed by what names the patient: a roster that came between identification and gate may
        know a reference that no page could be compared with."""
        return self.station.config.identification.rule == "separator" or suffices(identified.sources)

    def ask(self, identified: Identified) -> Clearance | Refused:
        return ask(self.station, identified)

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
        seen = tuple(self.seen)
        self.seen.clear()
        self.station.validator.warm()
        return self.station.recogniser.recognise(scan, clearance, seen, self.told)

    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held:
        confirmed = frozenset(self.document.confirmed)
        return identification.check_identity(recognised, identified.patient, self.station.search(), confirmed)

    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
        """The copy, or that there is none that may go on."""
        asked = self.station.config.pdfa
        wanted = Wanted(asked.level, asked.images, asked.repack_jpeg)
        target = self.work / f"{scan.document}.pdf"
        try:
            fit = fit_copy(self.station.validator, scan, recognised, self.context(), target, wanted)
        except StationFault as fault:
            if fault.code not in UNFIT:
                raise
            return Held(scan.document, HeldReason.NOT_PDFA)
        return Archival(
            document=scan.document,
            path=fit.composed.path,
            sha256=fit.composed.sha256,
            size=fit.composed.size,
            pages=fit.composed.pages,
            level=fit.composed.level,
            validators=fit.verdict.validators,
            figures=fit.composed.figures,
        )

    def index(self, archival: Archival, scan: Scan, recognised: Recognised, identified: Identified) -> Archival:
        """The copy with what its words propose that it is, and of which day: never the patient's birth date."""
        station = self.station
        patient = station.roster_index().patient(identified.patient)
        latest = read_time(self.document.captured_at).astimezone(station.clock.zone).date()
        found = propose(scan, recognised, station.types, latest, patient.birth_date if patient else None)
        return IndexedArchival.of(archival, found)

    @property
    def sealed_name(self) -> str:
        """The file of this holder's envelope: another worker's does not replace it."""
        return f"{self.document.id}-{self.document.version}-{self.document.holder}.p7m"

    def seal(self, archival: Archival, clearance: Clearance) -> Sealed:
        clearance.require(archival.document)
        header = Header(
            document=archival.document,
            version=self.document.version,
            decision=clearance.decision,
            plaintext_sha256=archival.sha256,
            media_type=MEDIA_TYPE,
        )
        with archival.path.open("rb") as source:
            target = self.station.sealed_folder / self.sealed_name
            with effect("envelope.seal"):
                sealed = seal(
                    source, archival.size, header, clearance, recipients=self.station.recipients, target=target
                )
        archival.path.unlink()
        return sealed

    def sealed(self, document: DocumentId) -> Sealed | None:
        """What an earlier run of this journey sealed and recorded, if its bytes are still what was recorded."""
        with self.station.database.read() as session:
            found = find_sealed(session, document, self.document.version)
            name = waiting_file(session, document, self.document.version)
        if found is None or name is None:
            return None
        kept, _ = found
        path = self.station.sealed_folder / name
        try:
            with path.open("rb") as source:
                same = hashlib.file_digest(source, "sha256").hexdigest() == kept.sha256
        except FileNotFoundError:
            same = False
        if not same:
            raise StationFault("sealed-missing", document=document)
        return kept

    def deposit(self, sealed: Sealed, clearance: Clearance) -> Receipt:
        """Raises `NoLongerCleared` after the read-back, before anything is locked."""
        document, judged = self.document, clearance.judged
        identified = Identified(judged.document, judged.patient, judged.doc_type, ())

        def still() -> None:
            self._require_held()
            if isinstance(self.ask(identified), Refused):
                raise NoLongerCleared

        with self.station.database.read() as session:
            name = waiting_file(session, document.id, document.version) or self.sealed_name
        return deposit(
            self.station.sealed_folder / name,
            sealed,
            self.station.keys.object_key(self.station.id, document.id, document.version),
            self.station.host,
            clearance,
            at=self.station.clock.now(),
            still=still,
            known=Known(identified_by=document.sources, inherited=document.inherited),
        )

    def _require_held(self) -> None:
        """Raises `Superseded` where another worker has taken the document, or a person decided otherwise."""
        with self.station.database.read() as session:
            require_held(session, self.document.id, self.document.holder)

    def context(self) -> ScanContext:
        return context_of(self.station, self.document, self.file, self.positions)


def ask(station: Station, identified: Identified) -> Clearance | Refused:
    """What the gate says of it now."""
    reading = station.register.reading(identified.patient)
    return decide(
        identified.document,
        identified.patient,
        identified.doc_type,
        reading,
        station.clock.moment(),
        station.policy,
    )


def opening_of(document: StoredDocument, *, labelled: bool = False) -> Opening:
    """How it begins: what a sheet or a person says of it, its pages left aside. `labelled`: pages may bear a claim."""
    claim = None if of_pages(document.sources) else document.claim
    sheet = Separator(claim.patient, claim.doc_type, claim.client_document) if claim else None
    return Opening(
        sheet,
        damaged=document.damaged,
        form=document.form,
        bounded=sheet is not None or document.plain,
        person=PERSON in document.sources,
        labelled=labelled,
        confirmed=frozenset(document.confirmed),
    )


def context_of(station: Station, document: StoredDocument, file: StoredFile, positions: tuple[int, ...]) -> ScanContext:
    """Where its images came from, for whoever reads what is made of them."""
    return ScanContext(
        station=station.id,
        software=SOFTWARE,
        captured_at=read_time(document.captured_at),
        source_sha256=file.sha256,
        source_pages=positions,
        device=station.config.pdfa.device,
    )
