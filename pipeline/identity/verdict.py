"""Sources to a verdict: a document is a patient's when two sources at least agree and none disagrees.

Pure and total. An announced list can only exclude. What the verdict needs of a page is in memory alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from consent_gate.model import DocumentId, Patient, PatientRef
from pipeline.identity.evidence import PageEvidence, Source
from pipeline.identity.roster_index import RosterIndex
from pipeline.model import Conflict, ConflictKind, Held, HeldReason, Identified, Separator

NOT_ANNOUNCED: Final = (0, HeldReason.NOT_ANNOUNCED.value)
"""That the batch did not announce the patient, as a finding that a person may confirm (`Opening.confirmed`)."""
_ENOUGH: Final = 2
_REFUSED: Final = {
    ConflictKind.TEST_IDENTITY: HeldReason.TEST_IDENTITY,
    ConflictKind.PRODUCTION_IDENTITY: HeldReason.PRODUCTION_IDENTITY,
}


@dataclass(frozen=True, slots=True)
class Opening:
    """How a document begins."""

    claim: Separator | None = None
    """What its separator says; None of a plain one (Patch-T), and where there is none."""
    damaged: bool = False
    """There was a sheet, or may have been one, and nobody can read its code."""
    form: bool = False
    """Its first page is an authorization form."""
    bounded: bool = True
    """A sheet, or a person, says where it begins. Where nothing does, a page that shows nobody may be anybody's."""
    person: bool = False
    """A person made the claim, having seen the pages: enough alone, and no reason not to look at what they show."""
    labelled: bool = False
    """The claim is printed on the document's first page itself, where the client's number may be the same print."""
    confirmed: frozenset[tuple[int, str]] = frozenset()
    """Page and kind of the contradictions that a person saw, saying that the document is the patient's all the same."""


def decide(
    document: DocumentId,
    opening: Opening,
    pages: Sequence[PageEvidence],
    index: RosterIndex,
    announced: frozenset[PatientRef] | None = None,
) -> Identified | Held:
    """Whose document it is, by the rule `two-sources`. `announced`: the patients of its batch, None where none were.

    A reference that the roster does not know is passed on where no page shows anybody of the roster: the gate closes
    with `patient-unknown`.
    """
    if opening.form:
        return Held(document, HeldReason.FORM_AMONG_RECORDS)
    if opening.damaged:
        return Held(document, HeldReason.SEPARATOR_DAMAGED)
    held = next(_refused(document, pages), None) or (None if opening.person else _two(document, pages))
    if held is not None:
        return held
    own = _own(opening, pages, index)
    held = _contradicted(document, own, pages, opening.confirmed)
    if held is not None:
        return held
    if opening.claim is not None and own is None:
        return Identified(document, opening.claim.patient, opening.claim.doc_type, (_claimed(opening).value,))
    return _counted(document, opening, pages, own, announced)


def suffices(sources: Sequence[str]) -> bool:
    """Whether a document is a patient's by these sources: two of them, or a person."""
    return Source.PERSON in sources or len(sources) >= _ENOUGH


def split_by_identity(pages: Sequence[PageEvidence], index: RosterIndex) -> tuple[range, ...]:
    """The runs of pages of one patient each, in a section that no sheet opened: positions in `pages`, from 0.

    A run begins where a page speaks for another patient than those before it, and nothing on it contradicts, or where
    it contradicts theirs, whoever's it is. A page that shows nobody stays with those before it, and holds them:
    `decide` asks of each run, as of a document without bounds (`Opening(bounded=False)`), that each of its pages shows
    its patient. One run: nothing to split.
    """
    starts: list[int] = []
    shown: PatientRef | None = None
    for position, page in enumerate(pages):
        if not position or _begins(page, shown, index):
            starts.append(position)
            shown = None
        shown = page.patient or shown
    return tuple(range(start, end) for start, end in pairwise([*starts, len(pages)]))


