"""What an alarm says: something has lasted too long, and a person should look. Keys are slugs."""

from typing import Final

from lexicon.sentences import Sentence

ALARMS: Final[dict[str, Sentence]] = {
    "folder-silent": Sentence(
        "Un dossier de dépôt ne reçoit plus rien depuis plus longtemps que prévu.",
        "Vérifiez le scanner, son réseau et le partage ; déposez une page d'essai.",
        "Nothing has come into a drop folder for longer than expected.",
        "Check the scanner, its network and the share; drop a test page.",
    ),
    "duplex-half-waiting": Sentence(
        "Recto-verso manuel : des rectos attendent leurs versos depuis trop longtemps.",
        "Retournez le paquet et numérisez ses versos dans le même dossier. S'il n'en a pas, mettez duplex = \"no\" et "
        "relancez le démon : le fichier est alors pris seul.",
        "Manual duplex: fronts have been waiting for their backs for too long.",
        'Turn the stack over and scan its backs into the same folder. If it has none, set duplex = "no" and start the '
        "daemon again: the file is then taken by itself.",
    ),
    "inbox-away": Sentence(
        "Un dossier de dépôt n'est plus là : ce que le scanner y met n'est pas pris.",
        "Remontez le partage ou remettez le dossier à sa place, puis déposez une page d'essai ; "
        "le démon en marche le reprend de lui-même.",
        "A drop folder is not there any more: what the scanner puts there is not taken.",
        "Mount the share again or put the folder back in its place, then drop a test page; "
        "a daemon that runs takes it up by itself.",
    ),
    "count-unlike-announced": Sentence(
        "Des lots ont été clos avec d'autres comptes que ceux annoncés : intercalaire manqué, page perdue, doublée.",
        "Recomptez le papier et voyez « liasse batch show » ; ce qui manque se numérise sous le même nom ; si rien ne "
        "manque, « liasse batch confirm ».",
        "Batches were closed with other counts than announced: a missed separator, a lost or doubled page.",
        "Count the paper again and see 'liasse batch show'; scan what is missing under the same name; then, if nothing "
        "is, 'liasse batch confirm'.",
    ),
    "unclaimed-long": Sentence(
        "Un fichier attend dans un dossier de dépôt depuis trop longtemps : nul ne l'a pris.",
        "Le démon tourne-t-il (« liasse watch ») ? Le fichier a-t-il un nom temporaire, ou ses droits empêchent-ils de "
        "le prendre ? Faites finir la numérisation, renommez-le ou retirez-le.",
        "A file has been waiting in a drop folder for too long: nobody has taken it.",
        "Does the daemon run ('liasse watch')? Has the file a temporary name, or rights that keep it from being taken? "
        "Have the scan finished, rename the file or take it away.",
    ),
    "waiting-long": Sentence(
        "Des documents attendent une personne depuis trop longtemps.",
        "Voyez-les avec « liasse refusal list », et prévenez qui doit décider.",
        "Documents have been waiting for a person for too long.",
        "See them with 'liasse refusal list', and tell whoever must decide.",
    ),
    "progress-long": Sentence(
        "Des documents sont en cours depuis trop longtemps.",
        "Regardez le journal du poste ; « liasse doctor » cherche ce qui retient le travail.",
        "Documents have been on their way for too long.",
        "Look at the station's log; 'liasse doctor' looks for what holds the work up.",
    ),
    "host-away": Sentence(
        "L'hébergeur ne prend pas les enveloppes qui lui sont présentées.",
        "Vérifiez le réseau et prévenez l'hébergeur ; rien n'est perdu, les envois reprennent d'eux-mêmes.",
        "The host does not take the envelopes that it is offered.",
        "Check the network and tell the host; nothing is lost, deposits go on by themselves.",
    ),
    "disk-short": Sentence(
        "Le poste, ou sa mémoire de travail, est presque plein.",
        "Libérez de la place avant de numériser ; « liasse doctor » dit où.",
        "The station, or its working memory, is nearly full.",
        "Make room before scanning; 'liasse doctor' says where.",
    ),
    "dead-letters": Sentence(
        "Des documents n'avancent plus tant qu'une personne ne le dit pas.",
        "Voyez-les avec « liasse task list » ; la cause levée, « liasse task resume ».",
        "Documents no longer go on unless a person says so.",
        "See them with 'liasse task list'; once the cause is mended, 'liasse task resume'.",
    ),
    "custody-long": Sentence(
        "Des documents sont sur le poste depuis plus longtemps que le contrat ne le prévoit.",
        "Voyez-les (« liasse refusal list ») : régularisez, et ils repartent seuls ; ou faites maintenir le refus.",
        "Documents have been on the station for longer than the contract foresees.",
        "See them ('liasse refusal list'): put things right, and they go on; or have the refusal maintained.",
    ),
    "clock-behind": Sentence(
        "L'horloge du poste est en retard sur le registre : le contrôle est fermé.",
        "Remettez l'horloge à l'heure (NTP) ; le travail reprend de lui-même.",
        "The station's clock is behind the ledger: the gate is closed.",
        "Set the clock right (NTP); the work goes on by itself.",
    ),
}
