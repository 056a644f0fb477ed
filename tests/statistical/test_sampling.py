"""Draws against their distributions, at fixed seeds, within four standard errors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from communitybudget._core.streams import Streams
from communitybudget.parameters import Distribution, fixed, from_interval, from_mean_sd, mixture, truncated
from communitybudget.sampling import (
    Sampled,
    correlated_pairs,
    dirichlet,
    from_normal,
    make_design,
    sample,
    uniform,
)
from communitybudget.sensitivity import monte_carlo_error, replicate_error, replicate_quantile_error

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


@pytest.mark.parametrize("rank", [-0.8, -0.3, 0.0, 0.5, 0.9])
@pytest.mark.parametrize("design", ["random", "latin_hypercube", "sobol"])
def test_ranks_go_together_as_asked_under_every_design(rank, design):
    draws = 20_000
    together = correlated_pairs({("cost", "reach"): rank})
    streams = Streams(2) if design == "random" else make_design(design, ["cost", "reach"], draws, 2).streams()
    rows = [Sampled("cost", from_mean_sd(100, 40)), Sampled("reach", from_mean_sd(0.3, 0.1, "share"))]
    drawn = sample(rows, draws, 2, together.on(streams))
    found = stats.spearmanr(drawn["cost"], drawn["reach"]).statistic
    # no rank correlation has a larger spread than that of independent numbers, 1 / sqrt(n - 1)
    assert_allclose(found, rank, atol=4 / np.sqrt(draws - 1))
    assert_allclose(drawn["reach"].mean(), 0.3, atol=4 * 0.1 / np.sqrt(draws))


def smooth(uniforms):
    """A smooth function of five numbers whose mean is known: each factor has the mean 1."""
    return np.prod([0.7 + 0.3 * np.pi / 2 * np.sin(np.pi * u) for u in uniforms], axis=0)


class TestReplicates:
    names = tuple(f"n{i}" for i in range(5))

    def answers(self, design, draws=1_024, replicates=8, seeds=60):
        for seed in range(seeds):
            uniforms = make_design(design, self.names, draws, seed, replicates).uniforms
            yield smooth(list(uniforms.values()))

    @pytest.mark.parametrize(("design", "gain"), [("latin_hypercube", 3), ("sobol", 10)])
    def test_the_error_is_below_that_of_random_draws(self, design, gain):
        found = [values.mean() - 1 for values in self.answers(design)]
        random = np.std([smooth(np.random.default_rng(s).random((5, 1_024))).mean() for s in range(60)])
        assert np.sqrt(np.mean(np.square(found))) < random / gain

    @pytest.mark.parametrize("design", ["latin_hypercube", "sobol"])
    def test_the_error_by_replicate_is_the_error_there_is(self, design):
        """In t units with 7 degrees of freedom the mean is off by less than the 95% point in 95% of sets."""
        limit = stats.t(7).ppf(0.975)
        sets = [(v.mean() - 1, replicate_error(v, 8), monte_carlo_error(v)) for v in self.answers(design)]
        covered = np.mean([abs(off) < limit * error for off, error, _ in sets])
        assert covered > 0.95 - 4 * np.sqrt(0.95 * 0.05 / len(sets))
        assert np.mean([error for _, error, _ in sets]) < np.mean([naive for _, _, naive in sets]) / 2

    def test_the_error_of_a_quantile_is_the_spread_over_seeds(self):
        found, errors = [], []
        for seed in range(200):
            u = make_design("sobol", ["a"], 1_024, seed, 8).uniforms["a"]
            x = from_normal(Distribution("normal", (0.0, 1.0)), stats.norm.ppf(u))
            found.append(np.mean([np.quantile(part, 0.9) for part in np.split(x, 8)]))
            errors.append(replicate_quantile_error(x, 0.9, 8) ** 2)
        # a variance over 200 seeds is known to 10%
        assert_allclose(np.sqrt(np.mean(errors)), np.std(found), rtol=4 * 0.05)


def test_a_mixture_and_a_cut_have_their_shares():
    effect = mixture([fixed(1.0), from_interval(0.75, 0.56, 1.1, "ci95")], [0.2348, 0.7652])
    cost = truncated(from_mean_sd(100, 60), at_least=50, at_most=200)
    drawn = sample([Sampled("effect", effect), Sampled("cost", cost)], 50_000, 0)
    assert_allclose((drawn["effect"] == 1).mean(), 0.2348, atol=4 * np.sqrt(0.18 / 50_000))
    assert_allclose(drawn["cost"].mean(), cost.mean, atol=4 * cost.sd / np.sqrt(50_000))
    assert stats.kstest(drawn["cost"], cost.cdf).pvalue > 1e-4
