"""The review record: a masked identity strip and the traits read, from a refusal or a hold until the decision.

It is a convenience to whoever must decide: what keeps it from being made is told in the log, and changes nothing of
what becomes of the document. It is made where `review.strip` asks for it; and where pages identify (`two-sources`), of
what is held because of whose it is, with the traits alone.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from consent_gate.model import DocumentId, Patient
from lexicon.faults import Fault, StationFault
from pipeline.entries import about
from pipeline.glance import GlanceSettings, Glimpse, glance, stacked
from pipeline.identity.zone import Sought, Standing, TraitKind
from pipeline.leaves import images_of
from pipeline.model import HeldReason
from pipeline.station import Station
from storage import review_records
from storage.custody import EntryType
from storage.effects import effect
from storage.files import replacing
from storage.review_records import ReviewRecord, TraitRead
from storage.spool import Spool
from storage.stored import StoredDocument
from storage.work import Superseded, require_held

log = structlog.get_logger("liasse.review")

MADE: Final = "review-record-made"
"""Outcome of an `identification`: an identity zone was looked at, and a record of it is kept."""
ERASED: Final = "review-record"
"""Outcome of a `destruction`: the record is gone."""
_AT_ONCE: Final = 1_000
_OF_NOBODY: Final = frozenset(
    {
        HeldReason.ALREADY_DEPOSITED,
        HeldReason.CONTINUES_EARLIER_FILE,
        HeldReason.NOT_PDFA,
        HeldReason.BELOW_PROFILE,
        HeldReason.BATCH_UNCONFIRMED,
        HeldReason.FORM_AMONG_RECORDS,
    }
)
"""Reasons to hold a document that ask nobody whose it is."""


def make(
    station: Station, document: StoredDocument, look_at: int | None = None, held: HeldReason | None = None
) -> None:
    """Make a document's record, before its outcome is written down and while its pages are in the spool.

    `look_at` is the page (1-based) that a person must look at, where one is known; `held`, why a person must. Raises
    `Superseded` alone.
    """
    if held is HeldReason.BATCH_UNCONFIRMED or not (station.config.review.strip or _is_asked_whose(station, held)):
        return  # nothing is read of what waits for its batch
    try:
        _make(station, document, look_at)
    except Superseded:
        raise
    except Fault as fault:
        log.warning("review-record-not-made", document=document.id, fault=fault.code)
    except Exception as error:  # noqa: BLE001  whatever a page does to a library, its outcome is not this one's business
        log.warning("review-record-not-made", document=document.id, kind=type(error).__name__)


def read(station: Station, document: DocumentId) -> ReviewRecord:
    """A document's record. Who asks was authenticated, and the consultation is an entry of the caller's.

    Its strip is empty where traits alone were kept. Raises `StationFault("review-record-missing")` where there is none:
    none was made, it is erased, or it was lost with the station; `TamperFault("spool-damaged")`.
    """
    with station.database.read() as session:
        made = review_records.made_at(session, document)
    try:
        if made is not None:
            return review_records.read_record(_folder(station), document)
    except StationFault as fault:
        if fault.code != "spool-missing":
            raise
    raise StationFault("review-record-missing", document=document)


def export(station: Station, document: DocumentId, target: Path) -> ReviewRecord:
    """Write the strip at `target` (PNG, 0600), where there is no file yet; what the record says besides is returned.

    Raises as `read`, also of a record without a strip, and `StationFault` `target-exists`, `disk-full`,
    `disk-unusable`.
    """
    record = read(station, document)
    if not record.strip:
        raise StationFault("review-record-missing", document=document)
    if target.exists() or target.is_symlink():
        raise StationFault("target-exists")
    with effect("review-record.export"), replacing(target) as stream:
        stream.write(record.strip)
    return record


def erase(station: Station, document: DocumentId) -> bool:
    """Destroy a document's record, with an entry; False where it has none. Run again after a crash, it finishes."""
    with station.database.read() as session:
        known = review_records.made_at(session, document) is not None
        stored = station.documents.document(session, document)
    if not known or stored is None:
        return False
    quarantine = _folder(station)
    with effect("review-record.destroy"):
        quarantine.destroy(document)
    with station.database.write("review-record.erase") as session:
        now = station.clock.now()
        if review_records.erase(session, document, now):
            station.ledger.append(session, about(stored, EntryType.DESTRUCTION, ERASED), at=now)
    return True


