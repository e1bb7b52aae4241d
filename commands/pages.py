"""Pages seen alone: what was left out, what should be scanned again, what is put back."""

from __future__ import annotations

import click

from commands.setting import Setting, as_json, out, out_json, setting, talk
from lexicon.screens import say


@click.group()
def page() -> None:
    """Pages."""


@page.command("list")
@click.option("--blank", is_flag=True, help="Pages vierges / blank pages.")
@click.option("--duplicate", is_flag=True, help="Pages en double / pages scanned twice.")
@click.option("--flagged", is_flag=True, help="Pages signalées, avec le motif / flagged pages, with the reason.")
@click.option("--batch", metavar="ID|LABEL", help="D'un lot / of one batch.")
@as_json
@setting
def page_list(
    setting: Setting, *, blank: bool, duplicate: bool, flagged: bool, batch: str | None, as_json: bool
) -> None:
    """Pages écartées ou signalées (sans option : toutes) / pages left out or flagged (no option: all)."""
    from pipeline.office.pages import pages, pages_text

    every = not (blank or duplicate or flagged)
    roles = [role for role, wanted in (("blank", blank), ("duplicate", duplicate)) if wanted or every]
    with setting.station() as station:
        answers = pages(station, roles, flagged=flagged or every, batch=batch)
    for answer in answers if as_json else ():
        out_json(answer)
    for line in () if as_json else pages_text(answers, setting.tongue):
        out(line)


@page.command("restore")
@click.argument("file", metavar="FICHIER")
@click.argument("position", metavar="PAGE", type=click.IntRange(min=1))
@as_json
@setting
def page_restore(setting: Setting, file: str, position: int, *, as_json: bool) -> None:
    """Remettre une page écartée dans son document / put a page that was left out back into its document.

    FICHIER et PAGE comme « liasse page list » les donne. / FICHIER (file) and PAGE as 'liasse page list' gives them.
    """
    from pipeline.page_restore import restore

    with setting.station() as station:
        restored = restore(station, file, position)
    if as_json:
        out_json({"file": file, "page": position, "document": restored.document, "document_page": restored.page})
        return
    place: dict[str, int | str] = {"document": restored.document, "page": restored.page}
    talk(say("page-restored-begins" if restored.outcome == "in-progress" else "page-restored", setting.tongue, **place))
