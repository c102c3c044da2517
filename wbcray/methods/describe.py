"""What there is, as plain data read from the code: methods, parts and hyper-parameters."""

import re
import sys
from dataclasses import dataclass

from wbcray.core.config import AXES, Axis, Composition
from wbcray.core.errors import unknown_name
from wbcray.core.hyper import Declared, Scalar
from wbcray.methods.compose import all_declared, default_composition
from wbcray.methods.parts import part_class, part_names
from wbcray.methods.presets import PRESETS


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDescription:
    """One hyper-parameter: dotted name, default, legal range in words, meaning."""

    name: str
    default: Scalar
    range: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartDescription:
    """One part on one axis; `title` and `summary` open its module's and its class's docstring."""

    axis: Axis
    name: str
    title: str
    summary: str
    citation: str
    paper: str
    parameters: tuple[ParameterDescription, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodDescription:
    """One preset; the defaults of `parameters` are the preset's."""

    name: str
    title: str
    paper: str
    note: str
    parts: tuple[tuple[Axis, str], ...]
    parameters: tuple[ParameterDescription, ...]


def describe_methods() -> tuple[MethodDescription, ...]:
    """All presets, in the table's order."""
    return tuple(describe_method(name) for name in PRESETS)


def describe_method(name: str) -> MethodDescription:
    """One preset.

    Raises:
        UsageError: For a name that is not in the table of presets.
    """
    if name not in PRESETS:
        raise unknown_name("method", name, PRESETS)
    preset = PRESETS[name]
    composition = default_composition(name)
    return MethodDescription(
        name=name,
        title=preset.title,
        paper=preset.paper,
        note=preset.note,
        parts=tuple(preset.parts.items()),
        parameters=tuple(item for axis in AXES for item in _parameters(composition, axis)),
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
    text = sys.modules[kind.__module__].__doc__ or ""
    address = re.search(r"https://[^\s,;)]*[^\s,;).]", text)
    return PartDescription(
        axis=axis,
        name=name,
        title=_first_line(text),
        summary=_first_line(kind.__doc__ or ""),
        citation=kind.citation,
        paper=address.group() if address else "",
        parameters=tuple(_described(item, item.default) for item in all_declared(axis, name)),
    )


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


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
