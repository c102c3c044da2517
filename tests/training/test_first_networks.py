"""Networks before training are kept for the next trial that begins with the same."""

import torch

from wbcray.core.config import NetworkConfig
from wbcray.models.network import Network
from wbcray.training.first_networks import FirstNetworks, size_of

CONFIG = NetworkConfig(backbone="resnet18", weights="none")


class Drawing:
    """Makes networks of a seed and counts them."""

    def __init__(self, seed=0):
        self.seed = seed
        self.made = 0

    def __call__(self):
        self.made += 1
        torch.manual_seed(self.seed)
        return Network(CONFIG, classes=3)


def same(one, other):
    mine, theirs = one.state_dict(), other.state_dict()
    return all(
        torch.equal(mine[name], theirs[name]) and mine[name].stride() == theirs[name].stride()
        for name in mine
    )


def test_the_same_network_is_drawn_once_and_copied_whole():
    first, draw = FirstNetworks(), Drawing()
    found = [first.get("a", draw) for _ in range(3)]
    assert draw.made == 1
    assert all(same(network, Drawing()()) for network in found)


def test_training_one_copy_leaves_the_next_as_it_was_drawn():
    first, draw = FirstNetworks(), Drawing()
    trained = first.get("a", draw)
    with torch.no_grad():
        trained.head.weight.add_(1)
        trained.backbone.bn1.running_mean.add_(1)
    assert same(first.get("a", draw), Drawing()())


def test_each_key_has_its_own_network():
    first = FirstNetworks()
    assert not same(first.get("a", Drawing(0)), first.get("b", Drawing(1)))


def test_what_was_asked_for_longest_ago_goes_when_memory_is_used_up():
    a, b, c = Drawing(), Drawing(), Drawing()
    first = FirstNetworks(most=2 * size_of(a()))
    a.made = 0
    first.get("a", a)
    first.get("b", b)
    first.get("a", a)
    first.get("c", c)  # b goes, which was asked for before a
    first.get("a", a)
    first.get("b", b)
    assert (a.made, b.made, c.made) == (1, 2, 1)


def test_a_network_larger_than_the_memory_is_drawn_each_time():
    draw = Drawing()
    first = FirstNetworks(most=1000)
    first.get("a", draw)
    first.get("a", draw)
    assert draw.made == 2
