"""Invented pages for reading and composing: drawn here, each word's place known, and coded as scanners code them."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from consent_gate.gate import Policy, decide
from consent_gate.model import Clearance, DocumentId, Fact, FactKind, KnownPatient, Moment, PatientRef
from pipeline.compose import ScanContext
from pipeline.model import Colour, Encoding, PageImage, Recognised, RecognisedPage, Scan, Word
from storage.stored import StoredDocument, StoredFile

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
DOCUMENT = DocumentId("01JHZ0000000000000000000AA")
AT = datetime(2026, 1, 15, 9, 30, 0, tzinfo=UTC)
CONTEXT = ScanContext("atelier-1", "Liasse 0.1.0", AT, "5e" * 32, (2, 3))
LINES = (
    "Service de santé au travail",
    "Fiche d'aptitude médicale",
    "Poste occupé : soudeuse qualifiée",
    "Audiométrie sans anomalie relevée",
    "Prochaine visite prévue ce printemps",
    "Le médecin soussigné certifie",
    "avoir examiné la personne salariée",
)
"""Words that appear once, so that each has one place."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sheet:
    """A drawn page and the ink of its words: left, top, right, bottom in pixels."""

    picture: Image.Image
    words: dict[str, Box]
    baselines: dict[str, float]
    height: float
    """Of a line, from the top of its letters to their descenders."""


def sheet(lines: Sequence[str] = LINES, dpi: int = 200, size_mm: tuple[int, int] = (148, 210)) -> Sheet:
    """A page (A5 unless said otherwise), black on white, 12 points."""
    width, height = (round(side / 25.4 * dpi) for side in size_mm)
    picture = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(picture)
    letters = ImageFont.truetype(FONT, round(12 / 72 * dpi))
    ascent, descent = letters.getmetrics()
    places: dict[str, Box] = {}
    baselines: dict[str, float] = {}
    for number, line in enumerate(lines):
        x, y = width / 12, height / 12 + number * dpi / 3
        for word in line.split():
            pen.text((x, y), word, font=letters, fill=0)
            assert word not in places, "each word stands once"
            places[word] = pen.textbbox((x, y), word, font=letters)
            baselines[word] = y + ascent
            x += letters.getlength(word + " ")
    return Sheet(picture, places, baselines, ascent + descent)


def tilted(flat: Sheet, degrees: float) -> tuple[Image.Image, NDArray[np.float64]]:
    """The page fed askew (counter-clockwise about its centre), and the map of its points (2 x 3)."""
    width, height = flat.picture.size
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = np.array([width / 2, height / 2])
    picture = flat.picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    return picture, np.column_stack([turn, centre - turn @ centre])


def jpeg(
    picture: Image.Image,
    dpi: tuple[float, float] = (200, 200),
    quarter_turns: int = 0,
    *,
    progressive: bool = False,
    profile: bytes | None = None,
) -> PageImage:
    with io.BytesIO() as target:
        picture.save(target, "JPEG", quality=85, progressive=progressive, icc_profile=profile)
        payload = target.getvalue()
    colour = Colour.RGB if picture.mode == "RGB" else Colour.GREY
    return PageImage(Encoding.JPEG, payload, *picture.size, *dpi, colour, quarter_turns=quarter_turns)


def g4(picture: Image.Image, dpi: tuple[float, float] = (200, 200), *, black_is_1: bool = True) -> PageImage:
    """One T.6 strip; with `black_is_1` its black runs are the ink, without, its white runs are."""
    bilevel = picture.convert("1", dither=Image.Dither.NONE)
    with io.BytesIO() as target:
        # Pillow writes mode 1 as BlackIsZero: it codes set (white) bits as black runs
        coded = ImageChops.invert(bilevel) if black_is_1 else bilevel
        coded.save(target, "TIFF", compression="group4", tiffinfo={278: picture.height})
        blob = target.getvalue()
    with Image.open(io.BytesIO(blob)) as written:
        tags = written.tag_v2  # type: ignore[attr-defined]  # a TiffImageFile: just written
        start, length = tags[273][0], tags[279][0]
    payload = blob[start : start + length]
    return PageImage(Encoding.G4, payload, *picture.size, *dpi, Colour.BILEVEL, black_is_1)


def flate(picture: Image.Image, dpi: tuple[float, float] = (200, 200), *, black_is_1: bool = False) -> PageImage:
    """Samples as zlib; the picture's mode (1, L, RGB) says which."""
    samples = ImageChops.invert(picture).tobytes() if black_is_1 else picture.tobytes()
    colour = {"1": Colour.BILEVEL, "L": Colour.GREY, "RGB": Colour.RGB}[picture.mode]
    return PageImage(Encoding.FLATE, zlib.compress(samples), *picture.size, *dpi, colour, black_is_1)


def noisy(picture: Image.Image, strength: float = 6.0) -> Image.Image:
    """As a scanner sees it, the same each time: every sample a little off, paper not quite white."""
    drawn = np.asarray(picture).astype(np.float64)
    noise = np.random.default_rng(1).normal(-2 * strength, strength, drawn.shape)
    return Image.fromarray((drawn + noise).clip(0, 255).astype(np.uint8))


def clearance(document: DocumentId = DOCUMENT) -> Clearance:
    granted = Fact(
        reference="f1",
        kind=FactKind.GRANTED,
        on=date(2025, 1, 1),
        recorded_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    moment = Moment(AT, AT.date())
    decision = decide(document, PatientRef("P1"), None, KnownPatient((granted,), None), moment, Policy())
    assert isinstance(decision, Clearance)
    return decision


def scan(*images: PageImage) -> Scan:
    return Scan(DOCUMENT, images)


def recognised(*pages: RecognisedPage) -> Recognised:
    return Recognised(DOCUMENT, pages, "tesseract 5.3.0 fra")


def stored() -> tuple[StoredDocument, StoredFile]:
    """The document of `scan`, and the file it came in, as a station has them."""
    file = StoredFile("01JHZ0000000000000000000FF", "b", "a.jpg", "5e" * 32, 1, "split", 1, None, AT.isoformat())
    document = StoredDocument(
        id=DOCUMENT, batch="b", file=file.id, ordinal=1, claim=None, damaged=False, pages=1, version=1, state="split",
        reason=None, custody=None, look_at=None, decision=None, captured_at=AT.isoformat(), settled_at=None,
        purged_at=None, holder=None,
    )  # fmt: skip
    return document, file


def unread(quarter_turns: int = 0) -> RecognisedPage:
    return RecognisedPage((), quarter_turns, ())


def page_of(drawn: Sheet) -> RecognisedPage:
    """The words as a perfect reader would give them: on the baseline of their line, as high as its letters."""
    words = tuple(
        Word(
            text, x0, drawn.baselines[text], x1, drawn.baselines[text], drawn.height, 95.0, round(drawn.baselines[text])
        )
        for text, (x0, _, x1, _) in drawn.words.items()
    )
    return RecognisedPage(words, 0, ())


def everything_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))
