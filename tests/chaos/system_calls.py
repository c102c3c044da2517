"""The calls with which Python changes or reads files, recorded one by one, and broken one by one.

Every writer is caught, whichever functions it uses, because the functions of `os` and the opening
of files are wrapped and not the writers. A call below `root` is a point; the n-th is broken.
"""

# ruff: noqa: PTH115, PTH118, PTH109, C901  # pathlib would be too much here
import builtins
import errno
import io
import os
from collections.abc import Callable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

KILLED = 137


class Killed(BaseException):
    """The process is no more: from here on no call of it reaches the disk."""


def die_by_exception():
    """The cheap model of a kill; `die_by_exit` is the real thing, for a forked child."""
    raise Killed


def die_by_exit():
    """Leave at once: no handler, no `finally`, no buffer."""
    os._exit(KILLED)


WRITING = ("kill before", "kill after", "ENOSPC", "EIO", "EIO after")
"""How a call that changes files is broken."""

HALVES = ("short write", "short write and kill")
"""How a write is broken besides."""

READING = ("EIO",)
"""How a call that only reads is broken: an error that passes, not an absent file."""

_PATHS = ("mkdir", "rmdir", "unlink", "remove", "truncate")
_PAIRS = ("link", "rename", "replace", "symlink")
_FILES = ("write", "fsync", "fdatasync", "ftruncate")
_READS = ("scandir", "listdir")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its name, the paths it is about, relative to the root, and what was written."""

    name: str
    paths: tuple[str, ...]
    data: bytes = b""

    @property
    def modes(self):
        """How it can be broken."""
        if self.name in ("read", *_READS):
            return READING
        return (*WRITING, *HALVES) if self.name == "write" else WRITING


@dataclass(slots=True)
class Recorder:
    """Every call below `root`; the one with number `nth` is broken by `mode`.

    `done` are the numbers of those that did what they were called for: a link to a name that is
    taken does not.
    """

    root: Path
    nth: int = -1
    mode: str = ""
    die: Callable[[], None] = die_by_exception
    dead: bool = False
    calls: list[Call] = field(default_factory=list)
    done: set[int] = field(default_factory=set)

    def __call__(self, call, do, half=None):
        """Note `call`, and `do` it, unless it is the one to break."""
        if self.dead:
            raise Killed
        number = len(self.calls)
        self.calls.append(call)
        if number != self.nth:
            result = do()
            self.done.add(number)
            return result
        match self.mode:
            case "kill before":
                self._kill()
            case "kill after":
                with suppress(OSError):
                    do()
                self._kill()
            case "ENOSPC" | "EIO":
                raise self._error(call)
            case "EIO after":
                do()
                raise self._error(call)
            case "short write":
                return half()
            case "short write and kill":
                with suppress(OSError):
                    half()
                self._kill()
        raise ValueError(self.mode)

    def _kill(self):
        self.dead = True
        self.die()

    def _error(self, call):
        code = errno.ENOSPC if self.mode == "ENOSPC" else errno.EIO
        return OSError(code, os.strerror(code), str(self.root / call.paths[0]))

    def inside(self, *paths):
        """`paths` relative to the root, or None when the first lies elsewhere."""
        found = []
        for given in paths:
            path = os.readlink(f"/proc/self/fd/{given}") if isinstance(given, int) else given
            full = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))
            if full != str(self.root) and not full.startswith(f"{self.root}/"):
                return None
            found.append(os.path.relpath(full, self.root))
        return tuple(found)


@contextmanager
def recorded(root, *, nth=-1, mode="", die=die_by_exception):
    """Wrap everything, and give the recorder; `nth` counts from 0."""
    recorder = Recorder(root=Path(root).resolve(), nth=nth, mode=mode, die=die)
    with ExitStack() as undo:

        def put(module, name, call):
            undo.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, call)

        for name in (*_PATHS, *_READS):
            put(os, name, _wrapped(recorder, name, getattr(os, name), paths=1))
        for name in _PAIRS:
            put(os, name, _wrapped(recorder, name, getattr(os, name), paths=2))
        for name in _FILES:
            put(os, name, _of_descriptor(recorder, name, getattr(os, name)))
        put(os, "open", _opening(recorder, os.open))
        opening = _file_opening(recorder, io.open)
        put(builtins, "open", opening)
        put(io, "open", opening)
        yield recorder


def _wrapped(recorder, name, real, *, paths):
    def call(*arguments, **options):
        inside = recorder.inside(*arguments[:paths]) if arguments else None
        if inside is None:
            return real(*arguments, **options)
        return recorder(Call(name, inside), lambda: real(*arguments, **options))

    return call


def _of_descriptor(recorder, name, real):
    def call(descriptor, *rest):
        inside = recorder.inside(descriptor if isinstance(descriptor, int) else descriptor.fileno())
        if inside is None:
            return real(descriptor, *rest)
        data = bytes(rest[0]) if name == "write" else b""
        return recorder(
            Call(name, inside, data),
            lambda: real(descriptor, *rest),
            lambda: real(descriptor, data[: len(data) // 2]),
        )

    return call


def _opening(recorder, real):
    def call(path, flags, *rest, **options):
        inside = None if isinstance(path, int) else recorder.inside(path)
        changing = flags & (os.O_CREAT | os.O_TRUNC)
        if inside is None or not changing:
            return real(path, flags, *rest, **options)
        return recorder(Call("create", inside), lambda: real(path, flags, *rest, **options))

    return call


def _file_opening(recorder, real):
    def call(file, mode="r", *rest, **options):
        inside = None if isinstance(file, int) else recorder.inside(file)
        if inside is None:
            return real(file, mode, *rest, **options)
        if mode.strip("bt") == "r":
            return recorder(Call("read", inside), lambda: real(file, mode, *rest, **options))
        opened = recorder(Call("create", inside), lambda: real(file, mode, *rest, **options))
        return _Written(recorder, opened, inside)

    return call


class _Written:
    """A file that was opened for writing; its writes are points, at once on the disk."""

    def __init__(self, recorder, file, inside):
        self._recorder, self._file, self._inside = recorder, file, inside

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def write(self, data):
        def put(part):
            count = self._file.write(part)
            self._file.flush()
            return count

        def half():
            put(data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._inside[0])

        text = data.encode() if isinstance(data, str) else bytes(data)
        return self._recorder(Call("write", self._inside, text), lambda: put(data), half)
