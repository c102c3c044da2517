import pytest
from small_records import make_config

from wbcray.store.cell import CellKey
from wbcray.store.selections import Selection, Selections


def selection(method="erm", held_out="west", *, lr=0.01, origin="tuned", seeds=(0,)):
    return Selection(
        method=method,
        held_out=held_out,
        config=make_config(lr, method),
        origin=origin,
        trial=4,
        folds=(0, 1),
        seeds=seeds,
    )


@pytest.fixture
def selections(tmp_path):
    return Selections(tmp_path)


def files(run):
    return sorted(path.name for path in (run / "selections").iterdir())


def test_nothing_is_selected_at_first(selections):
    assert selections.current() == []


def test_a_selection_comes_back(selections):
    selections.choose(selection())
    assert selections.current() == [selection()]


def test_choosing_the_same_again_writes_nothing(selections, tmp_path):
    selections.choose(selection())
    selections.choose(selection())
    assert files(tmp_path) == ["erm--west--0001.json"]


def test_the_newest_of_a_method_and_domain_counts(selections, tmp_path):
    selections.choose(selection(lr=0.01))
    selections.choose(selection(lr=0.02))
    assert selections.current() == [selection(lr=0.02)]
    assert len(files(tmp_path)) == 2


def test_going_back_to_an_earlier_selection_is_a_new_one(selections, tmp_path):
    for lr in (0.01, 0.02, 0.01):
        selections.choose(selection(lr=lr))
    assert selections.current() == [selection(lr=0.01)]
    assert len(files(tmp_path)) == 3


def test_methods_and_domains_are_selected_apart(selections):
    chosen = [selection("boda", "north"), selection("boda", "west"), selection("erm", "west")]
    for one in chosen:
        selections.choose(one)
    assert selections.current() == chosen


def test_a_selection_finds_a_free_number(selections, tmp_path):
    selections.choose(selection(lr=0.01))
    folder = tmp_path / "selections"
    (folder / "erm--west--0001.json").rename(folder / "erm--west--0002.json")
    selections.choose(selection(lr=0.02))
    assert selections.current() == [selection(lr=0.02)]


def test_a_domain_whose_name_continues_another_does_not_disturb_it(selections):
    chosen = [selection(held_out="a"), selection(held_out="a--0001")]
    for one in chosen[::-1]:
        selections.choose(one)
    assert selections.current() == chosen


def test_a_selection_stands_on_its_folds_for_every_seed():
    one = selection(seeds=(0, 1))
    assert one.cells() == [
        CellKey(config=one.config.digest, held_out="west", fold=fold, seed=seed)
        for seed, fold in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
