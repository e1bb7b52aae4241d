"""The restore drill: a station of many documents, backed up, lost with its machine, brought back and watching again.

    python bench/restore.py [--documents 100000] [--entries 1000000] [--folder DISK]

The rows are made in bulk and stand for documents that were deposited: their tree, checkpoints, sealed columns and
manifests are real; one signature serves all receipts, and the envelopes themselves are not at the host: no step of a
return reads what has its receipt. After the backup, a few thousand entries more go to the host as records; then the
program deposits invented documents, and is killed between a put and its receipt, with others in hand. The machine takes
its spool with it: what was put has its receipt rebuilt, what was in hand is told, to be scanned again. SQLite.
"""

import argparse
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import insert

from consent_gate.model import Patient, PatientRef
from demo.records import make_records
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from pipeline.batches import checkpoint, require_continuation
from pipeline.config import Config, load
from pipeline.office.backing import open_backup, take_backup
from pipeline.office.founding import TRIAL_KEYS, Founding, found
from pipeline.station import Station, open_station
from storage.custody import Draft, EntryType
from storage.keys import load_certificate, load_private_key
from storage.signature import sign
from storage.tables import BatchRow, DocumentRow, FileRow, PageRow, ReceiptRow, SealedRow
from storage.times import write_time
from tests.trial_fixtures import SEED, make_few

