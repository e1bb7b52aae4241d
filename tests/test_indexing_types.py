"""A document's type is proposed from how it is headed, on pages of many layouts; and not where nothing heads it."""

import pytest

from pipeline.indexing.kinds import KINDS
from pipeline.indexing.lines import pieces
from pipeline.indexing.titles import Found, kind_of
from pipeline.model import RecognisedPage
from tests.indexing_fixtures import Line, below, read

BODY = (
    "Le patient est vu ce jour dans le cadre du suivi habituel, sans plainte nouvelle.",
    "L'examen clinique est sans particularité, la tension est correcte au repos.",
    "Les examens complémentaires seront refaits dans six mois selon le protocole.",
    "Aucune restriction n'est à prévoir pour le poste occupé, hors port de charges lourdes.",
)


def kind(*pages: RecognisedPage, own: dict[str, tuple[str, ...]] | None = None) -> Found | None:
    return kind_of([pieces(page) for page in pages], own)


def named(*pages: RecognisedPage) -> str | None:
    found = kind(*pages)
    return found.kind if found else None


def headed(title: str, *, x: float = 0.3, size: float = 1.5, turns: int = 0) -> RecognisedPage:
    """A letterhead, a title, and text below."""
    head = below("Service de santé au travail des Deux Rives", "12, rue de la Gare - 69000 Lyon", top=0.04)
    return read(*head, Line(title, x=x, y=0.14, size=size), *below(*BODY, top=0.25), turns=turns)


TITLES = [
    ("FICHE D'APTITUDE", "fiche_aptitude"),
    ("FICHE MÉDICALE D'APTITUDE", "fiche_aptitude"),
    ("Avis d'aptitude", "fiche_aptitude"),
    ("AVIS D'INAPTITUDE", "avis_inaptitude"),
    ("ATTESTATION DE SUIVI", "attestation_suivi"),
    ("Attestation de suivi individuel de l'état de santé", "attestation_suivi"),
    ("Proposition de mesures individuelles", "mesures_individuelles"),
    ("ORDONNANCE", "ordonnance"),
    ("Ordonnance médicale", "ordonnance"),
    ("RÉSULTATS DE LABORATOIRE", "resultats_labo"),
    ("Compte rendu d'examens de biologie médicale", "resultats_labo"),
    ("CERTIFICAT MÉDICAL", "certificat"),
    ("CERTIFICAT MÉDICAL INITIAL", "certificat"),
    ("QUESTIONNAIRE DE SANTÉ AU TRAVAIL", "questionnaire"),
    ("Questionnaire préalable à la visite médicale", "questionnaire"),
    ("COMPTE RENDU D'HOSPITALISATION", "compte_rendu"),
    ("COMPTE RENDU DE CONSULTATION", "courrier_medical"),
    ("Certificat d'aptitude", "fiche_aptitude"),
    ("RÉSULTATS D'EXAMENS", "resultats_labo"),
    ("Compte-rendu opératoire", "compte_rendu"),
    ("COMPTE RENDU DE RADIOGRAPHIE", "compte_rendu_imagerie"),
    ("AUDIOGRAMME", "audiogramme"),
    ("Audiométrie tonale liminaire", "audiogramme"),
    ("SPIROMÉTRIE", "spirometrie"),
    ("EXPLORATION FONCTIONNELLE RESPIRATOIRE", "spirometrie"),
    ("ÉLECTROCARDIOGRAMME", "ecg"),
    ("ECG", "ecg"),
    ("CARNET DE VACCINATION", "vaccination"),
    ("Certificat international de vaccination", "vaccination"),
    ("DOSSIER MÉDICAL EN SANTÉ AU TRAVAIL", "dossier_medical"),
    ("CONVOCATION", "convocation"),
    ("ÉTUDE DE POSTE", "etude_poste"),
    ("Fiche individuelle d'exposition", "fiche_exposition"),
    ("AVIS D'ARRÊT DE TRAVAIL", "arret_travail"),
]


@pytest.mark.parametrize(("title", "expected"), TITLES)
@pytest.mark.parametrize(("x", "size"), [(0.3, 1.6), (0.08, 1.3)])
def test_a_title_names_its_kind_wherever_it_stands_at_the_head(
    title: str, expected: str, x: float, size: float
) -> None:
    assert named(headed(title, x=x, size=size)) == expected


@pytest.mark.parametrize(
    ("misread", "expected"),
    [
        ("0RDONNANCE", "ordonnance"),
        ("ORDONNANGE", "ordonnance"),
        ("FICHE D'APTlTUDE", "fiche_aptitude"),
        ("CERTIFICAT MEDlCAL", "certificat"),
        ("QUESTI0NNAIRE DE SANTE", "questionnaire"),
        ("AVIS D'lNAPTITUDE", "avis_inaptitude"),
        ("S P I R O M E T R I E", "spirometrie"),
        ("AUD1OGRAMME", "audiogramme"),
    ],
)
def test_a_title_with_a_misread_letter_is_known_all_the_same(misread: str, expected: str) -> None:
    assert named(headed(misread)) == expected


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_stored_image_may_lie_as_it_likes(turns: int) -> None:
    assert named(headed("ORDONNANCE", turns=turns)) == "ordonnance"


def test_a_title_of_two_lines_is_one_title() -> None:
    title = below(
        Line("ATTESTATION DE SUIVI", x=0.35, size=1.5), Line("INDIVIDUEL", x=0.43, size=1.5), top=0.12, step=0.03
    )
    assert named(read(*title, *below(*BODY, top=0.25))) == "attestation_suivi"


