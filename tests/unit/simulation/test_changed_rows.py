import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from communitybudget._core.errors import EffectError, TransitionError
from communitybudget.simulation import (
    changed_row,
    combined_ratio,
    competing_probabilities,
    competing_rates,
)

ROW = np.array([0.30, 0.20, 0.10])


class TestMeasures:
    def test_relative_risk_by_hand(self):
        assert_allclose(changed_row(ROW, [0, 2], 0.5, "relative_risk"), [0.15, 0.20, 0.05])

    def test_hazard_ratio_is_the_ratio_of_rates(self):
        changed = changed_row(ROW, [1], 2.5, "hazard_ratio")
        assert_allclose(competing_rates(changed) / competing_rates(ROW), [1, 2.5, 1], rtol=1e-13)

    def test_odds_ratio_is_the_ratio_of_odds_against_staying(self):
        changed = changed_row(ROW, [1], 2.5, "odds_ratio")
        odds = [row / (1 - row.sum()) for row in (changed, ROW)]
        assert_allclose(odds[0] / odds[1], [1, 2.5, 1], rtol=1e-13)

    def test_with_one_exit_it_is_the_odds_ratio_of_everybody(self):
        changed = float(changed_row([0.2], [0], 3.0, "odds_ratio")[0])
        assert changed / (1 - changed) == pytest.approx(3 * 0.2 / 0.8, rel=1e-14)

    def test_odds_of_each_move_by_itself_would_overfill(self):
        # why odds are taken against staying: odds of a move against all else, each times three
        alone = [3 * p / (1 - p + 3 * p) for p in (0.45, 0.45)]
        assert sum(alone) > 1.4
        assert changed_row([0.45, 0.45], [0, 1], 3.0, "odds_ratio").sum() == pytest.approx(2.7 / 2.8)

    def test_replaced(self):
        assert_array_equal(changed_row(ROW, [0, 2], [0.4, 0.05], "replaced"), [0.4, 0.2, 0.05])

    @pytest.mark.parametrize("measure", ["relative_risk", "hazard_ratio", "odds_ratio"])
    def test_a_ratio_of_one_changes_nothing_and_of_nought_ends_a_move(self, measure):
        assert_allclose(changed_row(ROW, [0, 1], 1.0, measure), ROW, rtol=1e-14)
        assert changed_row(ROW, [1], 0.0, measure)[1] == 0

    def test_adverse_effects_are_effects_too(self):
        assert (changed_row(ROW, [0], 1.3, "hazard_ratio")[1:] < ROW[1:]).all()
        assert changed_row(ROW, [0], 1.3, "hazard_ratio").sum() > ROW.sum()


class TestShapes:
    def test_one_ratio_for_all_or_one_for_each(self):
        assert_allclose(changed_row(ROW, [0, 1], [0.5, 2.0], "relative_risk"), [0.15, 0.40, 0.10])
        drawn = changed_row(ROW[:, None], [0, 1], [[0.5, 1.0], [1.0, 2.0]], "relative_risk")
        assert_allclose(drawn, [[0.15, 0.30], [0.20, 0.40], [0.10, 0.10]])

    def test_ratios_over_draws_on_a_row_over_draws(self):
        rows = np.stack([ROW, ROW / 2], axis=-1)
        changed = changed_row(rows, [0], [0.5, 1.0], "relative_risk")
        assert_allclose(changed, [[0.15, 0.15], [0.20, 0.10], [0.10, 0.05]])
        assert_allclose(
            changed_row(rows, [0], 0.5, "hazard_ratio")[:, 1], changed_row(ROW / 2, [0], 0.5, "hazard_ratio")
        )

    def test_what_was_given_is_left_alone(self):
        row = ROW.copy()
        for measure in ("relative_risk", "hazard_ratio", "odds_ratio", "replaced"):
            changed_row(row, [0], 0.5, measure)
        assert_array_equal(row, ROW)

    @settings(max_examples=25)
    @given(
        st.lists(st.floats(0, 1), min_size=1, max_size=5),
        st.floats(1, 20),
        st.floats(0, 1e6),
        st.sampled_from(["hazard_ratio", "odds_ratio"]),
    )
    def test_two_measures_cannot_overfill(self, parts, spare, ratio, measure):
        row = np.array(parts) / (sum(parts) + spare)
        changed = changed_row(row, range(len(row)), ratio, measure)
        assert (changed >= 0).all()
        assert changed.sum() <= 1 + 1e-12

    def test_odds_of_a_row_that_everybody_leaves(self):
        assert_allclose(changed_row([0.5, 0.5], [0], 3.0, "odds_ratio"), [0.75, 0.25])
        with pytest.raises(TransitionError, match="nobody stays"):
            changed_row([1.0], [0], 0.0, "odds_ratio")


