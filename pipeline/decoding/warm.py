"""A process that has every decoder loaded and never sees a file: each file gets a fresh copy of it (fork), in
milliseconds, so that no file meets what another one did to a decoder, or left in memory.

Run by `pipeline.decoding.decoders` as `python -I -S -B`, its standard input a socket of whole messages.
"""

import gc
import importlib
import io
import os
import signal
import socket
from typing import Any, Final

import pikepdf
from PIL import Image, ImageCms

from pipeline.decoding import confine
from pipeline.decoding.reader import read_file
from pipeline.decoding.warm_terms import LONGEST, READY, UNFENCED, Given
from pipeline.formats import draw
from pipeline.formats.raster import Placing, page
from pipeline.sighting import examine

_DESCRIPTORS: Final = 2
_BROKE_OFF: Final = frozenset((-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL))
_LATE: Final = ("PIL.MpoImagePlugin", "PIL.TiffImagePlugin")
"""What Pillow would load with the first file of their kind."""


def main(text: str) -> None:
    """Answer until the station is gone: `fork N` (with a socket and a file; N bytes of memory) by the identifier of a
    process, `reap N` by how process N ended."""
    given = Given.of(text)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)  # it ends with the station, not beside it
    control = socket.socket(fileno=0)
    _load()
    fenced = confine.shut_in()
    gc.collect()
    gc.freeze()
    control.send(READY if fenced else UNFENCED)
    readers: dict[int, int] = {}
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LONGEST, _DESCRIPTORS)
        if not message:
            return
        asked, _, number = message.decode().partition(" ")
        if asked == "fork":
            process = _forked(control, descriptors, given, int(number))
            readers[process] = int(number)
            control.send(str(process).encode())
        else:
            control.send(str(_ended(int(number), readers.pop(int(number)))).encode())


def _forked(control: socket.socket, descriptors: list[int], given: Given, memory: int) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        for descriptor in descriptors:
            os.close(descriptor)
        return child
    ended = 1
    try:
        control.close()
        line, file = descriptors
        read_file(socket.socket(fileno=line), file, given, memory, parent)
        ended = 0
    finally:
        os._exit(ended)


def _ended(process: int, memory: int) -> int:
    """How a process ended: its exit code, or minus the signal; -SIGKILL, as by the kernel, where it broke off full.

    PDFium and C++ libraries abort when they are refused memory, as they do when they find themselves broken. What was
    resident is less than the address space that is bounded: libraries, what is reserved and not touched.
    """
    _, status, usage = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    return -signal.SIGKILL if code in _BROKE_OFF and 2 * usage.ru_maxrss * 1024 > memory else code


def _load() -> None:
    """Everything that a library would load with its first file, by files of our own: later nothing can be opened."""
    Image.preinit()
    for name in _LATE:
        importlib.import_module(name)
    ImageCms.createProfile("sRGB")
    for mode in ("1", "L", "RGB"):
        examine(page(Image.new(mode, (64, 64), 255), Placing()))
    with io.BytesIO() as blob, pikepdf.new() as document:
        added: Any = document.add_blank_page(page_size=(144, 144))
        added.Contents = document.make_stream(b"BT /F1 12 Tf (x) Tj ET")
        document.save(blob)
        with draw.drawing(blob, 1) as drawing:
            drawing.drawn(0, 72.0)
