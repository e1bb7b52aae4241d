"""What is wrong with a custody log (`storage.evidence.Flaw`); entries are numbered from 0."""

from typing import Final

from lexicon.sentences import Sentence

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
