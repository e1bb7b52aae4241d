"""The station as a service of its machine."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from commands.setting import Setting, out, setting, talk
from lexicon.screens import say


@click.group()
def service() -> None:
    """Le service de la machine / the machine's service."""


@service.command("unit")
@click.option("--user", default="liasse", show_default=True, help="Compte du poste / the station's account.")
@click.option("--worker", is_flag=True, help="Ouvriers supplémentaires / further workers (PostgreSQL).")
@setting
def service_unit(setting: Setting, user: str, worker: bool) -> None:
    """L'unité systemd de ce poste, cloisonnée / this station's systemd unit, hardened."""
    from pipeline.office.service import credentials, unit

    config = setting.config()
    beside = Path(sys.executable).with_name("liasse")
    program = beside if beside.exists() else Path(shutil.which("liasse") or beside)
    made = unit(config, program, user, worker=worker)
    out(made.text.rstrip("\n"))
    talk(say("unit-made", setting.tongue, name=made.name))
    for name in credentials(config):
        talk(say("unit-credential", setting.tongue, name=name))
