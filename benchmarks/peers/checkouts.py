"""The public codes, imported from checkouts that environment variables name; nothing is copied.

WBCRAY_DOMAINBED   git clone https://github.com/facebookresearch/DomainBed
WBCRAY_MDLT        git clone https://github.com/YyzHarry/multi-domain-imbalance

Their requirements cannot be installed beside a current torch, so what they import but do not use
here is given an empty stand-in, and ImageNet's weights, which they always ask for, are left out.
"""

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torchvision
from torch import nn

from benchmarks.peers.case import CHECKOUTS, Case

STAND_INS: dict[str, dict[str, tuple[str, ...]]] = {
    "domainbed": {
        "timm": (),
        "wilds": (),
        "wilds.datasets": (),
        "wilds.datasets.camelyon17_dataset": ("Camelyon17Dataset",),
        "wilds.datasets.fmow_dataset": ("FMoWDataset",),
    },
    "mdlt": {},
}
"""Modules that a peer imports and that may be absent, with the names it takes from them."""


def make_importable(peer: str) -> None:
    """Put the checkout on the path, with stand-ins for modules that are not installed.

    Raises:
        SystemExit: When the environment variable names no folder.
    """
    folder = Path(os.environ[CHECKOUTS[peer]])
    if not folder.is_dir():
        raise SystemExit(f"{CHECKOUTS[peer]} names no folder: {folder}")
    sys.path.append(str(folder))
    for name, wanted in STAND_INS[peer].items():
        _stand_in(name, wanted)
    torchvision.models.resnet18 = _untrained(torchvision.models.resnet18)
    torchvision.models.resnet50 = _untrained(torchvision.models.resnet50)


def module(name: str) -> Any:
    """A module of a peer; its names are not known to the type checker."""
    return importlib.import_module(name)


def _stand_in(name: str, wanted: tuple[str, ...]) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        stand_in = ModuleType(name)
        for one in wanted:
            setattr(stand_in, one, type(one, (), {}))
        sys.modules[name] = stand_in


def _untrained(build: Any) -> Any:
    """The same network without the weights that would have to be downloaded."""

    def built(*_: object, **__: object) -> nn.Module:
        network: nn.Module = build(weights=None)
        return network

    return built


def check_enough(images: int, case: Case, domain: str) -> None:
    """Refuse a domain too small for a step: the loaders would look for a full batch for ever.

    Raises:
        SystemExit: When it has fewer training images than a step takes of it.
    """
    if images < case.per_domain:
        raise SystemExit(f"{domain} has {images} training images, a step takes {case.per_domain}")


def set_side(dataset: Any, size: int) -> None:
    """Make a peer's 224 px the case's size, in the step of its transform that decides it."""
    for step in dataset.transform.transforms:
        if hasattr(step, "size"):
            step.size = (size, size)


def set_statistics(algorithm: nn.Module, images: torch.Tensor) -> None:
    """Give the batch norms the moments of some images.

    A peer that freezes them counts on ImageNet's; with those that a network is born with, values
    would grow from layer to layer.
    """
    norms = [one for one in algorithm.modules() if isinstance(one, nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    with torch.no_grad():
        algorithm.predict(images)  # type: ignore[operator]  # every algorithm has it
    for norm in norms:
        norm.momentum = 0.1
