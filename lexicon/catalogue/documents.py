"""Faults of documents in hand or at the host, and of what is decided about them."""

from typing import Final

from lexicon.sentences import Sentence

DOCUMENTS: Final[dict[str, Sentence]] = {
    "already-settled": Sentence(
        "Le sort d'un document ({document}) allait être fixé deux fois.",
        "Arrêtez le poste et signalez-le à l'éditeur : c'est un défaut du programme.",
        "What became of a document ({document}) was about to be settled twice.",
        "Stop the station and report it to the makers: this is a defect of the program.",
    ),
    "page-unknown": Sentence(
        "Aucun fichier n'a ce numéro, ou il n'a pas de page {page}.",
        "« liasse page list » donne le numéro du fichier et la page.",
        "No file has this number, or it has no page {page}.",
        "'liasse page list' gives the file's number and the page.",
    ),
    "page-not-left-out": Sentence(
        "La page {page} n'est ni vierge ni en double : elle est déjà dans son document, ou c'est un intercalaire.",
        "« liasse page list --blank » et « liasse page list --duplicate » donnent les pages écartées.",
        "Page {page} is neither blank nor a duplicate: it is in its document already, or it is a separator.",
        "'liasse page list --blank' and 'liasse page list --duplicate' give the pages that were left out.",
    ),
    "page-gone": Sentence(
        "Le poste n'a plus l'image de la page {page} : elle est partie avec les copies de travail de son document.",
        "Numérisez la feuille de nouveau, derrière un intercalaire du même patient.",
        "The station no longer has the image of page {page}: it went with its document's working copies.",
        "Scan the sheet again, behind a separator of the same patient.",
    ),
    "page-under-way": Sentence(
        "Le document de la page {page} est scellé et part chez l'hébergeur, sans elle.",
        "Numérisez la feuille de nouveau, derrière un intercalaire du même patient.",
        "The document of page {page} is sealed and on its way to the host, without it.",
        "Scan the sheet again, behind a separator of the same patient.",
    ),
    "file-not-set-aside": Sentence(
        "Aucun fichier écarté de ce lot ne porte ce numéro.",
        "Cherchez-le avec « liasse batch show » ou « liasse refusal list ».",
        "No file of this batch that is set aside has this number.",
        "Look for it with 'liasse batch show' or 'liasse refusal list'.",
    ),
    "closed-missing": Sentence(
        "L'original scellé de ce document clos ({document}) n'est plus sur le poste.",
        "Remettez le fichier qui porte ce numéro dans le dossier « quarantine » du poste, ou numérisez le papier.",
        "The sealed original of this closed document ({document}) is no longer on the station.",
        "Put the file of this number back into the station's folder 'quarantine', or scan the paper again.",
    ),
    "document-not-closed": Sentence(
        "Ce document ({document}) n'est pas clos : la clé du client n'a rien à y ouvrir.",
        "« liasse document show » dit ce qu'il est devenu, et pourquoi.",
        "This document ({document}) is not closed: there is nothing for the client's key to open.",
        "'liasse document show' says what became of it, and why.",
    ),
    "document-not-kept": Sentence(
        "Ce document ({document}) n'est pas gardé par le poste : aucun refus n'est à maintenir.",
        "« liasse document show » dit ce qu'il est devenu : en cours, déposé, ou déjà détruit.",
        "This document ({document}) is not kept by the station: there is no refusal to maintain.",
        "'liasse document show' says what became of it: on its way, deposited, or destroyed already.",
    ),
    "quarantine-overdue": Sentence(
        "{documents} document(s), fichier(s) ou formulaire(s) en attente sont lisibles par le poste depuis plus de "
        "{days} jours ([quarantine] max_days), et ne sont pas scellés pour le client.",
        "Lancez « liasse watch », ou « liasse process » sur un dossier vide ; ce qui reste est illisible, le journal "
        "dit pourquoi (not-closed) : rendez le papier.",
        "{documents} document(s), file(s) or held form(s) have been readable by the station for more than {days} days "
        "([quarantine] max_days), and are not sealed for the client.",
        "Run 'liasse watch', or 'liasse process' on an empty folder; what is left cannot be read, the log says why "
        "(not-closed): give the paper back.",
    ),
    "file-closed": Sentence(
        "Ce fichier écarté ({file}) est scellé pour le client ; le poste ne peut plus l'ouvrir.",
        "Numérisez le papier de nouveau ; sinon, le client ouvre le fichier scellé avec sa clé, et on le redépose.",
        "This file that was set aside ({file}) is sealed for the client; the station cannot open it any more.",
        "Scan the paper again; otherwise the client opens the sealed file with the private key, and drops it anew.",
    ),
    "deletions-due": Sentence(
        "{deletions} suppression(s) confirmée(s) sont à exécuter maintenant chez l'hébergeur.",
        "Lancez « liasse deletion execute ».",
        "{deletions} confirmed deletion(s) are to be executed at the host now.",
        "Run 'liasse deletion execute'.",
    ),
    "deletion-forged": Sentence(
        "La base dit de la suppression {deletion} ce que le registre de traçabilité ne dit pas : confirmations, ordre, "
        "conservation, papier détruit, patient, ou place de l'objet chez l'hébergeur. Rien n'a été supprimé.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable : quelqu'un a écrit dans la base.",
        "The database says of the deletion {deletion} what the custody ledger does not: confirmations, order, hold, "
        "destroyed paper, patient, or where the object lies at the host. Nothing was deleted.",
        "Stop the station, keep it as it is and tell the person in charge: somebody has written into the database.",
    ),
    "deletion-ended": Sentence(
        "Cette suppression n'attend plus cela : elle est « {state} ».",
        "Voyez où elle en est avec « liasse deletion show ».",
        "This deletion does not wait for that any more: it is `{state}`.",
        "See where it stands with 'liasse deletion show'.",
    ),
    "deletion-held": Sentence(
        "Une conservation s'oppose à cette suppression (réclamation, inspection).",
        "Faites lever la conservation (« liasse deletion release-hold »), ou demandez un ordre écrit du responsable de "
        "traitement (« liasse deletion order »).",
        "A hold forbids this deletion (a claim, an inspection).",
        "Have the hold lifted ('liasse deletion release-hold'), or ask for the controller's order in writing "
        "('liasse deletion order').",
    ),
    "deletion-not-confirmed": Sentence(
        "Deux personnes n'ont pas encore confirmé cette suppression.",
        "Faites-la confirmer : « liasse deletion confirm », par deux personnes différentes.",
        "Two people have not confirmed this deletion yet.",
        "Have it confirmed: 'liasse deletion confirm', by two different people.",
    ),
    "deletion-paper-destroyed": Sentence(
        "Du papier a été détruit : le dépôt est peut-être tout ce qui reste de ce document.",
        "Demandez un ordre écrit du responsable de traitement, puis « liasse deletion order ».",
        "Paper was destroyed: the deposit may be all that is left of this document.",
        "Ask for the controller's order in writing, then 'liasse deletion order'.",
    ),
    "deletion-too-soon": Sentence(
        "Le délai de réflexion de cette suppression court jusqu'au {until}.",
        "Confirmez-la après cette date ; si le patient autorise de nouveau d'ici là, elle est annulée.",
        "The cooling-off of this deletion lasts until {until}.",
        "Confirm it after that day; if the patient authorizes again before, it is cancelled.",
    ),
    "deletion-unknown": Sentence(
        "Aucune suppression ne porte ce numéro.",
        "Cherchez-la avec « liasse deletion list ».",
        "No deletion has this number.",
        "Look for it with 'liasse deletion list'.",
    ),
    "document-deleted": Sentence(
        "Ce document a été supprimé chez l'hébergeur, ou est en train de l'être.",
        "« liasse deletion list » dit quand, et par qui ; l'attestation signée est dans « liasse deletion show ».",
        "This document was deleted at the host, or is about to be.",
        "'liasse deletion list' says when, and by whom; 'liasse deletion show' writes the signed statement.",
    ),
    "document-held": Sentence(
        "Une conservation porte sur ce document ou sur son patient (réclamation, inspection) : rien n'en est détruit.",
        "Faites-la lever par le responsable de traitement (« liasse deletion holds », puis « liasse deletion "
        "release-hold »), et recommencez.",
        "A hold stands on this document or its patient (a claim, an inspection): nothing of it is destroyed.",
        "Have the controller lift it ('liasse deletion holds', 'liasse deletion release-hold'), then try again.",
    ),
    "document-not-curable": Sentence(
        "Le document {document} n'est pas gardé sous la clé du poste : il ne peut pas repartir ainsi.",
        "S'il est clos, seul le client peut le rouvrir (« liasse release ») ; sinon, numérisez de nouveau le papier.",
        "The document {document} is not kept under the station's key: it cannot go on in this way.",
        "If it is closed, only the client can release it ('liasse release'); otherwise scan the paper again.",
    ),
    "document-restricted": Sentence(
        "Ce document est limité : le patient a dit non depuis son dépôt ({reason}).",
        "Il n'est lu que par le responsable de traitement, pour un motif de l'article 18(2) du RGPD : "
        "--restricted-access MOTIF, avec son second facteur.",
        "This document is restricted: the patient said no since it was deposited ({reason}).",
        "Only the controller reads it, for a reason of RGPD article 18(2): --restricted-access REASON, with the second "
        "factor.",
    ),
    "document-not-deposited": Sentence(
        "Ce document n'est pas chez l'hébergeur.",
        "« liasse document show » dit ce qu'il est devenu, et pourquoi.",
        "This document is not at the host.",
        "'liasse document show' says what became of it, and why.",
    ),
    "document-unknown": Sentence(
        "Aucun document ne porte ce numéro.",
        "Cherchez-le avec « liasse document find --patient RÉFÉRENCE ».",
        "No document has this number.",
        "Look for it with 'liasse document find --patient REFERENCE'.",
    ),
    "hold-unknown": Sentence(
        "Aucune conservation en vigueur ne porte ce numéro.",
        "Cherchez-la avec « liasse deletion holds ».",
        "No hold in force has this number.",
        "Look for it with 'liasse deletion holds'.",
    ),
    "release-count-differs": Sentence(
        "{waiting} document(s) attendent d'être confirmés : ce n'est pas le nombre donné.",
        "Vérifiez pourquoi il y en a tant (« liasse refusal list »), puis donnez le nombre juste.",
        "{waiting} document(s) wait to be confirmed: that is not the count given.",
        "See why there are so many ('liasse refusal list'), then give the right count.",
    ),
    "sealed-missing": Sentence(
        "L'enveloppe scellée d'un document ({document}) n'est plus sur le poste, et son accusé manque.",
        "Ne relancez pas : restaurez le dossier « sealed » depuis la sauvegarde, ou prévenez l'éditeur.",
        "A document's sealed envelope ({document}) is no longer on the station, and its receipt is missing.",
        "Do not run again: restore the folder 'sealed' from the backup, or tell the makers.",
    ),
}
