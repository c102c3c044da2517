"""What a study searches and with what: from a suggestion to the task that trains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wbcray.cluster.task import Task
from wbcray.core.config import AXES, TrialConfig
from wbcray.core.digest import digest
from wbcray.core.errors import UsageError
from wbcray.core.hyper import Scalar
from wbcray.methods.fitness import check_combination, check_sources
from wbcray.search.space import SearchSpace, default_params, examples
from wbcray.store.place import Place, url_of
from wbcray.store.study_contents import Asked
from wbcray.training.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What each trial gets.

    Attributes:
        cpus: CPUs, and threads, of each worker.
        gpus: GPUs of each worker; a fraction shares one.
        workers: Workers that train one network together.
    """

    cpus: int = 1
    gpus: float = 0.0
    workers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyPlan:
    """One study: a method searched for one held-out domain.

    Attributes:
        run: Where the run lies.
        trials: Trials wanted in all, earlier sittings included.
        fixed: Dotted hyper-parameters that every trial shares.
        sources: Domains to learn from.
        seed: Of the cells; one seed, so that trials differ by their configuration alone.
        deterministic: Train the same bits every time and one trial at a time, so that every
            suggestion follows from the records before it.
    """

    run: Place
    method: str
    held_out: str
    space: SearchSpace
    settings: Settings
    trials: int
    resources: Resources
    fixed: Mapping[str, Scalar]
    sources: int
    seed: int = 0
    deterministic: bool = False

    @property
    def name(self) -> str:
        """The study's name in progress displays."""
        return f"{self.method}--{self.held_out}"

    @property
    def study_name(self) -> str:
        """The study's name in an Optuna storage."""
        return study_name(self.run, self.method, self.held_out)

    @property
    def budget(self) -> int:
        """Epochs over all folds of a trial that is not stopped."""
        return self.settings.folds * self.settings.epochs

    def identity(self) -> dict[str, Any]:
        """What may not change while the study lives."""
        return {
            "method": self.method,
            "held_out": self.held_out,
            "space": self.space.as_json(),
            "fixed": dict(self.fixed),
            "seed": self.seed,
            # What the search starts from: a suggestion must mean the same at every sitting.
            "base": self.settings.config(self.method, self.fixed).as_json(),
        }

    def first(self) -> dict[str, Scalar]:
        """Parameters of trial 0: the method's defaults, as far as they are searched."""
        defaults = self.settings.config(self.method, self.fixed).flat()
        return default_params(self.space, defaults)

    def asked(self, number: int, params: Mapping[str, Scalar]) -> Asked:
        """A suggestion with its full configuration."""
        config = self.settings.config(self.method, {**self.fixed, **params})
        return Asked(number=number, params=dict(params), config=config)

    def task(self, asked: Asked) -> Task:
        """What a worker is told to do with a suggestion."""
        return Task(
            run=url_of(self.run),
            label=f"{self.name} trial {asked.number}",
            config=asked.config,
            held_out=self.held_out,
            folds=tuple(range(self.settings.folds)),
            seed=self.seed,
            threads=self.resources.cpus,
            workers=self.resources.workers,
            gpus=self.resources.gpus,
            # The defaults are trained in full: no search may end below them.
            prunable=asked.number > 0,
            objective=self.space.objective,
            deterministic=self.deterministic,
        )

    def check(self) -> None:
        """Build every corner of the space once, so that no trial meets an illegal one.

        Raises:
            UsageError: For a combination that the method does not accept.
        """
        written = {dimension.name: dimension.written for dimension in self.space.dimensions}
        for params in [{}, *examples(self.space)]:
            checked_config(
                self.settings,
                self.method,
                {**self.fixed, **params},
                sources=self.sources,
                workers=self.resources.workers,
                written=written,
            )


def study_name(run: Place, method: str, held_out: str) -> str:
    """A study's name in an Optuna storage, which runs of other places may share."""
    place = str(run.resolve()) if isinstance(run, Path) else run.url
    return f"{run.name}-{digest(place, length=8)}--{method}--{held_out}"


def checked_config(
    settings: Settings,
    method: str,
    values: Mapping[str, Scalar],
    *,
    sources: int,
    workers: int,
    written: Mapping[str, str] | None = None,
) -> TrialConfig:
    """The configuration of `method` with `values`, if it can be trained.

    Args:
        settings: Of the run.
        method: The method's one name.
        values: Dotted hyper-parameters that were chosen.
        sources: Domains to learn from.
        workers: Workers that share a batch.
        written: Where values are written; the others were given as options.

    Raises:
        UsageError: As `check_fit`; it names where the values that matter are written.
    """

    def make(chosen: Mapping[str, Scalar]) -> TrialConfig:
        config = settings.config(method, chosen)
        check_fit(config, sources=sources, workers=workers)
        return config

    def complaint(chosen: Mapping[str, Scalar]) -> str:
        try:
            make(chosen)
        except UsageError as error:
            return error.what
        return ""

    try:
        return make(values)
    except UsageError as error:
        if error.where not in ("", f"method '{method}'"):
            raise
        # A value matters where without it there is no such complaint.
        matter = [
            (written or {}).get(name) or _option(name, value)
            for name, value in values.items()
            if complaint({key: values[key] for key in values if key != name}) != error.what
        ]
        where = f"method '{method}'" + (f", {', '.join(dict.fromkeys(matter))}" if matter else "")
        raise UsageError(error.what, where=where, fix=error.fix) from error


def _option(name: str, value: Scalar) -> str:
    if name in AXES:
        return f"--{name.replace('_', '-')} {value}"
    return f"--set {name}={value}"


def check_fit(config: TrialConfig, *, sources: int, workers: int) -> None:
    """Refuse what would fail in every trial, before the first one.

    Raises:
        UsageError: For a batch that the workers cannot share, parts that cannot work together, or a
            penalty over more domains than there are.
    """
    batch = config.optimizer.batch_size
    if batch % workers:
        raise UsageError(
            f"a batch of {batch} images cannot be shared by {workers} workers",
            where="--workers, optimizer.batch_size",
            fix=f"use a batch size that {workers} divides, e.g. {-(-batch // workers) * workers}",
        )
    check_combination(config)
    if sources:  # without any, the data are at fault and reading them says so
        check_sources(config.method, sources)
