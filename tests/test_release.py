"""What is closed comes back with the client's own key, where the gate is open, and is the very same as before."""

import hashlib
import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives import serialization

from consent_gate.model import DocumentId
from demo.records import Invented
from handover.replay import replay
from lexicon.faults import EXIT_DONE, EXIT_WAITING, StationFault, TamperFault
from pipeline import steps as engine_steps
from pipeline.asking_again import context
from pipeline.compose import compose_originals
from pipeline.custody_end import close_overdue
from pipeline.model import Colour, Encoding, PageImage, Scan
from pipeline.office import releasing
from pipeline.office.releasing import Answered, closed_of, release
from pipeline.originals import read_originals
from pipeline.pages import open_pages
from pipeline.settle import sweep
from pipeline.station import Station
from storage import effects
from storage.custody import RELEASED, EntryType, read_entry
from storage.effects import armed_by
from storage.keys import PrivateKey, load_certificate, load_private_key
from tests.compose_fixtures import CONTEXT
from tests.custody_fixtures import (
    CLEARED,
    UNHEARD,
    WITHDRAWN,
    days_later,
    documents,
    entries_about,
    everything_in,
    images_of,
    kept,
    make_final,
    one_of,
    require_balance,
    says,
)
from tests.test_custody_classes import PERSON, scans
from tests.trial_fixtures import RememberingTools, Trial, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def private(trial: Trial, who: str = "client") -> PrivateKey:
    return load_private_key(trial.folder / "trial-keys" / f"{who}.key")


def released(station: Station, trial: Trial, *which: str, who: str = "client") -> list[Answered]:
    certificate = load_certificate(trial.folder / "trial-keys" / f"{who}.crt")
    return list(release(station, which, private(trial, who), certificate))


def scanned(station: Station, folder: Path, positions: tuple[int, ...]) -> tuple[PageImage, ...]:
    pages = enumerate(open_pages(folder / "SCAN_0001.tif", station.limits), start=1)
    return tuple(image for position, image in pages if position in positions)


def test_a_closed_document_is_released_and_deposited_as_if_never_closed(
    trial: Trial, tmp_path: Path, empty: Path, invented_records: Invented
) -> None:
    folder = scans(tmp_path, CLEARED, WITHDRAWN)
    with trial.opened() as station:
        work(station, folder)
        stored = one_of(station, "A1007")
        says(station, invented_records, "A1007", "accordee")
        (answered,) = released(station, trial, stored.id)
        assert answered.reason is None
        assert one_of(station, "A1007").state == "in-progress"
        with station.database.read() as session:
            positions = station.documents.positions(session, stored.id)
        assert images_of(station.spool, stored.id) == scanned(station, folder, positions)
        assert station.closed_path(stored.id).exists(), "it goes when the document is settled"
        work(station, empty)
        assert kept(one_of(station, "A1007")) == ("deposited", None, None)
        assert not station.closed_path(stored.id).exists()
        assert (EntryType.REVIEW, RELEASED) in entries_about(station, stored.id)
        require_balance(station)
    assert trial.left_at_work() == []


def test_a_document_kept_too_long_is_released_too(
    trial: Trial, tmp_path: Path, empty: Path, invented_records: Invented
) -> None:
    """With the escrow's key as well."""
    folder = scans(tmp_path, UNHEARD)
    with trial.opened() as station:
        work(station, folder)
        days_later(station, 31)
        assert close_overdue(station) == 1
        says(station, invented_records, "A1009", "accordee")
        assert closed_of(station, one_of(station, "A1009").claim.patient) == (one_of(station, "A1009").id,)  # type: ignore[union-attr]  # it has one
        released(station, trial, one_of(station, "A1009").id, who="escrow")
        work(station, empty)
        assert one_of(station, "A1009").state == "deposited"
        require_balance(station)


def test_without_a_clearance_nothing_is_opened(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN))
        stored, before = one_of(station, "A1007"), _kept_files(trial)
        answered = released(station, trial, stored.id)
        assert [one.reason for one in answered] == ["withdrawn"]
        assert one_of(station, "A1007") == stored
        assert _kept_files(trial) == before
        assert entries_about(station, stored.id)[-1] == (EntryType.CONSENT_CHECK, "withdrawn")
        require_balance(station)


def _kept_files(trial: Trial) -> dict[Path, bytes]:
    return {
        path: content
        for name in ("quarantine", "spool", "sealed")
        for path, content in everything_in(trial.home / name).items()
    }


def test_another_key_opens_nothing_and_changes_nothing(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN))
        says(station, invented_records, "A1007", "accordee")
        stored, before = one_of(station, "A1007"), _kept_files(trial)
        with pytest.raises(StationFault, match="key-not-recipient"):
            list(release(station, [stored.id], station.keys.signature, station.keys.certificate))
        assert (one_of(station, "A1007"), _kept_files(trial)) == (stored, before)
        assert released(station, trial, stored.id)[0].reason is None


