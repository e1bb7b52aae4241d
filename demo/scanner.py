"""The scanner's part: paper made a little crooked, grey and noisy, written as scanners write it (TIFF, JPEG, PDF)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

_Levels = NDArray[np.uint8]

_SKEW: Final = 0.8
"""Degrees at most."""
_TILE: Final = 512
_THRESHOLD: Final = [0] * 151 + [255] * 105
_COLOURED: Final = 3
"""Dimensions of an array of coloured pixels."""
_ONE_STRIP: Final = 1 << 30
_STRIP_OFFSETS, _STRIP_BYTES, _PHOTOMETRIC = 273, 279, 262


class Mode(StrEnum):
    BILEVEL = "bilevel"
    GREY = "grey"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One side of a sheet as it comes out of the feeder: Pillow mode `1`, `L` or `RGB`."""

    image: Image.Image
    dpi: int

    def jpeg(self) -> bytes:
        """A baseline JPEG file with its resolution."""
        written = io.BytesIO()
        self.image.save(written, "JPEG", quality=78, dpi=(self.dpi, self.dpi))
        return written.getvalue()


def scan(
    paper: Image.Image, dpi: int, mode: Mode, rng: np.random.Generator, other_side: Image.Image | None = None
) -> Scanned:
    """Feed one side: less than a degree of skew, uneven light, noise, and what shines through from the other side."""
    levels = np.asarray(paper.convert("RGB" if mode is Mode.COLOUR else "L"))
    if other_side is not None:
        levels = _shine_through(levels, other_side)
    levels = _dusted(_inked(_skewed(levels, rng), rng), dpi, rng)
    grain = _grain(levels.shape[:2], 5.0 if mode is Mode.BILEVEL else 2.6, rng)
    levels = _levels(cv2.add(levels, cv2.merge([grain] * 3) if mode is Mode.COLOUR else grain, dtype=cv2.CV_8U))
    image = Image.fromarray(levels)
    return Scanned(image.point(_THRESHOLD, "1") if mode is Mode.BILEVEL else image, dpi)


def _shine_through(levels: _Levels, other_side: Image.Image) -> _Levels:
    mirrored = other_side.convert("L").transpose(Image.Transpose.FLIP_LEFT_RIGHT).reduce(4)
    ghost = cv2.GaussianBlur((255 - np.asarray(mirrored)) // 20, (0, 0), 1.2)
    ghost = cv2.resize(ghost, (levels.shape[1], levels.shape[0]), interpolation=cv2.INTER_LINEAR)
    return _levels(cv2.subtract(levels, cv2.merge([ghost] * 3) if levels.ndim == _COLOURED else ghost))


def _skewed(levels: _Levels, rng: np.random.Generator) -> _Levels:
    height, width = levels.shape[:2]
    skew = float(rng.uniform(-_SKEW, _SKEW))
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0), np.float64)
    turn[:, 2] += rng.normal(0, 3, 2)
    turned = cv2.warpAffine(levels, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(250, 250, 250))
    return _levels(cv2.GaussianBlur(turned, (3, 3), 0.6))


def _inked(levels: _Levels, rng: np.random.Generator) -> _Levels:
    """Ink that is not quite black on paper that is not quite white, and a little yellow."""
    strength = rng.uniform(0.84, 0.95)
    paper = 248 - (255 - np.arange(256)) * strength
    tints = (1.0, 0.99, 0.965) if levels.ndim == _COLOURED else (1.0,)
    table = np.stack([paper * tint for tint in tints], axis=-1)
    return _levels(cv2.LUT(levels, np.clip(table, 0, 255).astype(np.uint8).reshape(1, 256, len(tints))))


