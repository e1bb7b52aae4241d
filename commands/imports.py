"""The client's sheets: patients, authorizations."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from commands.setting import Setting, a_file, as_json, out, out_json, setting
from lexicon.faults import (
    EXIT_DONE,
    EXIT_WAITING,
)


@click.group()
def patient() -> None:
    """Fichier des patients / the roster."""


@click.group()
def authorization() -> None:
    """Registre des autorisations / the register of authorizations."""


def _import(setting: Setting, kind: Literal["roster", "register"], csv: Path, *, dry_run: bool, as_json: bool) -> None:
    from pipeline.office.report import import_answer, import_text

    with setting.station() as station:
        report = station.import_sheet(kind, csv.read_bytes(), dry_run=dry_run)
    answer = import_answer(report, kind)
    out_json(answer) if as_json else out(import_text(report, setting.tongue))
    raise SystemExit(EXIT_WAITING if answer["refused"] else EXIT_DONE)


@patient.command("import")
@click.argument("csv", type=a_file)
@click.option("--dry-run", is_flag=True, help="Ne rien enregistrer / record nothing.")
@as_json
@setting
def patient_import(setting: Setting, csv: Path, dry_run: bool, as_json: bool) -> None:
    """Importer le fichier des patients (CSV) / import the roster."""
    _import(setting, "roster", csv, dry_run=dry_run, as_json=as_json)


@authorization.command("import")
@click.argument("csv", type=a_file)
@click.option("--dry-run", is_flag=True, help="Ne rien enregistrer / record nothing.")
@as_json
@setting
def authorization_import(setting: Setting, csv: Path, dry_run: bool, as_json: bool) -> None:
    """Importer les autorisations, refus et retraits (CSV) / import authorizations, refusals, withdrawals."""
    _import(setting, "register", csv, dry_run=dry_run, as_json=as_json)
