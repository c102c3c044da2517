"""What nodes hold: trials are counted node by node, and what none can hold is refused."""

from types import SimpleNamespace

import pytest

from wbcray.cluster.nodes import MOST_NODES, ClusterFacts, NodeShape, addable, slots
from wbcray.cluster.plan import Resources
from wbcray.core.errors import ResourceError


def cluster(*nodes, more=()):
    return ClusterFacts(address="10.0.0.5:6379", nodes=nodes, addable=tuple(more))


def node(cpus, gpus=0.0, *, name="10.0.0.7", count=1):
    return NodeShape(name=name, cpus=cpus, gpus=gpus, count=count)


def group(name, most, **resources):
    return SimpleNamespace(name=name, max_count=most, resources=resources)


def test_two_cores_hold_two_trials_of_one_or_one_of_two():
    machine = cluster(node(2.0))
    assert slots(machine, Resources(cpus=1)) == 2
    assert slots(machine, Resources(cpus=2)) == slots(machine, Resources(workers=2)) == 1


def test_a_quarter_of_a_gpu_lets_four_trials_share_it():
    assert slots(cluster(node(16.0, 1.0)), Resources(gpus=0.25)) == 4


def test_what_is_left_over_on_two_nodes_makes_no_place():
    three = cluster(node(3.0), node(3.0))
    assert slots(three, Resources(cpus=2)) == 2
    assert slots(three, Resources(cpus=1)) == 6


def test_workers_of_a_trial_may_be_on_several_nodes():
    assert slots(cluster(node(2.0), node(2.0)), Resources(cpus=2, workers=2)) == 1


def test_a_gpu_on_one_node_and_cores_on_another_are_no_place():
    with pytest.raises(ResourceError, match="no node can hold a trial of 4 CPUs and 1 GPU"):
        slots(cluster(node(2.0, 1.0), node(8.0)), Resources(cpus=4, gpus=1.0))


def test_a_trial_that_no_node_can_hold_is_refused_with_the_largest():
    small = cluster(node(4.0, name="10.0.0.6"), node(8.0, name="10.0.0.9"))
    with pytest.raises(ResourceError, match="the largest node has 8 CPUs and 0 GPUs") as caught:
        slots(small, Resources(cpus=16))
    assert caught.value.exit_code == 5
    assert caught.value.where.endswith("12 CPUs on 2 nodes; largest: 10.0.0.9")


def test_a_gpu_where_there_is_none_is_refused():
    with pytest.raises(ResourceError, match="of 1 CPU and 1 GPU; the largest node has 2 CPUs"):
        slots(cluster(node(2.0)), Resources(gpus=1.0))


def test_nodes_that_an_autoscaler_may_add_count():
    growing = cluster(node(2.0), more=[node(8.0, 1.0, name="gpu", count=3)])
    assert slots(growing, Resources(gpus=1.0)) == 3
    assert growing.has_gpus
    assert str(growing).endswith("2 CPUs, up to 3 more nodes")


def test_an_autoscaler_adds_what_is_missing_of_each_group():
    groups = [group("small", 4, CPU=2), group("large", -1, CPU=16, GPU=2), group("head", 0, CPU=1)]
    found = addable(groups, ["small", "small", "head"])
    assert [(one.name, one.cpus, one.gpus, one.count) for one in found] == [
        ("small", 2.0, 0.0, 2),
        ("large", 16.0, 2.0, MOST_NODES),
    ]
