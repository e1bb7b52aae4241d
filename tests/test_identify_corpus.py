"""On the shared corpus: every document agrees with its own patient, and with no other of the roster."""

import csv
import json
import os
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consent_gate.model import DocumentId, Patient, PatientRef
from pipeline.identify import RosterIndex, check_identity
from pipeline.identity.evidence import Search, evidence_of
from pipeline.identity.verdict import Opening, decide
from pipeline.model import Agreed, Identified, Recognised, RecognisedPage, Separator, Word
from tests.evidence_fixtures import sought

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


def recognised(document: str, pages: list[dict[str, Any]]) -> Recognised:
    read = (tuple(replace(word, confidence=92.0) for word in laid(page)) for page in pages)
    return Recognised(DocumentId(document), tuple(RecognisedPage(words, 0, ()) for words in read), "truth")


def test_every_document_agrees_with_its_own_patient_and_with_no_other() -> None:
    patients = roster()
    index = RosterIndex(patients)
    answers: Counter[tuple[bool, bool]] = Counter()
    for document in documents():
        read = recognised(document["doc_id"], document["pages"])
        for patient in patients:
            agreed = isinstance(check_identity(read, patient.ref, sought(index)), Agreed)
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
                read = recognised(document["doc_id"], [page])
                agreeing = [p.ref for p in patients if isinstance(check_identity(read, p.ref, sought(index)), Agreed)]
                assert agreeing == [document["patient_id"]], page["page"]
    assert identifying == 34


def laid(page: dict[str, Any]) -> list[Word]:
    """A page's words where they are printed; what is written by hand is read badly, as it is."""
    words = []
    for number, line in enumerate(page["lines"]):
        left, _, right, bottom = line["bbox_300dpi_upright_unskewed"]
        advance = (right - left) / max(1, len(line["text"]))
        for found in re.finditer(r"\S+", line["text"]):
            x0, x1 = (left + place * advance for place in found.span())
            confidence = 92.0 if line["kind"] == "printed" else 30.0
            words.append(Word(found[0], x0, bottom, x1, bottom, 40.0, confidence, number))
    return words


def test_two_sources_decide_every_document_with_a_printed_identity_and_none_for_anybody_else() -> None:
    patients = roster()
    index = RosterIndex(patients)
    answers: Counter[tuple[str, str]] = Counter()
    for document in documents():
        by_hand = any(page["fields"].get("handwritten_identity") for page in document["pages"])
        others = [patient.ref for patient in patients if patient.ref != document["patient_id"]]
        for claimed in (None, document["patient_id"], *others[:2], *others[-2:]):
            search = Search(index, "trial", date(2026, 1, 15), claimed)
            pages = [evidence_of(laid(page), (), search) for page in document["pages"]]
            sheet = Separator(claimed, None, None) if claimed else None
            found = decide(DocumentId(document["doc_id"]), Opening(sheet), pages, index)
            asked = "no sheet" if claimed is None else "own" if claimed == document["patient_id"] else "another's"
            if isinstance(found, Identified):
                assert found.patient == document["patient_id"]
            answer = "identified" if isinstance(found, Identified) else found.reason.value
            answers[f"{asked}{', by hand' if by_hand else ''}", answer] += 1
    assert answers == {
        ("own", "identified"): 31,
        ("own, by hand", "one-source"): 3,
        ("no sheet", "identified"): 11,
        ("no sheet", "one-source"): 20,
        ("no sheet, by hand", "no-identity"): 3,
        ("another's", "identity-conflict"): 31 * 4,
        ("another's, by hand", "one-source"): 3 * 4,
    }
