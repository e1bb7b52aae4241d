"""Pages laid out: each in one place, and nothing said by one separator is ever heard after the next."""

from hypothesis import given
from hypothesis import strategies as st

from consent_gate.model import PatientRef
from pipeline.model import Separator
from pipeline.split import Look, Section, Sighting, Split, split


def said(patient: str) -> Separator:
    return Separator(PatientRef(patient), None, None)


def section(separator: Separator | None, pages: tuple[int, ...], *, damaged: bool = False) -> Section:
    return Section(separator, damaged, pages)


def sightings(letters: str) -> list[Sighting]:
    """`s` separator of its own patient, `d` damaged, `u` suspect, `b` blank, any other letter a page by that name."""
    looks = {"s": Look.SEPARATOR, "d": Look.DAMAGED, "u": Look.SUSPECT, "b": Look.BLANK}
    seen = []
    for position, letter in enumerate(letters, 1):
        look = looks.get(letter, Look.CONTENT)
        digest = letter if look in {Look.CONTENT, Look.BLANK} else f"{letter}{position}"
        seen.append(Sighting(look, digest, said(f"P{position}") if look is Look.SEPARATOR else None))
    return seen


def test_a_separator_opens_a_document_until_the_next() -> None:
    laid = split(sightings("sxysz"))
    assert laid.sections == (section(said("P1"), (2, 3)), section(said("P4"), (5,)))
    assert laid.separators == (1, 4)


def test_pages_before_any_separator_have_none() -> None:
    assert split(sightings("xbsy")).sections[0] == section(None, (1,))


def test_a_blank_back_is_in_the_blank_column_wherever_it_lies() -> None:
    laid = split(sightings("sbxb"))
    assert (laid.sections, laid.blanks) == ((section(said("P1"), (3,)),), (2, 4))


def test_what_follows_a_damaged_separator_is_never_joined_to_the_patient_before() -> None:
    laid = split(sightings("sxdy"))
    assert laid.sections == (section(said("P1"), (2,)), section(None, (4,), damaged=True))
    assert laid.separators == (1, 3)


def test_a_page_that_may_be_a_separator_is_kept_for_a_person_to_see() -> None:
    laid = split(sightings("sxuby"))
    assert laid.sections == (section(said("P1"), (2,)), section(None, (3, 5), damaged=True))
    assert (laid.separators, laid.blanks) == ((1,), (4,))


def test_separators_without_pages_make_no_document_and_are_told() -> None:
    alone = dict.fromkeys((1, 3, 4), ("separator-without-pages",))
    assert split(sightings("sbds")) == Split((), (1, 3, 4), (2,), (), alone)


def test_the_same_page_twice_is_told_within_its_document_alone() -> None:
    laid = split(sightings("sxyxsx"))
    assert laid.duplicates == (4,)
    assert [found.pages for found in laid.sections] == [(2, 3), (6,)]


@given(st.text("sdubxyz", max_size=40))
def test_each_page_is_in_exactly_one_place(letters: str) -> None:
    laid = split(sightings(letters))
    places = [page for found in laid.sections for page in found.pages]
    places += [*laid.separators, *laid.blanks, *laid.duplicates]
    assert sorted(places) == list(range(1, len(letters) + 1))
    assert all(found.pages == tuple(sorted(found.pages)) for found in laid.sections)


@given(st.text("sdubxyz", max_size=40))
def test_a_section_belongs_to_the_last_separator_before_it(letters: str) -> None:
    for found in split(sightings(letters)).sections:
        first = found.pages[0]
        upto = letters[:first] if letters[first - 1] == "u" else letters[: first - 1]
        last = max((upto.rfind(letter) for letter in "sdu"), default=-1)
        assert found.separator == (said(f"P{last + 1}") if last >= 0 and letters[last] == "s" else None)
        assert found.damaged is (last >= 0 and letters[last] in "du")
        assert not set(letters[first : found.pages[-1]]) & set("sdu")
