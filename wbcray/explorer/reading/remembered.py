"""Answers of costly functions of a run's tables, kept for the views that ask the same again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from inspect import signature
from typing import Concatenate, ParamSpec, TypeVar, final

import pandas as pd

from wbcray.explorer.reading.tables import RunTables

P = ParamSpec("P")
T = TypeVar("T")

KEPT = 8
"""Answers of each function; two splits with two scores and two references, say."""

Question = Callable[Concatenate[RunTables, P], T]


def remembered(*reads: str) -> Callable[[Question[P, T]], Question[P, T]]:
    """A function of tables with its last answers kept by its arguments, which must be hashable.

    Tables are told apart by the identity of what it reads of them, which never changes: a filter of
    trials leaves the cells as they are. Every caller gets a frame of its own: it shares its data
    with the kept one until somebody writes into it (copy-on-write of pandas 3).

    Args:
        reads: Names of attributes of `RunTables`, all that the function looks at.
    """

    def keep(make: Question[P, T]) -> Question[P, T]:
        @lru_cache(maxsize=KEPT)
        def kept(read: _Read, *args: object, **kwargs: object) -> T:
            return make(read.tables, *args, **kwargs)  # type: ignore[arg-type]  # as `ask` got them

        form = signature(make)

        @wraps(make)
        def ask(tables: RunTables, /, *args: P.args, **kwargs: P.kwargs) -> T:
            given = form.bind(tables, *args, **kwargs)
            given.apply_defaults()  # so that a default is the same answer, named or not
            answer = kept(_Read(tables, reads), *given.args[1:], **given.kwargs)
            return answer.copy(deep=False) if isinstance(answer, pd.DataFrame) else answer

        return ask

    return keep


@final
class _Read:
    """Tables that are the same where what is read of them is the same."""

    __slots__ = ("_parts", "tables")

    def __init__(self, tables: RunTables, reads: tuple[str, ...]) -> None:
        self.tables = tables
        self._parts = tuple(id(getattr(tables, name)) for name in reads)  # `tables` keeps them

    def __hash__(self) -> int:
        return hash(self._parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Read) and self._parts == other._parts
