"""Brings records to the host as the ledger grows, and knows how far they reach; sees when the station has a double.

Before anything is put at the host, its intention is there as a record: whatever the station's disk does, what the host
has can be explained. There is nothing to bring before the first backup, which alone holds the key to records.
"""

import hashlib
import io
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from lexicon.faults import HostFault, StationFault, TamperFault
from storage.backup.records import Extent, collect, extent_of, key_of, prefix_of, seal_record, size_of
from storage.database import Database
from storage.effects import effect
from storage.files import disk_faults, replacing
from storage.hosts import Created, Host, Stored
from storage.ledger import Ledger

_LARGEST: Final = 1 << 12


def epoch_key(station: str, epoch: int) -> str:
    """The object with which a station that comes back from a backup begins its epoch: who makes it, has it."""
    return f"{station}/epochs/{epoch:04d}.json"


def require_alone(host: Host, station: str, epoch: int) -> None:
    """Raise `TamperFault("custody-forked")` where this station came back elsewhere: two would write one ledger."""
    with effect("epoch.look"):
        found = host.head(epoch_key(station, epoch + 1))
    if isinstance(found, Stored):
        raise TamperFault("custody-forked", epoch=epoch + 1)


class Shipping:
    """One process's share. `marker`, one for all machines of the station, says how far records reach.

    Without it there is no backup to build on.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        station: str,
        key: bytes,
        host: Callable[[], Host],
        workplace: Callable[[], AbstractContextManager[Path]],
        marker: Path,
    ) -> None:
        self._database, self._ledger = database, ledger
        self._station, self._key = station, key
        self._host, self._workplace, self._marker = host, workplace, marker
        self._turn = threading.Lock()
        self._reached = -1
        self._due = 0.0

    def begin(self, size: int) -> None:
        """A backup holds the first `size` entries: the first of all is where records begin.

        Later ones change nothing: where only an older one can be opened, no record may be wanting since.
        """
        with self._turn:
            if self._position() < 0:
                self._mark(size)

    def resume(self, size: int) -> None:
        """The station came back with its first `size` entries: records go on from there, wherever they were before."""
        with self._turn:
            self._mark(size)

    def ship(self) -> int:
        """Bring to the host all that the ledger has by now; how many entries were still to be brought.

        What another thread brings meanwhile is not brought again. Raises `HostFault`, `TamperFault("custody-forked")`.
        """
        with self._database.read() as session:
            wanted = size_of(session)
        with self._turn:
            reached = self._position()
            if reached < 0:
                return 0
            epoch = self._ledger.epoch()
            require_alone(self._host(), self._station, epoch)
            if reached >= wanted:
                return 0
            for past in self._records(epoch, reached):
                self._mark(past)
                if past >= wanted:
                    break
        return wanted - reached

    def ship_if_due(self, seconds: float) -> int:
        """`ship`, unless less than that has passed since the last time."""
        now = time.monotonic()
        with self._turn:
            due = now >= self._due
            self._due = now + seconds if due else self._due
        return self.ship() if due else 0

    def forget(self, size: int) -> int:
        """Delete the records that a kept backup has made needless: of entries before `size`; how many there were."""
        host = self._host()
        needless = [key for key, extent in listed(host, self._station) if extent.past <= size]
        for key in needless:
            with effect("record.delete"):
                host.delete(key)
        return len(needless)

    def _records(self, epoch: int, reached: int) -> Iterator[int]:
        while True:
            with self._database.read() as session:
                record = collect(session, epoch, reached)
            if record is None:
                return
            self._put(record.extent, seal_record(record, self._station, self._key))
            reached = record.extent.past
            yield reached

    def _put(self, extent: Extent, sealed: bytes) -> None:
        """Put and read back: a record that is not there is no promise."""
        key = key_of(self._station, extent, sealed)
        with self._workplace() as folder:
            put(self._host(), key, sealed, folder / "record")

    def _position(self) -> int:
        """How far records reach: by the marker, which other processes move too; -1 before the first backup."""
        try:
            with self._marker.open(encoding="ascii") as stream:
                stated = json.loads(stream.read(_LARGEST))
            self._reached = max(self._reached, int(stated["entries"]))
        except FileNotFoundError:
            return self._reached
        except OSError:
            raise StationFault("disk-unusable") from None
        except (ValueError, KeyError, TypeError):  # a power cut left nothing in it: everything is brought again
            self._reached = max(self._reached, 0)
        return self._reached

    def _mark(self, size: int) -> None:
        self._reached = size
        with disk_faults(), effect("record.mark"):
            # Not synced: an older one, or an empty one, has what was brought brought again, and that does no harm.
            part = self._marker.with_name(f"{self._marker.name}.{secrets.token_hex(4)}.part")
            part.write_text(json.dumps({"entries": size}), encoding="ascii")
            part.replace(self._marker)


def put(host: Host, key: str, content: bytes, path: Path) -> bool:
    """Create an object and read it back; whether it is new. Raises `HostFault` (`receipt-mismatch`, the host's own)."""
    with replacing(path) as stream:
        stream.write(content)
    with effect("record.put"):
        made = host.create(key, path, hashlib.sha256(content).hexdigest(), len(content))
    if not isinstance(made, Created):
        return False
    if read(host, key) != content:
        raise HostFault("receipt-mismatch")
    return True


def put_file(host: Host, key: str, path: Path) -> None:
    """Create an object from a file and read it back; one that is there already must be the same.

    Raises `HostFault` `receipt-mismatch`, `host-conflict`, or the host's own.
    """
    with disk_faults(), path.open("rb") as stream:
        digest, size = hashlib.file_digest(stream, "sha256").hexdigest(), stream.tell()
    with effect("backup.put"):
        made = host.create(key, path, digest, size)
    comparison = _Comparison()
    with effect("backup.read-back"):
        host.read(key, comparison)
    if comparison.whole.hexdigest() != digest:
        raise HostFault("receipt-mismatch" if isinstance(made, Created) else "host-conflict")


class _Comparison:
    def __init__(self) -> None:
        self.whole = hashlib.sha256()

    def write(self, chunk: bytes, /) -> int:
        self.whole.update(chunk)
        return len(chunk)


def read(host: Host, key: str) -> bytes:
    content = io.BytesIO()
    with effect("record.read"):
        host.read(key, content)
    return content.getvalue()


def listed(host: Host, station: str) -> list[tuple[str, Extent]]:
    """The records at the host, by their names."""
    with effect("record.list"):
        found = [(stored.key, extent_of(stored.key)) for stored in host.list(prefix_of(station))]
    return [(key, extent) for key, extent in found if extent is not None]
