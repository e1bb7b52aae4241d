"""Whether what is written to a place lies encrypted on its disk: asked of the kernel's tables, /proc and /sys.

dm-crypt (LUKS) is recognised beneath LVM, RAID, partitions, loops and btrfs; a share's or a container's disk is not to
be seen from here.
"""

import os
import re
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

MEMORY_FILE_SYSTEMS: Final = frozenset({"tmpfs", "ramfs"})
_ROOT: Final = Path("/")
_DEEPEST: Final = 16
"""Layers of devices: nobody has so many, and a loop of them must end."""
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")


class Veil(StrEnum):
    """What is between the bytes and whoever takes the disk away."""

    ENCRYPTED = "encrypted"
    MEMORY = "memory"
    """It never reaches a disk, but by swap."""
    CLEAR = "clear"
    UNKNOWN = "unknown"


DeviceOf = Callable[[Path], str]
"""A block device's file -> its number, `major:minor`. Raises `OSError`."""


def device_of(path: Path) -> str:
    number = path.stat().st_rdev
    if not number:
        raise OSError
    return f"{os.major(number)}:{os.minor(number)}"


def of_folder(folder: Path, system: Path = _ROOT) -> Veil:
    """The veil over a file or folder. `system` is where /proc and /sys are."""
    try:
        number = folder.stat().st_dev
    except OSError:
        return Veil.UNKNOWN
    mounted = f"{os.major(number)}:{os.minor(number)}"
    if os.major(number):
        return of_device(mounted, system)
    return _of_mount(folder, mounted, system)


def of_device(number: str, system: Path = _ROOT, depth: int = _DEEPEST) -> Veil:
    """The veil over a block device `major:minor`."""
    place = system / "sys/dev/block" / number
    if not place.exists() or depth == 0:
        return Veil.UNKNOWN
    device = place.resolve()
    if _line(device / "dm/uuid").startswith("CRYPT-"):
        return Veil.ENCRYPTED
    if device.name.startswith("zram"):
        return Veil.MEMORY if _line(device / "backing_dev") in ("", "none") else Veil.UNKNOWN
    if backing := _line(device / "loop/backing_file"):
        return of_folder(Path(backing), system)
    below = [_line(slave / "dev") for slave in _folders(device / "slaves")]
    if not below and (device / "partition").exists():
        below = [_line(device.parent / "dev")]
    if not below:
        return Veil.CLEAR
    return _weakest([of_device(number, system, depth - 1) for number in below])


def of_swap(system: Path = _ROOT, number_of: DeviceOf = device_of) -> Veil:
    """The weakest veil over any swap space; `MEMORY` where there is none."""
    table = _text(system / "proc/swaps")
    if table is None:
        return Veil.UNKNOWN
    places = [line.split() for line in table.splitlines()[1:] if line.strip()]
    return _weakest([_of_space(_plain(place), kind, system, number_of) for place, kind, *_ in places])


def file_system(folder: Path, system: Path = _ROOT) -> str:
    """The kind of a folder's file system, by the longest mount point above it; empty where nobody says."""
    real, found = folder.resolve(), ("", "")
    for line in (_text(system / "proc/self/mounts") or "").splitlines():
        _, point, kind, *_ = line.split(" ")
        point = _plain(point)
        if real.is_relative_to(point) and len(point) >= len(found[0]):  # of equals the later one lies above
            found = (point, kind)
    return found[1]


def _of_space(place: str, kind: str, system: Path, number_of: DeviceOf) -> Veil:
    if kind == "file":
        return of_folder(Path(place), system)
    try:
        return of_device(number_of(Path(place)), system)
    except OSError:
        return Veil.UNKNOWN


def _of_mount(folder: Path, number: str, system: Path) -> Veil:
    """Of a file system without a device number of its own: memory, btrfs, a share, an overlay."""
    for line in (_text(system / "proc/self/mountinfo") or "").splitlines():
        fields, _, described = line.partition(" - ")
        if fields.split(" ")[2] != number:
            continue
        kind, source, *_ = described.split(" ")
        if kind in MEMORY_FILE_SYSTEMS:
            return Veil.MEMORY
        try:
            return of_device(device_of(Path(_plain(source))), system)
        except OSError:
            return Veil.UNKNOWN
    return Veil.MEMORY if file_system(folder, system) in MEMORY_FILE_SYSTEMS else Veil.UNKNOWN


def _weakest(veils: list[Veil]) -> Veil:
    order = (Veil.CLEAR, Veil.UNKNOWN, Veil.ENCRYPTED, Veil.MEMORY)
    return min(veils, key=order.index, default=Veil.MEMORY)


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(place.iterdir())
    except OSError:
        return []


def _line(path: Path) -> str:
    return (_text(path) or "").strip()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None


def _plain(name: str) -> str:
    """A name as the kernel escapes it in its tables: blanks and backslashes in octal."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), name)
