"""The client's files, and what is on record: as commands say it on a terminal."""

from typing import Final

REGISTER: Final[dict[str, tuple[str, str]]] = {
    "import-line": ("ligne {line} : {what}", "line {line}: {what}"),
    "import-sum": (
        "{lines} lignes : {added} ajoutées, {unchanged} déjà connues, {refused} refusées",
        "{lines} lines: {added} added, {unchanged} known already, {refused} refused",
    ),
    "import-line-doubts": (
        "Elle a pu être un refus : tout ce qui avait été autorisé à ce patient est fermé jusqu'à ce qu'un fichier "
        "ou une personne lève le doute.",
        "It may have been a refusal: whatever was authorized for this patient is closed until a file or a person "
        "lifts the doubt.",
    ),
    "import-doubted": (
        "{count} patient(s) en doute par les lignes {lines} : leurs autorisations antérieures ne valent plus, jusqu'à "
        "ce que ces lignes soient corrigées et le fichier importé de nouveau, ou le doute levé par une personne "
        "(liasse authorization settle)",
        "{count} patient(s) in doubt by lines {lines}: their earlier authorizations do not hold until these lines are "
        "corrected and the file is imported again, or a person lifts the doubt (liasse authorization settle)",
    ),
    "import-same-ins": (
        "{count} références ont le même INS qu'une autre : ce qui dit non sous l'une ferme l'autre. Faites réunir ces "
        "dossiers chez le client, ou retirer l'INS qui serait faux (« liasse patient detach »).",
        "{count} references have the INS of another one: what says no under one closes the other. Have the client join "
        "these records, or an INS that is wrong taken away ('liasse patient detach').",
    ),
    "import-same-traits": (
        "{count} références ont les mêmes noms et date de naissance qu'une autre, sans qu'un INS les distingue ; "
        "chacune est jugée seule. Faites compléter l'INS chez le client : un refus sous l'une ne ferme pas l'autre.",
        "{count} references have the names and birth date of another one, and no INS tells them apart; each is judged "
        "alone. Have the client fill in the INS: a refusal under one does not close the other.",
    ),
    "import-unread": ("colonnes non lues : {names}", "columns that were not read: {names}"),
    "import-would": (
        "effet sur les documents concernés : {go_on} reprendraient, {stop} s'arrêteraient, {otherwise} changeraient de "
        "motif, {close} seraient scellés pour le client, {restrict} seraient limités, {lift} ne le seraient plus ; "
        "{propose_deletion} suppressions seraient proposées",
        "effect on documents concerned: {go_on} would go on, {stop} would stop, {otherwise} would have another reason, "
        "{close} would be sealed for the client, {restrict} would be restricted, {lift} no longer; "
        "{propose_deletion} deletions would be proposed",
    ),
    "import-would-close": (
        "ATTENTION, sans retour : pour {close} documents le poste détruirait sa clé ; seuls la clé privée du client, "
        "ou le papier numérisé de nouveau, les rendraient. Vérifiez les refus et les retraits de ce fichier.",
        "WARNING, no way back: of {close} documents the station would destroy its key; only the client's private key, "
        "or the paper scanned anew, would bring them back. Check this file's refusals and withdrawals.",
    ),
    "import-done": (
        "import {id}, annulable par « liasse authorization undo {id} »",
        "import {id}, taken back by `liasse authorization undo {id}`",
    ),
    "import-restricted": (
        "{count} document(s) déposé(s) ne se lisent plus que pour un motif prévu ; les suppressions proposées, s'il y "
        "en a : liasse deletion list",
        "{count} deposited document(s) may be read for a stated reason alone; the deletions proposed, if any: "
        "liasse deletion list",
    ),
    "import-rejudged": (
        "documents concernés : {gone_on} reprennent, {held_back} attendent qu'une personne en confirme le nombre "
        "(« liasse refusal list »), {otherwise} changent de motif, {closed} scellés pour le client, {restricted} "
        "limités, {lifted} ne le sont plus",
        "documents concerned: {gone_on} go on, {held_back} wait for a person to confirm how many "
        "('liasse refusal list'), {otherwise} have another reason, {closed} sealed for the client, {restricted} "
        "restricted, {lifted} no longer",
    ),
    "undo-sum": (
        "{facts} faits de cet import : {retracted} annulés ; {doubted} patients en doute, dont le contrôle reste fermé",
        "{facts} facts of this import: {retracted} taken back; {doubted} patients in doubt, for whom the gate "
        "stays closed",
    ),
    "export-done": ("{facts} faits de {patients} patients : {path}", "{facts} facts of {patients} patients: {path}"),
    "fact-recorded": ("enregistré : {fact}", "recorded: {fact}"),
    "fact-known": ("déjà connu : rien n'a été ajouté", "known already: nothing was added"),
    "register-day": (
        "{patient} au {on}, selon ce qui était connu le {known} et selon le contrat d'aujourd'hui :",
        "{patient} on {on}, by what was known on {known} and under today's contract:",
    ),
    "register-same-person": (
        "La référence {patient} a le même INS : ce qui y dit non ferme ici aussi, et se règle sous cette référence. Si "
        "l'un de ces INS est faux : « liasse patient detach ».",
        "The reference {patient} has the same INS: what says no there closes here too, and is settled under that "
        "reference. If one of these INS is wrong: 'liasse patient detach'.",
    ),
    "fact-evidence": ("preuve : {evidence}", "evidence: {evidence}"),
    "fact-evidence-on": ("du {on}", "of {on}"),
    "fact-evidence-witness": ("devant témoin", "before a witness"),
    "fact-types": ("types : {types}", "types: {types}"),
    "fact-purposes": ("finalités : {purposes}", "purposes: {purposes}"),
    "record-patient": ("Patient : {traits}", "Patient: {traits}"),
    "ask-record": ("Enregistrer cela de ce patient ?", "Record this of this patient?"),
    "record-not-done": ("Rien n'a été enregistré.", "Nothing was recorded."),
    "register-answer": ("{type} : {answer}", "{type}: {answer}"),
    "register-any-type": ("type inconnu", "type unknown"),
    "register-cleared": ("feu vert", "cleared"),
    "import-dry": ("essai à blanc : rien n'a été enregistré", "dry run: nothing was recorded"),
}
