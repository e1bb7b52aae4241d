"""What a separator said may hold anything that was printed: only what is fit to be a reference leaves the station."""

import re
from typing import Final

from consent_gate.traits import key_is_right

WITHHELD: Final = "?"
"""Stands for a reference that was not shown, because it may name somebody."""

_REFERENCE: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{0,63}", re.DOTALL)
_TYPE: Final = re.compile(r"[\w.-]{1,40}")
_NUMBER: Final = re.compile(r"(?=([1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}([0-9]{2})?))")
"""The 13 signs of a NIR or INS, with its key or without, wherever they begin."""
_SPACING: Final = re.compile(r"[\s._/-]")


def shown_reference(reference: str, *, known: bool) -> str:
    """A patient's or document's reference as the package shows it; `known`: the client's own index has it.

    Unknown ones are shown if they look like a reference (no space, a digit): a name would not. A NIR never is; of the
    client's own references only a number with its right key counts as one.
    """
    if not reference:
        return ""
    if known:
        return WITHHELD if any(key_is_right(number) for number in _numbers(reference)) else reference
    fit = _REFERENCE.fullmatch(reference) is not None and not _numbers(reference)
    return reference if fit else WITHHELD


def shown_type(doc_type: str) -> str:
    """A document type as the package shows it: one word."""
    if not doc_type:
        return ""
    return doc_type if _TYPE.fullmatch(doc_type) and not _numbers(doc_type) else WITHHELD


def _numbers(text: str) -> list[str]:
    return [found[1] for found in _NUMBER.finditer(_SPACING.sub("", text).upper())]
