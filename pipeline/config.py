"""The station's configuration: one TOML file, read once, every key known, every mistake told with its remedy."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lexicon.faults import StationFault

FILE_NAME: Final = "config.toml"

Slug = Annotated[str, StringConstraints(min_length=2, max_length=63, pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("unknown time zone") from None
    return name


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class StationSection(_Section):
    id: Slug
    mode: Literal["trial", "production"]
    folder: str = "station"
    work: str = "/dev/shm"  # noqa: S108  a memory file system, made for this; each run has its own 0700 folder in it
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Europe/Paris"
    language: Literal["fr", "en"] = "fr"


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
    register_maximum_age_days: int | None = Field(default=None, ge=1)
    custody_days: int = Field(default=30, ge=1)


class InboxSection(_Section):
    folder: str
    settle: float = Field(default=5.0, ge=0)
    sweep: float = Field(default=5.0, gt=0)
    patience: float = Field(default=600.0, ge=0)
    sides: Literal[1, 2] = 1


class LimitsSection(_Section):
    pixels: int = Field(default=250_000_000, ge=1)
    pages: int = Field(default=5_000, ge=1)
    bytes: int = Field(default=2_147_483_648, ge=1)


class BatchSection(_Section):
    quiet: float = Field(default=300.0, ge=0)


class IdentificationSection(_Section):
    rule: Literal["separator"] = "separator"


class OcrSection(_Section):
    language: str = "fra"
    page_seconds: float = Field(default=180.0, gt=0)
    workers: int = Field(default=0, ge=0)


class PdfaSection(_Section):
    level: Literal["1b"] = "1b"
    verapdf: Literal["auto", "always", "never"] = "auto"


class RecipientsSection(_Section):
    client: str
    escrow: str


class HostSection(_Section):
    kind: Literal["folder"] = "folder"
    folder: str = "host"


class DatabaseSection(_Section):
    url: str = ""


class ColumnsSection(_Section):
    columns: Mapping[str, str] = Field(default_factory=dict)


class Config(_Section):
    """The whole file. Relative paths are relative to the file's folder (`base`)."""

    station: StationSection
    client: ClientSection
    contract: ContractSection
    inbox: tuple[InboxSection, ...] = Field(min_length=1, strict=False)
    recipients: RecipientsSection
    limits: LimitsSection = LimitsSection()
    batch: BatchSection = BatchSection()
    identification: IdentificationSection = IdentificationSection()
    ocr: OcrSection = OcrSection()
    pdfa: PdfaSection = PdfaSection()
    host: HostSection = HostSection()
    database: DatabaseSection = DatabaseSection()
    roster: ColumnsSection = ColumnsSection()
    authorization: ColumnsSection = ColumnsSection()
    base: Path = Field(exclude=True)

    def path(self, setting: str) -> Path:
        """A path of the file, absolute."""
        return (self.base / Path(setting).expanduser()).resolve()

    @property
    def folder(self) -> Path:
        return self.path(self.station.folder)

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.folder / 'station.db'}"


def load(path: Path) -> Config:
    """Read and check the file. Raises `StationFault` `config-missing`, `config-unreadable` or `config-invalid`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StationFault("config-missing", path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StationFault("config-unreadable", path=str(path), problem=type(error).__name__) from None
    except tomllib.TOMLDecodeError as error:
        raise StationFault("config-unreadable", path=str(path), problem=str(error)) from None
    try:
        return Config.model_validate({**table, "base": path.resolve().parent})
    except ValidationError as error:
        first = error.errors()[0]
        raise StationFault("config-invalid", setting=_dotted(first), problem=_problem(first)) from None


def _dotted(error: Mapping[str, Any]) -> str:
    return ".".join(str(part) for part in error["loc"])


def _problem(error: Mapping[str, Any]) -> str:
    """What is wrong with one setting: its nearest known name, or what was expected; never the value."""
    if error["type"] != "extra_forbidden":
        return str(error["msg"])
    *section, name = (part for part in error["loc"] if isinstance(part, str))
    known = _known(section)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    return f"unknown setting; did you mean {near[0]}?" if near else f"unknown setting; known: {', '.join(known)}"


def _known(section: list[str]) -> list[str]:
    model: type[BaseModel] = Config
    for name in section:
        found = [m for m in _Section.__subclasses__() if m.__name__.lower() == f"{name}section"]
        model = found[0] if found else ColumnsSection
    return [name for name in model.model_fields if name != "base"]
