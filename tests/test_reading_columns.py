"""Lines in the order in which a person reads them: columns of text one after the other, tables row by row."""

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from pipeline.model import Word
from pipeline.reading.columns import in_columns
from pipeline.reading.lines import Line
from pipeline.reading.order import in_order
from tests.test_reading_order import HEAD, LETTER_TEXT, OTHER_TEXT, RESULTS, texts

RISE, PITCH, LETTER = 30.0, 60.0, 20.0
Placed = tuple[float, float, str]
"""Left, baseline, text."""


def line(left: float, y: float, text: str) -> Line:
    return Line(int(left), int(left + LETTER * len(text)), (y, 0.0, 0.0), 20.0, RISE, 10.0, len(text))


def read(placed: Sequence[Placed]) -> list[str]:
    """What stands on the lines, in the order of columns, then of rows."""
    said = {line(*one): one for one in sorted(placed, key=lambda one: one[2])}
    words = [word for number, one in enumerate(in_columns(list(said))) for word in _words(said[one], number)]
    return texts(in_order(words))


def _words(placed: Placed, number: int) -> Iterable[Word]:
    x, y, text = placed
    for word in text.split():
        yield Word(word, x, y, x + LETTER * len(word), y, 40.0, 90.0, number)
        x += LETTER * (len(word) + 1)


def column(left: float, top: float, lines: Sequence[str], pitch: float = PITCH) -> list[Placed]:
    return [(left, top + number * pitch, text) for number, text in enumerate(lines)]


def test_columns_of_prose_are_read_one_after_the_other_between_what_spans_them() -> None:
    title, end = "Compte rendu de la consultation du quatorze mars de cette année", "Ce texte va d'un bord à l'autre"
    placed = [
        (300, 100, title),
        *column(200, 300, LETTER_TEXT),
        *column(1300, 317, OTHER_TEXT),
        (200, 900, f"{end} {end} {end}"),
    ]
    assert read(placed) == [title, *LETTER_TEXT, *OTHER_TEXT, f"{end} {end} {end}"]


def test_a_table_is_read_row_by_row() -> None:
    lefts = (180.0, 1050.0, 1280.0, 1700.0, 2150.0)
    rows = [HEAD, *RESULTS]
    placed = [
        (left, 400 + PITCH * number, cell)
        for number, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
        if cell
    ]
    above = [(180.0, 200.0, "LABORATOIRE DE BIOLOGIE"), (180.0, 330.0, "Biochimie du sang")]
    below = [(180.0, 900.0, "Commentaire : sérum limpide")]
    expected = [" ".join(cell for cell in row if cell) for row in rows]
    assert read([*above, *placed, *below]) == [above[0][2], above[1][2], *expected, below[0][2]]


def test_a_form_is_read_label_and_value_row_by_row() -> None:
    labels = ("Nom de naissance :", "Prénom :", "Né le :", "Poste :")
    values = ("MARTIN", "Zoé", "14/03/1978", "Soudeuse")
    placed = [*column(200, 300, labels), *column(700, 300, values)]
    assert read(placed) == [f"{label} {value}" for label, value in zip(labels, values, strict=True)]


def test_two_addresses_stay_whole() -> None:
    sender = ("Dr Anne LEBON", "12, rue des Lilas", "75019 PARIS", "Tél. 01 02 03 04 05")
    receiver = ("Madame Zoé MARTIN", "4, impasse du Four", "58000 NEVERS")
    placed = [
        *column(200, 100, sender),
        *column(1400, 420, receiver),
        (200, 800, "Chère Madame,"),
        *column(200, 900, LETTER_TEXT),
    ]
    assert read(placed) == [*sender, *receiver, "Chère Madame,", *LETTER_TEXT]


def test_what_stands_above_and_below_all_else_is_read_first_and_last() -> None:
    placed = [
        (200, 60, "Centre hospitalier"), (1800, 60, "Page 1/2"),
        *column(200, 300, LETTER_TEXT),
        (200, 3300, "Dossier 123"), (1800, 3300, "Imprimé le 3 mai"),
    ]  # fmt: skip
    said = " ".join(read(placed))
    assert said.index("Centre") < said.index("Page") < said.index("Il a été décidé") < said.index("Dossier")
    assert said.endswith("Imprimé le 3 mai")


@pytest.mark.parametrize("number", [0, 1, 600])
def test_every_line_comes_once(number: int) -> None:
    chance = np.random.default_rng(number)
    lines = [line(x, y, "x" * long) for x, y, long in chance.integers(1, (2000, 3000, 60), (number, 3)).tolist()]
    ordered = in_columns(lines)
    assert len(ordered) == number
    assert {id(one) for one in ordered} == {id(one) for one in lines}
