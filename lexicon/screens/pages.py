"""Pages seen alone: as commands say them on a terminal."""

from typing import Final

PAGES: Final[dict[str, tuple[str, str]]] = {
    "page-blank": (
        "  vierge     {name} page {page}  (fichier {file}, document {outcome})",
        "  blank      {name} page {page}  (file {file}, document {outcome})",
    ),
    "page-duplicate": (
        "  en double  {name} page {page}  (fichier {file}, document {outcome})",
        "  duplicate  {name} page {page}  (file {file}, document {outcome})",
    ),
    "page-restorable": (
        "             Si elle porte quelque chose : « liasse page restore {file} {page} ».",
        "             If it bears anything: 'liasse page restore {file} {page}'.",
    ),
    "page-rescan": (
        "             Le poste n'en a plus l'image : si elle porte quelque chose, numérisez la feuille de nouveau.",
        "             The station no longer has its image: if it bears anything, scan the sheet again.",
    ),
    "page-flagged": (
        "  signalée   {name} page {page}  (fichier {file}, document {outcome}) : {what} [{flag}]",
        "  flagged    {name} page {page}  (file {file}, document {outcome}): {what} [{flag}]",
    ),
    "page-other": (" Page {number}.", " Page {number}."),
    "page-confidence": (" Assurance : {number} sur 100.", " Confidence: {number} of 100."),
    "page-places": (" Endroits : {number}.", " Places: {number}."),
    "no-pages": ("Aucune page.", "No page."),
    "page-restored": (
        "La page est de nouveau la page {page} du document {document}, qui attend toujours une personne.",
        "The page is page {page} of document {document} again, which still waits for a person.",
    ),
    "page-restored-begins": (
        "La page est de nouveau la page {page} du document {document}, qui reprend son chemin depuis le début.",
        "The page is page {page} of document {document} again, which begins its way anew.",
    ),
    "file-flags": ("             à revoir : {what}", "             to look at: {what}"),
    "file-flag": ("page {pages} [{flag}]", "page {pages} [{flag}]"),
}
