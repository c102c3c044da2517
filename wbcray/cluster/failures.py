"""Why a worker failed, in words that can be recorded and compared."""

import errno
import re
from collections.abc import Iterator

import torch

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_MEMORY_TYPES = ("OutOfMemoryError", "MemoryError")
_MEMORY_TEXT = re.compile(r"can't allocate memory|out of memory|Cannot allocate memory")
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)

OUT_OF_MEMORY = "OutOfMemoryError: the worker was ended because the machine's memory ran out"
"""The reason of an attempt whose worker Ray's memory monitor ended."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, of a GPU or of the machine, here or in a worker."""
    return any(
        isinstance(one, torch.OutOfMemoryError | MemoryError)
        or type(one).__name__.partition("(")[2].rstrip(")") in _MEMORY_TYPES
        or type(one).__name__ in _MEMORY_TYPES  # Ray's own
        or (isinstance(one, RuntimeError) and bool(_MEMORY_TEXT.search(str(one))))
        for one in _chain(error)
    )


def tells_of_memory(reason: str) -> bool:
    """Whether an attempt's recorded reason ("Type: message") is that memory ran out."""
    kind, _, message = reason.partition(":")
    if kind.rpartition(".")[2] in _MEMORY_TYPES:
        return True
    return kind == "RuntimeError" and bool(_MEMORY_TEXT.search(message))


def is_full_disk(error: BaseException) -> bool:
    """Whether a disk was full, anywhere in the chain of causes."""
    return any(isinstance(one, OSError) and one.errno in _NO_SPACE for one in _chain(error))


def signature(state: str, reason: str) -> str:
    """What identical failures have in common: the first line, with all numbers alike."""
    return f"{state} {_NUMBER.sub('#', first_line(reason))}"


def first_line(text: str) -> str:
    """The first line of a reason, or that there is none."""
    return text.strip().partition("\n")[0] or "no reason is known"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        # Ray puts what happened in a worker under `cause`.
        inner = getattr(one, "cause", None)
        todo += [
            one.__cause__,
            one.__context__,
            inner if isinstance(inner, BaseException) else None,
        ]
