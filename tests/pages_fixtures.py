"""Invented pages and the files that scanners make of them."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from pipeline.formats.limits import Limits
from pipeline.model import PageImage
from pipeline.pages import grey, open_pages

LIMITS = Limits()


def drawing(size: tuple[int, int] = (320, 448), mode: str = "L") -> Image.Image:
    """A page without any symmetry: a word's worth of bars, a grey ramp, a dark corner."""
    image = Image.new("RGB", size, (250, 248, 240))
    pen = ImageDraw.Draw(image)
    wide, high = size
    for row in range(6):
        pen.rectangle((30, 60 + 40 * row, 30 + (7 + row) * wide // 16, 76 + 40 * row), fill=(20 * row, 30, 60))
    for step in range(32):
        pen.rectangle((10 * step, high - 50, 10 * step + 9, high - 30), fill=(8 * step,) * 3)
    pen.polygon(((wide, 0), (wide - 70, 0), (wide, 50)), fill=(160, 20, 20))
    if mode == "1":
        return image.convert("1", dither=Image.Dither.NONE)
    return image.convert(mode)


def pages_of(path: Path, limits: Limits = LIMITS) -> list[PageImage]:
    return list(open_pages(path, limits))


def shown(page: PageImage) -> NDArray[np.uint8]:
    """Grey pixels as a viewer shows them."""
    return np.rot90(grey(page), -page.quarter_turns)


def as_grey(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("L"))


def far(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean difference of two pictures of the same size, in grey levels."""
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def jpeg_bytes(image: Image.Image, **settings: object) -> bytes:
    with io.BytesIO() as target:
        image.save(target, "JPEG", **{"quality": 80, "dpi": (200, 200), **settings})
        return target.getvalue()


def tiff_bytes(images: Sequence[Image.Image], compression: str, **settings: object) -> bytes:
    with io.BytesIO() as target:
        images[0].save(
            target,
            "TIFF",
            compression=compression,
            save_all=True,
            append_images=images[1:],
            **{"dpi": (200, 200), **settings},
        )
        return target.getvalue()


def bare_tiff(entries: Sequence[tuple[int, int, int, int]], body: bytes = b"", following: int = 0) -> bytes:
    """A classic little-endian TIFF of one directory: (tag, type, count, value) each, `body` at offset 8."""
    padded = body + b"\0" * (len(body) % 2)
    packed = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    start = 8 + len(padded)
    return (
        b"II*\0" + struct.pack("<I", start) + padded + struct.pack("<H", len(entries)) + packed
        + struct.pack("<I", following)
    )  # fmt: skip


def pdf_bytes(
    image: bytes,
    about: dict[str, Any],
    *,
    content: str = "q 115.2 0 0 161.28 0 0 cm /Im0 Do Q",
    box: Sequence[float] = (0, 0, 115.2, 161.28),
    page: dict[str, Any] | None = None,
) -> bytes:
    """A scanner's PDF of one page: one image XObject and the content that draws it. 320 x 448 pixels are 200 dpi."""
    with pikepdf.new() as document, io.BytesIO() as target:
        drawn = pikepdf.Stream(document, image)
        drawn.stream_dict = pikepdf.Dictionary({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, **about})
        drawn.write(image, filter=about.get("/Filter"), decode_parms=about.get("/DecodeParms"))
        added = document.add_blank_page(page_size=(box[2], box[3]))
        added.MediaBox = pikepdf.Array(list(box))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        added.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=drawn), Font=pikepdf.Dictionary(F1=font))
        added.Contents = document.make_stream(content.encode())
        for key, value in (page or {}).items():
            added.obj[key] = value
        document.save(target)
        return target.getvalue()


def dct(image: Image.Image, **more: Any) -> tuple[bytes, dict[str, Any]]:
    """JPEG bytes of an image and the dictionary that a PDF needs beside them."""
    blob = jpeg_bytes(image)
    space = pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB
    about: dict[str, Any] = {
        "/Width": image.width, "/Height": image.height, "/ColorSpace": space, "/BitsPerComponent": 8,
        "/Filter": pikepdf.Name.DCTDecode,
    }  # fmt: skip
    return blob, {**about, **more}
