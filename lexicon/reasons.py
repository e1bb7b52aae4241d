"""Why a document is not deposited, or an image stands in its column: said to operator, reviewer and client."""

from typing import Final

from lexicon.sentences import Sentence

_FR_ON: Final = "Le document repart alors de lui-même : ne le numérisez pas de nouveau, sauf si sa copie est perdue."
_EN_ON: Final = "The document then goes on by itself: do not scan it again, unless its copy is lost."
"""Of what the station keeps under its own key: scanned again, it would be deposited twice."""
_FR_APART: Final = (
    "Mettez le papier à part : il sera rendu par bordereau (« liasse refusal slip »), une fois le refus maintenu."
)
_EN_APART: Final = (
    "Set the paper apart: it is given back by a slip ('liasse refusal slip') once the refusal is maintained."
)
_FR_REOPENED: Final = "Après une nouvelle autorisation, le client rouvre le document (« liasse release »)."
_EN_REOPENED: Final = "After a new authorization, the client opens the document ('liasse release')."

GATE: Final[dict[str, Sentence]] = {
    "register-unreadable": Sentence(
        "Le registre des autorisations n'a pas pu être lu.",
        f"Lancez « liasse doctor » et remédiez. {_FR_ON}",
        "The register of authorizations could not be read.",
        f"Run 'liasse doctor' and mend. {_EN_ON}",
    ),
    "clock-untrusted": Sentence(
        "L'heure du poste n'est pas sûre (en retard sur le registre, ou changée) : aucune autorisation ne peut être "
        "jugée.",
        "Remettez l'horloge à l'heure (NTP), puis relancez le démon. Si le registre est en avance (« liasse custody "
        f"clock »), acceptez l'heure avec « --accept ». {_FR_ON}",
        "The station's clock is not sure (behind the ledger, or changed): no authorization can be judged.",
        "Set the clock right (NTP), then start the daemon again. If the ledger is what is ahead ('liasse custody "
        f"clock'), accept the time with '--accept'. {_EN_ON}",
    ),
    "patient-unknown": Sentence(
        "La référence de l'intercalaire n'est pas dans le fichier des patients.",
        "Importez le fichier des patients à jour (« liasse patient import ») ; si la référence est fausse, faites-la "
        f"corriger (« liasse refusal review correct-identity »). {_FR_ON}",
        "The separator's reference is not in the roster.",
        "Import the roster anew ('liasse patient import'); where the reference is wrong, have it corrected ('liasse "
        f"refusal review correct-identity'). {_EN_ON}",
    ),
    "register-stale": Sentence(
        "Le registre des autorisations est plus ancien que le contrat ne l'admet.",
        f"Importez le registre à jour, en entier (« liasse authorization import »). {_FR_ON}",
        "The register of authorizations is older than the contract allows.",
        f"Import the register anew, the whole of it ('liasse authorization import'). {_EN_ON}",
    ),
    "deceased": Sentence(
        "Le patient est décédé : son autorisation ne vaut plus.",
        "Mettez le papier à part : le responsable de traitement décide de la suite (Code du travail L.4624-8, "
        "R.4624-45-9 ; CSP L.1110-4). Un décès enregistré par erreur au poste se reprend, à deux (« liasse "
        "authorization settle --retract »).",
        "The patient has died: the authorization does not hold any more.",
        "Set the paper apart: what comes next is the controller's decision (Code du travail L.4624-8, R.4624-45-9; "
        "CSP L.1110-4). A death recorded at the station by mistake is taken back by two people ('liasse authorization "
        "settle --retract').",
    ),
    "opposition": Sentence(
        "Le patient s'est opposé, pour un motif légitime, à l'hébergement de ses données (CSP L.1111-8).",
        "Prévenez le responsable de traitement ; le contrôle ne rouvre que si le patient lève cette opposition, ou si "
        f"le responsable, par écrit, ne la retient pas (« liasse authorization dismiss »). {_FR_APART}",
        "The patient objected, on a legitimate ground, to the hosting of the data (CSP L.1111-8).",
        "Tell the controller; the gate opens only if the patient lifts this objection, or if the controller, in "
        f"writing, does not uphold it ('liasse authorization dismiss'). {_EN_APART}",
    ),
    "opposition-access": Sentence(
        "Le patient s'est opposé à l'accès des autres professionnels à son dossier (Code du travail L.4624-8).",
        "Prévenez le responsable de traitement, qui décide de ce dossier ; seul un fait postérieur qui lève cette "
        f"opposition rouvrirait le contrôle. {_FR_APART}",
        "The patient objected to other professionals' access to the record (Code du travail L.4624-8).",
        "Tell the controller, who decides on this record; only a later fact that lifts this objection would open the "
        f"gate. {_EN_APART}",
    ),
    "opposition-transmission": Sentence(
        "Le patient s'est opposé à la transmission de son dossier à un autre service (Code du travail L.4624-8).",
        "Prévenez le responsable de traitement, qui décide de ce dossier ; seul un fait postérieur qui lève cette "
        f"opposition rouvrirait le contrôle. {_FR_APART}",
        "The patient objected to the record's transmission to another service (Code du travail L.4624-8).",
        "Tell the controller, who decides on this record; only a later fact that lifts this objection would open the "
        f"gate. {_EN_APART}",
    ),
    "contradictory": Sentence(
        "Deux faits du même jour se contredisent.",
        "Faites trancher par une personne habilitée (« liasse authorization settle »), ou enregistrez ce que le "
        "patient a dit depuis.",
        "Two facts of one day contradict each other.",
        "Have an enrolled person decide ('liasse authorization settle'), or record what the patient has said since.",
    ),
    "doubted": Sentence(
        "Une ligne de registre inutilisable, ou reprise par l'annulation d'un import, était peut-être un refus ou un "
        "retrait de ce patient ; ou plus de vingt références ont son INS, et nul ne sait ce qui est dit sous elles.",
        "Corrigez la ligne refusée et importez de nouveau le fichier ; si le doute reste, faites trancher par une "
        f"personne habilitée (« liasse authorization settle --lift-doubt »). D'un INS de trop de références, faites "
        f"retirer celles dont il n'est pas (« liasse patient detach »). {_FR_ON}",
        "A line of a register that could not be used, or that was taken back with its import, may have been this "
        "patient's refusal or withdrawal; or more than twenty references have the INS, and nobody knows what is said "
        "under them.",
        "Correct the refused line and import the file again; if the doubt stays, have an enrolled person decide "
        f"('liasse authorization settle --lift-doubt'). Of an INS of too many references, have it taken from those "
        f"whose it is not ('liasse patient detach'). {_EN_ON}",
    ),
    "refused": Sentence(
        "Le patient a refusé la numérisation.",
        f"{_FR_APART} {_FR_REOPENED}",
        "The patient refused digitization.",
        f"{_EN_APART} {_EN_REOPENED}",
    ),
    "withdrawn": Sentence(
        "Le patient a retiré son autorisation.",
        f"{_FR_APART} {_FR_REOPENED}",
        "The patient withdrew the authorization.",
        f"{_EN_APART} {_EN_REOPENED}",
    ),
    "no-authorization": Sentence(
        "Aucune autorisation n'est enregistrée pour ce patient.",
        f"Demandez-la et enregistrez-la (« liasse authorization import »). {_FR_ON}",
        "No authorization is on record for this patient.",
        f"Ask for it and record it ('liasse authorization import'). {_EN_ON}",
    ),
    "not-yet-in-force": Sentence(
        "L'autorisation du patient ne vaut pas encore.",
        f"Attendez le jour où elle prend effet. {_FR_ON}",
        "The patient's authorization is not in force yet.",
        f"Wait for the day from which it holds. {_EN_ON}",
    ),
    "expired": Sentence(
        "L'autorisation du patient est arrivée à son terme.",
        f"Demandez une nouvelle autorisation. {_FR_REOPENED} {_FR_APART}",
        "The patient's authorization has ended.",
        f"Ask for a new authorization. {_EN_REOPENED} {_EN_APART}",
    ),
    "authority-ended": Sentence(
        "La personne qui a autorisé au nom du patient n'en a plus le pouvoir (majorité, fin de mesure).",
        "Demandez son autorisation au patient lui-même, ou à qui le représente aujourd'hui. "
        f"{_FR_REOPENED} {_FR_APART}",
        "Whoever authorized in the patient's name may not any more (the patient came of age, the measure ended).",
        f"Ask the patient, or whoever stands for the patient today, for an authorization. {_EN_REOPENED} {_EN_APART}",
    ),
    "type-needed": Sentence(
        "L'autorisation est limitée à certains types de document et l'intercalaire n'en indique aucun.",
        f"Faites dire le type du document (« liasse refusal review correct-identity --type »). {_FR_ON}",
        "The authorization is limited to some document types, and the separator names none.",
        f"Have the document's type said ('liasse refusal review correct-identity --type'). {_EN_ON}",
    ),
    "out-of-scope": Sentence(
        "L'autorisation du patient ne couvre pas ce type de document.",
        f"Demandez une autorisation plus large. {_FR_REOPENED} {_FR_APART}",
        "The patient's authorization does not cover this document type.",
        f"Ask for a wider authorization. {_EN_REOPENED} {_EN_APART}",
    ),
    "information-missing": Sentence(
        "Aucune information du patient n'est enregistrée ; le contrat l'exige.",
        f"Informez le patient et enregistrez-le (statut « information »). {_FR_ON}",
        "No information notice to the patient is on record; the contract requires one.",
        f"Inform the patient and record it (status 'information'). {_EN_ON}",
    ),
    "evidence-missing": Sentence(
        "L'autorisation est enregistrée sans preuve ; le contrat en exige une.",
        f"Enregistrez la référence du formulaire signé (colonne « preuve »). {_FR_ON}",
        "The authorization is on record without evidence; the contract requires some.",
        f"Record the signed form's reference (column 'preuve'). {_EN_ON}",
    ),
    "evidence-unchecked": Sentence(
        "Personne n'a encore vérifié la preuve de l'autorisation ; le contrat l'exige.",
        "Faites vérifier le formulaire par une personne habilitée (« liasse authorization list --unchecked », puis "
        f"« liasse authorization check »). {_FR_ON}",
        "Nobody has checked the authorization's evidence yet; the contract requires it.",
        "Have an enrolled person check the form ('liasse authorization list --unchecked', then 'liasse authorization "
        f"check'). {_EN_ON}",
    ),
}

