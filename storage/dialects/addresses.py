"""Addresses of databases: how they are read, and where one of PostgreSQL leads.

What leaves this machine must be encrypted, and to a server that is known.
"""

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from lexicon.faults import StationFault

_SURE: Final = "verify-full"


def address(url: str | URL) -> URL:
    """An address as SQLAlchemy reads it. Raises `StationFault("database-unsupported")` where it cannot."""
    try:
        return make_url(url)
    except ArgumentError:
        raise StationFault("database-unsupported") from None


def names_password(url: str) -> bool:
    """Whether a password stands in the address. What cannot be read is not judged here."""
    try:
        return bool(url) and make_url(url).password is not None
    except ArgumentError:
        return False


def require_encrypted(url: URL, environment: Mapping[str, str] = os.environ) -> None:
    """Raise `StationFault("database-unencrypted")` for another machine without `sslmode=verify-full`.

    What the address leaves open, libpq takes from its variables (PostgreSQL documentation, 34.15); a service file
    (`service`, `PGSERVICE`) may lead anywhere.
    """
    sure = (_asked(url, "sslmode") or environment.get("PGSSLMODE")) == _SURE
    elsewhere = _asked(url, "service") or environment.get("PGSERVICE")
    if not sure and (elsewhere or not all(map(_here, _hosts(url, environment)))):
        raise StationFault("database-unencrypted")


def _hosts(url: URL, environment: Mapping[str, str]) -> Iterator[str]:
    """Every machine that may be tried; none for the socket of this one."""
    named = [url.host, _asked(url, "host"), _asked(url, "hostaddr")]
    if not any(named):
        named = [environment.get("PGHOST"), environment.get("PGHOSTADDR")]
    for names in filter(None, named):
        yield from (_without_port(name) for name in names.split(",") if name)


def _asked(url: URL, name: str) -> str:
    value = url.query.get(name, "")
    return value if isinstance(value, str) else ",".join(value)


def _without_port(name: str) -> str:
    host, _, port = name.rpartition(":")
    return host if host and ":" not in host and port.isdigit() else name


def _here(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
