"""What travels through the pipeline: pages, documents, words, archival copies. Frozen, without I/O."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from consent_gate.model import DocType, DocumentId, PatientRef


class Encoding(StrEnum):
    """How a page's image is encoded; each goes into a PDF as it is."""

    JPEG = "jpeg"
    """A whole baseline or progressive JPEG file, grey or YCbCr/RGB (PDF DCTDecode)."""
    G4 = "g4"
    """One CCITT T.6 strip (PDF CCITTFaxDecode, K=-1)."""
    FLATE = "flate"
    """zlib of packed samples, rows padded to bytes, no predictor (PDF FlateDecode)."""


class Colour(StrEnum):
    BILEVEL = "bilevel"
    GREY = "grey"
    RGB = "rgb"


@dataclass(frozen=True, slots=True)
class PageImage:
    """One side of a sheet, as the scanner made it."""

    encoding: Encoding
    payload: bytes
    width: int
    """Pixels, before `quarter_turns`."""
    height: int
    dpi_x: float
    dpi_y: float
    colour: Colour
    black_is_1: bool = False
    """Of bilevel images: whether ink is a set bit (TIFF WhiteIsZero); of a G4 strip, whether its black runs are ink."""
    quarter_turns: int = 0
    """Clockwise quarter turns that a viewer must make (TIFF or EXIF orientation, PDF /Rotate): 0 to 3."""


@dataclass(frozen=True, slots=True)
class Separator:
    """What a Liasse separator sheet says; it holds for its own document only."""

    patient: PatientRef
    doc_type: DocType | None
    client_document: str | None
    """The client's own document identifier, if the sheet has one."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One document's pages, in order, before anything was read from them. `images` may load lazily."""

    document: DocumentId
    images: Sequence[PageImage]


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word and the ink it lies on, in pixels of the page's image as stored (before `quarter_turns`).

    (x0, y0) to (x1, y1) is the baseline in reading direction; `height` is the line's height at right angles to it.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    height: float
    confidence: float
    """0 to 100."""
    line: int
    """Number of the text line on the page: words of one line share it."""

    @property
    def letters(self) -> int:
        """Letters and digits."""
        return sum(character.isalnum() for character in self.text)


def confidence(words: Iterable[Word]) -> float:
    """How sure the recogniser is of what it read, 0 to 100: the mean of its words', a word counting for each of its
    letters and digits. 0 where no letter was read.
    """
    counted = [(word.letters, word.confidence) for word in words]
    letters = sum(count for count, _ in counted)
    return sum(count * sure for count, sure in counted) / letters if letters else 0.0


UNREAD: Final = "unread"
"""The operation of a page that could not be read in time: it is kept, without words."""


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    words: tuple[Word, ...]
    quarter_turns: int
    """Clockwise quarter turns that make the stored image upright, the image's own included: 0 to 3."""
    operations: tuple[str, ...]
    """What was done on the copy that was read, in that order: of `resample:300` (dots an inch), `background`, `turn:90`
    (degrees), `deskew:0.73`, `rules:12` (lines taken out), `contrast`, `halve`; then how it was read: `orientation`
    (otherwise than it lies), `two-parts` (its zone before the gate), `second-attempt`, `simpler-attempt`, `unread`."""
    not_read: int = 0
    """Zones of ink that look written and stand in no word to rely on (`pipeline.reading.confidence`)."""

    @property
    def confidence(self) -> float:
        """How sure the recogniser is of the page's words, 0 to 100, by letters; 0 without any."""
        return confidence(self.words)

    @property
    def upright(self) -> tuple[Word, ...]:
        """The words as they lie to each other on the upright page; where its corner is, is not said."""
        return tuple(_turned(word, self.quarter_turns) for word in self.words) if self.quarter_turns else self.words

    @property
    def text(self) -> str:
        """The page's words, a line of text a line."""
        lines: dict[int, list[str]] = {}
        for word in self.words:
            lines.setdefault(word.line, []).append(word.text)
        return "\n".join(" ".join(words) for words in lines.values())


def _turned(word: Word, quarter_turns: int) -> Word:
    """A word, turned clockwise around the image's corner."""
    x0, y0, x1, y1 = word.x0, word.y0, word.x1, word.y1
    for _ in range(quarter_turns):
        x0, y0, x1, y1 = -y0, x0, -y1, x1
    return replace(word, x0=x0, y0=y0, x1=x1, y1=y1)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A document's words. Only `pipeline.recognise` makes one, and only with a clearance."""

    document: DocumentId
    pages: tuple[RecognisedPage, ...]
    engine: str
    """Name, version and language of the recogniser, e.g. `tesseract 5.3.0 fra`."""


@dataclass(frozen=True, slots=True)
class Archival:
    """A document's PDF/A on the memory file system, with the validators' verdict."""

    document: DocumentId
    path: Path
    sha256: str
    size: int
    """Bytes."""
    pages: int
    level: str
    """The PDF/A level asked for and found, e.g. `1b`."""
    validators: tuple[str, ...]
    """Who judged it, with version, e.g. `pikepdf 10.17.0`, `verapdf 1.27`; empty means: not checked."""
    figures: Mapping[str, int] = field(default_factory=dict, kw_only=True)
    """How its pages were drawn, for the custody entry: numbers by slugs."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The machine is sure whose document this is; `sources` says by what."""

    document: DocumentId
    patient: PatientRef
    doc_type: DocType | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """Nothing read in the document names another patient."""

    inherited: int = 0
    """Pages that do not show the patient's identity themselves, and have it from the others of the document."""


