"""Deletions at the host: proposed by a restriction, confirmed by two, executed with proof; and the holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.misuse import OneOf
from commands.proving import proved
from commands.setting import Setting, as_json, out, setting, show, show_one, talk, tell_fault
from lexicon.faults import EXIT_DONE, EXIT_WAITING, HostFault, StationFault
from lexicon.reviews import said
from lexicon.screens import say
from lexicon.words import DELETION_STATES

if TYPE_CHECKING:
    from pipeline.office.people import Presented
    from pipeline.station import Station
    from storage.deletions import Deletion

_number = click.argument("identifier", metavar="ID")


@click.group()
def deletion() -> None:
    """Suppressions chez l'hébergeur / deletions at the host."""


@deletion.command("list")
@as_json
@setting
def deletion_list(setting: Setting, as_json: bool) -> None:
    """Toutes les suppressions, la plus ancienne d'abord / all deletions, the oldest first."""
    from pipeline.office.deleting import all_of

    with setting.station() as station:
        show(setting, _answers(station, all_of(station)), "deletions", as_json=as_json)


@deletion.command("show")
@_number
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), help="Attestation / statement.")
@as_json
@setting
def deletion_show(setting: Setting, identifier: str, folder: Path | None, as_json: bool) -> None:
    """Une suppression ; son attestation signée avec --out / one deletion; its signed statement with --out."""
    from pipeline.office.deleting import write_statement
    from pipeline.office.deletion import found_of

    with setting.station() as station:
        found, _ = found_of(station, identifier)
        written = write_statement(station, found, folder) if folder else None
        (answer,) = _answers(station, [found])
    show_one(setting, answer, "deletion", as_json=as_json)
    if written:
        talk(say("deletion-statement", setting.tongue, path=str(written)))


@deletion.command("confirm")
@_number
@setting
@proved
def deletion_confirm(setting: Setting, by: Callable[[], Presented], identifier: str) -> None:
    """Confirmer une suppression : deux personnes, après le délai / two people confirm, after the cooling-off."""
    from pipeline.office.deletion import confirm

    with setting.station() as station:
        done = confirm(station, identifier, by())
        _tell(setting, done)
    raise SystemExit(_exit_of(done))


@deletion.command("refuse")
@_number
@setting
@proved
def deletion_refuse(setting: Setting, by: Callable[[], Presented], identifier: str) -> None:
    """Refuser une suppression : le document reste, limité / it is not to be done: the document stays, restricted."""
    from pipeline.office.deletion import refuse

    with setting.station() as station:
        _tell(setting, refuse(station, identifier, by()))


@deletion.command("order")
@click.argument("document", metavar="DOCUMENT")
@click.option("--evidence", required=True, help="Référence de l'ordre écrit / the written order's reference.")
@setting
@proved
def deletion_order(setting: Setting, by: Callable[[], Presented], document: str, evidence: str) -> None:
    """Ordre écrit du responsable de traitement / the controller's order in writing."""
    from pipeline.office.deletion import order

    with setting.station() as station:
        _tell(setting, order(station, document, by(), evidence))


@deletion.command("execute")
@click.argument("identifier", metavar="ID", required=False)
@setting
def deletion_execute(setting: Setting, identifier: str | None) -> None:
    """Exécuter une suppression confirmée, ou toutes / do a confirmed deletion, or all of them."""
    from pipeline.office.deleting import due, execute

    with setting.station() as station:
        if identifier is not None:
            done = execute(station, identifier)
            _tell(setting, done)
            ended = _exit_of(done)
        else:
            ended = _execute_all(setting, station, due(station))
    if ended:
        raise SystemExit(ended)


