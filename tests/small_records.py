"""Small configurations and results for the record store."""

import numpy as np

from wbcray.core.config import Composition, NetworkConfig, OptimizerConfig, Part, TrialConfig
from wbcray.core.result import EpochReport, FoldResult, SealedCounts
from wbcray.store.cell import CellKey, Circumstances, LearntFrom


def make_config(lr=0.01, name="erm"):
    """A configuration that `lr` tells from others."""
    none = Part(name="none")
    return TrialConfig(
        method=Composition(
            name=name,
            classification=Part(name="cross_entropy"),
            domain_risk=Part(name="mean"),
            penalty=Part(name="coral", params=(("weight", 0.5),)),
            sampler=Part(name="instance"),
            finish=none,
        ),
        optimizer=OptimizerConfig(lr=lr),
        network=NetworkConfig(backbone="resnet18", weights="none"),
        image_size=32,
        epochs=1,
        patience=0,
        precision="float32",
    )


def make_result(fold=0, right=3):
    """A fold with `right` validation images, all right, and ten times as many held-out ones."""
    counts = np.array([[[right, 0], [0, 1]], [[0, 0], [0, 0]]], dtype=np.int64)
    report = EpochReport(
        fold=fold, epoch=0, losses={"erm": 0.25}, counts=counts, learning_rate=0.01, seconds=2.0
    )
    return FoldResult(
        fold=fold,
        reports=(report,),
        best_epoch=0,
        counts=counts,
        sealed=SealedCounts(counts[::-1] * 10),
        device="cpu",
        seconds=2.5,
    )


class Keeper:
    """Keeps cells in a store, with little to write."""

    def __init__(self, store):
        self.store = store

    def key(self, config=None, *, held_out="west", fold=0, seed=0):
        digest = (config or make_config()).digest
        return CellKey(config=digest, held_out=held_out, fold=fold, seed=seed)

    def keep(self, config=None, *, right=3, **cell):
        key = self.key(config, **cell)
        return self.finish(self.store.begin(key), config, right=right)

    def finish(self, lease, config=None, *, right=3):
        """Bring the result of an attempt; the record that counts afterwards."""
        images = {"train": 8, "validation": 4, "test": 40}
        lease.keep(
            config or make_config(),
            make_result(lease.key.fold, right),
            Circumstances(
                weights="0" * 64,
                learnt_from=LearntFrom(fingerprint="data", split="split", images=images),
                provenance={"threads": 1},
            ),
        )
        return self.store.find(lease.key)
