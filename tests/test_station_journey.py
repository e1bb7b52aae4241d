"""From a folder of scans to envelopes at the host: each document ends as foretold, every page in one column."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest

from demo.records import InventedDocument, InventedFile
from pipeline.identity.traits import words
from storage.accounts import COLUMNS
from storage.custody import EntryType, read_entry
from tests.conftest import Processed
from tests.trial_fixtures import TODAY, Json, Ran, by_place, refs

DOCUMENT_KEYS = {
    "kind", "document", "batch", "file", "pages", "patient", "doc_type", "outcome", "reason", "identified_by",
    "object", "sha256",
}  # fmt: skip
FILE_KEYS = {"kind", "file", "sha256", "pages", "accounted", "columns"}
BESIDE = {"reason", "batch", "flags"}
"""What a file's line has beside what the contract asks."""
OUTCOMES = {"deposited", "refused", "held", "set-aside"}


def documents_of(processed: Processed) -> list[tuple[str, InventedFile, InventedDocument]]:
    return [(name, file, document) for name, file in processed.files.items() for document in file.documents]


def line_of(processed: Processed, name: str, document: InventedDocument) -> Json:
    return by_place(processed.first)[name, document.pages]


# --- What becomes of each document ------------------------------------------------------------------------------------


def test_each_document_ends_as_its_record_foretells(processed: Processed) -> None:
    told = by_place(processed.first)
    foretold = {
        (name, document.pages): (document.decided, document.outcome, document.reason)
        for name, _, document in documents_of(processed)
    }
    assert {place: (line["patient"], line["outcome"], line["reason"]) for place, line in told.items()} == foretold
    assert processed.first.code == 3, processed.first.err
    assert Counter(outcome for _, outcome, _ in foretold.values()) == {"deposited": 6, "refused": 7, "held": 2}


def test_a_document_of_a_patient_who_is_not_on_the_roster_is_never_deposited(processed: Processed) -> None:
    known = refs(processed.invented)
    for line in processed.first.of_kind("document"):
        assert (line["outcome"] == "deposited") <= (line["patient"] in known)


def test_nothing_is_deposited_under_another_patient_than_separator_and_pages_name(
    processed: Processed, tmp_path: Path
) -> None:
    owners = {line_of(processed, name, d)["document"]: d for name, _, d in documents_of(processed)}
    listed = []
    for number, path in enumerate(sorted(processed.trial.host.rglob("*.p7m"))):
        opened = processed.trial.open_with_openssl(path, tmp_path / str(number)).read_bytes()
        if opened.startswith(b"{"):
            listed += json.loads(opened)["documents"]
    patients = {patient.ref: patient for patient in processed.invented.patients}
    assert len(listed) == len([d for d in owners.values() if d.outcome == "deposited"])
    for line in listed:
        owner = owners[line["document"]]
        patient = patients[owner.shown]
        assert line["patient"] == owner.decided == owner.shown
        assert (line["birth_name"], line["birth_date"], line["ins"]) == (
            patient.birth_name,
            patient.birth_date.isoformat(),
            patient.ins,
        )


def test_every_page_is_in_exactly_one_column(processed: Processed) -> None:
    lines = {line["file"]: line for line in processed.first.of_kind("file")}
    assert lines.keys() == processed.files.keys()
    for name, file in processed.files.items():
        line, columns = lines[name], Counter[str]()
        in_documents = [
            page for place, told in by_place(processed.first).items() for page in told["pages"] if place[0] == name
        ]
        assert len(in_documents) == len(set(in_documents))
        for document in file.documents:
            columns[document.outcome] += len(document.pages)
        columns.update(page.role for page in file.pages if page.role != "document")
        assert line["pages"] == line["accounted"] == len(file.pages)
        assert Counter(line["columns"]) == columns
        assert set(in_documents) == {page.position for page in file.pages if page.role == "document"}


def test_both_equations_balance(processed: Processed) -> None:
    accounts = processed.first.accounts
    pages = sum(len(file.pages) for file in processed.files.values())
    for images in (accounts["images"], accounts["station"]["images"]):
        assert images["balanced"] is True
        assert images["captured"] == pages == sum(images[column] for column in COLUMNS)
        assert images["in-progress"] == 0
    paper = accounts["paper"]
    assert paper["balanced"] is True
    assert paper["received"] == paper["workshop"] + paper["returned"] + paper["destroyed"]
    assert accounts["custody"]["purged"] == 6


# --- The command contract ---------------------------------------------------------------------------------------------


