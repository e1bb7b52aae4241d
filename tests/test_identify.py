"""No document goes on under a patient while one of its pages speaks for another."""

import ast
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.model import DocType, DocumentId, Patient, PatientRef
from lexicon.faults import StationFault
from pipeline.identify import RosterIndex, check_identity, identify
from pipeline.identity.traits import key
from pipeline.model import (
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
from tests.evidence_fixtures import laid, sought

HOUSE = Path(__file__).parents[1]
DOCUMENT = DocumentId("01J00000000000000000000000")


def person(
    ref: str, name: str, given: str, born: str, *, order: int, usage: str | None = None, sex: str = "F"
) -> Patient:
    day = date.fromisoformat(born)
    first13 = f"{1 if sex == 'M' else 2}{day:%y%m}29{990 + order % 8 + 1}{order:03}"
    return Patient(PatientRef(ref), name, usage, tuple(given.split(", ")), day, sex, first13 + key(first13))


MOREAU = person("R1", "MOREAU", "Hélène, Zoé", "1984-05-17", order=101, usage="GIRARD")
ANAIS = person("R2", "LE GOFF", "Anaïs, Aïcha", "1991-11-02", order=202)
MAELLE = person("R3", "LE GOFF", "Maëlle, Noëlle", "1991-11-02", order=613)
LEFEVRE = person("R4", "LEFÈVRE", "Camille, Aïcha", "1982-07-08", order=304, usage="LEFEBVRE")
LEFEBVRE = person("R5", "LEFEBVRE", "Camille, Jean-Baptiste", "1982-08-07", order=405, sex="M")
MARTIN_78 = person("R6", "MARTIN", "Nicolas, François", "1978-03-14", order=506, sex="M")
MARTIN_87 = person("R7", "MARTIN", "Nicolas, Benoît", "1987-04-13", order=607, sex="M")
HYPHEN = person("R8", "DUPRÉ-LACROIX", "Anaïs", "1994-01-16", order=708)
APOSTROPHE = person("R9", "D'ORNANO", "Ghjuvan", "1969-12-24", order=809, sex="M")
SAME_DAY = person("R10", "PETIT", "Paul", "1984-05-17", order=910, sex="M")
UNNUMBERED = Patient(PatientRef("R11"), "TRAORÉ", None, ("Aminata",), date(1990, 2, 3), "F", None)
ROSTER = (
    MOREAU, ANAIS, MAELLE, LEFEVRE, LEFEBVRE, MARTIN_78, MARTIN_87, HYPHEN, APOSTROPHE, SAME_DAY, UNNUMBERED,
)  # fmt: skip
INDEX = RosterIndex(ROSTER)
NUMBERED = re.compile(r"Dossier (R\d+)")


def recognised(*pages: str) -> Recognised:
    return Recognised(DOCUMENT, tuple(RecognisedPage(laid(page), 0, ()) for page in pages), "none")


def judge(own: Patient, *pages: str) -> ConflictKind | None:
    match check_identity(recognised(*pages), own.ref, sought(INDEX)):
        case Agreed():
            return None
        case Held(reason=HeldReason.IDENTITY_CONFLICT, conflict=Conflict(kind=kind)):
            return kind
        case held:
            raise AssertionError(held)


def spaced(number: str) -> str:
    return " ".join((number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]))


def ins(patient: Patient) -> str:
    assert patient.ins is not None
    return patient.ins


# --- The separator ----------------------------------------------------------------------------------------------------


def test_a_separator_says_whose_document_it_is_and_an_unknown_reference_is_left_to_the_gate() -> None:
    separator = Separator(PatientRef("nobody"), DocType("ordonnance"), "C-1")
    assert identify(DOCUMENT, separator, damaged=False) == Identified(
        DOCUMENT, PatientRef("nobody"), DocType("ordonnance"), ("separator",)
    )


def test_without_a_separator_or_with_a_damaged_one_a_person_must_say() -> None:
    assert identify(DOCUMENT, None, damaged=False) == Held(DOCUMENT, HeldReason.NO_SEPARATOR)
    assert identify(DOCUMENT, None, damaged=True) == Held(DOCUMENT, HeldReason.SEPARATOR_DAMAGED)
    separator = Separator(MOREAU.ref, None, None)
    assert identify(DOCUMENT, separator, damaged=True) == Held(DOCUMENT, HeldReason.SEPARATOR_DAMAGED)


