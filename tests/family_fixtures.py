"""A family on a small roster, and the verdict on pages that are laid out by hand."""

from dataclasses import replace

from consent_gate.model import DocumentId, Patient
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.verdict import Opening, decide
from pipeline.model import Agreed, Conflict, Held, Identified, Separator
from tests.evidence_fixtures import person, seen

DOCUMENT = DocumentId("01J00000000000000000000000")
SOPHIE = person("A001", "MARTIN", "Sophie, Anne", "1980-05-05", order=202, usage="DURAND")
LEA = person("A002", "DURAND", "Léa", "2010-01-01", order=303)
ANAIS = person("A004", "LE GOFF", "Anaïs", "1991-11-02", order=404)
ELDER = person("A013", "MARTIN", "Nicolas, François", "1978-03-14", order=506, sex="M")
YOUNGER = person("A014", "MARTIN", "Nicolas, Benoît", "1987-04-13", order=607, sex="M")
JEAN = person("A031", "MOREL", "Jean", "1970-06-15", order=901, sex="M")
JEAN_PIERRE = person("A032", "MOREL", "Jean-Pierre", "1970-06-15", order=902, sex="M")
INSURED = replace(LEA, ins=SOPHIE.ins)
"""A child in whose file the client wrote the mother's number."""
ADULTS = RosterIndex((SOPHIE, ANAIS, ELDER, YOUNGER, JEAN))
FAMILY = RosterIndex((SOPHIE, LEA, ANAIS, ELDER, YOUNGER))


def number(patient: Patient) -> str:
    digits = patient.ins or ""
    return " ".join((digits[0], digits[1:3], digits[3:5], digits[5:7], digits[7:10], digits[10:13], digits[13:]))


def judge(
    roster: RosterIndex, *texts: str, sheet: Patient | None = None, bounded: bool = True, codes: tuple[str, ...] = ()
) -> Identified | Held:
    """The verdict on pages with these texts; codes are on the first."""
    pages = [seen(text, roster, claimed=sheet, codes=() if at else codes) for at, text in enumerate(texts)]
    claim = Separator(sheet.ref, None, None) if sheet else None
    return decide(DOCUMENT, Opening(claim, bounded=bounded), pages, roster)


def conflict(found: Identified | Agreed | Held) -> Conflict | None:
    return found.conflict if isinstance(found, Held) else None


OWN = f"Mme DURAND née MARTIN Sophie, née le 05/05/1980\nNIR : {number(SOPHIE)}"
