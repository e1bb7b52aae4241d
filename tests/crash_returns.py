"""Scenarios: a station that comes back from its backup, with everything at hand or with something lost."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from lexicon.faults import EXIT_DONE, EXIT_HOST
from pipeline.config import load
from pipeline.office.returning import with_setting
from tests.crash_fixtures import Command, process
from tests.crash_nursery import Nursery
from tests.crash_scenario import WAITING, Scenario, killed_at, opening
from tests.crash_witness import Witness
from tests.trial_fixtures import Trial


def _returning(trial: Trial, _nursery: Nursery, chosen: Callable[[Iterable[Path]], Path] = min) -> Command:
    """From a backup, the first or the `chosen` one, and the host, on another machine each time, old disk at hand."""
    told = trial.config.read_text("utf-8")
    if load(trial.config).host.kind == "folder":
        told = with_setting(told, "host", "folder", str(trial.host))
    their = trial.folder / "their.toml"
    for setting in ("url", "password"):  # on SQLite, whatever it was on
        told = with_setting(told, "database", setting, "")
    their.write_text(told, "utf-8")
    given = ("--with-config", their, "--saved", trial.home)
    backup = chosen((trial.home / "backups").glob("*/manifest.json")).parent
    return lambda start: ("restore", backup, *opening(trial), *given, "--into", _home(trial, start))


def _returning_amid(trial: Trial, nursery: Nursery) -> Command:
    """The same, lost with an object at the host that has no receipt."""
    killed_at(trial, nursery, "receipt.record:before")
    return _returning(trial, nursery)


def _returning_without(
    lost: Callable[[Trial], Iterable[Path]], *, at: str = "", known: bool = False, fallen: bytes = b""
) -> Callable[[Trial, Nursery], Command]:
    """The same, without what the old disk has lost; killed somewhere, of which the backup may have known."""

    def begun(trial: Trial, nursery: Nursery) -> Command:
        if fallen:
            (trial.inbox / "fallen.pdf").write_bytes(fallen)
            os.utime(trial.inbox / "fallen.pdf", (1, 1))  # so old that nobody waits for its end
            nursery.run(trial, *process(trial)(0))
        if at:
            killed_at(trial, nursery, at)
        if known:
            assert nursery.run(trial, "backup").code == EXIT_DONE
        for path in lost(trial):
            path.unlink()
        for scan in trial.inbox.rglob("*.tif"):  # what was not taken yet is the scanner's, not the station's
            scan.unlink()
        return _returning(trial, nursery, max if known else min)

    return begun


def _nothing(_trial: Trial) -> Iterable[Path]:
    return ()


def _kept(trial: Trial) -> Iterable[Path]:
    """What waits for a person."""
    return (trial.home / "quarantine").glob("*.spool")


def _packed(trial: Trial) -> Iterable[Path]:
    """Documents under way, but not their files."""
    with trial.opened() as station, station.database.read() as session:
        under_way = [document.id for document in station.documents.documents(session, state="in-progress")]
    packages = (trial.home / "spool" / f"{document}.spool" for document in under_way)
    return [*filter(Path.exists, packages), *(trial.home / "sealed").glob("*.p7m")]


def _failing(trial: Trial, nursery: Nursery) -> Command:
    """The host that the configuration names is not there."""
    command, their = _returning(trial, nursery), trial.folder / "their.toml"
    told = their.read_text("utf-8")
    their.write_text(with_setting(told, "host", "folder", str(trial.folder / "nowhere")), "utf-8")
    return command


def _returned_at_last(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    ended = nursery.run(trial, *_returning(trial, nursery)(99))
    witness.wrong += [] if ended.code in WAITING else [f"the return ended with {ended.code}: {ended.err[-500:]}"]
    return _returned(trial, nursery, witness)


def _home(trial: Trial, start: int) -> Path:
    return trial.folder / f"back {start}"


def _returned(trial: Trial, nursery: Nursery, _witness: Witness) -> Trial:
    """The last machine, that the station came back to; it works on."""
    back = Trial(max((path.parent for path in trial.folder.glob("back */config.toml")), key=_number))
    (back.folder / "inbox").mkdir(exist_ok=True)
    nursery.run(back, *process(back)(0))
    return back


def _number(path: Path) -> int:
    return int(path.name.rpartition(" ")[2])


RETURNS: Mapping[str, Scenario] = {
    "restore": Scenario(
        _returning, ("restore.stage:*", "restore.records:*", "restore.declare:*", "restore.publish:*", "epoch.list:*"),
        ends=_returned,
    ),
    "restore amid a deposit": Scenario(
        _returning_amid,
        ("restore.head:*", "restore.read:*", "restore.receipt:*", "restore.take:*", "restore.retain:*"),
        fresh=True, soak=True, ends=_returned,
    ),
    "restore, what waited is lost": Scenario(
        _returning_without(_kept, fallen=b"%PDF-1.4"), ("restore.tell:*", "restore.tell-file:*"), WAITING, alone=True,
        soak=True, ends=_returned,
    ),
    "restore, what was sealed is lost": Scenario(
        _returning_without(_packed, at="deposit.put:before"), ("restore.unseal:*", "restore.pack:*"), WAITING,
        alone=True, fresh=True, soak=True, ends=_returned,
    ),
    "restore amid the putting away": Scenario(
        _returning_without(_packed, at="document.quarantine:after", known=True),
        ("restore.unquarantine:*", "restore.tell-backup:*"), WAITING,
        alone=True, fresh=True, soak=True, ends=_returned,
    ),
    "restore amid a capture": Scenario(
        _returning_without(_nothing, at="capture.spool:after"), ("restore.recapture:*",), WAITING, alone=True,
        fresh=True, soak=True, ends=_returned,
    ),
    "restore without the host": Scenario(
        _failing, ("restore.undo:*", "restore.leave:after"), frozenset({EXIT_HOST}), alone=True, soak=True,
        only=("folder",), ends=_returned_at_last,
    ),
}  # fmt: skip
