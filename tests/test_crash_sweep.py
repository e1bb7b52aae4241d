"""Killed before and after each effect, and started again: the same accounts, the same objects, nothing lost or left.

Each start is killed at the first failpoint that none before it was killed at, in the middle of what the ones before it
left behind; so a few stations go through all of them. What a stranger sees of it is `make soak` (`bench/crash.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from queue import Queue

import pytest

from lexicon.faults import EXIT_DONE, EXIT_WAITING
from tests.crash_fixtures import (
    Account,
    Command,
    Nursery,
    Swept,
    Witness,
    account_of,
    copied,
    found_template,
    lay_records,
    process,
    sweep,
    walk,
    withdraw,
    wrong_with,
)
from tests.failpoint_fixtures import points
from tests.trial_fixtures import Trial

ELSEWHERE: Mapping[str, str] = {
    "s3.*": "of the S3 host: bench/crash.py --host s3",
    "claim.copy:*": "a drop folder on two file systems",
    "claim.name-copy:*": "the same",
    "claim.remove:*": "the same",
    "claim.drop-copy:*": "a scanner that writes to a file in the microseconds in which it is claimed",
    "claim.give-back:*": "the same",
    "document.unpack:*": "a file that breaks at the second look and not at the first",
    "deposit.remove-damaged:*": "a host that keeps something else than it was given: tests/test_deposit.py",
    "work.*": "a host that is away, and what ended five processes: tests/test_station_crash.py",
    "unwanted.delete:after": "where the object is gone one point earlier: folder-host.unlink:after",
    "outcome.lose:*": "what the disk lost, and a person gives up: tests/test_taking_back.py",
    "file.lose:*": "the same",
    "worker.*": "several workers at one station",
    "document.leave:*": "the same: what a worker made that another had overtaken",
    "file.leave*": "the same",
    "batch.reopen:*": "a person's word, typed again; tests/test_station_journey.py",
    "task.*": "the same",
    "file.take-back:*": "a file taken again after a person's word",
    "paper.record:*": "one commit: whoever is interrupted looks at `status` before typing it again",
    "host.check:*": "a probe, under names of its own",
    "station.*": "a station that is being founded has done nothing yet: it is founded anew, in another folder",
    "config.*": "the same",
    "keys.create:*": "the same",
    "trial-keys.create:*": "the same",
    "restore.*": "a return that was interrupted begins anew, in another folder: tests of the backup",
    "record.*": "the same",
    "epoch.list:*": "the same",
    "clock.accept:*": "a person's word",
    "backup.attempt:*": "at the host in the background, and old ones removed: tests/test_backup.py",
    "backup.delete:*": "the same",
    "backup.let-go:*": "the same",
    "backup.look:*": "the same",
    "backup.mark:*": "the same",
    "backup.remove:*": "the same",
    "backup.verified:*": "the same",
    "backup.extract:*": "of a return, as restore.*",
    "backup.unpack:*": "the same",
    "backup.open:*": "the same",
}
"""Points that no scenario of this module kills at: where they are, or why nothing gets there."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all scenarios begin with."""

    folder: Path
    template: Trial
    """Its records lie in the drop folder."""
    done: Trial
    """The same, processed and never killed."""
    reference: Account
    nurseries: Queue[Nursery]

    @contextmanager
    def nursery(self) -> Iterator[Nursery]:
        """One of the two, when it is free."""
        nursery = self.nurseries.get()
        try:
            yield nursery
        finally:
            self.nurseries.put(nursery)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("crash")
    points()  # read once, here: two threads may not parse at the same time (CPython 3.11)
    template = found_template(folder / "template")
    done = copied(template, folder / "done")
    ran = done.process(done.inbox, "--json")
    assert ran.code == EXIT_WAITING, ran.err
    with done.opened() as station:
        reference = account_of(station)
    assert wrong_with(done, Witness(), reference) == []
    nurseries: Queue[Nursery] = Queue()
    both = [Nursery(folder / f"nursery {number}") for number in range(2)]
    for nursery in both:
        nurseries.put(nursery)
    yield Ground(folder, template, done, reference, nurseries)
    for nursery in both:
        nursery.close()


