"""A document is a patient's when two sources agree and none disagrees; nothing else makes it one's."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_gate.model import DocType, DocumentId, PatientRef
from pipeline.identity.evidence import PageEvidence, Source, Vote
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.said import Said
from pipeline.identity.traits import fold
from pipeline.identity.verdict import Opening, decide, split_by_identity
from pipeline.model import Conflict, ConflictKind, Held, HeldReason, Identified, Separator
from tests.evidence_fixtures import person, seen

DOCUMENT = DocumentId("01J00000000000000000000000")
A = person("R1", "MOREAU", "Hélène", "1984-05-17", order=101)
B = person("R2", "LE GOFF", "Anaïs", "1991-11-02", order=202)
C = person("R3", "MARTIN", "Nicolas", "1978-03-14", order=303, sex="M")
INDEX = RosterIndex((A, B, C))
NOBODY = PatientRef("nobody")
PAGE_SOURCES = tuple(source for source in Source if source not in (Source.PERSON, Source.SEPARATOR))
SILENT = PageEvidence()


def page(ref: PatientRef, *sources: Source, against: Sequence[ConflictKind] = ()) -> PageEvidence:
    return PageEvidence(tuple(Vote(source, ref) for source in sources), tuple(against))


def separator(ref: PatientRef, doc_type: str | None = None) -> Separator:
    return Separator(ref, DocType(doc_type) if doc_type else None, None)


def judge(opening: Opening, *pages: PageEvidence, announced: frozenset[PatientRef] | None = None) -> Identified | Held:
    return decide(DOCUMENT, opening, pages, INDEX, announced)


def reason(found: Identified | Held) -> HeldReason | None:
    return found.reason if isinstance(found, Held) else None


NAMED = page(A.ref, Source.NAME_AND_BIRTH_DATE)
SURE = page(A.ref, Source.NIR, Source.NAME_AND_BIRTH_DATE)
OTHER = page(B.ref, Source.NIR, Source.NAME_AND_BIRTH_DATE)


def printed(sources: frozenset[Source]) -> frozenset[Source]:
    """Of one page: the number beside an INS datamatrix is the same print."""
    return sources - {Source.NIR} if Source.INS_DATAMATRIX in sources else sources


# --- What is decided --------------------------------------------------------------------------------------------------


def test_a_separator_and_a_page_that_agree_decide_and_the_sources_are_told() -> None:
    found = judge(Opening(separator(A.ref, "certificat")), NAMED, SILENT)
    assert found == Identified(DOCUMENT, A.ref, DocType("certificat"), ("separator", "name-and-birth-date"))


def test_two_sources_of_one_page_decide_without_a_separator() -> None:
    found = judge(Opening(bounded=False), SURE)
    assert found == Identified(DOCUMENT, A.ref, None, ("nir", "name-and-birth-date"))


def test_sources_on_two_pages_agree_as_those_of_one_do() -> None:
    found = judge(Opening(), NAMED, page(A.ref, Source.CLIENT_NUMBER), SILENT)
    assert found == Identified(DOCUMENT, A.ref, None, ("name-and-birth-date", "client-number"))


def test_a_page_that_shows_nobody_inherits_where_a_sheet_says_where_the_document_begins() -> None:
    assert isinstance(judge(Opening(), SURE, SILENT), Identified)
    assert reason(judge(Opening(bounded=False), SURE, SILENT)) is HeldReason.NO_SEPARATOR


def test_without_bounds_a_page_that_says_the_name_belongs_to_the_document() -> None:
    letter = seen("Concernant Mme MOREAU Hélène", INDEX)
    assert not letter.votes
    assert isinstance(judge(Opening(bounded=False), SURE, letter), Identified)
    assert reason(judge(Opening(bounded=False), SURE, seen("Concernant Mme MOREAU", INDEX))) is HeldReason.NO_SEPARATOR


def test_without_bounds_a_full_name_that_two_patients_have_is_nobodys() -> None:
    elder = person("R8", "MARTIN", "Nicolas, Luc", "1951-01-20", order=808, sex="M")
    both = RosterIndex((C, elder))
    letter = seen("Concernant M. MARTIN Nicolas", both)
    sure = page(C.ref, Source.NIR, Source.NAME_AND_BIRTH_DATE)
    assert reason(decide(DOCUMENT, Opening(bounded=False), (sure, letter), both)) is HeldReason.NO_SEPARATOR
    other = decide(DOCUMENT, Opening(bounded=False), (sure, seen("Concernant M. MARTIN Nicolas Luc", both)), both)
    assert other == Held(DOCUMENT, HeldReason.IDENTITY_CONFLICT, Conflict(2, ConflictKind.OTHER_NAME))


# --- What is held -----------------------------------------------------------------------------------------------------


def test_one_source_is_not_enough() -> None:
    assert judge(Opening(separator(A.ref)), SILENT) == Held(DOCUMENT, HeldReason.ONE_SOURCE)
    assert reason(judge(Opening(separator(A.ref)))) is HeldReason.ONE_SOURCE
    assert reason(judge(Opening(), NAMED, NAMED)) is HeldReason.ONE_SOURCE
    assert reason(judge(Opening(), SILENT)) is HeldReason.NO_IDENTITY


def test_a_damaged_separator_holds_whatever_the_pages_say() -> None:
    for claim in (None, separator(A.ref)):
        assert reason(judge(Opening(claim, damaged=True), SURE)) is HeldReason.SEPARATOR_DAMAGED


def test_a_form_holds_whatever_the_pages_say() -> None:
    assert reason(judge(Opening(separator(A.ref), damaged=True, form=True), SURE)) is HeldReason.FORM_AMONG_RECORDS


def test_a_page_of_another_patient_than_the_separators_holds_and_the_page_is_told() -> None:
    found = judge(Opening(separator(A.ref)), SILENT, OTHER)
    assert found == Held(DOCUMENT, HeldReason.IDENTITY_CONFLICT, Conflict(2, ConflictKind.OTHER_NUMBER))


def test_two_patients_on_two_pages_tell_of_a_missed_separator() -> None:
    for opening in (Opening(separator(A.ref)), Opening(), Opening(bounded=False), Opening(separator(C.ref))):
        found = judge(opening, SURE, SILENT, OTHER)
        assert found == Held(DOCUMENT, HeldReason.TWO_IDENTITIES, Conflict(3, ConflictKind.OTHER_IDENTITY))


def test_two_patients_on_one_page_are_a_conflict() -> None:
    both = PageEvidence((Vote(Source.NIR, A.ref), Vote(Source.NAME_AND_BIRTH_DATE, B.ref)))
    for opening in (Opening(separator(A.ref)), Opening(separator(B.ref)), Opening()):
        assert reason(judge(opening, both)) is HeldReason.IDENTITY_CONFLICT


def test_a_doubt_holds_even_where_two_sources_agree_elsewhere() -> None:
    for kind in (ConflictKind.OWN_GIVEN_NAME_MISSING, ConflictKind.UNKNOWN_NUMBER, ConflictKind.CODE_FLAWED):
        doubt = PageEvidence(against=(kind,))
        for opening in (Opening(separator(A.ref)), Opening()):
            found = judge(opening, SURE, doubt)
            assert found == Held(DOCUMENT, HeldReason.IDENTITY_CONFLICT, Conflict(2, kind))


def test_identities_of_the_other_world_have_a_reason_of_their_own() -> None:
    for kind, told in (
        (ConflictKind.TEST_IDENTITY, HeldReason.TEST_IDENTITY),
        (ConflictKind.PRODUCTION_IDENTITY, HeldReason.PRODUCTION_IDENTITY),
    ):
        found = judge(Opening(separator(A.ref)), SURE, PageEvidence(against=(kind,)))
        assert found == Held(DOCUMENT, told, Conflict(2, kind))


def test_a_birth_date_that_is_not_the_patients_holds_though_nobody_on_the_roster_has_it() -> None:
    own, other = frozenset((fold("MOREAU"),)), frozenset((fold("INCONNU"),))
    misread, another = frozenset((date(1984, 5, 11),)), frozenset((date(1984, 7, 15),))
    for names, born, kind in (
        (own, another, ConflictKind.OTHER_BIRTH_DATE),
        (other, another, ConflictKind.UNKNOWN_IDENTITY),
        (own, misread, None),
        (other, frozenset((A.birth_date,)), None),
        (frozenset(), another, ConflictKind.OTHER_BIRTH_DATE),
        (frozenset(), misread, None),
        (own, another | {A.birth_date}, ConflictKind.OTHER_BIRTH_DATE),
    ):
        stranger = PageEvidence(said=Said(names=frozenset(names), born=born))
        for opening in (Opening(separator(A.ref)), Opening()):
            found = judge(opening, SURE, stranger)
            assert (found.conflict.kind if isinstance(found, Held) and found.conflict else None) is kind


# --- References that the roster does not know -------------------------------------------------------------------------


def test_an_unknown_reference_is_passed_on_where_no_page_shows_anybody() -> None:
    found = judge(Opening(separator(NOBODY, "ordonnance")), SILENT)
    assert found == Identified(DOCUMENT, NOBODY, DocType("ordonnance"), ("separator",))


def test_an_unknown_reference_over_a_page_of_somebody_is_a_conflict() -> None:
    found = judge(Opening(separator(NOBODY)), SILENT, NAMED)
    assert found == Held(DOCUMENT, HeldReason.IDENTITY_CONFLICT, Conflict(2, ConflictKind.OTHER_IDENTITY))
    twins = PageEvidence(against=(ConflictKind.OWN_GIVEN_NAME_MISSING,))
    assert reason(judge(Opening(separator(NOBODY)), twins)) is HeldReason.IDENTITY_CONFLICT


# --- The announced list -----------------------------------------------------------------------------------------------


def test_an_announced_list_only_excludes() -> None:
    assert reason(judge(Opening(), SURE, announced=frozenset((B.ref,)))) is HeldReason.NOT_ANNOUNCED
    assert isinstance(judge(Opening(), SURE, announced=frozenset((A.ref,))), Identified)
    assert reason(judge(Opening(), NAMED, announced=frozenset((A.ref,)))) is HeldReason.ONE_SOURCE


# --- Sections without a separator -------------------------------------------------------------------------------------


def test_a_section_without_separator_is_split_where_another_patient_begins() -> None:
    assert split_by_identity((SURE, SURE, OTHER, SURE), INDEX) == (range(2), range(2, 3), range(3, 4))
    assert split_by_identity((SURE, SILENT, SURE), INDEX) == (range(3),)
    assert split_by_identity((SILENT, SURE), INDEX) == (range(1), range(1, 2))
    assert split_by_identity((SILENT, SILENT), INDEX) == (range(2),)
    assert split_by_identity((), INDEX) == ()


def test_a_section_is_split_where_a_page_contradicts_though_nobody_is_named_surely() -> None:
    other = seen("Né le 02/11/1991\nOrdonnance", INDEX)
    assert not other.votes
    assert split_by_identity((SURE, SURE, other), INDEX) == (range(2), range(2, 3))


def test_a_page_that_shows_nobody_holds_its_run_and_no_other() -> None:
    pages = (SURE, SILENT, OTHER)
    runs = [judge(Opening(bounded=False), *(pages[at] for at in run)) for run in split_by_identity(pages, INDEX)]
    assert [reason(found) for found in runs] == [HeldReason.NO_SEPARATOR, None]


# --- Laws -------------------------------------------------------------------------------------------------------------

VOTES = st.builds(Vote, st.sampled_from(PAGE_SOURCES), st.sampled_from((A.ref, B.ref, C.ref)))
PAGES = st.lists(
    st.builds(
        PageEvidence,
        st.lists(VOTES, max_size=3).map(tuple),
        st.lists(st.sampled_from(list(ConflictKind)), max_size=1).map(tuple),
    ),
    max_size=4,
)
QUIET = st.lists(st.builds(PageEvidence, st.lists(VOTES, max_size=3).map(tuple)), max_size=3)
CLAIMS = st.none() | st.sampled_from((A.ref, B.ref, NOBODY)).map(separator)
OPENINGS = st.builds(Opening, CLAIMS, st.booleans(), st.just(value=False), st.booleans())
ANNOUNCED = st.none() | st.frozensets(st.sampled_from((A.ref, B.ref, C.ref)))


@settings(deadline=None)
@given(OPENINGS, PAGES | QUIET, ANNOUNCED)
def test_nobody_is_identified_by_fewer_than_two_sources_or_against_any(
    opening: Opening, pages: list[PageEvidence], announced: frozenset[PatientRef] | None
) -> None:
    found = judge(opening, *pages, announced=announced)
    if not isinstance(found, Identified):
        return
    assert not opening.damaged
    assert not any(one.against for one in pages)
    assert all(one.patients <= {found.patient} for one in pages)
    if INDEX.patient(found.patient) is None:
        assert found.sources == ("separator",)
        return
    assert len(set(found.sources)) >= 2
    said = {source.value for one in pages for source in printed(one.sources(found.patient))}
    claimed = opening.claim is not None and opening.claim.patient == found.patient
    assert set(found.sources) == said | ({"separator"} if claimed else set())
    assert opening.claim is None or claimed
    assert announced is None or found.patient in announced


@settings(deadline=None)
@given(OPENINGS, PAGES | QUIET, st.frozensets(st.sampled_from((A.ref, B.ref, C.ref))))
def test_an_announced_list_never_adds(
    opening: Opening, pages: list[PageEvidence], announced: frozenset[PatientRef]
) -> None:
    free, bound = judge(opening, *pages), judge(opening, *pages, announced=announced)
    assert bound == free or (isinstance(free, Identified) and reason(bound) is HeldReason.NOT_ANNOUNCED)


@settings(deadline=None)
@given(OPENINGS, QUIET, st.integers(0, 3), st.sampled_from(list(ConflictKind)))
def test_a_page_against_is_never_outvoted(
    opening: Opening, pages: list[PageEvidence], place: int, kind: ConflictKind
) -> None:
    pages.insert(min(place, len(pages)), PageEvidence(against=(kind,)))
    assert isinstance(judge(opening, *pages), Held)


@settings(deadline=None)
@given(PAGES | QUIET)
def test_a_split_leaves_no_page_out_and_no_run_of_two_patients(pages: list[PageEvidence]) -> None:
    runs = split_by_identity(pages, INDEX)
    assert [position for run in runs for position in run] == list(range(len(pages)))
    for run in runs:
        assert len({pages[at].patient for at in run} - {None}) <= 1


@pytest.mark.parametrize("source", PAGE_SOURCES)
def test_every_source_of_a_page_agrees_with_a_separator(source: Source) -> None:
    found = judge(Opening(separator(A.ref)), page(A.ref, source))
    assert isinstance(found, Identified)
    assert found.sources == tuple(one.value for one in Source if one in (Source.SEPARATOR, source))
