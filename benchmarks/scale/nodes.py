"""Throughput of sleeping trials against the number of nodes of a cluster on this machine."""

import argparse
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from benchmarks.main_job import spread
from benchmarks.scale.driver_use import machine
from benchmarks.scale.overhead import gaps, slept, steady
from benchmarks.scale.stub_search import Wanted, search

SCRIPT = Path(__file__).parents[2] / "launch" / "local-cluster.sh"
_FOLDS, _EPOCHS = 2, 3


@contextmanager
def local_cluster(nodes: int, cpus: int) -> Iterator[str]:
    """So many nodes as processes of this machine; the address."""
    folder = f"/tmp/wbcray-scale-{os.getuid()}"  # noqa: S108  # sockets need a short path
    own = os.environ | {"CLUSTER_DIR": folder, "CPUS": str(cpus), "PORT": "6499"}
    said = subprocess.run(  # noqa: S603  # our own script
        [str(SCRIPT), "up", str(nodes)], env=own, check=True, capture_output=True, text=True
    ).stdout
    words = (line.removeprefix("export ").partition("=") for line in said.splitlines())
    settings = {name: value for name, _, value in words}
    try:
        with mock.patch.dict(os.environ, settings):
            yield settings["RAY_ADDRESS"]
    finally:
        subprocess.run([str(SCRIPT), "down"], env=own, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def options(parser: argparse.ArgumentParser) -> None:
    """Of the command line."""
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--cpus", type=int, default=4, help="of each node")
    parser.add_argument("--rounds", type=int, default=4, help="trials of each slot")
    parser.add_argument("--seconds", type=float, default=12.0, help="slept in a trial")


def main(given: argparse.Namespace, folder: Path) -> None:
    """Measure and print; efficiency against the first number of nodes."""
    first = 0.0
    for nodes in given.nodes:
        slots = nodes * given.cpus
        with local_cluster(nodes, given.cpus) as address:
            wanted = Wanted(
                trials=slots * given.rounds,
                slots=slots,
                folds=_FOLDS,
                epochs=_EPOCHS,
                epoch_seconds=given.seconds / (_FOLDS * _EPOCHS),
                address=address,
                pruned=False,
            )
            measured = search(folder / str(nodes), wanted)
        most, window = steady(measured.spans)
        length = window[1] - window[0]
        busy = slept(measured.spans, window) / length
        first = first or busy / nodes
        print(
            f"{nodes} nodes of {given.cpus} slots, {most} trials at once: "
            f"{busy / given.seconds:.3f} trials/s, {busy:.2f} slots busy, efficiency "
            f"{busy / nodes / first:.3f}; steady for {length:.0f} of "
            f"{measured.ended - measured.began:.0f} s, {len(measured.spans)} trials; to the next "
            f"trial {spread(gaps(measured.spans, window))} s; {machine()}",
            flush=True,
        )
