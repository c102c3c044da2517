"""Commands that only look, and the project file that `init` writes."""

import pytest

from wbcray import __version__
from wbcray.core.project import load_project


def test_the_version_is_printed(place):
    assert place.call("--version").out == f"wbcray {__version__}\n"


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help_is_printed_and_is_no_error(place, word):
    said = place.call(word)
    assert (said.code, said.err) == (0, "")
    assert "Usage: wbcray" in said.out


def test_without_a_command_the_help_is_shown_and_the_exit_code_is_usage(place):
    assert place.call().code == 2


def test_images_are_counted_by_domain_and_class(place):
    (place.images / "west" / "monocyte" / "0.png").unlink()
    told = place.json("data", "describe")
    assert told["images"] == 53
    assert told["counts"]["north"] == {"blast": 6, "eosinophil": 6, "monocyte": 6}
    assert told["counts"]["west"] == {"blast": 6, "eosinophil": 6, "monocyte": 5}


def test_a_class_with_fewer_images_than_folds_is_remarked_upon(place):
    for number in range(1, 6):
        (place.images / "west" / "monocyte" / f"{number}.png").unlink()
    said = place.call("data", "describe")
    assert said.code == 0
    assert "'monocyte' has 1 image in 'west', fewer than 2 folds" in said.err


def test_preparing_twice_gives_the_same_fingerprint(place):
    assert place.json("data", "prepare") == place.json("data", "prepare")


@pytest.mark.parametrize(
    "command",
    [
        ("tune", "--method", "erm,boda"),
        ("compare", "--methods", "erm"),
        ("train", "--method", "boda", "--held-out", "west"),
    ],
    ids=lambda words: words[0],
)
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["words", "json"])
def test_a_dry_run_writes_nothing_at_all(place, command, options):
    before = sorted(place.folder.rglob("*"))
    assert place.call(*command, "--dry-run", *options).code == 0
    assert sorted(place.folder.rglob("*")) == before


def test_a_dry_search_says_how_much_it_would_train(place):
    told = place.json("tune", "--method", "erm,boda", "--trials", "4", "--dry-run")
    # 2 methods x 3 held-out domains; 6 studies x 4 trials x 2 folds x 1 epoch
    assert (told["studies"], told["trials"], told["epochs_at_most"]) == (6, 24, 48)


def test_a_dry_search_leaves_out_what_is_held(place):
    told = place.json("tune", "--method", "erm", "--set", "optimizer.lr=0.01", "--dry-run")
    searched = [dimension["name"] for dimension in told["spaces"]["erm"]["dimensions"]]
    assert "optimizer.lr" not in searched
    assert "optimizer.weight_decay" in searched


def test_a_dry_comparison_counts_cells(place):
    told = place.json("compare", "--methods", "erm,coral", "--seeds", "2", "--dry-run")
    # 2 methods x 3 domains x 2 folds x 2 seeds
    assert (told["cells"], told["recorded"], told["to_open"]) == (24, 0, 0)


def test_init_writes_a_project_that_loads(place):
    place.project.unlink()
    told = place.json("init", "images", "--profile", "laptop")
    assert told == {
        "project": "wbcray.yaml",
        "profile": "laptop",
        "domains": ["north", "south", "west"],
        "classes": ["blast", "eosinophil", "monocyte"],
        "label_space": None,
        "field_of_view": None,
        "weights": "none",
    }
    assert load_project(place.project).folders["west"] == place.images / "west"


def test_init_takes_domains_one_by_one(place):
    place.call("init", "images/north", "images/west", "--out", "two.yaml")
    assert set(load_project(place.folder / "two.yaml").folders) == {"north", "west"}


def test_init_replaces_a_project_when_told_to(place):
    assert place.call("init", "images", "--profile", "laptop", "--force").code == 0
    assert load_project(place.project).image_size == 64


def test_init_keeps_the_order_of_classes(place):
    place.call("init", "images", "--classes", "monocyte,blast,eosinophil", "--out", "new.yaml")
    assert load_project(place.folder / "new.yaml").classes == ("monocyte", "blast", "eosinophil")


def test_init_says_the_paper_profile_wants_imagenet(place):
    told = place.json("init", "images", "--profile", "paper", "--out", "new.yaml")
    assert told["weights"] == "imagenet"


@pytest.mark.parametrize("name", ["blast, young", "NO", "mono: x", "[c]", "1", "it's", "null"])
def test_a_class_folder_may_have_any_name_that_yaml_means_otherwise(place, name):
    for domain in ("north", "south", "west"):
        (place.images / domain / "blast").rename(place.images / domain / name)
    place.call("init", "images", "--profile", "laptop", "--force")
    assert name in load_project(place.project).classes
    assert place.json("data", "describe")["counts"]["north"][name] == 6


@pytest.mark.parametrize(
    ("folder", "domain"),
    [("site a", "site_a"), ("a,b", "a_b"), ("[c]", "c_"), ("NO", "NO"), ("_x", "x")],
)
def test_a_domain_is_named_like_its_folder_as_far_as_file_names_go(place, folder, domain):
    (place.images / "south").rename(place.images / folder)
    place.call("init", "images", "--profile", "laptop", "--force")
    assert load_project(place.project).folders[domain] == place.images / folder


def test_hidden_folders_are_no_domains(place):
    (place.images / "south").rename(place.images / ".south")
    place.call("init", "images", "--force")
    assert set(load_project(place.project).folders) == {"north", "west"}


def test_all_methods_are_listed(place):
    told = place.json("methods")
    assert {"erm", "boda", "coral", "dann"} <= {method["name"] for method in told["methods"]}


def test_a_method_is_described_with_its_ranges(place):
    said = place.call("methods", "boda")
    assert said.code == 0
    assert "penalty.weight" in said.out
    assert "0.0001 .. 1000" in said.out
