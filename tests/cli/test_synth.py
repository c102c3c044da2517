"""`wbcray data synth`: what it writes, and the way from there to a trained network."""

import json

import pytest
from PIL import Image

from wbcray.core.errors import UsageError

USAGE, REFUSED = UsageError.exit_code, 7
SMALL = ("--images", "13", "--floor", "1", "--shrink", "16")


def test_the_tree_of_a_data_set_lies_in_a_folder_of_its_name(place):
    said = place.call("data", "synth", "--layout", "matek_19", "--out", "new", *SMALL)
    assert said.code == 0, said.err
    root = place.folder / "new" / "matek_19"
    image = root / "AML-Cytomorphology_LMU" / "AML-Cytomorphology" / "BAS" / "BAS_0001.tiff"
    with Image.open(image) as picture:
        assert (picture.size, picture.mode) == ((25, 25), "RGBA")
    mark = json.loads((root / "SYNTHETIC.json").read_text())
    assert (mark["layout"], mark["shrink"], mark["complete"]) == ("matek_19", 16, True)
    assert "give `um_per_px: 1.159` for matek_19, part all" in said.err  # 16 / 13.8


def test_several_data_sets_lie_side_by_side(place):
    said = place.call("data", "synth", "--layout", "acevedo_20,mll23", "--out", "new", *SMALL)
    assert said.code == 0, said.err
    assert {path.name for path in (place.folder / "new").iterdir()} == {"acevedo_20", "mll23"}


def test_one_part_can_be_asked_for(place):
    options = ("--layout", "hida", "--part", "wbc1")
    said = place.call("data", "synth", *options, "--out", "new", *SMALL)
    assert said.code == 0, said.err
    tops = {path.name for path in (place.folder / "new" / "hida" / "Datasets").iterdir()}
    assert tops == {"WBC1"}


def test_the_way_to_unpack_can_be_chosen(place):
    options = ("--layout", "matek_19", "--unpacked", "kaggle")
    place.call("data", "synth", *options, "--out", "new", *SMALL)
    root = place.folder / "new" / "matek_19"
    assert len(list((root / "data" / "data").iterdir())) == 15
    assert (root / "data" / "annotations_augmented.dat").is_file()


def test_run_again_it_writes_nothing(place):
    command = ("data", "synth", "--layout", "matek_19", "--out", "new", *SMALL)
    place.call(*command)
    before = {path: path.stat().st_mtime_ns for path in (place.folder / "new").rglob("*")}
    assert place.call(*command).code == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_layout_of_ones_own_can_be_drawn(place):
    (place.folder / "ours.yaml").write_text(
        "title: Ours\n"
        "parts: {all: {px_per_um: 10, published: {B: 10, M: 30}}}\n"
        "mappings: {default: {B: basophil, M: monocyte}}\n"
        "default_mapping: default\n"
        'files: {pattern: "{code}/{number}.png", width: 320, height: 320}\n'
    )
    options = ("--images", "40", "--floor", "1", "--shrink", "20")
    said = place.call("data", "synth", "--layout", "ours.yaml", "--out", "new", *options)
    assert said.code == 0, said.err
    root = place.folder / "new" / "ours"
    assert [len(list((root / code).iterdir())) for code in "BM"] == [10, 30]


def test_the_floor_holds_for_plain_folders_too(place):
    options = ("--images", "13", "--floor", "2", "--size", "32", "--domains", "matek_like")
    assert place.call("data", "synth", "--out", "new", *options).code == 0
    assert len(list((place.folder / "new" / "matek_like" / "smudge_cell").iterdir())) == 2


def test_the_montage_needs_no_folder(place):
    said = place.call("data", "synth", "--montage", "all.png")
    assert said.code == 0, said.err
    with Image.open(place.folder / "all.png") as picture:
        assert picture.size == (92 + 13 * 98, 32 + 4 * 198)
    assert not (place.folder / "SYNTHETIC.json").exists()


@pytest.mark.parametrize(
    ("options", "code", "words", "where"),
    [
        (("--layout", "matek_2"), USAGE, "unknown layout 'matek_2'", "--layout"),
        (("--layout", "hida", "--part", "wbc9"), USAGE, "part of layout hida 'wbc9'", "--part"),
        (
            ("--layout", "matek_19", "--unpacked", "zip"),
            USAGE,
            "unknown way to unpack matek_19 'zip'",
            "--unpacked",
        ),
        (("--layout", "mll23", "--shrink", "19"), USAGE, "shrunk by 19", "--shrink"),
        (("--part", "all"), USAGE, "are about a published data set", "--layout"),
        (("--layout", "mll23,hida", "--part", "wbc1"), USAGE, "which of 2 data sets", "--layout"),
        (("--layout", "mll23", "--domains", "int_like"), USAGE, "plain folders", "--domains"),
        (("--layout", "mll23", "--size", "32"), USAGE, "plain folders", "--size"),
    ],
    ids=["layout", "part", "unpacked", "shrink", "no layout", "two", "style", "size"],
)
def test_what_cannot_be_meant_is_refused(refused, options, code, words, where):
    found = refused("data", "synth", "--out", "new", *options, code=code, in_json=False)
    assert words in found["what"]
    assert found["where"] == where


def test_a_folder_with_other_files_is_refused(place, refused):
    (place.folder / "new" / "mll23").mkdir(parents=True)
    (place.folder / "new" / "mll23" / "thesis.txt").write_text("years of work")
    options = ("--layout", "mll23", "--out", "new", *SMALL)
    found = refused("data", "synth", *options, code=REFUSED, in_json=False)
    assert "already files" in found["what"]
    assert found["where"] == "new/mll23"


@pytest.mark.slow
def test_three_data_sets_go_from_their_published_trees_to_a_trained_network(place):
    """A sixth of the published size: 25 um are 57, 42 and 48 pixels."""
    place.project.unlink()
    options = ("--images", "13", "--floor", "2", "--shrink", "6")
    layouts = ("--layout", "matek_19,acevedo_20,mll23")
    assert place.call("data", "synth", "--out", "cells", *layouts, *options).code == 0
    told = place.json("init", "cells", "--profile", "laptop")
    assert told["domains"] == ["acevedo_20", "matek_19", "mll23"]
    assert (told["label_space"], told["field_of_view"]) == ("canonical13", 25)
    for name, scale in (("acevedo_20", 0.6), ("matek_19", 0.4348), ("mll23", 0.5208)):
        assert f"layout: {name}, um_per_px: {scale}" in place.project.read_text()

    counts = place.json("data", "describe")["counts"]
    # 2 of each raw label but for the frequent ones: 8484 of 18365 times 13 are 6
    assert counts["matek_19"]["neutrophil_segmented"] == 6
    assert counts["matek_19"]["monocyte"] == 4  # MON and MOB
    assert counts["matek_19"]["promyelocyte"] == 2  # PMO, not PMB
    assert counts["acevedo_20"]["myelocyte"] == 2  # MY, neither IG nor MMY nor PMY
    assert counts["acevedo_20"]["smudge_cell"] in (0, None)
    assert counts["mll23"]["lymphocyte_atypical"] == 4  # reactive and neoplastic

    training = ("--held-out", "mll23", "--fold", "0", "--folds", "2", "--epochs", "1")
    place.replace("size: 64 ", "size: 32 ")
    said = place.call("train", "--method", "erm", *training)
    assert said.code == 0, said.err
    (identity,) = (place.folder / "runs").glob("*/run.json")
    assert json.loads(identity.read_text())["payload"]["synthetic"] is True
