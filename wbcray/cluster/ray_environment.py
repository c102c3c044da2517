"""Environment variables that hold for one Ray session, and what Ray remembers of them."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import ray
from ray.tune.execution import class_cache

_ALWAYS: Mapping[str, str | None] = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
}
HUGE_PAGES = "glibc.malloc.hugetlb=1"
"""For `GLIBC_TUNABLES`: malloc asks for pages of 2 MB, and a training step meets fewer page faults.

Read when a process starts, so Ray's workers get it from the process that starts Ray. Worth a few
per cent on a CPU (docs/benchmarks.md); other C libraries do not know it.
"""
_UNLESS_SET: Mapping[str, str] = {
    "GLIBC_TUNABLES": HUGE_PAGES,
    # Trials start processes of their own kind; those that Ray would start beforehand, nobody uses.
    "RAY_prestart_worker_first_driver": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    # Train's controller polls for reports; its default of 2 s is long beside a short epoch.
    "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",
}


@contextmanager
def session_environment(values: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables for a session, and put back what was there; None takes a variable away."""
    defaults = {name: value for name, value in _UNLESS_SET.items() if name not in os.environ}
    wanted = {**_ALWAYS, **defaults, **values}
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


@contextmanager
def loopback() -> Iterator[None]:
    """While Ray starts or connects, this machine's address is 127.0.0.1.

    Ray turns 127.0.0.1 into an address that others can reach, and then listens on every interface;
    this switch, made for laptops with a firewall that asks, is the only one that keeps it from it.
    """
    constants = ray._private.ray_constants  # noqa: SLF001  # read at import, so a variable is late
    before = constants.ENABLE_RAY_CLUSTER
    constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        constants.ENABLE_RAY_CLUSTER = before


@contextmanager
def signals_left_alone() -> Iterator[None]:
    """While Ray starts or connects, SIGTERM stays with the program that answers it.

    Ray would take it and leave with 15 or 1, before the program could end in order. Where nobody
    answers, Ray may: it ends its own processes.
    """
    utils = ray._private.utils  # noqa: SLF001  # there is no public switch
    before = utils.set_sigterm_handler
    if callable(signal.getsignal(signal.SIGTERM)):
        utils.set_sigterm_handler = lambda _handler: None
    try:
        yield
    finally:
        utils.set_sigterm_handler = before


@contextmanager
def credentials_kept_back() -> Iterator[None]:
    """While trials start, Tune does not copy cloud credentials to them.

    It would put them into the command line of every worker, which all users of a machine can read,
    and into a log. Workers have the environment of the Ray node that starts them.
    """
    kept = {name for name in class_cache.ENV_VARS_TO_PROPAGATE if name.startswith("AWS_")}
    class_cache.ENV_VARS_TO_PROPAGATE.difference_update(kept)
    try:
        yield
    finally:
        class_cache.ENV_VARS_TO_PROPAGATE.update(kept)


@contextmanager
def no_cloud_lookup(home: Path) -> Iterator[None]:
    """While Ray starts, its API server takes `home` for the home folder.

    Even without usage statistics, that server asks the network which cloud it runs in
    (169.254.169.254, metadata.google.internal), unless a file in the home folder says it.
    """
    (home / "ray_bootstrap_config.yaml").write_text("provider: {type: local}\n")
    services, constants = ray._private.services, ray._private.ray_constants  # noqa: SLF001
    start = services.start_ray_process

    def start_process(command: list[str], kind: str, *rest: object, **more: object) -> object:
        if kind == constants.PROCESS_TYPE_DASHBOARD:
            more["env_updates"] = {"HOME": str(home)}
        return start(command, kind, *rest, **more)

    services.start_ray_process = start_process
    try:
        yield
    finally:
        services.start_ray_process = start


def own_token() -> str | None:
    """The token that the environment, or Ray's file in the home folder, gives for clusters."""
    loader = ray._raylet.AuthenticationTokenLoader.instance()  # noqa: SLF001
    loader.reset_cache()
    try:
        if not loader.has_token(ignore_auth_mode=True):
            return None
    except ray.exceptions.AuthenticationError:
        return None  # a file is named that does not exist
    return str(loader.get_raw_token(ignore_auth_mode=True))


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    # Ray's core reads mode and token once and keeps them
    ray._raylet.Config.initialize("")  # noqa: SLF001
    ray._raylet.AuthenticationTokenLoader.instance().reset_cache()  # noqa: SLF001
