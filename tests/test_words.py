"""Slugs are for machines: on a screen each has its words, in French and in English."""

from enum import StrEnum
from pathlib import Path

import pytest

from consent_gate.model import CustodyClass, EvidenceKind, FactKind, Giver, Opposition, Reason, custody_class
from consent_gate.people import Role
from consent_gate.review import Kind
from lexicon import catalogue, reviews, words
from lexicon.faults import StationFault
from lexicon.reasons import GATE
from lexicon.screens import say
from pipeline.config import load
from pipeline.forms.readings import Read
from pipeline.identity.zone import Standing, TraitKind
from pipeline.misset import MISTAKES
from pipeline.office.gate_words import SAYS_NO
from storage.deletions import DeletionState
from storage.forms import STATES
from storage.people import Factor

BASE = """
station = { id = "essai", mode = "trial" }
client = { name = "Service inventé" }
contract = { reference = "CT" }
inbox = [{ folder = "inbox" }]
recipients = { client = "c.crt", escrow = "e.crt" }
"""

TABLES: list[tuple[words.Words, type[StrEnum]]] = [
    (reviews.FACTS, FactKind),
    (reviews.GIVERS, Giver),
    (reviews.EVIDENCE, EvidenceKind),
    (reviews.DECISIONS, Kind),
    (words.CUSTODY, CustodyClass),
    (words.OPPOSITIONS, Opposition),
    (words.ROLES, Role),
    (words.FACTORS, Factor),
    (words.FORM_OUTCOMES, Read),
    (words.DELETION_STATES, DeletionState),
    (words.TRAIT_STANDINGS, Standing),
]


@pytest.mark.parametrize(("table", "slugs"), TABLES, ids=[slugs.__name__ for _, slugs in TABLES])
def test_every_slug_has_its_words(table: words.Words, slugs: type[StrEnum]) -> None:
    assert {one.value for one in slugs} == table.keys()
    assert all(french and english for french, english in table.values())


def test_so_have_the_slugs_that_are_no_enumeration() -> None:
    assert set(STATES) == words.FORM_STATES.keys()
    assert {one.value for one in TraitKind} <= words.TRAITS.keys()
    assert {one.value for one in SAYS_NO} <= words.NOES.keys()
    assert {slug for slug, _ in MISTAKES.values()} <= words.PROBLEMS.keys()


def test_a_fault_says_the_slugs_among_its_facts_in_words() -> None:
    restricted, ended = catalogue.FAULTS["document-restricted"], catalogue.FAULTS["deletion-ended"]
    assert "(retrait)" in restricted.what("fr", reason="withdrawn")
    assert "(withdrawal)" in restricted.what("en", reason="withdrawn")
    assert "« exécutée »" in ended.what("fr", state="executed")
    assert "(personnel médical)" in catalogue.FAULTS["role-insufficient"].what("fr", role="reviewer")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[review]\nattempts = 2", "review.attempts (au moins 3)"),
        ("[review]\nattempts = 200", "review.attempts (au plus 20)"),
        ("[review]\nattempts = 'x'", "review.attempts (un nombre entier est attendu)"),
        ("[ocr]\npage_seconds = 0", "ocr.page_seconds (plus que 0"),
        ("[pdfa]\nverapdf = 'oui'", "pdfa.verapdf (l'un de : 'auto', 'always', 'sample', 'never')"),
        ("[review]\nattempts = ", "lu (ligne, colonne : 9, 12)"),
        ("[review]\nattempt = 3", "review.attempt (réglage inconnu ; vouliez-vous dire attempts ?)"),
        ("[alarms]\nbegins = '8 h'", "alarms.begins (l'écriture attendue est"),
        ("[alarms]\ndays = ['lundi']", "alarms.days.0 (l'un de : 'mon', 'tue'"),
    ],
)
def test_a_wrong_setting_is_told_in_french_with_its_bound(tmp_path: Path, text: str, said: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"{BASE}\n{text}\n", encoding="utf-8")
    with pytest.raises(StationFault) as caught:
        load(config)
    assert said in catalogue.FAULTS[caught.value.code].what("fr", **caught.value.facts)


@pytest.mark.parametrize("reason", GATE)
def test_no_reason_of_the_gate_has_a_curable_document_scanned_again(reason: str) -> None:
    """It goes on by itself: scanned again, it would be deposited twice."""
    said = GATE[reason]
    assert "puis numérisez" not in said.fr_hint
    assert "then scan" not in said.en_hint
    assert "Rendez le papier" not in said.fr_hint


def test_what_is_curable_goes_on_by_itself_and_its_hint_says_so() -> None:
    curable = [one.value for one in Reason if custody_class(one) is CustodyClass.CURABLE]
    assert curable
    assert all("repart alors de lui-même : ne le numérisez pas de nouveau" in GATE[one].fr_hint for one in curable)
    assert all("goes on by itself: do not scan it again" in GATE[one].en_hint for one in curable)


def test_one_of_a_thing_is_no_plural() -> None:
    """French counts none as one."""
    counts = (0, 1, 2)
    assert [say("count-sheets", "fr", count=count) for count in counts] == ["0 feuille", "1 feuille", "2 feuilles"]
    assert [say("count-sheets", "en", count=count) for count in counts] == ["0 sheets", "1 sheet", "2 sheets"]
