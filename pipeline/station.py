"""A station opened from its configuration: every room's parts, checked and connected. One client, one station."""

import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from consent_gate.gate import Policy
from consent_gate.model import PatientRef
from lexicon.faults import StationFault
from pipeline.clock import Clock, Identifiers, wall
from pipeline.config import Config
from pipeline.decoding.confine import Bounds
from pipeline.decoding.decoders import Decoders
from pipeline.formats.limits import Limits
from pipeline.identity.evidence import Search
from pipeline.identity.looking import Looker, LookSettings
from pipeline.identity.roster_index import RosterIndex
from pipeline.indexing import table as type_table
from pipeline.indexing.table import TypeTable
from pipeline.recognise import Recogniser, RecogniseSettings
from pipeline.software import VERSION
from pipeline.validate import Validator
from pipeline.workshop import Workshop
from storage.backup.shipping import Shipping
from storage.batches import Batches
from storage.captured import Captured
from storage.columns import Columns
from storage.database import Database
from storage.dialects import Hold
from storage.documents import Documents
from storage.effects import effect
from storage.hosts import Host
from storage.hosts.certified import CertifiedHost
from storage.hosts.opening import open_host
from storage.imports import Client, Importer, ImportReport
from storage.keys import Recipient, StationKeys, load_recipient, require_apart
from storage.ledger import Ledger
from storage.owner import open_owned
from storage.register import Register
from storage.roster import Roster
from storage.spool import Spool
from storage.upgrading import complete_keys


@dataclass
class Station:
    """Everything a journey needs. Host, recogniser and validator open when first asked for; `close` lets go of all."""

    config: Config
    keys: StationKeys
    recipients: tuple[Recipient, ...]
    database: Database
    columns: Columns
    batches: Batches
    captured: Captured
    documents: Documents
    roster: Roster
    register: Register
    ledger: Ledger
    spool: Spool
    quarantine: Spool
    clock: Clock
    identifiers: Identifiers
    policy: Policy
    limits: Limits
    workshop: Workshop
    _index: RosterIndex | None = None
    _index_of: str | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return self.config.station.id

    @property
    def sides(self) -> int:
        """Sides scanned a sheet."""
        return self.config.records_inbox.sides

    @cached_property
    def work(self) -> Path:
        """This process's own folder on the memory file system."""
        return self.workshop.enter()

    @cached_property
    def host(self) -> Host:
        """Reached; in production it takes something only on a day on which it is certified (CSP L.1111-8)."""
        section = self.config.host
        opened = open_host(section.settings(self.config.path), self.config.base, self.id)
        if self.config.station.mode != "production":
            return opened
        return CertifiedHost(opened, section.hds.certification, lambda: self.clock.moment().day)

    @cached_property
    def shipping(self) -> Shipping:
        """Brings to the host what the rows have become since the oldest backup that is kept."""
        database, ledger, marker = self.database, self.ledger, self.config.shared / "records.json"
        return Shipping(database, ledger, self.id, self.keys.backup, lambda: self.host, self.workplace, marker)

    @cached_property
    def recogniser(self) -> Recogniser:
        ocr = self.config.ocr
        told = (ocr.language, ocr.page_seconds, ocr.pages_at_once, ocr.engine, ocr.model)
        return Recogniser(RecogniseSettings(self.work, *told))

    @cached_property
    def looker(self) -> Looker:
        """What looks at identity zones before the gate."""
        told = self.config.identification
        return Looker(LookSettings(told.zone, told.zone_seconds), self.search, self.recogniser.room)

    @cached_property
    def types(self) -> TypeTable:
        """The table of document types: the client's, else the one that is shipped."""
        named = self.config.indexing.table
        return type_table.read(self.config.path(named)) if named else type_table.shipped()

    @cached_property
    def decoders(self) -> Decoders:
        """What opens files as they came; its processes start with the first one."""
        limits, rules = self.config.limits, self.config.separation.rules
        bounds = Bounds(limits.memory, limits.page_seconds, limits.file_seconds)
        return Decoders(self.limits, bounds, separation=rules)

    @cached_property
    def validator(self) -> Validator:
        return Validator(self.config.pdfa.verapdf, self.work)

    def import_sheet(self, kind: Literal["roster", "register"], raw: bytes, *, dry_run: bool = False) -> ImportReport:
        """Bring a client's sheet, or FHIR file, in. Raises `SheetFault` where the file as a whole cannot be used."""
        importer = Importer(self.database, self.columns, self.ledger, self.policy)
        moment, authorization = self.clock.moment(), self.config.authorization
        if kind == "roster":
            named = self.config.roster.columns
            return importer.import_roster(raw, moment.at, today=moment.day, headers=named, dry_run=dry_run)
        client = Client(authorization.columns, authorization.fhir.names, self.clock.zone, moment.day)
        return importer.import_register(raw, moment.at, client=client, dry_run=dry_run)

    def ready(self) -> None:
        """Open all that a working run needs, so that what is missing is told before the first file is taken."""
        _ = self.host, self.recogniser, self.validator, self.types

    @property
    def sealed_folder(self) -> Path:
        """Where sealed envelopes wait for the host's receipt."""
        return self.config.shared / "sealed"

    def closed_path(self, document: str) -> Path:
        """Where the originals of a closed document lie, sealed for client and escrow."""
        return self.config.shared / "quarantine" / f"{document}.p7m"

    def roster_index(self) -> RosterIndex:
        """The roster in memory, for the search of every page; built anew when the roster has changed."""
        with self._guard:
            version = self.roster.version()
            if self._index is None or self._index_of != version:
                self._index, self._index_of = RosterIndex(self.roster.all()), version
            return self._index

    def search(self, claimed: PatientRef | None = None) -> Search:
        """What a page is searched for now; `claimed`: whom its separator names."""
        number = self.config.identification.client_number
        return Search(
            index=self.roster_index(),
            mode=self.config.station.mode,
            today=self.clock.moment().day,
            claimed=claimed,
            client_number=re.compile(number) if number else None,
        )

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """A fresh 0700 folder on the memory file system, gone afterwards. Raises `StationFault("work-unwritable")`."""
        try:
            with effect("work.make"):
                folder = Path(tempfile.mkdtemp(dir=self.work))
        except OSError:
            raise StationFault("work-unwritable", path=str(self.work.parent)) from None
        try:
            yield folder
        finally:
            with effect("work.remove"):
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        opened = vars(self)
        if "recogniser" in opened:
            self.recogniser.close()
        if "validator" in opened:
            self.validator.close()
        if "decoders" in opened:
            self.decoders.close()
        if "host" in opened:
            self.host.close()
        self.database.close()
        self.workshop.leave()


