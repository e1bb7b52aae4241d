"""A real bucket: parts that go on after a kill, versions, locks, roots, accounts; nothing taken from the account."""

import hashlib
import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lexicon.faults import HostFault, StationFault
from storage.deposit import deposit
from storage.hosts import Absent, Created, Sink, Stored
from storage.hosts.opening import open_host
from storage.hosts.s3 import S3Host
from storage.hosts.settings import LockMode, Retention, S3Settings
from tests.envelope_fixtures import cleared, sealed_at
from tests.s3_fixtures import READER, STATION, Seaweed

KEY = "poste-1/0a1b.p7m"
PART = 5 << 20
HOUSE = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def plain(seaweed: Seaweed) -> S3Settings:
    return seaweed.bucket()


@pytest.fixture(scope="module")
def locking(seaweed: Seaweed) -> S3Settings:
    return seaweed.bucket(lock=True)


@pytest.fixture
def in_parts(plain: S3Settings, seaweed: Seaweed) -> Iterator[S3Host]:
    with closing(seaweed.host(replace(plain, multipart_threshold=PART, part_size=PART))) as host:
        yield host
        host.delete(KEY)


def source_of(folder: Path, content: bytes) -> tuple[Path, str, int]:
    path = folder / "source"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest(), len(content)


def content_of(host: S3Host, key: str = KEY, version: str | None = None) -> bytes:
    target = io.BytesIO()
    host.read(key, target, version)
    return target.getvalue()


def uploads(host: S3Host, prefix: str = "") -> list[Any]:
    found = host.client.list_multipart_uploads(Bucket=host.settings.bucket, Prefix=prefix)
    return list(found.get("Uploads", []))


