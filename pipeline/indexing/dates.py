"""The day of a document, proposed from its words: by what is written before a date, then by where it stands.

Never a birth date, never a day to come. Nothing is proposed where two dates have the same claim.
"""

import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pipeline.indexing.days import Written, garbled, written
from pipeline.indexing.lines import Piece
from pipeline.model import Word

_ENOUGH: Final = 60
_SAME: Final = 3
"""Claims nearer than this are equal."""
_BAD: Final = 70.0
_WORSE: Final = 40.0
"""Confidence (of 100) of the words of a date below which a digit of it may be misread, and below which one is."""
_CERTAIN: Final = 93.0
"""The same on a page where a date or an hour is read that is none."""
_BADLY_READ: Final = 45
_LETTERS: Final = 3
_WIDE: Final = 1.4
"""Times the width of printed signs beside it from which a date is written by hand."""
_FEW: Final = 2
"""Words after a date (à 9h57); more are prose."""
_SENTENCE: Final = 7
_TOWN: Final = 4
"""Words of a town with `le`: more are a sentence."""
_IN_PROSE: Final = 90
"""Claims up to which a label counts only where it is no sentence's."""
_HEAD: Final = 0.3
"""Share of the page from its top in which a bare date is the document's."""
_NEAR: Final = 44
"""Signs before a date that can be its label."""

_NOT: Final = re.compile(
    r"\b(?:NEE?|NAISSANCE|D ?D ?N|D\.N|EMBAUCHE\S*|DEPUIS|JUSQU\S*|PROCHAINE?|REVOIR|RENDEZ.?VOUS|RDV|VALIDITE"
    r"|VALABLE|EXPIR\S*|PEREMPTION|ANTERIEUR\S*|ANTERIORITE|PRECEDENTE?|DERNIERE?S?|VERSION|LOI|DECRET"
    r"|ARRETE|ACCIDENT|SURVENUE?|OPERE\S*|OPERATION|HOSPITALIS\S*|VACCIN\S*|RAPPEL|DEBUT|FIN|ENTREE|SORTIE"
    r"|ADMIS\S*|AFFILI\S*|ADHESION|DIPLOME|MISE A JOUR|RECUE?|ARRIVEE?|IMPRIMEE?|NUMERISEE?|SCANNEE?"
    r"|TRANSMISE?|ENVOYEE?|DICTEE?|TAPEE?|VALIDEE?|CONVOQUEE?|PREVUE?|DECEDEE?|PERIODE|ARRET|PROLONGATION"
    r"|DIAGNOSTI\S*|DOSE|CREATION|ACCREDIT\S*|MODIFI\S*|TELECOPIE\S*|ECHEANCE|LIMITE|COURRIER DU"
    r"|LETTRE DU|EXPOSE\S*|SUITE DU)\b"
)
"""What says that a date is another one than the document's."""
_LABELS: Final = (
    (98, re.compile(r"\bFAIT\b.{0,36}\b(?:LE|CE)$|\bFAIT LE$")),
    (
        97,
        re.compile(r"\bPREL[A-Z]{2,4} (?:LE|DU)$|\bPREL[A-Z]{2,4}$|\bPRELEVEMENTS?\b.{0,8}$|\bDATE D[EU] PRELEVEMENT$"),
    ),
    (
        96,
        re.compile(
            r"\bDATE (?:DE LA |DE L |DE L'|D'|D |DE |DU )"
            r"(?:EXAMEN|VISITE|CONSULTATION|DOCUMENT|REDACTION|ORDONNANCE|COMPTE.RENDU|ACTE|REALISATION|CERTIFICAT|AVIS"
            r"|SIGNATURE|ETABLISSEMENT|DELIVRANCE|EMISSION|TEST|MESURE|QUESTIONNAIRE|PRESCRIPTION|ETUDE)\S*$"
        ),
    ),
    (90, re.compile(r"(?:^|[ .,;])DATE(?: ET SIGNATURE)?$")),
    (
        86,
        re.compile(
            r"\b(?:EXAMEN|VISITE|CONSULTATION|SEANCE|REALISEE?|EFFECTUEE?|ENREGISTREE?|PASSEE?|AUDIOGRAMME|SPIROMETRIE"
            r"|ECG|RADIOGRAPHIE|ECHOGRAPHIE|ORDONNANCE|CERTIFICAT|COMPTE.RENDU|SIGNEE?|TEST)\b"
            r"(?: MEDICALE?)?(?: EN DATE)? (?:DU|LE)$"
        ),
    ),
    (
        84,
        re.compile(
            r"\b(?:EDITEE?|REMPLIE?|COMPLETEE?|ETABLIE?|REDIGEE?|DELIVREE?|EMISE?|EDITION|DATEE?)\b.{0,3}(?:LE|DU)?$"
        ),
    ),
)
_PLACE: Final = re.compile(r"^(?:A )?[A-Z][A-Z'\- ]{1,40}(?P<comma> ?[,.;]+)? ?LE$")
_VERBS: Final = re.compile(r"\b(?:VU|VUE|REVU|EST|A ETE|AVAIT|SOUS|POUR|AVEC|DANS|QUE|QUI|ET|OU|PAR|DU|AU|DATE)\b")


@dataclass(frozen=True, slots=True)
class DateFound:
    """`confidence`: 0 to 100; `page`: 1-based."""

    day: date
    confidence: int
    page: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """How much speaks for a date, whatever is doubtful in its reading: a better one, badly read, is not passed over."""

    claim: int
    found: DateFound


