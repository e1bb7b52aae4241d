"""What became of it: batches, documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.proving import proved
from commands.setting import Setting, a_file, as_json, out_json, setting, show, show_one, talk
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.people import Presented


@click.group()
def batch() -> None:
    """Lots / batches."""


@batch.command("list")
@as_json
@setting
def batch_list(setting: Setting, as_json: bool) -> None:
    """Tous les lots et leurs comptes / all batches and their accounts."""
    from pipeline.office import answers

    with setting.station() as station:
        show(setting, answers.batches(station), "batches", as_json=as_json)


@batch.command("show")
@click.argument("identifier", metavar="ID")
@as_json
@setting
def batch_show(setting: Setting, identifier: str, as_json: bool) -> None:
    """Un lot : fichiers et documents / one batch: files and documents."""
    from pipeline.office import answers

    with setting.station() as station:
        answer = answers.batch(station, identifier)
    if as_json:
        out_json(answer)
    else:
        show(setting, answer["files"], "files", as_json=False)
        show(setting, answer["documents"], "documents", as_json=False)


@batch.command("reopen")
@click.argument("identifier", metavar="ID")
@click.option("--file", "file", metavar="FICHIER", help="Ce fichier seulement / this file only.")
@as_json
@setting
def batch_reopen(setting: Setting, identifier: str, file: str | None, as_json: bool) -> None:
    """Reprendre les fichiers écartés d'un lot / take a batch's set-aside files again."""
    from pipeline.reopen import reopen

    with setting.station() as station:
        taken = reopen(station, identifier, file)
    if as_json:
        out_json({"batch": identifier, "files": list(taken)})
    else:
        talk(say("reopened", setting.tongue, count=str(len(taken))))


@click.group()
def document() -> None:
    """Documents."""


@document.command("find")
@click.option("--patient", "ref", required=True, help="Référence du client / the client's reference.")
@as_json
@setting
def document_find(setting: Setting, ref: str, as_json: bool) -> None:
    """Les documents d'un patient / a patient's documents."""
    from consent_gate.model import PatientRef
    from pipeline.office import answers

    with setting.station() as station:
        show(setting, answers.find(station, PatientRef(ref)), "documents", as_json=as_json)


@document.command("show")
@click.argument("identifier", metavar="ID")
@as_json
@setting
def document_show(setting: Setting, identifier: str, as_json: bool) -> None:
    """Ce qu'un document est devenu / what became of a document."""
    from pipeline.office import answers

    with setting.station() as station:
        show_one(setting, answers.document(station, identifier), "document", as_json=as_json)


@document.command("fetch")
@click.argument("identifier", metavar="ID")
@click.option("--key", type=a_file, required=True, help="Clé privée du destinataire / the recipient's private key.")
@click.option("--cert", type=a_file, required=True, help="Son certificat / its certificate.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF.")
@click.option(
    "--restricted-access",
    "reason",
    type=click.Choice(["patient-request", "legal-claim", "rights-of-others", "public-interest"]),
    help="Document limité : motif (RGPD art. 18(2)) / a restricted document: the reason.",
)
@setting
@proved
def document_fetch(
    setting: Setting,
    by: Callable[[], Presented],
    identifier: str,
    key: Path,
    cert: Path,
    target: Path,
    reason: str | None,
) -> None:
    """Lire un document chez l'hébergeur (côté client) / read a document at the host (the client's side)."""
    from pipeline.office.fetch import Access, AccessReason, fetch

    with setting.station() as station:
        access = Access(by(), AccessReason(reason)) if reason else None
        fetch(station, identifier, key, cert, target, access)
    talk(say("fetched", setting.tongue, path=str(target)))
