"""On what kind of file system a path lies: locks of SQLite cannot be trusted over a network."""

from pathlib import Path

import psutil

_NETWORK = (
    *("nfs", "cifs", "smb", "lustre", "gpfs", "beegfs", "ceph", "glusterfs", "afs", "9p", "fuse"),
    *("orangefs", "pvfs", "wekafs", "panfs", "ocfs2", "gfs2"),
)
"""First letters of the types that machines share, or that a program stands behind (FUSE)."""
_NOT_NETWORK = ("fuseblk", "fusectl")


def network_file_system(path: Path) -> str | None:
    """The type of the file system that `path` lies (or would lie) on, if machines share it."""
    found = _type_of(path.resolve()).lower()
    shared = found.startswith(_NETWORK) and found not in _NOT_NETWORK
    return found if shared else None


def _type_of(path: Path) -> str:
    """The type of the innermost mount on the way to `path`, of the last where they are stacked."""
    mounts = [
        (len(Path(mount.mountpoint).parts), number, mount.fstype)
        for number, mount in enumerate(psutil.disk_partitions(all=True))
        if path.is_relative_to(mount.mountpoint)
    ]
    return max(mounts)[2] if mounts else ""
