"""Faults of the database, the ledger and the handover."""

from typing import Final

from lexicon.sentences import Sentence

CUSTODY: Final[dict[str, Sentence]] = {
    "custody-rolled-back": Sentence(
        "Le registre du poste ne continue pas le point de contrôle que l'hébergeur garde ({size} événements).",
        "Arrêtez : une ancienne copie de la base a été remise, ou le registre a été réécrit. Retrouvez la base à jour.",
        "The station's ledger does not continue the checkpoint that the host keeps ({size} entries).",
        "Stop: an old copy of the database was brought back, or the ledger was rewritten. Find the current database.",
    ),
    "custody-too-long": Sentence(
        "{documents} document(s) sont sur le poste depuis plus de {days} jours, la durée prévue au contrat.",
        "Voyez-les (« liasse refusal list ») : régularisez, et ils repartent seuls ; ou faites maintenir le refus.",
        "{documents} document(s) have been on the station for more than {days} days, the time agreed in the contract.",
        "See them ('liasse refusal list'): put things right, and they go on; or have the refusal maintained.",
    ),
    "database-damaged": Sentence(
        "La base de données du poste est endommagée.",
        "Arrêtez le poste, gardez le dossier tel qu'il est, et restaurez la dernière sauvegarde.",
        "The station's database is damaged.",
        "Stop the station, keep its folder as it is, and restore the last backup.",
    ),
    "append-only": Sentence(
        "Une écriture a voulu modifier ou effacer une preuve enregistrée ; la base de données l'a refusée.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A write tried to change or delete evidence on record; the database refused it.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "database-away": Sentence(
        "Le serveur de la base de données ne répond pas, refuse le compte du poste, ou a coupé la liaison ({error}) ; "
        "l'étape en cours a été annulée.",
        "Vérifiez que PostgreSQL tourne, l'adresse [database] url, le mot de passe et le réseau. Un démon en marche "
        "réessaie de lui-même ; sinon, relancez.",
        "The database's server does not answer, refuses the station's account, or has cut the connection ({error}); "
        "the step in hand was undone.",
        "Check that PostgreSQL is running, the address [database] url, the password and the network. A running daemon "
        "tries again by itself; otherwise start again.",
    ),
    "database-newer": Sentence(
        "La base de données du poste a été mise à jour par une version plus récente de Liasse.",
        "Installez cette version ou une plus récente, puis relancez ; n'essayez pas de revenir en arrière.",
        "The station's database was brought up to date by a later version of Liasse.",
        "Install that version or a later one and start again; do not try to go back.",
    ),
    "database-taken": Sentence(
        "Cette base de données est celle d'un autre poste ; rien n'y a été écrit.",
        "Donnez à chaque poste sa propre base, dans [database] url : un client, un poste, une base.",
        "This database is another station's; nothing was written to it.",
        "Give each station a database of its own, in [database] url: one client, one station, one database.",
    ),
    "database-unencrypted": Sentence(
        "La base de données est sur une autre machine, et l'adresse ne dit pas comment vérifier ce serveur.",
        "Ajoutez à [database] url « ?sslmode=verify-full&sslrootcert=/chemin/ca.pem », puis relancez.",
        "The database is on another machine, and its address does not say how to verify that server.",
        "Add `?sslmode=verify-full&sslrootcert=/path/ca.pem` to [database] url, then start again.",
    ),
    "database-unfit": Sentence(
        "Le serveur PostgreSQL ne peut pas garder ce que le poste promet : {setting} vaut « {found} ».",
        "Il faut PostgreSQL 14 ou plus récent, une base en UTF8, et en production fsync et full_page_writes à « on » ; "
        "demandez-le à qui administre le serveur.",
        "The PostgreSQL server cannot keep what the station promises: {setting} is `{found}`.",
        "PostgreSQL 14 or later is needed, a database in UTF8, and in production fsync and full_page_writes `on`; "
        "ask whoever runs the server.",
    ),
    "database-unsafe": Sentence(
        "Le dossier {folder}, où se trouve la base de données, est ouvert à d'autres comptes de cette machine.",
        "Fermez-le avec « chmod 700 {folder} », puis relancez.",
        "The folder {folder}, which holds the database, is open to other accounts of this machine.",
        "Close it with `chmod 700 {folder}`, then start again.",
    ),
    "database-unsupported": Sentence(
        "L'adresse de la base de données n'est pas de celles que cette version connaît.",
        "Donnez dans [database] url une adresse « sqlite:////chemin/absolu/station.db » ou "
        "« postgresql://compte@serveur/base », ou retirez ce réglage.",
        "The database's address is not one that this version knows.",
        "Give [database] url an address such as `sqlite:////absolute/path/station.db` or "
        "`postgresql://account@server/database`, or remove that setting.",
    ),
    "database-unusable": Sentence(
        "La base de données du poste n'a pas pu être utilisée ({error}) ; rien n'a été enregistré.",
        "Vérifiez qu'il reste de la place, que le disque répond et qu'aucun autre programme ne la tient ouverte, "
        "puis relancez. Si le message revient, ne touchez plus au fichier et prévenez l'éditeur.",
        "The station's database could not be used ({error}); nothing was recorded.",
        "Check that there is room, that the disk answers and that no other program holds it open, then start again. "
        "If the message comes back, leave the file as it is and tell the makers.",
    ),
    "column-forged": Sentence(
        "Une valeur chiffrée de la base de données ({column}) a été modifiée, ou la clé n'est pas la bonne.",
        "Vérifiez que le dossier des clés est celui de ce poste. Si c'est le cas, arrêtez le poste, conservez-le en "
        "l'état et prévenez le responsable.",
        "An encrypted value of the database ({column}) was changed or moved, or the key is not the right one.",
        "Check that the folder of keys is this station's. If it is, stop the station, keep it as it is and tell the "
        "person in charge.",
    ),
    "register-forged": Sentence(
        "Une ligne du registre des autorisations n'est pas telle que le poste l'a écrite.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable ; aucune autorisation n'est lue d'ici là.",
        "A line of the register of authorizations is not as the station wrote it.",
        "Stop the station, keep it as it is and tell the person in charge; no authorization is read until then.",
    ),
    "checkpoint-forged": Sentence(
        "Un point de contrôle du registre de traçabilité ne porte pas la signature de ce poste.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A checkpoint of the custody ledger does not bear this station's signature.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "custody-broken": Sentence(
        "Le registre de traçabilité n'est pas la suite de ce que le poste a signé.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify » : il nomme le premier défaut.",
        "The custody ledger does not continue what the station signed.",
        "Stop the station, keep it as it is, and run `liasse custody verify`: it names the first flaw.",
    ),
    "custody-entry-refused": Sentence(
        "Un événement allait être inscrit au registre de traçabilité avec une valeur interdite (champ {field}).",
        "Signalez-le à l'éditeur : c'est un défaut du programme. Rien n'a été inscrit.",
        "An event was about to enter the custody ledger with a value that may not stand there (field {field}).",
        "Report it to the makers: this is a defect of the program. Nothing was entered.",
    ),
    "accounts-unbalanced": Sentence(
        "La restitution est refusée : {unfinished} image(s), fichier(s) ou document(s) encore en cours, "
        "{images} image(s) et {sheets} feuille(s) sans explication, {differences} différence(s) avec le registre de "
        "traçabilité ({first}).",
        "Laissez le traitement se terminer (« liasse process »), puis consultez « liasse status ». S'il reste un "
        "écart, ne corrigez rien à la main : déclarez les feuilles manquantes, ou conservez le poste en l'état et "
        "prévenez le responsable.",
        "The handover is refused: {unfinished} image(s), file(s) or document(s) still on their way, {images} image(s) "
        "and {sheets} sheet(s) unexplained, {differences} difference(s) from the custody ledger ({first}).",
        "Let processing end (`liasse process`), then look at `liasse status`. If a gap remains, mend nothing by hand: "
        "declare the missing sheets, or keep the station as it is and tell the person in charge.",
    ),
    "handover-overtaken": Sentence(
        "Le poste a travaillé pendant que la restitution se préparait ; rien n'a été écrit.",
        "Attendez qu'il soit au repos, ou arrêtez « liasse watch », puis relancez « liasse handover build ».",
        "The station worked while the handover was being prepared; nothing was written.",
        "Wait until it is at rest, or stop `liasse watch`, then run `liasse handover build` again.",
    ),
    "target-not-empty": Sentence(
        "Le dossier demandé pour la restitution n'est pas vide ; il n'a pas été touché.",
        "Donnez un dossier nouveau ou vide : liasse handover build --out DOSSIER",
        "The folder asked for the handover is not empty; it was left as it is.",
        "Give a new or empty folder: liasse handover build --out FOLDER",
    ),
}
