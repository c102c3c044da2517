"""Random numbers by counter: a value depends on (seed, epoch, draw), on nothing else.

A draw is an image, or an image for the second, third ... time in one epoch. So it is augmented
alike whichever worker has it, whatever came before, and after a restart; and an image that a
sampler draws again is not the same picture again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wbcray.core.seeding import derive_seed

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_REPEAT_BITS = 40
"""More images than any catalog has."""

Uniform = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomness:
    """Where augmentation takes its numbers from."""

    seed: int
    epoch: int

    def uniform(
        self,
        draws: "np.ndarray[Any, np.dtype[np.int64]]",
        *,
        columns: int,
        stream: str | None = None,
    ) -> Uniform:
        """float32 [draws, columns]: as `uniform`, where a named stream depends on no other."""
        seed = self.seed if stream is None else derive_seed(self.seed, stream)
        return uniform(draws, seed=seed, epoch=self.epoch, columns=columns)


def draws_of(
    positions: "np.ndarray[Any, np.dtype[np.int64]]",
    repeats: "np.ndarray[Any, np.dtype[np.int64]] | None",
) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """int64 [draws]: one number for an image and how often it came before in the epoch.

    The first draw of an image is its catalog position.
    """
    return positions if repeats is None else positions + (repeats << _REPEAT_BITS)


def _scramble(state: "np.ndarray[Any, np.dtype[np.uint64]]") -> Any:
    """SplitMix64's finaliser (Steele et al. 2014): every input bit reaches every output bit."""
    state = (state ^ (state >> np.uint64(30))) * _MIX_A
    state = (state ^ (state >> np.uint64(27))) * _MIX_B
    return state ^ (state >> np.uint64(31))


def uniform(
    draws: "np.ndarray[Any, np.dtype[np.int64]]", *, seed: int, epoch: int, columns: int
) -> Uniform:
    """float32 [draws, columns], uniform in [0, 1), for these draws."""
    with np.errstate(over="ignore"):
        start = _scramble(np.array([seed], dtype=np.uint64) + _GOLDEN)
        start = _scramble(start + np.uint64(epoch) * _GOLDEN)
        rows = _scramble(start + (draws.astype(np.uint64) + np.uint64(1)) * _GOLDEN)
        counters = np.arange(1, columns + 1, dtype=np.uint64) * _GOLDEN
        bits = _scramble(rows[:, None] + counters[None, :])
    values: Uniform = (bits >> np.uint64(40)).astype(np.float32) / np.float32(2**24)
    return values
