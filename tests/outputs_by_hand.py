"""Outputs of networks made by hand, for the views that draw single images."""

import numpy as np
import pandas as pd

from wbcray.explorer.reading.outputs import Outputs


def outputs(rows, probabilities, features=None):
    """`rows` are (fold, image, domain, true, predicted), seed 0; features for all or for none."""
    frame = pd.DataFrame(rows, columns=["fold", "image", "domain", "true", "predicted"])
    frame.insert(1, "seed", 0)
    kept = np.zeros((0, 2)) if features is None else np.array(features)
    return Outputs(
        rows=frame,
        probabilities=np.array(probabilities, dtype=np.float32),
        sampled=np.arange(len(kept), dtype=np.int64),
        features=kept.astype(np.float32),
    )


def answering(monkeypatch, view, found):
    """Let `view` see these outputs, {(method, split): Outputs}, of the held-out domain 'away'."""

    def judged(_tables, method, split, *, held_out):
        return found.get((method, split)) if held_out == "away" else None

    kept = tuple((method, split, "away") for method, split in found)
    for name, value in (("judged_images", judged), ("kept_outputs", lambda _tables: kept)):
        if hasattr(view, name):
            monkeypatch.setattr(view, name, value)
