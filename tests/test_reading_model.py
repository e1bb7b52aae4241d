"""The model of our own: which file it is, which engine reads with it, what it reads that the installed one cannot."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.formats.pixels import Grey
from pipeline.reading import tessdata
from pipeline.reading.engine import Engine, Strips
from pipeline.reading.engines import EngineUse, open_engine
from pipeline.reading.lines import lines_of
from pipeline.reading.strips import strip
from pipeline.reading.tessdata import SHIPPED, ModelUse, model
from tests.compose_fixtures import FONT

ENGINES: Final[tuple[EngineUse, ...]] = ("tesserocr", "pytesseract") if find_spec("tesserocr") else ("pytesseract",)
MODELS: Final = Path(tessdata.__file__).with_name("models")
SECONDS: Final = 60.0
LINES: Final = (
    "Clairance ≥ 90 mL/min/1,73 m²",
    "Plombémie 43,5 µg/L ≤ 100",
    "Fait à Évreux, le 12/03/2024",
)


def strips(lines: tuple[str, ...] = LINES) -> tuple[Grey, ...]:
    """Lines as they are printed at 10 points and scanned at 200 dots an inch, cut out."""
    picture = Image.new("L", (1000, 60 * len(lines) + 60), 255)
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, 28)
    for number, line in enumerate(lines, start=1):
        draw.text((60, 60 * number), line, fill=0, font=font, anchor="ls")
    pixels = np.asarray(picture, np.uint8)
    return tuple(strip(pixels, line).pixels for line in lines_of(pixels, 200))


def texts(engine: Engine, folder: Path) -> list[str]:
    return [" ".join(word.text for word in read) for read in engine.lines(Strips(folder, strips()), SECONDS)]


@pytest.fixture(params=ENGINES)
def use(request: pytest.FixtureRequest) -> EngineUse:
    chosen: EngineUse = request.param
    return chosen


@pytest.fixture
def engine(use: EngineUse) -> Iterator[Engine]:
    with closing(open_engine(use, "fra", 1)) as opened:
        yield opened


def test_the_model_is_the_one_that_its_note_tells() -> None:
    note = (MODELS / "README.md").read_text(encoding="utf-8")
    for path in MODELS.glob("*.traineddata"):
        told = re.search(rf"`{path.stem}/{SHIPPED[path.stem]}`.*\b([0-9a-f]{{64}})\b", note)
        assert told is not None, path.name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == told[1], "another model has another version"


def test_every_version_has_its_file() -> None:
    assert {path.stem for path in MODELS.glob("*.traineddata")} == set(SHIPPED)


def test_both_engines_read_what_laboratories_write(engine: Engine, tmp_path: Path) -> None:
    assert texts(engine, tmp_path) == list(LINES)
    assert engine.name.endswith(f" fra/{SHIPPED['fra']}")


@pytest.mark.parametrize(("language", "asked"), [("fra", "installed"), ("fra+eng", "liasse")])
def test_the_installed_model_is_used_where_it_is_asked_for_and_for_any_other_language(
    use: EngineUse, language: str, asked: ModelUse, tmp_path: Path
) -> None:
    """It has no sign for a millionth."""
    with closing(open_engine(use, language, 1, asked)) as engine:
        read = texts(engine, tmp_path)
        assert engine.name.endswith(f" {language}")
    assert "Évreux" in read[2]
    assert not {"µ", "≤", "≥"} & set("".join(read))


def test_a_package_without_the_file_reads_with_the_installed_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tessdata, "_SHIPPED", tmp_path)
    assert model("fra").folder is None
    assert model("fra").name == "fra"
