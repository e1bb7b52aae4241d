"""What a scenario of the crash sweep is: what a station is brought to, and what is typed until it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lexicon.faults import EXIT_CONFIGURATION, EXIT_DONE, EXIT_REGISTER, EXIT_WAITING
from tests.crash_fixtures import Command, process
from tests.crash_nursery import Nursery
from tests.crash_witness import Witness
from tests.trial_fixtures import Trial

WAITING = frozenset({EXIT_DONE, EXIT_WAITING})
TYPED_AGAIN = frozenset({EXIT_DONE, EXIT_CONFIGURATION, EXIT_REGISTER})
"""A decision that was recorded before the kill is refused the second time: nothing is left to decide."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command at a station that has done its work; `begun` prepares it, and says what is typed at the n-th start."""

    begun: Callable[[Trial, Nursery], Command]
    among: tuple[str, ...]
    """Patterns of the points at which it must have been killed at the least."""
    codes: frozenset[int] = frozenset({EXIT_DONE})
    alone: bool = False
    """At these points alone: a start after another crash would leave nothing to come to them."""
    fresh: bool = False
    """It begins with the records in the drop folder."""
    ends: Callable[[Trial, Nursery, Witness], Trial] = lambda trial, _nursery, _witness: trial
    """What is done after the last start; the station that is looked at then."""
    soak: bool = False
    """Too long for every change: `bench/crash.py` alone goes through it."""
    only: tuple[str, ...] = ()
    """What it needs, all of it: of `sqlite`, `postgresql`, `folder`, `s3`, `mounts`, `faketime`."""
    seconds: float = 300.0
    """After which it is ended by SIGTERM: of what never ends by itself."""


def killed_at(trial: Trial, nursery: Nursery, *armed: str) -> None:
    """The journey, killed at each of these in turn."""
    for point in armed:
        ended = nursery.run(trial, *process(trial)(0), failpoint=f"{point}=kill")
        assert ended.killed, ended.err


def added(trial: Trial, sections: str) -> None:
    trial.config.write_text(f"{trial.config.read_text('utf-8')}\n{sections}\n", "utf-8")


def processed(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    """The station goes on by itself."""
    witness.look(trial, nursery.run(trial, *process(trial)(0)))
    return trial


def opening(trial: Trial) -> tuple[str | Path, ...]:
    """With the client's own key."""
    keys = trial.folder / "trial-keys"
    return ("--key", keys / "client.key", "--cert", keys / "client.crt")


def typed(*words: str) -> Callable[[Trial, Nursery], Command]:
    return lambda _trial, _nursery: lambda _: words
