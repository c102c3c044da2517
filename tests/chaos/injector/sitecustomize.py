"""Breaks wbcray from outside: patches named functions in whatever process finds this on its path.

Ray's workers inherit PYTHONPATH, so this reaches them without a hook in wbcray. The file that
`WBCRAY_CHAOS` names says which fault happens at which call of which function; calls are counted
over all processes, and each fault happens once.
"""

# ruff: noqa: PTH115, PTH123, C901  # pathlib would be too much here
import errno
import fcntl
import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import time

FOLDER = os.environ.get("WBCRAY_CHAOS", "")

POINTS = {
    "wbcray.training.epoch": ("_step",),
    "wbcray.training.fold": ("_epoch",),
    "wbcray.store.disk": ("write", "link"),
}
"""Modules, and those of their functions that can be broken."""

CELLS = "wbcray.store.cells"
NETWORKS = "torchvision.models"
trained = [""]  # the cell that this process trains, for the log


def is_driver():
    """Whether this process is the command line and not a worker."""
    with open("/proc/self/cmdline", "rb") as file:
        return b"\0wbcray\0" in file.read()


def note(**what):
    """Add a line to the log; short appends of several processes do not mix."""
    line = json.dumps({"time": time.time(), "pid": os.getpid(), **what}) + "\n"
    with open(f"{FOLDER}/log.jsonl", "a") as file:
        file.write(line)


def due(point, path):
    """The fault that happens at this call, or None."""
    try:
        with open(f"{FOLDER}/armed.json") as file:
            armed = json.load(file)
    except FileNotFoundError:
        return None
    side = "driver" if is_driver() else "worker"
    for fault in armed:
        fits = fault["point"] == point and fault["side"] == side and fault["path"] in path
        fits = fits and trained[0] not in fault["not_cells"]
        if fits and _count(fault["id"]) == fault["nth"]:
            note(fired=fault["id"], act=fault["act"], cell=trained[0])
            return fault["act"]
    return None


def _count(name):
    """How often a fault's point was reached, this time included, by any process."""
    with open(f"{FOLDER}/counts-{name}", "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b".")
        file.flush()
        return file.tell()


def act_on(act, real, arguments, options):
    """Do what the fault says, in place of or before the call."""
    if act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "kill after":
        real(*arguments, **options)
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "half and kill":
        handle, data = arguments
        os.write(handle, data[: len(data) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    elif act == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif act == "out of memory":
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: injected")
    elif act == "crash":
        raise RuntimeError("injected")
    elif act in ("ENOSPC", "EIO"):
        code = getattr(errno, act)
        raise OSError(code, os.strerror(code))
    result = real(*arguments, **options)
    if act == "not finite":
        return {name: value * float("nan") for name, value in result.items()}
    return result


def patched(point, real):
    """`real` with faults; an epoch that is over is noted, for the rework."""

    def call(*arguments, **options):
        path = ""
        if point in ("write", "link"):
            first = arguments[0]
            path = os.readlink(f"/proc/self/fd/{first}") if point == "write" else str(arguments[1])
        act = due(point, path)
        if act is not None:
            return act_on(act, real, arguments, options)
        result = real(*arguments, **options)
        if point == "_epoch":
            note(epoch=options.get("fold"), cell=trained[0])
        return result

    return call


def remembered(begin):
    """`begin` of a cell, and which one it was."""

    def call(self, key):
        trained[0] = key.folder
        return begin(self, key)

    return call


def small_network(norm_layer=None, **_options):
    """A network with the parts of a ResNet and few channels, so that a cell takes a second."""
    from torch import nn
    from torchvision.models.resnet import BasicBlock

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            norm = norm_layer or nn.BatchNorm2d
            self.conv1 = nn.Conv2d(3, 8, 3, padding=1, bias=False)
            self.bn1, self.relu, self.maxpool = norm(8), nn.ReLU(), nn.MaxPool2d(4)
            for number in (1, 2, 3, 4):
                setattr(self, f"layer{number}", nn.Sequential(BasicBlock(8, 8, norm_layer=norm)))
            self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(8, 10)

        def forward(self, images):
            out = self.maxpool(self.relu(self.bn1(self.conv1(images))))
            for number in (1, 2, 3, 4):
                out = getattr(self, f"layer{number}")(out)
            return self.fc(self.avgpool(out).flatten(1))

    return Small()


class Patching(importlib.abc.MetaPathFinder):
    """Finds the modules as usual, and patches them when they have run."""

    def find_spec(self, name, path=None, target=None):
        if name not in (*POINTS, CELLS, NETWORKS):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (run(module), patch(module))[0]
        return spec


def patch(module):
    """Exchange the functions of a module that was just imported."""
    for point in POINTS.get(module.__name__, ()):
        setattr(module, point, patched(point, getattr(module, point)))
    if module.__name__ == CELLS:
        module.CellStore.begin = remembered(module.CellStore.begin)
    if module.__name__ == NETWORKS:
        module.resnet18 = small_network


if FOLDER:
    sys.meta_path.insert(0, Patching())