# --- Parts ------------------------------------------------------------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from storage.hosts.s3 import S3Host
from storage.hosts.settings import S3Settings
endpoint, bucket, access, secret, part, source, sha256, size = sys.argv[1:]
settings = S3Settings(
    endpoint, bucket, access, secret, multipart_threshold=int(part), part_size=int(part), attempts=1
)
host = S3Host(settings, Path("/"))
print(host.create("poste-1/0a1b.p7m", Path(source), sha256, int(size)))
host.close()
"""


def put_by_child(settings: S3Settings, source: tuple[Path, str, int], failpoint: str, notes: Path) -> int:
    """Another process puts the object; how it ended."""
    command = [
        sys.executable, "-c", CHILD, settings.endpoint, settings.bucket, settings.access_key, settings.secret_key,
        str(PART), *map(str, source),
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), "LIASSE_FAILPOINT": failpoint,
        "LIASSE_FAILPOINT_NOTES": str(notes),
    }  # fmt: skip
    return subprocess.run(command, env=environment, check=False, timeout=60, capture_output=True).returncode


@pytest.mark.parametrize("killed_at", ["s3.part:after@2", "s3.complete:before", "s3.complete:after"])
def test_killed_amid_its_parts_an_upload_goes_on_with_those_that_are_missing(
    in_parts: S3Host, tmp_path: Path, killed_at: str
) -> None:
    content = os.urandom(3 * PART + 1000)
    source, notes = source_of(tmp_path, content), tmp_path / "notes"
    notes.touch()
    assert put_by_child(in_parts.settings, source, f"{killed_at}=kill", tmp_path / "killed") == -9
    assert put_by_child(in_parts.settings, source, "*=note", notes) == 0
    reached = notes.read_text(encoding="ascii").splitlines()
    assert reached.count("s3.part:after") == (2 if "part" in killed_at else 0)
    assert "s3.begin:after" not in reached
    assert content_of(in_parts) == content
    assert uploads(in_parts, KEY) == []


def test_a_part_that_is_not_ours_is_sent_again(in_parts: S3Host, tmp_path: Path) -> None:
    content = os.urandom(PART + 1000)
    bucket = in_parts.settings.bucket
    begun = in_parts.client.create_multipart_upload(Bucket=bucket, Key=KEY)["UploadId"]
    for number, body in ((1, os.urandom(PART)), (2, content[PART:])):
        in_parts.client.upload_part(Bucket=bucket, Key=KEY, UploadId=begun, PartNumber=number, Body=body)
    assert isinstance(in_parts.create(KEY, *source_of(tmp_path, content)), Created)
    assert content_of(in_parts) == content
    assert uploads(in_parts, KEY) == []


def test_uploads_of_ours_that_nobody_goes_on_with_are_aborted_and_others_stay(
    in_parts: S3Host, seaweed: Seaweed
) -> None:
    bucket = in_parts.settings.bucket
    for key in ("poste-1/orphan.p7m", "poste-2/orphan.p7m"):
        in_parts.client.create_multipart_upload(Bucket=bucket, Key=key)
    seaweed.host(in_parts.settings).close()
    assert len(uploads(in_parts)) == 2, "one that has just begun is somebody's"
    in_parts.sweep("poste-1/", datetime.now(UTC) + timedelta(days=3))
    (left,) = uploads(in_parts)
    assert left["Key"] == "poste-2/orphan.p7m"
    in_parts.sweep("poste-2/", datetime.now(UTC) + timedelta(days=3))


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_a_receipt_names_its_version_and_that_one_is_read_whatever_lies_over_it(
    locking: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    key = "poste-1/version.p7m"
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(20_000))
    with closing(seaweed.host(locking)) as host:
        receipt = deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=datetime.now(UTC))
        assert receipt.object_version
        host.client.put_object(Bucket=locking.bucket, Key=key, Body=b"by another tool")
        assert content_of(host, key) == b"by another tool"
        assert content_of(host, key, receipt.object_version) == (tmp_path / "x.p7m").read_bytes()
        host.client.delete_object(Bucket=locking.bucket, Key=key)
        assert content_of(host, key, receipt.object_version) == (tmp_path / "x.p7m").read_bytes()
        host.delete(key)
        assert "Versions" not in host.client.list_object_versions(Bucket=locking.bucket, Prefix=key)
        with pytest.raises(HostFault):
            content_of(host, key, receipt.object_version)


# --- Locks ------------------------------------------------------------------------------------------------------------


def test_what_was_read_back_is_locked_and_a_retry_does_not_lengthen_it(
    locking: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    key, at = "poste-1/governed.p7m", datetime.now(UTC)
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(20_000))
    with closing(seaweed.host(replace(locking, retention=Retention(LockMode.GOVERNANCE, 30)))) as host:
        first = deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=at)
        locked = host.client.get_object_retention(Bucket=locking.bucket, Key=key)["Retention"]
        assert locked["Mode"] == "GOVERNANCE"
        assert locked["RetainUntilDate"] == (at + timedelta(days=30)).replace(microsecond=0)
        deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=at + timedelta(hours=1))
        assert host.client.get_object_retention(Bucket=locking.bucket, Key=key)["Retention"] == locked
        version = str(first.object_version)
        with pytest.raises(Exception, match="AccessDenied"):
            host.client.delete_object(Bucket=locking.bucket, Key=key, VersionId=version)
        host.delete(key)
        assert host.head(key) == Absent(), "an account with the right lifts a governed lock"


def test_of_a_damaged_object_the_version_that_was_read_is_removed_alone(
    locking: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    """What another worker put over it meanwhile, and has its receipt for, stays."""
    key, at = "poste-1/damaged.p7m", datetime.now(UTC)
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(20_000))
    whole = (tmp_path / "x.p7m").read_bytes()
    (tmp_path / "cut").write_bytes(whole[:-5_000])
    with closing(seaweed.host(locking)) as host:
        cut = tmp_path / "cut"
        host.create(key, cut, hashlib.sha256(cut.read_bytes()).hexdigest(), cut.stat().st_size)
        read = host.read

        def overtaken(key: str, target: Sink, version: str | None = None) -> Stored:
            found = read(key, target, version)
            host.client.put_object(Bucket=locking.bucket, Key=key, Body=whole)
            return found

        host.read = overtaken  # type: ignore[method-assign]  # for one call
        with pytest.raises(HostFault, match="receipt-mismatch"):
            deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=at)
        host.read = read  # type: ignore[method-assign]
        versions = host.client.list_object_versions(Bucket=locking.bucket, Prefix=key)["Versions"]
        assert (content_of(host, key), len(versions)) == (whole, 1)
        host.delete(key)


def test_under_compliance_nobody_erases_and_the_day_is_said(
    locking: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    key, at = "poste-1/complied.p7m", datetime.now(UTC)
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(20_000))
    with closing(seaweed.host(replace(locking, retention=Retention(LockMode.COMPLIANCE, 3)))) as host:
        deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=at)
        with pytest.raises(HostFault) as told:
            host.delete(key)
        assert (told.value.code, told.value.facts) == (
            "host-retains",
            {"until": (at + timedelta(days=3)).date().isoformat()},
        )
        assert content_of(host, key) == (tmp_path / "x.p7m").read_bytes()


def test_without_the_lock_that_is_asked_for_there_is_no_receipt(
    plain: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    key = "poste-1/unlocked.p7m"
    sealed = sealed_at(tmp_path / "x.p7m", os.urandom(20_000))
    with closing(seaweed.host(replace(plain, retention=Retention(LockMode.GOVERNANCE, 30)))) as host:
        with pytest.raises(HostFault, match="host-lock-refused"):
            deposit(tmp_path / "x.p7m", sealed, key, host, cleared(), at=datetime.now(UTC))
        host.delete(key)


# --- Addresses, roots, accounts ---------------------------------------------------------------------------------------


def test_a_bucket_is_reached_by_its_own_name_too(
    plain: S3Settings, seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    found = socket.getaddrinfo

    def loopback(host: str, *rest: Any, **named: Any) -> Any:
        asked.append(host)
        return found("127.0.0.1" if host.endswith("localhost") else host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", loopback)
    named = replace(plain, endpoint=f"http://localhost:{seaweed.port}", addressing="virtual")
    with closing(seaweed.host(named)) as host:
        assert isinstance(host.create("poste-1/virtual", *source_of(tmp_path, b"x")), Created)
        assert content_of(host, "poste-1/virtual") == b"x"
        host.delete("poste-1/virtual")
    assert set(asked) == {f"{plain.bucket}.localhost"}


def test_a_host_that_no_known_root_vouches_for_gets_nothing(
    plain: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    tls = replace(seaweed.tls, bucket=plain.bucket)
    for settings in (replace(tls, ca=None), replace(tls, endpoint=f"https://127.0.0.1:{seaweed.port}")):
        with pytest.raises(HostFault) as told:
            open_host(settings, tmp_path, STATION)
        assert told.value.code in {"host-untrusted", "host-unreachable"}
    with pytest.raises(StationFault, match="host-ca-unreadable"):
        open_host(replace(tls, ca=tmp_path / "nowhere.crt"), tmp_path, STATION)


def test_each_refusal_of_an_account_or_a_bucket_is_told_apart(
    plain: S3Settings, seaweed: Seaweed, tmp_path: Path
) -> None:
    for name, content in (("reader", READER), ("wrong", "not-the-secret")):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    with pytest.raises(HostFault, match="host-refused"):
        seaweed.host(replace(plain, secret_key=f"file:{tmp_path / 'wrong'}"))
    with pytest.raises(HostFault, match="host-bucket-missing"):
        seaweed.host(replace(plain, bucket="nobody-has-this"))
    with pytest.raises(StationFault, match="secret-missing"):
        seaweed.host(replace(plain, secret_key="file:nowhere"))
    with (
        closing(seaweed.host(replace(plain, access_key=f"file:{tmp_path / 'reader'}"))) as host,
        pytest.raises(HostFault, match="host-refused"),
    ):
        host.create("poste-1/reader", *source_of(tmp_path, b"x"))


def test_nothing_is_taken_from_the_account_that_the_station_runs_under(
    plain: S3Settings, seaweed: Seaweed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:9\nregion = nowhere\n")
    strangers = {
        "AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_CA_BUNDLE": "/nowhere",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "9",
        "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "stranger",
    }  # fmt: skip
    for name, value in strangers.items():
        monkeypatch.setenv(name, value)
    with closing(seaweed.host(plain)) as host:
        assert isinstance(host.head("poste-1/none"), Absent)


def test_a_proxy_is_used_where_the_configuration_names_one(plain: S3Settings, seaweed: Seaweed) -> None:
    with pytest.raises(HostFault, match="host-unreachable"):
        seaweed.host(replace(plain, proxy="http://127.0.0.1:9"))


def test_the_secret_stands_in_no_settings_and_in_no_name(plain: S3Settings, seaweed: Seaweed) -> None:
    secret = (seaweed.folder / "secret").read_text(encoding="utf-8")
    with closing(seaweed.host(plain)) as host:
        assert secret not in repr(host.settings) + host.name
        assert host.name == f"s3://127.0.0.1:{seaweed.port}/{plain.bucket}"


def test_without_boto3_the_command_to_type_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['boto3'] = None\n"
        "from pathlib import Path\n"
        "from storage.hosts.opening import open_host\n"
        "from storage.hosts.settings import S3Settings\n"
        "from lexicon.faults import StationFault\n"
        "try:\n    open_host(S3Settings('http://h', 'b', 'env:A', 'env:B'), Path('/'), 'st')\n"
        "except StationFault as fault:\n    print(fault.code, fault.facts['install'])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)},
    )  # fmt: skip
    assert ran.stdout.strip() == "program-missing pip install 'liasse[s3]'"


def test_a_folder_host_needs_no_boto3(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom storage.hosts.opening import open_host\n"
        "from storage.hosts.settings import FolderSettings\n"
        "open_host(FolderSettings(Path(sys.argv[1])), Path('/'), 'st')\n"
        "assert not {'boto3', 'botocore'} & sys.modules.keys()\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)


def test_a_long_list_comes_whole_and_in_order(plain: S3Settings, seaweed: Seaweed, tmp_path: Path) -> None:
    with closing(seaweed.host(plain)) as host:
        keys = [f"poste-9/{hashlib.sha256(bytes([number])).hexdigest()}" for number in range(12)]
        for key in keys:
            host.create(key, *source_of(tmp_path, b"x"))
        assert list(host.list("poste-9/")) == [Stored(key, 1, None) for key in sorted(keys)]
        for key in keys:
            host.delete(key)
