"""What the commands say on a terminal, French first: short sentences with their places, no logic."""

from dataclasses import dataclass
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
    """One sentence in one language, its places filled; `{count:sheet|sheets}` is a number with its word."""
    counted = {name: _Counted(place, language) if isinstance(place, int) else place for name, place in places.items()}
    return SCREENS[key][0 if language == "fr" else 1].format(**counted)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number in a sentence: French has the singular for none, too."""

    count: int
    language: Language

    def __format__(self, form: str) -> str:
        one, several, many = form.partition("|")
        if not several:
            return format(self.count, form)
        single = self.count < 2 if self.language == "fr" else self.count == 1  # noqa: PLR2004  none and one
        return f"{self.count} {one if single else many}"
