"""What kept networks say of new images: class, calibrated probability, familiarity."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch

from wbcray.core.errors import DataError
from wbcray.data.appearance import appearance
from wbcray.data.batch import as_judged
from wbcray.data.images import Pixels, decode_measured
from wbcray.data.new_images import NewImage
from wbcray.data.prepared.sources import View
from wbcray.metrics.calibration import at_temperature
from wbcray.models.statistics import estimate_statistics
from wbcray.training.epoch import autocast
from wbcray.training.kept_network import KeptNetwork

_BATCH = 64

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prediction:
    """What is said of one image; of one that cannot be read, why.

    Attributes:
        probabilities: By class, calibrated, the mean of several networks; empty if unreadable.
        strangeness: `Familiarity.strangeness`, the mean of several networks: above 1 is out of
            distribution. None where no network can say.
        error: Why the image cannot be read; else empty.
        pixels: What the networks saw, uint8 [size, size, 3]; None if unreadable.
        side_um: Side of what they saw in micrometres; 0 where unknown.
    """

    image: NewImage
    probabilities: tuple[float, ...] = ()
    strangeness: float | None = None
    error: str = ""
    pixels: Pixels | None = None
    side_um: float = 0.0

    @property
    def ranking(self) -> tuple[int, ...]:
        """Class ids, the likeliest first; equal ones in the order of the classes."""
        return tuple(np.argsort(-np.array(self.probabilities), kind="stable").tolist())

    @property
    def out_of_distribution(self) -> bool | None:
        """Whether it is unlike the validation images; None where that cannot be said."""
        return None if self.strangeness is None else self.strangeness > 1


@final
class Predictor:
    """Several networks of one view and the same classes; one is the usual number."""

    def __init__(self, networks: Sequence[KeptNetwork], device: torch.device) -> None:
        self._networks = networks
        self._device = device
        self._view = networks[0].view

    def predict(
        self, images: Sequence[NewImage], *, done: Callable[[int], None] = lambda _: None
    ) -> Iterator[Prediction]:
        """One prediction an image, in their order.

        A network whose normalisation adapts is first shown all of them, as one domain.
        """
        for kept in self._networks:
            if kept.normalization.adapts:
                self._adapt(kept, images)
        for start in range(0, len(images), _BATCH):
            some = [_seen(image, self._view) for image in images[start : start + _BATCH]]
            yield from self._batch(some)
            done(min(start + _BATCH, len(images)))

    def _batch(self, some: Sequence[Prediction]) -> Iterator[Prediction]:
        shown = [one.pixels for one in some if one.pixels is not None]
        said = iter(self._say(np.stack(shown)) if shown else ())
        for one in some:
            if one.pixels is None:
                yield one
                continue
            probabilities, strangeness = next(said)
            yield Prediction(
                image=one.image,
                probabilities=tuple(probabilities.tolist()),
                strangeness=strangeness,
                pixels=one.pixels,
                side_um=one.side_um,
            )

    def _say(self, pixels: Pixels) -> Iterator[tuple[Floats, float | None]]:
        parts = [self._of(kept, pixels) for kept in self._networks]
        probabilities = np.mean([p for p, _ in parts], axis=0)
        scores = [s for _, s in parts if s is not None]
        strangeness = np.mean(scores, axis=0).tolist() if scores else [None] * len(pixels)
        yield from zip(probabilities, strangeness, strict=True)

    @torch.inference_mode()
    def _of(self, kept: KeptNetwork, pixels: Pixels) -> tuple[Floats, Floats | None]:
        ready = as_judged(pixels, kept.recipe, self._device)
        features, logits = self._forward(kept, ready)
        probabilities = logits.softmax(1).cpu().numpy()
        calibrated = at_temperature(probabilities, kept.temperature)
        known = kept.familiarity
        if known is None:
            return calibrated, None
        looks = appearance(ready).cpu().numpy()
        return calibrated, known.strangeness(features.cpu().numpy(), looks)

    def _forward(self, kept: KeptNetwork, ready: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        with autocast(self._device, kept.precision):
            features, logits = kept.network(ready)
        return features, logits

    @torch.inference_mode()
    def _adapt(self, kept: KeptNetwork, images: Sequence[NewImage]) -> None:
        number = -(-len(images) // _BATCH)

        def show() -> None:
            for start in range(number):  # spread, for neighbours are alike
                some = [_seen(image, self._view).pixels for image in images[start::number]]
                if shown := [pixels for pixels in some if pixels is not None]:
                    self._forward(kept, as_judged(np.stack(shown), kept.recipe, self._device))

        estimate_statistics(kept.network, show, kept=kept.normalization.training_share())


def _seen(image: NewImage, view: View) -> Prediction:
    """What a network will see of an image, or why it cannot be read."""
    field = view.field_of_view_um
    try:
        decoded = decode_measured(
            image.path, size=view.size, crop_um=field, um_per_px=image.um_per_px
        )
    except DataError as error:
        return Prediction(image=image, error=error.what)
    side = min(decoded.width, decoded.height) * image.um_per_px if field is None else field
    return Prediction(image=image, pixels=decoded.pixels, side_um=side)
