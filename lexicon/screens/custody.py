"""Ledger, documents, handover, and changes of mind: as commands say it on a terminal."""

from typing import Final

CUSTODY: Final[dict[str, tuple[str, str]]] = {
    "clock-reading": (
        "Horloge {clock}, dernier événement {last_entry} : en retard de {behind} s.",
        "Clock {clock}, last entry {last_entry}: behind by {behind} s.",
    ),
    "clock-accepted": (
        "Le registre repart de l'heure de l'horloge ({clock}) ; il était en avance de {behind} s. C'est inscrit.",
        "The ledger goes on from the clock's time ({clock}); it was ahead by {behind} s. That is on record.",
    ),
    "clock-was-accepted": (
        "Événement {seq} : l'heure a été remise en arrière par une personne ; ceux d'avant sont datés trop tard.",
        "Entry {seq}: a person set the time back; those before it are dated too late.",
    ),
    "verified": (
        "Registre vérifié : {entries} événements, racine {root}",
        "Ledger verified: {entries} entries, root {root}",
    ),
    "not-verified": (
        "REGISTRE NON CONFORME : {flaw}, événements {first} à {last}",
        "LEDGER BROKEN: {flaw}, entries {first} to {last}",
    ),
    "guarantee-anchored": (
        "Garantie : ancrée jusqu'à l'événement {anchored} par un point de contrôle gardé hors du poste.",
        "Guarantee: anchored up to entry {anchored} by a checkpoint kept outside the station.",
    ),
    "guarantee-checkpoints-only": (
        "Garantie : rien n'a changé sans la clé du poste ; sans ancre extérieure, une fin coupée ou une réécriture "
        "entière ne se verraient pas (--anchor FICHIER).",
        "Guarantee: nothing changed without the station's key; without an outside anchor, a cut tail or a whole "
        "rewrite could not be seen (--anchor FILE).",
    ),
    "guarantee-consistent-only": (
        "Garantie : le registre est cohérent, mais personne n'en répond.",
        "Guarantee: the ledger agrees with itself, but nobody vouches for it.",
    ),
    "guarantee-none": ("Garantie : aucune.", "Guarantee: none."),
    "fetched": (
        "Document ouvert : {path} (origine vérifiée par l'accusé de dépôt)",
        "Document opened: {path} (origin checked against the receipt)",
    ),
    "refusals-file": ("{label} / {name}", "{label} / {name}"),
    "refusals-refused": (
        "  refusé      images {pages}  {patient} : {what} [{reason}]",
        "  refused     images {pages}  {patient}: {what} [{reason}]",
    ),
    "refusals-held": (
        "  en attente  images {pages}  {patient} : {what} [{reason}]",
        "  held        images {pages}  {patient}: {what} [{reason}]",
    ),
    "refusals-set-aside": (
        "  écarté      images {pages}  {patient} : {what} [{reason}]",
        "  set aside   images {pages}  {patient}: {what} [{reason}]",
    ),
    "refusals-look": (
        "      à regarder : image {page} du fichier{seen}",
        "      look at: image {page} of the file{seen}",
    ),
    "reopened": (
        "{count} fichier(s) écarté(s) repris : « liasse watch » les rouvre, ou le prochain « liasse process ».",
        "{count} set-aside file(s) taken again; 'liasse watch' opens them, or 'liasse process' at its next start.",
    ),
    "none-found": ("Rien à montrer.", "Nothing to show."),
    "handed-over": ("Restitution écrite dans {path}", "Handover written in {path}"),
    "due": ("À faire", "To be done"),
    "due-second": (
        "{count} décision(s) attendent une deuxième personne : liasse refusal waiting",
        "{count} decision(s) wait for a second person: liasse refusal waiting",
    ),
    "due-openable": (
        "{count} document(s) clos que le contrôle laisserait partir, avec la clé du client : liasse refusal list, "
        "puis liasse release",
        "{count} closed document(s) that the gate would let go on, with the client's key: liasse refusal list, "
        "then liasse release",
    ),
    "due-forms": (
        "{count} formulaire(s) à lire ou en attente : liasse authorization forms list",
        "{count} form(s) to be read, or held: liasse authorization forms list",
    ),
    "due-closing": (
        "{count} document(s) ou fichier(s) seront clos dans les 7 jours : liasse refusal list",
        "{count} document(s) or file(s) will be closed within 7 days: liasse refusal list",
    ),
    "due-unreturned": (
        "{count} formulaire(s) imprimé(s) depuis plus de 30 jours ne sont pas revenus : redemandez-les, ou "
        "liasse authorization form",
        "{count} form(s) printed more than 30 days ago have not come back: ask for them, or liasse authorization form",
    ),
    "due-releasable": (
        "{count} document(s) que le contrôle laisse partir attendent qu'une personne confirme leur nombre : "
        "liasse refusal release --count {count}",
        "{count} document(s) that the gate lets go on wait for a person to confirm how many: "
        "liasse refusal release --count {count}",
    ),
    "went-on": ("{count} document(s) repartent.", "{count} document(s) go on."),
    "restricted": (
        "{count} document(s) déposé(s) sont limités : le patient a dit non depuis. Le responsable de traitement décide "
        "de la suite.",
        "{count} deposited document(s) are restricted: the patient said no since. The controller decides what follows.",
    ),
    "due-deletions": (
        "{count} suppression(s) proposée(s) attendent deux personnes : liasse deletion list",
        "{count} proposed deletion(s) wait for two people: liasse deletion list",
    ),
    "due-deletions-due": (
        "{count} suppression(s) confirmée(s) peuvent être exécutées maintenant : liasse deletion execute",
        "{count} confirmed deletion(s) can be executed now: liasse deletion execute",
    ),
    "deletion-state": ("{deletion} : {state}", "{deletion}: {state}"),
    "deletion-locked": (
        "{deletion} : l'hébergeur garde l'objet verrouillé jusqu'au {until}. Relancez « liasse deletion execute » "
        "après cette date.",
        "{deletion}: the host keeps the object locked until {until}. Run 'liasse deletion execute' again after that.",
    ),
    "deletion-not-done": ("{deletion} : pas exécutée", "{deletion}: not done"),
    "deletion-nothing": ("Aucune suppression à exécuter.", "No deletion is to be executed."),
    "deletion-statement": (
        "Attestation signée : {path}\n"
        "Ce que la suppression ne touche pas : l'index chiffré du lot (index.p7m), qui garde la correspondance ; "
        "l'accusé de dépôt et le registre de traçabilité, sans nom ; les lignes chiffrées des sauvegardes du poste ; "
        "les copies que le client ou l'hébergeur a faites par ailleurs.",
        "Signed statement: {path}\n"
        "What the deletion does not touch: the batch's encrypted index (index.p7m), which keeps the mapping; the "
        "receipt and the custody ledger, without names; the encrypted rows in the station's backups; copies that "
        "the client or the host made by other means.",
    ),
    "hold-placed": ("Conservation {hold} enregistrée.", "Hold {hold} is in force."),
    "hold-lifted": ("Conservation {hold} levée.", "Hold {hold} is lifted."),
}
