"""What an archive says of itself, before anything of it is believed."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from wbcray.core.errors import DataError

CHUNK = 65_536
"""Bytes of content in memory at a time."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where an archive ceases to be a data set.

    Attributes:
        members: Most entries.
        ratio: Most bytes of content for each byte of the archive. Images hardly shrink; deflate
            reaches 1030 on zeros, which is what bombs are made of.
        free_bytes: Content up to this size is small enough at any ratio.
    """

    members: int = 200_000
    ratio: int = 200
    free_bytes: int = 10_000_000


LIMITS = Limits()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An archive's file.

    Attributes:
        path: Where it lies.
        size: Bytes.
        limits: What it may hold.
    """

    path: Path
    size: int
    limits: Limits = LIMITS

    def refusal(self, what: str) -> DataError:
        """The error for this archive."""
        return DataError(
            what,
            where=str(self.path),
            fix="get the archive anew from its source, or have its images packed anew",
        )

    def refuse_much(self, content_bytes: int) -> None:
        """Do nothing for so much content.

        Raises:
            DataError: Where it is more than a data set of images unpacks to.
        """
        if content_bytes > max(self.limits.free_bytes, self.limits.ratio * self.size):
            raise self.refusal(
                f"the archive of {self.size} bytes unpacks to {content_bytes} or more, "
                f"{content_bytes // max(1, self.size)} times its size; the limit is "
                f"{self.limits.ratio} times"
            )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One entry of an archive.

    Attributes:
        name: As stored, with whatever somebody put there.
        is_folder: Whether it is a folder; else it is a file, or has a fault.
        size: Bytes that it claims to unpack to.
        faults: Why it must not be unpacked, in words that follow its name.
    """

    name: str
    is_folder: bool
    size: int
    faults: tuple[str, ...] = ()


class DamagedError(Exception):
    """The archive is not what its format says; the text says why."""
