"""What searches spend until a target: `python -m benchmarks.search curves|replay|real|against`."""

from benchmarks.parts import measure
from benchmarks.search import against, curves, real, replaying

PARTS = {"curves": curves, "replay": replaying, "real": real, "against": against}

if __name__ == "__main__":
    measure(__doc__, PARTS)
