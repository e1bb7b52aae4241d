"""Invented pages with words planted around the identity fields, and what a strip of them shows: ink, and words."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pytesseract import pytesseract

from consent_gate.model import Patient, PatientRef
from demo.sheet import Face, Sheet
from pipeline.clean import readable
from pipeline.formats.pixels import Grey
from pipeline.glance import Glimpse
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import key, words
from pipeline.model import PageImage
from tests.compose_fixtures import flate

MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
PLANTED: Final = (
    "diabétique", "épilepsie", "dépression", "hépatite", "séropositive", "schizophrénie", "insuline", "cancer",
    "asthme", "alcoolisme", "grossesse", "cirrhose", "tuberculose", "sclérose", "anorexie", "psychose", "lymphome",
    "matin", "Matin", "léger", "Petit", "lithium", "méthadone", "ALD", "plombémie", "inapte",
)  # fmt: skip
"""What must never be seen; some of them are like the names below, or are them written as words."""


def _number(sex: str, born: date, place: str) -> str:
    first = f"{1 if sex == 'M' else 2}{born:%y%m}{place}"
    return first + key(first)


def _patient(ref: str, name: str, usage: str | None, given: str, born: str, sex: str) -> Patient:
    day = date.fromisoformat(born)
    return Patient(
        PatientRef(ref), name, usage, tuple(given.split(", ")), day, sex, _number(sex, day, f"29991{len(name):03}")
    )


PEOPLE: Final = (
    _patient("P70001", "MARTIN", None, "Nicolas, François", "1978-03-14", "M"),
    _patient("P70002", "LÉGER", "DUPONT", "Hélène, Zoé", "1984-05-17", "F"),
    _patient("P70003", "LE GOFF", None, "Anaïs, Aïcha", "1991-11-02", "F"),
    _patient("P70004", "PETIT", None, "Grégoire", "1969-02-24", "M"),
    _patient("P70005", "DUPRÉ-LACROIX", None, "Jean-Baptiste", "1972-09-30", "M"),
    _patient("P70006", "KOWALSKI", "JACQUEMIN", "Françoise", "1957-08-08", "F"),
)
INDEX: Final = RosterIndex(PEOPLE)


@dataclass(frozen=True, slots=True)
class Paper:
    """How a page was printed and scanned."""

    dpi: int = 200
    face: Face = "sans"
    skew: float = 0.0
    noise: float = 4.0
    bilevel: bool = False
    upside_down: bool = False


@dataclass(frozen=True)
class Planted:
    """A page; `identity` is the same page with the identity fields alone, pixel upon pixel."""

    patient: Patient
    paper: Paper
    image: PageImage
    identity: Grey

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Every word that an identity field may be read as."""
        return tokens_of(self.patient)


def tokens_of(patient: Patient) -> frozenset[str]:
    """Every word that an identity field of a patient may be read as, whatever its groups."""
    number, day = patient.ins or "", patient.birth_date
    said = (
        patient.birth_name, patient.usage_name or "", *patient.given_names, patient.ref, str(day.day),
        f"{day:%d %m %Y %y %d%m%Y}", MONTHS[day.month - 1], number, number[:13], number[13:], grouped(number),
    )  # fmt: skip
    return frozenset(words(" ".join(said)))


def grouped(n: str) -> str:
    return " ".join((n[0], n[1:3], n[3:5], n[5:7], n[7:10], n[10:13], n[13:]))


