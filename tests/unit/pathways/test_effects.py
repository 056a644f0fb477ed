import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import EffectError
from communitybudget.pathways import Timing, effect_from_row, load_pathway


@pytest.fixture(scope="module")
def safety(england):
    return load_pathway(england, "child_safety")


class TestEffect:
    def test_as_the_table_states_it(self, england, safety):
        effect = effect_from_row(england["effect.tfp_looked_after"], safety)
        assert effect.moves == (
            ("child_in_need", "looked_after"),
            ("protection_plan", "looked_after"),
            ("returned_home", "looked_after"),
        )
        assert (effect.measure, effect.outcome, effect.statistic) == (
            "relative_risk",
            "looked_after",
            "prevalence",
        )
        assert (effect.window, effect.estimand, effect.design) == ((19, 24), "offered", "matched_comparison")
        assert (effect.profile, effect.solved_with) == ("medium_need", "tfp_2015_20")
        assert effect.no_effect_group == "tfp_2015_20"
        assert effect.probability_no_effect == 0.2348
        assert effect.needs_solving

    def test_a_hazard_ratio_needs_no_solving(self, england, safety):
        effect = effect_from_row(england["effect.family_group_conference"], safety)
        assert effect.measure == "hazard_ratio"
        assert not effect.needs_solving
        assert effect.outcome == ""

    @pytest.mark.parametrize(
        "key", [f"effect.{k}" for k in ("tfp_juvenile_conviction", "tfp_juvenile_custody")]
    )
    def test_effects_act_on_events_as_well(self, england, key):
        justice = load_pathway(england, "youth_justice")
        effect = effect_from_row(england[key], justice)
        assert set(effect.moves) <= set(justice.moves())

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            (
                {"edges": "child_in_need -> lookd_after"},
                "'child_in_need -> lookd_after' is no move of child_safety",
            ),
            ({"edges": "looked_after -> child_in_need"}, "is no move of child_safety; did you mean"),
            ({"measure": "relative_risc"}, "'relative_risc' is no measure; did you mean 'relative_risk'"),
            ({"outcome": "lookd_after"}, "is no outcome of child_safety; did you mean 'looked_after'"),
            ({"statistic": "prevalent"}, "is no statistic; did you mean 'prevalence'"),
            ({"estimand": "offer"}, "is no estimand; did you mean 'offered'"),
            ({"design": "randomized"}, "is no design; did you mean 'randomised'"),
        ],
    )
    def test_faults_say_where_and_what(self, with_row, safety, columns, words):
        row = with_row("effect.tfp_looked_after", **columns)["effect.tfp_looked_after"]
        with pytest.raises(EffectError, match=r"effects.csv:\d+ effect.tfp_looked_after: .*" + words):
            effect_from_row(row, safety)

    def test_an_effect_of_another_pathway(self, england, safety):
        with pytest.raises(EffectError, match="'none -> community' is no move of child_safety"):
            effect_from_row(england["effect.tfp_juvenile_conviction"], safety)


class TestTiming:
    @pytest.mark.parametrize(
        ("timing", "weights"),
        [
            (Timing(), {0: 1, 1: 1, 600: 1}),
            (Timing(lag=3), {0: 0, 2: 0, 3: 1, 600: 1}),
            (Timing(lasts=12), {0: 1, 11: 1, 12: 0, 13: 0}),
            (Timing(lag=2, lasts=3), {1: 0, 2: 1, 4: 1, 5: 0}),
            (Timing(ramp=4), {0: 0, 1: 0.25, 2: 0.5, 3: 0.75, 4: 1, 5: 1}),
            (Timing(lasts=6, fades=4), {5: 1, 6: 1, 7: 0.75, 8: 0.5, 9: 0.25, 10: 0, 11: 0}),
            (Timing(lag=3, ramp=6, lasts=15), {0: 0, 3: 0, 6: 0.5, 9: 1, 23: 1, 24: 0}),
            (Timing(lag=3, ramp=6, lasts=0, fades=3), {3: 0, 8: 5 / 6, 9: 1, 10: 2 / 3, 12: 0}),
            (Timing(lasts=0), {0: 0, 1: 0}),
            (Timing(lag=0.5, ramp=2), {0: 0, 1: 0.25, 2: 0.75, 3: 1}),
            (Timing(fades=6), {0: 1, 600: 1}),
            (Timing(stops=4), {3: 1, 4: 0, 5: 0}),
            (Timing(lasts=12, fades=4, stops=6), {5: 1, 6: 1, 7: 0.75, 9: 0.25, 10: 0}),
            (Timing(ramp=8, fades=4, stops=4), {4: 0.5, 6: 0.25, 8: 0}),
            (Timing(lag=5, stops=4), {4: 0, 5: 0, 9: 0}),
            (Timing(lasts=4, fades=4, stops=6), {6: 0.5, 7: 0.25, 8: 0}),
            (Timing(lasts=4, stops=4), {3: 1, 4: 0}),
        ],
    )
    def test_the_shape_over_time(self, timing, weights):
        assert {month: timing.weight(month) for month in weights} == pytest.approx(weights)
        assert all(isinstance(timing.weight(month), float) for month in weights)

    def test_by_draw(self):
        timing = Timing(
            lag=np.array([0.0, 3, 3, 0]),
            ramp=np.array([0.0, 0, 6, 2]),
            lasts=np.array([np.inf, 2, 15, 4]),
            fades=np.array([0.0, 2, 0, 8]),
        )
        for month in range(40):
            alone = [
                Timing(*parts).weight(month)
                for parts in zip(timing.lag, timing.ramp, timing.lasts, timing.fades, strict=True)
            ]
            found = timing.weight(month)
            assert found.shape == (4,)
            assert_allclose(found, alone, rtol=0, atol=0)

    def test_one_part_by_draw_is_enough(self):
        assert_allclose(Timing(lag=3, lasts=np.array([1.0, 2, 3])).weight(5), [0, 0, 1])

    def test_whole_numbers_do(self):
        assert_allclose(Timing(lag=np.array([0, 4]), ramp=np.array([2, 0])).weight(1), [0.5, 0])
