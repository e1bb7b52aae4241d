"""The README can be followed as it stands, in both languages: commands, links, transcript, opening a record."""

import hashlib
import io
import re
import shlex
import string
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import click
import pytest

from cli import liasse
from lexicon import catalogue, reviews
from lexicon.screens import SCREENS
from storage.certificates import load_recipient
from storage.envelope import seal
from storage.header import Header
from tests.docs_fixtures import HOUSE, REFERENCE, anchors, coded, fences, generate, headings, rows, section
from tests.envelope_fixtures import DOCUMENT, PDF, cleared

ENGLISH = (HOUSE / "README.md").read_text(encoding="utf-8")
FRENCH = (HOUSE / "LISEZMOI.md").read_text(encoding="utf-8")
SECTIONS = [
    ("Liasse", "Liasse"),
    ("Who it is for", "À qui elle sert"),
    ("The journey", "Le parcours"),
    ("Two commands", "Deux commandes"),
    ("What it looks like", "À quoi cela ressemble"),
    ("A first day with a real scanner", "Premier jour avec un vrai scanner"),
    ("Opening a record without Liasse", "Ouvrir un dossier sans Liasse"),
    ("What is kept where", "Ce qui est gardé, et où"),
    ("What it does not do yet", "Ce qu'elle ne fait pas encore"),
    ("The house", "La maison"),
    ("Reporting a defect", "Signaler un défaut"),
    ("Licence", "Licence"),
]
PAGES = [pytest.param(path, id=str(path.relative_to(HOUSE))) for path in (*generate.pages(), HOUSE / "CHANGELOG.md")]


# Alike


def test_both_have_the_same_sections_in_the_same_order() -> None:
    assert list(zip(_words(ENGLISH), _words(FRENCH), strict=True)) == SECTIONS


def _words(text: str) -> list[str]:
    return [words for _, words in headings(text)]


def test_both_have_the_same_commands() -> None:
    assert fences(ENGLISH, "sh") == fences(FRENCH, "sh")


@pytest.mark.parametrize(("english", "french"), SECTIONS[1:])
def test_a_section_says_as_much_in_both(english: str, french: str) -> None:
    """As many table rows, list entries and paragraphs, and the same links."""
    here, there = section(ENGLISH, english), section(FRENCH, french)
    assert [len(row) for row in rows(here)] == [len(row) for row in rows(there)]
    assert here.count("\n- ") == there.count("\n- ")
    assert here.count("\n\n") == there.count("\n\n")
    assert _links(here) == _links(there)


def test_both_draw_the_same_journey() -> None:
    (here,), (there,) = fences(ENGLISH, "mermaid"), fences(FRENCH, "mermaid")
    assert _drawn(here) == _drawn(there)
    assert len(_drawn(here)) > 10


def _drawn(diagram: str) -> list[list[str]]:
    """The arrows' ends, without their labels."""
    plain = re.sub(r"\|[^|]*\||\(\[.*?]\)|\[\(.*?\)]|\[.*?]|\{.*?\}", "", diagram)
    return [re.findall(r"\w+", line) for line in plain.splitlines() if "-->" in line]


# True


def test_the_commands_for_make_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (HOUSE / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {line.split()[1] for block in fences(ENGLISH, "sh") for line in block.splitlines() if line[:5] == "make "}
    assert named == {"demo", "test"}
    assert named <= targets


def _typed(text: str) -> list[list[str]]:
    """Every `liasse …` that a page tells people to type: in fences, and between back-quotes."""
    lines = [line for block in fences(text, "sh") for line in block.splitlines()]
    lines += [word for word in coded(text) if re.match(r"liasse [a-z]", word)]
    return [shlex.split(line.split(" > ")[0]) for line in lines if line.startswith("liasse ")]


def _misunderstood(words: list[str]) -> str | None:
    """What the program does not know in a command line; None when it knows all of it."""
    command: click.Command = liasse
    rest = words[1:]
    while rest and isinstance(command, click.Group):
        if rest[0] not in command.commands:
            return rest[0]
        command, rest = command.commands[rest[0]], rest[1:]
    known = {name for p in command.params if isinstance(p, click.Option) for name in p.opts}
    return next((word for word in rest if word.startswith("--") and word not in known), None)


@pytest.mark.parametrize("path", PAGES)
def test_every_command_to_type_is_one_that_the_program_understands(path: Path) -> None:
    wrong = [(words, why) for words in _typed(path.read_text(encoding="utf-8")) if (why := _misunderstood(words))]
    assert not wrong


def test_commands_to_type_are_found_and_wrong_ones_are_told() -> None:
    assert len(_typed(ENGLISH)) > 10
    assert _misunderstood(["liasse", "custody", "prune"]) == "prune"
    assert _misunderstood(["liasse", "watch", "--force"]) == "--force"


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, 1), (FRENCH, 0)], ids=["english", "french"])
def test_the_transcript_has_the_programs_own_words(text: str, language: int) -> None:
    (shown,) = fences(text, "text")
    screens = [_pattern(both[language]) for both in SCREENS.values()]
    lines = [line for line in shown.splitlines() if line.strip() not in ("", "…") and "$ openssl" not in line]
    assert len(lines) > 10
    strange = [line for line in lines if not any(screen.fullmatch(line) for screen in screens)]
    assert not strange


