"""The crash sweep in full: each failpoint, and kills at random times; nothing lost, nothing twice.

    python bench/crash.py [--database sqlite|postgresql] [--host folder|s3] [--random 50] [--seed 1] [--at-once 1]

Stations of invented records are killed (SIGKILL) at every point that `liasse process` comes to, started again, and
compared with one that nobody killed: accounts, objects, receipts, entries, files left over; after each kill, a record
at the host must tell of whatever lies there. Other commands follow (`tests/crash_scenarios.py`). One process is aborted
with a page's text in its memory. Then everything that is left (stations, database, host, engine's tables, temporary
files, core files) and the arguments of every program that ran are searched for the invented people, for what stands on
their pages and for pieces of them. Without options all four configurations are gone through, one after the other.

Points that no configuration came to are told at the end, with the reason (`tests/crash_elsewhere.py`). Ends with 1
where anything is wrong, and, after all four, where a point was neither killed at nor has its reason.
"""

import argparse
import os
import platform
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, product
from multiprocessing import get_context
from pathlib import Path
from signal import SIGABRT
from typing import Final, NoReturn, Self

from pipeline.office.backing import kept_of
from tests import pg_fixtures, s3_fixtures
from tests.crash_commands import CLIENTS
from tests.crash_elsewhere import ELSEWHERE
from tests.crash_fixtures import Swept, copied, found_template, killed_at_random, process, sweep
from tests.crash_nursery import Nursery
from tests.crash_records import hunted
from tests.crash_scenarios import MACHINE, SCENARIOS, gone_through, is_among, machine, own_points, possible
from tests.crash_witness import Account, Witness, account_of, wrong_with
from tests.failpoint_fixtures import points
from tests.hunter import Hunter, cores_in, pieces_of
from tests.trial_fixtures import Trial

_A_STATION: Final = 10
"""Random kills a station: then a new one begins, for little is left to be interrupted."""
_ORIGINALS: Final = ("MIXED.tif", "LOOSE.tif")
_OFTEN: Final = 0.1
"""Seconds between two looks at what runs."""
_LOCKED: Final[dict[str, str | float]] = {
    "retention_mode": "governance",
    "retention_days": 30,
    "multipart_threshold": 5 << 20,
    "part_size": 5 << 20,
}
"""Of the buckets that the other commands work with; the journey's have no lock."""
_ROUNDS: Final = 4
"""Stations at the most for all points: what one comes past, the next one begins with."""


@dataclass(frozen=True, slots=True)
class Servers:
    """What the configuration needs; None where it needs none."""

    postgresql: pg_fixtures.Server | None
    s3: s3_fixtures.Seaweed | None


@contextmanager
def _servers(folder: Path, database: str, host: str) -> Iterator[Servers]:
    """The tests' own servers, for as long as the block."""
    with ExitStack() as running:
        server = seaweed = None
        if database == "postgresql":
            server = running.enter_context(pg_fixtures.served())
        if host == "s3":
            place = folder / "seaweed"
            place.mkdir()
            seaweed = running.enter_context(s3_fixtures.served(place))
        yield Servers(server, seaweed)


