"""Rows 17 to 19 and 37 to 42 of what a user may get wrong: cluster, checkpoints, runs, disks.

Each is refused in words that help, with its exit code, and no Ray is started.
"""

import os
import platform
import re
import shutil
from contextlib import contextmanager

import pytest
import torch
import torchvision
from bad_rows import ENVIRONMENT, PREPARE, REFUSED, STORE, TRAIN, USAGE, check, row

from wbcray.cluster.nodes import ClusterFacts, NodeShape
from wbcray.core.errors import StoreError
from wbcray.core.project import load_project
from wbcray.store.driver import driving
from wbcray.training.checkpoint import read_weights, write_weights
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of

# --- what the machine and the cluster do not provide ---------------------------------------------

ON_WORKERS = (*TRAIN, "--workers", "2")


@pytest.fixture
def small_cluster(monkeypatch):
    """Ray, as if it ran on two CPUs and no GPU."""

    @contextmanager
    def two_cores(_run, _address, **_options):
        yield ClusterFacts(address="local", nodes=(NodeShape(name="here", cpus=2.0),))

    monkeypatch.setattr("wbcray.cli.session.ray_for", two_cores)


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        (("--gpus-per-trial", "1"), "2 workers of 1 CPU and 1 GPU, and there is room for 0"),
        (("--workers", "8"), "8 workers of 1 CPU and 0 GPUs, and there is room for 2"),
    ],
    ids=["row 17 GPU", "row 17 workers"],
)
def test_more_is_asked_for_than_the_cluster_has(place, small_cluster, options, needed):
    place.replace("{batch_size: 8}", "{batch_size: 8, warmup: 0}")
    said = place.call(*ON_WORKERS, "--cpus-per-trial", "1", *options)
    assert said.code == ENVIRONMENT
    assert f"a trial needs {needed}; the largest node has 2 CPUs and 0 GPUs" in said.err
    assert "where: Ray on this machine: 2 CPUs; largest: here" in said.err
    assert "fix: lower --workers, --cpus-per-trial or --gpus-per-trial" in said.err
    assert "Traceback" not in said.err
    assert list(place.folder.glob("runs/main/cells/*")) == []


def test_row_18_a_cluster_does_not_answer(place):
    said = place.call(*ON_WORKERS, "--address", "127.0.0.1:1")
    assert said.code == ENVIRONMENT
    assert "cannot reach Ray at 127.0.0.1:1" in said.err
    assert "where: --address" in said.err
    assert "fix: check it with `ray status --address=127.0.0.1:1`" in said.err
    assert "Traceback" not in said.err


def test_row_18_a_cluster_runs_another_version(place, monkeypatch):
    theirs = {"Ray": "2.0.0", "Python": platform.python_version()}
    monkeypatch.setattr("wbcray.cluster.joining._versions", lambda *_: theirs)
    said = place.call(*ON_WORKERS, "--address", "127.0.0.1:1", "--insecure-cluster")
    assert said.code == ENVIRONMENT
    assert "Ray cluster 127.0.0.1:1 runs Ray 2.0.0 (here " in said.err
    assert "fix: install wbcray with the same versions on all machines" in said.err


def test_row_18_a_cluster_does_not_take_the_token(place, monkeypatch):
    monkeypatch.setattr("wbcray.cluster.joining._versions", lambda *_: None)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "0" * 64)
    said = place.call(*ON_WORKERS, "--address", "127.0.0.1:1")
    assert said.code == ENVIRONMENT
    assert "Ray cluster 127.0.0.1:1 does not accept our token" in said.err
    assert "fix: copy the cluster's token there" in said.err
    assert "0" * 64 not in said.err


def test_row_19_a_cluster_without_authentication(place, monkeypatch):
    monkeypatch.setattr("wbcray.cluster.joining._versions", lambda *_: {})
    said = place.call(*ON_WORKERS, "--address", "127.0.0.1:1")
    assert said.code == REFUSED
    assert "Ray cluster 127.0.0.1:1 has no authentication" in said.err
    assert "where: --address" in said.err
    assert "--insecure-cluster to go on" in said.err


# --- checkpoints, runs, disks --------------------------------------------------------------------


def resnet18():
    """The tensors of a network, each of the shape it must have."""
    return torchvision.models.resnet18().state_dict()


