"""Document to patient: what the separator says, and whether a page speaks for another patient of the roster (RNIV)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from consent_gate.model import DocumentId, Patient, PatientRef
from lexicon.faults import StationFault
from pipeline.identity.evidence import Search, said_on
from pipeline.identity.numbers import Numbers, references
from pipeline.identity.roster_index import RosterIndex, same_person
from pipeline.identity.said import Said
from pipeline.identity.traits import PageWords, alike, dates
from pipeline.model import (
    UNREAD,
    Agreed,
    Conflict,
    ConflictKind,
    Held,
    HeldReason,
    Identified,
    Recognised,
    RecognisedPage,
    Separator,
)
from storage.stored import StoredDocument

__all__ = ["RosterIndex", "check_identity", "identify", "identify_stored"]

_NEAR: Final = 12
"""Words between a name and a given name that belong to it: a form's labels may stand between them."""


def identify(
    document: DocumentId, separator: Separator | None, *, damaged: bool, form: bool = False
) -> Identified | Held:
    """Whose document this is, by its separator sheet; `damaged`: there was a sheet, and nobody can read its code.
    `form`: its first page is an authorization form.

    A reference that the roster does not know is passed on: the gate closes with `patient-unknown`.
    """
    if form:
        return Held(document, HeldReason.FORM_AMONG_RECORDS)
    if separator is not None and not damaged:
        return Identified(document, separator.patient, separator.doc_type, ("separator",))
    return Held(document, HeldReason.SEPARATOR_DAMAGED if damaged else HeldReason.NO_SEPARATOR)


def identify_stored(document: StoredDocument) -> Identified | Held:
    """The same of a document that has a row."""
    claim = document.claim
    separator = Separator(claim.patient, claim.doc_type, claim.client_document) if claim else None
    found = identify(document.id, separator, damaged=document.damaged, form=document.form)
    return replace(found, sources=document.sources) if isinstance(found, Identified) and document.sources else found


def check_identity(
    recognised: Recognised,
    patient: PatientRef,
    search: Search,
    confirmed: frozenset[tuple[int, str]] = frozenset(),
) -> Agreed | Held:
    """Search every page for other people: their number, their reference where the client's pattern finds it, their name
    with their birth date; and for what cannot be the patient's own.

    Held with `identity-conflict` and the first page that speaks for another, but for what a person has `confirmed`
    (page and kind); with `page-unread` when there is none, but a page that nobody could search. Where all agree, it
    says how many pages do not show whose they are, and have it from the others.

    Raises `StationFault("roster-index-stale")` where the index does not know the document's own patient.
    """
    index = search.index
    own = index.patient(patient)
    if own is None:
        raise StationFault("roster-index-stale")
    inherited = 0
    for position, page in enumerate(recognised.pages, start=1):
        reading = _Reading.of(page, own, search)
        conflict = Conflict.on(position, reading.against(index), confirmed, whole=True)
        if conflict is not None:
            return Held(recognised.document, HeldReason.IDENTITY_CONFLICT, conflict)
        inherited += not reading.shows_own
    if any(UNREAD in page.operations for page in recognised.pages):
        return Held(recognised.document, HeldReason.PAGE_UNREAD)
    return Agreed(inherited)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A page as it is searched for one document's own patient."""

    own: Patient
    text: str
    words: PageWords
    numbers: Numbers
    references: frozenset[str]
    said: Said

    @classmethod
    def of(cls, page: RecognisedPage, own: Patient, search: Search) -> "_Reading":
        text = page.text
        numbers, named = Numbers.of(text, search.index), references(text, search.client_number)
        return cls(own, text, PageWords(text), numbers, named, said_on(page.upright, search))

    @property
    def shows_own(self) -> bool:
        """Whether the page says by itself whose it is: number, reference, or name with birth date or given name."""
        numbered = any(found.patient.ref == self.own.ref for found in self.numbers.found)
        if numbered or self.own.ref in self.references:
            return True
        return self.shows_own_name and (self.shows_own_given_name or self.own.birth_date in dates(self.text))

    @property
    def shows_own_name(self) -> bool:
        return any(self.words.places(name) for name in _names(self.own))

    @property
    def shows_own_given_name(self) -> bool:
        return any(self.words.places(name) for name in self.own.given_names)

    def against(self, index: RosterIndex) -> Iterator[ConflictKind]:
        """What on the page speaks for another patient of the roster."""
        yield from self.numbers.against(self.own)
        for reference in sorted(self.references):
            other = index.patient(PatientRef(reference))
            if other is not None and not same_person(other, self.own):
                yield ConflictKind.OTHER_NUMBER
        yield from _by_name(self, index)
        yield from self.said.against(self.own, strict=False)


def _by_name(reading: _Reading, index: RosterIndex) -> Iterator[ConflictKind]:
    days = dates(reading.text)
    own_day = reading.own.birth_date in days
    for other in index.born_on(days):
        if other.ref == reading.own.ref:
            continue
        places = [place for name in _names(other) for place in reading.words.places(name)]
        if not places:
            continue
        namesake = any(alike(name, own_name) for name in _names(other) for own_name in _names(reading.own))
        if other.birth_date == reading.own.birth_date:
            kind = _born_the_same_day(reading, other, places, namesake=namesake)
        else:
            kind = _born_another_day(reading, other, namesake=namesake, own_day=own_day)
        if kind is not None:
            yield kind


def _born_the_same_day(reading: _Reading, other: Patient, places: list[int], *, namesake: bool) -> ConflictKind | None:
    """The date is the patient's own: only a given name can tell. For twins and homonyms, it must tell."""
    if namesake:
        if _near(reading, _distinct(other, reading.own), places):
            return ConflictKind.OTHER_GIVEN_NAME
        return None if reading.shows_own_given_name else ConflictKind.OWN_GIVEN_NAME_MISSING
    # On a large roster some physician or employer is bound to be called like one of those born that day.
    if reading.shows_own_name and not _near(reading, other.given_names, places):
        return None
    return ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def _born_another_day(reading: _Reading, other: Patient, *, namesake: bool, own_day: bool) -> ConflictKind | None:
    """The date is the other's; on a page with the patient's own name and birth date it may be any day of his life."""
    if namesake and own_day and reading.shows_own_name:
        named = any(reading.words.places(name) for name in other.given_names)
        return ConflictKind.OTHER_NAME_AND_BIRTH_DATE if named else None
    return ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def _names(patient: Patient) -> tuple[str, ...]:
    return (patient.birth_name, patient.usage_name) if patient.usage_name else (patient.birth_name,)


def _distinct(other: Patient, own: Patient) -> tuple[str, ...]:
    """The other's given names that are none of the patient's own."""
    return tuple(name for name in other.given_names if not any(alike(name, mine) for mine in own.given_names))


def _near(reading: _Reading, given_names: tuple[str, ...], places: list[int]) -> bool:
    return any(
        abs(place - name_place) <= _NEAR
        for given in given_names
        for place in reading.words.places(given)
        for name_place in places
    )
