"""Speed and memory of the main job: `python -m benchmarks.main_job [step trials help]`.

step    images/s of our training loop against a bare PyTorch loop with the same network, optimizer,
        precision and batch size on tensors that are already in memory and augmented; A/B/A/B.
trials  200 short trials on one reused actor: seconds from one trial's end to the next one's first
        step, and resident memory of the actor after 20 and after 200 trials.
help    seconds of `wbcray --help` and of `python -c pass`, and what it imports.

Run it on a quiet machine. It prints medians with the smallest and largest value.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wbcray.training.open_run import OpenRun
    from wbcray.training.settings import Settings


def spread(values: list[float]) -> str:
    """`median (smallest .. largest, n)`."""
    ordered = sorted(values)
    middle = statistics.median(ordered)
    return f"{middle:.3g} ({ordered[0]:.3g} .. {ordered[-1]:.3g}, n={len(ordered)})"


def make_run(
    folder: Path,
    *,
    images: int,
    size: int,
    epochs: int,
    folds: int = 2,
    domains: tuple[str, ...] = ("matek_like", "acevedo_like"),
) -> "tuple[OpenRun, Settings]":
    """A run on synthetic cells, and its settings."""
    from wbcray.cli.demo import write_images
    from wbcray.cli.init import init
    from wbcray.core.project import load_project
    from wbcray.training.open_run import open_run
    from wbcray.training.settings import settings_of

    write_images(folder / "cells", domains, images=images, size=64, seed=0)
    init(
        [folder / "cells"], profile="laptop", classes_from_folders=True, out=folder / "wbcray.yaml"
    )
    file = folder / "wbcray.yaml"
    file.write_text(file.read_text().replace("size: 64", f"size: {size}"))
    project = load_project(file)
    settings = settings_of(project, epochs=epochs, folds=folds, weights="none")
    return open_run(project, "bench", settings), settings


def step(repeats: int = 7) -> None:  # noqa: PLR0915  # one measurement, top to bottom
    """Our loop against the bare one."""
    import torch

    from wbcray.core.seeding import derive_seed
    from wbcray.data.augment.recipe import Recipe
    from wbcray.data.batch import batches
    from wbcray.data.noise import Randomness
    from wbcray.methods.base import TrainingFacts
    from wbcray.methods.method import build_method
    from wbcray.models.network import Network
    from wbcray.training.assembly import make_order, make_steps
    from wbcray.training.epoch import autocast, train_epoch
    from wbcray.training.features import FeatureCollector
    from wbcray.training.learner import Learner
    from wbcray.training.passes import FeaturePasses
    from wbcray.training.runtime import LocalRuntime

    cpu = torch.device("cpu")
    torch.set_num_threads(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as name:
        run, settings = make_run(Path(name), images=600, size=64, epochs=1)
        config = settings.config("erm", {})
        data = run.data("acevedo_like")
        train = data.images(data.split.folds[0].train, Recipe())
        order = make_order(config, train, seed=0)(0)
        torch.manual_seed(derive_seed(0, "network"))
        network = Network(config.network, classes=len(run.catalog.classes))
        counts = torch.from_numpy(data.pair_counts(train))
        facts = TrainingFacts(counts=counts, feature_dim=network.feature_dim, steps=10_000)
        method = build_method(config.method, facts)
        learner = Learner(network, method)
        collect = FeatureCollector(network, LocalRuntime(cpu), config.precision)
        passes = FeaturePasses(method, collect.plain, train, steps=10_000, seed=0)
        steps = make_steps(config, learner, learner, passes, None, total=10_000)
        augmented = Randomness(seed=0, epoch=0)
        ready = list(batches(train, order, cpu, randomness=augmented))
        images = order.size

        def ours() -> float:
            began = time.perf_counter()
            train_epoch(steps, batches(train, order, cpu, randomness=augmented), cpu)
            return images / (time.perf_counter() - began)

        def bare() -> float:
            network.train()
            optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
            began = time.perf_counter()
            for batch in ready:
                with autocast(cpu, config.precision):
                    _, logits = network(batch.images)
                loss = torch.nn.functional.cross_entropy(logits, batch.labels)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
            return images / (time.perf_counter() - began)

        ours(), bare()  # the first call of each compiles kernels
        pairs = [(ours(), bare()) for _ in range(repeats)]
    print(f"training loop, ResNet18, 64 px, batch 32, {config.precision}, {images} images an epoch")
    print(f"  ours  {spread([a for a, _ in pairs])} images/s, decoded pixels to step")
    print(f"  bare  {spread([b for _, b in pairs])} images/s, tensors in memory")
    print(f"  ratio {spread([a / b for a, b in pairs])}")


def trials(number: int = 200) -> None:
    """Many short trials on one slot."""
    import ray

    from wbcray.cluster.plan import Resources, StudyPlan
    from wbcray.cluster.session import ray_session
    from wbcray.cluster.spaces import load_space
    from wbcray.cluster.study import begin_study, run_studies
    from wbcray.cluster.supervisor import Terms

    with tempfile.TemporaryDirectory() as name:
        run, settings = make_run(Path(name), images=60, size=32, epochs=1)
        plan = StudyPlan(
            run=run.folder,
            method="erm",
            held_out="acevedo_like",
            space=load_space("erm", None),
            settings=settings,
            trials=number,
            resources=Resources(cpus=1),
            fixed={},
            sources=1,
        )
        watch = Clock()
        with ray_session("local", log=Path(name) / "ray.log", cpus=1) as cluster:
            run_studies([plan], [begin_study(plan)], cluster, None, watch, Terms())
            del ray
    gaps = watch.gaps[1:]
    memory = watch.memory
    print(f"{number} trials of one epoch and two folds on one reused process")
    print(f"  from a trial's end to the next one's start: {spread(gaps)} s")
    print(f"  resident memory after 20 and {len(memory)} trials: ", end="")
    print(f"{memory[19]:.0f} MB, {memory[-1]:.0f} MB; slope {slope(memory[20:]):.3f} MB per trial")


def slope(values: list[float]) -> float:
    """Least-squares growth per step."""
    return float(np.polyfit(np.arange(len(values)), values, 1)[0])


class Clock:
    """A progress display that keeps times and the memory of the trial process."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.memory: list[float] = []
        self._ended: float | None = None

    def plan(self, title: str, trials: int, budget: int) -> None:
        """A sitting begins."""

    def started(self, label: str) -> None:
        """A trial runs: how long since the last one ended?"""
        if self._ended is not None:
            self.gaps.append(time.perf_counter() - self._ended)

    def reported(self, label: str, value: float, budget: int) -> None:
        """A trial reported."""

    def ended(self, label: str, state: str, value: float | None) -> None:
        """A trial is over: how large is its process?"""
        self._ended = time.perf_counter()
        self.memory.append(actor_memory())
        if len(self.memory) % 20 == 0:
            said = (
                f"{len(self.memory)} trials: {self.memory[-1]:.0f} MB, gaps {spread(self.gaps)} s"
            )
            print(said, file=sys.stderr, flush=True)


def actor_memory() -> float:
    """Resident memory in MB of the largest process of this session that runs a Ray actor."""
    import psutil

    actors = [
        process.memory_info().rss
        for process in psutil.Process().children(recursive=True)
        if "ray::" in " ".join(process.cmdline()[:1])
    ]
    return max(actors, default=0) / 1024**2


def help_time(repeats: int = 9) -> None:
    """How long a person waits for the help."""

    def timed(*words: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)  # noqa: S603  # our own words
        return time.perf_counter() - began

    pairs = [(timed("-m", "wbcray", "--help"), timed("-c", "pass")) for _ in range(repeats)]
    print(f"wbcray --help: {spread([a for a, _ in pairs])} s")
    print(f"python -c pass: {spread([b for _, b in pairs])} s")


if __name__ == "__main__":
    chosen = sys.argv[1:] or ["help", "step", "trials"]
    for part in chosen:
        {"step": step, "trials": trials, "help": help_time}[part]()
