"""What each search was given: trials, epochs and hours, by how its trials ended."""

import pandas as pd

from wbcray.explorer.numbers.budget import HOUR
from wbcray.explorer.numbers.trials import STATES
from wbcray.explorer.reading.tables import RunTables

MEASURES = ("trials", "epochs", "hours")


def effort(tables: RunTables) -> pd.DataFrame:
    """One row per study and state of trials that occurs in it.

    Columns: `method`, `held_out`, `state` (in lower case), `trials`, `epochs` (over all folds),
    `hours` (wall time of its trials), `share` (of the study's trials).
    """
    key = ["method", "held_out", "state"]
    grouped = tables.trials.groupby(key)
    found = grouped.agg(
        trials=("trial", "nunique"), epochs=("budget", "sum"), seconds=("seconds", "sum")
    ).reset_index()
    found["hours"] = found.pop("seconds") / HOUR
    found["share"] = found["trials"] / found.groupby(key[:2])["trials"].transform("sum")
    place = {name: number for number, name in enumerate((*tables.facts.domains, *STATES))}
    order = {"held_out": found["held_out"].map(place), "state": found["state"].map(place)}
    found = found.assign(**{f"_{name}": value for name, value in order.items()})
    found = found.sort_values(["method", "_held_out", "_state"])
    found["state"] = found["state"].str.lower()
    return found[["method", "held_out", "state", *MEASURES, "share"]].reset_index(drop=True)


def imbalance(spent: pd.DataFrame) -> str:
    """How unequal the searches on one domain were at most, in a sentence.

    Empty where no domain has the searches of two methods.
    """
    by_study = spent.groupby(["held_out", "method"])[["trials", "epochs"]].sum()
    grouped = by_study.groupby("held_out")
    if grouped.size().max() < 2:  # noqa: PLR2004  # one method has no rival
        return ""
    ratios = (grouped.max() / grouped.min().clip(lower=1)).max()
    times = [_times(float(ratios[measure]), measure) for measure in ("trials", "epochs")]
    return f"the most and the least searched method on one domain: {', '.join(times)}"


def _times(ratio: float, noun: str) -> str:
    return f"equal {noun}" if ratio == 1 else f"{noun} differ by a factor of {ratio:.2f}"
