"""The `liasse` command: parse, call one function, print. The only module that prints or exits."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOMS = ("consent_gate", "demo", "handover", "lexicon", "pipeline", "storage")


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

import json
import os
import shlex
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from lexicon import catalogue
from lexicon.faults import (
    EXIT_DONE,
    EXIT_EVIDENCE,
    EXIT_INTERRUPTED,
    EXIT_UNEXPECTED,
    EXIT_WAITING,
    Fault,
    StationFault,
)
from lexicon.screens import say
from lexicon.sentences import Language

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.station import Station


@dataclass
class Setting:
    """What the options before the command say."""

    config_path: Path | None = None
    as_of: date | None = None
    language: Language | None = None

    @property
    def tongue(self) -> Language:
        return self.language or ("en" if os.environ.get("LIASSE_LANG", "").startswith("en") else "fr")

    def config(self) -> Config:
        from pipeline.config import load

        if self.config_path is None:
            raise StationFault("config-not-named")
        config = load(self.config_path)
        if self.language is None and "LIASSE_LANG" not in os.environ:
            self.language = config.station.language
        return config

    @contextmanager
    def station(self) -> Iterator[Station]:
        from pipeline.office.journal import start_journal
        from pipeline.station import open_station

        config = self.config()
        start_journal(config.folder / "log")
        station = open_station(config, self.as_of)
        try:
            yield station
        finally:
            station.close()


setting = click.make_pass_decorator(Setting)
as_json = click.option("--json", "as_json", is_flag=True, help="Réponse en JSON / answer in JSON.")
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
a_folder = click.Path(exists=True, file_okay=False, path_type=Path)


def out(text: str) -> None:
    click.echo(text)


def talk(text: str) -> None:
    click.echo(text, err=True)


def out_json(answer: object) -> None:
    out(json.dumps(answer, ensure_ascii=False))


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


# --- set-up -----------------------------------------------------------------------------------------------------------


@liasse.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--trial", is_flag=True, help="Poste d'essai, clés d'essai comprises / trial station with trial keys.")
@click.option("--yes", is_flag=True, help="Ne rien demander / ask nothing.")
@click.option("--client", help="Responsable de traitement / data controller.")
@click.option("--contract", help="Référence du contrat / contract reference.")
@click.option("--client-cert", type=a_file, help="Certificat du client / client's certificate.")
@click.option("--escrow-cert", type=a_file, help="Certificat du séquestre / escrow's certificate.")
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
    founding = Founding("trial" if trial else "production", client, contract, client_cert, escrow_cert, setting.tongue)
    config = found(directory, founding, datetime.now(UTC))
    talk(say("founded", setting.tongue, path=str(directory)))
    if client_cert is None:
        talk(say("founded-trial", setting.tongue, path=str(directory / TRIAL_KEYS)))
    talk(say("founded-next", setting.tongue, config=shlex.quote(str(directory / "config.toml"))))
    talk(say("fingerprints", setting.tongue, **fingerprints(config)))


@liasse.group()
def config() -> None:
    """Configuration."""


@config.command("check")
@setting
def config_check(setting: Setting) -> None:
    """Vérifier la configuration / check the configuration."""
    setting.config()
    out(say("config-right", setting.tongue, path=str(setting.config_path)))


@config.command("show")
@setting
def config_show(setting: Setting) -> None:
    """La configuration avec ses valeurs par défaut / the configuration with its defaults."""
    out(setting.config().model_dump_json(indent=2))


@liasse.command()
@as_json
@setting
def doctor(setting: Setting, as_json: bool) -> None:
    """Ce qui ne va pas sur ce poste, et le remède / what is wrong with this station, and the remedy."""
    from pipeline.office.doctor import examine

    checks = examine(setting.config())
    for check in checks:
        if as_json:
            out_json({"check": check.name, "fault": check.fault.code if check.fault else None})
        elif check.fault is None:
            out(f"  ✓ {check.name}")
        else:
            sentence = catalogue.FAULTS[check.fault.code]
            out(f"  ✗ {check.name}: {sentence.what(setting.tongue, **check.fault.facts)}")
            out(f"      {sentence.hint(setting.tongue, **check.fault.facts)}")
    faults = [check.fault for check in checks if check.fault is not None]
    talk(say("unhealthy", setting.tongue, count=len(faults)) if faults else say("healthy", setting.tongue))
    if faults:
        raise SystemExit(faults[0].exit_code)


# --- roster and register ----------------------------------------------------------------------------------------------


@liasse.group()
def patient() -> None:
    """Fichier des patients / the roster."""


@liasse.group()
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


# --- work -------------------------------------------------------------------------------------------------------------


@liasse.command()
@click.argument("folder", type=a_folder)
@as_json
@setting
def process(setting: Setting, folder: Path, as_json: bool) -> None:
    """Le parcours, une fois, sur FOLDER / the journey, once, over a folder.

    Les fichiers d'un dossier de dépôt sont pris ; ceux d'un autre dossier sont lus et laissés en place.
    A drop folder's files are taken; another folder's are read and left in place.
    """
    from pipeline.runs import process_folder

    with setting.station() as station:
        reporter = _reporter(setting, as_json=as_json)
        stop = _stop_on_signals()
        outcome = process_folder(station, folder, reporter, stop)
    raise SystemExit(EXIT_INTERRUPTED if stop.is_set() else outcome)


@liasse.command()
@as_json
@setting
def watch(setting: Setting, as_json: bool) -> None:
    """Le démon : surveille les dossiers de dépôt / the daemon: watches the drop folders."""
    from pipeline.daemon import watch_inboxes

    with setting.station() as station:
        folders = ", ".join(str(station.config.path(inbox.folder)) for inbox in station.config.inbox)

        def started() -> None:
            talk(say("watching", setting.tongue, folder=folders))

        watch_inboxes(station, _reporter(setting, as_json=as_json), _stop_on_signals(), started)
        talk(say("stopped", setting.tongue))


def _reporter(setting: Setting, *, as_json: bool) -> Any:
    from pipeline.office.report import lines_of, spoken

    def tell(event: Any) -> None:
        if as_json:
            for line in lines_of(event):
                out_json(line)
        else:
            for text in spoken(event, setting.tongue):
                out(text)

    return tell


def _stop_on_signals() -> threading.Event:
    """SIGTERM and Ctrl-C end the work after the step in hand."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


