"""What a user may get wrong: refused in words that help, with the right code, nothing written."""

import json
import os

import pytest
import torch
from typer.main import get_command

from wbcray.cli.main import app
from wbcray.core.project import load_project
from wbcray.store.commit import commit
from wbcray.store.driver import driving
from wbcray.store.studies import StudyStore
from wbcray.training.open_run import open_run
from wbcray.training.settings import settings_of

USAGE, DATA, STORE, ENVIRONMENT, REFUSED = 2, 3, 4, 5, 7
TUNE = ("tune", "--method", "erm")
TRAIN = ("train", "--method", "boda", "--held-out", "west")
COMPARE = ("compare", "--methods", "erm")


@pytest.mark.parametrize(
    ("command", "near"),
    [
        (("tume",), "'tune'"),
        (("data", "descirbe"), "'describe'"),
        (("store", "verfy"), "'verify'"),
        ((*TUNE, "--trails", "3"), "--trials"),
        ((*TRAIN, "--epoch", "3"), "--epochs"),
        (("tune", "--method", "bodda"), "'boda'"),
        (("tune", "--method", "erm,corall"), "'coral'"),
        (("train", "--method", "bodda", "--held-out", "west"), "'boda'"),
        (("compare", "--methods", "erm,bodda"), "'boda'"),
        ((*COMPARE, "--reference", "ern"), "'erm'"),
        (("report", "--reference", "ern"), "'erm'"),
        (("methods", "bodda"), "'boda'"),
        ((*TUNE, "--held-out", "wst"), "'west'"),
        (("train", "--method", "erm", "--held-out", "wst"), "'west'"),
        ((*COMPARE, "--held-out", "north,wst"), "'west'"),
        ((*TRAIN, "--set", "penalty.wieght=1"), "'penalty.weight'"),
        ((*TRAIN, "--set", "penalti.weight=1"), "'penalty'"),
        ((*TRAIN, "--set", "penalty=corall"), "'coral'"),
        (("tune", "--method", "boda", "--set", "penalty.wieght=1"), "'penalty.weight'"),
        (("init", "images", "--out", "new.yaml", "--profile", "lapto"), "'laptop'"),
        (("init", "images", "--out", "new.yaml", "--classes", "blast,monocite"), "'monocyte'"),
    ],
    ids=" ".join,
)
def test_a_typo_is_answered_with_the_nearest_name(refused, command, near):
    assert near in refused(*command, code=USAGE)["fix"]


@pytest.mark.parametrize(
    "option",
    [
        ("tune", "--trials", "0"),
        ("tune", "--folds", "1"),
        ("tune", "--folds", "21"),
        ("tune", "--epochs", "0"),
        ("tune", "--workers", "0"),
        ("tune", "--cpus-per-trial", "0"),
        ("tune", "--gpus-per-trial", "-1"),
        ("tune", "--space", "nowhere"),
        ("train", "--fold", "-1"),
        ("train", "--seed", "-1"),
        ("train", "--epochs", "2.5"),
        ("compare", "--seeds", "0"),
    ],
    ids=" ".join,
)
def test_an_option_out_of_its_range_is_named(refused, option):
    command, *rest = option
    whole = {"tune": TUNE, "train": TRAIN, "compare": COMPARE}[command]
    found = refused(*whole, *rest, code=USAGE)
    assert rest[0] in found["what"]
    assert found["where"] == f"wbcray {command}"


@pytest.mark.parametrize("command", [TRAIN, ("tune", "--method", "boda")], ids=["train", "tune"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("penalty.weight=-1", "outside its declared range 0.0001 .. 1000"),
        ("penalty.weight=nan", "outside its declared range"),
        ("penalty.weight=1e999", "outside its declared range"),
        (f"penalty.weight={10**400}", "outside its declared range"),
        ("penalty.nu=abc", "must be a number, got 'abc'"),
        ("penalty.nu=", "must be a number"),
        ("optimizer.batch_size=7.5", "must be a whole number"),
        ("network.dropout=0.5", "the network is the same for every trial"),
        ("penalty.weight", "is not name=value"),
        ("=1", "is not name=value"),
    ],
    ids=lambda text: text[:20],
)
def test_a_bad_value_is_refused_before_anything_is_begun(refused, command, value, words):
    found = refused(*command, "--set", value, code=USAGE)
    assert words in found["what"]
    assert found["where"] == "--set"


