"""What a disk may hold after the power fails: only what was flushed is sure to be there.

A model of the file system replays the recorded calls of an operation. Contents are sure once the
file was flushed, names once their folder was. Two disks are tried at every moment: a lazy one, on
which nothing else survives, and one that keeps every name and only the flushed contents.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

DISKS = ("nothing that was not flushed", "every name, flushed contents only")


@dataclass(slots=True)
class _File:
    now: bytes = b""
    sure: bytes = b""


@dataclass(slots=True)
class Disk:
    """Names (path -> file, or None for a folder) as they are, and as they are sure to be."""

    now: dict = field(default_factory=dict)
    sure: dict = field(default_factory=dict)

    @classmethod
    def holding(cls, root):
        """All that lies in `root`, flushed."""
        disk = cls()
        for path in sorted(Path(root).rglob("*")):
            data = path.read_bytes() if path.is_file() else None
            disk.now[path.relative_to(root).as_posix()] = (
                data if data is None else _File(data, data)
            )
        disk.sure = dict(disk.now)
        return disk

    def apply(self, call):  # noqa: C901  # one case a call
        """What `call` changes."""
        first, last = call.paths[0], call.paths[-1]
        match call.name:
            case "mkdir":
                self.now.setdefault(first, None)
            case "create":
                self.now[first] = _File()
            case "write":
                self.now[first].now += call.data
            case "fsync" | "fdatasync":
                self._flush(first)
            case "link" | "replace" | "rename":
                self.now[last] = self.now[first]
                if call.name != "link":
                    del self.now[first]
            case "unlink" | "remove" | "rmdir":
                self.now.pop(first, None)
            case "read" | "scandir" | "listdir":
                pass
            case other:
                raise NotImplementedError(other)

    def after(self, kind, root):
        """Write what is left to the folder `root`."""
        names = self.sure if kind == DISKS[0] else self.now
        for name in sorted(names):
            parents = [os.fspath(one) for one in Path(name).parents][:-1]
            if any(one not in names for one in parents):
                continue  # nobody finds what lies in a folder without a name
            path = Path(root) / name
            if names[name] is None:
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.write_bytes(names[name].sure)

    def _flush(self, name):
        if self.now.get(name, 0) is None or name == ".":
            inside = {path: file for path, file in self.now.items() if _folder(path) == name}
            self.sure = {p: f for p, f in self.sure.items() if _folder(p) != name} | inside
        else:
            file = self.now[name]
            file.sure = file.now


def _folder(path):
    return Path(path).parent.as_posix()
