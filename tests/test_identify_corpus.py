"""On the shared corpus: every document agrees with its own patient, and with no other of the roster."""

import csv
import json
import os
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent_gate.model import DocumentId, Patient, PatientRef
from pipeline.identify import RosterIndex, check_identity
from pipeline.model import Agreed, Recognised, RecognisedPage, Word

SAMPLE = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus")) / "sample"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(
        not (SAMPLE / "truth.json").exists(), reason=f"no corpus in {SAMPLE.parent} (set LIASSE_CORPUS)"
    ),
]


def roster() -> list[Patient]:
    with (SAMPLE / "patients.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Patient(
                PatientRef(line["patient_id"]),
                line["nom_naissance"],
                line["nom_usage"] or None,
                tuple(name.strip() for name in line["prenoms"].split(",")),
                date.fromisoformat(line["date_naissance"]),
                line["sexe"],
                line["nir"],
            )
            for line in csv.DictReader(lines, delimiter=";")
        ]


def documents() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["documents"]
    return found


def recognised(document: str, pages: list[str]) -> Recognised:
    words = [
        tuple(
            Word(word, 0.0, 0.0, 1.0, 0.0, 1.0, 90.0, number)
            for number, line in enumerate(page.splitlines())
            for word in line.split()
        )
        for page in pages
    ]
    return Recognised(DocumentId(document), tuple(RecognisedPage(page, 0, ()) for page in words), "truth")


def test_every_document_agrees_with_its_own_patient_and_with_no_other() -> None:
    patients = roster()
    index = RosterIndex(patients)
    answers: Counter[tuple[bool, bool]] = Counter()
    for document in documents():
        read = recognised(document["doc_id"], [page["text"] for page in document["pages"]])
        for patient in patients:
            agreed = isinstance(check_identity(read, patient.ref, index), Agreed)
            answers[patient.ref == document["patient_id"], agreed] += 1
    assert answers == {(True, True): 34, (False, False): 34 * 13}


def test_every_page_that_prints_a_number_or_a_name_with_birth_date_is_held_under_anyone_else() -> None:
    patients = roster()
    index = RosterIndex(patients)
    identifying = 0
    for document in documents():
        for page in document["pages"]:
            if "nir" in page["fields"] or "date_naissance" in page["fields"]:
                identifying += 1
                read = recognised(document["doc_id"], [page["text"]])
                agreeing = [p.ref for p in patients if check_identity(read, p.ref, index) == Agreed()]
                assert agreeing == [document["patient_id"]], page["page"]
    assert identifying == 34
