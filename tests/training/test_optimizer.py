"""Optimizer and schedule."""

import torch
from torch import nn

from wbcray.core.config import OptimizerConfig
from wbcray.training.optimizer import learning_rate_factor, make_optimizer


def test_the_learning_rate_rises_then_falls_to_zero():
    factors = [round(learning_rate_factor(step, 10, 0.2), 2) for step in (0, 1, 2, 6, 10)]
    assert factors == [0.5, 1.0, 1.0, 0.5, 0.0]


def test_without_warm_up_the_first_step_has_the_peak_rate():
    assert learning_rate_factor(0, 10, 0.0) == 1.0


def test_norm_layers_and_biases_are_not_decayed():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    optimizer = make_optimizer(network, OptimizerConfig(weight_decay=0.1))
    decayed, plain = optimizer.param_groups
    assert [tensor.ndim for tensor in decayed["params"]] == [4]
    assert plain["weight_decay"] == 0.0
    assert sum(tensor.numel() for tensor in plain["params"]) == 12


def test_one_step_moves_a_weight_by_about_the_learning_rate():
    weight = nn.Parameter(torch.ones(2, 2))
    module = nn.Module()
    module.weight = weight
    optimizer = make_optimizer(module, OptimizerConfig(lr=0.01, weight_decay=0.0))
    weight.grad = torch.full((2, 2), 3.0)
    optimizer.step()
    torch.testing.assert_close(weight.detach(), torch.full((2, 2), 0.99), atol=1e-6, rtol=0)
