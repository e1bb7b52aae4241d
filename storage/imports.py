"""A client's sheet into roster or register: one transaction, one custody entry; all of its good lines or nothing."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from consent_gate.fhir.names import FhirNames
from consent_gate.fhir.reading import is_fhir, read_consents
from consent_gate.imports import (
    LineOutcome,
    LineVerdict,
    RegisterSheet,
    borne_out,
    read_register,
    read_roster,
)
from consent_gate.model import PatientRef
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.database import Database
from storage.ledger import Ledger
from storage.merkle import leaf_hash, root_of
from storage.register import IMPORT_KIND as REGISTER_KIND
from storage.register import Recording, Register
from storage.rejudges import queue_everybody
from storage.roster import Roster
from storage.tables import ImportRow
from storage.times import fresh_id, write_time

ROSTER_KIND: Final = "roster"
_ZONE: Final = ZoneInfo("Europe/Paris")

Look = Callable[[Session, frozenset[PatientRef]], Mapping[str, str]]
"""What becomes of documents in hand as the session stands: asked before and after, about patients that may change."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What was answered, document -> answer, before and after."""

    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Client:
    """What a client's files call things, and when it is there. `headers` replaces the names of some columns."""

    headers: Mapping[str, str] | None = None
    fhir: FhirNames = field(default_factory=FhirNames)
    zone: ZoneInfo = _ZONE
    today: date | None = None
    """The civil day; None: that of the import."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each line, in the file's order. `id` is None after a dry run, which keeps nothing."""

    id: str | None
    sha256: str
    verdicts: tuple[LineVerdict, ...]
    touched: frozenset[PatientRef] = field(default=frozenset(), repr=False)
    """Patients about whom something may have changed."""
    looks: Looks | None = None

    def count(self, outcome: LineOutcome) -> int:
        return sum(verdict.outcome is outcome for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Importer:
    """Brings sheets in. Where the file as a whole cannot be used, `SheetFault` is raised and nothing is imported.

    `at` is now (UTC); `headers` replaces the client's names of some columns; `person` is the ULID of an account.
    """

    database: Database
    columns: Columns
    ledger: Ledger

    def import_roster(
        self,
        raw: bytes,
        at: datetime,
        *,
        headers: Mapping[str, str] | None = None,
        dry_run: bool = False,
        person: str | None = None,
    ) -> ImportReport:
        """Import patients; a known reference with other traits is refused, never overwritten."""
        sheet = read_roster(raw, at.date(), headers)
        roster = Roster(self.database, self.columns)

        def write(session: Session, import_id: str) -> "_Written":
            verdicts, digests = list(sheet.refused), []
            outcomes = roster.add(session, [line.patient for line in sheet.lines], at, import_id)
            for line, outcome in zip(sheet.lines, outcomes, strict=True):
                if outcome is LineOutcome.REFUSED:
                    verdicts.append(LineVerdict(line.line, outcome, "traits-differ", sheet.headers["reference"]))
                    continue
                verdicts.append(LineVerdict(line.line, outcome))
                digests.append(roster.digest(line.patient))
            return _Written(verdicts, digests)

        return self._import(ROSTER_KIND, raw, at, write, dry_run=dry_run, person=person)

    def import_register(
        self,
        raw: bytes,
        at: datetime,
        *,
        client: Client | None = None,
        today: date | None = None,
        headers: Mapping[str, str] | None = None,
        dry_run: bool = False,
        person: str | None = None,
        look: Look | None = None,
    ) -> ImportReport:
        """Import authorizations, refusals, withdrawals, oppositions and notices of patients of the roster.

        A sheet or a FHIR file, by its content. A line that may have restricted and cannot be used closes the gate until
        a sheet settles it. `client` says what its files call things; `today` and `headers` alone say some of that.
        """
        parsed = _read(raw, at, client or Client(headers, today=today))
        roster, register = Roster(self.database, self.columns), Register(self.database, self.columns)

        def write(session: Session, import_id: str) -> "_Written":
            named = [line.patient for line in parsed.lines] + [PatientRef(doubt.reference) for doubt in parsed.doubts]
            sheet = borne_out(parsed, roster.find_many(session, named).get, partial(roster.by_birth, session=session))
            before = look(session, sheet.touched) if look else {}
            said = [(line.patient, line.statement) for line in sheet.lines]
            verdicts = list(sheet.refused)
            recorded = register.record(session, said, Recording(at, import_id))
            for line, one in zip(sheet.lines, recorded, strict=True):
                verdicts.append(LineVerdict(line.line, LineOutcome.ADDED if one.reference else LineOutcome.UNCHANGED))
            doubts = register.doubt(session, sheet.doubted, sheet.settled, at, import_id)
            digests = [one.digest for one in recorded]
            return _Written(verdicts, digests, doubts, sheet.touched, before)

        return self._import(REGISTER_KIND, raw, at, write, dry_run=dry_run, person=person, look=look)

    def _import(
        self,
        kind: str,
        raw: bytes,
        at: datetime,
        write: Callable[[Session, str], "_Written"],
        *,
        dry_run: bool,
        person: str | None,
        look: Look | None = None,
    ) -> ImportReport:
        import_id, sha256 = fresh_id(at), hashlib.sha256(raw).hexdigest()
        with self.database.write("sheet.import") as session:
            written = write(session, import_id)
            counts = written.counts()
            row = ImportRow(id=import_id, kind=kind, sha256=sha256, at=write_time(at), undoes=None, **counts)
            session.add(row)
            session.flush()
            looks = Looks(written.before, look(session, written.touched)) if look else None
            draft = Draft(
                EntryType.IMPORT,
                f"import:{import_id}",
                f"{kind}-imported",
                counts=counts | written.doubt_counts(),
                hashes_in=(sha256,),
                sizes_in=(len(raw),),
                hashes_out=(written.root(),),
                person=person,
            )
            self.ledger.append(session, draft, at=at)
            queue_everybody(session)  # a register is as old as its last import, for all of its patients
            if dry_run:
                session.rollback()
        verdicts = tuple(sorted(written.verdicts, key=lambda verdict: verdict.line))
        return ImportReport(None if dry_run else import_id, sha256, verdicts, written.touched, looks)


def _read(raw: bytes, at: datetime, client: Client) -> RegisterSheet:
    today = client.today or at.date()
    if is_fhir(raw):
        return read_consents(raw, today, client.fhir, client.zone)
    return read_register(raw, today, client.headers)


@dataclass(frozen=True, slots=True)
class _Written:
    verdicts: Iterable[LineVerdict]
    digests: Iterable[str]
    doubts: tuple[int, int] = (0, 0)
    """Opened and lifted."""
    touched: frozenset[PatientRef] = frozenset()
    before: Mapping[str, str] = field(default_factory=dict)

    def doubt_counts(self) -> dict[str, int]:
        """For the ledger, where there are any."""
        counted = zip(("doubted", "doubt-lifted"), self.doubts, strict=True)
        return {name: count for name, count in counted if count}

    def counts(self) -> dict[str, int]:
        outcomes = Counter(verdict.outcome.value for verdict in self.verdicts)
        return {"lines": outcomes.total(), **{outcome.value: outcomes[outcome.value] for outcome in LineOutcome}}

    def root(self) -> str:
        """RFC 6962 root (hex) over the keyed digests of all lines that hold, in their own order."""
        return root_of([leaf_hash(bytes.fromhex(digest)) for digest in sorted(set(self.digests))]).hex()
