"""What identifies a person is found whatever case, accents, spaces and small OCR errors do to it."""

import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.spelled import spelled_dates
from pipeline.identity.traits import (
    PageWords,
    alike,
    compact,
    dates,
    digit_runs,
    fold,
    is_matricule,
    key,
    matricules,
    normalise,
    words,
)
from pipeline.identity.vocabulary import listed

DAYS = st.dates(min_value=date(1920, 1, 1), max_value=date(2029, 12, 31))
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
NAMES = st.sampled_from(["LE GOFF", "DUPRÉ-LACROIX", "D'ORNANO", "ÇELIK", "Haÿ", "Oßwald", "Œuvrard", "MARTIN", "Li"])
NUMBERS = st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[1-8][0-9]|2A|2B)99[1-8][0-9]{2}[1-9]", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("Lefèvre", "LEFEVRE"),
        ("Œuvrard", "OEUVRARD"),
        ("Lætitia", "LAETITIA"),
        ("Oßwald", "OSSWALD"),
        ("Łukasz", "LUKASZ"),
        ("D’Ornano", "D'ORNANO"),
        ("Dupré‑Lacroix", "DUPRE-LACROIX"),
        ("L'Haÿ", "L'HAY"),
    ],
)
def test_names_are_normalised_as_the_rniv_asks(written: str, normalised: str) -> None:
    assert normalise(written) == normalised


@given(NAMES, st.sampled_from([str.lower, str.upper, str.title]), st.sampled_from(["NFC", "NFD"]))
def test_case_accents_and_separators_never_matter_to_a_name(
    name: str, case: Callable[[str], str], form: Literal["NFC", "NFD"]
) -> None:
    other = unicodedata.normalize(form, case(name)).replace("-", " - ").replace("'", "’")
    assert compact(other) == compact(name)
    assert PageWords(f"Monsieur {other}, né en 1978").places(name)


@pytest.mark.parametrize("printed", ["LE GOFF", "LEGOFF", "Le-Goff", "LE G0FF", "LE\nGOFF", "le goff,"])
def test_a_name_is_found_however_it_is_broken_into_words(printed: str) -> None:
    assert PageWords(f"Nom : {printed} Prénom : Maëlle").places("LE GOFF")


@pytest.mark.parametrize(
    ("name", "other"), [("ROUX", "DOUX"), ("MARTIN", "MARTINEZ"), ("LEGRAND", "LEGER"), ("LI", "LE")]
)
def test_a_short_name_is_not_taken_for_its_neighbour(name: str, other: str) -> None:
    assert not alike(name, other)
    assert not PageWords(f"Monsieur {other}").places(name)


def test_rn_read_for_m_is_no_difference() -> None:
    assert alike("MERMOZ", "MERRNOZ")
    assert PageWords("Madame RNERMOZ").places("MERMOZ")
    assert not alike("ROUX", "DOUX")


@given(DAYS, st.sampled_from(["/", ".", "-", " ", " / ", ""]))
def test_a_date_in_figures_is_found_whatever_parts_it(day: date, between: str) -> None:
    assert day in dates(f"née le {day.day:02}{between}{day.month:02}{between}{day.year:04}, à Brest")


@given(DAYS)
def test_a_date_is_found_in_iso_in_words_and_in_boxes(day: date) -> None:
    first = "1er" if day.day == 1 else str(day.day)
    words = f"{first} {MONTHS[day.month - 1]} {day.year}"
    for written in (
        day.isoformat(),
        words,
        words.upper(),
        unicodedata.normalize("NFD", words),
        words.replace(" ", "\n"),
    ):
        assert day in dates(f"né le {written}.")
    assert day in dates(" ".join(f"{day:%d%m%Y}"))
    assert day in dates(f"{day.day:02}/{day.month:02}/{day.year % 100:02}")


@given(DAYS, st.data())
def test_a_month_with_one_misread_letter_is_still_found(day: date, data: st.DataObject) -> None:
    month = normalise(MONTHS[day.month - 1])
    place = data.draw(st.integers(0, len(month) - 1))
    misread = month[:place] + data.draw(st.sampled_from("EIO0")) + month[place + 1 :]
    assert day in dates(f"{day.day} {misread} {day.year}")


@pytest.mark.parametrize(
    "misread", ["l4/O3/l97B", "14/03/1978Sexe", "le14/03/1978", "14 rnars 1978", "14 mar5 1978", "I4.03.I978"]
)
def test_the_usual_confusions_of_digits_hide_no_date(misread: str) -> None:
    assert date(1978, 3, 14) in dates(f"né le {misread}")


