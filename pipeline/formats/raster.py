"""Pixels as a PDF/A-1b may hold them: bilevel as CCITT G4 (ITU-T T.6), grey and RGB as Flate, JPEG as it came."""

import errno
import io
import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import cv2
import deflate
import numpy as np
from PIL import Image, ImageChops, ImageCms

from lexicon.faults import SheetFault
from pipeline.formats import jpeg
from pipeline.formats.pixels import Grey
from pipeline.model import Colour, Encoding, PageImage

for _library in ("PIL", "pikepdf", "pypdfium2"):
    # Their messages may quote the file, and a log has no word of a record in it; what matters comes as an exception.
    logging.getLogger(_library).setLevel(logging.CRITICAL + 1)

# Pillow's own ceiling is below ours, half warning, half error; `Limits.max_pixels` is checked before each decoding.
Image.MAX_IMAGE_PIXELS = None

_BAND_ROWS: Final = 256
MOST_AT_ONCE: Final = 80_000_000
"""Bytes of samples that are held twice: A4 in colour at 500 dots an inch, A3 at 350."""
_MIDDLE: Final = 128
"""Level that JPEG decoders paint where they have no data."""
_QUICK: Final = 1
"""Level of libdeflate."""
_A4_SHORT_INCHES: Final = 210 / 25.4
_INFERRED_DPI: Final = (72.0, 1200.0)
_LEAST_DPI: Final = 50.0
_MOST_DPI: Final = 2500.0
"""Flatbeds go to 2,400; a page's size says more than its dots."""
_MOST_UNEQUAL: Final = 2.6
_MOST_INCHES: Final = 47.0
"""A0 is 46.8 inches long: a longer page is a resolution that nobody set."""
_STATION_ERRNOS: Final = frozenset(
    {errno.EIO, errno.ENOENT, errno.EACCES, errno.EPERM, errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOSPC}
)
_TURNS_BY_ORIENTATION: Final = {1: 0, 3: 2, 6: 1, 8: 3}
_MIRRORED: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    7: Image.Transpose.TRANSVERSE,
}


@dataclass(frozen=True, slots=True)
class Placing:
    """How an image lies on its sheet: dots an inch (None: not said) and the orientation of TIFF tag 274 (1 to 8)."""

    dpi: tuple[float, float] | None = None
    orientation: int = 1

    @property
    def mirrored(self) -> bool:
        return self.orientation in _MIRRORED

    @property
    def quarter_turns(self) -> int:
        """Clockwise turns that a viewer must make; 0 for mirrored images, which are turned over in decoding."""
        return _TURNS_BY_ORIENTATION.get(self.orientation, 0)


@dataclass(frozen=True, slots=True)
class Taken:
    """A page taken out of its file."""

    image: PageImage
    grey: Grey | None = None
    """What `pixels.grey` makes of the image, where it came up on the way."""


@contextmanager
def foreign_decoding() -> Iterator[None]:
    """The one adapter around Pillow: whatever it raises on a bad file becomes SheetFault `unreadable-scan`.

    `decoder-too-big` where it asked for more memory than there is. Trouble of the station itself (disk, permissions,
    too many open files) passes through as OSError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except SheetFault:
            raise
        except OSError as trouble:
            if trouble.errno in _STATION_ERRNOS:
                raise
            raise SheetFault("truncated-scan" if "truncated" in str(trouble) else "unreadable-scan") from None
        except MemoryError:
            raise SheetFault("decoder-too-big") from None
        except Exception:  # noqa: BLE001 - decoders of forty formats raise anything; a bad file must never stop the daemon
            raise SheetFault("unreadable-scan") from None


def settled_dpi(width: int, height: int, dpi: tuple[float, float] | None) -> tuple[float, float]:
    """The resolution; where none was said, or an absurd one, that which makes the page's short side that of A4."""
    if dpi is not None and _plausible(width, height, *dpi):
        return dpi
    return inferred_dpi(width, height)


