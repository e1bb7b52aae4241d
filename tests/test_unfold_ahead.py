"""How far pages are decoded ahead of those being looked at, and what a full work folder is called."""

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lexicon.faults import StationFault
from pipeline.model import Colour, Encoding, PageImage
from pipeline.reading.tesseract import write_copy
from pipeline.unfold import _sightings


class Counted:
    """Pages given out, those looked at, and the most that were between the two."""

    def __init__(self, side: int, pages: int) -> None:
        self.side, self.pages = side, pages
        self.out = self.most = 0

    def images(self) -> Iterator[PageImage]:
        for _ in range(self.pages):
            self.out += 1
            yield PageImage(Encoding.G4, b"", self.side, self.side, 600, 600, Colour.BILEVEL)


class Asked(Executor):
    """Looks at a page when the answer is asked for; remembers how many wait."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self.waiting = 0

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        self.waiting += 1
        self.counted.most = max(self.counted.most, self.waiting)
        future: _Late = _Late(self)
        future.set_result(self.counted.out)
        return future


class _Late(Future[Any]):
    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked

    def result(self, timeout: float | None = None) -> Any:
        self.asked.waiting -= 1
        return super().result(timeout)


@pytest.mark.parametrize(("side", "most"), [(1_000, 8), (8_000, 3), (15_800, 1)])
def test_large_pages_are_looked_at_few_at_a_time_and_in_order(side: int, most: int) -> None:
    counted = Counted(side, 20)
    seen: list[Any] = list(_sightings(counted.images(), Asked(counted)))
    assert seen == list(range(1, 21))
    assert counted.most == most


def test_a_copy_for_which_there_is_no_room_is_a_fault_of_the_station(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="work-unwritable"):
        write_copy(np.zeros((10, 10), np.uint8), tmp_path / "gone" / "copy.pnm")
