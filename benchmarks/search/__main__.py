"""What searches spend until a target: `python -m benchmarks.search curves|replay|real|...`."""

from benchmarks.parts import measure
from benchmarks.search import against, cheap, curves, ranks, real, replaying

PARTS = {
    "curves": curves,
    "replay": replaying,
    "real": real,
    "against": against,
    "cheap": cheap,
    "ranks": ranks,
}

if __name__ == "__main__":
    measure(__doc__, PARTS)
