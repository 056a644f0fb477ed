"""Weights of draws: against exact updating, their errors against repetition, and their warnings."""

import math

import numpy as np
import pytest

from communitybudget.learning import (
    binomial_log_likelihood,
    equal_weights,
    learn_mean,
    learn_rate,
    learn_share,
    normal_log_likelihood,
    poisson_log_likelihood,
    reweigh,
)
from communitybudget.learning.conjugate import sd_of
from communitybudget.learning.weights import generalised_pareto
from communitybudget.parameters import from_mean_sd
from communitybudget.sensitivity import monte_carlo_error

DRAWS = 20_000


def gamma_draws(seed, draws=DRAWS):
    return np.random.default_rng(seed).gamma(4.0, 0.1, draws)


class TestAgainstExact:
    def agrees(self, draws, weights, exact):
        assert weights.warnings() == ()
        assert abs(weights.mean(draws) - exact.mean) < 4 * weights.mean_error(draws)
        assert weights.sd(draws) == pytest.approx(sd_of(exact), rel=0.05)

    def test_share(self):
        prior = from_mean_sd(0.3, 0.1, "share")
        draws = np.random.default_rng(1).beta(*prior.numbers, DRAWS)
        exact = learn_share(prior, 2, 18).posterior
        self.agrees(draws, reweigh(binomial_log_likelihood(2, 18, draws)), exact)

    def test_rate_seen_month_by_month(self):
        prior, draws = from_mean_sd(0.4, 0.2), gamma_draws(1)
        monthly = reweigh(poisson_log_likelihood([1, 0, 2, 3], draws[:, None] * [4.0, 4, 5, 5]))
        self.agrees(draws, monthly, learn_rate(prior, 6, 18.0).posterior)

    def test_mean(self):
        prior = from_mean_sd(10, 2, "real")
        draws = np.random.default_rng(1).normal(10, 2, DRAWS)
        weights = reweigh(normal_log_likelihood(108.0, 9 * draws, 4 * math.sqrt(9)))
        self.agrees(draws, weights, learn_mean(prior, 108, 9, 4).posterior)

    def test_in_turn_is_as_together(self):
        draws = gamma_draws(1)
        first, second = poisson_log_likelihood(2, 9 * draws), poisson_log_likelihood(4, 9 * draws)
        assert np.array_equal(reweigh(first + second).values, reweigh(second + first).values)


class TestErrors:
    def test_as_over_many_repetitions(self):
        means, medians, shares, stated = [], [], [], []
        for seed in range(150):
            draws = gamma_draws(seed, 2_000)
            weights = reweigh(poisson_log_likelihood(9, 18 * draws))
            means.append(weights.mean(draws))
            medians.append(weights.quantile(draws, 0.5))
            shares.append(weights.probability(draws > 0.5))
            stated.append(
                (
                    weights.mean_error(draws),
                    weights.quantile_error(draws, 0.5),
                    weights.probability_error(draws > 0.5),
                )
            )
        for found, error in zip((means, medians, shares), np.mean(stated, axis=0), strict=True):
            assert error == pytest.approx(np.std(found, ddof=1), rel=0.2)

    def test_equal_weights_give_the_usual_figures(self):
        draws = gamma_draws(1, 500)
        weights = equal_weights(500)
        assert weights.mean(draws) == pytest.approx(draws.mean())
        for q in (0.1, 0.5, 0.9):
            assert weights.quantile(draws, q) == pytest.approx(np.quantile(draws, q))
        assert weights.mean_error(draws) == pytest.approx(monte_carlo_error(draws), rel=2e-3)
        assert weights.effective == pytest.approx(500)

    def test_certain_events_are_not_certain(self):
        weights = equal_weights(100)
        assert weights.probability_error(np.ones(100)) == pytest.approx(0.03)

    def test_a_quantile_beyond_the_draws_has_no_error(self):
        assert math.isnan(equal_weights(10).quantile_error(np.arange(10.0), 0.01))

    def test_values_by_year(self):
        weights = reweigh(np.log([1.0, 3.0]))
        assert weights.mean([[0, 4], [4, 8]]).tolist() == [3, 7]


class TestTail:
    @pytest.mark.parametrize("shape", [0.2, 0.5, 0.9])
    def test_the_fit_finds_the_shape(self, shape):
        u = np.random.default_rng(2).random(4_000)
        values = np.sort(3.0 / shape * np.expm1(-shape * np.log1p(-u)))
        found, scale = generalised_pareto(values)
        assert found == pytest.approx(shape, abs=0.08)
        assert scale == pytest.approx(3.0, rel=0.1)

    def test_data_beyond_the_prior_are_warned_of(self):
        draws = gamma_draws(1, 2_000)
        weights = reweigh(poisson_log_likelihood(1_200, 500 * draws))
        assert weights.tail_shape > 0.7
        assert any("A few draws carry the answer" in words for words in weights.warnings())
        assert any("are worth only" in words for words in weights.warnings())

    def test_smoothing_helps_where_weights_are_heavy(self):
        """A wide target on narrow draws: the mean of the squares is nearer the truth with smoothing."""
        plain, smoothed = [], []
        for seed in range(200):
            draws = np.random.default_rng(seed).normal(size=1_000)
            logs = 0.5 * draws**2 - 0.5 * (draws / 1.3) ** 2
            weights = reweigh(logs)
            raw = np.exp(logs) / np.exp(logs).sum()
            plain.append((raw * draws**2).sum())
            smoothed.append(weights.mean(draws**2))
        truth = 1.3**2
        assert np.mean((np.array(smoothed) - truth) ** 2) < np.mean((np.array(plain) - truth) ** 2)

    def test_order_of_draws_changes_nothing(self):
        logs = np.round(poisson_log_likelihood(9, 18 * gamma_draws(1, 900)), 1)
        order = np.random.default_rng(5).permutation(900)
        here, there = reweigh(logs), reweigh(logs[order])
        assert there.values == pytest.approx(here.values[order], rel=1e-12)
        assert there.tail_shape == pytest.approx(here.tail_shape)

    def test_few_draws_cannot_tell(self):
        assert math.isnan(reweigh(np.log([1.0, 2.0, 3.0, 4.0, 9.0, 5.0])).tail_shape)


@pytest.mark.parametrize(
    ("logs", "words"),
    [
        ([], "one number per draw"),
        ([math.nan, 0.0], "no likelihood"),
        ([-math.inf, -math.inf], "could have happened in no draw"),
    ],
)
def test_faults(logs, words):
    with pytest.raises(ValueError, match=words):
        reweigh(logs)


def test_draws_must_match():
    with pytest.raises(ValueError, match="2 values and 3 weights"):
        equal_weights(3).mean([1.0, 2.0])


def test_draws_that_nothing_was_learnt_of_need_no_more() -> None:
    assert equal_weights(200).warnings() == ()
