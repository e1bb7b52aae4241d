"""The gate of a station at work: no path around it, each way to be closed by its name, nothing left of the refused."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pikepdf
import pypdfium2
import pytest

from consent_gate.imports import LineOutcome
from consent_gate.model import Clearance, CustodyClass, Reason, custody_class
from demo.records import Invented, InventedDocument
from lexicon.faults import TamperFault
from pipeline import steps as engine_steps
from pipeline.clock import wall
from pipeline.model import Archival, Held, Recognised, Scan
from pipeline.office.founding import EXAMPLE
from pipeline.packing import PackedImages
from pipeline.pages import open_pages
from pipeline.station import Station
from pipeline.tools import DocumentTools
from storage.custody import EntryType
from storage.envelope import Sealed
from tests.conftest import Processed
from tests.custody_fixtures import entries_about
from tests.hunter import Hunter, Person, bare
from tests.station_fixtures import burglar
from tests.trial_fixtures import TODAY, Few, RememberingTools, Trial, by_place, make_few, register_sheet, work


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_steps, "DocumentTools", RememberingTools)


def envelopes(trial: Trial) -> list[Path]:
    """Deposited documents' and indexes' envelopes."""
    return sorted(trial.host.rglob("*.p7m"))


# --- Asked again until the deposit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "reason"), [("retiree", "withdrawn"), ("opposition", "opposition")])
def test_a_withdrawal_between_ocr_and_deposit_stops_the_deposit_and_the_sealing(
    trial: Trial,
    few: Few,
    invented_records: Invented,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    reason: str,
) -> None:
    sheet = register_sheet(invented_records, "A1001", said)

    class Overtaken(RememberingTools):
        __slots__ = ()

        def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held:
            composed = super().compose(scan, recognised)
            assert self.station.import_sheet("register", sheet).count(LineOutcome.ADDED) == 1
            return composed

    monkeypatch.setattr(engine_steps, "DocumentTools", Overtaken)
    with trial.opened() as station:
        worked = work(station, few.path.parent)
        document = next(d for d in worked.documents if d.patient == "A1001")
        assert (document.outcome, document.reason, document.object_key) == ("refused", reason, None)
        taken = entries_about(station, document.document)
        assert [end for kind, end in taken if kind == EntryType.CONSENT_CHECK] == ["cleared", reason]
        assert {EntryType.DEPOSIT, EntryType.RECEIPT}.isdisjoint(kind for kind, _ in taken)
        assert (EntryType.SEALING, "sealed") not in taken, "the envelope was never written down, and is gone"
        assert not list(station.sealed_folder.glob("*"))
        assert envelopes(trial) == []
        original = trial.open_with_openssl(station.closed_path(document.document), tmp_path / "original.pdf")
    assert text_of(original).strip() == "", "what was read before the withdrawal is gone"
    assert trial.left_at_work() == []


def text_of(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as pdf:  # type: ignore[no-untyped-call]  # pypdfium2 has no types
        return "".join(page.get_textpage().get_text_range() for page in pdf)


# --- A clearance serves one document ----------------------------------------------------------------------------------


class _Stolen(RememberingTools):
    """Uses the clearance of the first document for every other."""

    __slots__ = ()
    first: ClassVar[list[Clearance]] = []

    def stolen(self, clearance: Clearance) -> Clearance:
        self.first.append(clearance)
        return self.first[0]


class StolenForRecognition(_Stolen):
    __slots__ = ()

    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
        return DocumentTools.recognise(self, scan, self.stolen(clearance))


class StolenForSealing(_Stolen):
    __slots__ = ()

    def seal(self, archival: Archival, clearance: Clearance) -> Sealed:
        return super().seal(archival, self.stolen(clearance))


class StolenForDeposit(_Stolen):
    __slots__ = ()

    def deposit(self, sealed: Sealed, clearance: Clearance):  # type: ignore[no-untyped-def]  # as the tool's
        return super().deposit(sealed, self.stolen(clearance))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Few:
    """Two documents that are both authorized."""
    folder = tmp_path_factory.mktemp("pair")
    return make_few(folder, "PAIR_0001.tif", ("ordonnance", "A1001", "deposited"), ("ordonnance", "A1014", "deposited"))


@pytest.mark.parametrize("tools", [StolenForRecognition, StolenForSealing, StolenForDeposit])
def test_the_clearance_of_one_document_does_not_serve_another(
    trial: Trial, pair: Few, monkeypatch: pytest.MonkeyPatch, tools: type[_Stolen]
) -> None:
    tools.first.clear()
    monkeypatch.setattr(engine_steps, "DocumentTools", tools)
    with trial.opened() as station:
        with pytest.raises(TamperFault, match="clearance-mismatch"):
            work(station, pair.path.parent)
        assert len(tools.first) >= 2
        with station.database.read() as session:
            states = [document.state for document in station.documents.documents(session)]
        assert sorted(states) in (["deposited", "in-progress"], ["in-progress", "in-progress"])
        deposited = states.count("deposited")
    assert len(envelopes(trial)) == deposited


# --- Fail closed, and say which way -----------------------------------------------------------------------------------


def alter_the_register(trial: Trial) -> None:
    with burglar(trial.home) as connection:
        connection.execute("UPDATE fact SET kind = 'granted', \"on\" = '2020-01-01'")


def alter_the_roster(trial: Trial) -> None:
    with burglar(trial.home) as connection:
        connection.execute("UPDATE patient SET identity_sealed = x'00' || substr(identity_sealed, 2)")


def change_the_key(trial: Trial) -> None:
    path = trial.home / "keys" / "columns.key"
    path.write_bytes(bytes(octet ^ 1 for octet in path.read_bytes()))


@pytest.mark.parametrize("burglary", [alter_the_register, alter_the_roster, change_the_key])
def test_a_register_that_cannot_be_read_opens_to_nobody(
    trial: Trial, few: Few, burglary: Callable[[Trial], None]
) -> None:
    burglary(trial)
    with trial.opened() as station:
        worked = work(station, few.path.parent)
    assert {(d.outcome, d.reason) for d in worked.documents} == {("refused", Reason.REGISTER_UNREADABLE)}
    assert worked.code == 3
    assert envelopes(trial) == []


def test_a_clock_behind_the_ledger_opens_to_nobody(trial: Trial, few: Few) -> None:
    with trial.opened() as station:
        station.clock = replace(station.clock, wall=lambda: wall() - timedelta(minutes=2))
        worked = work(station, few.path.parent)
    assert {(d.outcome, d.reason) for d in worked.documents} == {("refused", Reason.CLOCK_UNTRUSTED)}
    assert envelopes(trial) == []


def test_an_authorization_that_has_ended_by_the_day_asked_for_is_expired(
    trial: Trial, few: Few, invented_records: Invented
) -> None:
    with trial.opened() as station:
        station.import_sheet("register", register_sheet(invented_records, "A1001", "accordee", until=TODAY))
    with trial.opened(as_of=TODAY + timedelta(days=1)) as station:
        worked = work(station, few.path.parent)
    assert ("refused", Reason.EXPIRED) in worked.ends().values()


# --- What is kept of what is not deposited ----------------------------------------------------------------------------


def refused_lines(processed: Processed, custody: CustodyClass) -> list[tuple[str, Path, tuple[int, ...]]]:
    """Document, file and pages of what was refused and is kept so."""
    return [
        (line["document"], processed.folder / name, pages)
        for (name, pages), line in by_place(processed.first).items()
        if line["outcome"] == "refused" and custody_class(Reason(line["reason"])) is custody
    ]


def scanned(path: Path, pages: tuple[int, ...], station: Station) -> list[bytes]:
    return [image.payload for p, image in enumerate(open_pages(path, station.limits), start=1) if p in pages]


def test_what_is_closed_is_sealed_for_the_client_alone(processed: Processed, tmp_path: Path) -> None:
    found = refused_lines(processed, CustodyClass.CLOSED)
    assert len(found) == 4
    with processed.trial.opened() as station:
        for document, path, pages in found:
            envelope = station.closed_path(document)
            assert not station.spool.has(document)
            assert not station.quarantine.has(document)
            original = processed.trial.open_with_openssl(envelope, tmp_path / f"{document}.pdf")
            assert text_of(original) == ""
            with pikepdf.open(original) as pdf:
                images = [next(iter(page.get_images().values())) for page in pdf.pages]
                assert [image.read_raw_bytes() for image in images] == scanned(path, pages, station)


def test_what_can_be_cured_is_under_the_release_key(processed: Processed) -> None:
    found = refused_lines(processed, CustodyClass.CURABLE)
    held = [
        (line["document"], processed.folder / name, pages)
        for (name, pages), line in by_place(processed.first).items()
        if line["outcome"] == "held"
    ]
    assert (len(found), len(held)) == (3, 2)
    with processed.trial.opened() as station:
        for document, path, pages in (*found, *held):
            assert not station.spool.has(document)
            assert not station.closed_path(document).exists()
            kept = PackedImages(station.quarantine, document)
            assert [image.payload for image in kept] == scanned(path, pages, station)


def test_no_working_copy_remains(processed: Processed) -> None:
    assert processed.trial.left_at_work() == []
    names = {path.stem for path in (processed.trial.home / "quarantine").iterdir()}
    kept = {line["document"] for line in processed.first.of_kind("document") if line["outcome"] != "deposited"}
    assert names == kept


OURS = {"APTITUDE", "CERTIFICAT", "COURRIER", "ORDONNANCE", "QUESTIONNAIRE", "RESULTATS"} | {
    "APPLICATION",
    "EVIDENCE",
    "SIGNATURE",
}
"""Words of document types, which a separator says and the station may know; names of columns, files, media types."""


def printed_lines(processed: Processed) -> Iterator[tuple[str, InventedDocument, tuple[str, ...]]]:
    """File, document, and what is printed on each of its pages."""
    for name, file in processed.files.items():
        for document in file.documents:
            for position in document.pages:
                yield name, document, file.pages[position - 1].lines


def test_no_word_of_a_refused_document_is_anywhere(processed: Processed) -> None:
    printed = {
        word
        for _, document, lines in printed_lines(processed)
        if document.outcome == "refused"
        for word in re.findall(r"\w{8,}", " ".join(lines))
        if bare(word).upper() not in OURS
    }
    assert len(printed) > 80
    hunter = Hunter([Person(tuple(printed), ())])
    found = {trace for trace in hunter.in_folder(processed.trial.folder) if Path(trace.where).name != EXAMPLE}
    assert found == set()
    assert hunter.in_text(processed.first.out + processed.first.err, "output") == set()
    control = processed.trial.work / "control"
    control.write_text(f"le {min(printed).lower()} du", encoding="utf-8")
    assert str(control) in {trace.where for trace in hunter.in_folder(processed.trial.folder)}
    control.unlink()
