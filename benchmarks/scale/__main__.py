"""How a search scales: `python -m benchmarks.scale PART`; `--help` names the parts."""

from benchmarks.parts import measure
from benchmarks.scale import commands, growth, learning, nodes, overhead, plan, studies, workers

PARTS = {
    "overhead": overhead,
    "growth": growth,
    "commands": commands,
    "studies": studies,
    "learning": learning,
    "nodes": nodes,
    "workers": workers,
    "plan": plan,
}

if __name__ == "__main__":
    measure(__doc__, PARTS)
