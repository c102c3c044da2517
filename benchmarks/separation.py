"""Do synthetic images tell methods apart? `python -m benchmarks.separation [--replicates 5]`.

Every replicate draws three new domains and trains each arm on two of them (fold 0 of 5), so that
replicates are independent and arms are paired. Printed are macro F1 on the sources' validation
images and on the unseen domain, macro F1 over the classes with few training images, and each
arm's difference to the first with a 95 % interval (Student's t over replicates).

Arms are written as on the command line: a method and what is changed of it, e.g.
`erm,colour=stain_augmentation`. Trainings are recorded below --folder; run again, it goes on.
"""

import argparse
import multiprocessing
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

SOURCES, UNSEEN = ("matek_like", "acevedo_like"), "int_like"
FLOORS = {"matek_like": 12, "acevedo_like": 12, "int_like": 40}
RARE = 30
"""Training images up to which a class counts as rare."""

ARMS = (
    "erm",
    "erm,augment.brightness=0,augment.contrast=0,augment.gain=0",
    "erm,colour=stain_augmentation",
    "erm,sampler=class_balanced",
    "coral",
    "boda",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One arm on one replicate."""

    folder: Path
    arm: str
    replicate: int
    images: int
    epochs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What one training reached, macro F1 each."""

    home: float
    unseen: float
    rare_home: float
    rare_unseen: float


def draw(folder: Path, *, replicate: int, images: int) -> Path:
    """The project file of one replicate; its images are drawn where they are not there yet."""
    from wbcray.cli.init import init
    from wbcray.data.synthetic.domains import DOMAINS
    from wbcray.data.synthetic.write import scale_for, write_dataset

    place = folder / f"replicate-{replicate}"
    for name, floor in FLOORS.items():
        write_dataset(
            place / f"drawn-{name}",
            domains=[name],
            seed=replicate,
            scale={name: scale_for(DOMAINS[name], images=images)},
            floor=floor,
            size=64,
            workers=os.cpu_count() or 1,
        )
    project = place / "wbcray.yaml"
    if not project.exists():
        found = [place / f"drawn-{name}" / name for name in FLOORS]
        init(found, profile="laptop", classes_from_folders=True, out=project)
    return project


def train(job: Job) -> Scores:
    """Train the arm, or read what was recorded of it."""
    import torch

    from wbcray.core.project import load_project
    from wbcray.store.cells import CellStore
    from wbcray.store.openings import Openings
    from wbcray.training.open_run import open_run
    from wbcray.training.runtime import LocalRuntime
    from wbcray.training.settings import settings_of
    from wbcray.training.trial import run_trial

    torch.set_num_threads(1)
    project = load_project(job.folder / f"replicate-{job.replicate}" / "wbcray.yaml")
    settings = settings_of(project, epochs=job.epochs)
    run = open_run(project, f"separation-{job.epochs}", settings)
    method, *changes = job.arm.split(",")
    config = settings.config(method, dict(_change(text) for text in changes))
    data = run.data(UNSEEN)
    runtime = LocalRuntime(torch.device("cpu"))
    [record] = run_trial(
        config, data, CellStore(run.folder), runtime, folds=[0], seed=job.replicate
    )
    [unseen] = Openings(run.folder).open([record], "selected").values()
    labels = np.array(run.catalog.labels())[list(data.split.folds[0].train)]
    trained = np.bincount(labels, minlength=len(run.catalog.classes))
    return scores_of(record.counts, unseen, rare=(trained > 0) & (trained <= RARE))


def _change(text: str) -> tuple[str, str | float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def scores_of(home: NDArray[np.int64], unseen: NDArray[np.int64], *, rare: object) -> Scores:
    """Macro F1 of both places, over all classes and over the `rare` ones."""
    from wbcray.metrics.scores import class_scores, macro_f1

    return Scores(
        home=macro_f1(home),
        unseen=macro_f1(unseen),
        rare_home=float(np.nanmean(class_scores(home).f1[rare])),
        rare_unseen=float(np.nanmean(class_scores(unseen).f1[rare])),
    )


def interval(values: NDArray[np.float64]) -> str:
    """`mean (low .. high)`, the 95 % interval of the mean by Student's t."""
    mean, error = values.mean(), stats.sem(values)
    reach = stats.t.ppf(0.975, len(values) - 1) * error
    return f"{mean:+.3f} ({mean - reach:+.3f} .. {mean + reach:+.3f})"


def table(results: dict[str, list[Scores]]) -> None:
    """Print scores of all arms, and their differences to the first."""
    kinds = ("home", "unseen", "rare_home", "rare_unseen")
    as_array = {
        arm: np.array([[getattr(score, kind) for kind in kinds] for score in found])
        for arm, found in results.items()
    }
    print(f"\n{'macro F1, mean and sd over replicates':64s}" + "".join(f"{k:>16s}" for k in kinds))
    for arm, values in as_array.items():
        cells = "".join(
            f"{f'{mean:.3f} sd {sd:.3f}':>16s}"
            for mean, sd in zip(values.mean(0), values.std(0, ddof=1), strict=True)
        )
        print(f"{arm:64s}{cells}")
    first = next(iter(as_array))
    print(f"\ndifference to {first}, 95 % interval over {len(as_array[first])} replicates")
    for arm, values in list(as_array.items())[1:]:
        for place, kind in enumerate(kinds):
            difference = values[:, place] - as_array[first][:, place]
            print(f"{arm:64s}{kind:>12s} {interval(difference)}")


def main() -> None:
    """Draw, train, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--replicates", type=int, default=5)
    parser.add_argument("--arms", nargs="+", default=list(ARMS))
    parser.add_argument("--images", type=int, default=1500, help="per domain, about")
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for replicate in range(options.replicates):
            draw(folder, replicate=replicate, images=options.images)
        jobs = [
            Job(
                folder=folder,
                arm=arm,
                replicate=replicate,
                images=options.images,
                epochs=options.epochs,
            )
            for replicate in range(options.replicates)
            for arm in options.arms
        ]
        results: dict[str, list[Scores]] = {arm: [] for arm in options.arms}
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=fresh) as pool:
            for job, scores in zip(jobs, pool.map(train, jobs), strict=True):
                results[job.arm].append(scores)
                print(
                    f"replicate {job.replicate}  {job.arm:64s} home {scores.home:.3f}  "
                    f"unseen {scores.unseen:.3f}",
                    flush=True,
                )
        table(results)


if __name__ == "__main__":
    main()
