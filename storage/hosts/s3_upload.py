"""Large objects in parts (Amazon S3 multipart upload): a part that the host has is not sent again after a crash."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from botocore.exceptions import ClientError

from storage.effects import effect
from storage.hosts.s3_faults import code_of, http_of, s3_faults

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NOT_OFFERED: Final = frozenset({400, 403, 404, 405, 501})
"""A host without the listing of uploads, or an account that may not see it: nothing is resumed, nothing is swept."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a file: its place there, and what it must hash to."""

    number: int
    offset: int
    size: int
    sha256: str
    """Base64, as S3 has it."""
    md5: str
    """Hex: what most hosts name a part by (ETag). It guards against accidents only; the read-back is what counts."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload that nobody has completed."""

    key: str
    upload: str
    since: datetime


def parts_of(stream: BinaryIO, size: int, part_size: int) -> Iterator[Part]:
    """The parts of a file of `size` bytes, read once."""
    for number, offset in enumerate(range(0, size, part_size), 1):
        stream.seek(offset)
        piece = stream.read(min(part_size, size - offset))
        sha256 = b64encode(hashlib.sha256(piece).digest()).decode()
        yield Part(number, offset, len(piece), sha256, hashlib.md5(piece, usedforsecurity=False).hexdigest())


class Uploads:
    """The unfinished uploads of one bucket. `headers` go with the beginning of each: encryption at the host."""

    def __init__(self, client: "S3Client", bucket: str, headers: dict[str, Any]) -> None:
        self._client, self._bucket, self._headers = client, bucket, headers

    def send(self, key: str, stream: BinaryIO, parts: list[Part]) -> tuple[str, list[dict[str, Any]]]:
        """Have the host hold every part; the upload's name and the parts, to be completed with.

        The newest unfinished upload of the same key goes on where it stopped: parts that it holds, of our size and
        hash, stay. Others are sent anew.
        """
        upload, held = self._resumed(key)
        for part in parts:
            if not _same(held.get(part.number), part):
                held[part.number] = self._send(key, upload, stream, part)
        return upload, [_named(part, held[part.number]) for part in parts]

    def abandon(self, key: str, upload: str) -> None:
        """Have the host forget an upload; again does no harm."""
        with s3_faults(), effect("s3.abort"):
            try:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            except ClientError as error:
                if code_of(error) != "NoSuchUpload" and http_of(error) != 404:  # noqa: PLR2004  HTTP
                    raise

    def unfinished(self, prefix: str) -> list[Unfinished]:
        """Under a prefix, oldest first; none where the host does not tell."""
        with s3_faults():
            try:
                pages = self._client.get_paginator("list_multipart_uploads").paginate(
                    Bucket=self._bucket, Prefix=prefix
                )
                found = [
                    Unfinished(one["Key"], one["UploadId"], one["Initiated"])
                    for page in pages
                    for one in page.get("Uploads", [])
                ]
            except ClientError as error:
                if http_of(error) not in _NOT_OFFERED or code_of(error) == "NoSuchBucket":
                    raise
                return []
        return sorted((one for one in found if one.key.startswith(prefix)), key=lambda one: one.since)

    def _resumed(self, key: str) -> tuple[str, dict[int, Any]]:
        for one in reversed([one for one in self.unfinished(key) if one.key == key]):
            held = self._held(key, one.upload)
            if held is not None:
                return one.upload, held
        with s3_faults(), effect("s3.begin"):
            begun = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=key, ChecksumAlgorithm="SHA256", **self._headers
            )
        return begun["UploadId"], {}

    def _held(self, key: str, upload: str) -> dict[int, Any] | None:
        """The parts that the host says it has, by number; None where the upload is gone."""
        with s3_faults():
            try:
                pages = self._client.get_paginator("list_parts").paginate(Bucket=self._bucket, Key=key, UploadId=upload)
                return {part["PartNumber"]: part for page in pages for part in page.get("Parts", [])}
            except ClientError as error:
                if http_of(error) not in _NOT_OFFERED:
                    raise
                return None

    def _send(self, key: str, upload: str, stream: BinaryIO, part: Part) -> Any:
        stream.seek(part.offset)
        piece = stream.read(part.size)
        with s3_faults(), effect("s3.part"):
            return self._client.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload,
                PartNumber=part.number,
                Body=piece,
                ChecksumSHA256=part.sha256,
            )


def _same(held: Any, part: Part) -> bool:
    """Whether the host has this very part: its own SHA-256 where it tells one, else the MD5 that most name it by."""
    if held is None or held.get("Size") != part.size:
        return False
    told = held.get("ChecksumSHA256")
    return bool(told == part.sha256 if told else str(held.get("ETag", "")).strip('"') == part.md5)


def _named(part: Part, held: Any) -> dict[str, Any]:
    return {"PartNumber": part.number, "ETag": held["ETag"], "ChecksumSHA256": part.sha256}
