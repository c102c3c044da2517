"""One place of a sweep, and one start of the driver in it."""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from check import accepted, records
from generated_cells import write_project
from run_at_rest import write_images

HERE = Path(__file__).parent
STALL_MINUTES = 0.25
SECONDS = 900
"""A sitting that takes longer hangs."""


@dataclass
class Sweep:
    """A folder with a project, its plan, and what was acknowledged in it so far.

    Attributes:
        harmed: Records that the harness itself damaged.
        seen: Bytes of every record when it was first seen.
    """

    folder: Path
    words: tuple[str, ...]
    harmed: set = field(default_factory=set)
    seen: dict = field(default_factory=dict)

    @property
    def run(self):
        return self.folder / "runs" / "main"

    @property
    def ray_folder(self):
        """Where the private folders of Ray are made; its path must be short."""
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:6]
        return Path(tempfile.gettempdir()) / f"wc-{name}"

    def look(self):
        """Note what is acknowledged by now; how many cells have a result."""
        for name, data in records(self.run).items():
            self.seen.setdefault(name, data)
        return len(accepted(self.run))

    def accepted_since(self, line):
        """When the cell that was hit was accepted, or the next if none was hit; None: not yet."""
        times = {
            folder: (self.run / "cells" / folder / name).stat().st_mtime
            for folder, (name, _) in accepted(self.run).items()
        }
        if not line.get("cell"):
            own = None
        elif line["cell"] not in times:
            return None
        else:
            own = times[line["cell"]]
        # A cell that was accepted before is not waited for, but what comes next.
        later = [own] if own and own > line["time"] else list(times.values())
        return min((one for one in later if one > line["time"]), default=None)

    def begun(self):
        """How often a cell was taken up."""
        return len(list(self.run.glob("cells/*/*/begun-*.json")))

    def note(self, **what):
        """Add a line to the log."""
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps({"time": time.time(), **what}) + "\n")

    def log(self):
        """All lines of the log."""
        path = self.folder / "log.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def arm(self, faults):
        """Let these faults happen, in processes that are started from now on or run already."""
        unfinished = self.folder / "armed.new"
        unfinished.write_text(json.dumps(faults))
        unfinished.replace(self.folder / "armed.json")

    def start(self, *more, run="main"):
        """Begin a sitting; its own process group, as a terminal gives."""
        self.note(starting=run)
        self.ray_folder.mkdir(exist_ok=True)
        # A pipe that nobody reads while the driver runs would get full and stop it.
        out, err = self.folder / "stdout.json", self.folder / "stderr.txt"
        with out.open("w") as stdout, err.open("a") as stderr:
            return subprocess.Popen(
                [sys.executable, "-m", "wbcray", *self.words, "--run", run, *more],
                cwd=self.folder,
                env=self.environment(),
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    def environment(self):
        """What makes every process of a sitting meet the faults, and be found afterwards."""
        return os.environ | {
            "PYTHONPATH": f"{HERE / 'injector'}{os.pathsep}{HERE.parents[1]}",
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": "1",
            "RAY_ADDRESS": "",
            "RAY_TMPDIR": str(self.ray_folder),
            "WBCRAY_CHAOS": str(self.folder),
            "WBCRAY_CHECKPOINT_SECONDS": "0",
        }

    def processes(self):
        """Every process that a sitting started and that lives."""
        mark = f"WBCRAY_CHAOS={self.folder}".encode()
        found = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
                if "ray" not in line or process.uids().real != os.getuid():
                    continue  # other people's processes are not looked into
                environment = Path(f"/proc/{process.pid}/environ").read_bytes()
                if mark in environment.split(b"\0") and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (OSError, psutil.Error):
                continue
        return found

    def left_over(self, seconds):
        """Those that still live after so many seconds."""
        until = time.monotonic() + seconds
        while (found := self.processes()) and time.monotonic() < until:
            time.sleep(0.5)
        return found


def new_sweep(folder, words, **training):
    """A fresh place with generated images."""
    folder.mkdir(parents=True)
    images = write_images(folder / "images", images=(14, 9, 5))
    write_project(folder, images, **training)
    return Sweep(folder, words)


def end(process, number):
    """Send a signal to the driver alone."""
    if process.poll() is None:
        os.kill(process.pid, number)


def leaderboard(text):
    """What `compare --json` says, without the run's path and times, as canonical bytes."""

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("run", "seconds")}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return json.dumps(plain(json.loads(text)), sort_keys=True).encode()


def interrupt(process, times):
    """Ctrl-C, once or twice."""
    for _ in range(times):
        end(process, signal.SIGINT)
        time.sleep(1)


def abandoned_folders(sweep):
    """Private folders of Ray whose process is gone and which the last sitting should have removed.

    Those that were younger than a minute when it began may stay until the next one.
    """
    begun = before = 0
    for line in sweep.log():
        before = line["time"] if "starting" in line else before
        begun = before if "sitting" in line else begun
    found = []
    for folder in sweep.ray_folder.glob("wbcray-ray-*"):
        with suppress(OSError):
            lock = folder / "lock"
            if not lock.exists():
                old = folder.stat().st_mtime < begun - 60
            else:
                with lock.open("r+") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    old = lock.stat().st_mtime < begun - 60
            found += [str(folder)] * old
    return found
