"""Everything that a GPU has to show, in one go: `python -m benchmarks.gpu`.

    agreement  the losses of CPU and GPU, and `--deterministic` twice
    variants   images/s of a step, share of the matrix peak, memory
    loader     prepared pixels through augmentation to the step; where the host waits
    penalties  every preset's step against the plain one
    sharing    several trials on one GPU
    compiled   torch.compile, with and without CUDA graphs

Ten minutes at most (`--minutes`); on a machine without a GPU it says so and exits with 5. `--tiny
--device cpu` runs every part on next to nothing, to show that the script works.
"""

import argparse
import gc
import os
import platform
import sys
import time

import torch

from benchmarks.gpu import agreement, loader, penalties, sharing, variants
from benchmarks.gpu.wanted import wanted

PARTS = {
    "agreement": agreement.measure,
    "variants": variants.measure,
    "loader": loader.measure,
    "penalties": penalties.measure,
    "sharing": sharing.measure,
    "compiled": variants.measure_compiled,
}
NO_GPU = 5
"""The exit code of wbcray for a machine that lacks something."""


def main(words: list[str] | None = None) -> int:
    """Run the parts; 0, 1 if a part failed, 5 without a GPU."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--device", type=torch.device, default=torch.device("cuda", 0))
    parser.add_argument("--minutes", type=float, default=10.0, help="no part is begun after")
    parser.add_argument("--tiny", action="store_true", help="only show that every part works")
    given = parser.parse_args(words)
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if given.device.type == "cuda" and not torch.cuda.is_available():
        print("no GPU that torch can use is on this machine", file=sys.stderr)
        return NO_GPU
    plan = wanted(given.device, tiny=given.tiny, minutes=given.minutes)
    print(conditions(given.device))
    failed = False
    for name in given.parts or PARTS:
        if not plan.time_left():
            print(f"{name}: out of time", flush=True)
            continue
        print(f"{name}:", flush=True)
        began = time.monotonic()
        try:
            PARTS[name](plan)
        except Exception as error:  # noqa: BLE001  # a lease is short: the other parts count
            failed = True
            print(f"  FAILED: {type(error).__name__}: {error}")
        print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
        _let_go(given.device)
    return int(failed)


def _let_go(device: torch.device) -> None:
    """Free what a part held: other processes need the memory next."""
    if device.type == "cuda":
        torch.compiler.reset()
        gc.collect()
        torch.cuda.empty_cache()


def conditions(device: torch.device) -> str:
    """The machine, in a line."""
    load = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    said = f"{platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"
    if device.type != "cuda":
        return f"{said}, {device}, {load}"
    found = torch.cuda.get_device_properties(device)
    cudnn = torch.backends.cudnn.version()
    return (
        f"{said}, {found.name} of {found.total_memory / 1e9:.0f} GB, CUDA {torch.version.cuda}, "
        f"cuDNN {cudnn}, {load}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
