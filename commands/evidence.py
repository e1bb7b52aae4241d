"""What a stranger can check: the custody ledger, the handover."""

from __future__ import annotations

from pathlib import Path

import click

from commands.setting import Setting, a_file, as_json, out, out_json, setting
from lexicon.faults import (
    EXIT_DONE,
    EXIT_EVIDENCE,
)
from lexicon.screens import say


@click.group()
def custody() -> None:
    """Registre de traçabilité / the custody ledger."""


@custody.command("verify")
@click.option(
    "--anchor", "anchors", type=a_file, multiple=True, help="Point de contrôle gardé hors du poste / outside."
)
@as_json
@setting
def custody_verify(setting: Setting, anchors: tuple[Path, ...], as_json: bool) -> None:
    """Vérifier le registre / verify the ledger."""
    from pipeline.office.report import verdict_answer, verdict_text

    with setting.station() as station:
        verdict = station.ledger.verify(anchor.read_text(encoding="utf-8") for anchor in anchors)
    out_json(verdict_answer(verdict)) if as_json else out(verdict_text(verdict, setting.tongue))
    raise SystemExit(EXIT_DONE if verdict.verified else EXIT_EVIDENCE)


@custody.command("show")
@click.option("--object", "about", help="Document, fichier ou lot / document, file or batch: ID.")
@setting
def custody_show(setting: Setting, about: str | None) -> None:
    """Les événements, un par ligne / the entries, one a line."""
    with setting.station() as station, station.database.read() as session:
        for entry in station.ledger.entries(session):
            if about is None or about.encode() in entry:
                out(entry.decode())


@custody.command("checkpoint")
@setting
def custody_checkpoint(setting: Setting) -> None:
    """Signer l'état du registre ; la réponse est à garder hors du poste / sign the ledger's head; keep it elsewhere."""
    from pipeline.batches import checkpoint

    with setting.station() as station:
        out(checkpoint(station).rstrip("\n"))


@custody.command("export")
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), required=True)
@setting
def custody_export(setting: Setting, target: Path) -> None:
    """Le registre pour un tiers / the ledger for a stranger."""
    with setting.station() as station:
        station.ledger.export(target)


@custody.command("clock")
@click.option("--accept", is_flag=True, help="L'horloge est juste, le registre est en avance / the clock is right.")
@as_json
@setting
def custody_clock(setting: Setting, accept: bool, as_json: bool) -> None:
    """L'heure du poste et celle du registre ; si besoin, repartir de la première / the clock and the ledger's time.

    --accept : seulement après avoir vérifié l'heure. Un événement le dit pour toujours, et « custody verify » aussi.
    Only once the clock was checked. An entry says so for ever, and 'custody verify' with it.
    """
    from pipeline.office import timekeeping

    with setting.station() as station:
        answer = timekeeping.accept(station) if accept else timekeeping.reading(station)
    out_json(answer) if as_json else out(say("clock-accepted" if accept else "clock-reading", setting.tongue, **answer))


@click.group()
def handover() -> None:
    """Restitution / handover."""


@handover.command("build")
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), required=True)
@setting
def handover_build(setting: Setting, target: Path) -> None:
    """Écrire la restitution ; refusée si les comptes ne sont pas équilibrés / write the handover."""
    from handover.build import build

    with setting.station() as station:
        build(station, target)
    out(say("handed-over", setting.tongue, path=str(target)))
