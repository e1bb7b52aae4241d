"""Places in the reading room: never more taken than there are, and fair between documents."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from pipeline.reading.places import Document, Places

PATIENCE = 30.0


class Hall:
    """Pages that come for places, and keep them until they are let go, one by one."""

    def __init__(self, number: int, pool: ThreadPoolExecutor) -> None:
        self.places, self._pool = Places(number), pool
        self.served: list[str] = []
        self._go = threading.Semaphore(0)
        self._pages: list[Future[None]] = []

    def comes(self, name: str, document: Document) -> None:
        """A page comes, and waits or has a place before the next one does."""
        before = document.waiting + document.in_hand
        self._pages.append(self._pool.submit(self._page, name, document))
        until(lambda: document.waiting + document.in_hand > before)

    def goes(self) -> None:
        """One that has a place leaves it, and whoever is next has it."""
        served = len(self.served)
        waiting = len(self._pages) > served
        self._go.release()
        until(lambda: len(self.served) > served or not waiting)

    def end(self) -> None:
        for _ in self._pages:
            self._go.release()
        for page in self._pages:
            page.result(PATIENCE)

    def _page(self, name: str, document: Document) -> None:
        with self.places.place(document):
            self.served.append(name)
            assert self._go.acquire(timeout=PATIENCE)


def until(true: object) -> None:
    assert callable(true)
    for _ in range(6000):
        if true():
            return
        time.sleep(0.005)
    pytest.fail("nothing came of it")


def test_who_came_later_with_one_page_is_next() -> None:
    with ThreadPoolExecutor(16) as pool:
        hall = Hall(1, pool)
        with hall.places.document() as long, hall.places.document() as short:
            for number in range(5):
                hall.comes(f"long {number}", long)
            hall.comes("short", short)
            hall.goes()
            assert hall.served[1] == "short"
            hall.end()
    assert len(hall.served) == 6


def test_documents_take_turns_and_no_place_stays_empty() -> None:
    with ThreadPoolExecutor(16) as pool:
        hall = Hall(2, pool)
        with hall.places.document() as one, hall.places.document() as two, hall.places.document() as three:
            for document, name in [(one, "1")] * 4 + [(two, "2")] * 2 + [(three, "3")]:
                hall.comes(name, document)
            assert hall.served == ["1", "1"]
            for _ in range(5):
                hall.goes()
            hall.end()
    assert hall.served[2:4] == ["2", "3"]
    assert sorted(hall.served) == ["1"] * 4 + ["2"] * 2 + ["3"]


@pytest.mark.parametrize("number", [1, 2, 5])
def test_never_more_pages_have_places_than_there_are(number: int) -> None:
    places, guard = Places(number), threading.Lock()
    inside, most = 0, 0

    def page(document: Document) -> None:
        nonlocal inside, most
        with places.place(document):
            with guard:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with guard:
                inside -= 1

    with places.document() as one, places.document() as two, ThreadPoolExecutor(12) as pool:
        list(pool.map(page, [one, two, one, one, two] * 8))
    assert most == number
    assert inside == 0


def test_a_page_that_fails_gives_its_place_back() -> None:
    places = Places(1)
    with places.document() as document:
        for _ in range(3):
            with pytest.raises(ValueError, match="broken"), places.place(document):
                raise ValueError("broken")
        with places.place(document):
            pass
