"""Custody entries about a document, as every step writes them."""

from consent_gate.model import Clearance, Decision
from storage.custody import Draft, EntryType
from storage.stored import StoredDocument


def about(document: StoredDocument, kind: EntryType, outcome: str, **more: object) -> Draft:
    """An entry's draft; `more` as the fields of `Draft`."""
    within = {"batch": document.batch, "file": document.file}
    return Draft(kind, f"document:{document.id}", outcome, within=within, **more)  # type: ignore[arg-type]  # fields of Draft


def answered(document: StoredDocument, answer: Decision, subject: str) -> Draft:
    """The `consent-check` of the gate's answer: by which rule, under which terms and from which facts it was given."""
    judged = answer.judged
    return about(
        document,
        EntryType.CONSENT_CHECK,
        "cleared" if isinstance(answer, Clearance) else answer.reason.value,
        subject=subject,
        decision=answer.decision,
        counts={"facts": len(judged.facts)},
        rule=judged.rule,
        terms=judged.terms,
        facts=judged.facts,
    )
