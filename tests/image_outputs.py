"""Outputs of a network made by hand."""

import numpy as np

from wbcray.core.outputs import ImageOutputs


def make_outputs(true, predicted, *, domain=0, positions=None, classes=2, **changes):
    """Outputs that predict `predicted` with probability .75; the first image has features."""
    true, predicted = (np.array(ids, dtype=np.int64) for ids in (true, predicted))
    rest = 0.25 / (classes - 1)
    probabilities = np.full((len(true), classes), rest, dtype=np.float32)
    probabilities[np.arange(len(true)), predicted] = 0.75
    numbers = np.arange(len(true)) if positions is None else positions
    fields = {
        "positions": np.array(numbers, dtype=np.int64),
        "domains": np.full(len(true), domain, dtype=np.int64),
        "true": true,
        "predicted": predicted,
        "probabilities": probabilities,
        "sampled": np.array([0], dtype=np.int64),
        "features": np.array([[0.5, 2.0]], dtype=np.float16),
        "appearance": np.zeros((1, 7), dtype=np.float32),
    }
    return ImageOutputs(**(fields | changes))
