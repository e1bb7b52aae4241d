"""The handover: whole and balanced or not at all, checked by a stranger with stock programs, without a name."""

import csv
import hashlib
import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from sqlite3 import Connection

import pytest

from handover.build import Built, build
from handover.lists import DOCUMENT_COLUMNS, REFUSAL_COLUMNS
from handover.recount import recount
from lexicon.faults import EXIT_EVIDENCE, Fault, HostFault, StationFault, TamperFault
from pipeline.office.paper import record_movement
from pipeline.office.rejudging import finish
from storage.custody import Draft, EntryType, read_entry
from storage.evidence import Guarantee
from tests.handover_fixtures import EXPECTED, REFERENCE, Sheets, Workshop, a_days_work
from tests.station_fixtures import burglar

INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worked") / "poste"
    workshop = Workshop.open(folder)
    a_days_work(workshop)
    workshop.station.close()
    return folder


@pytest.fixture(scope="module")
def handed(worked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Path]:
    """A handover of that station, and the station's folder."""
    folder = tmp_path_factory.mktemp("handed")
    shutil.copytree(worked, folder / "poste")
    workshop = Workshop.open(folder / "poste")
    built = build(workshop.station, folder / "restitution")
    workshop.station.close()
    return built, folder / "poste"


@pytest.fixture
def home(worked: Path, tmp_path: Path) -> Path:
    """A copy of the worked station, to be spoilt."""
    return Path(shutil.copytree(worked, tmp_path / "poste"))


@pytest.fixture
def workshop(home: Path) -> Iterator[Workshop]:
    opened = Workshop.open(home)
    yield opened
    opened.station.close()


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def entries(workshop: Workshop) -> list[dict[str, object]]:
    with workshop.station.database.read() as session:
        return [read_entry(entry) for entry in workshop.station.ledger.entries(session)]


def refusal(workshop: Workshop, target: Path) -> Fault:
    """The fault that stops a handover; nothing is left of it, neither on disk nor in the ledger."""
    before = len(entries(workshop))
    around = set(target.parent.iterdir())
    with pytest.raises(Fault) as stopped:
        build(workshop.station, target)
    assert set(target.parent.iterdir()) == around
    assert len(entries(workshop)) == before
    return stopped.value


# What is in it


def test_both_equations_are_handed_over_and_a_stranger_counts_the_same(handed: tuple[Built, Path]) -> None:
    built, _ = handed
    assert dict(built.images.columns) == EXPECTED
    counted = recount(built.path)
    assert counted.balanced
    assert (counted.captured, dict(counted.columns)) == (25, EXPECTED)
    stated = json.loads((built.path / "handover.json").read_text(encoding="utf-8"))
    assert stated["images"] == {**EXPECTED, "captured": 25, "in-progress": 0, "balanced": True}
    assert [batch["images"]["captured"] for batch in stated["batches"]] == [23, 2]
    assert [file["images"]["captured"] for file in stated["files"]] == [11, 6, 6, 2]
    assert built.documents == 2
    assert len(rows(built.path / "refusals.csv")) == 4


def test_a_stranger_who_finds_a_line_missing_or_changed_says_where(handed: tuple[Built, Path], tmp_path: Path) -> None:
    built, _ = handed
    for name, column in (("documents.csv", "deposited"), ("refusals.csv", "set-aside")):
        folder = tmp_path / column
        shutil.copytree(built.path, folder)
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:-1]))
        found = recount(folder).differing
        assert column in found
        assert any(part.startswith("file:") for part in found)


def test_each_document_has_its_line_its_receipt_and_its_hashes(handed: tuple[Built, Path]) -> None:
    built, home = handed
    listed = rows(built.path / "documents.csv")
    assert tuple(listed[0]) == DOCUMENT_COLUMNS
    assert [(row["patient"], row["doc_type"], row["pages"], row["positions"]) for row in listed] == [
        (REFERENCE, "fiche_aptitude", "3", "p2-p4"),
        (REFERENCE, "courrier", "1", "p6"),
    ]
    for row in listed:
        manifest = json.loads((built.path / "receipts" / f"{row['document']}.json").read_bytes())
        assert manifest["sha256"] == row["object_sha256"]
        assert manifest["header"]["plaintext_sha256"] == row["pdf_sha256"]
        assert hashlib.sha256((home / "host" / row["object_key"]).read_bytes()).hexdigest() == row["object_sha256"]
        assert len(row["image_sha256s"].split()) == int(row["pages"])
        assert (row["pdfa_level"], row["validators"]) == ("1b", "pikepdf 10.17.0")


