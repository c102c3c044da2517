"""The verdict calls equal methods different as seldom as promised; the usual test does not."""

import pytest

from benchmarks.verdict_studies import Setting
from benchmarks.verdicts import called, errors

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


@pytest.mark.parametrize(
    "setting",
    [
        Setting(unseen=100, likeness=0.9),
        Setting(unseen=40, likeness=0.9, training=2000),
        Setting(unseen=100, likeness=0.5, rare=10, score="macro_f1"),
        Setting(unseen=100, likeness=0.5, patient=5, patient_noise=1.0),
    ],
    ids=["100 images", "40 images", "10 of one class", "20 patients"],
)
def test_drawing_the_same_images_for_equal_methods_keeps_the_promise(setting):
    _, paired = called(setting, studies=STUDIES, seed=0)
    assert paired <= AT_MOST


def test_drawing_the_same_images_finds_a_difference_that_independent_ones_hide():
    better = Setting(unseen=100, likeness=0.9, spread=0.5, gain=0.1)
    independent, paired = called(better, studies=STUDIES, seed=0)
    assert paired > 0.6
    assert independent < paired / 2
