"""What people decide: of refused and held documents, and of the register. Each decision by a second factor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.imports import authorization
from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING, StationFault
from lexicon.reviews import MAINTAIN_REASONS, SETTLE_REASONS
from lexicon.screens import say

if TYPE_CHECKING:
    from consent_gate.model import Evidence
    from consent_gate.review import Decision
    from pipeline.office.people import Presented
    from pipeline.office.reviews import Decided
    from pipeline.station import Station

_DAY = click.DateTime(["%Y-%m-%d"])
_GIVERS = ("patient", "parental-authority", "guardian")
_EVIDENCE = ("signed-form", "e-mail", "oral")


def _reasons(words: dict[str, tuple[str, str]]) -> str:
    return "; ".join(f"{slug}: {french} / {english}" for slug, (french, english) in words.items())


@click.group()
def refusal() -> None:
    """Documents refusés ou en attente / refused or held documents."""


@refusal.command("release")
@click.option("--count", type=click.IntRange(min=1), required=True, help="Combien repartent / how many go on.")
@setting
def refusal_release(setting: Setting, count: int) -> None:
    """Confirmer combien de documents repartent / confirm how many documents go on."""
    from pipeline.office.rejudging import release

    with setting.station() as station:
        rejudged = release(station, count)
    out(say("went-on", setting.tongue, count=len(rejudged.gone_on)))


@refusal.command("list")
@as_json
@setting
def refusal_list(setting: Setting, as_json: bool) -> None:
    """Ce qui attend une personne, et pourquoi / what waits for a person, and why."""
    from pipeline.office import showing
    from pipeline.office.report import refusals_text

    with setting.station() as station:
        found = showing.waiting(station)
    if as_json:
        show(setting, found, as_json=True)
    else:
        out(refusals_text(found, setting.tongue))


@refusal.command("show")
@click.argument("document")
@click.option("--strip", type=click.Path(dir_okay=False, path_type=Path), help="Bandeau masqué / masked strip (PNG).")
@as_json
@setting
@proved
def refusal_show(
    setting: Setting, document: str, by: Callable[[], Presented], strip: Path | None, *, as_json: bool
) -> None:
    """Un document avant sa décision ; la consultation est tracée / one document before its decision; it is recorded."""
    from pipeline.office import showing
    from pipeline.office.review_text import show_text

    with setting.station() as station:
        answer = showing.show(station, document, by(), strip)
    out_json(answer) if as_json else out(show_text(answer, setting.tongue))


@refusal.group("review")
def refusal_review() -> None:
    """Décider d'un document / decide of a document."""


@refusal_review.command("maintain")
@click.argument("document")
@click.option("--reason", type=click.Choice(list(MAINTAIN_REASONS)), required=True, help=_reasons(MAINTAIN_REASONS))
@as_json
@setting
@proved
def review_maintain(
    setting: Setting, document: str, by: Callable[[], Presented], reason: str, *, as_json: bool
) -> None:
    """Maintenir : le document est détruit, sa trace reste / maintain: the document is destroyed, its trace stays."""
    from consent_gate.model import DocumentId
    from consent_gate.review import Maintain, MaintainReason

    _decide(setting, lambda _: Maintain(DocumentId(document), MaintainReason(reason)), by, as_json=as_json)


@refusal_review.command("authorize")
@click.argument("document")
@click.option("--on", type=_DAY, required=True, help="Jour de la parole du patient / day on which the patient spoke.")
@click.option("--until", type=_DAY, help="Dernier jour / last day.")
@click.option("--type", "doc_types", multiple=True, help="Limite de type / limit by type (répétable, repeatable).")
@click.option("--purpose", "purposes", multiple=True, help="Limite de finalité / limit by purpose.")
@click.option("--given-by", type=click.Choice(_GIVERS), default="patient", help="Qui a parlé / who spoke.")
@click.option("--authority-until", type=_DAY, help="Fin de l'autorité du tuteur / end of the guardian's authority.")
@click.option("--evidence", type=click.Choice(_EVIDENCE), required=True, help="Preuve / evidence.")
@click.option("--evidence-file", type=a_file, help="Son fichier : l'empreinte est gardée / its file: the hash is kept.")
@click.option("--evidence-on", type=_DAY, help="Son jour / its day.")
@click.option("--reference", default="", help="Où la retrouver, sans nom / where to find it; no name.")
@click.option("--witness", is_flag=True, help="Demander le nom du témoin / ask for the witness's name.")
@as_json
@setting
@proved
def review_authorize(
    setting: Setting,
    document: str,
    by: Callable[[], Presented],
    *,
    on: datetime,
    until: datetime | None,
    doc_types: tuple[str, ...],
    purposes: tuple[str, ...],
    given_by: str,
    authority_until: datetime | None,
    evidence: str,
    evidence_file: Path | None,
    evidence_on: datetime | None,
    reference: str,
    witness: bool,
    as_json: bool,
) -> None:
    """Fournir une autorisation ; le contrôle seul en juge / supply an authorization; the gate alone judges it."""
    from consent_gate.model import DocumentId, Giver
    from consent_gate.review import Authorize, authorization

    name = (ask(setting, "ask-witness", hidden=False) or "") if witness else ""
    kept = _evidence(evidence, evidence_file, _day(evidence_on), reference, name)
    said = authorization(
        on.date(),
        kept,
        until=_day(until),
        doc_types=doc_types,
        purposes=purposes,
        given_by=Giver(given_by),
        authority_until=_day(authority_until),
    )
    _decide(setting, lambda _: Authorize(DocumentId(document), said), by, as_json=as_json)