def date_of(pages: Sequence[Sequence[Piece]], latest: date, birth: date | None = None) -> DateFound | None:
    """The day of a document of these pages; `latest`: when it was scanned; `birth`: the patient's, where known.

    None where another date, that cannot be read, has as good a claim.
    """
    claims = list(_claims(pages, latest, birth))
    best = max((one.claim for one in claims), default=0)
    if best < max(_ENOUGH, _unreadable(pages)):
        return None
    first = [one for one in claims if best - one.claim < _SAME]
    surest = max(first, key=lambda one: one.found.confidence).found
    same = len({one.found.day for one in first}) == 1
    return surest if same and surest.confidence >= _ENOUGH else None


def _claims(pages: Sequence[Sequence[Piece]], latest: date, birth: date | None) -> Iterator[_Claim]:
    for position, page in enumerate(pages, start=1):
        misread = any(True for piece in page for _ in garbled(piece.text))
        for piece in page:
            text = piece.text
            for found in written(text, latest):
                if birth is not None and _of_birth(found.day, birth):
                    continue
                claim = _claim(piece, page, text, found.start, found.end) - (8 if position > 1 else 0)
                doubt = _doubt(piece, page, found, least=_CERTAIN if misread else _BAD)
                yield _Claim(claim, DateFound(found.day, max(0, claim - doubt), position))


def _unreadable(pages: Sequence[Sequence[Piece]]) -> int:
    """The best claim of what was a date and cannot be read; 0 where there is none."""
    return max(
        (_claim(piece, page, piece.text, *span) for page in pages for piece in page for span in garbled(piece.text)),
        default=0,
    )


def _of_birth(day: date, birth: date) -> bool:
    """The patient's birth date, one digit of it misread, or earlier."""
    signs = zip(f"{day:%d%m%Y}", f"{birth:%d%m%Y}", strict=True)
    return day <= birth or sum(one != other for one, other in signs) <= 1


def _claim(piece: Piece, page: Sequence[Piece], text: str, start: int, end: int) -> int:
    """How much speaks for it (0 to 98)."""
    before, after = _tidy(text[:start]), text[end:]
    if re.match(r" ?(?:AU|ET LE|JUSQU\S*|-) ?(?:LE )?[0-9]", after):
        return 0
    if not before:
        before = _tidy(_beside(piece, page))
    before = before[max(0, before.rfind("FAIT ")) :]
    if _NOT.search(before):
        return 0
    labelled = next((claim for claim, label in _LABELS if label.search(before)), None)
    prose = len(after.split()) > _FEW or len(before.split()) > _SENTENCE
    if labelled is not None:
        return labelled if labelled > _IN_PROSE or not prose else 50
    return 30 if prose else _unlabelled(piece, before)


def _unlabelled(piece: Piece, before: str) -> int:
    """By its place: after a town (Lyon, le 12 mars 2024), alone on its line, at the head of the page."""
    head = piece.down < _HEAD
    place = _PLACE.match(before)
    if place is not None and not _VERBS.search(before):
        if place["comma"] or before.startswith("A "):
            return 95 if place["comma"] else 86
        town = len(before.split()) <= _TOWN and piece.raw[:1].isupper()
        return 62 if town and head else 30
    if before in ("LE", "CE JOUR LE"):
        return 88 if head else 80
    return 64 if head and not before else 30


def _doubt(piece: Piece, page: Sequence[Piece], found: Written, *, least: float) -> int:
    """What the reading itself leaves open: misread digits, handwriting, which OCR guesses at. `least`: confidence below
    which a digit may be misread.
    """
    read: list[Word] = []
    others: list[Word] = []
    start = 0
    for word in piece.read:  # signs of `text` and of the words as read run alike but for ligatures
        end = start + len(word.text)
        (read if start < found.end and found.start < end else others).append(word)
        start = end + 1
    found_least = min((word.confidence for word in read), default=0.0)
    worse = _WORSE if least == _BAD else least
    doubt = _BADLY_READ if found_least < worse else 20 if found_least < least else 0
    if _by_hand(read, others or [word for one in page for word in one.read]):
        doubt += _BADLY_READ
    return doubt + (0 if found.sure else 10)


def _by_hand(read: Sequence[Word], others: Sequence[Word]) -> bool:
    """Whether signs are much wider than those of the print around them."""
    printed = [_sign(word) for word in others if len(word.text) >= _LETTERS and word.confidence >= _BAD]
    widths = [_sign(word) for word in read if len(word.text) >= _LETTERS]
    return bool(printed and widths) and max(widths) > _WIDE * statistics.median(printed)


def _sign(word: Word) -> float:
    """Width of a sign, in pixels."""
    return math.hypot(word.x1 - word.x0, word.y1 - word.y0) / len(word.text)


def _beside(piece: Piece, page: Sequence[Piece]) -> str:
    """What stands to the left on the same line, else right above: the label of a date that stands alone."""
    left = [
        one for one in page if one is not piece and abs(one.baseline - piece.baseline) < 1 and one.right <= piece.left
    ]
    if left:
        return max(left, key=lambda one: one.right).text
    above = [
        one
        for one in page
        if 0.8 < piece.baseline - one.baseline < 2.6 and one.left < piece.right and piece.left < one.right  # noqa: PLR2004
    ]
    near = max(above, key=lambda one: one.baseline, default=None)
    return near.text if near is not None and len(near.words) <= 5 else ""  # noqa: PLR2004


def _tidy(before: str) -> str:
    """The end of what precedes a date, without colons, rules of boxes and blanks at its end; `le` as it is misread."""
    ended = re.sub(r"[\s:|_.=*\-]+$", "", before.replace("’", "'"))
    return re.sub(r"\b[I1T]E$", "LE", ended)[-_NEAR:].strip()
