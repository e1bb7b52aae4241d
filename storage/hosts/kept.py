"""What a host keeps under a key: every version, every delete marker, and the locks on them, as far as it tells.

Beside the port, for few hosts keep versions, and only who deletes needs to see them all.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from storage.hosts import Host, Stored


@dataclass(frozen=True, slots=True)
class Kept:
    """One version; `version` as the host names it, None where it keeps none. `size` in bytes, 0 of a delete marker.

    `lock` is `GOVERNANCE`, `COMPLIANCE` or empty; `until` the day on which it ends (ISO 8601), empty where not told.
    """

    version: str | None
    size: int
    marker: bool = False
    lock: str = ""
    until: str = ""


@runtime_checkable
class Versioned(Protocol):
    """A host that can tell all that it keeps under a key."""

    def kept(self, key: str) -> tuple[Kept, ...]:
        """Versions and delete markers, the newest first. Raises `HostFault`."""
        ...


def kept(host: Host, key: str) -> tuple[Kept, ...]:
    """All that lies under a key; of a host that knows no versions, what its `head` tells. Raises `HostFault`."""
    if isinstance(host, Versioned):
        return host.kept(key)
    there = host.head(key)
    return (Kept(there.version, there.size),) if isinstance(there, Stored) else ()
