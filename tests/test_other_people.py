"""Whoever else a page is about keeps it out of a record: by a name alone, as insured, as child, as twin."""

from dataclasses import replace

import pytest

from consent_gate.model import Patient, PatientRef
from lexicon.conflicts import CONFLICTS
from pipeline.identify import check_identity
from pipeline.identity.evidence import Search
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import normalise
from pipeline.identity.verdict import Opening, decide
from pipeline.model import (
    Agreed,
    Conflict,
    ConflictKind,
    Held,
    HeldReason,
    Identified,
    Recognised,
    RecognisedPage,
    Separator,
)
from tests.evidence_fixtures import CLIENT_NUMBER, TODAY, laid, person, seen
from tests.family_fixtures import (
    ADULTS,
    ANAIS,
    DOCUMENT,
    ELDER,
    FAMILY,
    INSURED,
    JEAN,
    JEAN_PIERRE,
    OWN,
    SOPHIE,
    conflict,
    judge,
    number,
)

# --- By a name alone --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Docteur PETIT Paul\nMme LE GOFF Anaïs\nParacétamol 1 g",
        "Patient : LE GOFF Anaïs\nRésultats",
        "Nom : LE GOFF\nPrénom : Anaïs\nRésultats",
        "LE GOFF Anaïs\nRésultats du 12/03/2024",
        "Concernant Mademoiselle Anaïs LE GOFF",
        "Patient|Prescripteur\nMme LE GOFF Anaïs|Dr PETIT Paul",
        "Page 2/3 - LE GOFF Anaïs\nSuite du compte rendu",
        "Compte rendu de consultation de Anaïs LE GOFF",
        "Etude de poste de Mme LE GOFF Anaïs",
        "Service : Mme LE GOFF Anaïs",
        "Enfant LE GOFF Anaïs",
    ],
)
def test_a_page_with_another_patients_full_name_and_no_date_holds_behind_a_missed_sheet(text: str) -> None:
    told = Conflict(2, ConflictKind.OTHER_NAME)
    assert conflict(judge(FAMILY, OWN, text, sheet=SOPHIE)) == told
    assert conflict(judge(FAMILY, OWN, text)) == told  # behind a patch code
    assert conflict(judge(FAMILY, text, OWN, sheet=SOPHIE)) == Conflict(1, ConflictKind.OTHER_NAME)


@pytest.mark.parametrize(
    "text",
    [
        "Patient : KOWALSKI Ewa\nRésultats du 12/03/2024",
        "Salariée : Mme KOWALSKI Ewa",
        "Concernant M. NGUYEN",
        "Mme KOWALSKI Ewa\nle 12/03/2024\nParacétamol",
        "Nom et prénom : KOWALSKI Ewa",
        "Enfant : KOWALSKI Jan, né le 12/04/2015",
        "Patient : KOWALSKI S.",
    ],
)
def test_a_label_with_the_name_of_somebody_whom_the_roster_does_not_know_holds(text: str) -> None:
    assert conflict(judge(FAMILY, OWN, text, sheet=SOPHIE)) == Conflict(2, ConflictKind.UNKNOWN_IDENTITY)


@pytest.mark.parametrize(
    "text",
    [
        "Patiente : Mme DURAND\nRésultats",
        "Patient : MARTlN Sophie",
        "Docteur LE GOFF Anaïs\nPatiente : Mme DURAND Sophie",
        "Nom de l'entreprise : ACME\nNom : MARTIN",
        "EMPLOYEUR\nNom : ACME",
        "Signature du salarié : le 12/03/2024",
        "Patient suivi pour une douleur",
        "Suite\nSignature du salarié|Signature de l'employeur",
        "Signature du patient : Fait à Lyon|Cachet du médecin",
        "Date d'embauche : 01/09/2001 - Ancienneté : 25 ans",
        "Opérée le 12/03/2014 il y a 10 ans",
        "Prélevé le 12/03/2024 Age : 45 ans",
        "SALARIÉ\nFonction : Cariste",
        "Salarié : Apte",
        "Patient|Analyse|Valeurs",
        "Concernant : Demande d'aménagement de poste",
        "accouchement d'un garçon né le 12/03/2014",
        "À remplir par le salarié avant la visite - Document confidentiel",
        "CERTIFICAT CONCERNANT LA REPRISE DU TRAVAIL",
        "Médecin : Dr PETIT Paul\nRésultats",
        "Responsable : Mme KOWALSKI Ewa",
    ],
)
def test_a_page_that_says_the_patients_own_name_or_nobodys_is_not_held(text: str) -> None:
    assert isinstance(judge(FAMILY, OWN, text, sheet=SOPHIE), Identified)


