"""A client of one bucket (Amazon S3 API, SigV4) that takes nothing from the account it runs under.

No `~/.aws`, no `AWS_*` variable, no proxy of the environment: what is not in the station's configuration is not used.
"""

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import botocore.session
from boto3.session import Session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.httpsession import URLLib3Session

from lexicon.faults import StationFault
from storage.hosts.s3_wire import Patience, Wire
from storage.hosts.settings import S3Settings
from storage.secrets import resolve

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECTIONS: Final = 32
"""Kept open at most: more than a station has workers."""


def open_client(settings: S3Settings, base: Path) -> tuple["S3Client", Wire]:
    """A client, and the wire that it speaks over. Nothing is asked of the host yet.

    Raises `StationFault` as `storage.secrets.resolve` does, and `host-ca-unreadable`.
    """
    verify = _roots(settings)
    proxies = {"http": settings.proxy, "https": settings.proxy} if settings.proxy else {}
    session = URLLib3Session(
        verify=verify,  # type: ignore[arg-type]  # a path too, which the stubs leave out
        proxies=proxies,
        timeout=(settings.connect_seconds, settings.read_seconds),  # type: ignore[arg-type]  # the stubs leave it out
        max_pool_connections=CONNECTIONS,
    )
    wire = Wire(settings.endpoint, session, Patience(settings.read_seconds))
    client: S3Client = _isolated().client(
        "s3",
        region_name=settings.region,
        endpoint_url=settings.endpoint,
        aws_access_key_id=resolve(settings.access_key, base),
        aws_secret_access_key=resolve(settings.secret_key, base),
        verify=verify,
        config=_config(settings, proxies),
    )
    client.meta.events.register("before-send.s3", wire.send)  # type: ignore[arg-type]  # this event takes an answer, which the stubs leave out
    return client, wire


def _config(settings: S3Settings, proxies: dict[str, str]) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual" if settings.addressing == "virtual" else "path"},
        connect_timeout=settings.connect_seconds,
        read_timeout=settings.read_seconds,
        retries={"total_max_attempts": settings.attempts, "mode": "standard"},
        proxies=proxies,
        # A checksum is sent where this house sends one: older hosts refuse the trailing ones that botocore would add.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent="liasse",
    )


@cache
def _isolated() -> Session:
    """A session whose every variable has its default, whatever the environment says; it knows no key of anybody.

    One for the process: it holds the description of the S3 API, which takes a while to read.
    """
    variables = {
        name: (None, None, default, convert)
        for name, (_, _, default, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()
    }
    for files in ("config_file", "credentials_file"):
        variables[files] = (None, None, os.devnull, None)
    return Session(botocore_session=botocore.session.Session(session_vars=variables))


def _roots(settings: S3Settings) -> str | bool:
    """The roots that may vouch for the host: the station's own file, else those that come with botocore."""
    if settings.ca is None:
        return True
    try:
        settings.ca.read_bytes()
    except OSError:
        raise StationFault("host-ca-unreadable", path=str(settings.ca)) from None
    return str(settings.ca)
