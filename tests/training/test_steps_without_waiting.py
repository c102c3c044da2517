"""A step asks the device for no number: a GPU would have to finish first, while the host waits."""

import traceback

import pytest
import torch
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from benchmarks.losses.cases import Case, make_case
from benchmarks.losses.step import loss_step
from wbcray.core.config import AugmentConfig
from wbcray.data.augment.recipe import augment
from wbcray.methods.presets import PRESETS

CPU = torch.device("cpu")
ANSWERED_BY_THE_HOST = {
    *("aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select", "aten::bincount"),
    *("aten::_unique2", "aten::unique_dim", "aten::unique_consecutive", "aten::equal"),
}


class Waits(TorchDispatchMode):
    """Where our code asked for what only a finished device can tell."""

    def __init__(self):
        super().__init__()
        self.places = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name
        by_mask = name in ("aten::index", "aten::index_put_") and any(
            one is not None and one.dtype == torch.bool for one in args[1]
        )
        if by_mask or name in ANSWERED_BY_THE_HOST:
            frames = [one for one in traceback.extract_stack() if "/wbcray/" in one.filename]
            where = [f"{one.filename}:{one.lineno}" for one in frames[-1:]]
            self.places.append((name, *where))
        return func(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def case() -> Case:
    return make_case(12, 2, dim=16)


@pytest.fixture
def unchecked_one_hot(monkeypatch):
    """On a GPU torch does not check the range of the classes."""

    def one_hot(classes, number):
        empty = torch.zeros(*classes.shape, number, dtype=torch.int64)
        return empty.scatter_(-1, classes.unsqueeze(-1), 1)

    monkeypatch.setattr(F, "one_hot", one_hot)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.usefixtures("unchecked_one_hot")
def test_no_loss_asks_for_a_number(preset, case):
    step = loss_step(preset, case, CPU)
    step()
    with Waits() as seen:
        step()
    assert seen.places == []


def test_no_augmentation_asks_for_a_number():
    everything = AugmentConfig(
        rotation=9.0, translation=0.1, scale=0.1, shear=5.0, saturation=0.2, hue=5.0, blur=1.0
    )
    images, numbers = torch.rand(2, 3, 16, 16), torch.rand(2, 14)
    augment(images, numbers, everything)
    with Waits() as seen:
        augment(images, numbers, everything)
    assert seen.places == []


@pytest.mark.parametrize("ask", [lambda x: x.max().item(), lambda x: x[x > 0], torch.unique])
def test_asking_for_a_number_is_noticed(ask):
    with Waits() as seen:
        ask(torch.arange(3))
    assert len(seen.places) == 1
