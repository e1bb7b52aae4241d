"""Separator sheets as they come out of a scanner: drawn, worn, fed askew, copied, and scanned in every way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from pipeline.formats.raster import Placing, jpeg_page, page
from pipeline.model import PageImage
from tests.pages_fixtures import jpeg_bytes

DPI: Final = 300
"""Of what is drawn, before it is scanned."""
MM: Final = DPI / 25.4
A4: Final = (round(297 * MM), round(210 * MM))
LARGE_AT: Final = (105.0, 85.0)
SMALL_AT: Final = (168.0, 258.0)

Sheet = NDArray[np.uint8]
"""Grey, height by width, 0 black."""


def empty() -> Sheet:
    return np.full(A4, 255, np.uint8)


def symbol(text: str, kind: zxingcpp.BarcodeFormat, module: float) -> Sheet:
    """A code in modules of so many millimetres, with its quiet zone."""
    options: dict[str, Any] = {}
    if kind == zxingcpp.BarcodeFormat.QRCode:
        options["ec_level"] = "M"
    elif kind == zxingcpp.BarcodeFormat.DataMatrix:
        options["force_square"] = True
    made = np.array(zxingcpp.create_barcode(text, kind, **options).to_image(scale=1), np.uint8)
    side = module * MM
    size = round(made.shape[1] * side), round(made.shape[0] * side)
    return np.asarray(cv2.resize(made, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def put(sheet: Sheet, what: Sheet, at: tuple[float, float]) -> Sheet:
    """`what` on the sheet, its centre so many millimetres from the sheet's left and top."""
    left, top = round(at[0] * MM - what.shape[1] / 2), round(at[1] * MM - what.shape[0] / 2)
    copy = sheet.copy()
    copy[top : top + what.shape[0], left : left + what.shape[1]] = what
    return copy


def typed(sheet: Sheet, lines: int, top: float = 150.0, words: str = "Examen du jour sans particularite. ") -> Sheet:
    """Lines of type, 3 mm high, from `top` millimetres on."""
    copy = sheet.copy()
    for line in range(lines):
        place = round(25 * MM), round((top + 6.0 * line) * MM)
        cv2.putText(copy, (words * 4)[:88], place, cv2.FONT_HERSHEY_SIMPLEX, 0.95, 25, 2, cv2.LINE_AA)
    return copy


def covered(text: str, kind: zxingcpp.BarcodeFormat, large: float = 1.2, small: float = 0.7) -> Sheet:
    """A separator sheet: the code twice, in modules of so many millimetres, and a few words."""
    sheet = typed(empty(), 4, words="Reference du patient: P00042 - ")
    return put(put(sheet, symbol(text, kind, large), LARGE_AT), symbol(text, kind, small), SMALL_AT)


PATCHES: Final[Mapping[str, str]] = {
    "1": "5252222", "2": "5222225", "3": "5222522", "4": "2252522", "6": "2222525", "t": "2252225",
}  # fmt: skip
"""Bars and spaces from the leading edge, in units of 0.04 inch."""


def patch(kind: str, length: float = 64.0, scale: float = 1.0) -> Sheet:
    """A patch code with horizontal bars of so many millimetres."""
    unit = 0.04 * DPI * scale
    edges = np.concatenate(([0], np.cumsum([int(width) for width in PATCHES[kind]]))) * unit
    made = np.full((round(edges[-1]), round(length * MM)), 255, np.uint8)
    for first, last in zip(edges[0:-1:2], edges[1::2], strict=True):
        made[round(first) : round(last)] = 0
    return made


def patched(kind: str, *sides: int, length: float = 94.0, scale: float = 1.0, words: int = 3) -> Sheet:
    """A patch sheet: the code along each of these sides (0 top, then clockwise), its first bar nearest to the side."""
    sheet = typed(empty(), words, words="PATCH CODE - separateur ")
    for side in sides:
        turned = np.ascontiguousarray(np.rot90(sheet, side))
        high, wide = patch(kind, length, scale).shape
        left, top = (turned.shape[1] - wide) // 2, round(6.5 * MM)
        turned[top : top + high, left : left + wide] = patch(kind, length, scale)
        sheet = np.ascontiguousarray(np.rot90(turned, -side))
    return sheet