def _dusted(levels: _Levels, dpi: int, rng: np.random.Generator) -> _Levels:
    """A few specks of a quarter of a millimetre."""
    side = max(1, dpi // 100)
    for _ in range(int(rng.integers(4, 14))):
        y, x = (int(rng.integers(0, length - side)) for length in levels.shape[:2])
        levels[y : y + side, x : x + side] = 110
    return levels


def _grain(shape: tuple[int, int], strength: float, rng: np.random.Generator) -> NDArray[np.int16]:
    """Uneven light, and one tile of noise repeated: the eye cannot tell, and it costs a tenth."""
    height, width = shape
    left, right = rng.uniform(-4, 2, 2)
    coarse = rng.normal(-1, 2.2, (9, 7)) + np.linspace(left, right, 7)
    fine = cv2.resize(coarse, (56, 72), interpolation=cv2.INTER_CUBIC)
    clouds = cv2.resize(fine.round().astype(np.int16), (width, height), interpolation=cv2.INTER_LINEAR)
    tile = rng.normal(0, strength, (_TILE, _TILE)).round().astype(np.int16)
    noise = np.tile(tile, (height // _TILE + 1, width // _TILE + 1))[:height, :width]
    return np.asarray(clouds + noise, np.int16)


def _levels(pixels: object) -> _Levels:
    return np.asarray(pixels, np.uint8)


def write_tiff(pages: Sequence[Scanned], path: Path) -> None:
    """One TIFF with all pages, each with its own resolution: CCITT G4 where bilevel, JPEG otherwise."""
    with TiffImagePlugin.AppendingTiffWriter(str(path), new=True) as file:
        for page in pages:
            if page.image.mode == "1":
                page.image.save(file, "TIFF", compression="group4", dpi=(page.dpi, page.dpi))
            else:
                page.image.save(file, "TIFF", compression="jpeg", quality=78, dpi=(page.dpi, page.dpi))
            file.newFrame()


def write_jpeg(page: Scanned, path: Path) -> None:
    path.write_bytes(page.jpeg())


def write_pdf(pages: Sequence[Scanned], path: Path) -> None:
    """A PDF of images alone, as scanners make them: one DCT or CCITT image a page, no text."""
    with pikepdf.new() as pdf:
        for page in pages:
            width, height = (side * 72 / page.dpi for side in page.image.size)
            sheet = pdf.add_blank_page(page_size=(width, height))
            sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=_pdf_image(pdf, page)))
            drawing = f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /Im0 Do Q"
            sheet.Contents = pdf.make_stream(drawing.encode())
        pdf.docinfo["/Producer"] = "Scan to folder"
        pdf.save(path, deterministic_id=True)


def _pdf_image(pdf: pikepdf.Pdf, page: Scanned) -> pikepdf.Stream:
    bilevel = page.image.mode == "1"
    strip, black_is_1 = _g4_strip(page) if bilevel else (page.jpeg(), False)
    stream = pikepdf.Stream(pdf, strip)
    stream.Type, stream.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    stream.Width, stream.Height = page.image.size
    stream.ColorSpace = pikepdf.Name.DeviceRGB if page.image.mode == "RGB" else pikepdf.Name.DeviceGray
    stream.BitsPerComponent = 1 if bilevel else 8
    stream.Filter = pikepdf.Name.CCITTFaxDecode if bilevel else pikepdf.Name.DCTDecode
    if bilevel:
        width, height = page.image.size
        stream.DecodeParms = pikepdf.Dictionary(K=-1, Columns=width, Rows=height, BlackIs1=black_is_1)
    return stream


def _g4_strip(page: Scanned) -> tuple[bytes, bool]:
    """The page as one CCITT T.6 strip, and what /BlackIs1 must be."""
    written = io.BytesIO()
    page.image.save(written, "TIFF", compression="group4", strip_size=_ONE_STRIP)
    written.seek(0)
    with TiffImagePlugin.TiffImageFile(written) as image:
        offset, size = image.tag_v2[_STRIP_OFFSETS][0], image.tag_v2[_STRIP_BYTES][0]
        black_is_zero = image.tag_v2[_PHOTOMETRIC] == 1
        # T.6 calls a set bit black; where the image means white by it, so must the PDF.
        return written.getvalue()[offset : offset + size], black_is_zero
