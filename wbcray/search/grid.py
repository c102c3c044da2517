"""The points of a grid search: every combination of a few values, without idle repetitions.

A parameter whose condition does not hold is absent from a point, so that `sampler: domain` counts
once, however many values `sampler.exponent` has under `sampler: balanced`.
"""

import math
from collections.abc import Iterator, Mapping

from wbcray.core.errors import UsageError
from wbcray.core.hyper import Scalar
from wbcray.search.space import Dimension, SearchSpace

POINTS = 5
"""Values taken from a range without a step, ends included, evenly spaced on its scale."""
MAX_POINTS = 100_000


def grid_values(dimension: Dimension) -> tuple[Scalar, ...]:
    """The values of one parameter in a grid: its choices, its steps, or 5 even points.

    Raises:
        UsageError: For a step with more values than a grid may have points.
    """
    if dimension.kind == "choice":
        return dimension.choices
    low, high = dimension.low, dimension.high
    count = POINTS
    if dimension.step is not None:
        count = round((high - low) / dimension.step) + 1
        if count > MAX_POINTS:
            raise _too_large(f"{dimension.name} alone has {count} values")
    shares = [number / max(count - 1, 1) for number in range(count)]
    if dimension.log:
        inner = [math.exp((1 - s) * math.log(low) + s * math.log(high)) for s in shares[1:-1]]
    else:
        inner = [(1 - s) * low + s * high for s in shares[1:-1]]
    # neighbours of a narrow whole-number range round to the same value
    return tuple(dict.fromkeys(dimension.clip(value) for value in (low, *inner, high)))


def grid_points(space: SearchSpace) -> tuple[dict[str, Scalar], ...]:
    """All points of the grid over `space`.

    Raises:
        UsageError: For more than 100 000 points.
    """
    values = {dimension.name: grid_values(dimension) for dimension in space.dimensions}
    points: list[dict[str, Scalar]] = []
    for point in _combinations(space.dimensions, values, {}):
        points.append(point)
        if len(points) > MAX_POINTS:
            raise _too_large(f"it has more than {MAX_POINTS} points")
    return tuple(points)


def _combinations(
    dimensions: tuple[Dimension, ...],
    values: Mapping[str, tuple[Scalar, ...]],
    chosen: dict[str, Scalar],
) -> Iterator[dict[str, Scalar]]:
    if not dimensions:
        yield dict(chosen)
        return
    first, rest = dimensions[0], dimensions[1:]
    if not first.active(chosen):
        yield from _combinations(rest, values, chosen)
        return
    for value in values[first.name]:
        yield from _combinations(rest, values, chosen | {first.name: value})


def _too_large(reason: str) -> UsageError:
    return UsageError(
        f"the grid is too large: {reason}",
        where="search.sampler: grid",
        fix="write fewer choices or a wider step, or use `sampler: random`",
    )
