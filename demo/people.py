"""Invented people: a roster and a register with each case that the gate tells apart. Nobody alive can be meant."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from consent_gate.model import DocType, Patient, PatientRef
from pipeline.identity.traits import key

UNKNOWN: Final = PatientRef("A1999")
"""A reference that the roster does not have."""
LIMIT: Final = DocType("resultats_labo")
"""The one type that the limited authorization allows."""


@dataclass(frozen=True, slots=True)
class Person:
    """A patient, with what a form says of him beyond his identity."""

    patient: Patient
    employer: str
    job: str
    address: str

    @property
    def civility(self) -> str:
        return "Madame" if self.patient.sex == "F" else "Monsieur"

    @property
    def born(self) -> str:
        return "née" if self.patient.sex == "F" else "né"

    @property
    def called(self) -> str:
        """`MOREAU Hélène`, or `GIRARD née MOREAU Hélène`."""
        names = self.patient.birth_name
        if self.patient.usage_name:
            names = f"{self.patient.usage_name} {self.born} {names}"
        return f"{names} {self.patient.given_names[0]}"

    @property
    def number(self) -> str:
        """The matricule, grouped as on a form."""
        n = self.patient.ins or ""
        return " ".join((n[0], n[1:3], n[3:5], n[5:7], n[7:10], n[10:13], n[13:]))


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line of the register of authorizations, in the client's words."""

    patient: Patient
    answer: str
    """accordee, refusee or retiree."""
    on: date
    until: date | None = None
    scope: str = "tous_documents"
    note: str = ""


# reference;birth name;usage name;given names;born on;sex;department;employer;job;address
_PEOPLE: Final = """\
A1001;MOREAU;GIRARD;Hélène, Zoé;1984-05-17;F;29;Conserverie du Ponant;Conductrice de ligne;3, rue des Lavoirs
A1002;MARTIN;;Nicolas, François;1978-03-14;M;75;Transports Kervella;Cariste;18, allée des Genêts
A1003;LE GOFF;;Anaïs, Aïcha;1991-11-02;F;56;Clinique des Embruns;Aide-soignante;7, impasse du Moulin
A1004;LE GOFF;;Maëlle, Noëlle;1991-11-02;F;56;Biscuiterie Tanguy;Préparatrice de commandes;22, rue du Port
A1005;DUPRÉ-LACROIX;;Karim, Benoît;1972-09-30;M;69;Fonderie Vauclair;Mouleur;41, chemin des Vignes
A1006;BENALI;;Samir, Rachid;1988-12-08;M;59;Atelier Brossard;Soudeur;9, rue de la Filature
A1007;LEFÈVRE;LEFEBVRE;Camille, Aïcha;1982-07-08;F;76;Imprimerie du Marais;Relieuse;5, quai des Salines
A1008;D'ORNANO;;Ghjuvan, Dominique;1969-02-24;M;2A;Scierie Castelli;Affûteur;12, montée du Lavoir
A1009;TRAORÉ;;Aminata, Fatou;1995-06-11;F;99;Nettoyage Astrée;Agente d'entretien;30, rue des Tilleuls
A1010;KOWALSKI;;Piotr, Jean-Baptiste;1980-10-19;M;62;Couverture Lenglet;Couvreur;16, rue du Beffroi
A1011;BENOIT;;Grégoire, Loïc;1992-10-06;M;35;Laboratoires Iroise;Technicien de maintenance;2, place du Marché
A1012;OSSWALD;GUILLOU;Françoise, Zoé;1967-05-08;F;67;Mairie de Port-Fictif;Secrétaire;11, rue des Écoles
A1013;MARTIN;;Nicolas, Benoît;1987-04-13;M;44;Transports Kervella;Chauffeur poids lourd;8, venelle du Four
A1014;LEFEBVRE;;Camille, Jean-Baptiste;1982-08-07;M;80;Fonderie Vauclair;Ébarbeur;27, rue Haute
A1999;ÇELIK;;Noëlle, Sylvie;1990-11-04;F;34;Biscuiterie Tanguy;Boulangère;6, rue des Ajoncs
"""


def everybody(rng: random.Random) -> dict[PatientRef, Person]:
    """All invented people by reference, the last of them `UNKNOWN` to the roster.

    Commune codes 991 to 998 are never assigned by INSEE, so that no number is anybody's; the keys are right.
    """
    return {person.patient.ref: person for person in (_person(line, rng) for line in _PEOPLE.splitlines())}


def _person(line: str, rng: random.Random) -> Person:
    ref, birth_name, usage_name, given, born, sex, department, employer, job, address = line.split(";")
    day = date.fromisoformat(born)
    first13 = f"{1 if sex == 'M' else 2}{day:%y%m}{department}{rng.randint(991, 998)}{rng.randint(1, 999):03}"
    patient = Patient(
        ref=PatientRef(ref),
        birth_name=birth_name,
        usage_name=usage_name or None,
        given_names=tuple(given.split(", ")),
        birth_date=day,
        sex=sex,
        ins=first13 + key(first13),
    )
    return Person(patient, employer, job, f"{address}, 99120 Port-Fictif")


def register(known: dict[PatientRef, Person], today: date) -> tuple[RegisterLine, ...]:
    """The register as it stands on `today`: all is authorized but what the six cases need."""

    def line(ref: str, answer: str, age: int, until: int | None = None, **more: str) -> RegisterLine:
        last = None if until is None else today + timedelta(days=until)
        return RegisterLine(known[PatientRef(ref)].patient, answer, today - timedelta(days=age), last, **more)

    return (
        line("A1001", "accordee", 210),
        line("A1002", "accordee", 95),
        line("A1003", "accordee", 340),
        line("A1004", "accordee", 340),
        line("A1005", "accordee", 61),
        line("A1006", "refusee", 88),
        line("A1007", "accordee", 402),
        line("A1007", "retiree", 12),
        line("A1008", "accordee", 733, until=-3),
        # A1009: nothing on record
        line("A1010", "accordee", -5, note="prend effet plus tard"),
        line("A1011", "accordee", 120, scope=LIMIT),
        line("A1012", "retiree", 300),
        line("A1012", "accordee", 30),
        line("A1013", "accordee", 17),
        line("A1014", "accordee", 250),
    )
