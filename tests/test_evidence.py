"""What a page says of whose it is: right on every layout that paper has, and silent where it says too little."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_gate.model import Patient, PatientRef
from pipeline.identity.evidence import PageEvidence, Search, Source, evidence_of
from pipeline.identity.roster_index import RosterIndex
from pipeline.identity.traits import key, normalise
from pipeline.model import ConflictKind, Word
from tests.evidence_fixtures import CLIENT_NUMBER, TODAY, laid, person, said, seen

DUPONT = person("A001", "DUPONT", "Jean, Marie", "1961-02-03", order=101, sex="M")
MARTIN = person("A002", "MARTIN", "Sophie, Anne", "1980-05-05", order=202, usage="DURAND")
LE_GOFF = person("A003", "LE GOFF", "Jean-Pierre", "1972-10-09", order=303, sex="M")
ANAIS = person("A004", "LE GOFF", "Anaïs, Aïcha", "1991-11-02", order=404)
MAELLE = person("A005", "LE GOFF", "Maëlle, Noëlle", "1991-11-02", order=505)
ORNANO = person("A006", "D'ORNANO", "Ghjuvan", "1969-12-24", order=606, sex="M")
LA_TOUR = person("A007", "DE LA TOUR", "Inès", "1988-01-31", order=707)
LACROIX = person("A008", "DUPRÉ-LACROIX", "Anaïs", "1994-01-16", order=808)
LEFEVRE = person("A009", "LEFÈVRE", "Camille, Aïcha", "1982-07-08", order=304, usage="LEFEBVRE")
LEFEBVRE = person("A010", "LEFEBVRE", "Camille, Jean-Baptiste", "1982-08-07", order=405, sex="M")
PARENT = person("A011", "PARENT", "Étienne", "1989-07-16", order=415, sex="M")
ROUX = person("A012", "ROUX", "Paul", "1982-08-01", order=777, sex="M")
NICOLAS_78 = person("A013", "MARTIN", "Nicolas, François", "1978-03-14", order=506, sex="M")
NICOLAS_87 = person("A014", "MARTIN", "Nicolas, Benoît", "1987-04-13", order=607, sex="M")
UNNUMBERED = Patient(PatientRef("A015"), "TRAORÉ", None, ("Aminata",), date(1990, 2, 3), "F", None)
JEAN = person("A016", "MOREL", "Jean", "1970-06-15", order=901, sex="M")
JEAN_PIERRE = person("A017", "MOREL", "Jean-Pierre", "1970-06-15", order=902, sex="M")
ROSTER = (
    DUPONT, MARTIN, LE_GOFF, ANAIS, MAELLE, ORNANO, LA_TOUR, LACROIX, LEFEVRE, LEFEBVRE, PARENT, ROUX, NICOLAS_78,
    NICOLAS_87, UNNUMBERED, JEAN, JEAN_PIERRE,
)  # fmt: skip
INDEX = RosterIndex(ROSTER)
GS = "\x1d"


def spaced(number: str) -> str:
    return " ".join((number[0], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:]))


def ins_of(patient: Patient) -> str:
    assert patient.ins is not None
    return patient.ins


def datamatrix(patient: Patient, number: str = "", oid: str = "1.2.250.1.213.1.4.10", given: Sequence[str] = ()) -> str:
    born, sex = patient.birth_date, patient.sex or "F"
    names = f"S3{' '.join(map(normalise, given or patient.given_names))}{GS}S4{normalise(patient.birth_name)}{GS}"
    return f"IS01{'0' * 22}S1{number or ins_of(patient)}S2{oid}{names}S5{sex}S6{born:%d-%m-%Y}"


# --- Name and birth date, wherever they stand -------------------------------------------------------------------------

LAYOUTS = {
    "one line": (DUPONT, "Patient : DUPONT Jean - né le 03/02/1961 (62 ans)"),
    "physician left, patient right": (
        DUPONT,
        "Dr MARTIN Nicolas|M. DUPONT Jean\nRhumatologie|né le 03/02/1961\n12 rue des Lilas|12 avenue Foch",
    ),
    "usage name and birth name": (MARTIN, "Mme DURAND née MARTIN\nNée le 5 mai 1980"),
    "both, with the given name": (MARTIN, "Madame DURAND née MARTIN Sophie, née le 05/05/1980, demeurant 3 rue Dupont"),
    "married": (MARTIN, "Mme MARTIN épouse DURAND Sophie, née le 05.05.1980"),
    "widowed": (MARTIN, "Madame Veuve DURAND née MARTIN, née le 05/05/1980"),
    "title of either": (MARTIN, "M./Mme : DURAND Sophie\nNé(e) le 05/05/1980"),
    "composed given name first": (LE_GOFF, "M. Jean-Pierre LE GOFF, né le 09/10/1972"),
    "composed given name in two words": (
        LE_GOFF,
        "Concernant : Monsieur Jean Pierre Le Goff\nDate de naissance : 09 octobre 1972",
    ),
    "form": (
        DUPONT,
        "Nom de naissance :   DUPONT      Nom d'usage :   -\nPrénom(s) :   Jean, Marie      Sexe : M\n"
        "Né(e) le :   03/02/1961     N° SS",
    ),
    "values in a second column": (
        DUPONT,
        "Nom de naissance :|DUPONT\nPrénom :|Jean\nDate de naissance :|03/02/1961",
    ),
    "dotted lines": (
        DUPONT,
        "NOM de naissance : .............. DUPONT\nPrénom : ........... Jean\nDate de naissance : ........ 03/02/1961",
    ),
    "table, labels over": (DUPONT, "Nom|Prénom|Date de naissance\nDUPONT|Jean|03/02/1961"),
    "labels under": (DUPONT, "DUPONT|Jean|03/02/1961\nNom|Prénom|Date de naissance"),
    "label over value, one column": (DUPONT, "Nom\nDUPONT\nPrénom\nJean\nDate de naissance\n03/02/1961"),
    "laboratory header": (DUPONT, "DUPONT Jean 03/02/1961 M"),
    "laboratory header in capitals": (DUPONT, "DUPONT JEAN (03/02/1961) Sexe M Dossier 12345"),
    "laboratory in two columns": (
        DUPONT,
        "Laboratoire BIOLAB|M. DUPONT JEAN\nPrélevé le 12/03/2024|DDN : 03/02/1961",
    ),
    "address window": (
        DUPONT,
        "|Monsieur DUPONT Jean\n|12 rue Pasteur\n|75012 PARIS\n\nNé le : 03/02/1961",
    ),
    "block without labels": (DUPONT, "DUPONT Jean\n03/02/1961\n62 ans"),
    "name, given name, date, a line each": (DUPONT, "DUPONT\nJean\nNé le 3 février 1961"),
    "given name first, ISO date": (DUPONT, "Jean DUPONT né le 1961-02-03"),
    "place of birth between": (DUPONT, "Monsieur DUPONT Jean, né à Saint-Denis (93) le 03/02/1961"),
    "capitals throughout": (ORNANO, "M. D'ORNANO GHJUVAN NÉ LE 24/12/1969"),
    "curly apostrophe, small particle": (ORNANO, "Monsieur Ghjuvan d’Ornano, né le 24 décembre 1969"),
    "particles": (LA_TOUR, "Madame Inès de La Tour, née le 31/01/1988"),
    "particles in capitals": (LA_TOUR, "Mme DE LA TOUR Inès née le 31-01-1988"),
    "hyphen lost": (LACROIX, "Mlle Dupré Lacroix Anaïs née le 16.01.1994"),
    "labels in one line, two digits of a year": (
        LACROIX,
        "NOM : DUPRE-LACROIX  PRENOM : ANAIS  DATE NAISSANCE : 16/01/94",
    ),
    "name and given name in one label": (DUPONT, "Nom et prénom : DUPONT Jean\nNé(e) le : 03/02/1961"),
    "given name and name in one label": (DUPONT, "Prénom NOM : Jean DUPONT\nNé(e) le : 03/02/1961"),
    "sentence broken before the date": (
        DUPONT,
        "Je soussigné, docteur PETIT, certifie avoir examiné ce jour Monsieur DUPONT Jean, né le\n"
        "3 février 1961, demeurant 12 rue",
    ),
    "sentence broken before the name": (
        DUPONT,
        "Je soussigné, docteur PETIT Jean, certifie avoir examiné ce jour Monsieur\n"
        "DUPONT Jean, né le 3 février 1961, demeurant 12 rue",
    ),
    "physician of the same name": (
        DUPONT,
        "Dr DUPONT Jean\nMédecin du travail\nObjet : Monsieur DUPONT Jean, né le 03/02/1961",
    ),
    "initial of the given name": (DUPONT, "M. DUPONT J. né le 03/02/1961"),
    "no given name, and nobody else it could be": (DUPONT, "M. DUPONT né le 03/02/1961"),
    "employer in the next column": (DUPONT, "SALARIÉ|EMPLOYEUR\nDUPONT Jean|MARTIN SARL\nné le 03/02/1961|12 rue X"),
    "age instead of a label": (DUPONT, "Monsieur Jean DUPONT, 03/02/1961 (65 ans)"),
    "glued to its label": (DUPONT, "NOM:DUPONT PRENOM:Jean NE LE:03/02/1961"),
    "two physicians around": (
        DUPONT,
        "Dr ROUX Paul|Docteur\nCardiologue|MARTIN Nicolas\nObjet : votre patient, M. Jean DUPONT, DN : 03.02.1961",
    ),
    "maiden name by its own label": (
        MARTIN,
        "Nom marital : PETIT|Nom de jeune fille : MARTIN\nPrénoms : Sophie|Date de Naiss. : 05/05/1980",
    ),
    "glued to its title": (DUPONT, "M.DUPONT Jean né(e) le:03/02/1961"),
    "the first of a month": (ROUX, "M. ROUX Paul né le 1er août 1982"),
    "date in words": (DUPONT, "M. DUPONT Jean né le trois février mil neuf cent soixante et un"),
    "mother in the text": (DUPONT, "Monsieur DUPONT Jean, né le 03/02/1961, vit avec sa mère née le 05/05/1931"),
    "a name that is a relative's word": (PARENT, "Monsieur PARENT Étienne né le 16/07/1989"),
    "letters and digits exchanged": (ORNANO, "M. D'0RNANO Ghjuvan né le 24/12/1969"),
    "date of the visit beside": (NICOLAS_78, "M. MARTIN Nicolas, né le 14/03/1978, embauché le 13/04/1987"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_name_and_birth_date_speak_for_their_patient_in_every_layout(name: str) -> None:
    patient, text = LAYOUTS[name]
    for claimed in (None, patient):
        evidence = seen(text, INDEX, claimed=claimed)
        assert said(evidence) == {("name-and-birth-date", patient.ref)}
        assert evidence.against == ()
        assert evidence.patient == patient.ref


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_was_read_badly_speaks_for_nobody(name: str) -> None:
    assert seen(LAYOUTS[name][1], INDEX, confidence=45) == PageEvidence()


def test_of_name_given_name_and_date_one_may_be_read_badly_and_no_two() -> None:
    words = laid("Madame LEFÈVRE Camille\nNée le 08/07/1982")
    parts = ("LEFÈVRE", "Camille", "08/07/1982")
    for bad in ((), *((part,) for part in parts), ("LEFÈVRE", "Camille"), ("Camille", "08/07/1982"), parts):
        read = [replace(word, confidence=12.0 if word.text in bad else 92.0) for word in words]
        evidence = evidence_of(read, (), Search(INDEX, "trial", TODAY))
        assert bool(evidence.votes) == (len(bad) < 2), bad


@pytest.mark.parametrize("name", LAYOUTS)
def test_one_badly_read_word_never_gives_the_vote_to_another(name: str) -> None:
    patient, text = LAYOUTS[name]
    words = laid(text)
    for place, word in enumerate(words):
        doubtful = replace(word, confidence=20.0)
        evidence = evidence_of((*words[:place], doubtful, *words[place + 1 :]), (), Search(INDEX, "trial", TODAY))
        assert evidence.patients <= {patient.ref}


SILENT = {
    "a physician's name": "Docteur Jean DUPONT\nPatient : X né le 03/02/1961",
    "a physician's name with an initial": "Dr M. DUPONT\nPatient : X né le 03/02/1961",
    "a physician's label": "Médecin du travail : DUPONT Jean\nPatient né le 03/02/1961",
    "a physician's trade behind": "DUPONT Jean, médecin généraliste\nPatient né le 03/02/1961",
    "an employer": "Employeur : DUPONT SARL\nM. X né le 03/02/1961",
    "a street": "M. X demeurant 3 rue Jean DUPONT, né le 03/02/1961",
    "a mother": "Sa mère, Mme DURAND née MARTIN, née le 05/05/1980, est suivie",
    "a mother's field": "Mère : Mme MARTIN Sophie née le 05/05/1980",
    "day and month exchanged": "M. DUPONT Jean né le 02/03/1961",
    "one digit of the date": "M. DUPONT Jean né le 03/02/1967",
    "one letter of the name": "M. DUPOMT Jean né le 03/02/1961",
    "a neighbouring name": "Madame LEFEVRE Camille née le 07/08/1982",
    "a neighbouring name the other way": "Monsieur LEFEBRE Camille né le 08/07/1982",
    "hired, not born": "M. DUPONT Jean, embauché le 03/02/1961",
    "examined, not born": "Monsieur DUPONT Jean\nExamen du 03/02/1961",
    "no date": "Monsieur DUPONT Jean",
    "no name": "Né le 03/02/1961",
    "another's given name without label": "Monsieur DUPONT Alphonse né le 03/02/1961",
    "no capital": "le patient dupont jean, né le 03/02/1961",
    "name and date of two people": "Mme DURAND Sophie\nné le 03/02/1961",
    "an untitled physician beside a titled patient": "Mme X Paule née le 03/02/1961\nvue avec DUPONT Jean",
}


@pytest.mark.parametrize("name", SILENT)
def test_what_names_nobody_for_certain_speaks_for_nobody(name: str) -> None:
    assert not seen(SILENT[name], INDEX).votes


# --- Twins and homonyms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Madame LE GOFF Anaïs née le 02/11/1991", ANAIS),
        ("Mme Anaïs LE GOFF née le 02/11/1991", ANAIS),
        ("Nom : LE GOFF\nPrénoms : Maëlle, Noëlle\nNée le 02/11/1991", MAELLE),
        ("Mme LEGOFF MAELLE 02/11/1991", MAELLE),
        ("Nom|Prénom|Né(e) le\nLE GOFF|Maëlle|02/11/1991", MAELLE),
        ("Madame LE GOFF Aïcha née le 02/11/1991", ANAIS),
        ("M. MOREL Jean né le 15/06/1970", JEAN),
        ("M. Jean MOREL né le 15/06/1970", JEAN),
        ("M. MOREL Jean-Pierre né le 15/06/1970", JEAN_PIERRE),
        ("M. Jean Pierre MOREL né le 15/06/1970", JEAN_PIERRE),
        ("M. MARTIN Nicolas né le 14/03/1978", NICOLAS_78),
        ("M. MARTIN Nicolas né le 13 avril 1987", NICOLAS_87),
        ("Madame LEFEBVRE née LEFÈVRE Camille, née le 8 juillet 1982", LEFEVRE),
        ("Madame LEFEBVRE Camille, née le 8 juillet 1982", LEFEVRE),
        ("Monsieur LEFEBVRE Camille, né le 07/08/1982", LEFEBVRE),
    ],
)
def test_twins_and_homonyms_are_told_apart(text: str, told: Patient) -> None:
    assert said(seen(text, INDEX)) == {("name-and-birth-date", told.ref)}
    for other in (one for one in ROSTER if one is not told):
        assert seen(text, INDEX, claimed=other).against


@pytest.mark.parametrize(
    "text",
    [
        "Madame LE GOFF née le 02/11/1991",
        "Madame LE GOFF A. née le 02/11/1991",
        "Madame LE GOFF M. née le 02/11/1991",
        "Madame LE GOFF Anaix née le 02/11/1991",
        "Madame LE GOFF Gwenaëlle née le 02/11/1991",
        "Nom : LE GOFF\nPrénoms : Anaïs, Maëlle\nNée le 02/11/1991",
    ],
)
def test_where_no_given_name_says_which_twin_nobody_is_told_and_it_speaks_against(text: str) -> None:
    for claimed in (None, ANAIS, MAELLE):
        evidence = seen(text, INDEX, claimed=claimed)
        assert not evidence.votes
        assert ConflictKind.OWN_GIVEN_NAME_MISSING in evidence.against


def test_the_other_twins_page_speaks_against_the_claimed_one() -> None:
    evidence = seen("Madame LE GOFF Anaïs née le 02/11/1991", INDEX, claimed=MAELLE)
    assert evidence.against == (ConflictKind.OTHER_GIVEN_NAME, ConflictKind.OTHER_NAME)


def test_a_twin_of_whom_the_roster_knows_nothing_is_not_taken_for_the_other() -> None:
    alone = RosterIndex([one for one in ROSTER if one is not MAELLE])
    for text in ("Madame LE GOFF Maëlle née le 02/11/1991", "Mme Maëlle LE GOFF née le 02/11/1991"):
        assert not seen(text, alone, claimed=ANAIS).votes
    labelled = seen("Nom : LE GOFF\nPrénom : Maëlle\nNée le 02/11/1991", alone, claimed=ANAIS)
    assert not labelled.votes
    assert ConflictKind.OTHER_GIVEN_NAME in labelled.against


def test_a_given_name_that_is_anothers_is_not_a_misread_one() -> None:
    louise = person("A060", "BONNET", "Louise", "1975-11-29", order=333)
    index = RosterIndex((*ROSTER, louise, person("A061", "FAURE", "Louis", "1990-01-01", order=334, sex="M")))
    assert seen("Mme BONNET Louise née le 29/11/1975", index).patient == louise.ref
    assert seen("Mme BONNET Loulse née le 29/11/1975", index).patient == louise.ref
    assert seen("Mme BONNET Louisa née le 29/11/1975", index).patient is None  # a common name, if nobody's here
    assert seen("M. BONNET Louis né le 29/11/1975", index).against == (ConflictKind.OTHER_GIVEN_NAME,)


def test_a_number_says_which_twin_where_no_given_name_does() -> None:
    evidence = seen(f"Madame LE GOFF née le 02/11/1991\nINS : {spaced(ins_of(ANAIS))}", INDEX)
    assert said(evidence) == {("nir", ANAIS.ref), ("name-and-birth-date", ANAIS.ref)}
    assert not evidence.against


def test_a_number_of_one_twin_beside_the_name_of_the_other_is_a_contradiction() -> None:
    text = f"Madame LE GOFF Maëlle née le 02/11/1991\nINS : {spaced(ins_of(ANAIS))}"
    for claimed in (None, ANAIS, MAELLE):
        evidence = seen(text, INDEX, claimed=claimed)
        assert evidence.patients == {ANAIS.ref, MAELLE.ref}
        assert evidence.patient is None


def test_one_person_under_two_references_is_the_claimed_one_or_nobody() -> None:
    again = Patient(PatientRef("A099"), "Dupont", None, ("Jean",), DUPONT.birth_date, "M", DUPONT.ins)
    index = RosterIndex((*ROSTER, again))
    text = f"M. DUPONT Jean né le 03/02/1961 NIR {spaced(ins_of(DUPONT))} N° dossier : A099"
    for claimed in (DUPONT, again):
        evidence = seen(text, index, claimed=claimed)
        assert evidence.patients == {claimed.ref}
        assert not evidence.against
    unclaimed = seen(text.replace("N° dossier : A099", ""), index)
    assert not unclaimed.votes
    assert unclaimed.against == (ConflictKind.SEVERAL_REFERENCES,)


def test_changed_and_unknown_usage_names_do_not_hide_the_birth_name() -> None:
    evidence = seen("Mme PETIT née MARTIN Sophie, née le 05/05/1980", INDEX, claimed=MARTIN)
    assert said(evidence) == {("name-and-birth-date", MARTIN.ref)}
    changed = seen("Mme PETIT Sophie, née le 05/05/1980", INDEX, claimed=MARTIN)
    assert not changed.votes
    assert not changed.against


def test_several_patients_in_one_list_speak_for_each_of_them() -> None:
    text = "Liste\nDUPONT Jean 03/02/1961\nPARENT Étienne 16/07/1989\nROUX Paul 01/08/1982"
    evidence = seen(text, INDEX)
    assert evidence.patients == {DUPONT.ref, PARENT.ref, ROUX.ref}
    assert evidence.patient is None


# --- Numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patient", [DUPONT, ANAIS, LEFEVRE], ids=lambda one: one.ref)
def test_a_complete_number_with_its_key_speaks_for_its_patient(patient: Patient) -> None:
    number = ins_of(patient)
    for written in (number, spaced(number), f"{number[:13]} {number[13:]}", " | ".join(spaced(number).split())):
        assert said(seen(f"INS : {written}", INDEX)) == {("nir", patient.ref)}
    assert not seen(f"INS : {number[:13]}", INDEX).votes, "without its key it may be misread"


def test_a_corsican_number_speaks_for_its_patient_with_its_letter() -> None:
    first = "180052A004123"
    corsican = Patient(PatientRef("A050"), "PAOLI", None, ("Ange",), date(1980, 5, 15), "M", first + key(first))
    number = ins_of(corsican)
    index = RosterIndex((*ROSTER, corsican))
    assert said(seen(f"N° SS : {spaced(number)}", index)) == {("nir", corsican.ref)}


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ROSTER[:14]), st.sampled_from(ROSTER[:14]), st.data())
def test_a_misread_digit_never_votes_and_speaks_only_against_others(
    own: Patient, other: Patient, data: st.DataObject
) -> None:
    number = list(ins_of(other))
    place = data.draw(st.integers(0, 14))
    digit = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != number[place]]))
    misread = "".join((*number[:place], digit, *number[place + 1 :]))
    evidence = seen(f"N° SS : {spaced(misread)}", INDEX, claimed=own)
    assert not evidence.votes
    assert (ConflictKind.OTHER_NUMBER in evidence.against) == (own is not other)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ROSTER[:14]), st.integers(0, 13))
def test_transposed_digits_never_vote(patient: Patient, place: int) -> None:
    number = ins_of(patient)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert not seen(f"N° SS : {swapped}", INDEX).votes


def test_a_number_of_nobody_speaks_against_whoever_is_claimed_unless_it_may_be_theirs() -> None:
    stranger = ins_of(person("A098", "INCONNU", "Jean", "1961-09-09", order=777, sex="M"))
    assert seen(f"INS : {stranger}", INDEX, claimed=DUPONT).against == (ConflictKind.UNKNOWN_NUMBER,)
    assert seen(f"INS : {stranger}", INDEX).against == ()
    fitting = "2900293991001"
    assert seen(f"INS : {fitting}{key(fitting)}", INDEX, claimed=UNNUMBERED).against == ()


def test_a_number_of_nobody_beside_a_patients_name_is_a_contradiction_without_a_claim_too() -> None:
    stranger = ins_of(person("A098", "INCONNU", "Jean", "1961-09-09", order=777, sex="M"))
    evidence = seen(f"M. DUPONT Jean né le 03/02/1961\nINS : {stranger}", INDEX)
    assert evidence.against == (ConflictKind.UNKNOWN_NUMBER,)
    assert evidence.patient is None


# --- The client's own number ------------------------------------------------------------------------------------------


def test_the_clients_number_speaks_for_its_patient_as_the_pattern_finds_it() -> None:
    for text in ("N° dossier : A001", "Service|N° dossier : A001", "N° dossier|:|A001", "X N° dossier: A001."):
        assert said(seen(text, INDEX)) == {("client-number", DUPONT.ref)}
    assert not seen("Dossier A001", INDEX).votes, "it is not as the pattern asks"


def test_a_clients_number_of_another_or_of_nobody_speaks_against() -> None:
    assert seen("N° dossier : A002", INDEX, claimed=DUPONT).against == (ConflictKind.OTHER_NUMBER,)
    assert seen("N° dossier : Z999", INDEX, claimed=DUPONT).against == (ConflictKind.UNKNOWN_REFERENCE,)
    assert seen("N° dossier : A901", INDEX, claimed=DUPONT).against == (), "one sign misread is a doubt"


# --- INS datamatrix ---------------------------------------------------------------------------------------------------


def test_an_ins_datamatrix_speaks_for_the_patient_whose_number_and_traits_it_says() -> None:
    assert said(seen("", INDEX, codes=[datamatrix(DUPONT), "LIASSE1|x", "https://example.org"])) == {
        ("ins-datamatrix", DUPONT.ref)
    }
    for patient in (LE_GOFF, LACROIX, ORNANO, LEFEVRE):
        assert seen("", INDEX, codes=[datamatrix(patient)]).patient == patient.ref


def test_an_ins_datamatrix_with_other_traits_speaks_against() -> None:
    for code in (datamatrix(DUPONT, number=ins_of(MARTIN)), datamatrix(ANAIS, given=["Maëlle"])):
        for claimed in (None, DUPONT, MARTIN, ANAIS):
            evidence = seen("", INDEX, codes=[code], claimed=claimed)
            assert not evidence.votes
            assert evidence.against == (ConflictKind.OTHER_TRAITS,)


def test_an_ins_datamatrix_of_another_patient_speaks_against_the_claimed_one() -> None:
    evidence = seen("", INDEX, codes=[datamatrix(MARTIN)], claimed=DUPONT)
    assert evidence.against == (ConflictKind.OTHER_NUMBER,)


def test_an_ins_datamatrix_of_nobody_speaks_against_unless_it_may_be_the_claimed_ones() -> None:
    stranger = person("A098", "INCONNU", "Jean", "1961-09-09", order=777, sex="M")
    assert seen("", INDEX, codes=[datamatrix(stranger)], claimed=DUPONT).against == (ConflictKind.UNKNOWN_NUMBER,)
    own = datamatrix(UNNUMBERED, number="2900293991001" + key("2900293991001"))
    assert seen("", INDEX, codes=[own], claimed=UNNUMBERED).against == ()


def test_a_flawed_ins_datamatrix_speaks_against_and_another_code_says_nothing() -> None:
    code = datamatrix(DUPONT)
    for flawed in (code.replace("IS01", "IS02"), code + f"{GS}S5M", code.replace("S5M", "S5X")):
        assert seen("", INDEX, codes=[flawed]).against == (ConflictKind.CODE_FLAWED,)
    for other in ("", "3661112502850", "ISBN 978", "DC04FR"):
        assert seen("", INDEX, codes=[other]) == PageEvidence()


def test_identities_of_the_other_world_speak_against_in_production_and_in_trial() -> None:
    test, real = datamatrix(DUPONT), datamatrix(DUPONT, oid=f"1.2.250.1.213.1.4.8{GS}")
    for code, mode, kind in (
        (test, "production", ConflictKind.TEST_IDENTITY),
        (test.replace(".10", ".11"), "production", ConflictKind.TEST_IDENTITY),
        (real, "trial", ConflictKind.PRODUCTION_IDENTITY),
    ):
        search = Search(INDEX, "production" if mode == "production" else "trial", TODAY)
        found = evidence_of((), [code], search)
        assert (found.votes, found.against) == ((), (kind,))
    assert evidence_of((), [real], Search(INDEX, "production", TODAY)).patient == DUPONT.ref


# --- All together -----------------------------------------------------------------------------------------------------


def test_all_sources_of_a_page_are_told() -> None:
    text = (
        f"Nom de naissance : LEFÈVRE|N° dossier : A009\nPrénom : Camille|Née le 08/07/1982\n"
        f"N° de sécurité sociale : {spaced(ins_of(LEFEVRE))}"
    )
    evidence = seen(text, INDEX, codes=[datamatrix(LEFEVRE)])
    assert evidence.sources(LEFEVRE.ref) == set(Source) - {Source.PERSON, Source.SEPARATOR}
    assert evidence.patient == LEFEVRE.ref


def test_a_stranger_of_whom_the_roster_knows_nothing_is_not_the_claimed_patients_page() -> None:
    text = "Monsieur INCONNU Albert, né le 09/09/1955"
    assert seen(text, INDEX, claimed=DUPONT).against == (ConflictKind.UNKNOWN_IDENTITY,)
    assert seen(text, INDEX).against == ()
    assert seen("Monsieur DUPONT Jean, né le 30/02/1961, vu le 12/03/2024", INDEX, claimed=DUPONT).against == ()
    other_day = seen("Monsieur DUPONT Jean, né le 02/03/1961", INDEX, claimed=DUPONT)
    assert other_day.against == (ConflictKind.OTHER_BIRTH_DATE,)
    assert seen("Monsieur DUPONT Jean, né le 03/02/1967", INDEX, claimed=DUPONT).against == ()


NOISE = st.text(alphabet="abcdeilmnorstuéABDEILMNORST0123456789/.-'|:", min_size=1, max_size=9)


@settings(deadline=None, max_examples=60)
@given(st.lists(NOISE, max_size=40), st.sampled_from(ROSTER))
def test_no_noise_whatever_speaks_for_anybody(noise: list[str], claimed: Patient) -> None:
    text = "\n".join(" ".join(noise[start : start + 6]) for start in range(0, len(noise), 6))
    assert not seen(text, INDEX, claimed=claimed).votes


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            Word,
            st.text(max_size=12),
            *[st.floats(-1e5, 1e5) for _ in range(4)],
            st.floats(1, 200),
            st.floats(0, 100),
            st.integers(0, 9),
        ),
        max_size=12,
    ),
    st.lists(st.text(max_size=60), max_size=2),
)
def test_no_words_and_codes_whatever_break_it(words: Sequence[Word], codes: Sequence[str]) -> None:
    evidence_of(words, codes, Search(INDEX, "trial", TODAY, DUPONT.ref, CLIENT_NUMBER))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(st.tuples(st.text("aeinrtuMO01/", min_size=1, max_size=6), st.floats(0, 2000), st.floats(0, 59))),
)
def test_handwriting_beside_it_changes_nothing(name: str, hand: list[tuple[str, float, float]]) -> None:
    patient, text = LAYOUTS[name]
    scribbled = [Word(one, x, 3000.0, x + 90, 3000.0, 40.0, confidence, 99) for one, x, confidence in hand]
    evidence = evidence_of((*laid(text), *scribbled), (), Search(INDEX, "trial", TODAY))
    assert said(evidence) == {("name-and-birth-date", patient.ref)}


def test_evidence_shows_no_identity_where_it_is_printed() -> None:
    text = f"M. DUPONT Jean né le 03/02/1961 N° dossier : A001 NIR {spaced(ins_of(DUPONT))}"
    shown = repr(seen(text, INDEX, codes=[datamatrix(DUPONT)], claimed=MARTIN))
    assert not any(word in shown for word in ("DUPONT", "1961", "A001", "A002", ins_of(DUPONT)))
