"""What a result was made with: versions, source, machine, time."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from wbcray.core.seeding import DERIVATION

_PACKAGES = ("wbcray", "torch", "torchvision", "ray", "optuna", "numpy", "scikit-learn")
_PACKAGE = Path(__file__).parents[1]
_PATIENCE = 10
"""Seconds for git, whose index may lie on a slow file system."""


def provenance(
    *, threads: int, determinism: str = "", accelerator: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Plain JSON values for a record; holds no user name, host name or path.

    Args:
        threads: Threads that computed.
        determinism: What is promised when the same is computed again; empty where nothing is said.
        accelerator: Model and driver of what computed, if not a CPU.
    """
    return {
        "versions": versions(),
        "source": dict(source(_PACKAGE)),
        "seeds": DERIVATION,
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": threads,
        "determinism": determinism,
        "accelerator": dict(accelerator or {}),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


@cache
def source(package: Path) -> Mapping[str, str | bool]:
    """The git revision that `package` runs from, and whether its files were changed since.

    Empty where it was installed, where git is not, or where git will not say. Asked once a process.
    """
    git = shutil.which("git")
    if git is None or not (package.parent / ".git").exists():
        return {}
    command = [git, "-c", "core.fsmonitor=false", "--no-optional-locks", "-C", str(package.parent)]
    command += ["status", "--porcelain=v2", "--branch", "--", package.name]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and nothing of a user's in it
            command, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return {}
    lines = done.stdout.splitlines()
    start = "# branch.oid "
    revision = next((one.removeprefix(start) for one in lines if one.startswith(start)), "")
    changed = any(not one.startswith("#") for one in lines)
    return {"revision": revision, "changed": changed}


def versions() -> dict[str, str]:
    """Installed versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | {name: _installed(name) for name in _PACKAGES}


@cache
def _installed(name: str) -> str:
    """The version of a package, looked up once a process: every training asks for all, twice."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
