"""Faults of authorization forms: printed, come back, checked."""

from typing import Final

from lexicon.sentences import Sentence

FORMS: Final[dict[str, Sentence]] = {
    "document-holds-form": Sentence(
        "Ce document ({document}) commence par un formulaire d'autorisation : il ne devient le dossier de personne.",
        "Reprenez le papier : le formulaire dans le dossier de dépôt des autorisations, le reste, derrière son "
        "intercalaire, dans celui des dossiers médicaux ; puis « liasse refusal review maintain {document} --reason "
        "scanned-anew ».",
        "This document ({document}) begins with an authorization form: it becomes nobody's record.",
        "Take the paper: the form into the drop folder of authorizations, the rest, behind its separator, into that of "
        "records; then 'liasse refusal review maintain {document} --reason scanned-anew'.",
    ),
    "form-copy-missing": Sentence(
        "Le poste n'a pas de copie lisible de ces pages.",
        "À vérifier : prenez le papier, puis « liasse authorization forms check », qui n'a pas besoin de copie. En "
        "attente : numérisez le papier de nouveau, puis « liasse authorization forms discard ».",
        "The station has no readable copy of these pages.",
        "To check: take the paper, then 'liasse authorization forms check', which needs no copy. Held: scan the paper "
        "again, then 'liasse authorization forms discard'.",
    ),
    "form-differs": Sentence(
        "La copie lisible de ce formulaire n'est pas celle qui a été scellée comme preuve.",
        "Ne la vérifiez pas : faites ouvrir la preuve scellée par le client, et prévenez l'éditeur.",
        "The readable copy of this form is not the one that was sealed as evidence.",
        "Do not check it: have the client open the sealed evidence, and tell the makers.",
    ),
    "form-nobody": Sentence(
        "Aucun patient n'est nommé : il n'y a pas de formulaire à imprimer.",
        "Donnez --patient RÉFÉRENCE, ou --patients FICHIER, une référence par ligne.",
        "No patient is named: there is no form to print.",
        "Give --patient REFERENCE, or --patients FILE, one reference a line.",
    ),
    "form-not-at-host": Sentence(
        "La preuve de ce retour n'est pas chez l'hébergeur.",
        "Il n'y a rien à reprendre : elle attend d'être vérifiée, elle est inutilisable, ou elle est restée au poste "
        "(« liasse authorization forms list --all » : object).",
        "The evidence of this return is not at the host.",
        "There is nothing to take back: it waits to be checked, is unusable, or stayed at the station ('liasse "
        "authorization forms list --all': object).",
    ),
    "form-not-held": Sentence(
        "Ces pages n'attendent pas qu'on dise de quel formulaire elles sont.",
        "Voyez « liasse authorization forms list ».",
        "These pages do not wait to be told of which form they are.",
        "See 'liasse authorization forms list'.",
    ),
    "form-not-to-check": Sentence(
        "Ce formulaire n'attend pas de vérification.",
        "Voyez « liasse authorization forms list » : il est peut-être en route vers l'hébergeur, ou déjà vérifié.",
        "This form does not wait for a check.",
        "See 'liasse authorization forms list': it may be on its way to the host, or checked already.",
    ),
    "form-page-behind": Sentence(
        "Juste avant ou juste derrière une page de ce formulaire, une page écrite attend : le patient y a peut-être "
        "mis une limite.",
        "Regardez-la (« liasse authorization forms list », même fichier) : « liasse authorization forms assign » si "
        "elle est du formulaire, sinon « liasse authorization forms discard » ; puis vérifiez le formulaire.",
        "Directly before or behind a page of this form, a written page waits: the patient may have set a limit on it.",
        "Look at it ('liasse authorization forms list', same file): 'liasse authorization forms assign' if it is "
        "the form's, otherwise 'liasse authorization forms discard'; then check the form.",
    ),
    "form-reading-unsound": Sentence(
        "Ce qui est dit du formulaire ne tient pas ({what}).",
        "Date : celle de la signature, ni à venir, ni avant l'impression du formulaire. Limites : avec « limited » "
        "seulement, la fin après la signature. "
        "Fin du mandat : d'un tuteur qui autorise. Un verso (back) se vérifie avec la page signée.",
        "What is said of the form does not hold ({what}).",
        "Date: the signature's, not to come, nor before the form was printed. Limits: with 'limited' alone, ending "
        "after the signature. End of "
        "authority: of a guardian who authorizes. A back is checked with the signed page.",
    ),
    "form-returned-twice": Sentence(
        "Ce formulaire est revenu {count} fois et attend chaque fois.",
        "Dites lequel par le numéro du retour (« liasse authorization forms list »).",
        "This form came back {count} times, and waits each time.",
        "Say which by the return's number ('liasse authorization forms list').",
    ),
    "form-sides-exceeded": Sentence(
        "Ce formulaire a déjà autant de pages que ses feuilles ont de côtés ({sides}).",
        "Vérifiez le numéro imprimé en bas de la page. Numérisez où elle va une page qui n'est pas du formulaire, puis "
        "« liasse authorization forms discard » ; une feuille numérisée plusieurs fois : écartez celle en trop.",
        "This form has as many pages already as its sheets have sides ({sides}).",
        "Look at the number that is printed at the page's foot. Scan a page that is not the form's where it belongs, "
        "then 'liasse authorization forms discard'; of a sheet that was scanned several times, discard the rest.",
    ),
    "form-too-many": Sentence(
        "Un fichier contient {limit} formulaires au plus.",
        "Partagez la liste des patients.",
        "A file holds {limit} forms at most.",
        "Divide the list of patients.",
    ),
    "form-type-unknown": Sentence(
        "Des types de document donnés par {option} ne sont pas connus ; combien : {unknown}.",
        "Vérifiez la case cochée, puis recommencez avec un type de notice.doc_types (si ce réglage est vide : un type "
        "déjà vu) : un type mal écrit fermerait pour de bon les autres documents de ce patient.",
        "Document types that {option} gives are not known; how many: {unknown}.",
        "Look at the box that is ticked, then try again with a type of notice.doc_types (where that setting is empty: "
        "one that came before): one that is misspelt would close this patient's other documents for good.",
    ),
    "form-unassignable": Sentence(
        "Ces pages ne peuvent pas être rattachées à ce formulaire : rien de médical ne doit partir comme formulaire.",
        "Seuls peuvent l'être une page au code abîmé, et le verso écrit d'une page de ce formulaire, numérisé juste "
        "avant ou juste derrière elle, un seul par page. Numérisez le reste où il va, puis « liasse authorization "
        "forms discard ».",
        "These pages cannot be matched with this form: nothing medical may leave as a form.",
        "Only a page with a damaged code can, and the written back of a page of this form, scanned directly before or "
        "behind it, one a page. Scan the rest where it belongs, then 'liasse authorization forms discard'.",
    ),
    "form-unknown": Sentence(
        "Aucun formulaire et aucun retour ne porte ce numéro.",
        "Cherchez-le avec « liasse authorization forms list ».",
        "No form and no return has this number.",
        "Look for it with 'liasse authorization forms list'.",
    ),
    "notice-setting-missing": Sentence(
        "La note d'information ne peut pas être imprimée ; réglages qui manquent : {setting}.",
        "Écrivez-les dans la configuration, d'après le contrat ; lui seul les dit, rien n'est inventé.",
        "The information notice cannot be printed; settings that are missing: {setting}.",
        "Write them into the configuration, from the contract; it alone says so, nothing is made up.",
    ),
    "notice-version-changed": Sentence(
        "La note d'information dit autre chose que celle qui a été imprimée sous la même version ({version}).",
        "Donnez une nouvelle version à ce texte (notice.version, ou --notice-version), ou rétablissez l'ancien : un "
        "patient doit pouvoir prouver ce qu'il a lu.",
        "The information notice says other things than the one that was printed as the same version ({version}).",
        "Give this text a new version (notice.version, or --notice-version), or bring back the former one: what a "
        "patient read must be provable.",
    ),
    "patients-file-unreadable": Sentence(
        "La liste des patients ne peut pas être lue.",
        "Donnez un fichier texte en UTF-8, une référence par ligne.",
        "The list of patients cannot be read.",
        "Give a text file in UTF-8, one reference a line.",
    ),
    "forms-unchecked": Sentence(
        "{forms} formulaire(s) revenu(s) attendent depuis plus de {days} jours qu'une personne les lise ; leur copie "
        "lisible reste au poste jusque-là.",
        "Lisez-les (« liasse authorization forms list »), puis dites ce qui est coché (« liasse authorization forms "
        "check ») : la copie lisible est alors détruite.",
        "{forms} form(s) that came back have waited for more than {days} days for a person to read them; until then "
        "their readable copy stays at the station.",
        "Read them ('liasse authorization forms list'), then say what is ticked ('liasse authorization forms check'): "
        "the readable copy is then destroyed.",
    ),
}
