"""Needs that come together: against enumeration, closed forms and the bivariate normal distribution."""

from itertools import combinations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, stats

from communitybudget.cohorts import draw_needs, need_probabilities, solve_need_thresholds


def by_patterns(thresholds, at_least, correlation):
    """Each pattern of needs in turn, its probability an adaptive integral over the common factor."""
    count = len(thresholds)
    patterns = [p for p in product((0, 1), repeat=count) if sum(p) >= at_least]

    def chance(pattern):
        def integrand(z):
            p = stats.norm.cdf((np.sqrt(correlation) * z - np.array(thresholds)) / np.sqrt(1 - correlation))
            return stats.norm.pdf(z) * np.prod(np.where(pattern, p, 1 - p))

        return integrate.quad(integrand, -10, 10, epsabs=1e-13, limit=200)[0]

    chances = np.array([chance(pattern) for pattern in patterns])
    found = np.array(patterns, dtype=float)
    eligible = chances.sum()
    counts = np.bincount(found.sum(axis=1).astype(int), weights=chances, minlength=count + 1) / eligible
    return eligible, chances @ found / eligible, (found.T * chances) @ found / eligible, counts


@pytest.mark.parametrize("at_least", [0, 1, 2, 4])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8])
def test_the_same_as_each_pattern_in_turn(at_least, correlation):
    thresholds = [-0.4, 0.1, 0.7, 1.3]
    eligible, marginal, pairs, counts = by_patterns(thresholds, at_least, correlation)
    found = need_probabilities(thresholds, at_least, correlation)
    assert found.eligible == pytest.approx(eligible, abs=1e-11)
    assert_allclose(found.marginal, marginal, atol=1e-10)
    assert_allclose(found.pairs, pairs, atol=1e-10)
    assert_allclose(found.counts, counts, atol=1e-10)


@pytest.mark.parametrize("correlation", [0.1, 0.5, 0.9, 0.99])
def test_two_needs_are_bivariate_normal(correlation):
    both = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([-0.3, -1.1])
    assert need_probabilities([0.3, 1.1], 0, correlation).pairs[0, 1] == pytest.approx(both, abs=1e-7)


def test_half_and_half_has_a_closed_form():
    # Sheppard (1899): both of two medians with probability 1/4 + arcsin(r) / (2 pi)
    found = need_probabilities([0, 0], 0, 0.4)
    assert found.pairs[0, 1] == pytest.approx(0.25 + np.arcsin(0.4) / (2 * np.pi), abs=1e-15)


def test_independent_needs_are_poisson_binomial():
    p = np.array([0.2, 0.5, 0.9, 0.35, 0.6])
    found = need_probabilities(stats.norm.isf(p), 0, 0.0)
    by_hand = [
        sum(
            np.prod([p[j] if j in chosen else 1 - p[j] for j in range(5)])
            for chosen in combinations(range(5), n)
        )
        for n in range(6)
    ]
    assert_allclose(found.counts, by_hand, atol=1e-14)
    assert_allclose(found.marginal, p, atol=1e-14)


def test_eligibility_makes_independent_needs_compete():
    found = need_probabilities([0.5, 0.5, 0.5], 1, 0.0)
    assert found.pairs[0, 1] < found.marginal[0] * found.marginal[1]


def test_without_a_condition_the_threshold_is_the_normal_quantile():
    prevalence = np.array([0.46, 0.71, 0.29])
    assert_allclose(solve_need_thresholds(prevalence, 0, 0.7), stats.norm.isf(prevalence), atol=1e-14)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
def test_needs_alike_have_one_threshold(correlation):
    # by symmetry one unknown, found by bisection
    def share(threshold):
        return need_probabilities(np.full(5, threshold), 2, correlation).marginal[0]

    low, high = -5.0, 8.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) > 0.55 else (low, middle)
    assert_allclose(solve_need_thresholds([0.55] * 5, 2, correlation), low, atol=1e-9)


def test_a_need_that_all_have_counts_towards_the_fewest():
    thresholds = solve_need_thresholds([1.0, 0.4, 0.7, 0.0], 2, 0.3)
    assert thresholds[0] == -np.inf
    assert thresholds[3] == np.inf
    assert_allclose(thresholds[1:3], solve_need_thresholds([0.4, 0.7], 1, 0.3), atol=1e-12)
    found = need_probabilities(thresholds, 2, 0.3)
    assert_allclose(found.marginal, [1.0, 0.4, 0.7, 0.0], atol=1e-9)


@pytest.mark.parametrize(
    ("prevalence", "at_least", "correlation", "message"),
    [
        ([0.5, 0.6], 2, 0.3, r"sum to 1\.1, .* above the 2"),
        ([0.5, 0.5], 1, 0.0, r"sum to 1, .* above the 1"),
        ([0.5, 1.2], 1, 0.3, "write 46% as 0.46"),
        ([], 0, 0.3, "no needs"),
        ([0.5, 0.5], 3, 0.3, "between 0 and the number of needs, 2"),
        ([0.5, 0.5], -1, 0.3, "at_least is -1"),
        ([0.5, 0.5], 1, 1.0, "between 0 and 0.99"),
        ([0.5, 0.5], 1, -0.1, "between 0 and 0.99"),
        ([0.3] * 7, 2, 0.95, "hardly exist"),
    ],
)
def test_what_cannot_be_is_refused_with_the_figures(prevalence, at_least, correlation, message):
    with pytest.raises(ValueError, match=message):
        solve_need_thresholds(prevalence, at_least, correlation)


def test_a_family_short_of_needs_takes_the_last_ones():
    thresholds = np.zeros(3)
    needs = draw_needs(thresholds, 3, 0.3, np.array([0.1, 0.9]), np.full((2, 3), 0.999))
    assert needs.all()


def test_a_family_depends_on_its_own_numbers_alone():
    rng = np.random.default_rng(2)
    factor, own = rng.random(9000), rng.random((9000, 4))
    thresholds = solve_need_thresholds([0.4, 0.5, 0.6, 0.3], 1, 0.3)
    every = draw_needs(thresholds, 1, 0.3, factor, own)
    chosen = [5, 4095, 4096, 8999]
    assert (draw_needs(thresholds, 1, 0.3, factor[chosen], own[chosen]) == every[chosen]).all()
