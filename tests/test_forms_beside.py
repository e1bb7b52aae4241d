"""Written pages beside a form's: what the patient wrote there is not cut off, and nothing else is taken for it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from consent_gate.model import DocType, FactKind, KnownPatient, PatientRef
from demo.records import Invented
from lexicon.faults import Fault, HostFault
from pipeline.forms import checking, depositing, holding
from pipeline.forms.readings import Read, Reading
from pipeline.office.rejudging import rejudge
from pipeline.runs import process_folder
from pipeline.station import Station
from storage.forms import CHECKED, HELD, TO_CHECK, TO_SEAL, Forms, StoredReturn
from tests.form_fixtures import blank, fed, inbox_of, letter, never, printed, scanned, signed, spoilt, told
from tests.people_fixtures import Somebody, staffed
from tests.trial_fixtures import TODAY, Trial

GRANTED = Reading(outcome=Read.GRANTED, on=TODAY)
LIMITED = Reading(outcome=Read.LIMITED, on=TODAY, until=TODAY)


class Desk:
    """A station to which files of one form each come back."""

    def __init__(self, trial: Trial, station: Station, folder: Path) -> None:
        self.trial, self.station, self._folder = trial, station, folder
        self.reviewer: Somebody = staffed(station).reviewer()
        self.number, self.first, self.last = "", blank(), blank()

    def print(self) -> None:
        """The next form, for a patient who has none; its two pages, signed."""
        forms = printed(self.station, self._folder, "A1001")
        self.number, sides = forms.numbers[0], forms.sides(0)
        self.first, self.last = signed(sides[0]), signed(sides[-1])

    def feed(self, *sides: Image.Image) -> str:
        name = f"{self.station.identifiers.new()}.tif"
        file = fed(self.station, scanned(self._folder / name, *sides))
        depositing.deliver_returns(self.station, file)
        return file

    def laid(self, file: str) -> list[StoredReturn]:
        with self.station.database.read() as session:
            return list(Forms(self.station.columns).returns(session, file=file))

    def assign(self, one: StoredReturn) -> StoredReturn:
        return holding.assign(self.station, one.id, self.number, self.reviewer.proved).returned

    def check(self, one: StoredReturn, reading: Reading = GRANTED) -> StoredReturn:
        return checking.check(self.station, one.id, reading, self.reviewer.proved, rejudge).returned

    def refused(self, slug: str, one: StoredReturn, reading: Reading = GRANTED) -> None:
        with pytest.raises(Fault) as caught:
            checking.check(self.station, one.id, reading, never, rejudge)
        assert caught.value.code == slug

    def unassigned(self, slug: str, one: StoredReturn) -> Fault:
        with pytest.raises(Fault) as caught:
            holding.assign(self.station, one.id, self.number, never)
        assert caught.value.code == slug
        return caught.value

    def cut_off(self, monkeypatch: pytest.MonkeyPatch, one: StoredReturn) -> None:
        """The power fails when a match is on record, and before the page is sealed."""
        with monkeypatch.context() as broken:
            broken.setattr(depositing, "_seal", _interrupted)
            with pytest.raises(KeyboardInterrupt):
                self.assign(one)


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, invented_records: Invented) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("beside")
    trial = Trial.found(folder / "station", verapdf="never")
    trial.know(invented_records)
    told(trial)
    with trial.opened() as station:
        yield Desk(trial, station, folder)


@pytest.fixture
def desk(opened: Desk) -> Desk:
    opened.print()
    return opened


def facts_with(station: Station, one: StoredReturn) -> list[FactKind]:
    """Of what kinds the facts are that rest on a return."""
    reading = station.register.reading(PatientRef("A1001"))
    assert isinstance(reading, KnownPatient)
    return [fact.kind for fact in reading.facts if fact.evidence and fact.evidence.envelope == one.id]


# --- A match that a power cut broke off -------------------------------------------------------------------------------


def test_a_limit_on_a_back_is_not_cut_off_by_a_power_cut_amid_its_match(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = desk.feed(desk.last, letter())
    front, back = desk.laid(file)
    desk.cut_off(monkeypatch, back)
    assert [one.state for one in desk.laid(file)] == [TO_CHECK, TO_SEAL]
    with monkeypatch.context() as broken:  # as for another process, between the match and its sealing
        broken.setattr(depositing, "_seal", lambda *_: None)
        desk.refused("form-page-behind", front)
    assert facts_with(desk.station, front) == []
    desk.check(front, LIMITED)
    ends = [(one.state, one.outcome, one.deposited_at is not None) for one in desk.laid(file)]
    assert ends == [(CHECKED, "limited", True)] * 2, "the back is sealed first, and checked with its front"


def test_a_match_that_broke_off_is_finished_at_the_next_start(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = desk.feed(desk.last, letter())
    _, back = desk.laid(file)
    desk.cut_off(monkeypatch, back)
    process_folder(desk.station, inbox_of(desk.trial), lambda _: None, threading.Event())
    assert [one.state for one in desk.laid(file)] == [TO_CHECK, TO_CHECK]


def test_a_page_is_matched_and_sealed_while_another_of_its_file_waits_for_the_host(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = desk.last
    desk.print()
    file = desk.feed(sent, desk.last, letter())
    other, front, back = desk.laid(file)

    def away(*_: object) -> None:
        raise HostFault("host-unreachable")

    with monkeypatch.context() as broken:
        broken.setattr(desk.station.host, "create", away)
        desk.check(other)
        desk.assign(back)
    assert [one.state for one in desk.laid(file)] == ["sealed", TO_CHECK, TO_CHECK]
    desk.check(front)
    assert [one.state for one in desk.laid(file)] == [CHECKED] * 3


def test_a_back_of_which_nothing_is_left_holds_its_form_up_until_a_person_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = desk.feed(desk.last, letter())
    front, back = desk.laid(file)
    desk.cut_off(monkeypatch, back)
    desk.station.quarantine.destroy(back.id)
    desk.refused("form-page-behind", front)
    assert [(one.state, one.reason) for one in desk.laid(file)] == [(TO_CHECK, None), (HELD, "lost-with-station")]
    desk.refused("form-page-behind", front)
    holding.discard(desk.station, back.id, desk.reviewer.proved)
    assert desk.check(front).state == CHECKED


def test_what_lies_beside_is_asked_again_once_the_person_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    file = desk.feed(desk.last, letter())
    front, _ = desk.laid(file)
    asked = holding.waits_beside
    with monkeypatch.context() as blind:  # as if the page had come to wait after it was asked the first time
        answers = iter([False])
        blind.setattr(checking, "waits_beside", lambda *of: next(answers, None) is None and asked(*of))
        with pytest.raises(Fault, match="form-page-behind"):
            desk.check(front)
    assert (desk.laid(file)[0], facts_with(desk.station, front)) == (front, [])


# --- Before and behind ------------------------------------------------------------------------------------------------


def test_a_back_that_was_fed_first_holds_its_form_up_and_is_checked_with_it(desk: Desk) -> None:
    file = desk.feed(letter(), letter(), desk.last)
    rest, back, front = desk.laid(file)
    assert (rest.positions, back.positions, front.state) == ((1,), (2,), TO_CHECK)
    desk.refused("form-page-behind", front)
    desk.unassigned("form-unassignable", rest)
    assert desk.assign(back).state == TO_CHECK
    desk.check(front, LIMITED)
    assert [(one.state, one.outcome) for one in desk.laid(file)] == [
        (HELD, None), (CHECKED, "limited"), (CHECKED, "limited"),
    ]  # fmt: skip


def test_a_back_with_a_mark_like_a_code_holds_its_form_up_and_is_checked_with_it(desk: Desk) -> None:
    file = desk.feed(desk.first, desk.last, spoilt(desk.first))
    front, marked = desk.laid(file)
    assert (marked.state, marked.reason) == (HELD, "form-code-damaged")
    desk.refused("form-page-behind", front)
    desk.assign(marked)
    desk.check(front, LIMITED)
    assert [(one.state, one.outcome) for one in desk.laid(file)] == [(CHECKED, "limited")] * 2


def test_what_may_be_another_signed_copy_does_not_go_with_one_that_is_unusable(desk: Desk) -> None:
    file = desk.feed(desk.last, spoilt(desk.last))
    front, copy = desk.laid(file)
    desk.assign(copy)
    desk.check(front, Reading(outcome=Read.UNUSABLE))
    assert [one.state for one in desk.laid(file)] == [CHECKED, TO_CHECK]
    desk.check(copy)
    assert facts_with(desk.station, copy) == [FactKind.GRANTED]


def test_a_note_on_the_back_of_the_notice_is_checked_with_the_signed_page(desk: Desk) -> None:
    file = desk.feed(desk.first, letter(), blank(), desk.last)
    notice, back, front = desk.laid(file)
    desk.refused("form-page-behind", front)
    desk.assign(back)
    desk.check(front, LIMITED)
    assert [(one.state, one.outcome) for one in (notice, *desk.laid(file)[1:])] == [
        (HELD, None), (CHECKED, "limited"), (CHECKED, "limited"),
    ]  # fmt: skip


def test_a_page_between_two_returns_of_a_form_goes_with_the_one_before_it(desk: Desk) -> None:
    file = desk.feed(desk.last, letter(), desk.last)
    one, back, other = desk.laid(file)
    desk.assign(back)
    desk.check(other, Reading(outcome=Read.UNUSABLE))
    assert [one.state for one in desk.laid(file)] == [TO_CHECK, TO_CHECK, CHECKED]
    desk.check(one, LIMITED)
    assert [one.outcome for one in desk.laid(file)] == ["limited", "limited", "unusable"]


# --- No more than a form has sides ------------------------------------------------------------------------------------


def test_a_sheet_has_one_back(desk: Desk) -> None:
    file = desk.feed(letter(), desk.last, letter())
    before, front, behind = desk.laid(file)
    desk.assign(behind)
    desk.unassigned("form-unassignable", before)
    desk.refused("form-page-behind", front)
    holding.discard(desk.station, before.id, desk.reviewer.proved)
    desk.check(front)
    assert [one.state for one in desk.laid(file)] == ["discarded", CHECKED, CHECKED]


def test_a_form_has_no_more_pages_than_its_sheets_have_sides(desk: Desk) -> None:
    file = desk.feed(*[spoilt(desk.last)] * 4, blank(), spoilt(desk.last))
    *four, fifth = desk.laid(file)
    for one in four:
        desk.assign(one)
    assert desk.unassigned("form-sides-exceeded", fifth).facts == {"sides": 4}
    assert [one.state for one in desk.laid(file)] == [*[TO_CHECK] * 4, HELD]
    desk.check(four[0], Reading(outcome=Read.UNUSABLE))
    assert desk.assign(fifth).state == TO_CHECK, "what is unusable went nowhere"


# --- What is told of a mistake ----------------------------------------------------------------------------------------


def test_no_document_type_is_told_where_one_is_unknown(desk: Desk) -> None:
    (front,) = desk.laid(desk.feed(desk.last))
    types = frozenset(map(DocType, ("resultat_labo", "certificat", "depistage_vih")))
    with pytest.raises(Fault) as caught:
        checking.check(
            desk.station, front.id, Reading(outcome=Read.LIMITED, on=TODAY, doc_types=types), never, rejudge
        )  # fmt: skip
    assert (caught.value.code, caught.value.facts) == ("form-type-unknown", {"option": "--type", "unknown": 2})