class Code:
    """What runs a command when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch unpickled",)


@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: data[:-1] + b"\1"],
                         ids=["row 37 truncated", "row 37 changed"])  # fmt: skip
def test_a_checkpoint_does_not_match_its_hash(tmp_path, spoil):
    write_weights(tmp_path, {"a": torch.zeros(9)}, {})
    file = tmp_path / "weights.safetensors"
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(StoreError) as caught:
        read_weights(tmp_path)
    assert caught.value.exit_code == STORE
    assert "its contents do not match its hash" in caught.value.what
    assert caught.value.where == str(tmp_path)
    assert "the cell is trained anew" in caught.value.fix


@pytest.mark.parametrize(
    ("save", "words"),
    [
        (lambda path: torch.save({"a": Code()}, path), "it contains code (posix.system)"),
        (lambda path: torch.save(resnet18() | {"conv1.weight": torch.zeros(1)}, path),
         "the weights do not fit resnet18: conv1.weight is (1,) in the file, (64, 3, 7, 7) in it"),
        (lambda path: torch.save({"a": torch.zeros(1)}, path),
         "the weights do not fit resnet18: conv1.weight is absent in the file"),
    ],
    ids=["row 37 code", "row 37 another shape", "row 37 another network"],
)  # fmt: skip
def test_first_weights_are_not_those_of_the_network(place, refused, save, words):
    save(place.folder / "w.pth")
    found = refused(*TRAIN, "--weights", "w.pth", code=USAGE, in_json=False)
    assert words in found["what"]
    assert found["where"].endswith("w.pth")
    assert "torchvision" in found["fix"]
    assert not (place.folder / "unpickled").exists()


def begin(place):
    """A run with the project's own settings."""
    project = load_project(place.project)
    return open_run(project, "main", settings_of(project)).folder


def changed(pattern, text):
    """A run whose identity has another text in place of `pattern`."""

    def change(place):
        path = begin(place) / "run.json"
        path.write_text(re.sub(pattern, text, path.read_text()))

    return change


def without_an_image(place):
    begin(place)
    (place.images / "north" / "blast" / "5.png").unlink()


def rebuilt(place):
    """A run with tables, which a report would write otherwise."""
    begin(place)
    assert place.call("store", "rebuild", "main").code == 0


RUNS = [
    row("38 newer schema", TRAIN, STORE, "schema 99", "run.json", "upgrade wbcray",
        changed(r'"schema":\d+', '"schema":99')),
    row("38 corrupt", TRAIN, STORE, "corrupt", "run.json", "--run NAME", changed("^.*$", "{")),
    row("39 changed plan", (*TRAIN, "--folds", "3"), REFUSED, "folds: 2 -> 3", "runs/main",
        "--run NAME", begin),
    row("39 changed data", TRAIN, REFUSED, "images: 54 -> 53", "runs/main", "--run NAME",
        without_an_image),
    *(
        row(f"40 name {name[:9]!a}", (*TRAIN, "--run", name), USAGE, "cannot be a run's name",
            "--run", "at most 64 letters, digits, '.', '_' and '-'")
        for name in ("../x", "x" * 300, "\N{MICROSCOPE}")
    ),
    row("42 unwritable report", ("report", "main", "-o", "wbcray.yaml/report.html"), ENVIRONMENT,
        "the report cannot be written", "report.html", "a folder that you may write to", rebuilt),
]  # fmt: skip


@pytest.mark.parametrize("bad", RUNS)
def test_a_run_cannot_be_gone_on_with(place, refused, no_session, bad):
    check(bad, place, refused)


def test_row_40_a_run_is_in_use(place, refused):
    with driving(begin(place)):
        found = refused(*TRAIN, code=STORE, in_json=False)
    assert f"run 'main' is in use by process {os.getpid()}" in found["what"]
    assert found["where"].endswith("runs/main")
    assert "wait for it" in found["fix"]


def test_row_41_the_disk_is_nearly_full(place, refused, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=4_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    found = refused(*PREPARE, code=ENVIRONMENT, in_json=False)
    assert "the decoded pixels need about 0.000166 GB, and 0.004 GB are free" in found["what"]
    assert found["where"].endswith(".wbcray")
    assert "free space, set `cache:`" in found["fix"]
