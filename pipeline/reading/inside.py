"""A process that has Tesseract's library loaded and reads one copy after the other, until its input ends.

Run by `pipeline.reading.library` as `python -I -S -B`; it imports next to nothing, so that it starts in a tenth of a
second. A request is a line, an answer its length and lines. It says nothing else, to nobody.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_FEWEST_CHARACTERS = "12"
_DESCRIPTORS = 32
_UPRIGHT = 0
_ORIENTATION_ONLY = 0
_RAW_LINE = 13
_STRIP_HEIGHT, _STRIP_DPI = 36, 300
"""As `strips.strip` makes them."""


def main(tessdata: str, models: str, language: str, memory: str, parent: str) -> None:
    """Say versions, then answer `words SEGMENTATION DPI PATH`, `lines WIDTH,WIDTH,... 0 PATH` and `turns 0 DPI PATH`.

    `tessdata`: where orientation's model is; `models`: the language's; `memory`: bytes of address space; `parent`: the
    process with which this one ends.
    """
    answers = _shut_in(int(memory), int(parent))
    sys.modules["PIL"] = None  # type: ignore[assignment]  # half of the start; nothing here needs it
    library = __import__("tesserocr")
    reading = library.PyTessBaseAPI(path=models, lang=language)
    for name, chosen in (("invert_threshold", "0"), ("tessedit_enable_doc_dict", "0")):
        reading.SetVariable(name, chosen)
    _say(answers, f"{library.__version__}\n{library.tesseract_version().split()[1]}")
    for line in sys.stdin.buffer:
        asked, segmentation, dpi, path = os.fsdecode(line.rstrip(b"\n")).split(" ", 3)
        if asked == "lines":
            _say(answers, _lines(library, reading, segmentation, path))
        elif asked == "words":
            _say(answers, _words(library, reading, int(segmentation), int(dpi), path))
        else:
            _say(answers, _turns(library, tessdata, int(dpi), path))


def _shut_in(memory: int, parent: int) -> int:
    """No file is written, no core dumped, no life after the parent's; a descriptor for answers that nobody else has."""
    kernel = ctypes.CDLL(None)
    kernel.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    kernel.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for name, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
    ):
        resource.setrlimit(name, (most, most))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the station, not beside it
    answers = os.dup(1)
    os.dup2(2, 1)  # what the library prints goes where its complaints go: nowhere
    return answers


def _say(answers: int, text: str) -> None:
    content = text.encode("utf-8", "replace")
    left = memoryview(b"%d\n" % len(content) + content)
    while left:
        left = left[os.write(answers, left) :]


def _words(library: Any, reading: Any, segmentation: int, dpi: int, path: str) -> str:
    """Lines of text, each followed by its words: what hOCR tells of them, as Tesseract computes it for hOCR.

    `L x0 y0 x1 y1 size textangle` or `L x0 y0 x1 y1 size 0 slope offset`; `W x0 y0 x1 y1 confidence text`.
    """
    reading.SetPageSegMode(segmentation)
    reading.SetImageFile(path)
    reading.SetSourceResolution(dpi)
    reading.Recognize()
    found, shape, at = [], "", reading.GetIterator()
    word, line = library.RIL.WORD, library.RIL.TEXTLINE
    while at is not None and not at.Empty(library.RIL.BLOCK):
        if at.IsAtBeginningOf(line):
            shape = _line(at, line)
        text = "" if at.Empty(word) else " ".join(at.GetUTF8Text(word).split())
        if text and shape:
            found.append(shape)
            shape = ""
        if text:
            box = " ".join(map(str, at.BoundingBox(word)))
            found.append(f"W {box} {int(at.Confidence(word))} {text}")
        if not at.Next(word):
            break
    reading.Clear()
    reading.ClearAdaptiveClassifier()
    return "\n".join(found)


def _lines(library: Any, reading: Any, widths: str, path: str) -> str:
    """Of each strip `S`, then its words: `x0 x1 confidence text`."""
    found, at = [], 0
    reading.SetPageSegMode(_RAW_LINE)
    with open(path, "rb") as file:  # noqa: PTH123  pathlib would be imported for nothing else
        samples = file.read()
    for width in map(int, widths.split(",")):
        size = width * _STRIP_HEIGHT
        reading.SetImageBytes(samples[at : at + size], width, _STRIP_HEIGHT, 1, width)
        reading.SetSourceResolution(_STRIP_DPI)
        reading.Recognize()
        found += ["S", *_strip(library, reading.GetIterator())]
        at += size
    reading.Clear()
    reading.ClearAdaptiveClassifier()
    return "\n".join(found)


def _strip(library: Any, at: Any) -> Iterator[str]:
    word = library.RIL.WORD
    while at is not None and not at.Empty(word):
        left, _, right, _ = at.BoundingBox(word)
        text = " ".join(at.GetUTF8Text(word).split())
        if text:
            yield f"{left} {right} {int(at.Confidence(word))} {text}"
        if not at.Next(word):
            break


def _line(at: Any, line: int) -> str:
    left, top, right, bottom = at.BoundingBox(line)
    shape = f"L {left} {top} {right} {bottom} {at.RowAttributes()['row_height']:.6g}"
    turned = int(at.Orientation()[0])
    if turned != _UPRIGHT:
        return f"{shape} {360 - 90 * turned}"
    ends = at.Baseline(line)
    if ends is None or ends[0][0] == ends[1][0]:
        return f"{shape} 0"
    (x0, y0), (x1, y1) = ends
    slope = (y1 - y0) / (x1 - x0)
    return f"{shape} 0 {slope:.6g} {y0 - bottom - slope * (x0 - left):.6g}"


def _turns(library: Any, tessdata: str, dpi: int, path: str) -> str:
    """Quarter turns; nothing where it cannot tell. Its model is let go of each time: it is as big as all the rest."""
    with library.PyTessBaseAPI(path=tessdata, lang="osd", psm=_ORIENTATION_ONLY) as seeing:
        seeing.SetVariable("min_characters_to_try", _FEWEST_CHARACTERS)
        seeing.SetImageFile(path)
        seeing.SetSourceResolution(dpi)
        seen = seeing.DetectOrientationScript()
    return "" if seen is None else str(-seen["orient_deg"] // 90 % 4)
