"""What a progress display has seen of the trials of a study or a comparison."""

from collections import Counter
from dataclasses import dataclass, field
from typing import final


@final
@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts trials and epochs.

    Attributes:
        title: The study's name; the labels of its trials begin with it.
        trials: Planned for this sitting.
        budget: Epochs of a trial that is not stopped.
        states: Of the trials that are over.
        running: Epochs spent and value of each trial that runs, by label.
        spent: Epochs of the trials that are over.
        best: The highest value of a complete trial, and its label.
    """

    title: str
    trials: int
    budget: int
    states: Counter[str] = field(default_factory=Counter)
    running: dict[str, tuple[int, float | None]] = field(default_factory=dict)
    spent: int = 0
    best: tuple[float, str] | None = None

    @property
    def done(self) -> int:
        """Trials that are over."""
        return sum(self.states.values())

    def end(self, label: str, state: str, value: float | None) -> None:
        """A trial is over."""
        self.spent += self.running.pop(label, (0, None))[0]
        self.states[state] += 1
        if state == "COMPLETE" and value is not None and (not self.best or value > self.best[0]):
            self.best = (value, label)

    def summary(self) -> str:
        """How many are over, how they ended, how many run."""
        states = ", ".join(f"{n} {state.lower()}" for state, n in sorted(self.states.items()))
        running = f"{len(self.running)} running" if self.running else ""
        return ", ".join(filter(None, [f"{self.done} of {self.trials} done", states, running]))


def together(tallies: list[Tally]) -> Tally:
    """Of all, without what is compared within a study only: the best, and which trials run."""
    return Tally(
        title=tallies[0].title if len(tallies) == 1 else f"{len(tallies)} studies",
        trials=sum(one.trials for one in tallies),
        budget=tallies[0].budget,
        states=sum((one.states for one in tallies), Counter()),
        running={label: at for one in tallies for label, at in one.running.items()},
        spent=sum(one.spent for one in tallies),
    )


def seconds_left(tally: Tally, seconds: float) -> float | None:
    """What is left of a sitting that has lasted `seconds`; None when nothing can be said.

    Trials to come are expected to spend what the ended ones did, running ones all they may.
    """
    spent = tally.spent + sum(budget for budget, _ in tally.running.values())
    if not spent or tally.done >= tally.trials:
        return None
    each = tally.spent / tally.done if tally.done else tally.budget
    waiting = max(0, tally.trials - tally.done - len(tally.running))
    rest = waiting * each + sum(tally.budget - budget for budget, _ in tally.running.values())
    return seconds / spent * rest
