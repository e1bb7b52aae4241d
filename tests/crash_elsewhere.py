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

_PERSON: Final = (
    "not killed: one commit of one person's act at a terminal: it is on record whole, or not at all, and is done again"
)

_REJUDGED: Final = (
    "not killed: in this sweep; what waits to be judged anew is a row of its own; `tests/test_rejudging.py` breaks off "
    "at these points and goes on: each is one commit, or a copy that is made again"
)
_DELETED: Final = (
    "not killed: in this sweep; a person's word is one commit, and a deletion that was broken off at the host is done "
    "again (`tests/test_deletion.py`)"
)
_UNRECORDED: Final = (
    "not killed: a release whose record failed, and that takes its copy out of the spool again; killed there, the copy "
    "goes at the next start as what no row needs"
)

ELSEWHERE: Final[Mapping[str, str]] = {
    "claim.drop-copy:*": _SCANNER,
    "claim.give-back:*": _SCANNER,
    "document.divide:*": (
        "not killed: in this sweep, whose papers all have sheets before them; `tests/test_two_sources.py` kills there"
    ),
    "document.leave:*": _OVERTAKEN,
    "file.leave:*": _OVERTAKEN,
    "worker.forget:*": (
        "not killed: after twenty minutes of a worker's silence; one commit that drops its name, done again by the next"
    ),
    "form.*": (
        "not killed: in this sweep; a signed form is no record. `tests/test_forms_inbox.py` kills at those of its way "
        "in, and breaks off a check and its deposit; of the others each is one commit, or is done again: at the next "
        "start, or by the same command"
    ),
    "import.undo:*": (
        "not killed: one commit of facts, an import and its entry, of the very kind that is killed at `sheet.import`; "
        "what waits to be judged anew is in it"
    ),
    "fact.record:*": "not killed: the same, of one fact",
    "register.consult:*": "not killed: one commit of one entry, before anything is read or written",
    "apart.print:*": (
        "not killed: in this sweep; printed beside the separators, file by file, each there whole or not at all; the "
        "station is left as it was, and the command is typed again"
    ),
    "apart.withdraw:*": (
        "not killed: in this sweep; a list whose batch could not be announced goes again; killed there it stays, "
        "`target-exists` says so, and nothing is announced"
    ),
    "batch.announce:*": _PERSON,
    "batch.confirm:*": _PERSON,
    "clearance.refuse:*": "not killed: one commit, of an entry alone, before a tampered station stops",
    "page.restore:*": _PERSON,
    "person.*": _PERSON,
    "rejudging.queue:*": _REJUDGED,
    "rejudging.record:*": _REJUDGED,
    "closing.lose:*": _REJUDGED,
    "rejudging.hold-back:*": _REJUDGED,
    "reopened.spool:*": _REJUDGED,
    "document.take-again:*": _REJUDGED,
    "hold.*": _DELETED,
    "deletion.*": _DELETED,
    "rejudging.release:*": _PERSON,
    "review.record:*": _PERSON,
    "review.settle:*": _PERSON,
    "review.show:*": _PERSON,
    "review.show-decision:*": _PERSON,
    "review.wait:*": _PERSON,
    "index.say:*": _PERSON,
    "document.consult:*": "not killed: one commit of one entry, before anything is shown",
    "types.write:*": "not killed: a file that a person asked for, made anew by the same command",
    "work.pause:*": (
        "not killed: where the engine itself gives up what ended its processes, as at `work.exhaust`; unrecorded, the "
        "next start begins it anew"
    ),
    "release.forget:*": _UNRECORDED,
    "release.destroy:*": _UNRECORDED,
    "review-record.*:*": (
        "not killed: no configuration of the sweep asks for strips (`review.strip`); a record without a row goes at a "
        "start, a row without its record too, and one that was not made is a convenience less "
        "(`tests/test_review_record.py`)"
    ),
    "restore.copy:*": (
        "not killed: rows on their way into a PostgreSQL database that nobody uses before the return is published; the "
        "next attempt is given an empty one"
    ),
}
"""Pattern -> `not killed: …`: why a kill there is impossible, or does no harm."""

AT_TIMES: Final = ("duplicate.destroy:*",)
"""Killed at in most runs: where the second of two files with the same bytes is opened again after a kill, before the
start has cleared away what no row needs of it. Which comes first is a matter of the machine's pace."""
