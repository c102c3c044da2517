"""A map of images by their features: principal components, then t-SNE, seeded."""

import hashlib
from collections import OrderedDict
from threading import Lock

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

MOST_POINTS = 2000
COMPONENTS = 30
"""Principal components that t-SNE starts from: the rest is mostly noise, and costs time."""

PERPLEXITY = 30.0
FEWEST_POINTS = 5
_KEPT = 16
_maps: OrderedDict[str, Floats] = OrderedDict()
_one_at_a_time = Lock()


def spread_evenly(images: pd.DataFrame, most: int = MOST_POINTS) -> npt.NDArray[np.int64]:
    """Rows to draw, ascending: at most `most`, taken in turn from each domain and class.

    So that rare classes stay whole; within a pair the order of the rows decides.
    """
    turn = images.groupby(["domain", "true"]).cumcount().to_numpy()
    places: npt.NDArray[np.int64] = np.sort(np.argsort(turn, kind="stable")[:most])
    return places


def map_of(features: Floats, *, seed: int = 0) -> Floats:
    """float64 [images, 2]: van der Maaten & Hinton 2008 on the first principal components.

    The same features and seed give the same map; maps are kept in memory, because one of 2,000
    images takes seconds. Distances between far groups mean nothing in it.

    Raises:
        ValueError: For fewer than `FEWEST_POINTS` images.
    """
    if len(features) < FEWEST_POINTS:
        raise ValueError(f"a map needs {FEWEST_POINTS} images, got {len(features)}")
    shown = hashlib.sha256(np.ascontiguousarray(features).tobytes()).hexdigest()
    key = f"{seed}-{features.shape}-{shown}"
    with _one_at_a_time:
        found = _maps.pop(key, None)
        _maps[key] = _fit(features, seed) if found is None else found
        while len(_maps) > _KEPT:
            _maps.popitem(last=False)
        return _maps[key]


def _fit(features: Floats, seed: int) -> Floats:
    from sklearn.decomposition import PCA  # three seconds to import
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # has no type hints

    if not np.ptp(features, axis=0).any():
        return np.zeros((len(features), 2))
    components = min(COMPONENTS, *features.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(features)
    reduced /= reduced.std()
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=seed, max_iter=500)
    # Of some hundred images threads wait for each other at every step: on a busy machine of two
    # cores one thread took 2 s where two took 33 s.
    with threadpool_limits(1):
        found = tsne.fit_transform(reduced)
    return np.asarray(found, dtype=np.float64)