_PROGRAM = (sys.executable, "-c", "import cli; cli.main()")
_AT_ONCE = 500
"""Documents written by one transaction: a batch."""
_AFTER = 200
"""Documents deposited after the backup."""
_PAGES = 2
_REAL, _IN_HAND = 6, 4
"""Documents that the program deposits after the backup, and those among which it is killed."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=100_000)
    options.add_argument("--entries", type=int, default=1_000_000)
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    with tempfile.TemporaryDirectory(prefix="drill-", dir=chosen.folder) as folder:
        drill(Path(folder), chosen.documents, chosen.entries)


def drill(folder: Path, documents: int, entries: int) -> None:
    """Make, back up, lose, bring back, watch."""
    host, station_folder = folder / "host", folder / "machine-1"
    host.mkdir()
    config = _found(station_folder, host)
    station = open_station(config)
    with _told("made (not part of the drill)"):
        known = make_records(folder / "records", datetime.now(UTC).date(), SEED)
        station.import_sheet("roster", known.patients_csv.read_bytes())
        station.import_sheet("register", known.authorizations_csv.read_bytes())
        _fill(station, documents, entries)
    with _told("backup made, read back and put at the host") as said:
        taken = take_backup(station)
        said(f"{taken.size / 1e6:.0f} MB in {len(taken.manifest.parts)} parts")
    database = config.folder / "station.db"
    print(f"  database {database.stat().st_size / 1e6:.0f} MB, {taken.manifest.entries} entries")
    with _told("deposited after the backup, as records"):
        _add(station, _AFTER, entries // documents)
        checkpoint(station)
    with _told("compared with the host (each start)"):
        require_continuation(station)
    with _told("ledger verified"):
        assert station.ledger.verify().verified
    station.close()
    with _told(f"{_REAL} documents by the program, then {_IN_HAND} in the midst of which it is killed"):
        _work(folder, config)
    keys = folder / "keys"
    shutil.copytree(station_folder / TRIAL_KEYS, keys)
    shutil.rmtree(station_folder)
    backup = host / config.station.id / "backups" / taken.manifest.backup
    opened = folder / "opened"
    opened.mkdir(0o700)
    with _told("backup opened whole and verified (liasse backup verify)"):
        open_backup(backup, load_private_key(keys / "client.key"), load_certificate(keys / "client.crt"), opened)
    shutil.rmtree(opened)
    _return(folder / "machine-2", backup, keys)
    print(f"  peak memory of a child: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


def _work(folder: Path, config: Config) -> None:
    """`liasse process` twice, the second time killed just before a receipt is written down."""
    for scans, many in (("scans-1", _REAL), ("scans-2", _IN_HAND)):
        for number in range(many):
            make_few(folder / scans, f"{scans}-{number}.tif", ("certificat", "A1001", "deposited"))
    asked = [*_PROGRAM, "--config", str(config.folder.parent / "config.toml"), "process"]
    subprocess.run([*asked, str(folder / "scans-1")], env=_environment(), check=True, capture_output=True)
    deadly = _environment() | {"LIASSE_FAILPOINT": "receipt.record:before=kill"}
    killed = subprocess.run([*asked, str(folder / "scans-2")], env=deadly, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), "LIASSE_LANG": "en"}


def _return(into: Path, backup: Path, keys: Path) -> None:
    """`liasse restore`, then `liasse watch` until it says that it watches."""
    asked = [str(backup), "--key", str(keys / "client.key"), "--cert", str(keys / "client.crt"), "--into", str(into)]
    began = time.monotonic()
    with _told("brought back (liasse restore)"):
        ended = subprocess.run(
            [*_PROGRAM, "restore", *asked, "--json"], env=_environment(), capture_output=True, check=False
        )
    if ended.returncode not in (EXIT_DONE, EXIT_WAITING):
        raise SystemExit(ended.stderr.decode())
    answer = json.loads(ended.stdout)
    with _told("watching (liasse watch)"):
        command = [*_PROGRAM, "--config", str(into / "config.toml"), "watch"]
        with subprocess.Popen(
            command, env=_environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as watching:
            assert watching.stderr is not None
            said = watching.stderr.readline().decode()
            waited = time.monotonic() - began
            watching.terminate()
    print(f"  {said.strip()}")
    print(
        f"  entries {answer['entries']}, missing {answer['entries_missing']},",
        f"receipts rebuilt {answer['receipts_rebuilt']}, to scan again {len(answer['scan_again'])}",
    )
    assert answer["entries_missing"] == 0
    assert 0 < answer["receipts_rebuilt"] <= _IN_HAND - len(answer["scan_again"])
    print(f"from an emptied machine to watching: {waited:.0f} s (must be under 900)")


def _found(folder: Path, host: Path) -> Config:
    found(folder, Founding("trial", "Service de santé inventé", "CT-2026-001"), datetime.now(UTC))
    path = folder / "config.toml"
    text = path.read_text(encoding="utf-8").replace('folder = "host"', f'folder = "{host}"')
    path.write_text(text, encoding="utf-8")
    return load(path)


@contextmanager
def _told(what: str) -> Iterator[Callable[[str], None]]:
    more: list[str] = []
    began = time.monotonic()
    yield more.append
    print(f"{time.monotonic() - began:8.1f} s  {what}{', '.join(['', *more])}", flush=True)


# Rows


def _fill(station: Station, documents: int, entries: int) -> None:
    each = entries // documents
    for first in range(0, documents, _AT_ONCE):
        _add(station, min(_AT_ONCE, documents - first), each)


def _add(station: Station, documents: int, each: int) -> None:
    """One batch: rows and entries of its documents, one transaction, and a checkpoint in the ledger."""
    maker = _Maker(station)
    with station.database.write("bench.fill") as session:
        rows, drafts = maker.rows(documents, each)
        station.roster.add(session, maker.patients, station.clock.now())
        for model, added in rows.items():
            session.execute(insert(model), added)
        station.ledger.append(session, *drafts, at=station.clock.now())
        station.ledger.checkpoint(session, station.clock.now())


class _Maker:
    _signature: bytes = b""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._new = station.identifiers.new
        self.patients: list[Patient] = []
        _Maker._signature = _Maker._signature or sign(station.keys, b"one for all")

    def rows(self, documents: int, each: int) -> tuple[dict[type, list[dict[str, object]]], list[Draft]]:
        batch, now = self._new(), write_time(self._station.clock.now())
        columns = self._station.columns
        models = (BatchRow, FileRow, DocumentRow, PageRow, SealedRow, ReceiptRow)
        rows: dict[type, list[dict[str, object]]] = {model: [] for model in models}
        label = columns.seal("batch.label", batch, b"carton")
        rows[BatchRow].append(
            {"id": batch, "label_sealed": label, "label_index": columns.blind("batch-label", batch), "opened_at": now,
             "closed_at": now, "index_version": 1}
        )  # fmt: skip
        drafts: list[Draft] = []
        for _ in range(documents):
            drafts += self._document(rows, batch, now, each)
        return rows, drafts

    def _document(self, rows: dict[type, list[dict[str, object]]], batch: str, now: str, each: int) -> list[Draft]:
        columns, keys = self._station.columns, self._station.keys
        file, document = self._new(), self._new()
        digest = hashlib.sha256(document.encode()).hexdigest()
        name = columns.seal("file.name", file, b"SCAN0001.tif")
        said = columns.seal("document.claim", document, b'{"damaged": false, "said": ["P1", "labo", null]}')
        patient = Patient(PatientRef(document), f"Z{document[-12:]}", None, ("Zed",), date(1970, 1, 1), None, None)
        self.patients.append(patient)
        rows[FileRow].append(
            {"id": file, "batch_id": batch, "name_sealed": name, "sha256": digest, "size": 60_000, "state": "settled",
             "pages": _PAGES, "captured_at": now, "settled_at": now}
        )  # fmt: skip
        rows[DocumentRow].append(
            {"id": document, "batch_id": batch, "file_id": file, "ordinal": 1,
             "patient_index": columns.reference_index(patient.ref),
             "claim_sealed": said, "doc_type": "labo", "pages": _PAGES, "version": 1, "state": "deposited",
             "decision": digest, "captured_at": now, "settled_at": now, "purged_at": now, "cleared_at": now}
        )  # fmt: skip
        rows[PageRow] += [
            {"file_id": file, "position": place, "role": "document", "document_id": document, "image_sha256": digest}
            for place in range(1, _PAGES + 1)
        ]
        key = keys.object_key(self._station.id, document, 1)  # type: ignore[arg-type]  # an identifier of ours
        rows[SealedRow].append(
            {"document_id": document, "version": 1, "object_key": key, "header": json.dumps({"document": document}),
             "waits_as": f"{document}-1.p7m", "sha256": digest, "size": 61_000, "pdf_size": 60_000,
             "pdfa_level": "1b", "validators": "[]", "at": now}
        )  # fmt: skip
        rows[ReceiptRow].append(
            {"document_id": document, "version": 1, "host": "folder", "object_version": None,
             "manifest": json.dumps({"header": {"document": document}, "sha256": digest, "object_key": key}),
             "signature": self._signature, "at": now}
        )  # fmt: skip
        within = {"batch": batch, "file": file}
        kinds = (EntryType.IDENTIFICATION, EntryType.CONSENT_CHECK, EntryType.RECOGNITION, EntryType.SEALING)
        captured = Draft(EntryType.SPLIT, f"file:{file}", "split", within={"batch": batch}, counts={"pages": _PAGES})
        return [captured] + [
            Draft(kinds[number % len(kinds)], f"document:{document}", "done", within=within, counts={"pages": _PAGES},
                  hashes_out=(digest,), sizes_out=(60_000,), subject=digest, decision=digest)
            for number in range(each - 1)
        ]  # fmt: skip


if __name__ == "__main__":
    main()
