"""Documents are found by patient, type, day, batch, box, state; what was read is marked, and never opens the gate."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from consent_gate.model import Clearance, DocType, FactKind, PatientRef, Statement
from consent_gate.people import Role
from handover.build import build
from handover.lists import DOCUMENTS
from lexicon.faults import StationFault
from pipeline.batches import close_batch
from pipeline.indexing.effective import EXCLUDED
from pipeline.model import Colour, Encoding, PageImage, Recognised, RecognisedPage, Scan
from pipeline.office import finding
from pipeline.office.answers import Answer
from pipeline.office.finding import Sought
from pipeline.office.index_saying import say_index
from pipeline.office.paper import record_destruction, record_movement
from pipeline.packing import pack
from pipeline.station import Station
from storage.announced import Announcement
from storage.custody import EntryType
from storage.envelope import Sealed
from storage.hosts.folder import FolderHost
from storage.indexed import NOTHING, Index
from storage.indexing import forget_read, index_of
from storage.receipt import Receipt
from storage.stored import StoredDocument
from tests import handover_fixtures
from tests.handover_fixtures import LEONIE, REFERENCE, QuickTools, Sheets, Workshop
from tests.indexing_fixtures import BODY, Line, below, read
from tests.people_fixtures import Somebody, entries, with_key
from tests.register_fixtures import add_facts
from tests.trial_fixtures import Trial

PRESCRIPTION = read(
    Line("ORDONNANCE", x=0.35, y=0.1, size=1.6), Line("Fait à Lyon, le 12/03/2024", y=0.15), *below(*BODY, top=0.3)
)
QUESTIONNAIRE = read(
    Line("QUESTIONNAIRE DE SANTÉ", x=0.3, y=0.08, size=1.6), *below(*BODY, top=0.2), Line("Date : 03/02/2025", y=0.8)
)
SILENT = read(*below(*BODY))
EMPTY = RecognisedPage((), 0, ())


def _film() -> PageImage:
    """A dark picture of many greys."""
    rows = np.linspace(0, 160, 128, dtype=np.uint8)
    pixels = np.repeat(rows[:, None], 128, axis=1) // 2 + np.arange(128, dtype=np.uint8)[None, :] // 4
    return PageImage(Encoding.FLATE, zlib.compress(pixels.tobytes()), 128, 128, 200.0, 200.0, Colour.GREY)


@dataclass
class Desk:
    """A station whose recogniser reads what the test says that it reads."""

    workshop: Workshop
    reading: dict[str, tuple[RecognisedPage, ...]] = field(default_factory=dict)
    tools: type[QuickTools] = QuickTools

    @property
    def station(self) -> Station:
        return self.workshop.station

    def takes(
        self, name: str, *parts: tuple[Sheets, Sequence[RecognisedPage]], batch: str = "B1", films: bool = False
    ) -> list[StoredDocument]:
        """A file of documents, with what is read on their pages, on its way to the end."""
        file = self.workshop.takes(name, batch)
        self.workshop.opens(file, [sheets for sheets, _ in parts])
        with self.station.database.read() as session:
            documents = self.station.documents.documents(session, file=file.id)
        for document, (_, pages) in zip(documents, parts, strict=True):
            self.reading[document.id] = tuple(pages)
            if films:
                pack(self.station.spool, document.id, [_film() for _ in pages])
        self.workshop.works(file)
        with self.station.database.read() as session:
            return list(self.station.documents.documents(session, file=file.id))

    def found(self, **sought: object) -> list[str]:
        return [answer["document"] for answer in finding.find(self.station, Sought(**sought))]  # type: ignore[arg-type]

    def index(self, document: StoredDocument) -> Answer:
        found: Answer = finding.show(self.station, document.id)["index"]
        return found


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    trial = Trial.found(tmp_path / "poste", verapdf="never")
    with trial.opened(None) as station:
        desk = Desk(Workshop(station))

        class Reading(QuickTools):
            __slots__ = ()

            def recognise(self, scan: Scan, clearance: Clearance) -> Recognised:
                clearance.require(scan.document)
                return Recognised(scan.document, desk.reading[scan.document], "none")

        desk.tools = Reading
        monkeypatch.setattr(handover_fixtures, "QuickTools", Reading)
        desk.workshop.knows(LEONIE, FactKind.GRANTED)
        yield desk


def untyped(pages: int = 1, patient: str = REFERENCE) -> Sheets:
    return Sheets(pages, patient)


# What is proposed


def test_what_a_page_says_that_it_is_is_proposed_and_marked(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    told = finding.show(desk.station, document.id)
    assert (told["doc_type"], told["outcome"]) == (None, "deposited")
    index = told["index"]
    assert (index["type"], index["type_proposed"]) == ("ordonnance", True)
    assert (index["date"], index["date_proposed"]) == ("2024-03-12", True)
    assert index["type_confidence"] > 60
    assert (index["bucket"], index["code"], index["code_system"]) == ("DMST-3", "57833-6", "LOINC")


def test_the_separators_type_is_no_proposal_and_another_title_is_told(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (Sheets(1, REFERENCE, "certificat"), [PRESCRIPTION]))
    index = desk.index(document)
    assert (index["type"], index["type_proposed"], index["type_confidence"]) == ("certificat", False, None)
    assert index["read_as"] == "ordonnance"
    assert index["code"] == "89601-9"


def test_where_nothing_is_said_nothing_is_proposed(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [SILENT]))
    index = desk.index(document)
    assert (index["type"], index["date"], index["type_proposed"], index["date_proposed"]) == (None, None, False, False)
    assert (index["in_table"], index["bucket"], index["code"]) == (False, None, None)


def test_a_type_that_the_table_does_not_have_maps_to_nothing_and_says_so(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (Sheets(1, REFERENCE, "bilan-annuel"), [SILENT]))
    index = desk.index(document)
    assert (index["type"], index["in_table"], index["bucket"], index["code"]) == ("bilan-annuel", False, None, None)


def test_the_birth_date_is_never_the_documents(desk: Desk) -> None:
    page = read(*below(f"Lyon, le {LEONIE.birth_date:%d/%m/%Y}", *BODY))
    (document,) = desk.takes("a.tif", (untyped(), [page]))
    assert desk.index(document)["date"] is None


# The gate


def test_a_proposal_never_opens_the_gate_of_an_authorization_limited_by_type(desk: Desk) -> None:
    station, now = desk.station, desk.station.clock.now()
    limited = Statement(kind=FactKind.GRANTED, on=date(2025, 2, 1), doc_types=frozenset({DocType("ordonnance")}))
    withdrawn = Statement(kind=FactKind.WITHDRAWN, on=date(2025, 1, 15))
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(LEONIE.ref, withdrawn), (LEONIE.ref, limited)], now)
    (unsaid,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    assert (unsaid.state, unsaid.reason) == ("refused", "type-needed")
    assert desk.index(unsaid)["type"] is None
    (said,) = desk.takes("b.tif", (Sheets(1, REFERENCE, "ordonnance"), [PRESCRIPTION]))
    assert said.state == "deposited"


def test_what_was_read_of_somebody_who_says_no_before_the_deposit_is_thrown_away(desk: Desk) -> None:
    station, patient = desk.station, LEONIE

    class Withdrawing(desk.tools):  # type: ignore[name-defined,misc]  # the fixture's own class
        __slots__ = ()

        def deposit(self, sealed: Sealed, clearance: Clearance) -> Receipt:
            said = Statement(kind=FactKind.REFUSED, on=date(2025, 3, 1))
            with station.database.write("test.write") as session:
                add_facts(station.register, session, [(patient.ref, said)], station.clock.now())
            received: Receipt = super().deposit(sealed, clearance)
            return received

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(handover_fixtures, "QuickTools", Withdrawing)
        (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    assert document.state == "refused"
    with station.database.read() as session:
        assert index_of(session, station.columns, document.id) == NOTHING


# Searching


def test_documents_are_found_by_each_thing_that_is_asked_and_by_all_together(desk: Desk) -> None:
    first, second = desk.takes("a.tif", (untyped(), [PRESCRIPTION]), (Sheets(1, REFERENCE, "certificat"), [SILENT]))
    (third,) = desk.takes("b.tif", (untyped(), [QUESTIONNAIRE]), batch="B2")
    (refused,) = desk.takes("c.tif", (untyped(patient="999"), [SILENT]), batch="B2")
    every = [first.id, second.id, third.id, refused.id]
    assert desk.found() == every
    assert desk.found(patient=PatientRef(REFERENCE)) == [first.id, second.id, third.id]
    assert desk.found(doc_type="ordonnance") == [first.id]
    assert desk.found(doc_type="certificat") == [second.id]
    assert desk.found(dated_from=date(2024, 3, 12), dated_to=date(2024, 3, 12)) == [first.id]
    assert desk.found(dated_from=date(2024, 3, 13)) == [third.id]
    assert desk.found(dated_to=date(2024, 3, 11)) == []
    assert desk.found(state="refused") == [refused.id]
    assert desk.found(batch="B2") == [third.id, refused.id]
    assert desk.found(batch=third.batch) == [third.id, refused.id]
    assert desk.found(batch="B2", state="deposited", doc_type="questionnaire") == [third.id]
    today = desk.station.clock.moment().day
    assert desk.found(captured_from=today, captured_to=today) == every
    assert desk.found(captured_from=today + timedelta(days=1)) == []
    with pytest.raises(StationFault, match="batch-unknown"):
        desk.found(batch="B3")


def test_a_box_finds_what_was_announced_to_come_from_it(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [SILENT]))
    (other,) = desk.takes("b.tif", (untyped(), [SILENT]), batch="C-12")
    said = Announcement(box="C-7")
    with desk.station.database.write("test.write") as session:
        desk.station.batches.announce(session, document.batch, said, desk.station.clock.now())
    assert desk.found(box="C-7") == [document.id]
    assert desk.found(box="C-12") == [other.id]
    assert desk.found(box="C-8") == []


def test_each_search_is_an_entry_that_tells_nothing_of_what_was_sought(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    before = len(entries(desk.station))
    desk.found(patient=PatientRef(REFERENCE), doc_type="ordonnance", dated_from=date(2024, 3, 12))
    finding.show(desk.station, document.id)
    searched, shown = entries(desk.station)[before:]
    assert (searched["type"], searched["outcome"]) == (EntryType.CONSULTATION, "documents-found")
    assert searched["counts"] == {"documents": 1}
    assert searched["subject"] == desk.station.keys.pseudonym(PatientRef(REFERENCE))
    assert (shown["outcome"], shown["object"]) == ("document-shown", f"document:{document.id}")
    for entry in (searched, shown):
        assert "ordonnance" not in json.dumps(entry)
        assert "2024" not in json.dumps(entry)


def test_of_a_restricted_document_nothing_that_was_read_is_told(desk: Desk) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    refused = Statement(kind=FactKind.REFUSED, on=date(2025, 6, 1))
    with desk.station.database.write("test.write") as session:
        add_facts(desk.station.register, session, [(LEONIE.ref, refused)], desk.station.clock.now())
    index = desk.index(document)
    assert (index["type"], index["date"]) == (None, None)
    assert desk.found(doc_type="ordonnance") == []
    assert desk.found(patient=PatientRef(REFERENCE)) == [document.id]


# Sealed


def test_type_and_day_lie_sealed_and_stand_in_no_entry_log_or_name(desk: Desk) -> None:
    desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    station = desk.station
    with station.database.read() as session:
        (row,) = session.connection().exec_driver_sql("SELECT doc_type, index_sealed FROM document").all()
    assert row[0] is None
    told = json.dumps(list(entries(station)), default=str)
    for word in ("ordonnance", "2024-03-12", "12/03/2024"):
        assert word.encode() not in bytes(row[1])
        assert word not in told
    names = " ".join(str(path) for path in station.config.base.rglob("*"))
    assert "ordonnance" not in names


def test_the_batchs_index_tells_the_client_what_was_proposed(desk: Desk, tmp_path: Path) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    close_batch(desk.station, document.batch)
    lines = opened_index(desk, document.batch, tmp_path)["documents"]
    (line,) = lines
    assert line["doc_type"] == ""
    assert (line["index"]["type"], line["index"]["type_proposed"]) == ("ordonnance", True)
    assert (line["index"]["date"], line["index"]["date_proposed"]) == ("2024-03-12", True)
    assert (line["index"]["bucket"], line["index"]["code"], line["index"]["tags"]) == ("DMST-3", "57833-6", [])


def opened_index(desk: Desk, batch: str, folder: Path, version: int = 1) -> Answer:
    """The batch's index as the client opens it."""
    station = desk.station
    key = station.keys.index_key(station.id, batch, version)
    sealed, target = folder / f"{version}.p7m", folder / f"{version}.json"
    assert isinstance(station.host, FolderHost)
    with sealed.open("wb") as stream:
        station.host.read(key, stream)
    Trial(station.config.base).open_with_openssl(sealed, target)
    found: Answer = json.loads(target.read_text(encoding="utf-8"))
    return found