def folded(sheet: Sheet) -> Sheet:
    """A fold through the middle of the large code: the ink is rubbed off along it, with a shadow beside."""
    copy = sheet.copy()
    at = round(LARGE_AT[1] * MM)
    cv2.line(copy, (0, at), (copy.shape[1], at + 30), 250, round(0.7 * MM))
    cv2.line(copy, (0, at + 9), (copy.shape[1], at + 39), 170, round(0.25 * MM))
    return copy


def faint(sheet: Sheet) -> Sheet:
    return _toned(sheet, 165, 245)


def dark(sheet: Sheet) -> Sheet:
    return _toned(sheet, 15, 120)


def on_coloured_paper(sheet: Sheet) -> Sheet:
    return _toned(sheet, 40, 175)


def stamped(sheet: Sheet) -> Sheet:
    """A stamp and a stroke of the pen, both across the large code."""
    copy = sheet.copy()
    centre = round((LARGE_AT[0] + 12) * MM), round((LARGE_AT[1] + 12) * MM)
    cv2.ellipse(copy, centre, (round(22 * MM), round(11 * MM)), -15, 0, 360, 70, round(0.9 * MM))
    cv2.putText(copy, "RECU LE 12 MARS", (centre[0] - 200, centre[1]), cv2.FONT_HERSHEY_DUPLEX, 1.4, 70, 4)
    start = round((LARGE_AT[0] - 25) * MM), round((LARGE_AT[1] - 8) * MM)
    cv2.line(copy, start, (start[0] + round(50 * MM), start[1] + round(6 * MM)), 50, round(0.6 * MM))
    return copy


def punched(sheet: Sheet) -> Sheet:
    """Two holes in the margin, and one in the large code, as of a sheet that was filed crosswise."""
    copy = sheet.copy()
    for across, down in ((12.0, 108.5), (12.0, 188.5), (LARGE_AT[0] + 4, LARGE_AT[1] + 3)):
        cv2.circle(copy, (round(across * MM), round(down * MM)), round(2.75 * MM), 25, cv2.FILLED)
    return copy


def copied(sheet: Sheet) -> Sheet:
    """A photocopy: a little smaller, a little askew, thicker, hard, speckled."""
    small = _turned(sheet, 1.2, 0.96)
    soft = cv2.GaussianBlur(small, (0, 0), 2.6).astype(np.float32) + _noise(small.shape, 30)
    return np.where(soft < 150, np.uint8(20), np.uint8(250)).astype(np.uint8)


def crumpled(sheet: Sheet) -> Sheet:
    """Not flat: no point is further than a millimetre from its place."""
    down, across = np.mgrid[0 : sheet.shape[0], 0 : sheet.shape[1]].astype(np.float32)
    waves = np.float32(1.0 * MM)
    shifted = across + waves * np.sin(down / np.float32(21 * MM)), down + waves * np.cos(across / np.float32(17 * MM))
    return np.asarray(cv2.remap(sheet, *shifted, cv2.INTER_LINEAR, borderValue=255), np.uint8)


def shaded(sheet: Sheet) -> Sheet:
    """Half of it in the shadow of a lid that did not close."""
    light = np.linspace(1.0, 0.35, sheet.shape[1], dtype=np.float32)
    return np.asarray(sheet * light, np.uint8)


def shining_through(sheet: Sheet) -> Sheet:
    """The type of the sheet behind it, mirrored and faint."""
    other = cv2.GaussianBlur(typed(empty(), 44, 20.0)[:, ::-1], (0, 0), 3).astype(np.float32)
    return np.clip(sheet - (255 - other) * 0.15, 0, 255).astype(np.uint8)


