"""A document's page images in the encrypted spool and back: written as they come, loaded one at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

from pipeline.image_facts import Facts, facts_of, image_of
from pipeline.model import PageImage
from storage.package import Package, write_package
from storage.spool import Spool, Spooled

_LEFT_OUT: Final = "left_out"
"""Of a page that was left out of its document: its position in the file. It lies there until the document goes."""


def pack(spool: Spool, identifier: str, images: Iterable[PageImage]) -> Spooled:
    """Write a document's images, one in memory at a time."""
    return pack_beside(spool, identifier, ((image, None) for image in images))


def pack_beside(spool: Spool, identifier: str, images: Iterable[tuple[PageImage, int | None]]) -> Spooled:
    """The same, with the pages that were left out of it, each with its position in the file, behind them all."""
    return write_package(spool, identifier, ((_facts(image, left_out), image.payload) for image, left_out in images))


def _facts(image: PageImage, left_out: int | None) -> Facts:
    return facts_of(image) if left_out is None else {**facts_of(image), _LEFT_OUT: left_out}


def left_out(spool: Spool, identifier: str) -> frozenset[int]:
    """Positions in the file of the pages that lie there and were left out."""
    return frozenset(_left_out(Package(spool, identifier)))


def _left_out(package: Package) -> dict[int, int]:
    """Position in the file -> place in the package."""
    facts = ((place, package.facts(place)) for place in range(len(package)))
    return {int(found[_LEFT_OUT]): place for place, found in facts if _LEFT_OUT in found}


class PackedImages(Sequence[PageImage]):
    """The images of a packed document; each is decrypted when it is asked for, and none is kept.

    `positions` are those of its pages in its file: a page that was put back stands where it lay. Without them, pages
    that were left out are not there.
    """

    def __init__(self, spool: Spool, identifier: str, positions: Sequence[int] = ()) -> None:
        self._package = Package(spool, identifier)
        beside = _left_out(self._package)
        own = [place for place in range(len(self._package)) if place not in beside.values()]
        back = {index: beside[position] for index, position in enumerate(positions) if position in beside}
        rest = iter(own)
        self._places = [back[index] if index in back else next(rest) for index in range(len(own) + len(back))]

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, position: int) -> PageImage: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[PageImage]: ...
    def __getitem__(self, position: int | slice) -> PageImage | Sequence[PageImage]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        page = self._package[self._places[position]]
        return image_of(page.facts, page.payload)

    def __iter__(self) -> Iterator[PageImage]:
        return (self[number] for number in range(len(self)))


def every_image(spool: Spool, identifier: str) -> PackedImages:
    """All that lies there, pages that were left out at the end."""
    beside = sorted(left_out(spool, identifier))
    return PackedImages(spool, identifier, (*[0] * len(PackedImages(spool, identifier)), *beside))
