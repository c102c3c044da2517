"""A search space: which hyper-parameters vary, in which range, and under which condition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any, Literal

from wbcray.core.digest import digest
from wbcray.core.hyper import Scalar

SamplerName = Literal["tpe", "random", "grid", "gp", "qmc"]
SchedulerName = Literal["asha", "none"]
DEFAULT_OBJECTIVE = "val/macro_f1"
Condition = tuple[str, tuple[Scalar, ...]]
"""A parameter's name and the values of it that let another one vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One searched hyper-parameter.

    Attributes:
        name: Dotted name (`penalty.weight`), or an axis (`sampler`).
        default: Where nothing better is known; always inside the searched range.
        low: Lower end of a number, included.
        high: Upper end of a number, included; a whole number of steps above `low`.
        choices: The values of a choice; numbers may be choices too.
        when: All of these must hold for the parameter to exist in a trial.
        written: Where it is written, for error messages; no part of what is searched.
    """

    name: str
    kind: Literal["float", "int", "choice"]
    default: Scalar
    low: float | int = 0.0
    high: float | int = 0.0
    log: bool = False
    step: float | int | None = None
    choices: tuple[Scalar, ...] = ()
    when: tuple[Condition, ...] = ()
    written: str = field(default="", compare=False)

    def active(self, values: Mapping[str, Scalar]) -> bool:
        """Whether the parameter exists beside `values`; its conditions' parameters come first."""
        return all(
            name in values and contains(allowed, values[name]) for name, allowed in self.when
        )

    def clip(self, value: Scalar) -> Scalar:
        """The nearest searched value; for a choice that is not searched, the default."""
        if self.kind == "choice":
            return value if contains(self.choices, value) else self.default
        if isinstance(value, str | bool):
            return self.default
        inside = min(max(value, self.low), self.high)
        if self.step is not None:
            # decimal, because 0.1 * 3 is not 0.3
            low, step = Decimal(str(self.low)), Decimal(str(self.step))
            inside = float(low + step * round((Decimal(str(inside)) - low) / step))
        return round(inside) if self.kind == "int" else float(inside)

    def ends(self) -> tuple[Scalar, ...]:
        """All choices, or both ends of the range."""
        return self.choices or (self.low, self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How a space is searched.

    Attributes:
        sampler: Who proposes the next configuration.
        seed: Starts the sampler's random stream.
        scheduler: Who stops trials early.
        grace_epochs: Epochs, over all folds, before a trial may be stopped.
        reduction_factor: One in so many trials passes each rung.
    """

    sampler: SamplerName = "tpe"
    seed: int = 0
    scheduler: SchedulerName = "asha"
    grace_epochs: int = 2
    reduction_factor: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSpace:
    """The searched hyper-parameters of one method.

    Attributes:
        dimensions: In an order in which a condition's parameter comes before whom it rules.
        objective: The score to maximise, read from the source domains' validation folds.
    """

    method: str
    dimensions: tuple[Dimension, ...]
    settings: SearchSettings
    objective: str = DEFAULT_OBJECTIVE

    @property
    def names(self) -> tuple[str, ...]:
        """The searched parameters."""
        return tuple(dimension.name for dimension in self.dimensions)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        found = asdict(self)
        for dimension in found["dimensions"]:
            del dimension["written"]
        return found

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "SearchSpace":
        """The space that `as_json` wrote.

        Raises:
            KeyError, TypeError: For values that it did not write.
        """
        return cls(
            method=data["method"],
            dimensions=tuple(_dimension(item) for item in data["dimensions"]),
            settings=SearchSettings(**data["settings"]),
            objective=data["objective"],
        )

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with anything that changes the search."""
        return digest(self.as_json())


def contains(values: Sequence[Scalar], value: Scalar) -> bool:
    """Whether `value` is among `values`, without Python's `True == 1`."""
    return any(
        item == value and isinstance(item, bool) == isinstance(value, bool) for item in values
    )


def default_params(space: SearchSpace, defaults: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The configuration of trial 0: `defaults`, clipped into the searched ranges.

    A parameter without an entry (its part is not the default one) takes its declared default.
    """
    return _filled(space, defaults)


def fixing(space: SearchSpace, values: Mapping[str, Scalar]) -> SearchSpace:
    """`space` without the parameters in `values`, which are held at these values.

    Conditions on them are settled: what they rule out is dropped, what they allow is kept.
    """
    kept: list[Dimension] = []
    searched: set[str] = set()
    for dimension in space.dimensions:
        settled = [item for item in dimension.when if item[0] not in searched]
        if dimension.name in values or not replace(dimension, when=tuple(settled)).active(values):
            continue
        searched.add(dimension.name)
        open_conditions = tuple(item for item in dimension.when if item[0] in searched)
        kept.append(replace(dimension, when=open_conditions))
    return replace(space, dimensions=tuple(kept))


def examples(space: SearchSpace) -> Iterator[dict[str, Scalar]]:
    """A few configurations that take both ends of every range and every pair of choices.

    Building each of them before the first trial shows whether a method accepts all of the space:
    parts that cannot work together are two, and where they stand under conditions these are met.
    """
    known = {dimension.name: dimension for dimension in space.dimensions}
    for dimension in space.dimensions:
        for value in dimension.ends():
            yield _filled(space, _needed(dimension, known) | {dimension.name: value})
    choices = [dimension for dimension in space.dimensions if dimension.kind == "choice"]
    for one, other in combinations(choices, 2):
        needed = _needed(one, known) | _needed(other, known)
        for first, second in product(one.choices, other.choices):
            yield _filled(space, needed | {one.name: first, other.name: second})


def _dimension(item: Mapping[str, Any]) -> Dimension:
    when = tuple((name, tuple(allowed)) for name, allowed in item["when"])
    return Dimension(**{**item, "choices": tuple(item["choices"]), "when": when})


def _needed(dimension: Dimension, known: Mapping[str, Dimension]) -> dict[str, Scalar]:
    """Values of other parameters under which `dimension` is active."""
    needed: dict[str, Scalar] = {}
    for name, allowed in dimension.when:
        needed |= _needed(known[name], known) | {name: allowed[0]}
    return needed


def _filled(space: SearchSpace, wanted: Mapping[str, Scalar]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for dimension in space.dimensions:
        if dimension.active(values):
            values[dimension.name] = dimension.clip(wanted.get(dimension.name, dimension.default))
    return values