def test_the_records_come_to_every_kind_of_end(ground: Ground) -> None:
    assert ground.reference.columns == {
        "deposited": 1, "refused": 2, "held": 2, "set-aside": 1, "separator": 4, "blank": 1, "duplicate": 9,
    }  # fmt: skip
    assert ground.reference.in_progress == 0
    assert ground.reference.objects == 1
    assert ground.reference.kept == {".p7m": 1, ".spool": 4}


# --- Every point once -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def journeys(ground: Ground) -> list[Swept]:
    """One station through all points before an effect beside one through those after; a third through what is left."""
    every = points()
    sides = [[point for point in every if point.endswith(side)] for side in ("before", "after")]
    with ThreadPoolExecutor(2) as both:
        swept = list(both.map(lambda number: _swept(ground, f"half {number}", sides[number]), range(2)))
    swept.append(_swept(ground, "rest", [point for point in every if point not in _killed(swept)]))
    if missed := _sides(_killed(swept)) - _killed(swept):  # another thread's kill came between the two sides
        swept.append(_swept(ground, "missed", sorted(missed)))
    return swept


def _killed(swept: Iterable[Swept]) -> set[str]:
    return {point for one in swept for point in one.killed}


def _sides(killed: Iterable[str]) -> set[str]:
    """Both points of each effect."""
    return {f"{point.partition(':')[0]}:{side}" for point in killed for side in ("before", "after")}


def _swept(ground: Ground, name: str, wanted: Sequence[str]) -> Swept:
    with ground.nursery() as nursery:
        return sweep(nursery, copied(ground.template, ground.folder / name), wanted, ground.reference)


def test_killed_at_each_failpoint_the_station_comes_to_the_same_end(journeys: list[Swept]) -> None:
    assert [problem for swept in journeys for problem in swept.wrong] == []


def test_most_points_of_the_journey_were_come_to(journeys: list[Swept]) -> None:
    killed = _killed(journeys)
    effects = {point.partition(":")[0] for point in killed}
    assert _sides(killed) == killed
    assert effects >= {
        "claim.note", "claim.move", "claim.release", "capture.spool", "capture.record", "document.pack", "split.record",
        "file.create", "file.sync", "file.rename", "folder.sync", "spool.forget", "spool.unlink", "gate.record",
        "envelope.seal", "sealing.record", "deposit.intend", "deposit.put", "folder-host.link", "deposit.read-back",
        "receipt.record", "sealed.destroy", "document.destroy", "clearing.record", "closed.seal", "document.quarantine",
        "outcome.record", "file.quarantine", "file.set-aside", "file.settle", "index.intend", "index.record",
        "index.account", "batch.close", "checkpoint.sign", "checkpoint.send", "work.make", "workshop.sweep",
    }  # fmt: skip


# --- The other commands -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command at a station that has done its work; `begun` prepares it, and says what is typed at the n-th start."""

    begun: Callable[[Trial, Nursery], Command]
    among: tuple[str, ...]
    """Patterns of the points at which it must have been killed at the least."""
    codes: frozenset[int] = frozenset({EXIT_DONE})
    alone: bool = False
    """At these points alone: a start after another crash would leave nothing to come to them."""


def _put_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """Killed with the object at the host and no receipt; then the patient withdraws."""
    ended = nursery.run(trial, *process(trial)(0), failpoint="deposit.put:after=kill")
    assert ended.killed, ended.err
    withdraw(trial, "A1001")
    return process(trial)


def _left_unsealed(trial: Trial, nursery: Nursery) -> Command:
    """Killed with an envelope half written in the station, and an object half written at the host."""
    for point in ("envelope.seal:after", "file.create:after", "folder-host.part:after"):
        ended = nursery.run(trial, *process(trial)(0), failpoint=f"{point}=kill")
        assert ended.killed, ended.err
    for name in ("spool/left.spool", "spool/left.spool.part", "sealed/left.p7m.part"):
        (trial.home / name).write_bytes(b"LIASSE\x01\n" + bytes(100))
    return process(trial)


def _scanned_again(trial: Trial, _nursery: Nursery) -> Command:
    """The same bytes as of a file that was done long ago."""
    lay_records(trial.inbox / "lot 2")
    return process(trial)


def _deposited(trial: Trial) -> str:
    with trial.opened() as station, station.database.read() as session:
        (document,) = station.documents.documents(session, state="deposited")
        return str(document.id)


