"""Whether a folder lies on another machine's disk, by the kernel's table of mounts: /proc/self/mountinfo (proc(5)).

Of what another machine writes there, the kernel here tells no event.
"""

import os
from pathlib import Path
from typing import Final

_SHARES: Final = frozenset({
    "9p", "afs", "ceph", "cifs", "coda", "davfs", "fuse", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
_MOUNTS: Final = Path("/proc/self/mountinfo")
_FUSE: Final = "fuse."
"""Every program that is a file system (sshfs, rclone, s3fs): what comes from its other side is told by nobody."""


def is_share(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether others can write into the folder without this kernel; False where nobody says, or it is gone."""
    kind = _kind(folder, mounts)
    return kind in _SHARES or kind.startswith(_FUSE)


def _kind(folder: Path, mounts: Path) -> str:
    """The kind of the file system that the folder is on, by its device, as the kernel counts them; empty: unknown."""
    try:
        device = folder.stat().st_dev
        table = mounts.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in table.splitlines():
        fields, _, described = line.partition(" - ")
        if fields.split(" ")[2:3] == [number]:
            return described.split(" ")[0]
    return ""
