"""Which drop folders this machine has opened: where a share has gone, what is left in its place does not tell."""

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Final

from pipeline.config import Config
from storage.effects import effect

_MARKS: Final = "inboxes"
"""In the station's folder: an empty file a drop folder, named by the digest of its path."""


def note_opened(config: Config, folder: Path) -> None:
    """Write down that the drop folder was opened here. Where there is no room for it, the next start does."""
    mark = _mark(config, folder)
    with suppress(OSError), effect("inbox.mark"):
        mark.parent.mkdir(mode=0o700, exist_ok=True)
        mark.touch(mode=0o600)


def was_opened(config: Config, folder: Path) -> bool:
    """Whether the drop folder of that path was ever opened by this machine."""
    return _mark(config, folder).exists()


def _mark(config: Config, folder: Path) -> Path:
    return config.folder / _MARKS / hashlib.sha256(bytes(folder)).hexdigest()[:16]
