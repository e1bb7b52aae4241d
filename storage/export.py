"""The ledger for strangers: a folder that `sha256sum`, C2SP tools and `verify_export` can judge without the station.

- `entries.jsonl`: each entry's exact bytes, one a line. A leaf is SHA-256 of 0x00 and the line without its end.
- `checkpoint.txt`: the last checkpoint (C2SP tlog-checkpoint); absent where none was made.
- `checkpoint-key.txt`, `checkpoint-key.pem`: the public key that signed it, as C2SP tools and OpenSSL read it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.evidence import Finding, Flaw, Kept, Verdict, judge, open_notes, with_findings
from storage.notes import origin_of, verifier_key

ENTRIES: Final = "entries.jsonl"
CHECKPOINT: Final = "checkpoint.txt"
KEY: Final = "checkpoint-key.txt"
KEY_PEM: Final = "checkpoint-key.pem"


def write_export(folder: Path, entries: Iterable[bytes], note: str | None, station: str, key: Ed25519PublicKey) -> None:
    """Fill `folder` (made if absent). Raises OSError where the disk refuses."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ENTRIES).open("wb") as out:
        out.writelines(entry + b"\n" for entry in entries)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    if note is not None:
        (folder / CHECKPOINT).write_text(note, encoding="utf-8", newline="\n")
    (folder / KEY).write_text(verifier_key(origin_of(station), key) + "\n", encoding="utf-8", newline="\n")
    (folder / KEY_PEM).write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def verify_export(folder: Path, station: str, key: Ed25519PublicKey) -> Verdict:
    """Judge an export with the station's public key, had from elsewhere than the folder.

    Raises OSError where the entries cannot be read.
    """
    origin = origin_of(station)
    path = folder / CHECKPOINT
    note = path.read_bytes().decode(errors="replace") if path.exists() else None
    signed, forged = open_notes([] if note is None else [note], origin, key, Finding(Flaw.CHECKPOINT_FORGED, 0, 0))
    with (folder / ENTRIES).open("rb") as lines:
        kept = (Kept(seq, line.removesuffix(b"\n")) for seq, line in enumerate(lines))
        return with_findings(judge(kept, signed), forged)
