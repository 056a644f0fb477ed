import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.appraisal import climb_ladder


def naive_bankable(volume, cost, step, delay_months):
    """One path at a time: what stays closed in each twelfth of a year."""
    years = len(volume)
    found = np.zeros(years)
    for t in range(years):
        if volume[t] < 0:
            found[t] = volume[t] * cost
            continue
        for month in range(12):
            # the closed volume must have been avoided since the delay before this month
            back = -(-(delay_months - month) // 12) if month < delay_months else 0
            past = [volume[t - k] if t - k >= 0 else 0.0 for k in range(back + 1)]
            closed = max(min(past), 0.0)
            if step:
                closed = min(np.floor(closed / step + 1e-9) * step, closed)
            found[t] += closed * cost / 12
    return found


class TestByHand:
    def test_two_homes_of_six_close_one_after_the_other(self):
        """6.5 places free from the second year, 12 in the fourth; a year to close and no notice."""
        ladder = climb_ladder([[5.0], [6.5], [6.2], [12.0], [13.0]], 100.0, 0.8, step=6, delay_months=12)
        assert_allclose(ladder.average[:, 0], [500, 650, 620, 1200, 1300])
        assert_allclose(ladder.marginal[:, 0], [400, 520, 496, 960, 1040])
        assert_allclose(ladder.stepped[:, 0], [0, 480, 480, 960, 960])
        assert_allclose(ladder.bankable[:, 0], [0, 0, 480, 480, 960])
        assert_array_equal(ladder.steps[:, 0], [0, 0, 1, 1, 2])

    def test_three_months_of_notice_take_a_quarter_of_the_first_year(self):
        ladder = climb_ladder([[8.0], [8.0]], 10.0, 1.0, delay_months=3)
        assert_allclose(ladder.bankable[:, 0], [60, 80])

    def test_a_flat_percentage_is_the_simplest_rung(self):
        ladder = climb_ladder([[8.0], [2.0]], 10.0, 0.3)
        assert_allclose(ladder.bankable[:, 0], [24, 6])
        assert not ladder.steps.any()

    def test_extra_use_is_spent_at_once_without_a_step(self):
        ladder = climb_ladder([[-1.0], [6.0]], 100.0, 0.5, step=6, delay_months=24)
        assert_allclose(ladder.bankable[:, 0], [-50, 0])

    def test_a_step_reopens_when_the_volume_comes_back(self):
        ladder = climb_ladder([[6.0], [6.0], [1.0], [6.0]], 1.0, 1.0, step=6, delay_months=12)
        assert_allclose(ladder.bankable[:, 0], [0, 6, 0, 0])

    def test_floor_acts_on_each_draw_so_the_chance_of_a_step_is_a_result(self):
        ladder = climb_ladder([[5.0, 6.0, 7.0, 12.0]], 1.0, 1.0, step=6)
        assert_allclose(ladder.probability_of_steps(1), [0.75])
        assert_allclose(ladder.probability_of_steps(2), [0.25])
        # the mean volume of 7.5 would release one step in every draw
        assert ladder.bankable.mean() == pytest.approx((0 + 6 + 6 + 12) / 4)

    def test_a_volume_that_rounding_left_a_hair_below_a_step_is_that_step(self):
        assert climb_ladder([[6 - 1e-12]], 1.0, 1.0, step=6).steps[0, 0] == 1


@given(
    volume=arrays(float, (5, 3), elements=st.floats(-20, 40, allow_subnormal=False)),
    cost=st.floats(0.5, 1e5),
    share=st.floats(0, 1),
    step=st.one_of(st.none(), st.floats(0.5, 12)),
    delay=st.integers(0, 40),
)
def test_as_reckoned_month_by_month_and_no_rung_above_the_one_before(volume, cost, share, step, delay):
    ladder = climb_ladder(volume, cost, share, step, delay)
    for d in range(3):
        assert_allclose(
            ladder.bankable[:, d],
            naive_bankable(volume[:, d], cost * share, step, delay),
            rtol=1e-9,
            atol=1e-9 * cost,
        )
    slack = 1e-9 * cost
    assert (ladder.bankable <= ladder.stepped + slack).all()
    assert (ladder.stepped <= ladder.marginal + slack).all()
    avoided = volume >= 0
    assert (ladder.marginal[avoided] <= ladder.average[avoided] + slack).all()
    assert (ladder.bankable[avoided] >= -slack).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": 0.0}, "a step of 0 releases nothing"),
        ({"step": -6.0}, "a step of -6 releases nothing"),
        ({"marginal_share": 80.0}, "write 80% as 0.8"),
        ({"delay_months": -1}, "in the past"),
    ],
)
def test_what_is_no_ladder_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        climb_ladder([[1.0]], **{"unit_cost": 1.0, **changes})


def test_volume_needs_year_and_draw():
    with pytest.raises(ValueError, match="1 axes; give year and draw"):
        climb_ladder([1.0], 1.0)
    with pytest.raises(ValueError, match="0 steps"):
        climb_ladder([[1.0]], 1.0, step=1.0).probability_of_steps(0)
