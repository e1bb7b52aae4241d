"""The station's configuration: one TOML file, read once, every key known, every mistake told with its remedy."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints, ValidationError
from sqlalchemy import URL

from consent_gate.cells import is_doc_type, said_by
from consent_gate.fhir.names import FhirNames
from lexicon.faults import StationFault
from pipeline.hosting import FolderHostSection, HostSection, S3HostSection
from pipeline.marks.code import Symbology
from pipeline.marks.profile import ColourName, Profile
from pipeline.misset import first_of, place_of
from pipeline.separation import Separation, check_pattern
from storage.dialects.addresses import address, names_password
from storage.secrets import resolve

FILE_NAME: Final = "config.toml"

Slug = Annotated[str, StringConstraints(min_length=2, max_length=63, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("time-zone") from None
    return name


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StationSection(_Section):
    id: Slug
    mode: Literal["trial", "production"]
    folder: str = "station"
    shared: str = ""
    work: str = "/dev/shm"  # noqa: S108  a memory file system, made for this; each run has its own 0700 folder in it
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Paris"
    language: Literal["fr", "en"] = "fr"
    encrypted_beneath: bool = False


class ClientSection(_Section):
    name: str = Field(min_length=1)
    dpo: str = ""


class ContractSection(_Section):
    reference: str = Field(min_length=1)
    subcontractor: str = ""
    purpose: str = "dematerialisation"
    legal_basis: Literal["legal-obligation", "consent", "contract", "public-interest", "legitimate-interest"] = (
        "legal-obligation"
    )
    notice_required: bool = True
    evidence_required: bool = False
    evidence_check_required: bool = True
    register_maximum_age_days: int | None = Field(default=None, ge=1)
    custody_days: int = Field(default=30, ge=1)


_Line = Annotated[str, StringConstraints(max_length=600, pattern=r"^[^\x00-\x1f\x7f|*]*$")]
"""Text for a printed page: no line ends, no stars (they would set it bold)."""


def _types_named(names: Mapping[str, str]) -> Mapping[str, str]:
    if not all(is_doc_type(kind) and name.strip() for kind, name in names.items()):
        raise ValueError("type-names")
    return names


class NoticeSection(_Section):
    """What the information notice says, and only the controller can (RGPD art. 13 and 14)."""

    version: Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")] = ""
    address: _Line = ""
    purpose: _Line = ""
    legal_reference: _Line = ""
    categories: _Line = ""
    source: _Line = ""
    recipients: _Line = ""
    host: _Line = ""
    transfers: _Line = ""
    retention: _Line = ""
    rights_contact: _Line = ""
    if_refused: _Line = ""
    occupational_health: bool | None = None
    doc_types: Annotated[Mapping[str, _Line], AfterValidator(_types_named)] = Field(default_factory=dict)


InboxKind = Literal["records", "authorizations"]

Duplex = Literal["no", "manual", "manual-one-file"]

_SCANS: Final = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png")


def _leaves_scans(pattern: str) -> str:
    if any(end.endswith(pattern[1:].lower()) for end in _SCANS if pattern.startswith("*")):
        raise ValueError("temporary-name")
    return pattern


TemporaryName = Annotated[
    str, StringConstraints(pattern=r"^(\*[^*?/\x00]{2,}|[^*?/\x00]{2,}\*)$"), AfterValidator(_leaves_scans)
]
"""What a scanner's unfinished files begin or end with: `tmp_*`, `*.scanning`."""


class InboxSection(_Section):
    folder: str
    kind: InboxKind = "records"
    settle: float = Field(default=5.0, ge=0)
    sweep: float = Field(default=5.0, gt=0)
    patience: float = Field(default=600.0, ge=0)
    watch: Literal["auto", "events", "polling"] = "auto"
    temporary: tuple[TemporaryName, ...] = Field(default=(), strict=False)
    duplex: Duplex = "no"
    duplex_hours: float = Field(default=4.0, gt=0)
    sides: Literal[1, 2] = 1


class LimitsSection(_Section):
    pixels: int = Field(default=250_000_000, ge=1)
    pages: int = Field(default=5_000, ge=1)
    bytes: int = Field(default=2_147_483_648, ge=1)
    memory: int = Field(default=1_610_612_736, ge=536_870_912)
    page_seconds: float = Field(default=45.0, ge=1)
    file_seconds: float = Field(default=100.0, ge=1)


class ProfileSection(_Section):
    """What was agreed for scans, page by page; `below`: what is done with a page that is below it."""

    dpi: int = Field(default=200, ge=1)
    colours: tuple[ColourName, ...] = Field(default=("bilevel", "grey", "rgb"), strict=False, min_length=1)
    skew: float = Field(default=3.0, ge=0, le=8)
    blur: float = Field(default=0.55, gt=0)
    contrast: float = Field(default=0.3, ge=0, le=1)
    black: float = Field(default=0.3, ge=0, le=1)
    cut: int = Field(default=3, ge=1)
    below: Literal["flag", "hold"] = "flag"

    @property
    def agreed(self) -> Profile:
        return Profile(self.dpi, self.colours, self.skew, self.blur, self.contrast, self.black, self.cut)


