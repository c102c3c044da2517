"""A YAML file as plain data that knows the line of every value.

Strict where a typo would otherwise pass in silence (duplicate keys, tags, merge keys, YAML 1.1
booleans) and quick to refuse what is not a configuration at all (a folder, a binary, 2 MB).
"""

import errno
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from wbcray.core.errors import UsageError
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_tree import KeyPath, TreeBuilder

MAX_BYTES = 1_000_000

_HINTS = {
    "mapping values are not allowed": "quote a value that holds ': ', or check the indentation",
    "could not find expected ':'": "every line of a mapping reads `key: value`",
    "while scanning a quoted scalar": "close the quote",
    "while parsing a flow": "close the bracket, and put commas between its values",
    "cannot start any token": "quote the value",
    "expected <block end>": "indent the line like its neighbours",
    "expected '<document start>'": "indent the line like its neighbours",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The mapping that a file holds; to be read, not changed (aliases share their values).

    Attributes:
        lines: Line, from 1, of every key and list item by its path of keys and positions.
    """

    data: dict[str, Any]
    path: Path
    lines: Mapping[KeyPath, int] = field(repr=False)

    def where(self, *key_path: str | int) -> str:
        """`file.yaml:12` for the line of that value, or of the nearest one that encloses it."""
        for length in range(len(key_path), 0, -1):
            if key_path[:length] in self.lines:
                return f"{self.path}:{self.lines[key_path[:length]]}"
        return str(self.path)


def load_document(
    path: Path, *, kind: str = "configuration", fix: str = "", problems: Problems | None = None
) -> Document:
    """The document in the file at `path`.

    Args:
        path: The file.
        kind: What the file is, for messages.
        fix: What helps when there is no such file or it is empty.
        problems: Takes note of keys that are given twice, so that they are reported with whatever
            else is wrong; without it they are refused at once.

    Raises:
        UsageError: For a file that is absent, unreadable, not text, too large or not YAML.
    """
    content = _read_bytes(path, kind=kind, fix=fix)
    if not content.strip():
        size = f"{len(content)} bytes"
        raise UsageError(f"the {kind} is empty ({size})", where=str(path), fix=fix)
    text = _decode(content, path, kind=kind)
    return parse_document(text, path=path, kind=kind, fix=fix, problems=problems)


def parse_document(
    text: str,
    *,
    path: Path,
    kind: str = "configuration",
    fix: str = "",
    problems: Problems | None = None,
) -> Document:
    """The document in `text`; `path` is for messages alone, `problems` as in `load_document`.

    Raises:
        UsageError: For text that is not one YAML mapping.
    """
    found = Problems(str(path)) if problems is None else problems
    builder = TreeBuilder(str(path), found)
    try:
        _build(builder, text, path)
    except UsageError as error:
        found.add(error)
        found.raise_any()
    if problems is None:
        found.raise_any()
    if builder.root is None:
        raise UsageError(f"the {kind} holds no settings", where=str(path), fix=fix)
    if not isinstance(builder.root, dict):
        what = f"the {kind} must hold `key: value` lines, got {show(builder.root)}"
        raise UsageError(what, where=f"{path}:1", fix=fix)
    return Document(data=builder.root, path=path, lines=builder.lines)


def _build(builder: TreeBuilder, text: str, path: Path) -> None:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            builder.feed(event)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, path) from None
    except ReaderError as error:
        place = _position(text, error.position)
        what = f"cannot parse YAML: character U+{error.character:04X} is not allowed"
        raise UsageError(what, where=f"{path}:{place}", fix="remove it") from None
    except (ValueError, OverflowError):
        # PyYAML converts \U escapes and %YAML versions without a check of their size
        what = "cannot parse YAML: an escape or directive with a number that is too large"
        raise UsageError(what, where=str(path), fix="remove it") from None


def _read_bytes(path: Path, *, kind: str, fix: str) -> bytes:
    try:
        # opening a named pipe would wait for a writer for ever
        if not stat.S_ISREG(path.stat().st_mode):
            what = "a folder" if path.is_dir() else "not a regular file"
            raise UsageError(f"the {kind} is {what}", where=str(path), fix=fix)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(error, path, kind=kind, fix=fix) from None
    if len(content) > MAX_BYTES:
        raise UsageError(
            f"the {kind} is larger than {MAX_BYTES // 1_000_000} MB",
            where=str(path),
            fix="is this the right file?",
        )
    return content


def _unreadable(error: OSError | ValueError, path: Path, *, kind: str, fix: str) -> UsageError:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.ENOENT:
        return UsageError(f"{kind} not found: {path}", where=str(path), fix=fix)
    reason = error.strerror if isinstance(error, OSError) else str(error)
    what = f"cannot read the {kind}: {reason}"
    return UsageError(what, where=str(path), fix="check the path and its permissions")


def _decode(content: bytes, path: Path, *, kind: str) -> str:
    try:
        if b"\0" in content:
            raise UsageError(
                f"the {kind} is a binary file", where=str(path), fix="give a UTF-8 text file"
            )
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        raise UsageError(
            f"the {kind} is not UTF-8 text (byte 0x{content[error.start]:02x})",
            where=f"{path}:{_position(before, len(before))}",
            fix="save it as UTF-8 text",
        ) from None


def _syntax_error(error: yaml.MarkedYAMLError, text: str, path: Path) -> UsageError:
    mark = error.problem_mark or error.context_mark
    said = f"{error.context or ''} {error.problem or ''}".strip()
    if mark is None:
        return UsageError(f"cannot parse YAML: {said}", where=str(path), fix="check its syntax")
    line = text[mark.index - mark.column : mark.index + 1]
    if "\t" in line[: len(line) - len(line.lstrip())] or line.endswith("\t"):
        place = "for indentation" if not line.strip() else "instead of a space"
        said, fix = f"tab used {place}", "use spaces"
    else:
        fix = next((hint for words, hint in _HINTS.items() if words in said), "check this line")
        opened = error.context_mark
        if opened is not None and opened.line != mark.line:
            said += f" (begun at {opened.line + 1}:{opened.column + 1})"
    place = f"{mark.line + 1}:{mark.column + 1}"
    return UsageError(f"cannot parse YAML at {place}: {said}", where=f"{path}:{place}", fix=fix)


def _position(text: str, index: int) -> str:
    before = text[:index]
    return f"{before.count(chr(10)) + 1}:{index - before.rfind(chr(10))}"
