"""The points that no configuration of the crash sweep kills at, and why. `docs/reference/failpoints.md` tells them."""

from collections.abc import Mapping
from typing import Final

_SCANNER: Final = (
    "not killed: a scanner that writes in the microseconds in which its file is claimed; the file lies in the drop "
    "folder or among the claims, and a start looks at both"
)
_OVERTAKEN: Final = (
    "not killed: a worker that comes back from being frozen, and clears away what it wrote again of settled work; what "
    "stays is encrypted, and goes a day later as what no row knows"
)

ELSEWHERE: Final[Mapping[str, str]] = {
    "claim.drop-copy:*": _SCANNER,
    "claim.give-back:*": _SCANNER,
    "document.leave:*": _OVERTAKEN,
    "file.leave:*": _OVERTAKEN,
    "worker.forget:*": (
        "not killed: after twenty minutes of a worker's silence; one commit that drops its name, done again by the next"
    ),
    "work.pause:*": (
        "not killed: where the engine itself gives up what ended its processes, as at `work.exhaust`; unrecorded, the "
        "next start begins it anew"
    ),
    "restore.copy:*": (
        "not killed: rows on their way into a PostgreSQL database that nobody uses before the return is published; the "
        "next attempt is given an empty one"
    ),
}
"""Pattern -> `not killed: …`: why a kill there is impossible, or does no harm."""
