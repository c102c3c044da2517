"""The results explorer on a large run: time to the first page, filters, report, memory.

Run as `python -m benchmarks.explorer [--trials 10000] [--records]`. The run is synthetic: 5
held-out domains, 5 folds, 13 classes and 8 methods, `trials` spread evenly over the 40 studies,
each with 9 settings. Studies, trials, selections, openings and the shown cells are committed
through the store, so that `wbcray explore` reads what a sweep leaves behind; cells of trials that
no selection shows are not made, because nothing of the explorer reads them. Records are linked
without waiting for the disk. Without `--records` the tables of the run are written first, as
`wbcray compare` leaves them; with it they are not, and the dashboard has to read all records.

Times are of the wall clock; processor times are printed beside them, because this machine may have
other work.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import psutil

from wbcray.core.config import Composition, NetworkConfig, OptimizerConfig, Part, TrialConfig
from wbcray.core.result import EpochReport, FoldResult, SealedCounts
from wbcray.store import disk
from wbcray.store.cell import CellKey, CellRecord, Circumstances, LearntFrom
from wbcray.store.cells import CellStore
from wbcray.store.commit import commit
from wbcray.store.openings import Openings
from wbcray.store.selections import Selection, Selections
from wbcray.store.studies import StudyStore
from wbcray.store.study_contents import Asked, Told

CLASSES = [f"class {number:02d}" for number in range(13)]
DOMAINS = ["amber", "birch", "cedar", "delta", "ember"]
METHODS = ["erm", "coral", "dann", "boda", "irm", "mmd", "groupdro", "mixup"]
FOLDS, EPOCHS = 5, 30
PORT = 8077
VIEWPORT = {"width": 1366, "height": 768}


def main() -> None:
    """Make the run, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--records", action="store_true", help="leave no tables in the run")
    parser.add_argument("--keep", type=Path, help="make the run here and keep it")
    parser.add_argument("--no-report", action="store_true", help="the dashboard only")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp())
    run = folder / "runs" / "large"
    if not run.exists():
        began = time.perf_counter()
        make_run(run, given.trials)
        print(f"made {given.trials} trials in {time.perf_counter() - began:.0f} s")
    tables = run / "tables"
    if given.records:
        shutil.rmtree(tables, ignore_errors=True)
    elif not tables.exists():
        _timed("tables written", [sys.executable, "-c", _REBUILD, str(run)])
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    measure_dashboard(run)
    if given.no_report:
        return
    report = folder / "report.html"
    command = [sys.executable, "-m", "wbcray", "report", str(run), "-o", str(report)]
    _timed("report written", command)
    print(f"report: {report.stat().st_size / 1e6:.1f} MB")
    if not given.keep:
        shutil.rmtree(folder)


_REBUILD = """
import sys, pathlib
from wbcray.explorer.reading.rebuild import rebuild
rebuild(pathlib.Path(sys.argv[1]))
"""


def _timed(what: str, command: list[str]) -> None:
    began, before = time.perf_counter(), os.times()
    process = subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603  # this program
    peak = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            peak = max(peak, watched.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.1)
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    wall = time.perf_counter() - began
    print(f"{what}: {wall:.1f} s, {used:.1f} s of processor, {peak / 2**20:.0f} MiB")
    if process.returncode:
        sys.exit(process.stderr.read().decode() if process.stderr else "failed")


