"""What is known of a page's image beside its bytes, as plain values, and the image again from both."""

from collections.abc import Mapping

from pipeline.model import Colour, Encoding, PageImage

Facts = Mapping[str, int | float | str | bool]


def facts_of(image: PageImage) -> Facts:
    """What is known of an image beside its payload."""
    return {
        "encoding": image.encoding.value,
        "width": image.width,
        "height": image.height,
        "dpi_x": image.dpi_x,
        "dpi_y": image.dpi_y,
        "colour": image.colour.value,
        "black_is_1": image.black_is_1,
        "quarter_turns": image.quarter_turns,
    }


def image_of(facts: Facts, payload: bytes) -> PageImage:
    """The same image again. Raises `KeyError`, `ValueError` or `TypeError` for facts of another shape."""
    return PageImage(
        encoding=Encoding(str(facts["encoding"])),
        payload=payload,
        width=int(facts["width"]),
        height=int(facts["height"]),
        dpi_x=float(facts["dpi_x"]),
        dpi_y=float(facts["dpi_y"]),
        colour=Colour(str(facts["colour"])),
        black_is_1=bool(facts["black_is_1"]),
        quarter_turns=int(facts["quarter_turns"]),
    )
