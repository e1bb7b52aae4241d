"""The characters a recogniser can say, and their codes: a traineddata's `lstm-unicharset` and `lstm-recoder`."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from training.recogniser import Layer

_HEAD, _ENTRY = 4, 9
BLANK: Final = 139
_ADDED: Final = {"µ": "u", "²": "2", "³": "3", "≤": "<", "≥": ">", "±": "+", "•": "*", "↑": "|", "↓": "|", "→": "—"}
"""Characters that laboratories write and the model lacks, each with the one whose weights it starts from."""
_LETTERS: Final = "µ"
_RESERVE: Final = 3.0
"""Taken from the bias of an added character: it is not to be seen everywhere before it is learnt."""
_SAID_AS: Final = {"–": "-"}
"""Characters without a code of their own: what is said in their stead."""


@dataclass(slots=True)
class Alphabet:
    """Characters in the order of the unicharset, with the code of each."""

    characters: list[str]
    rows: list[str]
    entries: list[bytes]

    @classmethod
    def read(cls, folder: Path) -> "Alphabet":
        rows = (folder / "fra.lstm-unicharset").read_text(encoding="utf-8").splitlines()[1:]
        stored = (folder / "fra.lstm-recoder").read_bytes()
        count = struct.unpack_from("<I", stored)[0]
        entries = [stored[_HEAD + _ENTRY * place : _HEAD + _ENTRY * (place + 1)] for place in range(count)]
        return cls([" ", *(row.split(" ")[0] for row in rows[1:count])], rows[:count], entries)

    @property
    def extended(self) -> bool:
        return set(_ADDED) <= set(self.characters)

    def codes(self, text: str) -> list[int] | None:
        """None where a character cannot be said."""
        known = {
            character: struct.unpack("<bii", entry)[2]
            for character, entry in zip(self.characters, self.entries, strict=True)
        }
        said = [_SAID_AS.get(character, character) for character in text]
        return [known[character] for character in said] if all(character in known for character in said) else None

    def extend(self, network: Layer) -> None:
        """Adds what laboratories write, here and to the network's last layer."""
        output = network.below[-1]
        matrix = output.weights[0]
        for character, model in _ADDED.items():
            row = matrix[struct.unpack("<bii", self.entries[self.characters.index(model)])[2]].copy()
            row[-1] -= _RESERVE
            matrix = np.vstack([matrix, row])
            place, octets = len(self.rows), " ".join(f"{one:x}" for one in character.encode("utf-16-be"))
            kind = 3 if character in _LETTERS else 0
            properties = f"{kind} 0,255,0,255,0,0,0,0,0,0 Common {place} 10 {place} {character}"
            self.rows.append(f"{character} {properties}\t# {character} [{octets} ]")
            self.characters.append(character)
            self.entries.append(struct.pack("<bii", 1, 1, len(matrix) - 1))
        added = matrix.size - output.weights[0].size
        output.weights = [matrix]
        for layer in (output, network):
            layer.shape = (layer.shape[0], len(matrix), layer.shape[2] + added)

    def write(self, folder: Path) -> None:
        rows = "\n".join([str(len(self.rows)), *self.rows, ""])
        (folder / "fra.lstm-unicharset").write_text(rows, encoding="utf-8")
        (folder / "fra.lstm-recoder").write_bytes(struct.pack("<I", len(self.entries)) + b"".join(self.entries))
