"""What a person decides: of a refused or held document, of evidence, of a doubt. Each decision by a second factor."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.imports import authorization, patient
from commands.misuse import OneOf
from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, talk
from commands.words import A_GIVER, A_VERDICT, AN_EVIDENCE, a_day
from lexicon.faults import EXIT_DONE, EXIT_WAITING, StationFault
from lexicon.reviews import DETACH_REASONS, DISMISS_REASONS, MAINTAIN_REASONS, SETTLE_REASONS
from lexicon.screens import say

if TYPE_CHECKING:
    from consent_gate.model import Evidence
    from consent_gate.review import Decision
    from pipeline.office.deciding import Decided
    from pipeline.office.people import Presented
    from pipeline.station import Station


def _reasons(words: dict[str, tuple[str, str]]) -> str:
    return "; ".join(f"{slug}: {french} / {english}" for slug, (french, english) in words.items())


@click.group("review")
def review() -> None:
    """Décider d'un document / decide of a document."""


@review.command("maintain")
@click.argument("documents", metavar="DOCUMENT...", nargs=-1)
@click.option("--patient", "ref", help="Tous ceux d'une référence / all of a reference's.")
@click.option("--count", type=click.IntRange(min=1), help="Combien, s'ils sont plusieurs / how many, of several.")
@click.option("--reason", type=click.Choice(list(MAINTAIN_REASONS)), required=True, help=_reasons(MAINTAIN_REASONS))
@as_json
@setting
@proved
def review_maintain(
    setting: Setting,
    documents: tuple[str, ...],
    by: Callable[[], Presented],
    ref: str | None,
    count: int | None,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Maintenir : le document est détruit, sa trace reste / maintain: the document is destroyed, its trace stays."""
    from consent_gate.model import DocumentId, PatientRef
    from consent_gate.review import MaintainReason
    from pipeline.office import reviews

    if bool(documents) == bool(ref):
        raise OneOf("DOCUMENT...", "--patient")
    waits = False
    with setting.station() as station:
        several = reviews.maintainable(station, PatientRef(ref)) if ref else tuple(dict.fromkeys(documents))
        if not several:
            return out(say("none-found", setting.tongue))
        if ref or len(several) > 1:
            _require_count(setting, len(several), count)
        found = reviews.maintain_all(station, list(map(DocumentId, several)), MaintainReason(reason), by())
        for document, decided in zip(several, found, strict=True):
            waits |= told(setting, station, decided, as_json=as_json, more={"document": document})
    raise SystemExit(EXIT_WAITING if waits else EXIT_DONE)


@review.command("authorize")
@click.argument("document")
@click.option("--on", type=a_day, required=True, help="Jour de la parole du patient / day on which the patient spoke.")
@click.option("--until", type=a_day, help="Dernier jour / last day.")
@click.option("--type", "doc_types", multiple=True, help="Limite de type / limit by type (répétable, repeatable).")
@click.option("--purpose", "purposes", multiple=True, help="Limite de finalité / limit by purpose.")
@click.option("--given-by", type=A_GIVER, default="patient", help="Qui a parlé / who spoke.")
@click.option("--authority-until", type=a_day, help="Fin de l'autorité du tuteur / end of the guardian's authority.")
@click.option("--evidence-kind", type=AN_EVIDENCE, required=True, help="Ce qu'est la preuve / what the evidence is.")
@click.option("--evidence-file", type=a_file, help="Son fichier : l'empreinte est gardée / its file: the hash is kept.")
@click.option("--evidence-on", type=a_day, help="Son jour / its day.")
@click.option("--evidence", default="", help="Référence de la preuve, sans nom / its reference; no name.")
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
    evidence_kind: str,
    evidence_file: Path | None,
    evidence_on: datetime | None,
    evidence: str,
    witness: bool,
    as_json: bool,
) -> None:
    """Fournir une autorisation ; le contrôle seul en juge / supply an authorization; the gate alone judges it."""
    from consent_gate.model import DocumentId, Giver
    from consent_gate.review import Authorize, authorization

    name = (ask(setting, "ask-witness", hidden=False) or "") if witness else ""
    kept = _evidence(evidence_kind, evidence_file, _day(evidence_on), evidence, name)
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


@review.command("correct-identity")
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
    from pipeline.office.review_text import traits_text

    def chosen(station: Station) -> Decision:
        traits = traits_text(candidate(station, PatientRef(ref)), setting.tongue)
        talk(say("review-candidate", setting.tongue, traits=traits))
        return CorrectIdentity(DocumentId(document), PatientRef(ref), DocType(doc_type) if doc_type else None, evidence)

    _decide(setting, chosen, by, as_json=as_json)


@authorization.command("check")
@click.argument("facts", metavar="FACT...", nargs=-1, required=True)
@click.argument("verdict", type=A_VERDICT)
@as_json
@setting
@proved
def authorization_check(
    setting: Setting, facts: tuple[str, ...], verdict: str, by: Callable[[], Presented], *, as_json: bool
) -> None:
    """Dire qu'une preuve, ou plusieurs, ont été regardées / say that evidence was looked at.

    Sans code, les numéros : liasse authorization list --unchecked. / Their numbers, without a code: the same.
    """
    from pipeline.office import reviews

    several, waits = tuple(dict.fromkeys(facts)), False
    with setting.station() as station:
        found = reviews.check_all(station, several, by(), passed=verdict == "ok")
        for fact, decided in zip(several, found, strict=True):
            waits |= told(setting, station, decided, as_json=as_json, more={"fact": fact})
    raise SystemExit(EXIT_WAITING if waits else EXIT_DONE)


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
    """Trancher une contradiction, un doute, ou reprendre une erreur / settle a contradiction, a doubt, or a mistake."""
    from consent_gate.model import PatientRef
    from consent_gate.review import Settle, SettleReason

    if bool(retract) == lift_doubt:
        raise OneOf("--retract FACT", "--lift-doubt")
    _decide(setting, lambda _: Settle(PatientRef(patient), retract, SettleReason(reason)), by, as_json=as_json)


@authorization.command("dismiss")
@click.argument("patient")
@click.option("--on", type=a_day, required=True, help="Jour de la décision écrite / day of the decision in writing.")
@click.option("--evidence", required=True, help="Référence de la décision, sans nom / its reference; no name.")
@click.option("--evidence-file", type=a_file, help="Son fichier : l'empreinte est gardée / its file: the hash is kept.")
@click.option("--reason", type=click.Choice(list(DISMISS_REASONS)), required=True, help=_reasons(DISMISS_REASONS))
@as_json
@setting
@proved
def authorization_dismiss(
    setting: Setting,
    patient: str,
    by: Callable[[], Presented],
    on: datetime,
    evidence: str,
    evidence_file: Path | None,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Ne pas retenir une opposition à l'hébergement, à deux / not uphold an opposition to hosting, by two people.

    Le responsable décide, par écrit (CSP L.1111-8). / The controller decides, in writing.
    """
    from consent_gate.model import PatientRef
    from consent_gate.review import Dismiss, DismissReason, dismissal

    said = dismissal(on.date(), evidence, _digest(evidence_file))
    _decide(setting, lambda _: Dismiss(PatientRef(patient), said, DismissReason(reason)), by, as_json=as_json)


@patient.command("detach")
@click.argument("ref", metavar="PATIENT")
@click.option("--reason", type=click.Choice(list(DETACH_REASONS)), required=True, help=_reasons(DETACH_REASONS))
@as_json
@setting
@proved
def patient_detach(setting: Setting, ref: str, by: Callable[[], Presented], reason: str, *, as_json: bool) -> None:
    """Retirer d'une référence un INS qui n'est pas le sien, à deux / take a wrong INS from a reference, by two people.

    Le responsable décide ; un import peut ensuite donner le bon. / The controller decides; an import may then give the
    right one.
    """
    from consent_gate.model import PatientRef
    from consent_gate.review import Detach, DetachReason
    from pipeline.office.decisions import candidate
    from pipeline.office.review_text import traits_text

    def chosen(station: Station) -> Decision:
        traits = traits_text(candidate(station, PatientRef(ref)), setting.tongue)
        talk(say("record-patient", setting.tongue, traits=traits))
        return Detach(PatientRef(ref), DetachReason(reason))

    _decide(setting, chosen, by, as_json=as_json)


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
        waits = told(setting, station, decided, as_json=as_json)
    raise SystemExit(EXIT_WAITING if waits else EXIT_DONE)


def told(
    setting: Setting, station: Station, decided: Decided, *, as_json: bool, more: Mapping[str, str] | None = None
) -> bool:
    """What came of it, and what the gate answers now; whether something waits for a person."""
    from pipeline.office.afterwards import gate_now
    from pipeline.office.review_text import gate_text

    rejudged, gate = decided.rejudged, gate_now(station, decided)
    if as_json:
        outcome = {"review": decided.review, "decision": decided.kind.value, "waits": decided.waits}
        came = {"facts": list(decided.facts), "rejudged": rejudged.counts, "gate": gate}
        out_json({**outcome, **(more or {}), **came})
    else:
        out(say("review-waits" if decided.waits else "review-done", setting.tongue, id=decided.review))
        if decided.facts:
            out(say("review-facts-recorded", setting.tongue, facts=", ".join(decided.facts)))
        if rejudged.gone_on:
            out(say("review-went-on", setting.tongue, count=len(rejudged.gone_on)))
        if rejudged.held_back:
            out(say("review-held-back", setting.tongue, count=rejudged.held_back))
        if decided.kind.value == "maintain" and not decided.waits:
            out(say("review-maintained", setting.tongue))
        elif decided.facts and not rejudged.gone_on and not rejudged.held_back:
            out(say("review-none-went-on", setting.tongue))
        if decided.kind.value == "dismiss" and not decided.waits:
            out(say("review-dismissed", setting.tongue))
        if decided.kind.value == "detach" and not decided.waits:
            out(say("review-detached", setting.tongue))
        if gate:
            out(gate_text(gate, setting.tongue))
    return decided.waits or bool(rejudged.held_back)


def _require_count(setting: Setting, found: int, said: int | None) -> None:
    """Somebody says how many there are, by `--count` or at a terminal, before anybody is asked who they are."""
    if said is None and sys.stdin.isatty():
        said = int(click.prompt(say("review-count", setting.tongue, count=found), type=int, err=True))
    if said != found:
        raise StationFault("review-count-differs", waiting=found)


def _evidence(kind: str, file: Path | None, on: date | None, reference: str, witness: str) -> Evidence:
    from consent_gate.model import Evidence, EvidenceKind

    return Evidence(
        reference=reference or (file.name if file else ""),
        kind=EvidenceKind(kind),
        on=on,
        sha256=_digest(file),
        witness=witness,
    )


def _digest(file: Path | None) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() if file else None
    except OSError:
        raise StationFault("evidence-unreadable") from None


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
