"""Exact updating: published figures, grids, and what the order of data must not change."""

import math

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import Update, learn_mean, learn_rate, learn_share
from communitybudget.learning.conjugate import interval_of, sd_of
from communitybudget.parameters import Distribution, from_events, from_mean_sd


def on_a_grid(log_density, grid):
    """Mean and sd of a posterior by brute force on a fine grid."""
    logs = log_density(grid)
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    mean = (weight * grid).sum()
    return mean, math.sqrt((weight * (grid - mean) ** 2).sum())


class TestPublished:
    def test_placenta_praevia(self):
        """Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 2.4, pp. 37-38."""
        seen = learn_share(Distribution("uniform", (0.0, 1.0)), 437, 980)
        assert seen.posterior == Distribution("beta", (438.0, 544.0))
        assert round(seen.posterior.mean, 3) == 0.446
        assert round(sd_of(seen.posterior), 3) == 0.016
        assert tuple(round(x, 3) for x in seen.interval()) == (0.415, 0.477)

    def test_asthma(self):
        """Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 2.6, pp. 45-46."""
        prior = Distribution("gamma", (3.0, 1 / 5))
        one_year = learn_rate(prior, 3, 2.0)
        assert one_year.posterior.numbers == pytest.approx((6, 1 / 7))
        assert round(one_year.posterior.mean, 2) == 0.86
        assert round(stats.gamma(6, scale=1 / 7).sf(1.0), 2) == 0.30
        ten_years = learn_rate(prior, 30, 20.0)
        assert round(ten_years.posterior.mean, 2) == 1.32
        shape, scale = ten_years.posterior.numbers
        assert round(stats.gamma(shape, scale=scale).sf(1.0), 2) == 0.93


class TestGrid:
    def test_share(self):
        seen = learn_share(from_mean_sd(0.3, 0.1, "share"), 2, 18)
        a, b = seen.prior.numbers
        grid = np.linspace(1e-6, 1 - 1e-6, 200_001)
        mean, sd = on_a_grid(lambda p: stats.beta.logpdf(p, a, b) + stats.binom.logpmf(2, 18, p), grid)
        assert seen.posterior.mean == pytest.approx(mean, rel=1e-6)
        assert sd_of(seen.posterior) == pytest.approx(sd, rel=1e-6)

    def test_rate(self):
        seen = learn_rate(from_mean_sd(0.4, 0.2), 9, 18.5)
        shape, scale = seen.prior.numbers
        grid = np.linspace(1e-6, 4, 200_001)
        mean, sd = on_a_grid(
            lambda r: stats.gamma.logpdf(r, shape, scale=scale) + stats.poisson.logpmf(9, 18.5 * r), grid
        )
        assert seen.posterior.mean == pytest.approx(mean, rel=1e-6)
        assert sd_of(seen.posterior) == pytest.approx(sd, rel=1e-6)

    def test_mean(self):
        seen = learn_mean(from_mean_sd(30_000, 10_000, "real"), 1_000_000, 18, 60_000)
        grid = np.linspace(-60_000, 120_000, 200_001)
        mean, sd = on_a_grid(
            lambda m: (
                stats.norm.logpdf(m, 30_000, 10_000)
                + stats.norm.logpdf(1_000_000 / 18, m, 60_000 / math.sqrt(18))
            ),
            grid,
        )
        assert seen.posterior.mean == pytest.approx(mean, rel=1e-6)
        assert sd_of(seen.posterior) == pytest.approx(sd, rel=1e-6)


