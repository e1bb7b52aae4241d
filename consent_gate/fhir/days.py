"""Days in FHIR: `dateTime` and `Period` (HL7 FHIR 4.0.1, datatypes) as civil days at the client's."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from consent_gate.cells import CellRefused

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"([0-9-]{10}T[0-9:]{8})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_OLDEST: Final = 1900
_LAST_MINUTE: Final = time(23, 59)


def day_of(value: object, zone: ZoneInfo, field: str) -> date:
    """The civil day of a `dateTime`. A year or a month alone is no day. Raises `CellRefused`."""
    return _moment(value, zone, field)[0]


def last_day_of(period: Mapping[str, Any], zone: ZoneInfo, field: str) -> date | None:
    """The last whole day of a `Period`, both ends included; None: it has no end. Raises `CellRefused`."""
    if "end" not in period:
        return None
    day, at = _moment(period["end"], zone, field)
    return day if at is None or at >= _LAST_MINUTE else day - timedelta(days=1)


def _moment(value: object, zone: ZoneInfo, field: str) -> tuple[date, time | None]:
    if not isinstance(value, str):
        raise CellRefused("date-missing", field)
    found = _MOMENT.fullmatch(value)
    if not found and not _DAY.fullmatch(value):
        raise CellRefused("date-unreadable", field)
    try:
        if not found:
            day, at = date.fromisoformat(value), None
        else:
            local = datetime.fromisoformat(found[1] + found[2].replace("Z", "+00:00")).astimezone(zone)
            day, at = local.date(), local.time()
    except (ValueError, OverflowError):
        raise CellRefused("date-impossible", field) from None
    if day.year < _OLDEST:
        raise CellRefused("date-impossible", field)
    return day, at
