"""`wbcray doctor`: what this machine has, and what is missing, each with its mend."""

import importlib.util
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from wbcray.cli import options as opt
from wbcray.cli.console import print_json, print_table
from wbcray.cli.finding import Finding

_LITTLE_DISK_GB = 5.0
_NEEDED = ("torch", "torchvision", "ray", "optuna", "pandas", "plotly", "sklearn", "scipy")


def doctor(
    *,
    address: opt.Address = None,
    insecure_cluster: opt.InsecureCluster = False,
    project: opt.Project = opt.DEFAULT_PROJECT,
    json: opt.Json = False,
) -> int:
    """Check packages, cores, memory, disk, GPU, weights; exit 5 if something needed is missing.

    With --address it asks every node of a cluster, too: versions, GPUs, disk, clock, and whether
    the project's folder of runs is shared and can be written there.
    """
    findings = [*_packages(), _cores(), _memory(), _disk(), _gpu(), *_weights()]
    if address is not None:
        from wbcray.cli.cluster_findings import cluster_findings

        findings += cluster_findings(address, project, insecure=insecure_cluster)
    failed = any(item.state == "fail" for item in findings)
    if json:
        print_json({"findings": [asdict(item) for item in findings], "ok": not failed})
    else:
        rows = [(item.name, item.state, item.found, item.fix) for item in findings]
        print_table("doctor", ("what", "state", "found", "fix"), rows)
    return 5 if failed else 0


def _packages() -> list[Finding]:
    from wbcray.core.provenance import versions

    found = versions()
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    lines = [
        Finding(name=name, state="fail", found="absent", fix=f"pip install {name}")
        for name in missing
    ]
    shown = ", ".join(f"{name} {number}" for name, number in found.items())
    return [Finding(name="versions", state="ok", found=shown), *lines]


def _cores() -> Finding:
    cores = os.cpu_count() or 1
    return Finding(name="CPU cores", state="ok" if cores > 1 else "warn", found=str(cores))


def _memory() -> Finding:
    import psutil

    available = psutil.virtual_memory().available / 1024**3
    state: Literal["ok", "warn"] = "ok" if available > 4 else "warn"  # noqa: PLR2004  # Ray and two trials
    return Finding(
        name="free memory",
        state=state,
        found=f"{available:.1f} GB",
        fix="" if state == "ok" else "close other programs; Ray and two trials need about 4 GB",
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1024**3
    enough = free > _LITTLE_DISK_GB
    return Finding(
        name="free disk here",
        state="ok" if enough else "warn",
        found=f"{free:.1f} GB",
        fix="" if enough else "checkpoints and decoded pixels need a few GB",
    )


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding(name="GPU", state="ok", found=torch.cuda.get_device_name())
    return Finding(
        name="GPU", state="warn", found="none", fix="use the laptop profile, or a machine with one"
    )


def _weights() -> list[Finding]:
    from wbcray.models.weights import IMAGENET_FILES, cached_imagenet, hub_folder

    return [
        Finding(
            name=f"ImageNet weights of {name}",
            state="ok" if cached_imagenet(name) else "warn",
            found="cached" if cached_imagenet(name) else "absent",
            fix="" if cached_imagenet(name) else f"put {file} into {hub_folder()}",
        )
        for name, file in IMAGENET_FILES.items()
    ]
