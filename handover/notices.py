"""`LISEZMOI.txt` and `README.txt`: what is in the package, the accounts in words, and how a stranger checks all of it.

The commands are run by our tests as they stand here, with the stock programs.
"""

import textwrap
from pathlib import Path
from typing import Final

from handover.inventory import Inventory, custody
from handover.reserves import reserves
from handover.summary import EVIDENCE_LEVEL, Head
from lexicon.sentences import Language
from pipeline.office.answers import images_answer, paper_answer
from pipeline.office.report import accounts_text, forms_text
from pipeline.station import Station

_NAMES: Final[dict[Language, str]] = {"fr": "LISEZMOI.txt", "en": "README.txt"}

_WIDTH: Final = 119

_FILES: Final = "sha256sum --strict -c manifest-sha256.txt"
_ORIGIN: Final = (
    "openssl cms -verify -binary -inform DER -in manifest-sha256.p7s -content manifest-sha256.txt"
    " -CAfile receipts/station.crt -purpose any -out /dev/null"
)
_FINGERPRINT: Final = "openssl x509 -in receipts/station.crt -noout -fingerprint -sha256"
_RECEIPTS: Final = (
    'for r in receipts/*.json; do openssl cms -verify -binary -inform DER -in "${r%.json}.p7s" -content "$r"'
    ' -CAfile receipts/station.crt -purpose any -out /dev/null || echo "$r"; done'
)
_STATEMENTS: Final = (
    'for r in deletions/*.json; do [ -e "$r" ] || continue; openssl cms -verify -binary -inform DER'
    ' -in "${r%.json}.p7s" -content "$r" -CAfile receipts/station.crt -purpose any -out /dev/null &&'
    ' grep -q "$(sha256sum < "$r" | cut -c1-64)" ledger/entries.jsonl || echo "$r"; done'
)
_OBJECT: Final = 'grep -l "$(sha256sum < object.p7m | cut -c1-64)" receipts/*.json'
_OPEN: Final = "openssl cms -decrypt -inform DER -in object.p7m -inkey client.key -recip client.crt -out document.pdf"
_PDF: Final = 'grep -c "$(sha256sum < document.pdf | cut -c1-64)" documents.csv'
_BODY: Final = "sed '/^$/,$d' ledger/checkpoint.txt > checkpoint-body.txt"
_NOTE: Final = "tail -n 1 ledger/checkpoint.txt | cut -d ' ' -f 3 | base64 -d | tail -c 64 > checkpoint-signature.bin"
_CHECKPOINT: Final = (
    "openssl pkeyutl -verify -pubin -inkey ledger/checkpoint-key.pem -rawin"
    " -in checkpoint-body.txt -sigfile checkpoint-signature.bin"
)
_LISTED: Final = 'grep -c "$(sha256sum < documents.csv | cut -c1-64)" ledger/entries.jsonl'

