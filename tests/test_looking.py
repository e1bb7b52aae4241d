"""The look before the gate: identity zones and codes alone, of every page, and recognition that reads only the rest."""

import ast
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from consent_gate.model import PatientRef
from demo.sheet import Sheet
from lexicon.faults import SheetFault, StationFault
from pipeline.clean import readable
from pipeline.identity.evidence import Search, Source
from pipeline.identity.looking import Looker, LookSettings, ZoneLook
from pipeline.model import PageImage, RecognisedPage
from pipeline.reading.room import Room
from pipeline.reading.zone import KeptCopy
from pipeline.recognise import Recogniser, RecogniseSettings
from tests.compose_fixtures import clearance, everything_in, flate, jpeg, scan
from tests.engine_fixtures import engine
from tests.failpoint_fixtures import HOUSE
from tests.strip_fixtures import INDEX, PEOPLE

ZONE = 0.35
OWN, OTHER = PEOPLE[0], PEOPLE[2]
SAMPLE = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "sample"
IDENTITY = ("Compte rendu de consultation", "Nom de naissance : MARTIN", "Prénom : Nicolas", "Né le : 14/03/1978")
BODY = ("Motif : lombalgie ancienne", "Examen clinique sans particularité", "Conclusion : aptitude maintenue")


def printed(identity: Sequence[str] = IDENTITY, body: Sequence[str] = BODY) -> Image.Image:
    """An A4 page at 200 dpi: lines in its identity zone, and lines beneath it."""
    sheet = Sheet(200)
    for number, line in enumerate(identity):
        sheet.text(20, 24 + 10 * number, line, size=11)
    for number, line in enumerate(body):
        sheet.text(20, 130 + 10 * number, line, size=11)
    return sheet.image.convert("L")


def page(*identity: str) -> PageImage:
    return flate(printed(identity or IDENTITY), (200.0, 200.0))


PAGE = page()


def search(claimed: PatientRef | None = None) -> Search:
    return Search(INDEX, "production", date(2026, 1, 15), claimed)


@pytest.fixture
def recogniser(tmp_path: Path) -> Iterator[Recogniser]:
    with Recogniser(RecogniseSettings(tmp_path, workers=2)) as opened:
        yield opened
    assert everything_in(tmp_path) == []


@pytest.fixture
def looker(recogniser: Recogniser) -> Looker:
    return Looker(LookSettings(ZONE), search, recogniser.room)


def words_in(look: ZoneLook) -> set[str]:
    assert look.zone is not None
    return {word.text for word in look.zone.words}


def read(recogniser: Recogniser, image: PageImage, *looks: ZoneLook) -> RecognisedPage:
    return recogniser.recognise(scan(image), clearance(), looks).pages[0]


# --- What is looked at ------------------------------------------------------------------------------------------------


def test_the_zone_says_whose_page_it_is_and_nothing_beneath_it_is_read(looker: Looker) -> None:
    (look,) = looker.look([PAGE])
    assert look.evidence.patient == OWN.ref
    assert Source.NAME_AND_BIRTH_DATE in look.evidence.sources(OWN.ref)
    assert {"MARTIN", "Nicolas"} <= words_in(look)
    assert words_in(look) & set(" ".join(BODY).split()) == {":"}
    assert not look.unread


def test_every_page_is_looked_at_so_that_another_patient_on_a_later_one_is_seen(looker: Looker) -> None:
    other = page("Nom de naissance : LE GOFF", "Prénom : Anaïs", "Née le : 02/11/1991")
    first, later = looker.look([PAGE, other], OWN.ref)
    assert first.evidence.patient == OWN.ref
    assert OTHER.ref in later.evidence.patients
    assert later.evidence.against


@pytest.mark.parametrize("quarter_turns", [1, 2])
def test_a_sheet_fed_the_wrong_way_round_is_turned_and_read_but_for_its_zone_once(
    looker: Looker, recogniser: Recogniser, quarter_turns: int
) -> None:
    lying = flate(printed().rotate(90 * quarter_turns, expand=True), (200.0, 200.0))
    (look,) = looker.look([lying])
    assert look.evidence.patient == OWN.ref
    assert look.zone is not None
    assert look.zone.quarter_turns == quarter_turns
    found = read(recogniser, lying, look)
    assert found.quarter_turns == quarter_turns
    assert {"orientation", "two-parts"} <= set(found.operations)
    assert found.text.split() == " ".join((*IDENTITY, *BODY)).split()


