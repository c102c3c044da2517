"""The point between two parameter sets, number by number."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")

MIDDLE = 0.5


def blend(first: T, second: T, share: float) -> T:
    """`first` moved by `share` towards `second`, over nested dataclasses and tuples.

    Numbers are mixed linearly and whole numbers rounded. Whatever cannot be mixed (names, flags,
    tuples of different length) is taken from the nearer of the two.
    """
    mixed: Any = _blend(first, second, share)
    return mixed  # type: ignore[no-any-return]  # the same type as both by construction


def _blend(first: Any, second: Any, share: float) -> Any:
    if type(first) is not type(second) or isinstance(first, bool | str):
        return first if share < MIDDLE else second
    if isinstance(first, float):
        return (1 - share) * first + share * second
    if isinstance(first, int):
        return round((1 - share) * first + share * second)
    if isinstance(first, tuple) and len(first) == len(second):
        return tuple(_blend(a, b, share) for a, b in zip(first, second, strict=True))
    if is_dataclass(first) and not isinstance(first, type):
        names = [item.name for item in fields(first)]
        mixed = {name: _blend(getattr(first, name), getattr(second, name), share) for name in names}
        return replace(first, **mixed)
    return first if share < MIDDLE else second