def test_an_envelope_that_the_station_did_not_seal_is_refused(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    """Another document's, sealed for the same client, put in its place."""
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN, ("ordonnance", "A1007", "refused")))
        says(station, invented_records, "A1007", "accordee")
        first, second = documents(station, "A1007")
        station.closed_path(first.id).write_bytes(station.closed_path(second.id).read_bytes())
        with pytest.raises(TamperFault, match="envelope-forged"):
            released(station, trial, first.id)
        assert documents(station, "A1007") == (first, second)
        assert station.spool.ids() == ()


def test_only_what_is_closed_is_released(trial: Trial, tmp_path: Path) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, CLEARED, WITHDRAWN, UNHEARD))
        for ref in ("A1001", "A1009"):
            with pytest.raises(StationFault, match="document-not-closed"):
                released(station, trial, one_of(station, ref).id)
        closed = one_of(station, "A1007")
        station.closed_path(closed.id).rename(tmp_path / "aside")
        with pytest.raises(StationFault, match="closed-missing"):
            released(station, trial, closed.id)
        (tmp_path / "aside").rename(station.closed_path(closed.id))
        make_final(station, closed.id)
        with pytest.raises(StationFault, match="document-not-closed"):
            released(station, trial, closed.id)
        with pytest.raises(StationFault, match="document-unknown"):
            released(station, trial, PERSON)


def test_a_start_beside_a_release_takes_nothing_of_it(
    trial: Trial, tmp_path: Path, empty: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `watch` or `process` does first of all, between the opening and the record."""
    record = releasing._record

    def beside(station: Station, *more: Any) -> None:
        sweep(station, alone=True)
        record(station, *more)
        sweep(station, alone=True)

    monkeypatch.setattr(releasing, "_record", beside)
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN))
        says(station, invented_records, "A1007", "accordee")
        released(station, trial, one_of(station, "A1007").id)
        assert station.spool.has(one_of(station, "A1007").id)
        work(station, empty)
        assert kept(one_of(station, "A1007")) == ("deposited", None, None)
        require_balance(station)


def test_a_release_that_is_not_recorded_leaves_no_readable_copy(
    trial: Trial, tmp_path: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever keeps it from being recorded, and however far it came."""

    def full(*_: Any, **__: Any) -> None:
        raise StationFault("disk-full")

    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN))
        says(station, invented_records, "A1007", "accordee")
        stored, before = one_of(station, "A1007"), _kept_files(trial)

        def breaks(fault: type[BaseException]) -> None:
            with pytest.raises(fault):
                released(station, trial, stored.id)
            assert (one_of(station, "A1007"), _kept_files(trial)) == (stored, before)

        for point in ("release.spool:before", "release.spool:after", "release.record:before"):
            monkeypatch.setattr(effects, "_armed", armed_by({"LIASSE_FAILPOINT": f"{point}=raise"}))
            breaks(KeyboardInterrupt)
        monkeypatch.setattr(effects, "_armed", None)
        for what in ("put_back", "_record"):
            with monkeypatch.context() as patched:
                patched.setattr(releasing, what, full)
                breaks(StationFault)
        assert released(station, trial, stored.id)[0].reason is None


POINTS = (
    "gate.ask-again:after", "release.open:before", "release.open:after", "release.pack:before", "release.pack:after",
    "release.spool:before", "release.spool:after", "release.record:before", "release.record:after",
)  # fmt: skip


def test_a_crash_anywhere_leaves_it_closed_or_on_its_way(
    trial: Trial, tmp_path: Path, invented_records: Invented, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, *[WITHDRAWN] * len(POINTS)))
        says(station, invented_records, "A1007", "accordee")
        for stored, point in zip(documents(station, "A1007"), POINTS, strict=True):
            monkeypatch.setattr(effects, "_armed", armed_by({"LIASSE_FAILPOINT": f"{point}=raise"}))
            with pytest.raises(KeyboardInterrupt):
                released(station, trial, stored.id)
            monkeypatch.setattr(effects, "_armed", None)
            assert station.closed_path(stored.id).exists()
            sweep(station, alone=True)
            with station.database.read() as session:
                now = station.documents.document(session, stored.id)
            assert now is not None
            assert station.spool.has(stored.id) == (now.state == "in-progress"), point
            if now.state != "in-progress":
                assert released(station, trial, stored.id)[0].reason is None
        assert {document.state for document in documents(station)} == {"in-progress"}
        with station.database.read() as session:
            told = replay(map(read_entry, station.ledger.entries(session)), station.sides)
        assert (told.contradictions, told.images.columns["refused"]) == ((), 0)


