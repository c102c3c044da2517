"""Configurations as YAML text written without PyYAML, and single mistakes made in such a text."""

import math
import os
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("WBCRAY_EXAMPLES", "0"))
"""Examples of each property when run by hand; the suite draws a few, the same each time."""

properties = settings(
    max_examples=EXAMPLES or 20, derandomize=not EXAMPLES, deadline=None, database=None
)


@dataclass(frozen=True)
class Line:
    """One line of a file: `key: value` of a mapping, or `key:` before an indented one."""

    path: tuple
    indent: int
    value: str

    def __str__(self):
        return f"{' ' * self.indent}{quoted(self.path[-1])}:{' ' * bool(self.value)}{self.value}"


def lines_of(mapping, *, before=(), flow_from=3):
    """The lines of `mapping`, in block style down to the level `flow_from`."""
    lines = []
    for key, value in mapping.items():
        path = (*before, key)
        nested = isinstance(value, dict) and value and len(path) < flow_from
        lines.append(Line(path, 2 * len(before), "" if nested else spelt(value)))
        if nested:
            lines += lines_of(value, before=path, flow_from=flow_from)
    return lines


def text_of(lines):
    return "\n".join(map(str, lines)) + "\n"


def spelt(value):
    """A value in flow style."""
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(k)}: {spelt(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(spelt, value)) + "]"
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case str():
            return quoted(value)
        case float() if not math.isfinite(value):
            return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}[str(value)]
    return repr(value)


def quoted(text):
    """A text, in quotes unless it is a plain word."""
    word = text.replace("_", "a")
    plain = word.isascii() and word.isalpha() and word.lower() not in ("null", "true", "false")
    return text if plain else "'" + text.replace("'", "''") + "'"


def numbers(low, high, *, whole):
    """A legal number of a range, its ends included."""
    if whole:
        return st.integers(math.ceil(low), math.floor(high))
    return st.floats(low, high, allow_nan=False)


def beyond(low, high):
    """Numbers outside a range, and what is no number although it is written as one."""
    far = [value for value in (low - 1, high + 1, 2 * high + 1, -1e9) if not low <= value <= high]
    return st.sampled_from([*far, math.nan, math.inf, -math.inf])


@st.composite
def misspelt(draw, name, known):
    """`name` with one letter changed, dropped or doubled, so that it is not one of `known`."""
    place = draw(st.integers(0, len(name) - 1))
    other = draw(st.sampled_from("xqz_"))
    wrong = draw(
        st.sampled_from(
            [
                name[:place] + name[place + 1 :],
                name[:place] + other + name[place + 1 :],
                name[:place] + name[place] + name[place:],
            ]
        )
    )
    return wrong if wrong and wrong not in known else f"{name}_x"


@st.composite
def badly_indented(draw, lines):
    """The text of `lines` with one of them moved, and that line's number."""
    texts = [str(line) for line in lines]
    number = draw(st.integers(1, len(lines) - 1))
    line = lines[number]
    # the first line of an indented mapping may stand anywhere to the right of its key
    opens = lines[number - 1].indent < line.indent
    before = "\t" if opens else draw(st.sampled_from([" ", "\t"]))
    if opens:
        texts[number] = before + texts[number].lstrip()
    else:
        texts[number] = before + texts[number]
    return "\n".join(texts) + "\n", number + 1


def is_told(error, path, line):
    """Whether an error names this line of the file, be it one of several problems."""
    told = f"{error.where} {error.what} "
    return any(f"{path.name}:{line}{end}" in told for end in (" ", ":", "\n"))
