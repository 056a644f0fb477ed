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

    def test_an_effect_without_a_label_is_called_by_its_moves(self, small):
        told = faults_of(small, engagement=None)
        assert "the effect 'work.claiming_search -> in_work' holds for those who engage" in told

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


ROOM = {"key_workers": 2, "families_each": 10, "months_each": 6}


class TestCaseload:
    @pytest.fixture
    def paid_and_avoided(self, small):
        def run(*options, **changes):
            options = [{**o, "delivery": small["options"][0]["delivery"]} for o in options]
            case = Case.from_dict({**small, "pathways": ["work"], "options": options, **changes})
            result = appraise(case, draws=DRAWS, seed=1)
            return result, {
                o["name"]: (
                    result.ledger.flow(o["name"], "delivery"),
                    result.activity.avoided("claimant_years", o["name"]),
                )
                for o in options
            }

        return run

    def test_families_who_wait_are_those_who_start_later(self, paid_and_avoided):
        result, found = paid_and_avoided(
            coaching("waiting", caseload=ROOM),
            *(coaching(f"after_{m}", starts_after_months=m) for m in (0, 6, 12)),
        )
        for part in (0, 1):
            by_hand = sum(share * found[f"after_{m}"][part] for m, share in ((0, 0.4), (6, 0.4), (12, 0.2)))
            np.testing.assert_allclose(found["waiting"][part], by_hand, rtol=1e-9)
        frame = result.waiting().set_index("year")
        assert frame["started"].tolist() == [40, 10, 0, 0, 50]
        assert frame.loc["2024-25", "waiting"] == pytest.approx((30 * 6 + 10 * 6) / 12)
        assert frame.loc["all years", "mean_wait_months"] == pytest.approx((20 * 6 + 10 * 12) / 50)
        assert frame.loc["all years", "longest_wait_months"] == 12
        assert any("families wait for a place" in text for text in result.cautions)

    def test_who_never_starts_costs_nothing_and_gains_nothing(self, paid_and_avoided):
        room = {"key_workers": 1, "families_each": 5, "months_each": 24}
        result, found = paid_and_avoided(
            coaching("few", caseload=room), coaching("now"), coaching("later", starts_after_months=24)
        )
        for part in (0, 1):
            by_hand = 0.1 * found["now"][part] + 0.1 * found["later"][part]
            np.testing.assert_allclose(found["few"][part], by_hand, rtol=1e-9)
        assert result.waiting().set_index("year").loc["all years", "never_start"] == pytest.approx(40)

    def test_room_for_all_changes_not_one_bit(self, paid_and_avoided):
        room = {**ROOM, "key_workers": 100}
        intake = {"intake": {"2024-25": 30, "2025-26": 50}, "profile": "medium_need"}
        _, found = paid_and_avoided(
            coaching("plain", retention={6: 0.5}), coaching("room", retention={6: 0.5}, caseload=room),
            cohort=intake,
        )  # fmt: skip
        for part in (0, 1):
            np.testing.assert_array_equal(found["plain"][part], found["room"][part])

    def test_who_does_not_engage_takes_no_place(self, paid_and_avoided):
        _, found = paid_and_avoided(
            coaching("half", engagement=0.4, caseload=ROOM), coaching("room", engagement=0.4)
        )
        np.testing.assert_array_equal(found["half"][1], found["room"][1])

    def test_waiting_and_dropping_out_together(self, paid_and_avoided):
        _, found = paid_and_avoided(
            coaching("waiting", caseload=ROOM, retention={4: 0.5}),
            *(
                coaching(f"after_{m}_for_{k}", starts_after_months=m, lasts=k)
                for m in (0, 6, 12)
                for k in (2, 12)
            ),
        )
        by_hand = sum(
            0.5 * share * found[f"after_{m}_for_{k}"][1]
            for m, share in ((0, 0.4), (6, 0.4), (12, 0.2))
            for k in (2, 12)
        )
        np.testing.assert_allclose(found["waiting"][1], by_hand, rtol=1e-9)

    def test_no_effect_is_business_as_usual_to_the_last_bit(self, small):
        option = {**small["options"][0], "caseload": ROOM}
        case = Case.from_dict({**small, "options": [option]})
        result = appraise(case, draws=100, seed=3)
        ratios = result.input_frame()
        absent = (ratios["effect.tfp_looked_after"] == 1) & (ratios["effect.tfp_jsa"] == 1)
        assert absent.any()
        assert (result.ledger.flow("support", "costs_avoided")[:, absent] == 0).all()

    def test_blocks_change_not_one_bit(self, small):
        case = Case.from_dict(
            {**small, "options": [coaching(caseload=ROOM, engagement={"value": 0.8, "sd": 0.05})]}
        )
        whole, parts = (appraise(case, draws=11, seed=1, block=block).activity for block in (5000, 3))
        np.testing.assert_array_equal(whole.amounts, parts.amounts)

    def test_families_of_chains_wait_too(self, small):
        chain = {
            "name": "work", "label": "Work", "population": "families", "impact": 0.1, "deadweight": 0.1,
            "unit_cost": "unit_cost.SS5.0", "source": "test", "lasts_years": 2,
        }  # fmt: skip
        options = [
            {"name": name, "label": name, "outcomes": [chain], **changes}
            for name, changes in (
                ("waiting", {"caseload": {"key_workers": 5, "families_each": 5, "months_each": 12}}),
                ("now", {}),
                ("later", {"starts_after_months": 12}),
            )
        ]
        result = appraise(Case.from_dict({**small, "options": options}), draws=5, seed=1)
        avoided = {
            o["name"]: result.ledger.flow(o["name"], "costs_avoided")
            + result.ledger.flow(o["name"], "not_deliverable")
            for o in options
        }
        np.testing.assert_allclose(
            avoided["waiting"], 0.5 * avoided["now"] + 0.5 * avoided["later"], rtol=1e-9
        )

    @pytest.mark.parametrize("part", ["key_workers", "families_each", "months_each"])
    def test_a_caseload_of_zero_is_an_error(self, small, part):
        assert f"{part} of 0 lets no family start" in faults_of(small, caseload={**ROOM, part: 0})

    def test_one_length_is_enough(self, small):
        assert "keep that of caseload" in faults_of(small, caseload=ROOM, programme_months=6)