def test_the_lines_are_those_of_the_command_contract(processed: Processed) -> None:
    assert {line["kind"] for line in processed.first.lines} == {"document", "file", "batch", "accounts"}
    for line in processed.first.of_kind("document"):
        assert line.keys() == DOCUMENT_KEYS
        assert line["outcome"] in OUTCOMES
        assert all(type(page) is int and page >= 1 for page in line["pages"])
        for field in ("document", "batch", "file"):
            assert type(line[field]) is str
        for field in ("patient", "doc_type"):
            assert line[field] is None or type(line[field]) is str
        deposited = line["outcome"] == "deposited"
        assert (line["reason"] is None) is deposited
        assert (line["object"] is not None) is deposited
        assert (line["sha256"] is not None) is deposited
    for line in processed.first.of_kind("file"):
        assert line.keys() == FILE_KEYS | BESIDE
        assert tuple(line["columns"]) == COLUMNS
        assert all(type(count) is int for count in (line["pages"], line["accounted"], *line["columns"].values()))
        assert hashlib.sha256((processed.folder / line["file"]).read_bytes()).hexdigest() == line["sha256"]


def test_a_files_line_follows_its_documents_and_the_accounts_are_last(processed: Processed) -> None:
    lines = processed.first.lines
    assert [line["kind"] for line in lines].count("accounts") == 1
    assert lines[-1]["kind"] == "accounts"
    for place, line in enumerate(lines):
        if line["kind"] == "file":
            after = [other for other in lines[place:] if other["kind"] == "document"]
            assert line["file"] not in {other["file"] for other in after}


def test_standard_error_is_silent_when_nothing_is_wrong(processed: Processed) -> None:
    assert processed.first.err == ""


# --- What lies at the host --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def opened(processed: Processed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each deposited document as OpenSSL alone opens it, by its identifier."""
    folder = tmp_path_factory.mktemp("opened")
    return {
        line["document"]: processed.trial.open_with_openssl(
            processed.trial.host / line["object"], folder / f"{line['document']}.pdf"
        )
        for line in processed.first.of_kind("document")
        if line["outcome"] == "deposited"
    }


def test_what_openssl_opens_is_the_pdf_that_was_told(processed: Processed, opened: dict[str, Path]) -> None:
    for line in processed.first.of_kind("document"):
        if line["outcome"] == "deposited":
            assert hashlib.sha256(opened[line["document"]].read_bytes()).hexdigest() == line["sha256"]


def test_the_copy_has_the_pages_and_nine_words_in_ten(processed: Processed, opened: dict[str, Path]) -> None:
    for name, file, document in documents_of(processed):
        if document.outcome != "deposited":
            continue
        with pypdfium2.PdfDocument(opened[line_of(processed, name, document)["document"]]) as pdf:  # type: ignore[no-untyped-call]  # as below
            assert len(pdf) == len(document.pages)
            read = {word for page in pdf for word in words(page.get_textpage().get_text_range())}
        printed = [word for p in document.pages for line in file.pages[p - 1].lines for word in words(line)]
        assert sum(word in read for word in printed) >= 0.9 * len(printed), (name, document.pages)


def test_the_client_fetches_the_same_bytes(processed: Processed, opened: dict[str, Path], tmp_path: Path) -> None:
    document, known = next(iter(opened.items()))
    keys = processed.trial.folder / "trial-keys"
    target = tmp_path / "fetched.pdf"
    fetched = processed.trial.run(
        "document", "fetch", document, "--key", keys / "client.key", "--cert", keys / "client.crt", "--out", target
    )
    assert fetched.code == 0, fetched.err
    assert target.read_bytes() == known.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600


def test_the_host_has_one_object_for_each_receipt_and_knows_nobody(processed: Processed) -> None:
    told = {line["object"] for line in processed.first.of_kind("document")} - {None}
    batches = processed.first.of_kind("batch")
    there = {p.relative_to(processed.trial.host).as_posix() for p in processed.trial.host.rglob("*.p7m")}
    assert told <= there
    assert len(there - told) == len([batch for batch in batches if batch["deposited"]]), "an index for each batch"


# --- Evidence ---------------------------------------------------------------------------------------------------------

_CLEARED = [
    (EntryType.IDENTIFICATION, "identified"),
    (EntryType.CONSENT_CHECK, "cleared"),
    (EntryType.RECOGNITION, "recognised"),
    (EntryType.IDENTIFICATION, "agreed"),
    (EntryType.COMPOSITION, "composed"),
    (EntryType.VALIDATION, "conforms"),
    (EntryType.SEALING, "sealed"),
    (EntryType.DEPOSIT, "intended"),
    (EntryType.CONSENT_CHECK, "cleared"),
    (EntryType.RECEIPT, "deposited"),
    (EntryType.DESTRUCTION, "working-copies"),
]