def erase_decided(station: Station) -> None:
    """Erase what a crash left of decided documents."""
    with station.database.read() as session:
        decided = review_records.decided(session)
    for document in decided:
        erase(station, DocumentId(document))


def erase_overdue(station: Station) -> int:
    """Erase what has waited for a decision for longer than `quarantine.max_days`; how many.

    Nothing while the clock cannot be trusted.
    """
    moment = station.clock.moment()
    if not moment.trusted:
        return 0
    before = moment.at - timedelta(days=station.config.quarantine.max_days)
    with station.database.read() as session:
        overdue = review_records.overdue(session, before, _AT_ONCE)
    return sum(erase(station, DocumentId(document)) for document in overdue)


def sweep(station: Station, older: float | None) -> None:
    """At start: finish what a crash left, and destroy records that no row knows; `older` as in `Spool.ids`."""
    if _place(station).is_dir():  # where none was ever made, there is none
        _sweep_files(station, older)
    erase_decided(station)
    erase_overdue(station)


def _sweep_files(station: Station, older: float | None) -> None:
    quarantine = _folder(station)
    with effect("review-record.sweep"):
        quarantine.sweep(older)
    with station.database.read() as session:
        live = review_records.live(session)
    for orphan in quarantine.ids(older):
        if orphan not in live:
            with effect("review-record.forget"):
                quarantine.destroy(orphan)


def _place(station: Station) -> Path:
    return station.config.shared / "review"


def _folder(station: Station) -> Spool:
    return Spool(_place(station), station.keys.release)


def _make(station: Station, document: StoredDocument, look_at: int | None) -> None:
    with station.database.read() as session:
        require_held(session, document.id, document.holder)
    announced = _announced(station, document)
    glimpses = _glimpses(station, document, Sought(announced, station.roster_index()), look_at)
    record = _record(stacked(glimpses), announced)
    with effect("review-record.write"):
        review_records.write_record(_folder(station), document.id, record)
    counts = {"fields": len(record.traits), "strips": len(glimpses) if record.strip else 0}
    with station.database.write("review-record.keep") as session:
        require_held(session, document.id, document.holder)
        now = station.clock.now()
        review_records.keep(session, document.id, now)
        station.ledger.append(session, about(document, EntryType.IDENTIFICATION, MADE, counts=counts), at=now)


def _is_asked_whose(station: Station, held: HeldReason | None) -> bool:
    """Whether a person must say whose a document is, on a station that reads identity zones before the gate."""
    return station.config.identification.rule == "two-sources" and held is not None and held not in _OF_NOBODY


def _announced(station: Station, document: StoredDocument) -> Patient | None:
    return station.roster_index().patient(document.claim.patient) if document.claim else None


def _glimpses(station: Station, document: StoredDocument, sought: Sought, look_at: int | None) -> Sequence[Glimpse]:
    """Of the first page, and of the one that a person must look at."""
    config = station.config
    images = images_of(station, document.id, station.spool)
    with station.workplace() as folder:
        settings = GlanceSettings(
            folder,
            config.identification.zone,
            station.recogniser.room.engine,
            config.review.strip_seconds,
            strip=config.review.strip,
        )
        return [glance(images[page - 1], sought, settings) for page in sorted({1, look_at or 1})]


def _record(glimpse: Glimpse, announced: Patient | None) -> ReviewRecord:
    traits = tuple(TraitRead(one.kind.value, one.standing.value, one.value) for one in glimpse.traits)
    seen = {one.kind for one in glimpse.traits if one.standing is Standing.AGREES}
    has = _kinds(announced) if announced else ()
    return ReviewRecord(glimpse.png(), traits, tuple(kind.value for kind in has if kind not in seen))


def _kinds(patient: Patient) -> Sequence[TraitKind]:
    """What the roster has of a patient that a page may show."""
    optional = ((TraitKind.USAGE_NAME, patient.usage_name), (TraitKind.INS, patient.ins))
    always = (TraitKind.BIRTH_NAME, TraitKind.GIVEN_NAME, TraitKind.BIRTH_DATE)
    return (*always, *(kind for kind, value in optional if value))
