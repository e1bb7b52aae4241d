"""Every fault and every reason, said in French and English. Keys are slugs; a test holds this list against the code."""

from typing import Final

from lexicon.alarms import ALARMS
from lexicon.reasons import REASONS
from lexicon.sentences import Sentence

__all__ = ["ALARMS", "FAULTS", "FLAWS", "LINES", "REASONS"]

FAULTS: Final[dict[str, Sentence]] = {
    # People and reviews
    "authorization-unfit": Sentence(
        "Cette autorisation ne se tient pas ({field}).",
        "Corrigez : une fin d'avant le début, une parole sans témoin, une preuve sans référence ni fichier.",
        "This authorization does not hold together ({field}).",
        "Correct it: an end before the beginning, a word without a witness, evidence without a reference or a file.",
    ),
    "evidence-unreadable": Sentence(
        "Le fichier de la preuve ne peut pas être lu.",
        "Vérifiez le chemin et les droits, puis recommencez.",
        "The evidence's file cannot be read.",
        "Check the path and the rights, then try again.",
    ),
    "fact-known-already": Sentence(
        "Ce fait est déjà enregistré, mot pour mot.",
        "Rien à faire ; voyez les faits du document : « liasse refusal show ».",
        "This fact is on record already, word for word.",
        "Nothing to do; see the document's facts: 'liasse refusal show'.",
    ),
    "fact-not-checkable": Sentence(
        "Ce fait n'est pas une autorisation dont une preuve puisse être regardée.",
        "Voyez les faits et leurs numéros : « liasse refusal show ».",
        "This fact is no authorization with evidence to look at.",
        "See the facts and their numbers: 'liasse refusal show'.",
    ),
    "fact-unknown": Sentence(
        "Aucun fait en vigueur ne porte ce numéro.",
        "Voyez les faits et leurs numéros : « liasse refusal show ».",
        "No fact that stands has this number.",
        "See the facts and their numbers: 'liasse refusal show'.",
    ),
    "identity-unchanged": Sentence(
        "Le document est déjà de ce patient et de ce type.",
        "Donnez la référence du bon patient, ou le type qui manque.",
        "The document is this patient's and of this type already.",
        "Give the right patient's reference, or the type that is missing.",
    ),
    "nothing-to-settle": Sentence(
        "Ces faits ne se contredisent pas, ou leur retrait ne trancherait pas.",
        "Retirez un seul côté de la contradiction (« liasse refusal show »). Ce qui fut enregistré au poste par "
        "erreur, un responsable le retire (--reason recorded-by-mistake, wrong-patient ou wrong-day) ; un import se "
        "reprend en entier (« liasse authorization undo »).",
        "These facts do not contradict each other, or retracting them would not settle it.",
        "Retract one side of the contradiction alone ('liasse refusal show'). What was recorded at the station by "
        "mistake a controller takes back (--reason recorded-by-mistake, wrong-patient or wrong-day); an import is "
        "taken back whole ('liasse authorization undo').",
    ),
    "opposition-not-dismissible": Sentence(
        "Aucune opposition à l'hébergement antérieure à ce jour ne vaut pour ce patient.",
        "Voyez ses faits (« liasse authorization show ») ; seule une opposition à l'hébergement peut ne pas être "
        "retenue, jamais celle à l'accès ou à la transmission.",
        "No opposition to hosting of an earlier day stands for this patient.",
        "See the facts ('liasse authorization show'); an opposition to access or to transmission cannot be dismissed.",
    ),
    "patient-without-ins": Sentence(
        "Cette référence n'a pas d'INS dans le fichier des patients du poste.",
        "Vérifiez la référence ; c'est celle qui porte un INS faux qu'il faut donner (« liasse authorization show » "
        "nomme celles qui ont le même).",
        "This reference has no INS on the station's roster.",
        "Check the reference; give the one that bears a wrong INS ('liasse authorization show' names those that have "
        "the same).",
    ),
    "review-count-differs": Sentence(
        "{waiting} documents sont concernés, et ce nombre n'a pas été confirmé : rien n'est fait.",
        "Regardez lesquels (« liasse refusal list »), puis donnez ce nombre : --count {waiting}.",
        "{waiting} documents are concerned, and that number was not confirmed: nothing is done.",
        "See which they are ('liasse refusal list'), then give that number: --count {waiting}.",
    ),
    "review-evidence-missing": Sentence(
        "Une identité ne se corrige pas sans preuve.",
        "Donnez par --evidence la référence de la pièce examinée, sans nom.",
        "An identity is not corrected without evidence.",
        "Give by --evidence the reference of what you have seen, without a name.",
    ),
    "review-forged": Sentence(
        "Une décision en attente a été modifiée par une autre main que Liasse.",
        "Arrêtez le poste, conservez-le en l'état, puis restaurez la sauvegarde précédente (« liasse restore »).",
        "A decision that waits was changed by another hand than Liasse's.",
        "Stop the station, keep it as it is, then restore the previous backup ('liasse restore').",
    ),
    "review-not-possible": Sentence(
        "Cela ne se décide pas de ce document, tel qu'il est.",
        "Voyez ce qui peut l'être : « liasse refusal list ».",
        "This cannot be decided of this document as it stands.",
        "See what can be: 'liasse refusal list'.",
    ),
    "review-not-waiting": Sentence(
        "Aucune décision n'attend sous ce numéro.",
        "Voyez celles qui attendent : « liasse refusal waiting ».",
        "No decision waits under this number.",
        "See those that wait: 'liasse refusal waiting'.",
    ),
    "review-overtaken": Sentence(
        "Ce dont il s'agit n'est plus comme au moment de la décision : elle ne vaut plus.",
        "Regardez de nouveau (« liasse refusal show »), puis décidez.",
        "What it is about is not as it was when it was decided: the decision does not count any more.",
        "Look again ('liasse refusal show'), then decide.",
    ),
    "second-person-same": Sentence(
        "Une deuxième personne doit confirmer ; celle-ci a déjà décidé.",
        "Faites confirmer par une autre personne : « liasse refusal confirm ».",
        "A second person has to confirm; this one has decided already.",
        "Have another person confirm: 'liasse refusal confirm'.",
    ),
    "act-differs": Sentence(
        "Le second facteur a été donné pour un autre acte que celui-ci.",
        "Arrêtez et signalez-le à l'éditeur : c'est un défaut du programme, ou une tentative.",
        "The second factor was given for another act than this one.",
        "Stop and report it to the makers: this is a defect of the program, or an attempt.",
    ),
    "first-person-administrator": Sentence(
        "La première personne d'un poste est un administrateur.",
        "Habilitez d'abord un administrateur (--role administrator) ; il habilitera les autres.",
        "The first person of a station is an administrator.",
        "Enrol an administrator first (--role administrator), who then enrols the others.",
    ),
    "identity-key-unreadable": Sentence(
        "La clé de la personne ne peut pas être lue, ou n'est pas d'une sorte admise.",
        "Donnez une clé PEM : Ed25519, P-256 ou P-384 ; son mot de passe est demandé, ou lu dans "
        "LIASSE_KEY_PASSPHRASE.",
        "The person's key cannot be read, or is of no kind that is taken.",
        "Give a PEM key: Ed25519, P-256 or P-384; its password is asked for, or read from LIASSE_KEY_PASSPHRASE.",
    ),
    "last-administrator": Sentence(
        "C'est le dernier administrateur en état d'habiliter quelqu'un.",
        "Habilitez d'abord un autre administrateur.",
        "This is the last administrator who can enrol anybody.",
        "Enrol another administrator first.",
    ),
    "administrator-alone": Sentence(
        "Un seul administrateur peut habiliter : s'il perd son second facteur, plus personne ne pourra l'être.",
        "Habilitez-en un deuxième : « liasse person enrol --role administrator --person NUMÉRO-ADMINISTRATEUR ».",
        "A single administrator can enrol people: without that second factor, nobody ever will again.",
        "Enrol another one: 'liasse person enrol --role administrator --person ADMINISTRATOR-NUMBER'.",
    ),
    "person-confirmation-wrong": Sentence(
        "Le code de l'appareil n'est pas celui de ce secret : personne n'a été enregistré.",
        "Recommencez : un nouveau secret est montré ; vérifiez l'heure de l'appareil.",
        "The device's code is not this secret's: nobody was recorded.",
        "Begin again: a new secret is shown; check the device's clock.",
    ),
    "person-disabled": Sentence(
        "Cette personne n'est plus habilitée.",
        "Faites agir une personne habilitée (« liasse person list »).",
        "This person is not enrolled any more.",
        "Have an enrolled person act ('liasse person list').",
    ),
    "person-forged": Sentence(
        "La table des personnes a été modifiée par une autre main que Liasse.",
        "Arrêtez le poste, conservez-le en l'état, puis restaurez la sauvegarde précédente (« liasse restore »).",
        "The table of people was changed by another hand than Liasse's.",
        "Stop the station, keep it as it is, then restore the previous backup ('liasse restore').",
    ),
    "person-gone": Sentence(
        "Aucune personne habilitée ne porte ce numéro.",
        "Cherchez-le avec « liasse person list ».",
        "No enrolled person has this number.",
        "Look for it with 'liasse person list'.",
    ),
    "person-locked": Sentence(
        "Cette personne est bloquée, après trop de preuves fausses.",
        "Un administrateur la débloque : « liasse person unlock ». Le seul administrateur d'un poste attend 24 heures.",
        "This person is locked, after too many wrong proofs.",
        "An administrator unlocks: 'liasse person unlock'. A station's only administrator waits for 24 hours.",
    ),
    "person-name-unfit": Sentence(
        "Le nom est vide, trop long, ou contient des caractères invisibles.",
        "Donnez le nom sur une ligne, de 200 caractères au plus.",
        "The name is empty, too long, or has characters that cannot be seen.",
        "Give the name on one line, of 200 characters at most.",
    ),
    "person-unknown": Sentence(
        "Personne n'est habilité sous ce numéro.",
        "Donnez --person et le numéro que montre « liasse person list ».",
        "Nobody is enrolled under this number.",
        "Give --person and the number that 'liasse person list' shows.",
    ),
    "role-insufficient": Sentence(
        "Le rôle de cette personne ({role}) ne permet pas cet acte.",
        "Faites agir une personne dont c'est le rôle (docs/reference/reviews.md).",
        "This person's role ({role}) does not allow this act.",
        "Have a person act whose role it is (docs/reference/reviews.md).",
    ),
    "second-factor-missing": Sentence(
        "Aucun second facteur n'a été donné.",
        "Tapez le code de l'appareil, ou donnez-le par --code -, --code-file, ou la clé par --identity-key.",
        "No second factor was given.",
        "Type the device's code, or give it by --code -, --code-file, or the key by --identity-key.",
    ),
    "second-factor-replayed": Sentence(
        "Ce code a déjà servi, ou cette signature n'est plus attendue.",
        "Attendez le code suivant (30 secondes au plus), puis recommencez.",
        "This code was used already, or this signature is not waited for any more.",
        "Wait for the next code (30 seconds at most), then try again.",
    ),
    "second-factor-too-soon": Sentence(
        "Après une preuve fausse, la suivante n'est lue qu'après un délai.",
        "Recommencez dans {seconds} seconde(s).",
        "After a wrong proof, the next one is looked at after a while only.",
        "Try again in {seconds} second(s).",
    ),
    "second-factor-wrong": Sentence(
        "Le second facteur n'est pas le bon.",
        "Vérifiez l'heure de l'appareil et du poste, puis recommencez ; trop d'erreurs bloquent la personne.",
        "The second factor is not right.",
        "Check the clocks of device and station, then try again; too many errors lock the person.",
    ),
    # Station and commands
    "already-running": Sentence(
        "Un autre programme Liasse travaille déjà sur ce poste.",
        "Attendez qu'il finisse, ou arrêtez-le (SIGTERM), puis relancez.",
        "Another Liasse program works on this station already.",
        "Wait for it to end, or stop it (SIGTERM), then run again.",
    ),
    "already-settled": Sentence(
        "Le sort d'un document ({document}) allait être fixé deux fois.",
        "Arrêtez le poste et signalez-le à l'éditeur : c'est un défaut du programme.",
        "What became of a document ({document}) was about to be settled twice.",
        "Stop the station and report it to the makers: this is a defect of the program.",
    ),
    "as-of-in-production": Sentence(
        "L'option --as-of n'est permise que sur un poste d'essai.",
        "Relancez sans --as-of : en production, le contrôle juge au jour présent.",
        "The option --as-of is allowed on a trial station only.",
        "Run again without --as-of: in production the gate judges on the present day.",
    ),
    "batch-unknown": Sentence(
        "Aucun lot ne porte ce numéro.",
        "Cherchez-le avec « liasse batch list ».",
        "No batch has this number.",
        "Look for it with 'liasse batch list'.",
    ),
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
    "file-not-set-aside": Sentence(
        "Aucun fichier écarté de ce lot ne porte ce numéro.",
        "Cherchez-le avec « liasse batch show » ou « liasse refusal list ».",
        "No file of this batch that is set aside has this number.",
        "Look for it with 'liasse batch show' or 'liasse refusal list'.",
    ),
    "box-overdrawn": Sentence(
        "Ce carton a apporté {received} feuilles, dont {already} sont déjà déclarées ainsi, ou n'y sont plus.",
        "Vérifiez le numéro du carton et le nombre ; déclarez d'abord ce qui a été reçu (« liasse box receive »).",
        "This box brought {received} sheets, of which {already} are declared so already, or are gone.",
        "Check the box's number and the count; declare first what was received ('liasse box receive').",
    ),
    "clock-untrusted": Sentence(
        "L'heure du poste n'est pas sûre : en retard sur le registre de traçabilité, ou changée en cours de route.",
        "Remettez l'horloge à l'heure (NTP) et relancez le démon ; jusque-là, le contrôle reste fermé.",
        "The station's clock is not sure: behind the custody ledger, or changed on the way.",
        "Set the clock right (NTP) and start the daemon again; until then the gate stays closed.",
    ),
    "clock-not-behind": Sentence(
        "L'horloge du poste n'est pas en retard sur le registre : il n'y a rien à accepter.",
        "Rien à faire.",
        "The station's clock is not behind the ledger: there is nothing to accept.",
        "Nothing to do.",
    ),
    "clock-before-station": Sentence(
        "L'horloge indique un jour d'avant la création du poste.",
        "Remettez-la à l'heure (NTP, `timedatectl`), puis recommencez.",
        "The clock shows a day before the station was founded.",
        "Set it right (NTP, `timedatectl`), then try again.",
    ),
    "clock-facts-ahead": Sentence(
        "Le registre des autorisations a été renseigné à une date qui n'est pas encore venue.",
        "Restaurez la sauvegarde d'avant (« liasse restore »), ou prévenez l'éditeur : tout import fait maintenant "
        "passerait pour plus ancien.",
        "The register of authorizations was told something at a date that is still to come.",
        "Bring back the backup of before ('liasse restore'), or tell the makers: what you import now would count as "
        "older.",
    ),
    "config-invalid": Sentence(
        "Réglage incorrect : {setting} ({problem}).",
        "Corrigez-le ; chaque réglage est expliqué dans config.example.toml.",
        "Wrong setting: {setting} ({problem}).",
        "Correct it; each setting is explained in config.example.toml.",
    ),
    "config-missing": Sentence(
        "Il n'y a pas de fichier de configuration à {path}.",
        "Vérifiez le chemin, ou créez un poste : liasse init DOSSIER.",
        "There is no configuration file at {path}.",
        "Check the path, or make a station: liasse init FOLDER.",
    ),
    "config-not-named": Sentence(
        "Aucun fichier de configuration n'est indiqué.",
        "Ajoutez --config FICHIER devant la commande, ou la variable LIASSE_CONFIG.",
        "No configuration file is named.",
        "Add --config FILE before the command, or the variable LIASSE_CONFIG.",
    ),
    "config-unreadable": Sentence(
        "Le fichier de configuration {path} ne peut pas être lu ({problem}).",
        "Corrigez-le : c'est un fichier TOML en UTF-8.",
        "The configuration file {path} cannot be read ({problem}).",
        "Correct it: it is a TOML file in UTF-8.",
    ),
    "custody-rolled-back": Sentence(
        "Le registre du poste ne continue pas le point de contrôle que l'hébergeur garde ({size} événements).",
        "Arrêtez : une ancienne copie de la base a été remise, ou le registre a été réécrit. Retrouvez la base à jour.",
        "The station's ledger does not continue the checkpoint that the host keeps ({size} entries).",
        "Stop: an old copy of the database was brought back, or the ledger was rewritten. Find the current database.",
    ),
    "custody-too-long": Sentence(
        "{documents} document(s) sont sur le poste depuis plus de {days} jours, la durée prévue au contrat.",
        "Voyez-les (« liasse refusal list ») : régularisez, et ils repartent seuls ; ou faites maintenir le refus.",
        "{documents} document(s) have been on the station for more than {days} days, the time agreed in the contract.",
        "See them ('liasse refusal list'): put things right, and they go on; or have the refusal maintained.",
    ),
    "demo-differs": Sentence(
        "La démonstration n'a pas donné ce que ses dossiers annonçaient ({what}).",
        "Lancez « liasse doctor » sur le poste de la démonstration, et transmettez cette ligne à l'éditeur.",
        "The demonstration did not give what its records foretell ({what}).",
        "Run 'liasse doctor' on the demonstration's station, and send this line to the makers.",
    ),
    "disk-nearly-full": Sentence(
        "Il reste moins d'un gibioctet libre à {path}.",
        "Libérez de la place avant de numériser.",
        "Less than one gibibyte is free at {path}.",
        "Make room before scanning.",
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
    "inbox-missing": Sentence(
        "Le dossier de dépôt {path} n'existe pas ou n'est pas monté.",
        "Créez-le ou montez le partage. Un démon en marche reprend de lui-même ; sinon, relancez.",
        "The drop folder {path} does not exist or is not mounted.",
        "Create it or mount the share. A running daemon goes on by itself; otherwise start again.",
    ),
    "reference-unfit": Sentence(
        "Cette référence est vide, trop longue, ou contient un signe qu'on ne peut pas imprimer.",
        "Donnez la référence de l'écrit : 200 caractères au plus.",
        "This reference is empty, too long, or has a sign that cannot be printed.",
        "Give the reference of the writing: 200 characters at most.",
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
    # Service: the machine, the alarms and the numbers
    "checkpoint-old": Sentence(
        "Le registre n'a pas été signé depuis {hours} heures, et {entries} événements sont arrivés depuis.",
        "Lancez « liasse custody checkpoint » et gardez la réponse hors du poste ; vérifiez que le démon travaille.",
        "The ledger has not been signed for {hours} hours, and {entries} entries have come since.",
        "Run 'liasse custody checkpoint' and keep the answer outside; check that the daemon works.",
    ),
    "clock-unknown": Sentence(
        "Le noyau ne dit pas si l'horloge est synchronisée.",
        "Vérifiez-le vous-même : timedatectl, ou chronyc tracking.",
        "The kernel does not say whether the clock is synchronised.",
        "Check it yourself: timedatectl, or chronyc tracking.",
    ),
    "clock-unsynchronised": Sentence(
        "L'horloge du poste n'est pas synchronisée.",
        "Activez la synchronisation : timedatectl set-ntp true (ou chrony, avec l'option rtcsync).",
        "The station's clock is not synchronised.",
        "Turn synchronisation on: timedatectl set-ntp true (or chrony, with its option rtcsync).",
    ),
    "database-damaged": Sentence(
        "La base de données du poste est endommagée.",
        "Arrêtez le poste, gardez le dossier tel qu'il est, et restaurez la dernière sauvegarde.",
        "The station's database is damaged.",
        "Stop the station, keep its folder as it is, and restore the last backup.",
    ),
    "inbox-elsewhere": Sentence(
        "Dans le dossier de dépôt {path}, un fichier ne peut pas être pris par un simple renommage.",
        "Donnez au compte du poste le droit d'écrire dans ce dossier, et gardez son sous-dossier au même endroit.",
        "In the drop folder {path}, a file cannot be taken by a mere rename.",
        "Let the station's account write into this folder, and keep its subfolder on the same file system.",
    ),
    "inodes-short": Sentence(
        "Il reste peu de fichiers possibles à {path} ({free}).",
        "Supprimez de petits fichiers inutiles, ou déplacez le poste vers un système de fichiers plus grand.",
        "Few more files can be made at {path} ({free}).",
        "Remove small useless files, or move the station to a larger file system.",
    ),
    "inotify-short": Sentence(
        "Le noyau n'accorde que {watches} veilles de dossier : les fichiers seront vus plus tard, aux relevés.",
        "Augmentez fs.inotify.max_user_watches avec sysctl, ou réduisez inbox.sweep.",
        "The kernel grants only {watches} watches of folders: files will be seen later, by the sweeps.",
        "Raise fs.inotify.max_user_watches with sysctl, or reduce inbox.sweep.",
    ),
    "key-expiring": Sentence(
        "Le certificat « {key} » n'est plus valable que {days} jours.",
        "Demandez dès maintenant son remplaçant à qui l'a remis, et inscrivez-le dans la configuration.",
        "The certificate '{key}' is valid for only {days} more days.",
        "Ask whoever gave it for its successor now, and put that into the configuration.",
    ),
    "memory-exposed": Sentence(
        "La mémoire du poste peut être lue par un débogueur, ou copiée sur le disque après une panne.",
        "Relancez sous Linux avec un noyau qui permet prctl(2) ; dans un conteneur, ne l'interdisez pas.",
        "The station's memory can be read by a debugger, or copied to the disk after a crash.",
        "Run on Linux with a kernel that allows prctl(2); in a container, do not forbid it.",
    ),
    "memory-short": Sentence(
        "La machine a {megabytes} Mo de mémoire pour {workers} documents à la fois ; il en faudrait {needed}.",
        "Réduisez ocr.workers dans la configuration, ou ajoutez de la mémoire.",
        "The machine has {megabytes} MB of memory for {workers} documents at a time; it should have {needed}.",
        "Reduce ocr.workers in the configuration, or add memory.",
    ),
    "metrics-open": Sentence(
        "Les mesures seraient servies à une adresse que d'autres machines atteignent ({listen}).",
        "Écrivez 127.0.0.1:PORT dans metrics.listen, ou permettez-le par metrics.beyond_loopback = true.",
        "The metrics would be served at an address that other machines reach ({listen}).",
        "Write 127.0.0.1:PORT in metrics.listen, or allow it by metrics.beyond_loopback = true.",
    ),
    "metrics-unusable": Sentence(
        "Les mesures ne peuvent pas être servies à cette adresse ({listen}).",
        "Choisissez une adresse de cette machine et un port libre dans metrics.listen.",
        "The metrics cannot be served at this address ({listen}).",
        "Choose an address of this machine and a free port in metrics.listen.",
    ),
    "program-old": Sentence(
        "{program} {version} est trop ancien : il faut au moins {least}.",
        "Installez une version plus récente, puis relancez.",
        "{program} {version} is too old: it must be {least} at least.",
        "Install a later version, then run again.",
    ),
    "rights-loose": Sentence(
        "{path} est ouvert à d'autres comptes, ou n'appartient pas à celui qui fait travailler le poste.",
        "Donnez-le au compte du poste (chown) et fermez-le (chmod go-rwx).",
        "{path} is open to other accounts, or does not belong to the one that runs the station.",
        "Give it to the station's account (chown) and close it (chmod go-rwx).",
    ),
    "runs-as-root": Sentence(
        "Le poste travaille sous le compte root.",
        "Créez-lui un compte sans droits et lancez-le comme service : docs/fr/service.md.",
        "The station works under the account root.",
        "Make it an account without rights and run it as a service: docs/reference/service.md.",
    ),
    "swap-unencrypted": Sentence(
        "Un espace d'échange (swap) n'est pas chiffré, ou rien ne le montre : la mémoire peut finir sur le disque.",
        "Coupez-le (swapoff -a, puis /etc/fstab), ou chiffrez-le (dm-crypt) ; zram convient aussi.",
        "Swap space is not encrypted, or nothing shows it: memory may end up on the disk.",
        "Turn it off (swapoff -a, then /etc/fstab), or encrypt it (dm-crypt); zram will do too.",
    ),
    "text-not-unicode": Sentence(
        "Les noms de fichiers ne sont pas lus en UTF-8 ({encoding}).",
        "Lancez avec LC_ALL=C.UTF-8 (le service fourni le fait).",
        "Names of files are not read as UTF-8 ({encoding}).",
        "Run with LC_ALL=C.UTF-8 (the service provided does).",
    ),
    "volume-unencrypted": Sentence(
        "Le volume de {path} n'est pas chiffré : les clés du poste y sont en clair.",
        "Mettez le dossier du poste sur un volume LUKS. Chiffré plus bas ? Dites-le : station.encrypted_beneath.",
        "The volume of {path} is not encrypted: the station's keys lie there in clear.",
        "Put the station's folder on a LUKS volume. Encrypted beneath? Say so: station.encrypted_beneath.",
    ),
    "volume-unknown": Sentence(
        "Rien ne montre d'ici si le volume de {path} est chiffré.",
        "Vérifiez-le auprès de qui l'administre (partage, conteneur, hyperviseur, ZFS), et notez-le.",
        "Nothing shows from here whether the volume of {path} is encrypted.",
        "Check it with whoever runs it (share, container, hypervisor, ZFS), and write it down.",
    ),
    # Backup and return
    "backup-damaged": Sentence(
        "La copie de la base de données n'est pas saine.",
        "Lancez « liasse doctor » sur le poste ; pour un retour, prenez une autre sauvegarde.",
        "The copy of the database is not sound.",
        "Run 'liasse doctor' on the station; to bring a station back, take another backup.",
    ),
    "backup-foreign": Sentence(
        "Cette sauvegarde n'est pas celle de ce poste.",
        "Comparez le nom du poste et l'empreinte de son certificat, remise à sa création ; prenez la bonne sauvegarde.",
        "This backup is not this station's.",
        "Compare the station's name and its certificate's fingerprint, told at its founding; take the right backup.",
    ),
    "backup-forged": Sentence(
        "La sauvegarde a été modifiée ou tronquée ({file}). Rien n'a été remis en place.",
        "Prenez une autre copie de cette sauvegarde, ou une autre sauvegarde ; conservez celle-ci pour examen.",
        "The backup was changed or cut ({file}). Nothing was brought back.",
        "Take another copy of this backup, or another backup; keep this one to be examined.",
    ),
    "backup-incomplete": Sentence(
        "Il manque un fichier à la sauvegarde ({file}).",
        "Copiez de nouveau tout le dossier de la sauvegarde, puis recommencez.",
        "A file of the backup is missing ({file}).",
        "Copy the whole folder of the backup again, then start again.",
    ),
    "backup-left": Sentence(
        "La sauvegarde {backup}, interrompue, ne se lit plus sur ce poste ; l'hébergeur en a peut-être une partie.",
        "Rebranchez le disque où elle se trouve ; si elle est abîmée, supprimez son dossier : le reste suivra.",
        "Backup {backup} was broken off and cannot be read on this station any more; the host may have a part of it.",
        "Bring back the disk that it lies on; where it is damaged, delete its folder: the rest follows.",
    ),
    "backup-newer": Sentence(
        "Cette sauvegarde a été faite par une version plus récente de Liasse.",
        "Installez cette version ou une plus récente, puis recommencez.",
        "This backup was made by a later version of Liasse.",
        "Install that version or a later one, then start again.",
    ),
    "backup-old": Sentence(
        "La dernière sauvegarde du poste a {hours} heures, ou il n'y en a aucune.",
        "Lancez « liasse backup » ; si elle échoue, le journal technique dit pourquoi.",
        "The station's last backup is {hours} hours old, or there is none.",
        "Run 'liasse backup'; where it fails, the technical log says why.",
    ),
    "backup-running": Sentence(
        "Une sauvegarde de ce poste est déjà en cours.",
        "Attendez qu'elle se termine ; il n'y a rien d'autre à faire.",
        "A backup of this station is being made already.",
        "Wait until it ends; there is nothing else to do.",
    ),
    "backup-superseded": Sentence(
        "Ce poste est déjà revenu d'une sauvegarde plus ancienne que celle-ci, et a travaillé depuis.",
        "Prenez une sauvegarde faite après ce retour : celle-ci appartient à une suite abandonnée.",
        "This station came back from an older backup than this one already, and has worked since.",
        "Take a backup that was made after that return: this one belongs to what was given up then.",
    ),
    "backup-unreadable": Sentence(
        "Il n'y a pas de sauvegarde lisible dans {path}.",
        "Indiquez le dossier qui contient manifest.json, manifest.p7s et les fichiers part-*.cms.",
        "There is no readable backup in {path}.",
        "Name the folder that holds manifest.json, manifest.p7s and the files part-*.cms.",
    ),
    "backup-unverified": Sentence(
        "Aucune sauvegarde n'a été ouverte depuis {days} jours : on ne sait pas si le client peut les ouvrir.",
        "Avec la clé du client : « liasse backup verify DOSSIER --key CLE --cert CERTIFICAT ».",
        "No backup has been opened for {days} days: nobody knows whether the client can open them.",
        "With the client's key: 'liasse backup verify FOLDER --key KEY --cert CERTIFICATE'.",
    ),
    "custody-forked": Sentence(
        "Ce poste est revenu d'une sauvegarde ailleurs (retour n° {epoch}) : cette machine ne doit plus travailler.",
        "Laissez cette machine arrêtée et gardez-la : des pages non déposées peuvent s'y trouver (restore --saved).",
        "This station came back from a backup on another machine (return {epoch}): this one must not work any more.",
        "Leave this machine stopped and keep it: pages that were not deposited may be on it (restore --saved).",
    ),
    "review-record-missing": Sentence(
        "Il n'y a pas de bande d'identité de ce document ({document}).",
        "Elle n'est faite que si review.strip le demande, et effacée à la décision ; à défaut, regardez le papier.",
        "There is no identity strip of this document ({document}).",
        "One is made only where review.strip asks for it, and erased at the decision; without it, look at the paper.",
    ),
    "record-forged": Sentence(
        "Un relevé gardé par l'hébergeur n'est pas celui que le poste y avait mis.",
        "Conservez le message et prévenez l'hébergeur ; le retour se fait sans ce relevé.",
        "A record that the host keeps is not the one that the station put there.",
        "Keep this message and tell the host; the return goes on without that record.",
    ),
    "restore-database-used": Sentence(
        "La base de données où remettre le poste n'est pas vide.",
        "Indiquez une base vide ([database] url, ou --database-url) : rien n'est jamais remplacé.",
        "The database into which the station is to come back is not empty.",
        "Name an empty one ([database] url, or --database-url): nothing is ever replaced.",
    ),
    "restore-overtaken": Sentence(
        "Une autre machine est en train de remettre ce même poste en place.",
        "Une seule doit continuer : attendez que l'autre ait fini, puis décidez laquelle garder.",
        "Another machine is bringing this very station back.",
        "Only one must go on: wait until the other has finished, then decide which to keep.",
    ),
    # Secrets by reference
    "secret-exposed": Sentence(
        "Le fichier d'un secret ({reference}) est lisible par d'autres comptes, ou n'est pas au compte du poste.",
        "Donnez-le au compte du poste et fermez-le : chmod 600. Si d'autres ont pu le lire, changez le secret.",
        "A secret's file ({reference}) can be read by other accounts, or does not belong to the station's account.",
        "Give it to the station's account and close it: chmod 600. If others could have read it, change the secret.",
    ),
    "secret-invalid": Sentence(
        "Cette référence de secret n'est pas utilisable ({reference}).",
        "Écrivez file:CHEMIN, env:NOM ou credential:NOM ; le secret est un texte UTF-8, jamais dans ce fichier.",
        "This reference to a secret cannot be used ({reference}).",
        "Write file:PATH, env:NAME or credential:NAME; the secret itself is UTF-8 text, and never in this file.",
    ),
    "secret-missing": Sentence(
        "Il n'y a pas de secret à l'endroit indiqué ({reference}).",
        "Créez le fichier ou la variable ; sous systemd, vérifiez LoadCredential= dans l'unité du service.",
        "There is no secret at the place named ({reference}).",
        "Make the file or the variable; under systemd, check LoadCredential= in the service's unit.",
    ),
    "one-process-only": Sentence(
        "Ce poste a une base SQLite : un seul processus y travaille.",
        "Pour plusieurs processus ou machines, donnez une base PostgreSQL ([database] url) et un dossier commun "
        "([station] shared) ; sinon, « liasse watch » suffit.",
        "This station has an SQLite database: one process works on it.",
        "For several processes or machines, give a PostgreSQL database ([database] url) and a common folder "
        "([station] shared); otherwise 'liasse watch' is enough.",
    ),
    "task-unknown": Sentence(
        "Rien n'est en cours sous cet identifiant : {id}.",
        "Voyez « liasse task list » et « liasse status ».",
        "Nothing is under way under this identifier: {id}.",
        "See 'liasse task list' and 'liasse status'.",
    ),
    "task-not-paused": Sentence(
        "Ce travail n'est pas arrêté : {id}.",
        "Il avance de lui-même ; pour l'arrêter : « liasse task cancel ».",
        "This work is not stopped: {id}.",
        "It goes on by itself; to stop it: 'liasse task cancel'.",
    ),
    "station-exists": Sentence(
        "Un poste existe déjà : {path}.",
        "Choisissez un autre dossier ; un poste n'est jamais écrasé.",
        "There is a station already: {path}.",
        "Choose another folder; a station is never overwritten.",
    ),
    "trial-key-in-production": Sentence(
        "Un certificat d'essai est configuré sur un poste de production.",
        "Indiquez les certificats du client et du séquestre dans [recipients].",
        "A trial certificate is configured on a production station.",
        "Name the client's and the escrow's certificates in [recipients].",
    ),
    "work-on-disk": Sentence(
        "Le dossier de travail {path} n'est pas sur un système de fichiers en mémoire.",
        "Indiquez un tmpfs dans [station] work, par exemple /dev/shm : rien ne doit rester en clair sur un disque.",
        "The work folder {path} is not on a memory file system.",
        "Name a tmpfs in [station] work, e.g. /dev/shm: nothing may stay in clear on a disk.",
    ),
    # Drop folder and pages
    "inbox-unsafe": Sentence(
        "Le dossier de dépôt {path} et {other} se recouvrent : le poste pourrait reprendre ses propres fichiers.",
        "Choisissez pour le dépôt un dossier à part, hors du poste, de l'hébergeur et des programmes.",
        "The drop folder {path} and {other} overlap: the station could take in its own files.",
        "Choose a drop folder apart from the station, the host and the programs.",
    ),
    "inbox-world-writable": Sentence(
        "Tout compte de la machine peut écrire dans le dossier de dépôt {path}.",
        "Retirez ce droit (chmod o-w), ou montez le partage avec un groupe qui lui est propre (file_mode, dir_mode).",
        "Every account of the machine can write into the drop folder {path}.",
        "Take that right away (chmod o-w), or mount the share with a group of its own (file_mode, dir_mode).",
    ),
    "changed-while-read": Sentence(
        "Un fichier a été modifié pendant sa lecture : le numériseur l'écrivait encore.",
        "Rien n'est perdu : « liasse watch » le reprend quand il ne change plus, « liasse process » si on le relance. "
        "Si cela se répète, augmentez « settle » dans la configuration.",
        "A file was changed while it was read: the scanner was still writing it.",
        "Nothing is lost: 'liasse watch' takes it once it lies still, 'liasse process' when it is run again. "
        "If it happens again, raise 'settle' in the configuration.",
    ),
    "empty-file": Sentence(
        "Un fichier est vide.",
        "Numérisez de nouveau les feuilles, et vérifiez que le disque du numériseur n'est pas plein.",
        "A file is empty.",
        "Scan the sheets again, and check that the scanner's disk is not full.",
    ),
    "too-many-bytes": Sentence(
        "Un fichier dépasse la taille permise ({limit} octets).",
        "Numérisez en plusieurs fichiers, ou relevez « limits.bytes » dans la configuration.",
        "A file is bigger than allowed ({limit} bytes).",
        "Scan into several files, or raise 'limits.bytes' in the configuration.",
    ),
    "too-many-pages": Sentence(
        "Un fichier a plus de pages que permis ({limit}).",
        "Numérisez en plusieurs fichiers, ou relevez « limits.pages » dans la configuration.",
        "A file has more pages than allowed ({limit}).",
        "Scan into several files, or raise 'limits.pages' in the configuration.",
    ),
    "too-many-pixels": Sentence(
        "Une page a plus de points que permis ({limit}) ; le fichier entier est écarté.",
        "Numérisez à une résolution moindre, ou relevez « limits.pixels » dans la configuration.",
        "A page has more dots than allowed ({limit}); the whole file is set aside.",
        "Scan at a lower resolution, or raise 'limits.pixels' in the configuration.",
    ),
    "no-pages": Sentence(
        "Un fichier ne contient aucune page.",
        "Numérisez de nouveau les feuilles.",
        "A file holds no page.",
        "Scan the sheets again.",
    ),
    "unreadable-scan": Sentence(
        "Un fichier ou une page est illisible pour le programme ; le fichier entier est écarté.",
        "Numérisez de nouveau les feuilles ; si cela se répète, changez le format de sortie du numériseur.",
        "A file or page cannot be decoded; the whole file is set aside.",
        "Scan the sheets again; if it happens again, change the scanner's output format.",
    ),
    "truncated-scan": Sentence(
        "Un fichier est incomplet : il en manque la fin ou une partie d'image. Aucune de ses pages n'est utilisée.",
        "Numérisez de nouveau toutes les feuilles de ce fichier, et vérifiez le disque et le réseau du numériseur.",
        "A file is incomplete: its end or a part of an image is missing. None of its pages is used.",
        "Scan all sheets of this file again, and check the scanner's disk and network.",
    ),
    "decoder-crashed": Sentence(
        "Un fichier a fait tomber, deux fois, le programme qui le lisait ; rien d'autre n'est touché.",
        "Numérisez de nouveau les feuilles. Si le fichier est sûr, « liasse batch reopen » "
        "le reprend après une mise à jour.",
        "A file brought down, twice, the program that was reading it; nothing else is touched.",
        "Scan the sheets again. If the file is sound, 'liasse batch reopen' takes it again after an update.",
    ),
    "decoder-too-slow": Sentence(
        "Une page ou un fichier demande plus de temps de lecture que permis ; le fichier entier est écarté.",
        "Numérisez de nouveau les feuilles, plus simplement, ou relevez « limits.page_seconds » ou "
        "« limits.file_seconds » puis lancez « liasse batch reopen ».",
        "A page or a file takes more time to read than allowed; the whole file is set aside.",
        "Scan the sheets again, more simply, or raise 'limits.page_seconds' or 'limits.file_seconds' and run "
        "'liasse batch reopen'.",
    ),
    "decoder-too-big": Sentence(
        "Un fichier demande plus de mémoire que permis pour être lu ; le fichier entier est écarté.",
        "Numérisez à une résolution moindre, ou relevez « limits.memory » puis lancez « liasse batch reopen ».",
        "A file takes more memory to read than allowed; the whole file is set aside.",
        "Scan at a lower resolution, or raise 'limits.memory' and run 'liasse batch reopen'.",
    ),
    "decoder-unusable": Sentence(
        "Le programme qui lit les fichiers ne démarre pas : aucun fichier ne peut être ouvert.",
        "Lancez « liasse doctor » ; vérifiez la mémoire libre et réinstallez Liasse si nécessaire.",
        "The program that reads files does not start: no file can be opened.",
        "Run 'liasse doctor'; check free memory, and install Liasse again if need be.",
    ),
    "encrypted-pdf": Sentence(
        "Un PDF est protégé par un mot de passe.",
        "Retirez la protection dans les réglages du numériseur, puis numérisez de nouveau les feuilles.",
        "A PDF is protected by a password.",
        "Remove the protection in the scanner's settings, then scan the sheets again.",
    ),
    "unsupported-format": Sentence(
        "Un fichier n'est ni TIFF, ni JPEG, ni PNG, ni PDF de pages, ou d'une variante qui n'est pas lue.",
        "Réglez le numériseur sur TIFF ou PDF, puis numérisez de nouveau les feuilles.",
        "A file is neither TIFF, JPEG, PNG nor a PDF of pages, or of a kind that is not read.",
        "Set the scanner to TIFF or PDF, then scan the sheets again.",
    ),
    "separator-unprintable": Sentence(
        "Un intercalaire ne peut porter cette référence : vide, plus de {limit} caractères, ou un caractère « | ».",
        "Corrigez la référence du patient ou du document, ou le type, puis imprimez de nouveau.",
        "A separator cannot carry this reference: empty, longer than {limit} characters, or with a '|'.",
        "Correct the patient's or document's reference, or the type, then print again.",
    ),
    "reference-unusable-on-sheet": Sentence(
        "La référence nº {place} ne peut figurer en clair sur un intercalaire : ce n'en est pas une, ou c'est un INS.",
        "Donnez la référence du patient dans le fichier des patients : lettres sans accent, chiffres, « . », « - »…",
        "Reference no. {place} cannot stand in clear on a separator: it is none, or it is an INS.",
        "Give the patient's reference in the roster: letters without accents, digits, '.', '-' and the like.",
    ),
    "type-unusable-on-sheet": Sentence(
        "Le type de document ne peut pas figurer sur un intercalaire.",
        "Écrivez-le en un mot : lettres sans accent, chiffres, « . », « _ » et « - », 64 caractères au plus.",
        "The document type cannot stand on a separator.",
        "Write it as one word: letters without accents, digits, '.', '_' and '-', at most 64 characters.",
    ),
    "reference-not-on-roster": Sentence(
        "La référence nº {place} n'est pas dans le fichier des patients de ce poste ; rien n'est imprimé.",
        "Vérifiez-la, ou importez d'abord le fichier des patients (« liasse patient import »).",
        "Reference no. {place} is not in this station's roster; nothing is printed.",
        "Check it, or import the roster first ('liasse patient import').",
    ),
    # Clearance
    "clearance-forged": Sentence(
        "Un feu vert n'a pas été délivré par le contrôle d'autorisation.",
        "Arrêtez le poste et conservez-le en l'état : le programme a été modifié ou détourné.",
        "A clearance was not issued by the consent gate.",
        "Stop the station and keep it as it is: the program was altered or misused.",
    ),
    "clearance-mismatch": Sentence(
        "Un feu vert a été présenté pour un autre document ou un autre patient que le sien.",
        "Arrêtez le poste et conservez-le en l'état : le programme a été modifié ou détourné.",
        "A clearance was shown for another document or patient than its own.",
        "Stop the station and keep it as it is: the program was altered or misused.",
    ),
    "clearance-serialised": Sentence(
        "Un feu vert allait être enregistré ou transmis ; il ne sort jamais de la mémoire.",
        "Signalez-le à l'éditeur : c'est un défaut du programme.",
        "A clearance was about to be stored or sent; it never leaves memory.",
        "Report it to the makers: this is a defect of the program.",
    ),
    # Identity
    "roster-index-stale": Sentence(
        "La liste des patients en mémoire ne connaît pas le patient d'un document autorisé.",
        "Relancez Liasse : la liste est relue au démarrage. Si le message revient, refaites « liasse patient import ».",
        "The list of patients in memory does not know the patient of an authorized document.",
        "Start Liasse again: the list is read at start-up. If it comes back, run `liasse patient import` again.",
    ),
    # Demonstration
    "font-missing": Sentence(
        "La police {font}, qui sert à dessiner les dossiers de démonstration, n'est pas installée.",
        "Installez-la puis recommencez : sudo apt install fonts-dejavu-core",
        "The font {font}, with which the demonstration records are drawn, is not installed.",
        "Install it and try again: sudo apt install fonts-dejavu-core",
    ),
    # Recognition and archival copy
    "program-missing": Sentence(
        "Un programme nécessaire n'est pas installé : {program}.",
        "Installez-le avec « {install} », puis relancez le poste.",
        "A program that is needed is not installed: {program}.",
        "Install it with `{install}`, then start the station again.",
    ),
    "work-unwritable": Sentence(
        "Le dossier de travail en mémoire n'accepte pas d'écriture : {path}.",
        "Vérifiez la place libre et les droits de ce dossier, puis relancez.",
        "The work folder in memory cannot be written to: {path}.",
        "Check its free space and its permissions, then start again.",
    ),
    "recognition-mismatch": Sentence(
        "Le texte reconnu n'est pas celui du document à composer.",
        "Arrêtez le poste et conservez-le en l'état, puis prévenez l'éditeur : c'est un défaut du programme.",
        "The recognised text is not that of the document to compose.",
        "Stop the station, keep it as it is and tell the makers: this is a defect of the program.",
    ),
    "page-too-large": Sentence(
        "Une page dépasse 5,08 mètres de côté, la limite du format PDF/A.",
        "Vérifiez la résolution réglée sur le scanner, puis numérisez de nouveau cette feuille.",
        "A side of a page is longer than 5.08 metres, the limit of PDF/A.",
        "Check the resolution set on the scanner, then scan this sheet again.",
    ),
    "not-pdfa": Sentence(
        "La copie d'archivage n'est pas conforme à PDF/A-{level} : {findings}.",
        "Le document est conservé et n'est pas déposé ; transmettez ces numéros de règles à l'éditeur.",
        "The archival copy does not conform to PDF/A-{level}: {findings}.",
        "The document is kept and not deposited; send these rule numbers to the makers.",
    ),
    "render-differs": Sentence(
        "La page {page} de la copie d'archivage ne montre pas la même chose que l'image du scanner.",
        "Le document est conservé et n'est pas déposé ; comparez-le au papier et prévenez l'éditeur.",
        "Page {page} of the archival copy does not show what the scanner's image shows.",
        "The document is kept and not deposited; compare it with the paper and tell the makers.",
    ),
    "validator-failed": Sentence(
        "{validator} n'a pas pu juger une copie d'archivage ({problem}).",
        "Lancez « liasse doctor » ; si {validator} ne peut fonctionner sur ce poste, réglez pdfa.verapdf sur « auto ».",
        "{validator} could not judge an archival copy ({problem}).",
        "Run `liasse doctor`; if {validator} cannot work on this station, set pdfa.verapdf to `auto`.",
    ),
    # Envelope, keys, spool, hosts
    "envelope-forged": Sentence(
        "Une enveloppe chiffrée n'est pas celle qui a été déposée, ou elle est abîmée ; rien n'en a été extrait.",
        "Récupérez-la de nouveau chez l'hébergeur. Si le message revient, gardez-la et prévenez le responsable.",
        "An encrypted envelope is not the one that was deposited, or it is damaged; nothing was taken out of it.",
        "Fetch it from the host again. If the message comes back, keep the file and tell the person in charge.",
    ),
    "receipt-forged": Sentence(
        "Un accusé de dépôt enregistré n'est pas tel que le poste l'a écrit.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A receipt on record is not as the station wrote it.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "signature-forged": Sentence(
        "Une signature n'est pas celle de ce poste sur ce contenu.",
        "N'utilisez pas ce document comme preuve ; demandez-en un nouvel exemplaire au poste qui l'a établi.",
        "A signature is not this station's over this content.",
        "Do not use this document as evidence; ask the station that made it for another copy.",
    ),
    "sealed-changed": Sentence(
        "Une enveloppe en attente de dépôt a changé sur le disque depuis son scellement ; elle n'a pas été déposée.",
        "Vérifiez le disque du poste, puis relancez le traitement : le document sera scellé de nouveau.",
        "An envelope that waited for its deposit has changed on disk since it was sealed; it was not deposited.",
        "Check the station's disk, then process again: the document will be sealed anew.",
    ),
    "source-changed": Sentence(
        "Un fichier de travail a changé pendant qu'il était scellé ; rien n'a été gardé.",
        "Relancez le traitement. Si le message revient, vérifiez qu'aucun autre programme n'écrit dans ce dossier.",
        "A working file changed while it was being sealed; nothing was kept.",
        "Process again. If the message comes back, check that no other program writes to the working folder.",
    ),
    "document-too-large": Sentence(
        "Un document dépasse {maximum_mib} Mio une fois scellé ; il est écarté.",
        "Numérisez-le de nouveau en plusieurs documents, ou à une résolution plus basse.",
        "A document is more than {maximum_mib} MiB once sealed; it is set aside.",
        "Scan it again as several documents, or at a lower resolution.",
    ),
    "target-exists": Sentence(
        "Il y a déjà un fichier à l'emplacement demandé ; il n'a pas été touché.",
        "Donnez un autre nom de fichier, ou déplacez celui qui s'y trouve.",
        "There is already a file at the place asked for; it was left as it is.",
        "Give another file name, or move the one that is there.",
    ),
    "key-not-recipient": Sentence(
        "Cette enveloppe n'a pas été scellée pour la clé et le certificat donnés.",
        "Utilisez la clé du client ou du tiers de confiance, avec le certificat qui était en usage lors du dépôt.",
        "This envelope was not sealed for the given key and certificate.",
        "Use the client's or the escrow's key, with the certificate that was in use when it was deposited.",
    ),
    "key-unavailable": Sentence(
        "Une clé manque ou ne peut pas être lue : {key}.",
        "Remettez-la en place depuis sa sauvegarde. N'en créez pas de nouvelle : ce qui est chiffré serait perdu.",
        "A key is missing or cannot be read: {key}.",
        "Put it back from its backup. Do not create a new one: what is encrypted would be lost.",
    ),
    "private-key-unreadable": Sentence(
        "La clé privée donnée manque, a un autre mot de passe, ou n'est pas une clé RSA ou P-256 à P-521.",
        "Vérifiez le fichier et le mot de passe ; les formats acceptés sont PEM et DER (PKCS 8).",
        "The given private key is missing, has another password, or is no RSA or P-256 to P-521 key.",
        "Check the file and the password; PEM and DER (PKCS 8) are accepted.",
    ),
    "key-permissions": Sentence(
        "Une clé du poste peut être lue par d'autres que lui, ou ne lui appartient pas : {key}.",
        "Rendez le dossier « keys » au compte du poste, puis : chmod 700 keys ; chmod 600 keys/*",
        "A key of the station can be read by others, or does not belong to it: {key}.",
        "Give the `keys` folder to the station's account, then: chmod 700 keys; chmod 600 keys/*",
    ),
    "keys-exist": Sentence(
        "Il y a déjà des clés à cet emplacement ; elles n'ont pas été touchées.",
        "Utilisez-les, ou choisissez un autre dossier.",
        "There are already keys at this place; they were left as they are.",
        "Use them, or choose another folder.",
    ),
    "recipient-unusable": Sentence(
        "Le certificat d'un destinataire ne peut pas servir : {reason}.",
        "Demandez au client un certificat en cours de validité : P-384 de préférence, ou RSA de 3072 bits au moins, "
        "prévu pour le chiffrement.",
        "A recipient's certificate cannot be used: {reason}.",
        "Ask the client for a certificate that is valid now: P-384 preferred, or RSA of 3072 bits or more, meant for "
        "encryption.",
    ),
    "recipient-twice": Sentence(
        "Le client et le tiers de confiance ont la même clé : sa perte serait la perte de tout.",
        "Demandez à chacun un certificat de sa propre clé et indiquez-les sous [recipients] dans la configuration.",
        "The client and the escrow have the same key: to lose it would be to lose everything.",
        "Ask each for a certificate of a key of their own, and name them under [recipients] in the configuration.",
    ),
    "recipient-missing": Sentence(
        "Aucun destinataire n'est indiqué pour les enveloppes ; rien n'est scellé.",
        "Indiquez les certificats du client et du tiers de confiance sous [recipients] dans la configuration.",
        "No recipient is named for the envelopes; nothing is sealed.",
        "Name the client's and the escrow's certificates under [recipients] in the configuration.",
    ),
    "station-name": Sentence(
        "Le nom du poste n'est pas utilisable.",
        "Choisissez 1 à 63 caractères parmi a-z, 0-9 et le tiret, sans commencer par un tiret.",
        "The station's name cannot be used.",
        "Choose 1 to 63 characters of a-z, 0-9 and hyphen, not beginning with a hyphen.",
    ),
    "spool-damaged": Sentence(
        "Un fichier de travail chiffré est abîmé ou n'est pas à sa place ; rien n'en a été utilisé.",
        "Vérifiez le disque du poste, conservez le fichier, et numérisez de nouveau le document concerné.",
        "An encrypted working file is damaged or out of its place; nothing of it was used.",
        "Check the station's disk, keep the file, and scan the document in question again.",
    ),
    "spool-missing": Sentence(
        "Un fichier de travail chiffré manque : il a été détruit ou déplacé.",
        "Si le document est déjà déposé, il n'y a rien à faire ; sinon, numérisez-le de nouveau.",
        "An encrypted working file is missing: it was destroyed or moved.",
        "If the document is deposited already, there is nothing to do; otherwise scan it again.",
    ),
    "disk-full": Sentence(
        "Le disque du poste est plein ; l'étape en cours a été annulée.",
        "Libérez de la place, puis relancez : le travail reprend là où il s'est arrêté.",
        "The station's disk is full; the step in hand was undone.",
        "Free some space, then start again: work resumes where it stopped.",
    ),
    "disk-unusable": Sentence(
        "Un fichier ou un dossier du poste ne peut pas être lu ou écrit.",
        "Vérifiez les droits du compte du poste et l'état du disque (journal du système), puis relancez.",
        "A file or folder of the station cannot be read or written.",
        "Check the rights of the station's account and the state of the disk (system log), then start again.",
    ),
    "host-unreachable": Sentence(
        "L'hébergeur ne répond pas, ou son dossier n'est pas monté.",
        "Vérifiez le réseau ou le montage. Un démon en marche réessaie de lui-même ; sinon, relancez.",
        "The host does not answer, or its folder is not mounted.",
        "Check the network or the mount. A running daemon tries again by itself; otherwise start again.",
    ),
    "host-full": Sentence(
        "L'hébergeur n'a plus de place.",
        "Demandez-lui d'en ajouter ; le dépôt sera tenté de nouveau.",
        "The host has no space left.",
        "Ask it for more; the deposit will be tried again.",
    ),
    "host-refused": Sentence(
        "L'hébergeur a refusé l'opération.",
        "Vérifiez les droits du compte chez l'hébergeur ; dans un dossier, qu'aucun lien n'y porte le nom d'un objet.",
        "The host refused the operation.",
        "Check the rights of the account at the host; in a folder, that no link bears an object's name.",
    ),
    # The host in a bucket, and its certification
    "host-slow": Sentence(
        "L'hébergeur répond trop lentement, ou ne finit pas de répondre.",
        "Le dépôt sera tenté de nouveau. Si cela dure, vérifiez la ligne, puis demandez à l'hébergeur.",
        "The host answers too slowly, or does not come to an end.",
        "The deposit will be tried again. If it goes on, check the line, then ask the host.",
    ),
    "host-busy": Sentence(
        "L'hébergeur demande d'attendre.",
        "Rien à faire : le dépôt sera tenté de nouveau. Si cela dure, demandez à l'hébergeur s'il limite vos dépôts.",
        "The host asks to be left some time.",
        "Nothing to do: the deposit will be tried again. If it goes on, ask the host whether it limits your deposits.",
    ),
    "host-failing": Sentence(
        "L'hébergeur signale une panne de son côté, ou répond de travers.",
        "Le dépôt sera tenté de nouveau. Si le message revient, signalez-le à l'hébergeur avec l'heure.",
        "The host reports a failure of its own, or answers what makes no sense.",
        "The deposit will be tried again. If the message comes back, report it to the host with the time.",
    ),
    "host-elsewhere": Sentence(
        "L'hébergeur renvoie vers une autre adresse ; Liasse n'y va pas.",
        "Vérifiez « host.endpoint » et « host.region » avec le contrat, puis relancez.",
        "The host sends elsewhere; Liasse does not follow.",
        "Check `host.endpoint` and `host.region` against the contract, then start again.",
    ),
    "host-garbled": Sentence(
        "Ce qui est arrivé chez l'hébergeur n'est pas ce qui lui a été envoyé ; il ne l'a pas gardé.",
        "Le dépôt sera tenté de nouveau. Si le message revient, vérifiez le réseau et la mémoire de la machine.",
        "What came to the host is not what was sent; it did not keep it.",
        "The deposit will be tried again. If the message comes back, check the network and the machine's memory.",
    ),
    "host-bucket-missing": Sentence(
        "L'hébergeur ne connaît pas cet espace de dépôt.",
        "Vérifiez « host.bucket » avec le contrat ; Liasse ne crée pas d'espace, c'est à faire chez l'hébergeur.",
        "The host does not know this bucket.",
        "Check `host.bucket` against the contract; Liasse makes no bucket, that is done at the host.",
    ),
    "host-clock-differs": Sentence(
        "L'hébergeur refuse l'heure de ce poste.",
        "Mettez la machine à l'heure (« timedatectl »), puis relancez.",
        "The host refuses this station's time.",
        "Set the machine's clock right (`timedatectl`), then start again.",
    ),
    "host-untrusted": Sentence(
        "Le certificat TLS de l'hébergeur n'est pas reconnu ; rien ne lui a été envoyé.",
        "Vérifiez « host.endpoint » ; si l'hébergeur a sa propre autorité, donnez-la dans « host.ca ».",
        "The host's TLS certificate is not trusted; nothing was sent to it.",
        "Check `host.endpoint`; where the host has an authority of its own, name it in `host.ca`.",
    ),
    "host-ca-unreadable": Sentence(
        "Le fichier des autorités de l'hébergeur ne peut pas être lu : {path}.",
        "Vérifiez « host.ca » et les droits de ce fichier, puis relancez.",
        "The file of the host's authorities cannot be read: {path}.",
        "Check `host.ca` and the rights of that file, then start again.",
    ),
    "host-lock-refused": Sentence(
        "L'hébergeur n'a pas verrouillé l'enveloppe comme le demande la configuration ; aucun accusé n'est établi.",
        "Activez le verrouillage des objets chez l'hébergeur, ou mettez « host.retention_mode » à « none ».",
        "The host did not lock the envelope as the configuration asks; no receipt is made.",
        "Have object lock turned on at the host, or set `host.retention_mode` to `none`.",
    ),
    "host-retains": Sentence(
        "L'hébergeur garde un objet qui devait être supprimé : un verrou le protège (jusqu'au {until}).",
        "Demandez au client ou à l'hébergeur de lever le verrou ; sinon, la suppression sera retentée après ce jour.",
        "The host keeps an object that was to be removed: a lock protects it (until {until}).",
        "Ask the client or the host to lift the lock; otherwise the removal will be tried again after that day.",
    ),
    "host-not-certified": Sentence(
        "Le dépôt est fermé : la certification HDS de l'hébergeur n'est pas établie (il manque : {missing}).",
        "Complétez « [host.hds] » d'après le certificat et le contrat ; les documents attendent, scellés.",
        "The deposit is closed: the host's HDS certification is not on record (missing: {missing}).",
        "Complete `[host.hds]` from the certificate and the contract; the documents wait, sealed.",
    ),
    "host-certificate-expired": Sentence(
        "Le dépôt est fermé : le certificat HDS de l'hébergeur a pris fin le {until}.",
        "Demandez à l'hébergeur son nouveau certificat et corrigez « [host.hds] » ; les documents attendent, scellés.",
        "The deposit is closed: the host's HDS certificate ended on {until}.",
        "Ask the host for its new certificate and correct `[host.hds]`; the documents wait, sealed.",
    ),
    "host-certificate-ending": Sentence(
        "Le certificat HDS de l'hébergeur prend fin le {until}, dans {days} jours.",
        "Demandez dès maintenant le suivant à l'hébergeur : après cette date, rien n'est plus déposé.",
        "The host's HDS certificate ends on {until}, in {days} days.",
        "Ask the host for the next one now: after that day nothing is deposited any more.",
    ),
    "host-outside-eea": Sentence(
        "Le dépôt est fermé : l'hébergement déclaré ({country}) est hors de l'Espace économique européen.",
        "Demandez à l'hébergeur une zone de l'EEE (décret 2026-209) et corrigez « [host.hds] ».",
        "The deposit is closed: the hosting on record ({country}) is outside the European Economic Area.",
        "Ask the host for a zone of the EEA (décret 2026-209) and correct `[host.hds]`.",
    ),
    "host-object-missing": Sentence(
        "L'hébergeur ne retrouve pas une enveloppe qui devrait s'y trouver.",
        "Relancez. Si le message revient, demandez à l'hébergeur ce qu'elle est devenue, et gardez la réponse.",
        "The host does not find an envelope that should be there.",
        "Try again. If the message comes back, ask the host what became of it, and keep the answer.",
    ),
    "host-conflict": Sentence(
        "Une autre enveloppe se trouve déjà chez l'hébergeur sous le même nom ; aucune n'a été remplacée.",
        "Ne supprimez rien. Prévenez le responsable : deux postes utilisent peut-être le même nom.",
        "Another envelope lies at the host under the same name already; neither was replaced.",
        "Delete nothing. Tell the person in charge: two stations may be using the same name.",
    ),
    "receipt-mismatch": Sentence(
        "L'hébergeur n'a pas rendu l'enveloppe telle qu'elle lui a été confiée ; aucun accusé de dépôt n'est établi.",
        "Le dépôt sera tenté de nouveau. Si le message revient, signalez-le à l'hébergeur.",
        "The host did not give the envelope back as it was given; no receipt is made.",
        "The deposit will be tried again. If the message comes back, report it to the host.",
    ),
    # Database, register, custody
    "append-only": Sentence(
        "Une écriture a voulu modifier ou effacer une preuve enregistrée ; la base de données l'a refusée.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A write tried to change or delete evidence on record; the database refused it.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "database-away": Sentence(
        "Le serveur de la base de données ne répond pas, refuse le compte du poste, ou a coupé la liaison ({error}) ; "
        "l'étape en cours a été annulée.",
        "Vérifiez que PostgreSQL tourne, l'adresse [database] url, le mot de passe et le réseau. Un démon en marche "
        "réessaie de lui-même ; sinon, relancez.",
        "The database's server does not answer, refuses the station's account, or has cut the connection ({error}); "
        "the step in hand was undone.",
        "Check that PostgreSQL is running, the address [database] url, the password and the network. A running daemon "
        "tries again by itself; otherwise start again.",
    ),
    "database-newer": Sentence(
        "La base de données du poste a été mise à jour par une version plus récente de Liasse.",
        "Installez cette version ou une plus récente, puis relancez ; n'essayez pas de revenir en arrière.",
        "The station's database was brought up to date by a later version of Liasse.",
        "Install that version or a later one and start again; do not try to go back.",
    ),
    "database-taken": Sentence(
        "Cette base de données est celle d'un autre poste ; rien n'y a été écrit.",
        "Donnez à chaque poste sa propre base, dans [database] url : un client, un poste, une base.",
        "This database is another station's; nothing was written to it.",
        "Give each station a database of its own, in [database] url: one client, one station, one database.",
    ),
    "database-unencrypted": Sentence(
        "La base de données est sur une autre machine, et l'adresse ne dit pas comment vérifier ce serveur.",
        "Ajoutez à [database] url « ?sslmode=verify-full&sslrootcert=/chemin/ca.pem », puis relancez.",
        "The database is on another machine, and its address does not say how to verify that server.",
        "Add `?sslmode=verify-full&sslrootcert=/path/ca.pem` to [database] url, then start again.",
    ),
    "database-unfit": Sentence(
        "Le serveur PostgreSQL ne peut pas garder ce que le poste promet : {setting} vaut « {found} ».",
        "Il faut PostgreSQL 14 ou plus récent, une base en UTF8, et en production fsync et full_page_writes à « on » ; "
        "demandez-le à qui administre le serveur.",
        "The PostgreSQL server cannot keep what the station promises: {setting} is `{found}`.",
        "PostgreSQL 14 or later is needed, a database in UTF8, and in production fsync and full_page_writes `on`; "
        "ask whoever runs the server.",
    ),
    "database-unsafe": Sentence(
        "Le dossier {folder}, où se trouve la base de données, est ouvert à d'autres comptes de cette machine.",
        "Fermez-le avec « chmod 700 {folder} », puis relancez.",
        "The folder {folder}, which holds the database, is open to other accounts of this machine.",
        "Close it with `chmod 700 {folder}`, then start again.",
    ),
    "database-unsupported": Sentence(
        "L'adresse de la base de données n'est pas de celles que cette version connaît.",
        "Donnez dans [database] url une adresse « sqlite:////chemin/absolu/station.db » ou "
        "« postgresql://compte@serveur/base », ou retirez ce réglage.",
        "The database's address is not one that this version knows.",
        "Give [database] url an address such as `sqlite:////absolute/path/station.db` or "
        "`postgresql://account@server/database`, or remove that setting.",
    ),
    "database-unusable": Sentence(
        "La base de données du poste n'a pas pu être utilisée ({error}) ; rien n'a été enregistré.",
        "Vérifiez qu'il reste de la place, que le disque répond et qu'aucun autre programme ne la tient ouverte, "
        "puis relancez. Si le message revient, ne touchez plus au fichier et prévenez l'éditeur.",
        "The station's database could not be used ({error}); nothing was recorded.",
        "Check that there is room, that the disk answers and that no other program holds it open, then start again. "
        "If the message comes back, leave the file as it is and tell the makers.",
    ),
    "column-forged": Sentence(
        "Une valeur chiffrée de la base de données ({column}) a été modifiée, ou la clé n'est pas la bonne.",
        "Vérifiez que le dossier des clés est celui de ce poste. Si c'est le cas, arrêtez le poste, conservez-le en "
        "l'état et prévenez le responsable.",
        "An encrypted value of the database ({column}) was changed or moved, or the key is not the right one.",
        "Check that the folder of keys is this station's. If it is, stop the station, keep it as it is and tell the "
        "person in charge.",
    ),
    "register-forged": Sentence(
        "Une ligne du registre des autorisations n'est pas telle que le poste l'a écrite.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable ; aucune autorisation n'est lue d'ici là.",
        "A line of the register of authorizations is not as the station wrote it.",
        "Stop the station, keep it as it is and tell the person in charge; no authorization is read until then.",
    ),
    "checkpoint-forged": Sentence(
        "Un point de contrôle du registre de traçabilité ne porte pas la signature de ce poste.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A checkpoint of the custody ledger does not bear this station's signature.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "custody-broken": Sentence(
        "Le registre de traçabilité n'est pas la suite de ce que le poste a signé.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify » : il nomme le premier défaut.",
        "The custody ledger does not continue what the station signed.",
        "Stop the station, keep it as it is, and run `liasse custody verify`: it names the first flaw.",
    ),
    "custody-entry-refused": Sentence(
        "Un événement allait être inscrit au registre de traçabilité avec une valeur interdite (champ {field}).",
        "Signalez-le à l'éditeur : c'est un défaut du programme. Rien n'a été inscrit.",
        "An event was about to enter the custody ledger with a value that may not stand there (field {field}).",
        "Report it to the makers: this is a defect of the program. Nothing was entered.",
    ),
    "csv-empty": Sentence(
        "Le fichier ne contient aucune ligne sous son en-tête ; rien n'a été importé.",
        "Exportez-le de nouveau en CSV depuis votre logiciel, puis recommencez.",
        "The file has no line below its header; nothing was imported.",
        "Export it again as CSV from your software, then try again.",
    ),
    "csv-too-large": Sentence(
        "Le fichier dépasse {megabytes} Mio ; rien n'a été importé.",
        "Partagez-le en plusieurs fichiers, chacun avec l'en-tête, et importez-les l'un après l'autre.",
        "The file is larger than {megabytes} MiB; nothing was imported.",
        "Divide it into several files, each with the header, and import them one after the other.",
    ),
    "csv-not-text": Sentence(
        "Le fichier n'est pas du texte lisible (UTF-16 ou octets nuls) ; rien n'a été importé.",
        "Ouvrez-le dans votre tableur et enregistrez-le en « CSV UTF-8 », puis recommencez.",
        "The file is no readable text (UTF-16 or null bytes); nothing was imported.",
        "Open it in your spreadsheet and save it as `CSV UTF-8`, then try again.",
    ),
    "csv-encoding": Sentence(
        "Les caractères du fichier ne sont lisibles ni en UTF-8 ni en Windows-1252 ; rien n'a été importé.",
        "Enregistrez-le en « CSV UTF-8 » depuis votre tableur, vérifiez les accents, puis recommencez.",
        "The file's characters are readable neither as UTF-8 nor as Windows-1252; nothing was imported.",
        "Save it as `CSV UTF-8` from your spreadsheet, look at the accents, then try again.",
    ),
    "csv-malformed": Sentence(
        "Le fichier est mal formé à partir de la ligne {line} (guillemet sans fin ?) ; rien n'a été importé.",
        "Corrigez cette ligne ou exportez le fichier de nouveau, puis recommencez.",
        "The file is malformed from line {line} on (a quotation mark without end?); nothing was imported.",
        "Correct that line or export the file again, then try again.",
    ),
    "csv-column-missing": Sentence(
        "Il manque au fichier la colonne « {column} » ; rien n'a été importé.",
        "Ajoutez-la, ou indiquez dans la configuration le nom que cette colonne porte chez vous, puis recommencez.",
        "The file lacks the column `{column}`; nothing was imported.",
        "Add it, or tell in the configuration what that column is called in your files, then try again.",
    ),
    "csv-column-twice": Sentence(
        "Le fichier a deux colonnes « {column} » ; rien n'a été importé.",
        "Gardez-en une seule, puis recommencez.",
        "The file has two columns `{column}`; nothing was imported.",
        "Keep one of them, then try again.",
    ),
    "sheet-unsupported": Sentence(
        "Ce fichier n'est ni un CSV, ni un classeur .xlsx ou .ods ; rien n'a été importé.",
        "Enregistrez-le en .xlsx, .ods ou « CSV UTF-8 » depuis votre tableur, puis recommencez.",
        "This file is neither CSV nor an .xlsx or .ods workbook; nothing was imported.",
        "Save it as .xlsx, .ods or `CSV UTF-8` from your spreadsheet, then try again.",
    ),
    "sheet-encrypted": Sentence(
        "Le classeur est protégé par un mot de passe ; rien n'a été importé.",
        "Ouvrez-le, enregistrez-en une copie sans mot de passe (.xlsx, .ods ou CSV), importez-la, puis détruisez-la.",
        "The workbook is protected by a password; nothing was imported.",
        "Open it, save a copy without password (.xlsx, .ods or CSV), import that copy, then destroy it.",
    ),
    "sheet-malformed": Sentence(
        "Le classeur est abîmé ou mal formé ; rien n'a été importé.",
        "Ouvrez-le dans votre tableur, enregistrez-le de nouveau en .xlsx, .ods ou CSV, puis recommencez.",
        "The workbook is damaged or malformed; nothing was imported.",
        "Open it in your spreadsheet, save it again as .xlsx, .ods or CSV, then try again.",
    ),
    "sheet-bomb": Sentence(
        "Le classeur se gonfle démesurément à la lecture, comme un fichier piégé ; rien n'a été importé.",
        "Demandez d'où il vient. S'il est légitime, enregistrez sa seule feuille utile en « CSV UTF-8 ».",
        "The workbook swells out of all proportion when read, as a trap does; nothing was imported.",
        "Ask where it comes from. If it is legitimate, save its one useful sheet as `CSV UTF-8`.",
    ),
    "sheet-too-large": Sentence(
        "Le fichier a plus d'un million de lignes ou trop de contenu une fois décompressé ; rien n'a été importé.",
        "Partagez-le en plusieurs fichiers, chacun avec l'en-tête, et importez-les l'un après l'autre.",
        "The file has more than a million lines, or too much content once inflated; nothing was imported.",
        "Divide it into several files, each with the header, and import them one after the other.",
    ),
    "sheet-empty": Sentence(
        "La feuille ne contient aucune ligne sous son en-tête ; rien n'a été importé.",
        "Vérifiez que c'est le bon classeur, et qu'il est enregistré, puis recommencez.",
        "The sheet has no line below its header; nothing was imported.",
        "Check that it is the right workbook, and that it was saved, then try again.",
    ),
    "sheet-header-missing": Sentence(
        "Aucune feuille affichée n'a les en-têtes attendus dans ses 50 premières lignes ; rien n'a été importé.",
        "Écrivez les noms des colonnes sur une ligne, en texte, ou indiquez les vôtres dans la configuration.",
        "No sheet that the workbook shows has the expected headers in its first 50 rows; nothing was imported.",
        "Write the names of the columns in one row, as text, or tell yours in the configuration.",
    ),
    "sheet-several": Sentence(
        "Plusieurs feuilles du classeur portent les en-têtes attendus ; rien n'a été importé.",
        "Gardez dans le classeur la seule feuille à importer, ou masquez les autres, puis recommencez.",
        "Several sheets of the workbook have the expected headers; nothing was imported.",
        "Keep only the sheet to import in the workbook, or hide the others, then try again.",
    ),
    "sheet-column-missing": Sentence(
        "Il manque à la feuille la colonne « {column} » ; rien n'a été importé.",
        "Ajoutez-la, ou indiquez dans la configuration le nom que cette colonne porte chez vous, puis recommencez.",
        "The sheet lacks the column `{column}`; nothing was imported.",
        "Add it, or tell in the configuration what that column is called in your files, then try again.",
    ),
    "sheet-column-twice": Sentence(
        "La feuille a deux colonnes « {column} » ; rien n'a été importé.",
        "Gardez-en une seule, puis recommencez.",
        "The sheet has two columns `{column}`; nothing was imported.",
        "Keep one of them, then try again.",
    ),
    "sheet-column-unknown": Sentence(
        "La colonne {place} ressemble à « {column} » et n'est pas lue : une limite ou un refus s'y perdrait.",
        "Donnez-lui le nom exact d'une colonne du registre, ou un tout autre, puis recommencez ; rien n'a été importé.",
        "Column {place} looks like `{column}` and is not read: a limit or a refusal would be lost in it.",
        "Give it the exact name of a column of the register, or quite another, then try again; nothing was imported.",
    ),
    "sheet-column-hidden": Sentence(
        "La feuille masque la colonne « {column} » : ce qu'elle dit, personne ne l'a vu ; rien n'a été importé.",
        "Affichez toutes les colonnes, vérifiez-les, enregistrez, puis recommencez.",
        "The sheet hides the column `{column}`: nobody has seen what it says; nothing was imported.",
        "Show all columns, check them, save, then try again.",
    ),
    "sheet-header-unclear": Sentence(
        "On ne sait pas comment s'appelle la colonne {place} : son en-tête est calculé, fusionné, barré ou illisible.",
        "Tapez son nom en texte simple dans une seule case, puis recommencez ; rien n'a été importé.",
        "What column {place} is called cannot be known: its header is computed, merged, struck through or unreadable.",
        "Type its name as plain text into one cell, then try again; nothing was imported.",
    ),
    "sheet-format-conditional": Sentence(
        "Une mise en forme conditionnelle barre ou remplace ce que des cases affichent ; rien n'a été importé.",
        "Supprimez cette règle (les couleurs peuvent rester), vérifiez les valeurs, enregistrez, puis recommencez.",
        "A conditional format strikes through or replaces what cells show; nothing was imported.",
        "Take that rule away (colours may stay), check the values, save, then try again.",
    ),
    "sheet-table-above": Sentence(
        "La ligne {line}, au-dessus de l'en-tête, n'est pas un simple titre ; rien n'a été importé.",
        "Mettez chaque tableau dans un fichier à part, sans rien d'autre que des titres au-dessus, puis recommencez.",
        "Line {line}, above the header, is more than a title; nothing was imported.",
        "Put each table into a file of its own, with nothing but titles above it, then try again.",
    ),
    # Handover
    "accounts-unbalanced": Sentence(
        "La restitution est refusée : {unfinished} image(s), fichier(s) ou document(s) encore en cours, "
        "{images} image(s) et {sheets} feuille(s) sans explication, {differences} différence(s) avec le registre de "
        "traçabilité ({first}).",
        "Laissez le traitement se terminer (« liasse process »), puis consultez « liasse status ». S'il reste un "
        "écart, ne corrigez rien à la main : déclarez les feuilles manquantes, ou conservez le poste en l'état et "
        "prévenez le responsable.",
        "The handover is refused: {unfinished} image(s), file(s) or document(s) still on their way, {images} image(s) "
        "and {sheets} sheet(s) unexplained, {differences} difference(s) from the custody ledger ({first}).",
        "Let processing end (`liasse process`), then look at `liasse status`. If a gap remains, mend nothing by hand: "
        "declare the missing sheets, or keep the station as it is and tell the person in charge.",
    ),
    "handover-overtaken": Sentence(
        "Le poste a travaillé pendant que la restitution se préparait ; rien n'a été écrit.",
        "Attendez qu'il soit au repos, ou arrêtez « liasse watch », puis relancez « liasse handover build ».",
        "The station worked while the handover was being prepared; nothing was written.",
        "Wait until it is at rest, or stop `liasse watch`, then run `liasse handover build` again.",
    ),
    "target-not-empty": Sentence(
        "Le dossier demandé pour la restitution n'est pas vide ; il n'a pas été touché.",
        "Donnez un dossier nouveau ou vide : liasse handover build --out DOSSIER",
        "The folder asked for the handover is not empty; it was left as it is.",
        "Give a new or empty folder: liasse handover build --out FOLDER",
    ),
    "fhir-malformed": Sentence(
        "Le fichier FHIR n'est pas du JSON bien formé (ligne {line}).",
        "Exportez-le de nouveau en JSON, sans le retoucher, puis réimportez-le.",
        "The FHIR file is not well-formed JSON (line {line}).",
        "Export it again as JSON, without editing it, then import again.",
    ),
    "fhir-bundle-type": Sentence(
        "Le Bundle FHIR n'est ni une collection ni le résultat d'une recherche.",
        "Exportez un Bundle de type collection ou searchset, ou du NDJSON.",
        "The FHIR Bundle is neither a collection nor the result of a search.",
        "Export a Bundle of type collection or searchset, or NDJSON.",
    ),
    "fhir-bundle-partial": Sentence(
        "Le Bundle FHIR n'est qu'une page d'un résultat : la suite peut contenir des refus.",
        "Réunissez toutes les pages, ou exportez en NDJSON, puis importez.",
        "The FHIR Bundle is one page of a result only: what follows may hold refusals.",
        "Put all pages together, or export as NDJSON, then import.",
    ),
    "fhir-not-set-up": Sentence(
        "Le poste ne sait pas sous quel identifiant un fichier FHIR nomme ses patients.",
        "Renseignez patient_system sous [authorization.fhir] dans la configuration.",
        "The station does not know under which identifier a FHIR file names its patients.",
        "Set patient_system under [authorization.fhir] in the configuration.",
    ),
    "import-unknown": Sentence(
        "Aucun import ne porte ce numéro.",
        "Relevez-le dans le compte rendu de l'import, ou avec « liasse authorization list ».",
        "No import has this number.",
        "Take it from the import's report, or from `liasse authorization list`.",
    ),
    "import-not-register": Sentence(
        "Cet import est celui d'un fichier de patients, qui ne s'annule pas.",
        "Seul un import d'autorisations s'annule ; corrigez les patients par un nouvel import.",
        "This import is one of a roster, which is not taken back.",
        "Only an import of authorizations is taken back; correct patients by importing anew.",
    ),
    "import-undone": Sentence(
        "Cet import est déjà annulé.",
        "Rien à faire ; pour le reprendre, importez de nouveau son fichier.",
        "This import was taken back already.",
        "Nothing to do; to have it again, import its file anew.",
    ),
    "import-is-undo": Sentence(
        "Ceci est une annulation, qui ne s'annule pas.",
        "Importez de nouveau le fichier qui avait été annulé.",
        "This is the taking back of an import, which is not itself taken back.",
        "Import the file anew that had been taken back.",
    ),
    "statement-unusable": Sentence(
        "Ce qui est à enregistrer ne peut pas l'être ({reason}).",
        "Corrigez l'option nommée, puis recommencez ; docs/reference/imports.md explique le code.",
        "What is to be recorded cannot be ({reason}).",
        "Correct the option that is named, then try again; docs/reference/imports.md explains the code.",
    ),
    "patient-not-on-roster": Sentence(
        "Aucun patient du fichier ne porte cette référence.",
        "Importez d'abord le fichier des patients avec « liasse patient import ».",
        "No patient of the roster has this reference.",
        "Import the roster first, with `liasse patient import`.",
    ),
    "export-target-taken": Sentence(
        "Il y a déjà un fichier à cet endroit ({path}).",
        "Choisissez un autre nom : un export n'en remplace jamais un autre.",
        "There is a file at that place already ({path}).",
        "Choose another name: an export never replaces a file.",
    ),
    "four-eyes-needed": Sentence(
        "Ce poste demande deux personnes pour autoriser, ou pour lever une opposition.",
        "Pour un document refusé : « liasse refusal review authorize », que la deuxième personne confirme. Sans "
        "document, ou pour une levée : faites porter la ligne au registre du client, puis importez ce fichier.",
        "This station asks for two persons to authorize, or to lift an opposition.",
        "Of a refused document: `liasse refusal review authorize`, which the second person confirms. Without a "
        "document, or for a lifting: have the line put into the client's register, then import that file.",
    ),
}


LINES: Final[dict[str, Sentence]] = {
    "cells-missing-or-surplus": Sentence(
        "La ligne n'a pas autant de cases que l'en-tête.",
        "Cherchez un séparateur en trop ou une fin de ligne coupée, corrigez, puis importez de nouveau.",
        "The line does not have as many cells as the header.",
        "Look for a separator too many or a line cut short, correct it, then import again.",
    ),
    "line-hidden": Sentence(
        "La ligne est masquée dans le classeur, par un filtre ou à la main.",
        "Affichez toutes les lignes, retirez celles qui ne valent plus, enregistrez, puis importez de nouveau.",
        "The line is hidden in the workbook, by a filter or by hand.",
        "Show all lines, take out those that no longer hold, save, then import again.",
    ),
    "cell-formula": Sentence(
        "Une case est une formule, ou commence comme une formule : un calcul n'est pas une déclaration.",
        "Copiez la colonne et collez-la en « valeurs seules », vérifiez, puis importez de nouveau.",
        "A cell is computed by a formula, or begins like one: a computation is no statement.",
        "Copy the column, paste it as `values only`, check it, then import again.",
    ),
    "cell-error": Sentence(
        "Une case contient une erreur du tableur, comme #N/A.",
        "Remplacez-la par ce qu'elle devait contenir, puis importez de nouveau.",
        "A cell holds a spreadsheet's error, as #N/A.",
        "Replace it with what it was to hold, then import again.",
    ),
    "cell-boolean": Sentence(
        "Une case contient un VRAI ou FAUX du tableur, et non du texte.",
        "Écrivez en texte ce qui est déclaré, puis importez de nouveau.",
        "A cell holds a spreadsheet's TRUE or FALSE, and no text.",
        "Write what is stated as text, then import again.",
    ),
    "cell-merged": Sentence(
        "Une case est fusionnée avec une autre : on ne sait pas si la valeur vaut pour les deux.",
        "Annulez la fusion, écrivez la valeur dans chaque case, puis importez de nouveau.",
        "A cell is merged with another: whether the value holds for both cannot be known.",
        "Undo the merge, write the value into each cell, then import again.",
    ),
    "cell-too-long": Sentence(
        "Une case dépasse 32 767 caractères.",
        "Abrégez-la, puis importez de nouveau.",
        "A cell is longer than 32,767 characters.",
        "Shorten it, then import again.",
    ),
    "cell-invisible": Sentence(
        "Une case contient un signe invisible, qui peut la faire lire autrement qu'elle ne s'affiche.",
        "Effacez la case et retapez-la au clavier, puis importez de nouveau.",
        "A cell holds an invisible sign, by which it may read otherwise than it looks.",
        "Clear the cell and type it again by hand, then import again.",
    ),
    "cell-unshown": Sentence(
        "Une case enregistre un autre texte que celui qu'elle affiche.",
        "Effacez la case et retapez-la, puis importez de nouveau.",
        "A cell stores another text than it shows.",
        "Clear the cell and type it again, then import again.",
    ),
    "cell-format": Sentence(
        "Le format d'une case peut lui faire afficher autre chose que ce qu'elle contient.",
        "Mettez la colonne au format « Texte » (ou date JJ/MM/AAAA), vérifiez les valeurs, puis importez de nouveau.",
        "A cell's format may make it show something else than it holds.",
        "Set the column to the format `Text` (or a date as DD/MM/YYYY), check the values, then import again.",
    ),
    "cell-struck": Sentence(
        "Le texte d'une case est barré : on ne sait pas s'il vaut encore.",
        "Ôtez le trait si la ligne vaut, supprimez-la sinon, puis importez de nouveau le fichier entier.",
        "A cell's text is struck through: whether it still holds cannot be known.",
        "Take the stroke away if the line holds, delete the line if not, then import the whole file again.",
    ),
    "cell-date": Sentence(
        "Une case qui ne doit pas contenir de date en contient une : le tableur a pu changer ce qui fut tapé.",
        "Mettez la colonne au format « Texte », retapez la valeur, puis importez de nouveau.",
        "A cell that should hold no date holds one: the spreadsheet may have changed what was typed.",
        "Set the column to the format `Text`, type the value again, then import again.",
    ),
    "number-inexact": Sentence(
        "Un nombre n'est pas sûr au chiffre près (décimales, pourcentage ou plus de 15 chiffres).",
        "Mettez la colonne au format « Texte », retapez la valeur depuis sa source, puis importez de nouveau.",
        "A number is not certain to the digit (decimals, a percentage or more than 15 digits).",
        "Set the column to the format `Text`, type the value again from its source, then import again.",
    ),
    "date-with-time": Sentence(
        "Une date porte une heure : selon le fuseau, ce peut être un autre jour.",
        "Écrivez le jour seul, puis importez de nouveau.",
        "A date bears a time of day: depending on the time zone it may be another day.",
        "Write the day alone, then import again.",
    ),
    "date-unclear": Sentence(
        "Une date n'affiche pas son jour, son mois et son année, ou n'existe pas au calendrier.",
        "Écrivez-la entière (JJ/MM/AAAA), puis importez de nouveau.",
        "A date does not show its day, month and year, or is not in the calendar.",
        "Write it out (DD/MM/YYYY), then import again.",
    ),
    "reference-missing": Sentence(
        "La référence du patient est vide.",
        "Complétez-la avec la référence de votre logiciel, puis importez de nouveau.",
        "The patient's reference is empty.",
        "Fill it in with your software's reference, then import again.",
    ),
    "reference-unusable": Sentence(
        "La référence du patient contient un signe interdit ou dépasse 64 caractères.",
        "N'utilisez que des lettres sans accent, des chiffres, le point, le tiret, le souligné et la barre oblique.",
        "The patient's reference holds a sign that is not allowed, or more than 64 characters.",
        "Use letters without accents, digits, full stop, hyphen, underscore and slash only.",
    ),
    "reference-is-ins": Sentence(
        "La référence du patient est un numéro de sécurité sociale ; elle figurerait en clair sur les intercalaires.",
        "Donnez au patient une référence propre à votre service, puis importez de nouveau.",
        "The patient's reference is a social security number; it would stand in clear on the separators.",
        "Give the patient a reference of your own, then import again.",
    ),
    "reference-twice": Sentence(
        "La même référence figure plusieurs fois avec des identités différentes ; aucune de ces lignes n'est importée.",
        "Vérifiez dans votre logiciel qui porte cette référence, corrigez, puis importez de nouveau.",
        "The same reference stands several times with different identities; none of these lines is imported.",
        "Check in your software who bears that reference, correct it, then import again.",
    ),
    "traits-differ": Sentence(
        "Cette référence est déjà connue du poste avec une autre identité, qui est gardée.",
        "Vérifiez l'identité dans votre logiciel ; si c'est le même patient, signalez la correction au responsable, "
        "qui peut retirer un INS faux (« liasse patient detach »).",
        "The station already knows this reference with another identity, which it keeps.",
        "Check the identity in your software; if it is the same patient, tell the person in charge of the correction, "
        "who may take a wrong INS away ('liasse patient detach').",
    ),
    "name-missing": Sentence(
        "Un nom ou un prénom obligatoire est vide.",
        "Complétez la case, puis importez de nouveau.",
        "A name that is required is empty.",
        "Fill in the cell, then import again.",
    ),
    "name-unreadable": Sentence(
        "Un nom ou un prénom contient un signe qui n'est ni lettre, ni espace, ni apostrophe, ni trait d'union.",
        "Corrigez la case ; si les accents sont abîmés, enregistrez le fichier en « CSV UTF-8 ».",
        "A name holds a sign that is no letter, space, apostrophe or hyphen.",
        "Correct the cell; if accents are garbled, save the file as `CSV UTF-8`.",
    ),
    "date-missing": Sentence(
        "Une date obligatoire est vide.",
        "Complétez la case, puis importez de nouveau.",
        "A date that is required is empty.",
        "Fill in the cell, then import again.",
    ),
    "date-unreadable": Sentence(
        "Une date n'est écrite ni JJ/MM/AAAA ni AAAA-MM-JJ.",
        "Réécrivez-la sous l'une de ces formes, puis importez de nouveau.",
        "A date is written neither as DD/MM/YYYY nor as YYYY-MM-DD.",
        "Write it in one of these forms, then import again.",
    ),
    "date-impossible": Sentence(
        "Une date n'existe pas au calendrier, ou précède 1900.",
        "Corrigez-la, puis importez de nouveau.",
        "A date is not in the calendar, or lies before 1900.",
        "Correct it, then import again.",
    ),
    "birth-date-future": Sentence(
        "La date de naissance est à venir.",
        "Corrigez-la, puis importez de nouveau.",
        "The birth date is yet to come.",
        "Correct it, then import again.",
    ),
    "date-future": Sentence(
        "Un refus, un retrait ou une opposition porte une date à venir ; d'ici là, le contrôle reste fermé.",
        "Écrivez le jour où le patient l'a dit, puis importez de nouveau le fichier entier.",
        "A refusal, a withdrawal or an objection bears a date yet to come; until it is mended the gate stays closed.",
        "Write the day on which the patient said so, then import the whole file again.",
    ),
    "end-before-start": Sentence(
        "La date de fin précède la date de signature.",
        "Corrigez l'une ou l'autre, puis importez de nouveau.",
        "The end date lies before the date of signature.",
        "Correct one or the other, then import again.",
    ),
    "sex-unknown": Sentence(
        "Le sexe n'est ni M, ni F, ni I (indéterminé).",
        "Corrigez la case ou laissez-la vide, puis importez de nouveau.",
        "The sex is none of M, F and I (undetermined).",
        "Correct the cell or leave it empty, then import again.",
    ),
    "ins-malformed": Sentence(
        "Le numéro n'a pas la forme d'un INS : 15 caractères, clé comprise.",
        "Corrigez la case ou laissez-la vide, puis importez de nouveau.",
        "The number does not have the form of an INS: 15 characters, key included.",
        "Correct the cell or leave it empty, then import again.",
    ),
    "ins-key-wrong": Sentence(
        "La clé de l'INS ne correspond pas au numéro : un chiffre est faux.",
        "Vérifiez le numéro à sa source, corrigez-le ou laissez la case vide, puis importez de nouveau.",
        "The INS's key does not match its number: a digit is wrong.",
        "Check the number at its source, correct it or leave the cell empty, then import again.",
    ),
    "kind-unknown": Sentence(
        "Le statut n'est pas de ceux qui sont connus ; les autorisations du même patient dans ce fichier attendent.",
        "Écrivez accordee, refusee, retiree, information, opposition ou opposition_levee, puis importez de nouveau.",
        "The kind is not one that is known; authorizations of the same patient in this file wait.",
        "Write accordee, refusee, retiree, information, opposition or opposition_levee, then import again.",
    ),
    "scope-missing": Sentence(
        "Le périmètre de l'autorisation est vide.",
        "Écrivez tous_documents ou les types autorisés, puis importez de nouveau.",
        "The authorization's scope is empty.",
        "Write tous_documents or the authorized types, then import again.",
    ),
    "scope-unreadable": Sentence(
        "Le périmètre mêle « tous_documents » à des types, ou contient un signe interdit.",
        "Écrivez tous_documents seul, ou des types séparés par des virgules, puis importez de nouveau.",
        "The scope mixes `tous_documents` with types, or holds a sign that is not allowed.",
        "Write tous_documents alone, or types between commas, then import again.",
    ),
    "scope-not-possible": Sentence(
        "Une opposition ne peut pas être levée dans certaines limites seulement (types, finalités, durée).",
        "Ôtez la limite si tout est levé, ou laissez l'opposition en place, puis importez de nouveau.",
        "An opposition cannot be lifted within limits only (types, purposes, a time).",
        "Take the limit away if all of it is lifted, or leave the opposition as it is, then import again.",
    ),
    "evidence-unusable": Sentence(
        "La référence de la preuve dépasse 200 caractères ou contient un signe invisible.",
        "Abrégez-la, puis importez de nouveau.",
        "The reference to the evidence is longer than 200 characters, or holds an invisible sign.",
        "Shorten it, then import again.",
    ),
    "patient-unknown": Sentence(
        "Le patient de cette ligne n'est pas dans la liste des patients.",
        "Importez d'abord la liste avec « liasse patient import », puis ce fichier de nouveau.",
        "This line's patient is not in the list of patients.",
        "Import the list with `liasse patient import` first, then this file again.",
    ),
    "birth-name-differs": Sentence(
        "Le nom de naissance n'est pas celui du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le nom, puis importez de nouveau.",
        "The birth name is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the name, then import again.",
    ),
    "given-name-differs": Sentence(
        "Le prénom n'est pas de ceux du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le prénom, puis importez de nouveau.",
        "The given name is not one of the patient with this reference.",
        "Check whose line this is, correct the reference or the name, then import again.",
    ),
    "birth-date-differs": Sentence(
        "La date de naissance n'est pas celle du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou la date, puis importez de nouveau.",
        "The birth date is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the date, then import again.",
    ),
    "ins-differs": Sentence(
        "L'INS n'est pas celui du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le numéro, puis importez de nouveau.",
        "The INS is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the number, then import again.",
    ),
    "withheld": Sentence(
        "Une autre ligne de ce patient est refusée et pouvait être un refus ou un retrait : cette autorisation attend.",
        "Corrigez l'autre ligne, puis importez de nouveau le fichier entier.",
        "Another line of this patient is refused and may be a refusal or a withdrawal: this authorization waits.",
        "Correct the other line, then import the whole file again.",
    ),
    "in-doubt": Sentence(
        "Le poste d'où vient ce fichier ne savait pas lui-même ce que ce patient a dit.",
        "Demandez-le au patient ou au service, remplacez cette ligne par sa réponse, puis importez de nouveau.",
        "The station that wrote this file did not itself know what this patient said.",
        "Ask the patient or the service, put the answer in place of this line, then import again.",
    ),
    "giver-unknown": Sentence(
        "La personne qui s'est exprimée n'est pas de celles qui sont connues.",
        "Écrivez patient, autorite_parentale ou tuteur, ou laissez la case vide pour le patient.",
        "Who spoke is not one of those that are known.",
        "Write patient, autorite_parentale or tuteur, or leave the cell empty for the patient.",
    ),
    "authority-without-guardian": Sentence(
        "Une fin de mandat est donnée, sans que la ligne dise qu'un tuteur s'est exprimé.",
        "Écrivez tuteur dans la colonne de qui s'est exprimé, ou videz la fin de mandat, puis importez de nouveau.",
        "An end of authority is given, but the line does not say that a guardian spoke.",
        "Write tuteur in the column of who spoke, or empty the end of authority, then import again.",
    ),
    "evidence-kind-unknown": Sentence(
        "Le type de preuve n'est pas de ceux qui sont connus.",
        "Écrivez formulaire_signe, courriel ou oral, ou laissez la case vide, puis importez de nouveau.",
        "The kind of evidence is not one that is known.",
        "Write formulaire_signe, courriel or oral, or leave the cell empty, then import again.",
    ),
    "evidence-date-future": Sentence(
        "La date de la preuve est à venir.",
        "Corrigez-la ou laissez la case vide, puis importez de nouveau.",
        "The date of the evidence is yet to come.",
        "Correct it or leave the cell empty, then import again.",
    ),
    "hash-malformed": Sentence(
        "L'empreinte de la preuve n'est pas un SHA-256, ou n'est pas celle du fichier joint.",
        "Recopiez ses 64 chiffres hexadécimaux, ou laissez la case vide, puis importez de nouveau.",
        "The evidence's hash is no SHA-256, or is not that of the file beside it.",
        "Copy its 64 hexadecimal digits, or leave the cell empty, then import again.",
    ),
    "purposes-unreadable": Sentence(
        "Les finalités mêlent « toutes » à d'autres, ou contiennent un signe interdit.",
        "Écrivez toutes_finalites seul, ou des finalités séparées par des virgules, puis importez de nouveau.",
        "The purposes mix `toutes_finalites` with others, or hold a sign that is not allowed.",
        "Write toutes_finalites alone, or purposes between commas, then import again.",
    ),
    "limit-missing": Sentence(
        "L'autorisation est dite limitée, mais la ligne ne donne aucune limite.",
        "Donnez les types, les finalités ou la date de fin, ou écrivez accordee, puis importez de nouveau.",
        "The authorization is called limited, but the line gives no limit.",
        "Give the types, the purposes or the end date, or write accordee, then import again.",
    ),
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
"""Why a line of an imported file was refused. No sentence repeats a cell."""

FLAWS: Final[dict[str, Sentence]] = {
    "entry-missing": Sentence(
        "L'événement {first} du registre de traçabilité a disparu.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is gone.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-malformed": Sentence(
        "L'événement {first} du registre de traçabilité n'est pas de la forme que Liasse écrit.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger does not have the form that Liasse writes.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-misplaced": Sentence(
        "L'événement {first} du registre de traçabilité n'est pas à sa place.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is not in its place.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-edited": Sentence(
        "L'événement {first} du registre de traçabilité a été modifié.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger was changed.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "time-backwards": Sentence(
        "L'événement {first} du registre de traçabilité est daté d'avant celui qui le précède.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is dated before the one that precedes it.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "tree-edited": Sentence(
        "Les empreintes qui couvrent les événements {first} à {last} ne correspondent pas à ce qui est enregistré.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "The hashes over entries {first} to {last} do not match what is on record.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "checkpoint-forged": Sentence(
        "Le point de contrôle qui suit l'événement {last} ne porte pas la signature de ce poste.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "The checkpoint after entry {last} does not bear this station's signature.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "checkpoint-differs": Sentence(
        "Un événement entre {first} et {last} a changé depuis que le poste a signé son point de contrôle.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "An entry from {first} to {last} has changed since the station signed its checkpoint.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "anchor-forged": Sentence(
        "Un point de contrôle donné comme ancre ne porte pas la signature de ce poste.",
        "Vérifiez que l'ancre vient de ce poste ; demandez-la de nouveau à qui la garde.",
        "A checkpoint given as an anchor does not bear this station's signature.",
        "Check that the anchor comes from this station; ask whoever keeps it for it again.",
    ),
    "history-rewritten": Sentence(
        "Le registre a été réécrit : de l'événement {first} à {last}, il n'est plus celui de l'ancre gardée ailleurs.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable : l'ancre fait foi.",
        "The ledger was rewritten: from entry {first} to {last} it is no longer that of the anchor kept elsewhere.",
        "Stop the station, keep it as it is and tell the person in charge: the anchor is what counts.",
    ),
    "truncated": Sentence(
        "La fin du registre a été coupée : les événements {first} à {last}, signés, ont disparu.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable.",
        "The end of the ledger was cut off: entries {first} to {last}, which were signed, are gone.",
        "Stop the station, keep it as it is and tell the person in charge.",
    ),
}
"""What is wrong with a custody log (`storage.evidence.Flaw`); entries are numbered from 0."""