HELD: Final[dict[str, Sentence]] = {
    "no-separator": Sentence(
        "Aucun intercalaire ne précède ces pages : on ne sait pas de qui elles sont.",
        "Placez un intercalaire devant le document, puis numérisez-le de nouveau.",
        "No separator stands before these pages: nobody knows whose they are.",
        "Put a separator before the document, then scan it again.",
    ),
    "separator-damaged": Sentence(
        "L'intercalaire de ces pages est illisible ou abîmé.",
        "Réimprimez l'intercalaire, puis numérisez le document de nouveau.",
        "The separator of these pages is unreadable or damaged.",
        "Print the separator again, then scan the document again.",
    ),
    "identity-conflict": Sentence(
        "Une page porte l'identité d'un autre patient que l'intercalaire.",
        "Vérifiez le papier : retirez la feuille étrangère ou corrigez l'intercalaire, puis numérisez de nouveau.",
        "A page bears the identity of another patient than the separator's.",
        "Check the paper: take the stray sheet out or correct the separator, then scan again.",
    ),
    "page-unread": Sentence(
        "Une page n'a pas pu être lue à temps : on ne sait pas si elle porte l'identité d'un autre patient.",
        "Numérisez-la de nouveau, plus nette, ou augmentez [ocr] page_seconds.",
        "A page could not be read in time: nobody knows whether it bears another patient's identity.",
        "Scan it again, sharper, or raise [ocr] page_seconds.",
    ),
    "already-deposited": Sentence(
        "Un document est déjà venu sous le même intercalaire.",
        "Si c'est une correction, utilisez un nouvel intercalaire ; sinon, retirez le doublon.",
        "A document came under the same separator before.",
        "If this is a correction, use a new separator; otherwise take the duplicate out.",
    ),
    "continues-earlier-file": Sentence(
        "Le fichier commence par les pages d'un fichier déjà pris : le scanner l'a complété après une pause. Ce "
        "document en a au moins une en commun avec un document déjà parti.",
        "Comptez ses pages sur le papier. Si l'exemplaire déposé est complet, faites écarter celui-ci ; sinon, faites "
        "supprimer l'exemplaire incomplet et numérisez de nouveau, d'une traite, sous un nouvel intercalaire. "
        "Augmentez inbox.settle.",
        "The file begins with the pages of one that was taken before: the scanner added to it after a pause. This "
        "document shares at least one of them with a document that has gone.",
        "Count its pages on paper. Where the copy that was deposited is whole, have this one discarded; else have the "
        "incomplete copy deleted and scan again, in one go, under a new separator. Raise inbox.settle.",
    ),
    "form-among-records": Sentence(
        "Un formulaire d'autorisation a été numérisé avec des dossiers : ces pages n'entrent dans aucun dossier.",
        "Numérisez-le dans le dossier de dépôt des autorisations ; numérisez de nouveau ce qui le suivait.",
        "An authorization form was scanned among records: these pages go into no record.",
        "Scan it into the drop folder of authorizations; scan again what followed it.",
    ),
    "no-identity": Sentence(
        "Ni intercalaire ni page ne nomme, de façon sûre, un patient du fichier.",
        "Placez un intercalaire devant le document et numérisez-le de nouveau, ou faites dire de qui il est "
        "(« liasse refusal review correct-identity »).",
        "Neither a separator nor a page names, for certain, a patient of the roster.",
        "Put a separator before the document and scan it again, or have it said whose it is ('liasse refusal review "
        "correct-identity').",
    ),
    "one-source": Sentence(
        "Une seule source dit de qui est ce document ; la règle en demande deux qui concordent.",
        "Regardez le papier et faites dire de qui il est (« liasse refusal review correct-identity »), ou "
        "numérisez-le de nouveau derrière un intercalaire, plus net.",
        "One source alone says whose document this is; the rule asks for two that agree.",
        "Look at the paper and have it said whose it is ('liasse refusal review correct-identity'), or scan it again "
        "behind a separator, sharper.",
    ),
    "two-identities": Sentence(
        "Deux pages de ce document sont de deux patients : il manque sans doute un intercalaire.",
        "Séparez les feuilles, placez un intercalaire devant chaque document, puis numérisez-les de nouveau.",
        "Two pages of this document are two patients': a separator is missing, most likely.",
        "Part the sheets, put a separator before each document, then scan them again.",
    ),
    "not-announced": Sentence(
        "Le lot n'annonçait pas ce patient.",
        "Vérifiez que le papier est du bon carton ; puis faites dire de qui il est (« liasse refusal review "
        "correct-identity »), ou numérisez-le dans son lot.",
        "The batch did not announce this patient.",
        "Check that the paper is out of the right box; then have it said whose it is ('liasse refusal review "
        "correct-identity'), or scan it with its batch.",
    ),
    "test-identity": Sentence(
        "Une page porte une INS de test ou de démonstration ; ce poste est en production.",
        "Retirez la feuille d'essai : elle n'entre dans aucun dossier.",
        "A page bears an INS for tests or demonstrations; this station is in production.",
        "Take the trial sheet out: it goes into no record.",
    ),
    "production-identity": Sentence(
        "Une page porte une INS de production ; ce poste est un poste d'essai.",
        "Ne numérisez pas de vrais dossiers sur ce poste : mettez la feuille à part, et numérisez-la sur le poste en "
        "production.",
        "A page bears an INS of production; this is a trial station.",
        "Do not scan real records on this station: set the sheet apart, and scan it on the station in production.",
    ),
    "below-profile": Sentence(
        "Une page de ce document est en dessous de la qualité de numérisation convenue.",
        "« liasse page list --flagged » dit laquelle et pourquoi : numérisez-la de nouveau, ou faites confirmer de qui "
        "est le document (« liasse refusal review correct-identity ») pour le déposer tel quel.",
        "A page of this document is below the agreed scan quality.",
        "'liasse page list --flagged' says which and why: scan it again, or have it confirmed whose the document is "
        "('liasse refusal review correct-identity') to deposit it as it is.",
    ),
    "batch-unconfirmed": Sentence(
        "Le lot de ce document n'est pas compté comme annoncé, ou pas encore ; ou le contrat demande qu'une personne "
        "confirme chaque lot.",
        "Quand tout le lot est passé et que les comptes sont justes, le document repart de lui-même. Sinon "
        "« liasse batch show » dit l'écart : numérisez ce qui manque sous le même nom, ou « liasse batch confirm » une "
        "fois le lot clos.",
        "This document's batch is not counted as announced, or not yet; or the contract asks that a person confirms "
        "each batch.",
        "Once the whole batch has come and its counts are right, the document goes on by itself. Otherwise "
        "'liasse batch show' tells the difference: scan what is missing under the same name, or 'liasse batch confirm' "
        "once the batch is closed.",
    ),
    "not-pdfa": Sentence(
        "La copie n'a pas été reconnue conforme au PDF/A ou fidèle à l'image : elle n'est pas déposée.",
        "C'est un défaut du poste, pas de la feuille : transmettez le numéro du document à l'éditeur.",
        "The copy was not found to conform to PDF/A or to look like the scan: it is not deposited.",
        "The fault is the station's, not the sheet's: send the document's number to the makers.",
    ),
}

