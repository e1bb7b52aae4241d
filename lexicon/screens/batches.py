"""Preparing paper: sheets that were printed, what was announced, what is not to be fed; as commands say it."""

from typing import Final

BATCHES: Final[dict[str, tuple[str, str]]] = {
    "separators-written": (
        "{count:intercalaire|intercalaires} : {path}. Relus un à un avant d'être remis. Imprimez au recto "
        "seul, à 100 %.",
        "{count:separator|separators}: {path}. Each was read back before it was handed out. Print on one side, at "
        "100%.",
    ),
    "separators-none": (
        "Aucun intercalaire n'est imprimé : le contrôle est fermé pour tous.",
        "No separator is printed: the gate is closed for all.",
    ),
    "patches-written": (
        "{count:feuille|feuilles} Patch {patch} : {path}. Imprimez au recto seul, à 100 %.",
        "{count:sheet|sheets} of Patch {patch}: {path}. Print on one side, at 100%.",
    ),
    "apart": (
        "! NE PAS NUMÉRISER : {count} (retirez ce papier avant d'alimenter le scanner).",
        "! DO NOT SCAN: {count} (take this paper out before feeding the scanner).",
    ),
    "apart-line": (
        "    {reference}{type}{place} [{reason}]",
        "    {reference}{type}{place} [{reason}]",
    ),
    "apart-box": (", carton {box}", ", box {box}"),
    "apart-position": (", position {position}", ", position {position}"),
    "apart-written": ("  liste : {paths}", "  list: {paths}"),
    "apart-none": ("  Aucun papier à retirer.", "  No paper is to be taken out."),
    "batch-opened": (
        "Lot {label} ouvert ({batch}). Déposez les fichiers dans le sous-dossier de ce nom, ou sans sous-dossier tant "
        "qu'il est seul annoncé.",
        "Batch {label} opened ({batch}). Put the files into the subfolder of that name, or into none while it is the "
        "only one announced.",
    ),
    "batch-announced": ("  annoncé : {counts}", "  announced: {counts}"),
    "batch-box-not-received": (
        "! Le carton {box} n'est pas reçu : « liasse box receive {box} --sheets N ».",
        "! The box {box} was not received: 'liasse box receive {box} --sheets N'.",
    ),
    "batch-box-short": (
        "! Carton {box} : {received:feuille reçue|feuilles reçues}, {announced:annoncée|annoncées} par ses lots.",
        "! Box {box}: {received:sheet|sheets} received, {announced} announced by its batches.",
    ),
    "batch-closed-by-hand": (
        "Lot {batch} clos : {deposited:déposé|déposés}, index chez l'hébergeur.",
        "Batch {batch} closed: {deposited} deposited, index at the host.",
    ),
    "batch-unlike": (
        "! lot {batch} : comptes différents de l'annonce : {counts} [count-unlike-announced]\n"
        "      Intercalaire manqué, page perdue ou en double ? Recomptez le papier ; « liasse batch show {batch} ».",
        "! batch {batch}: counts unlike those announced: {counts} [count-unlike-announced]\n"
        "      A missed separator, a lost or doubled page? Count the paper again; 'liasse batch show {batch}'.",
    ),
    "gap-sheets": (
        "{seen:feuille vue|feuilles vues} pour {announced} ({gap})",
        "{seen:sheet|sheets} seen of {announced} ({gap})",
    ),
    "gap-documents": (
        "{seen:document vu|documents vus} pour {announced} ({gap})",
        "{seen:document|documents} seen of {announced} ({gap})",
    ),
    "gap-pages": (
        "{seen:page vue|pages vues} pour {announced} ({gap})",
        "{seen:page|pages} seen of {announced} ({gap})",
    ),
    "count-sheets": ("{count:feuille|feuilles}", "{count:sheet|sheets}"),
    "count-documents": ("{count:document|documents}", "{count:document|documents}"),
    "count-pages": ("{count:page|pages}", "{count:page|pages}"),
    "count-patients": ("{count:patient|patients}", "{count:patient|patients}"),
    "batch-title": ("Lot {label} ({batch}), {state}", "Batch {label} ({batch}), {state}"),
    "batch-open": ("ouvert", "open"),
    "batch-ended": ("clos", "closed"),
    "batch-from": ("  carton {box}{seal}", "  box {box}{seal}"),
    "batch-seal": (", scellé {seal}", ", seal {seal}"),
    "batch-seen": ("  vu      : {counts}", "  seen:     {counts}"),
    "batch-patients": (
        "  patients : {announced:annoncé|annoncés}, {seen:vu|vus}, {not_seen:pas vu|pas vus}, "
        "{not_announced:non annoncé|non annoncés}",
        "  patients: {announced} announced, {seen} seen, {not_seen} not seen, {not_announced} not announced",
    ),
    "batch-not-seen": ("    pas vus : {references}", "    not seen: {references}"),
    "batch-fed": (
        "    numérisés alors que la liste « ne pas numériser » les retirait : {references}",
        "    scanned though they were to be left out: {references}",
    ),
    "batch-not-announced": ("    non annoncés : {references}", "    not announced: {references}"),
    "batch-neighbours": (
        "  ? {first} et {second} se suivent, du même patient et du même type : un intercalaire de trop, ou celui d'un "
        "autre ?",
        "  ? {first} and {second} are neighbours, of the same patient and type: a separator too many, or another's?",
    ),
    "batch-awaited": (
        "  {count:document attend|documents attendent} ce lot [batch-unconfirmed]",
        "  {count:document waits|documents wait} for this batch [batch-unconfirmed]",
    ),
    "batch-flagged": (
        "  pages signalées (« liasse page list --flagged --batch {batch} ») :",
        "  flagged pages ('liasse page list --flagged --batch {batch}'):",
    ),
    "batch-flag": ("    {count} × {what} [{flag}]", "    {count} × {what} [{flag}]"),
    "batch-confirmed": ("Lot {batch} : l'écart est expliqué ({reason}).", "Batch {batch}: explained ({reason})."),
    "batch-goes-on": (
        "  {count:document attendait ce mot : il repart|documents attendaient ce mot : ils repartent}.",
        "  {count:document|documents} waited for this word, and go on.",
    ),
    "batch-confirmed-before": ("  écart expliqué le {at}", "  explained on {at}"),
    "batch-reopened": (
        "Lot {batch} rouvert : ce qui arrive sous son nom lui appartient.",
        "Batch {batch} is open again: what comes under its name belongs to it.",
    ),
    "box-title": ("Carton {box}", "Box {box}"),
    "box-batch": (
        "  lot {label} ({batch}), {state} : {images:image|images}, {documents:document|documents}, "
        "{receipts:accusé|accusés} de dépôt",
        "  batch {label} ({batch}), {state}: {images:image|images}, {documents:document|documents}, "
        "{receipts:receipt|receipts}",
    ),
    "box-no-batch": ("  aucun lot n'en vient encore", "  no batch has come from it yet"),
}
