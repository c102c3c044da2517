"""What there is, as plain data read from the code: methods, parts and hyper-parameters."""

import inspect
import re
import sys
from dataclasses import dataclass
from typing import Any

from wbcray.core.config import AXES, Axis, Composition
from wbcray.core.hyper import Declared, Scalar
from wbcray.methods.compose import all_declared, changes_from, default_composition
from wbcray.methods.fitness import domains_needed
from wbcray.methods.parts import part_class, part_names
from wbcray.methods.presets import PRESETS
from wbcray.methods.variant import preset_of

_DIFFERS = re.compile(r"(?:^|(?<=[.;)]\s))Differs from\b.*", flags=re.DOTALL)
"""What a paragraph of a docstring says from there on is about the paper or another code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDescription:
    """One hyper-parameter: dotted name, default, legal range in words, meaning."""

    name: str
    default: Scalar
    range: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDescription:
    """One part on one axis; `title` and `summary` open its module's and its class's docstring.

    Attributes:
        about: The docstring of the class, without the differences.
        source: That of the module, without its title and the differences.
        differences: What both say from "Differs from" to the end of a paragraph.
        formula: One line of maths.
        cost: What it adds to a training step.
        marks: What a reader of results must know, in a few words each.
    """

    axis: Axis
    name: str
    title: str
    summary: str
    citation: str
    paper: str
    parameters: tuple[ParameterDescription, ...]
    about: str
    source: str
    differences: str
    formula: str
    cost: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDescription:
    """One preset; the defaults of `parameters` are the preset's.

    `changes` are the parts and values that differ from those of the baseline, as `--set` takes
    them.
    """

    name: str
    title: str
    paper: str
    note: str
    parts: tuple[tuple[Axis, str], ...]
    parameters: tuple[ParameterDescription, ...]
    changes: tuple[str, ...]


def describe_methods() -> tuple[MethodDescription, ...]:
    """All presets, in the table's order."""
    return tuple(describe_method(name) for name in PRESETS)


def describe_method(name: str) -> MethodDescription:
    """One preset, or a preset with changes.

    Raises:
        UsageError: For a method that cannot be made.
    """
    composition = default_composition(name)
    preset = PRESETS[preset_of(name)]
    return MethodDescription(
        name=composition.name,
        title=preset.title if name in PRESETS else f"{preset.title}, with changes",
        paper=preset.paper,
        note=preset.note if name in PRESETS else "",
        parts=tuple((axis, composition.part(axis).name) for axis in AXES),
        parameters=tuple(item for axis in AXES for item in _parameters(composition, axis)),
        changes=_changes(composition),
    )


def describe_parts() -> tuple[PartDescription, ...]:
    """All parts, axis by axis."""
    return tuple(describe_part(axis, name) for axis in AXES for name in part_names(axis))


def describe_part(axis: Axis, name: str) -> PartDescription:
    """One part.

    Raises:
        UsageError: For a name that is not in the table of parts.
    """
    kind = part_class(axis, name)
    module = inspect.cleandoc(sys.modules[kind.__module__].__doc__ or "")
    address = re.search(r"https://[^\s,;)]*[^\s,;).]", module)
    title, _, rest = module.partition("\n")
    source, others = _without_differences(rest.strip())
    about, own = _without_differences(inspect.cleandoc(kind.__doc__ or ""))
    return PartDescription(
        axis=axis,
        name=name,
        title=title,
        summary=about.partition("\n")[0],
        citation=kind.citation,
        paper=address.group() if address else "",
        parameters=tuple(_described(item, item.default) for item in all_declared(axis, name)),
        about=about,
        source=source,
        differences=" ".join((*others, *own)),
        formula=kind.formula,
        cost=kind.cost,
        marks=_marks(axis, name, kind),
    )


def axes_of(name: str) -> tuple[Axis, ...]:
    """The axes that have a part of this name."""
    return tuple(axis for axis in AXES if name in part_names(axis))


def _changes(composition: Composition) -> tuple[str, ...]:
    changes = changes_from(default_composition("erm"), composition)
    return tuple(f"{name}={value}" for name, value in changes.items())


def _marks(axis: Axis, name: str, kind: type[Any]) -> tuple[str, ...]:
    """What the class attributes of the interfaces say, in words."""
    needed, level = domains_needed(axis, name), getattr(kind, "level", "none")
    marks = {
        f"compares {needed} or more source domains": needed > 1,
        f"mixes {level}": level != "none",
        "mixes labels": getattr(kind, "mixes_labels", False),
        "test-time adaptation": getattr(kind, "adapts", False),
        "also changes the images that are judged": getattr(kind, "in_evaluation", False),
        "needs a linear classifier": getattr(kind, "linear_only", False),
    }
    return tuple(text for text, holds in marks.items() if holds)


def _without_differences(text: str) -> tuple[str, tuple[str, ...]]:
    """The paragraphs of a docstring, and what they say about differences."""
    kept, differences = [], []
    for paragraph in text.split("\n\n"):
        found = _DIFFERS.search(paragraph)
        if found:
            differences.append(" ".join(found.group().split()))
        kept.append(_DIFFERS.sub("", paragraph).rstrip())
    return "\n\n".join(paragraph for paragraph in kept if paragraph), tuple(differences)


def _parameters(composition: Composition, axis: Axis) -> tuple[ParameterDescription, ...]:
    part = composition.part(axis)
    return tuple(
        _described(item, part.values[item.name.removeprefix(f"{axis}.")])
        for item in all_declared(axis, part.name)
    )


def _described(item: Declared, default: Scalar) -> ParameterDescription:
    return ParameterDescription(
        name=item.name, default=default, range=item.describe_range(), meaning=item.help
    )