ASIDE: Final[dict[str, Sentence]] = {
    "lost-with-station": Sentence(
        "Ces pages étaient en cours, ou gardées, sur une machine perdue ; rien n'en est resté.",
        "Reprenez le papier et numérisez-le de nouveau.",
        "These pages were on their way, or kept, on a machine that was lost; nothing of them is left.",
        "Take the paper and scan it again.",
    ),
    "cancelled": Sentence(
        "Une personne a arrêté ce travail.",
        "Reprenez-le (« liasse task resume ») ou écartez-le (« liasse task abandon »).",
        "A person stopped this work.",
        "Let it go on ('liasse task resume'), or set it aside ('liasse task abandon').",
    ),
    "dead-letter": Sentence(
        "Ce travail n'a pas abouti après tous ses essais ; il n'avance plus de lui-même.",
        "Voyez la panne (« liasse task list ») ; puis « liasse task resume », ou « liasse task abandon ».",
        "This work did not succeed in all its attempts; it does not go on by itself any more.",
        "See the fault ('liasse task list'); once it is mended, 'liasse task resume'; otherwise 'liasse task abandon'.",
    ),
    "abandoned": Sentence(
        "Une personne a renoncé à ce travail, qui n'avançait plus.",
        "Les pages sont gardées chiffrées ; numérisez le papier de nouveau.",
        "A person gave up this work, which did not go on any more.",
        "The pages are kept encrypted; scan the paper again.",
    ),
    "duplicate-file": Sentence(
        "Ce fichier est déjà venu, octet pour octet.",
        "Rien à faire. Si l'un de ses documents n'a pas été déposé, repassez le papier au scanner.",
        "This very file came before, byte for byte.",
        "Nothing to do. If one of its documents was not deposited, put the paper through the scanner again.",
    ),
    "unexpected-fault": Sentence(
        "Ce fichier a mis un programme en défaut.",
        "Numérisez la feuille de nouveau ; si cela se répète, transmettez son numéro à l'éditeur.",
        "This file broke a program.",
        "Scan the sheet again; if it comes back, send its number to the makers.",
    ),
}

