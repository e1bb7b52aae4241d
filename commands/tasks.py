"""Work that does not go on by itself: what a fault keeps, what a person stopped, what ended its process too often."""

from __future__ import annotations

from typing import Any

import click

from commands.setting import Setting, as_json, out, setting, show
from lexicon.screens import say


@click.group()
def task() -> None:
    """Ce qui n'avance pas de soi-même / work that does not go on by itself."""


@task.command("list")
@as_json
@setting
def task_list(setting: Setting, as_json: bool) -> None:
    """Ce qui est arrêté ou retenu par une panne / what is stopped, or kept by a fault."""
    from pipeline.office import tasks

    with setting.station() as station:
        found: list[dict[str, Any]] = tasks.kept(station)
        if not found and not as_json:
            out(say("nothing-kept", setting.tongue))
        else:
            show(setting, found, as_json=as_json)


@task.command("cancel")
@click.argument("identifier", metavar="ID")
@setting
def task_cancel(setting: Setting, identifier: str) -> None:
    """Arrêter un document ou un fichier en cours, qui attend alors une personne / stop a document or a file."""
    from pipeline.office import tasks

    with setting.station() as station:
        tasks.cancel(station, identifier)
    out(say("task-cancelled", setting.tongue, id=identifier))


@task.command("resume")
@click.argument("identifier", metavar="ID")
@setting
def task_resume(setting: Setting, identifier: str) -> None:
    """Reprendre ce qui était arrêté / let it go on."""
    from pipeline.office import tasks

    with setting.station() as station:
        tasks.resume(station, identifier)
    out(say("task-resumed", setting.tongue, id=identifier))


@task.command("abandon")
@click.argument("identifier", metavar="ID")
@setting
def task_abandon(setting: Setting, identifier: str) -> None:
    """Écarter ce qui est arrêté : gardé chiffré, à numériser de nouveau / set it aside, encrypted, to be scanned again."""
    from pipeline.office import tasks

    with setting.station() as station:
        tasks.abandon(station, identifier)
    out(say("task-abandoned", setting.tongue, id=identifier))
