"""Sentences of the French manuals under a folder (HTML), one a line, each once: python -m training.prose FOLDER OUT."""

import gzip
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final

_PARAGRAPH: Final = re.compile(r"<(?:p|dd|li|td|h\d)\b[^>]*>(.*?)</(?:p|dd|li|td|h\d)>", re.DOTALL | re.IGNORECASE)
_TAG: Final = re.compile(r"<[^>]+>")
_CODE: Final = re.compile(r"<(pre|code|tt)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀÉÊÎŒ«])")
_SAYABLE: Final = re.compile(r"[A-Za-zÀàÂâÄäÇçÉéÈèÊêËëÎîÏïÔôÖöŒœÙùÛûÜü0-9 .,;:!?'’\"«»()\-–/%°&+=*]+")
_FRENCH: Final = re.compile(r"\b(?:le|la|les|de|des|du|un|une|est|et|pour|dans|que|qui|vous|par)\b")
_SHORTEST, _LONGEST, _FRENCH_WORDS = 40, 400, 3


def sentences(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.htm*")):
        if re.search(r"(^|[./_-])fr([-_./]|$)|fr-FR", str(path)):
            octets = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            for paragraph in _PARAGRAPH.findall(_CODE.sub(" ", octets.decode("utf-8", "replace"))):
                text = re.sub(r"\s+", " ", unescape(_TAG.sub("", paragraph))).strip()
                yield from (one for one in _SENTENCE.split(text) if _good(one))


def _good(text: str) -> bool:
    french = len(_FRENCH.findall(text)) >= _FRENCH_WORDS
    return _SHORTEST <= len(text) <= _LONGEST and french and _SAYABLE.fullmatch(text) is not None


if __name__ == "__main__":
    Path(sys.argv[2]).write_text("\n".join(dict.fromkeys(sentences(Path(sys.argv[1])))), encoding="utf-8")
