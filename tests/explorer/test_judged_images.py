"""Which outputs are kept is seen from file names; what was read stays in memory for a while."""

from dataclasses import replace

import pytest
from outputs_by_hand import outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers import judged_images as module
from wbcray.explorer.numbers.judged_images import judged_images, kept_outputs, shown_methods
from wbcray.store.cell import CellKey

HOME = {"home": [[4, 0, 0], [0, 4, 0], [0, 0, 4]]}
UNSEEN = [[4, 0, 0], [0, 4, 0], [0, 0, 4]]


@pytest.fixture
def tables(builder, tmp_path):
    """An opened and a sealed method, in a folder without any file."""
    run = builder().cell("erm", "away", 0, validation=HOME, unseen=UNSEEN)
    run.cell("boda", "away", 0, validation=HOME)
    return replace(run.build(), folder=tmp_path)


def touch(folder, method, name):
    key = CellKey(config=f"{method}-default", held_out="away", fold=0, seed=0)
    place = folder / name.format(key.folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()


def test_nothing_is_kept_without_files(tables, builder):
    assert kept_outputs(tables) == ()
    assert kept_outputs(builder().build()) == ()


def test_what_lies_there_is_kept_the_unseen_domain_first(tables, tmp_path):
    touch(tmp_path, "erm", "cells/{}/weights-001/outputs.safetensors")
    touch(tmp_path, "erm", "sealed/{}/outputs-001.safetensors")
    assert kept_outputs(tables) == (("erm", "unseen", "away"), ("erm", "validation", "away"))


def test_what_is_sealed_is_not_said_to_be_there(tables, tmp_path):
    touch(tmp_path, "boda", "sealed/{}/outputs-001.safetensors")
    assert kept_outputs(tables) == ()


def test_outputs_are_read_once_and_again_when_they_were_missing(tables, monkeypatch):
    found = outputs([(0, "img-1", "away", "a", "a")], [(1.0, 0.0, 0.0)])
    asked = []

    def read(given, method, split, *, held_out):
        asked.append((given.cells["method"].tolist(), method, split, held_out))
        return None if len(asked) == 1 else found

    monkeypatch.setattr(module, "outputs_of", read)
    every = [judged_images(tables, "erm", "validation", held_out="away") for _ in range(3)]
    assert every == [None, found, found]
    assert asked == [(["erm"], "erm", "validation", "away")] * 2


def test_a_method_without_cells_is_not_asked_for(tables, monkeypatch):
    monkeypatch.setattr(module, "outputs_of", None)
    assert judged_images(tables, "coral", "validation", held_out="away") is None
    assert judged_images(tables, "erm", "validation", held_out="home") is None


def test_of_many_methods_the_reference_and_the_chosen_are_shown():
    kept = tuple((name, "unseen", "away") for name in "abcdefg")
    assert shown_methods(kept[:3], Choice(reference="b")) == ("b", "a", "c")
    assert shown_methods(kept, Choice(reference="c", rival="f")) == ("c", "f")
    assert shown_methods(kept, Choice(reference="z")) == ("a",)
