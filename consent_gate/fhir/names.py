"""The names by which a client's FHIR server calls patients, types, purposes and matters; and our own, for exports.

Our code systems are UUIDs (RFC 4122), for Liasse owns no domain in which they could stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from consent_gate.cells import Said, said_by
from consent_gate.model import FactKind, Opposition

CATEGORIES: Final = "urn:uuid:5d0a1c1e-4b5e-4c0e-9a55-6f1b1f0c3a01"
"""What a Consent is about; see `OWN`."""
DOC_TYPES: Final = "urn:uuid:5d0a1c1e-4b5e-4c0e-9a55-6f1b1f0c3a02"
"""Document types, as the client names them."""
PURPOSES: Final = "urn:uuid:5d0a1c1e-4b5e-4c0e-9a55-6f1b1f0c3a03"
"""Purposes, as the register names them."""

CONSENT_SCOPES: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
ACT_CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
LOINC: Final = "http://loinc.org"

OWN: Final[Mapping[str, Said]] = {
    "authorization": Said(FactKind.GRANTED),
    "withdrawal": Said(FactKind.WITHDRAWN),
    "notice": Said(FactKind.NOTICE),
    **{f"opposition-{which}": Said(FactKind.OPPOSED, which) for which in Opposition},
    **{f"opposition-{which}-lifted": Said(FactKind.OPPOSITION_LIFTED, which) for which in Opposition},
}
"""Codes of `CATEGORIES`."""

GENERAL: Final = frozenset({f"{LOINC}|59284-0", f"{ACT_CODES}|ICOL", f"{ACT_CODES}|INFA"})
"""Categories that say no more than that it is a consent to the use of data."""


@dataclass(frozen=True, slots=True)
class FhirNames:
    """Keys of the mappings are `system|code`."""

    patient_system: str = ""
    """`identifier.system` of the client's own references; empty: FHIR is not imported."""
    types: Mapping[str, str] = field(default_factory=dict)
    """-> document type."""
    purposes: Mapping[str, str] = field(default_factory=dict)
    """-> purpose."""
    categories: Mapping[str, str] = field(default_factory=dict)
    """-> a word of the column `statut`: what a Consent of that category is about."""
    policies: frozenset[str] = frozenset()
    """`policy.uri` that are the client's texts for digitization; empty: whatever they are."""

    def category(self, key: str) -> Said | None:
        """What a category means, where it says more than `GENERAL` does."""
        system, _, code = key.rpartition("|")
        if system == CATEGORIES:
            return OWN.get(code)
        return said_by(self.categories[key]) if key in self.categories else None

    def doc_type(self, key: str) -> str | None:
        return _named(key, DOC_TYPES, self.types)

    def purpose(self, key: str) -> str | None:
        return _named(key, PURPOSES, self.purposes)


def _named(key: str, own: str, known: Mapping[str, str]) -> str | None:
    system, _, code = key.rpartition("|")
    return code if system == own else known.get(key)
