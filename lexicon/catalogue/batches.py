"""Faults of preparing paper: lists of patients, separators, batches that are announced."""

from typing import Final

from lexicon.sentences import Sentence

BATCHES: Final[dict[str, Sentence]] = {
    "batch-announced-already": Sentence(
        "Un lot de ce nom est déjà ouvert ({batch}) ; rien n'a changé.",
        "Donnez un autre nom, ou fermez-le d'abord : « liasse batch close {batch} ».",
        "A batch of this name is open already ({batch}); nothing has changed.",
        "Give another name, or close it first: 'liasse batch close {batch}'.",
    ),
    "batch-answers-changed": Sentence(
        "Une réponse du registre a changé pendant que la liste s'écrivait ; rien n'est annoncé, la liste est retirée.",
        "Tapez de nouveau la commande : le contrôle est redemandé pour chaque ligne.",
        "An answer of the register changed while the list was being written; nothing is announced, the list is gone.",
        "Type the command again: the gate is asked anew for each line.",
    ),
    "batch-closed-already": Sentence(
        "Le lot {batch} est déjà clos.",
        "Pour y ajouter du papier : « liasse batch reopen {batch} ».",
        "The batch {batch} is closed already.",
        "To add paper to it: 'liasse batch reopen {batch}'.",
    ),
    "batch-label-unfit": Sentence(
        "Ce nom de lot ne peut pas être celui d'un sous-dossier de dépôt.",
        "Donnez un nom court, sans nom de personne : lettres, chiffres, tirets ; des barres obliques pour des "
        "sous-dossiers, ni au début ni à la fin.",
        "This name of a batch cannot be that of a subfolder of a drop folder.",
        "Give a short name, no person's: letters, digits, hyphens; slashes for subfolders, neither first nor last.",
    ),
    "batch-not-unlike": Sentence(
        "Le lot {batch} n'attend pas d'explication : encore ouvert, ou compté comme annoncé, ou expliqué déjà.",
        "Voyez « liasse batch show {batch} » ; s'il est ouvert, « liasse batch close {batch} » d'abord.",
        "The batch {batch} waits for no explanation: it is open still, or counted as announced, or explained before.",
        "See 'liasse batch show {batch}'; where it is open, 'liasse batch close {batch}' first.",
    ),
    "batch-under-way": Sentence(
        "Des documents du lot {batch} sont encore en cours ; il reste ouvert.",
        "Laissez-les finir (« liasse status »), puis recommencez.",
        "Documents of the batch {batch} are still on their way; it stays open.",
        "Let them end ('liasse status'), then try again.",
    ),
    "box-name-unfit": Sentence(
        "Ce nom de carton ou de scellé ne convient pas.",
        "Donnez 32 caractères au plus : lettres sans accent, chiffres, espace, « . », « _ », « / », « - » ; aucun nom "
        "de personne.",
        "This name of a box or a seal does not fit.",
        "Give 32 characters at most: letters without accents, digits, space, '.', '_', '/', '-'; no person's name.",
    ),
    "box-unknown": Sentence(
        "Ce carton n'est ni reçu ni annoncé.",
        "Vérifiez son nom, ou enregistrez-le : « liasse box receive CARTON --sheets N ».",
        "This box was neither received nor announced.",
        "Look at its name, or record it: 'liasse box receive BOX --sheets N'.",
    ),
    "list-column-unknown": Sentence(
        "La liste a une colonne que personne ne lirait ; rien n'a été fait.",
        "Gardez seulement les colonnes {columns} ; la première suffit.",
        "The list has a column that nobody would read; nothing was done.",
        "Keep only the columns {columns}; the first is enough.",
    ),
    "list-empty": Sentence(
        "La liste ne nomme personne, ou dépasse 64 Mio ; rien n'a été fait.",
        "Donnez un fichier avec une référence par ligne, ou un tableau avec une colonne « reference ».",
        "The list names nobody, or is larger than 64 MiB; nothing was done.",
        "Give a file with one reference a line, or a sheet with a column `reference`.",
    ),
    "list-line-twice": Sentence(
        "La ligne {line} dit la même chose que la ligne {first} ; rien n'a été fait.",
        "Retirez-en une, ou donnez à chaque document son type ou son numéro ; pour plusieurs feuilles, --copies.",
        "Line {line} says the same as line {first}; nothing was done.",
        "Take one out, or give each document its type or its number; for several sheets, --copies.",
    ),
    "list-line-unusable": Sentence(
        "La colonne « {column} » de la ligne {line} ne peut pas être utilisée ; rien n'a été fait.",
        "Référence et document : lettres sans accent, chiffres, « . », « _ », « / », « - », jamais un INS ; position : "
        "un nombre, précédé au plus de trois lettres, ou deux nombres avec un tiret.",
        "The column `{column}` of line {line} cannot be used; nothing was done.",
        "Reference and document: letters without accents, digits, '.', '_', '/', '-', never an INS; position: a "
        "number, with three letters before it at most, or two numbers with a hyphen.",
    ),
    "list-patient-unknown": Sentence(
        "La référence de la ligne {place} n'est pas dans le fichier des patients de ce poste ; rien n'a été fait.",
        "Vérifiez-la, ou importez d'abord le fichier des patients (« liasse patient import »).",
        "The reference of line {place} is not in this station's roster; nothing was done.",
        "Check it, or import the roster first ('liasse patient import').",
    ),
    "list-says-type": Sentence(
        "Avec une liste, le type se dit ligne par ligne.",
        "Retirez --type, et donnez à la liste une colonne « type ».",
        "With a list, the type is said line by line.",
        "Leave --type out, and give the list a column `type`.",
    ),
    "list-too-long": Sentence(
        "La liste a plus de {limit} lignes ; rien n'a été fait.",
        "Partagez-la en plusieurs fichiers.",
        "The list has more than {limit} lines; nothing was done.",
        "Divide it into several files.",
    ),
    "sheet-not-readable": Sentence(
        "L'intercalaire nº {place} n'a pas pu être relu après son dessin ; rien n'est remis.",
        "Ce défaut est le nôtre : prévenez l'éditeur, avec les longueurs de la référence, du type et du document.",
        "Separator no. {place} could not be read back after it was drawn; nothing is handed out.",
        "This defect is ours: tell the makers, with the number of characters of reference, type and document.",
    ),
}  # fmt: skip
