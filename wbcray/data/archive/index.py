"""The index of an archive, read and checked whole before a byte of content is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from wbcray.core.problems import SHOWN
from wbcray.data.archive.member import Member, Source
from wbcray.data.archive.names import faults_of, folded, parts_of, shown


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A file that may be unpacked.

    Attributes:
        path: Below the folder that is unpacked into, with `/`.
        member: What the archive says of it.
    """

    path: str
    member: Member


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveIndex:
    """The files of an archive, in its order; empty folders are none of a data set."""

    files: tuple[ArchiveFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files, as declared."""
        return sum(file.member.size for file in self.files)


def checked_index(members: Iterable[Member], source: Source) -> ArchiveIndex:
    """The index that `members`, all entries of the archive, make.

    Raises:
        DataError: For more members or content than the limits; naming up to 20 of the problems.
    """
    checks = _Checks()
    most = source.limits.members
    for number, member in enumerate(members, start=1):
        if number > most:
            raise source.refusal(f"the archive has more than {most} members")
        checks.take(member)
    if not checks.files and not checks.problems:
        checks.problems.append("the archive holds no file")
    _refuse(checks.problems, source)
    index = ArchiveIndex(files=tuple(checks.files))
    source.refuse_much(index.size)
    return index


class _Checks:
    """Takes members one by one; gathers files and problems."""

    def __init__(self) -> None:
        self.files: list[ArchiveFile] = []
        self.problems: list[str] = []
        self._places: dict[str, tuple[str, bool]] = {}

    def take(self, member: Member) -> None:
        """Check one more member against the rules and against those before it."""
        faults = [*member.faults, *faults_of(member.name)]
        parts = parts_of(member.name)
        if member.size < 0:
            faults.append(f"claims {member.size} bytes")
        if not parts and not member.is_folder:
            faults.append("has no name")
        if faults:
            self.problems += [f"{shown(member.name)} {fault}" for fault in faults]
            return
        for depth in range(1, len(parts)):
            self._place("/".join(parts[:depth]), is_folder=True)
        path = "/".join(parts)
        if path:
            self._place(path, is_folder=member.is_folder)
        if not member.is_folder:
            self.files.append(ArchiveFile(path=path, member=member))

    def _place(self, path: str, *, is_folder: bool) -> None:
        """Note that something lies at `path`, unless something else already does."""
        key = "/".join(map(folded, path.split("/")))
        if key not in self._places:
            self._places[key] = (path, is_folder)
            return
        other, other_is_folder = self._places[key]
        if other != path:
            self.problems.append(
                f"{shown(other)} and {shown(path)} differ in case or in the form of characters "
                "alone, and are one on many systems"
            )
        elif is_folder != other_is_folder:
            self.problems.append(f"{shown(path)} is a file and a folder")
        elif not is_folder:
            self.problems.append(f"{shown(path)} is there twice")


def _refuse(problems: Sequence[str], source: Source) -> None:
    if not problems:
        return
    if len(problems) == 1:
        raise source.refusal(problems[0])
    lines = [f"{len(problems)} problems in {source.path.name}:", *problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"... and {len(problems) - SHOWN} more")
    raise source.refusal("\n    ".join(lines))
