"""The wheel, as a stranger installs it: the rooms and nothing else, in a clean environment, from anywhere."""

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from demo.records import Invented
from lexicon.faults import EXIT_DONE, EXIT_EVIDENCE
from tests.command_mother import COMMAND
from tests.trial_fixtures import environment, run_command

HOUSE = Path(__file__).parents[1]
ROOMS = {"commands", "consent_gate", "demo", "handover", "lexicon", "pipeline", "storage"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=HOUSE, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_has_the_rooms_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert {name.partition("/")[0] for name in names} == ROOMS | {"cli.py"}
    assert not [name for name in names if "test" in name.lower() or "__pycache__" in name]
    suffixes = {Path(name).suffix for name in names}
    assert suffixes <= {
        ".csv", ".icc", ".java", ".mako", ".md", ".py", ".sh", ".toml", ".traineddata", ".ttf", ".txt", ".typed",
    }  # fmt: skip


def test_the_wheel_has_all_that_git_has_in_the_rooms(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *sorted(ROOMS), "cli.py"], cwd=HOUSE, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    with zipfile.ZipFile(wheel) as archive:
        assert set(listed.stdout.split()) <= set(archive.namelist())


LOCK = HOUSE / "locks" / "run.txt"


def _link_locked(folder: Path) -> None:
    """What `make test` installed, checked by hash, of the packages that the lock of `make demo` names: no other."""
    (site,) = folder.glob("lib/python*/site-packages")
    lines = re.findall(r"^[\w.-]+==.*", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    for locked in (Requirement(line.rstrip("\\ ")) for line in lines):
        if locked.marker is not None and not locked.marker.evaluate():
            continue
        package = metadata.distribution(locked.name)
        assert locked.specifier.contains(package.version), locked
        for top in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(package.locate_file(top))))


@pytest.fixture(scope="module", params=["linked", pytest.param("installed", marks=pytest.mark.slow)])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment of its own: the locked dependencies, checked by hash, and the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--disable-pip-version-check", "--quiet", "install"]
    steps = [["--no-deps", str(wheel)]]
    if request.param == "linked":
        _link_locked(folder)
    else:
        steps.insert(0, ["--require-hashes", "-r", str(LOCK)])
    for what in steps:
        ended = subprocess.run([*pip, *what], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
    return folder / "bin" / "liasse"


def test_the_wheel_runs_from_anywhere(installed: Path, invented_records: Invented, tmp_path: Path) -> None:
    def liasse(*arguments: str | Path) -> str:
        ran = run_command([installed, *arguments], environment(tmp_path / "tmp"), cwd=Path("/"))
        assert ran.code == EXIT_DONE, ran.err
        return ran.out

    station = tmp_path / "poste"
    assert liasse("--version").startswith("liasse, version ")
    liasse("init", station, "--trial", "--yes")
    imported = json.loads(
        liasse("--config", station / "config.toml", "patient", "import", invented_records.patients_csv, "--json")
    )
    assert imported["added"] == len(invented_records.patients)
    status = json.loads(liasse("--config", station / "config.toml", "status", "--json"))
    assert status["images"]["balanced"] is True


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_foreign_module_of_the_same_name_is_not_run(tmp_path: Path, room: str) -> None:
    foreign = tmp_path / room
    foreign.mkdir()
    (foreign / "__init__.py").write_text("print('foreign code ran')\n", encoding="utf-8")
    ran = run_command([COMMAND, "--version"], environment(tmp_path / "tmp", PYTHONPATH=str(tmp_path)))
    assert (ran.code, ran.out) == (EXIT_EVIDENCE, "")
    assert "[modules-shadowed]" in ran.err
    assert f"« {room} »" in ran.err


HEAVY = {"alembic", "cryptography", "cv2", "numpy", "pikepdf", "PIL", "pydantic", "pypdfium2", "rich", "sqlalchemy"} | {
    "sqlmodel",
    "structlog",
    "watchdog",
    "zxingcpp",
}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["process", "--help"]])
def test_help_answers_at_once(arguments: list[str]) -> None:
    program = (
        "import sys, cli\n"
        f"sys.argv = ['liasse', *{arguments!r}]\n"
        "try:\n    cli.main()\n"
        f"finally:\n    print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=HOUSE, env=dict(os.environ)
    )
    assert (ran.returncode, ran.stderr.strip()) == (EXIT_DONE, "[]")
