"""What other people leave where the objects lie (copies, snapshots, links, pipes) keeps no station from working."""

import hashlib
import io
import os
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lexicon.faults import HostFault
from pipeline.batches import anchors, checkpoint
from pipeline.office.offsite import settle_backups
from storage.hosts import Absent, Host, Stored
from storage.hosts.folder import FolderHost
from tests.s3_fixtures import Seaweed
from tests.trial_fixtures import Trial

KEY = "poste-1/0a1b.p7m"
FOREIGN = (
    "copie de contrôle.txt",
    "000000000012 (copie).txt",
    "é.txt",
    "~$note.docx",
    ".snapshot/daily/000000000012.txt",
    "lost+found/x",
    "Nouveau dossier/000000000012.txt",
)
NOBODY = 65534

pytestmark = pytest.mark.timeout(120)
"""Opening a pipe unwarily waits for ever."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "host" / "poste-1").mkdir(parents=True)
    return tmp_path / "host"


def object_of(folder: Path, content: bytes = b"envelope") -> tuple[Path, str, int]:
    path = folder / "source"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest(), len(content)


def laid(folder: Path, name: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"foreign")
    return path


def keys(host: Host, prefix: str) -> list[str]:
    return [stored.key for stored in host.list(prefix)]


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link(path: Path) -> None:
    target = path.parents[2] / "elsewhere"
    target.write_bytes(b"not ours")
    path.symlink_to(target)


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def a_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


ODD = (a_pipe, a_folder, a_link, a_dangling_link, a_socket)


@contextmanager
def as_somebody() -> Iterator[Path]:
    """A folder that this account may read, and the process not root's: root may read everything."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def not_root() -> Iterator[None]:
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


# --- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOREIGN)
def test_a_folder_lists_its_objects_beside_a_foreign_name(root: Path, tmp_path: Path, name: str) -> None:
    host = FolderHost(root)
    host.create(KEY, *object_of(tmp_path))
    foreign = laid(root / "poste-1", name)
    assert list(host.list("poste-1/")) == [Stored(KEY, 8, version=None)]
    assert foreign.read_bytes() == b"foreign"


def test_a_bucket_lists_its_objects_beside_foreign_names(seaweed: Seaweed, tmp_path: Path) -> None:
    """Keys as other programs and a provider's console lay them, folders with a `/` at the end among them."""
    with closing(seaweed.host()) as host:
        host.create(KEY, *object_of(tmp_path))
        foreign = {f"poste-1/{name}" for name in (*FOREIGN, "backups/")}
        for key in foreign:
            host.client.put_object(Bucket=host.settings.bucket, Key=key, Body=b"foreign")
        assert keys(host, "poste-1/") == [KEY]
        assert keys(host, "poste-1/backups/") == []
        there = host.client.list_objects_v2(Bucket=host.settings.bucket)["Contents"]
        assert {one["Key"] for one in there} == {KEY, *foreign}


@pytest.mark.parametrize("lay", ODD)
def test_a_folder_lists_nothing_that_is_no_file(root: Path, tmp_path: Path, lay: Callable[[Path], None]) -> None:
    host = FolderHost(root)
    host.create(KEY, *object_of(tmp_path))
    lay(root / "poste-1" / "000000000012.txt")
    assert keys(host, "poste-1/") == [KEY]


def test_a_linked_folder_is_not_looked_into(root: Path, tmp_path: Path) -> None:
    host = FolderHost(root)
    host.create(KEY, *object_of(tmp_path))
    laid(tmp_path / "elsewhere", "x.p7m")
    (root / "poste-1" / "linked").symlink_to(tmp_path / "elsewhere")
    (root / "poste-1" / "around").symlink_to(root)
    assert keys(host, "poste-1/") == [KEY]


def test_an_object_that_goes_while_the_list_is_read_is_passed_over(root: Path, tmp_path: Path) -> None:
    host, names = FolderHost(root), [f"poste-1/{number}.p7m" for number in range(3)]
    for name in names:
        host.create(name, *object_of(tmp_path))
    listing = host.list("poste-1/")
    assert next(listing).key == names[0]
    (root / names[1]).unlink()
    assert [stored.key for stored in listing] == [names[2]]


def test_a_foreign_folder_that_nobody_may_read_is_passed_over_and_one_that_may_be_ours_is_told() -> None:
    """What ours holds must not be taken for gone: the ledger would say so for ever."""
    with as_somebody() as base:
        laid(base / "poste-1", "a.p7m")
        for name in ("lost+found", ".snapshot"):
            (base / "poste-1" / name).mkdir(0o000)
        (base / "poste-2").mkdir(0o000)
        with not_root():
            host = FolderHost(base)
            assert keys(host, "poste-1/") == ["poste-1/a.p7m"]
            with pytest.raises(HostFault, match="host-refused"):
                keys(host, "poste-2/")


