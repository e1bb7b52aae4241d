"""A command line that does not hold, said in the operator's language: click says it in English alone."""

from __future__ import annotations

import click

from lexicon.screens import say
from lexicon.sentences import Language
from lexicon.words import MISUSES


class OneOf(click.UsageError):
    """Exactly one of these is needed: `OneOf("DOCUMENT...", "--patient")`."""

    def __init__(self, *several: str) -> None:
        super().__init__(", ".join(several))


class NotWith(click.UsageError):
    """Some do not go with another: `NotWith("--patch", "--type", "--names")`."""

    def __init__(self, one: str, *others: str) -> None:
        self.one, self.others = one, ", ".join(others)
        super().__init__(f"{one}: {self.others}")


def misuse_text(error: click.ClickException, language: Language) -> str:
    """What is wrong, and where to read on. Never a value that was typed, which may name a person."""
    hint = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = "\n" + say("hint", language, hint=say("usage-hint", language, command=error.ctx.command_path))
    return f"{say('error', language, what=_what(error, language))}{hint}"


def _what(error: click.ClickException, language: Language) -> str:
    match error:
        case OneOf():
            slug, places = "one-of", {"what": error.message}
        case NotWith():
            slug, places = "not-with", {"what": error.others, "name": error.one}
        case click.MissingParameter():
            slug, places = "missing", {"what": _name(error)}
        case click.BadParameter():
            slug, what = _expected(error.param)
            places = {"name": _name(error), "what": what}
        case click.NoSuchOption():
            near = f" ({', '.join(error.possibilities)} ?)" if error.possibilities else ""
            slug, places = "no-option", {"what": f"{error.option_name}{near}"}
        case click.BadOptionUsage():
            slug = "takes-no-value" if "not take" in error.message else "needs-value"
            places = {"what": error.option_name}
        case _:
            slug, places = _of_words(error.format_message())
    return MISUSES[slug][0 if language == "fr" else 1].format(**places)


def _of_words(message: str) -> tuple[str, dict[str, str]]:
    """What click tells by its words alone."""
    begins = {"No such command": "no-command", "Got unexpected": "too-many", "Missing command": "command-missing"}
    for words, slug in begins.items():
        if message.startswith(words):
            return slug, {"what": message.partition("'")[2].partition("'")[0]}
    return "else", {"what": message}


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "?")
    if isinstance(error.param, click.Option):
        return " / ".join(error.param.opts)
    return error.param.metavar or error.param.human_readable_name


def _expected(param: click.Parameter | None) -> tuple[str, str]:
    kind = param.type if param is not None else None
    match kind:
        case click.Choice():
            return "choice", ", ".join(map(str, kind.choices))
        case click.IntRange():
            bounds = [f"≥ {kind.min}"] if kind.min is not None else []
            return "range", " ".join([*bounds, *([f"≤ {kind.max}"] if kind.max is not None else [])])
        case click.DateTime():
            return ("day" if len(kind.formats) == 1 else "either-day"), ""
        case click.Path():
            return ("folder" if kind.dir_okay and not kind.file_okay else "file"), ""
        case _:
            return ("number" if kind in (click.INT, click.FLOAT) else "wrong"), ""
