"""Who takes part in an option, how long and how much: exact mixtures of plain options."""

import numpy as np
import pytest

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case, appraise

DRAWS = 12


def coaching(name="coach", lasts=12, fades=0, ratio=1.6, estimand="engaged", **changes):
    """An option with one local effect; whoever leaves has had it for fewer months."""
    effect = {
        "on": "work.claiming_search -> in_work",
        "hazard_ratio": ratio,
        "estimand": estimand,
        "design": "assumed",
        "source": "test",
        "lasts_months": lasts,
        "fades_over_months": fades,
    }
    return {"name": name, "label": name, "engagement": 1.0, "effects": [effect], **changes}


@pytest.fixture
def avoided(small):
    """Claimant-years avoided by year and draw, by option."""

    def run(*options, **changes):
        case = Case.from_dict({**small, "pathways": ["work"], "options": list(options), **changes})
        activity = appraise(case, draws=DRAWS, seed=1).activity
        return {o["name"]: activity.avoided("claimant_years", o["name"]) for o in options}

    return run


def faults_of(small, **changes):
    with pytest.raises(CaseFileError) as error:
        Case.from_dict({**small, "pathways": ["work"], "options": [coaching(**changes)]})
    return str(error.value)


class TestRetention:
    def test_it_is_the_mixture_of_those_who_leave_midway_between_the_points(self, avoided):
        found = avoided(
            coaching("some_leave", retention={3: 0.9, 6: 0.8, 12: 0.6}),
            *(coaching(f"for_{months}", lasts=months) for months in (2, 5, 9, 12)),
        )
        by_hand = 0.1 * found["for_2"] + 0.1 * found["for_5"] + 0.2 * found["for_9"] + 0.6 * found["for_12"]
        np.testing.assert_allclose(found["some_leave"], by_hand, rtol=1e-9)

    def test_it_mixes_with_engagement(self, avoided):
        found = avoided(
            coaching("all", retention={6: 0.5}), coaching("half", engagement=0.5, retention={6: 0.5})
        )
        np.testing.assert_allclose(found["half"], 0.5 * found["all"], rtol=1e-9)

    def test_the_months_count_from_the_start_of_the_programme(self, avoided):
        found = avoided(
            coaching("late", starts_after_months=7, retention={8: 0.5}),
            coaching("late_4", starts_after_months=7, lasts=4),
            coaching("late_12", starts_after_months=7),
        )
        by_hand = 0.5 * found["late_4"] + 0.5 * found["late_12"]
        np.testing.assert_allclose(found["late"], by_hand, rtol=1e-9)

    def test_nobody_leaves_is_as_before_to_the_last_bit(self, avoided):
        found = avoided(coaching("plain"), coaching("stays", retention={3: 1, 12: 1}))
        np.testing.assert_array_equal(found["stays"], found["plain"])

    def test_whoever_leaves_after_the_effect_has_ended_loses_nothing(self, avoided):
        found = avoided(coaching("plain", lasts=6), coaching("later", lasts=6, retention={6: 1, 18: 0.2}))
        np.testing.assert_allclose(found["later"], found["plain"], rtol=1e-12)

    def test_what_is_averaged_over_all_offered_is_never_touched(self, small):
        assert "averaged over all offered" in faults_of(small, estimand="offered", retention={6: 0.5})

    def test_a_monthly_share_is_the_mixture_over_all_months(self, avoided):
        found = avoided(
            coaching("some_leave", lasts=4, drop_out_per_month=0.2, programme_months=4),
            *(coaching(f"for_{months}", lasts=months) for months in (1, 2, 3, 4)),
        )
        shares = [0.2, 0.8 * 0.2, 0.8**2 * 0.2, 0.8**3]
        by_hand = sum(share * found[f"for_{m}"] for m, share in zip((1, 2, 3, 4), shares, strict=True))
        np.testing.assert_allclose(found["some_leave"], by_hand, rtol=1e-9)

    def test_an_uncertain_share_is_drawn_and_told(self, small):
        share = {"value": 0.05, "low": 0.02, "high": 0.1, "interval": "range"}
        option = coaching(drop_out_per_month=share, programme_months=12)
        result = appraise(Case.from_dict({**small, "options": [option]}), draws=50, seed=1)
        assert result.input_frame()["case.coach.drop_out_per_month"].std() > 0
        assert any("5.0% drop out" in text for text in result.conventions)

    def test_the_case_file_keeps_it(self, small):
        case = Case.from_dict({**small, "options": [coaching(retention={3: 0.9, 12: 0.6})]})
        assert Case.from_text(case.to_yaml()) == case

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"retention": {3: 0.5, 6: 0.8}}, "give shares that fall"),
            ({"retention": {0: 1}}, "at least 1"),
            ({"retention": {6: 0.5}, "drop_out_per_month": 0.1}, "keep one of the two"),
            ({"drop_out_per_month": 0.1}, "add programme_months"),
            ({"retention": {12: 0.5}, "programme_months": 6}, "ends after 6"),
        ],
    )
    def test_what_cannot_be_is_told(self, small, changes, words):
        assert words in faults_of(small, **changes)


class TestPartialDose:
    def test_a_part_of_the_effect_is_a_power_of_the_ratio(self, avoided):
        found = avoided(
            coaching("mixed", partial_dose={"share": 0.3, "dose": 0.5}),
            coaching("whole"),
            coaching("root", ratio=1.6**0.5),
        )
        np.testing.assert_allclose(found["mixed"], 0.7 * found["whole"] + 0.3 * found["root"], rtol=1e-9)

    def test_those_with_a_part_drop_out_like_the_others(self, avoided):
        found = avoided(
            coaching("mixed", partial_dose={"share": 0.3, "dose": 0.5}, retention={8: 0.6}),
            *(coaching(f"whole_{m}", lasts=m) for m in (4, 12)),
            *(coaching(f"root_{m}", lasts=m, ratio=1.6**0.5) for m in (4, 12)),
        )
        by_hand = 0.7 * (0.4 * found["whole_4"] + 0.6 * found["whole_12"])
        by_hand = by_hand + 0.3 * (0.4 * found["root_4"] + 0.6 * found["root_12"])
        np.testing.assert_allclose(found["mixed"], by_hand, rtol=1e-9)

    def test_options_with_other_doses_of_one_effect_are_told_apart(self, small):
        def option(name, dose):
            effects = [{"effect": "tfp_jsa", "estimand": "engaged"}]
            part = {"share": 1, "dose": dose}
            return {
                "name": name,
                "label": name,
                "engagement": 1,
                "effects": effects,
                "partial_dose": part,
            }

        case = Case.from_dict({**small, "options": [option("a", 0.2), option("b", 0.9)]})
        activity = appraise(case, draws=40, seed=1).activity
        means = [activity.avoided("claimant_years", name).mean() for name in "ab"]
        assert means[1] > 2 * means[0] > 0
