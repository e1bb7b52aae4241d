"""No path around the gate type-checks: mypy finds in `tests/typing` exactly the errors that its lines announce.

A line that must be refused ends in `# expect: <mypy error code>`; any other line must pass.
"""

import re
import shutil
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).resolve().parent.parent
SNIPPETS = sorted((ROOT / "tests" / "typing").glob("*.py"))
EXPECTED = re.compile(r"# expect: (?P<code>[a-z-]+)$")
REPORTED = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[a-z-]+)\]$")

Errors = dict[str, set[tuple[int, str]]]


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Errors:
    """What mypy says of all snippets, in one run."""
    cache = tmp_path_factory.mktemp("mypy")
    if (ROOT / ".mypy_cache").exists():  # of `make check`, which has been over the rooms: a copy, for others may use it
        shutil.copytree(ROOT / ".mypy_cache", cache, dirs_exist_ok=True)
    options = ["--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(cache)]
    # Errors elsewhere are the business of `make check`.
    options += ["--no-pretty", "--hide-error-context", "--show-absolute-path"]
    answer, failure, _ = api.run([*options, *map(str, SNIPPETS)])
    assert not failure
    errors: Errors = {}
    for line in answer.splitlines():
        if found := REPORTED.fullmatch(line):
            errors.setdefault(Path(found["path"]).name, set()).add((int(found["line"]), found["code"]))
    assert errors, answer
    return errors


def test_there_are_snippets_for_the_steps_that_need_a_clearance() -> None:
    names = {path.stem for path in SNIPPETS}
    assert {"seal_without_clearance", "deposit_without_clearance"} <= names


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_what_must_not_type_check_does_not(snippet: Path, reported: Errors) -> None:
    expected = {
        (number, found["code"])
        for number, line in enumerate(snippet.read_text().splitlines(), 1)
        if (found := EXPECTED.search(line))
    }
    assert expected
    assert reported.get(snippet.name, set()) == expected
