"""A Ray cluster of two nodes here; a line on stdin loses the second one, another adds one.

Prints the address. Nodes are lost ungracefully: the raylet and its workers are killed.
"""

# ruff: noqa: T201  # a script
import os
import sys


def main():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 100 * 1024**2}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    node = cluster.add_node(**small)
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "lose":
            cluster.remove_node(node, allow_graceful=False)
        elif line.strip() == "add":
            node = cluster.add_node(**small)
        print("done", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
