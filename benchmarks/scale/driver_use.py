"""What the driver of a measured search used, and what it left, in print."""

import os
import statistics
from collections.abc import Iterable

from benchmarks.main_job import spread
from benchmarks.scale.stub_search import Measured, Sample, command_seconds, status_seconds

_WARM = 50
"""Trials after which memory is to stay."""


def machine() -> str:
    """What it was measured on."""
    return f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


def sample_at(measured: Measured, trials: int) -> Sample:
    """The driver when so many trials had ended, or at its end."""
    found = (one for one in measured.samples if one.told >= trials)
    return next(found, measured.samples[-1])


def show_driver(measured: Measured) -> None:
    """Print memory and processor time as trials end, and what they went to."""
    trials, before = measured.told, measured.samples[0]
    for mark in sorted({1, _WARM, *(trials * part // 4 for part in (1, 2, 3, 4))}):
        at = sample_at(measured, mark)
        print(
            f"after {at.told:5d} trials, {at.at - measured.began:4.0f} s: driver {at.rss:.0f} MiB, "
            f"{at.processor - before.processor:.1f} s of processor; {at.workers} workers of "
            f"{at.workers_rss / max(1, at.workers):.0f} MiB, {at.workers_own:.0f} MiB their "
            f"own; {at.available:.0f} MiB left"
        )
    warm, end = sample_at(measured, min(_WARM, trials)), measured.samples[-1]
    used, reports = end.processor - warm.processor, end.reports - warm.reports
    print(
        f"from trial {warm.told} to the end: driver + {end.rss - warm.rss:.0f} MiB, "
        f"{used / max(1, end.told - warm.told):.3f} s of processor a trial, "
        f"{1e3 * used / max(1, reports):.1f} ms a report"
    )
    for name, part in measured.parts.items():
        if part.calls:
            quarter = max(1, part.calls // 4)
            first, last = _mean(part.wall[:quarter]), _mean(part.wall[-quarter:])
            print(
                f"  {name:32} {part.calls:6d} calls, {sum(part.wall):6.1f} s, processor "
                f"{sum(part.processor):6.1f} s; first quarter {first:6.2f} ms a call, last "
                f"{last:6.2f} ms"
            )


def show_store(measured: Measured) -> None:
    """Print the size of the run, and how long a person waits for what reads it."""
    run, trials = measured.run, len(measured.spans)
    ours: list[int] = []
    rays: list[int] = []
    for path in run.rglob("*"):
        if path.is_file():
            within = path.relative_to(run).parts
            (rays if within[0] == "ray" else ours).append(path.stat().st_size)
    print(
        f"run: {len(ours) / trials:.1f} files and {sum(ours) / trials / 1e3:.1f} kB a trial; "
        f"{len(rays) / trials:.1f} files and {sum(rays) / trials / 1e3:.1f} kB of Ray's own"
    )
    for told, seconds in measured.statuses:
        print(f"  status after {told} trials: {seconds:.2f} s")
    print(f"  status at the end: {spread([status_seconds(run) for _ in range(3)])} s")
    for word in ("verify", "rebuild"):
        print(f"  store {word}: {command_seconds('store', word, str(run)):.1f} s")


def _mean(seconds: Iterable[float]) -> float:
    return 1e3 * statistics.mean(seconds)
