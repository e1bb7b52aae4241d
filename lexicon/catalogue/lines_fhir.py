"""Why a statement of a FHIR file was refused. No sentence repeats a value."""

from typing import Final

from lexicon.sentences import Sentence

LINES_FHIR: Final[dict[str, Sentence]] = {
    "fhir-not-consent": Sentence(
        "Cette ressource FHIR n'est ni un consentement ni une personne.",
        "Retirez-la du fichier, ou demandez à l'éditeur de n'exporter que Consent et Patient.",
        "This FHIR resource is neither a consent nor a person.",
        "Take it out of the file, or ask the makers to export Consent and Patient only.",
    ),
    "fhir-status-unknown": Sentence(
        "L'état de ce consentement FHIR n'est pas de ceux de la norme.",
        "Corrigez `status` à la source, puis exportez et importez de nouveau.",
        "This FHIR consent's status is not one of the standard's.",
        "Correct `status` at its source, then export and import again.",
    ),
    "fhir-not-in-force": Sentence(
        "Ce consentement FHIR est un projet ou une proposition : le patient n'a encore rien dit.",
        "Rien à faire ; il sera lu quand il sera actif ou rejeté.",
        "This FHIR consent is a draft or a proposal: the patient has not said anything yet.",
        "Nothing to do; it is read once it is active or rejected.",
    ),
    "fhir-inactive": Sentence(
        "Ce consentement FHIR n'est plus actif, sans dire s'il a été retiré ou remplacé.",
        "Exportez aussi le retrait ou le consentement qui le remplace, d'un jour plus récent.",
        "This FHIR consent is no longer active, and does not say whether it was withdrawn or replaced.",
        "Export the withdrawal or the consent that replaces it too, of a later day.",
    ),
    "fhir-entered-in-error": Sentence(
        "Ce consentement FHIR a été saisi par erreur ; un import antérieur l'a peut-être déjà pris.",
        "Annulez cet import avec « liasse authorization undo », ou importez ce que le patient a vraiment dit.",
        "This FHIR consent was entered in error; an earlier import may have taken it already.",
        "Take that import back with `liasse authorization undo`, or import what the patient did say.",
    ),
    "fhir-element-unknown": Sentence(
        "Ce consentement FHIR contient un élément que Liasse ne lit pas, et qui pourrait le limiter.",
        "Ôtez-le à la source s'il est sans portée, ou enregistrez l'autorisation dans un tableau.",
        "This FHIR consent holds an element that Liasse does not read, and that may limit it.",
        "Take it out at its source if it means nothing, or record the authorization in a sheet.",
    ),
    "fhir-modifier": Sentence(
        "Ce consentement FHIR porte une extension qui en change le sens, et que Liasse ne connaît pas.",
        "Demandez à l'éditeur ce qu'elle dit, puis enregistrez l'autorisation dans un tableau.",
        "This FHIR consent has an extension that changes its meaning, and that Liasse does not know.",
        "Ask the makers what it says, then record the authorization in a sheet.",
    ),
    "fhir-nested": Sentence(
        "Ce consentement FHIR contient des exceptions emboîtées, que Liasse ne lit pas.",
        "Demandez un consentement par règle, ou enregistrez l'autorisation dans un tableau.",
        "This FHIR consent holds nested exceptions, which Liasse does not read.",
        "Ask for one consent a rule, or record the authorization in a sheet.",
    ),
    "fhir-code-unknown": Sentence(
        "Un code de ce consentement FHIR n'est pas connu du poste.",
        "Donnez-lui un sens sous [authorization.fhir] dans la configuration, puis importez de nouveau.",
        "The station does not know a code of this FHIR consent.",
        "Give it a meaning under [authorization.fhir] in the configuration, then import again.",
    ),
    "fhir-scope-other": Sentence(
        "Ce consentement FHIR porte sur la recherche, un soin ou des directives, et non sur les données.",
        "Rien à faire : il ne dit rien de la numérisation.",
        "This FHIR consent is about research, treatment or directives, and not about records.",
        "Nothing to do: it says nothing of digitizing.",
    ),
    "fhir-direction-missing": Sentence(
        "Ce consentement FHIR ne dit ni oui ni non.",
        "Complétez `provision.type` ou `policyRule` à la source, puis importez de nouveau.",
        "This FHIR consent says neither yes nor no.",
        "Fill in `provision.type` or `policyRule` at its source, then import again.",
    ),
    "fhir-contradicts": Sentence(
        "Les éléments de ce consentement FHIR se contredisent.",
        "Corrigez son état, sa catégorie ou sa règle à la source, puis importez de nouveau.",
        "The elements of this FHIR consent contradict each other.",
        "Correct its status, its category or its rule at the source, then import again.",
    ),
    "fhir-patient-unresolved": Sentence(
        "Le patient de cette ressource FHIR n'a pas de référence que le poste connaît.",
        "Exportez les ressources Patient avec leur identifiant, puis importez de nouveau.",
        "This FHIR resource's patient has no reference that the station knows.",
        "Export the Patient resources with their identifier, then import again.",
    ),
    "fhir-patient-conflict": Sentence(
        "Cette ressource FHIR nomme deux patients, ou un patient de deux façons.",
        "Corrigez-la à la source, puis exportez et importez de nouveau.",
        "This FHIR resource names two patients, or one patient in two ways.",
        "Correct it at its source, then export and import again.",
    ),
    "fhir-patient-inactive": Sentence(
        "Le dossier FHIR de ce patient est inactif ou fusionné avec un autre.",
        "Rattachez le consentement au bon patient à la source, puis importez de nouveau.",
        "This patient's FHIR record is inactive or merged with another.",
        "Attach the consent to the right patient at the source, then import again.",
    ),
    "fhir-starts-later": Sentence(
        "Ce consentement FHIR commence après le jour où il a été donné ; un refus entre les deux serait oublié.",
        "Importez-le quand il commence, ou enregistrez-le dans un tableau au jour de son début.",
        "This FHIR consent begins after the day on which it was given; a refusal between the two would be forgotten.",
        "Import it once it begins, or record it in a sheet as of the day on which it begins.",
    ),
    "fhir-unverified": Sentence(
        "Ce consentement FHIR n'a pas été vérifié auprès du patient.",
        "Faites-le vérifier à la source, puis exportez et importez de nouveau.",
        "This FHIR consent was not verified with the patient.",
        "Have it verified at its source, then export and import again.",
    ),
    "fhir-performer-unknown": Sentence(
        "La personne qui a donné ce consentement FHIR n'est pas le patient, et rien ne dit à quel titre elle l'a fait.",
        "Ajoutez la ressource RelatedPerson avec son lien (parent, tuteur), puis importez de nouveau.",
        "Who gave this FHIR consent is not the patient, and nothing says in which right.",
        "Add the RelatedPerson resource with its relationship (parent, guardian), then import again.",
    ),
}
