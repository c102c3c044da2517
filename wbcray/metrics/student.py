"""Student's t distribution: tails and quantiles, for any positive number of degrees of freedom."""

from math import isnan, nan


def below(statistic: float, freedom: float) -> float:
    """Probability of a value below `statistic`; NaN for NaN."""
    from scipy import special  # scipy.stats would take seconds to import

    return nan if isnan(statistic) else float(special.stdtr(freedom, statistic))


def two_sided(statistic: float, freedom: float) -> float:
    """Probability of a value at least as far from zero as `statistic`; NaN for NaN."""
    return 2 * below(-abs(statistic), freedom)


def half_width(confidence: float, freedom: float) -> float:
    """How many standard errors the central interval reaches to either side."""
    from scipy import special

    return float(special.stdtrit(freedom, 0.5 + confidence / 2))
