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


@dataclass(frozen=True, slots=True)
class Outside:
    """What is done, the exit codes it may lead to, and how the driver is started for it."""

    do: Callable
    codes: tuple = ()
    start: Callable | None = None


def harm(sweep, fault):
    """Damage a file between two sittings; names of records that were damaged."""
    run = sweep.run
    pattern = {
        "record damaged": "cells/*/*/attempt-*.json",
        "sealed counts damaged": "sealed/*/*/attempt-*.json",
        "checkpoint damaged": "cells/*/*/[pw]*/*.safetensors",
        "table damaged": "tables/*.parquet",
    }[fault.kind]
    paths = sorted(run.glob(pattern))
    if fault.kind in ("record damaged", "sealed counts damaged"):
        counted = accepted(run)
        paths = [
            path
            for path in paths
            if counted.get("/".join(path.relative_to(run).parts[1:3]), ("",))[0] == path.name
        ]
    if not paths:
        return []
    path = paths[int(fault.choice * len(paths))]
    data = bytearray(path.read_bytes())
    place = int(fault.choice * (len(data) - 8))
    data[place : place + 8] = bytes(one ^ 0x5A for one in data[place : place + 8])
    path.write_bytes(data)
    name = path.relative_to(run).as_posix()
    harmed = [name] if path.suffix == ".json" else []
    sweep.harmed |= set(harmed)
    return harmed


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
    """The run on a file system of its own, as far as this process may mount one."""
    runs, away = sweep.folder / "runs", sweep.folder / "runs-away"
    runs.mkdir(exist_ok=True)
    runs.rename(away)
    runs.mkdir()
    mounted = not subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(runs)], check=False
    ).returncode
    shutil.copytree(away, runs, dirs_exist_ok=True)
    process = sweep.start("--address", "local")
    try:
        yield process, mounted
    finally:
        if process.poll() is None:
            process.kill()
        (runs / "ballast").unlink(missing_ok=True)
        full = sweep.folder / "runs-full"
        sweep.left_over(20)
        shutil.copytree(runs, full)
        if mounted:
            subprocess.run(["umount", "-l", str(runs)], check=True)
        shutil.rmtree(runs, ignore_errors=True)
        full.rename(runs)
        shutil.rmtree(away)


def _fill(sweep, process, mounted, _fault):
    if not mounted:
        end(process, signal.SIGTERM)
        return
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
    "driver killed": Outside(_kill, (-signal.SIGKILL,)),
    "driver terminated": Outside(_terminate, (143,)),
    "Ctrl-C": Outside(lambda _s, process, *_: interrupt(process, 1), (130,)),
    "Ctrl-C twice": Outside(lambda _s, process, *_: interrupt(process, 2), (130,)),
    "image deleted": Outside(_delete_image),
    "disk full": Outside(_fill, (143,), _on_small_disk),
    "node lost": Outside(_lose_node, (), _on_two_nodes),
}

AFTERWARDS = {"image deleted": _bring_image_back}
"""What the harness puts right again when the sitting is over."""
