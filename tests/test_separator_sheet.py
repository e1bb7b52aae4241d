"""The separator: what is printed is what is read, a damaged text is never half believed, and no name is on it."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.model import DocType, PatientRef
from lexicon.faults import StationFault
from pipeline.marks.codes import codes
from pipeline.model import Separator
from pipeline.office.sheets import Manner, print_sheets
from pipeline.separator import parse, payload
from pipeline.sheets.image import sheet_image
from pipeline.sheets.symbols import Symbology
from pipeline.sheets.wanted import of_references
from tests.trial_fixtures import Trial

FIELD = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="|"), min_size=1, max_size=30)
TYPE = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
SEPARATORS = st.builds(
    lambda patient, kind, document: Separator(PatientRef(patient), kind and DocType(kind), document),
    FIELD, st.none() | TYPE, st.none() | FIELD,
)  # fmt: skip
SHEET = Separator(PatientRef("P00042"), DocType("resultats_labo"), "D0042")


def test_the_payload_is_that_of_the_design() -> None:
    said = Separator(PatientRef("P00001"), DocType("resultats_labo"), "D0001")
    assert payload(said) == "LIASSE1|P00001|resultats_labo|D0001|46B75085"
    bare = payload(Separator(PatientRef("P1"), None, None))
    assert bare == f"LIASSE1|P1|||{zlib.crc32(b'P1||'):08X}"


@given(SEPARATORS)
def test_what_is_printed_is_what_is_read(said: Separator) -> None:
    assert parse(payload(said)) == said


@given(SEPARATORS, st.data())
def test_a_text_with_one_character_changed_is_not_believed(said: Separator, data: st.DataObject) -> None:
    text = payload(said)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_categories=["C"]).filter(lambda character: character != text[place]))
    assert parse(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "LIASSE1", "LIASSE1||||00000000", "LIASSE2|P1|||9D8B5C50", "LIASSE1|P1|||", "LIASSE1|P1||||", "IS01"]
)
def test_anything_else_is_no_separator(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("kind", ["DURAND Paul", "né le 1970-01-02", "résultats", "x" * 65, "-x", "a/b"])
def test_free_text_in_the_place_of_a_type_is_neither_printed_nor_believed(kind: str) -> None:
    body = f"P1|{kind}|"
    assert parse(f"LIASSE1|{body}|{zlib.crc32(body.encode()):08X}") is None
    with pytest.raises(StationFault, match="separator-unprintable"):
        payload(Separator(PatientRef("P1"), DocType(kind), None))


@pytest.mark.parametrize(
    "reference", ["", "279035121518989", "2 79 03 51 215 189", "DURAND Paul", "P1\u200b", "Q" * 65]
)
def test_what_is_no_reference_is_never_printed(reference: str) -> None:
    with pytest.raises(StationFault, match="reference-unusable-on-sheet") as caught:
        of_references(["P1", reference])
    assert caught.value.facts == {"place": 2}


def test_a_type_in_free_text_is_refused() -> None:
    with pytest.raises(StationFault, match="type-unusable-on-sheet"):
        of_references(["P1"], "DURAND Paul")


def test_a_taken_place_is_left_as_it_is(trial: Trial, tmp_path: Path) -> None:
    target = tmp_path / "s.pdf"
    with trial.opened() as station:
        print_sheets(station, of_references(["A1001", "A1002"], "ordonnance"), target, Manner())
        before = target.read_bytes()
        with pytest.raises(StationFault, match="target-exists"):
            print_sheets(station, of_references(["A1003"]), target, Manner())
    assert target.read_bytes() == before


@pytest.mark.parametrize("patient", ["", "P|1", "P\n1", "x" * 129])
def test_a_reference_that_a_code_cannot_carry_is_refused(patient: str) -> None:
    with pytest.raises(StationFault, match="separator-unprintable"):
        payload(Separator(PatientRef(patient), None, None))


@pytest.mark.parametrize("symbology", ["qr", "datamatrix"])
@pytest.mark.parametrize("dpi", [150, 300])
def test_a_sheet_bears_its_code_twice_in_modules_of_half_a_millimetre(symbology: Symbology, dpi: int) -> None:
    sheet = sheet_image(SHEET, dpi, symbology)
    assert sheet.size == (round(210 / 25.4 * dpi), round(297 / 25.4 * dpi))
    found = codes(np.asarray(sheet), dpi, dpi, "LIASSE")
    assert [parse(code.text) for code in found.read] == [SHEET, SHEET]
    smallest = min(code.box[2] - code.box[0] for code in found.read)
    assert smallest / (37 if symbology == "qr" else 26) >= 0.5
