"""Plain values and their line numbers from YAML events, under limits that no file can outwit.

Built without recursion while the file is being read, so that one which is too deep or too large
(nested brackets, a "billion laughs" of aliases) is refused at the offending line.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from wbcray.core.errors import UsageError
from wbcray.core.problems import Problems, show
from wbcray.core.yaml_scalar import plain_scalar

MAX_NODES = 20_000  # values in one file, those repeated by aliases counted each time
MAX_ALIASES = 100
MAX_DEPTH = 40
MAX_KEY = 200  # characters
MAX_TEXT = 4096  # characters; the longest path most systems take
MAX_WHOLE = 10**40  # a number above 1e308 would not fit into a float

KeyPath = tuple[str | int, ...]

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    value: dict[str, Any] | list[Any]
    path: KeyPath
    anchor: str | None
    nodes_before: int
    height: int = 1
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A finished value; `nodes` counts it and all below it, `height` their levels."""

    value: Any
    nodes: int
    height: int


class TreeBuilder:
    """Feed it YAML events; then `root` is the data and `lines` the line of every key and item.

    Lines count from 1. Keys that are given twice are noted in `problems`, and the last one counts;
    at the first event that breaks another rule, UsageError is raised.
    """

    def __init__(self, name: str, problems: Problems) -> None:
        self.root: Any = None
        self.lines: dict[KeyPath, int] = {}
        self._name = name
        self._problems = problems
        self._documents = 0
        self._nodes = 0
        self._aliases = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchored | None] = {}

    def feed(self, event: yaml.Event) -> None:
        """Take the next event of the file."""
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._start(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document begins", "keep what is above '---'")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        text = event.value
        is_key = self._at_key()
        plain = event.tag is None and event.implicit[0]
        self._check_tag(event, _TEXT_TAGS)
        if _UNPRINTABLE.search(text):
            self._refuse(event, "a control character in a text", "remove it")
        if len(text) > (MAX_KEY if is_key else MAX_TEXT):
            self._refuse(event, f"a text of {len(text)} characters", "is a closing quote missing?")
        if plain and is_key and text == "<<":
            self._refuse(event, "merge keys ('<<') are not read", "write the values out")
        value = plain_scalar(text) if plain else text
        if isinstance(value, int) and abs(value) > MAX_WHOLE:
            self._refuse(event, "a whole number beyond 1e40", "quote it if it is a text")
        self._count(event, 1, height=0)
        self._finish(event, _Anchored(value, 1, 0), event.anchor)

    def _start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self._check_tag(event, frozenset())
        if self._at_key():
            self._refuse(event, "a mapping or list stands where a key should be", "use a text key")
        path, before = self._child_path(), self._nodes
        self._count(event, 1, height=1)
        self.lines.setdefault(path, _place(event)[0])
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(value, path, event.anchor, before))

    def _end(self) -> None:
        done = self._open.pop()
        found = _Anchored(done.value, self._nodes - done.nodes_before, done.height)
        if done.anchor is not None:
            self._anchors[done.anchor] = found
        self._attach(found)

    def _alias(self, event: yaml.AliasEvent) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._refuse(event, f"more than {MAX_ALIASES} aliases", "write the values out")
        name = show(f"*{event.anchor}")
        if event.anchor not in self._anchors:
            self._refuse(event, f"alias {name} has no anchor", "quote it if it is a text")
        found = self._anchors[event.anchor]
        if found is None:
            self._refuse(event, f"alias {name} contains itself", "write the value out")
        if self._at_key() and found.height:
            self._refuse(event, "a mapping or list stands where a key should be", "use a text key")
        self._count(event, found.nodes, height=found.height)
        self._finish(event, found, None)

    def _finish(self, event: yaml.NodeEvent, found: _Anchored, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = found
        if self._at_key():
            self._take_key(event, found.value)
            return
        self.lines.setdefault(self._child_path(), _place(event)[0])
        self._attach(found)

    def _take_key(self, event: yaml.NodeEvent, key: Any) -> None:
        line = _place(event)[0]
        if not isinstance(key, str):
            self._refuse(event, f"key {show(key)} must be text", "quote it")
        parent = self._open[-1]
        if key in parent.key_lines:
            first = parent.key_lines[key]
            what = f"key '{key}' given twice (lines {first} and {line})"
            self._problems.add(UsageError(what, where=self._where(event), fix="remove one"))
        parent.key = key
        parent.key_lines[key] = line
        self.lines[(*parent.path, key)] = line

    def _attach(self, found: _Anchored) -> None:
        if not self._open:
            self.root = found.value
            return
        parent = self._open[-1]
        parent.height = max(parent.height, found.height + 1)
        if isinstance(parent.value, list):
            parent.value.append(found.value)
        elif parent.key is not None:
            parent.value[parent.key] = found.value
            parent.key = None

    def _at_key(self) -> bool:
        parent = self._open[-1] if self._open else None
        return parent is not None and isinstance(parent.value, dict) and parent.key is None

    def _child_path(self) -> KeyPath:
        if not self._open:
            return ()
        parent = self._open[-1]
        if isinstance(parent.value, list):
            return (*parent.path, len(parent.value))
        return (*parent.path, parent.key or "")

    def _count(self, event: yaml.NodeEvent, nodes: int, *, height: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._refuse(event, f"more than {MAX_NODES} values", "is this the right file?")
        if len(self._open) + height > MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels", "close the brackets")

    def _check_tag(
        self, event: yaml.CollectionStartEvent | yaml.ScalarEvent, known: frozenset[str]
    ) -> None:
        if event.tag is not None and event.tag not in known:
            self._refuse(event, f"the tag {show(event.tag)} is not read", "remove it")

    def _refuse(self, event: yaml.Event, what: str, fix: str) -> NoReturn:
        raise UsageError(what, where=self._where(event), fix=fix)

    def _where(self, event: yaml.Event) -> str:
        return "{}:{}:{}".format(self._name, *_place(event))


def _place(event: yaml.Event) -> tuple[int, int]:
    """Line and column, from 1; the parser marks every event, its types only do not say so."""
    mark = event.start_mark
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)
