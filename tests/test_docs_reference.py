"""Every command, setting, reason, fault and exit code has its paragraph in the reference, and no other has one."""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

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
    stale = [path.name for path in generate.pages() if generate.filled(text := path.read_text(), known) != text]
    assert not stale, "run: python docs/generate.py"


@pytest.mark.parametrize(
    ("name", "parts"), [("reasons", 3), ("faults", 1), ("imports", 1), ("custody", 1), ("commands", 36)]
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
        inner = _section_of(field)
        found |= settings(inner, f"{prefix}{name}.") if inner else {f"{prefix}{name}": field}
    return found


def _section_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = get_args(field.annotation) if get_origin(field.annotation) is tuple else (field.annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


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


def test_the_example_file_mentions_every_setting() -> None:
    text = (HOUSE / "config.example.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    for name in settings():
        group, key = name.split(".")
        block = table[group][0] if isinstance(table[group], list) else table[group]
        assert key in block or (key == "columns"), name
    assert {"columns"} <= table["roster"].keys() & table["authorization"].keys()


def test_the_example_file_gives_the_defaults_where_there_are_any() -> None:
    """What differs is what a contract decides."""
    table = tomllib.loads((HOUSE / "config.example.toml").read_text(encoding="utf-8"))
    table["inbox"] = table["inbox"][0]
    differing = {
        name
        for name, field in settings().items()
        if not field.is_required() and (value := _at(table, name)) != field.get_default(call_default_factory=True)
        if value is not None
    }
    assert differing == {"client.dpo", "contract.subcontractor", "contract.register_maximum_age_days"}


def _at(table: Mapping[str, Any], name: str) -> object:
    group, key = name.split(".")
    return table[group].get(key)


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
