"""A vague prior beside the informed one: weights by hand, and what strong conflict does."""

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import conflict_words, learn_mean, learn_rate, learn_share, robust
from communitybudget.parameters import Distribution, from_events, from_mean_sd

VAGUE = Distribution("uniform", (0.0, 1.0))


def test_weight_by_hand():
    prior = Distribution("beta", (4.0, 16.0))
    found = robust(learn_share(prior, 5, 18), VAGUE, 0.3)
    informed = 0.7 * stats.betabinom.pmf(5, 18, 4, 16)
    vague = 0.3 / 19  # all counts alike
    assert found.vague_weight == pytest.approx(vague / (informed + vague))


@pytest.mark.parametrize(
    ("seen", "vague", "likelihood", "grid"),
    [
        (
            learn_share(from_mean_sd(0.2, 0.05, "share"), 9, 18),
            from_events(1, 2),
            lambda p: stats.binom.pmf(9, 18, p),
            np.linspace(1e-6, 1 - 1e-6, 100_001),
        ),
        (
            learn_rate(from_mean_sd(0.2, 0.05), 12, 18.0),
            from_mean_sd(0.5, 0.5),
            lambda r: stats.poisson.pmf(12, 18 * r),
            np.linspace(1e-6, 6, 100_001),
        ),
        (
            learn_mean(from_mean_sd(10, 2, "real"), 18 * 20, 18, 15),
            from_mean_sd(10, 20, "real"),
            lambda m: stats.norm.pdf(20, m, 15 / np.sqrt(18)),
            np.linspace(-100, 120, 100_001),
        ),
    ],
    ids=["share", "rate", "mean"],
)
def test_mean_and_sd_on_a_grid(seen, vague, likelihood, grid):
    forms = {
        "beta": lambda n: stats.beta(*n),
        "gamma": lambda n: stats.gamma(n[0], scale=n[1]),
        "normal": lambda n: stats.norm(*n),
    }
    prior = 0.8 * forms[seen.prior.kind](seen.prior.numbers).pdf(grid)
    prior += 0.2 * forms[vague.kind](vague.numbers).pdf(grid)
    weight = prior * likelihood(grid)
    weight /= weight.sum()
    mean = (weight * grid).sum()
    found = robust(seen, vague, 0.2)
    assert found.mean == pytest.approx(mean, rel=1e-4)
    assert found.sd == pytest.approx(np.sqrt((weight * (grid - mean) ** 2).sum()), rel=1e-3)
    assert found.distribution().mean == pytest.approx(mean, rel=1e-4)


def test_conflict_gives_the_data_the_word():
    seen = learn_share(from_events(2, 100), 9, 18)
    assert "surprising" in seen.sentence()
    found = robust(seen, VAGUE)
    assert found.vague_weight > 0.99
    assert found.mean > 0.4 > seen.posterior.mean
    assert found.sentence() == "The data moved the weight of the vague prior from 20% to 100%."
    assert found.probability_at_most(82, 82) == pytest.approx(1.0)


def test_agreement_keeps_the_prior():
    found = robust(learn_share(from_events(20, 100), 4, 18), VAGUE)
    assert found.vague_weight < 0.1


def test_words():
    assert "1 in 30 under what was assumed. Check the count" in conflict_words(1 / 30)
    assert "mixture" in conflict_words(1 / 300)
    assert "less than 1 in a million" in conflict_words(1e-12)
    assert conflict_words(0.01, looks=10) == conflict_words(0.9)
    assert "the most surprising of 10 figures" in conflict_words(0.0001, looks=10)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_the_weight_is_between(weight):
    with pytest.raises(ValueError, match="between 0 and 1"):
        robust(learn_share(from_events(1, 2), 1, 2), VAGUE, weight)