def test_a_value_of_a_part_that_is_not_there_is_refused(refused):
    assert "penalty.weight" in refused(*TUNE, "--set", "penalty.weight=1", code=USAGE)["what"]


def test_a_dry_run_refuses_what_the_search_would(refused):
    command = ("tune", "--method", "boda", "--dry-run", "--set", "penalty.weight=-1")
    assert "outside its declared range" in refused(*command, code=USAGE)["what"]


def test_a_fold_that_is_not_there_is_refused_with_those_that_are(refused):
    found = refused(*TRAIN, "--fold", "2", code=USAGE)
    assert found["what"] == "there is no fold 2; the folds are 0 to 1"


@pytest.mark.parametrize("command", [TUNE, TRAIN, COMPARE], ids=["tune", "train", "compare"])
@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "", "x" * 65])
def test_a_run_needs_a_plain_name(refused, command, name):
    assert refused(*command, "--run", name, code=USAGE)["where"] == "--run"


def test_a_search_without_a_method_is_refused(refused):
    assert "--method" in refused("tune", code=USAGE)["what"]
    assert "--method" in refused("tune", "--method", ",", code=USAGE)["where"]


@pytest.mark.parametrize(
    "command",
    [
        ("data", "describe"),
        ("data", "check"),
        ("data", "prepare"),
        TUNE,
        TRAIN,
        COMPARE,
        ("status",),
        ("report",),
        ("store", "verify"),
        ("store", "rebuild"),
    ],
    ids=" ".join,
)
def test_a_project_file_that_is_not_there_is_refused(refused, command):
    found = refused(*command, "--project", "gone.yaml", code=USAGE)
    assert "project file not found: gone.yaml" in found["what"]
    assert "wbcray init" in found["fix"]


def test_without_a_project_file_a_command_says_how_to_make_one(place, refused):
    place.project.unlink()
    assert "wbcray init DIR..." in refused("data", "describe", code=USAGE)["fix"]


@pytest.mark.parametrize(
    ("old", "new", "line", "near"),
    [
        ("optimizer: {batch_size", "optimiser: {batch_size", 10, "'optimizer'"),
        ("optimizer: {batch_size", "optimizer: {batch_sizes", 10, "'batch_size'"),
        ("backbone: resnet18", "backbone: resnet-18", 8, "'resnet18'"),
        ("folds: 2", "folds: 1", 9, "folds"),
        ("{size: 32}", "{size: small}", 7, "size"),
    ],
)
def test_a_mistake_in_the_project_file_is_answered_with_its_line(
    place, refused, old, new, line, near
):
    place.replace(old, new)
    found = refused("data", "describe", code=USAGE)
    assert found["where"].endswith(f"wbcray.yaml:{line}")
    assert near in found["fix"] + found["what"]


# --- data ----------------------------------------------------------------------------------------

EVERYTHING = [
    ("data", "describe"),
    ("data", "check"),
    ("data", "prepare"),
    TUNE,
    TRAIN,
    COMPARE,
]
READING = [("data", "describe"), ("data", "prepare"), TUNE, TRAIN, COMPARE]


@pytest.fixture(params=EVERYTHING, ids=lambda command: " ".join(command[:2]))
def listing(request):
    """A command that lists the images."""
    return request.param


@pytest.fixture(params=READING, ids=lambda command: " ".join(command[:2]))
def reading(request):
    """A command that reads the images."""
    return request.param


def test_a_misspelt_class_is_bad_data(place, refused, listing):
    place.replace("monocyte", "monocite")
    assert "did you mean 'monocite'" in refused(*listing, code=DATA)["fix"]


