"""What is wrong with a setting: its place in the file, its nearest known name or what was expected; never its value.

The words are `lexicon.words.PROBLEMS`; pydantic's own are English alone.
"""

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from pipeline.hosting import KINDS

MISTAKES: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("missing", ""),
    "greater_than_equal": ("below", "ge"),
    "greater_than": ("not-above", "gt"),
    "less_than_equal": ("above", "le"),
    "less_than": ("not-below", "lt"),
    "literal_error": ("one-of", "expected"),
    "date_type": ("day", ""),
    "date_parsing": ("day", ""),
    "int_type": ("whole-number", ""),
    "float_type": ("number", ""),
    "string_type": ("text", ""),
    "bool_type": ("true-or-false", ""),
    "tuple_type": ("list", ""),
    "list_type": ("list", ""),
    "model_type": ("table", ""),
    "model_attributes_type": ("table", ""),
    "mapping_type": ("table", ""),
    "dict_type": ("table", ""),
    "string_too_short": ("too-short", "min_length"),
    "too_short": ("too-short", "min_length"),
    "string_too_long": ("too-long", "max_length"),
    "string_pattern_mismatch": ("form", "pattern"),
}
"""What pydantic finds -> its word, and the name of its bound."""


_PLACE: Final = re.compile(r"line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class Misset:
    """One setting, with dots as in `host.kind`; `problem`: a slug of `PROBLEMS`, a space and its bound."""

    setting: str
    problem: str


def place_of(error: tomllib.TOMLDecodeError) -> str:
    """Where a file is no TOML any more."""
    found = _PLACE.search(str(error))
    return f"line {found[1]}, {found[2]}" if found else "file-ends"


def first_of(error: ValidationError, root: type[BaseModel]) -> Misset:
    """The first mistake that was found."""
    first: Mapping[str, Any] = error.errors()[0]
    return Misset(".".join(str(part) for part in _place(first)), _problem(first, root))


def _place(error: Mapping[str, Any]) -> tuple[int | str, ...]:
    """Where the setting stands in the file: pydantic names the kind of host in between."""
    place: tuple[int | str, ...] = error["loc"]
    if error["type"] == "host_kind":
        return ("host", "kind")
    return (place[0], *place[2:]) if place[:1] == ("host",) and place[1:2] and place[1] in KINDS else place


def _problem(error: Mapping[str, Any], root: type[BaseModel]) -> str:
    kind, bounds = str(error["type"]), error.get("ctx", {})
    if kind == "value_error":
        return str(bounds["error"])
    if kind == "host_kind":
        return f"one-of {', '.join(KINDS)}"
    if kind != "extra_forbidden":
        slug, bound = MISTAKES.get(kind, ("wrong", ""))
        return f"{slug} {bounds.get(bound, '')}".strip().replace(" or ", ", ")
    *section, name = (part for part in error["loc"] if isinstance(part, str))
    known = _known(section, root)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    return f"near {near[0]}" if near else f"unknown {', '.join(known)}"


def _known(section: list[str], root: type[BaseModel]) -> list[str]:
    """The settings of a section, named as pydantic names its place: of several kinds of host, the one named next."""
    models: list[type[BaseModel]] = [root]
    for name in section:
        inner = [kind for model in models if name in model.model_fields for kind in _models(model, name)]
        models = inner or [model for model in models if "kind" in model.model_fields and _is_kind(model, name)]
    return [name for model in models for name in model.model_fields if name != "base"]


def _models(model: type[BaseModel], name: str) -> list[type[BaseModel]]:
    """The sections that a field may hold."""
    annotation = model.model_fields[name].annotation
    stack, found = [annotation], list[type[BaseModel]]()
    while stack:
        kind = stack.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind)
        else:
            stack += get_args(kind)
    return found


def _is_kind(model: type[BaseModel], name: str) -> bool:
    return name in get_args(model.model_fields["kind"].annotation)
