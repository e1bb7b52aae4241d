"""A folder that goes away and comes back, under the daemon: the drop folder, the host's; and hosts that lie."""

import shutil
from pathlib import Path

import pytest

from lexicon.faults import EXIT_HOST, EXIT_WAITING
from pipeline.office.tasks import kept
from tests.lying_host import Lie, lying_host
from tests.s3_fixtures import section
from tests.trial_fixtures import TODAY, Trial
from tests.wrong_fixtures import ENDS, drop, mounted, settled, unmount, watching, whole


def test_a_drop_folder_that_is_renamed_away_is_waited_for(site: Trial, scan: Path) -> None:
    with watching(site) as daemon:
        site.inbox.rename(site.folder / "elsewhere")
        daemon.until(lambda: [line["back"] for line in daemon.of_kind("inbox")] == [False])
        (site.folder / "elsewhere").rename(site.inbox)
        drop(site, scan)
        daemon.until(lambda: settled(daemon) == ENDS)
        assert [line["back"] for line in daemon.of_kind("inbox")] == [False, True]
        assert daemon.stop() == 0
    whole(site, deposited=1)


def test_a_drop_folder_that_is_unmounted_is_waited_for_and_nothing_is_put_beneath_it(site: Trial, scan: Path) -> None:
    with mounted(site.inbox, 16) as small:
        mirror = site.folder / "mirror"
        _bind(small.folder, mirror)
        try:
            with watching(site) as daemon:
                unmount(site.inbox)
                daemon.until(lambda: [line["back"] for line in daemon.of_kind("inbox")] == [False])
                assert not list(site.inbox.iterdir()), "the empty mount point is not the drop folder"
                shutil.copyfile(scan, mirror / scan.name)
                _bind(mirror, site.inbox)
                daemon.until(lambda: settled(daemon) == ENDS)
                assert daemon.stop() == 0
            assert not (mirror / scan.name).exists()
            whole(site, deposited=1)
        finally:
            unmount(mirror)


def _bind(source: Path, target: Path) -> None:
    import subprocess  # noqa: PLC0415

    target.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", source, target], check=True)


def test_a_host_folder_that_goes_away_under_the_daemon_is_tried_again_until_it_is_back(site: Trial, scan: Path) -> None:
    with watching(site) as daemon:
        site.host.rename(site.folder / "elsewhere")
        drop(site, scan)
        daemon.until(lambda: _faults(site) == {"host-unreachable"})
        assert "deposited" not in settled(daemon)
        assert not site.host.exists(), "what is not mounted is not made"
        assert list((site.home / "sealed").glob("*.p7m")), "nothing is purged before the receipt"
        (site.folder / "elsewhere").rename(site.host)
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
    whole(site, deposited=1)


def _faults(site: Trial) -> set[str]:
    with site.opened() as station:
        return {one["fault"] for one in kept(station)}


@pytest.mark.parametrize(("lie", "fault"), [(Lie.HANGS, "host-slow"), (Lie.REFUSES, "host-refused")])
def test_a_host_that_hangs_or_refuses_stops_the_run_before_anything_is_taken(
    site: Trial, scan: Path, tmp_path: Path, lie: Lie, fault: str
) -> None:
    with lying_host() as server:
        _at(site, section(server.settings(tmp_path)))
        lying = drop(site, scan)
        server.lie = lie
        ran = site.run("--as-of", TODAY.isoformat(), "process", site.inbox, "--json")
    assert (ran.code, ran.out) == (EXIT_HOST, "")
    assert fault in ran.err
    assert lying.exists()


@pytest.mark.parametrize(("lie", "fault"), [(Lie.HANGS, "host-slow"), (Lie.REFUSES, "host-refused")])
def test_a_host_that_hangs_or_refuses_under_the_daemon_is_tried_again_until_it_takes(
    site: Trial, scan: Path, tmp_path: Path, lie: Lie, fault: str
) -> None:
    with lying_host() as server:
        _at(site, section(server.settings(tmp_path)))
        with watching(site) as daemon:
            server.lie = lie
            drop(site, scan)
            daemon.until(lambda: _faults(site) == {fault})
            assert "deposited" not in settled(daemon)
            assert list((site.home / "sealed").glob("*.p7m")), "nothing is purged before the receipt"
            server.lie = Lie.NONE
            daemon.until(lambda: settled(daemon) == ENDS)
            assert daemon.stop() == 0
        whole(site, deposited=1)


def _kept_by(site: Trial) -> set[str]:
    """Read from the rows alone: the host is not asked."""
    with site.opened() as station:
        return {one["fault"] for one in kept(station)}


@pytest.mark.slow
def test_a_slow_host_costs_time_alone(site: Trial, scan: Path, tmp_path: Path) -> None:
    with lying_host() as server:
        _at(site, section(server.settings(tmp_path)))
        drop(site, scan)
        server.lie = Lie.SLOW
        ran = site.run("--as-of", TODAY.isoformat(), "process", site.inbox, "--json")
        assert ran.code == EXIT_WAITING, ran.err
        assert sorted(line["outcome"] for line in ran.of_kind("document")) == ENDS
        whole(site, deposited=1)


_LIES = [pytest.param(Lie.LOSES, id="loses"), pytest.param(Lie.FULL, id="full")]
_SLOW = (Lie.TRUNCATES, Lie.CORRUPTS, Lie.SERVES_OLD)
_MORE = [pytest.param(lie, id=lie.name.lower(), marks=pytest.mark.slow) for lie in _SLOW]


@pytest.mark.parametrize("lie", [*_LIES, *_MORE])
def test_the_program_at_a_host_that_lies_ends_with_7_and_comes_to_its_end_once_it_is_honest(
    site: Trial, scan: Path, tmp_path: Path, lie: Lie
) -> None:
    with lying_host() as server:
        _at(site, section(server.settings(tmp_path)))
        drop(site, scan)
        server.lie = lie
        ran = site.run("--as-of", TODAY.isoformat(), "process", site.inbox, "--json")
        assert ran.code == EXIT_HOST, ran.err
        assert "deposited" not in {line["outcome"] for line in ran.of_kind("document")}
        assert ran.accounts["images"]["balanced"]
        assert list((site.home / "sealed").glob("*.p7m"))
        server.lie = Lie.NONE
        codes = [site.run("--as-of", TODAY.isoformat(), "process", site.inbox).code for _ in range(2)]
        assert codes[-1] == 0, codes
        whole(site, deposited=1)


def _at(site: Trial, block: str) -> None:
    text = site.config.read_text(encoding="utf-8")
    head, _, rest = text.partition("[host]\n")
    after = rest[rest.index("\n[") :] if "\n[" in rest else ""
    site.config.write_text(f"{head}{block}{after}", encoding="utf-8")
