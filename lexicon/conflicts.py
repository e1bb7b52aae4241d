"""What on a page contradicts that it is the patient's. Keys are slugs, stored and reported."""

from typing import Final

CONFLICTS: Final[dict[str, tuple[str, str]]] = {
    "other-number": ("un numéro d'un autre patient", "another patient's number"),
    "other-name-and-birth-date": (
        "le nom et la date de naissance d'un autre patient",
        "another patient's name and birth date",
    ),
    "other-name": ("le nom et le prénom d'un autre patient", "another patient's full name"),
    "other-given-name": ("un autre prénom, ou une autre civilité", "another given name, or another title"),
    "own-given-name-missing": (
        "nom et date de deux patients, sans prénom sûr qui les distingue",
        "name and date of two patients, and no sure given name that tells them apart",
    ),
    "unknown-number": ("un numéro de Sécurité sociale inconnu du fichier", "a matricule that the roster does not know"),
    "other-birth-date": ("une autre date de naissance", "another birth date"),
    "other-identity": ("un autre patient que sur les pages d'avant", "another patient than on the pages before"),
    "unknown-identity": (
        "le nom d'une personne inconnue du fichier",
        "the name of nobody on the roster",
    ),
    "unknown-reference": ("un numéro de dossier inconnu du fichier", "a client's number that the roster does not know"),
    "other-traits": (
        "un code INS dont le numéro et les traits ne vont pas ensemble",
        "an INS code whose number and traits do not go together",
    ),
    "several-references": ("deux références pour la même personne", "two references of one person"),
    "code-flawed": ("un code INS défectueux", "a flawed INS code"),
    "test-identity": ("une identité de test", "a test identity"),
    "production-identity": ("une identité réelle", "a real identity"),
    "not-announced": ("un patient que le lot n'annonçait pas", "a patient whom the batch did not announce"),
}
