"""The range of an axis of scores, also where there is one mark or none."""

from collections.abc import Iterable

import numpy as np

LEAST = 0.05
"""Width of the narrowest range: without it one score alone would be drawn from -1 to 1."""

PAD = 0.08
"""Of the range, at either end, so that no mark is cut."""


TICKS_A_SIDE = 2
"""At most, beside zero."""


def ticks_about_zero(reach: float) -> list[float]:
    """Round numbers from -`reach` to `reach`, zero among them; `reach` is above 0."""
    power = 10.0 ** np.floor(np.log10(reach / TICKS_A_SIDE))
    step = next(power * n for n in (1, 2, 5, 10) if reach / (power * n) < TICKS_A_SIDE + 1)
    side = int(reach / step)
    return [round(place * step, 10) for place in range(-side, side + 1)]


def around(*values: Iterable[float]) -> list[float] | None:
    """A range that holds all finite values with some room; None without any."""
    known = np.concatenate([np.asarray(list(part), dtype=np.float64) for part in values])
    known = known[np.isfinite(known)]
    if not known.size:
        return None
    low, high = float(known.min()), float(known.max())
    more = max(LEAST - (high - low), 0.0) / 2
    low, high = low - more, high + more
    pad = PAD * (high - low)
    return [low - pad, high + pad]
