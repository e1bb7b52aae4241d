"""A client's sheet into roster or register: one transaction, one custody entry; all of its good lines or nothing."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from consent_gate.fhir.names import FhirNames
from consent_gate.gate import Policy
from consent_gate.imports import (
    LineOutcome,
    LineVerdict,
    RegisterSheet,
    borne_out,
    read_register,
    read_roster,
)
from consent_gate.model import Fact, PatientRef
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.database import Database
from storage.fact_rows import Recording
from storage.freshness import IMPORT_KIND as REGISTER_KIND
from storage.freshness import coverage
from storage.ledger import Ledger
from storage.merkle import leaf_hash, root_of
from storage.register import Register
from storage.rejudges import queue_everybody
from storage.roster import Alike, Roster
from storage.tables import ImportRow
from storage.times import fresh_id, write_time

ROSTER_KIND: Final = "roster"
_ZONE: Final = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a dry run would have left on record: the gate is asked about it later, when nobody waits for the writer."""

    facts: Mapping[str, tuple[Fact, ...]] = field(repr=False)
    """Blind index of a patient who has documents -> what would be added."""
    register_at: datetime | None
    """How fresh the register would be."""

    @classmethod
    def of(cls, register: Register, session: Session, import_id: str) -> "Foreseen":
        """As the session stands, before it is rolled back."""
        return cls(register.added_in_hand(session, import_id), register.brought_up_to_date(session))


@dataclass(frozen=True, slots=True)
class Client:
    """What a client's files call things, and when it is there. `headers` replaces the names of some columns."""

    headers: Mapping[str, str] | None = None
    fhir: FhirNames = field(default_factory=FhirNames)
    zone: ZoneInfo = _ZONE
    today: date | None = None
    """The civil day; None: that of the import."""


