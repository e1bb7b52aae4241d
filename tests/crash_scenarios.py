"""All scenarios of the crash sweep beside the journey over the drop folder.

Each is killed at the points that no scenario before it was killed at, typed again, and the station's work is then left
to end: see `crash_fixtures.walk`.
"""

import subprocess
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from tests.crash_amid import AMID
from tests.crash_commands import COMMANDS
from tests.crash_custody import CUSTODY
from tests.crash_fixtures import Swept, age, walk
from tests.crash_nursery import Nursery
from tests.crash_returns import RETURNS
from tests.crash_scenario import Scenario
from tests.crash_witness import Witness, wrong_with
from tests.failpoint_fixtures import points
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import libfaketime, unmount

MACHINE = frozenset({"mounts", "faketime"})
"""What not every machine has: whether a file system can be mounted, a clock be set."""
SCENARIOS: Mapping[str, Scenario] = {**AMID, **COMMANDS, **CUSTODY, **RETURNS}


def gone_through(
    nursery: Nursery, trial: Trial, name: str, new: Sequence[str], own: Sequence[str] | None = None
) -> Swept:
    """One scenario at a station of its own, killed at the points that are `new`, and at its `own`: all where None."""
    scenario, witness = SCENARIOS[name], Witness()
    armed = dict.fromkeys([*(() if scenario.alone else new), *(own_points(name) if own is None else own)])
    try:
        command = scenario.begun(trial, nursery)
        swept = walk(nursery, trial, command, armed, witness, scenario.seconds)
        if swept.last.code not in scenario.codes:
            swept.wrong.append(f"{name} ended with {swept.last.code}: {swept.last.err[-500:]}")
        end = scenario.ends(trial, nursery, witness)
    finally:
        for left in [path for path in trial.folder.rglob("*") if path.is_mount()]:
            unmount(left)
    age(nursery, end, witness)
    swept.wrong += wrong_with(end, witness, None)
    return swept


def own_points(name: str) -> list[str]:
    """The points that belong to a scenario."""
    return [point for point in points() if is_among(point, SCENARIOS[name].among)]


def is_among(point: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(point, pattern) for pattern in patterns)


def quick() -> list[str]:
    """Those that the tests of every change go through."""
    return [name for name, scenario in SCENARIOS.items() if not scenario.soak]


def possible(database: str, host: str) -> list[str]:
    """Those of one configuration, on this machine."""
    return [name for name, scenario in SCENARIOS.items() if set(scenario.only) <= {database, host} | machine()]


def machine() -> set[str]:
    """Of `MACHINE`, what this one has."""
    mounts = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    return {name for name, there in {"mounts": mounts, "faketime": bool(libfaketime())}.items() if there}
