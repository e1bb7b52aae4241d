"""The day of a document is proposed from its words: labels first, then its place; never a birth date, never to come."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.indexing.dates import DateFound, date_of
from pipeline.indexing.days import written
from pipeline.indexing.lines import pieces
from pipeline.model import RecognisedPage
from tests.indexing_fixtures import Line, below, read

TODAY = date(2026, 1, 15)
BORN = date(1970, 4, 12)
THE_DAY = date(2024, 3, 12)
BODY = ("Le patient est vu ce jour, sans plainte nouvelle.", "L'examen clinique est sans particularité.")


def found(*pages: RecognisedPage, birth: date | None = BORN) -> DateFound | None:
    return date_of([pieces(page) for page in pages], TODAY, birth)


def day(*lines: str | Line, birth: date | None = BORN) -> date | None:
    claim = found(read(*below(*lines)), birth=birth)
    return claim.day if claim else None


@pytest.mark.parametrize(
    "text",
    [
        "12/03/2024", "12.03.2024", "12-03-2024", "12 03 2024", "12/3/2024", "12 / 03 / 2024", "2024-03-12",
        "12 mars 2024", "12 Mars 2024", "12 MARS 2024", "douze mars deux mille vingt-quatre",
        "Douze mars deux mille vingt quatre", "12/O3/2024", "l2/03/2024", "12/032024", "1203/2024",
    ],
)  # fmt: skip
def test_a_date_is_read_however_french_people_write_it(text: str) -> None:
    assert day("Cabinet du docteur", f"Lyon, le {text}", *BODY) == THE_DAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1er août 2019", date(2019, 8, 1)),
        ("premier août deux mille dix-neuf", date(2019, 8, 1)),
        ("31 décembre 1998", date(1998, 12, 31)),
        ("trente et un décembre mille neuf cent quatre-vingt-dix-huit", date(1998, 12, 31)),
        ("21 fevrier 2020", date(2020, 2, 21)),
        ("5 sept. 2018", date(2018, 9, 5)),
        ("5 novernbre 2018", date(2018, 11, 5)),
        ("5 septembie 2018", date(2018, 9, 5)),
    ],
)
def test_months_and_numbers_in_words(text: str, expected: date | None) -> None:
    assert day(f"Fait à Lyon, le {text}", *BODY) == expected


@given(st.dates(date(1931, 1, 1), TODAY))
def test_every_day_written_in_figures_is_read_as_itself(one: date) -> None:
    assert [seen.day for seen in written(f"LYON, LE {one:%d/%m/%Y}", TODAY)] == [one]


@pytest.mark.parametrize(
    "label",
    [
        "Fait à Lyon, le", "Fait le", "Lyon, le", "À Lyon le", "Saint-Étienne, le", "Prélevé le", "Date d'examen",
        "Date :", "Date de l'examen :", "Date de la visite :", "Visite du", "Date de consultation :", "Édité le",
        "Établi le", "Consultation du", "Le", "Paris. le", "Lyon le", "Signé à Lyon, le",
        "Le Mans le", "Date de prélèvement :",
    ],
)  # fmt: skip
def test_what_is_written_before_a_date_makes_it_the_documents(label: str) -> None:
    assert day("Cabinet du docteur", "Médecine générale", f"{label} 12/03/2024", *BODY * 5) == THE_DAY


@pytest.mark.parametrize(
    "label",
    [
        "Né le", "Née le", "Né(e) le", "Date de naissance :", "DDN", "D.D.N. :", "Date d'embauche :", "Embauché le",
        "À revoir le", "Prochaine visite le", "Valable jusqu'au", "Accident du travail du", "Vacciné le", "Opéré le",
        "Rendez-vous le", "Reçu le", "Imprimé le", "Transmis le", "Validé le",
        "Hospitalisé le", "Dernière visite :", "Antériorité", "Depuis le",
        "Décret du", "Modèle fixé par arrêté du", "Date d'entrée :", "Courrier du", "Version du",
    ],
)  # fmt: skip
def test_a_date_that_is_said_to_be_another_is_not_the_documents(label: str) -> None:
    assert day("Cabinet du docteur", f"{label} 12/03/2024", *BODY) is None


def test_the_sampling_of_a_result_comes_before_its_printing() -> None:
    assert day("Prélevé le 12/03/2024 à 09h57", "Édité le 15/03/2024", "Né(e) le 12/04/1970") == THE_DAY


def test_the_signature_comes_before_what_else_is_dated() -> None:
    lines = ("Nom : Durand, né le 12/04/1970", "Date d'embauche : 01/09/2019", *BODY, "Fait à Lyon, le 12/03/2024")
    assert day(*lines) == THE_DAY


@pytest.mark.parametrize("shown", ["12/04/1970", "12/04/1971", "12/01/1970", "13/04/1970"])
def test_the_birth_date_is_never_proposed_even_with_a_digit_misread(shown: str) -> None:
    assert day("Cabinet du docteur", f"Le {shown}", *BODY) is None


def test_nothing_before_the_patient_was_born_is_proposed() -> None:
    assert day("Cabinet du docteur", "Lyon, le 03/05/1961", *BODY) is None
    assert day("Cabinet du docteur", "Lyon, le 03/05/1961", *BODY, birth=None) == date(1961, 5, 3)


@given(st.dates(date(2026, 1, 16), date(2099, 12, 31)))
def test_a_day_to_come_is_never_proposed(one: date) -> None:
    assert day("Cabinet du docteur", f"Lyon, le {one:%d/%m/%Y}", *BODY) is None


def test_a_year_of_two_digits_is_of_the_past() -> None:
    assert day("Fait à Lyon, le 12/03/24", *BODY) == THE_DAY
    assert day("Fait à Lyon, le 12/03/94", *BODY) == date(1994, 3, 12)


def test_two_dates_of_the_same_claim_propose_none() -> None:
    assert day("Date : 12/03/2024", *BODY, "Date : 13/03/2024") is None
    assert day("Date : 12/03/2024", *BODY, "Date : 12/03/2024") == THE_DAY


def test_a_date_in_a_sentence_is_not_the_documents() -> None:
    assert day(*BODY, "Il a été revu en consultation le 12/03/2024 pour un contrôle de routine.", *BODY) is None
    assert day(*BODY, "Le contrôle a eu lieu 12/03/2024 au centre de la Vallée.", *BODY) is None


def test_the_days_of_a_list_are_not_the_documents() -> None:
    lines = ("DTP rappel le 12/03/2015 lot A123", "Hépatite B le 14/05/2016 lot B7", "Tétanos le 20/10/2019")
    assert day("CARNET DE VACCINATION", "Nom : Girard", *lines) is None


def test_a_period_is_no_day() -> None:
    assert day("Consultation du 12/03/2024 au 15/03/2024", *BODY) is None


def test_a_label_may_stand_beside_its_date_or_above_it() -> None:
    beside = read(Line("Date :", x=0.1, y=0.1), Line("12/03/2024", x=0.5, y=0.1), *below(*BODY, top=0.4))
    above = read(Line("Date de l'examen", x=0.5, y=0.1), Line("12/03/2024", x=0.5, y=0.12), *below(*BODY, top=0.4))
    born = read(Line("Date de naissance", x=0.5, y=0.1), Line("12/03/2004", x=0.5, y=0.12), *below(*BODY, top=0.4))
    for page in (beside, above):
        claim = found(page)
        assert claim is not None
        assert claim.day == THE_DAY
    assert found(born, birth=None) is None


def test_a_bare_date_counts_at_the_head_of_the_page_alone() -> None:
    assert day("12/03/2024", *BODY, *BODY, *BODY) == THE_DAY
    assert day(*BODY, *BODY, *BODY, "12/03/2024", *BODY) is None


def test_what_is_badly_read_or_written_by_hand_is_not_proposed() -> None:
    assert day("Cabinet du docteur", Line("Date : 12/03/2024", confidence=30.0), *BODY) is None
    printed = below("Cabinet du docteur", "Date :", *BODY)
    hand = Line("12/03/2024", x=0.2, y=0.072, confidence=60.0, wide=0.95)
    assert found(read(*printed, hand)) is None


def test_a_confident_reading_says_so() -> None:
    signed, bare = found(read(*below("Fait à Lyon, le 12/03/2024", *BODY))), found(read(*below("12/03/2024", *BODY)))
    assert signed is not None
    assert bare is not None
    assert signed.confidence > bare.confidence
    assert signed.page == 1


def test_the_first_page_counts_before_the_next() -> None:
    first, second = read(*below("Lyon, le 12/03/2024", *BODY)), read(*below("Lyon, le 14/03/2024", *BODY))
    claim = found(first, second)
    assert claim is not None
    assert (claim.day, claim.page) == (THE_DAY, 1)


def test_a_separator_or_an_empty_page_has_no_day() -> None:
    assert found() is None
    assert found(RecognisedPage((), 0, ())) is None


def test_a_date_that_cannot_be_read_does_not_make_way_for_a_lesser_one() -> None:
    assert day("Prélevé le 28/06/2620 à 09h19", "Édité le 29/06/2020", *BODY) is None
    assert day("Visite du 12/03/2024", *BODY, "Fait à Lyon, le 11/66/2024") is None


def test_a_better_label_counts_though_its_date_is_read_less_well() -> None:
    assert day(Line("Prélevé ie 12/03/2024", confidence=65.0), "Édité le 13/03/2024", *BODY) == THE_DAY


def test_where_other_digits_of_the_page_are_misread_a_doubtful_date_is_not_proposed() -> None:
    doubtful = Line("Prélevé le 16/03/2024 à 69h35", confidence=81.0)
    assert day(doubtful, "Édité le 11/03/2624", *BODY) is None
    assert day(Line("Prélevé le 16/03/2024 à 09h35", confidence=81.0), *BODY) == date(2024, 3, 16)
