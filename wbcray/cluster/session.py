"""A Ray session: join the cluster that is there, or start one on this machine, and say which."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import ray

from wbcray.core.errors import ResourceError

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    # Train's controller polls for reports; its default of 2 s is long beside a short epoch.
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
}
_OBJECT_STORE_BYTES = 200 * 1024**2
"""Trials share pixels through the page cache; Ray's store carries only messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """What a session can offer.

    Attributes:
        address: `local` or the address that was joined.
        cpus: CPUs of all nodes.
        gpus: GPUs of all nodes.
    """

    address: str
    cpus: float
    gpus: float


@contextmanager
def ray_session(
    address: str | None, *, log: Path, cpus: int | None = None, dashboard: bool = False
) -> Iterator[ClusterFacts]:
    """A connected Ray, disconnected at the end.

    Args:
        address: `local`, `auto` (a cluster must be there), an address, or None: join a running
            cluster if there is one, else start locally.
        log: File for what Ray would print.
        cpus: CPUs of a local session; None takes all.
        dashboard: Start Ray's dashboard on loopback. Nested trainers need it: without it Ray 2.60
            does not free the places of workers that were stopped early.

    Raises:
        ResourceError: When the address does not answer.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file, redirect_stdout(file):
        joined = _connect(address, cpus=cpus, dashboard=dashboard)
        try:
            resources = ray.cluster_resources()
            yield ClusterFacts(
                address=joined, cpus=resources.get("CPU", 0.0), gpus=resources.get("GPU", 0.0)
            )
        finally:
            ray.shutdown()


def _connect(address: str | None, *, cpus: int | None, dashboard: bool) -> str:
    if address != "local" and (address is not None or _announced()):
        try:
            _init(address=address or "auto")
            return str(ray.get_runtime_context().gcs_address)
        except (ConnectionError, RuntimeError, ValueError) as error:
            if address is not None:
                raise _unreachable(address, error) from error
    _init(
        address="local",
        num_cpus=cpus,
        include_dashboard=dashboard,
        object_store_memory=_OBJECT_STORE_BYTES,
    )
    return "local"


def _announced() -> bool:
    """Whether something says that a cluster runs: a variable, or Ray's own note in its folder."""
    folder = Path(os.environ.get("RAY_TMPDIR", "/tmp")) / "ray"  # noqa: S108  # Ray's own place
    return bool(os.environ.get("RAY_ADDRESS")) or (folder / "ray_current_cluster").exists()


def _init(**options: object) -> None:
    ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)


def _unreachable(address: str, error: Exception) -> ResourceError:
    return ResourceError(
        f"cannot reach a Ray cluster at '{address}': {str(error).splitlines()[0]}",
        where="--address",
        fix="check it with `ray status`, or use --address local to run on this machine",
    )
