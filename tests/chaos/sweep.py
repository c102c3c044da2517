"""A sweep of cells under injected faults, and the same sweep without: nothing lost, same bytes.

    PYTHONPATH=tests python tests/chaos/sweep.py --faults 100 --seed 1 --minutes 40

After every fault the same command is started again until it exits 0. What is found wrong is
printed with the seed; the log of all faults is `faults/log.jsonl` in the folder. Started again with
the same `--folder`, it goes on where it was.
"""

# ruff: noqa: T201  # a script

import argparse
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from check import accepted, all_whole, left_behind, none_lost_or_changed, one_accepted
from faults import BESIDE, BETWEEN, IN_PROCESS, KINDS, draw, sittings
from outside import AFTERWARDS, OUTSIDE, harm
from sitting import STALL_MINUTES, Sweep, leaderboard, new_sweep

METHODS = "erm,coral,mmd,irm,vrex,group_dro,dann,mixup,focal,balanced_softmax"  # 10 of the presets
SECONDS = 300
"""A sitting that takes longer hangs."""


class Failed(Exception):  # noqa: N818  # what a sweep is for
    """Something that must hold did not."""


def words(methods, epochs):
    """The command of a sweep."""
    plan = ("--methods", methods, "--folds", "2", "--epochs", str(epochs), "--deterministic")
    return ("compare", *plan, "--stall-minutes", str(STALL_MINUTES), "--json")


def reference(folder, command):
    """The sweep without faults: its cells, and its leaderboard in canonical bytes."""
    kept = folder / "reference.json"
    sweep = Sweep(folder / "reference", command)
    if not kept.exists():
        if not sweep.folder.exists():
            new_sweep(sweep.folder, command)
        out = finish(sweep)
        kept.write_bytes(leaderboard(out))
    return sorted(accepted(sweep.run)), kept.read_bytes()


def finish(sweep, *, starts=5):
    """Start the command until it exits 0; what it printed."""
    for _ in range(starts):
        process = sweep.start("--address", "local")
        out, _ = process.communicate(timeout=SECONDS)
        sweep.look()
        sweep.note(finishing=process.returncode)
        if process.returncode == 0:
            return out
        if process.returncode not in (5, 6):
            break
    raise Failed(f"I7 exit {process.returncode} without a fault, see {sweep.folder}/stderr.txt")


def sit(sweep, faults):
    """One sitting: damage first, then a start, and faults from outside while it runs."""
    for fault in faults:
        if fault.kind in BETWEEN:
            sweep.note(fired=fault.id, kind=fault.kind, harmed=harm(sweep, fault))
    inside = [fault for fault in faults if fault.kind in IN_PROCESS]
    sweep.arm([armed(fault) for fault in inside])
    for fault in inside:
        sweep.note(armed=fault.id, kind=fault.kind, moment=fault.moment)
    outside = [fault for fault in faults if fault.kind in OUTSIDE]
    began, before = time.time(), sweep.look()
    if any(fault.kind in BESIDE for fault in faults):
        beside(sweep, next(fault for fault in faults if fault.kind in BESIDE))
    codes = run_with(sweep, outside)
    sweep.note(
        sitting=[fault.id for fault in faults],
        exit=codes[0],
        seconds=round(time.time() - began, 1),
        results=sweep.look() - before,
    )
    expected = {0, 5, 6} | {code for fault in outside for code in OUTSIDE[fault.kind].codes}
    if any(fault.kind.startswith("driver") for fault in faults):
        expected.add(-signal.SIGKILL)
    if codes[0] not in expected:
        raise Failed(f"I7 exit {codes[0]}, not one of {sorted(expected)}")
    return codes


def run_with(sweep, outside):
    """Start the driver, do what is done to it from outside; exit code and output."""
    special = next((OUTSIDE[fault.kind] for fault in outside if OUTSIDE[fault.kind].start), None)
    with special.start(sweep) if special else plain(sweep) as (process, handle):
        waiting = sorted(outside, key=lambda fault: fault.moment)
        until, begun = time.monotonic() + SECONDS, sweep.begun()
        while process.poll() is None and time.monotonic() < until:
            sweep.look()
            if waiting and sweep.begun() - begun >= waiting[0].moment:
                fault = waiting.pop(0)
                sweep.note(fired=fault.id, kind=fault.kind)
                OUTSIDE[fault.kind].do(sweep, process, handle, fault)
            time.sleep(0.1)
        if process.poll() is None:
            process.kill()
            raise Failed(f"I7 the driver still runs after {SECONDS} s")
        out, _ = process.communicate()
    for fault in outside:
        AFTERWARDS.get(fault.kind, lambda *_: None)(sweep)
    return process.returncode, out


class plain:  # noqa: N801  # used like a function
    """A driver with a Ray of its own."""

    def __init__(self, sweep):
        self.process = sweep.start("--address", "local")

    def __enter__(self):
        return self.process, None

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()


def armed(fault):
    """A fault as the injector reads it."""
    one = IN_PROCESS[fault.kind]
    return {
        "id": fault.id,
        "point": one.point,
        "side": one.side,
        "act": one.act,
        "path": one.path,
        "nth": fault.moment,
    }