# A person's word


@pytest.fixture
def reviewer(desk: Desk) -> Somebody:
    administrator = with_key(desk.station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    return with_key(desk.station, "Dr Anne Revoit", Role.REVIEWER, administrator.proved())


def test_a_person_says_type_and_day_and_the_index_is_sealed_anew(
    desk: Desk, reviewer: Somebody, tmp_path: Path
) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    close_batch(desk.station, document.batch)
    before = len(entries(desk.station))
    said = say_index(desk.station, document.id, "certificat", date(2024, 3, 10), reviewer.proved())
    assert (said.index["type"], said.index["type_proposed"]) == ("certificat", False)
    assert (said.index["date"], said.index["date_proposed"]) == ("2024-03-10", False)
    assert said.index["read_as"] == "ordonnance"
    assert (said.gate, said.reopened) == ("cleared", True)
    assert desk.found(doc_type="ordonnance") == []
    assert desk.found(doc_type="certificat", dated_to=date(2024, 3, 10)) == [document.id]
    new = [entry for entry in entries(desk.station)[before:] if entry["outcome"] == "indexed"]
    (entry,) = new
    assert (entry["type"], entry["counts"]) == (EntryType.REVIEW, {"date": 1, "type": 1})
    assert reviewer.id in json.dumps(entry["agents"])
    assert "certificat" not in json.dumps(entries(desk.station)[before:], default=str)
    close_batch(desk.station, document.batch)
    (line,) = opened_index(desk, document.batch, tmp_path, 2)["documents"]
    assert (line["index"]["type"], line["index"]["type_proposed"]) == ("certificat", False)


def test_one_of_both_leaves_the_other_as_it_was(desk: Desk, reviewer: Somebody) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    say_index(desk.station, document.id, None, date(2024, 3, 10), reviewer.proved())
    index = desk.index(document)
    assert (index["type"], index["type_proposed"]) == ("ordonnance", True)
    assert (index["date"], index["date_proposed"]) == ("2024-03-10", False)


def test_a_type_beyond_the_authorization_is_told_to_whoever_says_it(desk: Desk, reviewer: Somebody) -> None:
    station = desk.station
    (document,) = desk.takes("a.tif", (Sheets(1, REFERENCE, "ordonnance"), [PRESCRIPTION]))
    said = [
        Statement(kind=FactKind.WITHDRAWN, on=date(2025, 1, 15)),
        Statement(kind=FactKind.GRANTED, on=date(2025, 2, 1), doc_types=frozenset({DocType("ordonnance")})),
    ]
    with station.database.write("test.write") as session:
        add_facts(station.register, session, [(LEONIE.ref, one) for one in said], station.clock.now())
    assert say_index(station, document.id, "certificat", None, reviewer.proved()).gate == "out-of-scope"


def test_what_is_not_deposited_is_said_by_a_review(desk: Desk, reviewer: Somebody) -> None:
    (held,) = desk.takes("a.tif", (Sheets(1), [SILENT]))
    with pytest.raises(StationFault, match="index-before-deposit"):
        say_index(desk.station, held.id, "certificat", None, reviewer.proved())
    with pytest.raises(StationFault, match="document-unknown"):
        say_index(desk.station, "01M8031J6HFNJRGQZ6MQNS2KKY", "certificat", None, reviewer.proved())


@pytest.mark.parametrize(
    ("doc_type", "day"),
    [("Éloge funèbre", None), (None, date(1912, 1, 1)), (None, date(2199, 1, 1)), (None, None)],
)
def test_an_unfit_type_or_day_is_refused(
    desk: Desk, reviewer: Somebody, doc_type: str | None, day: date | None
) -> None:
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    with pytest.raises(StationFault, match="index-unfit"):
        say_index(desk.station, document.id, doc_type, day, reviewer.proved())


def test_only_who_decides_of_patients_may_say_it(desk: Desk) -> None:
    administrator = with_key(desk.station, "Mme Irène Admin", Role.ADMINISTRATOR, None)
    operator = with_key(desk.station, "M. Opérateur", Role.OPERATOR, administrator.proved())
    (document,) = desk.takes("a.tif", (untyped(), [PRESCRIPTION]))
    with pytest.raises(StationFault, match="role-insufficient"):
        say_index(desk.station, document.id, "certificat", None, operator.proved())


# Films


def test_a_film_is_tagged_to_the_handover_and_its_box_is_not_destroyed(desk: Desk, tmp_path: Path) -> None:
    station = desk.station
    (film,) = desk.takes("film.tif", (untyped(2), [EMPTY, EMPTY]), batch="C-7", films=True)
    (text,) = desk.takes("text.tif", (untyped(), [PRESCRIPTION]), batch="C-7")
    index = desk.index(film)
    assert (index["type"], index["type_proposed"], index["tags"]) == ("radiographie", True, [EXCLUDED])
    assert desk.index(text)["tags"] == []
    close_batch(station, film.batch)
    record_movement(station, "receive", "C-7", 3)
    controller = with_key(station, "Mme Contrôle", Role.ADMINISTRATOR, None)
    with pytest.raises(StationFault, match="box-holds-films"):
        record_destruction(station, "C-7", 2, controller.proved(), "ORDRE-1")
    record_destruction(station, "C-7", 1, controller.proved(), "ORDRE-1")
    record_movement(station, "return", "C-7", 2)
    (other,) = desk.takes("other.tif", (untyped(), [EMPTY]), batch="room/C-8", films=True)
    record_movement(station, "receive", "C-8", 1)
    assert desk.found(box="C-8") == [other.id]
    with pytest.raises(StationFault, match="box-holds-films"):
        record_destruction(station, "C-8", 1, controller.proved(), "ORDRE-1")
    build(station, tmp_path / "handover")
    rows = (tmp_path / "handover" / DOCUMENTS).read_text(encoding="utf-8-sig").splitlines()
    tagged = [row.split(";")[0] for row in rows if EXCLUDED in row]
    assert tagged == [film.id, other.id]
    summary = json.loads((tmp_path / "handover" / "handover.json").read_text(encoding="utf-8"))
    reserves = {one["what"]: one["count"] for one in summary["not_checked"]}
    assert reserves[EXCLUDED] == 2


def test_a_separators_type_may_say_that_it_is_a_film(desk: Desk) -> None:
    film, report = desk.takes(
        "a.tif",
        (Sheets(1, REFERENCE, "radiographie_thorax"), [SILENT]),
        (Sheets(1, REFERENCE, "compte_rendu_radiographie"), [SILENT]),
    )
    assert desk.index(film)["tags"] == [EXCLUDED]
    assert desk.index(report)["tags"] == []


def test_of_a_deleted_document_only_the_film_is_remembered(desk: Desk) -> None:
    """What `deletion execute` does to the index, in the transaction that records the deletion."""
    (film,) = desk.takes("film.tif", (untyped(), [EMPTY]), films=True)
    (text,) = desk.takes("text.tif", (untyped(), [PRESCRIPTION]))
    station = desk.station
    with station.database.write("test.write") as session:
        for one in (film, text):
            forget_read(session, station.columns, one.id)
        assert index_of(session, station.columns, film.id) == Index(films=(1,))
        assert index_of(session, station.columns, text.id) == NOTHING
    assert desk.index(film)["tags"] == [EXCLUDED]
