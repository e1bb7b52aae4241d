"""What the commands say on a terminal, French first: short sentences with their places, no logic."""

from typing import Final

from lexicon.sentences import Language

SCREENS: Final[dict[str, tuple[str, str]]] = {
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
    # people
    "ask-code": ("Code à six chiffres", "Six-digit code"),
    "ask-name": ("Nom de la personne", "The person's name"),
    "ask-witness": ("Nom du témoin", "The witness's name"),
    "ask-destruction": (
        "Référence de l'ordre ou du certificat de destruction",
        "Reference of the order or certificate of destruction",
    ),
    "ask-first-code": ("Code que l'appareil montre maintenant", "The code that the device shows now"),
    "ask-key-password": ("Mot de passe de la clé", "The key's password"),
    "person-secret": (
        "{code}\nÀ lire avec l'application d'authentification ; ce secret n'est montré qu'une fois :\n{uri}",
        "{code}\nTo be read by the authenticator; this secret is shown once:\n{uri}",
    ),
    "person-enrolled": ("Personne habilitée : {id}", "Enrolled: {id}"),
    "person-disabled": ("{id} : n'est plus habilité.", "{id}: may do nothing any more."),
    "person-unlocked": ("{id} : débloqué.", "{id}: unlocked."),
    "person-renewed": ("{id} : nouveau second facteur.", "{id}: another second factor."),
    # reviews
    "refusals-may": (
        "      {id} : à décider : {may} ; encore {days} jour(s)",
        "      {id}: may be decided: {may}; {days} day(s) left",
    ),
    "refusals-openable": (
        "Le contrôle s'ouvrirait aujourd'hui, avec la clé du client : liasse release {id} --key CLÉ --cert CERTIFICAT",
        "The gate would open today, with the client's key: liasse release {id} --key KEY --cert CERTIFICATE",
    ),
    "refusals-may-closed": ("      {id} : à décider : {may}", "      {id}: may be decided: {may}"),
    "review-document": ("Document {id}  patient {patient}", "Document {id}  patient {patient}"),
    "review-reason": ("{what} [{reason}]", "{what} [{reason}]"),
    "review-custody-curable": (
        "Sous la clé du poste, encore {days} jour(s) ; ensuite scellé pour le client.",
        "Under the station's key, {days} day(s) left; then sealed for the client.",
    ),
    "review-custody-closed": (
        "Scellé pour le client ; le poste n'a plus de clé. Une autorisation ne le rouvre qu'avec la clé du client.",
        "Sealed for the client; the station has no key. An authorization opens it with the client's key alone.",
    ),
    "review-custody-final": ("Détruit ; il n'en reste que la trace.", "Destroyed; its trace alone is left."),
    "review-custody-none": ("Rien n'en est gardé.", "Nothing of it is kept."),
    "review-may": ("À décider : {may}", "May be decided: {may}"),
    "review-second": (
        "Une décision attend une deuxième personne : {id} (« liasse refusal show {id} »)",
        "A decision waits for a second person: {id} ('liasse refusal show {id}')",
    ),
    "review-facts": ("Faits enregistrés :", "Facts on record:"),
    "review-fact": ("  {fact}  {text}", "  {fact}  {text}"),
    "review-fact-retracted": ("  {fact}  {text}  [rétracté]", "  {fact}  {text}  [retracted]"),
    "review-contradiction": ("Se contredisent : {facts}", "Contradict each other: {facts}"),
    "review-doubtful": (
        "Une ligne du registre, inutilisable, était peut-être un refus : à trancher.",
        "A line of the register that could not be used may have been a refusal: to be settled.",
    ),
    "review-identity": ("Lu sur la page pour identifier :", "Read on the page to identify:"),
    "review-trait": ("  {trait} : {value} ({standing})", "  {trait}: {value} ({standing})"),
    "review-unread": ("  non lu : {traits}", "  not read: {traits}"),
    "review-strip": ("Bande d'identité masquée : {path}", "Masked strip: {path}"),
    "review-candidate": ("Nouveau patient : {traits}", "The new patient: {traits}"),
    "review-waits": (
        "Décision {id} : attend une deuxième personne (« liasse refusal confirm {id} »).",
        "Decision {id}: waits for a second person ('liasse refusal confirm {id}').",
    ),
    "review-done": ("Décision {id} enregistrée.", "Decision {id} recorded."),
    "review-maintained": (
        "Les copies du poste sont détruites ; le papier est à rendre par bordereau (liasse refusal slip), sauf s'il a "
        "été numérisé de nouveau.",
        "The station's copies are destroyed; the paper is given back by a slip (liasse refusal slip), unless it was "
        "scanned anew.",
    ),
    "review-none-went-on": (
        "Aucun document ne repart pour autant : « liasse refusal list » dit ce qui le retient.",
        "No document goes on by that: 'liasse refusal list' says what keeps it.",
    ),
    "review-facts-recorded": ("Faits enregistrés : {facts}", "Facts recorded: {facts}"),
    "review-went-on": ("{count} document(s) repris.", "{count} document(s) on their way again."),
    "review-held-back": (
        "{count} document(s) attendent qu'une personne en confirme le nombre (« liasse refusal list »).",
        "{count} document(s) wait for a person to confirm how many go on ('liasse refusal list').",
    ),
    "review-gate": (
        "{id} : le contrôle répond maintenant : {what} [{reason}]",
        "{id}: the gate now answers: {what} [{reason}]",
    ),
    "review-gate-open": (
        "{id} : le contrôle s'ouvrirait maintenant.",
        "{id}: the gate would open now.",
    ),
    "review-dismissed": (
        "Informez le patient de cette décision, de ses raisons et de ses recours : le poste ne le fait pas.",
        "Tell the patient of this decision, its grounds and the ways of appeal: the station does not.",
    ),
    "review-detached": (
        "L'INS est retiré de cette référence ; ce qui est en cours, ici et sous les références qui avaient le même, "
        "est jugé de nouveau. Corrigez votre logiciel : un import peut donner le bon INS.",
        "The INS is taken from this reference; what is in hand, here and under the references that had the same, is "
        "judged anew. Correct your software: an import may give the right INS.",
    ),
    "review-count": (
        "{count} document(s) seraient détruits, sans retour. Combien ?",
        "{count} document(s) would be destroyed, for good. How many?",
    ),
    "decision-head": (
        "Décision {id}, prise le {at} par {person} : {what}.",
        "Decision {id}, taken on {at} by {person}: {what}.",
    ),
    "decision-document": ("  Document : {value}", "  Document: {value}"),
    "decision-patient": ("  Patient : {value}", "  Patient: {value}"),
    "decision-was": ("  Jusqu'ici du patient : {value}", "  Until now of patient: {value}"),
    "decision-becomes": ("  Devient celui du patient : {value}", "  Becomes that of patient: {value}"),
    "decision-candidate": ("  Ce patient : {value}", "  That patient: {value}"),
    "decision-type": ("  Devient de type : {value}", "  Becomes of type: {value}"),
    "decision-reason": ("  Motif : {value}", "  Reason: {value}"),
    "decision-final": (
        "  Le document est détruit, sans retour ; sa trace reste.",
        "  The document is destroyed for good; its trace stays.",
    ),
    "decision-passed": ("  La preuve de ce fait est bonne :", "  The evidence of this fact is good:"),
    "decision-rejected": ("  La preuve de ce fait est rejetée :", "  The evidence of this fact is rejected:"),
    "decision-retracts": ("  Ne valent plus :", "  Do not stand any more:"),
    "decision-lifts": ("  Le doute est levé.", "  The doubt is lifted."),
    "decision-form": ("  Formulaire rendu : {value}", "  Returned form: {value}"),
    "decision-outcome": ("  Lu dessus : {value}", "  Read on it: {value}"),
    "decision-on": ("  A autorisé le : {value}", "  Authorized on: {value}"),
    "decision-dismissed-on": ("  Décidé par écrit le : {value}", "  Decided in writing on: {value}"),
    "decision-until": ("  Dernier jour : {value}", "  Last day: {value}"),
    "decision-doc-types": ("  Limite, types : {value}", "  Limit, types: {value}"),
    "decision-purposes": ("  Limite, finalités : {value}", "  Limit, purposes: {value}"),
    "decision-given-by": ("  A parlé : {value}", "  Spoke: {value}"),
    "decision-authority": ("  Fin de l'autorité : {value}", "  End of the authority: {value}"),
    "decision-evidence": ("  Preuve : {value}", "  Evidence: {value}"),
    "decision-witness": ("devant témoin", "before a witness"),
    "decision-to-say": (
        "Confirmer, c'est dire exactement cela. L'écarter : « liasse refusal decline {id} ».",
        "Confirming is saying just that. To decline it: 'liasse refusal decline {id}'.",
    ),
    "review-declined": ("Décision {id} écartée : rien n'en suit.", "Decision {id} declined: nothing follows."),
    # init
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
    # sheets brought in
    "import-line": ("ligne {line} : {what}", "line {line}: {what}"),
    "import-sum": (
        "{lines} lignes : {added} ajoutées, {unchanged} déjà connues, {refused} refusées",
        "{lines} lines: {added} added, {unchanged} known already, {refused} refused",
    ),
    "import-line-doubts": (
        "Elle a pu être un refus : tout ce qui avait été autorisé à ce patient est fermé jusqu'à ce qu'un fichier "
        "ou une personne lève le doute.",
        "It may have been a refusal: whatever was authorized for this patient is closed until a file or a person "
        "lifts the doubt.",
    ),
    "import-doubted": (
        "{count} patient(s) en doute par les lignes {lines} : leurs autorisations antérieures ne valent plus, jusqu'à "
        "ce que ces lignes soient corrigées et le fichier importé de nouveau, ou le doute levé par une personne "
        "(liasse authorization settle)",
        "{count} patient(s) in doubt by lines {lines}: their earlier authorizations do not hold until these lines are "
        "corrected and the file is imported again, or a person lifts the doubt (liasse authorization settle)",
    ),
    "import-same-ins": (
        "{count} références ont le même INS qu'une autre : ce qui dit non sous l'une ferme l'autre. Faites réunir ces "
        "dossiers chez le client, ou corriger l'INS qui serait faux.",
        "{count} references have the INS of another one: what says no under one closes the other. Have the client join "
        "these records, or correct an INS that is wrong.",
    ),
    "import-same-traits": (
        "{count} références ont les mêmes noms et date de naissance qu'une autre, sans qu'un INS les distingue ; "
        "chacune est jugée seule. Faites compléter l'INS chez le client : un refus sous l'une ne ferme pas l'autre.",
        "{count} references have the names and birth date of another one, and no INS tells them apart; each is judged "
        "alone. Have the client fill in the INS: a refusal under one does not close the other.",
    ),
    "import-unread": ("colonnes non lues : {names}", "columns that were not read: {names}"),
    "import-would": (
        "effet sur les documents concernés : {go_on} reprendraient, {stop} s'arrêteraient, {otherwise} changeraient de "
        "motif, {close} seraient scellés pour le client, {restrict} seraient limités, {lift} ne le seraient plus ; "
        "{propose_deletion} suppressions seraient proposées",
        "effect on documents concerned: {go_on} would go on, {stop} would stop, {otherwise} would have another reason, "
        "{close} would be sealed for the client, {restrict} would be restricted, {lift} no longer; "
        "{propose_deletion} deletions would be proposed",
    ),
    "import-would-close": (
        "ATTENTION, sans retour : pour {close} documents le poste détruirait sa clé ; seuls la clé privée du client, "
        "ou le papier numérisé de nouveau, les rendraient. Vérifiez les refus et les retraits de ce fichier.",
        "WARNING, no way back: of {close} documents the station would destroy its key; only the client's private key, "
        "or the paper scanned anew, would bring them back. Check this file's refusals and withdrawals.",
    ),
    "import-done": (
        "import {id}, annulable par « liasse authorization undo {id} »",
        "import {id}, taken back by `liasse authorization undo {id}`",
    ),
    "import-restricted": (
        "{count} document(s) déposé(s) ne se lisent plus que pour un motif prévu ; les suppressions proposées, s'il y "
        "en a : liasse deletion list",
        "{count} deposited document(s) may be read for a stated reason alone; the deletions proposed, if any: "
        "liasse deletion list",
    ),
    "import-rejudged": (
        "documents concernés : {gone_on} reprennent, {held_back} attendent qu'une personne en confirme le nombre "
        "(« liasse refusal list »), {otherwise} changent de motif, {closed} scellés pour le client, {restricted} "
        "limités, {lifted} ne le sont plus",
        "documents concerned: {gone_on} go on, {held_back} wait for a person to confirm how many "
        "('liasse refusal list'), {otherwise} have another reason, {closed} sealed for the client, {restricted} "
        "restricted, {lifted} no longer",
    ),
    "undo-sum": (
        "{facts} faits de cet import : {retracted} annulés ; {doubted} patients en doute, dont le contrôle reste fermé",
        "{facts} facts of this import: {retracted} taken back; {doubted} patients in doubt, for whom the gate "
        "stays closed",
    ),
    "export-done": ("{facts} faits de {patients} patients : {path}", "{facts} facts of {patients} patients: {path}"),
    "fact-recorded": ("enregistré : {fact}", "recorded: {fact}"),
    "fact-known": ("déjà connu : rien n'a été ajouté", "known already: nothing was added"),
    "register-day": (
        "{patient} au {on}, selon ce qui était connu le {known} et selon le contrat d'aujourd'hui :",
        "{patient} on {on}, by what was known on {known} and under today's contract:",
    ),
    "register-same-person": (
        "La référence {patient} a le même INS : ce qui y dit non ferme ici aussi, et se règle sous cette référence.",
        "The reference {patient} has the same INS: what says no there closes here too, and is settled under that "
        "reference.",
    ),
    "fact-evidence": ("preuve : {evidence}", "evidence: {evidence}"),
    "fact-evidence-on": ("du {on}", "of {on}"),
    "fact-evidence-witness": ("devant témoin", "before a witness"),
    "fact-types": ("types : {types}", "types: {types}"),
    "fact-purposes": ("finalités : {purposes}", "purposes: {purposes}"),
    "record-patient": ("Patient : {traits}", "Patient: {traits}"),
    "ask-record": ("Enregistrer cela de ce patient ?", "Record this of this patient?"),
    "record-not-done": ("Rien n'a été enregistré.", "Nothing was recorded."),
    "register-answer": ("{type} : {answer}", "{type}: {answer}"),
    "register-any-type": ("type inconnu", "type unknown"),
    "register-cleared": ("feu vert", "cleared"),
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
    "accounts": (
        "Comptes depuis le début (refus maintenus compris)",
        "Accounts since the beginning (maintained refusals counted)",
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
    "waiting": (
        "Refusé, en attente ou écarté aujourd'hui (refus maintenus non compris)",
        "Refused, held or set aside today (maintained refusals not counted)",
    ),
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
    "box-receive": ("Carton {box} : {sheets} feuilles reçues", "Box {box}: {sheets} sheets received"),
    "box-unscanned": (
        "Carton {box} : {sheets} feuilles qui ne seront pas numérisées",
        "Box {box}: {sheets} sheets that will not be scanned",
    ),
    "box-return": ("Carton {box} : {sheets} feuilles rendues", "Box {box}: {sheets} sheets given back"),
    "box-destroyed": (
        "Carton {box} : {sheets} feuilles détruites. Une suppression chez l'hébergeur veut désormais un ordre écrit du "
        "responsable de traitement.",
        "Box {box}: {sheets} sheets destroyed. From now on a deletion at the host needs the controller's order in "
        "writing.",
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
    # change of mind
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