def inferred_dpi(width: int, height: int) -> tuple[float, float]:
    """The resolution of an image that does not say its own: as if its short side were that of A4."""
    low, high = _INFERRED_DPI
    inferred = min(max(min(width, height) / _A4_SHORT_INCHES, low), high)
    return inferred, inferred


def _plausible(width: int, height: int, dpi_x: float, dpi_y: float) -> bool:
    within = all(_LEAST_DPI <= value <= _MOST_DPI for value in (dpi_x, dpi_y))
    if not within or max(dpi_x, dpi_y) > _MOST_UNEQUAL * min(dpi_x, dpi_y):
        return False
    return max(width / dpi_x, height / dpi_y) <= _MOST_INCHES


def jpeg_page(blob: bytes, placing: Placing) -> PageImage:
    """As `jpeg_taken`."""
    return jpeg_taken(blob, placing).image


def jpeg_taken(blob: bytes, placing: Placing) -> Taken:
    """A page whose payload is the JPEG itself; decoded losslessly instead where a PDF could not hold it as it is.

    An EOI that is missing behind complete data is added. Raises SheetFault `truncated-scan` when image data lack.
    """
    described = jpeg.read(blob)
    decoded = _decoded_whole(blob, described)
    if decoded is None:
        _refuse_cut(blob, described)
    if not described.for_pdf or placing.mirrored:
        with foreign_decoding(), Image.open(io.BytesIO(blob), formats=("JPEG",)) as image:
            image.load()
            return taken(image, placing)
    payload = blob[: described.end] if described.whole else blob[: described.last_data] + jpeg.EOI
    dpi_x, dpi_y = settled_dpi(described.width, described.height, placing.dpi)
    colour = Colour.GREY if described.components == 1 else Colour.RGB
    size = described.width, described.height
    kept = PageImage(Encoding.JPEG, payload, *size, dpi_x, dpi_y, colour, quarter_turns=placing.quarter_turns)
    return Taken(kept, decoded)


def _decoded_whole(blob: bytes, described: jpeg.Jpeg) -> Grey | None:
    """The picture in grey, where one decoding shows that no data lack; None where that takes a closer look."""
    overlong = jpeg.overlong(blob, described) if described.width * described.height <= MOST_AT_ONCE // 2 else None
    if overlong is None:
        return None
    try:
        with foreign_decoding(), Image.open(io.BytesIO(overlong), formats=("JPEG",)) as image:
            image.draft("L", None)
            picture = np.asarray(image) if image.mode == "L" else None
    except SheetFault:
        return None
    if picture is None or (picture[-described.unit_height :, : described.unit_height] == _MIDDLE).all():
        return None
    return picture[: described.height]


def _refuse_cut(blob: bytes, described: jpeg.Jpeg) -> None:
    """SheetFault `truncated-scan` where the decoder would run out of data and paint the rest grey."""
    pictures = [_small(padded) for padded in jpeg.paddings(blob, described)]
    if pictures[0] != pictures[1]:
        raise SheetFault("truncated-scan")


