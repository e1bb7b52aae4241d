"""A bucket as host (Amazon S3 API), at any provider: created once, read back by version, locked when it is proven.

Nothing that the host answers is believed: `storage.deposit` reads the object back and compares. The checks here make
accidents seen early: a SHA-256 goes with every put, a condition with every creation, and where the host ignores the
condition, the look just before it leaves only the moment between the two.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from lexicon.faults import HostFault, TamperFault
from storage.effects import effect
from storage.files import disk_faults
from storage.hosts import Absent, AlreadyThere, Created, Sink, Stored, is_key, require_key, require_prefix
from storage.hosts.kept import Kept
from storage.hosts.s3_client import open_client
from storage.hosts.s3_faults import code_of, http_of, s3_faults
from storage.hosts.s3_upload import Uploads, parts_of
from storage.hosts.s3_versions import UNKNOWN_DAY, Versions
from storage.hosts.settings import S3Settings

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

_CHUNK: Final = 256 << 10
_ORPHANED: Final = timedelta(days=2)
"""Age after which an unfinished upload is nobody's: a retry comes within minutes, and begins anew if it must."""
_PRECONDITION: Final = 412
_NOT_IMPLEMENTED: Final = 501
_UNVERSIONED: Final = "null"
"""How S3 names the one version of an object in a bucket that keeps none."""


