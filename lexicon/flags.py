"""What a page may be flagged with: what was seen, and what to do. Keys are slugs, stored and reported.

Reasons for which a page is scanned again are the trade's: poorly scanned, skewed, cut, double.
"""

from typing import Final

from lexicon.sentences import Sentence

LOOKS_LIKE: Final = "looks-like-page"
"""Stands with the other page's position: `looks-like-page:3`."""
DOUBLE_FEED: Final = "double-feed"
ODD_SIDES: Final = "odd-sides"
TWO_UP: Final = "two-up"
KEPT_BLANK: Final = "blank-kept"
UNREAD_CODE: Final = "unread-code"
ALONE: Final = "separator-without-pages"
LOW_CONFIDENCE: Final = "low-confidence"
"""Stands with the page's confidence, 0 to 100: `low-confidence:43`."""
NOT_READ: Final = "not-read"
"""Stands with the number of places on the page: `not-read:2`."""
RESCAN: Final = "rescan-"
"""Slugs that begin so say that a page is below the agreed profile."""

FLAGS: Final[dict[str, Sentence]] = {
    "rescan-resolution": Sentence(
        "Page numérisée sous la résolution convenue ([profile] dpi).",
        "Réglez le scanner à la résolution convenue, puis numérisez la page de nouveau.",
        "The page was scanned below the agreed resolution ([profile] dpi).",
        "Set the scanner to the agreed resolution, then scan the page again.",
    ),
    "resolution-unknown": Sentence(
        "Le fichier ne dit pas la résolution de la page, ou en dit une impossible ; elle est prise pour un A4.",
        "Réglez le scanner pour qu'il l'écrive ; vérifiez la taille de la page si elle compte.",
        "The file does not say the page's resolution, or an impossible one; it is taken for A4.",
        "Set the scanner so that it writes it; check the page's size where that matters.",
    ),
    "rescan-colour": Sentence(
        "Page numérisée dans un mode de couleur non convenu ([profile] colours).",
        "Réglez le mode de couleur du scanner, puis numérisez la page de nouveau.",
        "The page was scanned in a colour mode that was not agreed ([profile] colours).",
        "Set the scanner's colour mode, then scan the page again.",
    ),
    "rescan-skew": Sentence(
        "Page de travers ([profile] skew).",
        "Serrez les guides du chargeur, puis numérisez la page de nouveau.",
        "The page is skewed ([profile] skew).",
        "Close the feeder's guides, then scan the page again.",
    ),
    "rescan-blur": Sentence(
        "Page floue ([profile] blur).",
        "Nettoyez la vitre et les rouleaux, puis numérisez la page de nouveau.",
        "The page is blurred ([profile] blur).",
        "Clean glass and rollers, then scan the page again.",
    ),
    "rescan-clipped": Sentence(
        "Page trop claire, trop sombre ou en négatif : de l'encre a pu se perdre ([profile] contrast, black).",
        "Réglez la luminosité du scanner, puis numérisez la page de nouveau.",
        "The page is too light, too dark or a negative: ink may be lost ([profile] contrast, black).",
        "Set the scanner's brightness, then scan the page again.",
    ),
    "rescan-cut": Sentence(
        "De l'écriture sort du bord de l'image : la page est coupée ([profile] cut).",
        "Recentrez la feuille, ou agrandissez la surface lue, puis numérisez la page de nouveau.",
        "Writing runs out of the image's edge: the page is cut ([profile] cut).",
        "Centre the sheet, or widen the area that is read, then scan the page again.",
    ),
    LOOKS_LIKE: Sentence(
        "Cette page ressemble trait pour trait à une page proche : peut-être la même feuille passée deux fois.",
        "Regardez les deux pages ; rien n'a été retiré.",
        "This page looks, mark for mark, like one near it: perhaps the same sheet fed twice.",
        "Look at both pages; nothing was left out.",
    ),
    DOUBLE_FEED: Sentence(
        "Page plus longue que ses voisines : deux feuilles ont pu passer l'une sur l'autre.",
        "Recomptez les feuilles ; séparez-les, puis numérisez-les de nouveau.",
        "The page is longer than its neighbours: two sheets may have gone through one over the other.",
        "Count the sheets again; part them, then scan them again.",
    ),
    ODD_SIDES: Sentence(
        "Nombre impair de faces dans un fichier recto verso : une face manque, ou une feuille est passée deux fois.",
        "Recomptez les feuilles du fichier ; numérisez de nouveau celles qui manquent.",
        "An odd number of sides in a file of two-sided sheets: a side is missing, or a sheet went through twice.",
        "Count the file's sheets again; scan again those that are missing.",
    ),
    UNREAD_CODE: Sentence(
        "Quelque chose sur cette page ressemble à un code que personne n'a pu lire : peut-être un intercalaire abîmé.",
        "Regardez si un document commence ici.",
        "Something on this page looks like a code that nobody could read: perhaps a damaged separator.",
        "See whether a document begins here.",
    ),
    ALONE: Sentence(
        "Aucune page ne suit cet intercalaire : le suivant vient aussitôt, ou le fichier s'arrête.",
        "Vérifiez que les feuilles de ce document sont passées.",
        "No page follows this separator: the next one comes at once, or the file ends.",
        "Check that this document's sheets went through.",
    ),
    TWO_UP: Sentence(
        "Grande page en largeur, écrite à gauche et à droite d'un milieu vide : peut-être deux feuilles côte à côte.",
        "Regardez-la : si ce sont deux documents, numérisez chaque feuille seule.",
        "A large page on its side, written left and right of an empty middle: perhaps two sheets side by side.",
        "Look at it: if these are two documents, scan each sheet alone.",
    ),
    LOW_CONFIDENCE: Sentence(
        "Page lue avec peu d'assurance : une recherche de mots peut la manquer ([ocr] low_confidence).",
        "Regardez l'image de la page ; si elle est floue, pâle ou tachée, numérisez-la de nouveau.",
        "The page was read with little confidence: a search for words may miss it ([ocr] low_confidence).",
        "Look at the page's image; where it is blurred, faint or stained, scan it again.",
    ),
    NOT_READ: Sentence(
        "De l'écriture n'a pas été lue sur cette page : manuscrite, le plus souvent.",
        "Regardez l'image de la page : une recherche de mots ne trouve pas ce qui y est écrit là.",
        "Writing on this page was not read: by hand, mostly.",
        "Look at the page's image: a search for words does not find what is written there.",
    ),
    KEPT_BLANK: Sentence(
        'Page vierge, gardée dans son document ([pages] blanks = "keep").',
        "Rien à faire.",
        'A blank page, kept in its document ([pages] blanks = "keep").',
        "Nothing to do.",
    ),
}


def slug_of(flag: str) -> str:
    """A flag without the position or the number that may stand with it."""
    return flag.partition(":")[0]
