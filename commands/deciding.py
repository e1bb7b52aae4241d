"""What a person decides: of a refused or held document, of evidence, of a doubt. Each decision by a second factor."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.imports import authorization
from commands.misuse import OneOf
from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING, StationFault
from lexicon.reviews import MAINTAIN_REASONS, SETTLE_REASONS
from lexicon.screens import say

if TYPE_CHECKING:
    from consent_gate.model import Evidence
    from consent_gate.review import Decision
    from pipeline.office.deciding import Decided
    from pipeline.office.people import Presented
    from pipeline.station import Station

_DAY = click.DateTime(["%Y-%m-%d"])
_GIVERS = ("patient", "parental-authority", "guardian")
_EVIDENCE = ("signed-form", "e-mail", "oral")


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
            waits |= _say(setting, decided, as_json=as_json, document=document)
    raise SystemExit(EXIT_WAITING if waits else EXIT_DONE)


@review.command("authorize")
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
        raise OneOf("--retract FACT", "--lift-doubt")
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
    tell(setting, decided, as_json=as_json)


def tell(setting: Setting, decided: Decided, *, as_json: bool) -> None:
    """What came of it; exit 3 where something waits for a person."""
    raise SystemExit(EXIT_WAITING if _say(setting, decided, as_json=as_json) else EXIT_DONE)


def _say(setting: Setting, decided: Decided, *, as_json: bool, document: str | None = None) -> bool:
    """Whether something waits for a person."""
    rejudged = decided.rejudged
    if as_json:
        outcome = {"review": decided.review, "decision": decided.kind.value, "waits": decided.waits}
        of = {"document": document} if document else {}
        out_json({**outcome, **of, "facts": list(decided.facts), "rejudged": rejudged.counts})
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
    return decided.waits or bool(rejudged.held_back)


def _require_count(setting: Setting, found: int, said: int | None) -> None:
    """Somebody says how many there are, by `--count` or at a terminal, before anybody is asked who they are."""
    if said is None and sys.stdin.isatty():
        said = int(click.prompt(say("review-count", setting.tongue, count=found), type=int, err=True))
    if said != found:
        raise StationFault("review-count-differs", waiting=found)


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
