"""Killed before and after each effect, and started again: the same accounts, the same objects, nothing lost or left.

Each start is killed at the first failpoint that none before it was killed at, in the middle of what the ones before it
left behind; so a few stations go through all of them. `make test` kills after each effect, `make soak` before it too.
What a stranger sees of it is `make soak` as well (`bench/crash.py`).
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from signal import SIGABRT

import pytest

from consent_gate.model import PatientRef
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from tests.crash_commands import CLIENTS
from tests.crash_elsewhere import AT_TIMES, ELSEWHERE
from tests.crash_fixtures import Swept, copied, found_template, process, sweep
from tests.crash_nursery import Nursery
from tests.crash_records import WORD, hunted, known
from tests.crash_scenarios import SCENARIOS, gone_through, is_among, own_points, quick
from tests.crash_told import Teller
from tests.crash_witness import Account, Witness, account_of, entries_of, wrong_with
from tests.failpoint_fixtures import points
from tests.hunter import Hunter, cores_in
from tests.trial_fixtures import Trial

QUICK = quick()

pytestmark = pytest.mark.timeout(2400)  # of which the fixtures below take most: minutes, on a machine with nothing else


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
    template = found_template(folder / "template", backed=True)
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


Sides = tuple[str, ...]

AFTER: Sides = ("after",)
"""Each effect once: done, and nobody knows of it yet."""
BOTH: Sides = ("before", "after")
ALWAYS = "index.record:before"
"""An index lies at the host and no row says so: only then is it read there."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(AFTER, id="after"), pytest.param(BOTH, id="before and after", marks=pytest.mark.slow)],
)
def sides(request: pytest.FixtureRequest) -> Sides:
    sides: Sides = request.param
    return sides


def _every(sides: Sides) -> list[str]:
    return [point for point in points() if point.endswith((*sides, ALWAYS))]


@pytest.fixture(scope="module")
def journeys(ground: Ground, sides: Sides) -> list[Swept]:
    """One station through all points before an effect beside one through those after; a third through what is left."""
    every, name = _every(sides), "+".join(sides)
    with ThreadPoolExecutor(2) as both:
        swept = list(both.map(lambda side: _swept(ground, f"{name} {side}", _every((side,))), sides))
    swept.append(_swept(ground, f"{name} rest", [point for point in every if point not in _killed(swept)]))
    if missed := _missed(swept, sides):  # another thread's kill came between the two sides
        swept.append(_swept(ground, f"{name} missed", sorted(missed)))
    if missed := _missed(swept, sides):  # some are come to after a kill in the same room alone
        rooms = {point.partition(".")[0] for point in missed}
        swept.append(_swept(ground, f"{name} rooms", [point for point in every if point.partition(".")[0] in rooms]))
    return swept


def _killed(swept: Iterable[Swept]) -> set[str]:
    return {point for one in swept for point in one.killed}


def _missed(swept: Iterable[Swept], sides: Sides) -> set[str]:
    """The other points of effects that were killed at on one side alone."""
    killed = _killed(swept)
    return _at(killed, sides) - killed


def _at(killed: Iterable[str], sides: Sides) -> set[str]:
    """The points of each effect on these sides."""
    return {f"{point.partition(':')[0]}:{side}" for point in killed for side in sides}


def _swept(ground: Ground, name: str, wanted: Sequence[str]) -> Swept:
    with ground.nursery() as nursery:
        return sweep(nursery, copied(ground.template, ground.folder / name), wanted, ground.reference)


def test_killed_at_each_failpoint_the_station_comes_to_the_same_end(journeys: list[Swept]) -> None:
    assert [problem for swept in journeys for problem in swept.wrong] == []


def test_most_points_of_the_journey_were_come_to(journeys: list[Swept], sides: Sides) -> None:
    killed = _killed(journeys)
    effects = {point.partition(":")[0] for point in killed}
    assert _at(killed, sides) <= killed
    assert effects >= {
        "claim.note", "claim.move", "claim.release", "capture.spool", "capture.record", "document.pack", "split.record",
        "file.create", "file.sync", "file.rename", "folder.sync", "spool.forget", "spool.unlink", "gate.record",
        "envelope.seal", "sealing.record", "deposit.intend", "deposit.put", "folder-host.link", "deposit.read-back",
        "receipt.record", "sealed.destroy", "document.destroy", "clearing.record", "closed.seal", "document.quarantine",
        "outcome.record", "file.quarantine", "file.set-aside", "file.settle", "index.intend", "index.record",
        "index.account", "record.put", "record.mark", "record.read", "epoch.look",
        "batch.close", "checkpoint.sign", "checkpoint.send", "work.make", "workshop.sweep",
    }  # fmt: skip


# --- The other commands -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def commands(ground: Ground, journeys: list[Swept], sides: Sides) -> Mapping[str, Swept]:
    """Every scenario gone through, two at once, at the points that no journey came to."""
    killed = _killed(journeys)
    new = [point for point in _every(sides) if point not in killed]
    with ThreadPoolExecutor(2) as both:
        return dict(zip(QUICK, both.map(lambda name: _gone_through(ground, name, new, sides), QUICK), strict=True))


