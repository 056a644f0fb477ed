"""Learning over many drawn truths: intervals hold the truth, and the next families, as often as they say."""

import numpy as np
import pytest

from communitybudget.learning import learn_rate, learn_share, poisson_log_likelihood, reweigh
from communitybudget.learning.mixtures import MixedCounts
from communitybudget.parameters import Distribution

TRUTHS = 300


def close(share, level):
    return abs(share - level) < 3 * np.sqrt(level * (1 - level) / TRUTHS)


def test_exact_intervals_hold_the_truth():
    rng, held = np.random.default_rng(1), []
    prior = Distribution("beta", (3.0, 9.0))
    for truth in rng.beta(3, 9, TRUTHS):
        low, high = learn_share(prior, rng.binomial(18, truth), 18).interval(0.8)
        held.append(low <= truth <= high)
    assert close(np.mean(held), 0.8)


def test_exact_predictions_hold_the_next_families():
    rng, held, certain = np.random.default_rng(2), [], []
    prior = Distribution("gamma", (4.0, 0.1))
    for truth in rng.gamma(4, 0.1, TRUTHS):
        coming = learn_rate(prior, rng.poisson(18 * truth), 18.0).predict(82)
        low, high = coming.interval(0.8)
        held.append(low <= rng.poisson(82 * truth) <= high)
        certain.append(coming.probability_at_most(high) - coming.probability_at_most(low - 1))
    assert np.mean(held) == pytest.approx(np.mean(certain), abs=0.05)
    assert np.mean(held) >= 0.78


def test_weighted_draws_hold_the_truth_and_the_next_families():
    rng = np.random.default_rng(3)
    draws, held, coming = rng.gamma(4, 0.1, 2_000), [], []
    for truth in rng.gamma(4, 0.1, TRUTHS):
        weights = reweigh(poisson_log_likelihood(rng.poisson(18 * truth), 18 * draws))
        held.append(weights.quantile(draws, 0.1) <= truth <= weights.quantile(draws, 0.9))
        counts = MixedCounts(82 * draws)
        most = counts.at_most(rng.poisson(82 * truth), weights)
        coming.append(most)
    assert close(np.mean(held), 0.8)
    # the place of each count in its own distribution is close to uniform, a little above for counts
    assert np.mean(coming) == pytest.approx(0.5, abs=0.05)
    assert np.mean(np.array(coming) <= 0.1) < 0.13
    assert np.mean(np.array(coming) >= 0.9) == pytest.approx(0.1, abs=0.05)


def test_a_surprise_is_as_rare_as_it_says():
    rng, prior, small = np.random.default_rng(4), Distribution("gamma", (4.0, 0.1)), []
    for truth in rng.gamma(4, 0.1, TRUTHS):
        small.append(learn_rate(prior, rng.poisson(18 * truth), 18.0).surprise < 0.05)
    assert np.mean(small) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / TRUTHS)