def test_what_was_not_deposited_is_listed_with_its_reason(handed: tuple[Built, Path]) -> None:
    built, _ = handed
    listed = rows(built.path / "refusals.csv")
    assert tuple(listed[0]) == REFUSAL_COLUMNS
    assert [(r["kind"], r["patient"], r["outcome"], r["reason"], r["custody"], r["pages"]) for r in listed] == [
        ("document", "P-0002", "refused", "refused", "closed", "2"),
        ("document", "P-9999", "refused", "patient-unknown", "curable", "1"),
        ("document", "", "held", "no-separator", "curable", "4"),
        ("file", "", "set-aside", "unreadable-scan", "curable", "2"),
    ]
    assert all(row["reason_fr"] and row["reason_en"] for row in listed)


def test_a_spreadsheet_opens_the_lists_and_runs_nothing(
    handed: tuple[Built, Path], workshop: Workshop, tmp_path: Path
) -> None:
    built, _ = handed
    for name in ("documents.csv", "refusals.csv"):
        assert (built.path / name).read_bytes().startswith(b"\xef\xbb\xbf")
    file = workshop.takes("formule.tif", "")
    workshop.opens(file, [Sheets(1, REFERENCE, "-1.4_type", "D-19")])
    workshop.works(file)
    listed = rows(build(workshop.station, tmp_path / "out").path / "documents.csv")
    assert [row["client_document"] for row in listed] == ["?", "D-18", "D-19"]
    assert listed[-1]["doc_type"] == "'-1.4_type"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in listed for cell in row.values())


def test_the_report_claims_no_more_than_was_proved(handed: tuple[Built, Path]) -> None:
    built, home = handed
    stated = json.loads((built.path / "handover.json").read_text(encoding="utf-8"))
    evidence = stated["evidence"]
    assert (evidence["level"], evidence["timestamp"]) == ("P1", "none")
    assert evidence["ledger"]["guarantee"] == Guarantee.CHECKPOINTS_ONLY
    assert evidence["ledger"]["root"] == built.verdict.root
    unchecked = {reserve["what"]: reserve["count"] for reserve in stated["not_checked"]}
    assert unchecked["pdfa-not-by-verapdf"] == 2
    assert unchecked["batches-open"] == 1
    assert {"time-not-certified", "ledger-not-anchored", "paper-not-declared"} <= unchecked.keys()
    assert stated["custody"]["purged"] == 2
    assert [recipient["trial"] for recipient in stated["recipients"]] == [True, True]
    fingerprint = run(home, "openssl x509 -in trial-keys/client.crt -noout -fingerprint -sha256")
    assert fingerprint.replace(":", "").strip().lower().endswith(stated["recipients"][0]["certificate_sha256"])


def test_the_ledger_in_the_package_ends_with_the_handover_and_binds_both_lists(handed: tuple[Built, Path]) -> None:
    built, _ = handed
    last = json.loads((built.path / "ledger" / "entries.jsonl").read_bytes().splitlines()[-1])
    assert (last["type"], last["object"]) == ("handover", f"handover:{built.handover}")
    lists = [hashlib.sha256((built.path / n).read_bytes()).hexdigest() for n in ("documents.csv", "refusals.csv")]
    assert last["hashes_out"] == lists
    assert last["counts"]["images"] == 25
    assert built.verdict.entries == last["seq"] + 1


def test_a_second_handover_holds_the_first_ones_entry(workshop: Workshop, tmp_path: Path) -> None:
    first = build(workshop.station, tmp_path / "first")
    (tmp_path / "second").mkdir()
    second = build(workshop.station, tmp_path / "second")
    assert second.verdict.entries == first.verdict.entries + 1
    assert first.handover.encode() in (second.path / "ledger" / "entries.jsonl").read_bytes()


def test_a_station_that_never_worked_hands_over_nothing_and_balances(tmp_path: Path) -> None:
    fresh = Workshop.open(tmp_path / "poste")
    built = build(fresh.station, tmp_path / "out")
    fresh.station.close()
    assert recount(built.path).balanced
    assert built.images.captured == 0


# A stranger's check


