"""`wbcray methods`: what there is, read from the code."""

from dataclasses import asdict
from typing import Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table


def methods(
    name: Annotated[str | None, typer.Argument(help="A method; all of them if left out.")] = None,
    *,
    json: opt.Json = False,
) -> None:
    """List the methods, or describe one: parts, parameters, ranges, meaning."""
    from wbcray.methods.describe import describe_method, describe_methods, describe_parts

    if name is not None:
        opt.methods_of((name,), where="wbcray methods")
        described = describe_method(name)
        if json:
            print_json(asdict(described))
            return
        rows = [
            (item.name, str(item.default), item.range, item.meaning)
            for item in described.parameters
        ]
        parts = ", ".join(f"{axis} {part}" for axis, part in described.parts)
        print_table(
            f"{described.name}: {described.title}",
            ("parameter", "default", "range", "meaning"),
            rows,
        )
        for line in (f"parts: {parts}", f"paper: {described.paper}", described.note):
            print(line)
        return
    everything, parts_list = describe_methods(), describe_parts()
    if json:
        print_json(
            {"methods": [asdict(m) for m in everything], "parts": [asdict(p) for p in parts_list]}
        )
        return
    print_table(
        "methods",
        ("method", "what it is", "paper"),
        [(m.name, m.title, m.paper) for m in everything],
    )
    listed = [(part.axis, part.name, part.summary) for part in parts_list]
    print_table("parts", ("axis", "part", "what it is"), listed)
