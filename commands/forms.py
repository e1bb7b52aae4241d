"""Authorization forms: printed for the patients, taken back, checked by a person."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.imports import authorization
from commands.proving import proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show
from commands.words import A_GIVER, A_READING, a_day
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.reviews import said
from lexicon.screens import say
from lexicon.words import FORM_OUTCOMES, FORM_STATES

if TYPE_CHECKING:
    from consent_gate.model import Patient
    from pipeline.forms.standings import Standing
    from pipeline.office.people import Presented
    from pipeline.office.register_desk import Change

__all__ = ["authorization"]

a_target = click.Path(dir_okay=False, path_type=Path)


@authorization.command("form")
@click.option("--patient", "refs", multiple=True, help="Référence / reference (répétable, repeatable).")
@click.option("--patients", "listed", type=a_file, help="Une référence par ligne / one reference a line.")
@click.option("--out", "target", type=a_target, required=True, help="PDF.")
@click.option("--notice-version", "version", help="Au lieu de / in place of notice.version.")
@click.option("--names", is_flag=True, help="Imprimer le nom du patient / print the patient's name.")
@as_json
@setting
def authorization_form(
    setting: Setting,
    refs: tuple[str, ...],
    listed: Path | None,
    target: Path,
    version: str | None,
    names: bool,
    as_json: bool,
) -> None:
    """Imprimer note d'information et formulaire / print information notice and form, one a patient."""
    from pipeline.forms.printing import print_forms, read_references

    wanted = (*refs, *(read_references(listed) if listed else ()))
    with setting.station() as station:
        numbers = print_forms(station, wanted, target, version=version, names=names)
    if as_json:
        out_json({"forms": list(numbers), "path": str(target)})
    else:
        out(say("forms-printed", setting.tongue, count=len(numbers), path=str(target)))


@authorization.group("forms")
def forms() -> None:
    """Formulaires revenus signés / signed forms that came back."""


@forms.command("list")
@click.option("--all", "everything", is_flag=True, help="Aussi ce qui n'attend plus / all of it.")
@as_json
@setting
def forms_list(setting: Setting, everything: bool, as_json: bool) -> None:
    """Ce qui est revenu et attend une personne / what came back and waits for a person."""
    from pipeline.forms.standings import standings

    with setting.station() as station:
        found = standings(station, waiting=not everything)
    show(setting, [_answer(one) for one in found], "forms", as_json=as_json)


@forms.command("show")
@click.argument("identifier", metavar="ID")
@click.option("--out", "target", type=a_target, required=True, help="PDF.")
@as_json
@setting
@proved
def forms_show(setting: Setting, identifier: str, target: Path, as_json: bool, by: Callable[[], Presented]) -> None:
    """Regarder un formulaire revenu / look at a form that came back."""
    from pipeline.forms import checking

    with setting.station() as station:
        standing = checking.show(station, identifier, by(), target)
        person = station.roster.find(standing.form.patient) if standing.form else None
    if as_json:
        out_json({**_answer(standing), "person": _person(person) if person else None})
        return
    patient = standing.form.patient if standing.form else "—"
    out(say("form-shown", setting.tongue, path=str(target), patient=patient))
    if person is not None:
        out(say("form-person", setting.tongue, **_person(person)))


@forms.command("check")
@click.argument("identifier", metavar="ID")
@click.argument("outcome", type=A_READING)
@click.option("--on", type=a_day, help="Jour de la signature / the signature's day.")
@click.option("--until", type=a_day, help="Limite : dernier jour / limit: the last day.")
@click.option("--type", "types", multiple=True, help="Limite : type de document / limit: document type (répétable).")
@click.option(
    "--given-by",
    type=A_GIVER,
    default="patient",
    help="Qui a signé / who signed.",
)
@click.option("--authority-until", type=a_day, help="Dernier jour du mandat / the guardian's last day.")
@click.option("--yes", is_flag=True, help="Ne rien demander / ask nothing.")
@as_json
@setting
@proved
def forms_check(
    setting: Setting,
    identifier: str,
    outcome: str,
    on: datetime | None,
    until: datetime | None,
    types: tuple[str, ...],
    given_by: str,
    authority_until: datetime | None,
    yes: bool,
    as_json: bool,
    by: Callable[[], Presented],
) -> None:
    """Dire ce qui est coché et signé / say what is ticked and signed."""
    from consent_gate.model import DocType, Giver
    from pipeline.forms import checking
    from pipeline.forms.foreseeing import foreseen
    from pipeline.forms.readings import Read, Reading
    from pipeline.office.rejudging import rejudge

    reading = Reading(
        outcome=Read(outcome),
        on=on.date() if on else None,
        until=until.date() if until else None,
        doc_types=frozenset(map(DocType, types)) if types else None,
        given_by=Giver(given_by),
        authority_until=authority_until.date() if authority_until else None,
    )
    with setting.station() as station:
        if not yes and sys.stdin.isatty():
            _confirm(setting, foreseen(station, identifier, reading))
        standing = checking.check(station, identifier, reading, by, rejudge)
    if standing.waits is None:
        said_nothing = reading.outcome is Read.UNUSABLE
        ticked = said(FORM_OUTCOMES, outcome, setting.tongue)
        checked = "form-checked-waits" if standing.returned.state == "sealed" else "form-checked"
        key = "form-says-nothing" if said_nothing else checked
        words = say(key, setting.tongue, returned=standing.returned.id, outcome=ticked)
    else:
        words = say("review-waits", setting.tongue, id=standing.waits.id)
    _tell(standing, as_json=as_json, words=words)
    raise SystemExit(EXIT_DONE if standing.waits is None else EXIT_WAITING)


