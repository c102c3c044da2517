"""The process of one side: it trains a turn whenever it reads a line, and answers with a line.

`python -m benchmarks.peers.side SIDE CASE`; the side `prepare` decodes our pixels and ends.
"""

import json
import os
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.peers.case import Case, Side, Turn


def main() -> None:
    """Get ready, make a turn that nobody counts, then answer line by line."""
    name, case = sys.argv[1], Case.from_text(sys.argv[2])
    # A peer prints as it goes; only answers go to the process that asks.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    torch.set_num_threads(case.threads)
    torch.manual_seed(0)
    if name == "prepare":
        began = time.process_time()
        images = prepared(case)
        print(json.dumps({"images": images, "cpu": time.process_time() - began}), file=answers)
        return
    side = made(name, case)
    print(json.dumps(asdict(timed(side))), file=answers)
    for _ in sys.stdin:
        print(json.dumps(asdict(timed(side))), file=answers)


def made(name: str, case: Case) -> Side:
    """The side of this name, ready for its first turn."""
    if name != "theirs":
        from benchmarks.peers.ours_side import Ours

        return Ours(case, name)
    if case.peer == "domainbed":
        from benchmarks.peers.domainbed_side import DomainBed

        return DomainBed(case)
    from benchmarks.peers.mdlt_side import Mdlt

    return Mdlt(case)


def prepared(case: Case) -> int:
    """Write our project and decode its images."""
    from benchmarks.peers.ours_side import write_runs

    return write_runs(case)


def timed(side: Side) -> Turn:
    """One turn by both clocks."""
    wall, cpu = time.perf_counter(), processor_seconds()
    images = side.turn()
    return Turn(
        images=images,
        wall=time.perf_counter() - wall,
        cpu=processor_seconds() - cpu,
        peak_mb=peak_mb(),
    )


def processor_seconds() -> float:
    """Of this process and of processes that it started and that have ended."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def peak_mb() -> float:
    """The most memory that was resident, in MB; `getrusage` would include the starting process."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
