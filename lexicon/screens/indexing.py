"""Types and days of documents: as commands say it on a terminal."""

from typing import Final

INDEXING: Final[dict[str, tuple[str, str]]] = {
    "index-said": ("Inscrit pour le document {id}.", "On record for the document {id}."),
    "index-batch-reopened": (
        "Son lot est rouvert : son index sera scellé de nouveau quand il sera clos.",
        "Its batch is open again: its index is sealed anew when it is closed.",
    ),
    "index-beyond": (
        "Attention : avec ce type, le contrôle répondrait « {reason} ». Le document est déjà chez l'hébergeur : "
        "prévenez le responsable de traitement.",
        "Beware: with this type, the gate would answer `{reason}`. The document is at the host already: tell the "
        "controller.",
    ),
    "types-written": (
        "Table écrite : {path}. Modifiez-la, vérifiez-la (liasse type check), puis nommez-la : [indexing] table.",
        "Table written: {path}. Edit it, check it (liasse type check), then name it: [indexing] table.",
    ),
    "types-checked": ("{count} types, sans faute.", "{count} types, without a fault."),
    "types-without": (
        "Sans rubrique ou sans code : {types}.",
        "Without a bucket or without a code: {types}.",
    ),
    "proposed": ("{value} (proposé)", "{value} (proposed)"),
    "yes": ("oui", "yes"),
}
