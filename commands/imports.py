"""The client's files, patients and authorizations: in, out, taken back; and what a person records."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show, talk
from commands.words import A_GIVER, A_KIND, AN_EVIDENCE, a_day
from lexicon.faults import (
    EXIT_DONE,
    EXIT_WAITING,
)
from lexicon.screens import say

if TYPE_CHECKING:
    from datetime import date, datetime

    from pipeline.office.following_up import Rejudged
    from pipeline.office.people import Presented
    from pipeline.office.register_recording import Foretold

_KINDS = (
    "notice", "granted", "refused", "withdrawn", "opposed", "opposition-lifted", "deceased", "evidence-checked",
    "evidence-rejected", "retracted", "doubted", "doubt-lifted",
)  # fmt: skip
_dry_run = click.option("--dry-run", is_flag=True, help="Ne rien enregistrer / record nothing.")


@click.group()
def patient() -> None:
    """Fichier des patients / the roster."""


@click.group()
def authorization() -> None:
    """Registre des autorisations / the register of authorizations."""


def _import(setting: Setting, kind: Literal["roster", "register"], file: Path, *, dry_run: bool, as_json: bool) -> None:
    from pipeline.office.register_desk import bring_in, change_answer
    from pipeline.office.register_text import import_answer, import_text

    with setting.station() as station:
        done = bring_in(station, kind, file.read_bytes(), dry_run=dry_run)
    answer = import_answer(done.report, kind) | (change_answer(done) if kind == "register" else {})
    if as_json:
        out_json(answer)
    else:
        out(import_text(done.report, setting.tongue))
        if kind == "register":
            _tell_change(setting, answer, done.report.id)
    raise SystemExit(_exit_code(done.rejudged, waiting=answer["refused"]))


def _tell_change(setting: Setting, answer: Mapping[str, Any], import_id: str | None) -> None:
    """What would change, or what came of judging anew, where anything did; and how to take it back."""
    for told, name in (("import-would", "would"), ("import-rejudged", "rejudged")):
        counts = {key.replace("-", "_"): count for key, count in answer.get(name, {}).items()}
        if any(counts.values()) or (counts and name == "would"):
            out(say(told, setting.tongue, **counts))
        if name == "rejudged" and counts.get("restricted"):
            out(say("import-restricted", setting.tongue, count=counts["restricted"]))
        if name == "would" and counts.get("close"):
            out(say("import-would-close", setting.tongue, close=counts["close"]))
    if import_id is not None:
        out(say("import-done", setting.tongue, id=import_id))


@patient.command("import")
@click.argument("file", type=a_file)
@_dry_run
@as_json
@setting
def patient_import(setting: Setting, file: Path, dry_run: bool, as_json: bool) -> None:
    """Importer le fichier des patients (CSV, ODS, XLSX) / import the roster."""
    _import(setting, "roster", file, dry_run=dry_run, as_json=as_json)


@authorization.command("import")
@click.argument("file", type=a_file)
@_dry_run
@as_json
@setting
def authorization_import(setting: Setting, file: Path, dry_run: bool, as_json: bool) -> None:
    """Importer les autorisations, refus et retraits (CSV, ODS, XLSX, FHIR) / import authorizations and refusals."""
    _import(setting, "register", file, dry_run=dry_run, as_json=as_json)


@authorization.command("undo")
@click.argument("identifier", metavar="IMPORT")
@_dry_run
@as_json
@setting
@proved
def authorization_undo(
    setting: Setting, identifier: str, by: Callable[[], Presented], dry_run: bool, as_json: bool
) -> None:
    """Annuler un import ; reprendre un refus demande une personne habilitée / take an import back."""
    from pipeline.office.register_desk import change_answer, take_back

    with setting.station() as station:
        done = take_back(station, identifier, by, dry_run=dry_run)
    counts = {"facts": done.report.facts, "retracted": done.report.retracted, "doubted": done.report.doubted}
    answer = {"undo": done.report.id, "import": identifier, **counts, **change_answer(done)}
    if as_json:
        out_json(answer)
    else:
        out(say("undo-sum", setting.tongue, **counts))
        _tell_change(setting, answer, None)
        if dry_run:
            out(say("import-dry", setting.tongue))
    raise SystemExit(_exit_code(done.rejudged, waiting=done.report.doubted))


@authorization.command("export")
@click.option("--format", "form", type=click.Choice(["csv", "fhir"]), required=True, help="Format.")
@click.option("--as-known", "known", type=a_day, help="Tel que connu ce jour-là / as known on that day.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Fichier / file.")
@as_json
@setting
@proved
def authorization_export(
    setting: Setting,
    form: Literal["csv", "fhir"],
    by: Callable[[], Presented],
    known: datetime | None,
    target: Path,
    as_json: bool,
) -> None:
    """Écrire le registre dans un fichier : une personne habilitée le peut / write the register into a file."""
    from pipeline.office.register_answers import export

    with setting.station() as station:
        answer = export(station, form, target, by, _day(known))
    out_json(answer) if as_json else out(say("export-done", setting.tongue, **answer))


@authorization.command("list")
@click.option("--kind", type=click.Choice(_KINDS), help="Sorte de fait / kind of fact.")
@click.option("--since", type=a_day, help="Enregistrés depuis ce jour / recorded since that day.")
@click.option("--unchecked", is_flag=True, help="Dont la preuve attend un regard / whose evidence nobody looked at.")
@as_json
@setting
def authorization_list(
    setting: Setting, kind: str | None, since: datetime | None, unchecked: bool, as_json: bool
) -> None:
    """Les faits du registre / the register's facts."""
    from consent_gate.model import FactKind
    from pipeline.office.register_answers import listed

    with setting.station() as station:
        found = listed(station, FactKind(kind) if kind else None, _day(since), unchecked=unchecked)
        show(setting, found, "facts", as_json=as_json)


