"""What every host must do, whatever its protocol: the same tests over a folder and over a real bucket."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lexicon.faults import HostFault, TamperFault
from storage.deposit import DamagedFault, deposit
from storage.hosts import Absent, AlreadyThere, Created, Host, Stored
from storage.hosts.opening import open_host
from storage.hosts.settings import FolderSettings, S3Settings
from tests.envelope_fixtures import NOW, cleared, sealed_at
from tests.s3_fixtures import STATION, Seaweed

KEY = "poste-1/0a1b.p7m"
KINDS = ("folder", "s3", "s3 with versions", "s3 over TLS", "s3 in parts")
PART = 5 << 20


@pytest.fixture(scope="module", params=KINDS)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FolderSettings | S3Settings:
    if request.param == "folder":
        return FolderSettings(tmp_path_factory.mktemp("host"))
    seaweed: Seaweed = request.getfixturevalue("seaweed")
    bucket = seaweed.bucket(versions="versions" in request.param)
    match request.param:
        case "s3 over TLS":
            return replace(seaweed.tls, bucket=bucket.bucket)
        case "s3 in parts":
            return replace(bucket, multipart_threshold=4, part_size=PART)
        case _:
            return bucket


@pytest.fixture
def host(settings: FolderSettings | S3Settings, tmp_path: Path) -> Iterator[Host]:
    """Opened, empty before and after."""
    with closing(open_host(settings, tmp_path, STATION)) as opened:
        assert list(opened.list("")) == []
        yield opened
        for stored in opened.list(""):
            opened.delete(stored.key)


def object_of(folder: Path, content: bytes) -> tuple[Path, str, int]:
    path = folder / f"source-{hashlib.sha256(content).hexdigest()[:8]}"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest(), len(content)


def content_of(host: Host, key: str = KEY, version: str | None = None) -> bytes:
    target = io.BytesIO()
    host.read(key, target, version)
    return target.getvalue()


def test_an_object_is_created_read_listed_and_deleted(host: Host, tmp_path: Path) -> None:
    made = host.create(KEY, *object_of(tmp_path, b"envelope"))
    assert isinstance(made, Created)
    found = host.head(KEY)
    assert isinstance(found, Stored)
    assert (found.key, found.size, found.version) == (KEY, 8, made.version)
    assert content_of(host) == content_of(host, version=made.version) == b"envelope"
    host.create("poste-2/x.p7m", *object_of(tmp_path, b"other"))
    host.create("poste-1/checkpoints/1.txt", *object_of(tmp_path, b"note"))
    assert [stored.key for stored in host.list("")] == [KEY, "poste-1/checkpoints/1.txt", "poste-2/x.p7m"]
    assert [stored.size for stored in host.list("poste-1/")] == [8, 4]
    assert list(host.list("poste-3/")) == []
    host.delete(KEY)
    host.delete(KEY)
    assert host.head(KEY) == Absent()
    with pytest.raises(HostFault, match="host-object-missing"):
        content_of(host)


def test_an_object_is_never_replaced(host: Host, tmp_path: Path) -> None:
    host.create(KEY, *object_of(tmp_path, b"first"))
    assert host.create(KEY, *object_of(tmp_path, b"second")) == AlreadyThere()
    assert content_of(host) == b"first"


def test_an_object_of_no_bytes_is_an_object(host: Host, tmp_path: Path) -> None:
    host.create(KEY, *object_of(tmp_path, b""))
    assert host.create(KEY, *object_of(tmp_path, b"x")) == AlreadyThere()
    assert content_of(host) == b""


def test_of_many_who_create_at_once_one_does(host: Host, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made: list[Created | AlreadyThere] = []
    sources = [object_of(tmp_path, f"envelope {number}".encode()) for number in range(4)]
    start = threading.Barrier(len(sources))

    def create(source: tuple[Path, str, int]) -> None:
        start.wait()
        try:
            made.append(host.create(KEY, *source))
        except HostFault:
            made.append(AlreadyThere())

    threads = [threading.Thread(target=create, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    created = sum(isinstance(one, Created) for one in made)
    # SeaweedFS may complete the parts of two at once: reading back tells who of them has no receipt.
    assert created == 1 or (created > 1 and "parts" in request.node.name)
    assert content_of(host) in {source.read_bytes() for source, _, _ in sources}


def test_a_file_that_is_not_what_was_announced_is_not_stored(host: Host, tmp_path: Path) -> None:
    source, sha256, size = object_of(tmp_path, b"envelope")
    for content in (b"short", b"envelopf", b"envelope!"):
        source.write_bytes(content)
        with pytest.raises(TamperFault, match="sealed-changed"):
            host.create(KEY, source, sha256, size)
    assert host.head(KEY) == Absent()


def test_a_key_that_not_every_host_could_keep_is_refused(host: Host, tmp_path: Path) -> None:
    for key in ("", "/a", "a/", "a//b", "..", "a/../b", ".a", "a b", "é", "a\\b", "a\n", "x" * 600):
        for verb in (host.head, host.delete, lambda k: host.read(k, io.BytesIO())):
            with pytest.raises(HostFault, match="host-refused"):
                verb(key)
        with pytest.raises(HostFault, match="host-refused"):
            host.create(key, *object_of(tmp_path, b"x"))


def test_a_version_that_the_host_does_not_have_is_missing(host: Host, tmp_path: Path) -> None:
    host.create(KEY, *object_of(tmp_path, b"envelope"))
    with pytest.raises(HostFault) as told:
        content_of(host, version="6715c918000000000000000000000000")
    assert told.value.code in {"host-object-missing", "host-refused"}


def test_reading_stops_when_the_reader_has_had_enough(host: Host, tmp_path: Path) -> None:
    class Enough:
        def write(self, _chunk: bytes, /) -> int:
            raise HostFault("receipt-mismatch")

    host.create(KEY, *object_of(tmp_path, os.urandom(100_000)))
    with pytest.raises(HostFault, match="receipt-mismatch"):
        host.read(KEY, Enough())
    assert len(content_of(host)) == 100_000


def test_a_deposit_is_received_and_again_gives_the_same_receipt(host: Host, tmp_path: Path) -> None:
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(50_000))
    first = deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW) == first
    assert first.host == host.name
    assert content_of(host, version=first.object_version) == (tmp_path / "x.p7m").read_bytes()


@pytest.mark.parametrize("damage", ["cut", "one bit"])
def test_a_damaged_copy_goes_by_its_version_or_is_left_until_its_key_is_given_up(
    host: Host, tmp_path: Path, damage: str
) -> None:
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(50_000))
    whole = (tmp_path / "x.p7m").read_bytes()
    damaged = whole[:-9_000] if damage == "cut" else whole[:30_000] + bytes([whole[30_000] ^ 4]) + whole[30_001:]
    made = host.create(KEY, *object_of(tmp_path, damaged))
    assert isinstance(made, Created)
    with pytest.raises(HostFault, match="receipt-mismatch") as told:
        deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert isinstance(told.value, DamagedFault) == (made.version is None)
    assert isinstance(host.head(KEY), Stored if made.version is None else Absent)
    host.delete(KEY)
    deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert content_of(host) == whole


def test_another_envelope_under_the_key_is_a_conflict_and_stays(host: Host, tmp_path: Path) -> None:
    plaintext = os.urandom(50_000)
    sealed, _ = sealed_at(tmp_path / "x.p7m", plaintext), sealed_at(tmp_path / "y.p7m", plaintext)
    other = (tmp_path / "y.p7m").read_bytes()
    host.create(KEY, *object_of(tmp_path, other))
    with pytest.raises(HostFault, match="host-conflict"):
        deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert content_of(host) == other


def test_locking_without_a_configured_lock_does_nothing(host: Host, tmp_path: Path) -> None:
    host.create(KEY, *object_of(tmp_path, b"envelope"))
    found = host.head(KEY)
    assert isinstance(found, Stored)
    host.retain(found, datetime.now(UTC))
    host.delete(KEY)
    assert host.head(KEY) == Absent()
