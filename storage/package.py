"""A document's page images as one encrypted working file: pages written as they come, loaded one at a time.

The payloads one after the other, then the index (JSON: of each page its place and its facts), then the index's size.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

from lexicon.faults import TamperFault
from storage.spool import Spool, Spooled, SpoolReader

Facts = Mapping[str, int | float | str | bool]
"""What is known of a page beside its payload."""

_WIDTH: Final = 8
_OFFSET: Final = "offset"
_SIZE: Final = "size"
_FACTS: Final = "facts"


@dataclass(frozen=True, slots=True)
class PackedPage:
    """One page as it was handed in. `payload` is the encoded image."""

    facts: Facts
    payload: bytes


def write_package(spool: Spool, identifier: str, pages: Iterable[tuple[Facts, bytes]]) -> Spooled:
    """Write pages into one working file, holding one in memory at a time. Raises as `Spool.write` does."""
    return spool.write(identifier, _stream(pages))


def _stream(pages: Iterable[tuple[Facts, bytes]]) -> Iterator[bytes]:
    index, offset = [], 0
    for facts, payload in pages:
        index.append({_OFFSET: offset, _SIZE: len(payload), _FACTS: dict(facts)})
        offset += len(payload)
        yield payload
    encoded = json.dumps(index, allow_nan=False, separators=(",", ":")).encode()
    yield encoded + len(encoded).to_bytes(_WIDTH, "big")


def _index(reader: SpoolReader) -> bytes:
    end = reader.length - _WIDTH
    size = int.from_bytes(reader.read_at(max(end, 0), _WIDTH), "big")
    if not 0 <= size <= end:
        raise TamperFault("spool-damaged")
    return reader.read_at(end - size, size)


class Package(Sequence[PackedPage]):
    """The pages of a written package. Nothing stays open between two pages, and none is kept.

    Raises `StationFault("spool-missing")`, `TamperFault("spool-damaged")`.
    """

    def __init__(self, spool: Spool, identifier: str) -> None:
        self._spool, self._identifier = spool, identifier
        with spool.reader(identifier) as reader:
            encoded = _index(reader)
        try:
            self._index = [(page[_OFFSET], page[_SIZE], page[_FACTS]) for page in json.loads(encoded)]
        except (ValueError, KeyError, TypeError):
            raise TamperFault("spool-damaged") from None

    def __len__(self) -> int:
        return len(self._index)

    @overload
    def __getitem__(self, position: int) -> PackedPage: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[PackedPage]: ...
    def __getitem__(self, position: int | slice) -> PackedPage | Sequence[PackedPage]:
        if isinstance(position, slice):
            return [self[number] for number in range(*position.indices(len(self)))]
        offset, size, facts = self._index[position]
        with self._spool.reader(self._identifier) as reader:
            return PackedPage(facts, reader.read_at(offset, size))

    def facts(self, position: int) -> Facts:
        """A page's facts without its payload."""
        facts: Facts = self._index[position][2]
        return facts