def test_the_same_holds_beneath_the_zone_where_only_those_who_may_read_have_looked() -> None:
    def read(*texts: str) -> Agreed | Held:
        search = Search(FAMILY, "trial", TODAY, SOPHIE.ref, CLIENT_NUMBER)
        pages = tuple(RecognisedPage(laid(text), 0, ()) for text in texts)
        return check_identity(Recognised(DOCUMENT, pages, "none"), SOPHIE.ref, search)

    assert conflict(read(OWN, "Ordonnance\nPatient : LE GOFF Anaïs")) == Conflict(2, ConflictKind.OTHER_NAME)
    stranger = Conflict(2, ConflictKind.UNKNOWN_IDENTITY)
    assert conflict(read(OWN, "Ordonnance\nMme KOWALSKI Ewa, née le 12/04/1971")) == stranger
    assert conflict(read(OWN, "Ordonnance\nDossier\nN° dossier : Z999")) == Conflict(2, ConflictKind.UNKNOWN_REFERENCE)
    assert read(f"{OWN}\nAdressée par Mme LE GOFF Anaïs, sa collègue", "Suite du compte rendu") == Agreed(1)


def test_a_page_that_was_scanned_on_its_side_says_the_same() -> None:
    search = Search(FAMILY, "trial", TODAY, SOPHIE.ref, CLIENT_NUMBER)
    text = "Ordonnance\nPatient : LE GOFF Anaïs\nParacétamol"
    for turns in range(4):
        words = laid(text)
        for _ in range(turns):  # as the scanner saw it: counterclockwise
            words = tuple(replace(one, x0=one.y0, y0=-one.x0, x1=one.y1, y1=-one.x1) for one in words)
        read = Recognised(DOCUMENT, (RecognisedPage(words, turns, ()),), "none")
        assert conflict(check_identity(read, SOPHIE.ref, search)) == Conflict(1, ConflictKind.OTHER_NAME)


@pytest.mark.parametrize(
    "text",
    [
        "Mme KOWALSKI Martine, née le 05/05/1990",
        "Mme DURANT Ewa, née le 12/04/1971",
        "Nom : MARTINS\nPrénom : Ewa\nDate de naissance : 12/04/1971",
    ],
)
def test_a_birth_date_beside_a_name_that_is_only_near_is_somebody_elses(text: str) -> None:
    assert isinstance(judge(FAMILY, OWN, text, sheet=SOPHIE), Held)


def test_a_list_that_names_two_others_is_nobodys_record() -> None:
    page = "Convocations\nMARTIN Sophie 9h00\nLE GOFF Anaïs 9h30\nMARTIN Nicolas 10h00"
    assert conflict(judge(FAMILY, OWN, page, sheet=SOPHIE)) == Conflict(2, ConflictKind.OTHER_NAME)


def test_the_mothers_number_does_not_make_a_child_of_her_name_her() -> None:
    for child in ("Nom : DURAND\nPrénom : Léa", "Patiente : DURAND Léa", "Mlle DURAND Léa", "DURAND Léa"):
        page = f"{child}\nN° SS : {number(SOPHIE)}\nParacétamol"
        assert conflict(judge(ADULTS, page, sheet=SOPHIE)) == Conflict(1, ConflictKind.OTHER_GIVEN_NAME)


# --- Homonyms and twins -----------------------------------------------------------------------------------------------


def test_a_homonyms_page_without_a_date_belongs_to_no_run_of_pages() -> None:
    first = f"M. MARTIN Nicolas, né le 14/03/1978\nNIR {number(ELDER)}"
    unclear = judge(FAMILY, first, "Patient : M. MARTIN Nicolas\nOrdonnance", bounded=False)
    assert isinstance(unclear, Held)
    assert unclear.reason is HeldReason.NO_SEPARATOR
    told = Conflict(2, ConflictKind.OTHER_NAME)
    for other in ("Patient : M. MARTIN Nicolas Benoît", "Nom : MARTIN\nPrénoms : Nicolas, Benoît"):
        assert conflict(judge(FAMILY, first, other, bounded=False)) == told
        assert conflict(judge(FAMILY, first, other, sheet=ELDER)) == told
    own = judge(FAMILY, first, "Patient : M. MARTIN Nicolas François", bounded=False)
    assert isinstance(own, Identified)


@pytest.mark.parametrize("given", ["Jean-Pieme", "Jean Piene", "Jean-P.", "Jean - Pierre", "Jean-Pierre"])
def test_a_longer_given_name_read_badly_is_not_the_shorter_one_of_a_twin(given: str) -> None:
    twins = RosterIndex((JEAN, JEAN_PIERRE))
    assert conflict(judge(twins, f"M. MOREL {given}, né le 15/06/1970", sheet=JEAN)) is not None
    assert isinstance(judge(twins, "M. MOREL Jean, né le 15/06/1970", sheet=JEAN), Identified)


