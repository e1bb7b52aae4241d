"""No room left, and room again: the daemon says so once, loses nothing, and goes on by itself.

Each place that the station writes to is a file system of its own, of a few megabytes, filled to its last byte.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.office.tasks import kept
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import ENDS, Running, mounted, settled, watching, whole


def _shared(site: Trial) -> Path:
    _tell(site, "[station]\n", f'[station]\nshared = "{site.folder / "shared"}"\n')
    return site.folder / "shared"


def _database(site: Trial) -> Path:
    """Database and engine on a disk of their own."""
    folder = site.folder / "database"
    folder.mkdir(mode=0o700)
    for file in site.home.glob("station.db*"):
        file.rename(folder / file.name)
    with site.config.open("a", encoding="utf-8") as told:
        told.write(f'\n[database]\nurl = "sqlite:///{folder / "station.db"}"\n')
    return folder


def _tell(site: Trial, old: str, new: str) -> None:
    text = site.config.read_text(encoding="utf-8")
    assert text.count(old) == 1
    site.config.write_text(text.replace(old, new), encoding="utf-8")


PLACES: dict[str, tuple[Callable[[Trial], Path], str]] = {
    "station": (lambda site: site.home, "disk-full"),
    "shared": (_shared, "disk-full"),
    "host": (lambda site: site.host, "host-full"),
    "work": (lambda site: site.work, "work-unwritable"),
    "database": (_database, "disk-full"),
    "inbox": (lambda site: site.inbox, "disk-full"),
}
"""Place -> where it is, and what is told of it."""


def troubles(site: Trial, daemon: Running) -> set[str]:
    """What keeps the daemon, as it tells, or a file or a document, as `liasse task list` does."""
    told = {fault for fault, _ in daemon.hindered}
    if told:
        return told
    with site.opened() as station:
        return {one["fault"] for one in kept(station)}


@pytest.mark.parametrize("place", PLACES)
def test_full_and_room_again_the_daemon_goes_on_by_itself_and_nothing_is_lost(
    site: Trial, scan: Path, place: str
) -> None:
    where, told = PLACES[place]
    with mounted(where(site), 16) as small, watching(site) as daemon:
        coming = (site.inbox if place == "inbox" else site.folder) / "coming.part"
        shutil.copyfile(scan, coming)
        small.fill()
        coming.rename(site.inbox / scan.name)  # where the inbox is full, there is no room for a note of its name
        daemon.until(lambda: told in troubles(site, daemon))
        assert "deposited" not in settled(daemon)
        assert not list(site.host.rglob("*.p7m"))
        small.empty()
        daemon.until(lambda: settled(daemon) == ENDS)
        assert daemon.stop() == 0
        assert whole(site, deposited=1)["set-aside"] == 0
