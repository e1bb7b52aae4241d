"""Lines of text found on a copy: each once, none cut, whatever else lies on the page."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.formats.pixels import Grey
from pipeline.reading.fitting import MOST
from pipeline.reading.lines import Line, lines_of
from tests.compose_fixtures import FONT, LINES, sheet, tilted

BOLD = FONT.replace("Sans", "Sans-Bold")
INK = 150
Printed = tuple[float, float, float, str]
"""Left and baseline in mm, points, text."""


def page(*printed: Printed, dpi: int = 200, font: str = FONT) -> Image.Image:
    """White A4, printed in black."""
    picture = Image.new("L", (round(dpi * 8.27), round(dpi * 11.69)), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, points, text in printed:
        letters = ImageFont.truetype(font, round(points / 72 * dpi))
        pen.text((x / 25.4 * dpi, y / 25.4 * dpi), text, font=letters, fill=0, anchor="ls")
    return picture


def found(picture: Image.Image, dpi: int = 200) -> tuple[Line, ...]:
    return lines_of(np.asarray(picture, np.uint8), dpi)


def uncovered(pixels: Grey, lines: tuple[Line, ...]) -> int:
    """Pixels of ink that no line's strip has."""
    left = pixels <= INK
    for line in lines:
        up, down = line.reach
        for x in range(max(0, line.left), line.right):
            y = line.y(x)
            left[max(0, int(y - up)) : int(y + down) + 1, x] = False
    return int(left.sum())


def baselines(lines: tuple[Line, ...], dpi: int) -> list[float]:
    """In mm."""
    return [round(line.y(line.left) / dpi * 25.4, 1) for line in lines]


@pytest.mark.parametrize("dpi", [150, 200, 300, 350])
def test_every_line_is_found_once_and_no_letter_is_cut(dpi: int) -> None:
    drawn = sheet(dpi=dpi)
    lines = found(drawn.picture, dpi)
    assert len(lines) == len(LINES)
    assert uncovered(np.array(drawn.picture), lines) == 0
    expected = sorted(set(drawn.baselines.values()))
    assert [line.y(line.left) for line in lines] == pytest.approx(expected, abs=0.015 * dpi)


@pytest.mark.parametrize("dpi", [150, 200, 300])
@pytest.mark.parametrize("points", [6, 8, 12, 20, 40])
def test_a_line_is_found_whatever_its_size(dpi: int, points: int) -> None:
    picture = page(
        (10, 60, points, "Élan, à 37,5 °C ; « où ? »"), (20, 150, 10, "Le reste de la page est en dix points"), dpi=dpi
    )
    lines = found(picture, dpi)
    assert baselines(lines, dpi) == pytest.approx([60, 150], abs=0.6)
    assert uncovered(np.array(picture), lines) == 0


def test_accents_on_capitals_are_in_the_strip() -> None:
    picture = page((20, 40, 12, "ÉTAT DE SANTÉ À L'ENTRÉE : ÔTÉ, NOËL"), (20, 50, 12, "sur une ancre"))
    assert uncovered(np.array(picture), found(picture)) == 0


def test_small_marks_between_and_after_words_stay_with_their_line() -> None:
    picture = page((20, 40, 10, "Nom : Zoé - 0,5 g/L ; « oui » !"), (20, 60, 10, "fin ."), (20, 80, 10, "TA : 12/8"))
    lines = found(picture)
    assert len(lines) == 3
    assert uncovered(np.array(picture), lines) == 0


def test_columns_are_not_joined() -> None:
    left, right = "Il a été décidé de poursuivre", "Sur le plan cardiologique"
    picture = page(*((x, 50 + 5 * row, 10, text) for row in range(6) for x, text in ((20, left), (110, right))))
    lines = found(picture)
    assert len(lines) == 12
    middle = 100 / 25.4 * 200
    assert all(line.right < middle or line.left > middle for line in lines)


def test_lines_set_tight_are_not_joined() -> None:
    picture = page(
        *((20, 50 + 2.9 * row, 8.5, "Appréciée à l'école (gymnase), où il jouait ÉÈÀÇ") for row in range(8)), font=BOLD
    )
    lines = found(picture)
    assert baselines(lines, 200) == pytest.approx([50 + 2.9 * row for row in range(8)], abs=0.4)


