"""What a search maximises: scores of validation counts, by name."""

import numpy as np
import pytest

from wbcray.cluster.task import Task
from wbcray.core.errors import UsageError
from wbcray.core.result import EpochReport
from wbcray.training.objective import OBJECTIVES, Objective

# two sources: 10 images of `a` and 2 of `b` in the first, 8 of `a` in the second
COUNTS = np.array([[[9, 1], [1, 1]], [[4, 4], [0, 0]], [[0, 0], [0, 0]]])
BY_HAND = {
    "val/micro_f1": 14 / 20,
    "val/macro_f1": (2 * 13 / (18 + 14) + 2 * 1 / (2 + 6)) / 2,
    "val/balanced_accuracy": (13 / 18 + 1 / 2) / 2,
    # the first domain: (18 / 20 + 2 / 4) / 2 = 0.7; the second holds `a` alone: 8 / 12
    "val/worst_domain": 8 / 12,
    "val/worst_class_recall": 1 / 2,
}


def report(counts, *, epoch=0):
    return EpochReport(
        fold=0, epoch=epoch, losses={}, counts=counts, learning_rate=0.0, seconds=0.0
    )


def test_every_objective_reads_validation():
    assert set(OBJECTIVES) == set(BY_HAND)
    assert all(name.startswith("val/") for name in OBJECTIVES)
    assert all(score.higher_is_better for score in OBJECTIVES.values())


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_is_its_score_of_the_counts(name):
    objective = Objective(epochs=3, name=name)
    assert objective.after_epoch(report(COUNTS)) == pytest.approx(BY_HAND[name])
    objective.after_fold(COUNTS)
    assert objective.values == (pytest.approx(BY_HAND[name]),)


def test_the_best_epoch_is_that_of_the_objective():
    """By macro F1 the first epoch is the better one, by accuracy the second."""
    first = np.array([[[10, 8], [0, 2]]])
    second = np.array([[[18, 0], [2, 0]]])
    micro, macro = Objective(epochs=2, name="val/micro_f1"), Objective(epochs=2)
    for epoch, counts in enumerate((first, second)):
        by_micro = micro.after_epoch(report(counts, epoch=epoch))
        by_macro = macro.after_epoch(report(counts, epoch=epoch))
    assert by_micro == pytest.approx(18 / 20)
    assert by_macro == pytest.approx((20 / 28 + 4 / 12) / 2)


@pytest.mark.parametrize("name", ["test/macro_f1", "val/macro_f1_union", "macro_f1"])
def test_no_worker_computes_another_objective(name):
    with pytest.raises(UsageError, match="unknown objective"):
        Objective(epochs=3, name=name)


def test_an_objective_travels_to_the_worker(settings):
    task = Task(
        run="r",
        label="t",
        config=settings.config("erm", {}),
        held_out="west",
        folds=(0,),
        seed=0,
        threads=1,
        objective="val/micro_f1",
    )
    assert Task.from_json(task.as_json()) == task