# --- What agrees ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("own", ROSTER, ids=lambda patient: patient.ref)
def test_a_page_with_its_own_patient_agrees(own: Patient) -> None:
    number = spaced(own.ins) if own.ins else ""
    page = (
        f"Nom de naissance : {own.birth_name}\nNom d'usage : {own.usage_name or '-'}\nPrénom : {own.given_names[0]}\n"
    )
    assert judge(own, page + f"Né(e) le {own.birth_date:%d/%m/%Y}\nN° de sécurité sociale : {number}") is None


@pytest.mark.parametrize(
    "page",
    [
        "",
        "Résultats joints, page 2",
        "Madame GIRARD née MOREAU Hélène, née le 17 mai 1984, vue par le Dr MARTIN Nicolas le 02/03/2024",
        "Madame MOREAU Hélène\nEmployeur : Lefebvre & Fils\nvue le 07/08/2022",
        "Madame MOREAU Hélène, née le 17/05/1984\nDr PETIT Jeanne",  # another PETIT was born that day
        "MOREAU Hélène\nSIRET 362 521 879 00034 - FINESS 750000001 - Tél. 01 39 75 69 43 - RPPS 10101010101",
    ],
)
def test_a_physician_or_employer_of_that_name_or_another_number_is_no_conflict(page: str) -> None:
    assert judge(MOREAU, page) is None


def test_a_date_of_the_patients_own_life_is_not_a_namesakes_birth_date() -> None:
    page = "Monsieur MARTIN {}, né le 14/03/1978, embauché le 13/04/1987"
    assert judge(MARTIN_78, page.format("N.")) is None
    assert judge(MARTIN_78, page.format("Nicolas")) is ConflictKind.OTHER_NAME_AND_BIRTH_DATE


# --- What does not ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [p for p in ROSTER if p is not MOREAU], ids=lambda patient: patient.ref)
def test_another_patients_name_and_birth_date_hold_the_document(other: Patient) -> None:
    own = "Madame MOREAU Hélène, née le 17/05/1984"
    page = f"{other.birth_name} {other.given_names[0]}\nné(e) le {other.birth_date:%d.%m.%Y}"
    result = check_identity(recognised(own, "page 2", page), MOREAU.ref, sought(INDEX))
    assert result == Held(DOCUMENT, HeldReason.IDENTITY_CONFLICT, Conflict(3, ConflictKind.OTHER_NAME_AND_BIRTH_DATE))
    assert judge(MOREAU, own + "\n" + page) is ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def test_a_usage_name_counts_as_a_birth_name_does() -> None:
    assert judge(ANAIS, "Mme GIRARD, née le 17/05/1984") is ConflictKind.OTHER_NAME_AND_BIRTH_DATE


@pytest.mark.parametrize("own", ROSTER, ids=lambda patient: patient.ref)
def test_another_patients_number_holds_the_document(own: Patient) -> None:
    for other in ROSTER:
        if other is not own and other.ins is not None:
            for written in (other.ins, other.ins[:13], spaced(other.ins), f"{other.ins[:13]} {other.ins[13:]}"):
                assert judge(own, f"INS : {written}") is ConflictKind.OTHER_NUMBER


@given(st.sampled_from(ROSTER[:10]), st.data())
def test_two_misread_digits_hide_no_number(other: Patient, data: st.DataObject) -> None:
    signs = list(ins(other)[:13])
    for place in data.draw(st.sets(st.integers(0, 12), max_size=2)):
        signs[place] = data.draw(st.sampled_from("0123456789"))
    assert judge(UNNUMBERED, "N° SS " + "".join(signs)) is ConflictKind.OTHER_NUMBER


@given(st.sampled_from(ROSTER[:10]), st.integers(0, 12), st.sampled_from(["", "0", "7"]))
def test_a_digit_lost_or_added_hides_no_number(other: Patient, place: int, added: str) -> None:
    first13 = ins(other)[:13]
    misread = first13[:place] + added + first13[place + (not added) :]
    assert judge(UNNUMBERED, f"N° SS {misread}") is ConflictKind.OTHER_NUMBER


@given(st.sampled_from(ROSTER[:10]), st.data())
def test_the_patients_own_number_misread_is_not_anothers(own: Patient, data: st.DataObject) -> None:
    signs = list(ins(own))
    for place in data.draw(st.sets(st.integers(0, 14), max_size=2)):
        signs[place] = data.draw(st.sampled_from("0123456789"))
    assert judge(own, "N° SS " + "".join(signs)) is None


