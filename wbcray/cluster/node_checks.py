"""What each node of a cluster says of itself: versions, GPUs, disk, clock, and the run's folder."""

import os
import platform
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from wbcray.store.place import Place, listed, place_of, url_of

ANSWER_S = 90.0
"""Seconds that all nodes together have to answer; a first process of Ray takes some."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReport:
    """What one node found.

    Attributes:
        address: As Ray knows the node.
        error: Why it could not be asked; then nothing else is known.
        versions: Of what has to be the same everywhere, by name.
        gpus: That Ray counts there.
        free_gb: Free disk below the cache folder, in GB.
        folder: What is wrong with the folder of runs; empty when it is shared and can be written.
        clock_seconds: How far its clock is ahead of this machine's, as far as the answer's way
            leaves that open; 0 when it may be right.
    """

    address: str
    host: str = ""
    error: str = ""
    versions: tuple[tuple[str, str], ...] = ()
    gpus: float = 0.0
    free_gb: float = 0.0
    folder: str = ""
    clock_seconds: float = 0.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a node's own process sees; sent back as it is."""

    host: str
    versions: tuple[tuple[str, str], ...]
    free_gb: float
    folder: str
    clock: float


def report_nodes(runs: Place, cache: Path) -> tuple[NodeReport, ...]:
    """Ask every node that is alive.

    Args:
        runs: Where runs are kept, which all nodes have to share; a folder is made if need be.
        cache: Where each node keeps decoded pixels.

    Raises:
        OSError: When this machine itself cannot write there.
    """
    if isinstance(runs, Path):
        runs = runs.resolve()
        runs.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex
    probe = runs / f".probe-{mark}"
    probe.write_text(mark)
    try:
        return tuple(_ask(url_of(probe), str(cache.resolve())))
    finally:
        for path in listed(runs, f".probe-{mark}*"):
            path.unlink(missing_ok=True)


def _ask(probe: str, cache: str) -> list[NodeReport]:
    nodes = [node for node in ray.nodes() if node["Alive"]]
    task: Any = ray.remote(num_cpus=0, max_retries=0)(look_around)
    began = time.time()
    asked = {}
    for node in nodes:
        place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        asked[task.options(scheduling_strategy=place).remote(probe, cache)] = node
    answered, _ = ray.wait(list(asked), num_returns=len(asked), timeout=ANSWER_S)
    ended = time.time()
    return [
        _report(asked[one], one if one in answered else None, began=began, ended=ended)
        for one in asked
    ]


def _report(node: dict[str, Any], answer: Any, *, began: float, ended: float) -> NodeReport:
    address = str(node["NodeManagerAddress"])
    if answer is None:
        return NodeReport(address=address, error=f"no answer within {ANSWER_S:g} s")
    try:
        seen: Seen = ray.get(answer)
    except ray.exceptions.RayError as error:
        return NodeReport(address=address, error=str(error).strip().splitlines()[-1])
    return NodeReport(
        address=address,
        host=seen.host,
        versions=seen.versions,
        gpus=float(node["Resources"].get("GPU", 0.0)),
        free_gb=seen.free_gb,
        folder=seen.folder,
        clock_seconds=ahead(seen.clock, began=began, ended=ended),
    )


def ahead(clock: float, *, began: float, ended: float) -> float:
    """Seconds that a clock is ahead, when it was read between `began` and `ended` of ours."""
    return min(clock - began, 0.0) or max(clock - ended, 0.0)


def look_around(probe: str, cache: str) -> Seen:
    """What this process sees of its machine, and of the folder that `probe` lies in."""
    return Seen(
        host=socket.gethostname(),
        versions=own_versions(),
        free_gb=shutil.disk_usage(_existing(Path(cache))).free / 1e9,
        folder=folder_trouble(place_of(probe)),
        clock=time.time(),
    )


def own_versions() -> tuple[tuple[str, str], ...]:
    """Of what has to be the same on all machines."""
    from importlib.metadata import version

    found = {name: version(name) for name in ("wbcray", "ray", "torch", "optuna")}
    return (("python", platform.python_version()), *found.items())


def folder_trouble(probe: Place, *, write: Callable[[Place], object] | None = None) -> str:
    """Why the folder of `probe`, a file with its mark in its name, is no shared one; else empty."""
    try:
        if probe.read_text() not in probe.name:
            return "holds another file of that name: it is not the same folder"
        (write or _touch)(probe.with_name(f"{probe.name}-{socket.gethostname()}-{os.getpid()}"))
    except FileNotFoundError:
        return "not there: it is on no path that this node shares"
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"
    return ""


def _touch(place: Place) -> None:
    place.write_bytes(b"")


def different(reports: Sequence[NodeReport]) -> dict[str, str]:
    """What differs from this machine, by node."""
    ours = dict(own_versions())
    return {
        report.address: ", ".join(
            f"{name} {theirs} (here {ours[name]})"
            for name, theirs in report.versions
            if theirs != ours.get(name)
        )
        for report in reports
    }


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())
