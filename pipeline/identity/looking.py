"""A document's pages looked at before the gate: the identity zone and the codes of each, and what they say of whom.

Every page is looked at, so that another patient on a later page is seen before anything beneath a zone is read; of a
page nothing is read but its zone and its two-dimensional codes. What was read lives in memory until recognition has
used it, or until nobody needs it: it is in no representation, no log and no file that outlives the look.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
import zxingcpp

from consent_gate.model import PatientRef
from pipeline.clean import Readable
from pipeline.formats.pixels import Grey
from pipeline.identity.evidence import PageEvidence, Search, evidence_of
from pipeline.model import PageImage
from pipeline.reading.desk import Desk
from pipeline.reading.order import in_order
from pipeline.reading.room import Room
from pipeline.reading.zone import KeptCopy, ZoneReading, ZoneWords

_DATAMATRIX: Final = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.DataMatrix,))
_PROBE_DPI: Final = 150
"""Beneath the zone, where codes that are not an INS's are the rule: half the resolution, a quarter of the time."""
_COPIES: Final = 48 << 20
"""Bytes of copies of one document that are kept, packed, between the look and recognition: some fifty A4 pages. Later
pages' copies are made again."""


@dataclass(frozen=True, slots=True)
class LookSettings:
    zone: float
    """The identity zone: this share of the upright page's height, from its top."""
    seconds: float = 60.0
    """Longest time for one page's zone."""


@dataclass(frozen=True, slots=True)
class ZoneLook:
    """What one page's identity zone and codes say, and what recognition needs to read only the rest."""

    evidence: PageEvidence = field(repr=False)
    zone: ZoneWords | None = field(default=None, repr=False)
    codes: tuple[str, ...] = field(default=(), repr=False)
    """Texts of the Data Matrix codes on the page, sorted."""

    @property
    def unread(self) -> bool:
        """Whether nobody could read the zone in time: the page says nothing, and nobody knows what it would say."""
        return self.zone is not None and self.zone.unread


class Looker:
    """Looks at documents for one station. Several threads may ask.

    `search` tells what is looked for, now and for a claimed patient; `room` is where pages are read, and is the same as
    recognition's.
    """

    def __init__(self, settings: LookSettings, search: Callable[[PatientRef | None], Search], room: Room) -> None:
        self._settings, self._search, self._room = settings, search, room

    def look(self, images: Sequence[PageImage], claimed: PatientRef | None = None) -> tuple[ZoneLook, ...]:
        """Each page's look, in order. A page that cannot be read in time says nothing, and says so (`unread`).

        Raises `SheetFault("unreadable-scan")` when an image does not decode, `StationFault` when program or work
        folder fail. Leaves nothing in the work folder.
        """
        search, memory, loading = self._search(claimed), _Memory(_COPIES), threading.Lock()
        with self._room.document() as shelf:

            def page(index: int) -> ZoneLook:
                with shelf.desk(self._settings.seconds) as desk:
                    with loading:
                        image = images[index]
                    return self._page(image, desk, search, memory)

            with ThreadPoolExecutor(self._room.places.number, thread_name_prefix="look") as pool:
                return tuple(pool.map(page, range(len(images))))

    def _page(self, image: PageImage, desk: Desk, search: Search, memory: "_Memory") -> ZoneLook:
        said, copy = ZoneReading(image, self._settings.zone, desk).look()
        texts = _codes(copy, self._settings.zone)
        evidence = evidence_of(in_order(said.words, copy.rules), texts, search)
        return ZoneLook(evidence, memory.kept(said, copy), texts)


class _Memory:
    """How much memory copies may still take. Several threads may ask."""

    def __init__(self, size: int) -> None:
        self._left, self._guard = size, threading.Lock()

    def kept(self, said: ZoneWords, copy: Readable) -> ZoneWords:
        """The words with the page's copy, where recognition can use it and there is room for it."""
        if said.rest is None:
            return said
        copied = KeptCopy.of(copy)
        with self._guard:
            fits = copied.size <= self._left
            self._left -= copied.size if fits else 0
        return replace(said, kept=copied) if fits else said


def _codes(copy: Readable, share: float) -> tuple[str, ...]:
    """Texts of the page's Data Matrix codes (ISO/IEC 16022), an INS datamatrix of 8 mm in the zone among them.

    Beneath the zone, one from 12 to 15 mm on is read.
    """
    edge = max(1, round(copy.ruled.shape[0] * share))
    rest = copy.ruled[edge - copy.dpi // 2 :]  # half an inch above the edge, so that a code on it is seen whole
    factor = min(1.0, _PROBE_DPI / copy.dpi)
    smaller = np.asarray(cv2.resize(rest, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    looks = (np.ascontiguousarray(copy.ruled[:edge]), smaller)
    found = [_read(look) for look in looks]
    return tuple(sorted({code.text for codes in found for code in codes}))


def _read(pixels: Grey) -> list[zxingcpp.Barcode]:
    """Codes with their separators of fields (GS) as they are."""
    plain = zxingcpp.TextMode.Plain
    return zxingcpp.read_barcodes(pixels, formats=_DATAMATRIX, try_invert=False, try_downscale=False, text_mode=plain)
