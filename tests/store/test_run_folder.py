import pytest

from wbcray.core.errors import RefusedError, StoreError, UsageError
from wbcray.core.split import Fold, Split
from wbcray.store.run import (
    begin_or_resume,
    check_name,
    identity_of,
    load_splits,
    refuse_changes,
    save_splits,
)

IDENTITY = {
    "classes": ["blast", "monocyte"],
    "folds": 5,
    "network": {"backbone": "resnet18", "weights": "none", "normalization": "batch"},
}


def changes(before, now):
    with pytest.raises(RefusedError) as caught:
        refuse_changes(before, now, what="run 'main'", where="runs/main")
    return caught.value.what.removeprefix("run 'main' was begun with another configuration: ")


@pytest.mark.parametrize("name", ["main", "a", "2026-01-31_boda.v2", "x" * 64])
def test_a_plain_name_is_a_run(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", ".", "..", ".x", "-x", "a/b", "a b", "a\n", "ä", "x" * 65])
def test_what_is_no_plain_name_is_refused(name):
    with pytest.raises(UsageError) as caught:
        check_name(name)
    assert caught.value.where == "--run"


def test_a_run_begins_with_its_identity(tmp_path):
    begin_or_resume(tmp_path / "main", IDENTITY)
    assert identity_of(tmp_path / "main") == IDENTITY


def test_the_same_identity_resumes(tmp_path):
    begin_or_resume(tmp_path, IDENTITY)
    begin_or_resume(tmp_path, dict(reversed(IDENTITY.items())))
    assert identity_of(tmp_path) == IDENTITY


def test_a_tuple_resumes_what_a_list_was_written_for(tmp_path):
    begin_or_resume(tmp_path, IDENTITY)
    begin_or_resume(tmp_path, IDENTITY | {"classes": ("blast", "monocyte")})
    assert identity_of(tmp_path) == IDENTITY


def test_another_identity_is_refused_and_changes_nothing(tmp_path):
    begin_or_resume(tmp_path, IDENTITY)
    with pytest.raises(RefusedError, match="folds: 5 -> 3") as caught:
        begin_or_resume(tmp_path, IDENTITY | {"folds": 3})
    assert caught.value.where == str(tmp_path)
    assert "--run NAME" in caught.value.fix
    assert identity_of(tmp_path) == IDENTITY


def test_a_folder_without_a_run_is_a_store_error(tmp_path):
    with pytest.raises(StoreError, match="there is no run 'main'"):
        identity_of(tmp_path / "main")


def test_every_changed_field_is_named_with_both_values():
    found = changes({"epochs": 3, "folds": 5, "seed": 0}, {"epochs": 4, "folds": 2, "seed": 0})
    assert found == "epochs: 3 -> 4; folds: 5 -> 2"


def test_a_field_inside_another_is_named_by_both():
    network = IDENTITY["network"] | {"normalization": "frozen"}
    found = changes(IDENTITY, IDENTITY | {"network": network})
    assert found == 'network.normalization: "batch" -> "frozen"'


def test_a_field_that_is_new_or_gone_is_named():
    assert changes({"a": 1}, {"b": 2}) == "a: 1 -> null; b: null -> 2"


def test_a_long_value_is_shown_where_it_differs():
    before = [f"class number {number}" for number in range(30)]
    found = changes({"classes": before}, {"classes": [*before, "giant platelet"]})
    assert "giant platelet" in found
    assert len(found) < 160


def test_nothing_changed_is_no_refusal():
    assert refuse_changes(IDENTITY, IDENTITY, what="run", where="") is None


def test_splits_come_back(tmp_path):
    split = Split(
        held_out="west",
        sources=("north", "south"),
        folds=(
            Fold(number=0, train=(0, 1), validation=(2, 3)),
            Fold(number=1, train=(2, 3), validation=(0, 1)),
        ),
        test=(4, 5),
    )
    save_splits(tmp_path, {"west": split})
    assert load_splits(tmp_path) == {"west": split}
