"""Running statistics, estimated anew."""

import pytest
import torch
from torch import nn

from wbcray.core.config import NetworkConfig
from wbcray.models.network import Network
from wbcray.models.normalization import FrozenBatchNorm
from wbcray.models.statistics import estimate_statistics


def pictures(images=24, *, mean=2.0, scale=3.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(images, 3, 4, 4, generator=generator) * scale + mean


def shown(layer, x, *, rows=8, kept=0.0):
    layer.eval()
    estimate_statistics(layer, lambda: [layer(part) for part in x.split(rows)], kept=kept)


def test_the_moments_are_those_of_all_images_together():
    layer, x = nn.Sequential(nn.BatchNorm2d(3)), pictures()
    shown(layer, x, rows=10)
    torch.testing.assert_close(layer[0].running_mean, x.mean((0, 2, 3)))
    torch.testing.assert_close(layer[0].running_var, x.var((0, 2, 3), unbiased=False))


def test_what_is_kept_of_the_statistics_of_training_is_a_share():
    layer, x = nn.Sequential(nn.BatchNorm2d(3)), pictures()
    shown(layer, x, kept=0.25)
    # before: mean 0 and variance 1
    torch.testing.assert_close(layer[0].running_mean, 0.75 * x.mean((0, 2, 3)))
    expected = 0.25 + 0.75 * x.var((0, 2, 3), unbiased=False)
    torch.testing.assert_close(layer[0].running_var, expected)


def test_all_of_it_kept_changes_nothing():
    layer = nn.Sequential(nn.BatchNorm2d(3))
    shown(layer, pictures(), kept=1.0)
    assert torch.equal(layer[0].running_mean, torch.zeros(3))


def test_a_deeper_layer_sees_what_the_first_makes_of_the_new_images():
    layers, x = nn.Sequential(nn.BatchNorm2d(3), nn.BatchNorm2d(3)), pictures(8)
    shown(layers, x)
    # behind a batch norm that fits, images have mean 0 and variance 1
    torch.testing.assert_close(layers[1].running_mean, torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(layers[1].running_var, torch.ones(3), atol=1e-4, rtol=0)


def test_frozen_batch_norm_stays():
    layer = nn.Sequential(FrozenBatchNorm(3))
    shown(layer, pictures())
    assert torch.equal(layer[0].running_mean, torch.zeros(3))


def test_without_an_image_nothing_changes():
    layer = nn.Sequential(nn.BatchNorm2d(3))
    estimate_statistics(layer, lambda: None)
    assert torch.equal(layer[0].running_var, torch.ones(3))


def test_without_trained_batch_norm_no_image_is_shown():
    shown_to = []
    for layer in (nn.GroupNorm(1, 3), FrozenBatchNorm(3)):
        estimate_statistics(nn.Sequential(layer), lambda: shown_to.append(1))
    assert not shown_to


def test_no_hook_is_left_behind_when_an_image_fails():
    layer = nn.Sequential(nn.BatchNorm2d(3))

    def fail():
        raise OSError("no image")

    with pytest.raises(OSError, match="no image"):
        estimate_statistics(layer, fail)
    assert not layer[0]._forward_pre_hooks


def test_a_stage_may_change_the_maps_behind_it():
    torch.manual_seed(0)
    network = Network(NetworkConfig(backbone="resnet18", weights="none"), classes=2).eval()
    seen = []

    def after(stage, maps):
        seen.append((stage, maps.shape[1]))
        return maps * 0 if stage == 4 else maps

    features = network.features(torch.randn(2, 3, 32, 32), after_stage=after)
    assert seen == [(1, 64), (2, 128), (3, 256), (4, 512)]
    assert features.abs().max() == 0