class _Desk:
    """Two sheets of the same size: identity on one, all the rest on the other."""

    def __init__(self, paper: Paper, rng: random.Random, tokens: frozenset[str]) -> None:
        self._own, self._rest = Sheet(paper.dpi, paper.face), Sheet(paper.dpi, paper.face)
        self._rng, self._tokens = rng, tokens

    def line(self, x: float, y: float, *parts: str, size: float = 10.5) -> None:
        """Parts from left to right; those in `<>` are identity, `*` is a planted word.

        A planted word that is the patient's own name (`petit` of a PETIT) tells nothing else, wherever it is shown.
        """
        gap = size * 25.4 / 72 * 0.3
        for part in parts:
            text = self.medical() if part == "*" else part.strip("<>")
            own = part.startswith("<") or (part == "*" and self._tokens >= set(words(text)))
            x = (self._own if own else self._rest).text(x, y, text, size=size) + gap

    def medical(self) -> str:
        return self._rng.choice(PLANTED)

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        self._rest.box(x, y, width, height)

    def layers(self) -> tuple[Grey, Grey]:
        own, rest = (np.asarray(sheet.image.convert("L"), np.uint8) for sheet in (self._own, self._rest))
        return own, np.minimum(own, rest)


def _crowd(desk: _Desk, x: float, y: float, step: float) -> None:
    """Lines of planted words right above and beneath a line."""
    for level in (y - step, y + step):
        desk.line(x, level, *["*"] * 6)


def _form(desk: _Desk, patient: Patient) -> None:
    """Ruled rows, each value between its label and a planted word; planted words above and beneath."""
    desk.line(20, 20, "FICHE", "*", "*", size=14)
    rows = (
        ("Nom de naissance :", patient.birth_name),
        ("Nom d'usage :", patient.usage_name or patient.birth_name),
        ("Prénom(s) :", patient.given_names[0]),
        ("Né(e) le :", f"{patient.birth_date:%d/%m/%Y}"),
        ("N° de sécurité sociale :", grouped(patient.ins or "")),
        ("N° de dossier :", patient.ref),
    )
    for number, (label, value) in enumerate(rows):
        y = 34 + 10 * number
        desk.frame(18, y - 4.4, 150, 6)
        desk.line(20, y, label, *(f"<{part}>" for part in value.split()), "*", "*")
        desk.line(20, y + 4.6, *["*"] * 7, size=9)


def _sentence(desk: _Desk, patient: Patient) -> None:
    """Identity in the middle of sentences, lines as close as print has them."""
    title = "Madame" if patient.sex == "F" else "Monsieur"
    e = "e" if patient.sex == "F" else ""
    day = patient.birth_date
    born = (f"<{day.day}>", f"<{MONTHS[day.month - 1]}>", f"<{day.year}>")
    name = tuple(f"<{part}>" for part in patient.birth_name.split())
    desk.line(20, 22, "Dr", patient.birth_name, "Gérard", "-", "*")
    desk.line(20, 40, "Objet :", title, *name, "*", f"né{e} le", *born, "*", "*")
    _crowd(desk, 20, 40, 4.4)
    desk.line(20, 60, "*", title, *name, f"<{patient.given_names[0]}>", "*", "suivi pour", "*", "et", "*")
    _crowd(desk, 20, 60, 4.4)
    desk.line(20, 78, "*", "*", f"né{e} le", f"<{day:%d/%m/%Y}>", "*", "*", "*")
    _crowd(desk, 20, 78, 4.4)


def _laboratory(desk: _Desk, patient: Patient) -> None:
    """Two columns: what was analysed beside who it is."""
    title = "Mme" if patient.sex == "F" else "M."
    right = (
        (title, *(f"<{part}>" for part in patient.birth_name.split()), f"<{patient.given_names[0]}>"),
        ("Nom de naissance :", *(f"<{part}>" for part in patient.birth_name.split())),
        ("Né(e) le", f"<{patient.birth_date:%d/%m/%Y}>", "*"),
        ("INS :", f"<{(patient.ins or '')[:13]}>", f"<{(patient.ins or '')[13:]}>", "*"),
    )
    desk.line(20, 20, "LABORATOIRE", "*", size=13)
    for number, parts in enumerate(right):
        y = 36 + 5.2 * number
        desk.line(20, y, "*", "*", "*")
        desk.line(110, y, *parts)
    desk.line(20, 60, *["*"] * 7)


LAYOUTS: Final = (_form, _sentence, _laboratory)

