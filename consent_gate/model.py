"""Patient identity, dated facts, and what the gate answers.

A `Clearance` is the proof that the gate opened for one document of one patient. Recognition, sealing
and deposit take it as an argument. It is minted by `consent_gate.gate` alone, is bound to its fields by
a secret of this process, cannot be copied with other fields, and is never serialised.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NewType, NoReturn, final

import rfc8785

from lexicon.faults import TamperFault

PatientRef = NewType("PatientRef", str)
"""The client's own opaque reference of a patient: never an INS, never a name."""

DocumentId = NewType("DocumentId", str)
"""The station's identifier of a document (ULID, 26 characters)."""

DocType = NewType("DocType", str)
"""A document type as the client names it, e.g. `fiche_aptitude`; from a separator or a person only."""


@dataclass(frozen=True, slots=True)
class Patient:
    """A line of the roster, the client's index of patients: strict traits (RNIV), as the client wrote them."""

    ref: PatientRef
    birth_name: str
    usage_name: str | None
    given_names: tuple[str, ...]
    birth_date: date
    sex: str | None
    ins: str | None
    """Matricule of 15 characters with its key, without OID; a roster's number, never one read on paper."""


class FactKind(StrEnum):
    """What a register may say of a patient. The value is stored: never rename one.

    No line says `limited`, `doubted` or `doubt-lifted`: the first is how a limited authorization is read beside the
    permission that it is; an import says the others, when it cannot use a line, and when it can again.
    """

    NOTICE = "notice"
    GRANTED = "granted"
    LIMITED = "limited"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OPPOSED = "opposed"
    OPPOSITION_LIFTED = "opposition-lifted"
    DECEASED = "deceased"
    CHECKED = "evidence-checked"
    CHECK_FAILED = "evidence-rejected"
    RETRACTED = "retracted"
    DOUBTED = "doubted"
    DOUBT_LIFTED = "doubt-lifted"


class Opposition(StrEnum):
    """What a patient may oppose. The value is stored: never rename one."""

    HOSTING = "hosting"
    """Hosting of the record, on a legitimate ground (CSP L.1111-8)."""
    ACCESS = "access"
    """Access of the other professionals of the team (Code du travail L.4624-8)."""
    TRANSMISSION = "transmission"
    """Transmission to another occupational-health service (Code du travail L.4624-8)."""


class Giver(StrEnum):
    """Who spoke. The value is stored: never rename one."""

    PATIENT = "patient"
    PARENTAL_AUTHORITY = "parental-authority"
    """For a minor: what it authorizes ends on the 18th birthday."""
    GUARDIAN = "guardian"
    """Of an adult (tutelle, habilitation familiale, mandat de protection future); `Statement.authority_until` may say
    how long. A curator is none: the person decides (Code civil, art. 459)."""


