"""Faults of backups and of the return from one."""

from typing import Final

from lexicon.sentences import Sentence

BACKUP: Final[dict[str, Sentence]] = {
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
    "review-record-missing": Sentence(
        "Il n'y a pas de bande d'identité de ce document ({document}).",
        "Elle n'est faite que si review.strip le demande, et effacée à la décision ; à défaut, regardez le papier.",
        "There is no identity strip of this document ({document}).",
        "One is made only where review.strip asks for it, and erased at the decision; without it, look at the paper.",
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
}
