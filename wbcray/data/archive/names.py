"""Names in archives: which of them stay inside the folder and mean one file on every system."""

import re
import unicodedata
from collections.abc import Iterator

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 1024
MAX_DEPTH = 32

_DRIVE = re.compile(r"[A-Za-z]:")
_SHOWN = 60
_INVISIBLE = ("Cc", "Cf", "Zl", "Zp")


def parts_of(name: str) -> tuple[str, ...]:
    """The folders and the file that a stored name leads through; `./` and `//` mean nothing."""
    return tuple(part for part in name.split("/") if part not in ("", "."))


def shown(name: str) -> str:
    """A name in quotes, with nothing invisible in it, cut to a readable length."""
    text = repr(name)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 4]}...'"


def faults_of(name: str) -> Iterator[str]:
    """Why a name must not become a path, in words that follow it; nothing for a good one."""
    yield from _faults_of_characters(name)
    if name.startswith("/"):
        yield "has an absolute path"
    if "\\" in name:
        yield "has a '\\' in its path, which is a separator on Windows"
    parts = parts_of(name)
    if any(_DRIVE.match(part) for part in parts):
        yield "has a drive letter in its path"
    if ".." in parts:
        yield "leads out of the folder by '..'"
    elif any(not part.strip(". ") for part in parts):
        yield "has a name of dots and blanks alone in its path"
    yield from _faults_of_length(name, parts)


def folded(part: str) -> str:
    """What names have in common that are one file on some system: macOS, Windows, or a share."""
    return unicodedata.normalize("NFKC", part.casefold()).rstrip(". ")


def _faults_of_characters(name: str) -> Iterator[str]:
    try:
        name.encode()
    except UnicodeEncodeError:
        yield "has a name that is not UTF-8 text"
        return
    hidden = [letter for letter in name if unicodedata.category(letter) in _INVISIBLE]
    if hidden:
        yield f"has the invisible character U+{ord(hidden[0]):04X} in its path"
    if _stands_for_a_separator(name):
        yield "has characters in its path that stand for '/', '\\', ':' or '..'"


def _stands_for_a_separator(name: str) -> bool:
    """Whether a system that normalises names would see another path."""
    plain = unicodedata.normalize("NFKC", name)
    more = any(plain.count(mark) > name.count(mark) for mark in "/\\:")
    return more or (".." in plain.split("/") and ".." not in name.split("/"))


def _faults_of_length(name: str, parts: tuple[str, ...]) -> Iterator[str]:
    longest = max((len(part.encode(errors="replace")) for part in parts), default=0)
    if longest > MAX_NAME_BYTES:
        yield f"has a name of {longest} bytes in its path, more than {MAX_NAME_BYTES}"
    length = len(name.encode(errors="replace"))
    if length > MAX_PATH_BYTES:
        yield f"has a path of {length} bytes, more than {MAX_PATH_BYTES}"
    if len(parts) > MAX_DEPTH:
        yield f"lies {len(parts)} folders deep, more than {MAX_DEPTH}"
