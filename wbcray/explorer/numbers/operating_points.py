"""How many images of a dangerous class are found when few others are called so."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.core.hematology import CRITICAL, canonical_names
from wbcray.explorer.reading.outputs import Outputs
from wbcray.metrics.intervals import wilson

Floats = npt.NDArray[np.float64]

SPECIFICITY = 0.95
_ROUNDING = 1e-9
COLUMNS = [
    *("class", "images", "others", "networks", "sensitivity", "low", "high", "specificity"),
    *("carried_sensitivity", "carried_low", "carried_high", "carried_specificity"),
]


def critical_classes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """The classes of a run that must not be overlooked, in its order."""
    critical = {one.name for one in CRITICAL}
    names = canonical_names(classes)
    return tuple(name for name, known in zip(classes, names, strict=True) if known in critical)


def operating_points(
    outputs: Outputs,
    classes: tuple[str, ...],
    *,
    validation: Outputs | None = None,
    specificity: float = SPECIFICITY,
) -> pd.DataFrame:
    """One row per critical class with images: its sensitivity at a fixed specificity.

    The score of an image is its probability of the class. For each network the threshold is the
    lowest at which at least `specificity` of the images of other classes stay below it;
    `sensitivity` is the mean over networks, `low .. high` its 95 % Wilson interval by different
    images, and `specificity` what was reached (more than asked, where scores are equal). That
    threshold is set on the very images it is judged on. Where `validation` outputs of the same
    networks are given, the columns `carried_*` say what a threshold set on those reaches here; NaN
    where no network has both.

    Args:
        outputs: Of the place that is judged.
        classes: Of the run.
        validation: Of the same method and held-out domain, on validation images.
        specificity: Asked for, in 0 .. 1.
    """
    rows = [
        _row(outputs, classes, name, validation, specificity)
        for name in critical_classes(classes)
        if (outputs.rows["true"] == name).any()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def threshold_at(others: Floats, specificity: float) -> float:
    """The lowest threshold that at least a share `specificity` of `others` stay below.

    An image is called positive from the threshold on. It lies just above one of `others`, so that
    nothing between two of them is given away. Infinite without others.

    >>> threshold_at(np.array([0.1, 0.2, 0.3, 0.4]), 0.75) > 0.3
    True
    """
    if not others.size:
        return float("inf")
    below = int(np.ceil(specificity * len(others) - _ROUNDING))
    return float(np.nextafter(np.sort(others)[below - 1], np.inf)) if below else float("-inf")


def _row(
    outputs: Outputs,
    classes: tuple[str, ...],
    name: str,
    validation: Outputs | None,
    specificity: float,
) -> dict[str, object]:
    here = _by_network(outputs, classes, name)
    there = {} if validation is None else _by_network(validation, classes, name)
    own, carried = [], []
    for key, (scores, of_class) in here.items():
        own.append(_rates(scores, of_class, threshold_at(scores[~of_class], specificity)))
        if key in there and (~there[key][1]).any():
            before, was_class = there[key]
            at = threshold_at(before[~was_class], specificity)
            carried.append(_rates(scores, of_class, at))
    images = outputs.rows.loc[outputs.rows["true"] == name, "image"].nunique()
    others = outputs.rows.loc[outputs.rows["true"] != name, "image"].nunique()
    return {
        "class": name,
        "images": images,
        "others": others,
        "networks": len(here),
        **_summary(own, images, ""),
        **_summary(carried, images, "carried_"),
    }


def _by_network(
    outputs: Outputs, classes: tuple[str, ...], name: str
) -> dict[tuple[int, int], tuple[Floats, npt.NDArray[np.bool_]]]:
    """Scores of each network's images, and which are of the class."""
    scores = outputs.probabilities[:, classes.index(name)].astype(np.float64)
    of_class = (outputs.rows["true"] == name).to_numpy(dtype=bool)
    fold, seed = (outputs.rows[column].to_numpy(dtype=np.int64) for column in ("fold", "seed"))
    keys = sorted(set(zip(fold.tolist(), seed.tolist(), strict=True)))
    own = {key: (fold == key[0]) & (seed == key[1]) for key in keys}
    return {key: (scores[rows], of_class[rows]) for key, rows in own.items()}


def _rates(
    scores: Floats, of_class: npt.NDArray[np.bool_], threshold: float
) -> tuple[float, float]:
    called = scores >= threshold
    sensitivity = float(called[of_class].mean()) if of_class.any() else float("nan")
    specificity = float((~called)[~of_class].mean()) if (~of_class).any() else float("nan")
    return sensitivity, specificity


def _summary(rates: list[tuple[float, float]], images: int, prefix: str) -> dict[str, float]:
    table = np.array(rates, dtype=np.float64).reshape(-1, 2)
    known = table[~np.isnan(table).any(axis=1)]
    sensitivity, specificity = known.mean(axis=0).tolist() if len(known) else (np.nan, np.nan)
    low, high = wilson(sensitivity * images, images) if len(known) else (np.nan, np.nan)
    return {
        f"{prefix}sensitivity": sensitivity,
        f"{prefix}low": low,
        f"{prefix}high": high,
        f"{prefix}specificity": specificity,
    }