class TestPrediction:
    """Drawn families against the closed form of what to expect of the next ones."""

    @pytest.mark.parametrize(
        ("seen", "families", "draw"),
        [
            (
                learn_share(from_events(3, 20), 2, 18),
                82,
                lambda rng, n, m: rng.binomial(m, rng.beta(*n, 200_000)),
            ),
            (
                learn_rate(from_mean_sd(0.4, 0.2), 9, 18),
                40.5,
                lambda rng, n, m: rng.poisson(m * rng.gamma(n[0], n[1], 200_000)),
            ),
            (
                learn_mean(from_mean_sd(30_000, 10_000, "real"), 1e6, 18, 60_000),
                82,
                lambda rng, n, m: (
                    m * rng.normal(*n, 200_000) + math.sqrt(m) * 60_000 * rng.normal(size=200_000)
                ),
            ),
        ],
        ids=["share", "rate", "mean"],
    )
    def test_against_drawn_families(self, seen, families, draw):
        drawn = draw(np.random.default_rng(1), seen.posterior.numbers, families)
        found = seen.predict(families)
        error = drawn.std() / math.sqrt(drawn.size)
        assert found.mean == pytest.approx(drawn.mean(), abs=4 * error)
        assert found.sd == pytest.approx(drawn.std(), rel=0.01)
        for q in (0.1, 0.5, 0.9):
            cut = found.quantile(q)
            assert found.probability_at_most(cut) == pytest.approx((drawn <= cut).mean(), abs=0.005)


class TestOrder:
    def test_in_turn_is_as_together(self):
        prior = from_mean_sd(0.3, 0.1, "share")
        turns = learn_share(learn_share(prior, 2, 18).posterior, 5, 20)
        assert turns.posterior.numbers == pytest.approx(learn_share(prior, 7, 38).posterior.numbers)
        rate = from_mean_sd(0.4, 0.2)
        turns = learn_rate(learn_rate(rate, 2, 9.0).posterior, 5, 20.0)
        assert turns.posterior.numbers == pytest.approx(learn_rate(rate, 7, 29.0).posterior.numbers)
        mean = from_mean_sd(10, 2, "real")
        turns = learn_mean(learn_mean(mean, 40, 4, 3).posterior, 99, 9, 3)
        assert turns.posterior.numbers == pytest.approx(learn_mean(mean, 139, 13, 3).posterior.numbers)


class TestFaults:
    @pytest.mark.parametrize(
        ("call", "words"),
        [
            (
                lambda: learn_share(from_mean_sd(1, 2), 1, 2),
                "the prior is gamma; exact updating needs a beta",
            ),
            (lambda: learn_share(from_events(1, 2), 3, 2), "3 events of 2 families is not possible"),
            (lambda: learn_share(from_events(1, 2), 1.5, 2), "events is 1.5; give a whole number"),
            (lambda: learn_share(from_events(1, 2), 1, 2).predict(0), "the next families are 0"),
            (lambda: learn_share(from_events(1, 2), 1, 2).predict(1.5), "families is 1.5"),
            (lambda: learn_rate(from_mean_sd(1, 1), 1, 0), "the exposure is 0"),
            (lambda: learn_rate(from_mean_sd(1, 1), -1, 2), "events is -1"),
            (lambda: learn_mean(from_mean_sd(1, 1, "real"), 1, 0, 1), "over 0 families"),
            (lambda: learn_mean(from_mean_sd(1, 1, "real"), 1, 2, 0), "family_sd is 0"),
        ],
    )
    def test_each_says_what_to_do(self, call, words):
        with pytest.raises(ValueError, match=words):
            call()


class TestResult:
    seen = learn_share(from_mean_sd(0.3, 0.1, "share"), 2, 18, "families with a child in care")

    def test_there_and_back(self):
        assert Update.from_json(self.seen.to_json()) == self.seen

    def test_it_shows_itself(self):
        frame = self.seen.to_frame()
        assert frame["state"].tolist() == ["prior", "seen", "updated"]
        assert frame["mean"].tolist() == pytest.approx([0.3, 2 / 18, self.seen.posterior.mean])
        assert "families with a child in care" in self.seen.summary()
        assert "agrees with what was assumed" in self.seen._repr_html_()
        assert repr(self.seen) == "Update(0.3 -> 0.2105, families=18)"

    def test_intervals(self):
        assert interval_of(Distribution("uniform", (0.0, 1.0)), 0.9) == pytest.approx((0.05, 0.95))
