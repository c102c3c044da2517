"""The main job from the command line, small: init, tune, resume, compare, report, killed drivers.

On the three real domains where they lie beside the repository, else on generated ones.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from command_line import call_here, call_json, call_json_here, start

pytestmark = [pytest.mark.ray, pytest.mark.slow]

REAL = Path(__file__).resolve().parents[3] / "shared" / "real_wbc"
SMALL = ("--folds", "2", "--epochs", "1", "--address", "local")


@pytest.fixture(scope="module")
def images(cells):
    """A folder of three domains, and the one to hold out."""
    return (REAL, "tecom") if REAL.is_dir() else (cells, "west")


def describe(folder, root):
    """Write the project file of the images below `root`."""
    call_here(folder, "init", str(root), "--classes-from-folders", "--profile", "laptop")
    project = folder / "wbcray.yaml"  # a quarter of the pixels of a laptop's profile
    project.write_text(project.read_text().replace("size: 64", "size: 32"))


@pytest.fixture(scope="module")
def job(tmp_path_factory, images):
    """A folder in which the main job has run: search, search again, comparison."""
    folder = tmp_path_factory.mktemp("job")
    root, held_out = images
    describe(folder, root)
    tune = ("tune", "--method", "boda", "--held-out", held_out, *SMALL)
    tuned = call_json(folder, *tune, "--trials", "3")
    again = call_json_here(folder, *tune, "--trials", "3")
    compare = ("compare", "--methods", "erm,boda_plus,boda", "--held-out", held_out, *SMALL)
    compared = call_json(folder, *compare)
    return folder, tuned, again, compared


def test_the_search_ends_with_a_best_configuration_and_its_spread_over_folds(job, images):
    (study,) = job[1]["studies"]
    assert (study["method"], study["held_out"], study["planned"]) == ("boda", images[1], 3)
    assert study["complete"] + study["pruned"] == 3
    assert study["failed"] == study["running"] == 0
    assert 0 <= study["best"]["val"]["macro_f1"]["mean"] <= 1
    assert study["best"]["val"]["micro_f1"]["std"] >= 0
    assert "optimizer.lr" in study["best"]["params"]


def test_a_finished_search_run_again_trains_nothing_and_says_the_same(job):
    assert job[2] == job[1]


def test_the_comparison_fills_the_grid_and_reuses_what_the_search_recorded(job, images):
    cells = job[3]["cells"]
    named = {(cell["method"], cell["held_out"], cell["fold"], cell["seed"]) for cell in cells}
    expected = {(m, images[1], f, 0) for m in ("boda", "boda_plus", "erm") for f in (0, 1)}
    assert named == expected
    best = job[1]["studies"][0]["best"]["val"]["macro_f1"]["mean"]
    tuned = [cell["val"]["macro_f1"] for cell in cells if cell["method"] == "boda"]
    assert sum(tuned) / 2 == pytest.approx(best)


def test_every_cell_has_scores_on_validation_and_on_the_unseen_domain(job):
    for cell in job[3]["cells"]:
        assert 0 <= cell["val"]["macro_f1"] <= 1
        assert 0 <= cell["test"]["macro_f1"] <= 1


def test_the_leaderboard_compares_every_method_with_erm(job):
    rows = [row for row in job[3]["leaderboard"] if row["split"] == "unseen"]
    assert {row["method"]: row["verdict"] == "reference" for row in rows} == {
        "erm": True,
        "boda": False,
        "boda_plus": False,
    }


def test_no_checkpoint_is_left_of_trials_that_were_not_selected(job):
    from wbcray.store.selections import Selections

    run = job[0] / "runs" / "main"
    kept = {path.parts[-4] for path in run.glob("cells/*/*/weights-*/weights.json")}
    assert kept == {item.config.digest for item in Selections(run).current()}


def test_the_store_verifies_and_the_tables_can_be_rebuilt(job):
    found = call_json_here(job[0], "store", "verify", "main")
    assert found["corrupt"] == found["superseded"] == 0
    assert found["records"] == found["valid"] > 10
    for table in (job[0] / "runs" / "main" / "tables").glob("*.parquet"):
        table.unlink()
    assert call_json_here(job[0], "store", "rebuild", "main")["rows"]["cells"] == 6


def test_a_report_is_one_file_that_names_every_method(job):
    call_here(job[0], "report", "main", "-o", "report.html")
    page = (job[0] / "report.html").read_text()
    assert all(f"{name}" in page for name in ("erm", "boda", "boda_plus"))
    assert len(page) < 10_000_000


def test_status_counts_the_trials(job):
    (study,) = call_json_here(job[0], "status", "main")["studies"]
    assert (study["planned"], study["running"]) == (3, 0)


def test_a_run_with_other_folds_is_refused_and_keeps_what_it_has(job, images):
    words = ("tune", "--method", "boda", "--held-out", images[1], "--folds", "3", "--epochs", "1")
    error = call_json_here(job[0], *words, code=7)["error"]
    assert "folds: 2 -> 3" in error["what"]
    assert call_json_here(job[0], "store", "verify", "main")["corrupt"] == 0


@pytest.mark.timeout(600)  # four sittings, each with a Ray of its own
def test_a_search_that_is_killed_interrupted_and_terminated_finishes_with_every_trial_once(
    tmp_path, cells
):
    """Of two studies, the second of which begins when the first has no trial left."""
    describe(tmp_path, cells)
    words = ("tune", "--method", "erm", "--held-out", "west,south", "--trials", "3", *SMALL)
    studies = tmp_path / "runs" / "main" / "studies"
    asked = {}
    for number, code in ((signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process = start(tmp_path, *words)
        wait_for(lambda p=process: trains(p), process)
        started = psutil.Process(process.pid).children(recursive=True)
        if number == signal.SIGKILL:
            wait_for(lambda: list(studies.rglob("*-told.json")), process)
            os.killpg(process.pid, number)
            process.communicate()
            asked = {path: path.read_bytes() for path in studies.rglob("*-asked.json")}
            continue
        began = time.monotonic()
        process.send_signal(number)
        _, remarks = process.communicate(timeout=60)
        assert process.returncode == code, remarks
        assert "wbcray tune --method erm" in remarks
        assert time.monotonic() - began < 30
        _, alive = psutil.wait_procs(started, timeout=10)
        assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
    for study in call_json(tmp_path, *words)["studies"]:
        assert study["complete"] + study["pruned"] == study["planned"] == 3
        assert study["failed"] == study["running"] == 0
        trials = studies / f"erm--{study['held_out']}" / "trials"
        told = sorted(path.name for path in trials.glob("*-told.json"))
        assert told == [f"0000{number}-told.json" for number in range(3)]
    assert all(path.read_bytes() == content for path, content in asked.items())
    assert call_json_here(tmp_path, "store", "verify", "main")["superseded"] == 0


def test_a_search_that_is_terminated_while_ray_starts_says_so_and_leaves_nothing(tmp_path, cells):
    describe(tmp_path, cells)
    process = start(tmp_path, "tune", "--method", "erm", "--held-out", "west", *SMALL)
    wait_for(lambda: "gcs_server" in names_below(process), process)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    _, remarks = process.communicate(timeout=60)
    assert process.returncode == 143, remarks
    assert "wbcray tune --method erm" in remarks
    _, alive = psutil.wait_procs(started, timeout=10)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def names_below(process):
    """Names of the processes that a command has started."""
    with suppress(psutil.Error):
        return {one.name() for one in psutil.Process(process.pid).children(recursive=True)}
    return set()


def trains(process):
    """Whether a worker of this sitting is within a trial; those of a killed one go on a while."""
    with suppress(psutil.Error):
        workers = psutil.Process(process.pid).children(recursive=True)
        return any("ImplicitFunc.train" in " ".join(worker.cmdline()) for worker in workers)
    return False


def wait_for(condition, process, *, seconds=200):
    """Until the condition holds; fails when the process ends first."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)