_NOBODYS: Final = Client()
"""Names as they are by default."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of each line, in the file's order. `id` is None after a dry run, which keeps nothing."""

    id: str | None
    sha256: str
    verdicts: tuple[LineVerdict, ...]
    touched: frozenset[PatientRef] = field(default=frozenset(), repr=False)
    """Patients about whom something may have changed."""
    foreseen: Foreseen | None = None
    """Of a dry run of the register."""
    doubted: int | None = None
    """Of the register: of how many patients the gate is closed because of lines that may have restricted them."""
    alike: Alike | None = None
    """Of a roster's: how many references of the whole roster look like another."""
    unread: tuple[str, ...] = field(default=(), repr=False)
    """Names of columns that nobody asked for: for the screen alone, in no log and no entry."""

    def count(self, outcome: LineOutcome) -> int:
        return sum(verdict.outcome is outcome for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Importer:
    """Brings sheets in. Where the file as a whole cannot be used, `SheetFault` is raised and nothing is imported.

    `at` is now (UTC); `policy` what the contract asks of an authorization that settles a doubt.
    """

    database: Database
    columns: Columns
    ledger: Ledger
    policy: Policy

    def import_roster(
        self,
        raw: bytes,
        at: datetime,
        *,
        today: date | None = None,
        headers: Mapping[str, str] | None = None,
        dry_run: bool = False,
    ) -> ImportReport:
        """Import patients; a known reference with other traits is refused, never overwritten.

        `today` is the civil day at the client's, by which nobody is born later; `headers` replaces the client's names
        of some columns.
        """
        sheet = read_roster(raw, today or at.date(), headers)
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
            return _Written(verdicts, digests, alike=roster.alike(session))

        report = self._import(ROSTER_KIND, raw, at, write, dry_run=dry_run)
        return replace(report, unread=sheet.unread)

    def import_register(
        self, raw: bytes, at: datetime, *, client: Client = _NOBODYS, dry_run: bool = False
    ) -> ImportReport:
        """Import authorizations, refusals, withdrawals, oppositions and notices of patients of the roster.

        A sheet or a FHIR file, by its content. A line that may have restricted and cannot be used closes the gate until
        what is decided later settles it, or a person. `client` says what its files call things.
        """
        day = client.today or at.date()
        parsed = _read(raw, day, client)
        roster, register = Roster(self.database, self.columns), Register(self.database, self.columns)

        def write(session: Session, import_id: str) -> "_Written":
            named = [line.patient for line in parsed.lines] + [PatientRef(doubt.reference) for doubt in parsed.doubts]
            sheet = borne_out(parsed, roster.find_many(session, named).get, partial(roster.by_birth, session=session))
            said = [(line.patient, line.statement) for line in sheet.lines]
            verdicts = list(sheet.refused)
            by = Recording(at, import_id)
            recorded = register.record(session, said, by)
            fresh: dict[PatientRef, set[str]] = defaultdict(set)
            for line, one in zip(sheet.lines, recorded, strict=True):
                verdicts.append(LineVerdict(line.line, LineOutcome.ADDED if one.reference else LineOutcome.UNCHANGED))
                fresh[line.patient] |= {one.reference} if one.reference else set()
            doubted = register.doubt(session, sheet.doubted, day, by, hashlib.sha256(raw).hexdigest())
            decided = {ref: fresh[ref] for ref in sheet.settled if fresh[ref]}
            lifted = register.settle(session, decided, day, by, self.policy)
            digests = [one.digest for one in recorded]
            covers = coverage(session, self.columns, fresh)
            return _Written(verdicts, digests, (doubted, lifted), sheet.touched, covers, len(sheet.doubted))

        report = self._import(REGISTER_KIND, raw, at, write, dry_run=dry_run)
        return replace(report, unread=parsed.unread)

    def _import(
        self,
        kind: str,
        raw: bytes,
        at: datetime,
        write: Callable[[Session, str], "_Written"],
        *,
        dry_run: bool,
    ) -> ImportReport:
        import_id, sha256, foreseen = fresh_id(at), hashlib.sha256(raw).hexdigest(), None
        with self.database.write("sheet.import") as session:
            written = write(session, import_id)
            counts = written.counts()
            row = ImportRow(id=import_id, kind=kind, sha256=sha256, at=write_time(at), undoes=None, **counts)
            row.covers = written.covers
            session.add(row)
            session.flush()
            draft = Draft(
                EntryType.IMPORT,
                f"import:{import_id}",
                f"{kind}-imported",
                counts=counts | written.more_counts(),
                hashes_in=(sha256,),
                sizes_in=(len(raw),),
                hashes_out=(written.root(),),
            )
            self.ledger.append(session, draft, at=at)
            queue_everybody(session)  # a register is as old as its last import, for all of its patients
            if dry_run:
                if kind == REGISTER_KIND:
                    foreseen = Foreseen.of(Register(self.database, self.columns), session, import_id)
                session.rollback()
        verdicts = tuple(sorted(written.verdicts, key=lambda verdict: verdict.line))
        kept = None if dry_run else import_id
        return ImportReport(kept, sha256, verdicts, written.touched, foreseen, written.doubted, written.alike)


def _read(raw: bytes, today: date, client: Client) -> RegisterSheet:
    from consent_gate.fhir.reading import is_fhir, read_consents  # noqa: PLC0415  slow to load, for imports alone

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
    covers: int | None = None
    doubted: int | None = None
    alike: Alike | None = None

    def more_counts(self) -> dict[str, int]:
        """For the ledger: doubts where there are any, and of the register how much of it the file covers."""
        counted = {"doubted": self.doubts[0], "doubt-lifted": self.doubts[1]}
        told = {name: count for name, count in counted.items() if count}
        return told if self.covers is None else {**told, "covers": self.covers}

    def counts(self) -> dict[str, int]:
        outcomes = Counter(verdict.outcome.value for verdict in self.verdicts)
        return {"lines": outcomes.total(), **{outcome.value: outcomes[outcome.value] for outcome in LineOutcome}}

    def root(self) -> str:
        """RFC 6962 root (hex) over the keyed digests of all lines that hold, in their own order."""
        return root_of([leaf_hash(bytes.fromhex(digest)) for digest in sorted(set(self.digests))]).hex()
