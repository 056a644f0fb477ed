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


class TestTwoEffectsOnOneMove:
    """The rate of the move after a month in which both act, against the rule written out."""

    ONE, OTHER = Timing(lasts=6, fades=6), Timing(lag=2, ramp=4)

    def rate(
        self, layout, month, rule="multiplicative", given=None, ratios=((0.5, 1.5), (0.8, 0.9)), **changes
    ):
        effects = [
            Acting([NEED_TO_CARE], np.log(ratio), timing)
            for ratio, timing in zip(ratios, (self.ONE, self.OTHER), strict=True)
        ]
        log_given = None if given is None else np.log(np.full(2, given))
        p = probabilities(layout, RATES, EVENTS.copy())
        ActingEffects(layout, RATES, EVENTS, effects, rule, log_given)(month, p)
        # exits compete in proportion to their rates
        return RATES[1] * p.moves[0] / p.moves[1]

    @pytest.mark.parametrize("month", [0, 3, 5, 8, 11])
    def test_the_stronger_acts_alone(self, layout, month):
        logs = [np.log([0.5, 1.5]) * self.ONE.weight(month), np.log([0.8, 0.9]) * self.OTHER.weight(month)]
        by_hand = [max(pair, key=abs) for pair in zip(*logs, strict=True)]
        assert_allclose(self.rate(layout, month, "strongest"), 0.2 * np.exp(by_hand), rtol=1e-12)

    @pytest.mark.parametrize("month", [0, 3, 5, 8, 11])
    def test_a_given_ratio_takes_the_place_of_the_product_as_far_as_both_act(self, layout, month):
        one, other = self.ONE.weight(month), self.OTHER.weight(month)
        product = np.log([0.5, 1.5]) * one + np.log([0.8, 0.9]) * other
        both = np.log([0.5 * 0.8, 1.5 * 0.9])
        by_hand = product + min(one, other) * (np.log(0.45) - both)
        assert_allclose(self.rate(layout, month, "given", 0.45), 0.2 * np.exp(by_hand), rtol=1e-12)

    def test_both_in_full_come_to_the_given_ratio(self, layout):
        assert_allclose(self.rate(layout, 6, "given", 0.45), 0.2 * 0.45, rtol=1e-12)

    def test_where_one_is_absent_the_other_keeps_its_ratio(self, layout):
        found = self.rate(layout, 6, "given", 0.45, ratios=((1.0, 0.5), (0.8, 1.0)))
        assert_allclose(found, [0.2 * 0.8, 0.2 * 0.5], rtol=1e-12)

    def test_what_was_solved_together_multiplies_by_any_rule(self, layout):
        effects = [
            Acting([NEED_TO_CARE], np.log([0.9, 0.9]), Timing(), unit=unit) for unit in ("study", "study", "")
        ]
        p = probabilities(layout, RATES, EVENTS.copy())
        ActingEffects(layout, RATES, EVENTS, effects, "strongest")(0, p)
        assert_allclose(RATES[1] * p.moves[0] / p.moves[1], 0.2 * 0.81, rtol=1e-12)


class TestARateInPlaceOfAnother:
    def rate(self, layout, month, rate, timing, dose=1.0, lowers_only=False, usual=RATES):
        effect = Acting([NEED_TO_CARE], np.zeros(2), timing, dose, np.array(rate), lowers_only)
        p = probabilities(layout, usual, EVENTS.copy())
        ActingEffects(layout, usual, EVENTS, [effect])(month, p)
        return usual[1] * p.moves[0] / p.moves[1]

    def test_in_full_it_is_the_rate(self, layout):
        assert_allclose(self.rate(layout, 0, [0.05, 0.7], Timing()), [0.05, 0.7], rtol=1e-12)

    def test_in_part_it_lies_between_the_two_on_the_log_scale(self, layout):
        found = self.rate(layout, 1, [0.05, 0.7], Timing(ramp=4))
        assert_allclose(found, [0.2**0.75 * 0.05**0.25, 0.2**0.75 * 0.7**0.25], rtol=1e-12)
        assert_allclose(self.rate(layout, 0, [0.05, 0.7], Timing(), dose=0.25), found, rtol=1e-12)

    def test_a_move_that_nobody_makes_is_made_in_full_only(self, layout):
        never = np.array([[0.0, 0.0], [0.3, 0.3]])
        assert_allclose(self.rate(layout, 0, [0.05, 0.0], Timing(), usual=never), [0.05, 0.0], rtol=1e-12)
        assert_allclose(self.rate(layout, 1, [0.05, 0.0], Timing(ramp=4), usual=never), [0, 0])

    def test_only_what_lowers_may_be_let_through(self, layout):
        found = self.rate(layout, 0, [0.05, 0.7], Timing(), lowers_only=True)
        assert_allclose(found, [0.05, 0.2], rtol=1e-12)

    def test_a_ratio_acts_on_the_rate_in_its_place(self, layout):
        effects = [
            Acting([NEED_TO_CARE], np.log([0.5, 0.5]), Timing()),
            Acting([NEED_TO_CARE], np.zeros(2), Timing(), monthly_rate=np.array([0.05, 0.7])),
        ]
        p = probabilities(layout, RATES, EVENTS.copy())
        ActingEffects(layout, RATES, EVENTS, effects)(0, p)
        assert_allclose(RATES[1] * p.moves[0] / p.moves[1], [0.025, 0.35], rtol=1e-12)