def test_a_class_folder_that_nobody_listed_is_bad_data(place, refused, listing):
    (place.images / "south" / "monocyte").rename(place.images / "south" / "basophil")
    found = refused(*listing, code=DATA)
    assert "label 'basophil' (6 images) is not among the classes" in found["what"]
    assert found["where"].endswith("images/south/basophil")


def test_an_empty_class_folder_is_bad_data(place, refused, listing):
    for path in (place.images / "south" / "blast").iterdir():
        path.unlink()
    assert "class folder 'blast' of domain 'south'" in refused(*listing, code=DATA)["what"]


def test_a_class_without_images_anywhere_is_bad_data(place, refused, listing):
    place.replace("[blast,", "[basophil, blast,")
    assert "class 'basophil' has no image in any domain" in refused(*listing, code=DATA)["what"]


def test_one_domain_alone_is_bad_data(place, refused, listing):
    place.replace("  north: {path: images/north}\n  south: {path: images/south}\n", "")
    assert "holding one out needs at least 2" in refused(*listing, code=DATA)["what"]


def test_a_domain_whose_folder_is_not_there_is_bad_data(place, refused, listing):
    place.replace("images/south", "images/sooth")
    found = refused(*listing, code=DATA)
    assert "the folder of domain 'south' does not exist" in found["what"]
    assert found["where"].endswith("images/sooth")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"no image", "not a PNG, JPEG, TIFF or BMP image"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "cannot read image"),
    ],
    ids=["zero bytes", "text", "broken"],
)
def test_an_image_that_cannot_be_read_is_bad_data(place, refused, reading, content, words):
    path = place.images / "south" / "blast" / "3.png"
    path.write_bytes(content)
    found = refused(*reading, code=DATA)
    assert words in found["what"]
    assert found["where"] == str(path)


@pytest.mark.parametrize("command", [TUNE, TRAIN, COMPARE], ids=["tune", "train", "compare"])
def test_more_folds_than_images_of_the_largest_class_are_bad_data(refused, command):
    found = refused(*command, "--folds", "7", code=DATA)
    assert "its largest class" in found["what"]
    assert "--folds 6 or fewer" in found["fix"]


@pytest.mark.parametrize("command", [("data", "prepare"), TRAIN], ids=["prepare", "train"])
def test_a_field_of_view_without_a_scale_is_bad_data(place, refused, command):
    place.replace("{size: 32}", "{size: 32, field_of_view: 10}")
    assert "how large a pixel is" in refused(*command, code=DATA)["what"]


def test_a_table_that_is_an_image_is_bad_data(place, refused, listing):
    place.replace("images/north", "images/north/blast/0.png")
    assert "not CSV text" in refused(*listing, code=DATA)["what"]


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (("images/nowhere",), "does not exist"),
        (("images/north",), "holding one out needs at least 2"),
        (("images/north", "images/north"), "two domains are called 'north'"),
        (("runs_of_nothing",), "found no domain"),
    ],
)
def test_init_refuses_folders_it_cannot_use(place, refused, folders, words):
    (place.folder / "runs_of_nothing").mkdir()
    found = refused("init", *folders, "--out", "new.yaml", code=DATA)
    assert words in found["what"]


# --- runs ----------------------------------------------------------------------------------------

LOOKING = [("status",), ("report",), ("store", "verify"), ("store", "rebuild")]


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_run_that_does_not_exist_is_a_store_error(place, refused, command):
    found = refused(*command, "nosuch", code=STORE)
    assert found["what"] == "there is no run 'nosuch'"
    assert found["where"] == str(place.folder / "runs")


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_no_run_at_all_is_a_store_error(refused, command):
    assert "wbcray tune" in refused(*command, code=STORE)["fix"]


@pytest.fixture
def begun(place):
    """A run with the project's own settings."""
    project = load_project(place.project)
    return open_run(project, "main", settings_of(project)).folder


@pytest.mark.parametrize("command", [TUNE, TRAIN, COMPARE], ids=["tune", "train", "compare"])
def test_a_run_of_another_configuration_is_refused_with_every_change(refused, begun, command):
    found = refused(*command, "--folds", "3", "--epochs", "4", code=REFUSED)
    assert "epochs: 1 -> 4" in found["what"]
    assert "folds: 2 -> 3" in found["what"]
    assert "split: " in found["what"]
    assert "--run NAME" in found["fix"]


