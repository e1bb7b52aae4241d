"""A document's page images in the encrypted spool and back: written as they come, loaded one at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from pipeline.image_facts import facts_of, image_of
from pipeline.model import PageImage
from storage.package import Package, write_package
from storage.spool import Spool, Spooled


def pack(spool: Spool, identifier: str, images: Iterable[PageImage]) -> Spooled:
    """Write a document's images, one in memory at a time."""
    return write_package(spool, identifier, ((facts_of(image), image.payload) for image in images))


class PackedImages(Sequence[PageImage]):
    """The images of a packed document; each is decrypted when it is asked for, and none is kept."""

    def __init__(self, spool: Spool, identifier: str) -> None:
        self._package = Package(spool, identifier)

    def __len__(self) -> int:
        return len(self._package)

    @overload
    def __getitem__(self, position: int) -> PageImage: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[PageImage]: ...
    def __getitem__(self, position: int | slice) -> PageImage | Sequence[PageImage]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        page = self._package[position]
        return image_of(page.facts, page.payload)

    def __iter__(self) -> Iterator[PageImage]:
        return (self[number] for number in range(len(self)))