def entries_of(processed: Processed) -> dict[str, list[tuple[EntryType, str]]]:
    """What the ledger says happened to each document, in order."""
    found: dict[str, list[tuple[EntryType, str]]] = {}
    with processed.trial.opened() as station, station.database.read() as session:
        for encoded in station.ledger.entries(session):
            entry = read_entry(encoded)
            kind, _, identifier = str(entry["object"]).partition(":")
            if kind == "document" and entry["type"] != EntryType.CONSULTATION:
                found.setdefault(identifier, []).append((EntryType(str(entry["type"])), str(entry["outcome"])))
    return found


def test_every_step_of_a_deposit_left_its_entry_in_order(processed: Processed) -> None:
    entries = entries_of(processed)
    for name, _, document in documents_of(processed):
        if document.outcome == "deposited":
            assert entries[line_of(processed, name, document)["document"]] == _CLEARED


def test_nothing_was_read_without_a_clearance(processed: Processed) -> None:
    entries = entries_of(processed)
    for line in processed.first.of_kind("document"):
        steps = entries[line["document"]]
        read = [place for place, (kind, _) in enumerate(steps) if kind is EntryType.RECOGNITION]
        cleared = (EntryType.CONSENT_CHECK, "cleared") in steps[: read[0] if read else None]
        assert cleared is bool(read)
        if line["outcome"] == "refused":
            assert not read


def test_the_ledger_verifies(processed: Processed) -> None:
    verified = processed.trial.run("custody", "verify", "--json")
    answer = json.loads(verified.out)
    assert (verified.code, answer["verified"], answer["finding"]) == (0, True, None)
    assert answer["entries"] > 100


def test_the_handover_balances(processed: Processed, tmp_path: Path) -> None:
    built = processed.trial.run("--as-of", TODAY.isoformat(), "handover", "build", "--out", tmp_path / "restitution")
    assert built.code == 0, built.err


# --- Questions --------------------------------------------------------------------------------------------------------


def test_the_station_tells_where_it_stands(processed: Processed) -> None:
    answer = json.loads(processed.status.out)
    assert answer["images"] == processed.first.accounts["images"]
    assert answer["documents"] == {"deposited": 6, "refused": 7, "held": 2}
    assert sum(answer["waiting"].values()) == 9
    assert answer["open_batches"] == []


def test_a_batch_is_shown_with_its_files_and_documents(processed: Processed) -> None:
    shown: list[Json] = []
    for batch in {line["batch"] for line in processed.first.of_kind("document")}:
        ran = processed.trial.run("batch", "show", batch, "--json")
        assert ran.code == 0, ran.err
        shown.append(json.loads(ran.out))
    told = by_place(processed.first)
    assert sum(len(answer["documents"]) for answer in shown) == len(told)
    assert {f["name"] for answer in shown for f in answer["files"] if f["state"] != "duplicate"} == {p[0] for p in told}


def test_a_patients_documents_are_found_by_reference(processed: Processed) -> None:
    found = processed.trial.run("document", "find", "--patient", "A1011", "--json")
    told = {line["document"] for line in processed.first.of_kind("document") if line["patient"] == "A1011"}
    assert (found.code, {line["document"] for line in found.lines}, len(told)) == (0, told, 2)


# --- The same folder again --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def again(processed: Processed) -> Ran:
    return processed.trial.process(processed.folder, "--json")


def test_the_same_files_again_are_duplicates_and_deposit_nothing(processed: Processed, again: Ran) -> None:
    assert again.code == 0, again.err
    assert again.of_kind("document") == []
    for line in again.of_kind("file"):
        assert line["columns"] == dict.fromkeys(COLUMNS, 0) | {"duplicate": len(processed.files[line["file"]].pages)}
        assert line["reason"] == "duplicate-file"
    assert {line["file"] for line in again.of_kind("file")} == processed.files.keys()
    images = again.accounts["images"]
    assert images["balanced"] is True
    assert images["captured"] == images["duplicate"] == processed.first.accounts["images"]["captured"]
    objects = {line["object"] for line in processed.first.of_kind("document")} - {None}
    there = {p.relative_to(processed.trial.host).as_posix() for p in processed.trial.host.rglob("*.p7m")}
    assert len(there - objects) == len([b for b in processed.first.of_kind("batch") if b["deposited"]])
    assert processed.trial.left_at_work() == []