def test_a_run_of_another_network_is_refused_with_the_line_that_changed(place, refused, begun):
    place.replace("weights: none", "weights: none, normalization: group, dropout: 0.5")
    found = refused(*TRAIN, code=REFUSED)
    assert 'network.normalization: "batch" -> "group"' in found["what"]
    assert "network.dropout: 0.0 -> 0.5" in found["what"]


def test_a_run_of_other_images_is_refused(place, refused, begun):
    (place.images / "north" / "blast" / "5.png").unlink()
    found = refused(*TRAIN, code=REFUSED)
    assert "images: 54 -> 53" in found["what"]
    assert "data_fingerprint" in found["what"]


def test_a_study_of_another_space_is_refused_with_what_changed(refused, begun):
    StudyStore(begun, "erm", "west").begin({"method": "erm", "seed": 7})
    found = refused(*TUNE, "--held-out", "west", code=REFUSED)
    assert "seed: 7 -> 0" in found["what"]


@pytest.mark.parametrize("command", [TUNE, TRAIN, COMPARE], ids=["tune", "train", "compare"])
def test_a_run_that_another_process_drives_is_refused_with_its_number(begun, refused, command):
    with driving(begun):
        found = refused(*command, code=STORE, in_json=False)
    assert f"process {os.getpid()} on " in found["what"]


def test_a_damaged_record_gives_verify_its_exit_code_and_its_name(place, begun):
    commit(begun / "studies" / "erm--west" / "study.json", "study", {})
    (begun / "studies" / "erm--west" / "study.json").write_text("{")
    said = place.call("store", "verify", "main")
    assert said.code == STORE
    assert "corrupt: studies/erm--west/study.json" in said.err
    assert place.json("store", "verify", "main")["corrupt"] == 1


# --- environment and guard rails -----------------------------------------------------------------


@pytest.mark.parametrize("command", [TUNE, TRAIN, COMPARE], ids=["tune", "train", "compare"])
def test_weights_that_are_not_here_are_an_environment_error_that_says_where_to_get_them(
    refused, command
):
    found = refused(*command, "--weights", "imagenet", code=ENVIRONMENT)
    assert "ImageNet weights of resnet18" in found["what"]
    assert found["where"].endswith("hub/checkpoints/resnet18-f37072fd.pth")
    assert "torchvision.models.resnet18(weights='DEFAULT')" in found["fix"]
    assert "--weights none" in found["fix"]


def test_a_weights_file_that_is_not_there_is_a_usage_error(refused):
    assert "gone.pth" in refused(*TRAIN, "--weights", "gone.pth", code=USAGE)["what"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("w.pth", b"no weights"), ("w.pth", b""), ("w.safetensors", b"no weights")],
)
def test_a_weights_file_that_holds_none_is_refused_before_a_run_is_begun(
    place, refused, name, content
):
    (place.folder / name).write_bytes(content)
    assert refused(*TRAIN, "--weights", name, code=USAGE)["where"] == name


def test_weights_that_are_no_mapping_are_refused(place, refused):
    torch.save([1, 2], place.folder / "list.pth")
    found = refused(*TRAIN, "--weights", "list.pth", code=USAGE)
    assert "does not hold named tensors" in found["what"]


def test_a_cache_that_cannot_be_a_folder_is_an_environment_error(place, refused):
    place.project.write_text(place.project.read_text() + "cache: wbcray.yaml\n")
    assert refused("data", "prepare", code=ENVIRONMENT)["where"] == str(place.project)


def test_runs_that_cannot_be_a_folder_are_an_environment_error(place, refused):
    place.project.write_text(place.project.read_text() + "runs: wbcray.yaml\n")
    assert str(place.project) in refused(*TRAIN, code=ENVIRONMENT)["where"]


def test_a_password_in_the_storage_is_refused_and_not_repeated(place, refused):
    url = "postgresql+psycopg2://me:hunter2@host/db"
    found = refused(*TUNE, "--storage", url, code=REFUSED)
    assert "hunter2" not in str(found)
    assert ".pgpass" in found["fix"]


