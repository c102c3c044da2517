"""Networks: shapes, normalisation, weights."""

import pytest
import torch
import torchvision

from wbcray.core.config import NetworkConfig
from wbcray.core.errors import ResourceError, UsageError
from wbcray.models.network import Network
from wbcray.models.normalization import FrozenBatchNorm, SyncedBatchNorm
from wbcray.models.weights import IMAGENET_FILES, hub_folder, load, resolve

SMALL = NetworkConfig(backbone="resnet18", weights="none")


def images(side, number=2):
    return torch.randn(number, 3, side, side, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("backbone", "dim"), [("resnet18", 512), ("resnet50", 2048)])
@pytest.mark.parametrize("side", [64, 96])
def test_features_and_logits_have_their_width_at_any_size(backbone, dim, side):
    network = Network(NetworkConfig(backbone=backbone, weights="none"), classes=13)
    features, logits = network(images(side))
    assert (features.shape, logits.shape) == ((2, dim), (2, 13))


@pytest.mark.slow
def test_resnet50_takes_images_of_224_px():
    network = Network(NetworkConfig(backbone="resnet50", weights="none"), classes=5).eval()
    with torch.inference_mode():
        assert network(images(224, 1))[1].shape == (1, 5)


def test_outputs_are_float32_under_mixed_precision():
    network = Network(SMALL, classes=3)
    with torch.autocast("cpu", torch.bfloat16):
        features, logits = network(images(64))
    assert features.dtype == logits.dtype == torch.float32


def test_given_weights_are_loaded_and_their_imagenet_head_is_left_out(tmp_path):
    state = torchvision.models.resnet18(weights=None).state_dict()
    torch.save(state, tmp_path / "w.pth")
    name, file = resolve(str(tmp_path / "w.pth"), "resnet18")
    network = Network(SMALL, classes=3, weights=load(name, "resnet18", file))
    torch.testing.assert_close(network.backbone.conv1.weight.detach(), state["conv1.weight"])
    assert network.head.weight.shape == (3, 512)


def test_a_weights_file_may_move_but_not_change(tmp_path):
    path = tmp_path / "w.pth"
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), path)
    name, _ = resolve(str(path), "resnet18")
    moved = path.rename(tmp_path / "moved.pth")
    assert load(name, "resnet18", moved) is not None
    moved.write_bytes(moved.read_bytes() + b"x")
    with pytest.raises(ResourceError, match="changed"):
        load(name, "resnet18", moved)


def test_weights_of_another_network_are_refused(tmp_path):
    others = torchvision.models.resnet18(weights=None).state_dict()
    torch.save(others, tmp_path / "w.pth")
    with pytest.raises(UsageError, match="do not fit resnet50"):
        resolve(str(tmp_path / "w.pth"), "resnet50")
    config = NetworkConfig(backbone="resnet50", weights="sha256:0")
    with pytest.raises(UsageError, match="do not fit resnet50"):
        Network(config, classes=3, weights=others)


def test_imagenet_weights_that_are_absent_are_an_error_that_says_how_to_get_them(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(ResourceError) as caught:
        resolve("imagenet", "resnet50")
    assert caught.value.exit_code == 5
    assert "resnet50-11ad3fa6.pth" in caught.value.where
    assert "--weights" in caught.value.fix


def test_frozen_batch_norm_without_weights_is_refused():
    with pytest.raises(UsageError, match="needs trained weights"):
        Network(
            NetworkConfig(backbone="resnet18", weights="none", normalization="frozen"), classes=3
        )


def test_frozen_batch_norm_keeps_its_statistics_while_training():
    layer = FrozenBatchNorm(3).train()
    layer(torch.randn(4, 3, 5, 5) + 7)
    assert layer.running_mean.tolist() == [0.0, 0.0, 0.0]
    assert layer.weight.requires_grad


def test_group_norm_does_not_depend_on_the_other_images_of_the_batch():
    config = NetworkConfig(backbone="resnet18", weights="none", normalization="group")
    network = Network(config, classes=3).train()
    batch = images(64, 4)
    together, alone = network(batch)[1][:1], network(batch[:1])[1]
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_synchronised_batch_norm_alone_is_batch_norm():
    torch.manual_seed(0)
    plain, synced = torch.nn.BatchNorm2d(3), SyncedBatchNorm(3)
    batch = torch.randn(4, 3, 5, 5)
    torch.testing.assert_close(synced(batch), plain(batch))


def test_imagenet_weights_that_are_not_the_published_ones_are_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    file = hub_folder() / IMAGENET_FILES["resnet18"]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"others")
    with pytest.raises(ResourceError, match="begins with 01db91d0, not with f37072fd"):
        load("imagenet", "resnet18", None)
    with pytest.raises(ResourceError, match="not the published ones"):
        resolve("imagenet", "resnet18")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"TORCH_HOME": "~/here"}, "/home/her/here/hub/checkpoints"),
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/torch/hub/checkpoints"),
        ({}, "/home/her/.cache/torch/hub/checkpoints"),
    ],
)
def test_weights_lie_where_torchvision_keeps_them(monkeypatch, given, wanted):
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"HOME": "/home/her"} | given).items():
        monkeypatch.setenv(name, value)
    assert str(hub_folder()) == wanted == f"{torch.hub.get_dir()}/checkpoints"
