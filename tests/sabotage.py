"""Copies spoilt by hand, as a faulty composer would: the page's content, boxes and image of a real composed PDF."""

import zlib
from collections.abc import Callable
from typing import Any, Final

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Operator

Pixels = NDArray[np.uint8]
"""Grey, or red, green, blue."""
Change = Callable[[pikepdf.Pdf], None]
Repaint = Callable[[Pixels, int], Pixels]
"""Of the page's samples, and how many of them make 5 mm."""

EIGHT: Final = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right)


def size_of(page: pikepdf.Page) -> tuple[float, float]:
    return float(page.MediaBox[2]), float(page.MediaBox[3])


def image_of(page: pikepdf.Page) -> pikepdf.Stream:
    """The image's stream; in a page of layers, one of them."""
    image = next(iter(page.get_images().values()))
    assert isinstance(image, pikepdf.Stream)
    return image


def repainted(repaint: Repaint) -> Change:
    """The first page's image has other samples; everything else stays, so that only a look at it tells."""

    def change(pdf: pikepdf.Pdf) -> None:
        image = image_of(pdf.pages[0])
        picture = pikepdf.PdfImage(image).as_pil_image()
        before = np.asarray(picture.convert("RGB" if picture.mode == "RGB" else "L"), np.uint8)
        five = round(before.shape[1] / (size_of(pdf.pages[0])[0] / 72 * 25.4) * 5)
        after = np.ascontiguousarray(repaint(before, five))
        assert after.shape == before.shape
        image.write(zlib.compress(after.tobytes(), 1), filter=Name.FlateDecode, decode_parms=None)
        image.BitsPerComponent = 8
        image.ColorSpace = Name.DeviceRGB if after.ndim == 3 else Name.DeviceGray
        if "/Decode" in image:
            del image.Decode

    return change


def shifted(down: int, right: int) -> Repaint:
    def repaint(before: Pixels, five: int) -> Pixels:
        return _moved(before, down * five, right * five)

    return repaint


def _moved(before: Pixels, down: int, right: int) -> Pixels:
    moves = np.array([[1, 0, right], [0, 1, down]], np.float64)
    white = (255, 255, 255)
    return np.asarray(cv2.warpAffine(before, moves, before.shape[1::-1], borderValue=white), np.uint8)


def rescaled(scale: float) -> Repaint:
    def repaint(before: Pixels, _: int) -> Pixels:
        height, width = before.shape[:2]
        matrix = np.array([[scale, 0, 0], [0, scale, height * (1 - scale)]])
        white = (255, 255, 255)
        return np.asarray(cv2.warpAffine(before, matrix, (width, height), borderValue=white), np.uint8)

    return repaint


