"""The map of images: even samples, the same map each time."""

import numpy as np
import pandas as pd
import pytest
from outputs_by_hand import answering, outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers import networks as networks_module
from wbcray.explorer.numbers.embedding import map_of, spread_evenly
from wbcray.explorer.views import embedding as view


def test_rare_classes_stay_whole_when_images_are_left_out():
    images = pd.DataFrame({"domain": "home", "true": ["a"] * 10 + ["b"] * 2 + ["a"] * 10})
    kept = spread_evenly(images, most=6)
    assert images["true"].iloc[kept].value_counts().to_dict() == {"a": 4, "b": 2}
    assert kept.tolist() == sorted(kept.tolist())


def test_too_few_images_have_no_map():
    with pytest.raises(ValueError, match="5 images, got 3"):
        map_of(np.zeros((3, 2)))


def test_images_with_the_same_features_have_a_map_of_zeros():
    assert map_of(np.ones((6, 3))).tolist() == [[0, 0]] * 6


@pytest.fixture(scope="module")
def far_apart():
    """Two groups of ten images, far from each other."""
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(0, 1, (10, 4)), rng.normal(50, 1, (10, 4))])


def test_groups_stay_groups(far_apart):
    places = map_of(far_apart)
    one, other = places[:10], places[10:]
    apart = np.linalg.norm(one.mean(axis=0) - other.mean(axis=0))
    assert apart > 2 * max(one.std(), other.std())


def test_a_map_is_made_once(far_apart, monkeypatch):
    first = map_of(far_apart)
    monkeypatch.setattr("wbcray.explorer.numbers.embedding._fit", None)
    assert map_of(far_apart.copy()) is first


def test_the_view_colours_by_class_domain_and_error(builder, far_apart, monkeypatch):
    rows = [
        (0, f"img-{number}", "home" if number % 2 else "away", "a" if number < 10 else "b", "a")
        for number in range(20)
    ]
    given = outputs(rows, [(1.0, 0.0, 0.0)] * 20, far_apart)
    found = {("erm", "validation"): given}
    answering(monkeypatch, networks_module, found)
    answering(monkeypatch, view, found)
    home = {"home": [[10, 0, 0], [10, 0, 0], [0, 0, 0]]}
    tables = builder().cell("erm", "away", 0, validation=home).build()
    variants = view.EMBEDDING.build(tables, Choice()).variants
    names = [[trace.name for trace in variant.draw().figure.data] for variant in variants]
    assert names == [
        ["a  n=10", "b  n=10"],
        ["home  n=10", "away  n=10"],
        ["right  n=10", "wrong  n=10"],
    ]
