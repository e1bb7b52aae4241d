"""Writes the parts of the documentation that are the program's own words: helps, sentences, faults, reasons.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`. `python docs/generate.py` writes them anew; a test
compares them with the code.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import click
from click.testing import CliRunner

HOUSE: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HOUSE)]  # so that it runs as a script too

from cli import Setting, liasse  # noqa: E402, TID251  after the path; its helps are what is written
from consent_gate.model import Reason, custody_class  # noqa: E402
from lexicon import catalogue, conflicts, faults, reasons  # noqa: E402
from lexicon.sentences import Sentence  # noqa: E402
from tests.crash_elsewhere import ELSEWHERE  # noqa: E402
from tests.failpoint_fixtures import failpoints  # noqa: E402

ROOMS: Final = ("commands", "consent_gate", "demo", "handover", "lexicon", "pipeline", "storage")
FAMILIES: Final = ("SheetFault", "HostFault", "StationFault", "TamperFault")
_PART: Final = re.compile(r"<!-- generated: ([a-z/-]+) -->\n(.*?)<!-- end -->", re.DOTALL)
_WIDTH: Final = 78
"""What click leaves of a terminal of 80 columns."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One place in the code that raises a fault."""

    family: str
    code: str
    facts: frozenset[str]
    where: str


def sources() -> Iterator[Path]:
    """Every module of the product."""
    yield HOUSE / "cli.py"
    for room in ROOMS:
        yield from sorted((HOUSE / room).rglob("*.py"))


def raised() -> tuple[Raised, ...]:
    """Every fault that the code can raise. A code in a variable is looked for among the module's keywords."""
    found: list[Raised] = []
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Name) and call.func.id in FAMILIES and call.args:
                facts = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
                where = f"{path.relative_to(HOUSE)}:{call.lineno}"
                found += [Raised(call.func.id, code, facts, where) for code in _codes(call.args[0], calls)]
    return tuple(found)


def _codes(argument: ast.expr, calls: list[ast.Call]) -> set[str]:
    """Constants in the expression, or, for a variable, the constants that are passed by its name in the module."""
    here = {n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    here = {text for text in here if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}
    if here:
        return here
    name = (
        argument.attr if isinstance(argument, ast.Attribute) else argument.id if isinstance(argument, ast.Name) else ""
    )
    return {
        str(keyword.value.value)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == name.lstrip("_") and isinstance(keyword.value, ast.Constant)
    }


def commands(
    group: click.Group = liasse, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with the words that call it, the root (no word) first."""
    yield path, group
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def help_text(path: tuple[str, ...]) -> str:
    """What `--help` prints on a terminal of 80 columns."""
    runner = CliRunner()
    answer = runner.invoke(liasse, [*path, "--help"], obj=Setting(), prog_name="liasse", terminal_width=_WIDTH)
    return answer.output


def parts() -> Mapping[str, str]:
    """The name of every generated part, and what stands in it."""
    written: dict[str, Callable[[], str]] = {
        "reasons/gate": lambda: _reasons(reasons.GATE),
        "reasons/held": lambda: _reasons(reasons.HELD),
        "reasons/aside": lambda: _reasons(reasons.ASIDE),
        "reasons/forms": lambda: _reasons(reasons.FORMS),
        "faults": _faults,
        "lines": lambda: _sentences(catalogue.LINES),
        "flaws": lambda: _sentences(catalogue.FLAWS),
        "failpoints": _failpoints,
        "contradictions": lambda: _slugs(conflicts.CONFLICTS),
    }
    helps = {f"help/{'-'.join(path) or 'liasse'}": _help(path) for path, _ in commands()}
    return {**helps, **{name: write() for name, write in written.items()}}


def filled(text: str, known: Mapping[str, str]) -> str:
    """A page with its generated parts as they must be. Raises KeyError for a part that nobody writes."""
    return _PART.sub(lambda part: f"<!-- generated: {part[1]} -->\n{known[part[1]].rstrip()}\n\n<!-- end -->", text)


def pages() -> tuple[Path, ...]:
    """Every page of the documentation."""
    return (HOUSE / "README.md", HOUSE / "LISEZMOI.md", *sorted((HOUSE / "docs").rglob("*.md")))


def _help(path: tuple[str, ...]) -> str:
    return f"\n```text\n$ {' '.join(('liasse', *path, '--help'))}\n{help_text(path).rstrip()}\n```\n"


def _reasons(table: Mapping[str, Sentence]) -> str:
    gate = {reason.value: custody_class(reason).value for reason in Reason}
    kept = {**gate, "duplicate-file": "none, nothing of it is kept"}
    return "\n".join(_entry(slug, s, f"Custody class: {kept.get(slug, 'curable')}.") for slug, s in table.items())


def _sentences(table: Mapping[str, Sentence]) -> str:
    return "\n".join(_entry(slug, sentence) for slug, sentence in table.items())


def _slugs(table: Mapping[str, tuple[str, str]]) -> str:
    rows = (f"| `{slug}` | {french} | {english} |" for slug, (french, english) in table.items())
    return "\n".join(("\n| slug | français | English |", "|---|---|---|", *rows))


def _faults() -> str:
    families: defaultdict[str, set[str]] = defaultdict(set)
    for one in raised():
        families[one.code].add(one.family)
    told = sorted(catalogue.FAULTS.items())
    return "\n".join(_entry(slug, sentence, _families(slug, families[slug])) for slug, sentence in told)


def _failpoints() -> str:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for one in failpoints():
        place = f"`{one.module}` {one.function}"
        if place not in places[one.name]:
            places[one.name].append(place)
    rows = "".join(f"| `{name}` | {', '.join(where)} | {_swept(name)} |\n" for name, where in sorted(places.items()))
    return f"\n| effect | where | in the sweep |\n|---|---|---|\n{rows}"


def _swept(name: str) -> str:
    """`killed`, or why the crash sweep kills at neither point of an effect, or at one alone."""
    said = {
        side: next((why for pattern, why in ELSEWHERE.items() if fnmatchcase(f"{name}:{side}", pattern)), "killed")
        for side in ("before", "after")
    }
    if len(set(said.values())) == 1:
        return said["before"]
    return "; ".join(f"{side}: {why}" for side, why in said.items())


def _families(slug: str, names: set[str]) -> str:
    exits = {f"{name}, exit code {getattr(faults, name)(slug).exit_code}" for name in names}
    return "; ".join(sorted(exits)) + "."


def _entry(slug: str, said: Sentence, before: str = "") -> str:
    head = f"\n### {slug}\n"
    lead = f"\n{before}\n" if before else ""
    return f"{head}{lead}\n- {said.fr} *{said.fr_hint}*\n- {said.en} *{said.en_hint}*"


def main() -> int:
    """Write every page's generated parts; how many pages changed."""
    known, changed = parts(), 0
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = filled(before, known)
        if after != before:
            page.write_text(after, encoding="utf-8")
            changed += 1
    sys.stdout.write(f"{changed} page(s) written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