def test_a_page_that_takes_too_long_says_nothing_and_says_so(recogniser: Recogniser) -> None:
    hasty = Looker(LookSettings(ZONE, seconds=0.01), search, recogniser.room)
    (look,) = hasty.look([PAGE])
    assert look.unread
    assert look.evidence.votes == ()
    assert words_in(look) == set()
    assert "lombalgie" in read(recogniser, PAGE, look).text


def test_an_empty_zone_says_nothing_and_the_rest_is_read_alone(looker: Looker, recogniser: Recogniser) -> None:
    image = flate(printed(()), (200.0, 200.0))
    (look,) = looker.look([image])
    assert look.evidence.votes == ()
    assert not look.unread
    found = read(recogniser, image, look)
    assert found.text.split() == " ".join(BODY).split()
    assert found.quarter_turns == 0


INS = f"IS01{'0' * 22}S1{OWN.ins}S21.2.250.1.213.1.4.8\x1dS3NICOLAS FRANCOIS\x1dS4MARTIN\x1dS5MS614-03-1978S729991"


@pytest.mark.parametrize(("side_mm", "top_mm"), [(10, 40), (24, 40), (15, 220), (24, 220)])
def test_an_ins_datamatrix_is_read_in_the_zone_and_a_larger_one_beneath_it(
    looker: Looker, side_mm: int, top_mm: int
) -> None:
    """ANS, INS - Format datamatrix, v2.2."""
    made = zxingcpp.create_barcode(INS, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    drawn, side = Image.fromarray(np.array(made.to_image(scale=8), np.uint8)), round(side_mm / 25.4 * 200)
    picture = printed(("Compte rendu de consultation du service de pneumologie",))
    picture.paste(drawn.resize((side, side), Image.Resampling.BOX), (1200, round(top_mm / 25.4 * 200)))
    (look,) = looker.look([flate(picture, (200.0, 200.0))])
    assert look.codes == (INS,)
    assert look.evidence.sources(OWN.ref) == {Source.INS_DATAMATRIX}


def test_what_was_read_is_in_no_representation_and_no_file(looker: Looker, tmp_path: Path) -> None:
    (look,) = looker.look([PAGE])
    assert "MARTIN" in words_in(look)
    told = repr(look) + repr(look.zone) + repr(replace(look, codes=(INS,)))
    assert not {word for word in ("MARTIN", "Nicolas", "1978", OWN.ref, OWN.ins or "") if word in told}
    assert everything_in(tmp_path) == []


def test_a_page_that_does_not_decode_and_a_work_folder_that_is_gone_are_faults(looker: Looker, tmp_path: Path) -> None:
    with pytest.raises(SheetFault, match="unreadable-scan"):
        looker.look([PAGE, replace(jpeg(printed()), payload=b"no jpeg")])
    with pytest.raises(StationFault, match="work-unwritable"):
        Looker(LookSettings(ZONE), search, Room(engine(), tmp_path / "absent", 1)).look([PAGE])


def test_three_doors_lead_to_the_reading_room() -> None:
    """Recognition, which takes a clearance; the look and the glance, which give the zone's identity."""
    entering = {
        path.relative_to(HOUSE).as_posix()
        for room in ("commands", "consent_gate", "demo", "handover", "pipeline", "storage")
        for path in (HOUSE / room).rglob("*.py")
        if "reading" not in path.parts and _reads(ast.parse(path.read_text(encoding="utf-8")))
    }
    doctor = "pipeline/office/doctor/machine.py"  # which asks the engines for their names
    assert entering - {doctor} == {"pipeline/glance.py", "pipeline/identity/looking.py", "pipeline/recognise.py"}


def _reads(tree: ast.Module) -> bool:
    """Whether a module takes anything from the reading room but checks of its programs, and counts of what was read."""
    taken = {
        name.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("pipeline.reading")
        for name in one.names
    }
    return bool(taken - {"places_not_read", "require_tesseract", "tesseract_facts"})


# --- Recognition after it ---------------------------------------------------------------------------------------------


def test_after_the_look_only_the_rest_is_read_and_the_words_are_those_of_the_whole_page(
    looker: Looker, recogniser: Recogniser
) -> None:
    whole = read(recogniser, PAGE)
    (look,) = looker.look([PAGE])
    both = read(recogniser, PAGE, look)
    assert both.text == whole.text
    assert "two-parts" in both.operations
    lines = [word.line for word in both.words]
    assert all(one <= other for one, other in pairwise(lines))
    assert both.words == whole.words
    assert look.zone is not None
    marked = replace(look.zone, words=tuple(replace(word, text="ZONE") for word in look.zone.words))
    said = read(recogniser, PAGE, replace(look, zone=marked)).text.split()
    assert said == ["ZONE"] * len(marked.words) + " ".join(BODY).split()


def test_the_words_of_another_image_are_never_laid_on_a_page(looker: Looker, recogniser: Recogniser) -> None:
    (look,) = looker.look([page("Nom de naissance : LE GOFF", "Prénom : Anaïs", "Née le : 02/11/1991")])
    found = read(recogniser, PAGE, look)
    assert "GOFF" not in found.text
    assert "MARTIN" in found.text
    assert "two-parts" not in found.operations


def test_a_copy_that_was_not_kept_is_made_again(looker: Looker, recogniser: Recogniser) -> None:
    (look,) = looker.look([PAGE])
    assert look.zone is not None
    assert look.zone.kept is not None
    poorer = replace(look, zone=replace(look.zone, kept=None))
    assert read(recogniser, PAGE, poorer).text == read(recogniser, PAGE, look).text


def test_columns_that_go_on_beneath_the_zone_are_read_one_after_the_other(
    looker: Looker, recogniser: Recogniser
) -> None:
    sheet = Sheet(200)
    for number, line in enumerate(IDENTITY):
        sheet.text(20, 24 + 10 * number, line, size=11)
    left = [f"La première colonne de cette page a une ligne {number}" for number in range(12, 32)]
    right = [f"Une seconde colonne porte des phrases, voici la {number}" for number in range(12, 32)]
    for number in range(20):
        sheet.text(20, 70 + 6 * number, left[number], size=9)
        sheet.text(112, 72.3 + 6.4 * number, right[number], size=9)
    image = flate(sheet.image.convert("L"), (200.0, 200.0))
    (look,) = looker.look([image])
    assert look.zone is not None
    assert look.zone.rest
    assert words_in(look) >= {"première", "seconde"}
    found = read(recogniser, image, look)
    assert found.text.split("\n") == [*IDENTITY, *left, *right]
    assert found.text == read(recogniser, image).text


def test_a_line_that_the_zone_s_edge_crosses_is_left_for_later(looker: Looker, recogniser: Recogniser) -> None:
    edge = 297 * ZONE
    for top, seen in ((edge - 6, True), (edge - 0.2, False), (edge + 1, False), (edge + 6, False)):
        sheet = Sheet(200)
        for number, line in enumerate(IDENTITY):
            sheet.text(20, 24 + 10 * number, line, size=11)
        sheet.text(20, top, "lombalgie ancienne", size=11)
        image = flate(sheet.image.convert("L"), (200.0, 200.0))
        (look,) = looker.look([image])
        assert ("lombalgie" in words_in(look)) == seen, top
        assert read(recogniser, image, look).text.split() == " ".join((*IDENTITY, "lombalgie ancienne")).split()


def test_a_kept_copy_is_the_copy() -> None:
    copy = readable(PAGE)
    again = KeptCopy.of(copy).readable()
    assert np.array_equal(again.pixels, copy.pixels)
    assert (again.dpi, again.operations) == (copy.dpi, copy.operations)
    two_values = replace(copy, pixels=np.where(copy.pixels > 127, np.uint8(255), np.uint8(0)), operations=("binarise",))
    assert KeptCopy.of(two_values).size < two_values.pixels.size / 7
    assert np.array_equal(KeptCopy.of(two_values).readable().pixels, two_values.pixels)


# --- On the shared corpus ---------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.slow
@pytest.mark.skipif(not (SAMPLE / "truth.json").exists(), reason=f"no corpus in {SAMPLE.parent} (set LIASSE_CORPUS)")
def test_no_words_are_lost_by_reading_a_page_in_two_parts(looker: Looker, recogniser: Recogniser) -> None:
    truth: dict[str, Any] = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    whole, parts, total = 0, 0, 0
    for told in [page for document in truth["documents"] for page in document["pages"]][::3]:
        with Image.open(SAMPLE / told["file"]) as opened:
            dpi = float(told["dpi"][0]), float(told["dpi"][1])
            image = jpeg(opened, dpi) if opened.format == "JPEG" else flate(opened, dpi)
        wanted = Counter(word for line in told["lines"] if line["kind"] == "printed" for word in line["text"].split())
        total += wanted.total()
        whole += (wanted & Counter(read(recogniser, image).text.split())).total()
        parts += (wanted & Counter(read(recogniser, image, *looker.look([image])).text.split())).total()
    assert parts >= whole - 0.005 * total
