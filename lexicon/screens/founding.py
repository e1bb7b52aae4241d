"""Failures, the first day, and the machine: as commands say it on a terminal."""

from typing import Final

FOUNDING: Final[dict[str, tuple[str, str]]] = {
    "error": ("erreur : {what}", "error: {what}"),
    "hint": ("indice : {hint}", "hint: {hint}"),
    "usage-hint": ("« {command} --help » dit ce qu'elle attend", "'{command} --help' says what it expects"),
    "unexpected": (
        "un défaut du programme a interrompu la commande ({kind}, {where})",
        "a defect of the program ended the command ({kind}, {where})",
    ),
    "unexpected-hint": (
        "rien n'est perdu : relancez la commande ; si cela se répète, transmettez cette ligne à l'éditeur",
        "nothing is lost: run the command again; if it comes back, send this line to the makers",
    ),
    "interrupted": ("interrompu ; rien n'est perdu", "interrupted; nothing is lost"),
    "founded": ("Poste créé dans {path}", "Station made in {path}"),
    "founded-trial": (
        "Clés d'essai : {path}. Elles ouvrent vos essais, jamais de vrais dossiers.",
        "Trial keys: {path}. They open your trials, never real records.",
    ),
    "founded-next": (
        "Ensuite :\n  liasse --config {config} patient import PATIENTS.csv\n"
        "  liasse --config {config} authorization import AUTORISATIONS.csv\n  liasse --config {config} watch",
        "Next:\n  liasse --config {config} patient import PATIENTS.csv\n"
        "  liasse --config {config} authorization import AUTHORIZATIONS.csv\n  liasse --config {config} watch",
    ),
    "fingerprints": (
        "À remettre au client dès maintenant, par une autre voie que la restitution :\n"
        "  certificat du poste (SHA-256) : {certificate}\n  clé des points de contrôle (SHA-256) : {checkpoint}",
        "To be given to the client now, by another way than the handover:\n"
        "  the station's certificate (SHA-256): {certificate}\n  the checkpoints' key (SHA-256): {checkpoint}",
    ),
    "ask-client": ("Responsable de traitement (client)", "Data controller (client)"),
    "ask-contract": ("Référence du contrat de sous-traitance", "Reference of the processing contract"),
    "ask-client-cert": ("Certificat du client (fichier PEM)", "The client's certificate (PEM file)"),
    "ask-escrow-cert": ("Certificat du séquestre (fichier PEM)", "The escrow's certificate (PEM file)"),
    "host-fit": (
        "{host} : rien ne manque de ce dont un dépôt a besoin. Constat : host-check.json",
        "{host}: nothing is missing that a deposit needs. Findings: host-check.json",
    ),
    "host-unfit": (
        "{host} : ✗ marque ce qui manque et dont un dépôt a besoin. Constat : host-check.json",
        "{host}: ✗ marks what is missing and a deposit needs. Findings: host-check.json",
    ),
    "tour-records": (
        "1. Des dossiers inventés, comme un scanner les dépose",
        "1. Invented records, as a scanner drops them",
    ),
    "tour-made": ("  {files} fichiers, {documents} documents", "  {files} files, {documents} documents"),
    "tour-station": (
        "2. Un poste d'essai : fichier des patients, autorisations",
        "2. A trial station: roster, authorizations",
    ),
    "tour-daemon": ("3. Le démon au travail", "3. The daemon at work"),
    "tour-as-foretold": (
        "  {documents} documents : chacun est devenu ce que son autorisation et son intercalaire annonçaient",
        "  {documents} documents: each became what its authorization and its separator foretold",
    ),
    "tour-openssl": ("4. Une enveloppe ouverte par OpenSSL seul", "4. An envelope opened by OpenSSL alone"),
    "tour-opened": (
        "  un PDF/A de {pages} page(s) ; son texte contient {there} des {words} mots imprimés sur le papier",
        "  a PDF/A of {pages} page(s); its text holds {there} of the {words} words printed on the paper",
    ),
    "tour-custody": ("5. Le registre de traçabilité", "5. The custody ledger"),
    "tour-handover": ("6. La restitution", "6. The handover"),
    "tour-look": ("Où regarder", "Where to look"),
    "look-records": (
        "le papier inventé, tel que le scanner l'a déposé",
        "the invented paper, as the scanner dropped it",
    ),
    "look-opened": (
        "ce qu'OpenSSL a ouvert : l'image du scanner, et son texte",
        "what OpenSSL opened: the scan, and its text",
    ),
    "look-host": (
        "ce que l'hébergeur reçoit : des enveloppes chiffrées",
        "what the host receives: encrypted envelopes",
    ),
    "look-handover": ("ce que le sous-traitant remet au client", "what the subcontractor hands to the client"),
    "look-config": (
        "la configuration ; essayez : liasse --config CE_FICHIER status",
        "the configuration; try: liasse --config THIS_FILE status",
    ),
    "healthy": ("Le poste est prêt.", "The station is ready."),
    "healthy-but": (
        "Le poste peut travailler ; {warned} point(s) à voir.",
        "The station can work; {warned} thing(s) to see to.",
    ),
    "unhealthy": (
        "{count} point(s) à corriger, {warned} à voir.",
        "{count} thing(s) to mend, {warned} to see to.",
    ),
    "unit-made": (
        "À enregistrer sous /etc/systemd/system/{name}, puis : systemctl daemon-reload",
        "To be saved as /etc/systemd/system/{name}, then: systemctl daemon-reload",
    ),
    "unit-credential": (
        "Secret attendu dans /etc/credstore.encrypted/{name} (systemd-creds encrypt)",
        "Secret expected in /etc/credstore.encrypted/{name} (systemd-creds encrypt)",
    ),
    "alarms": ("Alarmes :", "Alarms:"),
    "alarm-line": (
        "  {count} × {what} Depuis : {since}. {hint} [{slug}]",
        "  {count} × {what} Since: {since}. {hint} [{slug}]",
    ),
}
