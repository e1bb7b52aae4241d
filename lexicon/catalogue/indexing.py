"""Faults of the table of document types, and of what is said about a document's type and day."""

from typing import Final

from lexicon.sentences import Sentence

INDEXING: Final[dict[str, Sentence]] = {
    "type-table-unreadable": Sentence(
        "La table {path} n'est pas lisible : fichier absent, vide, trop grand, ou qui n'est pas un CSV UTF-8.",
        "Partez de « liasse type export --out types.csv », puis enregistrez en CSV UTF-8, avec points-virgules.",
        "The table of types {path} cannot be read: there is no such file, or it is too large, empty, or no UTF-8 CSV.",
        "Start from 'liasse type export --out types.csv', and save it as CSV UTF-8 with semicolons.",
    ),
    "type-table-column": Sentence(
        "Dans la table des types {path}, la colonne « {column} » manque, est inconnue ou figure deux fois.",
        "Les colonnes sont : {columns} ; type, bucket et code sont nécessaires.",
        "In the table of types {path}, the column '{column}' is missing, unknown or there twice.",
        "The columns are: {columns}; type, bucket and code are needed.",
    ),
    "type-table-cell": Sentence(
        "Dans la table des types {path}, ligne {line}, la valeur de la colonne « {column} » ne convient pas.",
        "Type : lettres sans accent, chiffres, « . », « _ », « - » ; bucket : 1 à 6 ; code : LOINC (11502-2) ou "
        "TRE_A05 (CERT_DECL) ; excluded : oui ou non. Vérifiez : liasse type check FICHIER.",
        "In the table of types {path}, line {line}, the value of the column '{column}' does not fit.",
        "Type: letters without accents, digits, '.', '_', '-'; bucket: 1 to 6; code: LOINC (11502-2) or TRE_A05 "
        "(CERT_DECL); excluded: oui or non. Check it: liasse type check FILE.",
    ),
    "type-table-twice": Sentence(
        "Dans la table des types {path}, ligne {line}, la valeur de la colonne « {column} » figure déjà plus haut.",
        "Gardez une seule ligne par type, et une seule par genre reconnu (colonne kind).",
        "In the table of types {path}, line {line}, the value of the column '{column}' is in an earlier line already.",
        "Keep one line a type, and one a recognised kind (column kind).",
    ),
    "index-unfit": Sentence(
        "Ce type ou ce jour ne convient pas à un document : un type est fait de lettres sans accent, de chiffres, de "
        "« . », « _ » et « - » ; un jour n'est ni après la numérisation ni avant 1930.",
        "Corrigez --type ou --date.",
        "This type or this day does not fit a document: a type is letters without accents, digits, '.', '_' and '-'; a "
        "day is neither after the scan nor before 1930.",
        "Correct --type or --date.",
    ),
    "index-before-deposit": Sentence(
        "Ce document ({document}) n'est pas déposé : son type ne se dit pas ici, car il compte pour l'autorisation.",
        "Dites-le avec « liasse refusal review correct-identity {document} --patient RÉFÉRENCE --type TYPE ».",
        "This document ({document}) is not deposited: its type is not said here, for it counts for the authorization.",
        "Say it with 'liasse refusal review correct-identity {document} --patient REFERENCE --type TYPE'.",
    ),
    "box-holds-films": Sentence(
        "Ce carton contient {films} feuille(s) de films (radiographies) sur {received} reçues : elles ne peuvent être "
        "détruites, car leur image n'est pas une copie fidèle (NF Z42-026).",
        "Sortez les films du carton et rendez-les (« liasse box return ») ; ne déclarez détruit que le reste.",
        "This box holds {films} sheet(s) of films (X-rays) of {received} received: they cannot be destroyed, for their "
        "image is no faithful copy (NF Z42-026).",
        "Take the films out of the box and give them back ('liasse box return'); declare only the rest destroyed.",
    ),
}
