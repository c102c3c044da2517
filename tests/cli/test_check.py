"""`wbcray data check` and `wbcray data describe`: findings, lists, sheets, exit codes."""

import re
import shutil

import pytest
from PIL import Image

DATA, REFUSED = 3, 7


@pytest.fixture
def leaking(place):
    """One image stands in two domains."""
    shutil.copy(place.images / "north/blast/0.png", place.images / "south/blast/copy.png")
    return place


def found(place, *options):
    told = place.json("data", "check", *options)
    return {finding["kind"]: finding["count"] for finding in told["findings"]}


def test_good_images_are_no_reason_to_complain(place):
    told = place.json("data", "check")
    assert told == {
        "images": 54,
        "unreadable": 0,
        "findings": [],
        "ignore": {},
        "sheet": None,
        "permutation": None,
    }
    said = place.call("data", "check")
    assert (said.code, said.out) == (0, "")
    assert "54 images, nothing found" in said.err


def test_all_unreadable_images_are_found_in_one_go(place):
    (place.images / "south/blast/3.png").write_bytes(b"")
    (place.images / "west/blast/5.png").write_bytes(b"<html>")
    assert place.call("data", "check").code == DATA
    told = place.json("data", "check")
    assert told["unreadable"] == 2
    assert [case[0]["path"] for case in told["findings"][0]["cases"]] == [
        "blast/3.png",
        "blast/5.png",
    ]


def test_leakage_is_refused_and_printed_with_what_to_do(leaking):
    said = leaking.call("data", "check")
    assert said.code == REFUSED
    assert "1 pair of images of one picture in two domains" in said.out
    assert "--write-ignore DIR" in said.out
    assert "Traceback" not in said.err


def test_leakage_that_the_project_allows_is_still_said(leaking):
    leaking.replace("version: 1\n", "version: 1\nallow: [leakage]\n")
    assert leaking.call("data", "check").code == 0
    assert found(leaking) == {"leakage_domains": 1, "exact_duplicates": 1}


def test_unreadable_images_weigh_more_than_leakage(leaking):
    (leaking.images / "west/blast/5.png").write_bytes(b"")
    assert leaking.call("data", "check").code == DATA


def test_the_lists_that_are_written_make_the_check_pass(leaking):
    (leaking.images / "west/blast/5.png").write_bytes(b"")
    said = leaking.call("data", "check", "--write-ignore", "lists")
    assert said.code == DATA
    for domain in ("south", "west"):
        entry = f"ignore: lists/{domain}.ignore"
        assert f"under `domains: {domain}:`, write `{entry}`" in said.err
        leaking.replace(f"images/{domain}}}", f"images/{domain}, {entry}}}")
    assert leaking.call("data", "check").code == 0
    assert leaking.json("data", "check")["images"] == 53  # 55 files, without copy and empty one


def test_the_sheet_shows_the_pair_and_needs_nothing_else(leaking):
    assert leaking.call("data", "check", "--sheet", "sheet.html").code == REFUSED
    page = (leaking.folder / "sheet.html").read_text()
    assert page.count('src="data:image/png;base64,') == 4  # a leak and a copy, two images each
    assert "south/blast/copy.png" in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []


def test_a_check_writes_nothing_unless_told_to(leaking):
    before = leaking.tree()
    leaking.call("data", "check")
    assert leaking.tree() == before


@pytest.mark.parametrize(
    "command",
    [("tune", "--method", "erm"), ("train", "--method", "erm", "--held-out", "west"), ("compare",)],
    ids=lambda command: command[0],
)
def test_no_command_trains_on_leaking_images(leaking, refused, command):
    texts = refused(*command, code=REFUSED)
    assert texts["what"].startswith("leakage: 1 pair of images")
    assert "allow: [leakage]" in texts["fix"]


def test_describing_tells_sizes_and_colours(place):
    told = place.json("data", "describe")
    north = told["domains"][0]
    assert north["name"] == "north"
    assert north["width"] == {"least": 32, "median": 32, "most": 32}
    assert all(abs(mean - 127.5) < 3 for mean in north["mean_rgb"])
    said = place.call("data", "describe")
    assert "mean red" in said.out


