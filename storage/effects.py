"""Failpoints: every effect of the station has a name, and a place before and after it where a test may end the process.

An effect is what the station does outside its own memory: a commit, a file written, renamed or removed, an object put,
read back or deleted at the host. The variable `LIASSE_FAILPOINT`, read once, arms points, several with commas between:

    LIASSE_FAILPOINT="spool.write:after=kill"      SIGKILL to this process: nothing is cleaned up (a power cut)
    LIASSE_FAILPOINT="host.put:before@3=raise"     KeyboardInterrupt, the third time it is reached: cleaning up runs
    LIASSE_FAILPOINT="host.put:after=stall"        sleep for LIASSE_FAILPOINT_SECONDS (default: an hour), and go on
    LIASSE_FAILPOINT="*=note"                      nothing, at every point

Each point that happens is first written to the file LIASSE_FAILPOINT_NOTES, where one is named. Where none is armed,
one costs one comparison.
"""

import os
import re
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

VARIABLE: Final = "LIASSE_FAILPOINT"
SECONDS: Final = "LIASSE_FAILPOINT_SECONDS"
NOTES: Final = "LIASSE_FAILPOINT_NOTES"

_ARMED: Final = re.compile(
    r"(?P<point>[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*:(?:before|after)|\*)(?:@(?P<nth>[1-9]\d*))?=(?P<mode>kill|raise|stall|note)"
)
_EVERY: Final = "*"
_HOUR: Final = "3600"


@dataclass(frozen=True, slots=True)
class _Point:
    """What is to happen at one point, the `nth` time that it is reached."""

    nth: int
    mode: str
    reached: Iterator[int] = field(default_factory=lambda: count(1))


@dataclass(frozen=True, slots=True)
class Armed:
    """The points that are armed."""

    points: Mapping[str, _Point]
    seconds: float
    notes: str

    def reach(self, point: str) -> None:
        """Do what was asked at this point, where its turn has come."""
        asked = self.points.get(point)
        if asked is not None and next(asked.reached) == asked.nth:
            self._happen(point, asked.mode)
        elif _EVERY in self.points:
            self._happen(point, self.points[_EVERY].mode)

    def _happen(self, point: str, mode: str) -> None:
        if self.notes:
            with open(self.notes, "a", encoding="ascii") as notes:  # noqa: PTH123  a name from the environment
                notes.write(f"{point}\n")
        match mode:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise KeyboardInterrupt
            case "stall":
                time.sleep(self.seconds)
            case _:
                pass


def armed_by(environment: Mapping[str, str]) -> Armed | None:
    """What these variables arm. Raises ValueError for a value of another form than those above."""
    value = environment.get(VARIABLE, "")
    if not value:
        return None
    points = dict(_asked(one) for one in value.split(","))
    return Armed(points, float(environment.get(SECONDS, _HOUR)), environment.get(NOTES, ""))


def _asked(text: str) -> tuple[str, _Point]:
    said = _ARMED.fullmatch(text)
    if said is None:
        raise ValueError(f"{VARIABLE} is not of the form point:before[@n]=mode")
    return said["point"], _Point(int(said["nth"] or 1), said["mode"])


_armed: Final = armed_by(os.environ)


def reach(point: str) -> None:
    """Stand at `point` (`room.verb:before` or `room.verb:after`)."""
    if _armed is not None:
        _armed.reach(point)


@contextmanager
def effect(name: str) -> Iterator[None]:
    """Around one effect. `name` is a literal, `room.verb`: the list of failpoints is read from the source."""
    reach(f"{name}:before")
    yield
    reach(f"{name}:after")
