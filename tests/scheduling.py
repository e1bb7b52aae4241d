"""Who runs which test files, where several processes run them: the longest begin, and one process makes the station
that takes half a minute to make."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

TOGETHER: Final = (
    "test_docs_formats",
    "test_indexing_journey",
    "test_secrecy",
    "test_service_journal",
    "test_service_metrics",
    "test_station_gate",
    "test_station_journey",
    "test_tabling",
)
"""Files that ask for the session's `processed`."""
FIRST: Final = (
    "test_crash_sweep",
    *TOGETHER,
    "test_engine",
    "test_stateful_gate",
    "test_sample_corpus",
    "test_upgrade",
    "test_wrong_database",
    "test_wrong_places",
    "test_two_sources",
    "test_wrong_room",
    "test_hostile_corpus",
    "test_hostile_files",
    "test_wrong_clock",
    "test_scanners",
    "test_authorization_commands",
)
"""The longest, so that none of them is alone at the end."""


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """A file is one process's, and so are all those that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return TOGETHER[0] if _name(file) in TOGETHER else file


def in_order(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The longest files, then those of most tests; each file as it was."""
    tests = Counter(item.nodeid.partition("::")[0] for item in items)

    def key(item: pytest.Item) -> tuple[int, int]:
        file = item.nodeid.partition("::")[0]
        name = _name(file)
        return (FIRST.index(name), 0) if name in FIRST else (len(FIRST), -tests[file])

    return sorted(items, key=key)


def _name(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".py")
