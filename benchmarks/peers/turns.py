"""Sides in turns: A, B, C, A, B, C, each in a process of its own that waits while others train."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from benchmarks.peers.case import SIDES, Case, Turn


def measured(case: Case, repeats: int) -> dict[str, list[Turn]]:
    """The turns of every side; the first, which compiles and fills caches, is left out.

    Raises:
        RuntimeError: When a side ended early, with the end of what it said.
    """
    processes = {name: _Process(name, case) for name in SIDES}
    try:
        for one in processes.values():
            one.answer()
        found: dict[str, list[Turn]] = {name: [] for name in SIDES}
        for _ in range(repeats):
            for name, one in processes.items():
                one.ask()
                found[name].append(one.answer())
        return found
    finally:
        for one in processes.values():
            one.end()


def prepare(case: Case) -> tuple[int, float]:
    """Decode our pixels in a process that ends; how many images, and processor seconds."""
    one = _Process("prepare", case)
    try:
        said = one.line()
    finally:
        one.end()
    return int(said["images"]), float(said["cpu"])


class _Process:
    """A side that runs beside this one."""

    def __init__(self, name: str, case: Case) -> None:
        self._log = case.work / f"{case.peer}-{name.replace(' ', '-')}.log"
        threads = str(case.threads)
        environment = os.environ | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        with self._log.open("w") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own words
                [sys.executable, "-m", "benchmarks.peers.side", name, case.to_text()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                text=True,
                cwd=Path(__file__).parents[2],
            )

    def ask(self) -> None:
        """Begin a turn."""
        stdin = _open(self._process.stdin)
        stdin.write("\n")
        stdin.flush()

    def line(self) -> dict[str, float]:
        """What it answers, once it does."""
        text = _open(self._process.stdout).readline()
        if not text:
            raise RuntimeError(f"a side ended early:\n{self._log.read_text()[-2000:]}")
        said: dict[str, float] = json.loads(text)
        return said

    def answer(self) -> Turn:
        """The turn that it made."""
        said = self.line()
        return Turn(
            images=int(said["images"]), wall=said["wall"], cpu=said["cpu"], peak_mb=said["peak_mb"]
        )

    def end(self) -> None:
        """Tell it that there is nothing more to do."""
        _open(self._process.stdin).close()
        _open(self._process.stdout).close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _open(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
