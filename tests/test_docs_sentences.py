"""Whatever the program says, it says in French and English, with the next step, its places filled and true commands."""

import ast
import re
import string
from collections.abc import Iterator, Mapping

import click
import pytest

from cli import liasse
from lexicon import catalogue, reasons
from lexicon.screens import SCREENS
from lexicon.sentences import Sentence
from pipeline.model import HeldReason
from storage.evidence import Flaw, Guarantee
from tests.docs_fixtures import HOUSE, generate

TABLES: Mapping[str, Mapping[str, Sentence]] = {
    "FAULTS": catalogue.FAULTS,
    "REASONS": catalogue.REASONS,
    "LINES": catalogue.LINES,
    "FLAWS": catalogue.FLAWS,
}
_COMMAND = re.compile(r"\bliasse(?: --config \S+)?((?: [a-z]+(?:-[a-z]+)*){1,4})\b((?: (?:--[a-z-]+|[A-Z{][\w}-]*))*)")

_BARE = re.compile(r"(?:« |\(|['`,] ?|puis |then )(liasse )?((?:[a-z]+(?:-[a-z]+)*)(?: [a-z]+(?:-[a-z]+)*)+)")


def sentences() -> Iterator[tuple[str, str, Sentence]]:
    for table, entries in TABLES.items():
        for slug, sentence in entries.items():
            yield table, slug, sentence


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# Faults


def test_every_fault_that_the_code_raises_has_its_sentence() -> None:
    raised = {one.code: one.where for one in generate.raised()}
    missing = {code: where for code, where in raised.items() if code not in catalogue.FAULTS}
    assert not missing


def test_no_sentence_is_about_a_fault_that_nothing_raises() -> None:
    raised = {one.code for one in generate.raised()}
    assert catalogue.FAULTS.keys() == raised


def test_every_place_of_a_faults_sentence_is_filled_where_it_is_raised() -> None:
    unfilled = [
        (one.code, one.where, needed - one.facts)
        for one in generate.raised()
        if (sentence := catalogue.FAULTS.get(one.code))
        if not (needed := places(sentence.fr + sentence.fr_hint)) <= one.facts
    ]
    assert not unfilled


def test_reading_the_code_for_faults_finds_those_that_are_known_to_be_there() -> None:
    """The reader of the source itself: a constant, a choice of two, and a code passed by a keyword."""
    found = {(one.family, one.code) for one in generate.raised()}
    assert {("StationFault", "disk-full"), ("StationFault", "disk-unusable"), ("HostFault", "host-conflict")} <= found


# Lines, reasons, flaws


def test_every_code_of_a_refused_line_has_its_sentence_and_no_other_has() -> None:
    used: set[str] = set()
    for path in (*(HOUSE / "consent_gate").rglob("*.py"), HOUSE / "storage" / "imports.py"):
        calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
        for call in calls:
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            code = {"CellRefused": 0, "CellCode": 0, "LineVerdict": 2}.get(name)
            if code is not None and len(call.args) > code and isinstance(constant := call.args[code], ast.Constant):
                used.add(str(constant.value))
    assert used == catalogue.LINES.keys()


def test_every_held_reason_flaw_and_guarantee_has_its_sentence() -> None:
    assert {reason.value for reason in HeldReason} == reasons.HELD.keys()
    assert {flaw.value for flaw in Flaw} == catalogue.FLAWS.keys()
    assert {f"guarantee-{guarantee.value}" for guarantee in Guarantee} <= SCREENS.keys()


# All of them


@pytest.mark.parametrize(("table", "slug", "said"), [pytest.param(*s, id=f"{s[0]}-{s[1]}") for s in sentences()])
def test_a_sentence_is_whole_in_both_languages(table: str, slug: str, said: Sentence) -> None:
    texts = (said.fr, said.fr_hint, said.en, said.en_hint)
    assert all(text and text == text.strip() and not text[0].islower() for text in texts), table
    assert len(set(texts)) == len(texts), slug
    assert said.fr[-1] == said.en[-1] == "."
    assert places(said.fr) == places(said.en)
    assert places(said.fr_hint) == places(said.en_hint)