def _begins(page: PageEvidence, shown: PatientRef | None, index: RosterIndex) -> bool:
    if page.patient is not None:
        return page.patient != shown
    own = index.patient(shown) if shown is not None else None
    return own is not None and bool(page.against_patient(own))


def _refused(document: DocumentId, pages: Sequence[PageEvidence]) -> Iterator[Held]:
    """Identities of a world that is not the station's."""
    for number, page in enumerate(pages, start=1):
        for kind in page.against:
            if kind in _REFUSED:
                yield Held(document, _REFUSED[kind], Conflict(number, kind))


def _two(document: DocumentId, pages: Sequence[PageEvidence]) -> Held | None:
    """Pages of two patients: the first that is another's than the one before it that shows anybody."""
    shown = [(number, page.patients) for number, page in enumerate(pages, start=1) if page.patients]
    for (_, before), (number, patients) in pairwise(shown):
        if len(before) == len(patients) == 1 and before != patients:
            conflict = Conflict(number, ConflictKind.OTHER_IDENTITY)
            return Held(document, HeldReason.TWO_IDENTITIES, conflict)
    return None


def _own(opening: Opening, pages: Sequence[PageEvidence], index: RosterIndex) -> Patient | None:
    """Whose it may be: the separator's patient, else the one for whom a page speaks."""
    if opening.claim is not None:
        return index.patient(opening.claim.patient)
    return next((index.patient(vote.patient) for page in pages for vote in page.votes), None)


def _contradicted(
    document: DocumentId, own: Patient | None, pages: Sequence[PageEvidence], confirmed: frozenset[tuple[int, str]]
) -> Held | None:
    """The first contradiction that no person has confirmed."""
    for number, page in enumerate(pages, start=1):
        kinds = page.against_patient(own) if own is not None else _of_nobody(page)
        conflict = Conflict.on(number, kinds, confirmed)
        if conflict is not None:
            return Held(document, HeldReason.IDENTITY_CONFLICT, conflict)
    return None


def _of_nobody(page: PageEvidence) -> tuple[ConflictKind, ...]:
    """Where no patient of the roster is meant, a page that shows one contradicts."""
    return page.against or ((ConflictKind.OTHER_IDENTITY,) if page.votes else ())


def _counted(
    document: DocumentId,
    opening: Opening,
    pages: Sequence[PageEvidence],
    own: Patient | None,
    announced: frozenset[PatientRef] | None,
) -> Identified | Held:
    """Whether two sources agree, on pages that nothing contradicts."""
    if own is None:
        return Held(document, HeldReason.NO_IDENTITY)
    said: set[Source] = set()
    for position, page in enumerate(pages):
        said |= _printed(page, own.ref, labelled=opening.labelled and not position)
    if opening.claim is not None:
        said.add(_claimed(opening))
    if len(said) < _ENOUGH and not opening.person:
        return Held(document, HeldReason.ONE_SOURCE)
    unbounded = opening.claim is None and not opening.bounded
    if unbounded and not all(page.patients or page.said.mentions(own) for page in pages):
        return Held(document, HeldReason.NO_SEPARATOR)
    if announced is not None and own.ref not in announced and NOT_ANNOUNCED not in opening.confirmed:
        return Held(document, HeldReason.NOT_ANNOUNCED)
    doc_type = opening.claim.doc_type if opening.claim is not None else None
    return Identified(document, own.ref, doc_type, tuple(source.value for source in Source if source in said))


def _claimed(opening: Opening) -> Source:
    return Source.PERSON if opening.person else Source.SEPARATOR


def _printed(page: PageEvidence, own: PatientRef, *, labelled: bool) -> frozenset[Source]:
    """The sources of a page of which none is another one's print: an INS datamatrix has its number beside it, and a
    label with the client's barcode says the client's number in figures too."""
    said = page.sources(own)
    twice = {Source.NIR} if Source.INS_DATAMATRIX in said else set()
    return said - twice - ({Source.CLIENT_NUMBER} if labelled else set())
