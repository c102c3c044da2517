"""Whether the invariants hold at the end of a sweep under faults."""

import json
import shutil
import subprocess
import sys

from check import accepted, all_whole, left_behind, none_lost_or_changed, one_accepted, records
from sitting import SECONDS, abandoned_folders, leaderboard

LINGER_SECONDS = 90
"""Ray's agents whose driver was killed tell a head that is gone, and give up after a minute."""


class Failed(Exception):  # noqa: N818  # what a sweep is for
    """Something that must hold did not."""


def finish(sweep):
    """Start the command until all cells are there; what it printed."""
    for _ in range(3):
        process = sweep.start("--address", "local")
        process.wait(SECONDS)
        sweep.look()
        sweep.note(finishing=process.returncode)
        if process.returncode == 0:
            return (sweep.folder / "stdout.json").read_text()
    raise Failed(f"I7 exit {process.returncode} without a fault, see {sweep.folder}/stderr.txt")


def judge(sweep, cells, wanted):
    """All invariants at the end of a sweep; what is wrong."""
    sweep.arm([])
    out = finish(sweep)
    harmed = sweep.harmed
    kept = {name: data for name, data in sweep.seen.items() if name not in harmed}
    wrong = one_accepted(sweep.run, cells) + none_lost_or_changed(kept, sweep.run)
    wrong += [one for one in all_whole(sweep.run) if one.rpartition(": ")[2] not in harmed]
    if leaderboard(out) != wanted:
        (sweep.folder / "leaderboard.json").write_bytes(leaderboard(out))
        wrong.append(f"I4 another leaderboard, see {sweep.folder}/leaderboard.json")
    wrong += verified(sweep) + trained_again(sweep)
    wrong += [
        f"I6 still runs: {process.pid} {' '.join(process.cmdline())[:80]}"
        for process in sweep.left_over(LINGER_SECONDS)
    ]
    wrong += left_behind(sweep.run)
    wrong += [f"I6 left behind: {path}" for path in abandoned_folders(sweep)]
    shutil.rmtree(sweep.ray_folder, ignore_errors=True)
    return wrong


def verified(sweep):
    """I5: `store verify` names exactly the records that the harness damaged."""
    process = subprocess.run(
        [sys.executable, "-m", "wbcray", "store", "verify", str(sweep.run), "--json"],
        cwd=sweep.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != (4 if sweep.harmed else 0):
        return [f"I5 verify: exit {process.returncode}: {process.stdout}{process.stderr}"]
    named = {one["path"] for one in json.loads(process.stdout)["problems"]}
    return [f"I5 verify names {named}, damaged were {sweep.harmed}"] * (named != sweep.harmed)


def trained_again(sweep):
    """I5: what was damaged does not count any more, and another attempt at its cell does."""
    counted = accepted(sweep.run)
    there = records(sweep.run)
    found = []
    for name in sorted(name for name in sweep.harmed if name.endswith(".json")):
        _, config, cell, attempt = name.split("/")
        if name not in there or counted.get(f"{config}/{cell}", (attempt,))[0] == attempt:
            found.append(f"I5 not trained again: {name}")
    return found
