"""What a bucket really does beside what every host must: conditions, checksums, versions, locks, parts, clock, TLS."""

import io
import secrets
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from cryptography import x509

from storage.hosts import Created
from storage.hosts.probe import Answer, Place, Probed, clear, found, yes
from storage.hosts.s3 import S3Host
from storage.hosts.s3_faults import http_of, s3_faults

_PART: Final = 5 << 20
_LOCKED: Final = timedelta(seconds=30)
_TOLERATED: Final = 60
"""Seconds between the host's clock and ours; S3 refuses signatures at a quarter of an hour."""
_SOON: Final = timedelta(days=14)
_REFUSED: Final = frozenset({400, 403, 409, 412})
_NOT_OFFERED: Final = frozenset({404, 405, 501})


def probe_bucket(host: S3Host, base: Path, place: Place) -> Iterator[Probed]:
    """Beside `probe.probe`. What was laid there is taken away again, but for what a lock keeps half a minute."""
    bucket = _Bucket(host, place)
    retention = host.settings.retention is not None
    yield found("atomic-create", bucket.refuses_a_second)
    yield found("checksum", bucket.refuses_what_was_altered)
    yield found("versions", bucket.names_versions)
    yield found("plain-delete-keeps", bucket.keeps_what_is_deleted)
    yield found("lock", bucket.locks, essential=retention)
    yield found("encryption", bucket.encrypts, essential=bool(host.settings.encryption))
    yield found("multipart", lambda: _takes_parts(host, base, place), essential=True)
    yield found("uploads-listed", bucket.lists_uploads)
    yield found("clock", bucket.clock)
    yield from _tls(host)
    clear(host, place)


class _Bucket:
    """Requests as the host's module makes them, one by one, so that each answer is seen."""

    def __init__(self, host: S3Host, place: Place) -> None:
        self._client, self._bucket, self._place, self._host = host.client, host.settings.bucket, place, host

    def refuses_a_second(self) -> Answer:
        key = self._put(b"first")
        return self._refused(lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=b"2", IfNoneMatch="*"))

    def refuses_what_was_altered(self) -> Answer:
        told, key = b64encode(sha256(b"told").digest()).decode(), self._place.fresh()
        return self._refused(
            lambda: self._client.put_object(Bucket=self._bucket, Key=key, Body=b"sent", ChecksumSHA256=told)
        )

    def names_versions(self) -> Answer:
        with s3_faults():
            made = self._client.put_object(Bucket=self._bucket, Key=self._place.fresh(), Body=b"v")
        return Answer.YES if made.get("VersionId") not in {None, "", "null"} else Answer.NOT_OFFERED

    def keeps_what_is_deleted(self) -> Answer:
        """Whether an ordinary deletion leaves the older versions, so that all of them must be named to erase."""
        key = self._put(b"kept?")
        with s3_faults():
            self._client.delete_object(Bucket=self._bucket, Key=key)
            try:
                left = self._client.list_object_versions(Bucket=self._bucket, Prefix=key).get("Versions", [])
            except ClientError as error:
                if http_of(error) not in _REFUSED | _NOT_OFFERED:
                    raise
                return Answer.NOT_OFFERED
        answer = yes(any(version["Key"] == key for version in left))
        self._host.delete(key)
        return answer

    def locks(self) -> Answer:
        """A version under a short governed lock: an ordinary deletion of it must be refused."""
        with s3_faults():
            try:
                self._client.get_object_lock_configuration(Bucket=self._bucket)
                configured = True
            except ClientError:
                configured = False
        if configured:
            return self._keeps_a_locked_version()
        return Answer.NOT_OFFERED if self._host.settings.retention is None else Answer.NO

    def _keeps_a_locked_version(self) -> Answer:
        key, until = self._put(b"locked"), datetime.now(UTC) + _LOCKED
        with s3_faults():
            version = self._client.head_object(Bucket=self._bucket, Key=key).get("VersionId", "")
            self._client.put_object_retention(
                Bucket=self._bucket,
                Key=key,
                VersionId=version,
                Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
            )
        return self._refused(lambda: self._client.delete_object(Bucket=self._bucket, Key=key, VersionId=version))

    def encrypts(self) -> tuple[Answer, str] | Answer:
        key = self._put(b"at rest")
        with s3_faults():
            told: Any = self._client.head_object(Bucket=self._bucket, Key=key).get("ServerSideEncryption", "")
        if not told:
            return Answer.NO if self._host.settings.encryption else Answer.NOT_OFFERED
        return Answer.YES, str(told)

    def lists_uploads(self) -> Answer:
        """Whether an upload that was interrupted can be found again."""
        key = self._place.fresh()
        with s3_faults():
            begun = self._client.create_multipart_upload(Bucket=self._bucket, Key=key)
            try:
                told = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=key).get("Uploads", [])
            except ClientError as error:
                if http_of(error) not in _REFUSED | _NOT_OFFERED:
                    raise
                told = []
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=begun["UploadId"])
        return yes(any(one["Key"] == key for one in told))

    def clock(self) -> tuple[Answer, int]:
        """Seconds by which the host's clock is ahead of ours."""
        with s3_faults():
            made = self._client.list_objects_v2(Bucket=self._bucket, MaxKeys=1)
            told = parsedate_to_datetime(made["ResponseMetadata"]["HTTPHeaders"]["date"])
        ahead = round((told - datetime.now(UTC)).total_seconds())
        return yes(abs(ahead) <= _TOLERATED), ahead

    def _put(self, content: bytes) -> str:
        key = self._place.fresh()
        self._host.create(key, *self._place.source(content))
        return key

    def _refused(self, request: Any) -> Answer:
        with s3_faults():
            try:
                request()
            except ClientError as error:
                if http_of(error) in _REFUSED:
                    return Answer.YES
                if http_of(error) in _NOT_OFFERED:
                    return Answer.NOT_OFFERED
                raise
        return Answer.NO


