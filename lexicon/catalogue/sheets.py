"""Faults of the client's files: sheets, FHIR, and what is imported from them."""

from typing import Final

from lexicon.sentences import Sentence

SHEETS: Final[dict[str, Sentence]] = {
    "csv-empty": Sentence(
        "Le fichier ne contient aucune ligne sous son en-tête ; rien n'a été importé.",
        "Exportez-le de nouveau en CSV depuis votre logiciel, puis recommencez.",
        "The file has no line below its header; nothing was imported.",
        "Export it again as CSV from your software, then try again.",
    ),
    "csv-too-large": Sentence(
        "Le fichier dépasse {megabytes} Mio ; rien n'a été importé.",
        "Partagez-le en plusieurs fichiers, chacun avec l'en-tête, et importez-les l'un après l'autre.",
        "The file is larger than {megabytes} MiB; nothing was imported.",
        "Divide it into several files, each with the header, and import them one after the other.",
    ),
    "csv-not-text": Sentence(
        "Le fichier n'est pas du texte lisible (UTF-16 ou octets nuls) ; rien n'a été importé.",
        "Ouvrez-le dans votre tableur et enregistrez-le en « CSV UTF-8 », puis recommencez.",
        "The file is no readable text (UTF-16 or null bytes); nothing was imported.",
        "Open it in your spreadsheet and save it as `CSV UTF-8`, then try again.",
    ),
    "csv-encoding": Sentence(
        "Les caractères du fichier ne sont lisibles ni en UTF-8 ni en Windows-1252 ; rien n'a été importé.",
        "Enregistrez-le en « CSV UTF-8 » depuis votre tableur, vérifiez les accents, puis recommencez.",
        "The file's characters are readable neither as UTF-8 nor as Windows-1252; nothing was imported.",
        "Save it as `CSV UTF-8` from your spreadsheet, look at the accents, then try again.",
    ),
    "csv-malformed": Sentence(
        "Le fichier est mal formé à partir de la ligne {line} (guillemet sans fin ?) ; rien n'a été importé.",
        "Corrigez cette ligne ou exportez le fichier de nouveau, puis recommencez.",
        "The file is malformed from line {line} on (a quotation mark without end?); nothing was imported.",
        "Correct that line or export the file again, then try again.",
    ),
    "csv-column-missing": Sentence(
        "Il manque au fichier la colonne « {column} » ; rien n'a été importé.",
        "Ajoutez-la, ou indiquez dans la configuration le nom que cette colonne porte chez vous, puis recommencez.",
        "The file lacks the column `{column}`; nothing was imported.",
        "Add it, or tell in the configuration what that column is called in your files, then try again.",
    ),
    "csv-column-twice": Sentence(
        "Le fichier a deux colonnes « {column} » ; rien n'a été importé.",
        "Gardez-en une seule, puis recommencez.",
        "The file has two columns `{column}`; nothing was imported.",
        "Keep one of them, then try again.",
    ),
    "sheet-unsupported": Sentence(
        "Ce fichier n'est ni un CSV, ni un classeur .xlsx ou .ods ; rien n'a été importé.",
        "Enregistrez-le en .xlsx, .ods ou « CSV UTF-8 » depuis votre tableur, puis recommencez.",
        "This file is neither CSV nor an .xlsx or .ods workbook; nothing was imported.",
        "Save it as .xlsx, .ods or `CSV UTF-8` from your spreadsheet, then try again.",
    ),
    "sheet-encrypted": Sentence(
        "Le classeur est protégé par un mot de passe ; rien n'a été importé.",
        "Ouvrez-le, enregistrez-en une copie sans mot de passe (.xlsx, .ods ou CSV), importez-la, puis détruisez-la.",
        "The workbook is protected by a password; nothing was imported.",
        "Open it, save a copy without password (.xlsx, .ods or CSV), import that copy, then destroy it.",
    ),
    "sheet-malformed": Sentence(
        "Le classeur est abîmé ou mal formé ; rien n'a été importé.",
        "Ouvrez-le dans votre tableur, enregistrez-le de nouveau en .xlsx, .ods ou CSV, puis recommencez.",
        "The workbook is damaged or malformed; nothing was imported.",
        "Open it in your spreadsheet, save it again as .xlsx, .ods or CSV, then try again.",
    ),
    "sheet-bomb": Sentence(
        "Le classeur se gonfle démesurément à la lecture, comme un fichier piégé ; rien n'a été importé.",
        "Demandez d'où il vient. S'il est légitime, enregistrez sa seule feuille utile en « CSV UTF-8 ».",
        "The workbook swells out of all proportion when read, as a trap does; nothing was imported.",
        "Ask where it comes from. If it is legitimate, save its one useful sheet as `CSV UTF-8`.",
    ),
    "sheet-too-large": Sentence(
        "Le fichier a plus d'un million de lignes ou trop de contenu une fois décompressé ; rien n'a été importé.",
        "Partagez-le en plusieurs fichiers, chacun avec l'en-tête, et importez-les l'un après l'autre.",
        "The file has more than a million lines, or too much content once inflated; nothing was imported.",
        "Divide it into several files, each with the header, and import them one after the other.",
    ),
    "sheet-empty": Sentence(
        "La feuille ne contient aucune ligne sous son en-tête ; rien n'a été importé.",
        "Vérifiez que c'est le bon classeur, et qu'il est enregistré, puis recommencez.",
        "The sheet has no line below its header; nothing was imported.",
        "Check that it is the right workbook, and that it was saved, then try again.",
    ),
    "sheet-header-missing": Sentence(
        "Aucune feuille affichée n'a les en-têtes attendus dans ses 50 premières lignes ; rien n'a été importé.",
        "Écrivez les noms des colonnes sur une ligne, en texte, ou indiquez les vôtres dans la configuration.",
        "No sheet that the workbook shows has the expected headers in its first 50 rows; nothing was imported.",
        "Write the names of the columns in one row, as text, or tell yours in the configuration.",
    ),
    "sheet-several": Sentence(
        "Plusieurs feuilles du classeur portent les en-têtes attendus ; rien n'a été importé.",
        "Gardez dans le classeur la seule feuille à importer, ou masquez les autres, puis recommencez.",
        "Several sheets of the workbook have the expected headers; nothing was imported.",
        "Keep only the sheet to import in the workbook, or hide the others, then try again.",
    ),
    "sheet-column-missing": Sentence(
        "Il manque à la feuille la colonne « {column} » ; rien n'a été importé.",
        "Ajoutez-la, ou indiquez dans la configuration le nom que cette colonne porte chez vous, puis recommencez.",
        "The sheet lacks the column `{column}`; nothing was imported.",
        "Add it, or tell in the configuration what that column is called in your files, then try again.",
    ),
    "sheet-column-twice": Sentence(
        "La feuille a deux colonnes « {column} » ; rien n'a été importé.",
        "Gardez-en une seule, puis recommencez.",
        "The sheet has two columns `{column}`; nothing was imported.",
        "Keep one of them, then try again.",
    ),
    "sheet-column-unknown": Sentence(
        "La colonne {place} ressemble à « {column} » et n'est pas lue : une limite ou un refus s'y perdrait.",
        "Donnez-lui le nom exact d'une colonne du registre, ou un tout autre, puis recommencez ; rien n'a été importé.",
        "Column {place} looks like `{column}` and is not read: a limit or a refusal would be lost in it.",
        "Give it the exact name of a column of the register, or quite another, then try again; nothing was imported.",
    ),
    "sheet-column-hidden": Sentence(
        "La feuille masque la colonne « {column} » : ce qu'elle dit, personne ne l'a vu ; rien n'a été importé.",
        "Affichez toutes les colonnes, vérifiez-les, enregistrez, puis recommencez.",
        "The sheet hides the column `{column}`: nobody has seen what it says; nothing was imported.",
        "Show all columns, check them, save, then try again.",
    ),
    "sheet-header-unclear": Sentence(
        "On ne sait pas comment s'appelle la colonne {place} : son en-tête est calculé, fusionné, barré ou illisible.",
        "Tapez son nom en texte simple dans une seule case, puis recommencez ; rien n'a été importé.",
        "What column {place} is called cannot be known: its header is computed, merged, struck through or unreadable.",
        "Type its name as plain text into one cell, then try again; nothing was imported.",
    ),
    "sheet-format-conditional": Sentence(
        "Une mise en forme conditionnelle barre ou remplace ce que des cases affichent ; rien n'a été importé.",
        "Supprimez cette règle (les couleurs peuvent rester), vérifiez les valeurs, enregistrez, puis recommencez.",
        "A conditional format strikes through or replaces what cells show; nothing was imported.",
        "Take that rule away (colours may stay), check the values, save, then try again.",
    ),
    "sheet-table-above": Sentence(
        "La ligne {line}, au-dessus de l'en-tête, n'est pas un simple titre ; rien n'a été importé.",
        "Mettez chaque tableau dans un fichier à part, sans rien d'autre que des titres au-dessus, puis recommencez.",
        "Line {line}, above the header, is more than a title; nothing was imported.",
        "Put each table into a file of its own, with nothing but titles above it, then try again.",
    ),
    "fhir-malformed": Sentence(
        "Le fichier FHIR n'est pas du JSON bien formé (ligne {line}).",
        "Exportez-le de nouveau en JSON, sans le retoucher, puis réimportez-le.",
        "The FHIR file is not well-formed JSON (line {line}).",
        "Export it again as JSON, without editing it, then import again.",
    ),
    "fhir-bundle-type": Sentence(
        "Le Bundle FHIR n'est ni une collection ni le résultat d'une recherche.",
        "Exportez un Bundle de type collection ou searchset, ou du NDJSON.",
        "The FHIR Bundle is neither a collection nor the result of a search.",
        "Export a Bundle of type collection or searchset, or NDJSON.",
    ),
    "fhir-bundle-partial": Sentence(
        "Le Bundle FHIR n'est qu'une page d'un résultat : la suite peut contenir des refus.",
        "Réunissez toutes les pages, ou exportez en NDJSON, puis importez.",
        "The FHIR Bundle is one page of a result only: what follows may hold refusals.",
        "Put all pages together, or export as NDJSON, then import.",
    ),
    "fhir-not-set-up": Sentence(
        "Le poste ne sait pas sous quel identifiant un fichier FHIR nomme ses patients.",
        "Renseignez patient_system sous [authorization.fhir] dans la configuration.",
        "The station does not know under which identifier a FHIR file names its patients.",
        "Set patient_system under [authorization.fhir] in the configuration.",
    ),
    "import-unknown": Sentence(
        "Aucun import ne porte ce numéro.",
        "Relevez-le dans le compte rendu de l'import, ou avec « liasse authorization list ».",
        "No import has this number.",
        "Take it from the import's report, or from `liasse authorization list`.",
    ),
    "import-not-register": Sentence(
        "Cet import est celui d'un fichier de patients, qui ne s'annule pas.",
        "Seul un import d'autorisations s'annule ; corrigez les patients par un nouvel import.",
        "This import is one of a roster, which is not taken back.",
        "Only an import of authorizations is taken back; correct patients by importing anew.",
    ),
    "import-undone": Sentence(
        "Cet import est déjà annulé.",
        "Rien à faire ; pour le reprendre, importez de nouveau son fichier.",
        "This import was taken back already.",
        "Nothing to do; to have it again, import its file anew.",
    ),
    "import-is-undo": Sentence(
        "Ceci est une annulation, qui ne s'annule pas.",
        "Importez de nouveau le fichier qui avait été annulé.",
        "This is the taking back of an import, which is not itself taken back.",
        "Import the file anew that had been taken back.",
    ),
    "statement-unusable": Sentence(
        "Ce qui est à enregistrer ne peut pas l'être ({reason}).",
        "Corrigez l'option nommée, puis recommencez ; docs/reference/imports.md explique le code.",
        "What is to be recorded cannot be ({reason}).",
        "Correct the option that is named, then try again; docs/reference/imports.md explains the code.",
    ),
    "patient-not-on-roster": Sentence(
        "Aucun patient du fichier ne porte cette référence.",
        "Importez d'abord le fichier des patients avec « liasse patient import ».",
        "No patient of the roster has this reference.",
        "Import the roster first, with `liasse patient import`.",
    ),
    "export-target-taken": Sentence(
        "Il y a déjà un fichier à cet endroit ({path}).",
        "Choisissez un autre nom : un export n'en remplace jamais un autre.",
        "There is a file at that place already ({path}).",
        "Choose another name: an export never replaces a file.",
    ),
    "four-eyes-needed": Sentence(
        "Ce poste demande deux personnes pour autoriser, ou pour lever une opposition.",
        "Pour un document refusé : « liasse refusal review authorize », que la deuxième personne confirme. Sans "
        "document, ou pour une levée : faites porter la ligne au registre du client, puis importez ce fichier.",
        "This station asks for two persons to authorize, or to lift an opposition.",
        "Of a refused document: `liasse refusal review authorize`, which the second person confirms. Without a "
        "document, or for a lifting: have the line put into the client's register, then import that file.",
    ),
}
