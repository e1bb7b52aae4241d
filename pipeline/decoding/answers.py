"""A page as a reader tells it, and as the station takes it: every field is checked, for the reader may be subverted."""

import hashlib
import math
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final, Protocol

from lexicon.faults import SheetFault, StationFault
from lexicon.flags import UNREAD_CODE
from pipeline import separator
from pipeline.decoding.frames import GarbledError
from pipeline.formats.limits import Limits
from pipeline.forms import code as forms
from pipeline.marks.likeness import unpressed
from pipeline.marks.quality import Measures
from pipeline.model import Colour, Encoding, PageImage, Separator
from pipeline.sighting import Look, Sighting

_NAMING: Final = frozenset({Look.SEPARATOR, Look.LABELLED})
"""What may name a patient."""
_FLAGS: Final = ((), (UNREAD_CODE,))
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MOST_DPI: Final = 10_000.0
_KEPT_PART: Final = 8
_JPEG_START: Final = b"\xff\xd8\xff"
_COLOURS: Final = {
    Encoding.JPEG: frozenset((Colour.GREY, Colour.RGB)),
    Encoding.G4: frozenset((Colour.BILEVEL,)),
    Encoding.FLATE: frozenset(Colour),
}


@dataclass(frozen=True, slots=True)
class Looked:
    """One page: its image as the documents will hold it, and what was seen on it."""

    image: PageImage
    sighting: Sighting


class Places(Protocol):
    """Whatever tells pages apart as they come: `pipeline.split.Laying`, `pipeline.forms.laying.FormLaying`."""

    def place(self, sighting: Sighting) -> int | None:
        """The ordinal of what the next page is part of; None where it is part of nothing that is kept."""
        ...


def placed(pages: Iterator[Looked], laying: Places, hashes: dict[int, str]) -> Iterator[tuple[int, PageImage]]:
    """The pages that are kept, each with the ordinal of what it is part of; one in memory at a time.

    `hashes` is given the SHA-256 of each page's image, by its position, kept or not.
    """
    for position, looked in enumerate(pages, start=1):
        hashes[position] = hashlib.sha256(looked.image.payload).hexdigest()
        ordinal = laying.place(looked.sighting)
        if ordinal is not None:
            yield ordinal, looked.image


def most_kept(memory: int) -> int:
    """Bytes that the kept image of a page read in `memory` may have: the station holds it beside the reader, twice."""
    return memory // _KEPT_PART


def tell_page(looked: Looked) -> dict[str, Any]:
    """The frame's fields; the payload goes beside them."""
    image, said, form = looked.image, looked.sighting.separator, looked.sighting.form
    return {
        "encoding": image.encoding.value,
        "width": image.width,
        "height": image.height,
        "dpi_x": image.dpi_x,
        "dpi_y": image.dpi_y,
        "colour": image.colour.value,
        "black_is_1": image.black_is_1,
        "quarter_turns": image.quarter_turns,
        "look": looked.sighting.look.value,
        "digest": looked.sighting.digest,
        "separator": separator.payload(said) if said else None,
        "form": forms.payload(form) if form else None,
        "flags": list(looked.sighting.flags),
        "measures": list(astuple(looked.sighting.measures)),
        "print": b64encode(looked.sighting.print).decode(),
    }


def read_page(told: Mapping[str, Any], payload: bytes, limits: Limits) -> Looked:
    """Raises GarbledError for whatever no page of a file within the limits can be."""
    try:
        looked = Looked(_image(told, payload), _sighting(told))
    except (KeyError, TypeError, ValueError, StationFault):
        raise GarbledError from None
    try:
        limits.check_pixels(looked.image.width, looked.image.height)
    except SheetFault:
        raise GarbledError from None
    return looked


def whole(told: Mapping[str, Any], field: str, least: int, most: int) -> int:
    """A field that is an integer within bounds. Raises GarbledError."""
    value = told.get(field)
    if type(value) is not int or not least <= value <= most:
        raise GarbledError
    return value


def _image(told: Mapping[str, Any], payload: bytes) -> PageImage:
    encoding, colour = Encoding(told["encoding"]), Colour(told["colour"])
    if not payload or colour not in _COLOURS[encoding] or type(told["black_is_1"]) is not bool:
        raise GarbledError
    if encoding is Encoding.JPEG and not payload.startswith(_JPEG_START):
        raise GarbledError
    return PageImage(
        encoding=encoding,
        payload=payload,
        width=whole(told, "width", 1, 1 << 31),
        height=whole(told, "height", 1, 1 << 31),
        dpi_x=_dpi(told["dpi_x"]),
        dpi_y=_dpi(told["dpi_y"]),
        colour=colour,
        black_is_1=told["black_is_1"],
        quarter_turns=whole(told, "quarter_turns", 0, 3),
    )


def _dpi(value: Any) -> float:
    if type(value) not in {int, float} or not math.isfinite(value) or not 1.0 <= value <= _MOST_DPI:
        raise GarbledError
    return float(value)


def _sighting(told: Mapping[str, Any]) -> Sighting:
    look, digest, text = Look(told["look"]), told["digest"], told["separator"]
    said: Separator | None = None if text is None else separator.parse(text)
    if (look is Look.SEPARATOR and said is None) or (said is not None and look not in _NAMING):
        raise GarbledError
    if said is None and text is not None:
        raise GarbledError
    form = None if told["form"] is None else forms.parse(told["form"])
    if (look is Look.FORM) != (form is not None) or (form is None and told["form"] is not None):
        raise GarbledError
    if not _DIGEST.fullmatch(digest):
        raise GarbledError
    if (flags := tuple(told["flags"])) not in _FLAGS:
        raise GarbledError
    return Sighting(look, digest, said, form, _measures(told["measures"]), _print(told["print"]), flags)


def _measures(told: Any) -> Measures:
    """Raises TypeError or GarbledError for what measures nothing."""
    skew, blur, contrast, black, cut = told
    if not all(type(one) in {int, float} and math.isfinite(one) and one >= 0 for one in (skew, blur, contrast, black)):
        raise GarbledError
    return Measures(skew, blur, contrast, black, whole({"cut": cut}, "cut", 0, 1 << 20))


def _print(told: Any) -> bytes:
    coded = b64decode(told, validate=True)
    unpressed(coded)  # raises ValueError
    return coded
