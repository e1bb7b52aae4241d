"""What goes into the feeder at once: batches, announced, asked about, closed and open again."""

from __future__ import annotations

from pathlib import Path

import click

from commands.paper import a_target, apart_answer, tell_apart
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.screens import say


@click.group()
def batch() -> None:
    """Lots / batches."""


_A_COUNT = click.IntRange(min=1)


@batch.command("open")
@click.argument("label")
@click.option("--box", help="Carton / box.")
@click.option("--seal", help="Scellé du carton / the box's seal.")
@click.option("--sheets", type=_A_COUNT, help="Feuilles attendues, sans les intercalaires / sheets, no separators.")
@click.option("--documents", type=_A_COUNT, help="Documents attendus / documents expected.")
@click.option("--pages", type=_A_COUNT, help="Pages attendues : faces qui portent quelque chose / sides not blank.")
@click.option("--patients", "listed", type=a_file, help="Liste des patients attendus / list of patients expected.")
@click.option("--do-not-scan", "apart", type=a_target, help="Liste « ne pas numériser » (PDF, et CSV) / its place.")
@click.option("--names", is_flag=True, help="Écrire les noms sur cette liste / write names on that list.")
@as_json
@setting
def batch_open(
    setting: Setting,
    label: str,
    *,
    box: str | None,
    seal: str | None,
    sheets: int | None,
    documents: int | None,
    pages: int | None,
    listed: Path | None,
    apart: Path | None,
    names: bool,
    as_json: bool,
) -> None:
    """Annoncer ce qui va être numérisé sous le nom LABEL / announce what will be scanned under LABEL.

    Le contrôle est demandé pour chaque patient de la liste. Code 3 s'il y a du papier à retirer. / The gate is asked
    for each patient of the list. Exit code 3 where paper is to be taken out.
    """
    from pipeline.office.batches_opening import open_batch
    from pipeline.sheets.wanted import read_list
    from storage.announced import Announcement

    if apart and not listed:
        raise click.UsageError("--do-not-scan: --patients")
    several = read_list(listed) if listed else None
    said = Announcement(box, seal, sheets, documents, pages)
    with setting.station() as station:
        opened = open_batch(station, label, said, several, apart, names=names)
    closed = opened.asked.closed if opened.asked else ()
    if as_json:
        told = {"batch": opened.batch, "label": label, "box": box, "received": opened.received, **said.counts}
        out_json(
            told | (apart_answer(opened.asked, opened.apart) if opened.asked else {"closed": [], "do_not_scan": []})
        )
    else:
        out(say("batch-opened", setting.tongue, label=label, batch=opened.batch))
        if opened.asked:
            tell_apart(setting, opened.asked, opened.apart)
    if box is not None and not opened.received:
        talk(say("batch-box-not-received", setting.tongue, box=box))
    elif box is not None and opened.received is not None and opened.announced > opened.received:
        short = {"received": opened.received, "announced": opened.announced}
        talk(say("batch-box-short", setting.tongue, box=box, **short))
    raise SystemExit(EXIT_WAITING if closed else EXIT_DONE)


@batch.command("list")
@as_json
@setting
def batch_list(setting: Setting, as_json: bool) -> None:
    """Tous les lots et leurs comptes / all batches and their accounts."""
    from pipeline.office import batches

    with setting.station() as station:
        show(setting, batches.listed(station), "batches", as_json=as_json)


@batch.command("show")
@click.argument("name", metavar="ID|LABEL")
@as_json
@setting
def batch_show(setting: Setting, name: str, as_json: bool) -> None:
    """Un lot : l'annonce et ce qui est vu, fichiers et documents / one batch: what was announced and seen, contents."""
    from pipeline.office import batches
    from pipeline.office.batches_text import batch_text

    with setting.station() as station:
        answer = batches.shown(station, name)
    if as_json:
        out_json(answer)
    else:
        out(batch_text(answer, setting.telling))
        show(setting, answer["files"], "files", as_json=False)
        show(setting, answer["documents"], "documents", as_json=False)


@batch.command("close")
@click.argument("name", metavar="ID|LABEL")
@as_json
@setting
def batch_close(setting: Setting, name: str, as_json: bool) -> None:
    """Clore un lot maintenant / close a batch now. Code 3 si ses comptes diffèrent / where its counts differ."""
    from pipeline.office import batches
    from pipeline.office.batches_opening import close_by_hand
    from pipeline.office.report import gaps_text

    with setting.station() as station:
        batch, deposited = close_by_hand(station, name)
        answer = batches.shown(station, batch)
    gaps = answer["gaps"]
    if as_json:
        out_json({"batch": batch, "deposited": deposited, "unlike": gaps})
    else:
        out(say("batch-closed-by-hand", setting.tongue, batch=batch, deposited=deposited))
        if gaps:
            out(say("batch-unlike", setting.tongue, batch=batch, counts=gaps_text(gaps, setting.tongue)))
    raise SystemExit(EXIT_WAITING if gaps else EXIT_DONE)


@batch.command("reopen")
@click.argument("name", metavar="ID|LABEL")
@click.option("--file", "file", metavar="FICHIER", help="Ce fichier seulement / this file only.")
@as_json
@setting
def batch_reopen(setting: Setting, name: str, file: str | None, as_json: bool) -> None:
    """Rouvrir un lot, et reprendre ses fichiers écartés / open a batch again, and take its set-aside files again."""
    from pipeline.office.batches_opening import found, open_again
    from pipeline.reopen import reopen

    with setting.station() as station:
        batch = found(station, name)
        if file is None:
            open_again(station, batch)
        taken = reopen(station, batch, file)
    if as_json:
        out_json({"batch": batch, "files": list(taken)})
    else:
        talk(say("batch-reopened", setting.tongue, batch=batch))
        talk(say("reopened", setting.tongue, count=str(len(taken))))


@batch.command("confirm")
@click.argument("name", metavar="ID|LABEL")
@click.option(
    "--reason", type=click.Choice(["paper-checked", "announcement-wrong"]), required=True,
    help="Papier recompté, rien ne manque ; ou annonce fausse / paper counted again, nothing missing; or a wrong "
    "announcement.",
)  # fmt: skip
@as_json
@setting
def batch_confirm(setting: Setting, name: str, reason: str, as_json: bool) -> None:
    """Dire pourquoi les comptes d'un lot diffèrent / say why a batch's counts differ.

    L'alarme cesse, et les documents qui attendaient ce lot repartent. / The alarm ends, and documents that waited for
    the batch go on.
    """
    from pipeline.office.batches_opening import confirm

    with setting.station() as station:
        batch, gone_on = confirm(station, name, reason)
    if as_json:
        out_json({"batch": batch, "reason": reason, "documents": gone_on})
    else:
        out(say("batch-confirmed", setting.tongue, batch=batch, reason=reason))
        if gone_on:
            out(say("batch-goes-on", setting.tongue, count=gone_on))
