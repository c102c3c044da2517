"""What happened in sweeps under faults, in numbers, from their logs."""

import json
import statistics
from collections import Counter

import numpy as np
from check import accepted


def fired(passes):
    """Numbers of the faults that happened."""
    return {line["fired"] for sweep in passes for line in sweep.log() if "fired" in line}


def tries(passes):
    """In how many sittings each fault could have happened."""
    lines = [line for sweep in passes for line in sweep.log()]
    return Counter(fault for line in lines for fault in line.get("sitting", ()))


def figures(passes, cells):
    """Per kind of fault: how many, and seconds until its cell, or the next one, was accepted."""
    found, numbers, codes = {}, Counter(), {}
    epochs = counted = starts = 0
    for sweep in passes:
        log = sweep.log()
        kinds = {
            line.get("armed", line.get("fired")): line["kind"] for line in log if "kind" in line
        }
        for line in log:
            if "fired" in line:
                kind = kinds[line["fired"]]
                numbers[kind] += 1
                after = sweep.accepted_since(line)
                found.setdefault(kind, []).extend([after - line["time"]] if after else [])
            for kind in line.get("happened", ()):
                codes.setdefault(kind, Counter())[line["exit"]] += 1
        epochs += sum("epoch" in line for line in log)
        starts += sum("sitting" in line or "finishing" in line for line in log)
        counted += epochs_counted(sweep)
    return {
        "faults": sum(numbers.values()),
        "kinds": {
            kind: {
                "number": numbers[kind],
                "exit_codes": dict(codes.get(kind, {})),
                "recovery_s": spread(found.get(kind, [])),
            }
            for kind in sorted(numbers)
        },
        "recovery_s": spread([one for some in found.values() for one in some]),
        "sweeps": len(passes),
        "cells_of_a_sweep": cells,
        "starts_of_the_driver": starts,
        "epochs_trained": epochs,
        "epochs_counted": counted,
    }


def rows(passes):
    """The same as a table in Markdown."""
    all_of_it = figures(passes, 0)
    lines = ["| fault | number | recovery, s: median, 95 % | exit codes |", "|---|---:|---:|---|"]
    for kind, one in all_of_it["kinds"].items():
        codes = ", ".join(f"{code} ({n})" for code, n in sorted(one["exit_codes"].items()))
        lines.append(f"| {kind} | {one['number']} | {seconds(one['recovery_s'])} | {codes} |")
    log = [line for sweep in passes for line in sweep.log()]
    judged = [line["judged"] for line in log if "judged" in line]
    wrong = sum(map(len, judged)) + sum(
        line["exit"] != line["wanted"] for line in log if "exit" in line
    )
    lines.append(f"| all | {all_of_it['faults']} | {seconds(all_of_it['recovery_s'])} | |")
    lines.append(
        f"\n{all_of_it['sweeps']} sweeps judged, {wrong} violations; the driver was started "
        f"{all_of_it['starts_of_the_driver']} times; {all_of_it['epochs_trained']} epochs trained, "
        f"{all_of_it['epochs_counted']} counted."
    )
    return "\n".join(lines)


def seconds(one):
    """A spread as two numbers."""
    return f"{one['p50']}, {one['p95']}" if one else ""


def epochs_counted(sweep):
    """How many epochs all accepted results hold."""
    return sum(
        len(json.loads((sweep.run / "cells" / folder / name).read_bytes())["payload"]["reports"])
        for folder, (name, _) in accepted(sweep.run).items()
    )


def spread(values):
    """Median, 95th percentile, number."""
    if not values:
        return None
    return {
        "p50": round(statistics.median(values), 1),
        "p95": round(float(np.percentile(values, 95)), 1),
        "n": len(values),
    }
