"""The technical log: JSON Lines of slugs, identifiers and numbers; not the custody ledger, and nobody's name.

In the station's folder, put away by size and by age; under systemd on standard error too, as journald takes it
(sd-daemon(3): `<4>` before a line is its gravity). The processes of one station write to one file.
"""

import fcntl
import logging
import logging.handlers
import os
import re
import sys
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import structlog

from lexicon.faults import Fault
from pipeline.config import LogSection
from pipeline.events import (
    Accounts,
    BatchClosed,
    DocumentSettled,
    Event,
    FileSettled,
    FilesLeft,
    FileTaken,
    Hindered,
    InboxGone,
    PagesRead,
)

log = structlog.get_logger("liasse.journal")

FILE: Final = "liasse.jsonl"
_LOCK: Final = "liasse.lock"
_MEGABYTE: Final = 1_000_000
_DAY: Final = 86_400.0
_HARMLESS: Final = re.compile(r"[A-Za-z0-9_.:/+\-]{0,300}")
_GRAVITY: Final = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def start_journal(folder: Path, settings: LogSection | None = None) -> None:
    """Send structlog to `folder/liasse.jsonl` (0600), and to journald where standard error leads there.

    Other libraries' messages are dropped: they may quote what they were given.
    """
    chosen = settings or LogSection()
    folder.mkdir(mode=0o700, exist_ok=True)
    ours = logging.getLogger("liasse")
    for old in list(ours.handlers):
        ours.removeHandler(old)
        old.close()
    handlers: list[logging.Handler] = [SharedFile(folder / FILE, chosen)]
    if _read_by_journald():
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].setFormatter(_Prefixed())
    for handler in handlers:
        ours.addHandler(handler)
    ours.setLevel(chosen.level.upper())
    ours.propagate = False
    logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _harmless,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def note(event: Event) -> None:
    """A line of an event of the engine's: identifiers, slugs and counts; no file's name, no patient's reference."""
    match event:
        case FileTaken():
            log.info("file-taken", file=event.file, batch=event.batch, bytes=event.size)
        case PagesRead():
            log.info("pages-read", document=event.document, file=event.file, read=event.read, of=event.of)
        case DocumentSettled():
            log.info(
                "document-settled",
                document=event.document,
                file=event.file,
                batch=event.batch,
                pages=len(event.pages),
                outcome=event.outcome,
                reason=event.reason,
            )
        case FileSettled():
            counts = {name.replace("-", "_"): count for name, count in event.columns.items() if count}
            log.info(
                "file-settled", file=event.file, batch=event.batch, pages=event.pages, reason=event.reason, **counts
            )
        case BatchClosed():
            log.info("batch-closed", batch=event.batch, documents=event.documents, deposited=event.deposited)
        case FilesLeft():
            log.warning("files-left", kind=event.kind, files=event.count)
        case Hindered():
            log.warning("hindered", fault=event.fault, over=event.over)
        case InboxGone():
            log.info("inbox-back") if event.back else log.warning("inbox-gone")
        case Accounts():
            log.info("accounts", captured=event.images.captured, accounted=event.images.accounted)


@contextmanager
def noting_faults() -> Iterator[None]:
    """A line of the fault that ends the block."""
    try:
        yield
    except Fault as fault:
        note_fault(fault)
        raise


def note_fault(fault: Fault) -> None:
    """A line of a fault that ends a command, or one of the things that it does."""
    log.error("command-ended", fault=fault.code)


class SharedFile(logging.handlers.RotatingFileHandler):
    """A log that several processes write to: each line goes to the file that has the name, whoever put others away."""

    def __init__(self, path: Path, settings: LogSection) -> None:
        self._lock_path = path.with_name(_LOCK)
        self._days = settings.days
        megabytes, kept = settings.megabytes * _MEGABYTE, settings.kept
        super().__init__(path, maxBytes=megabytes, backupCount=kept, encoding="utf-8")
        self._forget_the_old()

    def _open(self) -> Any:
        """As the base class; closed to others from the first byte on."""
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  the base class's name
        self._follow()
        return bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802  the base class's name
        with self._alone():
            if not self._follow():  # else another process has just put it away
                super().doRollover()
            self._forget_the_old()

    def _follow(self) -> bool:
        """Open the file of this name anew where ours has been put away; whether it had been."""
        try:
            named = os.stat(self.baseFilename)  # noqa: PTH116  the base class keeps it as text
            same = self.stream is not None and os.fstat(self.stream.fileno()).st_ino == named.st_ino
        except OSError:
            same = False
        if not same:
            if self.stream is not None:
                self.stream.close()
            self.stream = self._open()
        return not same

    def _forget_the_old(self) -> None:
        """Remove what was put away longer ago than agreed: a log tells who worked when."""
        kept = Path(self.baseFilename)
        for old in kept.parent.glob(f"{kept.name}.*"):
            try:
                if time.time() - old.stat().st_mtime > self._days * _DAY:
                    old.unlink()
            except OSError:
                continue

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self._lock_path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class _Prefixed(logging.Formatter):
    """A line as journald reads its gravity."""

    def format(self, record: logging.LogRecord) -> str:
        gravity = next((number for level, number in _GRAVITY if record.levelno >= level), 7)
        return f"<{gravity}>{record.getMessage()}"


def _read_by_journald() -> bool:
    """Whether standard error is the very stream that systemd says it gave (systemd.exec(5), `$JOURNAL_STREAM`)."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _harmless(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Numbers, and words as slugs, identifiers and paths have them; what else there is might quote paper: `?`."""
    return {name: value if _may_stand(value) else "?" for name, value in line.items() if name != "exc_info"}


def _may_stand(value: object) -> bool:
    if isinstance(value, str):
        return _HARMLESS.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int | float)
