"""A small roster and register of invented people, and FHIR resources about them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from consent_gate.fhir.names import ACT_CODES, CATEGORIES, CONSENT_SCOPES, LOINC, FhirNames
from consent_gate.gate import Policy, decide
from consent_gate.model import Clearance, DocType, DocumentId, Moment, PatientRef, Statement
from storage.database import Database
from storage.fact_rows import Recording
from storage.imports import Client, Importer, ImportReport
from storage.register import Register
from tests.station_fixtures import AT, COLUMNS, open_database, open_ledger

Json = dict[str, Any]

SYSTEM = "urn:example:patients"
NAMES = FhirNames(
    SYSTEM,
    types={"http://loinc.org|11502-2": "resultats_labo"},
    purposes={"http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT": "soins"},
    categories={"http://loinc.org|64292-6": "opposition_acces", "urn:example:kinds|wd": "retiree"},
)
ZONE = ZoneInfo("Europe/Paris")
TODAY = date(2026, 1, 15)
CLIENT = Client(fhir=NAMES, zone=ZONE, today=TODAY)

ROSTER = """\
patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir
Q1;ABÈS;;Ana, Éva;1979-03-28;F;279035121518989
Q2;BÉRÉ-COUR;DUPÊCHE;Théo;1985-05-06;M;
Q3;GIRÓ;;Luz;1990-01-01;F;
Q4;HÛ;;Ugo;2012-01-01;M;
Q5;ÏLE;;Ida;1992-01-01;F;
"""
HEAD = (
    "patient_id;nom_naissance;date_naissance;statut;date_signature;date_fin;perimetre;preuve;finalites;donnee_par;"
    "fin_mandat;type_preuve;date_preuve;empreinte_preuve;temoin;version_information;canal"
)
WHO = {
    "Q1": "Q1;ABÈS;1979-03-28",
    "Q2": "Q2;BÉRÉ-COUR;1985-05-06",
    "Q3": "Q3;GIRÓ;1990-01-01",
    "Q4": "Q4;HÛ;2012-01-01",
    "Q5": "Q5;ÏLE;1992-01-01",
}
BIRTH = {ref: line.split(";") for ref, line in WHO.items()}


def line(ref: str, said: str, on: str, *cells: str) -> str:
    """One of a register; cells from `date_fin` on."""
    whole = [WHO[ref], said, on, *(cells or ("", "tous_documents"))]
    return ";".join(whole) + ";" * (16 - ";".join(whole).count(";"))


def sheet(*lines: str) -> bytes:
    return "\n".join((HEAD, *lines, "")).encode()


def importer(database: Database, policy: Policy = Policy(purpose="soins")) -> Importer:  # noqa: B008
    return Importer(database, COLUMNS, open_ledger(database), policy)


def filled(folder: Path, *lines: str) -> Database:
    """A database with the roster, and a register of these lines if there are any."""
    database = open_database(folder)
    importer(database).import_roster(ROSTER.encode(), AT)
    if lines:
        bring(database, sheet(*lines))
    return database


def bring(database: Database, raw: bytes, at: datetime = AT) -> ImportReport:
    return importer(database).import_register(raw, at, client=CLIENT)


def add_facts(
    register: Register,
    session: Session,
    said: Sequence[tuple[PatientRef, Statement]],
    at: datetime,
    person: str | None = None,
) -> tuple[bool, ...]:
    """Statements that nobody imports, on record; False for the very same that stands there already."""
    recorded = register.record(session, said, Recording(at, person=person))
    return tuple(one.reference is not None for one in recorded)


def answer(database: Database, ref: str, doc_type: str | None = None, policy: Policy = Policy(purpose="soins")) -> str:  # noqa: B008
    """What the gate says today of a document of this patient."""
    moment = Moment(datetime(2026, 1, 15, 9, tzinfo=UTC), TODAY)
    reading = Register(database, COLUMNS).reading(PatientRef(ref))
    asked = DocType(doc_type) if doc_type else None
    said = decide(DocumentId("01KEZZZZZZZZZZZZZZZZZZZZZZ"), PatientRef(ref), asked, reading, moment, policy)
    return "cleared" if isinstance(said, Clearance) else said.reason.value


def concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def consent(ref: str = "Q1", on: str = "2025-01-02", **more: Any) -> Json:
    """A permission without limits; `None` takes an element away."""
    whole: Json = {
        "resourceType": "Consent",
        "status": "active",
        "scope": concept(CONSENT_SCOPES, "patient-privacy"),
        "category": [concept(LOINC, "59284-0")],
        "patient": {"identifier": {"system": SYSTEM, "value": ref}},
        "dateTime": on,
        "policyRule": concept(ACT_CODES, "OPTIN"),
        "provision": {"type": "permit"},
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


DENIED: Mapping[str, Any] = {"policyRule": concept(ACT_CODES, "OPTOUT"), "provision": {"type": "deny"}}


def own(code: str) -> list[Json]:
    return [concept(CATEGORIES, code)]


def person(ref: str, **more: Any) -> Json:
    """The Patient of a reference, as `Patient/ref`."""
    _, name, birth = BIRTH[ref]
    return {
        "resourceType": "Patient",
        "id": ref,
        "identifier": [{"system": SYSTEM, "value": ref}],
        "name": [{"use": "official", "family": name}],
        "birthDate": birth,
        **more,
    }


def bundle(*resources: Json, **more: Any) -> bytes:
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **more}).encode()


def ndjson(*resources: Json) -> bytes:
    return "\n".join(json.dumps(one) for one in resources).encode()
