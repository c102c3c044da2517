"""How near the images of each domain and class lie to those of every other, in feature space.

Yang, Wang & Katabi 2022, "On Multi-Domain Long-Tailed Recognition, Imbalanced Domain
Generalization and Beyond", arXiv 2203.09513: a pair is a domain and a class in it; the
transferability from one pair to another is the expected distance of its images' features to the
other's mean. Small numbers are near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from wbcray.explorer.numbers.networks import Network

Floats = npt.NDArray[np.float64]
Pair = tuple[str, str]
"""A domain and a class."""
Kinds = npt.NDArray[np.object_]
"""Names of kinds, [pairs, pairs]."""

SELF = "itself"
ALPHA = "alpha"
BETA = "beta"
GAMMA = "gamma"
MEANINGS = {
    ALPHA: "same class, another domain",
    BETA: "same domain, another class",
    GAMMA: "another domain and class",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Transferability:
    """The graph of domain-class pairs of one method.

    Attributes:
        pairs: Those with kept features, by domain and class.
        images: Different images of each pair, int64 [pairs].
        distances: float64 [pairs, pairs], mean over networks of the mean Euclidean distance of the
            images of a pair (row) to the mean of a pair (column); NaN where no network has both.
        statistics: Mean and standard deviation (ddof 1, NaN for one) over networks of alpha, beta
            and gamma: the means of `distances` over ordered pairs of one kind, each weighing the
            same; NaN for a kind without pairs.
        networks: How many.
    """

    pairs: tuple[Pair, ...]
    images: npt.NDArray[np.int64]
    distances: Floats
    statistics: dict[str, tuple[float, float]]
    networks: int

    def as_frame(self) -> pd.DataFrame:
        """One row per ordered pair of different pairs, nearest first, after alpha, beta, gamma."""
        kinds = kinds_of(self.pairs)
        head = [
            {"kind": kind, "meaning": MEANINGS[kind], "distance": mean, "sd_networks": spread}
            for kind, (mean, spread) in self.statistics.items()
        ]
        rows = [
            {
                "kind": kinds[i, j],
                "from_domain": one[0],
                "from_class": one[1],
                "to_domain": other[0],
                "to_class": other[1],
                "distance": self.distances[i, j],
                "images": int(self.images[i]),
            }
            for i, one in enumerate(self.pairs)
            for j, other in enumerate(self.pairs)
            if i != j and not np.isnan(self.distances[i, j])
        ]
        rows.sort(key=lambda row: float(str(row["distance"])))
        return pd.DataFrame([*head, *rows])


def transferability(
    found: Sequence[Network], domains: Sequence[str], classes: Sequence[str]
) -> Transferability:
    """The graph of the networks of one method; pairs in the order of domains and classes.

    Raises:
        ValueError: Without a network.
    """
    if not found:
        raise ValueError("no network")
    seen = {
        pair for one in found for pair in zip(one.images["domain"], one.images["true"], strict=True)
    }
    pairs = tuple((d, c) for d in domains for c in classes if (d, c) in seen)
    each = np.stack([_distances(one, pairs) for one in found])
    kinds = kinds_of(pairs)
    statistics = {}
    for kind in MEANINGS:
        values = np.array([_mean(matrix[kinds == kind]) for matrix in each])
        known = values[~np.isnan(values)]
        spread = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
        statistics[kind] = (_mean(known), spread)
    counted = pd.concat([one.images for one in found]).drop_duplicates("image")
    sizes = counted.groupby(["domain", "true"]).size()
    return Transferability(
        pairs=pairs,
        images=np.array([int(sizes[pair]) for pair in pairs], dtype=np.int64),
        distances=_mean_of_stack(each),
        statistics=statistics,
        networks=len(found),
    )


def kinds_of(pairs: Sequence[Pair]) -> Kinds:
    """What each ordered pair of pairs belongs to: `itself`, `alpha`, `beta` or `gamma`."""
    domains, classes = (np.array([pair[at] for pair in pairs], dtype=object) for at in (0, 1))
    same_domain = domains[:, None] == domains[None, :]
    same_class = classes[:, None] == classes[None, :]
    kinds = np.full(same_class.shape, GAMMA, dtype=object)
    kinds[same_domain], kinds[same_class] = BETA, ALPHA
    kinds[same_domain & same_class] = SELF
    return kinds


def layout(distances: Floats) -> Floats:
    """float64 [pairs, 2]: classical multidimensional scaling of the symmetrised distances.

    Torgerson 1952, doi:10.1007/BF02288916. Deterministic: each axis points to where the pair with
    the largest coordinate is positive. Unknown distances count as the largest known one.
    """
    known = np.where(np.isnan(distances), np.nanmax(distances), distances)
    even = (known + known.T) / 2
    np.fill_diagonal(even, 0.0)
    size = len(even)
    centre = np.eye(size) - 1 / size
    values, vectors = np.linalg.eigh(-0.5 * centre @ even**2 @ centre)
    values, vectors = values[::-1][:2], vectors[:, ::-1][:, :2]
    places = vectors * np.sqrt(np.maximum(values, 0.0))
    if places.shape[1] < 2:  # noqa: PLR2004  # a single pair has one axis
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    signs = np.sign(places[np.abs(places).argmax(axis=0), [0, 1]])
    turned: Floats = places * np.where(signs == 0, 1.0, signs)
    return turned


def _distances(one: Network, pairs: Sequence[Pair]) -> Floats:
    """float64 [pairs, pairs] of one network; NaN for pairs that it has no features of."""
    number = {pair: place for place, pair in enumerate(pairs)}
    named = zip(one.images["domain"], one.images["true"], strict=True)
    of_image = np.array([number[pair] for pair in named])
    sizes = np.bincount(of_image, minlength=len(pairs)).astype(np.float64)
    member = np.zeros((len(pairs), len(of_image)))
    member[of_image, np.arange(len(of_image))] = 1.0
    share = member / np.maximum(sizes, 1.0)[:, None]
    means = share @ one.features
    squares = (one.features**2).sum(axis=1)[:, None] + (means**2).sum(axis=1)[None, :]
    to_means = np.sqrt(np.maximum(squares - 2 * one.features @ means.T, 0.0))
    found: Floats = share @ to_means
    missing = sizes == 0
    found[missing, :] = np.nan
    found[:, missing] = np.nan
    return found


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _mean_of_stack(each: Floats) -> Floats:
    known = ~np.isnan(each)
    number = known.sum(axis=0)
    total = np.where(known, each, 0.0).sum(axis=0)
    mean: Floats = np.full(total.shape, np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return mean