def _fetch(trial: Trial, _nursery: Nursery) -> Command:
    document, keys = _deposited(trial), trial.folder / "trial-keys"
    given = ("--key", keys / "client.key", "--cert", keys / "client.crt")
    return lambda start: ("document", "fetch", document, *given, "--out", trial.folder / f"{start}.pdf")


def _imported(trial: Trial, _nursery: Nursery) -> Command:
    return lambda _: ("authorization", "import", trial.folder / "register.csv")


def _writing(*words: str) -> Callable[[Trial, Nursery], Command]:
    """A command that writes something new each time."""
    return lambda trial, _nursery: lambda start: (*words, "--out", trial.folder / f"written {start}")


WAITING = frozenset({EXIT_DONE, EXIT_WAITING})
SCENARIOS = {
    "withdrawn after the put": Scenario(
        _put_and_withdrawn, ("take-back.intend:*", "take-back.record:*", "folder-host.unlink:*"), WAITING
    ),
    "amid the taking back": Scenario(_put_and_withdrawn, ("take-back.delete:before",), WAITING, alone=True),
    "after the taking back": Scenario(_put_and_withdrawn, ("take-back.delete:after",), WAITING, alone=True),
    "files half written": Scenario(
        _left_unsealed, ("sealed.sweep:*", "folder-host.clear:*", "orphan.destroy:*"), WAITING
    ),
    "scanned again": Scenario(_scanned_again, ("capture.discard:*",), WAITING),
    "document fetch": Scenario(_fetch, ("consultation.*",)),
    "authorization import": Scenario(_imported, ("sheet.import:*",)),
    "custody export": Scenario(_writing("custody", "export"), ("ledger.export:*",)),
    "custody checkpoint": Scenario(lambda *_: lambda _: ("custody", "checkpoint"), ("checkpoint.send:*",)),
    "separator print": Scenario(_writing("separator", "print", "--patient", "A1001"), ("sheets.print:*",)),
    "handover build": Scenario(_writing("handover", "build"), ("handover.*",)),
    "backup": Scenario(_writing("backup"), ("backup.snapshot:*", "backup.seal:*")),
}
AT_WORK = {"withdrawn after the put", "amid the taking back", "after the taking back", "files half written"}
"""They begin with the records in the drop folder."""


@pytest.fixture(scope="module")
def commands(ground: Ground, journeys: list[Swept]) -> Mapping[str, Swept]:
    """Every scenario gone through, two at once, at the points that no journey came to."""
    killed = _killed(journeys)
    new = [point for point in points() if point not in killed]
    with ThreadPoolExecutor(2) as both:
        return dict(zip(SCENARIOS, both.map(lambda name: _gone_through(ground, name, new), SCENARIOS), strict=True))


def _gone_through(ground: Ground, name: str, new: Sequence[str]) -> Swept:
    trial = copied(ground.template if name in AT_WORK else ground.done, ground.folder / name)
    witness = Witness()
    scenario = SCENARIOS[name]
    armed = dict.fromkeys(
        [*(() if scenario.alone else new), *(point for point in points() if _is_among(point, scenario.among))]
    )
    with ground.nursery() as nursery:
        swept = walk(nursery, trial, scenario.begun(trial, nursery), armed, witness)
    swept.wrong += wrong_with(trial, witness, None)
    return swept


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_each_failpoint_a_command_is_typed_again(commands: Mapping[str, Swept], name: str) -> None:
    swept = commands[name]
    assert swept.last.code in SCENARIOS[name].codes, swept.last.err
    assert swept.wrong == []
    assert {point for point in points() if _is_among(point, SCENARIOS[name].among)} <= set(swept.killed)


def test_every_failpoint_was_killed_at_or_stands_elsewhere(
    journeys: list[Swept], commands: Mapping[str, Swept]
) -> None:
    killed = _killed((*journeys, *commands.values()))
    assert [point for point in points() if point not in killed and not _is_among(point, ELSEWHERE)] == []
    of = {pattern: {point for point in points() if fnmatchcase(point, pattern)} for pattern in ELSEWHERE}
    assert [pattern for pattern, there in of.items() if there <= killed] == []


def _is_among(point: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(point, pattern) for pattern in patterns)