class TestRuns:
    @pytest.fixture
    def paid_and_avoided(self, small):
        delivery = [{**small["options"][0]["delivery"][0], "over_months": 12}]

        def run(*options, **changes):
            options = [{**o, "delivery": delivery} for o in options]
            case = Case.from_dict({**small, "pathways": ["work"], "options": options, **changes})
            result = appraise(case, draws=DRAWS, seed=1)
            return {
                o["name"]: (
                    result.ledger.flow(o["name"], "delivery"),
                    result.activity.avoided("claimant_years", o["name"]),
                )
                for o in options
            }

        return run

    def test_who_joins_before_waits_for_it(self, paid_and_avoided):
        found = paid_and_avoided(
            coaching("opens", runs={"from": "2025-26"}), coaching("late", starts_after_months=12)
        )
        for part in (0, 1):
            np.testing.assert_allclose(found["opens"][part], found["late"][part], rtol=1e-9, atol=1e-12)

    def test_when_it_stops_the_effect_is_lost_and_nothing_more_is_paid(self, paid_and_avoided):
        found = paid_and_avoided(
            coaching("stops", starts_after_months=6, runs={"to": "2024-25"}, programme_months=12),
            coaching("half", starts_after_months=6, lasts=6),
        )
        np.testing.assert_allclose(found["stops"][1], found["half"][1], rtol=1e-9)
        assert found["stops"][0][0] == pytest.approx(found["half"][0][0])
        assert (found["stops"][0][1:] == 0).all()

    def test_who_has_been_through_it_keeps_the_effect(self, paid_and_avoided):
        found = paid_and_avoided(
            coaching("stops", lasts=30, runs={"to": "2024-25"}, programme_months=12),
            coaching("goes_on", lasts=30),
        )
        np.testing.assert_allclose(found["stops"][1], found["goes_on"][1], rtol=1e-9)

    def test_who_is_ready_after_it_has_stopped_never_starts(self, paid_and_avoided):
        found = paid_and_avoided(
            coaching("stops", runs={"to": "2024-25"}, programme_months=1),
            coaching("first_only"),
            cohort={"intake": {"2025-26": 30}, "profile": "medium_need"},
        )
        assert (found["stops"][0] == 0).all()
        np.testing.assert_allclose(found["stops"][1], 0, atol=1e-9)

    def test_that_nobody_starts_is_said_in_plain_words(self, small):
        option = coaching(starts_after_months=30, runs={"to": "2024-25"}, programme_months=12)
        cautions = appraise(
            Case.from_dict({**small, "pathways": ["work"], "options": [option]}), draws=5
        ).cautions
        assert any("coach: nobody starts in these years. None of" in text for text in cautions)

    @pytest.mark.parametrize(
        ("runs", "words"),
        [
            ({}, "says no year"),
            ({"from": "2026-27", "to": "2025-26"}, "put the two in order"),
            ({"to": "2025-26"}, "add programme_months"),
            ({"from": "2035-36"}, "outside the years"),
        ],
    )
    def test_what_cannot_be_is_told(self, small, runs, words):
        assert words in faults_of(small, runs=runs)


