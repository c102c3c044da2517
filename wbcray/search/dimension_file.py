"""One entry under `params:` of a search space file, checked against what its part declares."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from wbcray.core.errors import UsageError, did_you_mean
from wbcray.core.hyper import Declared, Scalar
from wbcray.core.problems import require_scalar, show
from wbcray.core.yaml_file import Document
from wbcray.search.space import Condition, Dimension, contains

KEYS = ("low", "high", "log", "step", "choices", "when")
MAX_STEPS = 1_000_000
"""Finer steps are meant to be no steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The text of one parameter, what is legal for it, and where it is written."""

    document: Document
    legal: Declared
    given: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The parameter's dotted name."""
        return self.legal.name

    def where(self, *keys: str) -> str:
        """File and line of one of the entry's keys."""
        return self.document.where("params", self.name, *keys)

    def wrong(self, what: str, *keys: str, fix: str) -> UsageError:
        """The error for a mistake at `keys`."""
        return UsageError(f"search space '{self.name}': {what}", where=self.where(*keys), fix=fix)


def read_entry(document: Document, legal: Declared) -> Entry:
    """The entry of `legal` in `document`.

    Raises:
        UsageError: Unless it is a mapping with known keys.
    """
    given = document.data["params"][legal.name]
    entry = Entry(document=document, legal=legal, given=given if isinstance(given, dict) else {})
    if not isinstance(given, dict):
        numeric = "{low: ..., high: ...}"
        shape = "{choices: [...]}" if legal.kind == "choice" else numeric
        raise entry.wrong(f"must be a mapping, got {show(given)}", fix=f"write `{shape}`")
    for key in given:
        if key not in KEYS:
            raise entry.wrong(f"unknown key '{key}'", key, fix=did_you_mean(key, KEYS))
    return entry


def read_dimension(entry: Entry) -> Dimension:
    """The dimension of an entry, its `when` left out.

    Raises:
        UsageError: For a range that is empty, reversed, not declared, or cannot be searched.
    """
    if "choices" in entry.given:
        return replace(_choice(entry), written=entry.where())
    if entry.legal.kind == "choice":
        fix = f"write `choices: [...]` out of {entry.legal.describe_range()}"
        raise entry.wrong("is a choice and has no range", fix=fix)
    return replace(_range(entry), written=entry.where())


def read_conditions(entry: Entry, searched: Mapping[str, Dimension]) -> tuple[Condition, ...]:
    """The conditions of an entry on other `searched` parameters.

    Raises:
        UsageError: For a parameter that is not searched or a value that it cannot take.
    """
    given = entry.given.get("when", {})
    if not isinstance(given, dict):
        raise entry.wrong("'when' must be a mapping", "when", fix="write `when: {sampler: name}`")
    return tuple(
        (name, tuple(_allowed(entry, name, value, searched) for value in _listed(values)))
        for name, values in given.items()
    )


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) and values else [values]


def _allowed(entry: Entry, name: str, value: Any, searched: Mapping[str, Dimension]) -> Scalar:
    if name not in searched or name == entry.name:
        what = f"'when' names '{name}', which is not searched here"
        others = [other for other in searched if other != entry.name]
        drop = f"drop the condition, or search '{name}', too"
        fix = f"{did_you_mean(name, others)}; or {drop}" if others else drop
        raise entry.wrong(what, "when", name, fix=fix)
    parent = searched[name]
    if parent.kind != "choice":
        what = f"'when' names '{name}', which is a range"
        raise entry.wrong(what, "when", name, fix="conditions need a parameter with choices")
    if not isinstance(value, str | bool | int | float) or not contains(parent.choices, value):
        fix = did_you_mean(str(value)[:80], map(str, parent.choices))
        what = f"'{name}' is never {show(value)}"
        raise entry.wrong(what, "when", name, fix=fix)
    return next(choice for choice in parent.choices if contains((choice,), value))


def _choice(entry: Entry) -> Dimension:
    for key in ("low", "high", "log", "step"):
        if key in entry.given:
            raise entry.wrong(f"has choices and '{key}'", key, fix="keep one of the two")
    given = entry.given["choices"]
    if not isinstance(given, list) or not given:
        what = "choices are empty" if given in ([], None) else "choices must be a list"
        raise entry.wrong(what, "choices", fix=f"out of {entry.legal.describe_range()}")
    choices: list[Scalar] = []
    for value in given:
        where = entry.where("choices")
        scalar = require_scalar(value, name=entry.name, where=where)
        choice = entry.legal.check(scalar, where=where)
        if contains(choices, choice):
            raise entry.wrong(f"choice {show(choice)} stands twice", "choices", fix="remove one")
        choices.append(choice)
    default = entry.legal.default if contains(choices, entry.legal.default) else choices[0]
    return Dimension(name=entry.name, kind="choice", default=default, choices=tuple(choices))


def _range(entry: Entry) -> Dimension:
    legal = entry.legal
    low, high = _number(entry, "low", legal.low), _number(entry, "high", legal.high)
    if low > high:
        raise entry.wrong(f"low {low:g} > high {high:g}", "low", fix="swap them")
    for key, bound in (("low", low), ("high", high)):
        if not legal.low <= bound <= legal.high:
            what = f"{key}={bound:g} is outside the declared range {legal.describe_range()}"
            raise entry.wrong(what, key, fix="a search space may only narrow what is declared")
    log = entry.given.get("log", legal.log and "step" not in entry.given)
    if not isinstance(log, bool):
        raise entry.wrong(f"log must be true or false, got {show(log)}", "log", fix="e.g. true")
    if log and low <= 0:
        fix = "use a low such as 1e-8, or write `log: false`"
        raise entry.wrong("a log scale needs low > 0", "low", fix=fix)
    step = _step(entry, low, high, log=log) if "step" in entry.given else None
    bare = Dimension(
        name=entry.name,
        kind="int" if legal.kind == "int" else "float",
        default=low,
        low=low,
        high=high,
        log=log,
        step=step,
    )
    return replace(bare, default=bare.clip(legal.default))


def _number(entry: Entry, key: str, declared: float | int) -> float | int:
    value = require_scalar(
        entry.given.get(key, declared),
        name=f"search space '{entry.name}': {key}",
        where=entry.where(key),
    )
    if isinstance(value, str | bool):
        what = f"{key} must be a number, got {'text ' * isinstance(value, str)}{show(value)}"
        raise entry.wrong(what, key, fix=f"give a value in {entry.legal.describe_range()}")
    if entry.legal.kind == "float":
        return float(value)
    if value != int(value):
        raise entry.wrong(f"{key} must be a whole number, got {value}", key, fix="round it")
    return int(value)


def _step(entry: Entry, low: float | int, high: float | int, *, log: bool) -> float | int:
    step = _number(entry, "step", 1)
    if log:
        raise entry.wrong("a log scale has no step", "step", fix="drop 'step' or 'log'")
    if step <= 0:
        raise entry.wrong(f"step must be > 0, got {step:g}", "step", fix="e.g. 0.1")
    if (high - low) / step > MAX_STEPS:
        raise entry.wrong(f"more than {MAX_STEPS} steps", "step", fix="drop 'step'")
    width, exact = Decimal(str(high)) - Decimal(str(low)), Decimal(str(step))
    if width % exact:
        last = Decimal(str(low)) + width // exact * exact
        what = f"({high:g} - {low:g}) is not a multiple of step {step:g}"
        raise entry.wrong(what, "step", fix=f"the last value would be {last}: write `high: {last}`")
    return step
