"""Making a station and looking at it: init, config, doctor."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from commands.setting import Setting, a_file, as_json, out, out_json, setting, talk
from lexicon.screens import say


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--trial", is_flag=True, help="Poste d'essai, clés d'essai comprises / trial station with trial keys.")
@click.option("--yes", is_flag=True, help="Ne rien demander / ask nothing.")
@click.option("--client", help="Responsable de traitement / data controller.")
@click.option("--contract", help="Référence du contrat / contract reference.")
@click.option("--client-cert", type=a_file, help="Certificat du client / client's certificate.")
@click.option("--escrow-cert", type=a_file, help="Certificat du séquestre / escrow's certificate.")
@click.option("--database", default="", metavar="URL", help="postgresql://… ; sinon SQLite / otherwise SQLite.")
@click.option("--database-password", default="", metavar="REF", help="file:…, env:…, credential:…")
@setting
def init(
    setting: Setting,
    directory: Path,
    trial: bool,
    yes: bool,
    client: str | None,
    contract: str | None,
    client_cert: Path | None,
    escrow_cert: Path | None,
    database: str,
    database_password: str,
) -> None:
    """Créer un poste dans DIRECTORY / make a station."""
    from pipeline.office.founding import TRIAL_KEYS, Founding, fingerprints, found

    def asked(key: str, given: str | None, otherwise: str) -> str:
        if given or yes:
            return given or otherwise
        return str(click.prompt(say(key, setting.tongue), default=otherwise or None, err=True))

    if not trial and yes and not (client and contract and client_cert and escrow_cert):
        raise click.UsageError("--yes: --client, --contract, --client-cert, --escrow-cert")
    client = asked("ask-client", client, "Essai / trial" if trial else "")
    contract = asked("ask-contract", contract, "ESSAI-TRIAL" if trial else "")
    if not trial:
        client_cert = client_cert or Path(asked("ask-client-cert", None, ""))
        escrow_cert = escrow_cert or Path(asked("ask-escrow-cert", None, ""))
    mode: Literal["trial", "production"] = "trial" if trial else "production"
    recipients, base = (client_cert, escrow_cert), (database, database_password)
    founding = Founding(mode, client, contract, *recipients, setting.tongue, *base)
    config = found(directory, founding, datetime.now(UTC))
    talk(say("founded", setting.tongue, path=str(directory)))
    if client_cert is None:
        talk(say("founded-trial", setting.tongue, path=str(directory / TRIAL_KEYS)))
    talk(say("founded-next", setting.tongue, config=shlex.quote(str(directory / "config.toml"))))
    talk(say("fingerprints", setting.tongue, **fingerprints(config)))


@click.group()
def config() -> None:
    """Configuration."""


@config.command("check")
@setting
def config_check(setting: Setting) -> None:
    """Vérifier la configuration / check the configuration."""
    from pipeline.office.types import in_force

    in_force(setting.config())
    out(say("config-right", setting.tongue, path=str(setting.config_path)))


@config.command("show")
@setting
def config_show(setting: Setting) -> None:
    """La configuration avec ses valeurs par défaut / the configuration with its defaults."""
    out(setting.config().model_dump_json(indent=2))


@click.command()
@as_json
@setting
def doctor(setting: Setting, as_json: bool) -> None:
    """Ce qui ne va pas sur ce poste, et le remède / what is wrong with this station, and the remedy."""
    from pipeline.office.doctor import Outcome, examine
    from pipeline.office.doctor.told import check_answer, check_text

    checks = examine(setting.config())
    for check in checks:
        out_json(check_answer(check)) if as_json else out(check_text(check, setting.tongue))
    faults = [check.fault for check in checks if check.outcome is Outcome.FAULT and check.fault is not None]
    warned = sum(check.outcome in (Outcome.WARNING, Outcome.NOT_CHECKED) for check in checks)
    key = "unhealthy" if faults else "healthy-but" if warned else "healthy"
    talk(say(key, setting.tongue, count=len(faults), warned=warned))
    if faults:
        raise SystemExit(faults[0].exit_code)
