"""Scores of many tables are the scores of each."""

import numpy as np
import pytest

from wbcray.metrics.score_arrays import score_many
from wbcray.metrics.scores import SCORES

RNG = np.random.default_rng(11)
TABLES = RNG.integers(0, 6, size=(6, 2, 4, 4))
TABLES[0, :, 2] = 0  # a class without images
TABLES[1, :, 1], TABLES[1, :, :, 1] = 0, 0  # one that is never predicted either
TABLES[2, 1] = 0  # a domain without images
TABLES[3] = 0


@pytest.mark.parametrize("name", SCORES)
def test_many_tables_have_the_scores_of_each(name):
    expected = [SCORES[name].compute(table) for table in TABLES]
    assert score_many(name, TABLES) == pytest.approx(expected, nan_ok=True)