@refusal_review.command("correct-identity")
@click.argument("document")
@click.option("--patient", "ref", required=True, help="Référence du bon patient / the right patient's reference.")
@click.option("--type", "doc_type", help="Type de document / document type.")
@click.option(
    "--evidence", required=True, help="Référence de la preuve, sans nom / reference of the evidence; no name."
)
@as_json
@setting
@proved
def review_correct_identity(
    setting: Setting,
    document: str,
    by: Callable[[], Presented],
    ref: str,
    doc_type: str | None,
    evidence: str,
    *,
    as_json: bool,
) -> None:
    """Dire de qui est le document ; le contrôle juge de nouveau / say whose it is; the gate judges anew."""
    from consent_gate.model import DocType, DocumentId, PatientRef
    from consent_gate.review import CorrectIdentity
    from pipeline.office.decisions import candidate

    def chosen(station: Station) -> Decision:
        traits = candidate(station, PatientRef(ref))
        words = "  ".join(f"{name} {value}" for name, value in traits.items() if value)
        talk(say("review-candidate", setting.tongue, traits=words))
        return CorrectIdentity(DocumentId(document), PatientRef(ref), DocType(doc_type) if doc_type else None, evidence)

    _decide(setting, chosen, by, as_json=as_json)


@refusal.command("waiting")
@as_json
@setting
def refusal_waiting(setting: Setting, as_json: bool) -> None:
    """Décisions qui attendent une deuxième personne / decisions that wait for a second person."""
    from pipeline.office import reviews

    with setting.station() as station:
        found = [
            {"review": one.id, "decision": one.kind, "object": one.object, "person": one.person, "at": str(one.at)}
            for one in reviews.waiting(station)
        ]
    show(setting, found, as_json=as_json)


@refusal.command("confirm")
@click.argument("review")
@as_json
@setting
@proved
def refusal_confirm(setting: Setting, review: str, by: Callable[[], Presented], *, as_json: bool) -> None:
    """Confirmer, en deuxième personne, la même décision / confirm the very same decision, as a second person."""
    from pipeline.office import reviews

    with setting.station() as station:
        decided = reviews.confirm(station, review, by())
    _tell(setting, decided, as_json=as_json)


@refusal.command("decline")
@click.argument("review")
@setting
@proved
def refusal_decline(setting: Setting, review: str, by: Callable[[], Presented]) -> None:
    """Écarter une décision qui attend / decline a decision that waits."""
    from pipeline.office import reviews

    with setting.station() as station:
        reviews.decline(station, review, by())
    talk(say("review-declined", setting.tongue, id=review))


@authorization.command("check")
@click.argument("fact")
@click.argument("verdict", type=click.Choice(["ok", "rejected"]))
@as_json
@setting
@proved
def authorization_check(
    setting: Setting, fact: str, verdict: str, by: Callable[[], Presented], *, as_json: bool
) -> None:
    """Dire qu'une preuve a été regardée / say that the evidence of an authorization was looked at."""
    from consent_gate.review import Check

    _decide(setting, lambda _: Check(fact, verdict == "ok"), by, as_json=as_json)


@authorization.command("settle")
@click.argument("patient")
@click.option("--retract", multiple=True, metavar="FACT", help="Fait qui ne vaut pas / fact that does not stand.")
@click.option("--lift-doubt", is_flag=True, help="La ligne refusée n'est pas un refus / the line is no refusal.")
@click.option("--reason", type=click.Choice(list(SETTLE_REASONS)), required=True, help=_reasons(SETTLE_REASONS))
@as_json
@setting
@proved
def authorization_settle(
    setting: Setting,
    patient: str,
    by: Callable[[], Presented],
    retract: tuple[str, ...],
    reason: str,
    *,
    lift_doubt: bool,
    as_json: bool,
) -> None:
    """Trancher entre deux faits d'un même jour, ou un doute / settle a contradiction of one day, or a doubt."""
    from consent_gate.model import PatientRef
    from consent_gate.review import Settle, SettleReason

    if bool(retract) == lift_doubt:
        raise click.UsageError("--retract FACT, --lift-doubt")
    _decide(setting, lambda _: Settle(PatientRef(patient), retract, SettleReason(reason)), by, as_json=as_json)


def _decide(
    setting: Setting,
    decision: Callable[[Station], Decision],
    by: Callable[[], Presented],
    *,
    as_json: bool,
) -> None:
    from pipeline.office import reviews

    with setting.station() as station:
        decided = reviews.decide(station, decision(station), by())
    _tell(setting, decided, as_json=as_json)


def _tell(setting: Setting, decided: Decided, *, as_json: bool) -> None:
    """What came of it; exit 3 where something waits for a person."""
    rejudged = decided.rejudged
    if as_json:
        outcome = {"review": decided.review, "decision": decided.kind.value, "waits": decided.waits}
        out_json({**outcome, "facts": list(decided.facts), "rejudged": rejudged.counts})
    else:
        out(say("review-waits" if decided.waits else "review-done", setting.tongue, id=decided.review))
        if decided.facts:
            out(say("review-facts-recorded", setting.tongue, facts=", ".join(decided.facts)))
        if rejudged.gone_on:
            out(say("review-went-on", setting.tongue, count=len(rejudged.gone_on)))
        if rejudged.held_back:
            out(say("review-held-back", setting.tongue, count=rejudged.held_back))
    raise SystemExit(EXIT_WAITING if decided.waits or rejudged.held_back else EXIT_DONE)


def _evidence(kind: str, file: Path | None, on: date | None, reference: str, witness: str) -> Evidence:
    from consent_gate.model import Evidence, EvidenceKind

    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest() if file else None
    except OSError:
        raise StationFault("evidence-unreadable") from None
    return Evidence(
        reference=reference or (file.name if file else ""),
        kind=EvidenceKind(kind),
        on=on,
        sha256=sha256,
        witness=witness,
    )


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
