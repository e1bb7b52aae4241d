"""A station killed at its failpoints: founded, copied, swept, left to come to its end."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from demo import records
from demo.people import register
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from pipeline.config import load
from pipeline.office.backing import take_backup
from pipeline.office.founding import Founding, found
from tests.crash_nursery import Ended, Nursery
from tests.crash_records import known, lay_records, roster
from tests.crash_witness import Account, Witness, wrong_with
from tests.trial_fixtures import TODAY, Trial, people

# --- The station ------------------------------------------------------------------------------------------------------


Moved = Mapping[str, str]
"""Text of a configuration -> what stands there in the copy."""


def found_template(
    folder: Path, *, database: str = "", password: str = "", host: str = "", backed: bool = False
) -> Trial:
    """A trial station that knows the invented people, the records in its drop folder; to be copied.

    Where it is `backed` up, records go to the host before anything else does, as at every station that is in use.

    `database` and `password` are of `[database]`, SQLite where empty; `host` is a whole `[host]` block, else a folder.
    """
    founding = Founding("trial", "Service inventé", "CT-1", database=database, database_password=password)
    found(folder, founding, datetime.now(UTC))
    trial = Trial(folder)
    trial.work.mkdir(mode=0o700)
    told = trial.config.read_text(encoding="utf-8").replace("settle = 5.0", "settle = 0.0")
    told = told.replace("[station]\n", f'[station]\nwork = "{trial.work}"\n')
    told += '\n[pdfa]\nverapdf = "never"\n\n[identification]\nrule = "separator"\n'
    if host:
        before, _, after = told.partition("[host]\n")
        told = before + host + after.partition("\n\n")[2]
    trial.config.write_text(told, encoding="utf-8")
    roster_csv, register_csv = folder / "roster.csv", folder / "register.csv"
    records._write_roster(roster_csv, roster())
    records._write_register(register_csv, register(dict(known()), TODAY))
    with trial.opened() as station:
        station.import_sheet("roster", roster_csv.read_bytes())
        station.import_sheet("register", register_csv.read_bytes())
        if backed:
            take_backup(station)
    lay_records(trial.inbox / "lot 1")
    return trial


def copied(template: Trial, folder: Path, moved: Moved | None = None) -> Trial:
    """A station of its own, as the template was."""
    shutil.copytree(template.folder, folder)
    trial = Trial(folder, template.variables)
    told = trial.config.read_text(encoding="utf-8")
    for before, after in {str(template.work): str(trial.work), **(moved or {})}.items():
        assert before in told
        told = told.replace(before, after)
    trial.config.write_text(told, encoding="utf-8")
    return trial


# --- What must hold ---------------------------------------------------------------------------------------------------


# --- The sweep --------------------------------------------------------------------------------------------------------

Command = Callable[[int], Sequence[str | Path]]
"""What is typed at the n-th start."""

_DEATHS: Final = 3
"""In which the engine has its part; then its tables are lost as well, for it gives up what has ended five processes."""


@dataclass
class Swept:
    """A command that was killed at one point after the other, until it came to its end."""

    last: Ended
    killed: list[str]
    seconds: float
    wrong: list[str]
    """What does not hold afterwards."""


def process(trial: Trial) -> Command:
    """The journey over the drop folder."""
    return lambda _: ("--as-of", TODAY.isoformat(), "process", trial.inbox, "--json")


def walk(
    nursery: Nursery,
    trial: Trial,
    command: Command,
    points: Iterable[str],
    witness: Witness,
    seconds: float = 300.0,
) -> Swept:
    """Kill a command at the first of these points that it comes to, start it again, until it ends.

    After so many seconds it is asked to end.
    """
    left, killed, began = list(points), list[str](), time.monotonic()
    while True:
        armed = ",".join(f"{point}=kill" for point in left)
        ended = nursery.run(trial, *command(len(killed)), failpoint=armed, kill_after=seconds, by=signal.SIGTERM)
        witness.look(trial, ended)
        if not ended.killed:
            return Swept(ended, killed, time.monotonic() - began, [])
        for point in ended.points:  # two threads may come to one each before the process is gone
            left.remove(point)
            killed.append(point)
        if len(killed) % _DEATHS == 0:
            lose_engine(trial)


def sweep(nursery: Nursery, trial: Trial, points: Iterable[str], reference: Account) -> Swept:
    """The journey, killed at each of these points that it comes to; what is wrong at its end."""
    witness = Witness()
    swept = walk(nursery, trial, process(trial), points, witness)
    age(nursery, trial, witness)
    if swept.last.code not in {EXIT_DONE, EXIT_WAITING}:
        swept.wrong.append(f"the last run ended with {swept.last.code}: {swept.last.err[-500:]}")
    swept.wrong += wrong_with(trial, witness, reference)
    return swept


def killed_at_random(nursery: Nursery, trial: Trial, moments: Iterable[float], reference: Account) -> Swept:
    """The journey, killed after so many seconds, again and again; then left to end."""
    witness, began, killed = Witness(), time.monotonic(), 0
    for moment in moments:
        ended = nursery.run(trial, *process(trial)(0), kill_after=moment)
        witness.look(trial, ended)
        killed += ended.killed
        if killed % _DEATHS == 0:
            lose_engine(trial)
    ended = nursery.run(trial, *process(trial)(0))
    witness.look(trial, ended)
    age(nursery, trial, witness)
    swept = Swept(ended, [f"kill {number}" for number in range(killed)], time.monotonic() - began, [])
    swept.wrong += wrong_with(trial, witness, reference)
    return swept


def age(nursery: Nursery, trial: Trial, witness: Witness) -> None:
    """Where several may work at a station, what nobody knows of is left alone for a day: let it pass."""
    if not load(trial.config).several:
        return
    grow_old(trial)
    witness.look(trial, nursery.run(trial, *process(trial)(0)))


def grow_old(trial: Trial) -> None:
    """Whatever lies in the station was last written two days ago."""
    before = time.time() - timedelta(days=2).total_seconds()
    for path in trial.home.rglob("*"):
        os.utime(path, (before, before))


def withdraw(trial: Trial, ref: str) -> None:
    """The client's register now says that this patient withdrew."""
    (who,) = [patient for patient in people() if patient.ref == ref]
    head = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
    line = f"{ref};{who.birth_name};{who.given_names[0]};{who.birth_date};{who.ins};retiree;{TODAY};;tous_documents;"
    with trial.opened() as station:
        station.import_sheet("register", f"{head}\n{line}\n".encode())


def lose_engine(trial: Trial) -> None:
    """The engine's own tables are no record: they may be gone at any time."""
    url = make_url(load(trial.config).database_url)
    if url.get_backend_name() == "sqlite":
        for path in trial.home.glob("engine.db*"):
            path.unlink()
        return
    engine = create_engine(url.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
    engine.dispose()