def test_a_number_that_is_nobodys_is_somebody_elses_paper() -> None:
    stranger = person("R99", "INCONNU", "Jean", "1961-09-09", order=777, sex="M")
    page = f"INS : {spaced(ins(stranger))}"
    assert judge(MOREAU, page) is ConflictKind.UNKNOWN_NUMBER
    assert judge(MOREAU, f"{page}\nBénéficiaire : {ins(MOREAU)}") is None
    assert judge(MOREAU, f"INS : {ins(stranger)[:13]}") is ConflictKind.UNKNOWN_NUMBER, "its label says what it is"
    assert judge(MOREAU, f"Lot {ins(stranger)[:13]}") is None, "without label and key it may be any number"


def test_a_complete_number_fits_an_unnumbered_patient_by_sex_and_birth_or_not_at_all() -> None:
    fitting, another = "290029399100", "291029399100"
    assert judge(UNNUMBERED, f"INS {fitting}1{key(fitting + '1')}") is None
    assert judge(UNNUMBERED, f"INS {another}1{key(another + '1')}") is ConflictKind.UNKNOWN_NUMBER
    assert judge(UNNUMBERED, f"INS 1{fitting[1:]}1{key('1' + fitting[1:] + '1')}") is ConflictKind.UNKNOWN_NUMBER


# --- Twins, homonyms, neighbours --------------------------------------------------------------------------------------


def test_transposed_birth_dates_of_neighbouring_names_are_never_exchanged() -> None:
    hers = "Madame LEFEBVRE née LEFÈVRE Camille, née le 8 juillet 1982"
    his = "Monsieur LEFEBVRE Camille, né le 07/08/1982"
    assert judge(LEFEVRE, hers) is None
    assert judge(LEFEBVRE, his) is None
    assert judge(LEFEVRE, his) is ConflictKind.OTHER_NAME_AND_BIRTH_DATE
    assert judge(LEFEBVRE, hers) is ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def test_twins_are_told_apart_by_their_given_names() -> None:
    page = "Nom de naissance : LE GOFF   Nom d'usage : -\nPrénom(s) : {}\nNé(e) le : 02/11/1991"
    assert judge(ANAIS, page.format("Anaïs, Aïcha")) is None
    assert judge(MAELLE, page.format("Maëlle")) is None
    assert judge(ANAIS, page.format("Maëlle")) is ConflictKind.OTHER_GIVEN_NAME
    assert judge(MAELLE, page.format("Anaïs, Aïcha")) is ConflictKind.OTHER_GIVEN_NAME
    assert judge(MAELLE, page.format("")) is ConflictKind.OWN_GIVEN_NAME_MISSING
    assert judge(MAELLE, "LE GOFF, suite du courrier") is None, "no birth date: nothing new is said"


def test_a_twin_mentioned_far_from_the_name_is_no_conflict() -> None:
    far = "Antécédents familiaux : migraine chez une sœur qui habite la même ville et se prénomme, dit-elle, Maëlle"
    assert judge(ANAIS, f"LE GOFF Anaïs née le 02/11/1991\n{far}") is None


def test_homonyms_are_told_apart_by_their_birth_dates() -> None:
    assert judge(MARTIN_78, "M. MARTIN Nicolas né le 14 mars 1978") is None
    assert judge(MARTIN_87, "M. MARTIN Nicolas né le 14 mars 1978") is ConflictKind.OTHER_NAME_AND_BIRTH_DATE
    assert judge(MARTIN_78, "M. MARTIN Nicolas né le 13/04/1987") is ConflictKind.OTHER_NAME_AND_BIRTH_DATE


def test_one_person_under_two_references_does_not_contradict_himself() -> None:
    again = Patient(PatientRef("R1-bis"), "Moreau", None, ("Hélène",), MOREAU.birth_date, "F", MOREAU.ins)
    index = RosterIndex((*ROSTER, again))
    page = recognised(f"MOREAU Hélène née le 17/05/1984 INS {MOREAU.ins}")
    assert check_identity(page, MOREAU.ref, sought(index)) == Agreed()
    assert check_identity(page, again.ref, sought(index)) == Agreed()


# --- What is inherited ------------------------------------------------------------------------------------------------


