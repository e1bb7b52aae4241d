"""Whatever happens in whatever order, nothing goes on without a clearance of that moment; who goes around is seen."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from consent_gate.model import Clearance, Refused
from pipeline import steps as engine_steps
from pipeline.journey import Deposited, Outcome
from pipeline.model import Held, Identified, Scan
from pipeline.recorded import RecordedTools
from tests.stateful_machine import run_sequences
from tests.stateful_oracle import GRANTED, LIFTED, OPPOSED, REFUSED, WITHDRAWN, Said, is_open
from tests.stateful_station import FIRST_DAY, MATTERS, Life, Template, make_template, memory, quick
from tests.trial_fixtures import RememberingTools

SEQUENCES = 60
DAY = FIRST_DAY


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """In memory, where the machine has that: processes are killed here, not machines."""
    folder = Path(tempfile.mkdtemp(dir=memory()))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def template(place: Path) -> Template:
    return make_template(place)


def test_nothing_goes_on_without_a_clearance_of_that_moment(template: Template, place: Path) -> None:
    with quick():
        tally = run_sequences(template, place, SEQUENCES)
    assert tally.sequences >= SEQUENCES
    reached = {end.split()[0] for end in tally.documents} | {end.split()[-1] for end in tally.documents}
    assert {"deposited", "refused", "curable", "closed", "final"} <= reached
    assert tally.rules["killed"] > SEQUENCES // 10
    assert tally.rules["said-amid"] > SEQUENCES // 10


# The test of the test: stations that go around the gate


class AskedOnce(RememberingTools):
    """The gate's first answer to a document stands for ever."""

    __slots__ = ()
    answers: ClassVar[dict[str, Clearance | Refused]] = {}

    def ask(self, identified: Identified) -> Clearance | Refused:
        return self.answers.setdefault(identified.document, super().ask(identified))


def _unasked(scan: Scan, tools: RecordedTools) -> Outcome:
    """`pipeline.journey.deliver` without the question before the deposit."""
    identified, sealed = tools.identified(scan), tools.sealed(scan.document)
    assert not isinstance(identified, Held)
    assert sealed is not None
    tools.announce(sealed)
    clearance = tools.inner.ask(identified)
    assert isinstance(clearance, Clearance)
    received = tools.deposit(sealed, clearance)
    return received if isinstance(received, Refused) else Deposited(scan.document, received)


def _lived(template: Template, place: Path, live: Callable[[Life], None]) -> str:
    """What the judgement says of a life."""
    life = Life(template, place)
    try:
        live(life)
        with pytest.raises(AssertionError) as judged:
            life.end()
        return str(judged.value)
    finally:
        life.close()


def test_a_station_that_asks_once_is_seen(template: Template, place: Path) -> None:
    def live(life: Life) -> None:
        life.scans("P1", None)
        life.works("prepare")
        life.says(Said("P1", WITHDRAWN, DAY))

    with quick(AskedOnce):
        told = _lived(template, place, live)
    assert "receipt deposited" in told
    assert "the gate was closed by then" in told


def test_a_station_that_does_not_ask_before_the_deposit_is_seen(
    template: Template, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def live(life: Life) -> None:
        life.scans("P1", None)
        life.works("whole")

    monkeypatch.setattr(engine_steps, "deliver", _unasked)
    with quick():
        told = _lived(template, place, live)
    assert "the gate was not asked between the announcement and the receipt" in told
    assert "was put without a clearance" in told


def test_sequences_find_such_a_station_by_themselves(template: Template, place: Path) -> None:
    with quick(AskedOnce), pytest.raises(AssertionError, match="sentences say otherwise"):
        run_sequences(template, place, SEQUENCES, shrink=False)


def test_an_object_without_a_receipt_is_seen(template: Template, place: Path) -> None:
    def live(life: Life) -> None:
        life.scans("P1", None)
        life.works("whole")
        (envelope,) = life.trial.host.rglob("*.p7m")
        envelope.with_name(f"{'ab' * 32}.p7m").write_bytes(b"of nobody")

    with quick():
        assert "is at the host and has no receipt" in _lived(template, place, live)


def test_what_is_left_of_a_final_document_is_seen(template: Template, place: Path) -> None:
    def live(life: Life) -> None:
        life.scans("P2", None)
        life.works("whole")
        life.reviews(0, maintain=True)
        (document,) = life._documents()
        assert document.custody == "final"
        (life.trial.home / "quarantine" / f"{document.id}.p7m").write_bytes(b"kept")

    with quick():
        assert "is left of a document that is final" in _lived(template, place, live)


# The oracle itself


def _said(*kinds: tuple[str, int], **more: Any) -> list[Said]:
    return [Said("P1", kind, DAY + timedelta(days=days), **more) for kind, days in kinds]


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        ([], False),
        (_said((GRANTED, 0)), True),
        (_said((GRANTED, 1)), False),
        (_said((GRANTED, -1), (REFUSED, -1)), False),
        (_said((GRANTED, 0), (WITHDRAWN, -1)), True),
        (_said((GRANTED, -1), (WITHDRAWN, 1)), True),
        (_said((GRANTED, -1), until=DAY), True),
        (_said((GRANTED, -2), until=DAY - timedelta(days=1)), False),
        ([*_said((GRANTED, -2)), *_said((GRANTED, -1), types=frozenset({"ordonnance"}))], False),
        ([*_said((GRANTED, 0)), *_said((GRANTED, -1), types=frozenset({"ordonnance"}))], True),
        ([*_said((GRANTED, -2)), *_said((OPPOSED, -1), (LIFTED, -1), matter=MATTERS[0])], False),
        ([*_said((GRANTED, -2)), *_said((OPPOSED, -1), (LIFTED, 0), matter=MATTERS[0])], True),
        (
            [*_said((GRANTED, -2)), *_said((OPPOSED, -1), matter=MATTERS[0]), *_said((LIFTED, 0), matter=MATTERS[1])],
            False,
        ),
    ],
)
def test_the_oracle_says_what_the_sentences_say(said: list[Said], opened: bool) -> None:  # noqa: FBT001  a case
    assert is_open(said, DAY, "certificat") is opened
