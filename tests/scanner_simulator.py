"""Scanners as they are: each way of putting a file into a folder, one operation at a time.

A way is an iterator: each step does one operation on the folder, and whoever drives it says what happens between two
(time passes, the folder is swept, the station is killed). Nothing here sleeps, and nothing reads what it wrote.
"""

import io
import os
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import pikepdf
from PIL import Image

Steps = Iterator[None]
Way = Callable[[Path, bytes], Steps]
"""Puts one file of these bytes at a path."""

_PIECES: Final = 5


def pieces(content: bytes, number: int = _PIECES) -> list[bytes]:
    bounds = [len(content) * part // number for part in range(number + 1)]
    return [content[begin:end] for begin, end in pairwise(bounds)]


# --- One file, whole at the end ---------------------------------------------------------------------------------------


def at_once(path: Path, content: bytes) -> Steps:
    path.write_bytes(content)
    yield


def dripping(path: Path, content: bytes) -> Steps:
    """Kept open, a piece at a time: what a scanner's own SMB client does."""
    with path.open("wb", buffering=0) as file:
        for piece in pieces(content):
            file.write(piece)
            yield


def reopening(path: Path, content: bytes) -> Steps:
    """Closed after each piece: nobody can see that more will come."""
    for piece in pieces(content):
        with path.open("ab") as file:
            file.write(piece)
        yield


def renaming(path: Path, content: bytes, temporary: str = "{}.part") -> Steps:
    """Under a temporary name, then under its own."""
    hidden = path.with_name(temporary.format(path.name))
    yield from reopening(hidden, content)
    hidden.rename(path)
    yield


def rewriting(path: Path, content: bytes) -> Steps:
    """Begun, given up, deleted, and written again."""
    path.write_bytes(content[: len(content) // 2])
    yield
    path.unlink(missing_ok=True)
    yield
    yield from reopening(path, content)


def replacing(path: Path, content: bytes) -> Steps:
    """Half of it is there, and the whole is renamed over it."""
    path.write_bytes(content[: len(content) // 2])
    yield
    yield from renaming(path, content, "~{}")


def preallocated(path: Path, content: bytes) -> Steps:
    """The size first, zeros for content, filled from the beginning."""
    with path.open("wb") as file:
        file.truncate(len(content))
    yield
    yield from _filled(path, content, range(_PIECES))


def backwards(path: Path, content: bytes) -> Steps:
    """The end first, the beginning next, what is between them last: a copy in several streams."""
    yield from _filled(path, content, (_PIECES - 1, 0, 1, 2, 3))


def touched(path: Path, content: bytes) -> Steps:
    """Its time is set again and again, its bytes stay."""
    path.write_bytes(content)
    yield
    for seconds in (1.0, 2.0, 3.0):
        if path.exists():
            os.utime(path, (seconds, seconds))
        yield


def with_clock(path: Path, content: bytes, seconds: float = 4_102_444_800.0) -> Steps:
    """A scanner whose clock is wrong (here: 2100), and which sets it on each piece."""
    for piece in pieces(content):
        with path.open("ab") as file:
            file.write(piece)
            file.flush()
            os.utime(file.fileno(), (seconds, seconds))
        yield


def in_the_past(path: Path, content: bytes) -> Steps:
    return with_clock(path, content, 1.0)


def in_a_new_folder(path: Path, content: bytes) -> Steps:
    """The batch's folder first, empty; then what belongs into it."""
    folder = path.with_name(f"lot {path.stem}")
    folder.mkdir()
    yield
    yield from reopening(folder / path.name, content)


def renamed_folder(path: Path, content: bytes) -> Steps:
    """The folder gets its name when all is in it."""
    folder = path.with_name(f".lot {path.stem}")
    folder.mkdir()
    yield from reopening(folder / path.name, content)
    folder.rename(folder.with_name(folder.name[1:]))
    yield


WAYS: Final[Mapping[str, Way]] = {
    way.__name__.replace("_", "-"): way
    for way in (
        at_once, dripping, reopening, renaming, rewriting, replacing, preallocated, backwards, touched, with_clock,
        in_the_past, in_a_new_folder, renamed_folder,
    )
}  # fmt: skip
"""Ways that end with the file's own bytes under some name, whatever happens between two steps."""


def _filled(path: Path, content: bytes, order: Iterable[int]) -> Steps:
    parts = pieces(content)
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]
    for number in order:
        with path.open("r+b" if path.exists() else "w+b") as file:
            file.seek(starts[number])
            file.write(parts[number])
        yield


# --- Page by page -----------------------------------------------------------------------------------------------------


def growing_pdf(pages: Sequence[Image.Image]) -> tuple[bytes, ...]:
    """A PDF after each page: an incremental update each time, so that each one ends, and begins with the one before."""
    grown = [_pdf_of(pages[0])]
    for page in pages[1:]:
        grown.append(_with_page(grown[-1], page))
    return tuple(grown)


def growing_tiff(pages: Sequence[Image.Image]) -> tuple[bytes, ...]:
    """A TIFF after each page, whole each time: the directory before the new one is linked to it."""
    grown: list[bytes] = []
    for number in range(1, len(pages) + 1):
        with io.BytesIO() as target:
            first, *more = pages[:number]
            first.save(target, "TIFF", compression="tiff_lzw", save_all=True, append_images=more, dpi=(200, 200))
            grown.append(target.getvalue())
    return tuple(grown)


def page_by_page(path: Path, grown: Sequence[bytes]) -> Steps:
    """Rewritten under its name after each page, whatever became of it meanwhile."""
    for content in grown:
        path.write_bytes(content)
        yield


def same_name(path: Path, contents: Sequence[bytes]) -> Steps:
    """A scanner that knows one name, and waits until it is free."""
    for content in contents:
        while path.exists():
            yield
        yield from reopening(path, content)


def burst(folder: Path, contents: Sequence[bytes], name: str = "SCAN{:04}.pdf") -> Steps:
    """Many files, each in one go."""
    for number, content in enumerate(contents, start=1):
        (folder / name.format(number)).write_bytes(content)
        yield


ODD_NAMES: Final = (
    "SCAN.PDF",
    "scan.pdf",
    unicodedata.normalize("NFC", "numérisé.pdf"),
    unicodedata.normalize("NFD", "numérisé.pdf"),
    "é" * 125 + ".pdf",
    "a" * 251 + ".pdf",
    " .pdf",
    "CON.pdf",
    "scan\u202efdp.pdf",
)
"""Names that differ by case or the code of accents alone, of 254 and 255 bytes, reserved elsewhere, misleading."""


def small_pdf(mark: str, size: int = 100) -> bytes:
    """Bytes that begin and end as a PDF does, different for each mark: for tests that look at none of its pages."""
    return b"%PDF-1.4\n" + (mark.encode() * size)[:size] + b"\nstartxref\n9\n%%EOF\n" + mark.encode() + b"\n"


def _pdf_of(page: Image.Image) -> bytes:
    with pikepdf.new() as document, io.BytesIO() as target:
        _add(document, page)
        document.save(target)
        return target.getvalue()


def _with_page(before: bytes, page: Image.Image) -> bytes:
    """The same bytes and an update behind them (ISO 32000-1, 7.5.6): new objects, and the page tree anew."""
    with pikepdf.open(io.BytesIO(before)) as known:
        first, count, root = len(known.objects) + 1, len(known.pages), known.Root.objgen[0]
        tree = known.Root.Pages.objgen[0]
        kids = " ".join(f"{kid.objgen[0]} 0 R" for kid in known.Root.Pages.Kids)
    with io.BytesIO() as target:
        page.save(target, "JPEG", quality=80)
        image = target.getvalue()
    wide, high = page.size
    space = "/DeviceGray" if page.mode == "L" else "/DeviceRGB"
    drawn = f"q {wide * 0.36:.2f} 0 0 {high * 0.36:.2f} 0 0 cm /Im0 Do Q".encode()
    about = f"/Type /XObject /Subtype /Image /Width {wide} /Height {high} /ColorSpace {space} /BitsPerComponent 8"
    objects = {
        tree: f"<< /Type /Pages /Count {count + 1} /Kids [{kids} {first} 0 R] >>".encode(),
        first: (
            f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {wide * 0.36:.2f} {high * 0.36:.2f}] /Contents "
            f"{first + 1} 0 R /Resources << /XObject << /Im0 {first + 2} 0 R >> >> >>"
        ).encode(),
        first + 1: f"<< /Length {len(drawn)} >>\nstream\n".encode() + drawn + b"\nendstream",
        first + 2: (
            f"<< {about} /Filter /DCTDecode /Length {len(image)} >>\nstream\n".encode() + image + b"\nendstream"
        ),
    }
    return before + _update(objects, len(before), _start(before), root, first + 3)


def _update(objects: Mapping[int, bytes], begin: int, previous: int, root: int, size: int) -> bytes:
    body, table = b"\n", b"xref\n"
    for number, content in objects.items():
        table += f"{number} 1\n{begin + len(body):010d} 00000 n \n".encode()
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    trailer = f"trailer\n<< /Size {size} /Root {root} 0 R /Prev {previous} >>\n".encode()
    return body + table + trailer + f"startxref\n{begin + len(body)}\n%%EOF\n".encode()


def _start(content: bytes) -> int:
    return int(content.rpartition(b"startxref")[2].split()[0])


def _add(document: pikepdf.Pdf, page: Image.Image) -> None:
    with io.BytesIO() as target:
        page.save(target, "JPEG", quality=80)
        image = pikepdf.Stream(document, target.getvalue())
    image.stream_dict = pikepdf.Dictionary({
        "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": page.width, "/Height": page.height,
        "/ColorSpace": pikepdf.Name.DeviceGray if page.mode == "L" else pikepdf.Name.DeviceRGB,
        "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode,
    })  # fmt: skip
    wide, high = (side * 0.36 for side in page.size)
    added = document.add_blank_page(page_size=(wide, high))
    added.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
    added.Contents = document.make_stream(f"q {wide:.2f} 0 0 {high:.2f} 0 0 cm /Im0 Do Q".encode())


# --- Several scanners at once -----------------------------------------------------------------------------------------


def interleaved(ways: Sequence[Steps]) -> Steps:
    """One operation of each in turn, until all have ended."""
    left = list(ways)
    while left:
        for way in tuple(left):
            try:
                next(way)
            except StopIteration:
                left.remove(way)
            else:
                yield


class Scanning(threading.Thread):
    """A scanner that works by itself, with a pause after each operation, beside a station in another process."""

    def __init__(self, steps: Steps, pause: float) -> None:
        """`pause` in seconds."""
        super().__init__(name="scanner", daemon=True)
        self._steps, self._pause = steps, pause
        self._ended = threading.Event()
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            for _ in self._steps:
                if self._ended.wait(self._pause):
                    return
        except Exception as error:  # noqa: BLE001  told by `ended`, in the thread that asks
            self.failed = error

    def ended(self, timeout: float) -> None:
        """Wait until it has done all. Raises what stopped it, and TimeoutError."""
        self.join(timeout)
        if self.failed is not None:
            raise self.failed
        if self.is_alive():
            self._ended.set()
            raise TimeoutError