def _small(blob: bytes) -> bytes:
    """All scans decoded, at an eighth of the size where the decoder can: enough to see what data reached it."""
    with foreign_decoding(), Image.open(io.BytesIO(blob), formats=("JPEG",)) as image:
        image.draft(image.mode, (max(1, image.width // 8), max(1, image.height // 8)))
        return image.tobytes()


def page(image: Image.Image, placing: Placing) -> PageImage:
    """As `taken`."""
    return taken(image, placing).image


def taken(image: Image.Image, placing: Placing) -> Taken:
    """Any decoded image as a page, losslessly: 8-bit grey or RGB, bilevel as G4; transparency lies on white."""
    upright, placing = _unmirrored(image, placing)
    plain = _plain(upright)
    if plain.mode == "1":
        return Taken(g4_page(g4_strip(plain), plain.size, placing, black_is_1=True))
    dpi_x, dpi_y = settled_dpi(*plain.size, placing.dpi)
    colour = Colour.GREY if plain.mode == "L" else Colour.RGB
    width, height = plain.size
    payload, grey = _deflated(plain)
    kept = PageImage(Encoding.FLATE, payload, width, height, dpi_x, dpi_y, colour, quarter_turns=placing.quarter_turns)
    return Taken(kept, grey)


def _deflated(image: Image.Image) -> tuple[bytes, Grey | None]:
    """All rows as one zlib stream, quickly: what goes into a copy is packed better there, once it is known to go.

    A big page is coded a band at a time and not held twice; it stays as it is, so it is coded with more care.
    """
    if image.width * image.height * len(image.getbands()) <= MOST_AT_ONCE:
        samples = np.asarray(image)
        grey = samples if image.mode == "L" else np.asarray(cv2.cvtColor(samples, cv2.COLOR_RGB2GRAY), np.uint8)
        return bytes(deflate.zlib_compress(samples, _QUICK)), grey
    stream = zlib.compressobj(6)
    bands = range(0, image.height, _BAND_ROWS)
    coded = [
        stream.compress(image.crop((0, top, image.width, min(top + _BAND_ROWS, image.height))).tobytes())
        for top in bands
    ]
    return b"".join((*coded, stream.flush())), None


def _unmirrored(image: Image.Image, placing: Placing) -> tuple[Image.Image, Placing]:
    """Quarter turns are left to the viewer; a mirror image is turned over here, for no viewer can."""
    if not placing.mirrored:
        return image, placing
    turned = placing.orientation in {5, 7}
    dpi = (placing.dpi[1], placing.dpi[0]) if placing.dpi and turned else placing.dpi
    return image.transpose(_MIRRORED[placing.orientation]), Placing(dpi)


def g4_page(strip: bytes, size: tuple[int, int], placing: Placing, *, black_is_1: bool) -> PageImage:
    """A bilevel page around one T.6 strip; `black_is_1` as in TIFF WhiteIsZero: what is coded black is ink."""
    dpi_x, dpi_y = settled_dpi(*size, placing.dpi)
    width, height = size
    return PageImage(Encoding.G4, strip, width, height, dpi_x, dpi_y, Colour.BILEVEL, black_is_1, placing.quarter_turns)


def _plain(image: Image.Image) -> Image.Image:
    """Mode 1, L or RGB, and nothing else."""
    match image.mode:
        case "1" | "L" | "RGB":
            return image
        case "P" if "transparency" not in image.info:
            return image.convert("L" if _grey_palette(image) else "RGB")
        case "P" | "PA" | "LA" | "La" | "RGBA" | "RGBa":
            return _on_white(image.convert("RGBA"))
        case "I;16" | "I;16L" | "I;16B" | "I;16N" | "I":
            return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
        case "CMYK" | "YCbCr":
            return image.convert("RGB")
        case "LAB":
            to_srgb = ImageCms.buildTransform(
                ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
            )
            rgb = ImageCms.applyTransform(image, to_srgb)
            if rgb is None:
                raise SheetFault("unsupported-format")
            return rgb
        case _:
            raise SheetFault("unsupported-format")


def _grey_palette(image: Image.Image) -> bool:
    palette = np.asarray(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return squeezed(Image.alpha_composite(white, image).convert("RGB"))


def squeezed(image: Image.Image) -> Image.Image:
    """An RGB image as grey where its three channels are the same everywhere."""
    red, green, blue = image.split()
    same = ImageChops.difference(red, green).getbbox() is None and ImageChops.difference(red, blue).getbbox() is None
    return red if same else image


def g4_strip(image: Image.Image) -> bytes:
    """One T.6 strip of a mode-1 image, black ink coded as black."""
    with io.BytesIO() as target:
        # One strip: rows per strip (tag 278) is the height. Pillow codes mode 1 as BlackIsZero: bits are turned first.
        ImageChops.invert(image).save(target, "TIFF", compression="group4", tiffinfo={278: image.height})
        blob = target.getvalue()
    with Image.open(io.BytesIO(blob)) as written:
        offsets, counts = written.tag_v2[273], written.tag_v2[279]  # type: ignore[attr-defined]  # a TiffImageFile: we just wrote it
    return blob[offsets[0] : offsets[0] + counts[0]]
