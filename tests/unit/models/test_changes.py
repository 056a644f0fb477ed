"""What options change: ratios, windows, several at once, the remainder watched."""

import math

import numpy as np
import pytest

from communitybudget import EffectError, TransitionError
from communitybudget.models import (
    REMAINDER,
    Option,
    StateModel,
    by_cycle,
    by_duration,
    by_year,
    from_matrix,
    generator,
    hazard_ratio,
    odds,
    odds_ratio,
    probability,
    rate,
    relative_risk,
    replaced,
)
from communitybudget.pathways import Timing
from communitybudget.simulation import changed_row

STATES = ("well", "ill", "dead")
ROW = {"well -> ill": probability(0.3), "well -> dead": probability(0.2)}


def after_one(changes, moves=None, cycles=1, **more):
    """The row of the well under an option: shares ill and dead after the last cycle."""
    model = StateModel(
        states=STATES,
        cycles=cycles,
        moves=moves or ROW,
        options=[Option("bau"), Option("x", changes=changes, **more)],
    )
    return model.run().trace("x")[-1, 1:]


class TestMeasures:
    @pytest.mark.parametrize("measure", [hazard_ratio, odds_ratio, relative_risk])
    @pytest.mark.parametrize("ratio", [0.5, 1.0, 1.6])
    @pytest.mark.parametrize("moves", ["well -> ill", "well -> *"])
    def test_one_row_is_changed_as_the_array_function_does(self, measure, ratio, moves):
        which = [0] if moves == "well -> ill" else [0, 1]
        expected = changed_row([0.3, 0.2], which, ratio, measure.__name__)
        np.testing.assert_allclose(after_one([measure(moves, ratio)]), expected, atol=1e-15)

    def test_alone_each_probability_is_converted_by_itself(self):
        found = after_one([hazard_ratio("well -> ill", 0.6, alone=True)])
        np.testing.assert_allclose(found, [1 - 0.7**0.6, 0.2], atol=1e-15)
        found = after_one([odds_ratio("well -> ill", 2.0, alone=True)])
        np.testing.assert_allclose(found, [0.6 / (0.7 + 0.6), 0.2], atol=1e-15)

    def test_a_rate_is_multiplied_by_a_hazard_ratio(self):
        moves = {"well -> ill": rate(0.3), "well -> dead": rate(0.2)}
        left = 1 - math.exp(-0.35)
        found = after_one([hazard_ratio("well -> ill", 0.5)], moves)
        np.testing.assert_allclose(found, [0.15 / 0.35 * left, 0.2 / 0.35 * left], atol=1e-15)

    def test_odds_are_multiplied_by_an_odds_ratio(self):
        moves = {"well -> ill": odds(0.5), "well -> dead": odds(0.25)}
        found = after_one([odds_ratio("well -> ill", 3.0)], moves)
        np.testing.assert_allclose(found, [1.5 / 2.75, 0.25 / 2.75], atol=1e-15)

    def test_a_rate_may_take_a_relative_risk_of_its_probability(self):
        found = after_one([relative_risk("well -> ill", 0.5)], {"well -> ill": rate(0.3)})
        assert found[0] == pytest.approx(0.5 * (1 - math.exp(-0.3)), abs=1e-15)

    def test_moves_that_wait_are_changed_before_they_wait(self):
        """(1 - p_dead) (1 - (1 - p)^hr), as the DARTH tutorials write strategy B."""
        moves = {"well -> ill": probability(0.3, unless="dead"), "well -> dead": probability(0.2)}
        found = after_one([hazard_ratio("well -> ill", 0.6)], moves)
        np.testing.assert_allclose(found, [0.8 * (1 - 0.7**0.6), 0.2], atol=1e-15)

    def test_a_move_may_be_replaced(self):
        np.testing.assert_allclose(
            after_one([replaced("well -> ill", probability(0.05))]), [0.05, 0.2], atol=1e-15
        )

    def test_a_move_may_be_new(self):
        found = after_one(
            [replaced("ill -> well", probability(1.0))], {"well -> ill": probability(0.3)}, cycles=2
        )
        assert found[0] == pytest.approx(0.7 * 0.3, abs=1e-15)

    def test_the_whole_matrix_may_be_replaced_for_some_cycles(self):
        other = from_matrix([[0.5, 0, 0.5], [0, 1, 0], [0, 0, 1]])
        moves = from_matrix([[0.5, 0.3, 0.2], [0, 1, 0], [0, 0, 1]])
        found = after_one([replaced(other, to_cycle=1)], moves, cycles=2)
        np.testing.assert_allclose(found, [0.5 * 0.3, 0.5 + 0.5 * 0.2], atol=1e-15)

    def test_or_from_the_start_as_the_moves_of_the_option(self):
        model = StateModel(
            states=STATES,
            cycles=1,
            moves=ROW,
            options=[Option("bau"), Option("x", moves={"well -> ill": probability(0.1)})],
        )
        found = model.run().trace("x")[-1, 1:]
        np.testing.assert_allclose(found, [0.1, 0.2], atol=1e-15)

    def test_a_generator_has_its_rates_multiplied(self):
        from scipy.linalg import expm

        q = np.array([[-0.5, 0.3, 0.2], [0, -0.1, 0.1], [0, 0, 0]])
        changed = np.array([[-0.35, 0.15, 0.2], [0, -0.1, 0.1], [0, 0, 0]])
        found = after_one([hazard_ratio("well -> ill", 0.5, from_cycle=1)], generator(q), cycles=2)
        np.testing.assert_allclose(found, (expm(q) @ expm(changed))[0, 1:], atol=1e-14)
        with pytest.raises(TransitionError, match="on a generator; use hazard_ratio"):
            after_one([relative_risk("well -> ill", 0.5)], generator(q))

    def test_where_all_leave_ratios_work_still(self):
        moves = {"well -> dead": probability(0.2), "well -> ill": REMAINDER}
        found = after_one([relative_risk("well -> dead", 0.5)], moves)
        np.testing.assert_allclose(found, [0.9, 0.1], atol=1e-15)
        found = after_one([hazard_ratio("well -> dead", 0.5)], moves)
        assert found.sum() == pytest.approx(1)
        assert found[1] == pytest.approx(0.1 / 0.9)

    def test_an_adverse_effect_is_an_effect(self):
        assert after_one([hazard_ratio("well -> dead", 3.0)])[1] > 0.2

    def test_draws_and_bands_may_have_their_own_ratio(self):
        draws = np.array([0.5, 0.8, 1.2])
        found = after_one([hazard_ratio("well -> ill", draws * by_duration({0: 1.0, 1: 0.5}))], cycles=2)
        for d, ratio in enumerate(draws):
            first = changed_row([0.3, 0.2], [0], ratio, "hazard_ratio")
            second = changed_row([0.3, 0.2], [0], ratio / 2, "hazard_ratio")
            expected = first + (1 - first.sum()) * second
            np.testing.assert_allclose(found[:, d], expected, atol=1e-15)


