"""Faults that the sweep itself makes: signals, a full disk, a lost node, damaged files."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from check import accepted
from sitting import end, interrupt

KEPT = "kept-away"
PATTERNS = {
    "record damaged": "cells/*/*/attempt-*.json",
    "sealed counts damaged": "sealed/*/*/attempt-*.json",
    "checkpoint damaged": "cells/*/*/[pw]*/*.safetensors",
    "table damaged": "tables/*.parquet",
}


@dataclass(frozen=True, slots=True)
class Outside:
    """What is done, and how the driver is started for it."""

    do: Callable
    start: Callable | None = None


def harm(sweep, fault):
    """Damage a file between two sittings: the names that `store verify` must say, and its cell.

    None in place of the names when there is no such file yet.
    """
    run = sweep.run
    paths = sorted(run.glob(PATTERNS[fault.kind]))
    if fault.kind in ("record damaged", "sealed counts damaged"):
        counted = accepted(run)
        paths = [path for path in paths if counted.get(_cell(run, path), ("",))[0] == path.name]
    if not paths:
        return None, None
    path = paths[int(fault.choice * len(paths))]
    data = bytearray(path.read_bytes())
    place = int(fault.choice * (len(data) - 8))
    data[place : place + 8] = bytes(one ^ 0x5A for one in data[place : place + 8])
    path.write_bytes(data)
    is_cache = path.suffix == ".parquet" or path.parent.name == "progress"
    named = path.parent if path.suffix == ".safetensors" else path  # a checkpoint is a folder
    harmed = [] if is_cache else [named.relative_to(run).as_posix()]
    sweep.harmed |= set(harmed)
    return harmed, _cell(run, path) if path.suffix == ".json" else None


def _cell(run, path):
    return "/".join(path.relative_to(run).parts[1:3])


def _delete_image(sweep, _process, _handle, fault):
    images = sorted((sweep.folder / "images").rglob("*.png"))
    image = images[int(fault.choice * len(images))]
    away = sweep.folder / KEPT
    away.mkdir(exist_ok=True)
    (away / "name").write_text(str(image))
    shutil.move(image, away / "image")


def _bring_image_back(sweep):
    away = sweep.folder / KEPT
    if (away / "image").exists():
        shutil.move(away / "image", (away / "name").read_text())


@contextmanager
def _on_small_disk(sweep):
    """The run on a file system of its own; to mount one takes the rights for it."""
    runs, away = sweep.folder / "runs", sweep.folder / "runs-away"
    runs.mkdir(exist_ok=True)
    runs.rename(away)
    runs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(runs)], check=True)
    shutil.copytree(away, runs, dirs_exist_ok=True)
    process = sweep.start("--address", "local")
    try:
        yield process, None
    finally:
        if process.poll() is None:
            process.kill()
        (runs / "ballast").unlink(missing_ok=True)
        full = sweep.folder / "runs-full"
        sweep.left_over(20)
        shutil.copytree(runs, full)
        subprocess.run(["umount", "-l", str(runs)], check=True)
        shutil.rmtree(runs, ignore_errors=True)
        full.rename(runs)
        shutil.rmtree(away)


def _fill(sweep, process, _handle, _fault):
    if not (sweep.folder / "runs").is_mount():
        raise AssertionError("not a disk of its own")
    block = bytes(1 << 16)
    with suppress(OSError), (sweep.folder / "runs" / "ballast").open("wb", buffering=0) as file:
        while True:
            file.write(block)
    with suppress(subprocess.TimeoutExpired):
        process.wait(60)
    (sweep.folder / "runs" / "ballast").unlink()


@contextmanager
def _on_two_nodes(sweep):
    """The driver on a cluster of two nodes."""
    nodes = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("two_nodes.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=sweep.environment(),
    )
    address = nodes.stdout.readline().strip()
    process = sweep.start("--address", address, "--insecure-cluster")
    try:
        yield process, nodes
    finally:
        if process.poll() is None:
            process.kill()
        nodes.stdin.close()
        nodes.wait(60)


def _lose_node(_sweep, process, nodes, _fault):
    for word in ("lose", "add"):
        if process.poll() is None:
            nodes.stdin.write(word + "\n")
            nodes.stdin.flush()
            nodes.stdout.readline()
            time.sleep(2)


def _kill(_sweep, process, _handle, _fault):
    end(process, signal.SIGKILL)


def _terminate(_sweep, process, _handle, _fault):
    end(process, signal.SIGTERM)


OUTSIDE = {
    "driver killed": Outside(_kill),
    "driver terminated": Outside(_terminate),
    "Ctrl-C": Outside(lambda _s, process, *_: interrupt(process, 1)),
    "Ctrl-C twice": Outside(lambda _s, process, *_: interrupt(process, 2)),
    "image deleted": Outside(_delete_image),
    "disk full": Outside(_fill, _on_small_disk),
    "node lost": Outside(_lose_node, _on_two_nodes),
}

AFTERWARDS = {"image deleted": _bring_image_back}
"""What the harness puts right again when the sitting is over."""