def test_the_sheet_of_examples_has_a_picture_of_every_class_and_domain(place):
    told = place.json("data", "describe", "--sheet", "examples.png")
    assert told["sheet"] == "examples.png"
    # three domains of 104 px beside 150 px of names, three classes of 104 px below 22 px
    with Image.open(place.folder / "examples.png") as sheet:
        assert sheet.size == (462, 334)


def test_a_class_that_a_published_data_set_does_not_label_is_absent(place):
    for number, code in enumerate(("basophil", "eosinophil")):
        path = place.images / f"pbc/{code}/{code[:2].upper()}_{number:06d}.jpg"
        path.parent.mkdir(parents=True)
        Image.new("RGB", (32, 32), (200, 180, number)).save(path)
        path = place.images / f"own/{code}/0.png"
        path.parent.mkdir(parents=True)
        Image.new("RGB", (32, 32), (100, 180, number)).save(path)
    place.project.write_text(
        "classes: canonical13\ndomains:\n"
        "  acevedo: {path: images/pbc, layout: acevedo_20}\n  own: {path: images/own}\n"
    )
    counts = place.json("data", "describe")["counts"]
    assert counts["acevedo"]["smudge_cell"] is None
    assert counts["acevedo"]["monocyte"] == counts["own"]["smudge_cell"] == 0
    assert "absent" in place.call("data", "describe").out


def test_of_a_domain_without_labels_no_class_is_said_to_have_no_image(place):
    (place.images / "west/labels.csv").write_text("image,label\nblast/0.png,\nblast/1.png,\n")
    place.replace("images/west}", "images/west/labels.csv}")
    told = place.json("data", "describe")
    assert told["counts"]["west"] == {"blast": None, "eosinophil": None, "monocyte": None}
    said = place.call("data", "describe").out
    (row,) = [line for line in said.splitlines() if "eosinophil" in line]
    assert [cell for cell in row.split() if cell in ("6", "0", "-")] == ["6", "6", "-"]
    assert "absent" not in said


@pytest.fixture
def trainings(monkeypatch):
    """No training: the right answers of 100 that each training on shuffled labels would have."""
    from wbcray.metrics.chance import RightByChance
    from wbcray.training import permutation

    def give(right, *, last_loss=0.1):
        def train(_config, data, fold, *, seed):
            assert seed >= 0
            return permutation.Shuffle(
                held_out=data.split.held_out,
                fold=fold.number,
                right=RightByChance(images=100, right=right, mean=40.0, variance=24.0),
                first_loss=1.0,
                last_loss=last_loss,
                seconds=1.0,
            )

        monkeypatch.setattr(permutation, "train_shuffled", train)

    return give


def test_shuffled_labels_at_chance_are_no_reason_to_refuse(place, trainings):
    trainings(41)
    said = place.call("data", "check", "--permutation", "--permutations", "4")
    assert said.code == 0
    assert "4 trainings of a resnet18 on 54 images" in said.err
    assert "without north, fold 0: accuracy 0.410" in said.err
    assert "without north, fold 1" in said.err  # three domains are held out in turn
    assert "0.410" in said.out
    assert "0.400 ± 0.024" in said.out
    assert "at chance" in said.out
    told = place.json("data", "check", "--permutation")["permutation"]
    assert (told["permutations"], told["images"], told["verdict"]) == (3, 300, "at chance")
    assert told["z"] == pytest.approx(3 / 72**0.5)


def test_shuffled_labels_above_chance_are_a_leak_and_refused(place, trainings):
    trainings(60)
    said = place.call("data", "check", "--permutation")
    assert said.code == REFUSED
    assert "above chance" in said.out
    assert "validation images are in training" in said.out
    assert "fix: " in said.err
    told = place.json("data", "check", "--permutation")["permutation"]
    assert told["verdict"] == "above chance"
    assert told["z"] == pytest.approx(60 / 72**0.5)


def test_a_network_that_learnt_nothing_tells_nothing(place, trainings):
    trainings(41, last_loss=0.9)
    said = place.call("data", "check", "--permutation")
    assert said.code == 0
    assert "cannot tell" in said.out


def test_images_that_cannot_be_trained_on_are_not(place, trainings):
    trainings(60)
    (place.images / "south/blast/3.png").write_bytes(b"")
    said = place.call("data", "check", "--permutation")
    assert said.code == DATA
    assert "no training on shuffled labels" in said.err
