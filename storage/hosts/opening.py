"""Opens the host that a station's settings name: one function a kind, so that what is not used is not loaded."""

from pathlib import Path
from typing import Final

from lexicon.faults import StationFault
from storage.hosts import Host
from storage.hosts.folder import FolderHost
from storage.hosts.settings import FolderSettings, HostSettings, S3Settings

INSTALL: Final = "pip install 'liasse[s3]'"


def open_host(settings: HostSettings, base: Path, station: str) -> Host:
    """The host, reached: it answers, and what interrupted deposits of `station` left unfinished there is cleared.

    `base` is the folder from which a secret's relative path starts. Raises `HostFault`, and `StationFault`
    `program-missing` (no boto3), `secret-missing` and its like, or `host-ca-unreadable`.
    """
    match settings:
        case FolderSettings(folder=folder):
            return FolderHost(folder)
        case S3Settings():
            return _open_s3(settings, base, station)


def _open_s3(settings: S3Settings, base: Path, station: str) -> Host:
    try:
        from storage.hosts.s3 import S3Host  # noqa: PLC0415  an extra: loaded where a station uses it
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"boto3", "botocore"}:
            raise
        raise StationFault("program-missing", program="boto3", install=INSTALL) from None
    host = S3Host(settings, base)
    try:
        host.require_reachable()
        host.sweep(f"{station}/")
    except BaseException:
        host.close()
        raise
    return host