def run(folder: Path, command: str) -> str:
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", ["LISEZMOI.txt", "README.txt"])
def test_every_command_of_the_notices_does_what_it_says(handed: tuple[Built, Path], name: str, tmp_path: Path) -> None:
    built, home = handed
    folder = Path(shutil.copytree(built.path, tmp_path / "copy"))
    row = rows(folder / "documents.csv")[0]
    shutil.copy(home / "host" / row["object_key"], folder / "object.p7m")
    for suffix in ("key", "crt"):
        shutil.copy(home / "trial-keys" / f"client.{suffix}", folder)
    said = [run(folder, command) for command in INDENTED.findall((folder / name).read_text(encoding="utf-8"))]
    checked, fingerprint, _origin, receipts, statements, receipt, _opened, listed, _body, _note, signed, bound = said
    assert "FAILED" not in checked
    stated = json.loads((folder / "handover.json").read_text(encoding="utf-8"))
    certificate = stated["evidence"]["station_certificate_sha256"]
    assert fingerprint.replace(":", "").strip().lower().endswith(certificate)
    assert (receipts, statements) == ("", "")
    assert receipt == f"receipts/{row['document']}.json\n"
    assert (listed, bound) == ("1\n", "1\n")
    assert "Verified Successfully" in signed
    assert (folder / "document.pdf").read_bytes().endswith(row["document"].encode())


@pytest.mark.parametrize("spoilt", ["documents.csv", "ledger/entries.jsonl", "receipts/station.crt", "handover.json"])
def test_a_changed_file_fails_the_first_command(handed: tuple[Built, Path], spoilt: str, tmp_path: Path) -> None:
    built, _ = handed
    folder = Path(shutil.copytree(built.path, tmp_path / "copy"))
    with (folder / spoilt).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(subprocess.CalledProcessError):
        run(folder, "sha256sum --strict -c manifest-sha256.txt")


def test_a_changed_receipt_is_named(handed: tuple[Built, Path], tmp_path: Path) -> None:
    built, _ = handed
    folder = Path(shutil.copytree(built.path, tmp_path / "copy"))
    receipt = next((folder / "receipts").glob("*.json"))
    receipt.write_bytes(receipt.read_bytes().replace(b'"host":"folder"', b'"host":"folded"'))
    command = INDENTED.findall((folder / "README.txt").read_text(encoding="utf-8"))[3]
    assert run(folder, command) == f"receipts/{receipt.name}\n"