@pytest.mark.parametrize(("table", "slug", "said"), [pytest.param(*s, id=f"{s[0]}-{s[1]}") for s in sentences()])
def test_french_is_set_as_french_is(table: str, slug: str, said: Sentence) -> None:
    for text in (said.fr, said.fr_hint):
        assert not re.search(r"\w[;!?]|\w :\w|«\S|\S»|\"", text), (table, slug)
        assert "vous" not in text.split(), (table, slug)


def test_no_screen_is_unsaid() -> None:
    """Each is named somewhere, whole; or by how it begins, in what is given to `say`."""
    rooms = [path for path in generate.sources() if path.parent.name != "lexicon"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in rooms]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    beginnings = tuple(begun for node in nodes if isinstance(node, ast.Call) if (begun := _begins(node)))
    assert len(beginnings) > 3
    assert [key for key in SCREENS if key not in named and not key.startswith(beginnings)] == []


def _begins(call: ast.Call) -> str:
    """How the key of a screen begins that is put together where it is said."""
    said = isinstance(call.func, ast.Name) and call.func.id == "say" and call.args
    if not said or not isinstance(text := call.args[0], ast.JoinedStr):
        return ""
    first = text.values[0]
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_every_screen_has_the_same_places_in_both_languages() -> None:
    differing = [key for key, (fr, en) in SCREENS.items() if places(fr) != places(en) or not (fr and en)]
    assert not differing


def said() -> Iterator[tuple[str, str]]:
    """Each text that a sentence or a screen may show."""
    yield from ((slug, text) for _, slug, s in sentences() for text in (s.fr, s.fr_hint, s.en, s.en_hint))
    yield from ((f"ALARMS {slug}", text) for slug, s in catalogue.ALARMS.items() for text in (s.fr_hint, s.en_hint))
    yield from ((key, text) for key, both in SCREENS.items() for text in both)


def named_in(text: str) -> Iterator[tuple[tuple[str, ...], frozenset[str], str]]:
    """Each command that a text tells people to type: its words, its options, and all of it as written."""
    for found in _COMMAND.finditer(text):
        yield tuple(found[1].split()), frozenset(re.findall(r"--[a-z]+(?:-[a-z]+)*", found[2])), found[0]


def leaf(words: tuple[str, ...]) -> click.Command | None:
    """The command that these words begin with, which runs as it is; None where there is none."""
    command: click.Command = liasse
    for word in words:
        if not isinstance(command, click.Group):
            break
        if word not in command.commands:
            return None
        command = command.commands[word]
    return None if isinstance(command, click.Group) and not command.invoke_without_command else command


def test_sentences_name_commands_that_are_there_with_options_that_they_have() -> None:
    wrong, named = [], 0
    for slug, text in said():
        for words, options, written in named_in(text):
            named += 1
            command = leaf(words)
            known = {name for one in command.params for name in one.opts} if command else set()
            if command is None or options - known:
                wrong.append((slug, written))
    assert named > len(list(generate.commands())) / 2  # the pattern finds them
    assert not wrong


def test_a_command_is_named_whole() -> None:
    """`task resume` alone, or `forms check`, does not work as written."""
    paths = [path for path, command in generate.commands() if len(path) > 1 and not isinstance(command, click.Group)]
    tails = {path[-many:] for path in paths for many in range(2, len(path) + 1)}
    cut = [(slug, found) for slug, text in said() for found in cut_short(text, tails)]
    assert not cut


def cut_short(text: str, tails: set[tuple[str, ...]]) -> Iterator[str]:
    """Each command of several words that is told without `liasse` and all the words that call it."""
    for found in _BARE.finditer(text):
        words = tuple(found[2].split())
        named = max((many for many in range(2, len(words) + 1) if words[:many] in tails), default=0)
        if named and not (found[1] and leaf(words) is not None):
            yield found[0]


@pytest.mark.parametrize("many", [2, 3])
def test_reading_the_sentences_finds_a_command_that_is_cut_short(many: int) -> None:
    path = ("refusal", "review", "maintain")
    tails = {path[-2:], path}
    cut = " ".join(path[-many:])
    assert list(cut_short(f"Rendez-le ; puis « {cut} » avec « scanned-anew ».", tails))
    assert list(cut_short(f"Give it back; then '{cut}' with 'scanned-anew'.", tails))
    assert not list(cut_short(f"puis « liasse {' '.join(path)} {{document}} »", tails))
