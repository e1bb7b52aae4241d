"""The sheets themselves: boxes, separator sheets, and what is not to be fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from commands.misuse import NotWith, OneOf
from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING, StationFault
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.people import Presented
    from pipeline.office.preparing import Asked
    from pipeline.office.sheets import Manner, Printed
    from pipeline.sheets.patch import Patch


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


@box.command("show")
@click.argument("ref")
@as_json
@setting
def box_show(setting: Setting, ref: str, as_json: bool) -> None:
    """Les deux comptes d'un carton, du papier aux accusés de dépôt / both accounts of a box, down to the receipts."""
    from pipeline.office import batches
    from pipeline.office.batches_text import box_text

    with setting.station() as station:
        answer = batches.box(station, ref)
    out_json(answer) if as_json else out(box_text(answer, setting.tongue))


@click.group()
def separator() -> None:
    """Intercalaires / separator sheets."""


a_target = click.Path(dir_okay=False, path_type=Path)


_OF_SEPARATORS: Final = {"doc_type": "--type", "per_page": "--per-page", "code": "--code", "names": "--names"}
"""What Patch sheets have none of."""


@separator.command("print")
@click.option("--patient", "refs", multiple=True, help="Référence / reference (répétable, repeatable).")
@click.option(
    "--patients", "listed", type=a_file,
    help="Liste : une référence par ligne, ou colonnes reference, type, document, carton, position (CSV, ODS, XLSX) / "
    "list: one reference a line, or those columns.",
)  # fmt: skip
@click.option("--type", "doc_type", help="Type de document, avec --patient / document type, with --patient.")
@click.option("--out", "target", type=a_target, required=True, help="PDF.")
@click.option(
    "--per-page", type=click.Choice(["1", "2", "4", "8"]), default="1",
    help="Par page A4, à découper / on an A4 page, to be cut.",
)  # fmt: skip
@click.option("--code", type=click.Choice(["qr", "datamatrix"]), default="qr", help="Symbole / symbol.")
@click.option("--copies", type=click.IntRange(1, 100), default=1, help="De chacun / of each.")
@click.option("--names", is_flag=True, help="Imprimer aussi le nom du patient / print the patient's name as well.")
@click.option("--do-not-scan", "apart", type=a_target, help="Liste « ne pas numériser » (PDF, et CSV) / its place.")
@click.option(
    "--patch", type=click.Choice(["T", "2"]),
    help="Feuilles Patch, sans patient ; leur nombre par --copies / Patch sheets of nobody; --copies says how many.",
)  # fmt: skip
@as_json
@setting
def separator_print(
    setting: Setting,
    refs: tuple[str, ...],
    listed: Path | None,
    doc_type: str | None,
    target: Path,
    *,
    per_page: str,
    code: str,
    copies: int,
    names: bool,
    apart: Path | None,
    patch: Patch | None,
    as_json: bool,
) -> None:
    """Imprimer des intercalaires, pour les seuls patients à qui le contrôle est ouvert / print separators.

    La liste « ne pas numériser » dit quel papier retirer. Code 3 s'il y en a. / For those to whom the gate is open; the
    list says which paper is to be taken out. Exit code 3 where there is any.
    """
    from pipeline.office.sheets import Manner, print_sheets
    from pipeline.sheets.printing import per_page_of
    from pipeline.sheets.wanted import of_references, read_list

    if patch is not None:
        return _print_patches(setting, patch, copies, target, as_json=as_json, others=bool(refs or listed or apart))
    if bool(refs) == bool(listed):
        raise OneOf("--patient", "--patients", "--patch")
    if listed and doc_type:
        raise StationFault("list-says-type")
    manner = Manner(per_page_of(per_page), "datamatrix" if code == "datamatrix" else "qr", copies, names)
    several = read_list(listed) if listed else of_references(refs, doc_type)
    with setting.station() as station:
        printed = print_sheets(station, several, target, manner, apart, listed=listed is not None)
    _tell_printed(setting, printed, manner, target, as_json=as_json)
    raise SystemExit(EXIT_WAITING if printed.asked.closed else EXIT_DONE)


def _tell_printed(setting: Setting, printed: Printed, manner: Manner, target: Path, *, as_json: bool) -> None:
    if as_json:
        told = {"sheets": printed.sheets, "path": str(target) if printed.sheets else None, "names": manner.names}
        out_json(
            {
                **told,
                "per_page": manner.per_page,
                "code": manner.symbology,
                **apart_answer(printed.asked, printed.apart),
            }
        )
        return
    if printed.sheets:
        out(say("separators-written", setting.tongue, count=printed.sheets, path=str(target)))
    else:
        out(say("separators-none", setting.tongue))
    tell_apart(setting, printed.asked, printed.apart)


def _print_patches(setting: Setting, patch: Patch, count: int, target: Path, *, as_json: bool, others: bool) -> None:
    """They name nobody, so no station is asked."""
    from datetime import datetime

    from pipeline.office.sheets import print_patches

    if others:
        raise OneOf("--patient", "--patients", "--patch")
    asked = click.get_current_context().get_parameter_source
    unused = [option for name, option in _OF_SEPARATORS.items() if asked(name) is ParameterSource.COMMANDLINE]
    if unused:
        raise NotWith("--patch", *unused)
    print_patches(patch, count, target, at=datetime.now(setting.zone))
    if as_json:
        out_json({"sheets": count, "path": str(target), "patch": patch})
    else:
        out(say("patches-written", setting.tongue, count=count, patch=patch, path=str(target)))


def apart_answer(asked: Asked, paths: Sequence[Path]) -> dict[str, Any]:
    """What is not to be fed, for JSON."""
    return {"closed": [one.answer for one in asked.closed], "do_not_scan": [str(path) for path in paths]}


def tell_apart(setting: Setting, asked: Asked, paths: Sequence[Path]) -> None:
    """What is not to be fed, on the operator's screen."""
    from pipeline.office.batches_text import apart_text

    talk(apart_text([one.answer for one in asked.closed], list(map(str, paths)), setting.tongue))
