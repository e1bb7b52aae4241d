"""The given names that are shipped: each once, none of them a word of the forms."""

from pathlib import Path

from pipeline.identity import given_names, vocabulary
from pipeline.identity.traits import compact, fold

LIST = Path(given_names.__file__).with_name("given_names.txt")


def test_each_stands_once_in_order_and_none_is_a_word_of_forms() -> None:
    names = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    plain = [compact(name) for name in names]
    assert plain == sorted(set(plain))
    words = vocabulary.STOPS | vocabulary.OTHERS | vocabulary.SUBJECTS | vocabulary.PERSONS | vocabulary.BIRTH
    assert not words & set(plain)
    assert not any(vocabulary.ends_as_trade(name) for name in plain)


def test_common_names_are_known_and_words_are_not() -> None:
    assert all(given_names.is_common(fold(name)) for name in ("Anaïs", "ISSA", "Jean-Pierre", "Fatoumata", "Ewa"))
    assert not any(given_names.is_common(fold(word)) for word in ("France", "Patient", "Hémogramme", "Oui", "Plein"))