def _gone_through(ground: Ground, name: str, new: Sequence[str], sides: Sides) -> Swept:
    trial = copied(
        ground.template if SCENARIOS[name].fresh else ground.done, ground.folder / f"{name} {'+'.join(sides)}"
    )
    with ground.nursery() as nursery:
        return gone_through(nursery, trial, name, new, _own(name, sides))


def _own(name: str, sides: Sides) -> list[str]:
    """All points of a scenario that is about one moment, and of any other those on these sides."""
    own = own_points(name)
    return own if SCENARIOS[name].alone else [point for point in own if point.endswith(sides)]


@pytest.mark.parametrize("name", QUICK)
def test_killed_at_each_failpoint_a_command_is_typed_again(
    commands: Mapping[str, Swept], name: str, sides: Sides
) -> None:
    swept = commands[name]
    assert swept.wrong == []
    assert set(_own(name, sides)) <= set(swept.killed)


def test_every_failpoint_was_killed_at_or_stands_elsewhere(
    journeys: list[Swept], commands: Mapping[str, Swept], sides: Sides
) -> None:
    """What the longer scenarios of `bench/crash.py` kill at is said by their own patterns, which it checks, S3 too."""
    killed = _killed((*journeys, *commands.values()))
    later = {point for name, scenario in SCENARIOS.items() if scenario.soak for point in own_points(name)}
    later |= {point for point in points() if point.startswith("s3.") or is_among(point, AT_TIMES)}
    assert [point for point in _every(sides) if point not in killed | later and not is_among(point, ELSEWHERE)] == []
    of = {pattern: {point for point in points() if is_among(point, [pattern])} for pattern in ELSEWHERE}
    assert [pattern for pattern, there in of.items() if not there or there & (killed | later)] == []


# --- What the sweep would see -----------------------------------------------------------------------------------------


def test_what_lies_at_the_host_without_a_record_is_seen(ground: Ground) -> None:
    """The records of a station that has done its work, one after the other away from its host."""
    trial = copied(ground.done, ground.folder / "untold")
    records, entries = sorted(trial.host.glob("*/records/*")), entries_of(trial)
    assert Teller().untold(trial, entries) == []
    for record in records:
        kept = record.read_bytes()
        record.unlink()
        assert Teller().untold(trial, entries) != [], f"of {len(records)} records, {record.name} was not missed"
        record.write_bytes(kept)


def test_what_is_read_of_a_page_is_what_is_hunted(ground: Ground, tmp_path: Path) -> None:
    """The text of the page that is deposited, opened with the client's key, names its patient in every way."""
    trial = copied(ground.done, tmp_path / "station")
    with trial.opened() as station, station.database.read() as session:
        (document,) = station.documents.documents(session, state="deposited")
    keys, pdf = trial.folder / "trial-keys", tmp_path / "one.pdf"
    opening = ("--key", keys / "client.key", "--cert", keys / "client.crt", "--out", pdf)
    assert trial.run("document", "fetch", document.id, *opening).code == EXIT_DONE
    read = subprocess.run(["pdftotext", pdf, "-"], check=True, capture_output=True, text=True).stdout
    who = known()[PatientRef("A1001")].patient
    wanted = {who.birth_name, who.given_names[0], who.birth_date.isoformat(), who.ins, WORD}
    for written in (read.encode(), json.dumps(read).encode(), read.encode("utf-16"), base64.b64encode(read.encode())):
        assert wanted <= {trace.term for trace in Hunter(hunted()).in_bytes(written, "here")}


@pytest.mark.slow
def test_nobody_is_named_in_what_the_sweep_leaves(
    ground: Ground, journeys: list[Swept], commands: Mapping[str, Swept]
) -> None:
    """Stations, hosts, engine's tables, what was said; the client's sheets and his own copy alone name people."""
    assert journeys
    assert commands
    spared = [*ground.folder.glob("*/*.csv"), *ground.folder.glob(f"*/{CLIENTS}")]
    assert {str(trace) for trace in Hunter(hunted()).in_folder(ground.folder, but=spared)} == set()
    assert cores_in(ground.folder) == []


def test_a_process_that_aborts_leaves_no_core_file_and_one_that_may_is_seen(ground: Ground) -> None:
    trial = copied(ground.template, ground.folder / "aborted")
    stalled = "receipt.record:before"
    with ground.nursery() as nursery:
        ended = nursery.run(trial, *process(trial)(0), failpoint=f"{stalled}=stall", by=SIGABRT)
        assert (ended.code, ended.points) == (-SIGABRT, (stalled,))
        assert cores_in(nursery.place) == []
        let = "import os, resource; r = resource.RLIMIT_CORE; resource.setrlimit(r, (resource.getrlimit(r)[1],) * 2)"
        subprocess.run([sys.executable, "-c", f"{let}; os.abort()"], cwd=nursery.place, check=False)
        found = cores_in(nursery.place)
        for core in found:
            core.unlink()
    if not Path("/proc/sys/kernel/core_pattern").read_text(encoding="ascii").startswith("core"):
        pytest.skip("this machine keeps core files elsewhere")
    assert len(found) == 1
