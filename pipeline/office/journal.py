"""The technical log: JSON Lines of slugs, identifiers and numbers in the station's folder; not the custody ledger."""

import logging
import logging.handlers
from pathlib import Path
from typing import Final

import structlog

_FILE: Final = "liasse.jsonl"
_BYTES: Final = 10_000_000
_KEPT: Final = 10


def start_journal(folder: Path) -> None:
    """Send structlog to `folder/liasse.jsonl` (0600, rotated at 10 MB, ten kept).

    Other libraries' messages are dropped: they may quote what they were given.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(folder / _FILE, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8")
    (folder / _FILE).chmod(0o600)
    handler.setFormatter(logging.Formatter("%(message)s"))
    ours = logging.getLogger("liasse")
    for old in list(ours.handlers):
        ours.removeHandler(old)
        old.close()
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
