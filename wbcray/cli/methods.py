"""`wbcray methods`: what there is, read from the code."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table
from wbcray.core.config import AXES, Axis
from wbcray.core.errors import unknown_name

if TYPE_CHECKING:
    from wbcray.methods.describe import ParameterDescription

_WIDTH = 100
_WHERE = "wbcray methods"


def methods(
    name: Annotated[
        str | None,
        typer.Argument(help="A method, a part, or axis=part; everything if left out."),
    ] = None,
    *,
    json: opt.Json = False,
) -> None:
    """List the methods and parts, or describe one: formula, parameters, ranges, paper, cost."""
    from wbcray.methods.describe import axes_of
    from wbcray.methods.parts import PARTS, part_names
    from wbcray.methods.presets import PRESETS

    if name is None:
        _everything(json=json)
        return
    axis, equals, part = name.partition("=")
    if "+" in name:
        from wbcray.methods.compose import default_composition
        from wbcray.methods.fitness import check_parts

        method = opt.methods_of((name,), where=_WHERE)[0]
        check_parts(default_composition(method), where=f"{_WHERE} {name}")
        _show_method(method, json=json)
    elif equals:
        if axis not in AXES:
            raise unknown_name("axis", axis, AXES, where=_WHERE)
        if part not in part_names(axis):
            raise unknown_name(axis, part, part_names(axis), where=_WHERE)
        _show_part(axis, part, json=json)
    elif name in PRESETS:
        _show_method(name, json=json)
    elif axes := axes_of(name):
        _show_parts(name, axes, json=json)
    else:
        parts = (part for table in PARTS.values() for part in table)
        raise unknown_name("method or part", name, {*PRESETS, *parts}, where=_WHERE)


def _everything(*, json: bool) -> None:
    from wbcray.methods.describe import describe_methods, describe_parts

    everything, parts = describe_methods(), describe_parts()
    if json:
        print_json(
            {"methods": [asdict(m) for m in everything], "parts": [asdict(p) for p in parts]}
        )
        return
    print_table(
        "methods",
        ("method", "what it is", "paper"),
        [(m.name, m.title, m.paper) for m in everything],
    )
    print_table(
        "parts",
        ("axis", "part", "what it is", "note"),
        [(part.axis, part.name, part.summary, ", ".join(part.marks)) for part in parts],
    )


def _show_method(name: str, *, json: bool) -> None:
    from wbcray.methods.describe import axes_of, describe_method, describe_part

    described = describe_method(name)
    parts = [describe_part(axis, part) for axis, part in described.parts]
    if json:
        print_json(asdict(described) | {"active_parts": [asdict(part) for part in parts]})
        return
    print_table(
        f"{described.name}: {described.title}",
        ("axis", "part", "formula", "cost"),
        [(part.axis, part.name, part.formula, part.cost) for part in parts],
    )
    _print_parameters(described.parameters)
    _print_line("paper", described.paper)
    _print_line("differs from erm in", ", ".join(described.changes))
    for part in parts:
        _print_line(f"{part.axis}={part.name}", ", ".join(part.marks))
    _print_line("note", described.note)
    for axis in axes_of(name):
        _print_line("see also", f"wbcray methods {axis}={name}, the part of this name")


def _show_parts(name: str, axes: Sequence[Axis], *, json: bool) -> None:
    """The part of this name, or a list where several axes have one."""
    from wbcray.methods.describe import describe_part

    if len(axes) == 1:
        _show_part(axes[0], name, json=json)
        return
    parts = [describe_part(axis, name) for axis in axes]
    if json:
        print_json({"parts": [asdict(part) for part in parts]})
        return
    print_table(
        f"{name}: a part on {len(axes)} axes",
        ("more by", "what it is"),
        [(f"wbcray methods {part.axis}={part.name}", part.summary) for part in parts],
    )


def _show_part(axis: Axis, name: str, *, json: bool) -> None:
    from wbcray.methods.describe import describe_part

    part = describe_part(axis, name)
    if json:
        print_json(asdict(part))
        return
    print(f"{axis}={name}: {part.title}\n\n{part.about}\n")
    _print_line("formula", part.formula)
    _print_line("cost", part.cost)
    _print_line("note", ", ".join(part.marks))
    _print_line("paper", f"{part.paper} ({part.citation} in CITATION.bib)")
    _print_line("differences", part.differences)
    print()
    _print_parameters(part.parameters)


def _print_parameters(parameters: Sequence["ParameterDescription"]) -> None:
    rows = [(item.name, str(item.default), item.range, item.meaning) for item in parameters]
    if rows:
        print_table("parameters", ("parameter", "default", "range", "meaning"), rows)


def _print_line(label: str, text: str) -> None:
    """A label and what it says, if anything; a long text goes on below, indented."""
    if text:
        lines = textwrap.wrap(
            f"{label}: {text}",
            _WIDTH,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        print("\n".join(lines))
