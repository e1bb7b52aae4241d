"""Names and INS as they are compared: RNIV's normal form (A-Z, space, apostrophe, hyphen); the INS and its key."""

import re
import unicodedata
from typing import Final

from stdnum.exceptions import ValidationError
from stdnum.fr import nir

_LIGATURES: Final = str.maketrans(
    {"Œ": "OE", "Æ": "AE", "Ø": "O", "Ł": "L", "Đ": "D", "\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"}
)
_SPACES: Final = str.maketrans("", "", " \u00a0\u202f.")
_NORMAL: Final = re.compile(r"[A-Z](?:[A-Z' -]*[A-Z'])?")
_MATRICULE: Final = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}")


def normal_name(name: str) -> str | None:
    """RNIV's normal form of a name (upper case, no diacritics, one space), or None where a character has none.

    Foreign characters are told, never dropped: a name that lost a letter is another name.
    """
    folded = _folded(name.strip())
    letters = folded if folded.isascii() else "".join(c for c in folded if not unicodedata.combining(c))
    plain = " ".join(letters.split())
    return plain if _NORMAL.fullmatch(plain) else None


def comparable_name(name: str) -> str:
    """What two writings of one name share (`Le-Goff`, `LE GOFF`, `LEGOFF`): no case, accent, hyphen or space."""
    folded = _folded(name)
    return folded if folded.isalnum() else "".join(c for c in folded if c.isalnum())


def _folded(name: str) -> str:
    """Capitals, ligatures and accents taken apart."""
    upper = name.upper()
    return upper if upper.isascii() else unicodedata.normalize("NFKD", upper.translate(_LIGATURES))


def matricule(number: str) -> str:
    """The 15 characters of an INS without spaces or dots, capitals. Its key is not checked."""
    return number.upper().translate(_SPACES)


def is_matricule(number: str) -> bool:
    """Whether `number` has an INS's shape: 13 characters (sex, year, month, place, order) and 2 for the key."""
    return _MATRICULE.fullmatch(number) is not None


def key_is_right(number: str) -> bool:
    """Whether an INS ends with its key, 97 - (13 first modulo 97), Corsica's 2A and 2B read as 19 and 18."""
    try:
        nir.validate(number)
    except ValidationError:
        return False
    return True
