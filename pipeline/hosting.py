"""The `[host]` block of a configuration: a folder or a bucket, how to speak to it, its HDS facts (CSP L.1111-8)."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

from storage.hosts.settings import Certification, FolderSettings, LockMode, Retention, S3Settings

KINDS: Final = ("folder", "s3")

_MIB: Final = 1 << 20
Place = Callable[[str], Path]
"""A path of the file -> an absolute one."""
Reference = Annotated[str, StringConstraints(pattern=r"^(file|env|credential):.+$")]


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class HdsSection(_Block):
    certificate: str = ""
    body: str = ""
    activities: tuple[Annotated[int, Field(ge=1, le=6)], ...] = Field(default=(), strict=False)
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    zone: str = ""
    valid_until: date | None = None
    contract: str = ""
    own_premises: bool = False
    iso27001_until: date | None = None
    secnumcloud_until: date | None = None

    @property
    def certification(self) -> Certification:
        return Certification(**dict(self))


class FolderHostSection(_Block):
    kind: Literal["folder"] = "folder"
    folder: str = "host"
    hds: HdsSection = HdsSection()

    def settings(self, place: Place) -> FolderSettings:
        return FolderSettings(place(self.folder))


class S3HostSection(_Block):
    kind: Literal["s3"]
    endpoint: Annotated[str, StringConstraints(pattern=r"^https?://[^/@?#]+/?$")]
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    region: str = Field(default="us-east-1", min_length=1)
    access_key: Reference
    secret_key: Reference
    addressing: Literal["path", "virtual"] = "path"
    ca: str = ""
    proxy: Annotated[str, StringConstraints(pattern=r"^(https?://[^/@?#]+/?)?$")] = ""
    connect_seconds: float = Field(default=10.0, gt=0)
    read_seconds: float = Field(default=60.0, gt=0)
    attempts: int = Field(default=2, ge=1, le=5)
    multipart_threshold: int = Field(default=64 * _MIB, ge=5 * _MIB)
    part_size: int = Field(default=16 * _MIB, ge=5 * _MIB, le=512 * _MIB)
    encryption: Literal["", "AES256"] = ""
    retention_mode: Literal["none", "governance", "compliance"] = "none"
    retention_days: int = Field(default=0, ge=0)
    compliance_price_accepted: bool = False
    hds: HdsSection = HdsSection()

    @model_validator(mode="after")
    def _require_price(self) -> Self:
        if self.retention_mode != "none" and not self.retention_days:
            raise ValueError("retention-days")
        if self.retention_mode == "compliance" and not self.compliance_price_accepted:
            raise ValueError("compliance-price")
        return self

    def settings(self, place: Place) -> S3Settings:
        return S3Settings(
            endpoint=self.endpoint.rstrip("/"),
            bucket=self.bucket,
            access_key=self.access_key,
            secret_key=self.secret_key,
            region=self.region,
            addressing=self.addressing,
            ca=place(self.ca) if self.ca else None,
            proxy=self.proxy,
            connect_seconds=self.connect_seconds,
            read_seconds=self.read_seconds,
            attempts=self.attempts,
            multipart_threshold=self.multipart_threshold,
            part_size=self.part_size,
            encryption=self.encryption,
            retention=self._retention,
        )

    @property
    def _retention(self) -> Retention | None:
        if self.retention_mode == "none":
            return None
        return Retention(LockMode(self.retention_mode.upper()), self.retention_days)


def folders_of(host: FolderHostSection | S3HostSection, place: Place) -> tuple[Path, ...]:
    """The host's folder, where it is one."""
    return (place(host.folder),) if isinstance(host, FolderHostSection) else ()


def _kind(block: Any) -> Any:
    """A block without `kind` is a folder."""
    return block.get("kind", KINDS[0]) if isinstance(block, dict) else getattr(block, "kind", None)


HostSection = Annotated[
    Annotated[FolderHostSection, Tag("folder")] | Annotated[S3HostSection, Tag("s3")],
    Discriminator(
        _kind,
        custom_error_type="host_kind",
        custom_error_message=f"expected kind: {', '.join(KINDS)}",
    ),
]
