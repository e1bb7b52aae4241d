"""The real tools of one document's journey: roster and register, Tesseract, PDF/A, envelope, host."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from consent_gate.gate import decide
from consent_gate.model import Clearance, DocumentId, Refused
from lexicon.faults import StationFault
from pipeline import identify as identification
from pipeline.compose import ScanContext, compose
from pipeline.model import (
    Agreed,
    Archival,
    Held,
    HeldReason,
    Identified,
    Recognised,
    Scan,
)
from pipeline.station import SOFTWARE, Station
from pipeline.validate import require_pdfa
from storage.deposit import Receipt, deposit
from storage.deposits import find_sealed, waiting_file
from storage.effects import effect
from storage.envelope import Sealed, seal
from storage.header import Header
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

    def identify(self, scan: Scan) -> Identified | Held:
        found = self.identified(scan)
        if isinstance(found, Identified):
            with self.station.database.read() as session:
                if self.station.documents.already_known(session, self.document):
                    return Held(scan.document, HeldReason.ALREADY_DEPOSITED)
        return found

    def identified(self, scan: Scan) -> Identified | Held:  # noqa: ARG002  as the journey calls it
        """Whose it is, as `identify` found; that it was not there before is not asked again."""
        return identification.identify_stored(self.document)

    def ask(self, identified: Identified) -> Clearance | Refused:
        return ask(self.station, identified)

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
        return self.station.recogniser.recognise(scan, clearance)

    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held:
        return identification.check_identity(recognised, identified.patient, self.station.roster_index())

    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
        target = self.work / f"{scan.document}.pdf"
        composed = compose(scan, recognised, self.context(), target)
        try:
            verdict = require_pdfa(self.station.validator, composed, scan, recognised)
        except StationFault as fault:
            if fault.code not in ("not-pdfa", "render-differs"):
                raise
            target.unlink(missing_ok=True)
            return Held(scan.document, HeldReason.NOT_PDFA)
        return Archival(
            document=scan.document,
            path=composed.path,
            sha256=composed.sha256,
            size=composed.size,
            pages=composed.pages,
            level=composed.level,
            validators=verdict.validators,
        )

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


def context_of(station: Station, document: StoredDocument, file: StoredFile, positions: tuple[int, ...]) -> ScanContext:
    """Where its images came from, for whoever reads what is made of them."""
    return ScanContext(
        station=station.id,
        software=SOFTWARE,
        captured_at=read_time(document.captured_at),
        source_sha256=file.sha256,
        source_pages=positions,
    )
