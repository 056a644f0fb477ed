import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy import stats

from communitybudget.appraisal import plan_odds, prudent_saving, worst_tail_error, worst_tail_mean

savings = arrays(float, st.integers(2, 60), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


def test_eight_of_ten_draws_reach_the_prudent_saving():
    draws = np.random.default_rng(0).normal(100, 30, 100_000)
    prudent = float(prudent_saving(draws))
    assert (draws >= prudent).mean() == pytest.approx(0.8, abs=1e-4)
    assert prudent == pytest.approx(100 + 30 * stats.norm.ppf(0.2), abs=0.5)


def test_the_worst_tenth_of_normal_draws_has_the_mean_of_its_closed_form():
    """Mean of a normal below its tenth percentile: -pdf(z) / 0.1."""
    draws = np.random.default_rng(1).normal(size=200_000)
    expected = -stats.norm.pdf(stats.norm.ppf(0.1)) / 0.1
    assert float(worst_tail_mean(draws)) == pytest.approx(expected, abs=4 * worst_tail_error(draws))


def test_its_error_is_that_of_repeated_samples():
    rng = np.random.default_rng(2)
    samples = rng.normal(size=(600, 2_000))
    spread = worst_tail_mean(samples).std(ddof=1)
    assert worst_tail_error(samples[0]) == pytest.approx(spread, rel=0.2)


@given(values=savings, tail=st.floats(0.01, 1))
def test_the_worst_tail_lies_between_the_least_and_the_mean(values, tail):
    found = float(worst_tail_mean(values, tail))
    slack = 1e-9 * (1 + np.abs(values).max())
    assert values.min() - slack <= found <= values.mean() + slack
    assert worst_tail_mean(values, 1.0) == pytest.approx(values.mean(), abs=slack)


@given(values=savings, plan=st.floats(-1e6, 1e6))
def test_odds_of_a_plan_one_draw_at_a_time(values, plan):
    found = plan_odds(values, plan)
    missing = [plan - v for v in values if v < plan]
    assert found.probability_missed == pytest.approx(len(missing) / len(values))
    assert_allclose(found.expected_shortfall, sum(missing) / len(values), rtol=1e-9, atol=1e-6)
    if missing:
        assert found.shortfall_when_missed >= found.expected_shortfall - 1e-6
    else:
        assert np.isnan(found.shortfall_when_missed)


def test_a_tail_is_a_share():
    with pytest.raises(ValueError, match=r"write 10% as 0\.1"):
        worst_tail_mean([1.0, 2.0], 10)