_TEXTS: Final[dict[Language, str]] = {
    "fr": """\
RESTITUTION {handover}
Établie le {at} (UTC) par le poste {station} ({mode}).

Responsable de traitement : {client}
Délégué à la protection des données : {dpo}
Contrat : {contract}
Sous-traitant : {subcontractor}

Ce dossier ne contient ni nom, ni INS, ni date de naissance : les documents y sont désignés par leur identifiant et par
la référence du patient chez le client. Les documents eux-mêmes sont chez l'hébergeur, chiffrés pour le client et pour
le séquestre seuls.


1. LES COMPTES

{accounts}

Chaque image numérisée est dans une colonne et une seule. Ces comptes ont été faits deux fois, d'après la base du poste
et d'après le registre de traçabilité seul ; ils sont identiques, faute de quoi cette restitution n'existerait pas.
{custody}


2. CE QUE CONTIENT CE DOSSIER

handover.json        parties, période, comptes par lot et par fichier, destinataires, preuves, réserves
documents.csv        les documents déposés : références, pages, empreintes, objet chez l'hébergeur, décision
refusals.csv         ce qui n'est pas déposé : documents refusés, en attente ou écartés, fichiers écartés, et pourquoi
ledger/              le registre de traçabilité : événements, point de contrôle signé, clé publique
receipts/            l'accusé de dépôt de chaque document (.json), sa signature (.p7s), le certificat du poste
deletions/           s'il y en a : l'attestation de chaque suppression chez l'hébergeur (.json), sa signature (.p7s)
manifest-sha256.txt  l'empreinte de chaque fichier ; manifest-sha256.p7s : sa signature par le poste

Les listes sont en UTF-8, séparées par des points-virgules ; importez-les avec toutes les colonnes en « Texte » pour
garder les zéros de tête. Une cellule qui commencerait une formule est précédée d'une apostrophe. Dans « positions »,
« p1-p3 p7 » désigne les images 1, 2, 3 et 7 du fichier. « custody » vaut « curable » (gardé sous la clé du poste, peut
encore être levé), « closed » (scellé pour le client et le séquestre : le poste ne peut plus l'ouvrir) ou « final »
(refus maintenu : détruit, il n'en reste que cette ligne ; « maintained » dit pourquoi). Les instants sont en UTC.
Le registre nomme les personnes par leur numéro ; leur rôle est dans handover.json (« people ») et dans l'événement qui
les a habilitées (« enrolled-controller » : du responsable de traitement).


3. VÉRIFIER, SANS LIASSE

Dans une copie de ce dossier, avec sha256sum et OpenSSL 3.

Les fichiers sont intacts :

    {files}

(chaque ligne finit par « OK » ou « Réussi ».) Ils viennent du poste. Comparez d'abord l'empreinte de son certificat
avec celle que le sous-traitant vous a remise par ailleurs, à la création du poste ; la seconde commande doit répondre
« CMS Verification successful » :

    {fingerprint}
    {origin}

Les accusés de dépôt viennent du poste (un nom affiché seul est un échec) :

    {receipts}

Les attestations de suppression aussi, et le registre porte leur empreinte (de même) :

    {statements}

Une enveloppe reçue de l'hébergeur (object.p7m) est celle qui a été déposée ; cette commande nomme son accusé :

    {object}

Il y a chez l'hébergeur d'autres objets, sans accusé ici : les formulaires d'autorisation signés, chiffrés (leurs noms
et leurs empreintes sont dans handover.json, « forms »), l'index chiffré de chaque lot (quel document est à qui, pour
le client), sous « checkpoints » les points de contrôle signés du registre, et, chiffré, de quoi remettre le poste en
place : « backups », « records », « epochs ».

L'ouvrir avec la clé et le certificat du client, puis retrouver l'empreinte du PDF dans la liste :

    {open}
    {pdf}

Le point de contrôle du registre est signé par le poste :

    {body}
    {note}
    {checkpoint}

L'événement de restitution porte l'empreinte des deux listes :

    {listed}

Le registre est un arbre de Merkle (RFC 6962). La feuille d'un événement est SHA-256 de l'octet 00 suivi de sa ligne
dans ledger/entries.jsonl, sans la fin de ligne. Un nœud est SHA-256 de l'octet 01 suivi de son fils gauche et de son
fils droit. De n feuilles (n > 1), le fils gauche couvre les k premières, k étant la plus grande puissance de deux
inférieure à n ; le fils droit couvre les autres. La racine ainsi calculée doit être, en base64, la troisième ligne de
ledger/checkpoint.txt ; la deuxième est le nombre d'événements. Changer, ôter ou déplacer un événement change la racine.
Gardez ce point de contrôle hors du poste : il prouvera plus tard que rien de ce registre n'a été repris.


4. CE QUE VALENT CES PREUVES

Niveau {level} : empreintes, registre de traçabilité, signature du poste. Ce niveau n'est pas celui d'une signature ou
d'un horodatage qualifiés. N'a pas été vérifié :

{reserves}
""",
    "en": """\
HANDOVER {handover}
Built at {at} (UTC) by station {station} ({mode}).

Data controller: {client}
Data-protection officer: {dpo}
Contract: {contract}
Subcontractor: {subcontractor}

This folder holds no name, no national health identifier and no birth date: documents go by their identifier and by the
client's own reference of the patient. The documents themselves are at the host, encrypted for the client and the
escrow alone.


1. THE ACCOUNTS

{accounts}

Each scanned image stands in one column and one only. These accounts were made twice, from the station's database and
from the custody ledger alone; they are the same, or this handover would not exist.
{custody}


2. WHAT IS IN THIS FOLDER

handover.json        parties, period, accounts by batch and by file, recipients, evidence, what was not checked
documents.csv        the documents deposited: references, pages, hashes, object at the host, decision
refusals.csv         what was not deposited: refused, held or set-aside documents, set-aside files, and why
ledger/              the custody ledger: entries, signed checkpoint, public key
receipts/            each document's receipt (.json), its signature (.p7s), the station's certificate
deletions/           where there are any: the statement of each deletion at the host (.json), its signature (.p7s)
manifest-sha256.txt  the hash of each file; manifest-sha256.p7s: the station's signature over it

The lists are UTF-8, separated by semicolons; import all columns as text to keep leading zeros. A cell that would begin
a formula is preceded by an apostrophe. In `positions`, `p1-p3 p7` means images 1, 2, 3 and 7 of the file. `custody`
is `curable` (kept under the station's key, may still be released), `closed` (sealed for client and escrow: the station
cannot open it any more) or `final` (refusal maintained: destroyed, this line alone is left of it; `maintained` says
why). Times are UTC. The ledger names people by number; their role is in handover.json (`people`) and in the entry that
enrolled them (`enrolled-controller`: of the controller's side).


3. CHECKING IT, WITHOUT LIASSE

In a copy of this folder, with sha256sum and OpenSSL 3.

The files are whole:

    {files}

(each line ends in "OK".) They come from the station. First compare its certificate's fingerprint with the one that the
subcontractor gave you by other means when the station was made; the second command must answer
"CMS Verification successful":

    {fingerprint}
    {origin}

The receipts come from the station (a name printed alone is a failure):

    {receipts}

So do the statements of deletions, and the ledger carries their hashes (in the same way):

    {statements}

An envelope fetched from the host (object.p7m) is the one that was deposited; this command names its receipt:

    {object}

The host has other objects, without a receipt here: signed authorization forms, encrypted (handover.json, `forms`, has
their names and hashes), each batch's encrypted index (which document is whose, for the
client), under "checkpoints" the ledger's signed checkpoints, and, encrypted, what brings the station back: "backups",
"records", "epochs".

Open it with the client's key and certificate, then find the PDF's hash in the list:

    {open}
    {pdf}

The ledger's checkpoint is signed by the station:

    {body}
    {note}
    {checkpoint}

The handover entry carries the hashes of both lists:

    {listed}

The ledger is a Merkle tree (RFC 6962). An entry's leaf is SHA-256 of the byte 00 followed by its line in
ledger/entries.jsonl, without the end of line. A node is SHA-256 of the byte 01 followed by its left and its right
child. Of n leaves (n > 1), the left child covers the first k, k being the largest power of two below n; the right child
covers the rest. The root computed in this way must be, in base64, the third line of ledger/checkpoint.txt; the second
is the number of entries. Changing, removing or moving an entry changes the root. Keep this checkpoint away from the
station: it will prove later that nothing of this ledger was rewritten.


4. WHAT THIS EVIDENCE IS WORTH

Level {level}: hashes, a traced ledger, the station's signature. This is not the level of a qualified signature or
time stamp. Not checked:

{reserves}
""",
}

