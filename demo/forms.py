"""The printed forms of an occupational-health record, filled in: fitness notice, laboratory results, questionnaire."""

import random
from datetime import date, timedelta
from typing import Final

from demo.people import Person
from demo.sheet import SHADE, Anchor, Sheet

SERVICE: Final = "Santé au Travail des Deux Rives"
SERVICE_ADDRESS: Final = "14, quai des Salines - 99120 Port-Fictif - Tél. 02 61 91 00 14"
FOOT: Final = "EXEMPLE FICTIF - personnes, numéros et résultats inventés"

_PHYSICIANS: Final = ("Dr Odile CARADEC", "Dr Bruno VASSEUR", "Dr Irène MONTFORT")


def foot(sheet: Sheet, left: str, page: str) -> None:
    """What stands at the foot of every invented page."""
    sheet.rule(18, 281, 192, weight=0.15)
    sheet.text(18, 285.5, left, size=7)
    sheet.text(105, 289.5, FOOT, size=6.5, anchor="ms")
    sheet.text(192, 285.5, page, size=7, anchor="rs")


def french(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def emblem(sheet: Sheet, x: float, y: float) -> None:
    """The service's emblem: two banks and a bridge."""
    sheet.box(x, y, 20, 20, weight=0.5)
    for step in range(3):
        sheet.rule(x + 3, y + 12 + step * 2.2, x + 17, weight=0.6)
    for rise in range(7):
        height = 6 - abs(3 - rise) * 1.3
        sheet.rule(x + 4 + rise * 2, y + 11, x + 4 + rise * 2, to_y=y + 11 - height, weight=0.5)
    sheet.rule(x + 3, y + 7.4, x + 17, weight=0.7)


def fitness_notice(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """An `avis d'aptitude`, one page."""
    emblem(sheet, 18, 15)
    sheet.text(43, 22, SERVICE, size=14, bold=True)
    sheet.text(43, 28, "Service de prévention et de santé au travail interentreprises", size=9)
    sheet.text(43, 33, SERVICE_ADDRESS, size=9)
    sheet.rule(18, 39, 192, weight=0.6)
    sheet.text(105, 51, "AVIS D'APTITUDE", size=18, bold=True, anchor="ms")
    sheet.text(105, 57, "Article R. 4624-25 du code du travail - suivi individuel renforcé", size=9, anchor="ms")
    _parties(sheet, person)
    _visit(sheet, rng)
    physician = rng.choice(_PHYSICIANS)
    sheet.text(20, 236, f"Fait à Port-Fictif, le {french(day)}", size=10)
    sheet.text(122, 236, "Le médecin du travail,", size=10)
    sheet.text(122, 242, physician, size=10, bold=True)
    sheet.stamp(124, 247, [physician, "Médecin du travail", "Les Deux Rives"], rng)
    sheet.signature(128, 259, rng)
    foot(sheet, "Un exemplaire est remis au salarié, un autre à l'employeur.", "page 1 / 1")
    return [sheet]


def _parties(sheet: Sheet, person: Person) -> None:
    patient = person.patient
    sheet.box(18, 64, 174, 52)
    sheet.box(18, 64, 174, 7, fill=SHADE)
    sheet.text(20, 69, "SALARIÉ", size=9, bold=True)
    rows = (
        ("Nom de naissance :", patient.birth_name, "Nom d'usage :", patient.usage_name or "-"),
        ("Prénom(s) :", ", ".join(patient.given_names), "Sexe :", patient.sex or ""),
        ("Né(e) le :", french(patient.birth_date), "N° de dossier :", patient.ref),
    )
    for number, (label, value, other_label, other) in enumerate(rows):
        y = 79 + number * 7
        sheet.text(20, y, label, size=10)
        sheet.text(60, y, value, size=10, bold=True)
        sheet.text(128, y, other_label, size=10)
        sheet.text(160, y, other, size=10, bold=True)
    sheet.text(20, 100, "N° de sécurité sociale :", size=10)
    sheet.text(68, 100, person.number, size=10, bold=True)
    sheet.text(20, 107, f"Employeur : {person.employer}", size=10)
    sheet.text(20, 113, f"Poste de travail : {person.job}", size=10)


def _visit(sheet: Sheet, rng: random.Random) -> None:
    sheet.text(18, 127, "NATURE DE L'EXAMEN", size=10.5, bold=True)
    kinds = ["Examen d'embauche", "Examen périodique", "Visite de reprise", "À la demande du salarié"]
    chosen = rng.randrange(len(kinds))
    for number, kind in enumerate(kinds):
        sheet.tick(20 + 84 * (number % 2), 136 + 8 * (number // 2), kind, ticked=number == chosen)
    sheet.text(18, 159, "CONCLUSION", size=10.5, bold=True)
    conclusions = ["Apte", "Apte avec aménagement du poste", "Inapte au poste, reclassement à étudier"]
    chosen = rng.randrange(2)
    for number, conclusion in enumerate(conclusions):
        sheet.tick(20, 168 + 8 * number, conclusion, ticked=number == chosen)
    sheet.text(18, 198, "Observations et mesures proposées :", size=10)
    remarks = ["éviter le port de charges de plus de 15 kg", "bouchons moulés à porter à l'atelier"]
    for number in range(2):
        sheet.dots(20, 207 + 9 * number, 190)
    sheet.handwriting(22, 206, remarks[chosen], rng)
    sheet.handwriting(22, 215, "à revoir dans six mois", rng)


# title, then analyses: name, lowest and highest reference value, unit, decimals
_SECTIONS: Final = (
    (
        "HÉMATOLOGIE",
        (
            ("Hémoglobine", 11.8, 16.9, "g/dL", 1),
            ("Hématocrite", 36, 50, "%", 1),
            ("Leucocytes", 4, 10, "G/L", 2),
            ("Plaquettes", 150, 400, "G/L", 0),
            ("VGM", 80, 98, "fL", 0),
        ),
    ),
    (
        "BIOCHIMIE",
        (
            ("Glycémie à jeun", 0.74, 1.06, "g/L", 2),
            ("Créatinine", 6, 11.8, "mg/L", 1),
            ("Cholestérol total", 1.4, 2, "g/L", 2),
            ("Gamma-GT", 8, 60, "UI/L", 0),
            ("ALAT (TGP)", 10, 45, "UI/L", 0),
        ),
    ),
    (
        "TOXICOLOGIE PROFESSIONNELLE",
        (
            ("Plombémie", 10, 100, "µg/L", 0),
            ("Chrome urinaire", 0.1, 1.8, "µg/g créat.", 2),
            ("Cadmium urinaire", 0.1, 2, "µg/g créat.", 2),
        ),
    ),
)
_COLUMNS: Final[list[tuple[str, float, Anchor]]] = [
    ("Analyse", 58, "ls"),
    ("Résultat", 26, "rs"),
    ("Unité", 28, "ls"),
    ("Valeurs de référence", 38, "ms"),
    ("Antériorité", 24, "rs"),
]


def laboratory_results(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """Results of a laboratory in ruled tables, one page."""
    sheet.text(18, 23, "LABORATOIRE DE BIOLOGIE MÉDICALE DU PHARE", size=14, bold=True)
    sheet.text(18, 29, "2, rue du Sémaphore - 99120 Port-Fictif - Tél. 02 61 91 00 27", size=8.5)
    sheet.text(18, 34, "Biologiste responsable : Dr Yann ROUDAUT", size=8.5)
    sheet.rule(18, 38, 192, weight=0.7)
    _sample(sheet, person, day, rng)
    y = 80.0
    for title, analyses in _SECTIONS:
        sheet.text(18, y, title, size=10.5, bold=True)
        y = sheet.table(18, y + 2.5, _COLUMNS, [_result(analysis, rng) for analysis in analyses]) + 9
    sheet.text(18, y, "Commentaire : contrôle souhaitable dans trois mois si l'exposition se poursuit.", size=9)
    sheet.text(18, y + 6, "En gras : résultat hors des valeurs de référence.", size=8)
    sheet.text(132, y + 18, "Validé par Dr Yann ROUDAUT", size=9)
    sheet.signature(140, y + 30, rng)
    foot(sheet, "Seul l'ensemble du compte rendu peut être reproduit.", "page 1 / 1")
    return [sheet]


def _sample(sheet: Sheet, person: Person, day: date, rng: random.Random) -> None:
    patient, number = person.patient, person.patient.ins or ""
    left = (
        f"Dossier n° {rng.randint(100, 999)}-{rng.randint(1000, 9999)}",
        f"Prélevé le {french(day)} à 08h15",
        f"Édité le {french(day + timedelta(days=1))}",
    )
    right = (
        f"{person.civility} {patient.usage_name or patient.birth_name} {patient.given_names[0]}",
        f"Nom de naissance : {patient.birth_name}",
        f"Né(e) le {french(patient.birth_date)}   Sexe : {patient.sex}",
        f"INS : {number[:13]} {number[13:]}",
    )
    for row, text in enumerate(left):
        sheet.text(20, 46 + 6 * row, text, size=9.5)
    sheet.box(108, 41, 84, 29)
    for row, text in enumerate(right):
        sheet.text(111, 47.5 + 6 * row, text, size=10 if row else 11, bold=row == 0)


def _result(analysis: tuple[str, float, float, str, int], rng: random.Random) -> list[str]:
    name, low, high, unit, decimals = analysis

    def shown(value: float) -> str:
        return f"{value:.{decimals}f}".replace(".", ",")

    value = rng.uniform(low - (high - low) * 0.05, high + (high - low) * 0.2)
    before = shown(rng.uniform(low, high)) if rng.random() < 0.6 else ""  # noqa: PLR2004 (some were not measured before)
    mark = "" if low <= value <= high else "!"
    return [mark + name, shown(value), unit, f"{shown(low)} à {shown(high)}", before]


# each question, and what those who tick `oui` write beside it
_QUESTIONS: Final = (
    ("Suivez-vous actuellement un traitement médical ?", "tension"),
    ("Avez-vous déjà été opéré(e) ?", "genou, 2019"),
    ("Avez-vous eu un accident du travail ?", "main, 2021"),
    ("Portez-vous des lunettes ou des lentilles ?", "de loin"),
    ("Entendez-vous des bourdonnements d'oreilles ?", "parfois le soir"),
    ("Souffrez-vous du dos ou des épaules ?", "épaule droite"),
    ("Avez-vous des troubles du sommeil ?", "depuis un an"),
    ("Fumez-vous ?", "10 par jour"),
    ("Manipulez-vous des produits chimiques ?", "solvants"),
    ("Travaillez-vous de nuit ou en équipes ?", "2 x 8"),
    ("Êtes-vous exposé(e) au bruit à votre poste ?", "atelier"),
)


def questionnaire(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """A health questionnaire that the worker filled in by hand, one page."""
    patient = person.patient
    sheet.text(105, 22, "QUESTIONNAIRE DE SANTÉ AU TRAVAIL", size=16, bold=True, anchor="ms")
    sheet.text(105, 28, "À remplir avant la visite - confidentiel, soumis au secret médical", size=9, anchor="ms")
    sheet.rule(18, 33, 192, weight=0.5)
    for number, (label, value) in enumerate(
        (
            ("NOM de naissance :", patient.birth_name),
            ("Prénom :", patient.given_names[0]),
            ("Date de naissance :", french(patient.birth_date)),
            ("Employeur :", person.employer),
            ("Poste occupé :", person.job),
        )
    ):
        y = 44 + 9.5 * number
        sheet.text(20, y, label, size=10.5)
        sheet.dots(62, y + 0.8, 190)
        sheet.handwriting(66, y - 0.6, value, rng)
    for x, title in ((123, "OUI"), (138, "NON"), (154, "Précisez")):
        sheet.text(x, 98, title, size=9.5, bold=True)
    for number, (question, answer) in enumerate(_QUESTIONS):
        y = 107 + 9.2 * number
        if number % 2 == 0:
            sheet.box(18, y - 6, 174, 9.2, weight=0, fill=SHADE)
        sheet.text(20, y, f"{number + 1}. {question}", size=10)
        yes = rng.random() < 0.4  # noqa: PLR2004 (most answer no)
        sheet.tick(124.5, y + 0.4, ticked=yes)
        sheet.tick(139.5, y + 0.4, ticked=not yes)
        if yes:
            sheet.handwriting(155, y, answer, rng, size=11)
    sheet.text(20, 217, "Remarques :", size=10)
    for number, remark in enumerate(("bruit important à l'atelier", "je souhaite revoir mon poste")):
        sheet.dots(20, 227 + 9.5 * number, 190)
        sheet.handwriting(24, 226 + 9.5 * number, remark, rng)
    sheet.text(20, 256, "Date :", size=10)
    sheet.handwriting(34, 255.5, french(day), rng)
    sheet.text(118, 256, "Signature :", size=10)
    sheet.signature(142, 258, rng)
    foot(sheet, f"{SERVICE} - Q-04", "page 1 / 1")
    return [sheet]
