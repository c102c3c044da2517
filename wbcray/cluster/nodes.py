"""What the nodes of a Ray cluster can hold, those that an autoscaler may still add included."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import ray
from ray._private.state import state

from wbcray.cluster.plan import Resources
from wbcray.core.errors import ResourceError

LOCAL = "local"
"""In place of an address: Ray runs on this machine, for this command."""
MOST_NODES = 1000
"""Of a group without a limit: no run has more trials at once."""
_ROUNDING = 1e-9
_GROUP = "ray.io/node-group"
"""The label by which Ray says which group of the autoscaler a node belongs to."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """Nodes of one shape.

    Attributes:
        name: The address of a node, or the autoscaler's name of a group.
        cpus, gpus: Of each of them, as Ray counts.
        count: How many there are, or may be added.
    """

    name: str
    cpus: float
    gpus: float = 0.0
    count: int = 1

    def workers(self, wanted: Resources) -> int:
        """Workers that fit on one such node."""
        fitting = self.cpus / wanted.cpus
        if wanted.gpus:
            fitting = min(fitting, self.gpus / wanted.gpus)
        return int(fitting + _ROUNDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """What a session can offer.

    Attributes:
        address: `local` or the address that was joined.
        nodes: Those that are there.
        addable: Those that an autoscaler may add when trials wait.
    """

    address: str
    nodes: tuple[NodeShape, ...]
    addable: tuple[NodeShape, ...] = ()

    @classmethod
    def present(cls, address: str) -> "ClusterFacts":
        """Of the cluster that this process has joined."""
        alive = [node for node in ray.nodes() if node["Alive"]]
        config = state.get_cluster_config()
        groups = [str(node.get("Labels", {}).get(_GROUP, "")) for node in alive]
        return cls(
            address=address,
            nodes=tuple(
                _shape(str(node["NodeManagerAddress"]), node["Resources"], count=1)
                for node in alive
            ),
            addable=addable(config.node_group_configs if config else (), groups),
        )

    @property
    def shapes(self) -> tuple[NodeShape, ...]:
        """Nodes that are there and that may come."""
        return (*self.nodes, *self.addable)

    @property
    def has_gpus(self) -> bool:
        """Whether a node has a GPU, or one that may come."""
        return any(node.gpus for node in self.shapes)

    def __str__(self) -> str:
        cpus, gpus = sum(one.cpus for one in self.nodes), sum(one.gpus for one in self.nodes)
        where = "this machine" if self.address == LOCAL else f"the cluster {self.address}"
        several = f" on {len(self.nodes)} nodes" if len(self.nodes) > 1 else ""
        more = sum(node.count for node in self.addable)
        growing = f", up to {more} more node{'' if more == 1 else 's'}" if more else ""
        amounts = f"{cpus:g} CPUs, {gpus:g} GPUs" if gpus else f"{cpus:g} CPUs"
        return f"Ray on {where}: {amounts}{several}{growing}"


def slots(cluster: ClusterFacts, wanted: Resources) -> int:
    """Trials that fit at once, those on nodes that may be added included.

    A worker needs its CPUs and GPUs on one node; workers of a trial may be on several.

    Raises:
        ResourceError: When not one does, with the largest node.
    """
    places = sum(node.workers(wanted) * node.count for node in cluster.shapes)
    if places >= wanted.workers:
        return places // wanted.workers
    largest = max(cluster.shapes, key=lambda node: (node.workers(wanted), node.gpus, node.cpus))
    each = _amounts(float(wanted.cpus), wanted.gpus)
    what = f"no node can hold a trial of {each}"
    if wanted.workers > 1:
        what = f"a trial needs {wanted.workers} workers of {each}, and there is room for {places}"
    raise ResourceError(
        f"{what}; the largest node has {_amounts(largest.cpus, largest.gpus)}",
        where=f"{cluster}; largest: {largest.name}",
        fix="lower --workers, --cpus-per-trial or --gpus-per-trial, or add a larger node",
    )


def addable(groups: Sequence[Any], present: Sequence[str]) -> tuple[NodeShape, ...]:
    """What an autoscaler may add.

    Args:
        groups: Its `NodeGroupConfig`s (`ray/core/generated/autoscaler.proto`).
        present: The group of each node that is there.
    """
    found = []
    for group in groups:
        most = MOST_NODES if group.max_count < 0 else group.max_count
        missing = min(most, MOST_NODES) - present.count(group.name)
        if missing > 0:
            found.append(_shape(str(group.name), group.resources, count=missing))
    return tuple(found)


def _shape(name: str, resources: Mapping[str, float | int], *, count: int) -> NodeShape:
    cpus, gpus = (float(resources.get(kind, 0.0)) for kind in ("CPU", "GPU"))
    return NodeShape(name=name, cpus=cpus, gpus=gpus, count=count)


def _amounts(cpus: float, gpus: float) -> str:
    """In words, as a person orders a machine."""
    return f"{cpus:g} CPU{'' if cpus == 1 else 's'} and {gpus:g} GPU{'' if gpus == 1 else 's'}"