# --- Opening ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lay", ODD)
def test_opening_leaves_what_is_no_unfinished_file(root: Path, lay: Callable[[Path], None]) -> None:
    odd, left = root / "poste-1" / ".x.p7m.0123.part", root / "poste-1" / ".y.p7m.0123.part"
    lay(odd)
    left.write_bytes(b"half")
    kind = stat.S_IFMT(odd.lstat().st_mode)
    FolderHost(root)
    assert stat.S_IFMT(odd.lstat().st_mode) == kind
    assert not left.exists()


def test_opening_does_not_look_for_unfinished_files_in_folders_of_no_key(root: Path) -> None:
    copy = laid(root, ".snapshot/daily/poste-1/.x.p7m.0123.part")
    FolderHost(root)
    assert copy.exists()


def test_an_unfinished_file_that_is_not_ours_to_remove_keeps_nobody_from_opening() -> None:
    with as_somebody() as base:
        part = laid(base / "poste-1", ".x.p7m.0123.part")
        (base / "poste-1").chmod(0o555)
        with not_root():
            assert FolderHost(base).head(KEY) == Absent()
        assert part.exists()


# --- One key ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lay", ODD)
def test_what_is_no_file_under_a_key_is_refused_and_not_waited_for(
    root: Path, tmp_path: Path, lay: Callable[[Path], None]
) -> None:
    host, content = FolderHost(root), io.BytesIO()
    lay(root / KEY)
    for verb in (
        lambda: host.head(KEY),
        lambda: host.read(KEY, content),
        lambda: host.create(KEY, *object_of(tmp_path)),
    ):
        with pytest.raises(HostFault, match="host-refused"):
            verb()
    assert content.getvalue() == b""
    assert os.path.lexists(root / KEY)


def test_no_verb_follows_a_linked_folder_out_of_the_host(root: Path, tmp_path: Path) -> None:
    outside = laid(tmp_path / "elsewhere", "x.p7m")
    (root / "poste-2").symlink_to(tmp_path / "elsewhere")
    host, key = FolderHost(root), "poste-2/x.p7m"
    for verb in (
        lambda: host.head(key),
        lambda: host.read(key, io.BytesIO()),
        lambda: host.create("poste-2/new/y.p7m", *object_of(tmp_path)),
        lambda: host.delete(key),
    ):
        with pytest.raises(HostFault, match="host-refused"):
            verb()
    assert list((tmp_path / "elsewhere").iterdir()) == [outside]


def test_a_file_where_a_folder_should_be_is_not_told_as_a_host_that_is_away(root: Path, tmp_path: Path) -> None:
    laid(root, "poste-2")
    with pytest.raises(HostFault, match="host-refused"):
        FolderHost(root).create("poste-2/x.p7m", *object_of(tmp_path))


def test_a_host_whose_folder_may_not_be_entered_refuses_every_verb(tmp_path: Path) -> None:
    source = object_of(tmp_path)
    with as_somebody() as base:
        (base / "share" / "host").mkdir(parents=True)
        host = FolderHost(base / "share" / "host")
        (base / "share").chmod(0o000)
        with not_root():
            for verb in (
                lambda: host.head(KEY),
                lambda: host.read(KEY, io.BytesIO()),
                lambda: host.create(KEY, *source),
                lambda: host.delete(KEY),
                lambda: keys(host, "poste-1/"),
            ):
                with pytest.raises(HostFault, match="host-refused"):
                    verb()
        (base / "share").chmod(0o700)


# --- The station ------------------------------------------------------------------------------------------------------


def test_a_station_works_on_beside_foreign_names(tmp_path: Path) -> None:
    trial, inbox = Trial.found(tmp_path / "one", verapdf="never"), tmp_path / "empty"
    inbox.mkdir()
    with trial.opened(None) as station:
        checkpoint(station)
    (anchor,) = trial.host.glob("*/checkpoints/*")
    for name in FOREIGN:
        for folder in ("checkpoints", "backups", "epochs", "records"):
            laid(trial.host / station.id / folder, name)
    ran = trial.run("process", inbox)
    assert ran.code == 0, ran.err
    with trial.opened(None) as station:
        settle_backups(station)
        assert next(key for key, _ in anchors(station.host, station.id)) == f"{station.id}/checkpoints/{anchor.name}"
    assert len([path for path in trial.host.rglob("*") if path.is_file() and path.read_bytes() == b"foreign"]) == 28
