"""Shared by the station's tests: invented records made once, and one station that processed them all."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]

from demo.records import Invented, InventedFile, make_records
from tests.backup_fixtures import backed, fresh, lived, machine  # noqa: F401  fixtures of what is lost
from tests.pg_fixtures import database_url, either, migrated, postgresql, postgresql_url  # noqa: F401  fixtures of all
from tests.s3_fixtures import seaweed  # noqa: F401  a fixture for every module
from tests.scheduling import Scheduling, in_order
from tests.trial_fixtures import SEED, TODAY, Few, Ran, Trial, make_few, run_command
from tests.wrong_fixtures import ground, scan, site  # noqa: F401  fixtures of what goes wrong


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items[:] = in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """As `in_order` laid the files, where whole files are given out."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return Scheduling(config, log)


@dataclass(frozen=True, slots=True)
class Processed:
    """A trial station after `liasse process` over all invented records."""

    trial: Trial
    invented: Invented
    folder: Path
    """What was processed: the scans, one of them in a subfolder, both named after a patient."""
    files: dict[str, InventedFile]
    """By the name that the command tells."""
    first: Ran
    status: Ran
    """Of `liasse status --json`, right after."""
    began: float
    """Time of day, seconds since 1970."""
    opened: tuple[Path, ...]
    """Files that the command's process opened for writing, and folders that it made."""


@pytest.fixture(scope="session")
def invented_records(tmp_path_factory: pytest.TempPathFactory) -> Invented:
    return make_records(tmp_path_factory.mktemp("records"), TODAY, SEED)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Few:
    """Two documents in one file: laboratory results to be deposited, and a certificate whose patient withdrew."""
    return make_few(
        tmp_path_factory.mktemp("few"),
        "FEW_0001.tif",
        ("resultats_labo", "A1001", "deposited"),
        ("certificat", "A1007", "refused"),
    )


@pytest.fixture
def trial(tmp_path: Path, invented_records: Invented) -> Trial:
    """A new trial station that knows the invented people; veraPDF, which takes seconds to start, is left out."""
    trial = Trial.found(tmp_path / "station", verapdf="never")
    trial.know(invented_records)
    return trial


@pytest.fixture(scope="session")
def processed(invented_records: Invented, tmp_path_factory: pytest.TempPathFactory) -> Processed:
    base = tmp_path_factory.mktemp("processed")
    folder = base / "scans"
    files = _lay_out(invented_records, folder)
    began = time.time()
    trial = Trial.found(base / "station", rule="two-sources")
    trial.know(invented_records)
    first, opened = _audited(trial, base / "audit", folder)
    return Processed(trial, invented_records, folder, files, first, trial.run("status", "--json"), began, opened)


_AUDIT = """
import os, sys
_log = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def _hear(event, arguments):
    if event == "open":
        path, _, flags = arguments
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    elif event in ("os.mkdir", "tempfile.mkstemp", "tempfile.mkdtemp", "os.rename", "os.link"):
        path, writes = arguments[1 if event in ("os.rename", "os.link") else 0], True
    else:
        return
    if writes and isinstance(path, (str, bytes, os.PathLike)):
        os.write(_log, os.fsencode(path) + b"\\n")
sys.addaudithook(_hear)
"""


def _audited(trial: Trial, audit: Path, folder: Path) -> tuple[Ran, tuple[Path, ...]]:
    """`liasse process` with Python's own audit of what is opened (PEP 578)."""
    audit.mkdir()
    (audit / "sitecustomize.py").write_text(_AUDIT, encoding="utf-8")
    log = audit / "log"
    variables = {"PYTHONPATH": str(audit), "PYTHONDONTWRITEBYTECODE": "1", "AUDIT_LOG": str(log)}
    ran = run_command(
        trial.command("--as-of", TODAY.isoformat(), "process", folder, "--json"), trial.environment() | variables
    )
    return ran, tuple(map(Path, log.read_text(encoding="utf-8", errors="surrogateescape").splitlines()))


def _lay_out(invented: Invented, folder: Path) -> dict[str, InventedFile]:
    """The scans as they came, but for the loose image: operators name folders and files after people."""
    shutil.copytree(invented.scans, folder)
    patient = next(p for p in invented.patients if p.usage_name)
    named = f"{patient.birth_name} {patient.given_names[0]}/{patient.usage_name} {patient.ins}.jpg"
    loose = next(file for file in invented.files if file.name.endswith(".jpg"))
    (folder / named).parent.mkdir()
    (folder / loose.name).rename(folder / named)
    return {named if file is loose else file.name: file for file in invented.files}
