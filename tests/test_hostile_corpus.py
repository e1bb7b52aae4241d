"""Each of the corpus's 150 bad, odd or nasty files through the whole station: one column, one reason, nothing else."""

import itertools
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.records import Invented
from tests.hostile_fixtures import Hostile, Peak, Treated, everything, manifest, treatments, unpack
from tests.trial_fixtures import TODAY, Few, Json, Trial

CORPUS = Path(os.environ.get("LIASSE_CORPUS", "../shared/corpus"))
GIB = 1 << 30

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "hostile.tar.gz").is_file(), reason=f"no hostile corpus in {CORPUS}"),
]

OTHERWISE = {
    "..hidden..pdf": "a name that begins with a dot is a temporary one, and left where it is",
    "paperless_invalid_pdf.pdf": "every page of it can be drawn; a person sees it, held",
    "pillow_hopper_lzma.tif": "its pixels come out whole",
    "pdfjs_GHOSTSCRIPT-698804-1-fuzzed.pdf": "opens, and shows one white page",
    "blank.tif": "a blank page stands in its column, not in a queue",
    "ocrmypdf_blank.pdf": "the same",
    "ocrmypdf_no_contents.pdf": "the same",
}
"""Where the station does not follow the corpus's proposal, and why."""

WELCOME = {"held", "blank", "duplicate", "separator"}
"""Where images of files that can be read stand: no separator says whose they are, though one has a patch code."""


@dataclass(frozen=True, slots=True)
class Run:
    trial: Trial
    hostile: tuple[Hostile, ...]
    treated: dict[str, Treated]
    left: int
    accounts: Json
    code: int
    seconds: float
    peak: int
    longest: float
    """Seconds between two lines: no file takes longer."""
    strangers: frozenset[str]
    """What was made or removed outside the station's folder."""
    err: str


LATER = ("ocrmypdf_", "paperless_", "pikepdf_", "verapdf_")
"""Files of other programs' own tests, most of them sound and slow to draw: `make soak` has them too."""


@pytest.fixture(
    scope="module", params=[pytest.param(LATER, id="few"), pytest.param((), id="all", marks=pytest.mark.slow)]
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Run:
    base = tmp_path_factory.mktemp("hostile")
    files = unpack(CORPUS, base / "corpus")
    later: tuple[str, ...] = request.param
    for left_out in [path for path in files.iterdir() if path.name.startswith(later)]:
        left_out.unlink()
    trial = Trial.found(base / "station", verapdf="never")
    trial.know(invented_records)
    elsewhere = [base / name for name in ("home", "cwd", "corpus")]
    for folder in elsewhere[:2]:
        folder.mkdir()
    before, began, lines, ticks = everything(*elsewhere), time.monotonic(), [], [time.monotonic()]
    command = trial.command("--as-of", TODAY.isoformat(), "process", files, "--json")
    with (
        (base / "err").open("w+b") as err,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE, stderr=err, env=trial.environment() | {"HOME": str(base / "home")},
            cwd=base / "cwd", text=True,
        ) as process,
        Peak().of(process.pid) as peak,
    ):  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(json.loads(line))
            ticks.append(time.monotonic())
        code = process.wait()
    return Run(
        trial=trial,
        hostile=tuple(one for one in manifest(base / "corpus" / "manifest.csv") if not one.name.startswith(later)),
        treated=treatments(lines),
        left=sum(line["files"] for line in lines if line["kind"] == "left"),
        accounts=lines[-1],
        code=code,
        seconds=time.monotonic() - began,
        peak=peak.bytes,
        longest=max(later - sooner for sooner, later in itertools.pairwise(ticks)),
        strangers=before ^ everything(*elsewhere),
        err=(base / "err").read_text(encoding="utf-8"),
    )


def meets(proposed: str, treated: Treated | None) -> bool:
    """Whether a treatment is what the corpus proposes: each proposal begins with its first choice."""
    if treated is None:
        return proposed.startswith(("ignore", "wait"))
    columns = set(treated.columns)
    aside, welcome = columns == {"set-aside"}, columns <= WELCOME
    if proposed.startswith("quarantine"):
        return aside or " or accept" in proposed
    if proposed.startswith("review queue"):
        return aside or "held" in columns
    if proposed.startswith("KEPT"):
        return columns == {"held"}
    if "quarantine" in proposed or proposed.startswith(("as js", "validator", "by content")):
        return aside or welcome
    return welcome


def test_each_file_meets_what_it_should(run: Run) -> None:
    assert len(run.hostile) in {105, 150}
    unlike = {one.name for one in run.hostile if not meets(one.proposed, run.treated.get(one.name))}
    assert unlike == OTHERWISE.keys() & {one.name for one in run.hostile}


def test_each_file_is_in_its_columns_with_a_reason_and_the_rest_is_counted(run: Run) -> None:
    assert run.code == 3
    assert run.left + len(run.treated) == len(run.hostile)
    assert all(treated.columns for treated in run.treated.values())
    unexplained = [n for n, t in run.treated.items() if {"held", "set-aside"} & set(t.columns) and not t.reasons]
    assert unexplained == []
    mixed = [
        name for name, treated in run.treated.items() if "set-aside" in treated.columns and len(treated.columns) > 1
    ]
    assert mixed == []
    assert run.accounts["images"]["balanced"]
    assert run.accounts["images"]["in-progress"] == 0


def test_nothing_is_unexpected_and_nothing_takes_a_decoder_down(run: Run) -> None:
    reasons = {reason for treated in run.treated.values() for reason in treated.reasons}
    assert not {reason for reason in reasons if reason.startswith(("unexpected", "decoder-"))}
    assert "Traceback" not in run.err


def test_none_takes_two_minutes_or_two_gibibytes(run: Run) -> None:
    assert run.longest < 120
    assert run.peak < 2 * GIB


def test_nothing_is_written_outside_the_stations_folders(run: Run) -> None:
    assert run.strangers == frozenset()
    assert run.trial.left_at_work() == []


def test_the_station_deposits_a_good_record_afterwards(run: Run, few: Few) -> None:
    ran = run.trial.process(few.path.parent, "--json")
    assert sorted(line["outcome"] for line in ran.of_kind("document")) == ["deposited", "refused"]


def test_no_name_of_a_file_is_in_the_log_or_on_the_error_output(run: Run) -> None:
    log = (run.trial.home / "log" / "liasse.jsonl").read_text(encoding="utf-8")
    for name in ("DUPONT", "185057599110817", "hopper", "fdp.exe", "latin1"):
        assert name not in log + run.err
