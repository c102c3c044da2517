"""The numbers of a large comparison, derived from what is measured and what is assumed."""

from dataclasses import dataclass

import numpy as np

from benchmarks.scale.halving import finished_folds, halving
from wbcray.core.digest import canonical_json

_HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is planned, what is assumed, and what was measured.

    Attributes:
        methods, domains, folds, trials, epochs, gpus: What is planned; trials of each study.
        seeds: Repetitions of the winners' cells in the comparison.
        images: Of all domains together, alike in number; assumed.
        images_per_second: Of one GPU in training, ResNet50 at 224 px; assumed, for no GPU was at
            hand.
        price: Of a GPU for an hour; assumed.
        checkpoint: Bytes of a ResNet50 with its head.
        more_epochs: Epochs of a trial under ASHA that runs trials side by side, as a multiple of
            what halving alone would leave; measured.
        overhead: Seconds of a slot that each trial costs beside its training; measured.
        report: Seconds of the driver's processor for each report, all else that it does included;
            measured.
        driver, driver_growth: Bytes of a driver, and what each trial adds; measured.
        status, status_growth: Seconds of `wbcray status`, and what each trial adds; measured.
        files: Of the run, for each trial; measured.
    """

    methods: int = 25
    domains: int = 12
    classes: int = 13
    folds: int = 5
    trials: int = 100
    epochs: int = 30
    gpus: int = 256
    seeds: int = 3
    images: int = 52_000
    images_per_second: float = 1000.0
    price: float = 2.0
    checkpoint: int = 94_350_000
    more_epochs: float = 1.17
    overhead: float = 0.69
    report: float = 0.0167
    driver: float = 0.9e9
    driver_growth: float = 83e3
    status: float = 0.35
    status_growth: float = 0.19e-3
    files: float = 5.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one thing has to bear, and what it can."""

    name: str
    needed: float
    limit: float
    unit: str

    @property
    def ratio(self) -> float:
        """Above 1 it breaks."""
        return self.needed / self.limit

    def __str__(self) -> str:
        of = f"{self.needed:,.3g} of {self.limit:,.3g} {self.unit}"
        return f"{self.ratio:6.2f}  {self.name}: {of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The numbers of the plan; seconds, bytes."""

    given: Given

    @property
    def studies(self) -> int:
        """A study is a method without a domain."""
        return self.given.methods * self.given.domains

    @property
    def all_trials(self) -> int:
        """Of all studies."""
        return self.studies * self.given.trials

    @property
    def budget(self) -> int:
        """Epochs of a trial that is not stopped, over all folds."""
        return self.given.folds * self.given.epochs

    @property
    def epochs_per_trial(self) -> float:
        """Mean of a study: trial 0 is trained in full, of the others one in three passes a rung."""
        stopped = min(halving(self.budget) * self.given.more_epochs, self.budget)
        return (self.budget + (self.given.trials - 1) * stopped) / self.given.trials

    @property
    def epoch_images(self) -> float:
        """Images of an epoch: the training part of the source domains."""
        given = self.given
        sources = given.images * (given.domains - 1) / given.domains
        return sources * (given.folds - 1) / given.folds

    @property
    def epoch_seconds(self) -> float:
        """Of one GPU."""
        return self.epoch_images / self.given.images_per_second

    @property
    def search_hours(self) -> float:
        """GPU-hours of all searches."""
        epochs = self.all_trials * self.epochs_per_trial
        return (epochs * self.epoch_seconds + self.all_trials * self.given.overhead) / _HOUR

    @property
    def unpruned_hours(self) -> float:
        """GPU-hours of all searches if no trial were stopped."""
        return self.all_trials * self.budget * self.epoch_seconds / _HOUR

    @property
    def comparison_hours(self) -> float:
        """GPU-hours of the winners under the other seeds; those under the first are there."""
        cells = self.studies * self.given.folds * (self.given.seeds - 1)
        return cells * self.given.epochs * self.epoch_seconds / _HOUR

    @property
    def hours(self) -> float:
        """GPU-hours of all."""
        return self.search_hours + self.comparison_hours

    @property
    def trial_hours(self) -> float:
        """A trial that is not stopped, on one GPU."""
        return (self.budget * self.epoch_seconds + self.given.overhead) / _HOUR

    @property
    def tune_hours(self) -> float:
        """Of the clock, at most, for all searches.

        No GPU is idle while a trial is left to be begun, so it is the work of one GPU and the
        longest trial (Graham 1969, https://doi.org/10.1137/0117039).
        """
        return self.search_hours / self.given.gpus + self.trial_hours

    @property
    def busy(self) -> float:
        """GPUs that the searches keep busy on average, at least."""
        return self.search_hours / self.tune_hours

    @property
    def reports_per_second(self) -> float:
        """When all GPUs train."""
        return self.given.gpus / self.epoch_seconds

    @property
    def cells(self) -> float:
        """Recorded cells: finished folds of all searches, and the comparison's."""
        each = finished_folds(self.given.folds, self.given.epochs)
        searched = self.studies * (self.given.folds + (self.given.trials - 1) * each)
        return searched + self.studies * self.given.folds * (self.given.seeds - 1)

    @property
    def record_bytes(self) -> int:
        """Of a cell: counts after every epoch, and the final ones."""
        validation = self.epoch_images / (self.given.folds - 1)
        return counts_bytes(self.given, int(validation)) * (self.given.epochs + 1)

    @property
    def checkpoint_bytes(self) -> float:
        """Checkpoints of the winners' cells."""
        return self.studies * self.given.folds * self.given.seeds * self.given.checkpoint

    @property
    def loads(self) -> list[Load]:
        """What is loaded most, first."""
        given = self.given
        driver = self.reports_per_second * given.report
        status = given.status + given.status_growth * self.all_trials
        memory = (given.driver + given.driver_growth * self.all_trials) / 1e9
        found = [
            Load(name="`wbcray status` of one run", needed=status, limit=2.0, unit="s"),
            Load(name="one driver's processor", needed=driver, limit=1.0, unit="cores"),
            Load(name="one driver's memory", needed=memory, limit=16.0, unit="GB"),
        ]
        return sorted(found, key=lambda load: -load.ratio)


def counts_bytes(given: Given, images: int) -> int:
    """Size of one epoch's counts as they are recorded, right in nine of ten, drawn at random."""
    rng = np.random.default_rng(0)
    domains, classes = given.domains - 1, given.classes
    true, wrong = rng.integers(classes, size=images), rng.integers(classes, size=images)
    said = np.where(rng.random(images) < 0.9, true, wrong)
    counts = np.zeros((given.domains, classes, classes), dtype=np.int64)
    np.add.at(counts, (rng.integers(domains, size=images), true, said), 1)
    return len(canonical_json({"counts": counts.tolist()}))
