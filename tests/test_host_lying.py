"""Hosts that lie, hang, break off or are full: no receipt for what is not there, and once they behave, one deposit.

Each lie is told by a real server over a real connection; the station believes only what it read back and compared.
"""

import os
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from lexicon.faults import HostFault
from storage.deposit import DamagedFault, deposit
from storage.envelope import Sealed
from storage.hosts import Host, Stored
from storage.hosts.opening import open_host
from storage.receipt import Receipt
from tests.envelope_fixtures import NOW, cleared, sealed_at
from tests.lying_host import Lie, LyingHost, lying_host
from tests.s3_fixtures import STATION, free_ports

KEY = "poste-1/0a1b.p7m"

FAULTS = {
    Lie.HANGS: {"host-slow"},
    Lie.DRIPS: {"host-slow"},
    Lie.REFUSES: {"host-refused"},
    Lie.FULL: {"host-full"},
    Lie.BUSY: {"host-busy"},
    Lie.FAILS: {"host-failing"},
    Lie.LOSES: {"host-object-missing"},
    Lie.TRUNCATES: {"receipt-mismatch"},
    Lie.CORRUPTS: {"receipt-mismatch"},
    Lie.SERVES_OLD: {"receipt-mismatch"},
    Lie.DROPS_THE_PUT: {"host-unreachable"},
    Lie.DROPS_THE_ANSWER: {"host-unreachable"},
    Lie.DROPS_THE_READ: {"host-unreachable"},
    Lie.GARBAGE: {"receipt-mismatch", "host-conflict"},
    Lie.REDIRECTS: {"host-elsewhere"},
    Lie.ENDLESS: {"receipt-mismatch"},
    Lie.TALKS_ENDLESSLY: {"host-failing", "receipt-mismatch", "host-unreachable"},
    Lie.FAILS_WITHIN_SUCCESS: {"host-failing", "host-object-missing"},
    Lie.NAMES_ANOTHER_VERSION: {"host-object-missing"},
}
"""What each lie is taken for."""
HONEST = (Lie.NONE, Lie.SLOW, Lie.NO_SUCH_CONDITION)
WITH_ANOTHERS_OBJECT = (Lie.REPLACES, Lie.PRETENDS)
AGAIN = 2
"""Attempts after which an honest host has the envelope: one may go to clear a damaged copy away."""


@pytest.fixture
def server() -> Iterator[LyingHost]:
    with lying_host() as running:
        yield running


@pytest.fixture
def host(server: LyingHost, tmp_path: Path) -> Iterator[Host]:
    with closing(open_host(server.settings(tmp_path), tmp_path, STATION)) as opened:
        yield opened


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return sealed_at(tmp_path / "x.p7m", os.urandom(40_000))


