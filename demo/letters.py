"""The letters of an occupational-health record: prescription, certificate, specialist's letter."""

import random
from datetime import date
from typing import Final

from demo.forms import SERVICE, foot, french
from demo.people import Person
from demo.sheet import Sheet

_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def in_words(day: date) -> str:
    """`1er août 1982`, `14 mars 1978`."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


_DRUGS: Final = (
    ("PARACÉTAMOL 1 g, comprimé", "un comprimé matin, midi et soir si douleur, sans dépasser 3 g par jour", "5 jours"),
    ("KÉTOPROFÈNE 100 mg, comprimé", "un comprimé matin et soir au cours du repas", "7 jours"),
    ("CÉTIRIZINE 10 mg, comprimé", "un comprimé le soir au coucher", "15 jours"),
    ("OMÉPRAZOLE 20 mg, gélule", "une gélule le matin à jeun", "7 jours"),
    ("DICLOFÉNAC gel à 1 %", "une application locale matin et soir, sans pansement occlusif", "10 jours"),
)


def prescription(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """A general practitioner's prescription, one page."""
    sheet.text(20, 24, "Docteur Gaëlle PRIGENT", size=15, bold=True)
    sheet.text(20, 30, "Médecine générale", size=10)
    sheet.text(20, 35, "6, place des Halles - 99120 Port-Fictif - Tél. 02 61 91 00 41", size=9)
    sheet.rule(20, 40, 190, weight=0.4)
    sheet.text(190, 52, f"Port-Fictif, le {french(day)}", size=10.5, anchor="rs")
    sheet.text(20, 66, f"{person.civility} {person.called}", size=12, bold=True)
    sheet.text(20, 72.5, f"{person.born.capitalize()} le {in_words(person.patient.birth_date)}", size=10.5)
    sheet.text(105, 90, "ORDONNANCE", size=16, bold=True, anchor="ms")
    y = 106.0
    for number, (drug, dose, length) in enumerate(rng.sample(_DRUGS, 3), start=1):
        sheet.text(24, y, f"{number}.  {drug}", size=11, bold=True)
        y = sheet.paragraph(32, y + 6.5, 150, dose, size=10.5)
        sheet.text(32, y, f"pendant {length}", size=10.5)
        y += 14
    sheet.text(24, y, "Ordonnance de trois lignes, non renouvelable.", size=9.5)
    sheet.signature(132, y + 26, rng, width=42)
    sheet.stamp(126, y + 36, ["Dr Gaëlle PRIGENT", "Médecine générale", "99120 Port-Fictif"], rng)
    foot(sheet, "En cas d'urgence, composez le 15.", "page 1 / 1")
    return [sheet]