@authorization.command("show")
@click.argument("ref", metavar="PATIENT")
@click.option("--on", "on", type=a_day, help="Ce qui valait ce jour-là / what held on that day.")
@click.option("--known", type=a_day, help="Selon ce qu'on en savait ce jour-là / as known on that day.")
@as_json
@setting
def authorization_show(setting: Setting, ref: str, on: datetime | None, known: datetime | None, as_json: bool) -> None:
    """Ce que le contrôle répond pour un patient, et pourquoi / what the gate answers of a patient, and why."""
    from consent_gate.model import PatientRef
    from pipeline.office.register_answers import shown
    from pipeline.office.register_text import register_text

    with setting.station() as station:
        answer = shown(station, PatientRef(ref), _day(on), _day(known))
    out_json(answer) if as_json else out(register_text(answer, setting.telling))


_EVIDENCE = (
    click.option("--evidence", default="", help="Référence de la preuve / reference of the evidence."),
    click.option("--evidence-kind", type=AN_EVIDENCE, help="Ce qu'est la preuve / what the evidence is."),
    click.option("--evidence-on", default="", help="Jour de la preuve / day of the evidence."),
    click.option("--evidence-sha256", default="", help="Empreinte / hash."),
    click.option("--witness", is_flag=True, help="Demander le nom du témoin / ask for the witness's name."),
    click.option("--given-by", type=A_GIVER, help="Qui a parlé / who spoke."),
)
_LIMITS = (
    click.option("--until", default="", help="Dernier jour / last day."),
    click.option("--scope", default="", help="Types de documents / document types."),
    click.option("--purposes", default="", help="Finalités / purposes."),
    click.option("--authority-until", default="", help="Fin du mandat du tuteur / end of the guardian's authority."),
    click.option("--version", default="", help="D'une information : quel texte / of a notice: which text."),
    click.option("--channel", default="", help="D'une information : par quel moyen / of a notice: how."),
)
_ASKING = (
    click.option("--yes", is_flag=True, help="Ne rien demander / ask nothing."),
    _dry_run,
)


