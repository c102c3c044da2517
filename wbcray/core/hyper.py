"""Declare a hyper-parameter beside the maths that uses it: default, legal range, meaning.

The declaration says what is *legal*; a search space (`search_spaces/*.yaml`) says what is
*searched* and may only narrow it.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, TypeVar

from wbcray.core.errors import UsageError, unknown_name

Scalar = float | int | str | bool
P = TypeVar("P")
_LARGEST_SHOWN = 1e300


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One hyper-parameter as its part declares it."""

    name: str
    kind: Literal["float", "int", "choice"]
    default: Scalar
    low: float | int = -math.inf
    high: float | int = math.inf
    log: bool = False
    choices: tuple[Scalar, ...] = ()
    help: str

    def describe_range(self) -> str:
        """The legal values in words, as `wbcray methods` prints them."""
        if self.kind == "choice":
            return " | ".join(map(str, self.choices))
        return f"{self.low:g} .. {self.high:g}{' (log)' if self.log else ''}"

    def check(self, value: Any, *, where: str) -> Scalar:
        """`value` as this parameter's type.

        Raises:
            UsageError: For the wrong type or a value outside the declared range.
        """
        if self.kind == "choice":
            if not any(value == choice and type(value) is type(choice) for choice in self.choices):
                raise unknown_name(
                    f"value of {self.name}", str(value), map(str, self.choices), where=where
                )
            return value  # type: ignore[no-any-return]  # it is one of the declared choices
        return self._check_number(value, where=where)

    def _check_number(self, value: Any, *, where: str) -> Scalar:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(
                f"{self.name} must be a number, got {value!r}",
                where=where,
                fix=f"give a value in {self.describe_range()}",
            )
        if self.kind == "int" and (not math.isfinite(value) or value != int(value)):
            raise UsageError(
                f"{self.name} must be a whole number, got {value!r}",
                where=where,
                fix=f"give a value in {self.describe_range()}",
            )
        if not self.low <= value <= self.high:
            # a whole number of hundreds of digits has no `:g`
            shown = f"{value:g}" if abs(value) < _LARGEST_SHOWN else "a number that is too large"
            raise UsageError(
                f"{self.name}={shown} is outside its declared range {self.describe_range()}",
                where=where,
                fix=f"choose a value in {self.describe_range()} (default {self.default})",
            )
        return int(value) if self.kind == "int" else float(value)


def as_scalar(text: str) -> Scalar:
    """A value from the command line: a number where it reads as one."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class NoParams:
    """The hyper-parameters of a part that has none."""


def hyper(
    default: float | int,
    low: float | int,
    high: float | int,
    *,
    log: bool = False,
    help: str,  # noqa: A002  # the word users know
) -> Any:
    """A numeric hyper-parameter; an `int` default makes it a whole number."""
    if not low <= default <= high:
        raise ValueError(f"default {default} is outside {low} .. {high}")
    if log and low <= 0:
        raise ValueError(f"a log range needs low > 0, got {low}")
    kind = "int" if isinstance(default, int) else "float"
    declaration = {"kind": kind, "low": low, "high": high, "log": log, "help": help}
    return field(default=default, metadata={"declared": declaration})


def choice(default: Scalar, choices: tuple[Scalar, ...], *, help: str) -> Any:  # noqa: A002  # the word users know
    """A hyper-parameter that is one of a few named values."""
    if default not in choices:
        raise ValueError(f"default {default!r} is not among {choices}")
    declaration = {"kind": "choice", "choices": choices, "help": help}
    return field(default=default, metadata={"declared": declaration})


def declared(params: type[Any], *, prefix: str = "") -> tuple[Declared, ...]:
    """What `params` declares, in order; names get `prefix` (`"penalty."`)."""
    found = []
    for item in fields(params):
        if "declared" not in item.metadata or item.default is MISSING:
            raise TypeError(f"{params.__name__}.{item.name} was not made by hyper() or choice()")
        found.append(
            Declared(name=prefix + item.name, default=item.default, **item.metadata["declared"])
        )
    return tuple(found)


def parse_params(
    params: type[P], values: Mapping[str, Any], *, where: str = "", prefix: str = ""
) -> P:
    """An instance of `params` from text-like input, every value checked."""
    known = {item.name: item for item in declared(params, prefix=prefix)}
    checked = {}
    for short, value in values.items():
        name = prefix + short
        if name not in known:
            raise unknown_name("hyper-parameter", name, known, where=where)
        checked[short] = known[name].check(value, where=where)
    return params(**checked)