class TestWindows:
    def test_from_and_to(self):
        found = after_one(
            [relative_risk("well -> ill", 0.5, from_cycle=1, to_cycle=2)],
            {"well -> ill": probability(0.2)},
            3,
        )
        assert found[0] == pytest.approx(1 - 0.8 * 0.9 * 0.8, abs=1e-15)

    def test_timing_acts_on_the_log_scale(self):
        timing = Timing(lag=12, ramp=24, lasts=12, fades=24)
        weights = [timing.weight(12 * cycle) for cycle in range(6)]
        assert weights == [0, 0, 0.5, 1, 1, 0.5]
        found = after_one([hazard_ratio("well -> ill", 0.25, timing=timing)], {"well -> ill": rate(0.2)}, 6)
        assert found[0] == pytest.approx(1 - math.exp(-sum(0.2 * 0.25**w for w in weights)), abs=1e-14)

    def test_the_timing_may_be_uncertain(self):
        timing = Timing(lag=np.array([0.0, 12.0, 24.0]))
        found = after_one([hazard_ratio("well -> ill", 0.5, timing=timing)], {"well -> ill": rate(0.2)}, 2)
        np.testing.assert_allclose(found[0], 1 - np.exp([-0.2, -0.3, -0.4]), atol=1e-15)

    def test_what_replaces_comes_so_far_as_it_acts(self):
        timing = Timing(ramp=24)
        found = after_one(
            [replaced("well -> ill", probability(0.1), timing=timing)], {"well -> ill": probability(0.3)}, 3
        )
        assert found[0] == pytest.approx(1 - 0.7 * 0.8 * 0.9, abs=1e-15)

    def test_ratios_may_vary_by_cycle(self):
        found = after_one(
            [relative_risk("well -> ill", by_cycle([0.5, 1.0]))], {"well -> ill": probability(0.2)}, 2
        )
        assert found[0] == pytest.approx(1 - 0.9 * 0.8, abs=1e-15)


class TestTogether:
    TWO = (relative_risk("well -> ill", 0.5), relative_risk("* -> ill", 0.8, from_cycle=1))
    MOVES = {"well -> ill": probability(0.2)}  # noqa: RUF012

    @pytest.mark.parametrize(("rule", "both"), [("multiplicative", 0.4), ("strongest", 0.5), (0.45, 0.45)])
    def test_the_stated_rule_holds_while_both_act(self, rule, both):
        found = after_one(self.TWO, self.MOVES, 2, combine=rule)
        assert found[0] == pytest.approx(1 - (1 - 0.2 * 0.5) * (1 - 0.2 * both), abs=1e-14)

    def test_without_a_rule_it_is_an_error(self):
        with pytest.raises(
            TransitionError, match=r"two changes act on 'well -> ill' at one time .*say how they combine"
        ):
            after_one(self.TWO, self.MOVES, 2)

    def test_windows_that_do_not_meet_need_no_rule(self):
        found = after_one(
            [relative_risk("well -> ill", 0.5, to_cycle=1), relative_risk("well -> ill", 0.8, from_cycle=1)],
            self.MOVES,
            2,
        )
        assert found[0] == pytest.approx(1 - (1 - 0.2 * 0.5) * (1 - 0.2 * 0.8), abs=1e-14)

    def test_different_measures_cannot_be_combined(self):
        with pytest.raises(TransitionError, match="are of different kinds"):
            after_one([hazard_ratio("well -> ill", 0.5), relative_risk("well -> ill", 0.5)], self.MOVES)

    def test_of_one_row_different_moves_may_have_different_measures(self):
        found = after_one([hazard_ratio("well -> ill", 0.5), relative_risk("well -> dead", 0.5)])
        first = changed_row([0.3, 0.2], [0], 0.5, "hazard_ratio")
        np.testing.assert_allclose(found, [first[0], first[1] / 2], atol=1e-15)


