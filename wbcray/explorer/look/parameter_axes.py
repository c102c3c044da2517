"""The axis of a hyper-parameter: its scale, its searched range, ticks of few digits."""

import numpy as np

from wbcray.explorer.look.style import label
from wbcray.explorer.reading.parameters import Floats, Parameter

TICKS = 5
PAD = 0.04
IDLE = "idle"
"""How a setting reads in a trial that has no use for it."""
_ONE = 1.0
_LONG = 5
"""Numbers of more characters are written with a power of ten."""


def short(value: float) -> str:
    """A number in at most three digits: `0.001`, `2.5e-05`, `1200`."""
    text = f"{value:.3g}"
    if abs(value) >= _ONE and "e" in text:
        text = f"{value:.0f}"
    return text if len(text.lstrip("-0.")) <= _LONG else f"{value:.1e}".replace(".0e", "e")


def plot_axis(parameter: Parameter) -> dict[str, object]:
    """The Plotly axis for the values themselves."""
    if parameter.choices:
        names = [label(name) for name in parameter.choices]
        edges = [-0.5, len(names) - 0.5]
        return {"type": "category", "categoryarray": names, "range": edges}
    scale: dict[str, object] = {"type": "log" if parameter.log else "linear"}
    if parameter.ranged:
        low, high = parameter.span(np.array([]))
        pad = PAD * (high - low)
        scale |= {"range": [low - pad, high + pad]}
        if parameter.log:
            # Plotly writes powers of ten larger than other ticks
            places = [10**place for place in ticks_of(parameter, low, high)]
            return scale | {"tickvals": places, "ticktext": [short(place) for place in places]}
    if parameter.log:
        return scale | {"dtick": 1, "exponentformat": "power"}
    return scale | ({"tickvals": list(parameter.steps)} if parameter.steps else {"nticks": TICKS})


def parallel_axis(parameter: Parameter, positions: Floats) -> dict[str, object]:
    """A dimension of parallel coordinates; trials in which the setting is idle lie below.

    All ticks are given: Plotly would write the ends of an axis with all of their digits.
    """
    low, high = parameter.span(positions)
    places = ticks_of(parameter, low, high)
    texts = [_tick(parameter, place) for place in places]
    values = positions
    bottom = low
    if np.isnan(positions).any():
        bottom = low - 0.12 * (high - low)
        values = np.where(np.isnan(positions), bottom, positions)
        places, texts = [bottom, *places], [IDLE, *texts]
    return {
        "label": label(parameter.name),
        "values": values.tolist(),
        "range": [bottom, high],
        "tickvals": places,
        "ticktext": texts,
    }


def ticks_of(parameter: Parameter, low: float, high: float) -> list[float]:
    """Ticks of a scale from `low` to `high`: its choices or steps, else both ends and between."""
    if parameter.choices:
        return [float(place) for place in range(len(parameter.choices))]
    if parameter.steps:
        return list(parameter.steps)
    if not parameter.log:
        return [float(place) for place in np.linspace(low, high, TICKS)]
    inner = [float(tick) for tick in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    apart = (high - low) / (TICKS + 1)
    return [low, *(t for t in inner if low + apart / 2 < t < high - apart / 2), high]


def _tick(parameter: Parameter, place: float) -> str:
    if parameter.choices:
        return label(parameter.choices[int(place)])
    return short(10**place if parameter.log else place)
