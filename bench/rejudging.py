"""How fast a backlog is judged anew.

    python bench/rejudging.py [--documents 50000] [--patients 20000] [--closings 1000] [--folder DISK]

The rows are made in bulk: refused documents under the release key, one page each, whose patients' authorizations come
at once. What is measured is from their commit until every document is on its way again, with its entries; and, of the
same documents as if they were deposited, from everybody's withdrawal until each is restricted. Then, at another
station and of fewer documents, from everybody's refusal until each is sealed for client and escrow.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from ulid import ULID

from consent_gate.model import FactKind, Patient, PatientRef, Statement
from pipeline.config import load
from pipeline.model import Colour, Encoding, PageImage
from pipeline.office.founding import Founding, found
from pipeline.office.rejudging import finish
from pipeline.packing import pack
from pipeline.station import Station, open_station
from storage.fact_rows import Recording
from storage.tables import BatchRow, DocumentRow, FileRow, PageRow
from storage.times import write_time

_AT_ONCE = 1_000
_DAY = date(2025, 1, 1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=50_000)
    options.add_argument("--patients", type=int, default=20_000)
    options.add_argument("--closings", type=int, default=1_000)
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    folder = Path(tempfile.mkdtemp(dir=chosen.folder))
    try:
        figures = rejudge(folder / "backlog", chosen.documents, chosen.patients)
        for name, figure in (figures | close(folder / "closings", chosen.closings)).items():
            print(f"{name}: {figure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rejudge(folder: Path, documents: int, patients: int) -> dict[str, float | int]:
    """Seconds from the authorizations' commit until all are on their way again."""
    with _station(folder) as station:
        everybody = _known(station, patients)
        _backlog(station, documents, everybody)
        _keep_nothing(station)
        told = time.perf_counter()
        _say(station, everybody, FactKind.GRANTED)
        began = time.perf_counter()
        judged = finish(station, begin=lambda *_: None)
        ended = time.perf_counter()
        if len(judged.gone_on) != documents:
            raise SystemExit(f"{len(judged.gone_on)} of {documents} went on")
        withdrawn = _restrict(station, everybody)
    return {
        "documents": documents,
        "patients": patients,
        "seconds to record an authorization of each patient": round(began - told, 1),
        "seconds to judge anew and put every document on its way, the engine's queue apart": round(ended - began, 1),
        "seconds to restrict as many deposited documents, after a withdrawal of each patient": round(withdrawn, 1),
    }


def close(folder: Path, documents: int) -> dict[str, float | int]:
    """Seconds from as many patients' refusals until every document is sealed, and the release key's copy destroyed."""
    with _station(folder) as station:
        everybody = _known(station, documents)
        _backlog(station, documents, everybody)
        _keep(station)
        _say(station, everybody, FactKind.REFUSED)
        began = time.perf_counter()
        judged = finish(station, begin=lambda *_: None)
        ended = time.perf_counter()
        if judged.closed != documents:
            raise SystemExit(f"{judged.closed} of {documents} closed")
    return {
        "documents to close, one grey A4 page each": documents,
        "seconds a thousand to close, sealing included": round((ended - began) * 1_000 / documents, 1),
    }


def _restrict(station: Station, everybody: list[PatientRef]) -> float:
    """The same documents, as if they had been deposited; then everybody withdraws."""
    with station.database.write("bench.write") as session:
        session.execute(DocumentRow.__table__.update().values(state="deposited"))  # type: ignore[attr-defined]
    _say(station, everybody, FactKind.WITHDRAWN, _DAY + timedelta(days=1))
    began = time.perf_counter()
    finish(station, begin=lambda *_: None)
    return time.perf_counter() - began


@contextmanager
def _station(folder: Path) -> Iterator[Station]:
    found(folder / "station", Founding("trial", "Service inventé", "CT-2026-001"), datetime.now(UTC))
    path = folder / "station" / "config.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[review]\nrelease_threshold = 1000000000\n", encoding="utf-8")
    station = open_station(load(path))
    try:
        yield station
    finally:
        station.close()


