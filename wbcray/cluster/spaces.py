"""The search space of any method: a preset's file, and what changes or choices make of it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wbcray.core.config import AXES, AugmentConfig, Axis, OptimizerConfig
from wbcray.core.errors import UsageError, unknown_name
from wbcray.core.hyper import declared
from wbcray.methods.compose import all_declared, declared_of, default_composition
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS
from wbcray.methods.variant import changes_of, preset_of
from wbcray.search.layers import find_space
from wbcray.search.space import Dimension, SearchSpace, fixing
from wbcray.search.space_file import load_space as load


def load_space(method: str, directory: Path | None) -> SearchSpace:
    """The search space of `method`, checked against what its parts declare.

    A preset with changes is searched as the preset is: what is changed is held, and a part that
    came with a change is searched as by the first preset that has it.

    Raises:
        UsageError: Naming the problems of the file, each with its line.
    """
    preset, changes = preset_of(method), changes_of(method)
    space = _of_preset(preset, directory)
    for axis in AXES:
        if axis in changes:
            part = str(changes[axis])
            more = _dimensions_of(axis, part, directory)
            space = replace(space, dimensions=_without(space, axis) + more)
    return replace(fixing(space, changes), method=method)


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
    )
    under = [
        replace(item, when=((axis, (part,)),))
        for part in choice.choices
        for item in _dimensions_of(axis, str(part), directory)
    ]
    return replace(space, dimensions=(choice, *_without(space, axis), *_merged(under)))


def _merged(dimensions: Sequence[Dimension]) -> list[Dimension]:
    """One dimension for each name; where parts share a name, the range of the first."""
    merged: dict[str, Dimension] = {}
    for item in dimensions:
        first = merged.setdefault(item.name, item)
        if first is not item:
            (axis, parts), (_, more) = first.when[0], item.when[0]
            merged[item.name] = replace(first, when=((axis, parts + more),))
    return list(merged.values())


def _without(space: SearchSpace, axis: Axis) -> tuple[Dimension, ...]:
    """The dimensions that say nothing about `axis`."""
    return tuple(item for item in space.dimensions if item.name.partition(".")[0] != axis)


def _dimensions_of(axis: Axis, part: str, directory: Path | None) -> tuple[Dimension, ...]:
    """How the first preset with `part` on `axis` searches it."""
    owner = next((name for name, item in PRESETS.items() if item.parts[axis] == part), None)
    if owner is None:
        return ()
    space = fixing(_of_preset(owner, directory), {axis: part})
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
    )
