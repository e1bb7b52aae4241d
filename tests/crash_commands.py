"""Scenarios: the commands beside the journey, at a station that has done its work."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lexicon.faults import EXIT_DONE
from storage.movements import sheets_of
from tests.crash_fixtures import Command
from tests.crash_nursery import Nursery
from tests.crash_scenario import TYPED_AGAIN, WAITING, Scenario, added, opening, processed, typed
from tests.crash_witness import Witness
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import Dial

_BOX = "carton 7"
_SHEETS = 40
CLIENTS = "given to the client"
"""In a station's folder: what the client opened with his own key. It names whom it is about, and is not searched."""


def _fetch(trial: Trial, _nursery: Nursery) -> Command:
    document, into = _deposited(trial), trial.folder / CLIENTS
    into.mkdir()
    return lambda start: ("document", "fetch", document, *opening(trial), "--out", into / f"{start}.pdf")


def _deposited(trial: Trial) -> str:
    with trial.opened() as station, station.database.read() as session:
        (document,) = station.documents.documents(session, state="deposited")
        return str(document.id)


def _imported(trial: Trial, _nursery: Nursery) -> Command:
    return lambda _: ("authorization", "import", trial.folder / "register.csv")


def _writing(*words: str) -> Callable[[Trial, Nursery], Command]:
    """A command that writes something new each time."""
    return lambda trial, _nursery: lambda start: (*words, "--out", trial.folder / f"written {start}")


def _ahead(trial: Trial, _nursery: Nursery) -> Command:
    """The station has worked with a clock that was an hour ahead, which a host by S3 does not take."""
    place = trial.folder / "dial"
    place.mkdir()
    dial = Dial(place)
    dial.turn(3600)
    ahead = replace(trial, variables=dial.variables)
    assert ahead.process(trial.inbox).code in WAITING
    return lambda _: ("custody", "clock", "--accept")


def _backed_up(trial: Trial, nursery: Nursery) -> Command:
    """At the host too; only the last backup is kept, and the records that it needs. One is at the host alone."""
    assert nursery.run(trial, "backup").code == EXIT_DONE
    shutil.rmtree(max((trial.home / "backups").glob("*/manifest.json")).parent)
    added(trial, "[backup]\nkeep = 1")
    (trial.home / ".offsite-left.part").write_bytes(b"{")
    return lambda _: ("backup",)


def _backed_up_here(trial: Trial, _nursery: Nursery) -> Command:
    added(trial, "[backup]\nkeep = 1\nat_host = false")
    return lambda _: ("backup",)


def _backed_up_when_due(trial: Trial, _nursery: Nursery) -> Command:
    """By the daemon."""
    added(trial, "[backup]\nevery = 0.0001")
    return lambda _: ("watch",)


def _backup_of(trial: Trial) -> Path:
    return min((trial.home / "backups").glob("*/manifest.json")).parent


def _box_received(trial: Trial, _nursery: Nursery) -> Command:
    """Whoever was interrupted asks what stands before typing it again."""

    def typed(_start: int) -> Sequence[str | Path]:
        with trial.opened() as station, station.database.read() as session:
            stands = sheets_of(session, station.columns, _BOX)["received"]
        return ("status",) if stands else ("box", "receive", _BOX, "--sheets", str(_SHEETS))

    return typed


def _once(trial: Trial, _nursery: Nursery, witness: Witness) -> Trial:
    with trial.opened() as station, station.database.read() as session:
        stands = sheets_of(session, station.columns, _BOX)["received"]
    witness.wrong += [] if stands == _SHEETS else [f"{stands} sheets received, and not {_SHEETS}"]
    return trial


def _verified(trial: Trial, _nursery: Nursery) -> Command:
    return lambda _: ("backup", "verify", _backup_of(trial), *opening(trial))


def _forgotten(trial: Trial, _nursery: Nursery, witness: Witness) -> Trial:
    """Of what a backup has, keys included, nothing is left in memory."""
    ours = {path.read_bytes() for path in (trial.home / "keys").iterdir()}
    there = Path("/dev/shm").glob("liasse-*/content/keys/*")  # noqa: S108  where it is unpacked
    left = [path for path in there if path.read_bytes() in ours]
    witness.wrong += [f"left in memory: {path}" for path in left]
    return trial


def _founded(trial: Trial, _nursery: Nursery) -> Command:
    """Another station, each time in a folder of its own: one that was being founded has done nothing yet."""
    asked = ("--trial", "--yes", "--client", "Service inventé", "--contract", "CT-2")
    return lambda start: ("init", trial.folder / f"founded {start}", *asked)


COMMANDS: Mapping[str, Scenario] = {
    "document fetch": Scenario(_fetch, ("consultation.*",)),
    "authorization import": Scenario(_imported, ("sheet.import:*",)),
    "custody export": Scenario(_writing("custody", "export"), ("ledger.export:*",)),
    "custody checkpoint": Scenario(typed("custody", "checkpoint"), ("checkpoint.send:*",)),
    "separator print": Scenario(_writing("separator", "print", "--patient", "A1001"), ("sheets.*",)),
    "handover build": Scenario(_writing("handover", "build"), ("handover.*",)),
    "backup": Scenario(
        _backed_up,
        ("backup.snapshot:*", "backup.seal:*", "backup.p*", "backup.clear:*", "backup.let-go:*", "backup.delete:*",
         "backup.intend:*", "backup.confirm:*", "backup.strike:*", "backup.give-up:*", "backup.tidy:*",
         "backup.list:*", "backup.look:*",
         "record.delete:*"),
    ),
    "backup here alone": Scenario(_backed_up_here, ("backup.remove:*",), soak=True, alone=True),
    "backup when due": Scenario(_backed_up_when_due, ("backup.attempt:*",), soak=True, alone=True, seconds=15.0),
    "backup verify": Scenario(
        _verified, ("backup.verified:*", "backup.mark:*", "backup.forget-part:*"), ends=_forgotten
    ),
    "custody clock": Scenario(
        _ahead, ("clock.accept:*",), TYPED_AGAIN, fresh=True, soak=True, alone=True, only=("folder", "faketime"),
        ends=processed,
    ),
    "box receive": Scenario(_box_received, ("paper.record:*",), WAITING, soak=True, ends=_once),
    "host check": Scenario(typed("host", "check"), ("host.check:*",), soak=True),
    "init": Scenario(_founded, ("station.*", "config.*", "keys.create:*", "trial-keys.create:*"), soak=True),
    "worker": Scenario(
        typed("worker"), ("worker.announce:*", "worker.beat:*"), soak=True, only=("postgresql",), seconds=15.0,
        ends=processed,
    ),
}  # fmt: skip
