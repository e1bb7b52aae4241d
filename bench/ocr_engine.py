"""The product's page engine for the benchmark: files as they came, the gate, recognition, PDF/A and all its checks.

The gate is the product's, over a register in memory: one invented patient has authorized all that is put to it.
"""

import errno
import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from ulid import ULID

from consent_gate.gate import Policy, decide
from consent_gate.model import (
    Clearance,
    DocumentId,
    Fact,
    FactKind,
    KnownPatient,
    Moment,
    PatientRef,
    RegisterReading,
    UnknownPatient,
)
from consent_gate.register import Register
from pipeline.compose import Composed, Level, ScanContext
from pipeline.copies import ImageUse, Wanted, fit_copy
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.model import Recognised, Scan
from pipeline.packing import PackedImages, pack
from pipeline.reading.engines import EngineUse
from pipeline.reading.tessdata import ModelUse
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.software import SOFTWARE
from pipeline.validate import Validator, VeraPdfUse
from storage.spool import Spool

_PATIENT: Final = PatientRef("INVENTED")
_SINCE: Final = date(2025, 1, 1)
_MEMORY_FILES: Final = Path("/dev/shm")  # noqa: S108  a memory file system; a 0700 folder is made in it


@dataclass(frozen=True, slots=True)
class InMemory:
    """A register of who stands in it; others are unknown."""

    facts: Mapping[PatientRef, tuple[Fact, ...]]

    def reading(self, patient: PatientRef) -> RegisterReading:
        known = self.facts.get(patient)
        return UnknownPatient() if known is None else KnownPatient(known, None)


def register() -> Register:
    """The invented patient's authorization, and nobody else's."""
    recorded = datetime(_SINCE.year, _SINCE.month, _SINCE.day, tzinfo=UTC)
    granted = Fact(reference="invented", kind=FactKind.GRANTED, on=_SINCE, recorded_at=recorded)
    return InMemory({_PATIENT: (granted,)})


class ClosedError(Exception):
    """The gate did not open; its argument is the reason's slug."""


def cleared(document: DocumentId, known: Register, patient: PatientRef = _PATIENT) -> Clearance:
    """The gate's answer for a document of a patient. Raises ClosedError."""
    now = datetime.now(UTC)
    decision = decide(document, patient, None, known.reading(patient), Moment(now, now.date()), Policy())
    if isinstance(decision, Clearance):
        return decision
    raise ClosedError(decision.reason.value)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the engine works; what is not here is the product's default."""

    jobs: int
    """Pages at a time."""
    engine: EngineUse = "auto"
    images: ImageUse = "faithful"
    level: Level = "1b"
    repack: bool = False
    verapdf: VeraPdfUse = "auto"
    model: ModelUse = "liasse"


class Engine:
    """The page engine's rooms, opened once for all documents. Several threads may ask."""

    def __init__(self, settings: Settings, held: ExitStack) -> None:
        memory = _MEMORY_FILES if _MEMORY_FILES.is_dir() else None
        work = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="pdfa-", dir=memory)))
        spooled = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="pdfa-")))
        self._spool = Spool(spooled / "spool", os.urandom(32))
        self._decoders = Decoders(Limits(), Bounds(), separation=None)  # a file is a document here
        held.callback(self._decoders.close)
        reading = RecogniseSettings(work, workers=settings.jobs, engine=settings.engine, model=settings.model)
        self._recogniser = held.enter_context(Recogniser(reading))
        self._validator = held.enter_context(Validator(settings.verapdf, work))
        self._validator.warm()
        self._register = register()
        self._wanted = Wanted(settings.level, settings.images, settings.repack)

    @property
    def name(self) -> str:
        """Of what recognises: program, version, language."""
        return self._recogniser.engine

    def make(self, source: Path, target: Path) -> Composed:
        """Write a file's copy. Raises Fault, ClosedError, OSError; nothing is left at `target` then."""
        if not source.is_file():
            raise FileNotFoundError(errno.ENOENT, "no file")
        digest = _sha256(source)
        document = _identifier(source.name, digest)
        try:
            images = self._images(document, source)
            scan = Scan(document, images)
            recognised = self._recogniser.recognise(scan, cleared(document, self._register))
            return self._written(scan, recognised, _context(source, digest, len(images)), target)
        finally:
            self._spool.destroy(document)

    def _images(self, document: DocumentId, source: Path) -> PackedImages:
        """The pages, opened in a confined process, as strangers' files are; from then on they lie encrypted."""
        with self._decoders.opened(source) as opened:
            pack(self._spool, document, (looked.image for looked in opened.pages()))
        return PackedImages(self._spool, document)

    def _written(self, scan: Scan, recognised: Recognised, context: ScanContext, target: Path) -> Composed:
        part = target.with_name(f".{scan.document}.part")  # veraPDF is told names line by line
        try:
            composed = fit_copy(self._validator, scan, recognised, context, part, self._wanted).composed
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return composed


def _identifier(name: str, digest: str) -> DocumentId:
    """Always the same for the same file under the same name, so that its copy is the same, byte for byte."""
    return DocumentId(str(ULID.from_bytes(hashlib.sha256(os.fsencode(f"{name}/{digest}")).digest()[:16])))


def _sha256(source: Path) -> str:
    with source.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _context(source: Path, digest: str, pages: int) -> ScanContext:
    captured = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    return ScanContext("bench", SOFTWARE, captured, digest, tuple(range(1, pages + 1)))
