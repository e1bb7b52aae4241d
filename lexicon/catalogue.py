"""Every fault and every reason, said in French and English. Keys are slugs; a test holds this list against the code."""

from typing import Final

from lexicon.alarms import ALARMS
from lexicon.reasons import REASONS
from lexicon.sentences import Sentence

__all__ = ["ALARMS", "FAULTS", "FLAWS", "LINES", "REASONS"]

FAULTS: Final[dict[str, Sentence]] = {
    # Station and commands
    "already-running": Sentence(
        "Un autre programme Liasse travaille déjà sur ce poste.",
        "Attendez qu'il finisse, ou arrêtez-le (SIGTERM), puis relancez.",
        "Another Liasse program works on this station already.",
        "Wait for it to end, or stop it (SIGTERM), then run again.",
    ),
    "already-settled": Sentence(
        "Le sort d'un document ({document}) allait être fixé deux fois.",
        "Arrêtez le poste et signalez-le à l'éditeur : c'est un défaut du programme.",
        "What became of a document ({document}) was about to be settled twice.",
        "Stop the station and report it to the makers: this is a defect of the program.",
    ),
    "as-of-in-production": Sentence(
        "L'option --as-of n'est permise que sur un poste d'essai.",
        "Relancez sans --as-of : en production, le contrôle juge au jour présent.",
        "The option --as-of is allowed on a trial station only.",
        "Run again without --as-of: in production the gate judges on the present day.",
    ),
    "batch-unknown": Sentence(
        "Aucun lot ne porte ce numéro.",
        "Cherchez-le avec « liasse batch list ».",
        "No batch has this number.",
        "Look for it with 'liasse batch list'.",
    ),
    "file-not-set-aside": Sentence(
        "Aucun fichier écarté de ce lot ne porte ce numéro.",
        "Cherchez-le avec « liasse batch show » ou « liasse refusal list ».",
        "No file of this batch that is set aside has this number.",
        "Look for it with 'liasse batch show' or 'liasse refusal list'.",
    ),
    "box-overdrawn": Sentence(
        "Ce carton a apporté {received} feuilles, dont {already} sont déjà déclarées ainsi.",
        "Vérifiez le numéro du carton et le nombre ; déclarez d'abord ce qui a été reçu (« liasse box receive »).",
        "This box brought {received} sheets, of which {already} are declared so already.",
        "Check the box's number and the count; declare first what was received ('liasse box receive').",
    ),
    "clock-untrusted": Sentence(
        "L'heure du poste n'est pas sûre : en retard sur le registre de traçabilité, ou changée en cours de route.",
        "Remettez l'horloge à l'heure (NTP) et relancez le démon ; jusque-là, le contrôle reste fermé.",
        "The station's clock is not sure: behind the custody ledger, or changed on the way.",
        "Set the clock right (NTP) and start the daemon again; until then the gate stays closed.",
    ),
    "clock-not-behind": Sentence(
        "L'horloge du poste n'est pas en retard sur le registre : il n'y a rien à accepter.",
        "Rien à faire.",
        "The station's clock is not behind the ledger: there is nothing to accept.",
        "Nothing to do.",
    ),
    "clock-before-station": Sentence(
        "L'horloge indique un jour d'avant la création du poste.",
        "Remettez-la à l'heure (NTP, `timedatectl`), puis recommencez.",
        "The clock shows a day before the station was founded.",
        "Set it right (NTP, `timedatectl`), then try again.",
    ),
    "clock-facts-ahead": Sentence(
        "Le registre des autorisations a été renseigné à une date qui n'est pas encore venue.",
        "Restaurez la sauvegarde d'avant (« liasse restore »), ou prévenez l'éditeur : tout import fait maintenant "
        "passerait pour plus ancien.",
        "The register of authorizations was told something at a date that is still to come.",
        "Bring back the backup of before ('liasse restore'), or tell the makers: what you import now would count as "
        "older.",
    ),
    "config-invalid": Sentence(
        "Réglage incorrect : {setting} ({problem}).",
        "Corrigez-le ; chaque réglage est expliqué dans config.example.toml.",
        "Wrong setting: {setting} ({problem}).",
        "Correct it; each setting is explained in config.example.toml.",
    ),
    "config-missing": Sentence(
        "Il n'y a pas de fichier de configuration à {path}.",
        "Vérifiez le chemin, ou créez un poste : liasse init DOSSIER.",
        "There is no configuration file at {path}.",
        "Check the path, or make a station: liasse init FOLDER.",
    ),
    "config-not-named": Sentence(
        "Aucun fichier de configuration n'est indiqué.",
        "Ajoutez --config FICHIER devant la commande, ou la variable LIASSE_CONFIG.",
        "No configuration file is named.",
        "Add --config FILE before the command, or the variable LIASSE_CONFIG.",
    ),
    "config-unreadable": Sentence(
        "Le fichier de configuration {path} ne peut pas être lu ({problem}).",
        "Corrigez-le : c'est un fichier TOML en UTF-8.",
        "The configuration file {path} cannot be read ({problem}).",
        "Correct it: it is a TOML file in UTF-8.",
    ),
    "custody-rolled-back": Sentence(
        "Le registre du poste ne continue pas le point de contrôle que l'hébergeur garde ({size} événements).",
        "Arrêtez : une ancienne copie de la base a été remise, ou le registre a été réécrit. Retrouvez la base à jour.",
        "The station's ledger does not continue the checkpoint that the host keeps ({size} entries).",
        "Stop: an old copy of the database was brought back, or the ledger was rewritten. Find the current database.",
    ),
    "custody-too-long": Sentence(
        "{documents} document(s) sont sur le poste depuis plus de {days} jours, la durée prévue au contrat.",
        "Voyez-les avec « liasse refusal list » : rendez le papier ou régularisez, puis numérisez de nouveau.",
        "{documents} document(s) have been on the station for more than {days} days, the time agreed in the contract.",
        "See them with 'liasse refusal list': give the paper back, or put things right and scan again.",
    ),
    "demo-differs": Sentence(
        "La démonstration n'a pas donné ce que ses dossiers annonçaient ({what}).",
        "Lancez « liasse doctor » sur le poste de la démonstration, et transmettez cette ligne à l'éditeur.",
        "The demonstration did not give what its records foretell ({what}).",
        "Run 'liasse doctor' on the demonstration's station, and send this line to the makers.",
    ),
    "disk-nearly-full": Sentence(
        "Il reste moins d'un gibioctet libre à {path}.",
        "Libérez de la place avant de numériser.",
        "Less than one gibibyte is free at {path}.",
        "Make room before scanning.",
    ),
    "document-not-deposited": Sentence(
        "Ce document n'est pas chez l'hébergeur.",
        "« liasse document show » dit ce qu'il est devenu, et pourquoi.",
        "This document is not at the host.",
        "'liasse document show' says what became of it, and why.",
    ),
    "document-unknown": Sentence(
        "Aucun document ne porte ce numéro.",
        "Cherchez-le avec « liasse document find --patient RÉFÉRENCE ».",
        "No document has this number.",
        "Look for it with 'liasse document find --patient REFERENCE'.",
    ),
    "inbox-missing": Sentence(
        "Le dossier de dépôt {path} n'existe pas ou n'est pas monté.",
        "Créez-le ou montez le partage. Un démon en marche reprend de lui-même ; sinon, relancez.",
        "The drop folder {path} does not exist or is not mounted.",
        "Create it or mount the share. A running daemon goes on by itself; otherwise start again.",
    ),
    "sealed-missing": Sentence(
        "L'enveloppe scellée d'un document ({document}) n'est plus sur le poste, et son accusé manque.",
        "Ne relancez pas : restaurez le dossier « sealed » depuis la sauvegarde, ou prévenez l'éditeur.",
        "A document's sealed envelope ({document}) is no longer on the station, and its receipt is missing.",
        "Do not run again: restore the folder 'sealed' from the backup, or tell the makers.",
    ),
    # Service: the machine, the alarms and the numbers
    "checkpoint-old": Sentence(
        "Le registre n'a pas été signé depuis {hours} heures, et {entries} événements sont arrivés depuis.",
        "Lancez « liasse custody checkpoint » et gardez la réponse hors du poste ; vérifiez que le démon travaille.",
        "The ledger has not been signed for {hours} hours, and {entries} entries have come since.",
        "Run 'liasse custody checkpoint' and keep the answer outside; check that the daemon works.",
    ),
    "clock-unknown": Sentence(
        "Le noyau ne dit pas si l'horloge est synchronisée.",
        "Vérifiez-le vous-même : timedatectl, ou chronyc tracking.",
        "The kernel does not say whether the clock is synchronised.",
        "Check it yourself: timedatectl, or chronyc tracking.",
    ),
    "clock-unsynchronised": Sentence(
        "L'horloge du poste n'est pas synchronisée.",
        "Activez la synchronisation : timedatectl set-ntp true (ou chrony, avec l'option rtcsync).",
        "The station's clock is not synchronised.",
        "Turn synchronisation on: timedatectl set-ntp true (or chrony, with its option rtcsync).",
    ),
    "database-damaged": Sentence(
        "La base de données du poste est endommagée.",
        "Arrêtez le poste, gardez le dossier tel qu'il est, et restaurez la dernière sauvegarde.",
        "The station's database is damaged.",
        "Stop the station, keep its folder as it is, and restore the last backup.",
    ),
    "inbox-elsewhere": Sentence(
        "Dans le dossier de dépôt {path}, un fichier ne peut pas être pris par un simple renommage.",
        "Donnez au compte du poste le droit d'écrire dans ce dossier, et gardez son sous-dossier au même endroit.",
        "In the drop folder {path}, a file cannot be taken by a mere rename.",
        "Let the station's account write into this folder, and keep its subfolder on the same file system.",
    ),
    "inodes-short": Sentence(
        "Il reste peu de fichiers possibles à {path} ({free}).",
        "Supprimez de petits fichiers inutiles, ou déplacez le poste vers un système de fichiers plus grand.",
        "Few more files can be made at {path} ({free}).",
        "Remove small useless files, or move the station to a larger file system.",
    ),
    "inotify-short": Sentence(
        "Le noyau n'accorde que {watches} veilles de dossier : les fichiers seront vus plus tard, aux relevés.",
        "Augmentez fs.inotify.max_user_watches avec sysctl, ou réduisez inbox.sweep.",
        "The kernel grants only {watches} watches of folders: files will be seen later, by the sweeps.",
        "Raise fs.inotify.max_user_watches with sysctl, or reduce inbox.sweep.",
    ),
    "key-expiring": Sentence(
        "Le certificat « {key} » n'est plus valable que {days} jours.",
        "Demandez dès maintenant son remplaçant à qui l'a remis, et inscrivez-le dans la configuration.",
        "The certificate '{key}' is valid for only {days} more days.",
        "Ask whoever gave it for its successor now, and put that into the configuration.",
    ),
    "memory-exposed": Sentence(
        "La mémoire du poste peut être lue par un débogueur, ou copiée sur le disque après une panne.",
        "Relancez sous Linux avec un noyau qui permet prctl(2) ; dans un conteneur, ne l'interdisez pas.",
        "The station's memory can be read by a debugger, or copied to the disk after a crash.",
        "Run on Linux with a kernel that allows prctl(2); in a container, do not forbid it.",
    ),
    "memory-short": Sentence(
        "La machine a {megabytes} Mo de mémoire pour {workers} documents à la fois ; il en faudrait {needed}.",
        "Réduisez ocr.workers dans la configuration, ou ajoutez de la mémoire.",
        "The machine has {megabytes} MB of memory for {workers} documents at a time; it should have {needed}.",
        "Reduce ocr.workers in the configuration, or add memory.",
    ),
    "metrics-open": Sentence(
        "Les mesures seraient servies à une adresse que d'autres machines atteignent ({listen}).",
        "Écrivez 127.0.0.1:PORT dans metrics.listen, ou permettez-le par metrics.beyond_loopback = true.",
        "The metrics would be served at an address that other machines reach ({listen}).",
        "Write 127.0.0.1:PORT in metrics.listen, or allow it by metrics.beyond_loopback = true.",
    ),
    "metrics-unusable": Sentence(
        "Les mesures ne peuvent pas être servies à cette adresse ({listen}).",
        "Choisissez une adresse de cette machine et un port libre dans metrics.listen.",
        "The metrics cannot be served at this address ({listen}).",
        "Choose an address of this machine and a free port in metrics.listen.",
    ),
    "program-old": Sentence(
        "{program} {version} est trop ancien : il faut au moins {least}.",
        "Installez une version plus récente, puis relancez.",
        "{program} {version} is too old: it must be {least} at least.",
        "Install a later version, then run again.",
    ),
    "rights-loose": Sentence(
        "{path} est ouvert à d'autres comptes, ou n'appartient pas à celui qui fait travailler le poste.",
        "Donnez-le au compte du poste (chown) et fermez-le (chmod go-rwx).",
        "{path} is open to other accounts, or does not belong to the one that runs the station.",
        "Give it to the station's account (chown) and close it (chmod go-rwx).",
    ),
    "runs-as-root": Sentence(
        "Le poste travaille sous le compte root.",
        "Créez-lui un compte sans droits et lancez-le comme service : docs/fr/service.md.",
        "The station works under the account root.",
        "Make it an account without rights and run it as a service: docs/reference/service.md.",
    ),
    "swap-unencrypted": Sentence(
        "Un espace d'échange (swap) n'est pas chiffré, ou rien ne le montre : la mémoire peut finir sur le disque.",
        "Coupez-le (swapoff -a, puis /etc/fstab), ou chiffrez-le (dm-crypt) ; zram convient aussi.",
        "Swap space is not encrypted, or nothing shows it: memory may end up on the disk.",
        "Turn it off (swapoff -a, then /etc/fstab), or encrypt it (dm-crypt); zram will do too.",
    ),
    "text-not-unicode": Sentence(
        "Les noms de fichiers ne sont pas lus en UTF-8 ({encoding}).",
        "Lancez avec LC_ALL=C.UTF-8 (le service fourni le fait).",
        "Names of files are not read as UTF-8 ({encoding}).",
        "Run with LC_ALL=C.UTF-8 (the service provided does).",
    ),
    "volume-unencrypted": Sentence(
        "Le volume de {path} n'est pas chiffré : les clés du poste y sont en clair.",
        "Mettez le dossier du poste sur un volume LUKS. Chiffré plus bas ? Dites-le : station.encrypted_beneath.",
        "The volume of {path} is not encrypted: the station's keys lie there in clear.",
        "Put the station's folder on a LUKS volume. Encrypted beneath? Say so: station.encrypted_beneath.",
    ),
    "volume-unknown": Sentence(
        "Rien ne montre d'ici si le volume de {path} est chiffré.",
        "Vérifiez-le auprès de qui l'administre (partage, conteneur, hyperviseur, ZFS), et notez-le.",
        "Nothing shows from here whether the volume of {path} is encrypted.",
        "Check it with whoever runs it (share, container, hypervisor, ZFS), and write it down.",
    ),
    # Backup and return
    "backup-damaged": Sentence(
        "La copie de la base de données n'est pas saine.",
        "Lancez « liasse doctor » sur le poste ; pour un retour, prenez une autre sauvegarde.",
        "The copy of the database is not sound.",
        "Run 'liasse doctor' on the station; to bring a station back, take another backup.",
    ),
    "backup-foreign": Sentence(
        "Cette sauvegarde n'est pas celle de ce poste.",
        "Comparez le nom du poste et l'empreinte de son certificat, remise à sa création ; prenez la bonne sauvegarde.",
        "This backup is not this station's.",
        "Compare the station's name and its certificate's fingerprint, told at its founding; take the right backup.",
    ),
    "backup-forged": Sentence(
        "La sauvegarde a été modifiée ou tronquée ({file}). Rien n'a été remis en place.",
        "Prenez une autre copie de cette sauvegarde, ou une autre sauvegarde ; conservez celle-ci pour examen.",
        "The backup was changed or cut ({file}). Nothing was brought back.",
        "Take another copy of this backup, or another backup; keep this one to be examined.",
    ),
    "backup-incomplete": Sentence(
        "Il manque un fichier à la sauvegarde ({file}).",
        "Copiez de nouveau tout le dossier de la sauvegarde, puis recommencez.",
        "A file of the backup is missing ({file}).",
        "Copy the whole folder of the backup again, then start again.",
    ),
    "backup-left": Sentence(
        "La sauvegarde {backup}, interrompue, ne se lit plus sur ce poste ; l'hébergeur en a peut-être une partie.",
        "Rebranchez le disque où elle se trouve ; si elle est abîmée, supprimez son dossier : le reste suivra.",
        "Backup {backup} was broken off and cannot be read on this station any more; the host may have a part of it.",
        "Bring back the disk that it lies on; where it is damaged, delete its folder: the rest follows.",
    ),
    "backup-newer": Sentence(
        "Cette sauvegarde a été faite par une version plus récente de Liasse.",
        "Installez cette version ou une plus récente, puis recommencez.",
        "This backup was made by a later version of Liasse.",
        "Install that version or a later one, then start again.",
    ),
    "backup-old": Sentence(
        "La dernière sauvegarde du poste a {hours} heures, ou il n'y en a aucune.",
        "Lancez « liasse backup » ; si elle échoue, le journal technique dit pourquoi.",
        "The station's last backup is {hours} hours old, or there is none.",
        "Run 'liasse backup'; where it fails, the technical log says why.",
    ),
    "backup-running": Sentence(
        "Une sauvegarde de ce poste est déjà en cours.",
        "Attendez qu'elle se termine ; il n'y a rien d'autre à faire.",
        "A backup of this station is being made already.",
        "Wait until it ends; there is nothing else to do.",
    ),
    "backup-superseded": Sentence(
        "Ce poste est déjà revenu d'une sauvegarde plus ancienne que celle-ci, et a travaillé depuis.",
        "Prenez une sauvegarde faite après ce retour : celle-ci appartient à une suite abandonnée.",
        "This station came back from an older backup than this one already, and has worked since.",
        "Take a backup that was made after that return: this one belongs to what was given up then.",
    ),
    "backup-unreadable": Sentence(
        "Il n'y a pas de sauvegarde lisible dans {path}.",
        "Indiquez le dossier qui contient manifest.json, manifest.p7s et les fichiers part-*.cms.",
        "There is no readable backup in {path}.",
        "Name the folder that holds manifest.json, manifest.p7s and the files part-*.cms.",
    ),
    "backup-unverified": Sentence(
        "Aucune sauvegarde n'a été ouverte depuis {days} jours : on ne sait pas si le client peut les ouvrir.",
        "Avec la clé du client : « liasse backup verify DOSSIER --key CLE --cert CERTIFICAT ».",
        "No backup has been opened for {days} days: nobody knows whether the client can open them.",
        "With the client's key: 'liasse backup verify FOLDER --key KEY --cert CERTIFICATE'.",
    ),
    "custody-forked": Sentence(
        "Ce poste est revenu d'une sauvegarde ailleurs (retour n° {epoch}) : cette machine ne doit plus travailler.",
        "Laissez cette machine arrêtée et gardez-la : des pages non déposées peuvent s'y trouver (restore --saved).",
        "This station came back from a backup on another machine (return {epoch}): this one must not work any more.",
        "Leave this machine stopped and keep it: pages that were not deposited may be on it (restore --saved).",
    ),
    "record-forged": Sentence(
        "Un relevé gardé par l'hébergeur n'est pas celui que le poste y avait mis.",
        "Conservez le message et prévenez l'hébergeur ; le retour se fait sans ce relevé.",
        "A record that the host keeps is not the one that the station put there.",
        "Keep this message and tell the host; the return goes on without that record.",
    ),
    "restore-database-used": Sentence(
        "La base de données où remettre le poste n'est pas vide.",
        "Indiquez une base vide ([database] url, ou --database-url) : rien n'est jamais remplacé.",
        "The database into which the station is to come back is not empty.",
        "Name an empty one ([database] url, or --database-url): nothing is ever replaced.",
    ),
    "restore-overtaken": Sentence(
        "Une autre machine est en train de remettre ce même poste en place.",
        "Une seule doit continuer : attendez que l'autre ait fini, puis décidez laquelle garder.",
        "Another machine is bringing this very station back.",
        "Only one must go on: wait until the other has finished, then decide which to keep.",
    ),
    # Secrets by reference
    "secret-exposed": Sentence(
        "Le fichier d'un secret ({reference}) est lisible par d'autres comptes, ou n'est pas au compte du poste.",
        "Donnez-le au compte du poste et fermez-le : chmod 600. Si d'autres ont pu le lire, changez le secret.",
        "A secret's file ({reference}) can be read by other accounts, or does not belong to the station's account.",
        "Give it to the station's account and close it: chmod 600. If others could have read it, change the secret.",
    ),
    "secret-invalid": Sentence(
        "Cette référence de secret n'est pas utilisable ({reference}).",
        "Écrivez file:CHEMIN, env:NOM ou credential:NOM ; le secret est un texte UTF-8, jamais dans ce fichier.",
        "This reference to a secret cannot be used ({reference}).",
        "Write file:PATH, env:NAME or credential:NAME; the secret itself is UTF-8 text, and never in this file.",
    ),
    "secret-missing": Sentence(
        "Il n'y a pas de secret à l'endroit indiqué ({reference}).",
        "Créez le fichier ou la variable ; sous systemd, vérifiez LoadCredential= dans l'unité du service.",
        "There is no secret at the place named ({reference}).",
        "Make the file or the variable; under systemd, check LoadCredential= in the service's unit.",
    ),
    "one-process-only": Sentence(
        "Ce poste a une base SQLite : un seul processus y travaille.",
        "Pour plusieurs processus ou machines, donnez une base PostgreSQL ([database] url) et un dossier commun "
        "([station] shared) ; sinon, « liasse watch » suffit.",
        "This station has an SQLite database: one process works on it.",
        "For several processes or machines, give a PostgreSQL database ([database] url) and a common folder "
        "([station] shared); otherwise 'liasse watch' is enough.",
    ),
    "task-unknown": Sentence(
        "Rien n'est en cours sous cet identifiant : {id}.",
        "Voyez « liasse task list » et « liasse status ».",
        "Nothing is under way under this identifier: {id}.",
        "See 'liasse task list' and 'liasse status'.",
    ),
    "task-not-paused": Sentence(
        "Ce travail n'est pas arrêté : {id}.",
        "Il avance de lui-même ; pour l'arrêter : « liasse task cancel ».",
        "This work is not stopped: {id}.",
        "It goes on by itself; to stop it: 'liasse task cancel'.",
    ),
    "station-exists": Sentence(
        "Un poste existe déjà : {path}.",
        "Choisissez un autre dossier ; un poste n'est jamais écrasé.",
        "There is a station already: {path}.",
        "Choose another folder; a station is never overwritten.",
    ),
    "trial-key-in-production": Sentence(
        "Un certificat d'essai est configuré sur un poste de production.",
        "Indiquez les certificats du client et du séquestre dans [recipients].",
        "A trial certificate is configured on a production station.",
        "Name the client's and the escrow's certificates in [recipients].",
    ),
    "work-on-disk": Sentence(
        "Le dossier de travail {path} n'est pas sur un système de fichiers en mémoire.",
        "Indiquez un tmpfs dans [station] work, par exemple /dev/shm : rien ne doit rester en clair sur un disque.",
        "The work folder {path} is not on a memory file system.",
        "Name a tmpfs in [station] work, e.g. /dev/shm: nothing may stay in clear on a disk.",
    ),
    # Drop folder and pages
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
    # Clearance
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
    # Identity
    "roster-index-stale": Sentence(
        "La liste des patients en mémoire ne connaît pas le patient d'un document autorisé.",
        "Relancez Liasse : la liste est relue au démarrage. Si le message revient, refaites « liasse patient import ».",
        "The list of patients in memory does not know the patient of an authorized document.",
        "Start Liasse again: the list is read at start-up. If it comes back, run `liasse patient import` again.",
    ),
    # Demonstration
    "font-missing": Sentence(
        "La police {font}, qui sert à dessiner les dossiers de démonstration, n'est pas installée.",
        "Installez-la puis recommencez : sudo apt install fonts-dejavu-core",
        "The font {font}, with which the demonstration records are drawn, is not installed.",
        "Install it and try again: sudo apt install fonts-dejavu-core",
    ),
    # Recognition and archival copy
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
    # Envelope, keys, spool, hosts
    "envelope-forged": Sentence(
        "Une enveloppe chiffrée n'est pas celle qui a été déposée, ou elle est abîmée ; rien n'en a été extrait.",
        "Récupérez-la de nouveau chez l'hébergeur. Si le message revient, gardez-la et prévenez le responsable.",
        "An encrypted envelope is not the one that was deposited, or it is damaged; nothing was taken out of it.",
        "Fetch it from the host again. If the message comes back, keep the file and tell the person in charge.",
    ),
    "receipt-forged": Sentence(
        "Un accusé de dépôt enregistré n'est pas tel que le poste l'a écrit.",
        "Arrêtez le poste, conservez-le en l'état et lancez « liasse custody verify ».",
        "A receipt on record is not as the station wrote it.",
        "Stop the station, keep it as it is, and run `liasse custody verify`.",
    ),
    "signature-forged": Sentence(
        "Une signature n'est pas celle de ce poste sur ce contenu.",
        "N'utilisez pas ce document comme preuve ; demandez-en un nouvel exemplaire au poste qui l'a établi.",
        "A signature is not this station's over this content.",
        "Do not use this document as evidence; ask the station that made it for another copy.",
    ),
    "sealed-changed": Sentence(
        "Une enveloppe en attente de dépôt a changé sur le disque depuis son scellement ; elle n'a pas été déposée.",
        "Vérifiez le disque du poste, puis relancez le traitement : le document sera scellé de nouveau.",
        "An envelope that waited for its deposit has changed on disk since it was sealed; it was not deposited.",
        "Check the station's disk, then process again: the document will be sealed anew.",
    ),
    "source-changed": Sentence(
        "Un fichier de travail a changé pendant qu'il était scellé ; rien n'a été gardé.",
        "Relancez le traitement. Si le message revient, vérifiez qu'aucun autre programme n'écrit dans ce dossier.",
        "A working file changed while it was being sealed; nothing was kept.",
        "Process again. If the message comes back, check that no other program writes to the working folder.",
    ),
    "document-too-large": Sentence(
        "Un document dépasse {maximum_mib} Mio une fois scellé ; il est écarté.",
        "Numérisez-le de nouveau en plusieurs documents, ou à une résolution plus basse.",
        "A document is more than {maximum_mib} MiB once sealed; it is set aside.",
        "Scan it again as several documents, or at a lower resolution.",
    ),
    "target-exists": Sentence(
        "Il y a déjà un fichier à l'emplacement demandé ; il n'a pas été touché.",
        "Donnez un autre nom de fichier, ou déplacez celui qui s'y trouve.",
        "There is already a file at the place asked for; it was left as it is.",
        "Give another file name, or move the one that is there.",
    ),
    "key-not-recipient": Sentence(
        "Cette enveloppe n'a pas été scellée pour la clé et le certificat donnés.",
        "Utilisez la clé du client ou du tiers de confiance, avec le certificat qui était en usage lors du dépôt.",
        "This envelope was not sealed for the given key and certificate.",
        "Use the client's or the escrow's key, with the certificate that was in use when it was deposited.",
    ),
    "key-unavailable": Sentence(
        "Une clé manque ou ne peut pas être lue : {key}.",
        "Remettez-la en place depuis sa sauvegarde. N'en créez pas de nouvelle : ce qui est chiffré serait perdu.",
        "A key is missing or cannot be read: {key}.",
        "Put it back from its backup. Do not create a new one: what is encrypted would be lost.",
    ),
    "private-key-unreadable": Sentence(
        "La clé privée donnée manque, a un autre mot de passe, ou n'est pas une clé RSA ou P-256 à P-521.",
        "Vérifiez le fichier et le mot de passe ; les formats acceptés sont PEM et DER (PKCS 8).",
        "The given private key is missing, has another password, or is no RSA or P-256 to P-521 key.",
        "Check the file and the password; PEM and DER (PKCS 8) are accepted.",
    ),
    "key-permissions": Sentence(
        "Une clé du poste peut être lue par d'autres que lui, ou ne lui appartient pas : {key}.",
        "Rendez le dossier « keys » au compte du poste, puis : chmod 700 keys ; chmod 600 keys/*",
        "A key of the station can be read by others, or does not belong to it: {key}.",
        "Give the `keys` folder to the station's account, then: chmod 700 keys; chmod 600 keys/*",
    ),
    "keys-exist": Sentence(
        "Il y a déjà des clés à cet emplacement ; elles n'ont pas été touchées.",
        "Utilisez-les, ou choisissez un autre dossier.",
        "There are already keys at this place; they were left as they are.",
        "Use them, or choose another folder.",
    ),
    "recipient-unusable": Sentence(
        "Le certificat d'un destinataire ne peut pas servir : {reason}.",
        "Demandez au client un certificat en cours de validité : P-384 de préférence, ou RSA de 3072 bits au moins, "
        "prévu pour le chiffrement.",
        "A recipient's certificate cannot be used: {reason}.",
        "Ask the client for a certificate that is valid now: P-384 preferred, or RSA of 3072 bits or more, meant for "
        "encryption.",
    ),
    "recipient-twice": Sentence(
        "Le client et le tiers de confiance ont la même clé : sa perte serait la perte de tout.",
        "Demandez à chacun un certificat de sa propre clé et indiquez-les sous [recipients] dans la configuration.",
        "The client and the escrow have the same key: to lose it would be to lose everything.",
        "Ask each for a certificate of a key of their own, and name them under [recipients] in the configuration.",
    ),
    "recipient-missing": Sentence(
        "Aucun destinataire n'est indiqué pour les enveloppes ; rien n'est scellé.",
        "Indiquez les certificats du client et du tiers de confiance sous [recipients] dans la configuration.",
        "No recipient is named for the envelopes; nothing is sealed.",
        "Name the client's and the escrow's certificates under [recipients] in the configuration.",
    ),
    "station-name": Sentence(
        "Le nom du poste n'est pas utilisable.",
        "Choisissez 1 à 63 caractères parmi a-z, 0-9 et le tiret, sans commencer par un tiret.",
        "The station's name cannot be used.",
        "Choose 1 to 63 characters of a-z, 0-9 and hyphen, not beginning with a hyphen.",
    ),
    "spool-damaged": Sentence(
        "Un fichier de travail chiffré est abîmé ou n'est pas à sa place ; rien n'en a été utilisé.",
        "Vérifiez le disque du poste, conservez le fichier, et numérisez de nouveau le document concerné.",
        "An encrypted working file is damaged or out of its place; nothing of it was used.",
        "Check the station's disk, keep the file, and scan the document in question again.",
    ),
    "spool-missing": Sentence(
        "Un fichier de travail chiffré manque : il a été détruit ou déplacé.",
        "Si le document est déjà déposé, il n'y a rien à faire ; sinon, numérisez-le de nouveau.",
        "An encrypted working file is missing: it was destroyed or moved.",
        "If the document is deposited already, there is nothing to do; otherwise scan it again.",
    ),
    "disk-full": Sentence(
        "Le disque du poste est plein ; l'étape en cours a été annulée.",
        "Libérez de la place, puis relancez : le travail reprend là où il s'est arrêté.",
        "The station's disk is full; the step in hand was undone.",
        "Free some space, then start again: work resumes where it stopped.",
    ),
    "disk-unusable": Sentence(
        "Un fichier ou un dossier du poste ne peut pas être lu ou écrit.",
        "Vérifiez les droits du compte du poste et l'état du disque (journal du système), puis relancez.",
        "A file or folder of the station cannot be read or written.",
        "Check the rights of the station's account and the state of the disk (system log), then start again.",
    ),
    "host-unreachable": Sentence(
        "L'hébergeur ne répond pas, ou son dossier n'est pas monté.",
        "Vérifiez le réseau ou le montage. Un démon en marche réessaie de lui-même ; sinon, relancez.",
        "The host does not answer, or its folder is not mounted.",
        "Check the network or the mount. A running daemon tries again by itself; otherwise start again.",
    ),
    "host-full": Sentence(
        "L'hébergeur n'a plus de place.",
        "Demandez-lui d'en ajouter ; le dépôt sera tenté de nouveau.",
        "The host has no space left.",
        "Ask it for more; the deposit will be tried again.",
    ),
    "host-refused": Sentence(
        "L'hébergeur a refusé l'opération.",
        "Vérifiez les droits du compte chez l'hébergeur ; dans un dossier, qu'aucun lien n'y porte le nom d'un objet.",
        "The host refused the operation.",
        "Check the rights of the account at the host; in a folder, that no link bears an object's name.",
    ),
    # The host in a bucket, and its certification
    "host-slow": Sentence(
        "L'hébergeur répond trop lentement, ou ne finit pas de répondre.",
        "Le dépôt sera tenté de nouveau. Si cela dure, vérifiez la ligne, puis demandez à l'hébergeur.",
        "The host answers too slowly, or does not come to an end.",
        "The deposit will be tried again. If it goes on, check the line, then ask the host.",
    ),
    "host-busy": Sentence(
        "L'hébergeur demande d'attendre.",
        "Rien à faire : le dépôt sera tenté de nouveau. Si cela dure, demandez à l'hébergeur s'il limite vos dépôts.",
        "The host asks to be left some time.",
        "Nothing to do: the deposit will be tried again. If it goes on, ask the host whether it limits your deposits.",
    ),
    "host-failing": Sentence(
        "L'hébergeur signale une panne de son côté, ou répond de travers.",
        "Le dépôt sera tenté de nouveau. Si le message revient, signalez-le à l'hébergeur avec l'heure.",
        "The host reports a failure of its own, or answers what makes no sense.",
        "The deposit will be tried again. If the message comes back, report it to the host with the time.",
    ),
    "host-elsewhere": Sentence(
        "L'hébergeur renvoie vers une autre adresse ; Liasse n'y va pas.",
        "Vérifiez « host.endpoint » et « host.region » avec le contrat, puis relancez.",
        "The host sends elsewhere; Liasse does not follow.",
        "Check `host.endpoint` and `host.region` against the contract, then start again.",
    ),
    "host-garbled": Sentence(
        "Ce qui est arrivé chez l'hébergeur n'est pas ce qui lui a été envoyé ; il ne l'a pas gardé.",
        "Le dépôt sera tenté de nouveau. Si le message revient, vérifiez le réseau et la mémoire de la machine.",
        "What came to the host is not what was sent; it did not keep it.",
        "The deposit will be tried again. If the message comes back, check the network and the machine's memory.",
    ),
    "host-bucket-missing": Sentence(
        "L'hébergeur ne connaît pas cet espace de dépôt.",
        "Vérifiez « host.bucket » avec le contrat ; Liasse ne crée pas d'espace, c'est à faire chez l'hébergeur.",
        "The host does not know this bucket.",
        "Check `host.bucket` against the contract; Liasse makes no bucket, that is done at the host.",
    ),
    "host-clock-differs": Sentence(
        "L'hébergeur refuse l'heure de ce poste.",
        "Mettez la machine à l'heure (« timedatectl »), puis relancez.",
        "The host refuses this station's time.",
        "Set the machine's clock right (`timedatectl`), then start again.",
    ),
    "host-untrusted": Sentence(
        "Le certificat TLS de l'hébergeur n'est pas reconnu ; rien ne lui a été envoyé.",
        "Vérifiez « host.endpoint » ; si l'hébergeur a sa propre autorité, donnez-la dans « host.ca ».",
        "The host's TLS certificate is not trusted; nothing was sent to it.",
        "Check `host.endpoint`; where the host has an authority of its own, name it in `host.ca`.",
    ),
    "host-ca-unreadable": Sentence(
        "Le fichier des autorités de l'hébergeur ne peut pas être lu : {path}.",
        "Vérifiez « host.ca » et les droits de ce fichier, puis relancez.",
        "The file of the host's authorities cannot be read: {path}.",
        "Check `host.ca` and the rights of that file, then start again.",
    ),
    "host-lock-refused": Sentence(
        "L'hébergeur n'a pas verrouillé l'enveloppe comme le demande la configuration ; aucun accusé n'est établi.",
        "Activez le verrouillage des objets chez l'hébergeur, ou mettez « host.retention_mode » à « none ».",
        "The host did not lock the envelope as the configuration asks; no receipt is made.",
        "Have object lock turned on at the host, or set `host.retention_mode` to `none`.",
    ),
    "host-retains": Sentence(
        "L'hébergeur garde un objet qui devait être supprimé : un verrou le protège (jusqu'au {until}).",
        "Demandez au client ou à l'hébergeur de lever le verrou ; sinon, la suppression sera retentée après ce jour.",
        "The host keeps an object that was to be removed: a lock protects it (until {until}).",
        "Ask the client or the host to lift the lock; otherwise the removal will be tried again after that day.",
    ),
    "host-not-certified": Sentence(
        "Le dépôt est fermé : la certification HDS de l'hébergeur n'est pas établie (il manque : {missing}).",
        "Complétez « [host.hds] » d'après le certificat et le contrat ; les documents attendent, scellés.",
        "The deposit is closed: the host's HDS certification is not on record (missing: {missing}).",
        "Complete `[host.hds]` from the certificate and the contract; the documents wait, sealed.",
    ),
    "host-certificate-expired": Sentence(
        "Le dépôt est fermé : le certificat HDS de l'hébergeur a pris fin le {until}.",
        "Demandez à l'hébergeur son nouveau certificat et corrigez « [host.hds] » ; les documents attendent, scellés.",
        "The deposit is closed: the host's HDS certificate ended on {until}.",
        "Ask the host for its new certificate and correct `[host.hds]`; the documents wait, sealed.",
    ),
    "host-certificate-ending": Sentence(
        "Le certificat HDS de l'hébergeur prend fin le {until}, dans {days} jours.",
        "Demandez dès maintenant le suivant à l'hébergeur : après cette date, rien n'est plus déposé.",
        "The host's HDS certificate ends on {until}, in {days} days.",
        "Ask the host for the next one now: after that day nothing is deposited any more.",
    ),
    "host-outside-eea": Sentence(
        "Le dépôt est fermé : l'hébergement déclaré ({country}) est hors de l'Espace économique européen.",
        "Demandez à l'hébergeur une zone de l'EEE (décret 2026-209) et corrigez « [host.hds] ».",
        "The deposit is closed: the hosting on record ({country}) is outside the European Economic Area.",
        "Ask the host for a zone of the EEA (décret 2026-209) and correct `[host.hds]`.",
    ),
    "host-object-missing": Sentence(
        "L'hébergeur ne retrouve pas une enveloppe qui devrait s'y trouver.",
        "Relancez. Si le message revient, demandez à l'hébergeur ce qu'elle est devenue, et gardez la réponse.",
        "The host does not find an envelope that should be there.",
        "Try again. If the message comes back, ask the host what became of it, and keep the answer.",
    ),
    "host-conflict": Sentence(
        "Une autre enveloppe se trouve déjà chez l'hébergeur sous le même nom ; aucune n'a été remplacée.",
        "Ne supprimez rien. Prévenez le responsable : deux postes utilisent peut-être le même nom.",
        "Another envelope lies at the host under the same name already; neither was replaced.",
        "Delete nothing. Tell the person in charge: two stations may be using the same name.",
    ),
    "receipt-mismatch": Sentence(
        "L'hébergeur n'a pas rendu l'enveloppe telle qu'elle lui a été confiée ; aucun accusé de dépôt n'est établi.",
        "Le dépôt sera tenté de nouveau. Si le message revient, signalez-le à l'hébergeur.",
        "The host did not give the envelope back as it was given; no receipt is made.",
        "The deposit will be tried again. If the message comes back, report it to the host.",
    ),
    # Database, register, custody
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
        "Le fichier n'est pas un CSV (classeur, PDF, UTF-16 ou octets nuls) ; rien n'a été importé.",
        "Ouvrez-le dans votre tableur et enregistrez-le en « CSV UTF-8 », puis recommencez.",
        "The file is not CSV (a workbook, a PDF, UTF-16 or null bytes); nothing was imported.",
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
    # Handover
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


LINES: Final[dict[str, Sentence]] = {
    "cells-missing-or-surplus": Sentence(
        "La ligne n'a pas autant de cases que l'en-tête.",
        "Cherchez un séparateur en trop ou une fin de ligne coupée, corrigez, puis importez de nouveau.",
        "The line does not have as many cells as the header.",
        "Look for a separator too many or a line cut short, correct it, then import again.",
    ),
    "reference-missing": Sentence(
        "La référence du patient est vide.",
        "Complétez-la avec la référence de votre logiciel, puis importez de nouveau.",
        "The patient's reference is empty.",
        "Fill it in with your software's reference, then import again.",
    ),
    "reference-unusable": Sentence(
        "La référence du patient contient un signe interdit ou dépasse 64 caractères.",
        "N'utilisez que des lettres sans accent, des chiffres, le point, le tiret, le souligné et la barre oblique.",
        "The patient's reference holds a sign that is not allowed, or more than 64 characters.",
        "Use letters without accents, digits, full stop, hyphen, underscore and slash only.",
    ),
    "reference-is-ins": Sentence(
        "La référence du patient est un numéro de sécurité sociale ; elle figurerait en clair sur les intercalaires.",
        "Donnez au patient une référence propre à votre service, puis importez de nouveau.",
        "The patient's reference is a social security number; it would stand in clear on the separators.",
        "Give the patient a reference of your own, then import again.",
    ),
    "reference-twice": Sentence(
        "La même référence figure plusieurs fois avec des identités différentes ; aucune de ces lignes n'est importée.",
        "Vérifiez dans votre logiciel qui porte cette référence, corrigez, puis importez de nouveau.",
        "The same reference stands several times with different identities; none of these lines is imported.",
        "Check in your software who bears that reference, correct it, then import again.",
    ),
    "traits-differ": Sentence(
        "Cette référence est déjà connue du poste avec une autre identité, qui est gardée.",
        "Vérifiez l'identité dans votre logiciel ; si c'est le même patient, signalez la correction au responsable.",
        "The station already knows this reference with another identity, which it keeps.",
        "Check the identity in your software; if it is the same patient, tell the person in charge of the correction.",
    ),
    "name-missing": Sentence(
        "Un nom ou un prénom obligatoire est vide.",
        "Complétez la case, puis importez de nouveau.",
        "A name that is required is empty.",
        "Fill in the cell, then import again.",
    ),
    "name-unreadable": Sentence(
        "Un nom ou un prénom contient un signe qui n'est ni lettre, ni espace, ni apostrophe, ni trait d'union.",
        "Corrigez la case ; si les accents sont abîmés, enregistrez le fichier en « CSV UTF-8 ».",
        "A name holds a sign that is no letter, space, apostrophe or hyphen.",
        "Correct the cell; if accents are garbled, save the file as `CSV UTF-8`.",
    ),
    "date-missing": Sentence(
        "Une date obligatoire est vide.",
        "Complétez la case, puis importez de nouveau.",
        "A date that is required is empty.",
        "Fill in the cell, then import again.",
    ),
    "date-unreadable": Sentence(
        "Une date n'est écrite ni JJ/MM/AAAA ni AAAA-MM-JJ.",
        "Réécrivez-la sous l'une de ces formes, puis importez de nouveau.",
        "A date is written neither as DD/MM/YYYY nor as YYYY-MM-DD.",
        "Write it in one of these forms, then import again.",
    ),
    "date-impossible": Sentence(
        "Une date n'existe pas au calendrier, ou précède 1900.",
        "Corrigez-la, puis importez de nouveau.",
        "A date is not in the calendar, or lies before 1900.",
        "Correct it, then import again.",
    ),
    "birth-date-future": Sentence(
        "La date de naissance est à venir.",
        "Corrigez-la, puis importez de nouveau.",
        "The birth date is yet to come.",
        "Correct it, then import again.",
    ),
    "date-future": Sentence(
        "Un refus, un retrait ou une opposition porte une date à venir ; d'ici là, le contrôle reste fermé.",
        "Écrivez le jour où le patient l'a dit, puis importez de nouveau le fichier entier.",
        "A refusal, a withdrawal or an objection bears a date yet to come; until it is mended the gate stays closed.",
        "Write the day on which the patient said so, then import the whole file again.",
    ),
    "end-before-start": Sentence(
        "La date de fin précède la date de signature.",
        "Corrigez l'une ou l'autre, puis importez de nouveau.",
        "The end date lies before the date of signature.",
        "Correct one or the other, then import again.",
    ),
    "sex-unknown": Sentence(
        "Le sexe n'est ni M, ni F, ni I (indéterminé).",
        "Corrigez la case ou laissez-la vide, puis importez de nouveau.",
        "The sex is none of M, F and I (undetermined).",
        "Correct the cell or leave it empty, then import again.",
    ),
    "ins-malformed": Sentence(
        "Le numéro n'a pas la forme d'un INS : 15 caractères, clé comprise.",
        "Corrigez la case ou laissez-la vide, puis importez de nouveau.",
        "The number does not have the form of an INS: 15 characters, key included.",
        "Correct the cell or leave it empty, then import again.",
    ),
    "ins-key-wrong": Sentence(
        "La clé de l'INS ne correspond pas au numéro : un chiffre est faux.",
        "Vérifiez le numéro à sa source, corrigez-le ou laissez la case vide, puis importez de nouveau.",
        "The INS's key does not match its number: a digit is wrong.",
        "Check the number at its source, correct it or leave the cell empty, then import again.",
    ),
    "kind-unknown": Sentence(
        "Le statut n'est pas de ceux qui sont connus ; les autorisations du même patient dans ce fichier attendent.",
        "Écrivez accordee, refusee, retiree, information, opposition ou opposition_levee, puis importez de nouveau.",
        "The kind is not one that is known; authorizations of the same patient in this file wait.",
        "Write accordee, refusee, retiree, information, opposition or opposition_levee, then import again.",
    ),
    "scope-missing": Sentence(
        "Le périmètre de l'autorisation est vide.",
        "Écrivez tous_documents ou les types autorisés, puis importez de nouveau.",
        "The authorization's scope is empty.",
        "Write tous_documents or the authorized types, then import again.",
    ),
    "scope-unreadable": Sentence(
        "Le périmètre mêle « tous_documents » à des types, ou contient un signe interdit.",
        "Écrivez tous_documents seul, ou des types séparés par des virgules, puis importez de nouveau.",
        "The scope mixes `tous_documents` with types, or holds a sign that is not allowed.",
        "Write tous_documents alone, or types between commas, then import again.",
    ),
    "scope-not-possible": Sentence(
        "Une opposition ne peut pas être levée pour certains types de documents seulement.",
        "Écrivez tous_documents, ou laissez l'opposition en place, puis importez de nouveau.",
        "An opposition cannot be lifted for some types of documents only.",
        "Write tous_documents, or leave the opposition as it is, then import again.",
    ),
    "evidence-unusable": Sentence(
        "La référence de la preuve dépasse 200 caractères ou contient un signe invisible.",
        "Abrégez-la, puis importez de nouveau.",
        "The reference to the evidence is longer than 200 characters, or holds an invisible sign.",
        "Shorten it, then import again.",
    ),
    "patient-unknown": Sentence(
        "Le patient de cette ligne n'est pas dans la liste des patients.",
        "Importez d'abord la liste avec « liasse patient import », puis ce fichier de nouveau.",
        "This line's patient is not in the list of patients.",
        "Import the list with `liasse patient import` first, then this file again.",
    ),
    "birth-name-differs": Sentence(
        "Le nom de naissance n'est pas celui du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le nom, puis importez de nouveau.",
        "The birth name is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the name, then import again.",
    ),
    "given-name-differs": Sentence(
        "Le prénom n'est pas de ceux du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le prénom, puis importez de nouveau.",
        "The given name is not one of the patient with this reference.",
        "Check whose line this is, correct the reference or the name, then import again.",
    ),
    "birth-date-differs": Sentence(
        "La date de naissance n'est pas celle du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou la date, puis importez de nouveau.",
        "The birth date is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the date, then import again.",
    ),
    "ins-differs": Sentence(
        "L'INS n'est pas celui du patient qui porte cette référence.",
        "Vérifiez de qui est cette ligne, corrigez la référence ou le numéro, puis importez de nouveau.",
        "The INS is not that of the patient with this reference.",
        "Check whose line this is, correct the reference or the number, then import again.",
    ),
    "withheld": Sentence(
        "Une autre ligne de ce patient est refusée et pouvait être un refus ou un retrait : cette autorisation attend.",
        "Corrigez l'autre ligne, puis importez de nouveau le fichier entier.",
        "Another line of this patient is refused and may be a refusal or a withdrawal: this authorization waits.",
        "Correct the other line, then import the whole file again.",
    ),
}
"""Why a line of an imported file was refused. No sentence repeats a cell."""

FLAWS: Final[dict[str, Sentence]] = {
    "entry-missing": Sentence(
        "L'événement {first} du registre de traçabilité a disparu.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is gone.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-malformed": Sentence(
        "L'événement {first} du registre de traçabilité n'est pas de la forme que Liasse écrit.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger does not have the form that Liasse writes.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-misplaced": Sentence(
        "L'événement {first} du registre de traçabilité n'est pas à sa place.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is not in its place.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "entry-edited": Sentence(
        "L'événement {first} du registre de traçabilité a été modifié.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger was changed.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "time-backwards": Sentence(
        "L'événement {first} du registre de traçabilité est daté d'avant celui qui le précède.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "Entry {first} of the custody ledger is dated before the one that precedes it.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "tree-edited": Sentence(
        "Les empreintes qui couvrent les événements {first} à {last} ne correspondent pas à ce qui est enregistré.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "The hashes over entries {first} to {last} do not match what is on record.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "checkpoint-forged": Sentence(
        "Le point de contrôle qui suit l'événement {last} ne porte pas la signature de ce poste.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "The checkpoint after entry {last} does not bear this station's signature.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "checkpoint-differs": Sentence(
        "Un événement entre {first} et {last} a changé depuis que le poste a signé son point de contrôle.",
        "Conservez le poste en l'état et comparez avec l'exemplaire du registre gardé ailleurs.",
        "An entry from {first} to {last} has changed since the station signed its checkpoint.",
        "Keep the station as it is and compare with the copy of the ledger that was kept elsewhere.",
    ),
    "anchor-forged": Sentence(
        "Un point de contrôle donné comme ancre ne porte pas la signature de ce poste.",
        "Vérifiez que l'ancre vient de ce poste ; demandez-la de nouveau à qui la garde.",
        "A checkpoint given as an anchor does not bear this station's signature.",
        "Check that the anchor comes from this station; ask whoever keeps it for it again.",
    ),
    "history-rewritten": Sentence(
        "Le registre a été réécrit : de l'événement {first} à {last}, il n'est plus celui de l'ancre gardée ailleurs.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable : l'ancre fait foi.",
        "The ledger was rewritten: from entry {first} to {last} it is no longer that of the anchor kept elsewhere.",
        "Stop the station, keep it as it is and tell the person in charge: the anchor is what counts.",
    ),
    "truncated": Sentence(
        "La fin du registre a été coupée : les événements {first} à {last}, signés, ont disparu.",
        "Arrêtez le poste, conservez-le en l'état et prévenez le responsable.",
        "The end of the ledger was cut off: entries {first} to {last}, which were signed, are gone.",
        "Stop the station, keep it as it is and tell the person in charge.",
    ),
}
"""What is wrong with a custody log (`storage.evidence.Flaw`); entries are numbered from 0."""
