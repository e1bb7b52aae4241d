"""What is read of a page, in the order in which a person reads it: rows of tables whole, columns of text apart."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from pipeline.model import Word
from pipeline.reading.order import in_order

PITCH, HEIGHT, LETTER = 60.0, 40.0, 20.0
"""Pixels at 300 dpi: from baseline to baseline, of a line, of a letter."""
Placed = tuple[float, float, str]
"""Left, baseline, words of a line."""

HEAD = ("Analyse", "Résultat", "Unité", "Référence", "Antériorité")
RESULTS = (
    ("Glycémie à jeun", "0,78", "g/L", "0,74 à 1,06", "0,85"),
    ("Créatinine", "7,4", "mg/L", "6,0 à 11,8", ""),
    ("Cholestérol total", "1,64", "g/L", "1,40 à 2,00", "1,46"),
    ("Phosphatases alcalines", "* 145", "UI/L", "40 à 129", ""),
    ("Acide urique", "50", "mg/L", "35 à 72", "68"),
)
LEFTS = (180.0, 1050.0, 1280.0, 1700.0, 2150.0)

LETTER_TEXT = (
    "Il a été décidé de poursuivre le traitement",
    "actuel pendant encore trois semaines au",
    "moins, puis de contrôler les examens avec",
    "une radiographie de face et de profil des",
    "deux genoux. La reprise du travail reste",
    "possible à temps partiel dès le mois prochain.",
)
OTHER_TEXT = (
    "Sur le plan cardiologique, aucune anomalie",
    "n'a été retrouvée à l'auscultation, et les",
    "tracés sont superposables à ceux de l'année",
    "précédente. La tension est équilibrée sous",
    "traitement, sans effet indésirable rapporté",
    "par la patiente au cours de la consultation.",
)


def read(lines: Iterable[Placed]) -> tuple[Word, ...]:
    """Words as a recogniser gives them, each line by itself."""
    words = []
    for number, (left, baseline, text) in enumerate(lines):
        x = left
        for word in text.split():
            words.append(Word(word, x, baseline, x + LETTER * len(word), baseline, HEIGHT, 90.0, number))
            x += LETTER * (len(word) + 0.6)
    return tuple(words)


def column(left: float, top: float, texts: Sequence[str], pitch: float = PITCH) -> list[Placed]:
    return [(left, top + place * pitch, text) for place, text in enumerate(texts) if text]


def by_columns(rows: Sequence[Sequence[str]], top: float, lefts: Sequence[float] = LEFTS) -> list[Placed]:
    """A table as layout analysis gives it: the first column, then the second."""
    cells = zip(*rows, strict=True)
    return [placed for left, texts in zip(lefts, cells, strict=True) for placed in column(left, top, texts)]


def texts(words: Sequence[Word]) -> list[str]:
    """Lines in their order; fails where a line is not in one piece."""
    lines: dict[int, list[str]] = {}
    for word in words:
        assert word.line in (len(lines) - 1, len(lines)), "numbered from 0, each line in one piece"
        lines.setdefault(word.line, []).append(word.text)
    return [" ".join(line) for line in lines.values()]


def rows_of(table: Sequence[Sequence[str]]) -> list[str]:
    return [" ".join(cell for cell in row if cell) for row in table]


def turned(words: Sequence[Word], degrees: float) -> tuple[Word, ...]:
    """All of them, turned clockwise about the corner."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def at(x: float, y: float) -> tuple[float, float]:
        return x * cosine - y * sine, x * sine + y * cosine

    return tuple(
        replace(word, x0=x0, y0=y0, x1=x1, y1=y1)
        for word in words
        for (x0, y0), (x1, y1) in [(at(word.x0, word.y0), at(word.x1, word.y1))]
    )


def test_a_laboratory_table_read_by_columns_comes_back_row_by_row() -> None:
    table = (HEAD, *RESULTS)
    assert texts(in_order(read(by_columns(table, 800)))) == rows_of(table)