FORMS: Final[dict[str, Sentence]] = {
    "form-unchecked": Sentence(
        "Un formulaire signé est revenu ; personne ne l'a encore lu.",
        "Regardez-le (« liasse authorization forms show »), puis dites ce qui est coché "
        "(« liasse authorization forms check »).",
        "A signed form came back; nobody has read it yet.",
        "Look at it ('liasse authorization forms show'), then say what is ticked ('liasse authorization forms check').",
    ),
    "form-unmatched": Sentence(
        "Des pages écrites, sans code de formulaire, sont venues parmi les autorisations ; elles ne partent pas.",
        "Regardez-les. Le verso écrit d'un formulaire, juste à côté : « liasse authorization forms assign ». Un "
        "dossier médical : numérisez-le dans son dossier de dépôt, puis « liasse authorization forms discard ».",
        "Written pages without a form's code came among the authorizations; they are sent nowhere.",
        "Look at them. A form's written back, directly beside it: 'liasse authorization forms assign'. A medical "
        "record: scan it into its drop folder, then 'liasse authorization forms discard'.",
    ),
    "form-unknown": Sentence(
        "Ce formulaire n'a pas été imprimé par ce poste, ou le poste l'a oublié.",
        "Faites-en imprimer et signer un autre, puis écartez ces pages (« liasse authorization forms discard »).",
        "This form was not printed by this station, or the station has forgotten it.",
        "Have another printed and signed, then discard these pages ('liasse authorization forms discard').",
    ),
    "form-of-another-station": Sentence(
        "Ce formulaire est d'un autre poste, donc d'un autre client.",
        "Remettez le papier au bon poste, puis écartez ces pages (« liasse authorization forms discard »).",
        "This form is another station's, so another client's.",
        "Give the paper to the right station, then discard these pages ('liasse authorization forms discard').",
    ),
    "form-code-damaged": Sentence(
        "Un code de formulaire est là, et personne ne peut le lire.",
        "Numérisez la feuille de nouveau, ou tapez le numéro imprimé en bas (« liasse authorization forms assign »).",
        "There is a form's code, and nobody can read it.",
        "Scan the sheet again, or type the number that is printed at its foot ('liasse authorization forms assign').",
    ),
    "form-page-missing": Sentence(
        "La page à signer manque : seule la note d'information est revenue.",
        "Numérisez la dernière page du formulaire, puis écartez celle-ci (« liasse authorization forms discard »).",
        "The page to sign is missing: the information notice alone came back.",
        "Scan the form's last page, then discard this one ('liasse authorization forms discard').",
    ),
    "separator-among-forms": Sentence(
        "Un intercalaire est venu parmi les autorisations : un dossier dans le mauvais dossier de dépôt.",
        "Numérisez ces feuilles dans le dossier de dépôt des dossiers médicaux, puis écartez ces pages "
        "(« liasse authorization forms discard »).",
        "A separator came among the authorizations: a record in the wrong drop folder.",
        "Scan these sheets into the drop folder of records, then discard these pages "
        "('liasse authorization forms discard').",
    ),
}
"""Why something that came into an inbox of authorizations waits for a person."""

REASONS: Final[dict[str, Sentence]] = {**GATE, **HELD, **ASIDE, **FORMS}
