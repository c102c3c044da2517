"""Squares of a heatmap without a value, hatched: nothing is not the same as zero."""

import numpy as np
import numpy.typing as npt

from wbcray.explorer.look.style import FAINT, ROW_HEIGHT

STEP = 0.25
"""From line to line, in widths of one; few lines, so that a word on them can be read."""

WIDTH = 900
"""Of the squares of a row together, pixels; what a page has beside the names of rows."""


def hatching(
    empty: npt.NDArray[np.bool_], *, axes: str = "", width: int = WIDTH
) -> list[dict[str, object]]:
    """A shape that hatches the squares [row, column] that are `empty`, if there are any.

    `axes` is the number of the facet's axes, empty for the first, and `width` about how wide the
    squares of a row are together, pixels, so that the lines are slanted alike. The shape lies below
    the traces, so what is hatched must have no value there.
    """
    squares = np.argwhere(empty).tolist()
    if not squares:
        return []
    # lines at 45 degrees in squares that are wider than high
    slant = min(1.0, ROW_HEIGHT * empty.shape[1] / width)
    strokes = [stroke for row, column in squares for stroke in _strokes(row, column, slant)]
    return [
        {
            "type": "path",
            "path": " ".join(strokes),
            "xref": f"x{axes}",
            "yref": f"y{axes}",
            "layer": "below",
            "line": {"color": FAINT, "width": 1},
        }
    ]


def _strokes(row: int, column: int, slant: float) -> list[str]:
    """Lines across the square about (column, row), which has sides of 1; each is `slant` wide."""
    found = []
    for start in np.arange(STEP * slant - slant, 1.0, STEP * slant).tolist():
        left, right = max(start, 0.0), min(start + slant, 1.0)
        if right <= left:
            continue
        ends = ((x + column - 0.5, row + 0.5 - (x - start) / slant) for x in (left, right))
        found.append("M" + "L".join(f"{x:.4g},{y:.4g}" for x, y in ends))
    return found
