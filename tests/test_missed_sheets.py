"""Behind a sheet that was missed lies somebody else's page: its paper keeps it out, and ordinary paper holds nobody."""

import pytest

from pipeline.model import Held, Identified
from tests.evidence_fixtures import person
from tests.family_fixtures import ANAIS, FAMILY, OWN, SOPHIE, conflict, judge, number

EWA = person("X", "KOWALSKI", "Ewa", "1971-04-12", order=321)
"""Nobody on the roster."""


@pytest.mark.parametrize(
    "text",
    [
        "LABORATOIRE CERBALLIANCE\nKOWALSKI EWA\n14 RUE DES LILAS\n69003 LYON\nHEMOGRAMME",
        "KOWALSKI Camille\nRésultats",
        "Objet : Mme KOWALSKI\nCher confrère,\nJ'ai vu votre patiente",
        "Cher confrère,\nJ'ai examiné ce jour Mme Kowalski Ewa, 54 ans,\nqui présente une épicondylite.",
        "Je vous adresse Mme Camille KOWALSKI pour avis.\nMerci",
        "Je soussignée Ewa KOWALSKI accepte la transmission\nde mon dossier médical.",
        "K Ewa 12/04/1971\nRadio",
        "KOWALSKI EWA\nF - 12/04/1971",
        "KOWALSKI Ewa 12.04.1971\nRadio du thorax",
        "Nom et prénom : KOWALSKI EWA\nPoste : caissière",
        "Nom|Prénom\nLE GOFF|Anaïs",
        "LE GOFF/Anaïs\nRésultats",
        "MmeKOWALSKI Ewa\nOrdonnance",
        "Madame\nKOWALSKI\nEwa\n14 rue des Lilas",
        "LE GOFF\nAnaïs\n14 rue des Lilas",
        "Bénéficiaire des soins : KOWALSKI EWA\nTicket modérateur",
        "Vos réf. : KOWALSKI Ewa\nNos réf. : AT 2024/0012",
        "Ordonnance pour : KOWALSKI Ewa\nKiné 10 séances",
        "M. ou Mme KOWALSKI\n14 rue des Lilas\n69003 LYON",
        "Matricule 4471 TRAORE Issa\nVisite de reprise",
        "nom : kowalski\nprénom : ewa\nposte : caissière",
        "mme kowalski ewa\nparacetamol",
        "Name: KOWALSKI Ewa\nDOB 12/04/1971",
        "Dr Paul PETIT|Lyon, le 12/03/2024\nMédecin généraliste|Mme Ewa KOWALSKI\n04 72 00 00 00|54 ans - 62 kg",
        "Mme HERVIEUX Mélanie\nTechnicienne de laboratoire\nVisite d'aptitude",
        "DELACROIX Romain\nPoste : assistant RH\nVisite de reprise",
        "Elève : GARRIGUES Timéo\nVaccinations",
        "L'enfant GARRIGUES Timéo\na été vu ce jour",
        "certifie que l'enfant\nTiméo GARRIGUES\npeut pratiquer le judo",
        "Nous vous remercions de nous avoir confié Monsieur DELACROIX",
        "Mme LECOINTRE est calme, a bien dormi",
        "Paulette LECOINTRE, hospitalisée le 12/03/2024",
        "GARRIGUES Timéo Age 8",
        "Patient : WU Lei\nRadio",
        "Nom patient : Hervieux\nPrénom patient : Mélanie",
        "Mme de La Rochefoucauld Solange\nRadio",
        "GARRIGUES|Timéo\nBloc 3",
        "Aux parents de Timéo GARRIGUES\nMadame, Monsieur,",
        "Madame : LECOINTRE Paulette\nMonsieur : VASSEUR Gérard",
        "N° 1 71 04 29 990 321\nFeuille de soins",
        "BB KOWALSKI\nPoids 3 250 g",
        "Nouveau-né : DURAND fille\nApgar 10/10",
        "Bébé de Mme DURAND\nPoids de naissance 3 250 g",
        "Madame,\nVotre fille Léa a été vue ce jour.",
        "Monsieur DURAND\nRésultats",
        "Mme KOWALSKI Sophie\nMammographie",
        "Mme KOWALSKI Ewa née MARTIN\nMammographie",
        f"Feuille de soins\nN° SS : {number(EWA)[:-3]}",
        f"Feuille de soins\nNIR : {number(EWA)[:-1]}{(int(number(EWA)[-1]) + 1) % 10}",
    ],
)
def test_somebody_elses_page_behind_a_missed_sheet_is_held(text: str) -> None:
    assert conflict(judge(FAMILY, OWN, text, sheet=SOPHIE)) is not None
    assert conflict(judge(FAMILY, OWN, text)) is not None  # behind a patch code


