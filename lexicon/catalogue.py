"""Every fault and every reason, said in French and English. Keys are slugs; a test holds this list against the code."""

from typing import Final

from lexicon.sentences import Sentence

FAULTS: Final[dict[str, Sentence]] = {
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
}

REASONS: Final[dict[str, Sentence]] = {}
