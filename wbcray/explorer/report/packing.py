"""Figures and their numbers as small as a file needs them: rounded, single precision, deflated."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from wbcray.explorer.report.markup import cell_text
from wbcray.explorer.wording import many

MOST_ROWS = 300
DIGITS = 6
"""Significant digits of a coordinate; a screen shows four at most."""
_EXACT = frozenset({"customdata", "meta", "ids"})
"""What hovering may print as it stands, where single precision would show as 0.30000001."""


def figure_json(figure: go.Figure) -> str:
    """A figure as JSON: arrays in single precision, other numbers with `DIGITS` digits."""
    # `to_dict` has made typed arrays of base64 of all arrays of numbers
    slim = _slim(figure.to_dict())
    return json.dumps(slim, separators=(",", ":"), cls=PlotlyJSONEncoder)


def numbers_json(numbers: pd.DataFrame) -> str:
    """The first `MOST_ROWS` rows as text, and a sentence where there are more."""
    shown = numbers.head(MOST_ROWS)
    cut = ""
    if len(numbers) > MOST_ROWS:
        cut = (
            f"the first {MOST_ROWS} of {many(len(numbers), 'row')}; "
            "`wbcray export` writes the run's tables whole"
        )
    table = {
        "columns": [str(name).replace("_", " ") for name in shown.columns],
        "rows": [[cell_text(v) for v in row] for row in shown.itertuples(index=False, name=None)],
        "cut": cut,
    }
    return json.dumps(table, separators=(",", ":"), ensure_ascii=False)


def deflated(content: str) -> str:
    """Text as base64 of its zlib stream, which browsers inflate by themselves."""
    return b64encode(zlib.compress(content.encode())).decode()


def inflated(packed: str) -> str:
    """The text that `deflated` was given."""
    return zlib.decompress(b64decode(packed)).decode()


def _slim(value: Any, *, exact: bool = False) -> Any:
    if isinstance(value, float | np.floating):
        number = float(value)
        if not isfinite(number):
            return None
        return number if exact else float(f"{number:.{DIGITS}g}")
    if isinstance(value, Mapping):
        if "bdata" in value:
            return dict(value) if exact else _single(value)
        return {key: _slim(item, exact=exact or key in _EXACT) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_slim(item, exact=exact) for item in value]
    return value


def _single(array: Mapping[str, Any]) -> dict[str, Any]:
    """A typed array with float32 in place of float64."""
    if array.get("dtype") != "f8":
        return dict(array)
    values = np.frombuffer(b64decode(array["bdata"]), dtype="<f8").astype("<f4")
    return dict(array) | {"dtype": "f4", "bdata": b64encode(values.tobytes()).decode()}