@pytest.mark.parametrize(
    "text",
    [
        "KOWALSKI Ewa\n14 rue des Lilas\nMédecin traitant : Dr PETIT",
        "KOWALSKI Ewa\n12/04/1971\nMédecin prescripteur : Dr PETIT Paul\nGlycémie",
        "KOWALSKI Ewa\nDr PETIT Paul\nGlycémie",
        "Mme KOWALSKI Ewa\nDr PETIT Paul\nGlycémie",
        "LE GOFF Anaïs\nDr PETIT Paul\nGlycémie",
        "LE GOFF Anaïs\nSuivi\nMédecin traitant : Dr PETIT",
        "CHU\nKOWALSKI Ewa\nRésultats",
        "EHPAD\nLE GOFF Anaïs\nRésultats",
        "HOPITAL\nKOWALSKI Ewa",
        "UNITE\nMme KOWALSKI Ewa\nsuite",
        "KOWALSKI Ewa\n800214455\nRésultats",
        "LE GOFF Anaïs\n800214455\nRésultats",
        "MEDECIN DU TRAVAIL\nGUERIN Olivier\nKOWALSKI Ewa\nVisite",
        "MEDECIN DU TRAVAIL\nGUERIN Olivier\nLE GOFF Anaïs\nVisite",
        "Psychologue clinicienne\n\n\n\nKOWALSKI Ewa\nVisite",
        "M. KOWALSKI Jan est vu ce jour",
        "KOWALSKI Ewa\n\n\nInfirmière : Mme PETIT",
        "LE GOFF Anaïs 02/11/1991\nMédecin : Dr PETIT",
        "KOWALSKI Ewa\nEntretien infirmier du 12/03/2024",
        "LE GOFF Anaïs\nEntretien infirmier du 12/03/2024",
        "LE GOFF Anaïs\nVisite médecin du travail",
        "KOWALSKI Ewa\nBilan psychologue",
        "KOWALSKI Ewa\nAdresse :\n14 rue des Lilas",
        "LE GOFF Anaïs\nAdresse\n14 rue des Lilas",
        "Adresse\nLE GOFF Anaïs\n14 rue des Lilas",
        "Adresse :\nKOWALSKI Ewa\n14 rue des Lilas",
        "LE GOFF Anaïs\nPoste\nCariste",
        "Salle 3 LE GOFF Anaïs\nConsultation",
        "CHU Nantes - LE GOFF Anaïs - consultation",
        "EHPAD Les Tilleuls LE GOFF Anaïs\nOrdonnance",
        "Unité 2 : LE GOFF Anaïs",
        "Résidence les Pins Mme LE GOFF Anaïs",
        "LE GOFF Anaïs - Cadre de santé - Visite périodique",
        "KOWALSKI Ewa\nAssistante commerciale\nVisite",
        "LE GOFF Anaïs\nAssistante RH\nVisite",
        "KOWALSKI Ewa Assistante\nVisite",
        "KOWALSKI Ewa\nService\nCardiologie",
        "Service\nLE GOFF Anaïs\nVisite",
        "Médecin du travail : Dr PETIT\nLE GOFF Anaïs\nVisite",
        "Dr PETIT Paul\nLE GOFF Anaïs\nVisite",
        "Dr PETIT Paul\nKOWALSKI Ewa\nVisite",
        "Dr PETIT Paul\nCardiologue\nKOWALSKI Ewa\nVisite",
        "Dr PETIT Paul\nMédecin du travail\nKOWALSKI Ewa\nVisite",
        "Dr PETIT Paul\nMédecin du travail\nLE GOFF Anaïs\nVisite",
        "Docteur Paul PETIT\nMédecine générale\nMme KOWALSKI Ewa",
        "Sylvie MOREAU\nSage-femme\nLE GOFF Anaïs\nConsultation",
        "Sylvie MOREAU\nSage-femme\nKOWALSKI Ewa\nConsultation",
        "Cabinet infirmier\nSylvie MOREAU\nInfirmière DE\nKOWALSKI Ewa\nSoins",
        "Kinésithérapeute|KOWALSKI Ewa\n12 rue|Séances",
        "Dr PETIT Paul|KOWALSKI Ewa\nCardiologue|Visite",
        "KOWALSKI Ewa|Dr PETIT Paul\nVisite|Cardiologue",
    ],
)
def test_a_professionals_word_near_a_name_hides_nobody(text: str) -> None:
    assert conflict(judge(FAMILY, OWN, text, sheet=SOPHIE)) is not None


OF_ANAIS = f"LE GOFF Anaïs née le 02/11/1991\nNIR {number(ANAIS)}"