def open_station(config: Config, as_of: date | None = None) -> Station:
    """Open every part. Raises `StationFault` naming what is missing and what to do."""
    if as_of is not None and config.station.mode != "trial":
        raise StationFault("as-of-in-production")
    production = config.station.mode == "production"
    complete_keys(config.folder / "keys", config.database_url, production=production)
    keys = StationKeys.load(config.folder / "keys")
    recipients, columns = _recipients(config), Columns(keys.columns, keys.blind)
    database = open_owned(config.database_url, columns, config.station.id, production=production)
    ledger = Ledger(database, config.station.id, keys.checkpoint, software=f"liasse/{VERSION}")
    roster = Roster(database, columns)
    with effect("sealed.make"):
        (config.shared / "sealed").mkdir(mode=0o700, parents=True, exist_ok=True)
    return Station(
        config=config,
        keys=keys,
        recipients=recipients,
        database=database,
        columns=columns,
        batches=Batches(columns),
        captured=Captured(columns),
        documents=Documents(columns),
        roster=roster,
        register=Register(database, columns),
        ledger=ledger,
        spool=Spool(config.shared / "spool", keys.spool),
        quarantine=Spool(config.shared / "quarantine", keys.release),
        clock=_clock(config, ledger, as_of),
        identifiers=Identifiers(),
        policy=_policy(config),
        limits=Limits(config.limits.pixels, config.limits.pages, config.limits.bytes),
        workshop=Workshop(Path(config.station.work), config.station.id),
    )


@contextmanager
def alone(station: Station) -> Iterator[Hold]:
    """One process a station takes files, on whatever machine. Raises `StationFault("already-running")`."""
    with station.database.hold("station") as held:
        yield held


class Sole:
    """That this process alone takes files. What a database's server has dropped is taken anew; `close` lets go."""

    def __init__(self, station: Station) -> None:
        """Raises `StationFault("already-running")`."""
        self._station = station
        self._holding = ExitStack()
        self._hold: Hold | None = self._holding.enter_context(alone(station))

    def require(self) -> None:
        """Raises `StationFault` `already-running` where another process has it by now, or `database-away`."""
        if self._hold is not None and self._hold.held():
            return
        self._hold = None
        self._holding.close()
        self._hold = self._holding.enter_context(alone(self._station))

    def close(self) -> None:
        self._holding.close()


def _recipients(config: Config) -> tuple[Recipient, ...]:
    found = tuple(load_recipient(config.path(p)) for p in (config.recipients.client, config.recipients.escrow))
    for recipient in found:
        recipient.require_valid(wall())
        if recipient.trial and config.station.mode == "production":
            raise StationFault("trial-key-in-production")
    require_apart(found)
    return found


def _clock(config: Config, ledger: Ledger, as_of: date | None) -> Clock:
    def reading(at: datetime) -> tuple[datetime, bool]:
        found = ledger.clock_reading(at)
        return found.now, found.trusted

    return Clock(reading, ZoneInfo(config.station.timezone), as_of)


def _policy(config: Config) -> Policy:
    age = config.contract.register_maximum_age_days
    return Policy(
        notice_required=config.contract.notice_required,
        evidence_required=config.contract.evidence_required,
        check_required=config.contract.evidence_required and config.contract.evidence_check_required,
        purpose=config.contract.purpose,
        maximum_age=None if age is None else timedelta(days=age),
    )
