"""The public codes, imported from checkouts that WBCRAY_DOMAINBED and WBCRAY_MDLT name.

Nothing of them is copied. Where a checkout is not named, or cannot be imported, that is said.
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import combinations
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.losses.cases import COUNTS, DIM

MODULES = {"WBCRAY_DOMAINBED": "domainbed.algorithms", "WBCRAY_MDLT": "mdlt.learning.algorithms"}


@cache
def imported(variable: str) -> Any | None:
    """The module with the methods, or None after saying why not."""
    path = os.environ.get(variable)
    if not path:
        print(f"  {variable} names no checkout: not measured against {MODULES[variable]}")
        return None
    if path not in sys.path:
        sys.path.append(path)
    try:
        return importlib.import_module(MODULES[variable])
    except (ImportError, SyntaxError, AttributeError) as error:
        print(f"  {MODULES[variable]} cannot be imported from {variable}: {error}")
        return None


def distance_terms() -> dict[str, list[tuple[str, Callable[[Sequence[Tensor]], Tensor]]]]:
    """For `coral` and `mmd`, who else computes it, and how."""
    found: dict[str, list[tuple[str, Callable[[Sequence[Tensor]], Tensor]]]] = {}
    domainbed, mdlt = imported("WBCRAY_DOMAINBED"), imported("WBCRAY_MDLT")
    if domainbed is not None:
        for name, kind in (("coral", "mean_cov"), ("mmd", "gaussian")):
            owner = domainbed.AbstractMMD.__new__(domainbed.AbstractMMD)
            nn.Module.__init__(owner)
            owner.kernel_type = kind
            found.setdefault(name, []).append(("DomainBed", partial(_over_pairs, owner.mmd)))
    if mdlt is not None:
        macro = partial(_over_pairs, mdlt.BoDA.macro_alignment_loss)
        found.setdefault("coral", []).append(("MDLT, macro", macro))
    return found


def _over_pairs(distance: Callable[[Tensor, Tensor], Any], groups: Sequence[Tensor]) -> Tensor:
    """Summed over pairs in a loop and divided by their number, as both codes do."""
    penalty = torch.zeros((), device=groups[0].device)
    for a, b in combinations(groups, 2):
        penalty = penalty + distance(a, b)
    return penalty / (len(groups) * (len(groups) - 1) / 2)


def boda_update(
    domains: int, centroids: Tensor, device: torch.device
) -> Callable[[Sequence[tuple[Tensor, Tensor]]], object] | None:
    """BoDA's `update` on features, without its macro term and with a linear classifier.

    Its own term cannot be called by itself: what comes besides is a cross-entropy per domain and a
    step of Adam on the classifier.
    """
    mdlt = imported("WBCRAY_MDLT")
    if mdlt is None:
        return None
    hparams = {
        "lr": 1e-4, "weight_decay": 0.0, "nu": 0.5, "momentum": 0.2, "temperature": 1.0,
        "boda_start_step": 0, "feat_update_freq": 10**9, "boda_weight": 1.0, "macro_weight": 0.0,
        "mlp_width": 8, "mlp_depth": 2, "mlp_dropout": 0.0, "nonlinear_classifier": False,
    }  # fmt: skip
    counts = COUNTS[:domains]
    env_labels = {
        f"env{number}": torch.arange(len(row)).repeat_interleave(row).numpy()
        for number, row in enumerate(counts)
    }
    classes = counts.shape[1]
    algorithm = mdlt.BoDA((DIM,), classes, domains, hparams, env_labels=env_labels)
    algorithm.featurizer = nn.Identity()
    algorithm.classifier = nn.Linear(DIM, classes)
    algorithm.optimizer = torch.optim.Adam(algorithm.classifier.parameters(), lr=1e-4)
    algorithm.macro_alignment_loss = lambda *groups: groups[0].new_zeros(())
    algorithm.train_centroids = centroids
    algorithm.to(device)
    update: Callable[[Sequence[tuple[Tensor, Tensor]]], object] = algorithm.update
    return update
