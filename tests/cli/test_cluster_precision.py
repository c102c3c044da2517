"""A head node without a GPU settles the precision for workers that have some, and says so."""

from dataclasses import replace

import pytest
from generated_cells import write_project

from wbcray.cli.session import slow_precision
from wbcray.cluster.nodes import ClusterFacts, NodeShape
from wbcray.core.project import load_project
from wbcray.training.settings import settings_of

HEAD = NodeShape(name="10.0.0.1", cpus=4.0)
GPU_NODES = NodeShape(name="worker", cpus=8.0, gpus=1.0, count=8)


@pytest.fixture
def project(tmp_path, cells):
    return load_project(write_project(tmp_path, cells, precision="auto"))


@pytest.fixture
def settings(project):
    return replace(settings_of(project), precision="float32")


def test_nodes_with_gpus_that_may_come_are_thought_of(project, settings):
    cluster = ClusterFacts(address="10.0.0.1:6379", nodes=(HEAD,), addable=(GPU_NODES,))
    said = slow_precision(project, settings, cluster)
    assert said is not None
    assert "`precision: bfloat16` in wbcray.yaml" in said


def test_nothing_is_said_where_no_node_has_a_gpu(project, settings):
    assert slow_precision(project, settings, ClusterFacts(address="local", nodes=(HEAD,))) is None


def test_nothing_is_said_of_a_precision_that_was_asked_for(tmp_path, cells, settings):
    asked = load_project(write_project(tmp_path, cells, precision="float32"))
    cluster = ClusterFacts(address="10.0.0.1:6379", nodes=(GPU_NODES,))
    assert slow_precision(asked, settings, cluster) is None


def test_nothing_is_said_of_bfloat16(project, settings):
    cluster = ClusterFacts(address="10.0.0.1:6379", nodes=(GPU_NODES,))
    fast = replace(settings, precision="bfloat16")
    assert slow_precision(project, fast, cluster) is None