class TestFaults:
    def test_a_relative_risk_that_fills_the_row_over(self):
        draws = np.array([1.0, 1.5, 2.0, 3.0, 4.0])
        model = StateModel(
            states=STATES,
            cycles=2,
            moves=ROW,
            options=[
                Option("bau"),
                Option("help", changes=[relative_risk("well -> ill", draws, from_cycle=1)]),
            ],
        )
        with pytest.raises(TransitionError) as caught:
            model.run()
        text = str(caught.value)
        assert "under option 'help' the moves out of 'well' (ill, dead) sum to 1.4 in cycle 1" in text
        assert "(in 40% of the draws)" in text
        assert "a relative risk above 2.667 fills the row over; use a hazard_ratio or an odds_ratio" in text

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ([hazard_ratio("well -> il", 0.5)], "names no state 'il'; did you mean 'ill'"),
            (
                [hazard_ratio("ill -> dead", 0.5)],
                "there is no move 'ill -> dead' to change; the moves are well -> ill",
            ),
            ([hazard_ratio("well -> well", 0.5)], "is staying, which is the rest"),
        ],
    )
    def test_moves_that_are_not_there(self, changes, text):
        with pytest.raises(TransitionError, match=text):
            after_one(changes)

    def test_ratios_that_are_none(self):
        with pytest.raises(EffectError, match="is not above 0 everywhere"):
            hazard_ratio("well -> ill", [0.5, 0.0])
        with pytest.raises(EffectError, match="ends in cycle 2 and begins in 3"):
            hazard_ratio("well -> ill", 0.5, from_cycle=3, to_cycle=2)
        with pytest.raises(EffectError, match="nothing replaces"):
            replaced("well -> ill")
        with pytest.raises(TransitionError, match="combine is 'sum'"):
            after_one([hazard_ratio("well -> ill", 0.5)], combine="sum")

    def test_no_effect_is_no_difference_to_the_last_bit(self):
        model = StateModel(
            states=STATES,
            cycles=5,
            moves={"well -> ill": rate(0.3), "well -> dead": rate(0.2)},
            options=[Option("bau"), Option("x", changes=[hazard_ratio("well -> *", 1.0)])],
        )
        run = model.run()
        assert (run.trace("x") == run.trace("bau")).all()


class TestForms:
    """A change must go with the form in which a move is given."""

    @pytest.mark.parametrize(
        ("moves", "changes", "text"),
        [
            (
                {"well -> ill": rate(0.1)},
                [replaced("well -> ill", probability(0.1))],
                "replaced on 'well -> ill' is a probability and the moves of 'well' are rate; use that form",
            ),
            (
                {"well -> ill": probability(0.1)},
                [replaced("well -> dead", rate(0.1))],
                "replaced on 'well -> dead' is a rate and the moves of 'well' are probability",
            ),
            (
                {"well -> ill": probability(0.1, unless="dead"), "well -> dead": probability(0.1)},
                [replaced("well -> ill", probability(0.1))],
                "waits for other moves",
            ),
            (
                {"well -> ill": REMAINDER, "well -> dead": probability(0.1)},
                [relative_risk("well -> *", 0.5)],
                "relative risk on 'well -> ill', which is the remainder",
            ),
            (
                {"well -> ill": rate(0.1)},
                [replaced(from_matrix(np.eye(3)))],
                "a matrix replaces 'well -> ill', which is a rate",
            ),
        ],
    )
    def test_else_it_is_told(self, moves, changes, text):
        with pytest.raises(TransitionError, match=text):
            after_one(changes, moves)

    def test_calendar_windows_are_ratios_by_year(self):
        ratio = by_year({"2026-27": 1.0, "2027-28": 0.5})
        model = StateModel(
            states=STATES,
            cycles=2,
            first_year="2026-27",
            moves={"well -> ill": probability(0.2)},
            options=[Option("bau"), Option("x", changes=relative_risk("well -> ill", ratio))],
        )
        assert model.run().trace("x")[-1, 0] == pytest.approx(0.8 * 0.9)
