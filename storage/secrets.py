"""Secrets by reference: the configuration names where a secret lies, and the secret stands in no file of settings.

`file:PATH` (of ours or root's, closed to others), `env:NAME`, `credential:NAME` (systemd's `LoadCredential=`, read from
the folder that `$CREDENTIALS_DIRECTORY` names).
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

from lexicon.faults import StationFault

LARGEST: Final = 1 << 16
"""Bytes of a secret, at most."""

_LOOSE: Final = 0o077
_LOOSE_CREDENTIAL: Final = 0o037
"""systemd lets the unit's user in by an access list, whose mask shows as the group's right to read."""
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CREDENTIAL: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}")


def resolve(reference: str, base: Path) -> str:
    """The secret that `reference` names, without the line end that closes it; `base` is where a relative path starts.

    Raises `StationFault` `secret-invalid` (no such kind of reference, or no text of one line's use), `secret-missing`
    (nothing there, or nothing in it) or `secret-exposed` (a file that others can read, or that is somebody else's).
    Their one fact is the reference, cut to its kind where the rest could be the secret itself.
    """
    kind, separator, name = reference.partition(":")
    if separator and name:
        match kind:
            case "file":
                return _text(_content(base / Path(name).expanduser(), reference, _LOOSE), reference)
            case "credential" if _CREDENTIAL.fullmatch(name):
                return _text(_content(_credentials(reference) / name, reference, _LOOSE_CREDENTIAL), reference)
            case "env" if _VARIABLE.fullmatch(name):
                return _text(os.environb.get(name.encode(), b""), reference)
            case _:
                pass
    raise StationFault("secret-invalid", reference=_harmless(reference))


def _credentials(reference: str) -> Path:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise StationFault("secret-missing", reference=reference)
    return Path(folder)


def _content(path: Path, reference: str, loose: int) -> bytes:
    """A file's bytes. Rights and owner are those of the very file that is read: a name may lead elsewhere since."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        raise StationFault("secret-missing", reference=reference) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise StationFault("secret-missing", reference=reference)
        if found.st_mode & loose or found.st_uid not in (0, os.geteuid()):
            raise StationFault("secret-exposed", reference=reference)
        return os.read(descriptor, LARGEST + 1)
    except OSError:
        raise StationFault("secret-missing", reference=reference) from None
    finally:
        os.close(descriptor)


def _text(content: bytes, reference: str) -> str:
    try:
        text = content.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise StationFault("secret-invalid", reference=reference) from None
    if not text:
        raise StationFault("secret-missing", reference=reference)
    if len(content) > LARGEST or "\0" in text:
        raise StationFault("secret-invalid", reference=reference)
    return text


def _harmless(reference: str) -> str:
    """What may be shown of a reference that is none: somebody may have written the secret itself there."""
    kind, separator, _ = reference.partition(":")
    return f"{kind}:…" if separator and kind in ("file", "env", "credential") else "…"
