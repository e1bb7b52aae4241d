"""The tables and sheets of each list that a terminal shows (`pipeline.office.tabling`)."""

from typing import Final

from lexicon.conflicts import CONFLICTS
from lexicon.reviews import DECISIONS, FACTS, GIVERS, said
from lexicon.screens import say
from lexicon.words import (
    CUSTODY,
    DELETION_STATES,
    FACTORS,
    FORM_OUTCOMES,
    FORM_STATES,
    GAPS,
    IMPEDIMENTS,
    MARKS,
    NOES,
    OPPOSITIONS,
    OUTCOMES,
    ROLES,
    TAGS,
    WORK,
)
from pipeline.office.pages import flags_text
from pipeline.office.tabling import Answer, Column, Shown, Table, Telling, at, cell, day, field, moment, text, words


def _whole(french: str, english: str, name: str) -> Column:
    return Column((french, english), text(name), whole=True)


def _became(answer: Answer, telling: Telling) -> str:
    """What became of a document; of a deposited one, whether it is restricted or deleted."""
    slug = "deleted" if answer.get("deleted_at") else "restricted" if answer.get("restriction") else answer["outcome"]
    return said(OUTCOMES, slug, telling.language)


def _flagged(answer: Answer, telling: Telling) -> str:
    """Which of a document's pages are flagged, and with what."""
    return flags_text({int(page): flags for page, flags in answer.get("flags", {}).items()}, telling.language)


def _stands(answer: Answer, telling: Telling) -> str:
    """How far a form has come: what was ticked on a checked one, the reason of a held one."""
    word = said(FORM_STATES, answer["state"], telling.language)
    if answer["outcome"]:
        return f"{word} : {said(FORM_OUTCOMES, answer['outcome'], telling.language)}"
    return f"{word} [{answer['reason']}]" if answer["reason"] else word


def _fact(answer: Answer, telling: Telling) -> str:
    """The kind of a fact, with what narrows it: the objection's object, who spoke for the patient, a retraction."""
    language, more = telling.language, []
    if answer.get("opposition"):
        more.append(said(OPPOSITIONS, answer["opposition"], language))
    if answer.get("given_by") not in (None, "patient"):
        more.append(said(GIVERS, answer["given_by"], language))
    if answer.get("retracted") or answer.get("retracted_at"):
        more.append(said(MARKS, "retracted", language))
    kind = said(FACTS, answer["kind"], language)
    return f"{kind} ({', '.join(more)})" if more else kind


def _about(answer: Answer, _: Telling) -> str:
    """What a decision is about: a document by its number; a patient, whom the ledger does not name, as such."""
    kind, identifier = str(answer["object"]).split(":", 1)
    return identifier if kind in ("document", "fact") else kind


def _person(answer: Answer, telling: Telling) -> str:
    for slug in ("disabled", "locked"):
        if answer[f"{slug}_at"]:
            return f"{said(MARKS, slug, telling.language)} {at(answer[f'{slug}_at'], telling)[:10]}"
    return said(MARKS, "enrolled", telling.language)


def _of(answer: Answer, telling: Telling) -> str:
    document = answer["document"]
    return said(MARKS, "everything", telling.language) if document is None else cell(document)


def _waits(answer: Answer, telling: Telling) -> str:
    impediment = field(answer, "impediment")
    if impediment:
        return said(IMPEDIMENTS, str(impediment), telling.language)
    return said(DELETION_STATES, answer["state"], telling.language)


def _indexed(name: str) -> Shown:
    """What its index says; a proposal says so."""

    def shown(answer: Answer, telling: Telling) -> str:
        found = field(answer, f"index.{name}")
        if found is None or not field(answer, f"index.{name}_proposed"):
            return cell(found)
        return say("proposed", telling.language, value=str(found))

    return shown


def _yes(name: str) -> Shown:
    return lambda answer, telling: say("yes", telling.language) if field(answer, name) else cell(None)


