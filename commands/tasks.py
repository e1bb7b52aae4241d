"""Work that does not go on by itself: what a fault keeps, what a person stopped, what ended its process too often."""

from __future__ import annotations

from typing import Any

import click

from commands.misuse import OneOf
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
            show(setting, found, "tasks", as_json=as_json)


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
@click.argument("identifier", metavar="ID", required=False)
@click.option("--all", "everything", is_flag=True, help="Tout ce qui est arrêté / all that is stopped.")
@setting
def task_resume(setting: Setting, identifier: str | None, everything: bool) -> None:
    """Reprendre ce qui était arrêté / let it go on."""
    from pipeline.office import tasks

    if (identifier is None) != everything:
        raise OneOf("ID", "--all")
    with setting.station() as station:
        several = [one["id"] for one in tasks.kept(station) if one["paused"]] if identifier is None else [identifier]
        for one in several:
            tasks.resume(station, one)
            out(say("task-resumed", setting.tongue, id=one))
        if not several:
            out(say("nothing-kept", setting.tongue))


@task.command("abandon")
@click.argument("identifier", metavar="ID")
@setting
def task_abandon(setting: Setting, identifier: str) -> None:
    """Écarter ce qui est arrêté, gardé chiffré / set aside what is stopped, kept encrypted."""
    from pipeline.office import tasks

    with setting.station() as station:
        tasks.abandon(station, identifier)
    out(say("task-abandoned", setting.tongue, id=identifier))