class EvidenceKind(StrEnum):
    """What a person can look at. The value is stored: never rename one."""

    UNSPECIFIED = "unspecified"
    """A reference alone, of which the register does not say what it is."""
    SIGNED_FORM = "signed-form"
    E_MAIL = "e-mail"
    ORAL = "oral"
    """Said before a witness; without one it is no evidence."""
    CONTROLLER_DECISION = "controller-decision"
    """Of an opposition to hosting that the controller, in writing, does not uphold (CSP L.1111-8): nobody lifted it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement rests on. `reference`, `witness` are for the client's eyes: sealed at rest, never logged."""

    reference: str = field(default="", repr=False)
    kind: EvidenceKind = EvidenceKind.UNSPECIFIED
    on: date | None = None
    """The day of the evidence itself, where it differs from the statement's."""
    sha256: str | None = None
    """Hex, of the form as it was scanned, or of the message."""
    envelope: str | None = None
    """The station's identifier of the sealed form (ULID)."""
    witness: str = field(default="", repr=False)

    @property
    def holds(self) -> bool:
        """Whether it is evidence at all: an oral word needs a witness."""
        if self.kind is EvidenceKind.ORAL:
            return bool(self.witness)
        return bool(self.reference or self.sha256 or self.envelope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What somebody says of a patient, before the register gives it a reference and a time.

    `on` is the day from which it holds; `until` the last day on which a permission or a limit allows (inclusive);
    `doc_types` and `purposes` limit it (None: all).
    """

    kind: FactKind
    on: date
    until: date | None = None
    doc_types: frozenset[DocType] | None = None
    purposes: frozenset[str] | None = None
    evidence: Evidence | None = None
    given_by: Giver | None = None
    """None: the register does not say; taken as the patient."""
    authority_until: date | None = None
    """The last day of a guardian's authority (inclusive), where the register names one."""
    opposition: Opposition | None = None
    """Of an opposition or its lifting: which one; None is taken as hosting."""
    about: str | None = None
    """Of a check or a retraction: the reference of the fact that it is about."""
    version: str = ""
    """Of a notice: which text was given."""
    channel: str = ""
    """Of a notice: how it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Statement):
    """One dated statement of the register. Facts are added, never changed.

    `recorded_at` is when the register learnt it: with `on`, the two times of a bitemporal record.
    """

    reference: str
    recorded_at: datetime
    recorded_by: str | None = None
    """The ULID of the person who recorded it; None: an import."""


def is_limited(said: Statement) -> bool:
    """Whether it allows some types, some purposes, or a time alone."""
    return said.until is not None or said.doc_types is not None or said.purposes is not None


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """The roster knows the patient; these are all facts on record, in any order."""

    facts: tuple[Fact, ...]
    register_at: datetime | None
    """When the register was last brought up to date; None when it never was."""
    birth_date: date | None = None
    """By the roster: what parents authorized ends with the 18th birthday; None, and it never held."""
    others: tuple[tuple[Fact, ...], ...] = ()
    """What says no under other references with the same INS, a reference an element: it closes here as well. Nothing
    that is said there opens anything here (`consent_gate.standing.noes`)."""
    crowded: bool = False
    """Whether more references have the INS than are read together: one of them may say no, and nobody has looked."""

    @property
    def told(self) -> tuple[Fact, ...]:
        """All that a decision of the patient rests on."""
        return (*self.facts, *(fact for other in self.others for fact in other))

    def without(self, kind: FactKind) -> "KnownPatient":
        """As if nobody had ever recorded a fact of this kind."""
        others = tuple(tuple(fact for fact in other if fact.kind is not kind) for other in self.others)
        return replace(self, facts=tuple(fact for fact in self.facts if fact.kind is not kind), others=others)


@dataclass(frozen=True, slots=True)
class UnknownPatient:
    """The roster does not know this reference."""


@dataclass(frozen=True, slots=True)
class UnreadableRegister:
    """The register could not be read; nothing is known."""


RegisterReading = KnownPatient | UnknownPatient | UnreadableRegister


@dataclass(frozen=True, slots=True)
class Moment:
    """When the gate judges: the instant (UTC), the civil day at the client's, and whether the clock can be trusted."""

    at: datetime
    day: date
    trusted: bool = True


class Reason(StrEnum):
    """Why the gate closed. The value is stored, translated and reported: never rename one."""

    REGISTER_UNREADABLE = "register-unreadable"
    CLOCK_UNTRUSTED = "clock-untrusted"
    PATIENT_UNKNOWN = "patient-unknown"
    REGISTER_STALE = "register-stale"
    DECEASED = "deceased"
    OPPOSITION = "opposition"
    """To hosting, on a legitimate ground (CSP L.1111-8)."""
    OPPOSITION_ACCESS = "opposition-access"
    OPPOSITION_TRANSMISSION = "opposition-transmission"
    CONTRADICTORY = "contradictory"
    """Two facts of one day: a person decides."""
    DOUBTED = "doubted"
    """A line of the register that may have restricted could not be used."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NO_AUTHORIZATION = "no-authorization"
    NOT_YET_IN_FORCE = "not-yet-in-force"
    EXPIRED = "expired"
    AUTHORITY_ENDED = "authority-ended"
    """Whoever authorized in the patient's name may not any more."""
    TYPE_NEEDED = "type-needed"
    OUT_OF_SCOPE = "out-of-scope"
    INFORMATION_MISSING = "information-missing"
    EVIDENCE_MISSING = "evidence-missing"
    EVIDENCE_UNCHECKED = "evidence-unchecked"


class CustodyClass(StrEnum):
    """What the station may keep of a document that is not deposited."""

    CURABLE = "curable"
    """Under the release key, for as long as the contract allows."""
    CLOSED = "closed"
    """Sealed for the client and the escrow; the station has no key."""
    FINAL = "final"
    """Destroyed; a tombstone without health words stays."""


_CLOSED: Final = frozenset(
    {
        Reason.REFUSED,
        Reason.WITHDRAWN,
        Reason.DECEASED,
        Reason.OPPOSITION,
        Reason.OPPOSITION_ACCESS,
        Reason.OPPOSITION_TRANSMISSION,
        Reason.CONTRADICTORY,
        Reason.EXPIRED,
        Reason.AUTHORITY_ENDED,
        Reason.OUT_OF_SCOPE,
    }
)


def custody_class(reason: Reason) -> CustodyClass:
    """Whether the station keeps a key for a document refused for this reason."""
    return CustodyClass.CLOSED if reason in _CLOSED else CustodyClass.CURABLE


@dataclass(frozen=True, slots=True)
class Judged:
    """What was asked and by which rule it was answered: the content of the decision's digest."""

    document: DocumentId
    patient: PatientRef
    doc_type: DocType | None
    facts: tuple[str, ...]
    at: datetime
    day: date
    rule: str
    terms: str = ""
    """SHA-256 (hex) of what the contract asked (`consent_gate.gate.Policy.digest`)."""

    def digest(self, answer: str) -> str:
        """SHA-256 (hex) of the decision's RFC 8785 bytes; `answer` is `cleared` or a reason's slug."""
        decision = {
            "answer": answer,
            "at": self.at.isoformat(),
            "day": self.day.isoformat(),
            "doc_type": self.doc_type or "",
            "document": self.document,
            "facts": list(self.facts),
            "patient": hashlib.sha256(self.patient.encode()).hexdigest(),
            "rule": self.rule,
            "terms": self.terms,
        }
        return hashlib.sha256(rfc8785.dumps(decision)).hexdigest()


_SECRET: Final = secrets.token_bytes(32)


def _bind(judged: Judged) -> bytes:
    content = f"{judged.digest('cleared')}|{judged.patient}"
    return hmac.digest(_SECRET, content.encode(), "sha256")


@final
@dataclass(frozen=True, slots=True)
class Clearance:
    """Proof that the gate opened for one document of one patient. `consent_gate.gate.decide` alone makes one."""

    judged: Judged
    _bond: bytes = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if not hmac.compare_digest(self._bond, _bind(self.judged)):
            raise TamperFault("clearance-forged")

    def __reduce__(self) -> NoReturn:
        raise TamperFault("clearance-serialised")

    @property
    def document(self) -> DocumentId:
        return self.judged.document

    @property
    def patient(self) -> PatientRef:
        return self.judged.patient

    @property
    def decision(self) -> str:
        """Digest of the decision, hex: in the custody entry, the envelope's header and the receipt."""
        return self.judged.digest("cleared")

    def require(self, document: DocumentId, patient: PatientRef | None = None) -> None:
        """Raise `TamperFault` unless this clearance is the gate's, and for that document (and that patient)."""
        self.__post_init__()  # one that was put together field by field has not been through it
        if self.document != document or (patient is not None and self.patient != patient):
            raise TamperFault("clearance-mismatch")


@final
@dataclass(frozen=True, slots=True)
class Refused:
    """The gate is closed for this document, and this is the one reason told."""

    judged: Judged
    reason: Reason

    @property
    def document(self) -> DocumentId:
        return self.judged.document

    @property
    def decision(self) -> str:
        """Digest of the decision, hex."""
        return self.judged.digest(self.reason.value)


Decision = Clearance | Refused
