import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import (
    rate_for_incidence,
    rate_for_prevalence,
    rate_to_probability,
    solve_rate,
    transition_of,
)

# Troubled Families national evaluation 2015-20 (MHCLG 2019), comparison group: 2.5% of children looked after
# at 19 to 24 months after joining, 4.6% of juveniles convicted within 24 months.
LOOKED_AFTER, CONVICTED = 0.025, 0.046


class TestThreeThingsThatAreNotOne:
    def test_prevalence_is_no_incidence_and_neither_is_a_hazard(self):
        # of those looked after, 3% a month return home
        entering = float(rate_for_prevalence(LOOKED_AFTER, 21, leaving_rate=0.03))
        ever = float(rate_to_probability(entering, 21))
        assert round(entering, 5) == 0.00163
        assert round(ever, 4) == 0.0336  # ever looked after within 21 months, of whom 2.5% still are
        assert float(rate_for_incidence(LOOKED_AFTER, 21)) == pytest.approx(0.001206, abs=1e-6)

    def test_convictions_within_two_years(self):
        hazard = float(rate_for_incidence(CONVICTED, 24))
        assert hazard == pytest.approx(-np.log(1 - 0.046) / 24, rel=1e-14)
        there = 1.0
        for _ in range(24):
            there *= np.exp(-hazard)
        assert 1 - there == pytest.approx(CONVICTED, rel=1e-13)

    def test_if_nobody_leaves_prevalence_is_incidence(self):
        assert_allclose(
            rate_for_prevalence([0.025, 0.5], 21, 0.0), rate_for_incidence([0.025, 0.5], 21), rtol=1e-11
        )


class TestPrevalence:
    @settings(max_examples=25)
    @given(st.floats(1e-4, 0.95), st.floats(0.5, 60), st.floats(0, 0.5), st.floats(0, 1))
    def test_the_two_states_give_it_back(self, share, time, leaving, part):
        start = part * share
        entering = float(rate_for_prevalence(share, time, leaving, start))
        p = transition_of([[-entering, entering], [leaving, -leaving]], time)
        assert (1 - start) * p[0, 1] + start * p[1, 1] == pytest.approx(share, rel=1e-8)

    def test_by_numbers(self):
        entering = float(rate_for_prevalence(0.08, 24, 0.05, 0.02))
        path = solve_ivp(lambda _, y: entering * (1 - y) - 0.05 * y, (0, 24), [0.02], rtol=1e-11, atol=1e-13)
        assert path.y[0, -1] == pytest.approx(0.08, rel=1e-9)

    def test_arguments_broadcast_over_draws(self):
        found = rate_for_prevalence([[0.02], [0.03]], 21, np.array([0.01, 0.02, 0.03]))
        assert found.shape == (2, 3)
        assert (np.diff(found, axis=0) > 0).all()
        assert (np.diff(found, axis=1) > 0).all()

    def test_nobody_enters_where_nothing_more_is_asked_for(self):
        assert_allclose(rate_for_prevalence([0.0, 0.01], 12, [0.1, 0.0], [0.0, 0.01]), [0, 0])

    def test_those_still_there_set_a_limit(self):
        with pytest.raises(
            TransitionError, match=r"0\.02956 are still in the state from the start, and only 0\.02"
        ):
            rate_for_prevalence(0.02, 12, 0.01, start_share=1 / 30)

    def test_every_fault_at_once(self):
        with pytest.raises(TransitionError, match="outside 0 to 1") as told:
            rate_for_prevalence(1.0, 0, -1)
        assert "time is not above 0" in str(told.value)
        assert "leaving rate is negative" in str(told.value)


class TestSolving:
    def test_against_a_solver_draw_by_draw(self):
        leaving = np.linspace(0.01, 0.2, 9)

        def months(hazard, leaving):
            share = 0.0
            for _ in range(24):
                share = share * np.exp(-leaving) + (1 - share) * -np.expm1(-hazard)
            return share

        found = solve_rate(lambda hazard: months(hazard, leaving), 0.05, 1e-6, 1.0)
        one_by_one = [brentq(lambda h, b=b: months(h, b) - 0.05, 1e-6, 1.0, xtol=1e-16) for b in leaving]
        assert_allclose(found, one_by_one, rtol=1e-10)

    def test_few_runs_of_the_model(self):
        runs = []

        def outcome(rate):
            runs.append(rate)
            return rate / (1 + rate)

        assert_allclose(solve_rate(outcome, np.full(100, 0.3), 1e-9, 1e9), 3 / 7, rtol=1e-12)
        assert len(runs) < 30

    @settings(max_examples=25)
    @given(st.floats(-6, 6), st.sampled_from([-3, -1, 1, 5]), st.floats(0.05, 20))
    def test_rising_or_falling_steep_or_flat(self, log_rate, power, scale):
        def outcome(rate):
            return np.tanh(np.log(rate) * scale / 20) * power

        found = solve_rate(outcome, outcome(np.exp(log_rate)), 1e-4, 1e4)
        assert_allclose(outcome(found), outcome(np.exp(log_rate)), rtol=1e-9, atol=1e-12)

    def test_a_target_at_the_end_of_the_range(self):
        assert solve_rate(lambda rate: rate, 0.1, 0.1, 1.0) == pytest.approx(0.1, rel=1e-13)

    def test_out_of_reach_says_what_can_be_reached(self):
        words = r"no rate gives 0\.9 in 0\.5 of all draws: from rate 0\.001 to 1 the outcome.* to 0\.6321"
        with pytest.raises(TransitionError, match=words):
            solve_rate(lambda rate: -np.expm1(-rate), [0.5, 0.9], 1e-3, 1.0)

    def test_an_outcome_that_is_not_a_number(self):
        with pytest.raises(TransitionError, match="no rate gives"):
            solve_rate(lambda rate: rate * np.nan, 0.5, 1e-3, 1.0)

    def test_rates_to_look_between(self):
        with pytest.raises(TransitionError, match="low below high"):
            solve_rate(lambda rate: rate, 0.5, 0.0, 1.0)