@forms.command("assign")
@click.argument("identifier", metavar="ID")
@click.argument("form", metavar="FORM")
@as_json
@setting
@proved
def forms_assign(setting: Setting, identifier: str, form: str, as_json: bool, by: Callable[[], Presented]) -> None:
    """Rattacher des pages par le numéro imprimé / match held pages by the printed number."""
    from pipeline.forms import holding

    with setting.station() as station:
        standing = holding.assign(station, identifier, form, by)
    returned = standing.returned
    state = said(FORM_STATES, returned.state, setting.tongue)
    _tell(
        standing,
        as_json=as_json,
        words=say("form-assigned", setting.tongue, returned=returned.id, state=state),
    )


@forms.command("discard")
@click.argument("identifier", metavar="ID")
@as_json
@setting
@proved
def forms_discard(setting: Setting, identifier: str, as_json: bool, by: Callable[[], Presented]) -> None:
    """Écarter des pages qui ne sont d'aucun formulaire / discard held pages that are of no form."""
    from pipeline.forms import holding

    with setting.station() as station:
        standing = holding.discard(station, identifier, by)
    words = say("form-discarded", setting.tongue, returned=standing.returned.id)
    _tell(standing, as_json=as_json, words=words)


@forms.command("recall")
@click.argument("identifier", metavar="ID")
@as_json
@setting
@proved
def forms_recall(setting: Setting, identifier: str, as_json: bool, by: Callable[[], Presented]) -> None:
    """Reprendre une preuve chez l'hébergeur / take evidence back from the host."""
    from pipeline.forms.recalling import recall

    with setting.station() as station:
        standing = recall(station, identifier, by)
    _tell(standing, as_json=as_json, words=say("form-recalled", setting.tongue, returned=standing.returned.id))


def _confirm(setting: Setting, change: Change | None) -> None:
    """Somebody sees what becomes of documents in hand, and says yes, before anybody is asked who they are."""
    if change is None:
        return
    counts = {key.replace("-", "_"): count for key, count in change.counts.items()}
    click.echo(say("import-would", setting.tongue, **counts), err=True)
    if change.close:
        click.echo(say("form-would-close", setting.tongue, close=change.close), err=True)
    click.confirm(say("form-record", setting.tongue), abort=True, err=True)


def _person(patient: Patient) -> dict[str, str]:
    """Whom the handwriting on the form is to name."""
    return {
        "birth_name": patient.birth_name,
        "given_names": " ".join(patient.given_names),
        "birth_date": patient.birth_date.isoformat(),
    }


def _tell(standing: Standing, *, as_json: bool, words: str) -> None:
    out_json(_answer(standing)) if as_json else out(words)


def _answer(standing: Standing) -> dict[str, Any]:
    returned, form = standing.returned, standing.form
    return {
        "return": returned.id,
        "form": returned.form,
        "patient": form.patient if form else None,
        "state": returned.state,
        "reason": standing.reason,
        "file": standing.file_name,
        "pages": list(returned.positions),
        "copies": standing.copies,
        "readable": standing.readable,
        "notice": form.notice_version if form else None,
        "outcome": returned.outcome,
        "captured_at": returned.captured_at,
        "deposited_at": returned.deposited_at,
        "checked_at": returned.checked_at,
        "object": returned.object_key if returned.deposited_at else None,
        "sha256": returned.pdf_sha256,
        "closed": returned.closed,
        "waits": standing.waits.id if standing.waits else None,
        "read": dict(standing.waits.content) if standing.waits else None,
    }
