"""Backups, and the return from one: as commands say it on a terminal."""

from typing import Final

BACKUP: Final[dict[str, tuple[str, str]]] = {
    "ask-passphrase": ("Phrase secrète de la clé : ", "The key's passphrase: "),
    "backup-made": (
        "Sauvegarde {backup} : {entries} événements, {bytes} octets en {parts} fichier(s), dans {path}",
        "Backup {backup}: {entries} entries, {bytes} bytes in {parts} file(s), in {path}",
    ),
    "backup-verified": (
        "Sauvegarde {backup} du poste {station} ({at}) : ouverte en entier, {entries} événements vérifiés\n"
        "  racine : {root}\n  certificat du poste (SHA-256) : {fingerprint}",
        "Backup {backup} of station {station} ({at}): opened whole, {entries} entries verified\n"
        "  root: {root}\n  the station's certificate (SHA-256): {fingerprint}",
    ),
    "restored": (
        "Poste {station} remis en place (retour n° {epoch}) depuis la sauvegarde {backup} du {at}",
        "Station {station} brought back (return {epoch}) from backup {backup} of {at}",
    ),
    "restored-entries": (
        "  événements : {entries}, dont {backed_up} de la sauvegarde ; {records} relevé(s) repris chez l'hébergeur",
        "  entries: {entries}, of which {backed_up} from the backup; {records} record(s) taken from the host",
    ),
    "restored-documents": (
        "  documents : {receipts} accusé(s) reconstitué(s) chez l'hébergeur, {under_way} à poursuivre ; "
        "{recaptured} fichier(s) repris des {copies} copies de travail sauvées",
        "  documents: {receipts} receipt(s) rebuilt from the host, {under_way} to go on; "
        "{recaptured} file(s) taken up again from the {copies} working copies that were saved",
    ),
    "restored-window": (
        "  perdu, peut-être : ce qui a été fait du {since} au {until} (UTC) — importations et mouvements de papier "
        "à refaire, pages à numériser de nouveau",
        "  lost, possibly: what was done from {since} to {until} (UTC) — imports and movements of paper to be made "
        "again, pages to be scanned again",
    ),
    "restored-fork": (
        "  BIFURCATION : {missing} événement(s) signés manquent ; {damaged} relevé(s) inutilisable(s) à l'hébergeur. "
        "Le registre le dit à qui le vérifie.",
        "  FORK: {missing} entries that were signed at the host are missing; {damaged} record(s) of no use. "
        "The ledger says so to whoever verifies it.",
    ),
    "restored-lost": ("À numériser de nouveau : {count}", "To be scanned again: {count}"),
    "restored-lost-line": ("  {label} — {file}, pages {pages}", "  {label} — {file}, pages {pages}"),
    "restored-fingerprint": (
        "Comparez avec l'empreinte remise au client à la création du poste : {fingerprint}",
        "Compare with the fingerprint that the client was given when the station was founded: {fingerprint}",
    ),
    "restored-next": (
        "Ensuite : importez de nouveau patients et autorisations, « liasse --config {config} doctor », puis "
        "« liasse --config {config} watch ». "
        "L'ancienne machine ne doit plus tourner.",
        "Next: import patients and authorizations again, 'liasse --config {config} doctor', then "
        "'liasse --config {config} watch'. "
        "The old machine must not run any more.",
    ),
    "returns": (
        "Retour n° {epoch} depuis une sauvegarde, déclaré à l'événement {seq} ({at}) : {missing} événement(s) signés "
        "perdus ; ce qui a été fait depuis {since} peut manquer.",
        "Return {epoch} from a backup, declared in entry {seq} ({at}): {missing} signed entries lost; what was done "
        "since {since} may be missing.",
    ),
    "anchors-lost": (
        "{count} ancre(s) couvrent des événements qu'un retour déclare perdus : rien ne peut en être dit.",
        "{count} anchor(s) cover entries that a return declares lost: nothing can be said of them.",
    ),
    "config-right": ("Configuration correcte : {path}", "Configuration is right: {path}"),
    "box-receive": (
        "Carton {box} : {sheets:feuille reçue|feuilles reçues}",
        "Box {box}: {sheets:sheet|sheets} received",
    ),
    "box-unscanned": (
        "Carton {box} : {sheets:feuille qui ne sera pas numérisée|feuilles qui ne seront pas numérisées}",
        "Box {box}: {sheets:sheet|sheets} that will not be scanned",
    ),
    "box-return": (
        "Carton {box} : {sheets:feuille rendue|feuilles rendues}",
        "Box {box}: {sheets:sheet|sheets} given back",
    ),
    "box-destroyed": (
        "Carton {box} : {sheets:feuille détruite|feuilles détruites}. Une suppression chez l'hébergeur veut désormais "
        "un ordre écrit du responsable de traitement.",
        "Box {box}: {sheets:sheet|sheets} destroyed. From now on a deletion at the host needs the controller's order "
        "in writing.",
    ),
    "released": ("{document} : rouvert, en cours.", "{document}: released, on its way."),
    "not-released": (
        "{document} : reste clos. {what}\n      {hint}",
        "{document}: stays closed. {what}\n      {hint}",
    ),
    "slip-empty": ("Aucun refus maintenu : rien à rendre.", "No refusal is maintained: nothing to give back."),
    "slip-batch": (
        "{label} : {documents} document(s), {sheets} feuille(s)",
        "{label}: {documents} document(s), {sheets} sheet(s)",
    ),
    "slip-written": (
        "Bordereau dans {path} : {sheets} feuille(s) à rendre. Une fois remises : liasse box return CARTON --sheets N",
        "Slip in {path}: {sheets} sheet(s) to be given back. Once that is done: liasse box return BOX --sheets N",
    ),
}