def test_a_password_in_the_environment_is_refused_alike(place, refused, monkeypatch):
    monkeypatch.setenv("WBCRAY_STUDY_STORAGE", "mysql://me:hunter2@host/db")
    assert "hunter2" not in str(refused(*TUNE, code=REFUSED))


def test_a_storage_that_is_no_url_is_a_usage_error(refused):
    assert refused(*TUNE, "--storage", "my database", code=USAGE)["where"] == "--storage"


def test_init_does_not_replace_a_project(refused):
    found = refused("init", "images", code=REFUSED)
    assert found["what"] == "wbcray.yaml exists"
    assert "--force" in found["fix"]


def test_init_does_not_write_into_a_folder_that_is_not_there(refused):
    found = refused("init", "images", "--out", "nowhere/new.yaml", code=USAGE)
    assert found["where"] == "--out"


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--out", "new", "--domains", "matek_lik"), USAGE, "unknown style 'matek_lik'"),
        (("--out", "new", "--images", "1"), USAGE, "--images"),
        (("--out", "new", "--size", "8"), USAGE, "--size"),
        ((), USAGE, "--out"),
        (("--out", "images"), REFUSED, ""),
    ],
    ids=["typo", "images", "size", "nothing", "not empty"],
)
def test_synthetic_images_are_not_drawn_where_they_cannot_be(refused, options, code, words):
    assert words in refused("data", "synth", *options, code=code, in_json=False)["what"]


def test_a_traceback_is_for_those_who_ask_for_it(place):
    said = place.call("methods", "bodda", "--debug")
    assert said.code == USAGE
    assert "Traceback" in said.err
    assert said.err.splitlines()[-1].startswith("  fix: ")


# --- --json-errors -------------------------------------------------------------------------------


def every_command(group, *path):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", list(every_command(get_command(app))), ids=" ".join)
def test_every_command_can_tell_an_error_as_one_line_of_json(place, command):
    said = place.call(*command, "--no-such-option", "--json-errors")
    assert (said.code, said.out) == (USAGE, "")
    (line,) = said.err.splitlines()
    error = json.loads(line)["error"]
    assert set(error) == {"code", "what", "where", "fix"}
    assert error["code"] == "usage"
    assert error["what"] == "No such option: --no-such-option"
    assert error["where"] == " ".join(("wbcray", *command))


@pytest.mark.parametrize("before", [True, False], ids=["before", "behind"])
def test_errors_in_json_may_be_asked_for_before_and_behind_the_command(place, before):
    command = ("data", "describe", "-p", "gone.yaml")
    said = place.call(*(["--json-errors", *command] if before else [*command, "--json-errors"]))
    assert (said.code, said.out) == (USAGE, "")
    assert json.loads(said.err)["error"]["where"] == "gone.yaml"


def test_with_both_results_are_on_stdout_and_errors_on_stderr(place):
    said = place.call("data", "describe", "--json", "--json-errors")
    assert said.code == 0
    assert json.loads(said.out)["counts"]["north"] == {"blast": 6, "eosinophil": 6, "monocyte": 6}
    place.replace("epochs: 1", "epochs: 0\n  folds: x")
    said = place.call("data", "describe", "--json", "--json-errors")
    assert (said.code, said.out) == (USAGE, "")
    assert json.loads(said.err)["error"]["code"] == "usage"


def test_a_bug_is_told_in_json_too_and_last(place, monkeypatch):
    def broken(_path):
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr("wbcray.core.project.load_project", broken)
    said = place.call("data", "describe", "--json-errors", "--debug")
    assert said.code == 1
    assert "Traceback" in said.err
    error = json.loads(said.err.splitlines()[-1])["error"]
    assert error["what"] == "ZeroDivisionError: nothing to divide by"
    assert "this is a bug" in error["where"]


def test_the_help_says_how_errors_are_told(place):
    said = place.call("--help").out
    assert "--json-errors" in said
    assert "one line of JSON on stderr" in said
