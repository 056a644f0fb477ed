"""Draws against their distributions, at fixed seeds, within four standard errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from communitybudget.parameters import Distribution, from_interval, from_mean_sd
from communitybudget.sampling import Sampled, dirichlet, sample, uniform

DRAWS = 200_000

CASES = {
    "normal": (Distribution("normal", (3.0, 2.0)), stats.norm(3, 2)),
    "lognormal": (Distribution("lognormal", (2.0, 0.5)), stats.lognorm(0.5, scale=2)),
    "gamma": (from_mean_sd(100, 20), stats.gamma(25, scale=4)),
    "gamma, shape below 1": (Distribution("gamma", (0.5, 2.0)), stats.gamma(0.5, scale=2)),
    "beta": (Distribution("beta", (3.0, 8.0)), stats.beta(3, 8)),
    "pert": (from_interval(0.8, 0.7, 0.95, "range"), stats.beta(2.6, 3.4, loc=0.7, scale=0.25)),
    "triangular": (Distribution("triangular", (2.0, 3.0, 7.0)), stats.triang(0.2, loc=2, scale=5)),
    "uniform": (Distribution("uniform", (2.0, 5.0)), stats.uniform(2, 3)),
}


@pytest.fixture(scope="module")
def drawn():
    return sample([Sampled(name, distribution) for name, (distribution, _) in CASES.items()], DRAWS, 0)


@pytest.mark.parametrize("name", CASES)
def test_moments(drawn, name):
    exact, column = CASES[name][1], drawn[name]
    variance, kurtosis = exact.var(), float(exact.stats(moments="k"))
    assert_allclose(column.mean(), exact.mean(), atol=4 * np.sqrt(variance / DRAWS))
    assert_allclose(column.var(), variance, atol=4 * variance * np.sqrt((kurtosis + 2) / DRAWS))


@pytest.mark.parametrize("name", CASES)
def test_the_whole_distribution(drawn, name):
    assert stats.kstest(drawn[name], CASES[name][1].cdf).pvalue > 1e-4


def test_the_stated_interval_holds_as_often_as_it_says():
    rate = sample([Sampled("rate", from_interval(0.1, 0.05, 0.3, "ci95"))], DRAWS, 0)["rate"]
    within = 4 * np.sqrt(0.025 * 0.975 / DRAWS)
    assert_allclose([(rate < 0.05).mean(), (rate > 0.3).mean()], 0.025, atol=within)
    assert_allclose((rate < 0.1).mean(), 0.5, atol=4 * np.sqrt(0.25 / DRAWS))


def test_parameters_are_independent_of_each_other():
    names = [f"unit_cost.SS{i}.0" for i in range(40)]
    columns = sample([Sampled(name, Distribution("normal", (0.0, 1.0))) for name in names], 20_000, 0).columns
    correlations = np.corrcoef(list(columns.values()))[np.triu_indices(40, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(20_000)
    assert_allclose((correlations**2).mean() * 20_000, 1, atol=4 * np.sqrt(2 / correlations.size))


def test_seeds_are_independent_of_each_other():
    rows = [
        sample([Sampled("a", Distribution("normal", (0.0, 1.0)))], 20_000, seed)["a"] for seed in range(20)
    ]
    correlations = np.corrcoef(rows)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(20_000)


def test_a_chance_comes_true_as_often_as_it_says():
    assert_allclose((uniform("no effect", DRAWS, 0) < 0.2348).mean(), 0.2348, atol=4 * np.sqrt(0.18 / DRAWS))


def test_dirichlet_means_and_variances():
    shares, size = np.array([0.24, 0.5, 0.01, 0.25]), 60.0
    drawn = dirichlet(list("abcd"), list(shares), size, DRAWS, 0)
    columns = np.array(list(drawn.values()))
    exact = stats.dirichlet(size * shares)
    variance = shares * (1 - shares) / (size + 1)
    assert_allclose(columns.mean(axis=1), shares, atol=4 * np.sqrt(variance.max() / DRAWS))
    assert_allclose(np.cov(columns), exact.cov(), atol=4 * 2 * variance.max() / np.sqrt(DRAWS))


def test_a_small_share_has_the_spread_it_should():
    # One per cent of sixty people: mean and variance of a beta with 0.6 and 59.4.
    column = dirichlet(list("ab"), [0.01, 0.99], 60, DRAWS, 0)["a"]
    exact = stats.beta(0.6, 59.4)
    kurtosis = float(exact.stats(moments="k"))
    assert_allclose(column.mean(), exact.mean(), atol=4 * exact.std() / np.sqrt(DRAWS))
    assert_allclose(column.var(), exact.var(), atol=4 * exact.var() * np.sqrt((kurtosis + 2) / DRAWS))
