"""The versions of an object in a bucket (Amazon S3 versioning and object lock): all of them removed, or one locked."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from lexicon.faults import HostFault
from storage.effects import effect
from storage.hosts import Absent, Stored
from storage.hosts.kept import Kept
from storage.hosts.s3_faults import http_of, s3_faults
from storage.hosts.settings import LockMode, Retention

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FORBIDDEN: Final = 403
_NOT_OFFERED: Final = frozenset({400, 403, 404, 405, 501})
_MARGIN: Final = timedelta(days=1)
"""A lock that ends this much earlier than asked for is as good: a retry need not lengthen it."""
UNKNOWN_DAY: Final = "?"
"""In place of a day that the host does not tell."""


class Versions:
    """One bucket's versions and locks."""

    def __init__(self, client: "S3Client", bucket: str, retention: Retention | None) -> None:
        self._client, self._bucket, self._retention = client, bucket, retention

    def retain(self, stored: Stored, at: datetime) -> None:
        """Lock a version, and see that the host shows the lock. Raises `HostFault("host-lock-refused")`."""
        if self._retention is None:
            return
        until = (at + timedelta(days=self._retention.days)).astimezone(UTC).replace(microsecond=0)
        if self._locked(stored, until - _MARGIN):
            return
        with s3_faults():
            try:
                with effect("s3.lock"):
                    self._client.put_object_retention(
                        Bucket=self._bucket,
                        Key=stored.key,
                        Retention={"Mode": self._retention.mode.value, "RetainUntilDate": until},
                        **_asked(stored.version),
                    )
            except ClientError as error:
                if http_of(error) in _NOT_OFFERED:
                    raise HostFault("host-lock-refused") from None
                raise
        if not self._locked(stored, until - _MARGIN):
            raise HostFault("host-lock-refused")

    def delete_all(self, key: str, there: Stored | Absent) -> None:
        """Remove every version and delete marker of a key; where the host does not list them, the one that is `there`.

        A governed lock is lifted where the account may: what is removed here never had a receipt, or was a probe.
        Raises `HostFault("host-retains")`, with the day until which the host keeps a version where it tells one.
        """
        listed = self._all(key)
        known = there.version if isinstance(there, Stored) else None
        for version in [known] if listed is None else listed:
            self._delete(key, version)
        if self._all(key):
            raise HostFault("host-retains", until=UNKNOWN_DAY)

    def kept(self, key: str) -> tuple[Kept, ...] | None:
        """Every version and marker of a key, with its lock; None where the host lists them to nobody, or not to us."""
        listed = self._listed(key)
        return None if listed is None else tuple(self._kept(key, one, marker=marker) for one, marker in listed)

    def delete_one(self, key: str, version: str) -> None:
        """Remove one version that nothing locks. Raises `HostFault("host-retains")` where something does."""
        self._delete(key, version, governed=False)

    def _delete(self, key: str, version: str | None, *, governed: bool = True) -> None:
        with s3_faults():
            try:
                with effect("s3.delete"):
                    self._client.delete_object(Bucket=self._bucket, Key=key, **_asked(version))
            except ClientError as error:
                if http_of(error) != _FORBIDDEN or version is None:
                    raise
                self._delete_locked(key, version, governed=governed)

    def _delete_locked(self, key: str, version: str, *, governed: bool) -> None:
        mode, until = self._lock(key, version)
        if mode is None:
            raise HostFault("host-refused")
        if governed and mode == LockMode.GOVERNANCE.value:
            try:
                with effect("s3.delete-governed"):
                    self._client.delete_object(
                        Bucket=self._bucket, Key=key, VersionId=version, BypassGovernanceRetention=True
                    )
            except ClientError as error:
                if http_of(error) != _FORBIDDEN:
                    raise
            else:
                return
        raise HostFault("host-retains", until=until.date().isoformat() if until else UNKNOWN_DAY)

    def _all(self, key: str) -> list[str] | None:
        """The versions and markers that the host lists; None where it lists none to anybody, or not to us."""
        listed = self._listed(key)
        return None if listed is None else [one["VersionId"] for one, _ in listed]

    def _listed(self, key: str) -> list[tuple[Any, bool]] | None:
        """The same as the host tells them, and whether each is a delete marker."""
        with s3_faults():
            try:
                pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
                found: list[tuple[Any, bool]] = []
                for page in pages:
                    found += [(one, False) for one in page.get("Versions", [])]
                    found += [(one, True) for one in page.get("DeleteMarkers", [])]
            except ClientError as error:
                if http_of(error) not in _NOT_OFFERED:
                    raise
                return None
            return [(one, marker) for one, marker in found if one["Key"] == key]

    def _kept(self, key: str, one: Any, *, marker: bool) -> Kept:
        version = one["VersionId"]
        mode, until = (None, None) if marker else self._lock(key, version)
        day = until.date().isoformat() if until else ""
        return Kept(version, 0 if marker else one.get("Size", 0), marker, mode or "", day)

    def _locked(self, stored: Stored, until: datetime) -> bool:
        """Whether the host shows a lock at least as strong and as long."""
        mode, there = self._lock(stored.key, stored.version)
        strong = mode == LockMode.COMPLIANCE.value or (
            self._retention is not None and mode == self._retention.mode.value
        )
        return strong and there is not None and there >= until

    def _lock(self, key: str, version: str | None) -> tuple[str | None, datetime | None]:
        with s3_faults():
            try:
                found = self._client.get_object_retention(Bucket=self._bucket, Key=key, **_asked(version))
            except ClientError as error:
                if http_of(error) in _NOT_OFFERED:
                    return None, None
                raise
            lock = found.get("Retention", {})
            return lock.get("Mode"), lock.get("RetainUntilDate")


def _asked(version: str | None) -> Any:
    return {} if version is None else {"VersionId": version}
