"""A mean with unknown spread: the published example, a grid, and in turn."""

import math

import numpy as np
import pytest
from scipy import stats

from communitybudget.learning import NOTHING_KNOWN, MeanAndSpread, learn_mean_and_spread


def amounts_with(mean, sd, count):
    """Amounts of exactly this mean and sample standard deviation."""
    drawn = np.random.default_rng(3).normal(size=count)
    return mean + sd * (drawn - drawn.mean()) / drawn.std(ddof=1)


def test_speed_of_light():
    """Gelman et al., Bayesian Data Analysis, 3rd ed. (2013), section 3.2, p. 66: 66 measurements with mean
    26.2 and sd 10.8 (both rounded there) give the central 95% interval [23.6, 28.8]."""
    known = learn_mean_and_spread(NOTHING_KNOWN, amounts_with(26.2, 10.8, 66))
    assert known.mean_prediction().interval(0.95) == pytest.approx((23.6, 28.8), abs=0.06)


def test_on_a_grid():
    prior, seen = MeanAndSpread(5.0, 2.0, 3.0, 4.0), np.array([4.0, 9.0, 7.5, 12.0])
    known = learn_mean_and_spread(prior, seen)
    mean = np.linspace(-15, 30, 1201)[:, None]
    variance = np.exp(np.linspace(math.log(0.5), math.log(400), 1201))[None, :]
    logs = (
        stats.invgamma.logpdf(variance, 2.0, scale=2.0 * 9.0)
        + np.log(variance)
        + stats.norm.logpdf(mean, 5.0, np.sqrt(variance / 2))
        + sum(stats.norm.logpdf(x, mean, np.sqrt(variance)) for x in seen)
    )
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    centre = (weight * mean).sum()
    assert known.mean == pytest.approx(centre, rel=1e-4)
    assert known.mean_prediction().sd == pytest.approx(
        math.sqrt((weight * (mean - centre) ** 2).sum()), rel=1e-3
    )


def test_in_turn_is_as_together():
    prior, seen = MeanAndSpread(5.0, 2.0, 3.0, 4.0), [4.0, 9.0, 7.5, 12.0, 1.0]
    turns = learn_mean_and_spread(learn_mean_and_spread(prior, seen[:2]), seen[2:])
    together = learn_mean_and_spread(prior, seen[::-1])
    for name in ("mean", "worth", "sd", "sd_worth"):
        assert getattr(turns, name) == pytest.approx(getattr(together, name))


def test_nothing_known_gives_the_interval_of_the_textbooks():
    seen = np.array([2.0, 4.0, 9.0])
    known = learn_mean_and_spread(NOTHING_KNOWN, seen)
    wanted = stats.t(2, seen.mean(), seen.std(ddof=1) / math.sqrt(3)).interval(0.95)
    assert known.mean_prediction().interval(0.95) == pytest.approx(wanted)


def test_the_next_families_against_drawn_ones():
    known = MeanAndSpread(100.0, 18.0, 60.0, 17.0)
    rng = np.random.default_rng(1)
    variance = 17 * 60**2 / rng.chisquare(17, 200_000)
    mean = rng.normal(100, np.sqrt(variance / 18))
    total = 82 * mean + rng.normal(0, np.sqrt(82 * variance))
    found = known.predict(82)
    assert found.sd == pytest.approx(total.std(), rel=0.01)
    assert found.quantile(0.9) == pytest.approx(np.quantile(total, 0.9), rel=0.01)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: MeanAndSpread(1, -1, 1, 1), "not possible"),
        (lambda: NOTHING_KNOWN.predict(3), "too little is known"),
        (lambda: learn_mean_and_spread(NOTHING_KNOWN, []), "one finite amount"),
        (lambda: learn_mean_and_spread(NOTHING_KNOWN, [1.0, math.nan]), "one finite amount"),
        (
            lambda: learn_mean_and_spread(NOTHING_KNOWN, [1.0, 2.0, 3.0]).distribution(),
            "no standard deviation",
        ),
        (lambda: learn_mean_and_spread(NOTHING_KNOWN, [1.0, 2.0]).predict(0), "next families are 0"),
    ],
)
def test_faults(call, words):
    with pytest.raises(ValueError, match=words):
        call()
