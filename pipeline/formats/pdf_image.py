"""Whether a PDF page is one scanned image and nothing else, and how it lies on the page (ISO 32000-1, 8.3, 8.9)."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pikepdf

from pipeline.formats.raster import Placing

Affine = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]

_IDENTITY: Final[Affine] = (1, 0, 0, 1, 0, 0)
_LONGEST_CONTENT: Final = 1 << 20
_LONGEST_UNFOLDED: Final = 1 << 22
"""Bytes of a page's content, as coded and unfolded: a scanner's page has a line, and a text layer of some 100 KiB."""
_DEEPEST_FORM: Final = 3
_INVISIBLE: Final = 3
_COVERS: Final = 0.85
_BEYOND: Final = 0.02
_ASKEW: Final = 0.002
_ORIENTATIONS: Final = {
    ((1, 0), (0, 1)): 1, ((-1, 0), (0, 1)): 2, ((-1, 0), (0, -1)): 3, ((1, 0), (0, -1)): 4,
    ((0, 1), (1, 0)): 5, ((0, 1), (-1, 0)): 6, ((0, -1), (-1, 0)): 7, ((0, -1), (1, 0)): 8,
}  # fmt: skip
"""Where the image's x and y axes point on the screen (right, down positive): the orientation of TIFF tag 274."""
_PATH: Final = frozenset(("m", "l", "c", "v", "y", "h"))
_SHOWS_TEXT: Final = frozenset(("Tj", "TJ", "'", '"'))
_HARMLESS: Final = frozenset(
    (
        *("q", "Q", "cm", "gs", "w", "J", "j", "M", "d", "ri", "i", "Do", "BX", "EX"),
        *("BT", "ET", "Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts", "Td", "TD", "Tm", "T*", *_SHOWS_TEXT),
        *("BMC", "BDC", "EMC", "MP", "DP", "n", "re", "W", "W*", *_PATH),
        *("g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "scn", "SC", "SCN"),
    )
)
"""Operators that mark nothing by themselves, or that are looked at below."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The only image of a page; `placing` includes the page's own /Rotate and UserUnit."""

    image: pikepdf.Object
    placing: Placing


class _NotOneImageError(Exception):
    """The page shows something else beside, or something that only a renderer understands."""


@dataclass(frozen=True, slots=True)
class _State:
    matrix: Affine = _IDENTITY
    text_mode: int = 0
    clips: tuple[Box, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What was met so far: images with the state they were drawn in."""

    drawn: list[tuple[pikepdf.Object, _State]] = field(default_factory=list)

    def content(self, owner: pikepdf.Object, resources: pikepdf.Object, state: _State, depth: int) -> None:
        stack = [state]
        path: list[Box | None] = []
        for instruction in pikepdf.parse_content_stream(owner):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                raise _NotOneImageError
            operator, operands = str(instruction.operator), tuple(instruction.operands)
            if operator not in _HARMLESS:
                raise _NotOneImageError
            if operator == "Do":
                self._draw(_looked_up(resources, "/XObject", operands), resources, stack[-1], depth)
            elif operator == "gs":
                _refuse_transparency(_looked_up(resources, "/ExtGState", operands))
            else:
                _advance(operator, operands, stack, path)

    def _draw(self, drawn: pikepdf.Object, resources: pikepdf.Object, state: _State, depth: int) -> None:
        if drawn.get("/Subtype") == "/Image":
            self.drawn.append((drawn, state))
            return
        if drawn.get("/Subtype") != "/Form" or depth >= _DEEPEST_FORM or "/OC" in drawn:
            raise _NotOneImageError
        matrix = drawn.get("/Matrix")
        inner = _numbers(matrix) if matrix is not None else _IDENTITY
        whole = _times(_affine(inner), state.matrix)
        clip = _bounds(_numbers(drawn["/BBox"]), whole)
        _refuse_long((drawn,))
        self.content(
            drawn,
            drawn.get("/Resources", resources),
            replace(state, matrix=whole, clips=(*state.clips, clip)),
            depth + 1,
        )


def sole_image(page: pikepdf.Page) -> Placed | None:
    """The page's one image, when all that the page shows is this image and the page shows all of it; else None.

    Invisible text (mode 3) is passed over: only the image counts. Raises pikepdf's errors on broken pages.
    """
    try:
        return _sole_image(page)
    except (_NotOneImageError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        # Also whatever is not as ISO 32000 has it: the renderer judges it.
        return None


def _sole_image(page: pikepdf.Page) -> Placed | None:
    if _shows_annotations(page) or "/Contents" not in page:
        return None
    contents = page.obj["/Contents"]
    _refuse_long(contents if isinstance(contents, pikepdf.Array) else (contents,))
    reading = _Reading()
    reading.content(page.obj, page.resources, _State(), 0)
    if len(reading.drawn) != 1:
        return None
    image, state = reading.drawn[0]
    if any(key in image for key in ("/SMask", "/Mask", "/OC")) or image.get("/ImageMask", False):
        return None
    box = _bounds((0, 0, 1, 1), state.matrix)
    shown = _visible_box(page)
    if not _fills(box, shown) or not all(_inside(box, clip, shown) for clip in state.clips):
        return None
    orientation = _orientation(state.matrix, page.rotation)
    if orientation is None:
        return None
    a, b, c, d, *_ = state.matrix
    unit = float(page.obj.get("/UserUnit", 1)) / 72
    width, height = int(image["/Width"]), int(image["/Height"])
    dpi = width / (_length(a, b) * unit), height / (_length(c, d) * unit)
    return Placed(image, Placing(dpi, orientation))


def _shows_annotations(page: pikepdf.Page) -> bool:
    annotations: Iterable[pikepdf.Object] = page.obj.get("/Annots", ())
    return any(annotation.get("/Subtype") not in {"/Link", "/Popup"} for annotation in annotations)


def _refuse_long(streams: Iterable[pikepdf.Object]) -> None:
    """A page of drawings is the renderer's; a stream that swells without end is nobody's."""
    raw = unfolded = 0
    for stream in streams:
        blob = stream.read_raw_bytes()
        raw += len(blob)
        unfolded += _unfolded(blob, stream.get("/Filter"))
        if raw > _LONGEST_CONTENT or unfolded > _LONGEST_UNFOLDED:
            raise _NotOneImageError


def _unfolded(blob: bytes, coding: pikepdf.Object | None) -> int:
    """Bytes that a content stream unfolds to, counted no further than they may be; Flate is what scanners use."""
    names = [str(name) for name in coding] if isinstance(coding, pikepdf.Array) else [str(coding)] if coding else []
    match names:
        case []:
            return len(blob)
        case ["/FlateDecode"]:
            try:
                return len(zlib.decompressobj().decompress(blob, _LONGEST_UNFOLDED + 1))
            except zlib.error:
                raise _NotOneImageError from None
        case _:
            raise _NotOneImageError


def _looked_up(resources: pikepdf.Object, category: str, operands: Sequence[object]) -> pikepdf.Object:
    return resources[category][str(operands[0])]


def _refuse_transparency(state: pikepdf.Object) -> None:
    plain = {"/SMask": "/None", "/BM": "/Normal", "/ca": 1, "/CA": 1}
    if any(key in state and state[key] != value for key, value in plain.items()) or "/TR" in state:
        raise _NotOneImageError


def _advance(operator: str, operands: Sequence[object], stack: list[_State], path: list[Box | None]) -> None:
    """What one operator does to the graphics state; paths matter for clipping only, nothing may be painted."""
    state = stack[-1]
    if operator == "q":
        stack.append(state)
    elif operator == "Q":
        stack.pop()
    elif operator == "cm":
        stack[-1] = replace(state, matrix=_times(_affine(_numbers(operands)), state.matrix))
    elif operator == "Tr":
        stack[-1] = replace(state, text_mode=int(_numbers(operands)[0]))
    elif operator in {"W", "W*"}:
        if len(path) != 1 or path[0] is None:
            raise _NotOneImageError
        stack[-1] = replace(state, clips=(*state.clips, path[0]))
    elif (operator in _SHOWS_TEXT and state.text_mode != _INVISIBLE) or (operator == "BDC" and operands[0] == "/OC"):
        raise _NotOneImageError
    else:
        _outline(operator, operands, state.matrix, path)


def _outline(operator: str, operands: Sequence[object], matrix: Affine, path: list[Box | None]) -> None:
    """The path under way: rectangles by their bounds, anything else as None."""
    if operator == "re":
        x, y, width, height = _numbers(operands)
        path.append(_bounds((x, y, x + width, y + height), matrix))
    elif operator in _PATH:
        path.append(None)
    elif operator == "n":
        path.clear()


def _numbers(values: Iterable[object]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)  # type: ignore[arg-type]  # int or Decimal; anything else raises TypeError


def _affine(values: Sequence[float]) -> Affine:
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _times(first: Affine, then: Affine) -> Affine:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(box: Sequence[float], matrix: Affine) -> Box:
    a, b, c, d, e, f = matrix
    left, bottom, right, top = box
    corners = [(x * a + y * c + e, x * b + y * d + f) for x in (left, right) for y in (bottom, top)]
    across, up = zip(*corners, strict=True)
    return min(across), min(up), max(across), max(up)


def _visible_box(page: pikepdf.Page) -> Box:
    media, crop = (_bounds(_numbers(box), _IDENTITY) for box in (page.mediabox, page.cropbox))
    return max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])


def _fills(box: Box, shown: Box) -> bool:
    """The image is all on the page, and the page has little beside it."""
    wide, high = shown[2] - shown[0], shown[3] - shown[1]
    covers = box[2] - box[0] >= _COVERS * wide and box[3] - box[1] >= _COVERS * high
    return wide > 0 and high > 0 and covers and _inside(box, shown, shown)


def _inside(box: Box, frame: Box, shown: Box) -> bool:
    """Whether `box` lies in `frame`, but for two hundredths of the page."""
    across, up = _BEYOND * (shown[2] - shown[0]), _BEYOND * (shown[3] - shown[1])
    low = box[0] >= frame[0] - across and box[1] >= frame[1] - up
    return low and box[2] <= frame[2] + across and box[3] <= frame[3] + up


def _orientation(matrix: Affine, rotation: int) -> int | None:
    """TIFF orientation of the image as the page shows it; None when it lies at an angle."""
    a, b, c, d, *_ = matrix
    axes = _axis(a, -b), _axis(-c, d)
    if axes[0] is None or axes[1] is None:
        return None
    x_axis, y_axis = axes[0], axes[1]
    for _ in range(rotation // 90 % 4):
        x_axis, y_axis = (-x_axis[1], x_axis[0]), (-y_axis[1], y_axis[0])
    return _ORIENTATIONS.get((x_axis, y_axis))


def _axis(across: float, down: float) -> tuple[int, int] | None:
    length = _length(across, down)
    if not length or min(abs(across), abs(down)) > _ASKEW * length:
        return None
    if abs(across) > abs(down):
        return (1 if across > 0 else -1), 0
    return 0, (1 if down > 0 else -1)


def _length(x: float, y: float) -> float:
    return float((x * x + y * y) ** 0.5)
