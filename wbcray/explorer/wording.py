"""How numbers and uncertainty are written, in the terminal as in the report."""

from dataclasses import dataclass
from math import isnan

MISSING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
ADAPTING_MARK = "\N{DAGGER}"
ADAPTING_NOTE = (
    f"{ADAPTING_MARK} test-time adaptation: has seen the unlabelled images of the domain it is "
    "judged on"
)
ORACLE_NOTE = "ORACLE: chosen by held-out scores; optimistic, not a result"
P_LOWEST = 0.001
P_SMALL = 0.1
P_HIGHEST = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """A table of plain strings, ready to be shown anywhere; nothing in it is escaped."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def number(value: float, digits: int = 2) -> str:
    """A number with fixed digits and a true minus sign; a dash for NaN."""
    if isnan(value):
        return MISSING
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = 2) -> str:
    """A difference, with its sign; a difference that rounds to zero has none."""
    if isnan(value):
        return MISSING
    rounded = round(value, digits)
    return f"+{number(rounded, digits)}" if rounded > 0 else number(rounded + 0.0, digits)


def plus_minus(mean: float, std: float) -> str:
    """`0.66 ± 0.05`; without a standard deviation only the mean."""
    if isnan(mean):
        return MISSING
    return number(mean) if isnan(std) else f"{number(mean)} ± {number(std)}"


def interval(low: float, high: float) -> str:
    """`-0.04 to +0.16` (with a true minus sign); a dash where there is none."""
    return MISSING if isnan(low) else f"{signed(low)} to {signed(high)}"


def p_value(p: float) -> str:
    """A p value that claims neither certainty nor needless digits."""
    if isnan(p):
        return MISSING
    if p < P_LOWEST:
        return f"<{P_LOWEST}"
    if p > P_HIGHEST:
        return f">{P_HIGHEST}"
    return f"{p:.2g}" if p < P_SMALL else f"{p:.2f}"


def score_words(name: str) -> str:
    """A score's name as it is read: `macro_f1` is `macro F1`."""
    return name.replace("_", " ").replace("f1", "F1")


def probability(value: float) -> str:
    """A probability that claims neither certainty nor needless digits."""
    if isnan(value):
        return MISSING
    if value > P_HIGHEST:
        return f">{P_HIGHEST}"
    return f"<{1 - P_HIGHEST:.2f}" if value < 1 - P_HIGHEST else f"{value:.2f}"


def many(count: int, noun: str) -> str:
    """`1 image`, `2 images`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def openings_note(count: int) -> str:
    """How often anybody looked at held-out counts; it belongs under every table of scores.

    A configuration counts once for each domain that it was looked at on.
    """
    return f"held-out counts of {many(count, 'configuration')} have been opened in this run"


def notes(*lines: str) -> str:
    """The note of a table from the lines that apply, each once."""
    return "\n".join(dict.fromkeys(line for line in lines if line))
