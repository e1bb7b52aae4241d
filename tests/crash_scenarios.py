"""The commands beside the journey over the drop folder: what a station is brought to, and what is typed until it ends.

Each is killed at the points that no scenario before it was killed at, typed again, and the station's work is then left
to end: see `crash_fixtures.walk`.
"""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path

from lexicon.faults import EXIT_CONFIGURATION, EXIT_DONE, EXIT_HOST, EXIT_REGISTER, EXIT_UNEXPECTED, EXIT_WAITING
from pipeline.clock import part_of
from pipeline.config import load
from pipeline.office.returning import with_setting
from storage.hosts.opening import open_host
from storage.hosts.s3 import S3Host
from storage.hosts.settings import S3Settings
from storage.movements import sheets_of
from tests.crash_fixtures import Command, Nursery, Swept, Witness, age, grow_old, process, walk, withdraw, wrong_with
from tests.crash_records import lay_large, lay_records
from tests.crash_told import Teller
from tests.failpoint_fixtures import points
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import Dial

WAITING = frozenset({EXIT_DONE, EXIT_WAITING})
_BOX = "carton 7"
_SHEETS = 40
TYPED_AGAIN = frozenset({EXIT_DONE, EXIT_CONFIGURATION, EXIT_REGISTER})
"""A decision that was recorded before the kill is refused the second time: nothing is left to decide."""
CLIENTS = "given to the client"
"""In a station's folder: what the client opened with his own key. It names whom it is about, and is not searched."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command at a station that has done its work; `begun` prepares it, and says what is typed at the n-th start."""

    begun: Callable[[Trial, Nursery], Command]
    among: tuple[str, ...]
    """Patterns of the points at which it must have been killed at the least."""
    codes: frozenset[int] = frozenset({EXIT_DONE})
    alone: bool = False
    """At these points alone: a start after another crash would leave nothing to come to them."""
    fresh: bool = False
    """It begins with the records in the drop folder."""
    ends: Callable[[Trial, Nursery, Witness], Trial] = lambda trial, _nursery, _witness: trial
    """What is done after the last start; the station that is looked at then."""
    soak: bool = False
    """Too long for every change: `bench/crash.py` alone goes through it."""
    only: tuple[str, ...] = ()
    """Configurations (`sqlite`, `postgresql`, `folder`, `s3`, `mounts`) in which it is possible; all where empty."""
    seconds: float = 300.0
    """After which it is ended by SIGTERM: of what never ends by itself."""


def gone_through(nursery: Nursery, trial: Trial, name: str, new: Sequence[str]) -> Swept:
    """One scenario at a station of its own, killed at the points that are `new`, and at those that are its own."""
    scenario, witness = SCENARIOS[name], Witness()
    armed = dict.fromkeys([*(() if scenario.alone else new), *own_points(name)])
    command = scenario.begun(trial, nursery)
    swept = walk(nursery, trial, command, armed, witness, scenario.seconds)
    if swept.last.code not in scenario.codes:
        swept.wrong.append(f"{name} ended with {swept.last.code}: {swept.last.err[-500:]}")
    end = scenario.ends(trial, nursery, witness)
    age(nursery, end, witness)
    swept.wrong += wrong_with(end, witness, None)
    return swept


def own_points(name: str) -> list[str]:
    """The points that belong to a scenario."""
    return [point for point in points() if is_among(point, SCENARIOS[name].among)]


def is_among(point: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(point, pattern) for pattern in patterns)


def _killed_at(trial: Trial, nursery: Nursery, *armed: str) -> None:
    """The journey, killed at each of these in turn."""
    for point in armed:
        ended = nursery.run(trial, *process(trial)(0), failpoint=f"{point}=kill")
        assert ended.killed, ended.err


def _told(trial: Trial, setting: str, value: str, section: str) -> None:
    trial.config.write_text(with_setting(trial.config.read_text("utf-8"), section, setting, value), "utf-8")


def _added(trial: Trial, sections: str) -> None:
    trial.config.write_text(f"{trial.config.read_text('utf-8')}\n{sections}\n", "utf-8")


