"""A sweep of cells under injected faults, and the same sweep without: nothing lost, same bytes.

    PYTHONPATH=tests python tests/chaos/sweep.py --faults 100 --seed 1 --minutes 45

Faults happen one after the other: the next one waits until the work has recovered from the one
before. When a sitting ends, the same command is started again, until all cells are there; then a
fresh sweep meets the faults that are left. What is found wrong is printed with the seed; the log of
all faults is `faults-N/log.jsonl` in the folder. Started again with the same `--folder`, it goes on
where it was; with `--rows` it only prints the table of what happened so far.
"""

# ruff: noqa: T201  # a script

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from check import accepted
from faults import BESIDE, BETWEEN, IN_PROCESS, KINDS, draw, expected_code, next_group
from figures import figures, fired, rows, tries
from judging import Failed, finish, judge
from outside import AFTERWARDS, OUTSIDE, harm
from sitting import SECONDS, STALL_MINUTES, Sweep, leaderboard, new_sweep

METHODS = "erm,coral,mmd,irm,vrex,group_dro,dann,mixup,focal,balanced_softmax"  # 10 of the presets
RECOVERY_SECONDS = 90
"""After that the next fault does not wait any longer."""
TRIES = 6
"""Sittings in which a fault may find nothing to happen to."""


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
        kept.write_bytes(leaderboard(finish(sweep)))
    return sorted(accepted(sweep.run)), kept.read_bytes()


def sit(sweep, faults, cells):
    """One sitting: damage first, then a start, and the others while it runs; what is wrong."""
    before = sweep.look()
    complete = [fault.id for fault in faults if fault.kind in BETWEEN and damage(sweep, fault)]
    during = [fault for fault in faults if fault.kind not in BETWEEN]
    began = time.time()
    if during and during[0].kind in BESIDE:
        code, happened = beside(sweep, during[0]), [during[0].kind]
    else:
        code = run_with(sweep, during, cells)
        ids = fired([sweep])
        happened = [fault.kind for fault in during if fault.id in ids]
    wanted = expected_code(happened)
    sweep.note(
        sitting=[fault.id for fault in faults],
        damaged=complete,
        happened=happened,
        exit=code,
        wanted=wanted,
        seconds=round(time.time() - began, 1),
        results=sweep.look() - before,
    )
    return [f"I7 exit {code} in place of {wanted} after {happened}"] if code != wanted else []


def damage(sweep, fault):
    """Damage a file between two sittings, if there is one of its kind."""
    harmed, cell = harm(sweep, fault)
    if harmed is not None:
        sweep.note(fired=fault.id, kind=fault.kind, harmed=harmed, cell=cell)
    return harmed is not None


def run_with(sweep, faults, cells):
    """Start the driver and let the faults happen to it; its exit code."""
    starts = [OUTSIDE[fault.kind].start for fault in faults if fault.kind in OUTSIDE]
    special = next(filter(None, starts), None)
    # A driver's commits come when it begins and when it ends: such a fault waits for none.
    standing = [fault for fault in faults if fault.kind.startswith("driver killed ")]
    arm(sweep, standing, standing)
    queue, done = [fault for fault in faults if fault not in standing], []
    with (special or plain)(sweep) as (process, handle):
        until, begun = time.monotonic() + SECONDS, sweep.begun()
        while process.poll() is None:
            if time.monotonic() > until:
                process.kill()
                raise Failed(f"I7 the driver still runs after {SECONDS} s, see {sweep.folder}")
            left = len(cells) - sweep.look()
            if queue and (not done or recovered(sweep, done[-1])):
                fault = queue[0]
                if fault.kind in IN_PROCESS:
                    arm(sweep, [*standing, fault], [fault])
                    done.append(queue.pop(0))
                elif left and sweep.begun() - begun >= fault.moment:
                    sweep.note(fired=fault.id, kind=fault.kind)
                    OUTSIDE[fault.kind].do(sweep, process, handle, fault)
                    done.append(queue.pop(0))
            time.sleep(0.25)
    sweep.arm([])
    for fault in done:
        AFTERWARDS.get(fault.kind, lambda *_: None)(sweep)
    return process.returncode


def arm(sweep, faults, new):
    """Let these faults happen, of which some are new."""
    for fault in new:
        sweep.note(armed=fault.id, kind=fault.kind, moment=fault.moment)
    sweep.arm([armed(fault, sweep) for fault in faults])


