"""Documents: found, shown, fetched; what they are and of which day, said by a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.proving import proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show, show_one, talk
from commands.words import a_day
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.office.people import Presented


@click.group()
def document() -> None:
    """Documents."""


@document.command("find")
@click.option("--patient", "ref", help="Référence du client / the client's reference.")
@click.option("--type", "doc_type", help="Type, dit ou proposé / type, said or proposed.")
@click.option("--from", "dated_from", type=a_day, help="Date du document, depuis / day of the document, from.")
@click.option("--to", "dated_to", type=a_day, help="… jusqu'au / … to.")
@click.option("--captured-from", type=a_day, help="Jour de numérisation, depuis / day of the scan, from.")
@click.option("--captured-to", type=a_day, help="… jusqu'au / … to.")
@click.option("--batch", help="Numéro ou nom du lot / number or label of the batch.")
@click.option("--box", help="Carton / box.")
@click.option(
    "--state",
    type=click.Choice(["in-progress", "deposited", "refused", "held", "set-aside"]),
    help="Ce qu'il est devenu / what became of it.",
)
@as_json
@setting
def document_find(
    setting: Setting,
    *,
    ref: str | None,
    doc_type: str | None,
    dated_from: datetime | None,
    dated_to: datetime | None,
    captured_from: datetime | None,
    captured_to: datetime | None,
    batch: str | None,
    box: str | None,
    state: str | None,
    as_json: bool,
) -> None:
    """Chercher des documents ; chaque recherche est inscrite / look for documents; each search is an entry.

    Type et date peuvent n'être que proposés, lus sur la page : la réponse le dit. / Type and date may be no more than
    proposed, read on the page: the answer says so.
    """
    from consent_gate.model import PatientRef
    from pipeline.office.finding import Sought, find

    sought = Sought(
        patient=PatientRef(ref) if ref else None,
        doc_type=doc_type,
        dated_from=_day(dated_from),
        dated_to=_day(dated_to),
        captured_from=_day(captured_from),
        captured_to=_day(captured_to),
        batch=batch,
        box=box,
        state=state,
    )
    with setting.station() as station:
        show(setting, find(station, sought), "found", as_json=as_json)


@document.command("show")
@click.argument("identifier", metavar="ID")
@as_json
@setting
def document_show(setting: Setting, identifier: str, as_json: bool) -> None:
    """Ce qu'un document est devenu / what became of a document."""
    from pipeline.office import finding

    with setting.station() as station:
        show_one(setting, finding.show(station, identifier), "document", as_json=as_json)


@document.command("index")
@click.argument("identifier", metavar="ID")
@click.option("--type", "doc_type", help="Type de document / document type.")
@click.option("--date", "day", type=a_day, help="Date du document / day of the document.")
@as_json
@setting
@proved
def document_index(
    setting: Setting,
    by: Callable[[], Presented],
    identifier: str,
    *,
    doc_type: str | None,
    day: datetime | None,
    as_json: bool,
) -> None:
    """Dire le type et la date d'un document déposé / say the type and the day of a deposited document.

    Avant le dépôt, le type compte pour l'autorisation : liasse refusal review correct-identity. / Before the deposit,
    the type counts for the authorization: the same command.
    """
    from pipeline.office.index_saying import CLEARED, say_index

    with setting.station() as station:
        said = say_index(station, identifier, doc_type, _day(day), by())
    beyond = said.gate not in (None, CLEARED)
    if as_json:
        out_json({**said.index, "gate": said.gate, "batch_reopened": said.reopened})
    else:
        out(say("index-said", setting.tongue, id=identifier))
        if said.reopened:
            out(say("index-batch-reopened", setting.tongue))
        if beyond:
            talk(say("index-beyond", setting.tongue, reason=str(said.gate)))
    raise SystemExit(EXIT_WAITING if beyond else EXIT_DONE)


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


@click.group("type")
def doc_type() -> None:
    """Types de document : rubrique du DMST, code JDV_J07 / document types: DMST bucket, JDV_J07 code."""


@doc_type.command("list")
@as_json
@setting
def type_list(setting: Setting, as_json: bool) -> None:
    """La table en vigueur / the table in force."""
    from pipeline.office.types import in_force, rows

    show(setting, rows(in_force(_config(setting))), "types", as_json=as_json)


@doc_type.command("export")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV.")
@setting
def type_export(setting: Setting, target: Path) -> None:
    """Écrire la table en vigueur, pour la modifier / write the table in force, to edit it."""
    from pipeline.office.types import export

    export(_config(setting), target)
    talk(say("types-written", setting.tongue, path=str(target)))


@doc_type.command("check")
@click.argument("file", type=a_file)
@as_json
@setting
def type_check(setting: Setting, file: Path, as_json: bool) -> None:
    """Vérifier une table avant de la nommer dans la configuration / check a table before the configuration names it."""
    from pipeline.indexing.table import read

    table = read(file)
    without = [name for name, row in table.rows.items() if row.bucket is None or row.code is None]
    if as_json:
        out_json({"types": len(table.rows), "without": without})
    else:
        out(say("types-checked", setting.tongue, count=len(table.rows)))
        if without:
            out(say("types-without", setting.tongue, types=", ".join(without)))


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _config(setting: Setting) -> Config | None:
    """None where no station is named: then it is the shipped table."""
    return setting.config() if setting.config_path else None
