"""What a search of another size would have found: the expected best of k trials."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.numbers.trials import complete_trials

Floats = npt.NDArray[np.float64]

MOST_POINTS = 60
BAND = (0.1, 0.9)
"""The band holds the best of k trials in four of five searches."""
MARGIN = 0.01
"""Differences of a score below this are of no practical weight."""
HOUR = 3600.0


def expected_best(trials: pd.DataFrame) -> pd.DataFrame:
    """The best validation score that a search of fewer trials would have found, on average.

    With F the empirical distribution of the complete trials' values, the best of k of them is at
    most v with probability F(v)^k, so its mean is the sum of v (F(v)^k - F(v-)^k) (Dodge et al.
    2019, "Show your work", https://arxiv.org/abs/1909.03004, equation 5). Trials that were stopped
    early are not ranked, but what they cost is shared out among the complete ones.

    Args:
        trials: All trials of one study that have ended.

    Returns:
        Columns: `complete` (k), `trials`, `epochs` (over all folds), `hours` (each with the share
        of the trials that did not complete), `expected`, `low`, `high` (10th and 90th percentile).
        Empty without a complete trial.
    """
    values = np.sort(complete_trials(trials)["value"].to_numpy(dtype=np.float64))
    count = len(values)
    if not count:
        empty = ["complete", "trials", "epochs", "hours", "expected", "low", "high"]
        return pd.DataFrame(columns=empty, dtype=float)
    sizes = np.unique(np.geomspace(1, count, MOST_POINTS).round().astype(np.int64))
    reached = np.arange(count + 1) / count
    shares = np.diff(reached[None, :] ** sizes[:, None], axis=1)
    low, high = (_quantile(values, sizes, share) for share in BAND)
    cost = sizes / count
    return pd.DataFrame(
        {
            "complete": sizes,
            "trials": cost * len(trials),
            "epochs": cost * float(trials["budget"].sum()),
            "hours": cost * float(trials["seconds"].sum()) / HOUR,
            "expected": shares @ values,
            "low": low,
            "high": high,
        }
    )


def enough(curve: pd.DataFrame) -> float:
    """After how many trials all but 0.01 of the whole search's expected best was found."""
    reached = curve["expected"] >= curve["expected"].iloc[-1] - MARGIN
    return float(curve["trials"][reached].iloc[0])


def _quantile(values: Floats, sizes: npt.NDArray[np.int64], share: float) -> Floats:
    """The smallest value that the best of k does not exceed with probability `share`."""
    # a hair below, because 0.9 ** 1 * 10 is not 9 in floating point
    places = np.ceil(share ** (1 / sizes) * len(values) - 1e-9).astype(np.int64) - 1
    return values[np.clip(places, 0, len(values) - 1)]