def test_the_command_says_what_came_of_each(trial: Trial, tmp_path: Path, invented_records: Invented) -> None:
    with trial.opened() as station:
        work(station, scans(tmp_path, WITHDRAWN, ("certificat", "A1006", "refused")))
        says(station, invented_records, "A1007", "accordee")
        opens, stays = one_of(station, "A1007").id, one_of(station, "A1006").id
    keys = trial.folder / "trial-keys"
    key = ("--key", keys / "client.key", "--cert", keys / "client.crt")
    before = _secret(trial)
    ran = trial.run("--as-of", "2026-01-15", "release", opens, stays, *key, "--json")
    assert ran.code == EXIT_WAITING, ran.err
    assert [json.loads(line) for line in ran.out.splitlines()] == [
        {"document": opens, "released": True, "reason": None},
        {"document": stays, "released": False, "reason": "refused"},
    ]
    ran = trial.run("--as-of", "2026-01-15", "release", "--patient", "A1006", *key)
    assert ran.code == EXIT_WAITING
    assert "reste clos" in ran.out
    assert trial.run("release", "--patient", "A1001", *key).code == EXIT_DONE
    assert not any(before in content for content in everything_in(trial.home).values()), "the private key stays outside"


def _secret(trial: Trial) -> bytes:
    encoded = private(trial).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return encoded[35:83]


# --- The very same images ---------------------------------------------------------------------------------------------


def made(seed: int) -> Iterator[PageImage]:
    """Images of every encoding, with resolutions that do not come out even, and turns."""
    rng = random.Random(seed)  # noqa: S311  invented images
    for encoding, colour, black in (
        (Encoding.FLATE, Colour.GREY, False),
        (Encoding.FLATE, Colour.RGB, False),
        (Encoding.FLATE, Colour.BILEVEL, True),
        (Encoding.FLATE, Colour.BILEVEL, False),
        (Encoding.G4, Colour.BILEVEL, True),
        (Encoding.G4, Colour.BILEVEL, False),
        (Encoding.JPEG, Colour.GREY, False),
    ):
        width, height = rng.randint(9, 90), rng.randint(9, 90)
        row = (width + 7) // 8 if colour is Colour.BILEVEL else width * (3 if colour is Colour.RGB else 1)
        payload = zlib.compress(rng.randbytes(row * height)) if encoding is Encoding.FLATE else rng.randbytes(300)
        dpi = rng.choice((72.009, 96.0, 199.898, 203.2, 300.0, 1.0))
        yield PageImage(encoding, payload, width, height, dpi, dpi * 1.37, colour, black, rng.randrange(4))


@pytest.mark.parametrize("seed", range(20))
def test_the_images_that_come_out_are_the_images_that_went_in(tmp_path: Path, seed: int) -> None:
    images = tuple(made(seed))
    compose_originals(Scan(DocumentId(PERSON), images), CONTEXT, tmp_path / "original.pdf")
    assert tuple(read_originals(tmp_path / "original.pdf")) == images


def test_an_envelope_of_before_gives_its_images_back_by_what_its_pages_show(tmp_path: Path) -> None:
    images = tuple(replace(image, dpi_x=300.0, dpi_y=200.0) for image in made(7))
    compose_originals(Scan(DocumentId(PERSON), images), CONTEXT, tmp_path / "now.pdf")
    with pikepdf.open(tmp_path / "now.pdf") as pdf:
        for page in pdf.pages:
            del page.obj.PieceInfo
        pdf.save(tmp_path / "before.pdf")
    found = tuple(read_originals(tmp_path / "before.pdf"))
    exact = [replace(image, dpi_x=0, dpi_y=0, black_is_1=False) for image in images]
    assert [replace(image, dpi_x=0, dpi_y=0, black_is_1=False) for image in found] == exact
    assert all(abs(image.dpi_x - 300) < 1 and abs(image.dpi_y - 200) < 1 for image in found)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 and nothing", b"not a PDF"])
def test_anything_else_is_no_original(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other.pdf").write_bytes(content)
    with pytest.raises(TamperFault, match="envelope-forged"):
        list(read_originals(tmp_path / "other.pdf"))


def test_what_is_composed_after_a_release_is_byte_for_byte_what_would_have_been(
    trial: Trial, tmp_path: Path, invented_records: Invented
) -> None:
    folder = scans(tmp_path, WITHDRAWN)
    with trial.opened() as station:
        work(station, folder)
        stored = one_of(station, "A1007")
        with station.database.read() as session:
            positions = station.documents.positions(session, stored.id)
        of = context(station, stored)
        compose_originals(Scan(stored.id, scanned(station, folder, positions)), of, tmp_path / "never.pdf")
        says(station, invented_records, "A1007", "accordee")
        released(station, trial, stored.id)
        now = one_of(station, "A1007")
        compose_originals(Scan(now.id, images_of(station.spool, now.id)), context(station, now), tmp_path / "again.pdf")
        hashes = {hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("never.pdf", "again.pdf")}
        assert len(hashes) == 1