class PagesSection(_Section):
    blanks: Literal["leave-out", "keep"] = "leave-out"


class BatchSection(_Section):
    """`confirm`: of which batches documents wait until a person has said that the counts are explained."""

    quiet: float = Field(default=300.0, ge=0)
    confirm: Literal["never", "on-alarm", "always"] = "on-alarm"


def _of_one_group(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error:
        raise ValueError("pattern") from None
    if pattern and groups != 1:
        raise ValueError("one-group")
    return pattern


class IdentificationSection(_Section):
    rule: Literal["two-sources", "separator"] = "two-sources"
    zone: float = Field(default=0.35, gt=0, le=0.5)
    zone_seconds: float = Field(default=60.0, gt=0, le=120)
    client_number: Annotated[str, StringConstraints(max_length=200), AfterValidator(_of_one_group)] = ""


class SeparationSection(_Section):
    patches: bool = True
    barcode: Annotated[str, AfterValidator(check_pattern)] = ""
    symbologies: tuple[Symbology, ...] = Field(default=("code128", "qr", "datamatrix"), min_length=1, strict=False)
    barcode_page: Literal["separator", "content"] = "separator"

    @property
    def rules(self) -> Separation:
        """As readers of pages take them."""
        return Separation(self.patches, self.barcode, self.symbologies, self.barcode_page == "content")


class IndexingSection(_Section):
    table: str = ""


class OcrSection(_Section):
    language: str = "fra"
    page_seconds: float = Field(default=180.0, gt=0)
    workers: int = Field(default=0, ge=0)
    engine: Literal["auto", "tesserocr", "pytesseract"] = "auto"
    model: Literal["liasse", "installed"] = "liasse"
    low_confidence: float = Field(default=60.0, ge=0, le=100)

    @property
    def pages_at_once(self) -> int:
        """As configured, or as many as there are processors for this process."""
        return self.workers or len(os.sched_getaffinity(0))


class PdfaSection(_Section):
    """`device`: the scanner, as the copies name it; `images`: as the scanner made them, or in layers with a measured
    loss; `repack_jpeg`: whether a JPEG is coded anew without loss."""

    level: Literal["1b", "2u", "3b"] = "1b"
    images: Literal["faithful", "compact"] = "faithful"
    device: Annotated[str, StringConstraints(max_length=64, pattern=r"^[ -~]*$")] = ""
    repack_jpeg: bool = False
    verapdf: Literal["auto", "always", "sample", "never"] = "auto"


class RecipientsSection(_Section):
    client: str
    escrow: str


class EngineSection(_Section):
    queued: int = Field(default=200, ge=1)
    attempts: int = Field(default=1_440, ge=1)
    first_delay: float = Field(default=5.0, gt=0)
    longest_delay: float = Field(default=60.0, gt=0)
    lost_seconds: float = Field(default=30.0, ge=5)
    step_hours: float = Field(default=6.0, gt=0)


def _without_password(url: str) -> str:
    if names_password(url):
        raise ValueError("password")
    return url


class DatabaseSection(_Section):
    url: Annotated[str, AfterValidator(_without_password)] = ""
    password: str = ""


class BackupSection(_Section):
    folder: str = ""
    at_host: bool = True
    every: float = Field(default=24.0, ge=0)
    keep: int = Field(default=7, ge=1)
    record_seconds: float = Field(default=60.0, ge=0)


class QuarantineSection(_Section):
    max_days: int = Field(default=30, ge=1)


class LogSection(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    megabytes: int = Field(default=10, ge=1)
    kept: int = Field(default=10, ge=1)
    days: int = Field(default=180, ge=1)


class MetricsSection(_Section):
    listen: Annotated[str, StringConstraints(pattern=r"^$|^([a-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}$")] = ""
    beyond_loopback: bool = False


Hour = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class AlarmsSection(_Section):
    silent_hours: float = Field(default=4.0, ge=0)
    days: tuple[Weekday, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), strict=False)
    begins: Hour = "08:00"
    ends: Hour = "18:00"
    waiting_days: float = Field(default=7.0, ge=0)
    unclaimed_minutes: float = Field(default=30.0, ge=0)
    progress_hours: float = Field(default=4.0, ge=0)
    host_minutes: float = Field(default=15.0, ge=0)
    free_megabytes: int = Field(default=1024, ge=0)
    command: tuple[str, ...] = Field(default=(), strict=False)


FourEyed = Literal["maintain", "authorize", "correct-identity", "check", "settle"]


class ReviewSection(_Section):
    attempts: int = Field(default=5, ge=3, le=20)
    four_eyes: tuple[FourEyed, ...] = Field(default=(), strict=False)
    strip: bool = False
    strip_seconds: float = Field(default=20.0, gt=0, le=120)
    release_threshold: int = Field(default=200, ge=0)


class DeletionSection(_Section):
    cooling_off_days: int = Field(default=7, ge=1)


class ColumnsSection(_Section):
    columns: Mapping[str, str] = Field(default_factory=dict)


def _words(categories: Mapping[str, str]) -> Mapping[str, str]:
    if any(said_by(word) is None for word in categories.values()):
        raise ValueError("categories")
    return categories


class FhirSection(_Section):
    """Keys of the mappings are `system|code`."""

    patient_system: str = ""
    types: Mapping[str, str] = Field(default_factory=dict)
    purposes: Mapping[str, str] = Field(default_factory=dict)
    categories: Annotated[Mapping[str, str], AfterValidator(_words)] = Field(default_factory=dict)
    policies: tuple[str, ...] = Field(default=(), strict=False)

    @property
    def names(self) -> FhirNames:
        """As the reader of FHIR files takes them."""
        return FhirNames(self.patient_system, self.types, self.purposes, self.categories, frozenset(self.policies))


class AuthorizationSection(ColumnsSection):
    fhir: FhirSection = FhirSection()


class Config(_Section):
    """The whole file. Relative paths are relative to the file's folder (`base`)."""

    station: StationSection
    client: ClientSection
    contract: ContractSection
    notice: NoticeSection = NoticeSection()
    inbox: tuple[InboxSection, ...] = Field(min_length=1, strict=False)
    recipients: RecipientsSection
    limits: LimitsSection = LimitsSection()
    profile: ProfileSection = ProfileSection()
    pages: PagesSection = PagesSection()
    batch: BatchSection = BatchSection()
    separation: SeparationSection = SeparationSection()
    identification: IdentificationSection = IdentificationSection()
    indexing: IndexingSection = IndexingSection()
    ocr: OcrSection = OcrSection()
    pdfa: PdfaSection = PdfaSection()
    host: HostSection = FolderHostSection()
    engine: EngineSection = EngineSection()
    database: DatabaseSection = DatabaseSection()
    backup: BackupSection = BackupSection()
    quarantine: QuarantineSection = QuarantineSection()
    log: LogSection = LogSection()
    metrics: MetricsSection = MetricsSection()
    alarms: AlarmsSection = AlarmsSection()
    review: ReviewSection = ReviewSection()
    deletion: DeletionSection = DeletionSection()
    roster: ColumnsSection = ColumnsSection()
    authorization: AuthorizationSection = AuthorizationSection()
    base: Path = Field(exclude=True)
    _file: Path = PrivateAttr(default=Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """What was read, as a backup keeps it."""
        return self._file

    def path(self, setting: str) -> Path:
        """A path of the file, absolute."""
        return (self.base / Path(setting).expanduser()).resolve()

    @property
    def records_inbox(self) -> InboxSection:
        """The first drop folder of medical records."""
        return next((inbox for inbox in self.inbox if inbox.kind == "records"), self.inbox[0])

    @property
    def folder(self) -> Path:
        return self.path(self.station.folder)

    @property
    def several(self) -> bool:
        """Whether several processes may work for the station: its database is a server's."""
        return self.database_url.get_backend_name() == "postgresql"

    @property
    def shared(self) -> Path:
        """Spool, quarantine and sealed envelopes: of all machines that work for the station."""
        return self.path(self.station.shared) if self.station.shared else self.folder

    @property
    def database_url(self) -> URL:
        """Where the database is, with the password that the file names by reference; its text hides it.

        Raises `StationFault` `database-unsupported`, or what `storage.secrets.resolve` raises.
        """
        url = address(self.database.url or f"sqlite:///{self.folder / 'station.db'}")
        return url.set(password=resolve(self.database.password, self.base)) if self.database.password else url


def load(path: Path) -> Config:
    """Read and check the file. Raises `StationFault` `config-missing`, `config-unreadable` or `config-invalid`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StationFault("config-missing", path=str(path)) from None
    except UnicodeDecodeError:
        raise StationFault("config-unreadable", path=str(path), problem="not-utf8") from None
    except OSError:
        raise StationFault("config-unreadable", path=str(path), problem="no-access") from None
    except tomllib.TOMLDecodeError as error:
        raise StationFault("config-unreadable", path=str(path), problem=place_of(error)) from None
    try:
        config = Config.model_validate({**table, "base": path.resolve().parent})
    except ValidationError as error:
        wrong = first_of(error, Config)
        raise StationFault("config-invalid", setting=wrong.setting, problem=wrong.problem) from None
    _require_https(config)
    _require_sides(config)
    config._file = path.resolve()  # noqa: SLF001  not a setting: nobody writes it into the file
    return config


def _require_https(config: Config) -> None:
    """Envelopes are encrypted; who sends them, when and how many, is nobody's business either."""
    host = config.host
    if isinstance(host, S3HostSection) and config.station.mode == "production" and host.endpoint.startswith("http:"):
        raise StationFault("config-invalid", setting="host.endpoint", problem="https")


def _require_sides(config: Config) -> None:
    """Manual duplex gives two images of each sheet: counted as one, the paper would be counted double."""
    for number, inbox in enumerate(config.inbox):
        if inbox.kind == "records" and inbox.duplex != "no" and inbox.sides == 1:
            raise StationFault("config-invalid", setting=f"inbox.{number}.sides", problem="duplex-sides")