PAPERS: Final = (
    Paper(300, noise=0.0, bilevel=True),
    Paper(200, "serif", skew=1.3),
    Paper(150, skew=-0.8, noise=6.0),
    Paper(200, upside_down=True, skew=-2.1),
    Paper(200, "serif", bilevel=True, skew=0.6, noise=10.0),
    Paper(300, "mono", skew=2.6, noise=3.0),
)


def pages(seed: int, rounds: int) -> Iterator[Planted]:
    """Every layout on every paper, `rounds` times, each time with other words and another patient."""
    rng = random.Random(seed)  # noqa: S311  invented pages
    for _ in range(rounds):
        for layout in LAYOUTS:
            for paper in PAPERS:
                yield page(rng.choice(PEOPLE), LAYOUTS.index(layout), paper, rng)


def page(patient: Patient, layout: int, paper: Paper, rng: random.Random) -> Planted:
    desk = _Desk(paper, rng, tokens_of(patient))
    LAYOUTS[layout](desk, patient)
    own, whole = (_scanned(layer, paper) for layer in desk.layers())
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, paper.noise, whole.shape)
    levels = np.clip(whole + noise, 0, 255).astype(np.uint8)
    picture = Image.fromarray(levels)
    picture = picture.point([0] * 150 + [255] * 106, "1") if paper.bilevel else picture
    return Planted(patient, paper, flate(picture, (float(paper.dpi), float(paper.dpi))), own)


def _scanned(layer: Grey, paper: Paper) -> Grey:
    height, width = layer.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), paper.skew, 1.0)
    skewed = cv2.warpAffine(layer, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255.0,))
    skewed = cv2.GaussianBlur(skewed, (3, 3), 0.5)
    return np.asarray(np.rot90(skewed, 2) if paper.upside_down else skewed, np.uint8).copy()


# --- What a strip shows -----------------------------------------------------------------------------------------------

_THIN: Final = 2


def drawn(strip: Grey) -> NDArray[np.bool_]:
    """The ink of a strip: what is black within a white box."""
    _, labels = cv2.connectedComponents((strip == 0).astype(np.uint8), connectivity=4)
    edges = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.asarray((strip == 0) & ~np.isin(labels, edges), np.bool_)


def foreign_ink(glimpse: Glimpse, planted: Planted) -> int:
    """Pixels of ink on the strip that are no identity field's, a little more than a stroke's blur apart.

    What is at most two pixels thin is no stroke of a letter: it is left of a ruled line.
    """
    copy = readable(planted.image, 2 if planted.paper.upside_down else 0)
    height, width = copy.pixels.shape
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    own = cv2.warpAffine(planted.identity, copy.to_stored, (width, height), flags=flags, borderValue=(255.0,))
    near = cv2.dilate((own < 200).astype(np.uint8), np.ones((7, 7), np.uint8))[: glimpse.strip.shape[0]]
    foreign = (drawn(glimpse.strip) & (near == 0)).astype(np.uint8)
    _, _, pieces, _ = cv2.connectedComponentsWithStats(foreign)
    return int(sum(area for _, _, wide, high, area in pieces[1:] if min(wide, high) > _THIN))


def read(strip: Grey, dpi: int, *, scales: Sequence[float] = (1.0,), modes: Sequence[int] = (6, 11)) -> set[str]:
    """What Tesseract reads on a strip, at several sizes and with several ideas of its layout; its black is paper."""
    found: set[str] = set()
    strip = strip.copy()
    cv2.floodFill(strip, None, (0, 0), (255.0,))
    for scale in scales:
        size = round(strip.shape[1] * scale), round(strip.shape[0] * scale)
        scaled = Image.fromarray(strip).resize(size, Image.Resampling.LANCZOS)
        for mode in modes:
            config = f"--psm {mode} --dpi {round(dpi * scale)}"
            found.update(words(str(pytesseract.image_to_string(scaled, lang="fra", config=config))))  # type: ignore[no-untyped-call]
    return found