def _toned(sheet: Sheet, ink: int, paper: int) -> Sheet:
    return (ink + sheet.astype(np.float32) * ((paper - ink) / 255)).astype(np.uint8)


WEAR: Final[Mapping[str, Callable[[Sheet], Sheet]]] = {
    "as printed": lambda sheet: sheet,
    "folded": folded,
    "faint": faint,
    "dark": dark,
    "coloured paper": on_coloured_paper,
    "stamped": stamped,
    "punched": punched,
    "copied": copied,
    "crumpled": crumpled,
    "shaded": shaded,
    "shining through": shining_through,
}


@dataclass(frozen=True, slots=True)
class Fed:
    """How a sheet is scanned. `degrees` clockwise; `mode`: grey, colour, bilevel or noisy (bilevel, badly set)."""

    dpi: int = 200
    degrees: float = 0.0
    mode: str = "grey"


def scan(sheet: Sheet, fed: Fed) -> PageImage:
    """The sheet as a scanner gives it."""
    turned = _turned(sheet, fed.degrees)
    factor = fed.dpi / DPI
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    sized = turned if fed.dpi == DPI else cv2.resize(turned, None, fx=factor, fy=factor, interpolation=way)
    levels = cv2.GaussianBlur(sized, (0, 0), 0.5 * fed.dpi / 200).astype(np.float32) * 0.9 + 12
    if fed.mode in {"bilevel", "noisy"}:
        grainy = levels + _noise(levels.shape, float(np.ptp(levels)) * (0.09 if fed.mode == "noisy" else 0.04))
        return page(Image.fromarray(grainy > _threshold(levels, fed.mode)), Placing((fed.dpi, fed.dpi)))
    grainy = np.clip(levels + _noise(levels.shape, 6), 0, 255).astype(np.uint8)
    image = Image.fromarray(_tinted(grainy) if fed.mode == "colour" else grainy)
    return jpeg_page(jpeg_bytes(image, quality=60), Placing((fed.dpi, fed.dpi)))


def _threshold(levels: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    """As scanners set it: between the paper around and the darkest ink; badly set, nearer to the paper."""
    small = cv2.resize(levels, None, fx=0.05, fy=0.05, interpolation=cv2.INTER_AREA)
    paper = cv2.blur(cv2.dilate(small, np.ones((9, 9), np.uint8)), (9, 9))
    ink = np.float32(levels.min())
    level = ink + (paper - ink) * np.float32(0.68 if mode == "noisy" else 0.55)
    return np.asarray(cv2.resize(level, levels.shape[::-1]), np.float32)


def _tinted(grey: Sheet) -> Sheet:
    """Of a yellowish light."""
    return np.stack((grey, (grey * 0.97).astype(np.uint8), (grey * 0.82).astype(np.uint8)), axis=2)


def _turned(sheet: Sheet, degrees: float, scale: float = 1.0) -> Sheet:
    """Clockwise: whole quarters with the sheet, the rest within it."""
    quarters = round(degrees / 90)
    whole = np.ascontiguousarray(np.rot90(sheet, -quarters))
    rest = degrees - 90 * quarters
    if not rest and scale == 1.0:
        return whole
    high, wide = whole.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), -rest, scale)
    border = int(np.median(whole))
    return np.asarray(cv2.warpAffine(whole, turn, (wide, high), flags=cv2.INTER_LINEAR, borderValue=border), np.uint8)


_GRAIN: Final = np.random.default_rng(11).normal(0, 1, (1024, 1024)).astype(np.float32)


def _noise(shape: tuple[int, ...], strength: float) -> NDArray[np.float32]:
    tiles = -(-shape[0] // 1024), -(-shape[1] // 1024)
    return np.asarray(np.tile(_GRAIN, tiles)[: shape[0], : shape[1]] * np.float32(strength), np.float32)
