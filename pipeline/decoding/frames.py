"""What the station and a reader say to each other: a mark, two lengths, JSON of our own, bytes; never a pickle.

Whatever comes, a frame is received whole, or refused, within its bounds and before its deadline.
"""

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Final

_HEAD: Final = struct.Struct(">4sIQ")
_MARK: Final = b"LSE1"
_MOST_TOLD: Final = 1 << 16
_AT_ONCE: Final = 1 << 20


class GarbledError(Exception):
    """What came is no frame, or a bigger one than was asked for."""


class GoneError(Exception):
    """The other side has ended."""


class LateError(Exception):
    """Nothing, or not all, came in time."""


def send(line: socket.socket, told: Mapping[str, Any], payload: bytes = b"") -> None:
    """Raises GoneError."""
    text = json.dumps(told, separators=(",", ":")).encode()
    try:
        line.sendall(_HEAD.pack(_MARK, len(text), len(payload)) + text)
        line.sendall(payload)
    except OSError:
        raise GoneError from None


def receive(line: socket.socket, most: int, deadline: float | None = None) -> tuple[dict[str, Any], bytes]:
    """The next frame, with `most` bytes of payload at the most; `deadline` in monotonic seconds.

    Raises GarbledError, GoneError, LateError.
    """
    mark, length, size = _HEAD.unpack(_exactly(line, _HEAD.size, deadline))
    if mark != _MARK or length > _MOST_TOLD or size > most:
        raise GarbledError
    try:
        told = json.loads(_exactly(line, length, deadline))
    except (ValueError, RecursionError):
        raise GarbledError from None
    if not isinstance(told, dict):
        raise GarbledError
    return told, _exactly(line, size, deadline)


def _exactly(line: socket.socket, size: int, deadline: float | None) -> bytes:
    gathered = bytearray()
    while len(gathered) < size:
        line.settimeout(None if deadline is None else max(0.001, deadline - time.monotonic()))
        try:
            piece = line.recv(min(size - len(gathered), _AT_ONCE))
        except TimeoutError:
            raise LateError from None
        except OSError:
            raise GoneError from None
        if not piece:
            raise GoneError
        gathered += piece
        if deadline is not None and time.monotonic() > deadline:
            raise LateError
    return bytes(gathered)
