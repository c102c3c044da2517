"""Small runs made by hand: one for arithmetic, one with everything a report must survive."""

import json

import numpy as np
import pandas as pd
import pytest

from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.reading.tables import COLUMNS, RunTables

FACTS = {
    "run": "main",
    "classes": ["a", "b", "c"],
    "domains": ["home", "away"],
    "folds": 2,
    "synthetic": False,
    "data_fingerprint": "d" * 16,
    "split_digest": "5" * 16,
    "network": {"backbone": "resnet18", "weights": "none"},
    "image_size": 64,
    "epochs": 3,
    "seeds": [0],
    "versions": {"wbcray": "0.1.0", "torch": "2.14.0"},
    "openings": 1,
    "selection_rule": "highest mean validation macro F1 over folds",
    "failed_cells": [],
}


class RunBuilder:
    """Collects hand-made cells and counts; `build` makes the tables of the contract."""

    def __init__(self, **facts):
        self.facts = RunFacts.from_json(FACTS | facts)
        self.cells, self.confusion, self.curves, self.trials = [], [], [], []

    def cell(self, method, held_out, fold, *, validation, unseen=None, seed=0, **fields):
        """One cell; `validation` is {domain: [true, predicted]}, `unseen` one table."""
        key = {"method": method, "held_out": held_out, "fold": fold, "seed": seed}
        key["config"] = fields.pop("config", f"{method}-default")
        judged = int(sum(np.sum(table) for table in validation.values()))
        cell = {"origin": "compare", "trial": -1, "epochs": 3, "best_epoch": 2, "seconds": 60.0}
        cell |= {"device": "cpu", "n_train": 4 * judged, "n_validation": judged}
        cell |= {"n_test": int(np.sum(unseen or 0)), "test_opened": unseen is not None}
        self.cells.append(key | cell | fields)
        for domain, table in validation.items():
            self._count(key, "validation", domain, table)
        if unseen is not None:
            self._count(key, "unseen", held_out, unseen)
        return self

    def _count(self, key, split, domain, table):
        names = self.facts.classes
        self.confusion += [
            key
            | {"split": split, "domain": domain, "true": names[true]}
            | {"predicted": names[said], "count": int(count)}
            for (true, said), count in np.ndenumerate(np.array(table))
            if count
        ]

    def curve(self, method, held_out, fold, values, *, seed=0, config=None):
        """One learning curve: validation macro F1 by epoch."""
        key = {"method": method, "held_out": held_out, "fold": fold, "seed": seed}
        key |= {"config": config or f"{method}-default", "trial": -1}
        self.curves += [
            key
            | {"epoch": epoch, "val_macro_f1": value, "val_micro_f1": value}
            | {"learning_rate": 1e-3, "seconds": 2.0, "loss_cross_entropy": 1 - value}
            for epoch, value in enumerate(values)
        ]
        return self

    def trial(self, method, held_out, trial, value=np.nan, *, state="COMPLETE", **params):
        """One trial of a study."""
        row = {"method": method, "held_out": held_out, "trial": trial, "state": state}
        row |= {"value": value, "value_std": 0.02, "budget": 15, "seconds": 90.0}
        self.trials.append(row | {f"p_{name}": v for name, v in params.items()})
        return self

    def build(self):
        """The tables."""

        def frame(name):
            return pd.DataFrame(
                getattr(self, name), columns=None if getattr(self, name) else COLUMNS[name]
            )

        return RunTables(**{name: frame(name) for name in COLUMNS}, facts=self.facts)


@pytest.fixture(scope="session")
def builder():
    """An empty run with classes a, b, c and the domains home and away."""
    return RunBuilder


