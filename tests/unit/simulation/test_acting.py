import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget.pathways import Rate, Timing
from communitybudget.simulation import build_layout
from communitybudget.simulation.acting import Acting, ActingEffects, cells_changed
from communitybudget.simulation.kernel import probabilities

NEED_TO_CARE, NEED_TO_CLOSED, REFERRAL = ("need", "care"), ("need", "closed"), ("closed", "closed")
RATES = np.array([[0.2, 0.2], [0.3, 0.3]])
EVENTS = np.array([[0.01, 0.01]])


@pytest.fixture
def layout():
    rates = [Rate(move, 0, None, ">".join(move), "") for move in (NEED_TO_CARE, NEED_TO_CLOSED, REFERRAL)]
    return build_layout(["need", "care", "closed"], rates)


def acting(moves, hazard_ratios, timing=None):
    return Acting(moves, np.log(hazard_ratios), timing or Timing())


def after(layout, effects, months):
    """Probabilities after some months, and whether each month changed them."""
    p = probabilities(layout, RATES, EVENTS.copy())
    update = ActingEffects(layout, RATES, EVENTS, effects)
    return p, [update(month, p) for month in months]


def test_only_cells_with_a_changed_exit_or_event_change(layout):
    assert cells_changed(layout, [acting([NEED_TO_CARE], [0.5, 0.5])]) == {layout.first_cell["need"]}
    assert cells_changed(layout, [acting([REFERRAL], [0.5, 0.5])]) == {layout.first_cell["closed"]}
    assert cells_changed(layout, []) == frozenset()


def test_a_lower_hazard_leaves_more_to_the_other_exits(layout):
    p, _ = after(layout, [acting([NEED_TO_CARE], [0.5, 1.0])], [0])
    leaving = 1 - np.exp([-0.4, -0.5])
    assert_allclose(p.moves, [leaving * [0.1 / 0.4, 0.2 / 0.5], leaving * [0.3 / 0.4, 0.3 / 0.5]], rtol=1e-15)
    assert_allclose(p.stays[0], np.exp([-0.4, -0.5]), rtol=1e-15)


def test_effects_on_one_move_multiply(layout):
    two = [acting([NEED_TO_CARE], [0.5, 0.9]), acting([NEED_TO_CARE, NEED_TO_CLOSED], [0.8, 0.7])]
    one = [acting([NEED_TO_CARE], [0.4, 0.63]), acting([NEED_TO_CLOSED], [0.8, 0.7])]
    assert_allclose(after(layout, two, [0])[0].moves, after(layout, one, [0])[0].moves, rtol=1e-15)


def test_events_are_multiplied_too(layout):
    p, _ = after(layout, [acting([REFERRAL], [0.5, 2.0])], [0])
    assert_allclose(p.events, [[0.005, 0.02]], rtol=1e-15)
    assert_array_equal(p.moves, probabilities(layout, RATES, EVENTS).moves)


def test_nothing_is_done_while_nothing_changes(layout):
    timing = Timing(lag=2, ramp=2, lasts=3)
    _, changed = after(layout, [acting([NEED_TO_CARE], [0.5, 0.5], timing)], range(10))
    # the rise begins at month 2 with weight 0, is half way at 3, full at 4 and over at 7
    assert [month for month, did in enumerate(changed) if did] == [3, 4, 7]


def test_once_over_the_rates_are_as_before_to_the_last_bit(layout):
    timing = Timing(lag=np.array([1.0, 0.0]), lasts=np.array([2.0, 4.0]))
    p, _ = after(layout, [acting([NEED_TO_CARE, REFERRAL], [0.37, 2.9], timing)], range(6))
    before = probabilities(layout, RATES, EVENTS)
    for name in before.__slots__:
        assert_array_equal(getattr(p, name), getattr(before, name))


def test_each_lane_has_its_own_timing(layout):
    timing = Timing(lag=np.array([0.0, 6.0]))
    p, _ = after(layout, [acting([NEED_TO_CARE], [0.5, 0.5], timing)], [0])
    assert_allclose(p.exit_rates[0], [0.4, 0.5], rtol=1e-15)


def test_a_cell_that_nobody_leaves_stays_so():
    layout = build_layout(["a", "b"], [Rate(("a", "b"), 0, None, "ab", "")])
    zero = np.zeros((1, 2))
    p = probabilities(layout, zero, np.empty((0, 2)))
    ActingEffects(layout, zero, np.empty((0, 2)), [acting([("a", "b")], [0.5, 3.0])])(0, p)
    assert_array_equal(p.moves, zero)
    assert_array_equal(p.stays, np.ones((2, 2)))
