"""Faults of envelopes, keys and the spool."""

from typing import Final

from lexicon.sentences import Sentence

ENVELOPES: Final[dict[str, Sentence]] = {
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
}
