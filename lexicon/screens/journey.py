"""The journey of the paper: as commands say it on a terminal."""

from typing import Final

JOURNEY: Final[dict[str, tuple[str, str]]] = {
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
        "{id} : arrêté, attend votre décision (« liasse task resume {id} » ou « liasse task abandon {id} »).",
        "{id}: stopped, waits for your decision ('liasse task resume {id}' or 'liasse task abandon {id}').",
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
    "column-form-to-check": ("formulaires à vérifier", "forms to check"),
    "column-form-checked": ("formulaires vérifiés", "forms checked"),
    "column-form-held": ("formulaires en attente", "forms held"),
    "column-form-discarded": ("formulaires écartés", "forms discarded"),
    "accounts-forms": (
        "  formulaires : {captured} pages = {form_to_check} à vérifier + {form_checked} vérifiées + {form_held} "
        "en attente + {form_discarded} écartées + {blank} vierges + {duplicate} en double + {set_aside} illisibles "
        "+ {in_progress} en cours   {verdict}",
        "  forms: {captured} pages = {form_to_check} to check + {form_checked} checked + {form_held} held "
        "+ {form_discarded} discarded + {blank} blank + {duplicate} duplicate + {set_aside} unreadable "
        "+ {in_progress} in progress   {verdict}",
    ),
    "forms-printed": (
        "{count} formulaires : {path}. Imprimez en recto-verso ; ils reviennent par le dossier de dépôt des "
        "autorisations.",
        "{count} forms: {path}. Print on both sides; they come back through the drop folder of authorizations.",
    ),
    "form-shown": (
        "{path} : images du formulaire, en clair ; effacez ce fichier après lecture. Patient {patient}.",
        "{path}: the form's images, in clear; delete this file once it is read. Patient {patient}.",
    ),
    "form-person": (
        "  À comparer avec l'écriture sur le formulaire : {birth_name} {given_names}, naissance {birth_date}",
        "  To compare with the handwriting on the form: {birth_name} {given_names}, born {birth_date}",
    ),
    "form-would-close": (
        "ATTENTION, sans retour : pour {close} documents le poste détruirait sa clé ; seuls la clé privée du client, "
        "ou le papier numérisé de nouveau, les rendraient. Vérifiez les limites que vous avez lues.",
        "WARNING, no way back: of {close} documents the station would destroy its key; only the client's private key, "
        "or the paper scanned anew, would bring them back. Check the limits that you read.",
    ),
    "form-record": ("Inscrire ce qui est lu ?", "Record what was read?"),
    "form-recalled": (
        "Retour {returned} : l'hébergeur n'a plus la preuve ; elle reste au poste, scellée pour le client.",
        "Return {returned}: the host does not have the evidence any more; it stays at the station, sealed for the "
        "client.",
    ),
    "form-checked-waits": (
        "Retour {returned} : autorisation {outcome}, inscrit au registre ; la preuve part dès que l'hébergeur répond, "
        "puis la copie lisible du poste est détruite.",
        "Return {returned}: authorization {outcome}, on record; the evidence leaves as soon as the host answers, then "
        "the station's readable copy is destroyed.",
    ),
    "form-checked": (
        "Retour {returned} : autorisation {outcome}, inscrit au registre ; la copie lisible du poste est détruite.",
        "Return {returned}: authorization {outcome}, on record; the station's readable copy is destroyed.",
    ),
    "form-says-nothing": (
        "Retour {returned} : inutilisable, rien n'est inscrit au registre ; la copie lisible du poste est détruite. "
        "Faites signer un autre formulaire : liasse authorization form",
        "Return {returned}: unusable, nothing is recorded; the station's readable copy is destroyed. "
        "Have another form signed: liasse authorization form",
    ),
    "form-assigned": ("Retour {returned} : rattaché, {state}.", "Return {returned}: matched, {state}."),
    "form-discarded": (
        "Retour {returned} : écarté ; la copie lisible du poste est détruite.",
        "Return {returned}: discarded; the station's readable copy is destroyed.",
    ),
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
    "left-half": ("rectos dont les versos ne sont pas venus", "fronts whose backs have not come"),
    "left-being-written": ("fichiers encore en cours d'écriture", "files still being written"),
    "pages-read": (
        "  lecture    {document}  {read} pages sur {of}  ({name})",
        "  reading    {document}  {read} of {of} pages  ({name})",
    ),
    "document-deposited": (
        "  déposé     {document}  pages {pages}  {patient} {doc_type} {by}",
        "  deposited  {document}  pages {pages}  {patient} {doc_type} {by}",
    ),
    "source-separator": ("intercalaire", "separator"),
    "source-ins-datamatrix": ("datamatrix INS", "INS datamatrix"),
    "source-nir": ("NIR", "NIR"),
    "source-name-and-birth-date": ("nom et date de naissance", "name and birth date"),
    "source-client-number": ("numéro du client", "client's number"),
    "source-person": ("réviseur", "reviewer"),
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
    "accounts": (
        "Comptes depuis le début (refus maintenus compris)",
        "Accounts since the beginning (maintained refusals counted)",
    ),
    "accounts-run": (
        "Comptes : images de ce passage, papier depuis le début",
        "Accounts: images of this run, paper since the beginning",
    ),
    "accounts-images": (
        "  images : {captured} capturées = {deposited} déposées + {refused} refusées + {held} en attente "
        "+ {set_aside} écartées + {separator} intercalaires + {blank} vierges + {duplicate} en double "
        "+ {in_progress} en cours   {verdict}",
        "  images: {captured} captured = {deposited} deposited + {refused} refused + {held} held "
        "+ {set_aside} set aside + {separator} separators + {blank} blank + {duplicate} duplicate "
        "+ {in_progress} in progress   {verdict}",
    ),
    "accounts-paper": (
        "  papier : {received:feuille reçue|feuilles reçues} = {workshop} à l'atelier + {returned} rendues "
        "+ {destroyed} détruites"
        "   {verdict}{remark}",
        "  paper: {received:sheet|sheets} received = {workshop} at the workshop + {returned} returned "
        "+ {destroyed} destroyed"
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
        "  de la capture à la purge : {purged:document|documents}, médiane {median} s, au plus {longest} s",
        "  from capture to purge: {purged:document|documents}, median {median} s, {longest} s at most",
    ),
    "waiting": (
        "Refusé, en attente ou écarté aujourd'hui (refus maintenus non compris)",
        "Refused, held or set aside today (maintained refusals not counted)",
    ),
    "waiting-line": ("  {count} × {what}\n      {hint} [{reason}]", "  {count} × {what}\n      {hint} [{reason}]"),
    "balanced": ("✓ équilibré", "✓ balanced"),
    "unbalanced": ("✗ DÉSÉQUILIBRE", "✗ NOT BALANCED"),
}