BATCHES: Final[Table] = (
    _whole("Lot", "Batch", "batch"),
    Column(("Nom", "Name"), text("label")),
    Column(("Ouvert", "Opened"), day("opened")),
    Column(("Clos", "Closed"), day("closed")),
    Column(("Images", "Images"), text("images.captured")),
    Column(("Carton", "Box"), text("box")),
    Column(("Écart", "Unlike"), words("unlike", GAPS)),
)
FILES: Final[Table] = (
    _whole("Fichier", "File", "file"),
    Column(("Nom", "Name"), text("name")),
    Column(("Images", "Images"), text("pages")),
    Column(("Devenu", "Became"), words("state", OUTCOMES)),
    Column(("Motif", "Reason"), text("reason")),
)
DOCUMENTS: Final[Table] = (
    _whole("Document", "Document", "document"),
    Column(("Patient", "Patient"), text("patient")),
    Column(("Type", "Type"), text("doc_type")),
    Column(("Images", "Images"), text("pages")),
    Column(("Devenu", "Became"), _became),
    Column(("Motif", "Reason"), text("reason")),
    Column(("Pris le", "Taken"), day("captured_at")),
)
DOCUMENT: Final[Table] = (
    *DOCUMENTS[:2],
    Column(("Type", "Type"), _indexed("type")),
    *DOCUMENTS[3:-1],
    Column(("Date", "Date"), _indexed("date")),
    Column(("Lu comme", "Read as"), text("index.read_as")),
    Column(("Rubrique", "Bucket"), text("index.bucket")),
    Column(("Code", "Code"), text("index.code")),
    Column(("Libellé", "Label"), text("index.label")),
    Column(("Marques", "Tags"), words("index.tags", TAGS)),
    Column(("Regarder", "Look at"), text("look_at")),
    Column(("On y voit", "Shows"), words("contradicts", CONFLICTS)),
    Column(("Signalées", "Flagged"), _flagged),
    Column(("Gardé", "Kept"), words("custody", CUSTODY)),
    Column(("Limité par", "Restricted by"), words("restriction", NOES)),
    Column(("Limité le", "Restricted on"), moment("restricted_since")),
    Column(("Suppression", "Deletion"), words("deletion", DELETION_STATES)),
    Column(("Supprimé le", "Deleted on"), moment("deleted_at")),
    Column(("Pris le", "Taken"), moment("captured_at")),
    Column(("Réglé le", "Settled"), moment("settled_at")),
    Column(("Déposé le", "Deposited"), moment("deposited_at")),
    _whole("Objet", "Object", "object"),
    _whole("SHA-256", "SHA-256", "sha256"),
    _whole("Lot", "Batch", "batch"),
    _whole("Fichier", "File", "file"),
)
FOUND: Final[Table] = (
    _whole("Document", "Document", "document"),
    Column(("Patient", "Patient"), text("patient")),
    Column(("Type", "Type"), _indexed("type")),
    Column(("Date", "Date"), _indexed("date")),
    Column(("Images", "Images"), text("pages")),
    Column(("Devenu", "Became"), _became),
    Column(("Pris le", "Taken"), day("captured_at")),
)
TYPES: Final[Table] = (
    Column(("Type", "Type"), text("type")),
    Column(("Rubrique", "Bucket"), text("bucket")),
    Column(("Code", "Code"), text("code")),
    Column(("Libellé", "Label"), text("label")),
    Column(("Exclu", "Excluded"), _yes("excluded")),
)
DELETIONS: Final[Table] = (
    _whole("Suppression", "Deletion", "deletion"),
    _whole("Document", "Document", "document"),
    Column(("État", "State"), _waits),
    Column(("Confirmable dès", "To be confirmed from"), moment("confirmable_from")),
)
DELETION: Final[Table] = (
    *DELETIONS[:2],
    Column(("État", "State"), words("state", DELETION_STATES)),
    Column(("Motif", "Reason"), words("reason", NOES)),
    Column(("Empêchement", "Impediment"), words("impediment", IMPEDIMENTS)),
    Column(("Proposée le", "Proposed"), moment("proposed_at")),
    Column(("Confirmable dès", "To be confirmed from"), moment("confirmable_from")),
    _whole("Confirmée par", "Confirmed by", "first_by"),
    _whole("et par", "and by", "second_by"),
    _whole("Ordonnée par", "Ordered by", "ordered_by"),
    _whole("Finie par", "Ended by", "ended_by"),
    Column(("Finie le", "Ended"), moment("ended_at")),
    Column(("Verrou jusqu'au", "Locked until"), text("locked_until")),
)
HOLDS: Final[Table] = (
    _whole("Conservation", "Hold", "hold"),
    Column(("Document", "Document"), _of, whole=True),
    Column(("Patient", "Patient"), text("patient")),
    Column(("Document client", "Client's document"), text("client_document")),
    Column(("Référence", "Reference"), text("reference")),
    Column(("Depuis", "Since"), moment("placed_at")),
)
REVIEWS: Final[Table] = (
    _whole("Décision", "Decision", "review"),
    Column(("Quoi", "What"), words("decision", DECISIONS)),
    Column(("Au sujet de", "About"), _about, whole=True),
    Column(("Depuis", "Since"), moment("at")),
)
FORMS: Final[Table] = (
    _whole("Retour", "Return", "return"),
    Column(("Patient", "Patient"), text("patient")),
    Column(("État", "State"), _stands),
    Column(("Images", "Images"), text("pages")),
    Column(("Pris le", "Taken"), day("captured_at")),
)
FACTS_LISTED: Final[Table] = (
    _whole("Fait", "Fact", "fact"),
    Column(("Patient", "Patient"), text("patient")),
    Column(("Ce qui est dit", "What is said"), _fact),
    Column(("Vaut le", "Holds from"), text("on")),
    Column(("Jusqu'au", "Until"), text("until")),
    Column(("Enregistré", "Recorded"), moment("recorded_at")),
)
FACTS_SHOWN: Final[Table] = tuple(column for column in FACTS_LISTED if column.head[0] != "Patient")
PEOPLE: Final[Table] = (
    _whole("Personne", "Person", "person"),
    Column(("Nom", "Name"), text("name")),
    Column(("Rôle", "Role"), words("role", ROLES)),
    Column(("Facteur", "Factor"), words("factor", FACTORS)),
    Column(("Depuis", "Since"), day("enrolled_at")),
    Column(("Habilitation", "Standing"), _person),
)
TASKS: Final[Table] = (
    _whole("Numéro", "Number", "id"),
    Column(("Sorte", "Kind"), words("kind", WORK)),
    Column(("Arrêt", "Stopped"), words("paused", WORK)),
    Column(("Panne", "Fault"), text("fault")),
)
BACKUPS: Final[Table] = (
    _whole("Sauvegarde", "Backup", "backup"),
    Column(("Du", "Of"), moment("at")),
    Column(("Événements", "Entries"), text("entries")),
    Column(("Octets", "Bytes"), text("bytes")),
    Column(("Version", "Version"), text("software")),
)

TABLES: Final[dict[str, Table]] = {
    "batches": BATCHES,
    "files": FILES,
    "documents": DOCUMENTS,
    "found": FOUND,
    "types": TYPES,
    "deletions": DELETIONS,
    "holds": HOLDS,
    "reviews": REVIEWS,
    "forms": FORMS,
    "facts": FACTS_LISTED,
    "facts-shown": FACTS_SHOWN,
    "people": PEOPLE,
    "tasks": TASKS,
    "backups": BACKUPS,
}
SHEETS: Final[dict[str, Table]] = {"document": DOCUMENT, "deletion": DELETION}
