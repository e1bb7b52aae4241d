"""What `liasse host check` tried of a host, and what it found, French first."""

from typing import Final

PROBES: Final[dict[str, tuple[str, str]]] = {
    "create": ("crée un objet", "creates an object"),
    "read-back": ("rend exactement ce qui lui a été confié", "gives back exactly what it was given"),
    "create-once": ("ne remplace pas un objet existant", "does not replace an object that is there"),
    "list": ("liste les objets, chacun une fois", "lists the objects, each once"),
    "latency": ("dépôt et relecture d'un petit objet, en millisecondes", "small object put and read, in milliseconds"),
    "delete": ("supprime un objet et toutes ses versions", "removes an object with all its versions"),
    "atomic-create": (
        "création conditionnelle d'un seul geste (If-None-Match) ; sinon Liasse regarde avant de déposer",
        "conditional creation in one go (If-None-Match); otherwise Liasse looks before it puts",
    ),
    "checksum": ("refuse ce qui a été altéré en route (SHA-256)", "refuses what was altered on the way (SHA-256)"),
    "versions": ("garde des versions et les nomme", "keeps versions and names them"),
    "plain-delete-keeps": (
        "une suppression ordinaire laisse les anciennes versions",
        "an ordinary deletion leaves the older versions",
    ),
    "lock": ("verrouille un objet contre l'effacement", "locks an object against erasure"),
    "encryption": ("chiffre au repos et le dit", "encrypts at rest and says so"),
    "multipart": ("prend un grand objet en plusieurs parties", "takes a large object in parts"),
    "uploads-listed": ("permet de reprendre un envoi interrompu", "lets an interrupted upload go on"),
    "clock": ("écart de son horloge avec celle du poste, en secondes", "its clock against the station's, in seconds"),
    "tls": ("liaison chiffrée (TLS 1.2 ou plus)", "encrypted line (TLS 1.2 or later)"),
    "certificate": ("certificat TLS valable jusqu'au", "TLS certificate valid until"),
    "hds": ("certification HDS en règle aujourd'hui", "HDS certification in order today"),
}
"""By the name of the probe."""

ANSWERS: Final[dict[str, tuple[str, str]]] = {
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "not-offered": ("non proposé", "not offered"),
    "measured": ("mesuré", "measured"),
}