class Ground:
    """Copies of one station, each with a database and a bucket of its own."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self._folder, self._servers, self._numbers = folder, servers, count()
        self._database = servers.postgresql.create() if servers.postgresql else ""
        self._bucket = s3_fixtures.section(servers.s3.bucket()) if servers.s3 else ""
        told = {"database": _url(servers.postgresql, self._database), "password": "", "host": self._bucket}
        if servers.postgresql:
            secret = folder / "password"
            secret.write_text(servers.postgresql.password, encoding="ascii")
            secret.chmod(0o600)
            told["password"] = f"file:{secret}"
        self._template = found_template(folder / "template", **told, backed=True)
        self.records = self._template.inbox / "lot 1"

    def station(self, *, locked: bool = False) -> Trial:
        """A new one; its bucket may have versions and locks."""
        moved: dict[str, str] = {}
        if server := self._servers.postgresql:
            moved[f'"{_url(server, self._database)}"'] = f'"{_url(server, server.create(self._database))}"'
        if seaweed := self._servers.s3:
            bucket, more = seaweed.bucket(lock=locked), _LOCKED if locked else {}
            moved[self._bucket] = s3_fixtures.section(bucket, **more)
        trial = copied(self._template, self._folder / f"station {next(self._numbers)}", moved)
        if self._servers.s3:  # a bucket that has no record yet
            with trial.opened() as station:
                (backup,) = kept_of(station)
                station.shipping.resume(backup.entries)
        return trial


def _url(server: pg_fixtures.Server | None, database: str) -> str:
    """As a configuration has it: the password lies elsewhere."""
    return f"postgresql://{pg_fixtures.STATION}@127.0.0.1:{server.port}/{database}" if server else ""


def _reference(ground: Ground, nursery: Nursery) -> Account:
    trial, witness = ground.station(), Witness()
    witness.look(trial, nursery.run(trial, *process(trial)(0)))
    with trial.opened() as station:
        reference = account_of(station)
    wrong = wrong_with(trial, witness, reference)
    if wrong or reference.in_progress or not reference.objects:
        raise SystemExit(f"the station that nobody killed: {wrong or reference}")
    return reference


def _each_point(ground: Ground, nursery: Nursery, reference: Account) -> list[Swept]:
    left, rounds = list(points()), list[Swept]()
    while len(rounds) < _ROUNDS:
        rounds.append(sweep(nursery, ground.station(), left, reference))
        left = [point for point in left if point not in rounds[-1].killed]
        if not rounds[-1].killed:
            break
    return rounds


def _at_random(ground: Ground, nursery: Nursery, reference: Account, kills: int, rng: random.Random) -> list[Swept]:
    rounds, done = list[Swept](), 0
    while done < kills:
        moments = (rng.uniform(0.3, 4.0) for _ in range(min(_A_STATION, kills - done)))
        rounds.append(killed_at_random(nursery, ground.station(), moments, reference))
        done += max(1, len(rounds[-1].killed))
    return rounds


def _other_commands(
    ground: Ground, nursery: Nursery, names: Sequence[str], journeys: Sequence[Swept]
) -> dict[str, Swept]:
    """Each at a station of its own, at the points that nothing before it was killed at."""
    killed = _killed(journeys)
    swept: dict[str, Swept] = {}
    for name in names:
        trial = ground.station(locked=True)
        if not SCENARIOS[name].fresh:
            nursery.run(trial, *process(trial)(0))
        swept[name] = gone_through(nursery, trial, name, [point for point in points() if point not in killed])
        missed = set(own_points(name)) - set(swept[name].killed)
        swept[name].wrong += [f"{name} never came to {point}" for point in sorted(missed)]
        killed |= set(swept[name].killed)
    return swept


def _killed(swept: Iterable[Swept]) -> set[str]:
    return {point for one in swept for point in one.killed}


def _aborted(ground: Ground, nursery: Nursery) -> list[str]:
    """A process that aborts while it holds what was read of a page, and what is wrong then."""
    trial = ground.station()
    point = "recognition.record:before"
    ended = nursery.run(trial, *process(trial)(0), failpoint=f"{point}=stall", by=SIGABRT)
    wrong = [] if ended.points and ended.code == -SIGABRT else [f"nothing was aborted: {ended.code}"]
    witness = Witness()
    witness.look(trial, nursery.run(trial, *process(trial)(0)))
    return wrong


class Onlooker:
    """Sees what every program that is started meanwhile has been given as arguments."""

    def __init__(self) -> None:
        self.arguments: set[bytes] = set()
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(_OFTEN):
            for given in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    self.arguments.add(given.read_bytes())


@dataclass(frozen=True, slots=True)
class Found:
    """Where somebody is named; nobody is to be."""

    searched: str
    traces: list[str]


def _own_words(servers: Servers) -> frozenset[str]:
    """Names and days that a new server has of itself: of languages, of saints on the map."""
    if servers.postgresql is None:
        return frozenset()
    return frozenset(trace.term for trace in Hunter(hunted()).in_folder(servers.postgresql.cluster))


def _named(folder: Path, servers: Servers, scans: Path, arguments: set[bytes], own: frozenset[str]) -> Found:
    pieces = {label: piece for scan in _ORIGINALS for label, piece in pieces_of(scans / scan)}
    hunter = Hunter(hunted(), pieces)
    places = [
        *folder.glob("station *"),
        folder / "nursery",
        folder / "seaweed",
        *([servers.postgresql.cluster] if servers.postgresql else []),
    ]
    places = [place for place in places if place.is_dir()]
    given = b"\n".join(arguments)
    traces = {
        trace for place in places for trace in hunter.in_folder(place, but=[*place.glob("*.csv"), place / CLIENTS])
    }
    traces = {trace for trace in traces if "/cluster/" not in trace.where or trace.term not in own}
    traces |= hunter.in_bytes(given, "arguments")
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    cores = [path for place in places for path in cores_in(place)]
    size = sum(path.stat().st_size for path in files) >> 20
    if not hunter.in_file(scans / _ORIGINALS[0]):
        raise SystemExit("the hunt does not find the scans themselves")
    return Found(
        f"{len(files)} files, {size} MiB, {len(arguments)} argument lists, {len(cores)} core files",
        [*(f"named: {trace}" for trace in sorted(map(str, traces))), *(f"a core file: {path}" for path in cores)],
    )


def _row(database: str, host: str, kind: str, rounds: Sequence[Swept]) -> str:
    kills = sum(len(one.killed) for one in rounds)
    wrong = sum(len(one.wrong) for one in rounds)
    seconds = sum(one.seconds for one in rounds)
    return f"{database:<11} {host:<7} {kind:<16} {kills:>5} {len(rounds):>9} {seconds:>8.0f} {wrong:>6}"


@dataclass
class Gone:
    """What one configuration came to."""

    killed: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def _configuration(database: str, host: str, kills: int, seed: int) -> Gone:
    """The table's rows of one configuration; the points, and what is wrong."""
    folder, gone = Path(tempfile.mkdtemp(prefix="liasse-crash-")), Gone()
    try:
        with _servers(folder, database, host) as servers, Onlooker() as onlooker:
            own = _own_words(servers)
            ground, nursery = Ground(folder, servers), Nursery(folder / "nursery")
            gone = _gone(ground, nursery, (database, host), kills, seed)
            nursery.close()
            found = _named(folder, servers, ground.records, onlooker.arguments, own)
            print(f"{database:<11} {host:<7} {'searched':<16} {found.searched}, {len(found.traces)} found", flush=True)
            gone.problems += found.traces
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return gone


