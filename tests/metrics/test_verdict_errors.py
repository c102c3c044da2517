"""The verdict calls equal methods different as seldom as promised; the usual test does not."""

import pytest

from benchmarks.verdicts import Setting, errors

AT_MOST = 0.06
STUDIES = 100


@pytest.mark.parametrize(
    "setting",
    [
        Setting(),
        Setting(folds=3, training=120),
        Setting(methods=5, seeds=3, seed_noise=0.1),
        Setting(methods=3, unseen=100),
    ],
    ids=["two methods", "three folds", "five methods, three seeds", "100 unseen images"],
)
def test_equal_methods_are_called_different_in_at_most_six_of_a_hundred_runs(setting):
    found = errors(setting, studies=STUDIES, seed=0)
    assert found.validation <= AT_MOST
    assert found.unseen <= AT_MOST
    # what the corrections are for: folds share training images and, when unseen, those judged
    assert found.unseen_naive > 2 * AT_MOST
    assert found.unseen_naive > found.unseen_as_validation >= found.unseen


def test_on_repeated_folds_the_usual_test_finds_differences_half_of_the_time():
    found = errors(Setting(training=60, repeats=10), studies=60, seed=1)
    assert found.validation <= AT_MOST
    assert found.validation_naive > 0.4


def test_shuffled_labels_of_methods_find_nothing():
    found = errors(Setting(methods=5, unseen=400), studies=STUDIES, shuffled=True)
    assert found.validation <= AT_MOST
    assert found.unseen <= AT_MOST