class TestRemainder:
    def test_overfilled_row_names_state_draws_ratio_and_remedy(self):
        words = (
            r"the exits of child_in_need would sum to up to 1\.2 in 0\.25 of all draws; a relative risk "
            r"above 2\.333 overfills the row\. Use hazard_ratio or odds_ratio"
        )
        with pytest.raises(TransitionError, match=words):
            changed_row(ROW[:, None], [0], [0.5, 1.0, 2.0, 3.0], "relative_risk", state="child_in_need")

    def test_the_smallest_ratio_that_overfills_just_fits(self):
        rows = np.array([[0.1, 0.3], [0.2, 0.4]])
        with pytest.raises(TransitionError, match=r"above 2 overfills"):
            changed_row(rows, [0], 9.5, "relative_risk")
        assert_allclose(changed_row(rows, [0], 2.0, "relative_risk").sum(axis=0), [0.4, 1.0])

    def test_replaced_rows_may_overfill_too(self):
        with pytest.raises(TransitionError, match=r"sum to 0\.8 at the most"):
            changed_row(ROW, [0, 2], [0.7, 0.2], "replaced", state="x")

    def test_what_does_not_belong(self):
        with pytest.raises(TransitionError, match="sum to at most 1") as told:
            changed_row([0.8, 0.4], [2], 0.5, "relative_risk")
        assert "count its exits from 0" in str(told.value)
        with pytest.raises(EffectError, match="did you mean 'hazard_ratio'"):
            changed_row(ROW, [0], 0.5, "hazardratio")
        with pytest.raises(EffectError, match="negative"):
            changed_row(ROW, [0], -0.5, "relative_risk")
        with pytest.raises(EffectError, match=r"do not fit 1 moves.*a row \(J, 1\)"):
            changed_row(ROW, [0], [0.5, 0.6, 0.7], "relative_risk")
        # all leave: no finite rate does that
        with pytest.raises(TransitionError, match="infinite rate"):
            changed_row([0.6, 0.4], [0], 0.5, "hazard_ratio")


class TestCombining:
    RATIOS = np.array([[0.8, 0.9], [0.5, 1.3]])

    def test_rules(self):
        assert_allclose(combined_ratio(self.RATIOS, "multiplicative"), [0.4, 1.17])
        assert_array_equal(combined_ratio(self.RATIOS, "strongest"), [0.5, 1.3])
        assert_array_equal(combined_ratio(self.RATIOS, 0.7), [0.7, 0.7])
        assert_array_equal(combined_ratio(self.RATIOS, [0.7, 0.9]), [0.7, 0.9])

    def test_a_certain_end_is_the_strongest(self):
        assert combined_ratio([5.0, 0.0], "strongest") == 0

    def test_multiplied_hazards_act_as_one_after_the_other(self):
        one = changed_row(changed_row(ROW, [0], 0.8, "hazard_ratio"), [0], 0.5, "hazard_ratio")
        both = changed_row(ROW, [0], combined_ratio([0.8, 0.5], "multiplicative"), "hazard_ratio")
        assert_allclose(one, both, rtol=1e-13)

    def test_unknown_rules(self):
        with pytest.raises(EffectError, match=r"did you mean 'strongest'.*or give a ratio"):
            combined_ratio([0.5, 0.8], "strong")
        with pytest.raises(EffectError, match="negative"):
            combined_ratio([0.5, 0.8], -1.0)
        with pytest.raises(EffectError, match="negative"):
            combined_ratio([-0.5, 0.8], 1.0)


def test_relative_risk_and_hazard_ratio_agree_for_small_exits():
    row = [1e-5, 2e-5]
    assert_allclose(
        changed_row(row, [0], 0.5, "relative_risk"), changed_row(row, [0], 0.5, "hazard_ratio"), rtol=1e-4
    )
    assert_allclose(competing_probabilities(competing_rates(row))[0], row, rtol=1e-12)
