"""The pages of the documentation, as the tests that hold them against the program read them."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

HOUSE = Path(__file__).resolve().parent.parent
REFERENCE = HOUSE / "docs" / "reference"
_HEADING = re.compile(r"^(#{1,6}) (.+)$")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", HOUSE / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


generate = _generate()


def page(name: str) -> str:
    """A page of the reference, by its name without extension."""
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Level and words of each heading, those in fences left out."""
    for line in _FENCE.sub("", text).splitlines():
        if found := _HEADING.match(line):
            yield len(found[1]), found[2]


def section(text: str, heading: str) -> str:
    """What stands under the one heading of these words, up to the next heading of any level."""
    parts = re.split(r"^#{1,6} (.+)$", text, flags=re.MULTILINE)
    found = [body for words, body in zip(parts[1::2], parts[2::2], strict=True) if words == heading]
    assert len(found) == 1, heading
    return found[0]


def fences(text: str, language: str) -> list[str]:
    """The contents of the fences of a language."""
    return [body for kind, body in _FENCE.findall(text) if kind == language]


def rows(text: str) -> list[list[str]]:
    """The rows of all tables, cells trimmed; headers and rulers among them."""
    lines = [line for line in text.splitlines() if line.startswith("|") and line.endswith("|")]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def coded(cell: str) -> list[str]:
    """The words in back-quotes of a cell or a text, fences left out."""
    return re.findall(r"`([^`]+)`", _FENCE.sub("", cell))


def anchors(text: str) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    found: set[str] = set()
    for _, words in headings(text):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", words)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-"))
    return found
