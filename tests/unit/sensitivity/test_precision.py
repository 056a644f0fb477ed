"""Each error is held against the spread of the figure over many seeds."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget.sensitivity import (
    by_replicate,
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
    replicate_error,
    replicate_probability_error,
    replicate_quantile_error,
    replicate_ratio_error,
)

REPEATS, DRAWS = 2000, 400
# A standard deviation over R seeds is itself known to 1 / sqrt(2 R), here 1.6%; four of these.
SPREAD = 4 / math.sqrt(2 * REPEATS)


@pytest.fixture(scope="module")
def seeds():
    return np.random.default_rng(20260701).exponential(3.0, size=(REPEATS, DRAWS))


def test_error_of_a_mean(seeds):
    errors = [float(monte_carlo_error(draws)) for draws in seeds]
    assert_allclose(np.mean(errors), seeds.mean(axis=1).std(), rtol=SPREAD)


def test_error_of_a_mean_keeps_the_other_axes():
    values = np.random.default_rng(1).normal(size=(50, 2, 3))
    assert monte_carlo_error(values).shape == (2, 3)
    assert_allclose(monte_carlo_error(values)[1, 2], values[:, 1, 2].std(ddof=1) / math.sqrt(50))


@pytest.mark.parametrize("q", [0.1, 0.5, 0.8, 0.9])
def test_error_of_a_quantile(seeds, q):
    errors = [quantile_error(draws, q) for draws in seeds[:500]]
    # Order statistics add a little bias of their own at 400 draws.
    assert_allclose(np.mean(errors), np.quantile(seeds, q, axis=1).std(), rtol=SPREAD + 0.04)


def test_error_of_a_quantile_in_closed_form():
    # Evenly spaced values: the distance between ranks is the distance in value.
    assert_allclose(quantile_error(np.arange(1001), 0.2), math.sqrt(1001 * 0.2 * 0.8), rtol=1e-12)


def test_a_quantile_inside_a_point_mass_is_exact():
    assert quantile_error(np.repeat([0.0, 5.0], [900, 100]), 0.5) == 0


def test_too_few_draws_for_a_quantile_is_nan():
    assert math.isnan(quantile_error(np.arange(50), 0.99))
    assert quantile_error([1, 2, 4], 0.5) > 0


def test_error_of_a_probability(seeds):
    hits = (seeds > 4).sum(axis=1)
    assert_allclose(np.mean(probability_error(hits, DRAWS)), (hits / DRAWS).std(), rtol=SPREAD)


def test_never_and_always_are_not_certain():
    assert probability_error(0, 1000) == probability_error(1000, 1000) == 0.003
    assert probability_error(0, 2) == 1
    # Three in n: with that probability, no hit in n draws happens about one time in twenty.
    assert_allclose((1 - 0.003) ** 1000, 0.05, rtol=0.01)


def test_error_of_a_ratio(seeds):
    other = np.random.default_rng(5).normal(10, 2, size=seeds.shape)
    above = seeds + other
    errors = [ratio_error(a, b) for a, b in zip(above, other, strict=True)]
    assert_allclose(np.mean(errors), (above.mean(axis=1) / other.mean(axis=1)).std(), rtol=SPREAD)


def test_a_fixed_ratio_has_no_error():
    below = np.array([1.0, 2, 4])
    assert_allclose(ratio_error(2 * below, below), 0, atol=1e-15)
    assert math.isnan(ratio_error([1, 2], [1, -1]))


@pytest.mark.parametrize(
    "call",
    [
        lambda: monte_carlo_error([1]),
        lambda: monte_carlo_error([1, np.inf]),
        lambda: monte_carlo_error(["a", "b"]),
        lambda: quantile_error([[1, 2], [3, 4]], 0.5),
        lambda: quantile_error([1, 2], 0),
        lambda: quantile_error([1, 2], 50),
        lambda: probability_error(3, 2),
        lambda: probability_error(-1, 2),
        lambda: probability_error(math.nan, 2),
        lambda: probability_error(0, 0),
        lambda: ratio_error([1, 2], [1, 2, 3]),
        lambda: ratio_error([[1, 2]], [[1, 2]]),
    ],
)
def test_unusable_arguments_are_refused(call):
    with pytest.raises(ValueError, match=r"give|finite|number|between"):
        call()


class TestByReplicate:
    """Independent parts, one after the other; written out part by part."""

    values = np.random.default_rng(4).exponential(3.0, size=1_003)

    def spread(self, figures):
        return np.std(figures, ddof=1) / math.sqrt(len(figures))

    def test_each_error_is_the_spread_of_the_parts(self):
        parts = np.array_split(self.values, 8)
        assert_allclose(replicate_error(self.values, 8), self.spread([p.mean() for p in parts]))
        assert_allclose(
            replicate_quantile_error(self.values, 0.9, 8), self.spread([np.quantile(p, 0.9) for p in parts])
        )
        hits = self.values > 3
        assert_allclose(replicate_probability_error(hits, 8), self.spread([(p > 3).mean() for p in parts]))
        assert_allclose(by_replicate(self.values, 8, np.median), self.spread([np.median(p) for p in parts]))

    def test_a_ratio_is_that_of_what_is_left_over(self):
        above, below = self.values, 2 + self.values[::-1]
        left = above - above.mean() / below.mean() * below
        expected = replicate_error(left, 8) / below.mean()
        assert_allclose(replicate_ratio_error(above, below, 8), expected)
        assert np.isnan(replicate_ratio_error([1, 2], [-1, 1], 2))

    def test_draws_that_are_independent_have_the_usual_error(self, seeds):
        errors = [float(replicate_error(draws, 8)) ** 2 for draws in seeds]
        assert_allclose(np.sqrt(np.mean(errors)), seeds.mean(axis=1).std(), rtol=2 * SPREAD)

    def test_certainty_has_the_rule_of_three(self):
        assert replicate_probability_error([True] * 100, 4) == probability_error(100, 100) == 0.03

    def test_the_other_axes_stay(self):
        assert replicate_error(np.ones((8, 2, 3)), 4).shape == (2, 3)

    @pytest.mark.parametrize(
        ("replicates", "words"), [(1, "from 2 independent parts on"), (9, "not 9 parts")]
    )
    def test_what_are_no_parts(self, replicates, words):
        with pytest.raises(ValueError, match=words):
            replicate_error(np.ones(8), replicates)
        with pytest.raises(ValueError, match="between 0 and 1"):
            replicate_quantile_error(np.ones(8), 90, 2)
