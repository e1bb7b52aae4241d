"""Separator sheets for the printer, for those to whom the gate is open; each read back before it is handed out."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pipeline.model import Separator
from pipeline.office.preparing import Asked, ask_for, beside, named, places_of, require_free, write_list
from pipeline.sheets.patch import Patch, write_patches
from pipeline.sheets.printing import Cover, PerPage, write_sheets
from pipeline.sheets.proof import require_patches, require_readable
from pipeline.sheets.symbols import Symbology
from pipeline.sheets.wanted import Wanted
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.effects import effect
from storage.files import replacing
from storage.times import fresh_id

PRINTED: Final = "separators-printed"
"""Outcome of a `consultation`: the gate was asked for each patient of a list, to print separators."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How sheets are printed."""

    per_page: PerPage = 1
    symbology: Symbology = "qr"
    copies: int = 1
    names: bool = False
    """Names for the eyes; never in the code."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What came of it: how many sheets, what the gate said, and where the list of what is not to be fed lies."""

    sheets: int
    asked: Asked
    apart: tuple[Path, ...]


def print_sheets(
    station: Station,
    several: Sequence[Wanted],
    target: Path,
    manner: Manner,
    apart: Path | None = None,
    *,
    listed: bool = True,
) -> Printed:
    """Write at `target`, where there is no file yet, a sheet for each line for which the gate is open.

    The list NE PAS NUMÉRISER is written at `apart`, or beside the sheets where there is anybody on it. Raises
    `StationFault` `target-exists`, what `ask_for` raises, `separator-unprintable`, `sheet-not-readable`, `disk-full`.
    """
    place = apart or beside(target)
    require_free(target, *places_of(place))
    asked = ask_for(station, several, listed=listed)
    wanted = [one for one in asked.cleared for _ in range(manner.copies)]
    separators = [Separator(one.patient, one.doc_type, one.client_document) for one in wanted]
    shown = [named(asked.people[one.patient]) if manner.names else "" for one in wanted]
    now = station.clock.now()
    with station.database.write("sheets.record") as session:
        draft = Draft(
            EntryType.CONSULTATION,
            f"station:{fresh_id(now)}",
            PRINTED,
            counts=asked.counts | {"sheets": len(wanted), "names": sum(map(bool, shown))},
        )
        station.ledger.append(session, draft, at=now)
    if wanted:
        covers = [Cover(*one) for one in zip(separators, shown, strict=True)]
        _write_covers(covers, target, manner, at=now.astimezone(station.clock.zone))
    if asked.closed or apart is not None:
        return Printed(len(wanted), asked, write_list(station, asked, place, names=manner.names))
    return Printed(len(wanted), asked, ())


def _write_covers(covers: Sequence[Cover], target: Path, manner: Manner, *, at: datetime) -> None:
    made = io.BytesIO()
    write_sheets(covers, made, at=at, per_page=manner.per_page, symbology=manner.symbology)
    require_readable(io.BytesIO(made.getvalue()), [cover.separator for cover in covers], manner.per_page)
    with effect("sheets.print"), replacing(target) as stream:
        stream.write(made.getvalue())


def print_patches(patch: Patch, count: int, target: Path, *, at: datetime) -> None:
    """Write Patch sheets at `target`, where there is no file yet. They say of nobody that the gate is open.

    Raises `StationFault` `target-exists`, `sheet-not-readable`, `disk-full`.
    """
    require_free(target)
    made = io.BytesIO()
    write_patches(patch, count, made, at=at)
    require_patches(io.BytesIO(made.getvalue()), patch, count)
    with effect("sheets.print"), replacing(target) as stream:
        stream.write(made.getvalue())