def _with(options: tuple[Callable[..., Any], ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def adding(command: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(options):
            command = option(command)
        return command

    return adding


@authorization.command("record")
@click.argument("ref", metavar="PATIENT")
@click.option("--kind", type=A_KIND, required=True, help="Ce qui est dit / what is said.")
@click.option("--on", required=True, help="Jour / day.")
@_with(_LIMITS + _EVIDENCE)
@_with(_ASKING)
@as_json
@setting
@proved
def authorization_record(
    setting: Setting, ref: str, by: Callable[[], Presented], as_json: bool, witness: bool, **words: Any
) -> None:
    """Enregistrer ce qu'un patient a dit ; permettre demande une personne habilitée / record what was said."""
    _record(setting, ref, words, by, witness=witness, as_json=as_json)


@authorization.command("withdraw")
@click.argument("ref", metavar="PATIENT")
@click.option("--on", required=True, help="Jour / day.")
@_with(_EVIDENCE)
@_with(_ASKING)
@as_json
@setting
@proved
def authorization_withdraw(
    setting: Setting, ref: str, by: Callable[[], Presented], as_json: bool, witness: bool, **words: Any
) -> None:
    """Enregistrer un retrait : n'importe qui au poste le peut / record a withdrawal: anybody at the station may."""
    _record(setting, ref, {"kind": "retiree", **words}, by, witness=witness, as_json=as_json)


def _record(
    setting: Setting, ref: str, words: dict[str, Any], by: Callable[[], Presented], *, witness: bool, as_json: bool
) -> None:
    """Whom it is about and what it would change is shown, and asked of a no at a terminal; then the witness's name;
    then who acts, for a permission, and where somebody is named.
    """
    from consent_gate.model import PatientRef
    from pipeline.office.register_recording import foretell, needs_person, record

    named = click.get_current_context().params.get("person")
    dry_run, yes = words.pop("dry_run"), words.pop("yes") or as_json
    said = {field: text for field, text in words.items() if text}
    with setting.station() as station:
        asked = sys.stdin.isatty() and not yes and not needs_person(said["kind"])
        if dry_run or asked:
            _foretell(setting, foretell(station, PatientRef(ref), said), dry_run=dry_run, as_json=as_json)
        if dry_run or (asked and not _agreed(setting)):
            return
        said["witness"] = (ask(setting, "ask-witness", hidden=False) or "") if witness else ""
        who = by if named or needs_person(said["kind"]) else None
        done = record(station, PatientRef(ref), said, who)
    answer = {"fact": done.fact, "kind": done.kind.value, "rejudged": dict(done.rejudged.counts)}
    if as_json:
        out_json(answer)
    else:
        out(say("fact-recorded", setting.tongue, fact=done.fact) if done.fact else say("fact-known", setting.tongue))
        _tell_change(setting, answer, None)
    raise SystemExit(_exit_code(done.rejudged))


def _foretell(setting: Setting, foretold: Foretold, *, dry_run: bool, as_json: bool) -> None:
    from pipeline.office.review_text import traits_text

    traits, would = dict(foretold.patient), dict(foretold.change.counts)
    answer = {"kind": foretold.kind.value, "patient": traits, "would": would}
    if as_json:
        return out_json(answer)
    out(say("record-patient", setting.tongue, traits=traits_text(traits, setting.tongue)))
    _tell_change(setting, answer, None)
    if dry_run:
        out(say("import-dry", setting.tongue))
    return None


def _agreed(setting: Setting) -> bool:
    agreed = click.confirm(say("ask-record", setting.tongue), err=True)
    if not agreed:
        talk(say("record-not-done", setting.tongue))
    return agreed


def _exit_code(rejudged: Rejudged | None, *, waiting: object = False) -> int:
    """3 where something waits for a person: what the command itself left, or a count to confirm."""
    return EXIT_WAITING if waiting or (rejudged is not None and rejudged.held_back) else EXIT_DONE


def _day(chosen: datetime | None) -> date | None:
    return chosen.date() if chosen else None
