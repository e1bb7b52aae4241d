"""The three custody classes: curable for a while, closed to the station for good, final without a trace but a line."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from demo.records import Invented
from lexicon.faults import StationFault
from pipeline import steps as engine_steps
from pipeline.asking_again import ask_again
from pipeline.clock import wall
from pipeline.custody_end import close_curable, close_file, close_overdue, sweep_closing
from pipeline.model import Archival, Held, Recognised, Scan
from pipeline.office import tasks
from pipeline.office.doctor.inside import of_station
from pipeline.office.founding import EXAMPLE
from pipeline.pages import open_pages
from pipeline.reopen import reopen
from pipeline.settle import sweep
from pipeline.station import Station
from storage import effects
from storage.custody import DESTROYED, KEPT_TOO_LONG, KEY_DESTROYED, EntryType
from storage.effects import armed_by
from storage.envelope import open_envelope
from storage.spool import Spool
from storage.stored import StoredFile
from tests.custody_fixtures import (
    CLEARED,
    UNHEARD,
    WITHDRAWN,
    Case,
    KeptOnItsWay,
    days_later,
    documents,
    entries_about,
    everything_in,
    images_of,
    kept,
    make_final,
    one_of,
    opened_later,
    require_balance,
    says,
)
from tests.hunter import Hunter, Person, Trace, bare
from tests.test_reopen import NARROW
from tests.test_station_gate import OURS
from tests.trial_fixtures import RememberingTools, Trial, make_few, register_sheet, work

PERSON = "01K00000000000000000000000"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def scans(tmp_path: Path, *cases: Case, name: str = "SCAN_0001.tif") -> Path:
    return make_few(tmp_path / "scans", name, *cases).path.parent


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


# --- Curable, for a while ---------------------------------------------------------------------------------------------


def test_what_was_curable_for_too_long_is_sealed_for_the_client(trial: Trial, tmp_path: Path, empty: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, UNHEARD))
        stored = one_of(station, "A1009")
        images = images_of(station.quarantine, stored.id)
        days_later(station, 29.9)
        work(station, empty)
        assert kept(one_of(station, "A1009")) == ("refused", "no-authorization", "curable")
    with opened_later(trial, 30.1) as station:
        work(station, empty)
        assert kept(one_of(station, "A1009")) == ("refused", "no-authorization", "closed")
        assert station.quarantine.ids() == ()
        assert entries_about(station, stored.id)[-3:] == [
            (EntryType.SEALING, KEPT_TOO_LONG),
            (EntryType.DESTRUCTION, "working-copies"),
            (EntryType.DESTRUCTION, KEY_DESTROYED),
        ]
        original = trial.open_with_openssl(station.closed_path(stored.id), tmp_path / "original.pdf")
        assert all(image.payload in original.read_bytes() for image in images)
        require_balance(station)
    assert trial.left_at_work() == []


def test_a_document_of_nobody_is_sealed_for_the_client_all_the_same(trial: Trial, tmp_path: Path) -> None:
    """Held for identity: no patient, no answer of the gate, and a time that is over."""
    with trial.opened() as station:
        work(station, _without_separator(tmp_path))
        (stored,) = documents(station)
        assert kept(stored) == ("held", "no-separator", "curable")
        assert isinstance(ask_again(station, stored), Held)
        days_later(station, 31)
        assert close_overdue(station) == 1
        (stored,) = documents(station)
        assert kept(stored) == ("held", "no-separator", "closed")
        trial.open_with_openssl(station.closed_path(stored.id), tmp_path / "original.pdf")
        require_balance(station)


def _without_separator(tmp_path: Path) -> Path:
    few = make_few(tmp_path / "made", "WITH_0001.tif", UNHEARD)
    folder = tmp_path / "bare"
    folder.mkdir()
    with Image.open(few.path) as made:
        made.seek(few.documents[0].pages[0] - 1)
        made.save(folder / "BARE_0001.tif", dpi=(200, 200))
    return folder


def test_a_file_set_aside_is_sealed_as_it_came(trial: Trial, tmp_path: Path) -> None:
    folder = scans(tmp_path, UNHEARD)
    said = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(said + NARROW, encoding="utf-8")
    with trial.opened() as station:
        work(station, folder)
        (identifier,) = station.quarantine.ids()
        days_later(station, 31)
        assert close_overdue(station) == 1
        assert station.quarantine.ids() == ()
        assert entries_about(station, identifier)[-2:] == [
            (EntryType.SEALING, KEPT_TOO_LONG),
            (EntryType.DESTRUCTION, KEY_DESTROYED),
        ]
        opened = trial.open_with_openssl(station.closed_path(identifier), tmp_path / "file")
        assert opened.read_bytes() == (folder / "SCAN_0001.tif").read_bytes()
        with station.database.read() as session:
            (file,) = station.captured.files(session)
        assert (file.state, file.custody) == ("set-aside", "closed")
        assert reopen(station, file.batch) == ()
        with pytest.raises(StationFault, match="file-closed"):
            reopen(station, file.batch, file.id)
        require_balance(station)
        assert not close_file(station, identifier)


def test_a_clock_that_nobody_can_trust_closes_nothing(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, UNHEARD))
    with opened_later(trial, 31) as station:
        ask_again(station, one_of(station, "A1009"))
    with trial.opened() as station:
        assert not station.clock.moment().trusted
        assert station.clock.now() > wall() + timedelta(days=30)
        assert close_overdue(station) == 0
        assert one_of(station, "A1009").custody == "curable"


def test_one_that_cannot_be_read_keeps_no_other(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, UNHEARD, UNHEARD))
        first, _ = documents(station)
        path = trial.home / "quarantine" / f"{first.id}.spool"
        path.write_bytes(path.read_bytes()[:-40])
        days_later(station, 31)
        assert close_overdue(station) == 1
        assert [document.custody for document in documents(station)] == ["curable", "closed"]
        days_later(station, 32)
        (check,) = [check for check in of_station(station) if check.name == "quarantine"]
        assert (check.fault and check.fault.code) == "quarantine-overdue"


def test_a_curable_document_is_closed_when_the_gate_closes_for_good(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, UNHEARD))
        says(station, invented_records, "A1009", "refusee")
        stored = one_of(station, "A1009")
        refused = ask_again(station, stored)
        assert close_curable(station, stored.id, refused)  # type: ignore[arg-type]  # it is refused
        assert kept(one_of(station, "A1009")) == ("refused", "refused", "closed")
        assert station.quarantine.ids() == ()
        assert not close_curable(station, stored.id), "it is closed already"
        require_balance(station)


POINTS = (
    "closing.seal:before", "closing.seal:after", "closing.record:before", "closing.place:before", "closing.place:after",
    "closing.record:after", "closing.tidy:before", "closing.tidy:after", "document.destroy:before",
    "quarantine.destroy:before", "quarantine.destroy:after", "original.forget:before", "clearing.record:before",
    "clearing.record:after",
)  # fmt: skip


def test_a_crash_anywhere_leaves_it_curable_or_closed(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, *[UNHEARD] * len(POINTS)))
        for stored, point in zip(documents(station), POINTS, strict=True):
            monkeypatch.setattr(effects, "_armed", armed_by({"LIASSE_FAILPOINT": f"{point}=raise"}))
            with pytest.raises(KeyboardInterrupt):
                close_curable(station, stored.id)
            monkeypatch.setattr(effects, "_armed", None)
            with station.database.read() as session:
                now = station.documents.document(session, stored.id)
            assert now is not None
            if now.custody == "curable":
                assert images_of(station.quarantine, stored.id)
            else:
                assert station.closed_path(stored.id).exists()
            sweep(station, alone=True)
            sweep_closing(station)
            close_curable(station, stored.id)
            assert not station.quarantine.has(stored.id)
            trial.open_with_openssl(station.closed_path(stored.id), tmp_path / f"{stored.id}.pdf")
            ends = [end for _, end in entries_about(station, stored.id)]
            assert (ends.count(KEPT_TOO_LONG), ends.count(KEY_DESTROYED)) == (1, 1), point
        require_balance(station)
    assert trial.left_at_work() == []


def test_what_a_person_gives_up_is_closed_where_the_patient_says_no(
    trial: Trial, tmp_path: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", KeptOnItsWay)
    with trial.opened() as station:
        work(station, scans(tmp_path, CLEARED, CLEARED))
        first, second = documents(station)
        tasks.abandon(station, first.id)
        says(station, invented_records, "A1001", "retiree")
        tasks.abandon(station, second.id)
        first, second = documents(station)
        assert kept(first) == ("set-aside", "abandoned", "curable")
        assert kept(second) == ("refused", "withdrawn", "closed")
        assert station.quarantine.ids() == (first.id,)
        require_balance(station)


# --- Closed: the station alone gets nothing back ----------------------------------------------------------------------


def test_the_station_with_all_its_keys_cannot_open_a_closed_document(
    trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while another document of the same file is on its way."""
    folder = scans(tmp_path, CLEARED, WITHDRAWN)
    monkeypatch.setattr(engine_steps, "DocumentTools", KeptOnItsWay)
    with trial.opened() as station:
        work(station, folder)
        travels, closed = one_of(station, "A1001"), one_of(station, "A1007")
        assert (travels.state, closed.custody) == ("in-progress", "closed")
        assert station.spool.ids() == (travels.id,), "the file's own copy went with the closed document's"
        secret = _closed_payloads(station, folder, closed.id)
        assert not any(payload in _readable(station, trial) for payload in secret)
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)
    with trial.opened() as station:
        tasks.resume(station, travels.id)
        work(station, tmp_path / "scans")
        assert one_of(station, "A1001").state == "deposited"
        assert not any(payload in _readable(station, trial) for payload in secret)
        envelope, key = station.closed_path(closed.id), station.keys.signature
        with pytest.raises(StationFault, match="key-not-recipient"):
            open_envelope(envelope, key, station.keys.certificate, tmp_path / "opened.pdf", None)
        original = trial.open_with_openssl(envelope, tmp_path / "original.pdf").read_bytes()
        assert secret
        assert all(payload in original for payload in secret)


