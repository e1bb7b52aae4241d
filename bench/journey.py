"""What the journey costs beside bare recognition, and the envelope beside OpenSSL: ratios of one run on one machine.

    python bench/journey.py [--documents 20] [--rounds 3] [--megabytes 64]

The peers run in turn with ours: the `tesseract` command over the deposited pages, as many at a time as there are
processors; `openssl cms -encrypt` over the same bytes, to the same certificate.
"""

import argparse
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from PIL import Image

from consent_gate.gate import Policy, decide
from consent_gate.model import Clearance, DocumentId, Fact, FactKind, KnownPatient, Moment, PatientRef
from demo.records import Invented, make_records
from pipeline.office.founding import TRIAL_KEYS, Founding, found
from pipeline.office.journal import start_journal
from pipeline.pages import Limits, grey, open_pages
from pipeline.runs import process_folder
from pipeline.station import open_station
from storage.envelope import seal
from storage.header import Header
from storage.keys import load_recipient


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=20)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--megabytes", type=int, default=64)
    chosen = options.parse_args()
    print(f"{date.today().isoformat()}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")  # noqa: DTZ011  a heading
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/dev/shm") as folder:
        journey(Path(folder), chosen.documents, chosen.rounds)
        envelope(Path(folder), chosen.megabytes, chosen.rounds)


def journey(folder: Path, documents: int, rounds: int) -> None:
    """The whole journey of invented records, against Tesseract alone on the pages that are deposited."""
    records = make_records(folder / "records", datetime.now(UTC).date(), documents=documents)
    pages = _deposited_pages(records, folder / "pages")
    ours, peer = [], []
    for number in range(rounds):
        ours.append(_timed(partial(_process, folder / f"station-{number}", records)))
        peer.append(_timed(partial(_tesseract, pages)))
    images = sum(len(file.pages) for file in records.files)
    print(f"journey: {images} images in, {len(pages)} pages recognised and deposited")
    _report("whole journey", ours, "tesseract alone", peer)
    print(f"  {60 * images / statistics.median(ours):.0f} images a minute through the station")


def envelope(folder: Path, megabytes: int, rounds: int) -> None:
    """Sealing, against `openssl cms -encrypt -aes-256-gcm` with the same recipient."""
    config = found(folder / "keys", Founding("trial", "bench", "bench"), datetime.now(UTC))
    certificate = config.base / TRIAL_KEYS / "client.crt"
    plain = folder / "plain"
    plain.write_bytes(os.urandom(megabytes << 20))
    sha256 = hashlib.sha256(plain.read_bytes()).hexdigest()
    ours, peer = [], []
    for _ in range(rounds):
        ours.append(_timed(partial(_seal, plain, sha256, certificate, folder / "ours.p7m")))
        command = ["openssl", "cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER", "-in", str(plain)]
        command += ["-out", str(folder / "peer.p7m"), str(certificate)]
        peer.append(_timed(partial(subprocess.run, command, check=True)))
        (folder / "ours.p7m").unlink()
    print(f"envelope: {megabytes} MiB")
    _report("seal", ours, "openssl cms -encrypt", peer)
    print(f"  {megabytes / statistics.median(ours):.0f} MiB a second")


def _process(directory: Path, records: Invented) -> None:
    config = found(directory, Founding("trial", "bench", "bench"), datetime.now(UTC))
    start_journal(config.folder / "log")
    station = open_station(config)
    try:
        station.import_sheet("roster", records.patients_csv.read_bytes())
        station.import_sheet("register", records.authorizations_csv.read_bytes())
        process_folder(station, records.scans, lambda _: None, threading.Event())
    finally:
        station.close()


def _deposited_pages(records: Invented, folder: Path) -> list[Path]:
    folder.mkdir()
    paths: list[Path] = []
    for file in records.files:
        wanted = {p for d in file.documents if d.outcome == "deposited" for p in d.pages}
        if not wanted or file.duplicate_of:
            continue
        for number, image in enumerate(open_pages(records.scans / file.name, Limits()), start=1):
            if number in wanted:
                paths.append(folder / f"{len(paths)}.png")
                Image.fromarray(grey(image)).save(paths[-1], dpi=(image.dpi_x, image.dpi_y))
    return paths


def _tesseract(pages: list[Path]) -> None:
    def read(page: Path) -> None:
        command = ["tesseract", str(page), str(page.with_suffix("")), "-l", "fra", "pdf"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OMP_THREAD_LIMIT": "1"})

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(read, pages))


def _seal(plain: Path, sha256: str, certificate: Path, target: Path) -> None:
    clearance = _clearance()
    size = plain.stat().st_size
    header = Header(clearance.document, 1, clearance.decision, sha256, "application/octet-stream")
    with plain.open("rb") as source:
        seal(source, size, header, clearance, recipients=[load_recipient(certificate)], target=target)


def _clearance() -> Clearance:
    now = datetime.now(UTC)
    grant = Fact(reference="bench", kind=FactKind.GRANTED, on=now.date(), recorded_at=now)
    reading = KnownPatient((grant,), now)
    decision = decide(DocumentId("BENCH"), PatientRef("B1"), None, reading, Moment(now, now.date()), Policy())
    if not isinstance(decision, Clearance):
        raise TypeError("the bench's own grant did not open the gate")
    return decision


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _report(ours_name: str, ours: list[float], peer_name: str, peer: list[float]) -> None:
    """Medians, and the ratio round by round, which holds when the machine's speed drifts."""
    ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
    print(f"  {ours_name}: median {statistics.median(ours):.2f} s of {len(ours)}")
    print(f"  {peer_name}: median {statistics.median(peer):.2f} s")
    print(f"  ratio: median {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
