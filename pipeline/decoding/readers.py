"""A process that reads one file, as the station has it: asked, heard within its time, its every word checked."""

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lexicon.faults import SheetFault
from pipeline.decoding.answers import Looked, most_kept, read_page, whole
from pipeline.decoding.frames import GarbledError, GoneError, LateError, receive, send
from pipeline.decoding.nursery import Nursery
from pipeline.decoding.patience import Patience
from pipeline.decoding.warm_terms import Given

_LOST: Final = frozenset(("decoder-crashed", "decoder-too-slow", "decoder-too-big"))
_OF_A_FILE: Final = frozenset(
    {"empty-file", "encrypted-pdf", "no-pages", "too-many-bytes", "too-many-pages", "too-many-pixels", "truncated-scan"}
    | {"unreadable-scan", "unsupported-format", "duplex-half-alone", "duplex-mismatch"}
)
"""What a reader may say of a file."""
_SLOW_ENDS: Final = frozenset((-signal.SIGALRM, -signal.SIGXCPU))
_GRACE: Final = 3.0
"""Seconds for the answer's way, beyond those for its making."""
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_.:?]{1,80}")
"""What a reader says of its own trouble goes into the log only if it is a name and a place in code."""


class LostError(Exception):
    """A reader that crashed, hung, swelled or lied: where it happens again, the fault `code` of its file."""

    def __init__(self, *, code: str, kind: str = "-", where: str = "-") -> None:
        super().__init__(code)
        self.code, self.kind, self.where = code, kind, where

    def fault(self) -> SheetFault:
        return SheetFault(self.code)


class Reader:
    """One process over one file, with `memory` bytes; `patience` is that for the whole file."""

    def __init__(self, nursery: Nursery, path: Path, given: Given, patience: Patience, memory: int) -> None:
        self._nursery, self._given, self._patience, self._memory = nursery, given, patience, memory
        self._line, there = socket.socketpair()
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._process: int | None = nursery.fork(there, file, memory)
        except BaseException:
            self._line.close()
            raise
        finally:
            there.close()
            os.close(file)

    def count(self) -> int:
        """How many pages the file has: the first thing that a reader tells. Raises LostError, SheetFault."""
        told, _ = self._heard(0)
        with _checking():
            return whole(told, "pages", 1, self._given.limits.max_pages)

    def ask(self, number: int) -> None:
        """Have a page looked at (from 1), while we do something else."""
        try:
            send(self._line, {"page": number})
        except GoneError:
            return  # the answer will be missing

    def page(self) -> Looked:
        """The page that was asked for. Raises LostError, SheetFault."""
        told, payload = self._heard(most_kept(self._memory))
        with _checking():
            looked = read_page(told, payload, self._given.limits)
        self._patience.page(len(payload))
        return looked

    def close(self) -> int:
        """End the process; how it had ended."""
        self._line.close()
        process, self._process = self._process, None
        return 0 if process is None else self._nursery.bury(process)

    def _heard(self, most: int) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + min(self._given.bounds.page_seconds + _GRACE, self._patience.left)
        try:
            with self._patience.waiting():
                told, payload = receive(self._line, most, deadline)
        except LateError:
            raise LostError(code="decoder-too-slow") from None
        except GarbledError:
            raise LostError(code="decoder-crashed", kind="garbled") from None
        except GoneError:
            raise _ended(self.close()) from None
        self._refuse(told)
        return told, payload

    def _refuse(self, told: dict[str, Any]) -> None:
        code = told.get("fault")
        if isinstance(code, str) and code in _LOST:
            raise LostError(code=code)
        if isinstance(code, str) and code in _OF_A_FILE:
            raise SheetFault(code, **self._facts(code))
        if code is not None or "broken" in told:
            kind, where = _harmless(told.get("broken")), _harmless(told.get("where"))
            raise LostError(code="decoder-crashed", kind=kind, where=where)

    def _facts(self, code: str) -> dict[str, int]:
        limits = self._given.limits
        known = {
            "too-many-pixels": limits.max_pixels,
            "too-many-pages": limits.max_pages,
            "too-many-bytes": limits.max_bytes,
        }
        return {"limit": known[code]} if code in known else {}


@contextmanager
def _checking() -> Iterator[None]:
    try:
        yield
    except GarbledError:
        raise LostError(code="decoder-crashed", kind="garbled") from None


def _ended(code: int) -> LostError:
    """What the end of a process that said nothing means; SIGKILL is the kernel's, out of memory."""
    if code in _SLOW_ENDS:
        return LostError(code="decoder-too-slow", kind=str(code))
    if code == -signal.SIGKILL:
        return LostError(code="decoder-too-big", kind=str(code))
    return LostError(code="decoder-crashed", kind=str(code))


def _harmless(said: Any) -> str:
    return said if isinstance(said, str) and _HARMLESS.fullmatch(said) else "?"
