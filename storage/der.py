"""The few ASN.1 shapes of an envelope, written and read in their one distinguished encoding (ITU-T X.690)."""

from typing import Final

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OBJECT_IDENTIFIER: Final = 0x06
CONTEXT: Final = 0x80
"""Added to a field's number: `[n]` of a primitive type."""
EXPLICIT: Final = 0xA0
"""Added to a field's number: `[n]` around, or in place of, a constructed type."""

_SHORT: Final = 0x80
_WIDEST: Final = 8


class NotDer(ValueError):
    """These bytes are not the distinguished encoding of what was expected here."""


def length(count: int) -> bytes:
    """The definite, shortest form of a length in bytes."""
    if count < _SHORT:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([_SHORT | len(octets)]) + octets


def tlv(tag: int, *parts: bytes) -> bytes:
    """Tag, length and the parts one after the other."""
    content = b"".join(parts)
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def octets(content: bytes) -> bytes:
    return tlv(OCTET_STRING, content)


def integer(small: int) -> bytes:
    """An integer of 0 to 127, all that an envelope holds."""
    if not 0 <= small < _SHORT:
        raise ValueError("not a small integer")
    return tlv(INTEGER, bytes([small]))


def oid(dotted: str) -> bytes:
    """An object identifier from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, *(_arc(arc) for arc in (40 * first + second, *rest)))


def _arc(arc: int) -> bytes:
    septets = [arc & 0x7F]
    while arc := arc >> 7:
        septets.append(0x80 | (arc & 0x7F))
    return bytes(reversed(septets))


class Cursor:
    """Reads DER forward. `total` is the whole object's size in bytes when `head` is only its beginning."""

    def __init__(self, head: bytes, total: int | None = None) -> None:
        self._head = head
        self._total = len(head) if total is None else total
        self.position = 0

    def enter(self, tag: int) -> int:
        """Step over a tag and its length; the content's size in bytes, which may reach beyond the head.

        Raises `NotDer`: another tag, an indefinite or longer than needed length, or content beyond the object's end.
        """
        if self._byte() != tag:
            raise NotDer
        count = self._byte()
        if count >= _SHORT:
            count = self._long(count - _SHORT)
        if self.position + count > self._total:
            raise NotDer
        return count

    def take(self, tag: int) -> bytes:
        """The content of the next value. Raises `NotDer`."""
        count = self.enter(tag)
        content = self._head[self.position : self.position + count]
        if len(content) != count:
            raise NotDer
        self.position += count
        return content

    def whole(self, tag: int) -> bytes:
        """The next value with its tag and length. Raises `NotDer`."""
        start = self.position
        self.take(tag)
        return self._head[start : self.position]

    def next_tag(self) -> int:
        """The tag of the next value, not stepped over. Raises `NotDer` at the end."""
        tag = self._byte()
        self.position -= 1
        return tag

    def at_end(self) -> bool:
        return self.position == self._total

    def expect(self, encoded: bytes) -> None:
        """Step over exactly these bytes. Raises `NotDer`."""
        if not self._head.startswith(encoded, self.position):
            raise NotDer
        self.position += len(encoded)

    def finish(self) -> None:
        """Raise `NotDer` when bytes are left over."""
        if not self.at_end():
            raise NotDer

    def _byte(self) -> int:
        if self.position >= len(self._head):
            raise NotDer
        self.position += 1
        return self._head[self.position - 1]

    def _long(self, width: int) -> int:
        octets_ = self._head[self.position : self.position + width]
        if not 1 <= width <= _WIDEST or len(octets_) != width or octets_[0] == 0:
            raise NotDer
        self.position += width
        count = int.from_bytes(octets_, "big")
        if count < _SHORT:
            raise NotDer
        return count
