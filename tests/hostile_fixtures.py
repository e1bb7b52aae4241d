"""What became of each hostile file, and what the processes that met it cost."""

import ast
import csv
import os
import tarfile
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_EVERY: Final = 0.05
_COLUMNS: Final = ("deposited", "refused", "held", "set-aside", "separator", "blank", "duplicate")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file of the corpus: what it is, and what its makers propose should meet it."""

    name: str
    """As the station shows it."""
    kind: str
    proposed: str


@dataclass(frozen=True, slots=True)
class Treated:
    """Where a file's images stand, and why. `columns` is empty for what was left in its folder."""

    columns: tuple[str, ...]
    reasons: tuple[str, ...]
    pages: int


def unpack(corpus: Path, folder: Path) -> Path:
    """The files as they are, names and all; the manifest beside them."""
    with tarfile.open(corpus / "hostile.tar.gz") as archive:
        archive.extractall(folder, filter="tar")
    files = folder / "hostile"
    (files / "manifest.csv").rename(folder / "manifest.csv")
    return files


def manifest(path: Path) -> tuple[Hostile, ...]:
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(Hostile(_shown(row["file"]), row["kind"], row["expected"]) for row in csv.DictReader(stream))


def _shown(name: str) -> str:
    if name.startswith("b'"):
        return bytes(ast.literal_eval(name)).decode("utf-8", "backslashreplace")
    return name.replace("\\n", "\n")


def treatments(events: Iterable[Mapping[str, Any]]) -> dict[str, Treated]:
    """By name, from the lines of `liasse process --json` or `liasse watch --json`."""
    files: dict[str, Mapping[str, Any]] = {}
    reasons: dict[str, dict[str, None]] = {}
    for event in events:
        if event["kind"] == "document" and event["reason"]:
            reasons.setdefault(event["file"], {})[event["reason"]] = None
        elif event["kind"] == "file":
            files[event["file"]] = event
            if event["reason"]:
                reasons.setdefault(event["file"], {})[event["reason"]] = None
    return {
        name: Treated(
            tuple(column for column in _COLUMNS if file["columns"][column]),
            tuple(reasons.get(name, ())),
            file["pages"],
        )
        for name, file in files.items()
    }


class Peak:
    """The most memory that processes had together, in bytes; pages that they share count in each."""

    def __init__(self, every: float = _EVERY) -> None:
        self.bytes = 0
        self._every = every

    @contextmanager
    def of(self, process: int) -> Iterator["Peak"]:
        """A process and its descendants."""
        with self._watching(lambda: (process, *descendants(process))):
            yield self

    @contextmanager
    def below(self, process: int, but: Collection[int] = ()) -> Iterator["Peak"]:
        """A process's descendants, without some and what they start."""
        with self._watching(lambda: descendants(process, but)):
            yield self

    @contextmanager
    def _watching(self, processes: Callable[[], tuple[int, ...]]) -> Iterator[None]:
        over = threading.Event()
        watching = threading.Thread(target=self._watch, args=(processes, over), daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()

    def _watch(self, processes: Callable[[], tuple[int, ...]], over: threading.Event) -> None:
        while not over.wait(self._every):
            self.bytes = max(self.bytes, sum(map(_resident, processes())))


def descendants(process: int, but: Collection[int] = ()) -> tuple[int, ...]:
    found: list[int] = []
    for task in _listed(Path(f"/proc/{process}/task")):
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in map(int, children):
            found += [] if child in but else [child, *descendants(child, but)]
    return tuple(found)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def everything(*folders: Path) -> frozenset[str]:
    """All names below some folders, links not followed."""
    return frozenset(
        os.path.join(place, name)  # noqa: PTH118  names of any bytes
        for folder in folders
        for place, folders_here, names in os.walk(folder)
        for name in (*folders_here, *names)
    )
