"""Turn a draw plan into the images of every step: a pure function of seed and epoch.

The result is the *global* order, [steps, batch]; worker r of w takes columns r, r + w, ... so that
one worker or several see the same batches, and a restarted run sees the same epochs.
"""

from typing import Any

import numpy as np

from wbcray.core.seeding import derive_seed

Order = np.ndarray[Any, np.dtype[np.int64]]
Probabilities = np.ndarray[Any, np.dtype[np.float64]]


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Steps after which as many images were drawn as there are, the last batch filled up."""
    return max(1, -(-images // batch_size))


def epoch_order(
    probabilities: Probabilities | None,
    strata: Order | None,
    *,
    images: int,
    batch_size: int,
    seed: int,
    epoch: int,
) -> Order:
    """int64 [steps, batch]: positions within the training fold.

    Args:
        probabilities: float64 [images] or None; None goes through permutations, so that every
            image comes once before any comes twice.
        strata: int64 [images] or None; with strata every batch holds the same number of each
            (differing by one where the batch size does not divide), and `probabilities` act within.
        images: Training images in the fold.
        batch_size: Images per step over all workers.
        seed: Seed of the cell.
        epoch: Epoch within the fold.
    """
    steps = steps_per_epoch(images, batch_size)
    if strata is None:
        rng = np.random.default_rng(derive_seed(seed, "draws", epoch))
        members = np.arange(images, dtype=np.int64)
        return _draw(members, probabilities, steps * batch_size, rng).reshape(steps, batch_size)
    stream = derive_seed(seed, "draws", epoch)
    return _stratified(probabilities, strata, steps=steps, batch_size=batch_size, seed=stream)


def shard(order: Order, rank: int, world_size: int) -> Order:
    """The columns of `order` that worker `rank` computes."""
    return order[:, rank::world_size]


def repeats_of(order: Order) -> Order:
    """int64, the shape of `order`: how many times the same image came before in it.

    >>> repeats_of(np.array([[4, 7], [4, 4]])).tolist()
    [[0, 0], [1, 2]]
    """
    flat = order.ravel()
    along = np.argsort(flat, kind="stable")
    _, first, sizes = np.unique(flat[along], return_index=True, return_counts=True)
    repeats = np.empty_like(flat)
    repeats[along] = np.arange(len(flat)) - np.repeat(first, sizes)
    return repeats.reshape(order.shape)


def _draw(
    members: Order, probabilities: Probabilities | None, number: int, rng: np.random.Generator
) -> Order:
    if probabilities is None:
        rounds = -(-number // len(members))
        return np.concatenate([rng.permutation(members) for _ in range(rounds)])[:number]
    share = probabilities[members]
    return rng.choice(members, size=number, p=share / share.sum())


def _stratified(
    probabilities: Probabilities | None,
    strata: Order,
    *,
    steps: int,
    batch_size: int,
    seed: int,
) -> Order:
    names = np.unique(strata)
    # A batch that the strata do not divide gives its spare places to each in turn.
    slots = (np.arange(steps * batch_size) % len(names)).reshape(steps, batch_size)
    order = np.empty((steps, batch_size), dtype=np.int64)
    for place, name in enumerate(names):
        rng = np.random.default_rng(derive_seed(seed, "stratum", place))
        wanted = slots == place
        members = np.flatnonzero(strata == name).astype(np.int64)
        order[wanted] = _draw(members, probabilities, int(wanted.sum()), rng)
    return order
