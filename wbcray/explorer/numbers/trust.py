"""Whether a method's probabilities can be trusted, before and after a temperature."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.reading.outputs import Outputs
from wbcray.metrics.calibration import (
    Reliability,
    RiskCoverage,
    at_temperature,
    brier,
    classwise_error,
    fit_temperature,
    reliability,
    risk_coverage,
)

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

BEFORE, AFTER = "as trained", "at temperature"
MOST_TO_FIT = 1000
"""Images of a network that its temperature is fitted on, evenly taken; one number needs no more."""

MOST_CLASSWISE = 40_000
"""Judgements that class-wise errors are of, evenly taken: they cost as much as all the rest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trust:
    """The calibration of one method on the images of one domain.

    Attributes:
        state: `BEFORE` or `AFTER`.
        bins: Of all judgements, those of several networks together.
        ece: Expected calibration error.
        classwise: Mean over classes of theirs.
        brier: 0 to 2.
        temperature: Mean over networks; 1 before.
        images: Different images.
        judgements: Images times networks.
    """

    domain: str
    state: str
    bins: Reliability
    ece: float
    classwise: float
    brier: float
    temperature: float
    images: int
    judgements: int


def trust_of(
    outputs: Outputs, validation: Outputs | None, classes: tuple[str, ...]
) -> tuple[Trust, ...]:
    """By domain, before and, where a temperature can be fitted, after it.

    A network's temperature is fitted on its own `validation` outputs (Guo et al. 2017), never on
    those of a held-out domain. Networks without any are left out of what comes after.
    """
    labels = _labels(outputs, classes)
    domains, names = pd.factorize(outputs.rows["domain"])
    given = outputs.probabilities.astype(np.float64)
    found = []
    for place, domain in enumerate(names):
        own = domains == place
        found.append(_trust(outputs, given, labels, own, (domain, BEFORE, 1.0)))
    if validation is None:
        return tuple(found)
    cooled, temperatures = _cooled(outputs, validation, classes)
    known = ~np.isnan(temperatures)
    for place, domain in enumerate(names):
        own = (domains == place) & known
        if not own.any():
            continue
        mean = float(temperatures[own].mean())
        found.append(_trust(outputs, cooled, labels, own, (domain, AFTER, mean)))
    return tuple(found)


def trust_frame(found: tuple[Trust, ...]) -> pd.DataFrame:
    """One row per domain and state, then one per bin that is not empty."""
    head = [
        {
            "domain": one.domain,
            "state": one.state,
            "images": one.images,
            "judgements": one.judgements,
            "ece": one.ece,
            "classwise_ece": one.classwise,
            "brier": one.brier,
            "temperature": one.temperature,
        }
        for one in found
    ]
    rows = [
        {
            "domain": one.domain,
            "state": one.state,
            "judgements": int(one.bins.images[place]),
            "above": one.bins.lower[place],
            "up_to": one.bins.upper[place],
            "confidence": one.bins.confidence[place],
            "accuracy": one.bins.accuracy[place],
        }
        for one in found
        for place in np.flatnonzero(one.bins.images).tolist()
    ]
    return pd.DataFrame([*head, *rows])


def coverage_of(outputs: Outputs) -> RiskCoverage:
    """Risk and coverage of all judgements, by the probability of the predicted class."""
    right = (outputs.rows["true"] == outputs.rows["predicted"]).to_numpy(dtype=bool)
    return risk_coverage(outputs.probabilities.max(axis=1).astype(np.float64), right)


def _trust(
    outputs: Outputs,
    probabilities: Floats,
    labels: Ids,
    own: npt.NDArray[np.bool_],
    named: tuple[str, str, float],
) -> Trust:
    domain, state, temperature = named
    given, truth = probabilities[own], labels[own]
    bins = reliability(given, truth)
    step = max(1, -(-len(given) // MOST_CLASSWISE))
    return Trust(
        domain=domain,
        state=state,
        bins=bins,
        ece=bins.error,
        classwise=float(np.nanmean(classwise_error(given[::step], truth[::step]))),
        brier=brier(given, truth),
        temperature=temperature,
        images=int(outputs.rows["image"][own].nunique()),
        judgements=int(own.sum()),
    )


def _cooled(
    outputs: Outputs, validation: Outputs, classes: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Probabilities at each network's temperature, and that of every row; NaN where not known."""
    cooled = outputs.probabilities.astype(np.float64)
    temperatures = np.full(len(cooled), np.nan)
    before = dict(_networks(validation))
    labels = _labels(validation, classes)
    for key, rows in _networks(outputs):
        if key not in before:
            continue
        step = max(1, -(-len(before[key]) // MOST_TO_FIT))
        chosen = before[key][::step]
        at = fit_temperature(validation.probabilities[chosen].astype(np.float64), labels[chosen])
        cooled[rows] = at_temperature(cooled[rows], at)
        temperatures[rows] = at
    return cooled, temperatures


def _networks(outputs: Outputs) -> Iterator[tuple[tuple[int, int], Ids]]:
    """Rows of each network, by fold and seed."""
    fold, seed = (outputs.rows[name].to_numpy(dtype=np.int64) for name in ("fold", "seed"))
    for key in sorted(set(zip(fold.tolist(), seed.tolist(), strict=True))):
        yield key, np.flatnonzero((fold == key[0]) & (seed == key[1]))


def _labels(outputs: Outputs, classes: tuple[str, ...]) -> Ids:
    number = {name: place for place, name in enumerate(classes)}
    codes, names = pd.factorize(outputs.rows["true"])
    return np.array([number[name] for name in names], dtype=np.int64)[codes]