def test_strokes_that_a_reader_counted_otherwise_are_the_same_given_name() -> None:
    remi = person("A041", "DA SILVA", "Rémi", "1960-06-12", order=911, sex="M")
    for roster, right in (
        (RosterIndex((remi,)), True),
        (RosterIndex((remi, replace(ANAIS, given_names=("Réini",)))), False),
    ):
        found = judge(roster, "Objet : Monsieur DA SILVA Réini né le 12/06/1960", sheet=remi)
        assert isinstance(found, Identified) is right
    assert isinstance(judge(RosterIndex((remi,)), "Monsieur DA SILVA René né le 12/06/1960", sheet=remi), Held)


def test_a_year_that_a_reader_parted_is_still_a_year() -> None:
    for year in ("197 0", "197.0", "197. 0"):
        assert isinstance(judge(ADULTS, f"Monsieur MOREL Jean\nNé le 15 juin {year}", sheet=JEAN), Identified)


def test_every_contradiction_can_be_told() -> None:
    assert CONFLICTS.keys() == {*map(str, ConflictKind), "not-announced"}


def test_who_confirmed_what_the_zone_shows_has_not_seen_what_stands_beneath_it() -> None:
    search = Search(FAMILY, "trial", TODAY, SOPHIE.ref, CLIENT_NUMBER)
    read = Recognised(DOCUMENT, (RecognisedPage(laid("Suite\nPatient : LE GOFF Anaïs"), 0, ()),), "none")
    zone = Conflict(1, ConflictKind.OTHER_NAME).findings
    held = check_identity(read, SOPHIE.ref, search, frozenset(zone))
    assert isinstance(held, Held)
    assert held.conflict is not None
    assert check_identity(read, SOPHIE.ref, search, frozenset((*zone, *held.conflict.findings))) == Agreed(1)


def test_a_sister_of_whom_the_roster_knows_nothing_is_told_by_her_title() -> None:
    for name in ("Mme MOREL", "Madame MOREL J.", "Mlle MOREL Jeanne"):
        found = judge(ADULTS, f"{name}, née le 15/06/1970", sheet=JEAN)
        assert conflict(found) == Conflict(1, ConflictKind.OTHER_GIVEN_NAME)
    assert isinstance(judge(ADULTS, "M. MOREL, né le 15/06/1970", sheet=JEAN), Identified)


# --- The insured, and the child whose care it was ---------------------------------------------------------------------

CARE = (
    f"Assuré(e) : MARTIN Sophie, née le 05/05/1980\nN° de sécurité sociale de l'assuré : {number(SOPHIE)}\n"
    "Bénéficiaire : DURAND Léa"
)


@pytest.mark.parametrize("roster", [ADULTS, FAMILY], ids=["child unknown", "child known"])
@pytest.mark.parametrize("born", ["", ", née le 01/01/2010", ", née le 01/07/2010"])
@pytest.mark.parametrize("sheet", [None, SOPHIE])
def test_the_childs_care_is_not_the_insured_mothers_page(roster: RosterIndex, born: str, sheet: Patient | None) -> None:
    assert isinstance(judge(roster, CARE + born, sheet=sheet), Held)


def test_who_is_insured_and_cared_for_at_once_is_identified() -> None:
    both = (
        f"Assuré(e) : MARTIN Sophie\nN° de sécurité sociale : {number(SOPHIE)}\n"
        "Bénéficiaire : MARTIN Sophie, née le 05/05/1980"
    )
    found = judge(FAMILY, both, sheet=SOPHIE)
    assert isinstance(found, Identified)
    assert found.sources == ("separator", "name-and-birth-date")


@pytest.mark.parametrize(
    "who",
    """Représentant légal/Responsable légal/Personne de confiance/Assuré/Titulaire/Garant/Donneur/Demandeur/Tuteur/
    Parent 1/Personne à prévenir/Accompagnant/Mère/Partenaire/Auteur/Aidant""".replace("\n", "").split("/"),
)
def test_who_accompanies_or_answers_for_a_child_is_not_the_patient(who: str) -> None:
    page = f"Enfant : ......................\n{who.strip()} : Mme MARTIN Sophie, née le 05/05/1980"
    assert isinstance(judge(FAMILY, f"{page}\nN° SS : {number(SOPHIE)}"), Held)
    assert isinstance(judge(FAMILY, page, sheet=SOPHIE), Held)