def measure_dashboard(run: Path) -> None:
    """Start `wbcray explore`, open it in Chromium, change filters."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport=VIEWPORT)
        page.goto("about:blank")
        command = [sys.executable, "-m", "wbcray", "explore", str(run), "--port", str(PORT)]
        began = time.perf_counter()
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
        watched = psutil.Process(server.pid)
        try:
            _until_up(f"http://127.0.0.1:{PORT}/", server)
            used = sum(watched.cpu_times()[:2])
            print(f"server up: {time.perf_counter() - began:.2f} s, {used:.1f} s of processor")
            began, before = time.perf_counter(), sum(watched.cpu_times()[:2])
            page.goto(f"http://127.0.0.1:{PORT}/")
            page.wait_for_selector("#first-sight .board", timeout=120_000)
            seen = time.perf_counter() - began
            page.wait_for_selector("#react-entry-point .board", timeout=120_000)
            page.wait_for_function(_SETTLED, arg="", timeout=120_000)
            wall, used = time.perf_counter() - began, sum(watched.cpu_times()[:2]) - before
            print(
                f"leaderboard seen: {seen:.2f} s; first page drawn: {wall:.2f} s, "
                f"{used:.2f} s of the server's processor"
            )
            page.wait_for_timeout(10_000)
            for path in ("/", "/methods", "/classes", "/search", "/data"):
                _measure_filters(page, path, watched)
            print(f"memory: {watched.memory_info().rss / 2**20:.0f} MiB")
        finally:
            server.send_signal(signal.SIGINT)
            print(f"exit code after Ctrl-C: {server.wait(30)}")
            browser.close()


# every panel that is in the window has been drawn for the search in the address
_SETTLED = """search => [...document.querySelectorAll('section.panel:not(.plain)')].every(panel => {
  const box = panel.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight) return true;
  const link = panel.querySelector('.downloads a');
  return panel.querySelector('.scroll.empty') || (panel.dataset.drawn
    && (link.getAttribute('href') || '').includes(search));
})"""


def _measure_filters(page, path: str, server: psutil.Process) -> None:  # noqa: ANN001  # playwright's
    """Seconds from a changed address to the last visible figure, for filters new to the server."""
    page.goto(f"http://127.0.0.1:{PORT}{path}")
    page.wait_for_function(_SETTLED, arg="", timeout=120_000)
    page.wait_for_timeout(1500)
    seconds, processor = [], []
    for wanted in (
        "held_out=birch",
        "folds=1",
        "methods=boda",
        "states=COMPLETE",
        "score=micro_f1",
    ):
        began, before = time.perf_counter(), sum(server.cpu_times()[:2])
        page.evaluate(_GO, f"?{wanted}")
        page.wait_for_function(_SETTLED, arg=wanted, timeout=120_000)
        seconds.append(time.perf_counter() - began)
        processor.append(sum(server.cpu_times()[:2]) - before)
    times = ", ".join(
        f"{wall:.2f} ({used:.2f})" for wall, used in zip(seconds, processor, strict=True)
    )
    print(f"filter change on {path}: {times} s, and of the server's processor")


_GO = "search => window.dash_clientside.set_props('place', {search})"


def _until_up(address: str, server: subprocess.Popen) -> None:
    for _ in range(6000):
        if server.poll() is not None:
            sys.exit(f"the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    sys.exit("the server did not come up")


def make_run(run: Path, trials: int) -> None:
    """Commit a run's records, without waiting for the disk."""
    disk.flush = disk.flush_folder = lambda _: None
    rng = np.random.default_rng(0)
    identity = {
        "classes": CLASSES,
        "domains": DOMAINS,
        "folds": FOLDS,
        "synthetic": True,
        "data_fingerprint": "0" * 16,
        "split": "0" * 16,
        "network": {"backbone": "resnet18", "weights": "none"},
        "view": "64px",
        "epochs": EPOCHS,
    }
    commit(run / "run.json", "run", identity)
    cells, selections = CellStore(run), Selections(run)
    images = rng.integers(5, 400, size=(len(DOMAINS), len(CLASSES)))
    opened = []
    each = trials // (len(METHODS) * len(DOMAINS))
    for level, method in enumerate(METHODS):
        for held_out in DOMAINS:
            config = _make_study(run, method, held_out, each, rng)
            for fold in range(FOLDS):
                key = CellKey(config=config.digest, held_out=held_out, fold=fold, seed=0)
                opened.append(_make_cell(cells, key, config, images, 0.5 + 0.03 * level, rng))
            chosen = Selection(
                method=method,
                held_out=held_out,
                config=config,
                origin="tuned",
                trial=0,
                folds=tuple(range(FOLDS)),
                seeds=(0,),
            )
            selections.choose(chosen)
    Openings(run).open(opened, "selected")