class TestCombination:
    def both(self, name, combination=None, ratios=(1.6, 1.2), **changes):
        effects = [coaching(ratio=r, estimand="offered", **changes)["effects"][0] for r in ratios]
        option = {"name": name, "label": name, "effects": effects}
        return option if combination is None else {**option, "combination": combination}

    def test_each_rule_is_one_effect_of_its_ratio(self, avoided):
        found = avoided(
            self.both("product", "multiplicative"),
            self.both("strongest", "strongest"),
            self.both("given", {"given": 1.7}),
            *(coaching(f"ratio_{k}", ratio=r) for k, r in enumerate((1.6 * 1.2, 1.6, 1.7))),
        )
        for k, rule in enumerate(("product", "strongest", "given")):
            np.testing.assert_allclose(found[rule], found[f"ratio_{k}"], rtol=1e-9)

    def test_options_with_other_rules_are_told_apart(self, avoided):
        found = avoided(
            self.both("a", {"given": 1.3}), self.both("b", {"given": 1.9}), self.both("c", "multiplicative")
        )
        assert len({float(x.mean()) for x in found.values()}) == 3

    def test_a_given_ratio_may_be_uncertain(self, small):
        given = {"given": {"value": 1.7, "low": 1.4, "high": 2, "interval": "ci95"}}
        result = appraise(Case.from_dict({**small, "options": [self.both("a", given)]}), draws=40, seed=1)
        assert result.input_frame()["case.a.combination"].std() > 0
        assert any("come to a ratio of 1.7 together" in text for text in result.conventions)

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            (
                {"ratios": (1.6, 1.2)},
                "the local effect 1 and the local effect 2 on work.claiming_search -> in_work; say how",
            ),
            ({"combination": "strongest", "ratios": (1.6,)}, "no two effects meet on a move"),
            ({"combination": {"given": 0}}, "give one above 0"),
            ({"combination": "sum"}, "use one of 'multiplicative' or 'strongest'"),
            ({"combination": {"given": 1.2}, "ratios": (1.6, 1.2, 1.1)}, "a given ratio is for two ratios"),
        ],
    )
    def test_what_cannot_be_is_told(self, small, option, words):
        with pytest.raises(CaseFileError) as error:
            Case.from_dict({**small, "options": [self.both("a", **option)]})
        assert words in str(error.value)
        assert "combination.word" not in str(error.value)

    def test_effects_of_one_study_need_no_rule(self, small):
        effects = [{"effect": "tfp_juvenile_conviction"}, {"effect": "tfp_juvenile_custody"}]
        pathways = ["youth_justice"]
        option = {"name": "a", "label": "a", "effects": effects}
        assert Case.from_dict({**small, "pathways": pathways, "options": [option]})


class TestMonthlyRate:
    def rate(self, name="rate", value=0.08, **changes):
        option = coaching(name, **changes)
        effect = {k: v for k, v in option["effects"][0].items() if k != "hazard_ratio"}
        return {**option, "effects": [{**effect, "monthly_rate": value}]}

    def test_a_rate_that_is_a_ratio_of_the_usual_one_is_that_ratio(self, small):
        """Where the usual rate is known, and the same in every band of time."""
        known = {"value": 0.05, "low": 0.05, "high": 0.05, "interval": "range", "reason": "known"}
        move = "transition.work.all.claiming_search.in_work"
        changed = {f"{move}.m{month}": known for month in (0, 3, 6, 12)}
        options = [self.rate(value=0.08, fades=6), coaching("ratio", ratio=1.6, fades=6)]
        case = Case.from_dict({**small, "pathways": ["work"], "options": options, "overrides": changed})
        activity = appraise(case, draws=5, seed=1).activity
        rate, ratio = (activity.avoided("claimant_years", name) for name in ("rate", "ratio"))
        np.testing.assert_allclose(rate, ratio, rtol=1e-9)

    def test_a_part_of_it_and_its_report(self, small):
        case = Case.from_dict({**small, "pathways": ["work"], "options": [self.rate(engagement=0.5)]})
        result = appraise(case, draws=5, seed=1)
        (effect,) = result.effects
        assert (effect.ratio, effect.hazard_ratio) == (None, None)
        assert "at 0.08 a month" in effect.outcome
        assert type(result).from_json(result.to_json()) == result

    def test_it_may_not_be_none_in_some_draws(self, small):
        option = self.rate()
        option["effects"][0]["probability_no_effect"] = 0.3
        with pytest.raises(CaseFileError, match="is no rate in some draws"):
            Case.from_dict({**small, "options": [option]})

    def test_one_form_of_three(self, small):
        option = self.rate()
        option["effects"][0]["hazard_ratio"] = 1.2
        with pytest.raises(CaseFileError, match="one of the three"):
            Case.from_dict({**small, "options": [option]})

    def test_two_rates_of_one_move_are_refused(self, small):
        option = self.rate()
        option = {**option, "effects": option["effects"] * 2, "combination": "strongest"}
        with pytest.raises(CaseFileError, match="replace the rate"):
            Case.from_dict({**small, "options": [option]})

    @pytest.mark.parametrize(("rate", "unmet"), [(0.6, True), (0.001, False)])
    def test_only_what_drives_families_from_help_is_unmet_need(self, small, rate, unmet):
        move = "child_safety.child_in_need -> case_closed"
        option = self.rate(value=rate, estimand="offered", lasts=24)
        option["effects"][0]["on"] = move
        case = {**small, "options": [option], "unmet_need": [{"moves": move, "reason": "refused"}]}
        ledger = appraise(Case.from_dict(case), draws=8, seed=1).ledger
        assert bool(ledger.flow("rate", "unmet_need").any()) == unmet
        assert ledger.flow("rate", "costs_avoided").sum() != 0 or unmet
