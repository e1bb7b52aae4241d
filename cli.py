"""The `liasse` command: parse, call one function, print. The only module that prints or exits."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOMS = ("commands", "consent_gate", "demo", "handover", "lexicon", "pipeline", "storage")


def _shadowed() -> str | None:
    """A room whose code is not the one beside this file: somebody else's module of the same name would be run."""
    house = Path(__file__).resolve().parent
    for room in ROOMS:
        spec = importlib.util.find_spec(room)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent != house / room:
            return room
    return None


if (_foreign := _shadowed()) is not None:
    sys.stderr.write(
        f"erreur : le module « {_foreign} » n'est pas celui de Liasse / error: the module '{_foreign}' is not Liasse's"
        " [modules-shadowed]\n"
        "indice : installez Liasse dans son propre environnement / hint: install Liasse in an environment of its own\n"
    )
    raise SystemExit(8)
import traceback
from datetime import datetime
from typing import NoReturn

import click

from commands import (
    backup,
    batches,
    deletions,
    documents,
    evidence,
    forms,
    founding,
    host,
    imports,
    pages,
    paper,
    people,
    releasing,
    reviews,
    service,
    tasks,
    work,
)
from commands.misuse import misuse_text
from commands.setting import Setting, out, setting, talk, tell_fault
from lexicon.faults import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_UNEXPECTED,
    Fault,
)
from lexicon.screens import say
from lexicon.sentences import Language


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config_path", envvar="LIASSE_CONFIG", type=click.Path(path_type=Path), help="config.toml")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Jour du contrôle (essai) / the gate's day (trial).")
@click.option("--lang", "language", type=click.Choice(["fr", "en"]), help="Langue / language.")
@click.version_option(package_name="liasse", prog_name="liasse")
@click.pass_context
def liasse(context: click.Context, config_path: Path | None, as_of: datetime | None, language: Language | None) -> None:
    """Dossiers médicaux papier : numérisés, chiffrés, déposés chez l'hébergeur, pour les seuls patients autorisés.

    Paper medical records, digitized, encrypted, deposited at the host, for authorized patients alone.
    """
    context.obj.config_path, context.obj.language = config_path, language
    context.obj.as_of = as_of.date() if as_of else None


@liasse.command()
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"))
@setting
def demo(setting: Setting, target: Path) -> None:
    """Tout le parcours sur des dossiers inventés / the whole journey on invented records."""
    from demo.tour import tour

    tour(target, setting.tongue, out)


for command in (
    founding.init,
    founding.config,
    founding.doctor,
    imports.patient,
    forms.authorization,
    work.process,
    work.watch,
    work.worker,
    work.status,
    tasks.task,
    people.person,
    batches.batch,
    documents.document,
    pages.page,
    documents.doc_type,
    reviews.refusal,
    releasing.release,
    deletions.deletion,
    paper.box,
    paper.separator,
    host.host,
    backup.backup,
    backup.restore,
    evidence.custody,
    evidence.handover,
    service.service,
):
    liasse.add_command(command)


def main() -> NoReturn:
    """Run the command; every failure ends with what happened, what to do, and its exit code."""
    setting = Setting()
    try:
        liasse.main(standalone_mode=False, obj=setting)
        sys.exit(EXIT_DONE)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        talk(misuse_text(error, setting.tongue))
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        talk(say("interrupted", setting.tongue))
        sys.exit(EXIT_INTERRUPTED)
    except Fault as fault:
        tell_fault(fault, setting.tongue)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        sys.exit(EXIT_UNEXPECTED)
    except Exception as error:  # noqa: BLE001  the last resort: told without its message, which may quote paper
        _tell_defect(error, setting.tongue)
        sys.exit(EXIT_UNEXPECTED)


def _tell_defect(error: Exception, tongue: Language) -> None:
    """Where it broke and how; never the message, which may quote what is on the paper."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(frame.filename).name}:{frame.lineno}"
    talk(say("error", tongue, what=say("unexpected", tongue, kind=type(error).__name__, where=where)))
    talk(say("hint", tongue, hint=say("unexpected-hint", tongue)))


if __name__ == "__main__":
    main()
