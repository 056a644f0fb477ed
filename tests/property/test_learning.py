"""Laws of learning: between prior and data, narrower on average, weights that sum to one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from communitybudget.learning import (
    early_warning,
    learn_mean,
    learn_rate,
    learn_row,
    learn_share,
    poisson_log_likelihood,
    reweigh,
    robust,
)
from communitybudget.learning.conjugate import sd_of
from communitybudget.parameters import Distribution

numbers = st.floats(0.2, 50)
families = st.integers(1, 60)


@st.composite
def updates(draw):
    """Updates of each kind."""
    a, b, seen = draw(numbers), draw(numbers), draw(families)
    match draw(st.sampled_from(["share", "rate", "mean"])):
        case "share":
            return learn_share(Distribution("beta", (a, b)), draw(st.integers(0, seen)), seen)
        case "rate":
            return learn_rate(Distribution("gamma", (a, 1 / b)), draw(st.integers(0, 200)), float(seen))
        case _:
            total = draw(st.floats(-1e4, 1e4))
            return learn_mean(Distribution("normal", (a, b)), total, seen, draw(numbers))


@given(update=updates())
@settings(deadline=None, max_examples=60)
def test_the_posterior_lies_between_prior_and_data(update):
    low, high = sorted((update.prior.mean, update.total / update.families))
    slack = 1e-9 * (1 + abs(low) + abs(high))
    assert low - slack <= update.posterior.mean <= high + slack


@given(update=updates(), coming=families)
@settings(deadline=None, max_examples=40)
def test_a_prediction_is_proportional_and_no_surprise_is_impossible(update, coming):
    assert update.predict(coming).mean == pytest.approx(coming * update.posterior.mean, rel=1e-6, abs=1e-9)
    assert 0 <= update.surprise <= 1


@given(a=numbers, b=numbers, seen=st.integers(1, 25))
@settings(deadline=None, max_examples=40)
def test_what_is_seen_narrows_on_average(a, b, seen):
    prior = Distribution("beta", (a, b))
    found = [learn_share(prior, events, seen) for events in range(seen + 1)]
    chances = [found[0].predict_before(seen).density(events) for events in range(seen + 1)]
    assert sum(chances) == pytest.approx(1)
    spread = sum(p * sd_of(u.posterior) ** 2 for p, u in zip(chances, found, strict=True))
    assert spread <= sd_of(prior) ** 2 * (1 + 1e-9)
    mean = sum(p * u.posterior.mean for p, u in zip(chances, found, strict=True))
    assert mean == pytest.approx(prior.mean)


@given(update=updates(), weight=st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=40)
def test_a_robust_update_lies_between_its_parts(update, weight):
    wide = {"beta": (1.0, 1.0), "gamma": (1.0, 5.0), "normal": (0.0, 1e3)}[update.posterior.kind]
    found = robust(update, Distribution(update.posterior.kind, wide), weight)
    low, high = sorted(u.posterior.mean for u in (found.informed, found.vague))
    assert 0 <= found.vague_weight <= 1
    assert low - 1e-9 * (1 + abs(low)) <= found.mean <= high + 1e-9 * (1 + abs(high))


@given(logs=arrays(float, st.integers(30, 400), elements=st.floats(-60, 60)), shift=st.floats(-500, 500))
@settings(deadline=None, max_examples=80)
def test_weights_sum_to_one_and_know_no_scale(logs, shift):
    weights = reweigh(logs)
    assert weights.values.sum() == pytest.approx(1)
    assert (weights.values >= 0).all()
    assert 1 - 1e-9 <= weights.effective <= logs.size * (1 + 1e-9)
    assert reweigh(logs + shift).values == pytest.approx(weights.values, abs=1e-9)


@given(logs=arrays(float, 60, elements=st.floats(-20, 20)), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=60)
def test_quantiles_of_weighted_draws_ascend_and_stay_among_the_draws(logs, seed):
    draws = np.random.default_rng(seed).normal(size=60)
    weights = reweigh(logs)
    cuts = [weights.quantile(draws, q) for q in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert cuts == sorted(cuts)
    assert draws.min() <= cuts[0]
    assert cuts[-1] <= draws.max()


@given(counts=st.lists(st.integers(0, 30), min_size=1, max_size=5), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_the_order_of_counts_changes_nothing(counts, seed):
    rates = np.random.default_rng(seed).gamma(4, 2, 200)
    cells = np.outer(rates, np.ones(len(counts)))
    forwards = poisson_log_likelihood(counts, cells)
    assert poisson_log_likelihood(counts[::-1], cells) == pytest.approx(forwards)


@given(
    prior=st.lists(st.floats(0.5, 9), min_size=3, max_size=3),
    counts=st.lists(st.integers(0, 50), min_size=3, max_size=3),
)
@settings(deadline=None, max_examples=40)
def test_a_row_sums_to_one(prior, counts):
    assert sum(learn_row(prior, counts).mean) == pytest.approx(1)


@given(seen=st.lists(st.integers(0, 4), max_size=3), limit=st.integers(0, 20))
@settings(deadline=None, max_examples=30)
def test_a_line_is_met_or_missed(seen, limit):
    expected = np.outer([0.5, 1.0, 2.0], np.ones(4))
    met = early_warning(expected, seen, limit)
    missed = early_warning(expected, seen, limit + 1, met="at_least")
    assert met.probability_on_track + missed.probability_on_track == pytest.approx(1)
    assert 0 <= met.probability_on_track <= 1
