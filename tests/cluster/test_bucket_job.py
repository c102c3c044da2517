"""The main job with its run in a bucket: search, killed and resumed, comparison, all that reads."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from bucket_server import HIDDEN, bucket_server, bucket_url
from command_line import call_here, call_json, call_json_here, start
from generated_cells import DOMAINS, write_project

from wbcray.store.cells import CellStore
from wbcray.store.place import place_of

pytestmark = [pytest.mark.ray, pytest.mark.slow]

HELD_OUT = DOMAINS[2]
TUNE = ("tune", "--method", "erm", "--held-out", HELD_OUT, "--trials", "2", "--address", "local")


@dataclass(frozen=True, kw_only=True)
class Job:
    """A folder from which a search was killed, run again, and compared; and what was said."""

    folder: Path
    url: str
    tuned: dict
    compared: dict
    recorded: list


@pytest.fixture(scope="module")
def server():
    with bucket_server("lab") as found:
        yield found


@pytest.fixture(scope="module")
def job(server, cells, tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    write_project(folder, cells, epochs=1)
    project = folder / "wbcray.yaml"
    lines = [line for line in project.read_text().splitlines() if not line.startswith("runs:")]
    url = bucket_url(server, "lab/wbcray")
    project.write_text("\n".join([*lines, f'runs: "{url}"', ""]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WBCRAY_COPIES", str(folder / "copies"))
        recorded = recorded_before_the_kill(folder, place_of(url) / "main")
        tuned = call_json(folder, *TUNE)
        methods = ("--methods", "erm,boda", "--held-out", HELD_OUT)
        # two workers under Ray Train, the first of which says through the bucket how a cell ended
        together = ("--workers", "2", "--cpus-per-trial", "1", "--address", "local")
        compared = call_json(folder, "compare", *methods, *together)
        yield Job(folder=folder, url=url, tuned=tuned, compared=compared, recorded=recorded)


def recorded_before_the_kill(folder, run):
    """The cells that a search had recorded when it was killed with all its processes."""
    process = start(folder, *TUNE)
    deadline = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < deadline and not any(CellStore(run)):
        time.sleep(0.3)
    assert process.poll() is None, "\n".join(process.communicate())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return [record.key for record in CellStore(run)]


def test_a_killed_search_goes_on_from_what_the_bucket_holds(job):
    (study,) = job.tuned["studies"]
    assert study["complete"] + study["pruned"] == 2
    assert study["failed"] == study["running"] == 0
    assert place_of(job.tuned["run"]) == place_of(job.url) / "main"


def test_a_cell_that_the_killed_driver_recorded_is_not_trained_again(job):
    cells = CellStore(place_of(job.url) / "main")
    assert len(job.recorded) > 0
    assert [cells.taken_up(key) for key in job.recorded] == [1] * len(job.recorded)


def test_the_comparison_has_every_cell_of_the_grid(job):
    named = {(cell["method"], cell["fold"]) for cell in job.compared["cells"]}
    assert named == {(method, fold) for method in ("erm", "boda") for fold in (0, 1)}


def test_nothing_of_the_run_lies_beside_the_project_and_the_secret_lies_nowhere(job, server):
    assert not (job.folder / "runs").exists()
    written = [path for path in job.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if HIDDEN.encode() in path.read_bytes()]
    stored = place_of(bucket_url(server, "lab/wbcray"))
    objects = [stored / found.key.removeprefix("wbcray/") for found in stored.listing()]
    assert len(objects) > 20
    assert not [one for one in objects if HIDDEN.encode() in one.read_bytes()]


def test_another_machine_reads_the_same_run_by_name_and_by_url(job, monkeypatch, tmp_path):
    (here,) = call_json_here(job.folder, "status")["studies"]
    monkeypatch.setenv("WBCRAY_COPIES", str(tmp_path / "copies"))
    (by_name,) = call_json_here(job.folder, "status", "main")["studies"]
    (by_url,) = call_json_here(tmp_path, "status", job.tuned["run"])["studies"]
    assert here == by_name == by_url == job.tuned["studies"][0]


def test_every_record_in_the_bucket_is_whole(job):
    verified = call_json_here(job.folder, "store", "verify")
    assert verified["records"] == verified["valid"] > 20
    assert verified["corrupt"] == 0


def test_a_report_is_written_from_it(job, tmp_path):
    page = tmp_path / "report.html"
    call_here(job.folder, "report", "-o", str(page))
    text = page.read_text()
    assert "<title>main" in text
    assert "boda" in text


def test_its_best_network_is_used(job, cells, tmp_path):
    images = Path(cells) / DOMAINS[0]
    out = tmp_path / "said.csv"
    call_here(job.folder, "predict", "--model", job.tuned["run"], str(images), "-o", str(out))
    assert len(out.read_text().splitlines()) > 10


def test_a_finished_search_run_again_trains_nothing(job):
    assert call_json_here(job.folder, *TUNE) == job.tuned
