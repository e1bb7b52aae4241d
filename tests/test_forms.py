"""The printed form: what it must say, what it must not; its code says which page of which form, and no more."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.model import KnownPatient, PatientRef
from demo.records import Invented
from demo.scanner import Mode, scan
from lexicon.faults import StationFault
from pipeline.config import ContractSection, load
from pipeline.formats.pixels import grey
from pipeline.formats.raster import Placing, page
from pipeline.forms.code import MARK, FormCode, parse, payload, station_tag
from pipeline.forms.notice import compose_notice, french
from pipeline.forms.paper import Blank, pages_of, write_forms
from pipeline.forms.printing import print_forms, read_references
from pipeline.separator import parse as parse_separator
from pipeline.split import Look, examine
from storage import effects
from storage.effects import armed_by
from storage.forms import Forms
from tests.form_fixtures import DPI, NOTICE, drawings, printed, text_of, told
from tests.people_fixtures import entries
from tests.trial_fixtures import Trial

ULIDS = st.from_regex(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", fullmatch=True)
CODES = st.builds(
    lambda station, form, pages, page: FormCode(station, form, min(page, pages), pages),
    st.from_regex(r"[0-9A-F]{8}", fullmatch=True), ULIDS, st.integers(1, 9), st.integers(1, 9),
)  # fmt: skip
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Trial:
    trial = Trial.found(tmp_path_factory.mktemp("forms") / "station", verapdf="never")
    trial.know(invented_records)
    told(trial)
    return trial


# --- The code ---------------------------------------------------------------------------------------------------------


@given(CODES)
def test_what_is_printed_is_what_is_read(code: FormCode) -> None:
    assert parse(payload(code)) == code
    assert parse_separator(payload(code)) is None


@given(CODES, st.data())
def test_a_code_with_one_character_changed_is_not_believed(code: FormCode, data: st.DataObject) -> None:
    text = payload(code)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(exclude_categories=["C"]).filter(lambda character: character != text[place]))
    assert parse(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", MARK, "LIASSEA1|", "LIASSE1|P1|||9D8B5C50", "LIASSEA1|00000000|X|1/2|00000000"])
def test_anything_else_is_no_form(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("mode", list(Mode))
def test_both_pages_are_known_by_their_codes_however_they_are_scanned(ready: Trial, tmp_path: Path, mode: Mode) -> None:
    rng = np.random.default_rng(7)
    with ready.opened() as station:
        forms = printed(station, tmp_path, "A1001")
    for number, side in enumerate(forms.sides(0), start=1):
        for turned in (side, side.rotate(180)) if mode is Mode.BILEVEL else (side,):
            image = scan(turned, DPI, mode, rng).image
            seen = examine(page(image, Placing((DPI, DPI), 1)))
            assert seen.look is Look.FORM
            assert seen.form == FormCode(station_tag(station.id), forms.numbers[0], number, 2)


def test_the_modules_are_half_a_millimetre_or_more(ready: Trial, tmp_path: Path) -> None:
    with ready.opened() as station:
        forms = printed(station, tmp_path, "A1001")
    (side, *_) = drawings(forms.pdf, dpi=254)  # ten dots a millimetre
    corner = np.asarray(side)[60:400, -400:] < 128
    runs = [len(run) for row in corner for run in "".join("#" if dark else " " for dark in row).split() if run]
    assert min(runs) >= 5


# --- What it says -----------------------------------------------------------------------------------------------------


def test_the_notice_tells_what_the_law_asks_for(ready: Trial, tmp_path: Path) -> None:
    """RGPD art. 13 and 14; CSP L.1111-8; Code du travail L.4624-8."""
    with ready.opened() as station:
        said = text_of(printed(station, tmp_path, "A1001").pdf).replace("\r\n", " ").replace("\n", " ")
    for wanted in (
        "Service de santé inventé", "12, rue des Tilleuls", "dpo@exemple.invalid", "obligation légale", "6.1.c",
        "9.2.h", "R.4624-45-4", "antécédents", "Elles viennent de vous", "lui aussi numérisé, chiffré et hébergé",
        "arrête la numérisation", "Êtes-vous obligé de répondre", "vous êtes libre", "tenus au secret",
        "Hébergeur Exemple SAS", "Atelier Exemple", "40 ans", "Union européenne",
        "ni droit à la portabilité, ni droit général d’opposition", "L.1111-8", "L.4624-8", "rectifier",
        "À tout moment", "CNIL", "Votre dossier reste sur papier", "version 2026-1", "page 1 / 2", "page 2 / 2",
        "J’AUTORISE", "JE REFUSE", "autorité parentale", "tutelle", "Signature", "résultats de laboratoire",
    ):  # fmt: skip
        assert wanted in said, wanted


@pytest.mark.parametrize(
    ("basis", "portable", "opposes"),
    [
        ("legal-obligation", False, False), ("consent", True, False), ("contract", True, False),
        ("public-interest", False, True), ("legitimate-interest", False, True),
    ],
)  # fmt: skip
def test_the_rights_are_those_of_the_legal_basis(ready: Trial, basis: str, *, portable: bool, opposes: bool) -> None:
    """CNIL, fiche 15."""
    config = load(ready.config)
    contract = ContractSection.model_validate({**dict(config.contract), "legal_basis": basis})
    notice = compose_notice(config.model_copy(update={"contract": contract}))
    (rights,) = [p for p in notice.paragraphs if p.question.startswith("Quels")]
    assert ("(portabilité)" in rights.answer) is portable
    assert ("vous opposer à leur traitement" in rights.answer) is opposes
    assert ("effacer" in rights.answer) is (basis != "public-interest")


def test_the_right_of_occupational_health_is_told_there_alone(ready: Trial) -> None:
    config = load(ready.config)
    elsewhere = config.notice.model_copy(update={"occupational_health": False})
    points = [
        point
        for notice in (config.notice, elsewhere)
        for paragraph in compose_notice(config.model_copy(update={"notice": notice})).paragraphs
        for point in paragraph.points
    ]
    assert [("L.1111-8" in point, "L.4624-8" in point) for point in points] == [
        (True, False), (False, True), (True, False),
    ]  # fmt: skip


SETTINGS = [line.split(" = ")[0] for line in NOTICE.splitlines() if " = " in line and "doc_types" not in line]


@pytest.mark.parametrize("setting", [*(f"notice.{name}" for name in SETTINGS), "client.dpo", "contract.subcontractor"])
def test_what_only_the_controller_can_say_is_asked_for_by_its_name(ready: Trial, setting: str) -> None:
    config, (section, name) = load(ready.config), setting.split(".")
    unsaid = getattr(config, section).model_copy(update={name: None if name == "occupational_health" else ""})
    with pytest.raises(StationFault) as caught:
        compose_notice(config.model_copy(update={section: unsaid}))
    assert (caught.value.code, caught.value.facts) == ("notice-setting-missing", {"setting": setting})


def test_nothing_is_printed_and_nothing_is_on_record_where_the_notice_is_not_whole(
    trial: Trial, tmp_path: Path
) -> None:
    told(trial, NOTICE.replace("retention", "# retention"))
    with trial.opened() as station:
        before = len(entries(station))
        with pytest.raises(StationFault, match="notice-setting-missing"):
            print_forms(station, ["A1001"], tmp_path / "f.pdf")
        assert len(entries(station)) == before
    assert not (tmp_path / "f.pdf").exists()


@pytest.mark.parametrize("said", ["a\nb", "bold **text**", "x" * 601])
def test_a_text_that_would_not_print_as_it_is_written_is_refused(trial: Trial, said: str) -> None:
    told(trial, NOTICE.replace("40 ans après votre dernière visite", said.replace("\n", "\\n")))
    with pytest.raises(StationFault) as caught:
        load(trial.config)
    assert caught.value.facts["setting"] == "notice.retention"


def test_the_patient_keeps_the_notice_and_gives_the_form_back_printed_on_both_sides_too(
    ready: Trial, tmp_path: Path
) -> None:
    with ready.opened() as station:
        sides = drawings(printed(station, tmp_path, "A1001").pdf)
    assert [side.getextrema() == (255, 255) for side in sides] == [False, True, False, True]
    assert "gardez-la" in text_of(next(tmp_path.glob("*.pdf")))


def test_a_curators_signature_is_not_asked_for(ready: Trial, tmp_path: Path) -> None:
    """Code civil, art. 459: under curatelle the patient decides."""
    with ready.opened() as station:
        said = text_of(printed(station, tmp_path, "A1001").pdf)
    assert "tutelle, habilitation familiale, mandat de protection future" in said
    assert "En curatelle, le patient signe lui-même." in said


def test_what_needs_a_ground_is_not_said_to_need_none(ready: Trial) -> None:
    """CSP L.1111-8, RGPD art. 21: an opposition has a ground; a withdrawal (art. 7(3)) has none."""
    said = [one for one in compose_notice(load(ready.config)).paragraphs if "sans avoir à vous justifier" in one.answer]
    assert ["retirer votre autorisation" in one.answer for one in said] == [True]
    assert not any("droits" in one.question or one.points for one in said)


def test_the_text_that_was_printed_can_be_proved_and_a_version_is_one_text(trial: Trial, tmp_path: Path) -> None:
    told(trial)
    with trial.opened() as station:
        station.import_sheet("roster", b"patient_id;nom_naissance;prenoms;date_naissance\nA1;MARTIN;Zoe;1962-03-04\n")
        number = printed(station, tmp_path, "A1").numbers[0]
        told_as = compose_notice(station.config).digest()
        assert entries(station)[-1]["hashes_out"] == [told_as]
        with station.database.read() as session:
            form = Forms(station.columns).find(session, number)
        assert form is not None
        assert form.notice_sha256 == told_as
        printed(station, tmp_path, "A1")
    trial.config.write_text(trial.config.read_text(encoding="utf-8").replace("40 ans", "50 ans"), encoding="utf-8")
    with trial.opened() as station:
        with pytest.raises(StationFault) as caught:
            print_forms(station, ["A1"], tmp_path / "f.pdf")
        assert (caught.value.code, caught.value.facts) == ("notice-version-changed", {"version": "2026-1"})
        assert print_forms(station, ["A1"], tmp_path / "f.pdf", version="2026-2")


def test_all_that_is_missing_is_named_at_once(ready: Trial) -> None:
    config = load(ready.config)
    unsaid = config.notice.model_copy(update={"host": "", "source": ""})
    with pytest.raises(StationFault) as caught:
        compose_notice(config.model_copy(update={"notice": unsaid}))
    assert caught.value.facts == {"setting": "notice.source, notice.host"}


def test_a_notice_that_is_long_goes_over_more_pages_and_each_form_begins_on_a_sheet_of_its_own(
    ready: Trial, tmp_path: Path
) -> None:
    config = load(ready.config)
    long = config.notice.model_copy(update={"recipients": "Les professionnels de santé du service. " * 60})
    notice = compose_notice(config.model_copy(update={"notice": long}))
    assert pages_of(notice) == 3
    target = tmp_path / "long.pdf"
    with target.open("wb") as stream:
        write_forms([Blank("0" * 26, "A1"), Blank("1" * 26, "A2")], notice, "0" * 8, AT, stream)
    with pikepdf.open(target) as pdf:
        assert len(pdf.pages) == 8


def test_french_spaces_do_not_break_a_line() -> None:
    assert french("Qui ? Moi : « l'un » ; voilà !") == "Qui\u202f? Moi\u00a0: «\u00a0l’un\u00a0»\u202f; voilà\u202f!"


# --- What it does not say ---------------------------------------------------------------------------------------------


def test_no_name_is_printed_unless_it_is_asked_for(ready: Trial, tmp_path: Path, invented_records: Invented) -> None:
    (patient,) = [one for one in invented_records.patients if one.ref == "A1001"]
    with ready.opened() as station:
        bare, named = printed(station, tmp_path, "A1001"), printed(station, tmp_path, "A1001", names=True)
    assert patient.birth_name not in text_of(bare.pdf)
    assert "Nom de naissance et prénoms" in text_of(bare.pdf)
    assert patient.birth_name in text_of(named.pdf)
    assert "Nom de naissance et prénoms" not in text_of(named.pdf)
    with pikepdf.open(named.pdf) as pdf:
        told_of_itself = str(dict(pdf.docinfo)) + pdf.open_metadata().pdfa_status
        assert patient.birth_name not in told_of_itself
        assert "A1001" not in told_of_itself


def test_the_code_names_no_patient(ready: Trial, tmp_path: Path) -> None:
    with ready.opened() as station:
        one, again = printed(station, tmp_path, "A1001"), printed(station, tmp_path, "A1001")
        assert "A1001" not in payload(FormCode(station_tag(station.id), one.numbers[0], 1, 2))
        assert station.id not in station_tag(station.id)
    assert one.numbers != again.numbers


def test_every_font_is_in_the_file(ready: Trial, tmp_path: Path) -> None:
    with ready.opened() as station:
        target = printed(station, tmp_path, "A1001").pdf
    with pikepdf.open(target) as pdf:
        described = [
            font.DescendantFonts[0].FontDescriptor
            for sheet in pdf.pages
            for font in dict(sheet.Resources.get("/Font", {})).values()
        ]
        assert described
        assert all("/FontFile2" in one for one in described)


def test_the_same_form_printed_at_the_same_time_is_the_same_file(ready: Trial, tmp_path: Path) -> None:
    notice = compose_notice(load(ready.config))
    for name in ("one", "other"):
        with (tmp_path / name).open("wb") as stream:
            write_forms([Blank("0" * 26, "A1")], notice, "0" * 8, AT, stream)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


# --- What is on record ------------------------------------------------------------------------------------------------


def test_a_form_is_on_record_before_it_is_on_paper(
    ready: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ready.opened() as station:
        monkeypatch.setattr(effects, "_armed", armed_by({"LIASSE_FAILPOINT": "form.print:before=raise"}))
        with pytest.raises(KeyboardInterrupt):
            print_forms(station, ["A1001"], tmp_path / "f.pdf")
        monkeypatch.setattr(effects, "_armed", None)
        assert not (tmp_path / "f.pdf").exists()
        entry = entries(station)[-1]
        assert entry["outcome"] == "form-printed"
        with station.database.read() as session:
            form = Forms(station.columns).find(session, entry["object"].removeprefix("form:"))
    assert form is not None
    assert (form.patient, form.notice_version, form.pages) == ("A1001", "2026-1", 2)


def test_printing_a_notice_gives_none(ready: Trial, tmp_path: Path) -> None:
    with ready.opened() as station:
        before = station.register.reading(PatientRef("A1001"))
        printed(station, tmp_path, "A1001")
        assert isinstance(before, KnownPatient)
        assert station.register.reading(PatientRef("A1001")) == before


@pytest.mark.parametrize(
    ("refs", "code"),
    [
        ((), "form-nobody"), (("nobody",), "reference-not-on-roster"),
        (("279035121518989",), "reference-unusable-on-sheet"),
    ],
)  # fmt: skip
def test_nothing_is_printed_for_nobody(ready: Trial, tmp_path: Path, refs: tuple[str, ...], code: str) -> None:
    with ready.opened() as station, pytest.raises(StationFault) as caught:
        print_forms(station, refs, tmp_path / "f.pdf")
    assert caught.value.code == code
    assert not (tmp_path / "f.pdf").exists()


def test_a_list_of_patients_is_a_reference_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffA1001\r\n\r\n A1002 \n".encode())
    assert read_references(path) == ("A1001", "", "A1002")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StationFault, match="patients-file-unreadable"):
        read_references(path)


def test_a_reference_that_nobody_knows_is_told_by_its_line(ready: Trial, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("A1001\n\nA1001\nA1002\nnobody\n")
    with ready.opened() as station, pytest.raises(StationFault) as caught:
        print_forms(station, read_references(tmp_path / "list.txt"), tmp_path / "f.pdf")
    assert (caught.value.code, caught.value.facts) == ("reference-not-on-roster", {"place": 5})
    with ready.opened() as station, pytest.raises(StationFault, match="form-nobody"):
        print_forms(station, ("", ""), tmp_path / "f.pdf")


def test_the_command_prints_for_a_list_and_writes_over_nothing(ready: Trial, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("A1001\nA1002\nA1001\n")
    words = ("authorization", "form", "--patients", tmp_path / "list.txt", "--out", tmp_path / "f.pdf", "--json")
    ran = ready.run(*words)
    assert ran.code == 0, ran.err
    assert len(ran.lines[0]["forms"]) == 2
    again = ready.run(*words)
    assert "[target-exists]" in again.err
    grey_side = drawings(tmp_path / "f.pdf", dpi=150)[0]
    assert examine(page(grey_side, Placing((150, 150), 1))).look is Look.FORM
    assert grey(page(grey_side, Placing((150, 150), 1))).shape == grey_side.size[::-1]