def certificate(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """A medical certificate, one page."""
    sheet.text(105, 30, "Docteur Tristan KERBRAT", size=15, bold=True, anchor="ms")
    sheet.text(105, 36, "Rhumatologie - ancien chef de clinique", size=10, anchor="ms")
    sheet.text(105, 41, "33, boulevard de la Rade - 99120 Port-Fictif", size=10, anchor="ms")
    sheet.rule(45, 47, 165, weight=0.3)
    sheet.text(105, 68, "CERTIFICAT MÉDICAL", size=18, bold=True, anchor="ms")
    days = rng.randint(4, 21)
    e = "e" if person.patient.sex == "F" else ""
    y = sheet.paragraph(
        26,
        90,
        158,
        f"Je soussigné, docteur Tristan KERBRAT, certifie avoir examiné ce jour {person.civility} {person.called}, "
        f"{person.born} le {in_words(person.patient.birth_date)}, demeurant {person.address}.",
        size=11.5,
        leading=1.75,
    )
    y = sheet.paragraph(
        26,
        y + 5,
        158,
        "L'examen retrouve une douleur à la mobilisation de l'épaule droite, limitée à 90 degrés en abduction, sans "
        "déficit moteur. La radiographie ne montre ni calcification ni lésion osseuse.",
        size=11.5,
        leading=1.75,
    )
    y = sheet.paragraph(
        26,
        y + 5,
        158,
        f"Son état nécessite un arrêt de travail de {days} jours à compter de ce jour, sauf complication. Une visite "
        f"de préreprise est souhaitable avant le retour au poste de {person.job.lower()}.",
        size=11.5,
        leading=1.75,
    )
    sheet.paragraph(
        26, y + 5, 158, f"Certificat établi à la demande de l'intéressé{e} et remis en main propre.", size=11.5
    )
    sheet.text(26, 224, f"Fait à Port-Fictif, le {french(day)}", size=11)
    sheet.signature(128, 236, rng, width=44, height=12)
    sheet.stamp(122, 244, ["Dr Tristan KERBRAT", "Rhumatologie"], rng)
    foot(sheet, "Cabinet de rhumatologie de la Rade", "page 1 / 1")
    return [sheet]


_FINDINGS: Final = """
L'examen clinique montre une limitation douloureuse de l'abduction, un signe de Jobe positif et une force
conservée dans tous les secteurs. La palpation du sillon bicipital est sensible. Il n'y a pas d'amyotrophie.

L'échographie réalisée au cabinet retrouve un épaississement hypoéchogène du tendon du muscle supra-épineux,
sans rupture transfixiante, et un discret épanchement de la bourse sous-acromiale.

Sur le plan professionnel, le poste comporte des gestes répétés au-dessus du plan des épaules, un port de
charges fréquent et une exposition aux vibrations, sans que la cadence puisse être réglée par l'intéressé.

La spirométrie donne un VEMS à 92 % de la théorique et un rapport de Tiffeneau à 81 %. L'audiogramme tonal met
en évidence une encoche bilatérale à 4 000 Hz, évocatrice d'une exposition sonore ancienne.
"""
_ADVICE: Final = """
Je propose un aménagement du poste pendant trois mois : pas de travail les bras levés, pas de port de charges de
plus de dix kilogrammes, et une alternance des tâches dans la demi-journée.

J'ai prescrit douze séances de kinésithérapie associant étirements, renforcement progressif et travail
proprioceptif. Le traitement antalgique de palier I est poursuivi à la demande.

Une déclaration au titre du tableau n° 57 des maladies professionnelles pourrait être envisagée si l'évolution
restait défavorable à l'issue de cette période.

Je reste à votre disposition pour tout renseignement et reverrai le patient dans six semaines, avec les
résultats de l'imagerie par résonance magnétique.
"""


def letter(sheet: Sheet, person: Person, day: date, rng: random.Random) -> list[Sheet]:
    """A specialist's letter to the occupational physician, two pages."""
    del rng  # one letter is enough; the hand alone differs
    hand = f"{person.civility} {person.called}"
    sheet.text(20, 24, "Centre de pathologies professionnelles", size=13, bold=True)
    sheet.text(20, 30, "Pavillon des Goémons - 99120 Port-Fictif - Tél. 02 61 91 00 63", size=9)
    sheet.rule(20, 35, 190, weight=0.4)
    sheet.text(118, 50, "Au médecin du travail", size=10.5)
    sheet.text(118, 56, SERVICE, size=10.5)
    sheet.text(118, 62, "99120 Port-Fictif", size=10.5)
    sheet.text(118, 74, f"Port-Fictif, le {in_words(day)}", size=10.5)
    sheet.text(20, 90, f"Objet : {hand}, {person.born} le {french(person.patient.birth_date)}", size=11, bold=True)
    sheet.text(20, 104, "Cher confrère,", size=11)
    y = 116.0
    e = "e" if person.patient.sex == "F" else ""
    opening = f"J'ai reçu {hand}, employé{e} comme {person.job.lower()} par {person.employer}, que vous m'adressez."
    for text in (opening, *_FINDINGS.split("\n\n")):
        y = sheet.paragraph(20, y, 170, text, size=11, leading=1.65) + 4
    foot(sheet, "Centre de pathologies professionnelles", "page 1 / 2")
    return [sheet, _letter_end(sheet, hand, day)]


def _letter_end(first: Sheet, hand: str, day: date) -> Sheet:
    sheet = Sheet(first.dpi, first.face)
    sheet.text(20, 24, f"{hand} - suite du courrier du {french(day)}", size=10, bold=True)
    sheet.rule(20, 28, 190, weight=0.3)
    y = 42.0
    for text in _ADVICE.split("\n\n"):
        y = sheet.paragraph(20, y, 170, text, size=11, leading=1.65) + 4
    sheet.text(20, y + 6, "Bien confraternellement.", size=11)
    sheet.text(124, y + 24, "Dr Solène ABGRALL", size=11, bold=True)
    sheet.signature(128, y + 38, random.Random(day.toordinal()), width=44)  # noqa: S311 (a flourish)
    foot(sheet, "Centre de pathologies professionnelles", "page 2 / 2")
    return sheet
