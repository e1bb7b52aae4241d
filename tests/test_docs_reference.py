"""Every command, setting, reason, fault and exit code has its paragraph in the reference, and no other has one."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from consent_gate.model import Reason
from lexicon import faults
from pipeline.config import Config, ContractSection, load
from pipeline.model import HeldReason
from tests.docs_fixtures import HOUSE, coded, generate, headings, page, rows, section


def test_generated_parts_are_what_the_program_says() -> None:
    known = generate.parts()
    for path in generate.pages():
        text = path.read_text(encoding="utf-8")
        assert generate.filled(text, known).splitlines() == text.splitlines(), "run: python docs/generate.py"


@pytest.mark.parametrize(
    ("name", "parts"), [("reasons", 4), ("faults", 1), ("imports", 1), ("custody", 1), ("commands", 110)]
)
def test_generated_parts_are_where_they_are_expected(name: str, parts: int) -> None:
    assert page(name).count("<!-- generated: ") == parts


# Commands


def test_every_command_has_its_section_with_every_option() -> None:
    text = page("commands")
    for path, command in generate.commands():
        body = section(text, " ".join(("liasse", *path)))
        options = [name for p in command.params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts)]
        missing = [name for name in options if name not in body]
        assert not missing, path


def test_no_section_is_about_a_command_that_is_not_there() -> None:
    told = {words for _, words in headings(page("commands")) if words.startswith("liasse")}
    assert told == {" ".join(("liasse", *path)) for path, _ in generate.commands()}


def test_the_help_of_the_installed_program_is_the_one_in_the_docs() -> None:
    run = [sys.executable, "-c", "import cli; cli.main()", "--help"]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(HOUSE)}
    answer = subprocess.run(run, env=environment, cwd="/", capture_output=True, text=True, check=True, encoding="utf-8")
    _, _, body = answer.stdout.partition("\n")  # the first line names the program as it was called
    assert body.rstrip() in section(page("commands"), "liasse")


# Configuration


def settings(model: type[BaseModel] = Config, prefix: str = "") -> dict[str, FieldInfo]:
    """Every setting of the file by its dotted name."""
    found: dict[str, FieldInfo] = {}
    for name, field in model.model_fields.items():
        if name == "base":
            continue
        inner = _sections_of(field)
        for kind in inner:
            found = settings(kind, f"{prefix}{name}.") | found
        found |= {} if inner else {f"{prefix}{name}": field}
    return found


def _sections_of(field: FieldInfo) -> list[type[BaseModel]]:
    """One; several where a block is of several kinds; none of a plain setting."""
    waiting, found = [field.annotation], list[type[BaseModel]]()
    while waiting:
        kind = waiting.pop(0)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind)
        else:
            waiting += get_args(kind)
    return found


def _written(field: FieldInfo) -> str:
    """A default as the table shows it."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    return "none" if default is None else f"`{json.dumps(default)}`"


def test_every_setting_has_its_row_with_its_default() -> None:
    table = {coded(row[0])[0]: row[1] for row in rows(page("configuration")) if "." in row[0]}
    assert table == {name: _written(field) for name, field in settings().items()}


def test_every_setting_that_has_few_values_names_them() -> None:
    told = {coded(row[0])[0]: row[2] for row in rows(page("configuration")) if "." in row[0]}
    for value in get_args(ContractSection.model_fields["legal_basis"].annotation):
        assert f'"{value}"' in told["contract.legal_basis"]


def test_the_example_file_is_a_right_configuration() -> None:
    config = load(HOUSE / "config.example.toml")
    assert config.station.mode == "production"


def example(*, bucket: bool = False) -> str:
    """The example file; with the lines of a bucket in place of those of a folder, as its comment says."""
    text = (HOUSE / "config.example.toml").read_text(encoding="utf-8")
    if not bucket:
        return text
    text = text.replace('kind = "folder"\nfolder = "host"\n', "")
    return re.sub(r"^#(?=[a-z0-9_]+ = )", "", text, flags=re.MULTILINE)


def test_the_example_file_of_a_bucket_is_a_right_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(example(bucket=True), encoding="utf-8")
    assert load(tmp_path / "config.toml").host.kind == "s3"


def test_the_example_file_mentions_every_setting() -> None:
    tables = [tomllib.loads(example(bucket=bucket)) for bucket in (False, True)]
    for table in tables:
        table["inbox"] = table["inbox"][0]
    assert [name for name in settings() if all(_at(table, name) is None for table in tables)] == []


def test_the_example_file_gives_the_defaults_where_there_are_any() -> None:
    """What differs is what a contract decides."""
    tables = [tomllib.loads(example(bucket=bucket)) for bucket in (False, True)]
    for table in tables:
        table["inbox"] = table["inbox"][0]
    differing = {
        name
        for name, field in settings().items()
        if not field.is_required()
        if (value := _first(tables, name)) is not None
        if (default := field.get_default(call_default_factory=True)) is not None
        if value != _plain(default)
    }
    assert differing == {"client.dpo", "contract.subcontractor"}


def _first(tables: list[dict[str, Any]], name: str) -> object:
    return next((found for table in tables if (found := _at(table, name)) is not None), None)


def _plain(default: object) -> object:
    return list(default) if isinstance(default, tuple) else default


def _at(table: Mapping[str, Any], name: str) -> Any:
    """What a table says of a setting, None where it is silent."""
    *groups, key = name.split(".")
    for group in groups:
        table = table.get(group, {})
    return table.get(key)


# Reasons, faults, exit codes


def test_the_gates_reasons_and_the_held_ones_have_their_sections() -> None:
    told = {words for level, words in headings(page("reasons")) if level == 3}
    assert told >= {reason.value for reason in (*Reason, *HeldReason)}


def test_the_order_of_the_gate_names_every_reason() -> None:
    assert set(coded(section(page("reasons"), "The gate"))) >= {reason.value for reason in Reason}


def test_the_exit_codes_are_those_of_the_program() -> None:
    told = {coded(row[1])[0]: int(row[0]) for row in rows(page("exit-codes")) if row[0].isdigit()}
    assert told == {name: getattr(faults, name) for name in dir(faults) if name.startswith("EXIT_")}


def test_the_fault_before_any_module_is_told() -> None:
    assert "[modules-shadowed]" in (HOUSE / "cli.py").read_text(encoding="utf-8")
    assert "exit code 8" in section(page("faults"), "modules-shadowed")
