"""What a network says of each image of a set, collected while it is judged."""

from typing import final

import numpy as np
import torch
from torch import Tensor

from wbcray.core.outputs import MOST_FEATURES, ImageOutputs, Numbers
from wbcray.data.appearance import appearance
from wbcray.data.batch import ImageSet
from wbcray.training.collective import gather_uneven, sum_over_workers

_LARGEST = torch.finfo(torch.float16).max


def sample_evenly(domains: Numbers, labels: Numbers, *, most: int = MOST_FEATURES) -> Numbers:
    """int64 rows, ascending: at most `most`, as even over domain and class as can be.

    Of each domain-class pair all are taken, or as many as of the other large ones, from all over
    the pair: neighbours in the catalog may be one patient's.
    """
    pairs = np.stack([domains, labels], axis=1)
    _, pair, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    share = _share(counts.astype(np.int64), most)
    rows = [np.flatnonzero(pair.reshape(-1) == number) for number in range(len(counts))]
    taken = [own[np.arange(n) * len(own) // n] for own in rows for n in [min(share, len(own))] if n]
    return np.sort(np.concatenate(taken)) if taken else np.empty(0, dtype=np.int64)


def _share(counts: Numbers, most: int) -> int:
    """The most images a pair may give, if all together give at most `most`."""
    least, above = 0, int(counts.max(initial=0)) + 1
    while above - least > 1:
        tried = (least + above) // 2
        fits = np.minimum(counts, tried).sum() <= most
        least, above = (tried, above) if fits else (least, tried)
    return least


@final
class OutputCollector:
    """Takes what the network gives for one worker's batches of `images`, in their order."""

    def __init__(self, images: ImageSet, sampled: Numbers, *, rank: int, world_size: int) -> None:
        self._images = images
        self._sampled = sampled
        self._rank, self._world_size = rank, world_size
        self._seen = 0
        self._logits: list[Tensor] = []
        self._features: list[Tensor] = []
        self._appearance: list[Tensor] = []
        self._places: list[Numbers] = []

    def add(self, batch: Tensor, features: Tensor, logits: Tensor) -> None:
        """The next batch of this worker, as the network saw it and what it gave."""
        rows = self._rank + self._world_size * np.arange(self._seen, self._seen + len(logits))
        self._seen += len(logits)
        chosen = np.isin(rows, self._sampled)
        self._places.append(np.searchsorted(self._sampled, rows[chosen]))
        own = torch.from_numpy(chosen).to(features.device)
        self._features.append(features[own].float())
        self._appearance.append(appearance(batch[own]))
        self._logits.append(logits)

    def together(self) -> ImageOutputs | None:
        """Outputs of all workers, to be asked for by all.

        None if a number is not finite, and where there are fewer images than workers.
        """
        if len(self._images) < self._world_size:
            return None
        logits = gather_uneven(torch.cat(self._logits), len(self._images))
        features = self._of_sampled(self._features).clamp(-_LARGEST, _LARGEST)
        seen = self._of_sampled(self._appearance)
        if not all(torch.isfinite(one).all() for one in (logits, features, seen)):
            return None
        return ImageOutputs(
            positions=self._images.positions,
            domains=self._images.domains,
            true=self._images.labels,
            predicted=logits.argmax(1).cpu().numpy().astype(np.int64),
            probabilities=logits.softmax(1).cpu().numpy(),
            sampled=self._sampled,
            features=features.half().cpu().numpy(),
            appearance=seen.cpu().numpy(),
        )

    def _of_sampled(self, own: list[Tensor]) -> Tensor:
        """[k, numbers]: what all workers have of the sampled images."""
        mine = torch.cat(own)
        whole = mine.new_zeros((len(self._sampled), mine.shape[1]))
        whole[torch.from_numpy(np.concatenate(self._places)).to(mine.device)] = mine
        # every worker has other rows, so the sum adds nothing but zeros
        return sum_over_workers(whole)


def joined(parts: list[ImageOutputs | None]) -> ImageOutputs | None:
    """The outputs of sets that were judged one after another; None if one has none."""
    whole = [part for part in parts if part is not None]
    if not whole or len(whole) < len(parts):
        return None
    starts = np.cumsum([0, *(len(part.positions) for part in whole[:-1])])
    shifted = [part.sampled + start for part, start in zip(whole, starts, strict=True)]
    return ImageOutputs(
        positions=np.concatenate([part.positions for part in whole]),
        domains=np.concatenate([part.domains for part in whole]),
        true=np.concatenate([part.true for part in whole]),
        predicted=np.concatenate([part.predicted for part in whole]),
        probabilities=np.concatenate([part.probabilities for part in whole]),
        sampled=np.concatenate(shifted),
        features=np.concatenate([part.features for part in whole]),
        appearance=np.concatenate([part.appearance for part in whole]),
    )
