"""So many pages at a time, fair between documents: who has the fewest in hand comes next, whoever asked first."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class Document:
    """One document among those whose pages are read."""

    waiting: int = 0
    """Pages."""
    in_hand: int = 0
    served: int = 0
    """When it had its last place, as a number that grows."""


class Places:
    """`number` places, taken by pages. Several threads may ask."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._free = number
        self._count = itertools.count(1)
        self._documents: list[Document] = []
        self._changed = threading.Condition()

    @contextmanager
    def document(self) -> Iterator[Document]:
        """One that takes places, until it is done."""
        document = Document()
        with self._changed:
            self._documents.append(document)
        try:
            yield document
        finally:
            with self._changed:
                self._documents.remove(document)

    @contextmanager
    def place(self, document: Document) -> Iterator[None]:
        """A place for one page of a document, waited for."""
        with self._changed:
            document.waiting += 1
            try:
                self._changed.wait_for(lambda: self._free > 0 and self._next() is document)
            finally:
                document.waiting -= 1
            self._free -= 1
            document.in_hand += 1
            document.served = next(self._count)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                document.in_hand -= 1
                self._changed.notify_all()

    def _next(self) -> Document:
        waiting = (document for document in self._documents if document.waiting)
        return min(waiting, key=lambda document: (document.in_hand, document.served))