def _closed_payloads(station: Station, folder: Path, document: str) -> list[bytes]:
    """The closed document's images as the scanner made them, found by their hashes."""
    with station.database.read() as session:
        hashes = station.documents.image_hashes(session, document)
    images = open_pages(folder / "SCAN_0001.tif", station.limits)
    found = [image.payload for image in images if hashlib.sha256(image.payload).hexdigest() in hashes]
    assert len(found) == len(hashes)
    return found


def _readable(station: Station, trial: Trial) -> bytes:
    """All bytes that the station has, and all that its keys open among them, whatever opens where."""
    found = [*everything_in(trial.home).values(), *everything_in(trial.host).values()]
    found += everything_in(trial.work).values()
    for name in ("spool", "quarantine", "sealed"):
        for key in (station.keys.spool, station.keys.release, station.keys.columns, station.keys.backup):
            place = Spool(trial.home / name, key)
            for identifier in place.ids():
                try:
                    with place.open(identifier) as stream:
                        found.append(stream.read())
                except Exception:  # noqa: BLE001, S112  another key's
                    continue
    return b"|".join(found)


# --- No text of any of them -------------------------------------------------------------------------------------------


def test_no_word_of_a_blocked_document_is_anywhere(
    trial: Trial, tmp_path: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Curable, closed by a withdrawal between recognition and deposit, and closed by time: nowhere a word of them."""
    sheet = register_sheet(invented_records, "A1001", "retiree")

    class Overtaken(RememberingTools):
        __slots__ = ()

        def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
            composed = super().compose(scan, recognised)
            self.station.import_sheet("register", sheet)
            return composed

    monkeypatch.setattr(engine_steps, "DocumentTools", Overtaken)
    few = make_few(tmp_path / "scans", "SCAN_0001.tif", UNHEARD, ("ordonnance", "A1001", "refused"))
    lines = [line for page in few.file.pages if page.role == "document" for line in page.lines]
    planted = {word for word in re.findall(r"\w{8,}", " ".join(lines)) if bare(word).upper() not in OURS | _FORMS}
    assert len(planted) > 10
    hunter = Hunter([Person(tuple(planted), ())])
    with trial.opened() as station:
        work(station, few.path.parent)
        assert kept(one_of(station, "A1001")) == ("refused", "withdrawn", "closed")
        assert _traces(hunter, trial) == set()  # with the database open, its log beside it
        days_later(station, 31)
        assert close_overdue(station) == 1
    assert _traces(hunter, trial) == set()
    (trial.temporary / "control").parent.mkdir(exist_ok=True)
    (trial.temporary / "control").write_text(f"le {min(planted).lower()} du", encoding="utf-8")
    assert len(_traces(hunter, trial)) == 1


_FORMS = {"REFERENCE", "RESULTAT"}
"""Words of forms, which a configuration or the name of a document type may have too."""


def _traces(hunter: Hunter, trial: Trial) -> set[Trace]:
    return {trace for trace in hunter.in_folder(trial.folder) if Path(trace.where).name != EXAMPLE}


# --- Final ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [UNHEARD, WITHDRAWN])
def test_a_maintained_refusal_leaves_a_tombstone(trial: Trial, tmp_path: Path, case: Case) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, case))
        before = one_of(station, case[1])
        make_final(station, before.id)
        after = one_of(station, case[1])
        assert kept(after) == ("refused", before.reason, "final")
        assert (after.claim and after.claim.doc_type, after.settled_at) == (None, before.settled_at)
        assert not station.quarantine.has(before.id)
        assert not station.closed_path(before.id).exists()
        assert entries_about(station, before.id)[-3:] == [
            (EntryType.DESTRUCTION, "patient-confirms"),
            (EntryType.DESTRUCTION, "working-copies"),
            (EntryType.DESTRUCTION, DESTROYED),
        ]
        with pytest.raises(StationFault, match="document-not-kept"):
            make_final(station, before.id)
        require_balance(station)
        days_later(station, 31)
        assert close_overdue(station) == 0
    assert trial.left_at_work() == []


def test_what_is_deposited_is_not_made_final(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, CLEARED))
        with pytest.raises(StationFault, match="document-not-kept"):
            make_final(station, one_of(station, "A1001").id)


@pytest.mark.parametrize("final", [False, True])
def test_the_paper_scanned_anew_is_taken_when_the_patient_authorizes(
    trial: Trial, tmp_path: Path, invented_records: Invented, *, final: bool
) -> None:
    """The very same bytes: a duplicate while the patient says no, a new file after; nothing is deposited twice."""
    folder = scans(tmp_path, CLEARED, WITHDRAWN)
    with trial.opened() as station:
        work(station, folder)
        first = one_of(station, "A1007")
        if final:
            make_final(station, first.id)
        work(station, folder)
        assert [file.state for file in _files(station)] == ["settled", "duplicate"]
        says(station, invented_records, "A1007", "accordee")
        work(station, folder)
        assert [file.state for file in _files(station)] == ["settled", "duplicate", "settled"]
        assert [kept(one) for one in documents(station, "A1007")] == [
            ("refused", "withdrawn", "final" if final else "closed"),
            ("deposited", None, None),
        ]
        assert [kept(one) for one in documents(station, "A1001")] == [
            ("deposited", None, None),
            ("held", "already-deposited", "curable"),
        ]
        work(station, folder)
        assert _files(station)[-1].state == "duplicate"
        require_balance(station)


def _files(station: Station) -> tuple[StoredFile, ...]:
    with station.database.read() as session:
        return station.captured.files(session)
