"""How a fault or a reason is said to people: French first, English too, always with the next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lexicon.words import fact_in_words

Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened and what to do next, in both languages; `{fact}` places are filled by a fault's facts."""

    fr: str
    fr_hint: str
    en: str
    en_hint: str

    def what(self, language: Language, **facts: int | str) -> str:
        return (self.fr if language == "fr" else self.en).format_map(_facts(facts, language))

    def hint(self, language: Language, **facts: int | str) -> str:
        return (self.fr_hint if language == "fr" else self.en_hint).format_map(_facts(facts, language))


def _facts(facts: Mapping[str, int | str], language: Language) -> "_Facts":
    return _Facts({name: fact_in_words(name, fact, language) for name, fact in facts.items()})


class _Facts(dict[str, int | str]):
    """A sentence must never fail to be said: a missing fact shows as `?`."""

    def __missing__(self, key: str) -> str:
        return "?"
