"""A Ray session: join the cluster that is there, or start one on this machine, and say which."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout
from pathlib import Path

import ray

from wbcray.cluster.joining import OPTION, Joinable, announced, check_cluster
from wbcray.cluster.leftovers import none_left
from wbcray.cluster.nodes import LOCAL, ClusterFacts
from wbcray.cluster.private_folder import private_folder, write_token
from wbcray.cluster.ray_environment import (
    credentials_kept_back,
    loopback,
    no_cloud_lookup,
    session_environment,
    signals_left_alone,
)
from wbcray.core.errors import ResourceError

_OBJECT_STORE_BYTES = 200 * 1024**2
"""Trials share pixels through the page cache; Ray's store carries only messages."""
_LOOPBACK = "127.0.0.1"


@contextmanager
def ray_session(
    address: str | None,
    *,
    log: Path,
    cpus: int | None = None,
    dashboard: bool = False,
    insecure: bool = False,
) -> Iterator[ClusterFacts]:
    """A connected Ray, disconnected at the end; the environment is then as it was.

    A local Ray listens on loopback alone, asks for a token of its own, sends no statistics and
    keeps its files in a folder that no other user can open.

    Args:
        address: `local`, `auto` (a cluster must be there), an address, or None: join a running
            cluster if there is one, else start locally.
        log: File for what Ray would print.
        cpus: CPUs of a local session; None takes all.
        dashboard: Start Ray's dashboard on loopback. Nested trainers need it: without it Ray 2.60
            does not free the places of workers that were stopped early.
        insecure: Join a cluster without authentication, too.

    Raises:
        RefusedError: For a cluster without authentication, unless `insecure`.
        ResourceError: When the address does not answer, or cannot be joined.
        UsageError: For what is no address.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(redirect_stdout(stack.enter_context(log.open("a"))))
        stack.enter_context(credentials_kept_back())
        found = _cluster(address)
        cluster = _look_at(found, address, insecure=insecure) if found else None
        if found and cluster is not None:
            mode = "token" if cluster.protected else "disabled"
            stack.enter_context(session_environment({"RAY_AUTH_MODE": mode}))
            stack.callback(ray.shutdown)
            _join(found, node=cluster.node)
        else:
            found = LOCAL
            folder = stack.enter_context(private_folder())
            stack.enter_context(none_left())  # or a process that dies late writes the folder anew
            stack.enter_context(session_environment(_local_environment(folder)))
            stack.callback(ray.shutdown)
            _start(folder, cpus=cpus, dashboard=dashboard)
        yield ClusterFacts.present(found)


def _cluster(address: str | None) -> str | None:
    """The address to join, None to start locally."""
    if address == LOCAL:
        return None
    found = announced() if address in (None, "auto") else address
    if address == "auto" and found is None:
        raise ResourceError(
            "no running Ray cluster is announced on this machine",
            where=OPTION,
            fix="`ray start` one, name it in RAY_ADDRESS, or use --address local",
        )
    return None if found == LOCAL else found


def _look_at(found: str, asked: str | None, *, insecure: bool) -> Joinable | None:
    """The cluster, looked at; None for one that nobody asked for and that is gone."""
    try:
        return check_cluster(found, insecure=insecure)
    except ResourceError as error:
        if asked is None and error.what.startswith("cannot reach"):
            return None  # a note that outlived its cluster
        raise


def _local_environment(folder: Path) -> Mapping[str, str | None]:
    values: dict[str, str | None] = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": None,  # it would go before the file, and processes show it to their user
        "RAY_AUTH_TOKEN_PATH": str(write_token(folder)),
        "RAY_ADDRESS": None,
        # for Ray's processes what `loopback` is for this one
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    }
    if sys.platform == "linux":
        # where several workers train together, the data between them stay on this machine
        values["GLOO_SOCKET_IFNAME"] = "lo"
    return values


def _start(folder: Path, *, cpus: int | None, dashboard: bool) -> None:
    try:
        with loopback(), no_cloud_lookup(folder):
            _init(
                address=LOCAL,
                num_cpus=cpus,
                include_dashboard=dashboard,
                dashboard_host=_LOOPBACK,
                object_store_memory=_OBJECT_STORE_BYTES,
                _node_ip_address=_LOOPBACK,
                # not the folder itself: Ray opens its own to everybody
                _temp_dir=str(folder / "r"),
            )
    except Exception as error:  # Ray raises plain exceptions, too
        raise ResourceError(
            f"Ray does not start on this machine: {_reason(error)}",
            where=f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs",
            fix="run the command again, when less runs beside it; `wbcray doctor` looks at memory "
            "and disk",
        ) from error


def _join(address: str, *, node: str) -> None:
    try:
        # nodes elsewhere cannot reach a driver at 127.0.0.1, even where its head listens there
        with loopback() if node == _LOOPBACK else nullcontext():
            _init(address=address)
    except Exception as error:  # Ray raises whatever its core trips over
        raise ResourceError(
            f"cannot join the Ray cluster {address}: {_reason(error)}",
            where=OPTION,
            fix="check it with `ray status`, or use --address local to run on this machine",
        ) from error


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _init(**options: object) -> None:
    with signals_left_alone():
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
