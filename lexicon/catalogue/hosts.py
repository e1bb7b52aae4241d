"""Faults of the host, its buckets and its certification."""

from typing import Final

from lexicon.sentences import Sentence

HOSTS: Final[dict[str, Sentence]] = {
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
}
