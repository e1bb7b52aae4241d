"""The slip for paper that goes back: every maintained refusal, where it lies, and no word about the person."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from consent_gate.review import MaintainReason
from lexicon.faults import StationFault
from pipeline import steps as engine_steps
from pipeline.office.batches_opening import open_batch
from pipeline.office.paper import record_movement
from pipeline.office.return_slip import to_give_back, write_slips
from pipeline.station import Station
from storage.accounts import paper
from storage.announced import Announcement
from tests.custody_fixtures import UNHEARD, WITHDRAWN, make_final, one_of
from tests.hunter import bare
from tests.test_custody_classes import PERSON
from tests.trial_fixtures import RememberingTools, Trial, make_few, people, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def box(tmp_path: Path, label: str) -> Path:
    """A box's scans: a file of two documents, and one of one."""
    folder = tmp_path / "scans" / label
    make_few(folder, "A_0001.tif", WITHDRAWN, UNHEARD)
    make_few(folder, "B_0002.tif", ("ordonnance", "A1006", "refused"))
    return folder.parent


def maintained(station: Station, *refs: str) -> None:
    for ref in refs:
        make_final(station, one_of(station, ref).id)


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as pdf:  # type: ignore[no-untyped-call]  # pypdfium2 has no types
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def test_a_slip_says_where_each_maintained_refusal_lies_and_counts_its_sheets(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        record_movement(station, "receive", "carton 7", 40)
        work(station, box(tmp_path, "carton 7"))
        maintained(station, "A1007", "A1006")
        (slip,) = to_give_back(station)
        assert [(line.name, line.reference) for line in slip.lines] == [
            ("A_0001.tif", "A1007"),
            ("B_0002.tif", "A1006"),
        ]
        with station.database.read() as session:
            for line in slip.lines:
                assert line.positions == station.documents.positions(session, line.document)
        assert slip.sheets == sum(len(line.positions) for line in slip.lines)
        assert (slip.title, slip.box, slip.received, slip.returned) == ("scans/carton 7", "carton 7", 40, 0)
        with station.database.read() as session:
            (first, _) = station.captured.files(session, batch=slip.batch)
        assert slip.lines[0].places == slip.lines[0].positions  # one side a sheet, and it came first
        assert slip.lines[1].places == tuple((first.pages or 0) + one for one in slip.lines[1].positions)
        write_slips(station, [slip], tmp_path / "slip.pdf")
        text = text_of(tmp_path / "slip.pdf")
        assert f"2 documents, {slip.sheets} feuilles à rendre" in text
        assert f"liasse box return 'carton 7' --sheets {slip.sheets}" in text
        assert "A_0001.tif" in text
        assert f"{40 - slip.sheets} restent à l'atelier" in text
        record_movement(station, "return", "carton 7", slip.sheets)
        with station.database.read() as session:
            assert paper(session, station.sides).workshop == 40 - slip.sheets
        (again,) = to_give_back(station, batch=slip.batch, since=slip.lines[0].decided)
        assert again.returned == slip.sheets
        assert to_give_back(station, since=slip.lines[0].decided + timedelta(days=1)) == ()
        with pytest.raises(StationFault, match="batch-unknown"):
            to_give_back(station, batch=PERSON)
        with pytest.raises(StationFault, match="target-exists"):
            write_slips(station, [slip], tmp_path / "slip.pdf")
        many = replace(slip, lines=tuple(replace(slip.lines[0], reference=f"P{place:05}") for place in range(61)))
        write_slips(station, [many, slip], tmp_path / "many.pdf")
    text = text_of(tmp_path / "many.pdf")
    assert all(f"P{place:05}" in text for place in range(61))
    assert f"61 documents, {many.sheets} feuilles à rendre" in text


def test_a_slip_names_the_box_that_was_announced_and_none_that_is_called_like_the_batch(
    trial: Trial, tmp_path: Path
) -> None:
    with trial.opened() as station:
        record_movement(station, "receive", "C-17", 12)
        record_movement(station, "receive", "LOT-7", 40)
        open_batch(station, "scans/LOT-7", Announcement(box="C-17"))
        work(station, box(tmp_path, "LOT-7"))
        maintained(station, "A1007")
        (slip,) = to_give_back(station)
    assert (slip.title, slip.box, slip.received) == ("scans/LOT-7", "C-17", 12)


def test_a_slip_names_nobody_and_nothing_of_the_record(trial: Trial, tmp_path: Path) -> None:
    """Nor where the batch was named after a patient."""
    patient = next(patient for patient in people() if patient.ref == "A1007")
    with trial.opened() as station:
        work(station, box(tmp_path, f"{patient.birth_name} {patient.given_names[0]}"))
        maintained(station, "A1007", "A1006")
        (slip,) = to_give_back(station)
        assert slip.label is None
        write_slips(station, [slip], tmp_path / "slip.pdf")
    text, raw = bare(text_of(tmp_path / "slip.pdf")).upper(), (tmp_path / "slip.pdf").read_bytes().upper()
    words = {bare(name).upper() for one in people() for name in (one.birth_name, one.usage_name or one.birth_name)}
    words |= {one.ins for one in people() if one.ins} | {"CERTIFICAT", "ORDONNANCE", "WITHDRAWN", "RETRAIT"}
    assert [word for word in words if f" {word}" in f" {text}" or word.encode() in raw] == []
    assert "LOT DU" in text


def test_a_slip_leaves_out_what_was_scanned_anew_and_says_of_nobody_that_they_refused(
    trial: Trial, tmp_path: Path
) -> None:
    with trial.opened() as station:
        work(station, box(tmp_path, "carton 7"))
        make_final(station, one_of(station, "A1006").id, reason=MaintainReason.SCANNED_ANEW)
        assert to_give_back(station) == ()
        make_final(station, one_of(station, "A1007").id, reason=MaintainReason.NO_ANSWER)
        (slip,) = to_give_back(station)
        assert [line.reference for line in slip.lines] == ["A1007"]
        write_slips(station, [slip], tmp_path / "slip.pdf")
    text = text_of(tmp_path / "slip.pdf")
    assert "refus" not in text.lower()
    assert "par décision du service" in text


def test_a_slip_numbers_a_file_that_is_named_after_a_patient(trial: Trial, tmp_path: Path) -> None:
    patient = next(patient for patient in people() if patient.ref == "A1006")
    folder = tmp_path / "scans" / "carton 7"
    make_few(folder, f"{patient.birth_name}.tif", ("ordonnance", "A1006", "refused"))
    with trial.opened() as station:
        work(station, folder.parent)
        maintained(station, "A1006")
        (slip,) = to_give_back(station)
        assert slip.lines[0].name is None
        write_slips(station, [slip], tmp_path / "slip.pdf")
    text = text_of(tmp_path / "slip.pdf")
    assert "fichier n° 1 du lot" in text
    assert patient.birth_name not in bare(text).upper()


@pytest.mark.usefixtures("invented_records")
def test_the_command_writes_it(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, box(tmp_path, "carton 7"))
    ran = trial.run("refusal", "slip", "--out", tmp_path / "none.pdf")
    assert (ran.code, (tmp_path / "none.pdf").exists()) == (0, False)
    with trial.opened() as station:
        maintained(station, "A1006")
    ran = trial.run("refusal", "slip", "--out", tmp_path / "slip.pdf")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("scans/carton 7 : 1 document(s)")
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF")
