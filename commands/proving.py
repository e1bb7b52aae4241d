"""How a person says who is there. No code, key or name is an argument, which other users of the machine can see."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.setting import Setting, a_file
from lexicon.faults import StationFault
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.people import Presented

CODE_VARIABLE = "LIASSE_CODE"
PASSPHRASE_VARIABLE = "LIASSE_KEY_PASSPHRASE"  # noqa: S105  the name of a variable

_LONGEST = 4096


def proved(command: Callable[..., None]) -> Callable[..., None]:
    """Options that say who acts; the command is given them as `by: Callable[[], Presented]`, which asks when called.

    Below `@setting`, which it needs.
    """

    @functools.wraps(command)
    def asking(
        setting: Setting,
        *arguments: Any,
        person: str,
        code: str | None,
        code_file: Path | None,
        identity_key: Path | None,
        **more: Any,
    ) -> None:
        by = functools.partial(_presented, setting, person, code, code_file, identity_key)
        command(setting, *arguments, by=by, **more)

    for option in reversed(_OPTIONS):
        asking = option(asking)
    return asking


_OPTIONS = (
    click.option("--person", envvar="LIASSE_PERSON", default="", metavar="ID", help="Qui agit / who acts."),
    click.option("--code", type=click.Choice(["-"]), help="Lire le code sur l'entrée standard / read it from stdin."),
    click.option("--code-file", type=a_file, help="Fichier contenant le code / file with the code."),
    click.option("--identity-key", type=a_file, help="Clé privée de la personne (PEM) / the person's private key."),
)


def ask(setting: Setting, question: str, *, hidden: bool = True) -> str | None:
    """What is typed on the terminal, or the next line of what is given; None where there is neither."""
    if sys.stdin.isatty():
        return str(click.prompt(say(question, setting.tongue), hide_input=hidden, err=True))
    return sys.stdin.readline(_LONGEST).strip() or None


def _presented(
    setting: Setting, person: str, code: str | None, code_file: Path | None, identity_key: Path | None
) -> Presented:
    from pipeline.office.people import Code, KeyFile, Presented

    if identity_key is not None:
        return Presented(person, KeyFile(_content(identity_key), _passphrase(setting, identity_key)))
    typed = os.environ.get(CODE_VARIABLE)
    if code_file is not None:
        typed = _content(code_file).decode("ascii", "replace").strip()
    elif code == "-" or (typed is None and sys.stdin.isatty()):
        typed = ask(setting, "ask-code")
    return Presented(person, Code(typed) if typed else None)


def _passphrase(setting: Setting, key: Path) -> bytes | None:
    if b"ENCRYPTED" not in _content(key):
        return None
    given = os.environ.get(PASSPHRASE_VARIABLE)
    return (given if given is not None else ask(setting, "ask-key-password") or "").encode()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LONGEST * 4)
    except OSError:
        raise StationFault("identity-key-unreadable") from None
