"""What the commands say on a terminal, French first: short sentences with their places, no logic."""

from typing import Final

from lexicon.screens.backup import BACKUP
from lexicon.screens.batches import BATCHES
from lexicon.screens.custody import CUSTODY
from lexicon.screens.founding import FOUNDING
from lexicon.screens.indexing import INDEXING
from lexicon.screens.journey import JOURNEY
from lexicon.screens.pages import PAGES
from lexicon.screens.people import PEOPLE
from lexicon.screens.register import REGISTER
from lexicon.sentences import Language

SCREENS: Final[dict[str, tuple[str, str]]] = {
    **PEOPLE,
    **REGISTER,
    **JOURNEY,
    **INDEXING,
    **BATCHES,
    **PAGES,
    **CUSTODY,
    **BACKUP,
    **FOUNDING,
}


def say(key: str, language: Language, **places: int | str) -> str:
    """One sentence in one language, its places filled."""
    return SCREENS[key][0 if language == "fr" else 1].format(**places)