def attempt(host: Host, sealed: Sealed, folder: Path) -> Receipt | str:
    """The receipt, or the fault's code."""
    try:
        return deposit(folder / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    except DamagedFault as fault:
        host.delete(KEY)  # as the station has it, once the key is given up
        return fault.code
    except HostFault as fault:
        return fault.code


def test_every_lie_is_tried() -> None:
    assert FAULTS.keys() | set(HONEST) | set(WITH_ANOTHERS_OBJECT) == set(Lie)


@pytest.mark.parametrize("lie", FAULTS, ids=lambda lie: lie.name.lower())
def test_a_lie_gets_no_receipt_and_afterwards_everything_is_deposited_once(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path, lie: Lie
) -> None:
    server.lie = lie
    began = time.monotonic()
    assert attempt(host, sealed, tmp_path) in FAULTS[lie]
    assert time.monotonic() - began < 10
    assert server.elsewhere == 0
    server.lie = Lie.NONE
    said = [attempt(host, sealed, tmp_path) for _ in range(AGAIN)]
    assert isinstance(said[-1], Receipt), said
    assert server.objects == {KEY: (tmp_path / "x.p7m").read_bytes()}


@pytest.mark.parametrize("lie", FAULTS, ids=lambda lie: lie.name.lower())
def test_a_lie_about_what_is_there_already_gets_no_receipt_where_it_is_not(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path, lie: Lie
) -> None:
    """A retry over an object that is right: it is proven or there is no receipt, and it is there at the end."""
    whole = (tmp_path / "x.p7m").read_bytes()
    server.objects[KEY] = whole
    server.lie = lie
    said = attempt(host, sealed, tmp_path)
    assert isinstance(said, str) or server.objects == {KEY: whole}
    server.lie = Lie.NONE
    assert any(isinstance(attempt(host, sealed, tmp_path), Receipt) for _ in range(AGAIN))
    assert server.objects == {KEY: whole}


@pytest.mark.parametrize("lie", WITH_ANOTHERS_OBJECT, ids=lambda lie: lie.name.lower())
def test_a_host_that_ignores_the_condition_gives_no_receipt_for_anothers_object(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path, lie: Lie
) -> None:
    server.objects[KEY] = other = os.urandom(sealed.size)
    server.lie = lie
    said = attempt(host, sealed, tmp_path)
    if lie is Lie.PRETENDS:
        assert said == "receipt-mismatch"
        assert server.objects[KEY] == other
    else:
        # What it hid is gone by the host's doing; the receipt is for what is there.
        assert isinstance(said, Receipt)
        assert server.objects[KEY] == (tmp_path / "x.p7m").read_bytes()


@pytest.mark.parametrize("lie", HONEST, ids=lambda lie: lie.name.lower())
def test_a_host_that_is_merely_different_is_no_liar(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path, lie: Lie
) -> None:
    server.lie = lie
    assert isinstance(attempt(host, sealed, tmp_path), Receipt)
    assert server.objects == {KEY: (tmp_path / "x.p7m").read_bytes()}
    assert isinstance(attempt(host, sealed, tmp_path), Receipt)


def test_a_host_without_the_condition_is_looked_at_before_anything_is_put(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path
) -> None:
    server.lie = Lie.NO_SUCH_CONDITION
    server.objects[KEY] = other = os.urandom(sealed.size)
    assert attempt(host, sealed, tmp_path) == "host-conflict"
    assert server.objects == {KEY: other}


@pytest.mark.parametrize(
    "lie", [Lie.ENDLESS, Lie.DRIPS, Lie.TALKS_ENDLESSLY, Lie.HANGS], ids=lambda lie: lie.name.lower()
)
def test_no_verb_waits_or_reads_for_ever(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path, lie: Lie
) -> None:
    assert isinstance(attempt(host, sealed, tmp_path), Receipt)
    server.lie = lie
    for verb in (lambda: list(host.list("")), lambda: host.head(KEY), lambda: host.delete(KEY)):
        began = time.monotonic()
        with suppress(HostFault):
            verb()
        assert time.monotonic() - began < 10


def test_a_host_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with lying_host() as server:
        settings = server.settings(tmp_path)
    (port,) = free_ports(1)
    for endpoint in (settings.endpoint, f"http://127.0.0.1:{port}", "http://nowhere.invalid"):
        with pytest.raises(HostFault, match="host-unreachable"):
            open_host(replace(settings, endpoint=endpoint), tmp_path, STATION)


def test_what_a_host_says_never_comes_out_of_the_adapter(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path
) -> None:
    for lie in FAULTS:
        server.lie = lie
        if lie in {Lie.HANGS, Lie.DRIPS}:
            continue
        with pytest.raises(HostFault) as told:
            deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
        assert told.value.__suppress_context__ or told.value.__context__ is None or lie in FAULTS
        assert told.value.__cause__ is None
        assert told.value.args == (told.value.code,)
        server.objects.clear()


def test_a_head_that_lies_about_the_size_changes_nothing(
    server: LyingHost, host: Host, sealed: Sealed, tmp_path: Path
) -> None:
    server.objects[KEY] = (tmp_path / "x.p7m").read_bytes()
    found = host.head(KEY)
    assert found == Stored(KEY, sealed.size, None)
    assert isinstance(attempt(host, sealed, tmp_path), Receipt)
    assert server.asked["PUT"] == 0
