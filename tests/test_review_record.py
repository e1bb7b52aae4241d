"""What a reviewer is shown of a document before the decision: the patient's identity, and nothing else of the page."""

import ast
import random
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from consent_gate.model import DocumentId, Patient
from demo import records
from demo.people import everybody
from demo.records import Invented
from demo.scanner import Mode
from demo.sheet import Sheet
from lexicon.faults import Fault, StationFault
from pipeline import settle, steps
from pipeline.clean import readable
from pipeline.clock import Clock
from pipeline.glance import GlanceSettings, Glimpse, glance, stacked
from pipeline.identity.traits import words
from pipeline.identity.zone import Sought, Standing, Trait, TraitKind, coded, fields
from pipeline.model import HeldReason, PageImage, Word
from pipeline.office import review_record, review_text, showing
from pipeline.station import Station
from storage import review_records
from storage.custody import read_entry
from tests.compose_fixtures import flate
from tests.engine_fixtures import engine
from tests.failpoint_fixtures import HOUSE
from tests.hunter import Hunter, Person
from tests.strip_fixtures import INDEX, LAYOUTS, PAPERS, PEOPLE, PLANTED, Planted, drawn, foreign_ink, page, pages, read
from tests.trial_fixtures import TODAY, Few, RememberingTools, Rule, Trial, _rng, people, work

ZONE = 0.35
SPECK = 40
"""Pixels of dust that may stand within a letter's height on a noisy page: a third of a letter."""


def look(image: PageImage, place: Path, announced: Patient | None = None, *, zone: float = ZONE) -> Glimpse:
    return glance(image, Sought(announced, INDEX), GlanceSettings(place, zone, engine()))


def kinds(seen: Glimpse) -> set[tuple[TraitKind, Standing]]:
    return {(trait.kind, trait.standing) for trait in seen.traits}


def printed(*lines: str, step: float = 10.0) -> PageImage:
    """A page of these lines, at 200 dpi."""
    sheet = Sheet(200)
    for number, line in enumerate(lines):
        sheet.text(20, 24 + step * number, line, size=11)
    return flate(sheet.image.convert("L"), (200.0, 200.0))


# --- The strip --------------------------------------------------------------------------------------------------------

FEW = [number for number in range(len(LAYOUTS) * len(PAPERS)) if number % 7 in {1, 3}]
"""Of each layout one or two, each on other paper."""


@pytest.fixture(scope="module")
def planted_pages() -> list[Planted]:
    return list(pages(7, 1))


@pytest.mark.parametrize("number", FEW, ids=lambda number: PAPERS[number % len(PAPERS)].face)
def test_nothing_of_the_words_around_the_identity_fields_is_drawn(
    planted_pages: list[Planted], number: int, tmp_path: Path
) -> None:
    planted = planted_pages[number]
    seen = look(planted.image, tmp_path, planted.patient)
    assert foreign_ink(seen, planted) <= SPECK
    assert np.count_nonzero(drawn(seen.strip)) > 3000 * (seen.dpi / 300) ** 2  # and identity is
    found = read(seen.strip, seen.dpi, scales=(1.0, 2.0))
    assert found & (set(words(" ".join(PLANTED))) - planted.tokens) == set()
    assert len(found & planted.tokens) >= 3
    assert {TraitKind.BIRTH_NAME, TraitKind.BIRTH_DATE} <= {kind for kind, _ in kinds(seen)}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_nor_on_any_of_many_pages_and_most_strips_can_be_used(tmp_path: Path) -> None:
    used = []
    for planted in pages(11, 6):
        seen = look(planted.image, tmp_path, planted.patient)
        assert foreign_ink(seen, planted) <= SPECK
        found = read(seen.strip, seen.dpi, scales=(1.0, 2.0), modes=(3, 6, 11))
        assert found & (set(words(" ".join(PLANTED))) - planted.tokens) == set()
        used.append(len({kind for kind, _ in kinds(seen)}) >= 3 and len(found & planted.tokens) >= 3)
    assert sum(used) >= 0.9 * len(used)


