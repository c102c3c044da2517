"""Every part and preset: two workers compute the loss and the gradients of one (gloo, no Ray)."""

import pytest
import torch
import torch.distributed as dist
from torch import nn
from two_workers import run_two

from wbcray.core.config import AXES
from wbcray.data.batch import Batch
from wbcray.methods.base import NOISE_COLUMNS, TrainingFacts
from wbcray.methods.compose import default_composition
from wbcray.methods.method import build_method
from wbcray.methods.parts import part_names
from wbcray.methods.presets import PRESETS
from wbcray.models.network import Network
from wbcray.training.collective import rank, world_size, wrap
from wbcray.training.learner import Learner

CPU = torch.device("cpu")
DIM, CLASSES = 8, 3
ACTING = ("classification", "domain_risk", "penalty", "mixing")
"""Axes whose parts act within a step."""


class SmallNetwork(Network):
    """Two convolutions in place of a ResNet."""

    def __init__(self):
        nn.Module.__init__(self)
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, DIM, 3, padding=1)
        self.head = nn.Linear(DIM, CLASSES)

    def features(self, images, *, after_stage=None):
        maps = self.first(images).relu()
        maps = maps if after_stage is None else after_stage(1, maps)
        maps = self.second(maps).tanh()
        maps = maps if after_stage is None else after_stage(2, maps)
        return maps.mean((2, 3))

    def classify(self, features):
        return self.head(features)


def methods():
    names = [*PRESETS]
    for axis in AXES:
        if axis in ACTING:
            names += [f"erm+{axis}={part}" for part in part_names(axis)]
    found = {default_composition(name).name for name in names}
    return sorted(found)


def learner_of(method):
    counts = torch.tensor([[6, 4, 3], [5, 4, 2], [0, 0, 0]])
    facts = TrainingFacts(counts=counts, feature_dim=DIM, steps=10)
    torch.manual_seed(0)
    learner = Learner(SmallNetwork(), build_method(default_composition(method), facts))
    return learner.double()


def whole_batch(step):
    generator = torch.Generator().manual_seed(step)
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 0, 1, 2, 1, 0])
    return Batch(
        images=torch.randn(12, 3, 6, 6, generator=generator, dtype=torch.float64),
        labels=labels,
        domains=torch.tensor([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0]),
        noise=torch.rand(12, NOISE_COLUMNS, generator=generator, dtype=torch.float64),
    )


def share_of(batch):
    mine = slice(rank(), None, world_size())
    return Batch(**{name: getattr(batch, name)[mine] for name in batch.__dataclass_fields__})


def three_steps(method):
    """Losses and, after the last step, the gradients, as one flat list."""
    learner = learner_of(method)
    wrapped = wrap(learner, CPU)
    optimizer = torch.optim.SGD(learner.parameters(), lr=0.05)
    found = []
    for step in range(3):
        total, _, outputs, targets = wrapped(share_of(whole_batch(step)), 0.5)
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        learner.method.observe(outputs, targets, 0.5)
        found.append(float(total.detach()))
    gradients = [p.grad for p in learner.parameters() if p.grad is not None]
    return found + [float(gradient.double().norm()) for gradient in gradients]


def work(number, names, meeting, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=number, world_size=2)
    found = {name: three_steps(name) for name in names}
    dist.destroy_process_group()
    if number == 0:
        torch.save(found, folder / "together.pt")


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    run_two(work, (methods(), folder / "meeting", folder))
    return torch.load(folder / "together.pt", weights_only=True)


@pytest.mark.parametrize("method", methods())
def test_two_workers_compute_what_one_does(together, method):
    assert together[method] == pytest.approx(three_steps(method), rel=1e-6, abs=1e-9)
