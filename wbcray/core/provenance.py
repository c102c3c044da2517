"""What a result was made with: versions, machine, time."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_PACKAGES = ("wbcray", "torch", "torchvision", "ray", "optuna", "numpy", "scikit-learn")


def provenance(*, threads: int) -> dict[str, Any]:
    """Plain JSON values for a record; holds no user name, host name or path."""
    return {
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "threads": threads,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def versions() -> dict[str, str]:
    """Installed versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found