def test_the_measure_sees_a_word_that_is_shown(tmp_path: Path) -> None:
    """A control of the two tests above: the same strip with one planted word uncovered."""
    planted = page(PEOPLE[0], 2, PAPERS[0], random.Random(5))  # noqa: S311  an invented page
    seen = look(planted.image, tmp_path, planted.patient)
    strip = seen.strip.copy()
    strip[250:560, 150:1200] = readable(planted.image).pixels[250:560, 150:1200]
    shown = replace(seen, strip=strip)
    assert foreign_ink(shown, planted) > 10 * SPECK
    assert read(strip, seen.dpi) & (set(words(" ".join(PLANTED))) - planted.tokens)


def test_a_strip_is_an_image_of_one_bit_and_nothing_else(tmp_path: Path) -> None:
    seen = look(printed("Mme LE GOFF Anaïs, née le 2 novembre 1991"), tmp_path, PEOPLE[2])
    path = tmp_path / "strip.png"
    path.write_bytes(seen.png())
    with Image.open(path) as strip:
        assert strip.mode == "1"
        assert set(strip.info) <= {"dpi"}
        assert np.array_equal(np.asarray(strip.convert("L")), seen.strip)
    content = path.read_bytes()
    assert not {chunk for chunk in (b"tEXt", b"iTXt", b"zTXt", b"eXIf", b"tIME", b"iCCP") if chunk in content}


def test_what_stands_below_the_zone_is_not_looked_at(tmp_path: Path) -> None:
    blank = [""] * 14
    seen = look(printed(*blank, "Mme LE GOFF Anaïs, née le 02/11/1991"), tmp_path, PEOPLE[2])
    assert seen.traits == ()
    assert not seen.strip.any()
    assert look(printed(*blank, "Mme LE GOFF Anaïs, née le 02/11/1991"), tmp_path, PEOPLE[2], zone=0.6).traits


def test_where_time_runs_out_or_nothing_is_found_all_is_black(tmp_path: Path) -> None:
    image = printed("Mme LE GOFF Anaïs, née le 02/11/1991")
    late = glance(image, Sought(PEOPLE[2], INDEX), GlanceSettings(tmp_path, ZONE, engine(), seconds=0.0))
    assert not late.strip.any()
    assert late.traits == ()
    assert not look(printed("Compte rendu de consultation", "Asthme ancien"), tmp_path, PEOPLE[2]).strip.any()
    assert list(tmp_path.iterdir()) == []


# --- What counts as identity ------------------------------------------------------------------------------------------

OWN = PEOPLE[3]  # PETIT Grégoire, 24/02/1969
NOT_IDENTITY = {
    "a name that is a word": "Petit nodule du lobe gauche, à surveiller",
    "a physician of the same name": "Dr PETIT Grégoire, médecin généraliste",
    "part of a longer word": "Nom : PETITMAL",
    "glued to another word": "Nom:PETIT/asthme",
    "a name alone": "Courrier PETIT du dossier",
    "another day": "Vu le 25/02/1969 en consultation",
    "part of a longer number": "Analyse 924021969 du lot",
    "lower case": "Monsieur petit traitement",
}


@pytest.mark.parametrize("case", NOT_IDENTITY)
def test_what_may_be_anything_else_is_no_field(case: str) -> None:
    assert fields(typed(NOT_IDENTITY[case]), Sought(OWN, INDEX)) == ()


def test_and_stays_black_on_paper(tmp_path: Path) -> None:
    seen = look(printed(*NOT_IDENTITY.values()), tmp_path, OWN)
    assert seen.traits == ()
    assert not seen.strip.any()


def typed(line: str, confidence: float = 90.0) -> list[Word]:
    """A line's words as if read on paper, ten pixels a letter."""
    found, x = list[Word](), 0.0
    for text in line.split():
        found.append(Word(text, x, 100.0, x + 10 * len(text), 100.0, 20.0, confidence, 0))
        x += 10 * len(text) + 6
    return found


IDENTITY = {
    "label": ("Nom de naissance : PETIT", TraitKind.BIRTH_NAME),
    "title": ("Adressé par Monsieur PETIT ce jour", TraitKind.BIRTH_NAME),
    "figures": ("Consultation, né le 24/02/1969, douleurs", TraitKind.BIRTH_DATE),
    "words": ("Consultation, né le 24 février 1969, douleurs", TraitKind.BIRTH_DATE),
    "reference": ("N° de dossier : P70004 suivi", TraitKind.REFERENCE),
    "number": (f"Assuré {OWN.ins} régime général", TraitKind.INS),
}


