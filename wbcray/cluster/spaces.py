"""The search space of any method: a preset's file, and what changes or choices make of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from wbcray.core.config import AXES, AugmentConfig, Axis, OptimizerConfig
from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.hyper import Scalar, declared
from wbcray.methods.compose import all_declared, declared_of, default_composition
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS
from wbcray.methods.variant import changes_of, preset_of
from wbcray.search.layers import find_space
from wbcray.search.space import Dimension, SearchSpace, fixing
from wbcray.search.space_file import load_space as load
from wbcray.training.objective import OBJECTIVES


def load_space(method: str, directory: Path | None) -> SearchSpace:
    """The search space of `method`, checked against what its parts declare.

    A preset with changes is searched as the preset is: what is changed is held, and a part that
    came with a change is searched as by the first preset that has it.

    Raises:
        UsageError: Naming the problems of the file, each with its line.
    """
    preset, changes = preset_of(method), changes_of(method)
    return replace(holding(_of_preset(preset, directory), changes, directory), method=method)


def holding(
    space: SearchSpace, values: Mapping[str, Scalar], directory: Path | None
) -> SearchSpace:
    """`space` with these parts and hyper-parameters held, other parts searched as by `load_space`.

    Raises:
        UsageError: As `load_space`.
    """
    for axis in AXES:
        if axis in values:
            dimensions = _with_part(space, axis, str(values[axis]), directory)
            space = replace(space, dimensions=dimensions)
    return fixing(space, values)


def with_choice(
    space: SearchSpace, axis: str, parts: Sequence[str], directory: Path | None
) -> SearchSpace:
    """`space` in which `axis` is one of `parts`, each searched as by the first preset with it.

    Raises:
        UsageError: For an axis or a part that does not exist.
    """
    if axis not in AXES:
        raise unknown_name("axis", axis, AXES, where="--search")
    for part in parts:
        if part not in part_names(axis):
            raise unknown_name(axis, part, part_names(axis), where=f"--search {axis}=")
    if len(set(parts)) < 2:  # noqa: PLR2004  # a choice
        raise UsageError(
            f"to search the {axis}, give two or more parts",
            where=f"--search {axis}={','.join(parts)}",
            fix=f"parts: {', '.join(part_names(axis))}; to hold one, use --{axis}",
        )
    own = default_composition(space.method).part(axis).name
    choice = Dimension(
        name=axis,
        kind="choice",
        default=own if own in parts else parts[0],
        choices=tuple(dict.fromkeys(parts)),
        written=f"--search {axis}={','.join(parts)}",
    )
    under = [
        replace(item, when=((axis, (part,)),))
        for part in choice.choices
        for item in _dimensions_of(axis, str(part), directory)
    ]
    return replace(space, dimensions=(choice, *_without(space, axis), *_merged(under)))


def _merged(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """One dimension for each name; where parts share a name, the range that holds both theirs.

    Raises:
        UsageError: Where one is searched on a logarithmic scale and the other is not, or the like.
    """
    merged: dict[str, Dimension] = {}
    for item in dimensions:
        first = merged.setdefault(item.name, item)
        if first is not item:
            merged[item.name] = _hull(first, item)
    return list(merged.values())


def _hull(a: Dimension, b: Dimension) -> Dimension:
    (axis, parts), (_, more) = a.when[0], b.when[0]
    if (a.kind, a.log, a.step, a.choices) != (b.kind, b.log, b.step, b.choices):
        raise UsageError(
            f"'{parts[0]}' and '{more[0]}' search {a.name} in ways that do not fit together",
            where=f"--search {axis}=",
            fix="search them as methods of their own, each in its own study",
        )
    when = ((axis, parts + more),)
    return replace(a, low=min(a.low, b.low), high=max(a.high, b.high), when=when)


def _with_part(
    space: SearchSpace, axis: Axis, part: str, directory: Path | None
) -> tuple[Dimension, ...]:
    """The dimensions of `space` if `part` is held on `axis`."""
    own = default_composition(space.method).part(axis).name
    searched = next((item for item in space.dimensions if item.name == axis), None)
    if part == own or (searched is not None and part in searched.choices):
        return space.dimensions
    others = {item.name for item in all_declared(axis, own)} | {axis}
    kept = tuple(
        item
        for item in space.dimensions
        # what the method's own part does not have was written for another one
        if item.name.partition(".")[0] != axis or (item.name not in others and searched is None)
    )
    names = {item.name for item in kept}
    more = (item for item in _dimensions_of(axis, part, directory) if item.name not in names)
    return (*kept, *more)


def _without(space: SearchSpace, axis: Axis) -> tuple[Dimension, ...]:
    """The dimensions that say nothing about `axis`."""
    return tuple(item for item in space.dimensions if item.name.partition(".")[0] != axis)


def _dimensions_of(axis: Axis, part: str, directory: Path | None) -> tuple[Dimension, ...]:
    """How the first preset with `part` on `axis` searches it."""
    owner = next((name for name, item in PRESETS.items() if item.parts[axis] == part), None)
    if owner is None:
        return ()
    # a folder of one's own need not have a file for every part
    own = directory is not None and (directory / f"{owner}.yaml").is_file()
    space = fixing(_of_preset(owner, directory if own else None), {axis: part})
    return tuple(item for item in space.dimensions if item.name.startswith(f"{axis}."))


def _of_preset(preset: str, directory: Path | None) -> SearchSpace:
    items = [
        item for axis in AXES for part in part_names(axis) for item in all_declared(axis, part)
    ]
    # Parts of one axis may share a name (`penalty.weight`): the method's own come last and count.
    items += declared_of(default_composition(preset))
    items += declared(OptimizerConfig, prefix="optimizer.")
    items += declared(AugmentConfig, prefix="augment.")
    return load(
        find_space(preset, directory),
        method=preset,
        declared={item.name: item for item in items},
        choices_of_axis={axis: part_names(axis) for axis in AXES},
        objectives=tuple(OBJECTIVES),
    )
