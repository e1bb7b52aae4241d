"""Faults of people, of what they prove and of what they decide."""

from typing import Final

from lexicon.sentences import Sentence

PEOPLE: Final[dict[str, Sentence]] = {
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
}
