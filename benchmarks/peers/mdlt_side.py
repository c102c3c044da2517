"""MDLT's side: its BoDA with the passes over all training images that its `train.py` makes."""

from collections import defaultdict
from pathlib import Path
from typing import Any, final

import pandas as pd
import torch

from benchmarks.peers.case import Case
from benchmarks.peers.checkouts import (
    check_enough,
    make_importable,
    module,
    set_side,
    set_statistics,
)

_HELD_BACK = 5
"""Every so many-th image of a class is not trained on, as in our five folds."""


@final
class Mdlt:
    """The loop of its `train.py` without evaluation, from one pass to the next.

    Its default hyper-parameters, but for the network (no weights), the size of images, loaders that
    work in this process (`num_workers=0`), `feat_update_freq` (the steps of a turn) and
    `boda_start_step` (0, so that its loss is there from the start). Batch norm is frozen, as it is
    there always.
    """

    def __init__(self, case: Case) -> None:
        make_importable("mdlt")
        algorithms, datasets = module("mdlt.learning.algorithms"), module("mdlt.dataset.datasets")
        loaders = module("mdlt.dataset.fast_dataloader")
        hparams = module("mdlt.hparams_registry").default_hparams("BoDA", "PACS")
        hparams |= {"resnet18": case.network == "resnet18", "batch_size": case.per_domain}
        hparams |= {"feat_update_freq": case.steps, "boda_start_step": 0}
        listed = listing(case.images, case.sources)
        augment = hparams["data_augmentation"]
        feeds, self._passes, labels = [], {}, {}
        for number, name in enumerate(case.sources):
            mine = listed[listed["env"] == name]
            one = datasets.SplitImageFolder(str(case.images), mine, augment=augment, split="train")
            check_enough(len(one), case, name)
            set_side(one, case.size)
            feeds.append(loaders.InfiniteDataLoader(one, None, case.per_domain, num_workers=0))
            self._passes[f"env{number}"] = loaders.FastDataLoader(one, 64, num_workers=0)
            labels[f"env{number}"] = one.targets
        classes = int(listed["label"].max()) + 1
        self._algorithm = algorithms.BoDA(
            (3, 224, 224), classes, len(feeds), hparams, env_labels=labels
        )
        self._batches: Any = zip(*feeds, strict=False)
        self._steps = case.steps
        self._images = case.steps * case.batch
        set_statistics(self._algorithm, torch.cat([x for x, _ in next(self._batches)]))
        self._algorithm.train()
        self._algorithm.steps = case.steps  # its own count: the next step is one with a pass

    def turn(self) -> int:
        """A pass over all training images, and the updates until the next."""
        for step in range(self._steps):
            batches = next(self._batches)
            table = self._pass() if step == 0 else {}
            self._algorithm.train()
            self._algorithm.update(batches, table)
        return self._images

    def _pass(self) -> dict[str, dict[str, list[torch.Tensor]]]:
        """Features and labels of all training images, as lists of single rows, as it takes them."""
        features: dict[str, list[torch.Tensor]] = defaultdict(list)
        labels: dict[str, list[torch.Tensor]] = defaultdict(list)
        self._algorithm.eval()
        with torch.no_grad():
            for name, loader in self._passes.items():
                for images, targets in loader:
                    features[name].extend(self._algorithm.return_feats(images).data)
                    labels[name].extend(targets.data)
        return {"feats": features, "labels": labels}


def listing(images: Path, sources: tuple[str, ...]) -> pd.DataFrame:
    """The table of files that MDLT reads in place of folders: `path`, `label`, `env`, `split`.

    Classes are numbered by name over all sources; `split` is `train` or `val`.
    """
    classes = sorted({one.name for name in sources for one in (images / name).iterdir()})
    rows = [
        (f"{name}/{label}/{file.name}", number, name, "val" if place % _HELD_BACK == 1 else "train")
        for name in sources
        for number, label in enumerate(classes)
        if (images / name / label).is_dir()
        for place, file in enumerate(sorted((images / name / label).iterdir()))
    ]
    return pd.DataFrame(rows, columns=["path", "label", "env", "split"])