def test_a_stroke_through_several_lines_joins_none() -> None:
    picture = page(*((20, 50 + 6 * row, 10, "La patiente est apte à son poste de travail") for row in range(6)))
    pen = ImageDraw.Draw(picture)
    pen.line([(300, 380), (420, 660)], fill=0, width=4)
    lines = [line for line in found(picture) if line.letters > 5]
    assert len(lines) == 6
    assert all(line.rise < 0.2 * 200 for line in lines)
    assert all(line.left == pytest.approx(20 / 25.4 * 200, abs=6) for line in lines)
    assert all(line.right > 90 / 25.4 * 200 for line in lines)


def test_a_large_logo_beside_small_lines_is_found_and_so_are_they() -> None:
    small = ((60, 36 + 3.4 * row, 6, "Service de santé au travail, 12, rue Haute") for row in range(3))
    lines = found(page((15, 43, 28, "SSTP"), *small))
    assert sorted(baselines(lines, 200)) == pytest.approx([36, 39.4, 42.8, 43], abs=0.4)


def test_white_letters_on_black_are_found_and_told() -> None:
    picture = page((20, 80, 10, "La suite en noir"))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((100, 300, 1500, 370), fill=0)
    pen.text((150, 350), "RÉSULTATS DE BIOLOGIE", font=ImageFont.truetype(BOLD, 40), fill=255, anchor="ls")
    lines = found(picture)
    assert [line.light for line in lines] == [True, False]
    assert lines[0].y(150) == pytest.approx(350, abs=2)


@pytest.mark.parametrize("degrees", [-0.4, -0.15, 0.15, 0.4])
def test_the_baseline_climbs_as_the_line_does(degrees: float) -> None:
    flat = sheet(size_mm=(210, 148))
    picture, forth = tilted(flat, degrees)
    lines = found(picture)
    assert len(lines) == len(LINES)
    for word, (left, _, _, _) in flat.words.items():
        x, y = forth @ (left, flat.baselines[word], 1)
        assert min(abs(line.y(x) - y) for line in lines) < 2.5


def test_a_bent_line_is_followed() -> None:
    flat = np.asarray(
        page((20, 40, 10, "Le soussigné certifie avoir examiné la personne nommée plus haut ce jour")), np.uint8
    )
    rows, columns = np.indices(flat.shape, dtype=np.float32)
    bend = (6 * np.sin(columns / flat.shape[1] * np.pi)).astype(np.float32)
    bent = np.asarray(
        cv2.remap(
            flat,
            np.asarray(columns, np.float32),
            np.asarray(rows + bend, np.float32),
            cv2.INTER_LINEAR,
            borderValue=(255.0,),
        ),
        np.uint8,
    )
    (line,) = lines_of(bent, 200)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = line.left + share * (line.right - line.left)
        assert line.y(x) == pytest.approx(40 / 25.4 * 200 - 6 * np.sin(x / flat.shape[1] * np.pi), abs=2)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (1, 900), (900, 1), (40, 40)])
@pytest.mark.parametrize("level", [0, 255])
def test_there_is_no_line_where_there_is_no_text(shape: tuple[int, int], level: int) -> None:
    assert lines_of(np.full(shape, level, np.uint8), 200) == ()


@pytest.mark.parametrize("share", [0.02, 0.15, 0.5, 0.98])
@pytest.mark.parametrize("grain", [1, 4, 12])
def test_noise_has_a_bounded_number_of_lines(share: float, grain: int) -> None:
    rng = np.random.default_rng(7)
    dots = rng.random((2400 // grain, 1700 // grain)) < share
    noise = np.asarray(np.kron(np.where(dots, 0, 255), np.ones((grain, grain))), np.uint8)
    lines = lines_of(noise, 200)
    assert len(lines) <= MOST
    assert all(line.left < line.right and line.rise > 0 for line in lines)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_that_does_not_stand_upright_ends_as_well(turns: int) -> None:
    sideways = np.ascontiguousarray(np.rot90(np.asarray(sheet().picture, np.uint8), turns))
    assert len(lines_of(sideways, 200)) <= MOST


def test_lines_are_numbered_from_the_top() -> None:
    lines = found(sheet().picture)
    assert all(one.top < other.top for one, other in pairwise(lines))