def _gone(ground: Ground, nursery: Nursery, where: tuple[str, str], kills: int, seed: int) -> Gone:
    reference = _reference(ground, nursery)
    every = _each_point(ground, nursery, reference)
    print(_row(*where, "each failpoint", every), flush=True)
    others = list(_other_commands(ground, nursery, possible(*where), every).values())
    print(_row(*where, "other commands", others), flush=True)
    killed = _killed([*every, *others])
    print(f"{where[0]:<11} {where[1]:<7} {'reached':<16} {len(killed)} of {len(points())} points", flush=True)
    rng = random.Random(f"{seed}/{where[0]}/{where[1]}")  # noqa: S311  moments
    chance = _at_random(ground, nursery, reference, kills, rng)
    print(_row(*where, "at random times", chance), flush=True)
    wrong = [text for one in (*every, *others, *chance) for text in one.wrong]
    return Gone(killed, wrong + _aborted(ground, nursery))


def _not_reached(killed: set[str], *, whole: bool) -> list[str]:
    """Tell the points that nothing was killed at, reason by reason; those without one, where all were gone through."""
    left = [point for point in points() if point not in killed]
    print(f"\n{len(killed)} of {len(points())} points were killed at; not these {len(left)}:")
    for pattern, reason in ELSEWHERE.items():
        if among := [point for point in left if is_among(point, [pattern])]:
            print(f"  {', '.join(among)}\n      {reason}")
    bare = [point for point in left if not is_among(point, ELSEWHERE)]
    if bare and not whole:
        print(f"  {', '.join(bare)}\n      of another configuration, perhaps")
    return [f"neither killed at nor explained: {point}" for point in bare] if whole else []


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", choices=("sqlite", "postgresql"), help="both, unless one is named")
    options.add_argument("--host", choices=("folder", "s3"), help="both, unless one is named")
    options.add_argument("--random", type=int, default=50, help="kills at random times, a configuration")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--at-once", type=int, default=1, help="configurations gone through beside each other")
    _go_through(options.parse_args())


def _go_through(asked: argparse.Namespace) -> NoReturn:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, Python {platform.python_version()}, seed {asked.seed}, "
        f"{asked.at_once} at once on {os.cpu_count()} processors\n"
    )
    print(
        f"{'database':<11} {'host':<7} {'killed':<16} {'kills':>5} {'stations':>9} {'seconds':>8} {'wrong':>6}",
        flush=True,
    )
    if lacking := sorted(MACHINE - machine()):
        print(f"scenarios that need this are left out here: {', '.join(lacking)}", flush=True)
    began = time.monotonic()
    databases = (asked.database,) if asked.database else ("postgresql", "sqlite")  # the longest first
    wanted = list(product(databases, (asked.host,) if asked.host else ("s3", "folder")))
    with ProcessPoolExecutor(asked.at_once, mp_context=get_context("spawn")) as pool:
        going = [pool.submit(_configuration, *where, asked.random, asked.seed) for where in wanted]
        gone = [one.result() for one in going]
    problems = [problem for one in gone for problem in one.problems]
    whole = not asked.database and not asked.host
    problems += _not_reached({point for one in gone for point in one.killed}, whole=whole)
    print(f"\n{len(problems)} wrong, in {time.monotonic() - began:.0f} s")
    print(*problems, sep="\n")
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()