_CUSTODY: Final[dict[Language, str]] = {
    "fr": "De la capture à la destruction des copies de travail : {purged} document(s), durée médiane {median} s, "
    "la plus longue {longest} s.",
    "en": "From capture to the destruction of working copies: {purged} document(s), median {median} s, "
    "longest {longest} s.",
}

_COMMANDS: Final = {
    "files": _FILES,
    "fingerprint": _FINGERPRINT,
    "origin": _ORIGIN,
    "receipts": _RECEIPTS,
    "statements": _STATEMENTS,
    "object": _OBJECT,
    "open": _OPEN,
    "pdf": _PDF,
    "body": _BODY,
    "note": _NOTE,
    "checkpoint": _CHECKPOINT,
    "listed": _LISTED,
}


def write_notices(folder: Path, station: Station, inventory: Inventory, head: Head) -> None:
    """Both texts. Raises OSError where the disk refuses."""
    for language, name in _NAMES.items():
        text = _notice(language, station, inventory, head)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _notice(language: Language, station: Station, inventory: Inventory, head: Head) -> str:
    config = station.config
    _title, *accounts = accounts_text(images_answer(inventory.images), paper_answer(inventory.paper), language)
    accounts += forms_text(images_answer(inventory.forms.images), language)
    listed = [_wrapped(reserve.fr if language == "fr" else reserve.en) for reserve in reserves(inventory)]
    return _TEXTS[language].format(
        **_COMMANDS,
        handover=head.handover,
        at=head.at,
        station=station.id,
        mode=config.station.mode,
        client=config.client.name,
        dpo=config.client.dpo or "—",
        contract=config.contract.reference,
        subcontractor=config.contract.subcontractor or "—",
        accounts="\n".join(accounts),
        custody=_custody(language, inventory),
        level=EVIDENCE_LEVEL,
        reserves="\n".join(listed),
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ", break_on_hyphens=False)


def _custody(language: Language, inventory: Inventory) -> str:
    found = custody(inventory.deposited)
    if found.median_seconds is None:
        return ""
    return _CUSTODY[language].format(purged=found.purged, median=found.median_seconds, longest=found.longest_seconds)