def _takes_parts(host: S3Host, base: Path, place: Place) -> Answer:
    """An object of two parts, read back."""
    parted = S3Host(replace(host.settings, multipart_threshold=_PART, part_size=_PART), base)
    key, content, back = place.fresh(), secrets.token_bytes(_PART + 1024), io.BytesIO()
    try:
        made = parted.create(key, *place.source(content))
        parted.read(key, back)
    finally:
        parted.close()
    host.delete(key)
    return yes(isinstance(made, Created) and back.getvalue() == content)


def _tls(host: S3Host) -> Iterator[Probed]:
    """Protocol and cipher; how long the host's certificate holds."""
    endpoint = urlsplit(host.settings.endpoint)
    if endpoint.scheme != "https" or host.settings.proxy:
        yield Probed("tls", Answer.NOT_OFFERED)
        return
    try:
        protocol, ends = _handshake(host, endpoint.hostname or "", endpoint.port or 443)
    except (OSError, ValueError):
        yield Probed("tls", Answer.NO, essential=True, value="host-untrusted")
        return
    yield Probed("tls", Answer.YES, essential=True, value=protocol)
    left = ends - datetime.now(UTC)
    yield Probed("certificate", yes(left > _SOON), value=ends.date().isoformat())


def _handshake(host: S3Host, name: str, port: int) -> tuple[str, datetime]:
    ca = host.settings.ca
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    timeout = host.settings.connect_seconds
    with (
        socket.create_connection((name, port), timeout) as plain,
        context.wrap_socket(plain, server_hostname=name) as wrapped,
    ):
        certificate = x509.load_der_x509_certificate(wrapped.getpeercert(binary_form=True) or b"")
        cipher = wrapped.cipher()
        return f"{wrapped.version()} {cipher[0] if cipher else ''}".strip(), certificate.not_valid_after_utc