@liasse.command()
@as_json
@setting
def status(setting: Setting, as_json: bool) -> None:
    """Où en est le poste, ce qui attend / where the station stands, what waits."""
    from pipeline.office import answers
    from pipeline.office.report import status_text

    with setting.station() as station:
        answer = answers.status(station)
    out_json(answer) if as_json else out(status_text(answer, setting.tongue))


# --- batches, documents, refusals -------------------------------------------------------------------------------------


def _show(setting: Setting, answers: list[dict[str, Any]], *, as_json: bool) -> None:
    from pipeline.office.report import rows_text

    for answer in answers if as_json else ():
        out_json(answer)
    if not as_json:
        out(rows_text(answers, setting.tongue))


@liasse.group()
def batch() -> None:
    """Lots / batches."""


@batch.command("list")
@as_json
@setting
def batch_list(setting: Setting, as_json: bool) -> None:
    """Tous les lots et leurs comptes / all batches and their accounts."""
    from pipeline.office import answers

    with setting.station() as station:
        _show(setting, answers.batches(station), as_json=as_json)


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
        _show(setting, answer["files"], as_json=False)
        _show(setting, answer["documents"], as_json=False)


@liasse.group()
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
        _show(setting, answers.find(station, PatientRef(ref)), as_json=as_json)


@document.command("show")
@click.argument("identifier", metavar="ID")
@setting
def document_show(setting: Setting, identifier: str) -> None:
    """Un document, en JSON / one document, as JSON."""
    from pipeline.office import answers

    with setting.station() as station:
        out_json(answers.document(station, identifier))


@document.command("fetch")
@click.argument("identifier", metavar="ID")
@click.option("--key", type=a_file, required=True, help="Clé privée du destinataire / the recipient's private key.")
@click.option("--cert", type=a_file, required=True, help="Son certificat / its certificate.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF.")
@setting
def document_fetch(setting: Setting, identifier: str, key: Path, cert: Path, target: Path) -> None:
    """Lire un document chez l'hébergeur (côté client) / read a document at the host (the client's side)."""
    from pipeline.office.fetch import fetch

    with setting.station() as station:
        fetch(station, identifier, key, cert, target)
    talk(say("fetched", setting.tongue, path=str(target)))


@liasse.group()
def refusal() -> None:
    """Documents refusés ou en attente / refused or held documents."""


@refusal.command("list")
@as_json
@setting
def refusal_list(setting: Setting, as_json: bool) -> None:
    """Ce qui attend une personne, et pourquoi / what waits for a person, and why."""
    from pipeline.office import answers
    from pipeline.office.report import refusals_text

    with setting.station() as station:
        found = answers.waiting(station)
    if as_json:
        _show(setting, found, as_json=True)
    else:
        out(refusals_text(found, setting.tongue))


# --- paper ------------------------------------------------------------------------------------------------------------


@liasse.group()
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


@liasse.group()
def separator() -> None:
    """Intercalaires / separator sheets."""


@separator.command("print")
@click.option("--patient", "refs", multiple=True, required=True, help="Référence / reference (répétable, repeatable).")
@click.option("--type", "doc_type", help="Type de document / document type.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="PDF.")
@setting
def separator_print(setting: Setting, refs: tuple[str, ...], doc_type: str | None, target: Path) -> None:
    """Imprimer un intercalaire par référence / print a sheet a reference."""
    from pipeline.office.sheets import print_sheets, require_known

    if setting.config_path is not None:
        with setting.station() as station:
            require_known(refs, station.roster)
    print_sheets(refs, doc_type, target)
    out(say("separators-written", setting.tongue, count=len(refs), path=str(target)))


# --- evidence ---------------------------------------------------------------------------------------------------------


@liasse.group()
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


@liasse.group()
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


@liasse.command()
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"))
@setting
def demo(setting: Setting, target: Path) -> None:
    """Tout le parcours sur des dossiers inventés / the whole journey on invented records."""
    from demo.tour import tour

    tour(target, setting.tongue, out)


# --- ending -----------------------------------------------------------------------------------------------------------


def main() -> NoReturn:
    """Run the command; every failure ends with what happened, what to do, and its exit code."""
    setting = Setting()
    try:
        liasse.main(standalone_mode=False, obj=setting)
        sys.exit(EXIT_DONE)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        talk(say("interrupted", setting.tongue))
        sys.exit(EXIT_INTERRUPTED)
    except Fault as fault:
        _tell_fault(fault, setting.tongue)
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


def _tell_fault(fault: Fault, tongue: Language) -> None:
    sentence = catalogue.FAULTS[fault.code]
    talk(say("error", tongue, what=f"{sentence.what(tongue, **fault.facts)} [{fault.code}]"))
    talk(say("hint", tongue, hint=sentence.hint(tongue, **fault.facts)))


if __name__ == "__main__":
    main()
