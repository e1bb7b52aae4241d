"""A document's page images in the encrypted spool and back: written as they come, loaded one at a time."""

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from pipeline.model import Colour, Encoding, PageImage
from storage.package import Facts, Package, write_package
from storage.spool import Spool, Spooled


def pack(spool: Spool, identifier: str, images: Iterable[PageImage]) -> Spooled:
    """Write a document's images, one in memory at a time."""
    return write_package(spool, identifier, ((_facts(image), image.payload) for image in images))


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
        return _image(page.facts, page.payload)

    def __iter__(self) -> Iterator[PageImage]:
        return (self[number] for number in range(len(self)))


def _facts(image: PageImage) -> Facts:
    return {
        "encoding": image.encoding.value,
        "width": image.width,
        "height": image.height,
        "dpi_x": image.dpi_x,
        "dpi_y": image.dpi_y,
        "colour": image.colour.value,
        "black_is_1": image.black_is_1,
        "quarter_turns": image.quarter_turns,
    }


def _image(facts: Facts, payload: bytes) -> PageImage:
    return PageImage(
        encoding=Encoding(str(facts["encoding"])),
        payload=payload,
        width=int(facts["width"]),
        height=int(facts["height"]),
        dpi_x=float(facts["dpi_x"]),
        dpi_y=float(facts["dpi_y"]),
        colour=Colour(str(facts["colour"])),
        black_is_1=bool(facts["black_is_1"]),
        quarter_turns=int(facts["quarter_turns"]),
    )
