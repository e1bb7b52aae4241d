"""Faults of files, pages, recognition and the archival copy."""

from typing import Final

from lexicon.sentences import Sentence

PAGES: Final[dict[str, Sentence]] = {
    "inbox-unsafe": Sentence(
        "Le dossier de dépôt {path} et {other} se recouvrent : le poste pourrait reprendre ses propres fichiers.",
        "Choisissez pour le dépôt un dossier à part, hors du poste, de l'hébergeur et des programmes.",
        "The drop folder {path} and {other} overlap: the station could take in its own files.",
        "Choose a drop folder apart from the station, the host and the programs.",
    ),
    "inbox-world-writable": Sentence(
        "Tout compte de la machine peut écrire dans le dossier de dépôt {path}.",
        "Retirez ce droit (chmod o-w), ou montez le partage avec un groupe qui lui est propre (file_mode, dir_mode).",
        "Every account of the machine can write into the drop folder {path}.",
        "Take that right away (chmod o-w), or mount the share with a group of its own (file_mode, dir_mode).",
    ),
    "changed-while-read": Sentence(
        "Un fichier a été modifié pendant sa lecture : le numériseur l'écrivait encore.",
        "Rien n'est perdu : « liasse watch » le reprend quand il ne change plus, « liasse process » si on le relance. "
        "Si cela se répète, augmentez « settle » dans la configuration.",
        "A file was changed while it was read: the scanner was still writing it.",
        "Nothing is lost: 'liasse watch' takes it once it lies still, 'liasse process' when it is run again. "
        "If it happens again, raise 'settle' in the configuration.",
    ),
    "empty-file": Sentence(
        "Un fichier est vide.",
        "Numérisez de nouveau les feuilles, et vérifiez que le disque du numériseur n'est pas plein.",
        "A file is empty.",
        "Scan the sheets again, and check that the scanner's disk is not full.",
    ),
    "too-many-bytes": Sentence(
        "Un fichier dépasse la taille permise ({limit} octets).",
        "Numérisez en plusieurs fichiers, ou relevez « limits.bytes » dans la configuration.",
        "A file is bigger than allowed ({limit} bytes).",
        "Scan into several files, or raise 'limits.bytes' in the configuration.",
    ),
    "too-many-pages": Sentence(
        "Un fichier a plus de pages que permis ({limit}).",
        "Numérisez en plusieurs fichiers, ou relevez « limits.pages » dans la configuration.",
        "A file has more pages than allowed ({limit}).",
        "Scan into several files, or raise 'limits.pages' in the configuration.",
    ),
    "too-many-pixels": Sentence(
        "Une page a plus de points que permis ({limit}) ; le fichier entier est écarté.",
        "Numérisez à une résolution moindre, ou relevez « limits.pixels » dans la configuration.",
        "A page has more dots than allowed ({limit}); the whole file is set aside.",
        "Scan at a lower resolution, or raise 'limits.pixels' in the configuration.",
    ),
    "no-pages": Sentence(
        "Un fichier ne contient aucune page.",
        "Numérisez de nouveau les feuilles.",
        "A file holds no page.",
        "Scan the sheets again.",
    ),
    "duplex-mismatch": Sentence(
        "Recto-verso manuel : il n'y a pas autant de versos que de rectos, ou un intercalaire est au verso d'une "
        "feuille. Aucune page n'est utilisée, rien n'est perdu.",
        "Deux feuilles sont passées ensemble, ou un paquet n'est pas le bon : numérisez de nouveau tous les rectos, "
        "puis tous les versos, de ces feuilles.",
        "Manual duplex: there are not as many backs as fronts, or a separator is a sheet's back. No page is used, "
        "nothing is lost.",
        "Two sheets went through together, or a stack is not the right one: scan all fronts, then all backs, of these "
        "sheets again.",
    ),
    "duplex-half-alone": Sentence(
        "Recto-verso manuel : l'autre moitié d'un fichier n'est pas venue à temps. Aucune page n'est utilisée, rien "
        "n'est perdu.",
        "Numérisez de nouveau tous les rectos, puis tous les versos, de ces feuilles, dans un sous-dossier à elles : "
        "chaque sous-dossier fait ses propres paires. Si deux passages sont plus espacés chez vous, relevez "
        "« inbox.duplex_hours ».",
        "Manual duplex: the other half of a file did not come in time. No page is used, nothing is lost.",
        "Scan all fronts, then all backs, of these sheets again, into a subfolder of their own: each subfolder makes "
        "its own pairs. Where your two passes lie further apart, raise 'inbox.duplex_hours'.",
    ),
    "unreadable-scan": Sentence(
        "Un fichier ou une page est illisible pour le programme ; le fichier entier est écarté.",
        "Numérisez de nouveau les feuilles ; si cela se répète, changez le format de sortie du numériseur.",
        "A file or page cannot be decoded; the whole file is set aside.",
        "Scan the sheets again; if it happens again, change the scanner's output format.",
    ),
    "truncated-scan": Sentence(
        "Un fichier est incomplet : il en manque la fin ou une partie d'image. Aucune de ses pages n'est utilisée.",
        "Numérisez de nouveau toutes les feuilles de ce fichier, et vérifiez le disque et le réseau du numériseur.",
        "A file is incomplete: its end or a part of an image is missing. None of its pages is used.",
        "Scan all sheets of this file again, and check the scanner's disk and network.",
    ),
    "decoder-crashed": Sentence(
        "Un fichier a fait tomber, deux fois, le programme qui le lisait ; rien d'autre n'est touché.",
        "Numérisez de nouveau les feuilles. Si le fichier est sûr, « liasse batch reopen » "
        "le reprend après une mise à jour.",
        "A file brought down, twice, the program that was reading it; nothing else is touched.",
        "Scan the sheets again. If the file is sound, 'liasse batch reopen' takes it again after an update.",
    ),
    "decoder-too-slow": Sentence(
        "Une page ou un fichier demande plus de temps de lecture que permis ; le fichier entier est écarté.",
        "Numérisez de nouveau les feuilles, plus simplement, ou relevez « limits.page_seconds » ou "
        "« limits.file_seconds » puis lancez « liasse batch reopen ».",
        "A page or a file takes more time to read than allowed; the whole file is set aside.",
        "Scan the sheets again, more simply, or raise 'limits.page_seconds' or 'limits.file_seconds' and run "
        "'liasse batch reopen'.",
    ),
    "decoder-too-big": Sentence(
        "Un fichier demande plus de mémoire que permis pour être lu ; le fichier entier est écarté.",
        "Numérisez à une résolution moindre, ou relevez « limits.memory » puis lancez « liasse batch reopen ».",
        "A file takes more memory to read than allowed; the whole file is set aside.",
        "Scan at a lower resolution, or raise 'limits.memory' and run 'liasse batch reopen'.",
    ),
    "decoder-unusable": Sentence(
        "Le programme qui lit les fichiers ne démarre pas : aucun fichier ne peut être ouvert.",
        "Lancez « liasse doctor » ; vérifiez la mémoire libre et réinstallez Liasse si nécessaire.",
        "The program that reads files does not start: no file can be opened.",
        "Run 'liasse doctor'; check free memory, and install Liasse again if need be.",
    ),
    "encrypted-pdf": Sentence(
        "Un PDF est protégé par un mot de passe.",
        "Retirez la protection dans les réglages du numériseur, puis numérisez de nouveau les feuilles.",
        "A PDF is protected by a password.",
        "Remove the protection in the scanner's settings, then scan the sheets again.",
    ),
    "unsupported-format": Sentence(
        "Un fichier n'est ni TIFF, ni JPEG, ni PNG, ni PDF de pages, ou d'une variante qui n'est pas lue.",
        "Réglez le numériseur sur TIFF ou PDF, puis numérisez de nouveau les feuilles.",
        "A file is neither TIFF, JPEG, PNG nor a PDF of pages, or of a kind that is not read.",
        "Set the scanner to TIFF or PDF, then scan the sheets again.",
    ),
    "separator-unprintable": Sentence(
        "Un intercalaire ne peut porter cette référence : vide, plus de {limit} caractères, ou un caractère « | ».",
        "Corrigez la référence du patient ou du document, ou le type, puis imprimez de nouveau.",
        "A separator cannot carry this reference: empty, longer than {limit} characters, or with a '|'.",
        "Correct the patient's or document's reference, or the type, then print again.",
    ),
    "reference-unusable-on-sheet": Sentence(
        "La référence nº {place} ne peut figurer en clair sur un intercalaire : ce n'en est pas une, ou c'est un INS.",
        "Donnez la référence du patient dans le fichier des patients : lettres sans accent, chiffres, « . », « - »…",
        "Reference no. {place} cannot stand in clear on a separator: it is none, or it is an INS.",
        "Give the patient's reference in the roster: letters without accents, digits, '.', '-' and the like.",
    ),
    "type-unusable-on-sheet": Sentence(
        "Le type de document ne peut pas figurer sur un intercalaire.",
        "Écrivez-le en un mot : lettres sans accent, chiffres, « . », « _ » et « - », 64 caractères au plus.",
        "The document type cannot stand on a separator.",
        "Write it as one word: letters without accents, digits, '.', '_' and '-', at most 64 characters.",
    ),
    "reference-not-on-roster": Sentence(
        "La référence nº {place} n'est pas dans le fichier des patients de ce poste ; rien n'est imprimé.",
        "Vérifiez-la, ou importez d'abord le fichier des patients (« liasse patient import »).",
        "Reference no. {place} is not in this station's roster; nothing is printed.",
        "Check it, or import the roster first ('liasse patient import').",
    ),
    "clearance-forged": Sentence(
        "Un feu vert n'a pas été délivré par le contrôle d'autorisation.",
        "Arrêtez le poste et conservez-le en l'état : le programme a été modifié ou détourné.",
        "A clearance was not issued by the consent gate.",
        "Stop the station and keep it as it is: the program was altered or misused.",
    ),
    "clearance-mismatch": Sentence(
        "Un feu vert a été présenté pour un autre document ou un autre patient que le sien.",
        "Arrêtez le poste et conservez-le en l'état : le programme a été modifié ou détourné.",
        "A clearance was shown for another document or patient than its own.",
        "Stop the station and keep it as it is: the program was altered or misused.",
    ),
    "clearance-serialised": Sentence(
        "Un feu vert allait être enregistré ou transmis ; il ne sort jamais de la mémoire.",
        "Signalez-le à l'éditeur : c'est un défaut du programme.",
        "A clearance was about to be stored or sent; it never leaves memory.",
        "Report it to the makers: this is a defect of the program.",
    ),
    "roster-index-stale": Sentence(
        "La liste des patients en mémoire ne connaît pas le patient d'un document autorisé.",
        "Relancez Liasse : la liste est relue au démarrage. Si le message revient, refaites « liasse patient import ».",
        "The list of patients in memory does not know the patient of an authorized document.",
        "Start Liasse again: the list is read at start-up. If it comes back, run `liasse patient import` again.",
    ),
    "font-missing": Sentence(
        "La police {font}, qui sert à dessiner les dossiers de démonstration, n'est pas installée.",
        "Installez-la puis recommencez : sudo apt install fonts-dejavu-core",
        "The font {font}, with which the demonstration records are drawn, is not installed.",
        "Install it and try again: sudo apt install fonts-dejavu-core",
    ),
    "program-missing": Sentence(
        "Un programme nécessaire n'est pas installé : {program}.",
        "Installez-le avec « {install} », puis relancez le poste.",
        "A program that is needed is not installed: {program}.",
        "Install it with `{install}`, then start the station again.",
    ),
    "work-unwritable": Sentence(
        "Le dossier de travail en mémoire n'accepte pas d'écriture : {path}.",
        "Vérifiez la place libre et les droits de ce dossier, puis relancez.",
        "The work folder in memory cannot be written to: {path}.",
        "Check its free space and its permissions, then start again.",
    ),
    "recognition-mismatch": Sentence(
        "Le texte reconnu n'est pas celui du document à composer.",
        "Arrêtez le poste et conservez-le en l'état, puis prévenez l'éditeur : c'est un défaut du programme.",
        "The recognised text is not that of the document to compose.",
        "Stop the station, keep it as it is and tell the makers: this is a defect of the program.",
    ),
    "page-too-large": Sentence(
        "Une page dépasse 5,08 mètres de côté, la limite du format PDF/A.",
        "Vérifiez la résolution réglée sur le scanner, puis numérisez de nouveau cette feuille.",
        "A side of a page is longer than 5.08 metres, the limit of PDF/A.",
        "Check the resolution set on the scanner, then scan this sheet again.",
    ),
    "not-pdfa": Sentence(
        "La copie d'archivage n'est pas conforme à PDF/A-{level} : {findings}.",
        "Le document est conservé et n'est pas déposé ; transmettez ces numéros de règles à l'éditeur.",
        "The archival copy does not conform to PDF/A-{level}: {findings}.",
        "The document is kept and not deposited; send these rule numbers to the makers.",
    ),
    "render-differs": Sentence(
        "La page {page} de la copie d'archivage ne montre pas la même chose que l'image du scanner.",
        "Le document est conservé et n'est pas déposé ; comparez-le au papier et prévenez l'éditeur.",
        "Page {page} of the archival copy does not show what the scanner's image shows.",
        "The document is kept and not deposited; compare it with the paper and tell the makers.",
    ),
    "validator-failed": Sentence(
        "{validator} n'a pas pu juger une copie d'archivage ({problem}).",
        "Lancez « liasse doctor » ; si {validator} ne peut fonctionner sur ce poste, réglez pdfa.verapdf sur « auto ».",
        "{validator} could not judge an archival copy ({problem}).",
        "Run `liasse doctor`; if {validator} cannot work on this station, set pdfa.verapdf to `auto`.",
    ),
}
