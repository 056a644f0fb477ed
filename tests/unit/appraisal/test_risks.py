import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from communitybudget.appraisal import expected_risk, risk_events

DRAWS = 40_000


@given(
    probability=st.floats(0, 1),
    impact=st.floats(-1e6, 1e6),
    first=st.integers(0, 3),
    span=st.integers(1, 3),
)
def test_expected_value_is_probability_times_impact_over_its_years(probability, impact, first, span):
    cost = expected_risk(probability, impact, 6, first, first + span - 1)
    assert_allclose(cost.sum(), probability * impact, rtol=1e-12, atol=1e-9)
    assert (cost[:first] == 0).all()
    assert (cost[first + span :] == 0).all()


def test_events_tend_to_the_expected_value_and_happen_once():
    rng = np.random.default_rng(0)
    found = risk_events(0.3, 1000.0, 5, 1, 3, rng.random(DRAWS), rng.random(DRAWS))
    assert (np.count_nonzero(found.cost, axis=0) == found.happens).all()
    error = 1000 * np.sqrt(0.1 * 0.9 / DRAWS)
    assert_allclose(found.cost.mean(axis=1), expected_risk(0.3, 1000.0, 5, 1, 3)[:, 0], atol=4 * error)


@pytest.mark.parametrize(("probability", "times"), [(0.0, 0), (1.0, 100)])
def test_the_sure_and_the_impossible(probability, times):
    numbers = np.linspace(0, 0.999, 100)
    assert risk_events(probability, 1.0, 2, 0, 1, numbers, numbers).happens.sum() == times


def test_all_faults_at_once():
    with pytest.raises(ValueError, match=r"write 20% as 0\.2") as raised:
        expected_risk(20, 1.0, 3, 2, 1)
    assert "years 2 to 1 do not lie in order within the horizon of 3" in str(raised.value)
