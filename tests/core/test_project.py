import contextlib
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from wbcray.core.config import NetworkConfig, OptimizerConfig
from wbcray.core.domain import Domain
from wbcray.core.errors import UsageError
from wbcray.core.project import TrainingPlan, load_project

GOOD = """\
version: 1
classes: [basophil, "NO"]
domains:
  tecom: {path: ../data/tecom}
  bccd: {path: /data/bccd, um_per_px: 0.1}
image: {size: 64, field_of_view: 25}
network: {backbone: resnet18, weights: none, normalization: group}
training: {epochs: 3, folds: 2, patience: 1, precision: float32, seed: 7}
optimizer: {lr: 1e-3, batch_size: 8}
cache: pixels
runs: /scratch/runs
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "wbcray.yaml"
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        load_project(write(folder, text))
    return caught.value


def test_a_full_file_is_read_into_frozen_values(tmp_path):
    project = load_project(write(tmp_path, GOOD))
    assert project.classes == ("basophil", "NO")
    assert (project.image_size, project.field_of_view) == (64, 25.0)
    assert project.network == NetworkConfig(
        backbone="resnet18", weights="none", normalization="group"
    )
    assert project.training == TrainingPlan(
        epochs=3, folds=2, patience=1, precision="float32", seed=7
    )
    assert project.optimizer == OptimizerConfig(lr=1e-3, batch_size=8)


def test_paths_are_relative_to_the_file(tmp_path):
    folder = tmp_path / "lab"
    folder.mkdir()
    project = load_project(write(folder, GOOD))
    assert project.folders == {"tecom": tmp_path / "data/tecom", "bccd": Path("/data/bccd")}
    assert (project.cache, project.runs) == (folder / "pixels", "/scratch/runs")


def test_runs_may_be_kept_in_a_bucket(tmp_path):
    text = GOOD.replace("runs: /scratch/runs", "runs: s3://lab/wbcray?region=eu-west-1")
    assert text != GOOD
    assert load_project(write(tmp_path, text)).runs == "s3://lab/wbcray?region=eu-west-1"


def test_a_relative_file_gives_absolute_paths(tmp_path, monkeypatch):
    write(tmp_path, GOOD)
    monkeypatch.chdir(tmp_path)
    assert load_project(Path("wbcray.yaml")).cache == tmp_path / "pixels"


def test_all_but_classes_and_domains_may_be_left_out(tmp_path):
    project = load_project(write(tmp_path, "classes: [a]\ndomains: {x: {path: x}}\nimage:\n"))
    assert project.domains == (Domain(name="x", path=tmp_path / "x", um_per_px=None),)
    assert (project.network, project.optimizer) == (NetworkConfig(), OptimizerConfig())
    assert project.training == TrainingPlan(
        epochs=30, folds=5, patience=0, precision="auto", seed=0
    )
    assert (project.image_size, project.field_of_view) == (64, None)
    assert (project.cache, project.runs) == (tmp_path / ".wbcray", str(tmp_path / "runs"))


def test_a_weights_file_becomes_an_absolute_path(tmp_path):
    (tmp_path / "r.pth").write_bytes(b"x")
    project = load_project(write(tmp_path, GOOD.replace("weights: none", "weights: r.pth")))
    assert project.network.weights == str(tmp_path / "r.pth")


WRONG = [
    ("epochs: 3", "epochs: 0", 8, "training.epochs must be a whole number >= 1, got 0"),
    ("epochs: 3", "epochs: 2.5", 8, "training.epochs must be a whole number >= 1, got 2.5"),
    ("epochs: 3", "epochs: fast", 8, 'training.epochs must be a whole number >= 1, got "fast"'),
    ("epochs: 3", "epochs: true", 8, "training.epochs must be a whole number >= 1, got true"),
    ("folds: 2", "folds: 1", 8, "training.folds must be a whole number 2 .. 20, got 1"),
    ("patience: 1", "patience: -1", 8, "training.patience must be"),
    ("float32", "float16", 8, "must be auto, float32 or bfloat16"),
    ("seed: 7", "sede: 7", 8, "unknown key 'sede' in training"),
    ("training:", "trainning:", 8, "unknown key 'trainning'"),
    ("lr: 1e-3", "lr: .nan", 9, "optimizer.lr must be a finite number, got .nan"),
    ("lr: 1e-3", "lr: 5", 9, "optimizer.lr=5 is outside its declared range"),
    ("lr: 1e-3", "lr: fast", 9, "optimizer.lr must be a number, got 'fast'"),
    ("lr: 1e-3", "lr: [1]", 9, "optimizer.lr must be one value, got a list of 1"),
    ("lr: 1e-3", "learning_rate: 1", 9, "unknown key 'learning_rate' in optimizer"),
    ("batch_size: 8", "batch_size: 2.5", 9, "optimizer.batch_size must be a whole number"),
    ("batch_size: 8", "batch_size: .inf", 9, "optimizer.batch_size must be a finite number"),
    ("resnet18", "resnet19", 7, "unknown value of network.backbone 'resnet19'"),
    ("weights: none", "weights: gone.pth", 7, "network.weights: there is no file"),
    ("weights: none", "weights: 3", 7, "network.weights must be text, got 3"),
    ("size: 64", "size: 16", 6, "image.size must be a whole number of pixels, 32 .. 512, got 16"),
    ("field_of_view: 25", "field_of_view: 0", 6, "image.field_of_view must be `native` or"),
    ("field_of_view: 25", "field_of_view: .inf", 6, "image.field_of_view must be `native` or"),
    ("field_of_view: 25", "field_of_view: null", 6, "image.field_of_view must be `native` or"),
    ("basophil", "5", 2, "class names must be text, got 5"),
    ("basophil", "true", 2, "class names must be text, got true"),
    ("basophil", '" a"', 2, 'class name " a" must be one line'),
    ("basophil", "NO", 2, 'class name "NO" stands twice'),
    ('[basophil, "NO"]', "[]", 2, "classes must be a list of one or more class names"),
    ('[basophil, "NO"]', "basophil", 2, "classes must be a list of one or more class names"),
    ("um_per_px: 0.1", "um_per_px: 0", 5, "domains.bccd.um_per_px must be a number of"),
    ("um_per_px: 0.1", "um_per_pixel: 1", 5, "unknown key 'um_per_pixel' in domains.bccd"),
    ("{path: /data/bccd, um", "{um", 5, "'domains.bccd.path' is missing"),
    ("{path: ../data/tecom}", "../data/tecom", 4, "domains.tecom must be a mapping with `path`"),
    ("/data/bccd", "../data/tecom", 5, "stands twice"),
    (
        "classes: [",
        "allow: [everything]\nclasses: [",
        2,
        'allow must be a list of guard rails to lift: leakage, single_class, got "everything"',
    ),
    ("classes: [", "allow: leakage\nclasses: [", 2, "allow must be a list of guard rails"),
    ("tecom: {", "../tecom: {", 4, 'domain name "../tecom" must be letters'),
    ("cache: pixels", f"cache: {'x' * 4000}", 10, "cache: cannot follow the path"),
    ("weights: none", f"weights: {'x' * 4000}", 7, "network.weights: cannot follow the path"),
    ("/data/bccd", "~nobody_here/x", 5, "domains.bccd.path: cannot follow the path"),
    ("cache: pixels", "cache:", 10, "cache must be the path of a folder, got null"),
    ("version: 1", "version: 2", 1, "version must be 1"),
    ("image: {size: 64, field_of_view: 25}", "image: 64", 6, "image must be a mapping, got 64"),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), WRONG, ids=[item[1][:30] for item in WRONG]
)
def test_a_mistake_is_named_with_its_line_and_a_fix(tmp_path, old, new, line, words):
    assert old in GOOD
    error = refusal(tmp_path, GOOD.replace(old, new))
    assert error.what.startswith(words) or words in error.what
    assert error.where == f"{tmp_path / 'wbcray.yaml'}:{line}"
    assert error.fix


def test_a_number_among_the_classes_is_to_be_quoted(tmp_path):
    assert refusal(tmp_path, GOOD.replace("basophil", "5")).fix == 'quote it: "5"'


def test_a_typo_is_answered_by_the_nearest_key(tmp_path):
    error = refusal(tmp_path, GOOD.replace("optimizer:", "optimiser:"))
    assert error.fix.startswith("did you mean 'optimizer'?")


def test_without_classes_the_file_itself_is_named(tmp_path):
    error = refusal(tmp_path, "domains: {x: {path: x}}\n")
    assert error.what == "'classes' is missing"
    assert error.where == str(tmp_path / "wbcray.yaml")


def test_all_problems_are_named_at_once_in_the_order_of_lines(tmp_path):
    text = GOOD.replace("lr: 1e-3", "lr: -1").replace("epochs: 3", "epochs: 0")
    error = refusal(tmp_path, text.replace("size: 64", "syze: 64"))
    lines = error.what.splitlines()
    assert lines[0].startswith("3 problems in ")
    assert [line.strip().split(": ")[0][-2:] for line in lines[1:]] == [":6", ":8", ":9"]


def test_more_than_twenty_problems_are_counted(tmp_path):
    error = refusal(tmp_path, GOOD + "".join(f"k{number}: 1\n" for number in range(25)))
    assert "25 problems" in error.what
    assert error.what.endswith("... and 5 more")


def test_a_circle_of_links_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    error = refusal(tmp_path, GOOD.replace("cache: pixels", "cache: loop"))
    assert "cannot follow the path" in error.what


def test_a_missing_project_is_answered_by_init(tmp_path):
    with pytest.raises(UsageError) as caught:
        load_project(tmp_path / "wbcray.yaml")
    assert "wbcray init" in caught.value.fix


def test_importing_the_project_module_does_not_import_pydantic():
    code = "import sys, wbcray.core.project; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


odd_values = (
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["/", "\x01", "x" * 4000, "~nobody_here/x", "a/" * 1500])
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(
        st.sampled_from(["path", "layout", "part", "columns", "label_map", "ignore", "select"]),
        st.none() | st.integers() | st.text(max_size=3) | st.lists(st.text(max_size=3), max_size=2),
        max_size=3,
    )
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(yaml.safe_load(GOOD))),
            st.sampled_from(
                [None, "path", "weights", "lr", "batch_size", "epochs", "size", "tecom"]
            ),
            odd_values,
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=300, deadline=None, database=None)
def test_a_mutated_file_is_read_or_refused_never_worse(tmp_path_factory, changes):
    data = yaml.safe_load(GOOD)
    for section, key, value in changes:
        if key is not None and isinstance(data[section], dict):
            data[section][key] = value
        else:
            data[section] = value
    path = write(tmp_path_factory.mktemp("mutated"), yaml.safe_dump(data, allow_unicode=True))
    with contextlib.suppress(UsageError):
        assert math.isfinite(load_project(path).optimizer.lr)


def test_a_hostile_project_is_refused_in_seconds(tmp_path):
    start = time.process_time()
    refusal(tmp_path, "domains:\n" + "".join(f"  d{n}: [{n}]\n" for n in range(6000)))
    assert time.process_time() - start < 3