def _pattern(template: str) -> re.Pattern[str]:
    """What a screen's sentence looks like with any places filled in."""
    parts = [
        re.escape(text) + (".*" if name is not None else "") for text, name, _, _ in string.Formatter().parse(template)
    ]
    return re.compile("".join(parts) + r"(?: \[[a-z-]+\])?")


def test_a_record_opens_as_the_readme_says(tmp_path: Path) -> None:
    """The pair of keys made by its command, an envelope sealed to it, opened by its command; with a pass phrase."""
    make, opening = (next(_lines(start)) for start in ("openssl req", "openssl cms"))
    _run([*shlex.split(make), "-passout", "pass:essai"], tmp_path)
    recipient = load_recipient(tmp_path / "client.crt")
    recipient.require_valid(recipient.certificate.not_valid_before_utc)
    content, clearance = b"%PDF-1.4 un dossier", cleared()
    header = Header(DOCUMENT, 1, clearance.decision, hashlib.sha256(content).hexdigest(), PDF)
    target = tmp_path / "object.p7m"
    seal(io.BytesIO(content), len(content), header, clearance, recipients=(recipient,), target=target)
    _run([*shlex.split(opening), "-passin", "pass:essai"], tmp_path)
    assert (tmp_path / "document.pdf").read_bytes() == content
    for command in fences((REFERENCE / "envelope.md").read_text(encoding="utf-8"), "sh"):
        if command.startswith("openssl cms -cmsout"):
            assert header.digest()[:6] in _run(shlex.split(command), tmp_path).replace(" ", "").replace("-", "")


def _lines(start: str) -> "filter[str]":
    every = (line for block in fences(ENGLISH, "sh") for line in block.splitlines())
    return filter(lambda line: line.startswith(start), every)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Whole


def _links(text: str) -> list[str]:
    return sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "LISEZMOI.md"})


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(path: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
        if not link.startswith("https://"):
            target, _, anchor = link.partition("#")
            there = (path.parent / target).resolve() if target else path
            if not there.exists() or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
                broken.append(link)
    assert not broken


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_no_machine_of_ours(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/work/|/tmp/|\.\./shared|/home/|/root/", text)


def test_every_reference_page_is_linked_from_the_readme() -> None:
    linked = {link.partition("#")[0] for link in _links(ENGLISH)}
    assert {f"docs/reference/{path.name}" for path in REFERENCE.glob("*.md")} <= linked
    assert {f"docs/fr/{path.name}" for path in (HOUSE / "docs" / "fr").glob("*.md")} <= linked


def test_the_house_in_the_readme_is_the_one_that_stands_in_its_order() -> None:
    (contract, *_) = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    told = [coded(row[0])[0] for row in rows(section(ENGLISH, "The house")) if coded(row[0])]
    assert told == ["cli.py", *(f"{room}/" for room in contract["layers"])]


# Decisions and changes

DECISIONS = sorted((HOUSE / "docs" / "adr").glob("[0-9]*.md"))


def test_decisions_are_numbered_without_gaps_and_all_in_the_index() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    index = (HOUSE / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DECISIONS] == re.findall(r"\]\(([^)]+)\)", index)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_context_and_its_consequences(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}. ")
    assert re.findall(r"^\*\*(Context|Decision|Consequences)\.\*\*", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
    ]


def test_every_dependency_has_its_reason_and_no_other_has() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *chain(*project["project"]["optional-dependencies"].values())]
    wanted += [one for group in project["dependency-groups"].values() for one in group if isinstance(one, str)]
    names = {re.split(r"[\[<>=]", one)[0] for one in wanted}
    text = (HOUSE / "docs" / "adr" / "0002-dependencies.md").read_text(encoding="utf-8")
    told = {coded(row[0])[0] for row in rows(text) if coded(row[0])} | set(
        re.findall(r"^`([a-z-]+)` \(extra", text, re.MULTILINE)
    )
    assert told == names


def test_the_changes_tell_this_version() -> None:
    version = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changes = [words for level, words in headings((HOUSE / "CHANGELOG.md").read_text(encoding="utf-8")) if level == 2]
    assert changes[:2] == ["[Unreleased]", f"[{version}]"]


def test_every_code_named_in_the_french_pages_is_one_of_ours() -> None:
    known = {*catalogue.FAULTS, *catalogue.REASONS, *catalogue.LINES, *catalogue.ALARMS}
    known |= {*reviews.MAINTAIN_REASONS, *reviews.SETTLE_REASONS, *reviews.DISMISS_REASONS}
    known |= {*reviews.DECISIONS, *reviews.FACTS}
    named = {
        word
        for path in (HOUSE / "docs" / "fr").glob("*.md")
        for word in coded(path.read_text(encoding="utf-8"))
        if re.fullmatch(r"[a-z]+(-[a-z]+)+", word)
    }
    assert named
    assert named <= known