def half(rows: slice, columns: slice) -> Repaint:
    """White from a tenth of the page to nine tenths within a half: `slice(0, 1)` is the first, `slice(0, 2)` both."""

    def repaint(before: Pixels, _: int) -> Pixels:
        after = before.copy()
        height, width = (-(-side // 2) for side in before.shape[:2])
        after[rows.start * height : rows.stop * height, columns.start * width : columns.stop * width] = 255
        return after

    return repaint


def twice(before: Pixels, five: int) -> Pixels:
    return np.minimum(before, _moved(before, five // 3, five // 3))


def channel(number: int, level: int) -> Repaint:
    def repaint(before: Pixels, _: int) -> Pixels:
        after = before.copy()
        after[..., number] = level
        return after

    return repaint


def without_colour(before: Pixels, _: int) -> Pixels:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(before, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)


REPAINTED: Final[dict[str, Repaint]] = {
    "inverted": lambda before, _: 255 - before,
    "mirrored": lambda before, _: before[:, ::-1],
    "turned 180": lambda before, _: before[::-1, ::-1],
    **{f"shifted {down} {right}": shifted(down, right) for down, right in EIGHT},
    "rescaled 0.9": rescaled(0.9),
    "rescaled 0.95": rescaled(0.95),
    "rescaled 1.05": rescaled(1.05),
    "blank": lambda before, _: np.full_like(before, 255),
    "drawn twice": twice,
}
"""What a look must tell on any page that shows something."""


def laid(*parts: float) -> Change:
    """The first page's image laid by another matrix: shares of the page's sides, as `cm` has them."""

    def change(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        width, height = size_of(page)
        a, b, c, d, e, f = parts
        content: list[Any] = list(pikepdf.parse_content_stream(page))
        number = next(n for n, each in enumerate(content) if each.operator == Operator("cm"))
        matrix = [a * width, b * width, c * height, d * height, e * width, f * height]
        content[number] = pikepdf.ContentStreamInstruction(matrix, Operator("cm"))
        page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))

    return change


def moved(down: int, right: int) -> Change:
    """The image 5 mm away from its place."""

    def change(pdf: pikepdf.Pdf) -> None:
        width, height = size_of(pdf.pages[0])
        five = 5 / 25.4 * 72
        laid(1, 0, 0, 1, right * five / width, -down * five / height)(pdf)

    return change


def inverted(pdf: pikepdf.Pdf) -> None:
    image = image_of(pdf.pages[0])
    channels = 3 if image.ColorSpace == Name.DeviceRGB else 1
    given = [int(level) for level in image.get("/Decode", Array([0, 1] * channels))]
    image.Decode = Array([1 - level for level in given])


def turned(degrees: int) -> Change:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Rotate = (int(pdf.pages[0].obj.get("/Rotate", 0)) + degrees) % 360

    return change


def boxed(key: str, left: float, bottom: float, right: float, top: float) -> Change:
    """The page's box in shares of its sides."""

    def change(pdf: pikepdf.Pdf) -> None:
        width, height = size_of(pdf.pages[0])
        pdf.pages[0].obj[key] = Array([left * width, bottom * height, right * width, top * height])

    return change


def painted_over(pdf: pikepdf.Pdf) -> None:
    """White over the upper half."""
    width, height = size_of(pdf.pages[0])
    pdf.pages[0].contents_add(f"q 1 g 0 {height / 2} {width} {height / 2} re f Q".encode())


def emptied(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"")


def drawn_twice(pdf: pikepdf.Pdf) -> None:
    width, height = size_of(pdf.pages[0])
    (name,) = pdf.pages[0].get_images()
    pdf.pages[0].contents_add(f"q {width} 0 0 {height} 5 5 cm {name} Do Q".encode())


def annotated(pdf: pikepdf.Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=[10, 10, 40, 40], C=[1, 1, 1], IC=[1, 1, 1], F=4)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def words_shown(pdf: pikepdf.Pdf) -> None:
    """Text that should be found and not seen is painted."""
    page = pdf.pages[0]
    content: list[Any] = list(pikepdf.parse_content_stream(page))
    modes = [n for n, each in enumerate(content) if each.operator == Operator("Tr")]
    assert modes
    for number in modes:
        content[number] = pikepdf.ContentStreamInstruction([0], Operator("Tr"))
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(content))


RELAID: Final[dict[str, Change]] = {
    "inverted": inverted,
    "mirrored": laid(-1, 0, 0, 1, 1, 0),
    "upside down mirrored": laid(1, 0, 0, -1, 0, 1),
    "turned by its matrix": laid(-1, 0, 0, -1, 1, 1),
    "turned 180": turned(180),
    "turned 90": turned(90),
    **{f"shifted {down} {right}": moved(down, right) for down, right in EIGHT},
    "cropped by its matrix": laid(1.1, 0, 0, 1.1, -0.05, -0.05),
    "cropped by its box": boxed("/CropBox", 0.05, 0.05, 0.95, 0.95),
    "rescaled 0.9": laid(0.9, 0, 0, 0.9, 0, 0),
    "rescaled 0.95": laid(0.95, 0, 0, 0.95, 0.025, 0.025),
    "in a larger box": boxed("/MediaBox", 0, 0, 1.1, 1.1),
    "half blank": painted_over,
    "blank": emptied,
    "drawn twice": drawn_twice,
    "annotated": annotated,
}
"""What is told on any page, a blank one too."""
