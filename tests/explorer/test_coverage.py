"""What is missing, and what cannot be said."""

import pytest

from wbcray.explorer.numbers.coverage import could_not_measure, coverage

HOME = {"home": [[20, 0, 0], [0, 10, 0], [0, 0, 0]]}
AWAY = [[6, 4, 0], [0, 1, 0], [0, 0, 7]]
FAILED = {"method": "m", "held_out": "away", "fold": 1, "seed": 0, "reason": "not finite"}


def states(tables):
    grid = coverage(tables)
    return dict(zip(grid["fold"], grid["state"], strict=True))


def test_a_fold_is_complete_partial_failed_or_not_run(builder):
    run = builder(folds=4, seeds=[0, 1], failed_cells=[FAILED])
    for fold, seed in ((0, 0), (0, 1), (1, 1), (2, 0)):
        run.cell("m", "away", fold, validation=HOME, seed=seed)
    assert states(run.build()) == {0: "complete", 1: "failed", 2: "partial", 3: "not run"}


def test_a_failed_seed_that_was_repeated_is_complete(builder):
    run = builder(failed_cells=[FAILED])
    run.cell("m", "away", 1, validation=HOME)
    assert states(run.build())[1] == "complete"


def test_a_method_that_only_failed_is_in_the_grid(builder):
    assert states(builder(failed_cells=[FAILED]).build()) == {0: "not run", 1: "failed"}


@pytest.fixture
def sentences(builder):
    """All limits of a small, unfinished run."""
    run = builder(failed_cells=[FAILED])
    run.cell("m", "away", 0, validation=HOME, unseen=AWAY)
    run.cell("sealed", "away", 0, validation=HOME)
    return could_not_measure(run.build())


@pytest.mark.parametrize(
    "expected",
    [
        "b in away: 1 image; its F1 is 0 or 1 by chance",
        "c in home: no image; no score of it exists there",
        "c in away: no other domain has images of it, so no method could learn it",
        "m with away held out, fold 1, seed 0: failed (not finite)",
        "differences with away held out: 1 fold; no verdict below 3",
    ],
)
def test_a_limit_is_said_in_a_sentence(sentences, expected):
    assert expected in sentences


def test_a_sealed_method_is_named(sentences):
    assert any(
        line.startswith("away as unseen domain: still sealed for sealed") for line in sentences
    )


def test_an_incomplete_method_is_named(sentences):
    assert any(line.startswith("m with away held out: 1 of 2 folds complete") for line in sentences)


def test_a_class_that_is_common_everywhere_is_no_limit(sentences):
    assert not any(line.startswith("a in") for line in sentences)


def test_few_held_out_domains_are_said_to_be_few(sentences):
    assert any("1 held-out domain;" in line for line in sentences)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"versions": {"torch": "2.15.0, 2.16.0"}}, "different torch"),
        ({"determinism": ["bitwise", "numeric"]}, "different determinism (bitwise, numeric)"),
    ],
    ids=["versions", "determinism"],
)
def test_cells_that_were_not_made_alike_are_said_so(builder, facts, words):
    run = builder(**facts)
    run.cell("m", "away", 0, validation=HOME)
    assert any(words in line for line in could_not_measure(run.build()))


def test_cells_that_were_made_alike_are_not_remarked_upon(builder):
    run = builder(determinism=["bitwise"])
    run.cell("m", "away", 0, validation=HOME)
    assert not any("trained with different" in line for line in could_not_measure(run.build()))