def test_the_largest_and_highest_of_several_titles_counts() -> None:
    page = read(
        Line("QUESTIONNAIRE DE SANTÉ", x=0.3, y=0.1, size=1.7),
        *below(*BODY, top=0.2),
        Line("VACCINATIONS", y=0.5),
        *below(*BODY, top=0.55),
        Line("AUDIOGRAMME", y=0.75),
        *below(*BODY, top=0.8),
    )
    assert named(page) == "questionnaire"


def test_two_titles_of_the_same_rank_propose_nothing() -> None:
    page = read(
        Line("SPIROMETRIE", x=0.08, y=0.1, size=1.5), Line("AUDIOGRAMME", x=0.6, y=0.1, size=1.5),
        *below(*BODY, top=0.3),
    )  # fmt: skip
    assert kind(page) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "La radiographie standard de face et de profil ne montre pas de lésion osseuse traumatique.",
        "Ordonnance d'une page, non renouvelable, à présenter au pharmacien de votre choix.",
        "Certificat établi à la demande de l'intéressé et remis en main propre ce jour.",
        "L'audiogramme tonal met en évidence une encoche bilatérale à 4 000 Hz.",
        "Le questionnaire rempli par le salarié est joint au dossier médical.",
        "Apte avec aménagement du poste, à revoir dans trois mois après étude de poste.",
    ],
)
def test_words_of_a_title_within_a_sentence_are_no_title(sentence: str) -> None:
    assert kind(read(*below(*BODY, sentence, *BODY))) is None
    assert kind(read(*below(sentence, *BODY))) is None


def test_a_page_without_a_title_proposes_nothing() -> None:
    assert kind(read(*below(*BODY))) is None
    assert kind(RecognisedPage((), 0, ())) is None
    assert kind() is None


def test_a_numbered_heading_is_a_part_of_something_else() -> None:
    assert kind(read(*below("1. VACCINATIONS", *BODY, "2. AUDIOGRAMME", *BODY))) is None


def letter(*, head: str = "Centre hospitalier de la Vallée", title: str | None = None) -> RecognisedPage:
    lines = [
        *below(head, "Service de pneumologie", "Tél. 04 70 13 50 00", top=0.04),
        Line("Lyon, le 8 mars 2019", x=0.55, y=0.16),
        *([Line(title, x=0.3, y=0.19, size=1.4)] if title else []),
        *below(
            "Objet : Monsieur D., né le 12/04/1970", "Cher confrère,", "J'ai reçu votre patient en consultation.",
            *BODY, "La spirométrie est normale.",
            "Je vous prie d'agréer, cher confrère, l'expression de mes salutations confraternelles.", top=0.25,
        ),
    ]  # fmt: skip
    return read(*lines)


def test_a_letter_is_known_by_its_formulas() -> None:
    found = kind(letter())
    assert found is not None
    assert (found.kind, found.titled) == ("courrier_medical", False)


def test_the_paper_that_a_letter_is_written_on_does_not_make_it_a_result() -> None:
    assert named(letter(head="LABORATOIRE DE BIOLOGIE MÉDICALE")) == "courrier_medical"


def test_a_report_that_is_written_as_a_letter_is_a_letter() -> None:
    assert named(letter(title="COMPTE RENDU MÉDICAL")) == "courrier_medical"
    assert named(letter(title="COMPTE RENDU D'ÉCHOGRAPHIE")) == "compte_rendu_imagerie"


def test_a_bare_report_is_of_what_its_words_say() -> None:
    head, values = Line("COMPTE RENDU", x=0.4, y=0.1, size=1.5), ("Glycémie 0,89 g/L", "Urée 0,40 g/L")
    results = below("Prélevé le 12/03/2024", "BIOCHIMIE", "Valeurs de référence", *values, top=0.3)
    assert named(read(head, *results)) == "resultats_labo"
    assert named(read(head, *below(*BODY, top=0.3))) == "compte_rendu"


def test_what_is_enclosed_behind_a_letter_does_not_name_the_document() -> None:
    assert named(letter(), headed("ORDONNANCE")) == "courrier_medical"


def test_a_title_on_a_later_page_counts_where_the_first_says_nothing() -> None:
    found = kind(read(*below(*BODY)), headed("CERTIFICAT MÉDICAL"))
    assert found is not None
    assert (found.kind, found.page) == ("certificat", 2)


def test_the_letterhead_of_a_laboratory_is_enough_where_nothing_else_is_said() -> None:
    page = read(
        Line("LABORATOIRE DE BIOLOGIE MÉDICALE", y=0.05, size=1.4),
        *below("Glycémie à jeun 0,89 g/L", "Créatinine 9,5 mg/L", "Urée 0,40 g/L", top=0.2),
    )
    found = kind(page)
    assert found is not None
    assert (found.kind, found.titled) == ("resultats_labo", False)


def test_a_letter_may_announce_what_it_is_in_its_subject() -> None:
    for place in (("Madame,",), (*BODY, "Madame,")):
        page = read(*below(*place, "Objet : convocation à une visite médicale", *BODY))
        assert named(page) == "convocation"


def test_a_clients_own_titles_propose_its_own_types() -> None:
    page = headed("BILAN DE SANTÉ ANNUEL")
    assert kind(page) is None
    found = kind(page, own={"bilan": ("BILAN DE SANTE",)})
    assert found is not None
    assert found.kind == "bilan"


def test_no_title_belongs_to_two_kinds() -> None:
    said = [(title, one.name) for one in KINDS for title in one.titles]
    assert len({title for title, _ in said}) == len(said)
