"""What the commands say on a terminal, French first: short sentences with their places, no logic."""

from typing import Final

from lexicon.sentences import Language

SCREENS: Final[dict[str, tuple[str, str]]] = {
    "error": ("erreur : {what}", "error: {what}"),
    "hint": ("indice : {hint}", "hint: {hint}"),
    "unexpected": (
        "un défaut du programme a interrompu la commande ({kind}, {where})",
        "a defect of the program ended the command ({kind}, {where})",
    ),
    "unexpected-hint": (
        "rien n'est perdu : relancez la commande ; si cela se répète, transmettez cette ligne à l'éditeur",
        "nothing is lost: run the command again; if it comes back, send this line to the makers",
    ),
    "interrupted": ("interrompu ; rien n'est perdu", "interrupted; nothing is lost"),
    # init
    "founded": ("Poste créé dans {path}", "Station made in {path}"),
    "founded-trial": (
        "Clés d'essai : {path}. Elles ouvrent vos essais, jamais de vrais dossiers.",
        "Trial keys: {path}. They open your trials, never real records.",
    ),
    "founded-next": (
        "Ensuite : liasse --config {config} patient import PATIENTS.csv, "
        "puis authorization import AUTORISATIONS.csv, puis watch",
        "Next: liasse --config {config} patient import PATIENTS.csv, "
        "then authorization import AUTHORIZATIONS.csv, then watch",
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
    # sheets brought in
    "import-line": ("ligne {line} : {what}", "line {line}: {what}"),
    "import-sum": (
        "{lines} lignes : {added} ajoutées, {unchanged} déjà connues, {refused} refusées",
        "{lines} lines: {added} added, {unchanged} known already, {refused} refused",
    ),
    "import-dry": ("essai à blanc : rien n'a été enregistré", "dry run: nothing was recorded"),
    # host check
    "host-fit": (
        "{host} : rien ne manque de ce dont un dépôt a besoin. Constat : host-check.json",
        "{host}: nothing is missing that a deposit needs. Findings: host-check.json",
    ),
    "host-unfit": (
        "{host} : ✗ marque ce qui manque et dont un dépôt a besoin. Constat : host-check.json",
        "{host}: ✗ marks what is missing and a deposit needs. Findings: host-check.json",
    ),
    # the journey
    "watching": (
        "Surveillance de {folder}. Ctrl-C ou SIGTERM : fin après l'étape en cours.",
        "Watching {folder}. Ctrl-C or SIGTERM: ends after the step in hand.",
    ),
    "working": (
        "Au travail pour le poste. Ctrl-C ou SIGTERM : fin après l'étape en cours.",
        "At work for the station. Ctrl-C or SIGTERM: ends after the step in hand.",
    ),
    "nothing-kept": ("Tout avance de soi-même.", "Everything goes on by itself."),
    "task-cancelled": (
        "{id} : arrêté, attend votre décision (task resume, task abandon).",
        "{id}: stopped, waits for your decision (task resume, task abandon).",
    ),
    "task-resumed": ("{id} : repris.", "{id}: goes on."),
    "task-abandoned": (
        "{id} : écarté, gardé chiffré ; numérisez le papier de nouveau.",
        "{id}: set aside, kept encrypted; scan the paper again.",
    ),
    "stopped": ("Arrêt demandé : l'étape en cours est finie.", "Stop asked for: the step in hand is done."),
    "file-taken": ("  pris       {name}", "  taken      {name}"),
    "file-settled": (
        "  compté     {name} : {pages} images = {columns}",
        "  counted    {name}: {pages} images = {columns}",
    ),
    "column-deposited": ("déposées", "deposited"),
    "column-refused": ("refusées", "refused"),
    "column-held": ("en attente", "held"),
    "column-set-aside": ("écartées", "set aside"),
    "column-separator": ("intercalaires", "separators"),
    "column-blank": ("vierges", "blank"),
    "column-duplicate": ("en double", "duplicate"),
    "column-in-progress": ("en cours", "in progress"),
    "inbox-gone": (
        "! Le dossier de dépôt {folder} a disparu ; le poste attend son retour.",
        "! The drop folder {folder} has gone; the station waits for it to come back.",
    ),
    "hindered": (
        "! Le poste attend et réessaie de lui-même [{fault}]. {hint}",
        "! The station waits, and tries again by itself [{fault}]. {hint}",
    ),
    "hindered-no-more": ("  Le poste a repris [{fault}].", "  The station goes on [{fault}]."),
    "inbox-back": ("  Le dossier de dépôt {folder} est revenu.", "  The drop folder {folder} is back."),
    "files-left": ("  laissés    {count} : {what}", "  left       {count}: {what}"),
    "left-temporary": ("noms temporaires ou de système", "temporary or system names"),
    "left-link": ("liens symboliques", "symbolic links"),
    "left-hard-link": ("fichiers qui ont un second nom", "files that have a second name"),
    "left-special": ("tubes, prises ou périphériques", "pipes, sockets or devices"),
    "left-unreadable": (
        "fichiers ou dossiers que le poste n'a pas le droit de lire ou de prendre, ou dossiers trop profonds",
        "files or folders that the station has no right to read or to take, or folders too deep",
    ),
    "left-being-written": ("fichiers encore en cours d'écriture", "files still being written"),
    "document-deposited": (
        "  déposé     {document}  pages {pages}  {patient} {doc_type}",
        "  deposited  {document}  pages {pages}  {patient} {doc_type}",
    ),
    "document-refused": (
        "  refusé     {document}  pages {pages}  {patient} : {what}",
        "  refused    {document}  pages {pages}  {patient}: {what}",
    ),
    "document-held": (
        "  en attente {document}  pages {pages}  {patient} : {what}",
        "  held       {document}  pages {pages}  {patient}: {what}",
    ),
    "document-set-aside": (
        "  écarté     {document}  pages {pages} : {what}",
        "  set aside  {document}  pages {pages}: {what}",
    ),
    "document-in-progress": (
        "  en cours   {document}  pages {pages} : {what}",
        "  under way  {document}  pages {pages}: {what}",
    ),
    "batch-closed": (
        "  lot clos   {batch} : {deposited} déposés sur {documents}",
        "  closed     {batch}: {deposited} of {documents} deposited",
    ),
    "accounts": ("Comptes", "Accounts"),
    "accounts-images": (
        "  images : {captured} capturées = {deposited} déposées + {refused} refusées + {held} en attente "
        "+ {set_aside} écartées + {separator} intercalaires + {blank} vierges + {duplicate} en double "
        "+ {in_progress} en cours   {verdict}",
        "  images: {captured} captured = {deposited} deposited + {refused} refused + {held} held "
        "+ {set_aside} set aside + {separator} separators + {blank} blank + {duplicate} duplicate "
        "+ {in_progress} in progress   {verdict}",
    ),
    "accounts-paper": (
        "  papier : {received} feuilles reçues = {workshop} à l'atelier + {returned} rendues + {destroyed} détruites"
        "   {verdict}{remark}",
        "  paper: {received} sheets received = {workshop} at the workshop + {returned} returned + {destroyed} destroyed"
        "   {verdict}{remark}",
    ),
    "accounts-undeclared": (
        " (réception non déclarée : comptée d'après les images)",
        " (receipt not declared: counted from the images)",
    ),
    "accounts-waiting": (
        " (dont {sheets} encore à numériser ou à écarter : « liasse box unscanned »)",
        " ({sheets} of them still to be scanned or set apart: 'liasse box unscanned')",
    ),
    "accounts-custody": (
        "  de la capture à la purge : {purged} documents, médiane {median} s, au plus {longest} s",
        "  from capture to purge: {purged} documents, median {median} s, {longest} s at most",
    ),
    "waiting": ("Refusé, retenu ou écarté depuis le début", "Refused, held or set aside since the beginning"),
    "waiting-line": ("  {count} × {what}\n      {hint} [{reason}]", "  {count} × {what}\n      {hint} [{reason}]"),
    "balanced": ("✓ équilibré", "✓ balanced"),
    "unbalanced": ("✗ DÉSÉQUILIBRE", "✗ NOT BALANCED"),
    # custody
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
    # documents
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
    "refusals-look": ("      à regarder : image {page} du fichier", "      look at: image {page} of the file"),
    "reopened": (
        "{count} fichier(s) écarté(s) repris : « liasse watch » les rouvre, ou le prochain « liasse process ».",
        "{count} set-aside file(s) taken again; 'liasse watch' opens them, or 'liasse process' at its next start.",
    ),
    "none-found": ("Rien à montrer.", "Nothing to show."),
    # handover
    "handed-over": ("Restitution écrite dans {path}", "Handover written in {path}"),
    # backup and return
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
        "Ensuite : importez de nouveau patients et autorisations, « liasse --config {config} doctor », puis watch. "
        "L'ancienne machine ne doit plus tourner.",
        "Next: import patients and authorizations again, 'liasse --config {config} doctor', then watch. "
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
    "checkpoint-written": ("Point de contrôle : {entries} événements", "Checkpoint: {entries} entries"),
    "config-right": ("Configuration correcte : {path}", "Configuration is right: {path}"),
    "box-receive": ("Carton {box} : {sheets} feuilles reçues", "Box {box}: {sheets} sheets received"),
    "box-unscanned": (
        "Carton {box} : {sheets} feuilles qui ne seront pas numérisées",
        "Box {box}: {sheets} sheets that will not be scanned",
    ),
    "box-return": ("Carton {box} : {sheets} feuilles rendues", "Box {box}: {sheets} sheets given back"),
    "separators-written": ("{count} intercalaires dans {path}", "{count} separators in {path}"),
    # demo
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
    # service
    "unit-made": (
        "À enregistrer sous /etc/systemd/system/{name}, puis : systemctl daemon-reload",
        "To be saved as /etc/systemd/system/{name}, then: systemctl daemon-reload",
    ),
    "unit-credential": (
        "Secret attendu dans /etc/credstore.encrypted/{name} (systemd-creds encrypt)",
        "Secret expected in /etc/credstore.encrypted/{name} (systemd-creds encrypt)",
    ),
    # alarms
    "alarms": ("Alarmes :", "Alarms:"),
    "alarm-line": (
        "  {count} × {what} Depuis : {since}. {hint} [{slug}]",
        "  {count} × {what} Since: {since}. {hint} [{slug}]",
    ),
}


def say(key: str, language: Language, **places: int | str) -> str:
    """One sentence in one language, its places filled."""
    return SCREENS[key][0 if language == "fr" else 1].format(**places)
