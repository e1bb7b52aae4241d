"""Faults of the station's settings, its machine, its clock and its secrets."""

from typing import Final

from lexicon.sentences import Sentence

STATION: Final[dict[str, Sentence]] = {
    "already-running": Sentence(
        "Un autre programme Liasse travaille déjà sur ce poste.",
        "Attendez qu'il finisse, ou arrêtez-le (SIGTERM), puis relancez.",
        "Another Liasse program works on this station already.",
        "Wait for it to end, or stop it (SIGTERM), then run again.",
    ),
    "as-of-in-production": Sentence(
        "L'option --as-of n'est permise que sur un poste d'essai.",
        "Relancez sans --as-of : en production, le contrôle juge au jour présent.",
        "The option --as-of is allowed on a trial station only.",
        "Run again without --as-of: in production the gate judges on the present day.",
    ),
    "batch-unknown": Sentence(
        "Aucun lot ne porte ce numéro ou ce nom.",
        "Cherchez-le avec « liasse batch list ».",
        "No batch has this number or this name.",
        "Look for it with 'liasse batch list'.",
    ),
    "box-overdrawn": Sentence(
        "Ce carton a apporté {received} feuilles, dont {already} sont déjà déclarées ainsi, ou n'y sont plus.",
        "Vérifiez le numéro du carton et le nombre ; déclarez d'abord ce qui a été reçu (« liasse box receive »).",
        "This box brought {received} sheets, of which {already} are declared so already, or are gone.",
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
    "inbox-missing": Sentence(
        "Le dossier de dépôt {path} n'existe pas ou n'est pas monté.",
        "Créez-le ou montez le partage. Un démon en marche reprend de lui-même ; sinon, relancez.",
        "The drop folder {path} does not exist or is not mounted.",
        "Create it or mount the share. A running daemon goes on by itself; otherwise start again.",
    ),
    "reference-unfit": Sentence(
        "Cette référence est vide, trop longue, ou contient un signe qu'on ne peut pas imprimer.",
        "Donnez la référence de l'écrit : 200 caractères au plus.",
        "This reference is empty, too long, or has a sign that cannot be printed.",
        "Give the reference of the writing: 200 characters at most.",
    ),
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
    "engine-slow": Sentence(
        "Le programme lira les pages ({engine}) : la bibliothèque, plus rapide, manque ou ne marche pas.",
        "Installez-la avec « {install} », ou choisissez pytesseract dans ocr.engine si c'est voulu.",
        "The program will read pages ({engine}): the library, which is faster, is missing or does not work.",
        "Install it with `{install}`, or choose pytesseract in ocr.engine if that is intended.",
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
}