def test_pages_that_do_not_show_whose_they_are_are_counted() -> None:
    own = f"Madame MOREAU Hélène, née le 17/05/1984, INS {MOREAU.ins}"
    for pages, inherited in (
        ((own,), 0),
        ((own, "Résultats joints, page 2", ""), 2),
        ((own, "Madame MOREAU Hélène - suite du courrier"), 0),
        ((own, "MOREAU, suite"), 1),
        ((own, "née le 17/05/1984"), 1),
        ((own, f"N° SS {spaced(ins(MOREAU))}"), 0),
        ((own, "Dossier R1"), 0),
        (("page 1", "page 2"), 2),
    ):
        found = check_identity(recognised(*pages), MOREAU.ref, sought(INDEX, NUMBERED))
        assert found == Agreed(inherited), pages


def test_the_clients_number_of_another_patient_holds_the_document() -> None:
    for text, kind in (
        ("Dossier R1", None),
        ("Dossier R2", ConflictKind.OTHER_NUMBER),
        ("Dossier R77", ConflictKind.UNKNOWN_REFERENCE),
        ("Dossier interne R2", None),
    ):
        found = check_identity(recognised("page 1", text), MOREAU.ref, sought(INDEX, NUMBERED))
        assert (found.conflict if isinstance(found, Held) else None) == (Conflict(2, kind) if kind else None)


# --- Laws -------------------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(ROSTER),
    st.sampled_from(ROSTER),
    st.sampled_from([str.lower, str.upper, str.title]),
    st.sampled_from(["NFC", "NFD"]),
    st.sampled_from([" ", "  ", "\n"]),
)
def test_case_accents_and_spacing_never_change_the_answer(
    own: Patient, shown: Patient, case: Callable[[str], str], form: Literal["NFC", "NFD"], space: str
) -> None:
    page = f"{shown.birth_name} {shown.given_names[0]} né le {shown.birth_date:%d/%m/%Y}"
    plain = unicodedata.normalize("NFD", page)
    stripped = "".join(sign for sign in plain if not unicodedata.combining(sign))
    expected = judge(own, page)
    assert (expected is None) == (own is shown)
    assert judge(own, unicodedata.normalize(form, case(page)).replace(" ", space)) == expected
    assert judge(own, case(stripped).replace("-", " ")) == expected


@given(st.text(max_size=300), st.sampled_from(ROSTER))
def test_no_text_whatever_breaks_the_search(text: str, own: Patient) -> None:
    assert judge(own, text) in {None, *ConflictKind}


def test_an_empty_roster_of_numbers_is_searched_too() -> None:
    index = RosterIndex([UNNUMBERED])
    assert len(index) == 1
    assert check_identity(recognised("INS 178031399512195"), UNNUMBERED.ref, sought(index)) != Agreed()


def test_a_patient_whom_the_index_does_not_know_stops_the_station() -> None:
    with pytest.raises(StationFault, match="roster-index-stale"):
        check_identity(recognised("text"), PatientRef("nobody"), sought(INDEX))


def test_what_is_held_repeats_nothing_that_it_read() -> None:
    held = check_identity(
        recognised(f"{ANAIS.birth_name} {ANAIS.birth_date:%d/%m/%Y} {ANAIS.ins}"), MOREAU.ref, sought(INDEX)
    )
    assert "GOFF" not in repr(held)
    assert "1991" not in repr(held)
    assert ins(ANAIS) not in repr(held)


# --- Statuses (RNIV) --------------------------------------------------------------------------------------------------


def test_no_number_that_was_read_on_paper_reaches_the_roster() -> None:
    """The roster has the INS of the client's files alone, so that reading never makes an identity qualified.

    Two modules make a `Patient`: the reader of the client's files and the roster itself, of its own rows; one adds to
    the roster: the import of those files. No room that reads paper does either.
    """
    made, adding = set(), set()
    for room in ("consent_gate", "storage", "pipeline", "handover", "commands"):
        for path in (HOUSE / room).rglob("*.py"):
            for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
                name = ast.unparse(call.func)
                given = {keyword.arg for keyword in call.keywords}
                if name == "Patient" or (name == "replace" and "ins" in given):
                    made.add(str(path.relative_to(HOUSE)))
                if name.endswith(("roster.add", "_write_ins")) or name == "PatientRow":
                    adding.add(str(path.relative_to(HOUSE)))
    assert made == {"consent_gate/imports.py", "storage/roster.py"}
    assert adding == {"storage/imports.py", "storage/roster.py"}