@pytest.mark.parametrize("case", IDENTITY)
def test_in_a_sentence_the_token_alone_is_the_field(case: str) -> None:
    line, kind = IDENTITY[case]
    (field,) = fields(typed(line), Sought(OWN, INDEX))
    assert (field.trait.kind, field.trait.standing) == (kind, Standing.AGREES)
    assert " ".join(word.text for word in field.words).strip(",") == field.trait.value


def test_what_was_read_with_little_confidence_is_no_field() -> None:
    line, _ = IDENTITY["label"]
    assert fields(typed(line, 30.0), Sought(OWN, INDEX)) == ()


def test_on_paper_the_tokens_alone_are_shown(tmp_path: Path) -> None:
    lines = [line for line, _ in IDENTITY.values()]
    seen = look(printed(*lines), tmp_path, OWN)
    assert {kind for kind, _ in kinds(seen)} == {kind for _, kind in IDENTITY.values()}
    own = set(words(" ".join(trait.value for trait in seen.traits)))
    assert read(seen.strip, seen.dpi) & (set(words(" ".join(lines))) - own) == set()


def test_a_page_that_shows_another_patient_says_so(tmp_path: Path) -> None:
    seen = look(printed("Nom : LE GOFF", "Prénom : Anaïs", "Née le : 02/11/1991"), tmp_path, OWN)
    assert {standing for _, standing in kinds(seen)} == {Standing.OTHER_PATIENT}
    assert {kind for kind, _ in kinds(seen)} == {TraitKind.BIRTH_NAME, TraitKind.GIVEN_NAME, TraitKind.BIRTH_DATE}


def test_a_stranger_s_name_without_the_birth_date_is_not_shown(tmp_path: Path) -> None:
    assert look(printed("Nom : LE GOFF", "Prénom : Anaïs"), tmp_path, OWN).traits == ()


def test_a_number_of_nobody_differs_and_is_unknown_where_nobody_is_announced(tmp_path: Path) -> None:
    number = "255089935041182"
    number = number[:13] + control(number[:13])
    image = printed("Compte rendu médical du service", f"INS : {number}")
    assert kinds(look(image, tmp_path, OWN)) == {(TraitKind.INS, Standing.DIFFERS)}
    assert kinds(look(image, tmp_path)) == {(TraitKind.INS, Standing.UNKNOWN)}


def test_the_number_of_an_ins_datamatrix_is_read_and_not_shown(tmp_path: Path) -> None:
    """ANS, INS - Format datamatrix, v2.2."""
    text = f"IS01{'0' * 22}S1{OWN.ins}S21.2.250.1.213.1.4.8\x1dS3GREGOIRE\x1dS4PETIT\x1dS5MS624-02-1969S729991"
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    sheet = Sheet(200)
    sheet.text(20, 24, "Compte rendu médical du service de pneumologie", size=11)
    sheet.image.paste(Image.fromarray(np.array(made.to_image(scale=5), np.uint8)), (1200, 300))
    seen = look(flate(sheet.image.convert("L"), (200.0, 200.0)), tmp_path, OWN)
    assert [(trait.kind, trait.standing, trait.value) for trait in seen.traits] == [
        (TraitKind.INS, Standing.AGREES, OWN.ins)
    ]
    assert not seen.strip.any()
    sought = Sought(OWN, INDEX)
    assert coded(text.replace(OWN.ins or "", PEOPLE[1].ins or ""), sought) == Trait(
        TraitKind.INS, Standing.OTHER_PATIENT, PEOPLE[1].ins or ""
    )
    assert coded(text.replace("IS01", "DC04"), sought) is None
    assert coded(text.replace(OWN.ins or "", "1" * 15), sought) is None


def control(first: str) -> str:
    return f"{97 - int(first) % 97:02}"


# --- No road around the gate ------------------------------------------------------------------------------------------