def beside(sweep, fault):
    """A loss that is not finite, in a run beside: exit 6, and the cell is not trained again."""
    run = f"beside-{fault.id}"
    one = {"id": fault.id, "point": "_step", "side": "worker", "act": "not finite", "path": ""}
    sweep.arm([{**one, "nth": fault.moment}])
    more = ("--methods", "erm", "--held-out", "west", "--address", "local")
    for _ in range(2):
        process = sweep.start(*more, run=run)
        process.communicate(timeout=SECONDS)
        if process.returncode != 6:
            raise Failed(f"I7 exit {process.returncode} with an infeasible cell")
    states = [
        json.loads(path.read_bytes())["payload"].get("state")
        for path in (sweep.folder / "runs" / run).glob("cells/*/*/attempt-*.json")
    ]
    if states.count("INFEASIBLE") != 1:
        raise Failed(f"I2 attempts {states}")


def judge(sweep, cells, wanted):
    """All invariants at the end of a sweep; what is wrong."""
    out = finish(sweep)
    sweep.arm([])
    harmed = sweep.harmed
    kept = {name: data for name, data in sweep.seen.items() if name not in harmed}
    wrong = one_accepted(sweep.run, cells) + none_lost_or_changed(kept, sweep.run)
    wrong += [one for one in all_whole(sweep.run) if one.rpartition(": ")[2] not in harmed]
    wrong += left_behind(sweep.run)
    if leaderboard(out) != wanted:
        (sweep.folder / "leaderboard.json").write_bytes(leaderboard(out))
        wrong.append(f"I4 another leaderboard, see {sweep.folder}/leaderboard.json")
    verify = subprocess.run(
        [sys.executable, "-m", "wbcray", "store", "verify", str(sweep.run), "--json"],
        cwd=sweep.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if verify.returncode not in ((0, 4) if harmed else (0,)):
        wrong.append(f"I5 verify: exit {verify.returncode}: {verify.stdout}{verify.stderr}")
    wrong += [
        f"I6 still runs: {process.pid} {' '.join(process.cmdline())[:80]}"
        for process in sweep.left_over(30)
    ]
    return wrong


def opened(folder, command):
    """A place for faults, new or as an earlier call left it."""
    if not folder.exists():
        new_sweep(folder, command)
    sweep = Sweep(folder, command)
    sweep.harmed |= {name for line in sweep.log() for name in line.get("harmed", ())}
    sweep.look()
    return sweep


def sat(passes):
    """Faults that had their sitting."""
    lines = [line for sweep in passes for line in sweep.log()]
    return {fault for line in lines for fault in line.get("sitting", ())}


def missing(passes, faults):
    """How many faults are still to happen."""
    lines = [line for sweep in passes for line in sweep.log()]
    return max(0, faults - sum("fired" in line for line in lines))


def figures(passes, cells):
    """Per kind of fault: how many, and seconds until its cell, or the next one, was accepted."""
    found, numbers, epochs, needed, starts = {}, Counter(), 0, 0, 0
    for sweep in passes:
        log = sweep.log()
        times, reports = _of_accepted(sweep)
        kinds = {
            line.get("armed", line.get("fired")): line["kind"] for line in log if "kind" in line
        }
        for line in log:
            if "fired" in line:
                kind = kinds[line["fired"]]
                numbers[kind] += 1
                own = times.get(line.get("cell"), 0)
                later = [own] if own > line["time"] else times.values()
                after = [one - line["time"] for one in later if one > line["time"]]
                found.setdefault(kind, []).extend([min(after)] if after else [])
        epochs += sum("epoch" in line for line in log)
        starts += sum("sitting" in line or "finishing" in line for line in log)
        needed += reports
    return {
        "faults": sum(numbers.values()),
        "kinds": {
            kind: {"number": numbers[kind], "recovery_s": spread(found.get(kind, []))}
            for kind in sorted(numbers)
        },
        "recovery_s": spread([one for some in found.values() for one in some]),
        "sweeps": len(passes),
        "cells": cells,
        "starts_of_the_driver": starts,
        "epochs_trained": epochs,
        "epochs_counted": needed,
    }


def _of_accepted(sweep):
    """When each cell's result was accepted, and how many epochs all of them hold."""
    times, epochs = {}, 0
    for folder, (name, _) in accepted(sweep.run).items():
        path = sweep.run / "cells" / folder / name
        times[folder] = path.stat().st_mtime
        epochs += len(json.loads(path.read_bytes())["payload"]["reports"])
    return times, epochs


def spread(values):
    """Median, 95th percentile, number."""
    if not values:
        return None
    return {
        "p50": round(statistics.median(values), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "n": len(values),
    }


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=40, help="then no new fault is begun")
    parser.add_argument("--methods", default=METHODS)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    until = time.monotonic() + 60 * options.minutes
    folder = options.folder or Path(tempfile.mkdtemp(prefix="wbcray-chaos-"))
    command = words(options.methods, options.epochs)
    cells, wanted = reference(folder, command)
    groups = sittings(draw(4 * options.faults, options.seed, options.kind or KINDS))
    passes, wrong = [], []
    try:
        while not passes or (missing(passes, options.faults) and time.monotonic() < until):
            sweep = opened(folder / f"faults-{len(passes) + 1}", command)
            passes.append(sweep)
            for group in groups:
                if time.monotonic() > until or not missing(passes, options.faults):
                    break
                if len(accepted(sweep.run)) == len(cells):
                    break  # nothing is left to be disturbed; the rest meets a fresh sweep
                if not any(fault.id in sat(passes) for fault in group):
                    sit(sweep, group)
            wrong += judge(sweep, cells, wanted)
    except Failed as error:
        wrong.append(str(error))
    print(json.dumps(figures(passes, len(cells)), indent=1))
    for one in wrong:
        print(f"WRONG (seed {options.seed}, folder {folder}): {one}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
