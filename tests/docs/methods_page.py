"""`docs/methods.md`, made from what presets and parts say of themselves.

Run as a program, it writes the page of today.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from wbcray.core.config import AXES, Axis
from wbcray.methods.describe import (
    MethodDescription,
    ParameterDescription,
    PartDescription,
    describe_methods,
    describe_parts,
)
from wbcray.methods.parts import part_class, part_names

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "methods.md"
WIDTH = 110
TITLES: dict[Axis, str] = {
    "classification": "Classification loss",
    "domain_risk": "Risk over domains",
    "penalty": "Penalty",
    "sampler": "Sampler",
    "mixing": "Mixing",
    "normalization": "Normalisation",
    "colour": "Colour",
    "finish": "Finish",
}
IN_A_STEP: tuple[Axis, ...] = (
    *("sampler", "colour", "mixing", "normalization"),
    *("classification", "domain_risk", "penalty", "finish"),
)
"""The axes in the order in which they come into play."""
HEAD = """\
<!-- Made by tests/docs/methods_page.py from the code in wbcray/methods; edit that. -->

# Methods

A method is one part on each of eight axes. A *preset* is a choice of parts with a name (`erm`,
`boda`, ...); any of its parts and values may be changed, in a command or in a search space. The
terminal says the same as this page: `wbcray methods` lists everything, `wbcray methods boda`
describes a preset and `wbcray methods penalty=boda` a part.

## How the parts work together

From the draw of an image to the network that is judged:

| axis | what it decides |
| --- | --- |
{axes}

To change a part or a value, name it. A part that is changed starts from its own defaults.

```console
$ wbcray compare --methods erm,boda+swad,erm+sampler=class_balanced,boda+penalty.macro_weight=0
$ wbcray train --method erm --held-out NAME --penalty coral --set penalty.weight=0.3
$ wbcray tune --method boda --search normalization=batch,group
```

`boda+swad` is a method like any other, with a study, records and a row in every table under this
name. A part whose name stands on two axes needs its axis (`sampler=class_balanced`). A part that is
held by an option joins the name, too: the second command trains `erm+coral`.

In a search space, `penalty: {{choices: [none, coral]}}` under `params:` searches over parts. What
cannot work is refused before any training, and the refusal says what would: a penalty that compares
domains where only one can be learned from, say, or mixed labels beside a penalty.

[Add a method](add_a_method.md) shows how a new part is written.

## How to read this page

- **Formulas** are one line of plain text: `x` is an image or a feature map, `z` its features,
  `n` a number of training images, as the text below the formula says.
- **Cost** is what a training step has to do besides running the network forwards and backwards.
  `batch` is the number of images of a step over all workers, `dim` the width of the features,
  `pairs` the number of domain-class pairs with training images. A part that needs more passes
  through the network says so.
- **Differs from** is about the paper, and about public code that others compare with.
- **Range** is what is legal; what is searched is in [`search_spaces/`](../search_spaces) and may
  only be narrower. *log* stands for a logarithmic scale.
- *Notes in italics* matter when results are compared. *Test-time adaptation* is another setting
  than domain generalisation: the unlabelled images of the unseen domain are used. A part that *also
  changes the images that are judged* does so to each image by itself.
"""


LONGEST_LINK = 40
"""Characters of an address that a table has room for."""


def make_page() -> str:
    """The page for the presets and parts of today."""
    parts = describe_parts()
    axes = [[f"[`{axis}`](#{_anchor(_heading(axis))})", _purpose(axis)] for axis in IN_A_STEP]
    blocks = [HEAD.format(axes="\n".join(map(_row, axes)))]
    blocks += _presets(describe_methods())
    for axis in AXES:
        own = [part for part in parts if part.axis == axis]
        blocks += [f"## {_heading(axis)}\n", _purpose(axis) + "\n", _overview(own)]
        for part in own:
            blocks += _part(part)
    return "\n".join(blocks)


def _presets(methods: Sequence[MethodDescription]) -> Iterator[str]:
    yield "## Presets\n"
    rows = [
        [f"`{m.name}`", m.title, "<br>".join(f"`{change}`" for change in m.changes), _link(m.paper)]
        for m in methods
    ]
    yield _table(("preset", "what it is", "differs from `erm` in", "paper"), rows)
    noted = [f"- `{method.name}`: {method.note}." for method in methods if method.note]
    yield "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in noted) + "\n"


def _overview(parts: Sequence[PartDescription]) -> str:
    rows = [
        [f"[`{part.name}`](#{_anchor(_part_heading(part))})", part.summary, _marks(part)]
        for part in parts
    ]
    return _table(("part", "what it does", "note"), rows)


def _part(part: PartDescription) -> Iterator[str]:
    yield f"### {_part_heading(part)}\n"
    yield f"**{part.title.rstrip('.')}**{' - ' * bool(part.marks)}{_marks(part)}\n"
    yield f"```text\n{textwrap.fill(part.formula, WIDTH, subsequent_indent='  ')}\n```\n"
    yield part.about + "\n"
    if part.parameters:
        yield _parameters(part.parameters)
    yield _paragraph(f"**Cost:** {part.cost}")
    yield f"**Source** (`{part.citation}`): {part.source}\n"
    if part.differences:
        yield _paragraph(part.differences.replace("Differs from", "**Differs from**", 1))


def _parameters(parameters: Sequence[ParameterDescription]) -> str:
    rows = [
        [f"`{item.name}`", f"`{item.default}`", item.range, item.meaning] for item in parameters
    ]
    return _table(("parameter", "default", "range", "meaning"), rows)


def _purpose(axis: Axis) -> str:
    """The first sentence of the interface that the parts on the axis have."""
    interface = part_class(axis, part_names(axis)[0]).__mro__[1]
    return re.split(r"(?<=\.)\s", interface.__doc__ or "")[0]


def _heading(axis: Axis) -> str:
    return f"{TITLES[axis]}: `{axis}`"


def _part_heading(part: PartDescription) -> str:
    return f"`{part.axis}={part.name}`"


def _anchor(heading: str) -> str:
    """What GitHub calls a heading in an address."""
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " _-")
    return kept.replace(" ", "-")


def _marks(part: PartDescription) -> str:
    return ", ".join(f"*{mark}*" for mark in part.marks)


def _link(address: str) -> str:
    shown = address.removeprefix("https://")
    if len(shown) > LONGEST_LINK:
        shown = shown.partition("/")[0]
    return f"[{shown}]({address})"


def _paragraph(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; a column in which nothing is written is left out."""
    used = [place for place in range(len(header)) if any(row[place] for row in rows)]
    shown = (header, ["---"] * len(header), *rows)
    return "\n".join(_row([line[place] for place in used]) for line in shown) + "\n"


def _row(cells: Sequence[str]) -> str:
    inside = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return f"| {inside} |"


if __name__ == "__main__":
    PAGE.write_text(make_page())