class S3Host:
    """A bucket. Threads may share it."""

    def __init__(self, settings: S3Settings, base: Path) -> None:
        """Nothing is asked of the host yet; `require_reachable` does."""
        self._settings, self._bucket = settings, settings.bucket
        self._client, self._wire = open_client(settings, base)
        self._headers: dict[str, Any] = {"ServerSideEncryption": settings.encryption} if settings.encryption else {}
        self._uploads = Uploads(self._client, self._bucket, self._headers)
        self._versions = Versions(self._client, self._bucket, settings.retention)

    @property
    def name(self) -> str:
        return f"s3://{urlsplit(self._settings.endpoint).netloc}/{self._bucket}"

    @property
    def client(self) -> "S3Client":
        """For the probes of `storage.hosts.s3_probe`."""
        return self._client

    @property
    def settings(self) -> S3Settings:
        return self._settings

    def require_reachable(self) -> None:
        """Raise `HostFault` unless the bucket answers and lets itself be listed."""
        with s3_faults():
            self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1)

    def sweep(self, prefix: str, now: datetime | None = None) -> None:
        """Abort the uploads under a prefix that nobody goes on with any more."""
        before = (now or datetime.now(UTC)) - _ORPHANED
        for one in self._uploads.unfinished(prefix):
            if one.since < before:
                self._uploads.abandon(one.key, one.upload)

    def create(self, key: str, source: Path, sha256: str, size: int) -> Created | AlreadyThere:
        """As the port; in parts above the configured size."""
        require_key(key)
        if isinstance(self.head(key), Stored):
            if size > self._settings.multipart_threshold:
                self._abandon_uploads(key)
            return AlreadyThere()
        with disk_faults():
            stream = source.open("rb")
        with stream:
            _require_announced(stream, sha256, size)
            if size <= self._settings.multipart_threshold:
                return self._put(key, stream, sha256, size)
            return self._put_in_parts(key, stream, size)

    def head(self, key: str) -> Stored | Absent:
        require_key(key)
        with s3_faults():
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if http_of(error) == 404:  # noqa: PLR2004  HTTP
                    return Absent()
                raise
            return Stored(key, found["ContentLength"], _version(found))

    def read(self, key: str, target: Sink, version: str | None = None) -> Stored:
        require_key(key)
        asked: Any = {} if version is None else {"VersionId": version}
        with s3_faults():
            found = self._client.get_object(Bucket=self._bucket, Key=key, **asked)
        size = 0
        with closing(found["Body"]) as body:
            if version is not None and _version(found) != version:
                raise HostFault("host-object-missing")
            while chunk := _chunk(body):
                target.write(chunk)
                size += len(chunk)
        return Stored(key, size, _version(found))

    def retain(self, stored: Stored, at: datetime) -> None:
        """As the port, by object lock on the very version that was read back."""
        self._versions.retain(stored, at)

    def delete(self, key: str, version: str | None = None) -> None:
        """As the port. What is left of an upload in parts goes too, unless one version is named."""
        require_key(key)
        if version is not None:
            self._versions.delete_one(key, version)
            return
        self._abandon_uploads(key)
        self._versions.delete_all(key, self.head(key))
        if isinstance(self.head(key), Stored):
            raise HostFault("host-retains", until=UNKNOWN_DAY)

    def kept(self, key: str) -> tuple[Kept, ...]:
        """Versions, delete markers and locks (`storage.hosts.kept`)."""
        require_key(key)
        listed = self._versions.kept(key)
        if listed is not None:
            return listed
        there = self.head(key)
        return (Kept(there.version, there.size),) if isinstance(there, Stored) else ()

    def list(self, prefix: str) -> Iterator[Stored]:
        """As the port; sorted here, since not every host does. Consoles lay folders there: keys that end with `/`."""
        require_prefix(prefix)
        with s3_faults():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            found = [
                Stored(one["Key"], one["Size"], version=None) for page in pages for one in page.get("Contents", [])
            ]
        ours = (one for one in found if one.key.startswith(prefix) and is_key(one.key))
        yield from sorted(ours, key=lambda one: one.key)

    def close(self) -> None:
        self._client.close()
        self._wire.close()

    def _put(self, key: str, stream: BinaryIO, sha256: str, size: int) -> Created | AlreadyThere:
        digest = b64encode(bytes.fromhex(sha256)).decode()

        def put(**condition: str) -> Any:
            stream.seek(0)
            with effect("s3.put"):
                return self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=stream,
                    ContentLength=size,
                    ContentType="application/octet-stream",
                    ChecksumSHA256=digest,
                    **condition,  # type: ignore[arg-type]  # IfNoneMatch
                    **self._headers,
                )

        return self._created(put)

    def _put_in_parts(self, key: str, stream: BinaryIO, size: int) -> Created | AlreadyThere:
        parts = list(parts_of(stream, size, self._settings.part_size))
        upload, held = self._uploads.send(key, stream, parts)

        def complete(**condition: str) -> Any:
            with effect("s3.complete"):
                return self._client.complete_multipart_upload(
                    Bucket=self._bucket,
                    Key=key,
                    UploadId=upload,
                    MultipartUpload={"Parts": held},  # type: ignore[typeddict-item]  # made by `Uploads`
                    **condition,  # type: ignore[arg-type]  # IfNoneMatch
                )

        made = self._created(complete)
        self._abandon_uploads(key)
        return made

    def _created(self, put: Any) -> Created | AlreadyThere:
        """Put on the condition that nothing is there; without it where the host knows no such condition."""
        with s3_faults():
            try:
                made = put(IfNoneMatch="*")
            except ClientError as error:
                if http_of(error) == _PRECONDITION or code_of(error) == "PreconditionFailed":
                    return AlreadyThere()
                if http_of(error) != _NOT_IMPLEMENTED:
                    raise
                made = put()
            return Created(_version(made))

    def _abandon_uploads(self, key: str) -> None:
        for one in self._uploads.unfinished(key):
            if one.key == key:
                self._uploads.abandon(key, one.upload)


def _chunk(body: "StreamingBody") -> bytes:
    with s3_faults():
        return body.read(_CHUNK)


def _version(answer: Any) -> str | None:
    """As the host names it; None where it keeps no versions."""
    named = answer.get("VersionId")
    return None if named in {None, "", _UNVERSIONED} else str(named)


def _require_announced(stream: BufferedReader, sha256: str, size: int) -> None:
    """Raise `TamperFault("sealed-changed")` unless the file is what it was announced to be."""
    with disk_faults():
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        if stream.tell() != size or found != sha256:
            raise TamperFault("sealed-changed")
