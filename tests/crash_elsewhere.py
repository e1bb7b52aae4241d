"""The points that no configuration of the crash sweep kills at, and why. `docs/reference/failpoints.md` tells them."""

from collections.abc import Mapping
from typing import Final

_FILE_SYSTEM: Final = (
    "not killed: a drop folder's subfolder that is a file system of its own; the scan goes when its copy is whole, "
    "synced and named, a copy without a name is written anew (`tests/test_inbox_drop.py` goes there, without a kill)"
)
_SCANNER: Final = (
    "not killed: a scanner that writes in the microseconds in which its file is claimed; the file lies in the drop "
    "folder or among the claims, and a start looks at both"
)
_OVERTAKEN: Final = (
    "not killed: a worker that comes back from being frozen, and clears away what it wrote again of settled work; what "
    "stays is encrypted, and goes a day later as what no row knows"
)
_WORD: Final = "not killed: a person's word, one commit: whoever is interrupted asks what stands before typing it again"
_FAILED: Final = "not killed: clearing away a return that failed; nobody uses that folder again"

ELSEWHERE: Final[Mapping[str, str]] = {
    "claim.copy:*": _FILE_SYSTEM,
    "claim.name-copy:*": _FILE_SYSTEM,
    "claim.remove:*": _FILE_SYSTEM,
    "claim.drop-copy:*": _SCANNER,
    "claim.give-back:*": _SCANNER,
    "document.unpack:*": (
        "not killed: after an attempt that had packed more of a file than the next one; what is left of it is "
        "encrypted, and goes with the next look for what no row knows"
    ),
    "document.leave:*": _OVERTAKEN,
    "file.leave:*": _OVERTAKEN,
    "deposit.remove-damaged:*": (
        "not killed: a host that altered what it was given; the next attempt reads it back, and removes it then "
        "(`tests/test_deposit.py` goes there, without a kill)"
    ),
    "work.trouble:*": "not killed: a fault's name for whoever asks; the work is tried again with it or without",
    "work.exhaust:after": (
        "not killed: after a kill before it, the next start takes the work up and ends it; the word is one commit"
    ),
    "work.pause:*": (
        "not killed: where the engine itself gives up what ended its processes, as at `work.exhaust`; unrecorded, the "
        "next start begins it anew"
    ),
    "worker.forget:*": (
        "not killed: after twenty minutes of a worker's silence; one commit that drops its name, done again by the next"
    ),
    "clock.accept:*": _WORD,
    "backup.attempt:*": "not killed: the time of the last attempt, in a file; without it the next one comes at once",
    "backup.remove:*": (
        "not killed: a backup too many of a station that keeps none at the host; what is left of it is sealed, and is "
        "no backup any more"
    ),
    "backup.tidy:*": "not killed: a note that was being written; the next attempt deletes it again",
    "restore.undo:*": _FAILED,
    "restore.leave:after": _FAILED,
    "restore.copy:*": (
        "not killed: rows on their way into a PostgreSQL database that nobody uses before the return is published; the "
        "next attempt is given an empty one"
    ),
}
"""Pattern -> `not killed: …`: why a kill there is impossible, or does no harm."""
