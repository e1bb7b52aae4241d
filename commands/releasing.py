"""What is closed, at the client's: opened with the client's own key where the gate is open; paper to be given back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from commands.misuse import OneOf
from commands.reviews import refusal
from commands.setting import Setting, a_file, as_json, client_key, out, out_json, setting, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.screens import say


@click.command()
@click.argument("documents", metavar="DOCUMENT...", nargs=-1)
@click.option("--patient", "ref", help="Tous ceux d'une référence / all of a reference's.")
@click.option("--key", type=a_file, required=True, help="Clé privée du client / client's private key.")
@click.option("--cert", type=a_file, required=True, help="Son certificat / its certificate.")
@as_json
@setting
def release(
    setting: Setting, documents: tuple[str, ...], ref: str | None, key: Path, cert: Path, as_json: bool
) -> None:
    """Rouvrir des documents clos, avec la clé du client (autre chose que « liasse refusal release ») / release closed
    documents, with the client's key (another thing than 'liasse refusal release').
    """
    from consent_gate.model import PatientRef
    from pipeline.office import releasing
    from pipeline.office.report import reason_sentence

    if bool(documents) == (ref is not None):
        raise OneOf("DOCUMENT...", "--patient")
    stays = 0
    with setting.station() as station:
        private, certificate = client_key(key, cert, setting)
        chosen = documents or releasing.closed_of(station, PatientRef(ref or ""))
        for answered in releasing.release(station, chosen, private, certificate):
            stays += answered.reason is not None
            if as_json:
                out_json(
                    {"document": answered.document, "released": answered.reason is None, "reason": answered.reason}
                )
            elif answered.reason is None:
                out(say("released", setting.tongue, document=answered.document))
            else:
                sentence = reason_sentence(answered.reason)
                what, hint = sentence.what(setting.tongue), sentence.hint(setting.tongue)
                out(say("not-released", setting.tongue, document=answered.document, what=what, hint=hint))
        if not chosen and not as_json:
            out(say("none-found", setting.tongue))
    raise SystemExit(EXIT_WAITING if stays else EXIT_DONE)


@refusal.command("slip")
@click.option("--batch", "batch", metavar="ID", help="Ce lot seulement / this batch only.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Décidés depuis ce jour / decided since that day.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF.")
@setting
def refusal_slip(setting: Setting, batch: str | None, since: datetime | None, target: Path) -> None:
    """Bordereau du papier à rendre, après un refus maintenu / slip for paper to be given back."""
    from pipeline.office.return_slip import to_give_back, write_slips

    with setting.station() as station:
        slips = to_give_back(station, batch=batch, since=since.date() if since else None)
        if not slips:
            talk(say("slip-empty", setting.tongue))
            return
        write_slips(station, slips, target)
    for slip in slips:
        out(say("slip-batch", setting.tongue, label=slip.title, documents=len(slip.lines), sheets=slip.sheets))
    sheets = sum(slip.sheets for slip in slips)
    talk(say("slip-written", setting.tongue, path=str(target), sheets=sheets))
