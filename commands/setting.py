"""What every command is given, and how it answers: stdout is the answer, stderr the talk."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from lexicon.catalogue import FAULTS
from lexicon.faults import Fault, StationFault
from lexicon.screens import say
from lexicon.sentences import Language

if TYPE_CHECKING:
    from cryptography import x509

    from pipeline.config import Config
    from pipeline.office.tabling import Telling
    from pipeline.station import Station
    from storage.keys import PrivateKey


@dataclass
class Setting:
    """What the options before the command say."""

    config_path: Path | None = None
    as_of: date | None = None
    language: Language | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    """Of the station's clocks, once its configuration was read."""

    @property
    def tongue(self) -> Language:
        return self.language or ("en" if os.environ.get("LIASSE_LANG", "").startswith("en") else "fr")

    def config(self) -> Config:
        from pipeline.config import load
        from pipeline.office.hardening import harden

        harden()
        if self.config_path is None:
            raise StationFault("config-not-named")
        config = load(self.config_path)
        if self.language is None and "LIASSE_LANG" not in os.environ:
            self.language = config.station.language
        self.zone = ZoneInfo(config.station.timezone)
        return config

    @property
    def telling(self) -> Telling:
        from pipeline.office.tabling import Telling

        return Telling(self.tongue, self.zone)

    @contextmanager
    def station(self) -> Iterator[Station]:
        from pipeline.office.journal import noting_faults, start_journal
        from pipeline.station import open_station

        config = self.config()
        start_journal(config.folder / "log", config.log)
        with noting_faults():
            station = open_station(config, self.as_of)
            try:
                yield station
            finally:
                station.close()


setting = click.make_pass_decorator(Setting)
as_json = click.option("--json", "as_json", is_flag=True, help="Réponse en JSON / answer in JSON.")
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
a_folder = click.Path(exists=True, file_okay=False, path_type=Path)


def out(text: str) -> None:
    click.echo(text)


def talk(text: str) -> None:
    click.echo(text, err=True)


def tell_fault(fault: Fault, tongue: Language) -> None:
    """What is wrong, with its code, and what to do."""
    sentence = FAULTS[fault.code]
    talk(say("error", tongue, what=f"{sentence.what(tongue, **fault.facts)} [{fault.code}]"))
    talk(say("hint", tongue, hint=sentence.hint(tongue, **fault.facts)))


def out_json(answer: object) -> None:
    out(json.dumps(answer, ensure_ascii=False))


def show(setting: Setting, answers: list[dict[str, Any]], table: str, *, as_json: bool) -> None:
    """Several answers: a line of JSON each, or a table of `pipeline.office.tables`."""
    from pipeline.office.tables import TABLES
    from pipeline.office.tabling import table_text

    for answer in answers if as_json else ():
        out_json(answer)
    if not as_json:
        out(table_text(answers, TABLES[table], setting.telling))


def show_one(setting: Setting, answer: dict[str, Any], sheet: str, *, as_json: bool) -> None:
    """One answer: JSON, or a line a field."""
    from pipeline.office.tables import SHEETS
    from pipeline.office.tabling import sheet_text

    out_json(answer) if as_json else out(sheet_text(answer, SHEETS[sheet], setting.telling))


def client_key(key_path: Path, certificate_path: Path, setting: Setting) -> tuple[PrivateKey, x509.Certificate]:
    """The client's key; its passphrase is asked for where it has one, and where somebody can answer."""
    from storage.keys import load_certificate, load_private_key

    certificate = load_certificate(certificate_path)
    if "ENCRYPTED" not in key_path.read_text(encoding="ascii", errors="replace"):
        return load_private_key(key_path), certificate
    try:
        password = getpass.getpass(say("ask-passphrase", setting.tongue))
    except (EOFError, OSError):
        raise StationFault("key-unavailable", key=key_path.name) from None
    return load_private_key(key_path, password.encode()), certificate