class HeldReason(StrEnum):
    """Why a person must say. The value is stored, translated and reported: never rename one."""

    NO_SEPARATOR = "no-separator"
    SEPARATOR_DAMAGED = "separator-damaged"
    IDENTITY_CONFLICT = "identity-conflict"
    PAGE_UNREAD = "page-unread"
    """A page could not be read in time, so nobody looked whether it names another patient."""
    ALREADY_DEPOSITED = "already-deposited"
    CONTINUES_EARLIER_FILE = "continues-earlier-file"
    """Its file begins as one that was taken before, and what the two share is at the host, or on its way there."""
    NOT_PDFA = "not-pdfa"
    BELOW_PROFILE = "below-profile"
    """The contract asks that what was scanned badly waits (`[profile] below`)."""
    BATCH_UNCONFIRMED = "batch-unconfirmed"
    """Its batch is not as announced, or not yet, or is to be confirmed in any case (`[batch] confirm`)."""
    FORM_AMONG_RECORDS = "form-among-records"
    """A signed authorization form: it belongs into the inbox of authorizations, and into no record."""
    NO_IDENTITY = "no-identity"
    """Neither a separator nor a page names a patient of the roster."""
    ONE_SOURCE = "one-source"
    """One source alone says whose it is; the rule asks for two that agree."""
    TWO_IDENTITIES = "two-identities"
    """Two of its pages speak for two patients: a separator was missed, most likely."""
    NOT_ANNOUNCED = "not-announced"
    """Its sources agree on a patient whom the batch did not announce."""
    TEST_IDENTITY = "test-identity"
    """An INS of the test or demonstration domain, on a station in production."""
    PRODUCTION_IDENTITY = "production-identity"
    """An INS of the production domain, on a trial station."""


class ConflictKind(StrEnum):
    """What on a page speaks for another patient. The value is stored, translated and reported: never rename one."""

    OTHER_NUMBER = "other-number"
    OTHER_NAME_AND_BIRTH_DATE = "other-name-and-birth-date"
    OTHER_NAME = "other-name"
    """Another patient's full name stands where the patient's would."""
    OTHER_GIVEN_NAME = "other-given-name"
    """A twin or homonym, born the same day, whose given name stands near the name."""
    OWN_GIVEN_NAME_MISSING = "own-given-name-missing"
    """Name and birth date fit two patients, and no given name says which."""
    UNKNOWN_NUMBER = "unknown-number"
    """A complete number that is nobody's on the roster, and not the patient's own."""
    OTHER_BIRTH_DATE = "other-birth-date"
    """Beside the patient's name, a birth date that is not the patient's, and is not that date with a digit misread."""
    OTHER_IDENTITY = "other-identity"
    """The page is another patient's than the pages before it, or than whoever the separator names."""
    UNKNOWN_IDENTITY = "unknown-identity"
    """A name and a birth date, each behind its label, that are neither the patient's nor anybody's on the roster."""
    UNKNOWN_REFERENCE = "unknown-reference"
    """A number in the client's own form that is nobody's on the roster."""
    OTHER_TRAITS = "other-traits"
    """An INS datamatrix has a patient's number and another one's name or birth date."""
    SEVERAL_REFERENCES = "several-references"
    """What is shown fits two references of the roster, and nothing says which."""
    CODE_FLAWED = "code-flawed"
    """An INS datamatrix that is not as its format asks: a wrong key, an unknown version, a block said twice."""
    TEST_IDENTITY = "test-identity"
    """An INS of the test or demonstration domain, on a station in production."""
    PRODUCTION_IDENTITY = "production-identity"
    """An INS of the production domain, on a trial station."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where a page speaks for another patient, and how; never what it says."""

    page: int
    """1-based, in the document."""
    kind: ConflictKind
    also: tuple[ConflictKind, ...] = field(default=(), compare=False)
    """What else the same page shows."""
    whole: bool = field(default=False, compare=False)
    """Whether the page was read whole; else its identity zone and codes."""

    @property
    def findings(self) -> tuple[tuple[int, str], ...]:
        """As a row and a person's confirmation of it say it."""
        return tuple(_finding(self.page, kind, whole=self.whole) for kind in (self.kind, *self.also))

    @classmethod
    def on(
        cls, page: int, kinds: Iterable[ConflictKind], confirmed: Container[tuple[int, str]], *, whole: bool = False
    ) -> "Conflict | None":
        """What a page shows, but for what a person has confirmed; None where nothing is left.

        Who confirmed what the zone shows has not seen what is found once the page is read whole.
        """
        left = [kind for kind in dict.fromkeys(kinds) if _finding(page, kind, whole=whole) not in confirmed]
        return cls(page, left[0], tuple(left[1:]), whole) if left else None


_WHOLE: Final = "+whole"


def _finding(page: int, kind: ConflictKind, *, whole: bool) -> tuple[int, str]:
    return page, kind.value + (_WHOLE if whole else "")


def kind_in(finding: tuple[int, str]) -> str:
    """The slug of what contradicts, wherever on the page it was found."""
    return finding[1].removesuffix(_WHOLE)


@dataclass(frozen=True, slots=True)
class Held:
    """Nobody could say whose paper this is, or whether it is right; a person must."""

    document: DocumentId
    reason: HeldReason
    conflict: Conflict | None = None
    """With `identity-conflict`: where the person must look."""
