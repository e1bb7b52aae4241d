"""Whoever needs the machine puts a file where the environment says; until it is gone, making and learning wait."""

import os
import time
from pathlib import Path
from typing import Final

_QUIET: Final = Path(os.environ.get("LIASSE_TRAINING_QUIET", "quiet"))
_SECONDS: Final = 2.0


def wait_while_quiet() -> None:
    """Until the file that `LIASSE_TRAINING_QUIET` names (else `quiet`) is not there."""
    while _QUIET.exists():
        time.sleep(_SECONDS)