def test_right_aligned_numbers_stand_on_their_rows() -> None:
    labels, values = zip(*[(row[0], row[1]) for row in RESULTS], strict=True)
    numbers = [(1300 - LETTER * len(text), 800 + place * PITCH, text) for place, text in enumerate(values)]
    page = read([*column(180, 800, labels), *numbers])
    assert texts(in_order(page)) == [f"{label} {value}" for label, value in zip(labels, values, strict=True)]


def test_titles_between_tables_stay_between_them() -> None:
    """The labels of both tables came as one column, the rest with the titles."""
    first, second = (HEAD, *RESULTS[:3]), (HEAD, *RESULTS[3:])
    labels = column(180, 800, [row[0] for row in first]) + column(180, 1200, [row[0] for row in second])
    rest = [(1100.0, 720.0, "BIOCHIMIE")]
    rest += by_columns([row[1:] for row in first], 800, LEFTS[1:])
    rest += [(1100.0, 1120.0, "ENZYMES")]
    rest += by_columns([row[1:] for row in second], 1200, LEFTS[1:])
    after = [(180.0, 1450.0, "Commentaire : contrôle souhaitable dans trois mois.")]
    expected = ["BIOCHIMIE", *rows_of(first), "ENZYMES", *rows_of(second), after[0][2]]
    assert texts(in_order(read([*labels, *rest, *after]))) == expected


def test_a_cell_of_two_lines_is_read_where_it_stands() -> None:
    table = (*RESULTS[:3], ("leucocytaire", "", "", "", ""), *RESULTS[3:])
    assert texts(in_order(read(by_columns(table, 800)))) == rows_of(table)


@pytest.mark.parametrize("degrees", [-2.0, 1.0, 90.0, 180.0, 270.0, 271.5])
def test_a_table_is_read_by_its_rows_however_the_page_lies(degrees: float) -> None:
    table = (HEAD, *RESULTS)
    assert texts(in_order(turned(read(by_columns(table, 800)), degrees))) == rows_of(table)


@pytest.mark.parametrize("offset", [0.0, 7.0, 29.0])
@pytest.mark.parametrize("degrees", [0.0, 1.5, 90.0])
def test_columns_of_text_stay_columns(offset: float, degrees: float) -> None:
    """Even where their lines are level."""
    page = [*column(180, 600, LETTER_TEXT), *column(1300, 600 + offset, OTHER_TEXT)]
    assert texts(in_order(turned(read(page), degrees))) == [*LETTER_TEXT, *OTHER_TEXT]


def test_a_newspapers_columns_stay_columns() -> None:
    columns = [[f"{word} long texte serré" for word in group] for group in ("abcdefgh", "ijklmnop", "qrstuvwx")]
    page = [placed for place, lines in enumerate(columns) for placed in column(150 + 700 * place, 500, lines)]
    assert texts(in_order(read(page))) == [line for lines in columns for line in lines]


@pytest.mark.parametrize("offset", [0.0, 5.0, 30.0])
def test_letterhead_and_addressee_stay_apart(offset: float) -> None:
    head = ["Dr Adrienne COLIN", "Pneumologie", "49, rue Émilie Hardy", "34686 Bourgeoisnec"]
    addressee = ["Dr Richard MARÉCHAL", "Service de santé au travail", "8, rue François", "66612 Boulay"]
    page = [*column(180, 200, head), *column(1400, 200 + offset, addressee), *column(180, 700, LETTER_TEXT)]
    assert texts(in_order(read(page))) == [*head, *addressee, *LETTER_TEXT]


def test_a_label_and_its_value_are_one_line() -> None:
    labels = ["Nom de naissance :", "Prénom :", "Date d'embauche :"]
    values = ["MARTIN", "Nicolas", "01/03/2004"]
    page = read([*column(180, 400, labels, 110), *column(800, 402, values, 110)])
    assert texts(in_order(page)) == ["Nom de naissance : MARTIN", "Prénom : Nicolas", "Date d'embauche : 01/03/2004"]
    alone = read([(180, 400, "Poste de travail :"), *column(180, 600, LETTER_TEXT), (800, 400, "soudeuse")])
    assert texts(in_order(alone))[0] == "Poste de travail : soudeuse"


