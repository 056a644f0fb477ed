"""Figures over draws: against closed forms of the mixtures."""

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import equal_weights
from communitybudget.learning.mixtures import MixedAmounts, MixedCounts

ONE = equal_weights(1)


def test_gamma_rates_make_counts_negative_binomial():
    rates = stats.gamma(4, scale=0.5).ppf((np.arange(20_000) + 0.5) / 20_000)
    counts, even = MixedCounts(rates), equal_weights(rates.size)
    exact = stats.nbinom(4, 1 / 1.5)
    for q in (0.05, 0.5, 0.95):
        assert counts.quantile(q, even) == exact.ppf(q)
    chances = exact.pmf(np.arange(100))
    assert counts.surprise(6) == pytest.approx(chances[chances <= chances[6]].sum(), abs=1e-4)


def test_one_draw_is_its_own_distribution():
    assert MixedCounts(np.array([3.0])).at_most(2, ONE) == pytest.approx(stats.poisson.cdf(2, 3))
    assert MixedCounts(np.array([3.0]), 9).at_most(2, ONE) == pytest.approx(stats.binom.cdf(2, 9, 1 / 3))
    extra = MixedCounts(np.array([3.0]), extra_cv=0.5)
    assert extra.at_most(2, ONE) == pytest.approx(stats.nbinom.cdf(2, 4, 4 / 7))
    assert MixedCounts(np.array([3.0])).at_most(-1, ONE) == 0
    assert MixedCounts(np.array([0.0]), 0).at_most(0, ONE) == 1


def test_normal_rates_make_amounts_normal():
    means = stats.norm(10, 3).ppf((np.arange(20_000) + 0.5) / 20_000)
    amounts, even = MixedAmounts(means, 4.0), equal_weights(means.size)
    assert amounts.quantile(0.9, even) == pytest.approx(stats.norm(10, 5).ppf(0.9), rel=1e-3)
    assert amounts.surprise(20.0) == pytest.approx(2 * stats.norm(10, 5).sf(20), rel=1e-2)


def test_known_amounts_are_the_draws():
    amounts, even = MixedAmounts(np.array([1.0, 2.0, 3.0])), equal_weights(3)
    assert amounts.quantile(0.5, even) == 2
    assert amounts.at_most(2.0, even) == pytest.approx(2 / 3)


def test_a_count_far_beyond_all_that_is_likely_is_told_at_once():
    assert MixedCounts(np.array([3.0, 4.0])).surprise(10**30) < 1e-12
