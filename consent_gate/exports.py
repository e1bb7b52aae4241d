"""The register as a sheet and as FHIR R4 Consent resources: what stands, and nothing that a reader could take too far.

A sheet imports into another station as the same facts. A patient about whom a doubt is open has the line `en_doute`
there, which no station can use before it is settled. Checks of evidence and sealed forms stay with their station: they
are about facts and envelopes that another station does not have. Evidence that a person rejected is not told.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from consent_gate.cells import IN_DOUBT
from consent_gate.doubts import is_open
from consent_gate.imports import REGISTER_HEADERS
from consent_gate.model import Evidence, EvidenceKind, Fact, FactKind, Giver, Opposition, Patient
from consent_gate.standing import rejected, standing

_ALL: Final = "tous_documents"
_WORDS: Final = {
    FactKind.GRANTED: "accordee",
    FactKind.REFUSED: "refusee",
    FactKind.WITHDRAWN: "retiree",
    FactKind.NOTICE: "information",
    FactKind.DECEASED: "deces",
}
_MATTERS: Final = {
    Opposition.HOSTING: "hebergement",
    Opposition.ACCESS: "acces",
    Opposition.TRANSMISSION: "transmission",
}
_GIVERS: Final = {
    Giver.PATIENT: "patient",
    Giver.PARENTAL_AUTHORITY: "autorite_parentale",
    Giver.GUARDIAN: "tuteur",
}
_EVIDENCE: Final = {
    EvidenceKind.UNSPECIFIED: "",
    EvidenceKind.SIGNED_FORM: "formulaire_signe",
    EvidenceKind.E_MAIL: "courriel",
    EvidenceKind.ORAL: "oral",
    EvidenceKind.CONTROLLER_DECISION: "decision_responsable",
}


@dataclass(frozen=True, slots=True)
class Known:
    """A patient and everything on record of the patient, retracted facts and retractions too."""

    patient: Patient
    history: tuple[Fact, ...]
    others: tuple[tuple[Fact, ...], ...] = ()
    """What says no under other references with the same INS (`consent_gate.model.KnownPatient`)."""
    crowded: bool = False
    """Whether those are too many to be read."""

    @property
    def told(self) -> tuple[Fact, ...]:
        """What stands and can be told elsewhere, in the order of its days."""
        found = [fact for fact in standing(self.history) if fact.kind in _WORDS or fact.opposition is not None]
        none = rejected(self.history)
        told = (replace(fact, evidence=None) if fact.reference in none else fact for fact in found)
        return tuple(sorted(told, key=lambda fact: (fact.on, fact.recorded_at, fact.kind, fact.reference)))

    @property
    def doubtful(self) -> bool:
        """Whether a doubt is open, or a limit stands alone, which no line can say."""
        stand = standing(self.history)
        limited = any(fact.kind is FactKind.LIMITED for fact in stand)
        return limited or is_open((fact.kind, fact.recorded_at) for fact in stand)


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: a patient at a time, so that a register of any size fits."""

    head: bytes
    of: Callable[[Known], bytes]
    """What is told of one patient; empty where there is nothing to tell."""
    first: bytes = b""
    """Before the first patient."""
    between: bytes = b""
    last: bytes = b""
    """After the last patient."""
    tail: bytes = b""

    def whole(self, known: Iterable[Known]) -> bytes:
        """A file of these patients."""
        told = [one for one in map(self.of, known) if one]
        return self.head + (self.first + self.between.join(told) + self.last if told else b"") + self.tail


def csv_form(today: date) -> Form:
    """The register's sheet, UTF-8 with a byte order mark, semicolons, the default headers."""
    head = _csv([dict(zip(REGISTER_HEADERS, REGISTER_HEADERS.values(), strict=True))])
    return Form("\ufeff".encode() + head, lambda known: _csv(_lines(known, today)))


def _csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([cells.get(field, "") for field in REGISTER_HEADERS] for cells in lines)
    return text.getvalue().encode()


def _lines(known: Known, today: date) -> Iterator[Mapping[str, str]]:
    who = {
        "reference": known.patient.ref,
        "birth_name": known.patient.birth_name,
        "given_name": known.patient.given_names[0],
        "birth_date": known.patient.birth_date.isoformat(),
        "ins": known.patient.ins or "",
    }
    for fact in known.told:
        yield {**who, **_cells(fact)}
    if known.doubtful:
        yield {**who, "kind": IN_DOUBT, "on": today.isoformat(), "scope": _ALL}


def _cells(fact: Fact) -> Mapping[str, str]:
    said = {
        "kind": _word(fact),
        "on": fact.on.isoformat(),
        "given_by": "" if fact.given_by is None else _GIVERS[fact.given_by],
        "version": fact.version,
        "channel": fact.channel,
        "scope": _ALL if fact.doc_types is None else ",".join(sorted(fact.doc_types)),
        "purposes": ",".join(sorted(fact.purposes or ())),
        "until": fact.until.isoformat() if fact.until else "",
        "authority_until": fact.authority_until.isoformat() if fact.authority_until else "",
    }
    return {**said, **(_proof(fact.evidence) if fact.evidence else {})}


def _word(fact: Fact) -> str:
    if fact.kind not in (FactKind.OPPOSED, FactKind.OPPOSITION_LIFTED):
        return _WORDS[fact.kind]
    lifted = "_levee" if fact.kind is FactKind.OPPOSITION_LIFTED else ""
    return f"opposition_{_MATTERS[fact.opposition or Opposition.HOSTING]}{lifted}"


def _proof(evidence: Evidence) -> Mapping[str, str]:
    return {
        "evidence": evidence.reference,
        "evidence_kind": _EVIDENCE[evidence.kind],
        "evidence_on": evidence.on.isoformat() if evidence.on else "",
        "evidence_sha256": evidence.sha256 or "",
        "witness": evidence.witness,
    }
