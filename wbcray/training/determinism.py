"""When the same configuration gives the same bits again, and what a result owes to its machine."""

import os
from pathlib import Path
from typing import Any, Literal

import torch

from wbcray.core.provenance import provenance, versions

DeterminismClass = Literal["bitwise", "numeric"]
"""`bitwise`: the same bits on the same kind of machine with as many threads and workers. `numeric`:
a GPU may add up in another order each time, so scores differ in their last digits."""

_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
_CUBLAS_VALUES = (":4096:8", ":16:8")
"""What makes cuBLAS deterministic, says its documentation; the first costs less time."""

_DRIVER = Path("/proc/driver/nvidia/version")


def deterministic(threads: int) -> None:
    """Have torch give the same bits again in this process, with `threads` threads.

    To be called before the first use of a GPU. Operations that have no such algorithm raise
    RuntimeError from then on.
    """
    if os.environ.get(_CUBLAS) not in _CUBLAS_VALUES:
        os.environ[_CUBLAS] = _CUBLAS_VALUES[0]
    torch.use_deterministic_algorithms(mode=True)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # TF32 is as repeatable, but rounds otherwise than GPUs that have none.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.set_num_threads(threads)


def determinism_class(device: torch.device, *, deterministic: bool) -> DeterminismClass:
    """What a training on `device` promises, in a process made `deterministic` or not."""
    return "bitwise" if deterministic or device.type == "cpu" else "numeric"


def device_name(device: torch.device) -> str:
    """What results depend on in the last digits: the kind of device."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def same_bits(device: torch.device) -> dict[str, str]:
    """What must agree, beside the configuration, for the same bits to come out."""
    found = versions()
    return {
        "device": device_name(device),
        "threads": str(torch.get_num_threads()),
        "deterministic": str(torch.are_deterministic_algorithms_enabled()),
        "torch": torch.__version__,
        "wbcray": found["wbcray"],
    }


def made_with(device: torch.device) -> dict[str, Any]:
    """The provenance of a result trained on `device` in this process, as plain JSON values."""
    promised = determinism_class(device, deterministic=torch.are_deterministic_algorithms_enabled())
    return provenance(
        threads=torch.get_num_threads(), determinism=promised, accelerator=accelerator(device)
    )


def accelerator(device: torch.device) -> dict[str, str]:
    """Model of the GPU and versions of what drives it; empty on a CPU."""
    if device.type != "cuda":
        return {}
    return {
        "gpu": torch.cuda.get_device_name(device),
        "cuda": torch.version.cuda or "unknown",
        "cudnn": str(torch.backends.cudnn.version()),
        "driver": _driver(),
    }


def _driver() -> str:
    """The version of NVIDIA's kernel module, as Linux gives it."""
    try:
        words = _DRIVER.read_text().split()
    except OSError:
        return "unknown"
    return next((word for word in words if word.count(".") >= 1 and word[0].isdigit()), "unknown")