def test_the_root_follows_from_the_notices_rule(handed: tuple[Built, Path]) -> None:
    built, _ = handed
    ledger = built.path / "ledger"
    lines = (ledger / "entries.jsonl").read_bytes().split(b"\n")[:-1]

    def root(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return hashlib.sha256(b"\x00" + leaves[0]).digest()
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()

    _, size, stated = (ledger / "checkpoint.txt").read_text(encoding="utf-8").splitlines()[:3]
    assert (int(size), b64decode(stated)) == (len(lines), root(lines))


def test_what_an_interrupted_handover_left_is_swept_away(workshop: Workshop, tmp_path: Path) -> None:
    left = tmp_path / ".out.part"
    left.mkdir()
    (left / "documents.csv").write_text("half")
    built = build(workshop.station, tmp_path / "out")
    assert recount(built.path).balanced
    assert not left.exists()


# When it is refused


def test_a_document_on_its_way_refuses_the_handover(workshop: Workshop, tmp_path: Path) -> None:
    file = workshop.takes("en cours.tif", "")
    captured = refusal(workshop, tmp_path / "out")
    workshop.opens(file, [Sheets(2, REFERENCE)])
    opened = refusal(workshop, tmp_path / "out")
    for fault in (captured, opened):
        assert (fault.code, fault.exit_code) == ("accounts-unbalanced", EXIT_EVIDENCE)
        assert (fault.facts["images"], fault.facts["differences"]) == (0, 0)
    assert (captured.facts["unfinished"], opened.facts["unfinished"]) == (1, 2)
    workshop.works(file)
    assert build(workshop.station, tmp_path / "out").images.balanced


def test_sheets_that_nobody_explains_refuse_the_handover(workshop: Workshop, tmp_path: Path) -> None:
    record_movement(workshop.station, "receive", "C1", 30)
    fault = refusal(workshop, tmp_path / "out")
    assert (fault.code, fault.facts["sheets"]) == ("accounts-unbalanced", 15)
    record_movement(workshop.station, "unscanned", "C1", 15)
    record_movement(workshop.station, "return", "C1", 30)
    built = build(workshop.station, tmp_path / "out")
    assert (built.paper.declared, built.paper.workshop, built.paper.returned) == (True, 0, 30)


SPOILT: dict[str, tuple[str, str]] = {
    "a refused document made deposited": (
        "UPDATE document SET state = 'deposited' WHERE reason = 'refused'",
        "document:",
    ),
    "a custody class changed": (
        "UPDATE document SET custody = 'final' WHERE custody = 'closed'",
        "document:",
    ),
    "a restriction that nobody placed": (
        "INSERT INTO restriction (id, document_id, since, reason, fact)"
        " SELECT id, id, captured_at, 'withdrawn', id FROM document WHERE state = 'held' LIMIT 1",
        "document:",
    ),
    "a deletion that nobody confirmed": (
        "INSERT INTO deletion (id, document_id, state, reason, proposed_at)"
        " SELECT id, id, 'executed', 'withdrawn', captured_at FROM document WHERE state = 'deposited' LIMIT 1",
        "document:",
    ),
    "a reason changed": ("UPDATE document SET reason = 'expired' WHERE reason = 'refused'", "document:"),
    "a decision changed": ("UPDATE document SET decision = NULL WHERE state = 'deposited'", "document:"),
    "a page moved to another column": ("UPDATE page SET role = 'separator' WHERE role = 'blank'", "file:"),
    "a page lost, and its count": (
        "DELETE FROM page WHERE role = 'blank'; UPDATE file SET pages = 10 WHERE pages = 11",
        "file:",
    ),
    "a file lost": ("DELETE FROM page WHERE role = 'set-aside'; DELETE FROM file WHERE state = 'set-aside'", "file:"),
    "a file's hash changed": ("UPDATE file SET sha256 = replace(sha256, 'a', 'b')", "file:"),
    "sheets added": ("INSERT INTO paper VALUES ('x', x'00', 'i', 'unscanned', 3, '', NULL)", "paper"),
}


@pytest.mark.parametrize("deed", SPOILT)
def test_rows_that_the_ledger_does_not_confirm_refuse_the_handover(home: Path, deed: str, tmp_path: Path) -> None:
    statements, first = SPOILT[deed]
    with burglar(home / "station") as connection:
        connection.executescript(statements)
    workshop = Workshop.open(home)
    fault = refusal(workshop, tmp_path / "out")
    workshop.station.close()
    assert (fault.code, fault.exit_code) == ("accounts-unbalanced", EXIT_EVIDENCE)
    assert str(fault.facts["first"]).startswith(first)


def edit_an_entry(connection: Connection) -> None:
    connection.execute("UPDATE custody_entry SET entry = replace(entry, 'deposited', 'depositer') WHERE seq > 5")


def forge_a_signature(connection: Connection) -> None:
    connection.execute("UPDATE receipt SET signature = x'3000'")


def lose_whose_a_document_is(connection: Connection) -> None:
    connection.execute("UPDATE document SET patient_index = NULL WHERE state = 'deposited'")


def forge_a_manifest(connection: Connection) -> None:
    connection.execute("UPDATE receipt SET manifest = replace(manifest, '\"folder\"', '\"folded\"')")


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (edit_an_entry, "custody-broken"),
        (forge_a_signature, "signature-forged"),
        (forge_a_manifest, "signature-forged"),
        (lose_whose_a_document_is, "column-forged"),
    ],
)
def test_evidence_that_was_touched_refuses_the_handover(
    home: Path, deed: Callable[[Connection], None], code: str, tmp_path: Path
) -> None:
    with burglar(home / "station") as connection:
        deed(connection)
    workshop = Workshop.open(home)
    with pytest.raises(TamperFault) as stopped:
        build(workshop.station, tmp_path / "out")
    workshop.station.close()
    assert (stopped.value.code, stopped.value.exit_code) == (code, EXIT_EVIDENCE)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_at_the_place_asked_for_is_left_as_it_is(workshop: Workshop, kind: str, tmp_path: Path) -> None:
    target = tmp_path / "out"
    match kind:
        case "folder":
            target.mkdir()
            (target / "kept").write_text("kept")
        case "file":
            target.write_text("kept")
        case _:
            (tmp_path / "elsewhere").mkdir()
            target.symlink_to(tmp_path / "elsewhere")
    assert refusal(workshop, target).code == "target-not-empty"


def test_an_entry_that_comes_meanwhile_stops_the_handover(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = workshop.station
    finish(station)
    real = type(station.identifiers).new

    def overtaken(identifiers: object) -> str:
        with station.database.write("test.write") as session:
            draft = Draft(EntryType.CONSULTATION, f"station:{'0' * 32}")
            station.ledger.append(session, draft, at=station.clock.now())
        return real(identifiers)  # type: ignore[arg-type]  # its own

    monkeypatch.setattr(type(station.identifiers), "new", overtaken)
    with pytest.raises(StationFault, match="handover-overtaken"):
        build(station, tmp_path / "out")
    assert not list(tmp_path.glob("*out*"))


def test_a_package_that_cannot_be_written_leaves_nothing(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StationFault, match="disk-unusable"):
        build(workshop.station, tmp_path / "file" / "out")
    assert not isinstance(refusal(workshop, tmp_path / "file"), HostFault)