def test_a_form_in_two_columns_keeps_each_value_with_its_label() -> None:
    lefts = (180.0, 700.0, 1350.0, 1700.0)
    rows = (("Nom :", "MARTIN", "Prénom :", "Nicolas"), ("Né le :", "14/03/1978", "Sexe :", "M"))
    lines = " ".join(texts(in_order(read(by_columns(rows, 400, lefts)))))
    for value in ("Nom : MARTIN", "Prénom : Nicolas", "Né le : 14/03/1978", "Sexe : M"):
        assert value in lines


def test_a_questionnaires_answers_stand_with_their_questions() -> None:
    rows = (
        ("1. Êtes-vous actuellement en bonne santé ?", "Oui", ""),
        ("2. Suivez-vous un traitement médical ?", "", "Non"),
        ("3. Avez-vous déjà été opéré(e) ?", "Oui", ""),
        ("4. Portez-vous des lunettes ?", "", "Non"),
    )
    page = read(by_columns(rows, 900, (180.0, 1500.0, 1750.0)))
    assert texts(in_order(page)) == rows_of(rows)


def test_two_plain_columns_are_a_table_where_lines_are_drawn_between_their_rows() -> None:
    rows = (("Soudage", "Gants et lunettes"), ("Meulage", "Casque antibruit"), ("Peinture", "Masque à cartouche"))
    page = read(by_columns(rows, 500, (180.0, 1200.0)))
    drawn = [(150.0, 515.0 + place * PITCH, 2300.0, 515.0 + place * PITCH) for place in range(-1, 3)]
    assert texts(in_order(page)) == [cell for cells in zip(*rows, strict=True) for cell in cells]
    assert texts(in_order(page, drawn)) == rows_of(rows)
    upright = [(1100.0, 400.0, 1100.0, 800.0), (1110.0, 400.0, 1110.0, 800.0)]
    assert texts(in_order(page, upright)) == texts(in_order(page))


def test_a_prescription_stays_in_its_order() -> None:
    drugs = [
        (180.0, 900.0, "IBUPROFÈNE 400 mg, comprimé pelliculé"),
        (260.0, 970.0, "1 comprimé matin et soir, au milieu du repas"),
        (260.0, 1040.0, "pendant 5 jours"),
        (180.0, 1150.0, "RAMIPRIL 5 mg, gélule"),
        (260.0, 1220.0, "1 gélule le matin"),
        (1500.0, 1500.0, "Dr CHARLES Alain"),
    ]
    assert texts(in_order(read(drugs))) == [text for _, _, text in drugs]


def test_words_on_their_side_stay_as_they_came() -> None:
    margin = replace(Word("Confidentiel", 60, 1300, 60, 900, HEIGHT, 90, 99), line=99)
    words = in_order((*read(by_columns(RESULTS, 800)), margin))
    assert texts(words) == [*rows_of(RESULTS), "Confidentiel"]


def test_no_word_is_lost_or_changed_but_for_its_line() -> None:
    page = read([*by_columns(RESULTS, 800), *column(180, 1300, LETTER_TEXT), *column(1300, 1310, OTHER_TEXT)])
    ordered = in_order(page, [(0.0, 0.0, 2000.0, 0.0)])
    assert sorted(map(repr, (replace(word, line=0) for word in ordered))) == sorted(
        map(repr, (replace(word, line=0) for word in page))
    )
    assert in_order(ordered) == ordered


def test_a_page_without_words_has_no_lines() -> None:
    assert in_order(()) == ()
    point = Word(".", 10, 10, 10, 10, 1.0, 5.0, 7)
    assert in_order((point,)) == (replace(point, line=0),)