@pytest.mark.parametrize(
    "page",
    [
        "Nouveau-né de Mme MARTIN Sophie née le 05/05/1980",
        "Bébé DURAND Léo né le 02/02/2024\nMère : MARTIN Sophie née le 05/05/1980",
        "M. DUPONT Paul vu avec son épouse\nMme MARTIN Sophie, née le 05/05/1980",
        "Nom : DUPONT Paul|Conjoint : MARTIN Sophie\nNé le : 01/01/1970|Née le : 05/05/1980",
        "Destinataire|Patient\nMme MARTIN Sophie|M. DUPONT Paul\nNée le 05/05/1980|",
        "Victime : KOWALSKI Ewa\nAuteur : MARTIN Sophie née le 05/05/1980",
    ],
)
def test_a_page_about_somebody_near_to_her_is_not_hers(page: str) -> None:
    assert isinstance(judge(FAMILY, page, sheet=SOPHIE), Held)


# --- Numbers that are not one person's --------------------------------------------------------------------------------


def test_a_number_that_the_client_wrote_for_mother_and_child_says_nothing_between_them() -> None:
    roster = RosterIndex((SOPHIE, INSURED, ANAIS))
    page = f"N° dossier : A002\nPatient : DURAND Léa\nNIR : {number(SOPHIE)}"
    assert conflict(judge(roster, page, sheet=SOPHIE)) == Conflict(1, ConflictKind.OTHER_NUMBER)
    assert not seen(f"NIR : {number(SOPHIE)}", roster).votes
    alone = judge(roster, f"Mme MARTIN Sophie, née le 05/05/1980\nNIR : {number(SOPHIE)}", sheet=SOPHIE)
    assert isinstance(alone, Identified)
    assert alone.sources == ("separator", "name-and-birth-date")


def test_a_number_whose_year_and_month_are_not_the_patients_does_not_vote_for_them() -> None:
    roster = RosterIndex((INSURED, ANAIS))
    assert not seen(f"Mme MARTIN Sophie épouse DURAND\nNIR {number(SOPHIE)}", roster).votes
    assert isinstance(judge(roster, f"Résultats\nNIR {number(SOPHIE)}", sheet=INSURED), Held)


def test_twins_under_the_insureds_number_are_told_by_their_given_names_alone() -> None:
    emma = person("A021", "LE ROY", "Emma", "2012-02-02", order=111)
    roster = RosterIndex((emma, replace(emma, ref=PatientRef("A022"), given_names=("Chloé",))))
    for given, right in (("Emma", True), ("Chloé", False), ("Chlaé", False), ("", False)):
        page = f"Nom : LE ROY {given} née le 02/02/2012\nN° SS : {number(emma)}"
        assert isinstance(judge(roster, page, sheet=emma), Identified) is right


# --- What was printed once counts once --------------------------------------------------------------------------------


def test_a_sticker_is_one_source() -> None:
    said = " ".join(map(normalise, SOPHIE.given_names))
    code = (
        f"IS01{'0' * 22}S1{SOPHIE.ins}S21.2.250.1.213.1.4.10\x1dS3{said}\x1d"
        f"S4{normalise(SOPHIE.birth_name)}\x1dS5FS605-05-1980"
    )
    bare = judge(FAMILY, f"NIR {number(SOPHIE)}", bounded=False, codes=(code,))
    assert isinstance(bare, Held)
    assert bare.reason is HeldReason.ONE_SOURCE
    glued = f"NIR {number(SOPHIE)}\nDr PETIT Paul\nPatient : LE GOFF Anaïs"
    found = judge(FAMILY, glued, bounded=False, codes=(code,))
    assert conflict(found) == Conflict(1, ConflictKind.OTHER_NAME)
    two = judge(FAMILY, f"NIR {number(SOPHIE)}", OWN, bounded=False, codes=(code,))
    assert isinstance(two, Identified)


def test_a_barcode_on_the_records_page_and_the_same_number_beside_it_are_one_source() -> None:
    pages = [seen("N° dossier : A001\nRésultats", FAMILY, claimed=SOPHIE)]
    claim = Separator(SOPHIE.ref, None, None)
    labelled = decide(DOCUMENT, Opening(claim, labelled=True), pages, FAMILY)
    assert isinstance(labelled, Held)
    assert labelled.reason is HeldReason.ONE_SOURCE
    assert isinstance(decide(DOCUMENT, Opening(claim), pages, FAMILY), Identified)
    later = [seen("Résultats", FAMILY, claimed=SOPHIE), *pages]
    assert isinstance(decide(DOCUMENT, Opening(claim, labelled=True), later, FAMILY), Identified)
