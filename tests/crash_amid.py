"""Scenarios: the journey in the middle of something, and a person's word about what is on its way."""

import io
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path

from lexicon.faults import EXIT_UNEXPECTED
from pipeline.clock import part_of
from pipeline.config import load
from storage.hosts.opening import open_host
from storage.hosts.s3 import S3Host
from storage.hosts.settings import S3Settings
from tests.crash_fixtures import Command, grow_old, process, withdraw
from tests.crash_nursery import Nursery
from tests.crash_records import lay_large, lay_records
from tests.crash_scenario import TYPED_AGAIN, WAITING, Scenario, added, killed_at, processed
from tests.crash_told import Teller
from tests.crash_witness import Witness
from tests.trial_fixtures import Trial
from tests.wrong_fixtures import mount, unmount


def _put_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """Killed with the object at the host and no receipt; then the patient withdraws."""
    killed_at(trial, nursery, "deposit.put:after")
    withdraw(trial, "A1001")
    return process(trial)


def _locked_and_withdrawn(trial: Trial, nursery: Nursery) -> Command:
    """The same, the object locked at the host."""
    killed_at(trial, nursery, "deposit.retain:after")
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
    killed_at(trial, nursery, "s3.part:after")
    withdraw(trial, "A1001")
    return process(trial)


def _left_unsealed(trial: Trial, nursery: Nursery) -> Command:
    """Killed with an envelope half written in the station, and an object half written at the host; days pass."""
    killed_at(trial, nursery, "envelope.seal:after", "file.create:after", "folder-host.part:after")
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
    assert mount(folder, "64m")
    for path in aside.iterdir():
        shutil.move(path, folder)
    aside.rmdir()
    return process(trial)


def _unmounted(trial: Trial, _nursery: Nursery, witness: Witness) -> Trial:
    left = list((trial.inbox / "lot 1").iterdir())
    witness.wrong += [f"left where it was scanned: {path}" for path in left]
    unmount(trial.inbox / "lot 1")
    shutil.rmtree(trial.inbox / "lot 1")
    return trial


def _without_room(trial: Trial, _nursery: Nursery) -> Command:
    """Too little room to work in."""
    assert mount(trial.work, "64k")
    return process(trial)


def _with_room(trial: Trial, nursery: Nursery, witness: Witness) -> Trial:
    unmount(trial.work)
    return processed(trial, nursery, witness)


def _packed_once_more(trial: Trial, nursery: Nursery) -> Command:
    """An attempt before this one found a document more in the file."""
    killed_at(trial, nursery, "split.record:before")
    with trial.opened() as station, station.database.read() as session:
        file = next(f.id for f in station.captured.files(session) if station.spool.has(part_of(f.id, 1)))
        last = next(n for n in count(1) if not station.spool.has(part_of(file, n + 1)))
    one, more = (trial.home / "spool" / f"{part_of(file, number)}.spool" for number in (last, last + 1))
    shutil.copy(one, more)
    return process(trial)


def _spoilt(trial: Trial, nursery: Nursery) -> Command:
    """Killed with an object at the host that was not read back; then another version of it lies there, altered."""
    killed_at(trial, nursery, "deposit.put:after")
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
    """While it lay there, no record could tell of what the host had altered: of that one object."""
    untold = {said for said in witness.wrong if said.startswith("at the host, and no record tells of it")}
    witness.wrong = [said for said in witness.wrong if said not in untold] + sorted(untold)[1:]
    witness.teller = Teller()  # which has read it
    return trial


def _scanned_again(trial: Trial, _nursery: Nursery) -> Command:
    """The same bytes as of a file that was done long ago."""
    lay_records(trial.inbox / "lot 2")
    return process(trial)


def _exhausted(trial: Trial, nursery: Nursery) -> Command:
    """What has ended its process again and again."""
    killed_at(trial, nursery, *["document.take:after"] * 6)
    return process(trial)


# --- A person's word --------------------------------------------------------------------------------------------------


def _reopened(trial: Trial, nursery: Nursery) -> Command:
    """Set aside under limits that nothing passes, then taken again."""
    said = trial.config.read_text("utf-8")
    added(trial, "[limits]\npixels = 1000")
    nursery.run(trial, *process(trial)(0))
    trial.config.write_text(said, "utf-8")
    nursery.run(trial, "batch", "reopen", _batch(trial))
    return process(trial)


def _batch(trial: Trial) -> str:
    with trial.opened() as station, station.database.read() as session:
        return str(next(batch for batch, *_ in station.batches.all(session)))


def _reopening(trial: Trial, _nursery: Nursery) -> Command:
    batch = _batch(trial)
    return lambda _: ("batch", "reopen", batch)


def _under_way(trial: Trial, nursery: Nursery) -> str:
    """A document on its way to the host."""
    killed_at(trial, nursery, "deposit.intend:before")
    with trial.opened() as station, station.database.read() as session:
        return str(station.documents.documents(session, state="in-progress")[0].id)


def _file_under_way(trial: Trial, nursery: Nursery) -> str:
    killed_at(trial, nursery, "capture.record:after")
    with trial.opened() as station, station.database.read() as session:
        return str(station.captured.files(session, state="captured")[0].id)


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
    return processed(trial, nursery, witness)


AMID: Mapping[str, Scenario] = {
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
    "sent in parts": Scenario(
        _in_parts, ("s3.begin:*", "s3.part:*", "s3.complete:*"), WAITING, fresh=True, soak=True, only=("s3",)
    ),
    "withdrawn amid its parts": Scenario(
        _in_parts_and_withdrawn, ("s3.abort:*",), WAITING, fresh=True, soak=True, only=("s3",), alone=True
    ),
    "locked, then withdrawn": Scenario(
        _locked_and_withdrawn, ("s3.delete-governed:*",), WAITING, fresh=True, soak=True, only=("s3",), alone=True
    ),
    "batch reopen": Scenario(_reopening, ("batch.reopen:*",), ends=processed),
    "batch reopened": Scenario(
        _reopened, ("file.take-back:*", "file.leave-quarantine:*"), WAITING, fresh=True, soak=True
    ),
    "task cancel": Scenario(
        _decided(_under_way, "cancel"), ("task.decide:*",), TYPED_AGAIN, fresh=True, ends=_resumed
    ),
    "task resume": Scenario(
        _decided(_under_way, "resume", "cancel"), ("task.decide:*",), TYPED_AGAIN, fresh=True, ends=processed,
        soak=True,
    ),
    "task abandon": Scenario(
        _decided(_under_way, "abandon", "cancel"), ("document.take:*",), TYPED_AGAIN, fresh=True, ends=processed,
        soak=True,
    ),
    "abandoned and lost": Scenario(
        _decided(_under_way, "abandon", "cancel", lost=True), ("outcome.lose:*",), TYPED_AGAIN, fresh=True,
        ends=processed, soak=True,
    ),
    "file abandoned and lost": Scenario(
        _decided(_file_under_way, "abandon", "cancel", lost=True), ("file.lose:*",), TYPED_AGAIN, fresh=True,
        ends=processed, soak=True,
    ),
}  # fmt: skip