REAL = {
    "classes": ["neutrophil", "lymphocyte", "monocyte", "eosinophil", "basophil", "myeloblast"],
    "domains": ["tecom", "cellavision", "bccd"],
    "folds": 5,
    "seeds": [0, 1],
    "synthetic": True,
    "openings": 3,
    "epochs": 12,
    "run": "three small domains",
}
IMAGES = {  # of each class in each domain
    "tecom": [176, 53, 48, 22, 1, 0],
    "cellavision": [33, 37, 15, 12, 3, 0],
    "bccd": [207, 33, 20, 88, 3, 9],
}
SKILL = {"erm": 0.62, "coral": 0.65, "boda": 0.74, "dann": 0.45, "ldam": 0.61}


def draw(rng, images, skill):
    """Counts [true, predicted] of a classifier that is right with probability `skill`."""
    classes = len(images)
    table = np.zeros((classes, classes), dtype=int)
    for true, number in enumerate(images):
        wrong = np.full(classes, (1 - skill) / (classes - 1))
        wrong[true] = skill
        table[true] = rng.multinomial(number, wrong)
    return table


def realistic_run():
    """Five methods, three held-out domains, two seeds; one sealed, one failed, one unfinished."""
    rng = np.random.default_rng(7)
    failed = {"method": "dann", "held_out": "bccd", "fold": 4, "seed": 1}
    failed["reason"] = "loss is not finite at epoch 2"
    run = RunBuilder(**(REAL | {"failed_cells": [failed]}))
    for held_out, images in IMAGES.items():
        for method, skill in SKILL.items():
            for fold in range(2 if (method, held_out) == ("ldam", "tecom") else 5):
                for seed in (0, 1):
                    if (method, held_out, fold, seed) == ("dann", "bccd", 4, 1):
                        continue
                    level = skill + rng.normal(0, 0.03)
                    sources = {d: n for d, n in IMAGES.items() if d != held_out}
                    validation = {
                        d: draw(rng, [(x + 4 - fold) // 5 for x in n], min(level + 0.25, 0.98))
                        for d, n in sources.items()
                    }
                    sealed = (method, held_out) == ("ldam", "bccd")
                    run.cell(
                        method,
                        held_out,
                        fold,
                        seed=seed,
                        validation=validation,
                        unseen=None if sealed else draw(rng, images, level).tolist(),
                    )
                    steps = np.arange(int(rng.integers(8, 13)))
                    rise = (level + 0.2) * (1 - np.exp(-(steps + 1) / 3))
                    run.curve(method, held_out, fold, list(rise), seed=seed)
            for trial in range(24 if method in {"erm", "coral", "boda"} else 0):
                pruned = trial % 5 == 4
                lr = float(10 ** rng.uniform(-5, -2.5))
                value = 0.75 - 0.08 * (np.log10(lr) + 3.6) ** 2 + rng.normal(0, 0.02)
                params = {"optimizer.lr": lr, "optimizer.batch_size": int(rng.choice([16, 32, 64]))}
                params["sampler"] = str(rng.choice(["shuffled", "domain_balanced"]))
                if method == "boda":
                    params["penalty.weight"] = float(10 ** rng.uniform(-2, 1))
                    params["penalty.nu"] = float(rng.uniform(0, 1.5))
                run.trial(
                    method,
                    held_out,
                    trial,
                    np.nan if pruned else float(value),
                    state="PRUNED" if pruned else "COMPLETE",
                    **params,
                )
    return run.build()


@pytest.fixture(scope="session")
def realistic():
    """The run with everything in it."""
    return realistic_run()


@pytest.fixture
def run_folder(tmp_path, realistic):
    """The same run as files, the way the store writes them."""
    (tmp_path / "tables").mkdir()
    for name in COLUMNS:
        getattr(realistic, name).to_parquet(tmp_path / "tables" / f"{name}.parquet")
    failed = [
        {
            "method": c.method,
            "held_out": c.held_out,
            "fold": c.fold,
            "seed": c.seed,
            "reason": c.reason,
        }
        for c in realistic.facts.failed_cells
    ]
    facts = FACTS | REAL | {"failed_cells": failed}
    (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return tmp_path
