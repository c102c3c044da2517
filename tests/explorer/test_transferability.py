"""The transferability graph of Yang, Wang & Katabi 2022, on points that can be measured by hand."""

from math import hypot, isnan

import numpy as np
import pytest
from outputs_by_hand import answering, outputs

from wbcray.explorer.choice import Choice
from wbcray.explorer.numbers import networks as networks_module
from wbcray.explorer.numbers.networks import networks
from wbcray.explorer.numbers.transferability import kinds_of, layout, transferability
from wbcray.explorer.views import transferability as view

# one image a pair: (home, a) at 0, (home, b) 3 to the right, (away, a) 4 up; no b away from home
ROWS = [
    (0, "img-1", "home", "a", "a"),
    (0, "img-2", "home", "b", "b"),
    (0, "img-3", "away", "a", "a"),
]
PLACES = [(0.0, 0.0), (3.0, 0.0), (0.0, 4.0)]
SURE = [(1.0, 0.0, 0.0)] * 3


@pytest.fixture
def tables(builder):
    home = {"home": [[9, 0, 0], [0, 9, 0], [0, 0, 0]]}
    return builder().cell("erm", "away", 0, validation=home).build()


def found(monkeypatch, tables, rows=ROWS, places=PLACES):
    given = outputs(rows, SURE * (len(rows) // 3), places)
    answering(monkeypatch, networks_module, {("erm", "validation"): given})
    return networks(tables, "erm", held_out="away")


def graph(monkeypatch, tables, rows=ROWS, places=PLACES):
    own = found(monkeypatch, tables, rows, places)
    return transferability(own, ("home", "away"), ("a", "b", "c"))


def test_alpha_beta_and_gamma_are_mean_distances_of_their_kinds(monkeypatch, tables):
    one = graph(monkeypatch, tables)
    assert one.pairs == (("home", "a"), ("home", "b"), ("away", "a"))
    means = {kind: mean for kind, (mean, _) in one.statistics.items()}
    assert means == pytest.approx({"alpha": 4, "beta": 3, "gamma": 5})


def test_distances_are_of_each_image_to_the_mean_and_not_of_means(monkeypatch, tables):
    # two images of (home, a) at -1 and 1: their mean is 0, their distance to (3, 0) is 4 and 2
    rows = [
        *ROWS,
        (0, "img-4", "home", "a", "a"),
        *[(0, f"img-{n}", "home", "b", "b") for n in (5, 6)],
    ]
    places = [(-1.0, 0.0), (3.0, 0.0), (0.0, 4.0), (1.0, 0.0), (3.0, 0.0), (3.0, 0.0)]
    one = graph(monkeypatch, tables, rows, places)
    a, b, away = 0, 1, 2
    assert one.distances[a, b] == pytest.approx((4 + 2) / 2)
    assert one.distances[a, away] == pytest.approx(hypot(1, 4))
    assert one.distances[b, a] == pytest.approx(3)


def test_features_of_two_networks_are_never_mixed(monkeypatch, tables):
    # the second network's features are the first one's far away and twice as large
    rows = [*ROWS, *[(1, *rest) for _, *rest in ROWS]]
    places = [*PLACES, *[(100 + 2 * x, 2 * y) for x, y in PLACES]]
    one = graph(monkeypatch, tables, rows, places)
    assert one.networks == 2
    assert one.images.tolist() == [1, 1, 1]
    mean, spread = one.statistics["alpha"]
    assert (mean, spread) == pytest.approx(((4 + 8) / 2, np.std([4, 8], ddof=1)))


def test_one_domain_alone_has_no_alpha(monkeypatch, tables):
    one = graph(monkeypatch, tables, [*ROWS[:2], (0, "img-3", "home", "c", "c")])
    assert isnan(one.statistics["alpha"][0])
    assert one.statistics["beta"][0] == pytest.approx((3 + 4 + 5) / 3)


def test_pairs_are_of_one_kind_each():
    kinds = kinds_of([("home", "a"), ("home", "b"), ("away", "a")])
    assert kinds[0].tolist() == ["itself", "beta", "alpha"]
    assert kinds[1].tolist() == ["beta", "itself", "gamma"]


def test_the_layout_keeps_distances_that_fit_into_a_plane():
    places = np.array(PLACES)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    drawn = layout(distances)
    assert np.linalg.norm(drawn[:, None] - drawn[None], axis=2) == pytest.approx(distances)
    assert layout(distances).tolist() == drawn.tolist()


def test_a_pair_alone_lies_in_the_middle():
    assert layout(np.zeros((1, 1))).tolist() == [[0, 0]]


def test_the_view_draws_a_symbol_for_each_domain_and_an_edge_within_a_class(monkeypatch, tables):
    found(monkeypatch, tables)
    given = outputs(ROWS, SURE, PLACES)
    answering(monkeypatch, view, {("erm", "validation"): given})
    (variant,) = view.TRANSFERABILITY.build(tables, Choice()).variants
    drawn = variant.draw()
    names = {trace.name for trace in drawn.figure.data}
    assert {"home", "away", "a", "b", "c", "same class, another domain"} <= names
    assert drawn.figure.layout.annotations[0].text == (
        "α = 4.00, β = 3.00, γ = 5.00 (± over 1 networks)"  # noqa: RUF001  # the paper's letters
    )
    assert drawn.numbers["distance"].tolist()[:3] == pytest.approx([4, 3, 5])