def recovered(sweep, fault):
    """Whether a fault has happened and the cell that it hit was accepted since, or another one."""
    line = next((line for line in sweep.log() if line.get("fired") == fault.id), None)
    if line is None:
        return False
    return sweep.accepted_since(line) or time.time() - line["time"] > RECOVERY_SECONDS


class plain:  # noqa: N801  # used like a function
    """A driver with a Ray of its own."""

    def __init__(self, sweep):
        self.process = sweep.start("--address", "local")

    def __enter__(self):
        return self.process, None

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()


def armed(fault, sweep):
    """A fault as the injector reads it."""
    one = IN_PROCESS[fault.kind]
    return {
        "id": fault.id,
        "point": one.point,
        "side": one.side,
        "act": one.act,
        "path": one.path,
        "nth": fault.moment,
        # Memory that runs out twice in a cell makes it infeasible, as it should.
        "not_cells": [line["cell"] for line in sweep.log() if line.get("act") == one.act]
        if one.act == "out of memory"
        else [],
    }


def beside(sweep, fault):
    """A loss that is not finite, in a run beside: exit 6, and the cell is not trained again."""
    run = f"beside-{fault.id}"
    one = {"id": fault.id, "point": "_step", "side": "worker", "act": "not finite", "path": ""}
    sweep.note(armed=fault.id, kind=fault.kind, moment=fault.moment)
    sweep.arm([{**one, "nth": fault.moment, "not_cells": []}])
    codes = []
    for _ in range(2):
        process = sweep.start(
            "--methods", "erm", "--held-out", "west", "--address", "local", run=run
        )
        process.wait(SECONDS)
        codes.append(process.returncode)
    sweep.arm([])
    states = [
        json.loads(path.read_bytes())["payload"].get("state")
        for path in (sweep.folder / "runs" / run).glob("cells/*/*/attempt-*.json")
    ]
    return codes[0] if states.count("INFEASIBLE") == 1 and codes[0] == codes[1] else [codes, states]


def opened(folder, command):
    """A place for faults, new or as an earlier call left it."""
    if not folder.exists():
        new_sweep(folder, command)
    sweep = Sweep(folder, command)
    sweep.harmed |= {name for line in sweep.log() for name in line.get("harmed", ())}
    sweep.look()
    return sweep


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=45, help="then no new fault is begun")
    parser.add_argument("--methods", default=METHODS)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rows", action="store_true", help="print the table of a folder and leave")
    options = parser.parse_args(arguments)
    until = time.monotonic() + 60 * options.minutes
    folder = options.folder or Path(tempfile.mkdtemp(prefix="wbcray-chaos-"))
    command = words(options.methods, options.epochs)
    if options.rows:
        print(rows([Sweep(path, command) for path in sorted(folder.glob("faults-*"))]))
        return 0
    return carry_out(
        folder, command, draw(options.faults, options.seed, options.kind or KINDS), until
    )


def carry_out(folder, command, planned, until):
    """Sweep after sweep until all faults have happened; 1 if something was wrong."""
    cells, wanted = reference(folder, command)
    passes, wrong = [], []
    try:
        while not passes or (waiting(passes, planned) and time.monotonic() < until):
            sweep = opened(folder / f"faults-{len(passes) + 1}", command)
            passes.append(sweep)
            while time.monotonic() < until and (left := waiting(passes, planned)):
                done = len(accepted(sweep.run))
                group = next_group(left, results=done, complete=done == len(cells))
                if not group and done:
                    break  # nothing is left to be disturbed; the rest meets a fresh sweep
                found = sit(sweep, group, cells)
                wrong += [f"{sweep.folder.name}: {one}" for one in found]
            found = judge(sweep, cells, wanted)
            sweep.note(judged=found)
            wrong += [f"{sweep.folder.name}: {one}" for one in found]
    except Failed as error:
        wrong.append(str(error))
    print(json.dumps(figures(passes, len(cells)), indent=1))
    for one in wrong:
        print(f"WRONG ({folder}): {one}", file=sys.stderr)
    return 1 if wrong else 0


def waiting(passes, planned):
    """The faults that have not happened yet; one that never finds its moment is given up."""
    happened, tried = fired(passes), tries(passes)
    return [fault for fault in planned if fault.id not in happened and tried[fault.id] < TRIES]


if __name__ == "__main__":
    sys.exit(main())
