import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import TransitionError
from communitybudget.simulation import (
    REMAINDER,
    competing_probabilities,
    competing_rates,
    fill_remainder,
    probability_to_rate,
    rate_to_probability,
)

RATES = st.lists(st.floats(0, 5, allow_subnormal=False), min_size=1, max_size=6)


class TestOneExit:
    def test_a_rate_and_a_probability_are_two_things(self):
        assert float(rate_to_probability(0.1)) == pytest.approx(0.0951625819640404, rel=1e-15)
        assert float(probability_to_rate(0.1)) == pytest.approx(0.10536051565782628, rel=1e-15)

    def test_tiny_rates_keep_their_digits(self):
        assert float(rate_to_probability(1e-18)) == 1e-18
        assert float(probability_to_rate(1e-18)) == 1e-18

    def test_another_cycle_length_by_way_of_the_rate(self):
        year = rate_to_probability(probability_to_rate(0.02), time=12)
        assert float(year) == pytest.approx(1 - 0.98**12, rel=1e-14)

    def test_times_and_draws_broadcast(self):
        p = rate_to_probability(np.array([0.1, 0.2, 0.3]), np.array([[1.0], [12.0]]))
        assert p.shape == (2, 3)
        assert_allclose(probability_to_rate(p, np.array([[1.0], [12.0]])), [[0.1, 0.2, 0.3]] * 2, rtol=1e-13)

    def test_what_is_no_rate_is_refused(self):
        with pytest.raises(TransitionError, match="negative or not finite") as told:
            rate_to_probability([0.1, -0.1], time=0)
        assert "time is not above 0" in str(told.value)
        with pytest.raises(TransitionError, match="infinite rate"):
            probability_to_rate(1.0)
        with pytest.raises(TransitionError, match=r"sum to 1\.2; "):
            probability_to_rate(1.2)
        with pytest.raises(TransitionError, match="negative"):
            probability_to_rate(-0.1)


class TestCompetingExits:
    def test_thirty_days(self):
        # Exits of 1% and 0.5% a day: as probabilities that exclude each other they leave 0.63545 after 30
        # days, as rates 0.63763; compounded one by one and taken off they would leave 0.60008.
        rates = competing_rates([0.01, 0.005])
        exits, stays = competing_probabilities(rates, time=30)
        assert float(stays) == pytest.approx(0.985**30, rel=1e-13)
        assert round(float(competing_probabilities([0.01, 0.005], 30)[1]), 5) == 0.63763
        one_by_one = 1 - sum(1 - (1 - p) ** 30 for p in (0.01, 0.005))
        assert round(one_by_one, 5) == 0.60008
        assert float(exits[0]) == pytest.approx(2 * float(exits[1]))

    def test_the_same_by_small_steps(self):
        rates, steps = [0.7, 0.2, 0.05], 200_000
        left, taken = 1.0, [0.0, 0.0, 0.0]
        for _ in range(steps):
            for j, rate in enumerate(rates):
                taken[j] += left * rate / steps
            left -= left * sum(rates) / steps
        exits, stays = competing_probabilities(rates)
        assert_allclose(exits, taken, rtol=1e-5)
        assert float(stays) == pytest.approx(left, rel=1e-5)

    @settings(max_examples=25, deadline=None)
    @given(RATES, st.floats(0.01, 3))
    def test_nobody_is_lost_and_the_way_back_leads_back(self, rates, time):
        exits, stays = competing_probabilities(rates, time)
        assert exits.sum() + stays == pytest.approx(1, abs=1e-14)
        # what is left after exp(-R time) of nearly nobody carries few digits
        if stays > 1e-3:
            assert_allclose(competing_rates(exits, time), rates, rtol=1e-10, atol=1e-300)

    def test_several_cycle_lengths_at_once(self):
        exits, stays = competing_probabilities([0.1, 0.2], np.array([1.0, 12.0, 52.0]))
        assert exits.shape == (2, 3)
        assert_allclose(exits.sum(axis=0) + stays, 1)
        assert_allclose(competing_rates(exits, [1.0, 12.0, 52.0]), [[0.1] * 3, [0.2] * 3], rtol=1e-8)

    def test_no_exit_at_all(self):
        exits, stays = competing_probabilities(np.zeros((2, 3)))
        assert_array_equal(exits, np.zeros((2, 3)))
        assert_array_equal(stays, np.ones(3))
        assert_array_equal(competing_rates(np.zeros((2, 3))), np.zeros((2, 3)))

    def test_too_many_leave(self):
        with pytest.raises(TransitionError, match=r"sum to 1\.1 in 0.5 of all draws"):
            competing_rates([[0.6, 0.1], [0.5, 0.1]])
        with pytest.raises(TransitionError, match="infinite rate"):
            competing_rates([0.5, 0.5])


class TestRemainder:
    def test_the_open_cell_takes_the_rest(self):
        row = fill_remainder([np.array([0.1, 0.2]), 0.3, REMAINDER])
        assert_allclose(row, [[0.1, 0.2], [0.3, 0.3], [0.6, 0.5]])

    def test_a_full_row_leaves_exactly_nothing(self):
        assert fill_remainder([0.1, 0.2, 0.7, REMAINDER])[3] == pytest.approx(0, abs=1e-15)

    def test_overfull_rows_say_where(self):
        with pytest.raises(TransitionError, match=r"sum to 1\.2 in 0.5 of all draws.*hazard ratio"):
            fill_remainder([np.array([0.9, 0.1]), 0.3, REMAINDER])

    @pytest.mark.parametrize("row", [[0.5, 0.5], [REMAINDER, REMAINDER, 0.1]])
    def test_exactly_one_cell_is_open(self, row):
        with pytest.raises(TransitionError, match="leave exactly one"):
            fill_remainder(row)

    def test_not_a_number_is_never_the_remainder(self):
        with pytest.raises(TransitionError, match="not a number"):
            fill_remainder([0.5, float("nan"), REMAINDER])
        assert repr(REMAINDER) == "REMAINDER"
