"""How moments and days are written in rows and entries: UTC, ISO 8601 with microseconds; they sort as text."""

from datetime import UTC, datetime

from ulid import ULID


def write_time(at: datetime) -> str:
    """`2026-01-15T08:00:00.000000Z`. Raises ValueError for a moment without a time zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """The moment that `write_time` wrote."""
    return datetime.fromisoformat(text)


def fresh_id(at: datetime) -> str:
    """A new ULID (26 characters): its beginning sorts by `at`, its end is random."""
    return str(ULID.from_datetime(at))
