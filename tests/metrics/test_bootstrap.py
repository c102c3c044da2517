"""Resampled images, folds and domains, where arithmetic knows the answer."""

from math import isnan

import numpy as np
import pytest

from wbcray.metrics.bootstrap import (
    DomainDifferences,
    across_domains_interval,
    image_noise,
    resampled,
)

COUNTS = np.array([[[60, 20], [5, 15]]])
NO_IMAGES = np.array([])


def test_resampled_tables_keep_the_number_of_images_and_the_empty_places():
    drawn = resampled(np.array([[[60, 20], [0, 20]]]), images=50, replicates=30)
    assert drawn.sum(axis=(1, 2, 3)).tolist() == [50] * 30
    assert not drawn[:, 0, 1, 0].any()


def test_the_noise_of_accuracy_is_binomial():
    assert image_noise(COUNTS, "micro_f1", images=100) == pytest.approx(
        np.sqrt(0.75 * 0.25 / 100), rel=0.12
    )


def test_repeated_judgements_of_the_same_images_do_not_quieten_them():
    once = image_noise(COUNTS, "macro_f1", images=100)
    assert image_noise(10 * COUNTS, "macro_f1", images=100) == once
    assert image_noise(COUNTS, "macro_f1", images=400) == pytest.approx(once / 2, rel=0.15)


def test_without_images_there_is_no_noise_to_know():
    assert isnan(image_noise(0 * COUNTS, "macro_f1", images=0))


def domain(*folds, overlap=0.0, images=NO_IMAGES):
    return DomainDifferences(folds=np.array(folds), overlap=overlap, images=images)


def test_one_domain_cannot_speak_for_others():
    assert isnan(across_domains_interval([domain(0.1, 0.2)]).low)


def test_domains_without_noise_are_drawn_by_themselves():
    # of two domains at 0 and 1 the mean is 0, 0.5, 0.5 or 1: a quarter lies at either end
    found = across_domains_interval([domain(0.0, 0.0), domain(1.0, 1.0)])
    assert found == (0.0, 1.0)


def test_folds_that_overlap_widen_the_interval():
    folds = [0.1, 0.14, 0.12, 0.08, 0.11]
    apart, together = (
        across_domains_interval([domain(*folds, overlap=overlap)] * 4) for overlap in (0.0, 3.0)
    )
    # variance of a mean of folds: s**2 (1/5 + overlap), so sqrt(16) times as wide
    assert together.high - together.low == pytest.approx(4 * (apart.high - apart.low), rel=0.05)
    error = np.std(folds, ddof=1) * np.sqrt(1 / 5) / 2  # of four domains that are alike
    assert apart.high - apart.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_the_choice_of_images_widens_the_interval():
    images = np.random.default_rng(0).normal(0, 0.1, 400)
    found = across_domains_interval([domain(0.1, 0.1, images=images)] * 3)
    assert found.high - found.low == pytest.approx(2 * 1.96 * 0.1 / np.sqrt(3), rel=0.1)


def test_the_same_numbers_give_the_same_interval():
    one = [domain(0.1, 0.2, 0.15), domain(0.0, 0.1, -0.1)]
    assert across_domains_interval(one) == across_domains_interval(one)
