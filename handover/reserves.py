"""What nobody checked, said in the report itself (law of the house: where nothing checked, the record says so)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from consent_gate.model import CustodyClass
from handover.inventory import Inventory
from handover.opaque import WITHHELD


@dataclass(frozen=True, slots=True)
class Reserve:
    """One thing that this package does not prove; `count` is of documents, batches or references, 0 for the whole."""

    what: str
    count: int
    fr: str
    en: str


_ALWAYS: Final = (
    Reserve(
        "time-not-certified",
        0,
        "Aucun jeton d'horodatage : les dates sont celles de l'horloge du poste.",
        "No time-stamp token: the times are those of the station's clock.",
    ),
    Reserve(
        "ledger-not-anchored",
        0,
        "Le registre n'a pas été confronté à un point de contrôle gardé hors du poste : une fin coupée avant cette "
        "restitution, ou une réécriture entière par qui détient la clé du poste, ne se verrait pas.",
        "The ledger was not compared with a checkpoint kept outside the station: a tail cut off before this handover, "
        "or a whole rewrite by whoever holds the station's key, could not be seen.",
    ),
    Reserve(
        "host-not-read-again",
        0,
        "Chaque enveloppe a été relue chez l'hébergeur lors de son dépôt, non lors de cette restitution.",
        "Each envelope was read back from the host when it was deposited, not when this handover was built.",
    ),
    Reserve(
        "legibility-not-sampled",
        0,
        "Aucun contrôle de lisibilité ni de fidélité par échantillon n'est consigné.",
        "No sampling of legibility or fidelity is on record.",
    ),
    Reserve(
        "text-not-proofread",
        0,
        "Le texte reconnu sous les images n'a pas été relu : l'image seule fait foi.",
        "The recognised text beneath the images was not proofread: the image alone is authoritative.",
    ),
)


def reserves(inventory: Inventory) -> Iterator[Reserve]:
    """Those of every package, then those that these accounts call for."""
    yield from _ALWAYS
    judges = [document.archived.validators if document.archived else () for document in inventory.deposited]
    yield from _counted(
        "pdfa-not-checked",
        sum(not validators for validators in judges),
        "La conformité PDF/A de {count} document(s) n'a été vérifiée par aucun programme.",
        "No program checked that {count} document(s) conform to PDF/A.",
    )
    yield from _counted(
        "pdfa-not-by-verapdf",
        sum(bool(validators) and not _by_verapdf(validators) for validators in judges),
        "La conformité PDF/A de {count} document(s) n'a pas été vérifiée par veraPDF, le validateur de référence.",
        "veraPDF, the reference validator, did not check that {count} document(s) conform to PDF/A.",
    )
    yield from _of_the_station(inventory)


def _of_the_station(inventory: Inventory) -> Iterator[Reserve]:
    yield from _counted(
        "paper-not-declared",
        0 if inventory.paper.declared else 1,
        "Personne n'a déclaré les feuilles reçues : elles sont comptées d'après les images.",
        "Nobody declared the sheets received: they are counted from the images.",
    )
    yield from _counted(
        "batches-open",
        sum(batch.closed_at is None for batch in inventory.batches),
        "{count} lot(s) ne sont pas clos : leur index n'est pas chez l'hébergeur.",
        "{count} batch(es) are not closed: their index is not at the host.",
    )
    yield from _of_batches(inventory)
    yield from _counted(
        "not-purged",
        sum(document.stored.purged_at is None for document in inventory.deposited),
        "La destruction des copies de travail de {count} document(s) déposé(s) n'est pas consignée.",
        "The destruction of the working copies of {count} deposited document(s) is not on record.",
    )
    yield from _counted(
        "documents-restricted",
        sum(document.restriction is not None for document in inventory.deposited),
        "{count} document(s) déposé(s) sont limités : leur patient a dit non depuis ; ils ne sont pas à lire.",
        "{count} deposited document(s) are restricted: their patient said no since; they are not to be read.",
    )
    yield from _counted(
        "documents-deleted",
        sum(document.deletion is not None for document in inventory.deposited),
        "{count} document(s) déposé(s) ont été supprimés chez l'hébergeur, ou le seront au bout d'un verrou : leur "
        "index de lot et leur accusé de dépôt demeurent.",
        "{count} deposited document(s) were deleted at the host, or will be when a lock ends: their batch's index and "
        "their receipt stay.",
    )
    yield from _counted(
        "excluded-from-faithful-copy",
        sum(bool(document.tags) for document in inventory.documents),
        "{count} document(s) contiennent un film (radiographie), que la NF Z42-026 exclut de la copie fidèle : leur "
        "image n'en tient pas lieu, et l'original n'est pas à détruire.",
        "{count} document(s) hold a film (X-ray), which NF Z42-026 excludes from faithful copies: their image does not "
        "replace it, and the original is not to be destroyed.",
    )
    yield from _originals(inventory)
    yield from _counted(
        "references-withheld",
        sum(WITHHELD in (d.patient, d.client_document, d.doc_type) for d in inventory.documents),
        "{count} référence(s) d'intercalaire sont remplacées par « ? » : elles pourraient nommer quelqu'un.",
        "{count} reference(s) of separators are replaced by `?`: they might name somebody.",
    )


def _of_batches(inventory: Inventory) -> Iterator[Reserve]:
    """What batches were announced to bring, and what hints at a separator that was missed."""
    yield from _counted(
        "counts-unlike-announced",
        sum(bool(batch.unlike) and not batch.explained for batch in inventory.batches),
        "{count} lot(s) ont été clos avec d'autres comptes que ceux annoncés, et personne n'a dit pourquoi.",
        "{count} batch(es) were closed with other counts than announced, and nobody has said why.",
    )
    yield from _counted(
        "counts-explained",
        sum(bool(batch.unlike) and batch.explained for batch in inventory.batches),
        "{count} lot(s) ont d'autres comptes que ceux annoncés ; une personne a dit pourquoi (registre : "
        "announcement-wrong, paper-checked).",
        "{count} batch(es) have other counts than announced; a person said why (ledger: announcement-wrong, "
        "paper-checked).",
    )
    yield from _counted(
        "patients-not-seen",
        sum(batch.not_seen for batch in inventory.batches),
        "{count} patient(s) annoncé(s) avec un lot n'y ont aucun document.",
        "{count} patient(s) who were announced with a batch have no document in it.",
    )
    yield from _counted(
        "neighbours-alike",
        sum(batch.neighbours for batch in inventory.batches),
        "{count} fois, deux documents qui se suivent sont du même patient et du même type, sans numéro qui les "
        "distingue : un intercalaire a pu être mis deux fois, ou devant les pages d'un autre.",
        "{count} time(s), two neighbouring documents are of the same patient and type, with no number that tells them "
        "apart: a separator may have been laid twice, or before somebody else's pages.",
    )


def _originals(inventory: Inventory) -> Iterator[Reserve]:
    """What is neither at the host nor in the package: it is the client's all the same (RGPD art. 28(3)(g))."""
    classes = [document.stored.custody for document in inventory.kept_back]
    classes += [file.custody for file in inventory.files_set_aside]
    yield from _counted(
        "originals-closed",
        sum(one == CustodyClass.CLOSED.value for one in classes),
        "{count} document(s) ou fichier(s) clos restent au poste, scellés pour le client et le séquestre ; ils ne sont "
        "ni chez l'hébergeur ni dans ce dossier. Le client les rouvre au poste avec sa clé : liasse release.",
        "{count} closed document(s) or file(s) stay at the station, sealed for client and escrow; they are neither at "
        "the host nor in this folder. The client opens them at the station with its key: liasse release.",
    )
    yield from _counted(
        "originals-curable",
        sum(one == CustodyClass.CURABLE.value for one in classes),
        "{count} document(s) ou fichier(s) en attente restent au poste, sous sa clé ; ils ne sont ni chez l'hébergeur "
        "ni dans ce dossier. Une personne en décide (liasse refusal list) ; au bout du délai, ils sont clos.",
        "{count} waiting document(s) or file(s) stay at the station, under its key; they are neither at the host nor "
        "in this folder. A person decides (liasse refusal list); when their time is over, they are closed.",
    )


def _counted(what: str, count: int, fr: str, en: str) -> Iterator[Reserve]:
    if count:
        yield Reserve(what, count, fr.format(count=count), en.format(count=count))


def _by_verapdf(validators: tuple[str, ...]) -> bool:
    return any(validator.lower().startswith("verapdf") for validator in validators)