@pytest.mark.parametrize(
    "text",
    [
        f"{OF_ANAIS}\nKOWALSKI Ewa 12/04/1971",
        f"Planning du 12/03/2024\n9h {OF_ANAIS}\n9h30 KOWALSKI Ewa\n10h TRAORE Issa",
        f"Convoqués : Mme LE GOFF Anaïs née le 02/11/1991, M. TRAORE Issa, Mme KOWALSKI Ewa\nNIR {number(ANAIS)}",
        f"Accompagné par Mme {OF_ANAIS}",
        f"Contact d'urgence\n{OF_ANAIS}",
        f"M. Kowalski Jan, époux de Mme {OF_ANAIS}",
        f"Cas index : {OF_ANAIS}",
        f"Mme {OF_ANAIS}\nNIR {number(EWA)}",
        f"Je vous adresse Mme Kowalski Ewa, 54 ans\n{OF_ANAIS}",
        f"Visite avec sa curatrice,\nMme {OF_ANAIS}",
        f"Nom : LECOINTRE\nPrénom : Paulette\n{OF_ANAIS}",
    ],
)
def test_a_page_that_is_about_another_than_the_one_it_names_is_nobodys(text: str) -> None:
    assert isinstance(judge(FAMILY, text), Held)


@pytest.mark.parametrize(
    "text",
    [
        "Patient : Oui Non\nSigné",
        "Usager : Consentement Éclairé",
        "Salarié : Temps Plein",
        "Bénéficiaire : RQTH AAH\nOui",
        "Affaire suivie par : Mme GARCIA Maria\nTél. 04 72 00 00 00\nSuite du courrier",
        "A l'attention de Mme MASSON Laura\nVeuillez trouver ci-joint la fiche.",
        "Céline ROBIN\nPsychologue du travail\nEntretien",
        "Cabinet de soins\nSylvie MOREAU\nDiététicienne",
        "Prescripteur|Préleveur\nGUERIN Olivier|MOREL Sylvie\nGlycémie",
        "MEDECIN DU TRAVAIL\nGUERIN Olivier\nSuite",
        "Le directeur\nBruno LEGRAND\nSuite",
        "Personne à prévenir en cas d'urgence\nNom : DURAND\nPrénom : Patrick\nTéléphone : 06 00 00 00 00",
        "PERSONNE DE CONFIANCE\nNom : LAMBERT\nPrénom : Alain\nLien : père",
        "MEDECIN TRAITANT\nNom : BERNARD\nPrénom : Philippe",
        "Personne de confiance : DURAND Patrick né le 12/08/1978\nMme DURAND Sophie née le 05/05/1980",
        "Elle a deux enfants, Léa née le 01/01/2010.\nSuite",
        "Mme DURAND Sophie\nEmbauchée le 02/11/1991\nOpérée le 12/04/1971",
        "Madame DURAND\nParacétamol",
        "Mme KOWALSKI née MARTIN\nOrdonnance",
        "Ecole Jules FERRY\nLycée Antoine CLEMENT\nSuite",
        "Représentants légaux : M. DURAND Paul et Mme DURAND Laure\nDURAND Sophie",
        "Test de Lasègue\nScore de Karnofsky",
        "DURAND Sophie née le 05/05/1980\nVaccin ROR le 12/06/2016\nConsultation ORL 12/06/2016",
        "CONCLUSION Médicale\nANTECEDENTS Familiaux\nTABAC Actif 20 ans",
        "HEMOGLOBINE Glyquée\nVITESSE De Sédimentation\nHEPATITE Virale\nROUGEOLE Oreillons",
        "Centre Léon BERARD\nInstitut Gustave ROUSSY\nSuite",
        "GUILLOU Maud\nSage-femme\nSéance 4",
        "PRATICIENS HOSPITALIERS\nGUILLOU Maud\nKERMOAL Erwan\nSuite",
        "Maud GUILLOU\n10003456789\nSuite",
        "M. O'BRIEN Kevin, son époux, est présent.\nSuite",
        "SAINT PAUL Réunion\nSuite",
        "Mme GUILLON Solène\nVotre enfant Sophie a été vue.",
    ],
)
def test_ordinary_pages_are_not_held_for_whom_they_name_by_the_way(text: str) -> None:
    assert conflict(judge(FAMILY, OWN, text, sheet=SOPHIE)) is None


def test_a_birth_date_stands_behind_a_birth_name_too() -> None:
    page = f"Mme DURAND Sophie née MARTIN le 05/05/1980\nN° dossier : {SOPHIE.ref}"
    assert isinstance(judge(FAMILY, page), Identified)


def test_a_given_name_spelled_by_ear_is_the_same_one() -> None:
    assert conflict(judge(FAMILY, OWN, "Mme DURAND Sofie\nVisite", sheet=SOPHIE)) is None
