"""The sheets themselves: boxes, separator sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.proving import ask, proved
from commands.setting import Setting, out, setting
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.people import Presented


@click.group()
def box() -> None:
    """Cartons de papier / boxes of paper."""


def _box_command(movement: str, help_text: str) -> None:
    @box.command(movement, help=help_text)
    @click.argument("ref")
    @click.option("--sheets", type=click.IntRange(min=1), required=True, help="Feuilles / sheets.")
    @setting
    def command(setting: Setting, ref: str, sheets: int) -> None:
        from pipeline.office.paper import record_movement

        with setting.station() as station:
            record_movement(station, movement, ref, sheets)
        out(say(f"box-{movement}", setting.tongue, box=ref, sheets=sheets))


_box_command("receive", "Feuilles reçues dans un carton / sheets received in a box.")
_box_command("unscanned", "Feuilles reçues qui ne seront pas numérisées / sheets that will not be scanned.")
_box_command("return", "Feuilles rendues au client / sheets given back to the client.")


@box.command("destroyed")
@click.argument("ref")
@click.option("--sheets", type=click.IntRange(min=1), required=True, help="Feuilles / sheets.")
@setting
@proved
def box_destroyed(setting: Setting, by: Callable[[], Presented], ref: str, sheets: int) -> None:
    """Feuilles détruites ; la référence de l'ordre ou du certificat est demandée / sheets that were destroyed.

    Le responsable de traitement ou un administrateur le dit. / The controller or an administrator says so.
    """
    from pipeline.office.paper import record_destruction

    with setting.station() as station:
        reference = ask(setting, "ask-destruction", hidden=False) or ""
        record_destruction(station, ref, sheets, by(), reference)
    out(say("box-destroyed", setting.tongue, box=ref, sheets=sheets))


@click.group()
def separator() -> None:
    """Intercalaires / separator sheets."""


@separator.command("print")
@click.option("--patient", "refs", multiple=True, required=True, help="Référence / reference (répétable, repeatable).")
@click.option("--type", "doc_type", help="Type de document / document type.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF.")
@setting
def separator_print(setting: Setting, refs: tuple[str, ...], doc_type: str | None, target: Path) -> None:
    """Imprimer un intercalaire par référence / print a sheet a reference."""
    from pipeline.office.sheets import print_sheets, require_known

    if setting.config_path is not None:
        with setting.station() as station:
            require_known(refs, station.roster)
    print_sheets(refs, doc_type, target)
    out(say("separators-written", setting.tongue, count=len(refs), path=str(target)))
