"""A station made from nothing: folders, keys, database, configuration. Trial keys only where they were asked for."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lexicon.faults import StationFault
from pipeline.config import FILE_NAME, Config, load
from pipeline.hosting import folders_of
from storage.columns import Columns
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.keys import StationKeys, create_trial_recipient, load_recipient, require_apart
from storage.ledger import Ledger
from storage.owner import open_owned

TRIAL_KEYS: Final = "trial-keys"
EXAMPLE: Final = "config.example.toml"
"""Every setting explained, laid beside the configuration."""


@dataclass(frozen=True, slots=True)
class Founding:
    """What a person must say to found a station."""

    mode: Literal["trial", "production"]
    client: str
    contract: str
    client_certificate: Path | None = None
    """None in trial mode only: a pair of keys is made in `trial-keys/`."""
    escrow_certificate: Path | None = None
    language: Literal["fr", "en"] = "fr"
    database: str = ""
    """`[database] url`; empty: SQLite in the station's folder."""
    database_password: str = ""
    """Where its password lies (`storage.secrets`)."""


def found(directory: Path, founding: Founding, at: datetime) -> Config:
    """Make the station in `directory`; its configuration. Raises `StationFault("station-exists")` over an existing one.

    Without trial mode no private key but the station's own is ever made here.
    """
    path = directory / FILE_NAME
    if path.exists():
        raise StationFault("station-exists", path=str(path))
    if founding.mode == "production" and (founding.client_certificate is None or founding.escrow_certificate is None):
        raise StationFault("recipient-missing")
    _require_usable(founding, at)
    with effect("station.make"):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / "inbox").mkdir(mode=0o700, exist_ok=True)
    client, escrow = _recipients(directory, founding, at)
    station = f"st-{secrets.token_hex(4)}"
    part = path.with_suffix(".part")
    with effect("config.write"):
        part.write_text(_text(station, founding, client, escrow), encoding="utf-8")
        part.chmod(0o600)
    config = load(part)
    with effect("station.folders"):
        config.folder.mkdir(mode=0o700, exist_ok=True)
        for folder in folders_of(config.host, config.path):
            folder.mkdir(mode=0o700, exist_ok=True)
    keys = StationKeys.create(config.folder / "keys", station, at)
    _first_entry(config, keys, at)
    example = directory / EXAMPLE
    with effect("config.explain"):
        example.write_text(_example().read_text(encoding="utf-8"), encoding="utf-8")
        example.chmod(0o600)
    with effect("config.publish"):
        part.replace(path)
    return load(path)


def _example() -> Path:
    """The commented example: beside this module in a wheel, at the top of a checkout."""
    beside = Path(__file__).with_name(EXAMPLE)
    return beside if beside.exists() else Path(__file__).parents[2] / EXAMPLE


def _require_usable(founding: Founding, at: datetime) -> None:
    """Look at the certificates that were given before anything is made."""
    given = (founding.client_certificate, founding.escrow_certificate)
    recipients = [load_recipient(certificate) for certificate in given if certificate is not None]
    require_apart(recipients)
    for recipient in recipients:
        recipient.require_valid(at)
        if recipient.trial and founding.mode == "production":
            raise StationFault("trial-key-in-production")


def fingerprints(config: Config) -> dict[str, str]:
    """SHA-256 (as OpenSSL writes it) of the station's certificate, and of its checkpoint key's public part (DER)."""
    keys = StationKeys.load(config.folder / "keys")
    public = keys.checkpoint.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "certificate": keys.certificate.fingerprint(SHA256()).hex(":").upper(),
        "checkpoint": hashlib.sha256(public).hexdigest(),
    }


def _recipients(directory: Path, founding: Founding, at: datetime) -> tuple[str, str]:
    given = {"client": founding.client_certificate, "escrow": founding.escrow_certificate}
    paths = {}
    for name, certificate in given.items():
        if certificate is None:
            with effect("trial-keys.create"):
                (directory / TRIAL_KEYS).mkdir(mode=0o700, exist_ok=True)
                create_trial_recipient(directory / TRIAL_KEYS, name, at)
            paths[name] = f"{TRIAL_KEYS}/{name}.crt"
        else:
            paths[name] = str(certificate.resolve())
    return paths["client"], paths["escrow"]


def _first_entry(config: Config, keys: StationKeys, at: datetime) -> None:
    columns, production = Columns(keys.columns, keys.blind), config.station.mode == "production"
    database = open_owned(config.database_url, columns, config.station.id, production=production)
    try:
        ledger = Ledger(database, config.station.id, keys.checkpoint)
        fingerprints = tuple(
            load_recipient(config.path(p)).fingerprint for p in (config.recipients.client, config.recipients.escrow)
        )
        with database.write("station.found") as session:
            identifier = secrets.token_hex(16)
            draft = Draft(EntryType.KEY, f"station:{identifier}", "founded", hashes_in=fingerprints)
            ledger.append(session, draft, at=at)
            ledger.checkpoint(session, at)
    finally:
        database.close()


def _text(station: str, founding: Founding, client: str, escrow: str) -> str:
    notice = "true" if founding.mode == "production" else "false"
    return f"""\
# Poste Liasse. Réglages expliqués dans config.example.toml. / Settings are explained in config.example.toml.

[station]
id = {_quoted(station)}
mode = {_quoted(founding.mode)}
language = {_quoted(founding.language)}

[client]
name = {_quoted(founding.client)}

[contract]
reference = {_quoted(founding.contract)}
# Exiger une information enregistrée pour chaque patient. / Require a recorded notice for each patient.
notice_required = {notice}

[[inbox]]
folder = "inbox"
settle = 5.0

[recipients]
client = {_quoted(client)}
escrow = {_quoted(escrow)}

[host]
kind = "folder"
folder = "host"
{_database(founding)}"""


def _database(founding: Founding) -> str:
    if not founding.database:
        return ""
    return f"""
[database]
url = {_quoted(founding.database)}
password = {_quoted(founding.database_password)}
"""


def _quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < ord(" ") or c in '"\\\x7f' else c for c in text)
    return f'"{escaped}"'