def test_a_glimpse_has_no_text_and_the_reading_room_two_doors() -> None:
    """Only recognition, which takes a clearance, and the glance, which gives no word, reach the reading room."""
    assert set(Glimpse.__slots__) == {"strip", "dpi", "traits"}
    assert set(Trait.__slots__) == {"kind", "standing", "value"}
    reaching = {
        path.relative_to(HOUSE).as_posix()
        for room in ("commands", "consent_gate", "handover", "pipeline", "storage")
        for path in (HOUSE / room).rglob("*.py")
        if "engine.words(" in path.read_text(encoding="utf-8") and "reading" not in path.parts
    }
    assert reaching == {"pipeline/glance.py"}
    tree = ast.parse((HOUSE / "pipeline" / "glance.py").read_text(encoding="utf-8"))
    public = [one for one in tree.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")]
    assert {(one.name, ast.unparse(one.returns or one)) for one in public} == {
        ("glance", "Glimpse"),
        ("stacked", "Glimpse"),
    }


def test_the_value_of_a_trait_is_in_no_representation(tmp_path: Path) -> None:
    seen = look(printed("Nom de naissance : PETIT"), tmp_path, OWN)
    assert "PETIT" not in repr(seen)
    record = review_records.ReviewRecord(seen.png(), (review_records.TraitRead("ins", "agrees", "1690224"),), ())
    assert "1690224" not in repr(record)


def test_strips_of_two_pages_stand_one_beneath_the_other(tmp_path: Path) -> None:
    one = look(printed("Nom de naissance : PETIT"), tmp_path, OWN)
    both = stacked([one, one])
    assert both.strip.shape[0] > 2 * one.strip.shape[0]
    assert np.count_nonzero(drawn(both.strip)) == 2 * np.count_nonzero(drawn(one.strip))
    assert both.traits == one.traits
    assert cv2.countNonZero(stacked([one]).strip) == cv2.countNonZero(one.strip)


# --- The record -------------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_at(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A station that makes review records."""
    monkeypatch.setattr(steps, "DocumentTools", RememberingTools)
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(f"{text}\n[review]\nstrip = true\n", encoding="utf-8")
    return trial


def refused(station: Station) -> DocumentId:
    with station.database.read() as session:
        (document,) = station.documents.documents(session, state="refused")
    return document.id


def entries(station: Station, document: DocumentId) -> list[tuple[str, str]]:
    with station.database.read() as session:
        told = list(map(read_entry, station.ledger.entries(session)))
    return [(entry["type"], entry["outcome"]) for entry in told if entry["object"] == f"document:{document}"]


def test_a_refused_document_has_a_record_until_the_decision(looked_at: Trial, few: Few, tmp_path: Path) -> None:
    with looked_at.opened() as station:
        work(station, few.path.parent)
        document = refused(station)
        strip = tmp_path / "strip.png"
        record = review_record.export(station, document, strip)
        assert strip.read_bytes() == record.strip
        assert stat.S_IMODE(strip.stat().st_mode) == 0o600
        assert (TraitKind.BIRTH_NAME, "agrees") in {(trait.kind, trait.standing) for trait in record.traits}
        with pytest.raises(StationFault, match="target-exists"):
            review_record.export(station, document, strip)
        assert ("identification", review_record.MADE) in entries(station, document)
        hunter = Hunter(map(Person.of, people()))
        assert hunter.in_folder(looked_at.home / "review") == set()
        assert record.strip[:8] not in (looked_at.home / "review" / f"{document}.spool").read_bytes()

        assert review_record.erase(station, document)
        assert not review_record.erase(station, document)
        assert entries(station, document)[-1] == ("destruction", review_record.ERASED)
        assert list((looked_at.home / "review").iterdir()) == []
        with pytest.raises(StationFault, match="review-record-missing"):
            review_record.read(station, document)
        assert station.ledger.verify().verified
    assert looked_at.left_at_work() == []


def test_a_deposited_document_has_none_and_no_station_makes_one_unasked(trial: Trial, few: Few) -> None:
    with trial.opened() as station:
        work(station, few.path.parent)
        with station.database.read() as session:
            assert review_records.live(session) == frozenset()
        assert ("identification", review_record.MADE) not in entries(station, refused(station))


@pytest.mark.parametrize("rule", ["two-sources", "separator"])
def test_where_pages_identify_a_held_document_keeps_the_traits_and_no_strip_and_both_sides_are_told(
    tmp_path: Path, invented_records: Invented, rule: Rule
) -> None:
    """The paper of A1002 behind the separator of A1013."""
    trial = Trial.found(tmp_path / "station", verapdf="never", rule=rule)
    trial.know(invented_records)
    case = records._Case("resultats_labo", "A1002", "held", HeldReason.IDENTITY_CONFLICT, claimed="A1013")
    scans = tmp_path / "scans"
    scans.mkdir()
    batch = records._Batch("WRONG_0001.tif", Mode.GREY, 200, "qr", duplex=False, cases=(case,))
    records._Maker(batch, everybody(_rng()), TODAY, "wrong").make(scans)
    with trial.opened() as station:
        (held,) = work(station, scans).documents
        document = DocumentId(held.document)
        assert (held.outcome, held.reason) == ("held", HeldReason.IDENTITY_CONFLICT)
        if rule == "separator":
            with pytest.raises(StationFault, match="review-record-missing"):
                review_record.read(station, document)
            return
        record = review_record.read(station, document)
        assert record.strip == b""
        assert "other-patient" in {trait.standing for trait in record.traits}
        with pytest.raises(StationFault, match="review-record-missing"):
            review_record.export(station, document, tmp_path / "strip.png")
        with station.database.read() as session:
            stored = station.documents.document(session, document)
        assert stored is not None
        told = showing._identity(record, None, showing._named(station, stored))
        assert (told["named"]["by"], told["named"]["patient"]) == ("separator", "A1013")
        screen = "\n".join(review_text._identity(told, "fr"))
        assert "L'intercalaire nomme : A1013" in screen
        assert all(trait.value in screen for trait in record.traits)
        assert Hunter(map(Person.of, people())).in_folder(trial.home / "review") == set()
        assert review_record.erase(station, document)
    assert trial.left_at_work() == []


def test_a_strip_that_fails_changes_nothing_of_the_outcome(
    looked_at: Trial, few: Few, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> Glimpse:
        raise ValueError("MOREAU")

    monkeypatch.setattr(review_record, "glance", fails)
    with looked_at.opened() as station:
        worked = work(station, few.path.parent)
        assert {document.outcome for document in worked.documents} == {"deposited", "refused"}
        with pytest.raises(StationFault, match="review-record-missing"):
            review_record.read(station, refused(station))
    assert "MOREAU" not in caplog.text


def test_what_is_altered_is_told_and_what_a_crash_leaves_is_finished_at_the_next_start(
    looked_at: Trial, few: Few
) -> None:
    """A record that was altered is told as that; then one that no row knows, and one of a decided document, gone."""
    with looked_at.opened() as station:
        work(station, few.path.parent)
        document = refused(station)
        record = review_record.read(station, document)
        folder = review_record._folder(station)
        path = looked_at.home / "review" / f"{document}.spool"
        content = bytearray(path.read_bytes())
        content[-5] ^= 1
        path.write_bytes(content)
        with pytest.raises(Fault, match="spool-damaged"):
            review_record.read(station, document)
        review_records.write_record(folder, "01ORPHAN", record)
        settle.sweep(station, alone=True)
        assert folder.ids() == (document,)
        with station.database.write("test.decide") as session:
            stored = station.documents.document(session, document)
            assert stored is not None
            station.documents.end(session, stored)
        folder.destroy(document)
        settle.sweep(station, alone=True)
        with station.database.read() as session:
            assert review_records.live(session) == frozenset()


def test_a_record_nobody_decides_on_goes_with_the_quarantine_s_time(
    looked_at: Trial, few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    with looked_at.opened(as_of=None) as station:
        work(station, few.path.parent)
        assert review_record.erase_overdue(station) == 0
        moment = station.clock.moment()
        days = station.config.quarantine.max_days
        for trusted, erased in ((False, 0), (True, 1)):
            later = replace(moment, at=moment.at + timedelta(days=days + 1), trusted=trusted)
            monkeypatch.setattr(Clock, "moment", lambda _, later=later: later)
            with station.database.read() as session:
                waiting = len(review_records.live(session))
            assert review_record.erase_overdue(station) == (waiting if erased else 0)
