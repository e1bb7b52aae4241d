"""One file read, page by page, by a process that lives no longer: pages out, or what is wrong with the file."""

import os
import signal
import socket
import traceback
from pathlib import Path
from typing import Any

from lexicon.faults import SheetFault
from pipeline import pages
from pipeline.decoding import confine
from pipeline.decoding.answers import Looked, most_kept, tell_page
from pipeline.decoding.frames import GoneError, receive, send
from pipeline.decoding.warm_terms import Given
from pipeline.sighting import examine, unexamined


def read_file(line: socket.socket, descriptor: int, given: Given, memory: int, parent: int) -> None:
    """Tell how many pages the file has, then each page that is asked for, until nobody asks; never returns a page cut.

    `memory` is all that it may take, in bytes. A page that takes too long ends the process (SIGALRM). What cannot be
    told ends it too: the station sees that.
    """
    confine.bound(memory, parent)
    seconds = given.bounds.page_seconds
    try:
        with os.fdopen(descriptor, "rb") as file:
            _alarm(seconds)
            with pages.opened(file, given.limits) as found:
                _alarm(0)
                send(line, {"pages": found.count})
                while True:
                    _tell(line, found, receive(line, 0)[0]["page"], given, most_kept(memory))
    except GoneError:
        return
    except Exception as error:  # noqa: BLE001  whatever a file does to a decoder is told, without the error's own words
        _alarm(0)
        send(line, _told(error))


def _tell(line: socket.socket, found: pages.Pages, number: int, given: Given, most: int) -> None:
    _alarm(given.bounds.page_seconds)
    page = found.take(number - 1)
    image = page.image
    if len(image.payload) > most:
        raise MemoryError
    # which decodes the image as it will be kept, unless that was done on the way: what passes can be decoded
    seen = examine(image, given.separation, page.grey) if given.separation else unexamined(image, page.grey)
    _alarm(0)
    send(line, tell_page(Looked(image, seen)), image.payload)


def _alarm(seconds: float) -> None:
    """No handler: a library deep in its own loop is ended as well. Waiting for the station to listen does not count."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _told(error: Exception) -> dict[str, Any]:
    match error:
        case SheetFault():
            return {"fault": error.code}
        case MemoryError():
            return {"fault": "decoder-too-big"}
        case _:
            frames = traceback.extract_tb(error.__traceback__)
            where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
            return {"broken": type(error).__name__, "where": where}
