"""Pages of real archives, by hand and by typewriter: without a separator, none of them becomes anybody's."""

import csv
import io
import os
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from consent_gate.model import PatientRef
from pipeline.identity.traits import key
from pipeline.identity.vocabulary import listed
from tests.trial_fixtures import Trial, work

REAL = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "real"
FOLDERS = ("cremma_mss20_fr_handwriting", "cremma_testaments_fr_handwriting_1914", "tapuscorpus_fr_typewritten",
           "tapuscorpus_fr_blurred")  # fmt: skip
SURNAMES = listed("MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL TESSIER")
GIVEN = listed("Jean Marie Paul Sophie Camille Nicolas Anne Luc Thomas Martin Louis Pierre Henri Robert Jeanne")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="the shared corpus is not there (LIASSE_CORPUS)"),
]


def roster(size: int) -> tuple[bytes, bytes]:
    """Roster and register of many people with few names, of the times of those pages: all of them authorized."""
    draw = random.Random(7)  # noqa: S311  invented people
    people, said = io.StringIO(), io.StringIO()
    lines = csv.writer(people, delimiter=";")
    lines.writerow(listed("patient_id nom_naissance nom_usage prenoms date_naissance sexe nir"))
    granted = csv.writer(said, delimiter=";")
    granted.writerow(listed("patient_id nom_naissance prenom date_naissance statut date_signature date_fin perimetre"))
    for number in range(size):
        born = date(1900, 1, 1) + timedelta(days=draw.randrange(36_000))
        sex = draw.choice("MF")
        matricule = (
            f"{1 if sex == 'M' else 2}{born:%y%m}{draw.randint(1, 95):02}{number % 989 + 1:03}{number % 999 + 1:03}"
        )
        name, given = draw.choice(SURNAMES), ", ".join(draw.sample(GIVEN, 2))
        ref = PatientRef(f"R{number}")
        lines.writerow([ref, name, "", given, born.isoformat(), sex, matricule + key(matricule)])
        granted.writerow([ref, name, given, born.isoformat(), "accordee", "2026-01-02", "", "tous_documents"])
    return people.getvalue().encode(), said.getvalue().encode()


def test_no_page_by_hand_or_by_typewriter_is_given_to_a_patient(tmp_path: Path) -> None:
    trial = Trial.found(tmp_path / "station", verapdf="never", rule="two-sources")
    scans = [path for folder in FOLDERS for path in sorted((REAL / folder).rglob("*.jpg"))]
    (tmp_path / "scans").mkdir()
    for number, path in enumerate(scans):
        shutil.copy(path, tmp_path / "scans" / f"{number:03}.jpg")
    people, said = roster(5_000)
    with trial.opened() as station:
        station.import_sheet("roster", people)
        station.import_sheet("register", said)
        worked = work(station, tmp_path / "scans")
        with station.database.read() as session:
            documents = station.documents.documents(session)
    assert len(scans) >= 60
    assert {document.state for document in documents} == {"held"}
    assert {document.claim for document in documents} == {None}
    assert {document.reason for document in documents} <= {"no-identity", "one-source", "identity-conflict"}
    assert worked.accounts.images.balanced
    assert worked.accounts.images.captured == len(scans)
