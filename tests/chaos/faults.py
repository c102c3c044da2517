"""The kinds of faults of a sweep, and their drawing from a seed."""

import signal
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        id: Number within the sweep; with the seed it names the fault.
        kind: One of `KINDS`.
        moment: At which call of its point, or after how many new results of the sitting.
        choice: A number in [0, 1) for what else is to be drawn.
    """

    id: int
    kind: str
    moment: int
    choice: float


@dataclass(frozen=True, slots=True)
class Injected:
    """How a fault inside a process is armed: function, side, act, part of the file's path."""

    point: str
    side: str
    act: str
    path: str = ""
    calls: int = 12


IN_PROCESS = {
    "worker killed in an epoch": Injected("_step", "worker", "kill"),
    "worker killed between epochs": Injected("_epoch", "worker", "kill", calls=4),
    "worker killed after an epoch": Injected("_epoch", "worker", "kill after", calls=4),
    "worker killed in writing a checkpoint": Injected(
        "write", "worker", "half and kill", ".safetensors", calls=3
    ),
    "worker killed before a record has its name": Injected(
        "link", "worker", "kill", "/attempt-", calls=2
    ),
    "worker killed after a record has its name": Injected(
        "link", "worker", "kill after", "/attempt-", calls=2
    ),
    "worker hangs": Injected("_step", "worker", "stop"),
    "worker crashes": Injected("_step", "worker", "crash"),
    "out of memory": Injected("_step", "worker", "out of memory"),
    "no space for a worker's record": Injected("write", "worker", "ENOSPC", "attempt-", calls=2),
    "a worker's disk fails": Injected("write", "worker", "EIO", "attempt-", calls=2),
    "driver killed in a commit": Injected("link", "driver", "kill", calls=6),
    "driver killed after a commit": Injected("link", "driver", "kill after", calls=6),
}
"""Faults that the injector makes, at a drawn call."""

FROM_OUTSIDE = (
    "driver killed",
    "driver terminated",
    "Ctrl-C",
    "Ctrl-C twice",
    "image deleted",
    "disk full",
    "node lost",
)
"""Faults that the sweep makes while a sitting runs, after a drawn number of new results."""

BETWEEN = ("record damaged", "checkpoint damaged", "table damaged", "sealed counts damaged")
"""Faults that the sweep makes between two sittings."""

BESIDE = ("loss not finite",)
"""Faults that make a configuration infeasible; injected in a run beside, as its cell stays so."""

KINDS = (*IN_PROCESS, *FROM_OUTSIDE, *BETWEEN, *BESIDE)

ENDS = {
    "driver killed in a commit": -signal.SIGKILL,
    "driver killed after a commit": -signal.SIGKILL,
    "driver killed": -signal.SIGKILL,
    "driver terminated": 143,
    "Ctrl-C": 130,
    "Ctrl-C twice": 130,
    "no space for a worker's record": 5,
    "a worker's disk fails": 5,
    "disk full": 5,
}
"""What ends a sitting, and with which exit code."""

ALONE = ("node lost", *BESIDE)
"""What needs a sitting for itself."""


def expected_code(kinds):
    """The exit code that a sitting deserves in which these kinds of faults happened, in order."""
    if set(kinds) & set(BESIDE):
        return 6  # a configuration that cannot be trained
    return next((ENDS[kind] for kind in kinds if kind in ENDS), 0)


def draw(number, seed, kinds=KINDS):
    """`number` faults, every kind equally often before any is drawn again."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < number:
        for kind in rng.permutation(list(kinds)):
            calls = IN_PROCESS[kind].calls if kind in IN_PROCESS else 3
            moment = int(rng.integers(1, calls + 1))
            found.append(Fault(len(found), str(kind), moment, float(rng.random())))
    return found[:number]


def next_group(waiting, *, results, complete):
    """What the next start of the driver meets, one after the other; what ends it comes last.

    Files are only damaged where there are `results`; where all are there, nothing else can happen.
    """
    damage = [fault for fault in waiting if fault.kind in BETWEEN][:2] if results else []
    if complete or not waiting:
        return damage
    if waiting[0].kind in ALONE:
        return waiting[:1]
    during = [fault for fault in waiting if fault.kind not in (*BETWEEN, *ALONE)]
    others = [fault for fault in during if fault.kind not in ENDS][:3]
    found = damage + others + [fault for fault in during if fault.kind in ENDS][:1]
    return found or [fault for fault in waiting if fault.kind in ALONE][:1]
