"""What must stand wherever scores of a run are shown, because they would mislead without it."""

from wbcray.explorer.reading.facts import RunFacts
from wbcray.explorer.wording import ORACLE_NOTE

SYNTHETIC = "SYNTHETIC IMAGES: made by a program. Nothing here says anything about patients."
LEAKAGE = "LEAKAGE ALLOWED: one picture is on both sides of a split. Scores flatter every method."


def watermarks(facts: RunFacts) -> tuple[str, ...]:
    """The sentences that hold for a run; each begins with a word in capitals."""
    held = (
        (facts.synthetic, SYNTHETIC),
        ("leakage" in facts.allowed, LEAKAGE),
        (facts.oracle, f"{ORACLE_NOTE}."),
    )
    return tuple(sentence for on, sentence in held if on)


def in_short(facts: RunFacts) -> str:
    """The capital words alone, for a column of a table; empty where nothing must be said."""
    return " ".join(sentence.split(maxsplit=1)[0].rstrip(":") for sentence in watermarks(facts))
