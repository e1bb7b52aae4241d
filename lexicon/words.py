"""The words of slugs on a screen, French first: what a document or a deletion has become, who spoke, what was read."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lexicon.sentences import Language

Words = dict[str, tuple[str, str]]

OUTCOMES: Final[Words] = {
    "in-progress": ("en cours", "in progress"),
    "deposited": ("déposé", "deposited"),
    "refused": ("refusé", "refused"),
    "held": ("en attente", "held"),
    "set-aside": ("écarté", "set aside"),
    "captured": ("pris", "taken"),
    "opened": ("ouvert", "opened"),
    "settled": ("compté", "counted"),
    "restricted": ("limité", "restricted"),
    "deleted": ("supprimé", "deleted"),
}
"""Of documents and files; `restricted` and `deleted` are deposited ones."""

CUSTODY: Final[Words] = {
    "curable": ("sous la clé du poste", "under the station's key"),
    "closed": ("clos, scellé pour le client", "closed, sealed for the client"),
    "final": ("détruit", "destroyed"),
}

GAPS: Final[Words] = {
    "sheets-fewer": ("feuilles en moins", "fewer sheets"),
    "sheets-more": ("feuilles en plus", "more sheets"),
    "documents-fewer": ("documents en moins", "fewer documents"),
    "documents-more": ("documents en plus", "more documents"),
    "pages-fewer": ("pages en moins", "fewer pages"),
    "pages-more": ("pages en plus", "more pages"),
}
"""What a batch was closed with otherwise than announced."""

FORM_STATES: Final[Words] = {
    "taken": ("pris", "taken"),
    "sealed": ("scellé, en route", "sealed, on its way"),
    "to-check": ("à vérifier", "to be checked"),
    "checked": ("vérifié", "checked"),
    "held": ("en attente", "held"),
    "discarded": ("écarté", "discarded"),
}

FORM_OUTCOMES: Final[Words] = {
    "granted": ("accordée", "granted"),
    "limited": ("accordée avec limites", "granted with limits"),
    "refused": ("refusée", "refused"),
    "unusable": ("inutilisable", "unusable"),
}
"""What is ticked on a form (`pipeline.forms.readings.Read`)."""

DELETION_STATES: Final[Words] = {
    "proposed": ("proposée", "proposed"),
    "first-confirmed": ("confirmée par une personne", "confirmed by one"),
    "confirmed": ("confirmée, à exécuter", "confirmed, to be done"),
    "intended": ("commencée", "begun"),
    "locked": ("verrouillée chez l'hébergeur", "locked at the host"),
    "executed": ("exécutée", "done"),
    "refused": ("refusée", "refused"),
    "cancelled": ("annulée", "cancelled"),
}

IMPEDIMENTS: Final[Words] = {
    "deletion-paper-destroyed": ("du papier a été détruit", "paper was destroyed"),
    "deletion-held": ("une conservation l'interdit", "a hold forbids it"),
}

OPPOSITIONS: Final[Words] = {
    "hosting": ("hébergement", "hosting"),
    "access": ("accès", "access"),
    "transmission": ("transmission", "transmission"),
}

CHECKS: Final[Words] = {
    "not-checked": ("preuve non vérifiée", "evidence not checked"),
    "evidence-checked": ("preuve vérifiée", "evidence checked"),
    "evidence-rejected": ("preuve rejetée", "evidence rejected"),
}

ROLES: Final[Words] = {
    "reviewer": ("personnel médical", "reviewer"),
    "controller": ("responsable", "controller"),
    "administrator": ("administrateur", "administrator"),
    "operator": ("opérateur", "operator"),
}

FACTORS: Final[Words] = {"totp": ("code", "code"), "key": ("clé", "key")}

WORK: Final[Words] = {
    "document": ("document", "document"),
    "file": ("fichier", "file"),
    "cancelled": ("arrêté par une personne", "stopped by a person"),
    "dead-letter": ("essais épuisés", "attempts used up"),
    "": ("réessayé seul", "tried again by itself"),
}

MARKS: Final[Words] = {
    "retracted": ("rétracté", "retracted"),
    "enrolled": ("habilitée", "enrolled"),
    "disabled": ("retirée le", "disabled"),
    "locked": ("bloquée le", "locked"),
    "everything": ("tout le patient", "all of the patient's"),
}
"""What narrows a line of a table."""

TAGS: Final[Words] = {
    "excluded-from-faithful-copy": ("exclu de la copie fidèle", "excluded from faithful copy"),
}
"""Of documents."""

TRAITS: Final[Words] = {
    "birth-name": ("nom de naissance", "birth name"),
    "usage-name": ("nom d'usage", "usage name"),
    "given-name": ("prénom", "given name"),
    "given-names": ("prénoms", "given names"),
    "birth-date": ("date de naissance", "birth date"),
    "birth-year": ("année de naissance", "birth year"),
    "sex": ("sexe", "sex"),
    "ins": ("INS", "INS"),
    "reference": ("référence", "reference"),
}

TRAIT_STANDINGS: Final[Words] = {
    "agrees": ("concorde", "agrees"),
    "differs": ("diffère", "differs"),
    "other-patient": ("d'un autre patient", "another patient's"),
    "unknown": ("inconnu", "unknown"),
}

NOES: Final[Words] = {
    "refused": ("refus", "refusal"),
    "withdrawn": ("retrait", "withdrawal"),
    "opposition": ("opposition à l'hébergement", "objection to hosting"),
    "opposition-access": ("opposition à l'accès", "objection to access"),
    "opposition-transmission": ("opposition à la transmission", "objection to transmission"),
    "contradictory": ("faits contradictoires", "contradictory facts"),
    "doubted": ("doute sur une ligne du registre", "a line of the register in doubt"),
    "patient-unknown": ("patient absent du fichier", "patient not on the roster"),
    "register-unreadable": ("registre illisible", "register unreadable"),
    "ordered": ("ordre du responsable", "the controller's order"),
}
"""Why a deposited document is restricted, or to be deleted."""

_CERTIFICATES: Final[Words] = {
    "certificate": ("ce n'est pas un certificat", "it is no certificate"),
    "unreadable": ("il ne se lit pas", "it cannot be read"),
    "key-type": ("genre de clé", "kind of key"),
    "key-usage": ("usage de la clé", "use of the key"),
    "curve": ("courbe", "curve"),
    "rsa-too-short": ("clé RSA trop courte", "RSA key too short"),
    "too-large": ("trop grand", "too large"),
    "expired": ("arrivé à son terme", "expired"),
    "not-yet-valid": ("pas encore valable", "not valid yet"),
}

_READINGS: Final[Words] = {
    "on": ("jour de la signature", "day of the signature"),
    "type": ("type de document", "document type"),
    "types": ("type de document", "document type"),
    "limits": ("limites", "limits"),
    "until": ("dernier jour", "last day"),
    "authority-until": ("fin du mandat", "end of authority"),
    "evidence": ("preuve", "evidence"),
}

PROBLEMS: Final[Words] = {
    "missing": ("il manque", "it is missing"),
    "below": ("au moins {bound}", "at least {bound}"),
    "not-above": ("plus que {bound}", "more than {bound}"),
    "above": ("au plus {bound}", "at most {bound}"),
    "not-below": ("moins que {bound}", "less than {bound}"),
    "one-of": ("l'un de : {bound}", "one of: {bound}"),
    "whole-number": ("un nombre entier est attendu", "a whole number is expected"),
    "number": ("un nombre est attendu", "a number is expected"),
    "text": ("un texte entre guillemets est attendu", "text in quotes is expected"),
    "true-or-false": ("true ou false est attendu", "true or false is expected"),
    "list": ("une liste entre crochets est attendue", "a list in square brackets is expected"),
    "pattern": ("ce n'est pas une expression régulière", "it is no regular expression"),
    "one-group": (
        "un groupe et un seul, entre parenthèses, est attendu",
        "one group in round brackets is expected, and no more",
    ),
    "day": ("un jour AAAA-MM-JJ est attendu", "a day YYYY-MM-DD is expected"),
    "table": ("une table entre crochets [ ] est attendue", "a table in brackets [ ] is expected"),
    "too-short": ("au moins {bound} signe(s) ou élément(s)", "at least {bound} character(s) or element(s)"),
    "too-long": ("au plus {bound} signes", "at most {bound} characters"),
    "form": ("l'écriture attendue est {bound}", "it is written as {bound}"),
    "near": ("réglage inconnu ; vouliez-vous dire {bound} ?", "unknown setting; did you mean {bound}?"),
    "unknown": ("réglage inconnu ; connus : {bound}", "unknown setting; known: {bound}"),
    "temporary-name": (
        "aucune numérisation finie ne serait plus prise",
        "no finished scan would be taken any more",
    ),
    "barcode-pattern": (
        "une expression régulière de 200 signes au plus est attendue, avec le groupe (?P<patient>…) et, s'il y a lieu, "
        "(?P<type>…) et (?P<document>…), sans autre groupe nommé",
        "a regular expression of at most 200 characters is expected, with the group (?P<patient>…) and perhaps "
        "(?P<type>…) and (?P<document>…), and no other named group",
    ),
    "time-zone": ("fuseau horaire inconnu", "unknown time zone"),
    "type-names": (
        "chaque type de document a un nom que le patient lit",
        "each document type has a name that a patient reads",
    ),
    "categories": (
        "une catégorie dit un mot du registre : refusee, retiree, opposition_acces…",
        "a category means a word of the register's sheet: refusee, retiree, opposition_acces…",
    ),
    "password": (
        "le mot de passe se nomme par référence, dans database.password",
        "the password is named by reference, in database.password",
    ),
    "retention-days": (
        "retention_mode demande aussi retention_days",
        "retention_days is needed where retention_mode is set",
    ),
    "compliance-price": (
        "compliance : nul ne peut effacer avant la date, pas même le responsable de traitement (RGPD art. 17) ; "
        "compliance_price_accepted = true dit que c'est pesé",
        "compliance: nobody can erase before the date, not even the controller (GDPR art. 17); "
        "compliance_price_accepted = true says that this was weighed",
    ),
    "duplex-sides": (
        "le recto-verso manuel (duplex) donne deux images par feuille : sides = 2",
        "manual duplex gives two images a sheet: sides = 2",
    ),
    "https": ("https:// est exigé en production", "https:// is needed in production"),
    "wrong": ("valeur refusée", "value refused"),
    "line": ("ligne, colonne : {bound}", "line, column: {bound}"),
    "file-ends": ("quelque chose manque à la fin", "something is missing at its end"),
    "not-utf8": ("il n'est pas en UTF-8", "it is not in UTF-8"),
    "no-access": ("le compte n'a pas le droit de le lire", "the account has no right to read it"),
}
"""What is wrong with a setting; a fault says it as the slug, a space, and the bound."""

MISUSES: Final[Words] = {
    "missing": ("il manque {what}", "{what} is missing"),
    "no-command": ("cette commande n'existe pas : {what}", "there is no such command: {what}"),
    "no-option": ("cette option n'existe pas : {what}", "there is no such option: {what}"),
    "needs-value": ("l'option {what} veut une valeur", "the option {what} needs a value"),
    "takes-no-value": ("l'option {what} ne prend pas de valeur", "the option {what} takes no value"),
    "too-many": ("il y a un argument de trop", "there is an argument too many"),
    "command-missing": ("il manque une commande", "a command is missing"),
    "choice": ("{name} : choisissez parmi {what}", "{name}: choose among {what}"),
    "range": ("{name} : un nombre entier est attendu ({what})", "{name}: a whole number is expected ({what})"),
    "number": ("{name} : un nombre est attendu", "{name}: a number is expected"),
    "day": ("{name} : un jour est attendu, AAAA-MM-JJ", "{name}: a day is expected, YYYY-MM-DD"),
    "either-day": (
        "{name} : un jour est attendu, AAAA-MM-JJ ou JJ/MM/AAAA",
        "{name}: a day is expected, YYYY-MM-DD or DD/MM/YYYY",
    ),
    "file": ("{name} : il n'y a pas de fichier lisible à cet endroit", "{name}: there is no readable file there"),
    "folder": ("{name} : il n'y a pas de dossier à cet endroit", "{name}: there is no folder there"),
    "wrong": ("{name} : cette valeur est refusée", "{name}: this value is refused"),
    "else": ("{what}", "{what}"),
    "not-with": ("avec {name}, ces options ne disent rien : {what}", "with {name}, these options say nothing: {what}"),
    "one-of": ("il faut l'un, et un seul, de : {what}", "one of these is needed, and one alone: {what}"),
}
"""What is wrong with a command line."""

_FACTS: Final[dict[str, Words]] = {
    "state": DELETION_STATES,
    "reason": NOES | _CERTIFICATES,
    "what": _READINGS,
    "field": _READINGS,
    "role": ROLES,
}
"""Facts of faults that are slugs."""


def fact_in_words(name: str, fact: int | str, language: "Language") -> int | str:
    """A fault's fact as its sentence shows it: a slug in words, anything else as it is."""
    if not isinstance(fact, str):
        return fact
    slug, _, bound = fact.partition(" ")
    if name == "problem" and slug in PROBLEMS:
        return PROBLEMS[slug][0 if language == "fr" else 1].format(bound=bound)
    words = _FACTS.get(name, {}).get(fact)
    return fact if words is None else words[0 if language == "fr" else 1]
