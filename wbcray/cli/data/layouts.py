"""`wbcray data layouts`: which published data sets wbcray knows, and where to get them."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table

if TYPE_CHECKING:
    from wbcray.data.layouts.layout import Layout, Part

_SHORT = re.compile(r"[(;,]")
"""Where the list of all data sets cuts a licence's terms; NAME tells them in full."""


def layouts(
    name: Annotated[
        str | None, typer.Argument(help="One data set, told in full.", metavar="[NAME]")
    ] = None,
    *,
    json: opt.Json = False,
) -> None:
    """List the published data sets that can be read as they were unpacked; NAME tells all."""
    from wbcray.data.layouts.load import describe_layouts, load_layout

    if name is not None:
        _tell(load_layout(name), as_json=json)
        return
    known = describe_layouts()
    if json:
        print_json({"layouts": [_as_json(layout) for layout in known]})
        return
    rows = [
        (
            layout.name,
            ", ".join(part.name for part in layout.parts),
            str(len(_classes(layout.mapping()))),
            _scales(layout),
            _images(layout),
            _SHORT.split(layout.licence)[0],
        )
        for layout in known
    ]
    print_table(
        "published data sets",
        ("layout", "parts", "classes", "px/um", "images", "licence"),
        rows,
        note="wbcray data layouts NAME says where to get one, and what to mind",
    )


def _tell(layout: "Layout", *, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(layout))
        return
    print(f"{layout.name}: {layout.title}")
    for title, words in (
        ("licence", layout.licence),
        ("cite", layout.citation),
        ("get it", layout.obtain),
        ("mind", layout.notes),
    ):
        print(f"  {title}: {' '.join(words.split())}")
    others = ", ".join(layout.mappings)
    codes = [
        (code, meaning or "left out", *(_count(part, code) for part in layout.parts))
        for code, meaning in layout.mapping().items()
    ]
    print_table(
        f"mapping {layout.default_mapping} (there are: {others})",
        ("raw label", "class", *(f"images, {part.name}" for part in layout.parts)),
        codes,
    )


def _as_json(layout: "Layout") -> dict[str, object]:
    return {
        "name": layout.name,
        "title": layout.title,
        "licence": layout.licence,
        "citation": layout.citation,
        "obtain": layout.obtain,
        "notes": layout.notes,
        "default_mapping": layout.default_mapping,
        "mappings": {name: dict(mapping) for name, mapping in layout.mappings.items()},
        "parts": {
            part.name: {"px_per_um": part.px_per_um, "published": dict(part.published)}
            for part in layout.parts
        },
    }


def _classes(mapping: Mapping[str, str | None]) -> set[str]:
    return {meaning for meaning in mapping.values() if meaning}


def _scales(layout: "Layout") -> str:
    scales = {f"{part.px_per_um:g}" for part in layout.parts if part.px_per_um}
    return ", ".join(sorted(scales)) or "not published"


def _images(layout: "Layout") -> str:
    total = sum(sum(part.published.values()) for part in layout.parts)
    return f"{total:,}" if total else "not published"


def _count(part: "Part", code: str) -> str:
    return f"{part.published[code]:,}" if code in part.published else ""