def _execute_all(setting: Setting, station: Station, several: Sequence[Deletion]) -> int:
    """Each that can be done, whatever becomes of another; the worst exit code. Where tampering shows, nothing more."""
    from pipeline.office.deleting import execute
    from pipeline.office.deletion_grounds import Told
    from pipeline.office.journal import note_fault

    if not several:
        out(say("deletion-nothing", setting.tongue))
        return EXIT_DONE
    told, worst = Told(station), EXIT_DONE
    for one in several:
        try:
            done = execute(station, one.id, told)
        except (StationFault, HostFault) as fault:
            talk(say("deletion-not-done", setting.tongue, deletion=one.id))
            tell_fault(fault, setting.tongue)
            note_fault(fault)
            worst = max(worst, fault.exit_code)
        else:
            _tell(setting, done)
            worst = max(worst, _exit_of(done))
    return worst


def _exit_of(done: Deletion) -> int:
    return EXIT_WAITING if done.state.value in ("locked", "first-confirmed") else EXIT_DONE


@deletion.command("hold")
@click.argument("document", metavar="DOCUMENT", required=False)
@click.option("--patient", help="Tout d'un patient, par sa référence / all of a patient's, by reference.")
@click.option("--reference", required=True, help="Réclamation, inspection... / the claim's reference.")
@setting
@proved
def deletion_hold(
    setting: Setting, by: Callable[[], Presented], document: str | None, patient: str | None, reference: str
) -> None:
    """Interdire de supprimer / forbid deleting."""
    from consent_gate.model import DocumentId, PatientRef
    from pipeline.office.holds import Of, hold

    if (document is None) == (patient is None):
        raise OneOf("DOCUMENT", "--patient")
    of = Of(document=DocumentId(document)) if document else Of(patient=PatientRef(patient or ""))
    with setting.station() as station:
        placed = hold(station, of, by(), reference)
    out(say("hold-placed", setting.tongue, hold=placed.id))


@deletion.command("release-hold")
@_number
@setting
@proved
def deletion_release_hold(setting: Setting, by: Callable[[], Presented], identifier: str) -> None:
    """Lever une conservation / let go of a hold."""
    from pipeline.office.holds import release_hold

    with setting.station() as station:
        lifted = release_hold(station, identifier, by())
    out(say("hold-lifted", setting.tongue, hold=lifted.id))


@deletion.command("holds")
@as_json
@setting
def deletion_holds(setting: Setting, as_json: bool) -> None:
    """Les conservations en vigueur, et sur quoi elles portent / the holds in force, and on what.

    Les références du client sont affichées, jamais tracées. / The client's references are shown, and in no entry.
    """
    from pipeline.office.holds import holds

    with setting.station() as station:
        answers: list[dict[str, Any]] = [
            {
                "hold": one.id,
                "document": one.document,
                "patient": patient,
                "client_document": client_document,
                "reference": one.reference,
                "placed_by": one.placed_by,
                "placed_at": one.placed_at,
            }
            for one, patient, client_document in holds(station)
        ]
    show(setting, answers, "holds", as_json=as_json)


def _tell(setting: Setting, found: Deletion) -> None:
    if found.locked_until and found.state.value == "locked":
        out(say("deletion-locked", setting.tongue, deletion=found.id, until=found.locked_until))
    else:
        state = said(DELETION_STATES, found.state.value, setting.tongue)
        out(say("deletion-state", setting.tongue, deletion=found.id, state=state))


def _answers(station: Station, several: Sequence[Deletion]) -> list[dict[str, Any]]:
    from pipeline.office.deletion_grounds import impediments

    forbidden = impediments(station, several)
    return [_answer(station, one, forbidden.get(one.id)) for one in several]


def _answer(station: Station, found: Deletion, impediment: str | None) -> dict[str, Any]:
    from pipeline.office.deletion_grounds import cool_at
    from storage.times import read_time

    return {
        "deletion": found.id,
        "document": found.document,
        "state": found.state.value,
        "reason": found.reason,
        "proposed_at": found.proposed_at,
        "confirmable_from": cool_at(station, read_time(found.proposed_at)).isoformat(),
        "impediment": impediment,
        "first_by": found.first_by,
        "second_by": found.second_by,
        "ordered_by": found.ordered_by,
        "ended_by": found.ended_by,
        "ended_at": found.ended_at,
        "locked_until": found.locked_until,
    }