@pytest.mark.parametrize(
    "text",
    [
        "12.03.45.67.89",
        "tension 157/64",
        "31/02/1978",
        "14/13/1978",
        "dossier 270973-1781",
        "le sol est bas",
        "Solides",
    ],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert not dates(text)


def test_day_and_month_are_never_exchanged() -> None:
    assert dates("08/07/1982") == {date(1982, 7, 8)}
    assert dates("07/08/1982") == {date(1982, 8, 7)}


@pytest.mark.parametrize(
    "number", ["279035121518989", "185057512345673", "277010115400329", "885997512345663", "781102A12500908"]
)
def test_the_key_is_that_of_the_published_examples(number: str) -> None:
    assert key(number[:13]) == number[13:]
    assert is_matricule(number)


@given(NUMBERS, st.sampled_from(["", " ", ".", " | "]), st.sampled_from(["", " ", " clé : "]))
def test_a_number_is_found_however_it_is_grouped(first13: str, between: str, before_key: str) -> None:
    groups = (0, 1), (1, 3), (3, 5), (5, 7), (7, 10), (10, 13)
    written = between.join(first13[a:b] for a, b in groups) + (before_key or between) + key(first13)
    assert first13 + key(first13) in matricules(f"N° de sécurité sociale : {written}")


@given(NUMBERS, st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_never_keeps_a_right_key(first13: str, place: int, step: int) -> None:
    number = first13 + key(first13)
    sign = number[place]
    if sign.isdigit():
        wrong = number[:place] + str((int(sign) + step) % 10) + number[place + 1 :]
        assert not is_matricule(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "SIRET 362 521 879 00034",
        "FINESS 750000001",
        "Tél. 01 39 75 69 43 - Fax 01 39 75 69 44",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "RPPS 10101010101",
        "Dossier 270973-1781 du 14/06/2023",
        "2015 2016 2017 2018 2019",
    ],
)
def test_other_numbers_are_no_matricules(text: str) -> None:
    assert not matricules(text)


@pytest.mark.parametrize(
    "text",
    [
        "| 1 | 78 | O3 | l3 | 995 | 121 | 95 |",
        "|1|7|8|0|3|1|3|9|9|5|1|2|1|9|5|",
        "N° : |78O313995I2195",
        "1780313995121\n95",
    ],
)
def test_confused_digits_and_boxes_are_read_as_one_run(text: str) -> None:
    assert "178031399512195" in digit_runs(text)


@pytest.mark.parametrize(("read", "name"), [("LE G0FF", "Le Goff"), ("RNARTIN", "Martin"), ("AnaIs", "Anals")])
def test_signs_that_ocr_exchanges_make_no_other_name(read: str, name: str) -> None:
    assert fold(read) == fold(name)


@pytest.mark.parametrize(("one", "other"), [("LEFÈVRE", "LEFEBVRE"), ("DUPOND", "DUPONT"), ("MARTIN", "MARTINS")])
def test_a_near_name_is_another_name(one: str, other: str) -> None:
    assert fold(one) != fold(other)


UNITS = listed(
    """zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit
    dix-neuf"""
)
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 7: "soixante", 8: "quatre-vingt"}


def spelled(number: int) -> str:
    """A number under 3000 as it is written in France."""
    if number >= 1000:
        thousands = "mil" if number < 2000 else "deux mille"
        return f"{thousands} {spelled(number % 1000) if number % 1000 else ''}".strip()
    if number >= 100:
        hundreds = "cent" if number < 200 else f"{UNITS[number // 100]} cent"
        return f"{hundreds} {spelled(number % 100) if number % 100 else ''}".strip()
    if number < len(UNITS):
        return UNITS[number]
    ten, unit = divmod(number, 10)
    ten, unit = (ten - 1, unit + 10) if ten in (7, 9) else (ten, unit)
    if not unit:
        return TENS[ten] + ("s" if ten == 8 else "")
    return TENS[ten] + (" et " if unit in (1, 11) and ten != 8 else "-") + UNITS[unit]


@given(DAYS, st.booleans())
def test_a_date_that_is_written_out_in_words_is_found(day: date, in_words: bool) -> None:  # noqa: FBT001
    first = "premier" if day.day == 1 else spelled(day.day) if in_words else str(day.day)
    text = f"le {first} {MONTHS[day.month - 1]} {spelled(day.year)} à Brest"
    assert [found for _, _, found in spelled_dates(words(text))] == [day]


@pytest.mark.parametrize("text", ["le mars", "trois mars", "trois mars cent", "mil neuf cent mars", "trente mai vingt"])
def test_what_is_no_date_in_words_gives_none(text: str) -> None:
    assert not list(spelled_dates(words(text)))
