"""What the host has, and whether a record there tells of it: what ADR 0021 promises at every moment, kills included."""

import fcntl
import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.batches import anchors
from pipeline.config import Config, load
from pipeline.office.backing import folder_of, kept
from storage.backup.records import Record, open_record
from storage.backup.shipping import listed, read
from storage.hosts import Host
from storage.hosts.opening import open_host
from storage.keys import StationKeys
from tests.trial_fixtures import Trial

_NEVER: Final = "the station has no backup: no record can tell of anything"


@dataclass
class Teller:
    """Looks at one station's host from outside; records and envelopes that were read once are not read again."""

    _records: dict[str, Record] = field(default_factory=dict)
    _digests: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def untold(self, trial: Trial, entries: Sequence[bytes]) -> list[str]:
        """What lies at the host, and no record: `entries` is the ledger. What a backup holds needs no record."""
        config = load(trial.config)
        backed = [one.entries for one in kept(folder_of(config))]
        if not backed:
            return [_NEVER]
        with (
            _untouched(trial.host),
            closing(open_host(config.host.settings(config.path), config.base, config.station.id)) as host,
        ):
            return list(self._untold(config, host, min(backed), entries))

    def _untold(self, config: Config, host: Host, backed: int, entries: Sequence[bytes]) -> Iterator[str]:
        station, keys = config.station.id, StationKeys.load(config.folder / "keys")
        found = sorted(listed(host, station), key=lambda one: (one[1].first, one[1].past))
        reached, told = backed, set(entries[:backed])
        for key, extent in found:
            if key not in self._records:
                self._records[key] = open_record(read(host, key), extent, station, keys.backup)
            told.update(self._records[key].entries)
            reached = max(reached, extent.past) if extent.first <= reached else reached
        known = set(_intended(keys, station, told))
        yield from (f"at the host, and no record tells of it: {key}" for key in self._envelopes(host, station, known))
        signed = max((size for _, (_, size) in anchors(host, station)), default=0)
        if signed > reached:
            yield f"a checkpoint covers {signed} entries, the records reach {reached}"

    def _envelopes(self, host: Host, station: str, known: set[str]) -> Iterator[str]:
        """The envelopes there of which neither name nor hash is known."""
        envelope = re.compile(rf"{re.escape(station)}/[0-9a-f]+\.p7m")
        for stored in list(host.list("")):
            if not envelope.fullmatch(stored.key) or stored.key in known:
                continue
            one = (stored.key, stored.version)
            if one not in self._digests:
                content = io.BytesIO()
                host.read(stored.key, content)
                self._digests[one] = hashlib.sha256(content.getvalue()).hexdigest()
            if self._digests[one] not in known:
                yield stored.key


@contextmanager
def _untouched(folder: Path) -> Iterator[None]:
    """What a crash left half written in a host's folder is for the next start to clear, not for who looks at it."""
    with ExitStack() as until_seen:
        for part in folder.rglob("*.part"):
            with suppress(BlockingIOError):  # still being written, by another worker
                fcntl.flock(until_seen.enter_context(part.open("rb")), fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield


def _intended(keys: StationKeys, station: str, told: set[bytes]) -> Iterator[str]:
    """Of each deposit that was announced: the document's hash, the index's name."""
    for entry in map(json.loads, told):
        if entry["outcome"] == "intended" and entry["object"].startswith("batch:"):
            batch, version = entry["object"].removeprefix("batch:"), entry["counts"]["index-version"]
            yield keys.index_key(station, batch, version)
        elif entry["outcome"] == "intended":
            yield from entry.get("hashes_out", ())