def _config(method: str, params: dict[str, float]) -> TrialConfig:
    none = Part(name="none")
    return TrialConfig(
        method=Composition(
            name=method,
            classification=Part(name="cross_entropy"),
            domain_risk=Part(name="mean"),
            penalty=Part(name="coral", params=(("weight", params["penalty.weight"]),)),
            sampler=Part(name="instance"),
            finish=none,
        ),
        optimizer=OptimizerConfig(lr=params["optimizer.lr"]),
        network=NetworkConfig(backbone="resnet18", weights="none"),
        image_size=64,
        epochs=EPOCHS,
        patience=0,
        precision="float32",
    )


def _make_study(
    run: Path, method: str, held_out: str, trials: int, rng: np.random.Generator
) -> TrialConfig:
    """A study with its trials; the configuration of the first."""
    study = StudyStore(run, method, held_out)
    study.begin({"space": {}})
    study.plan(trials)
    first = None
    for number in range(trials):
        params = {f"setting.{name}": float(rng.uniform()) for name in "abcdefg"}
        params["optimizer.lr"] = float(10 ** rng.uniform(-5, -2))
        params["penalty.weight"] = float(10 ** rng.uniform(-2, 1))
        config = _config(method, params)
        first = first or config
        study.ask(Asked(number=number, params=params, config=config))
        pruned = number % 3 == 2
        values = tuple(float(value) for value in rng.uniform(0.4, 0.8, size=FOLDS))
        told = Told(
            number=number,
            state="PRUNED" if pruned else "COMPLETE",
            value=None if pruned else float(np.mean(values)),
            values=values[:2] if pruned else values,
            intermediate=tuple((EPOCHS * (i + 1), value) for i, value in enumerate(values)),
            budget=EPOCHS * (2 if pruned else FOLDS),
            seconds=300.0,
        )
        study.tell(told)
    if first is None:
        raise ValueError("fewer trials than studies")
    return first


def _make_cell(
    cells: CellStore,
    key: CellKey,
    config: TrialConfig,
    images: np.ndarray,
    skill: float,
    rng: np.random.Generator,
) -> CellRecord:
    """A cell with a report for each epoch; its record."""
    away = DOMAINS.index(key.held_out)
    reports = []
    for epoch in range(EPOCHS):
        reached = skill * (1 - np.exp(-(epoch + 2) / 6))
        counts = _counts(images // 5, reached + 0.1, rng)
        counts[away] = 0
        reports.append(
            EpochReport(
                fold=key.fold,
                epoch=epoch,
                losses={"classification": float(1 - reached), "penalty": 0.1},
                counts=counts,
                learning_rate=1e-3,
                seconds=10.0,
            )
        )
    sealed = np.zeros_like(reports[-1].counts)
    sealed[away] = _counts(images, skill, rng)[away]
    result = FoldResult(
        fold=key.fold,
        reports=tuple(reports),
        best_epoch=EPOCHS - 1,
        counts=reports[-1].counts,
        sealed=SealedCounts(sealed),
        device="cpu",
        seconds=300.0,
    )
    told = Circumstances(
        weights="0" * 64,
        learnt_from=LearntFrom(
            fingerprint="0" * 16,
            split="0" * 16,
            images={"train": 4000, "validation": 1000, "test": int(images[away].sum())},
        ),
        provenance={"versions": {"wbcray": "0"}, "determinism": "none"},
    )
    cells.begin(key).keep(config, result, told)
    record = cells.find(key)
    if record is None:
        raise RuntimeError("the record did not stay")
    return record


def _counts(images: np.ndarray, skill: float, rng: np.random.Generator) -> np.ndarray:
    """Counts of a network that is right with probability `skill`."""
    classes = len(CLASSES)
    wrong = (1 - skill) / (classes - 1)
    chances = np.full((classes, classes), wrong) + np.eye(classes) * (skill - wrong)
    return np.stack(
        [[rng.multinomial(n, chances[true]) for true, n in enumerate(row)] for row in images]
    ).astype(np.int64)


if __name__ == "__main__":
    main()