def _processed(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    """The station goes on by itself."""
    witness.look(trial, nursery.run(trial, *process(trial)(0)))
    return trial


# --- The journey, in the middle of something --------------------------------------------------------------------------


def _put_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """Killed with the object at the host and no receipt; then the patient withdraws."""
    _killed_at(trial, nursery, "deposit.put:after")
    withdraw(trial, "A1001")
    return process(trial)


def _locked_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """The same, the object locked at the host."""
    _killed_at(trial, nursery, "deposit.retain:after")
    withdraw(trial, "A1001")
    return process(trial)


def _in_parts(trial: Trial, _nursery: Nursery) -> Command:
    """A document that goes to the host in parts."""
    shutil.rmtree(trial.inbox / "lot 1")
    lay_large(trial.inbox / "lot 3")
    return process(trial)


def _in_parts_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """Killed with a part at the host; then the patient withdraws."""
    _in_parts(trial, nursery)
    _killed_at(trial, nursery, "s3.part:after")
    withdraw(trial, "A1001")
    return process(trial)


def _left_unsealed(trial: Trial, nursery: Nursery) -> Command:
    """Killed with an envelope half written in the station, and an object half written at the host; days pass."""
    _killed_at(trial, nursery, "envelope.seal:after", "file.create:after", "folder-host.part:after")
    for name in ("spool/left.spool", "spool/left.spool.part", "sealed/left.p7m.part"):
        (trial.home / name).write_bytes(b"LIASSE\x01\n" + bytes(100))

    def days_later(number: int) -> Sequence[str | Path]:
        grow_old(trial)
        return process(trial)(number)

    return days_later


def _from_another_disk(trial: Trial, _nursery: Nursery) -> Command:
    """The scanner's folder is a file system of its own."""
    folder, aside = trial.inbox / "lot 1", trial.folder / "aside"
    folder.rename(aside)
    folder.mkdir()
    _mount(folder, "64m")
    for path in aside.iterdir():
        shutil.move(path, folder)
    aside.rmdir()
    return process(trial)


def _mount(folder: Path, size: str) -> None:
    """A memory file system."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "liasse-tests", folder], check=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", folder], check=True)


def _unmounted(trial: Trial, _nursery: Nursery, witness: Witness) -> Trial:
    left = list((trial.inbox / "lot 1").iterdir())
    witness.wrong += [f"left where it was scanned: {path}" for path in left]
    _unmount(trial.inbox / "lot 1")
    shutil.rmtree(trial.inbox / "lot 1")
    return trial


def _without_room(trial: Trial, _nursery: Nursery) -> Command:
    """Too little memory to work in."""
    _mount(trial.work, "64k")
    return process(trial)


def _with_room(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    _unmount(trial.work)
    return _processed(trial, nursery, witness)


def _packed_once_more(trial: Trial, nursery: Nursery) -> Command:
    """An attempt before this one found a document more in the file."""
    _killed_at(trial, nursery, "split.record:before")
    with trial.opened() as station, station.database.read() as session:
        file = next(f.id for f in station.documents.files(session) if station.spool.has(part_of(f.id, 1)))
        last = next(n for n in count(1) if not station.spool.has(part_of(file, n + 1)))
    one, more = (trial.home / "spool" / f"{part_of(file, number)}.spool" for number in (last, last + 1))
    shutil.copy(one, more)
    return process(trial)


def _spoilt(trial: Trial, nursery: Nursery) -> Command:
    """Killed with an object at the host that was not read back; then another version of it lies there, altered."""
    _killed_at(trial, nursery, "deposit.put:after")
    config, content = load(trial.config), io.BytesIO()
    settings = config.host.settings(config.path)
    assert isinstance(settings, S3Settings)
    with closing(open_host(settings, config.base, config.station.id)) as host:
        (key,) = (stored.key for stored in host.list("") if stored.key.endswith(".p7m"))
        host.read(key, content)
        content.getbuffer()[-1] ^= 1
        assert isinstance(host, S3Host)
        host.client.put_object(Bucket=settings.bucket, Key=key, Body=content.getvalue())
    return process(trial)


def _made_good(trial: Trial, _nursery: Nursery, witness: Witness) -> Trial:
    """While it lay there, no record could tell of what the host had altered."""
    witness.wrong = [said for said in witness.wrong if not said.startswith("at the host, and no record tells of it")]
    witness.teller = Teller()  # which has read it
    return trial


def _scanned_again(trial: Trial, _nursery: Nursery) -> Command:
    """The same bytes as of a file that was done long ago."""
    lay_records(trial.inbox / "lot 2")
    return process(trial)


def _exhausted(trial: Trial, nursery: Nursery) -> Command:
    """What has ended its process again and again."""
    _killed_at(trial, nursery, *["document.take:after"] * 6)
    return process(trial)


def _reopened(trial: Trial, nursery: Nursery) -> Command:
    """Set aside under limits that nothing passes, then taken again."""
    said = trial.config.read_text("utf-8")
    _added(trial, "[limits]\npixels = 1000")
    nursery.run(trial, *process(trial)(0))
    trial.config.write_text(said, "utf-8")
    nursery.run(trial, "batch", "reopen", _batch(trial))
    return process(trial)


# --- A person's word --------------------------------------------------------------------------------------------------


def _batch(trial: Trial) -> str:
    with trial.opened() as station, station.database.read() as session:
        return str(next(batch for batch, *_ in station.documents.batches(session)))


def _reopening(trial: Trial, _nursery: Nursery) -> Command:
    batch = _batch(trial)
    return lambda _: ("batch", "reopen", batch)


def _under_way(trial: Trial, nursery: Nursery) -> str:
    """A document on its way to the host."""
    _killed_at(trial, nursery, "deposit.intend:before")
    with trial.opened() as station, station.database.read() as session:
        return str(station.documents.documents(session, state="in-progress")[0].id)


def _file_under_way(trial: Trial, nursery: Nursery) -> str:
    _killed_at(trial, nursery, "capture.record:after")
    with trial.opened() as station, station.database.read() as session:
        return str(station.documents.files(session, state="captured")[0].id)


def _decided(
    found: Callable[[Trial, Nursery], str], word: str, *before: str, lost: bool = False
) -> Callable[[Trial, Nursery], Command]:
    """`liasse task WORD` about something on its way; after other words, or after the disk lost its bytes."""

    def begun(trial: Trial, nursery: Nursery) -> Command:
        identifier = found(trial, nursery)
        for said in before:
            nursery.run(trial, "task", said, identifier)
        if lost:
            (trial.home / "spool" / f"{identifier}.spool").unlink()
        return lambda _: ("task", word, identifier)

    return begun


def _resumed(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    """A person lets everything go on."""
    nursery.run(trial, "task", "resume", "--all")
    return _processed(trial, nursery, witness)


# --- Other commands ---------------------------------------------------------------------------------------------------


def _deposited(trial: Trial) -> str:
    with trial.opened() as station, station.database.read() as session:
        (document,) = station.documents.documents(session, state="deposited")
        return str(document.id)


def _fetch(trial: Trial, _nursery: Nursery) -> Command:
    document, into = _deposited(trial), trial.folder / CLIENTS
    into.mkdir()
    return lambda start: ("document", "fetch", document, *_opening(trial), "--out", into / f"{start}.pdf")


def _opening(trial: Trial) -> tuple[str | Path, ...]:
    """With the client's own key."""
    keys = trial.folder / "trial-keys"
    return ("--key", keys / "client.key", "--cert", keys / "client.crt")


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


def _typed(*words: str) -> Callable[[Trial, Nursery], Command]:
    return lambda _trial, _nursery: lambda _: words


def _backed_up(trial: Trial, _nursery: Nursery) -> Command:
    """At the host too; only the last backup is kept, and the records that it needs."""
    _added(trial, "[backup]\nkeep = 1")
    (trial.home / ".offsite-left.part").write_bytes(b"{")
    return lambda _: ("backup",)


def _backed_up_here(trial: Trial, _nursery: Nursery) -> Command:
    _added(trial, "[backup]\nkeep = 1\nat_host = false")
    return lambda _: ("backup",)


def _backed_up_when_due(trial: Trial, _nursery: Nursery) -> Command:
    """By the daemon."""
    _added(trial, "[backup]\nevery = 0.0001")
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
    return lambda _: ("backup", "verify", _backup_of(trial), *_opening(trial))


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


# --- A return ---------------------------------------------------------------------------------------------------------


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
    return lambda start: ("restore", backup, *_opening(trial), *given, "--into", _home(trial, start))


def _returning_amid(trial: Trial, nursery: Nursery) -> Command:
    """The same, lost with an object at the host that has no receipt."""
    _killed_at(trial, nursery, "receipt.record:before")
    return _returning(trial, nursery)


def _returning_without(
    lost: Callable[[Trial], Iterable[Path]], *, at: str = "", known: bool = False, fallen: bytes = b""
) -> Callable[[Trial, Nursery], Command]:
    """The same, without what the old disk has lost; killed somewhere, of which the backup may have known."""

    def begun(trial: Trial, nursery: Nursery) -> Command:
        if fallen:
            (trial.inbox / "fallen.pdf").write_bytes(fallen)
            nursery.run(trial, *process(trial)(0))
        if at:
            _killed_at(trial, nursery, at)
        if known:
            nursery.run(trial, "backup")
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


# --- All of them ------------------------------------------------------------------------------------------------------

SCENARIOS: Mapping[str, Scenario] = {
    "withdrawn after the put": Scenario(
        _put_and_withdrawn, ("take-back.intend:*", "take-back.record:*"), WAITING, fresh=True
    ),
    "amid the taking back": Scenario(_put_and_withdrawn, ("take-back.delete:before",), WAITING, alone=True, fresh=True),
    "after the taking back": Scenario(_put_and_withdrawn, ("take-back.delete:after",), WAITING, alone=True, fresh=True),
    "files half written": Scenario(
        _left_unsealed, ("sealed.sweep:*", "folder-host.clear:*", "orphan.destroy:*"), WAITING, fresh=True,
        only=("folder",),
    ),
    "scanned again": Scenario(_scanned_again, ("capture.discard:*",), WAITING),
    "document fetch": Scenario(_fetch, ("consultation.*",)),
    "authorization import": Scenario(_imported, ("sheet.import:*",)),
    "custody export": Scenario(_writing("custody", "export"), ("ledger.export:*",)),
    "custody checkpoint": Scenario(_typed("custody", "checkpoint"), ("checkpoint.send:*",)),
    "separator print": Scenario(_writing("separator", "print", "--patient", "A1001"), ("sheets.print:*",)),
    "handover build": Scenario(_writing("handover", "build"), ("handover.*",)),
    "backup": Scenario(
        _backed_up,
        ("backup.snapshot:*", "backup.seal:*", "backup.p*", "backup.clear:*", "backup.let-go:*", "backup.delete:*",
         "backup.intend:*", "backup.confirm:*", "backup.strike:*", "backup.give-up:*", "backup.tidy:*",
         "record.delete:*"),
    ),
    "backup here alone": Scenario(_backed_up_here, ("backup.remove:*",), soak=True, alone=True),
    "backup when due": Scenario(_backed_up_when_due, ("backup.attempt:*",), soak=True, alone=True, seconds=15.0),
    "backup verify": Scenario(_verified, ("backup.verified:*", "backup.mark:*"), ends=_forgotten),
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
        ("restore.unquarantine:*", "restore.backups:*", "restore.tell-backup:*"), WAITING,
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
    "batch reopen": Scenario(_reopening, ("batch.reopen:*",), ends=_processed),
    "batch reopened": Scenario(
        _reopened, ("file.take-back:*", "file.leave-quarantine:*"), WAITING, fresh=True, soak=True
    ),
    "task cancel": Scenario(
        _decided(_under_way, "cancel"), ("task.decide:*",), TYPED_AGAIN, fresh=True, ends=_resumed
    ),
    "task resume": Scenario(
        _decided(_under_way, "resume", "cancel"), ("task.decide:*",), TYPED_AGAIN, fresh=True, ends=_processed,
        soak=True,
    ),
    "task abandon": Scenario(
        _decided(_under_way, "abandon", "cancel"), ("document.take:*",), TYPED_AGAIN, fresh=True, ends=_processed,
        soak=True,
    ),
    "abandoned and lost": Scenario(
        _decided(_under_way, "abandon", "cancel", lost=True), ("outcome.lose:*",), TYPED_AGAIN, fresh=True,
        ends=_processed, soak=True,
    ),
    "file abandoned and lost": Scenario(
        _decided(_file_under_way, "abandon", "cancel", lost=True), ("file.lose:*",), TYPED_AGAIN, fresh=True,
        ends=_processed, soak=True,
    ),
    "ended its processes": Scenario(
        _exhausted, ("work.exhaust:before",), WAITING, fresh=True, ends=_resumed, soak=True, alone=True
    ),
    "its end is written down": Scenario(
        _exhausted, ("work.exhaust:after",), WAITING, fresh=True, ends=_resumed, soak=True, alone=True
    ),
    "spoilt by the host": Scenario(
        _spoilt, ("deposit.remove-damaged:*",), WAITING, fresh=True, soak=True, alone=True, only=("s3",),
        ends=_made_good,
    ),
    "scanned onto another disk": Scenario(
        _from_another_disk, ("claim.copy:*", "claim.name-copy:*", "claim.remove:*"), WAITING, fresh=True, soak=True,
        alone=True, only=("mounts",), ends=_unmounted,
    ),
    "too little room to work": Scenario(
        _without_room, ("work.trouble:*",), frozenset({EXIT_UNEXPECTED}), fresh=True, soak=True, alone=True,
        only=("mounts",), ends=_with_room,
    ),
    "packed once more": Scenario(
        _packed_once_more, ("document.unpack:*",), WAITING, fresh=True, soak=True, alone=True, only=("postgresql",)
    ),
    "custody clock": Scenario(
        _ahead, ("clock.accept:*",), TYPED_AGAIN, fresh=True, soak=True, alone=True, only=("folder",), ends=_processed
    ),
    "box receive": Scenario(_box_received, ("paper.record:*",), WAITING, soak=True, ends=_once),
    "host check": Scenario(_typed("host", "check"), ("host.check:*",), soak=True),
    "init": Scenario(_founded, ("station.*", "config.*", "keys.create:*", "trial-keys.create:*"), soak=True),
    "worker": Scenario(
        _typed("worker"), ("worker.announce:*", "worker.beat:*"), soak=True, only=("postgresql",), seconds=15.0,
        ends=_processed,
    ),
    "sent in parts": Scenario(
        _in_parts, ("s3.begin:*", "s3.part:*", "s3.complete:*"), WAITING, fresh=True, soak=True, only=("s3",)
    ),
    "withdrawn amid its parts": Scenario(
        _in_parts_and_withdrawn, ("s3.abort:*",), WAITING, fresh=True, soak=True, only=("s3",), alone=True
    ),
    "locked, then withdrawn": Scenario(
        _locked_and_withdrawn, ("s3.delete-governed:*",), WAITING, fresh=True, soak=True, only=("s3",), alone=True
    ),
}  # fmt: skip


def quick() -> list[str]:
    """Those that the tests of every change go through."""
    return [name for name, scenario in SCENARIOS.items() if not scenario.soak]


def possible(database: str, host: str) -> list[str]:
    """Those of one configuration; where nothing can be mounted, without those that mount."""
    mounts = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
    given = {database, host, "mounts"} if mounts else {database, host}
    return [name for name, scenario in SCENARIOS.items() if set(scenario.only) <= given]
