"""Published summaries, against scipy: the poster's own differences are ties."""

from math import isnan

import pytest
from scipy import stats

from wbcray.metrics.welch import Summary, welch

ERM = Summary(mean=0.40, std=0.05, n=5)
OURS_PLUS = Summary(mean=0.46, std=0.08, n=5)
CORAL = Summary(mean=0.43, std=0.03, n=5)


@pytest.mark.parametrize(("other", "p"), [(OURS_PLUS, 0.20), (CORAL, 0.29)])
def test_the_poster_against_erm_is_a_tie(other, p):
    found = welch(other, ERM)
    expected = stats.ttest_ind_from_stats(
        other.mean, other.std, other.n, ERM.mean, ERM.std, ERM.n, equal_var=False
    )
    assert found.p == pytest.approx(expected.pvalue)
    assert found.p == pytest.approx(p, abs=0.005)
    assert found.low < 0 < found.high


def test_without_a_spread_nothing_is_told():
    found = welch(Summary(mean=0.5, std=0.0, n=5), Summary(mean=0.4, std=0.0, n=5))
    assert found.mean == pytest.approx(0.1)
    assert isnan(found.p)


def test_one_value_has_no_spread():
    assert isnan(welch(Summary(mean=0.5, std=0.1, n=1), ERM).p)