def _known(station: Station, patients: int) -> list[PatientRef]:
    refs = [PatientRef(f"P-{number:06d}") for number in range(patients)]
    now = station.clock.now()
    for start in range(0, patients, _AT_ONCE):
        some = refs[start : start + _AT_ONCE]
        with station.database.write("bench.write") as session:
            station.roster.add(
                session, [Patient(ref, f"De {ref}", None, ("Zoé",), date(1980, 1, 1), "F", None) for ref in some], now
            )
    _say(station, refs, FactKind.NOTICE)
    finish(station, begin=lambda *_: None)
    return refs


def _say(station: Station, refs: list[PatientRef], kind: FactKind, on: date = _DAY) -> None:
    now = station.clock.now()
    for start in range(0, len(refs), 5 * _AT_ONCE):
        said = [(ref, Statement(kind=kind, on=on)) for ref in refs[start : start + 5 * _AT_ONCE]]
        with station.database.write("bench.write") as session:
            station.register.record(session, said, Recording(now))


def _backlog(station: Station, documents: int, everybody: list[PatientRef]) -> None:
    """Refused for want of an authorization, one file a hundred documents."""
    at, batch = write_time(station.clock.now()), str(ULID())
    columns, file = station.columns, ""
    with station.database.write("bench.write") as session:
        label = columns.seal("batch.label", batch, b"lot")
        session.add(BatchRow(id=batch, label_sealed=label, label_index="0" * 64, opened_at=at, closed_at=at))
    for start in range(0, documents, _AT_ONCE):
        files, rows, pages = [], [], []
        for number in range(start, min(start + _AT_ONCE, documents)):
            if number % 100 == 0:
                file = station.identifiers.new()
                name = columns.seal("file.name", file, b"x.tif")
                files.append({"id": file, "batch_id": batch, "name_sealed": name, "sha256": f"{number:064x}", "size": 1,
                              "state": "settled", "pages": 100, "captured_at": at, "settled_at": at})  # fmt: skip
            ref, identifier = everybody[number % len(everybody)], station.identifiers.new()
            claim = json.dumps({"damaged": False, "said": [ref, "courrier", None]}).encode()
            rows.append({"id": identifier, "batch_id": batch, "file_id": file, "ordinal": number % 100 + 1, "pages": 1,
                         "patient_index": columns.reference_index(ref), "doc_type": "courrier", "state": "refused",
                         "claim_sealed": columns.seal("document.claim", identifier, claim), "custody": "curable",
                         "reason": "no-authorization", "captured_at": at, "settled_at": at,
                         "cleared_at": at})  # fmt: skip
            pages.append({"file_id": file, "position": number % 100 + 1, "role": "document", "document_id": identifier})
        with station.database.write("bench.write") as session:
            session.execute(insert(FileRow), files)
            session.execute(insert(DocumentRow), rows)
            session.execute(insert(PageRow), pages)


def _keep_nothing(station: Station) -> None:
    """A file for each document, with nothing in it: none is opened."""
    folder = station.config.shared / "quarantine"
    (empty := folder / "empty").touch()
    for document in _refused(station):
        (folder / f"{document}.spool").hardlink_to(empty)


def _keep(station: Station) -> None:
    """Under the release key, a page for each document: 200 dots an inch, 100 KB."""
    wide, high = 1654, 2339
    payload = zlib.compress(os.urandom(100_000) + bytes(wide * high - 100_000))
    page = PageImage(Encoding.FLATE, payload, wide, high, 200.0, 200.0, Colour.GREY)
    for document in _refused(station):
        pack(station.quarantine, document, [page])


def _refused(station: Station) -> list[str]:
    with station.database.read() as session:
        return [document.id for document in station.documents.documents(session, state="refused")]


if __name__ == "__main__":
    main()
