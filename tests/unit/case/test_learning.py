"""A case that learns: weights by hand, what was seen in the place of its forecast, nobody counted twice."""

import re
from dataclasses import replace

import matplotlib.axes
import numpy as np
import pytest
from scipy import stats

from communitybudget._core.errors import CommunityBudgetError, ParameterNotFound
from communitybudget.case import ActualRow, Actuals, ActualsError, Case, Learning, appraise, learn
from communitybudget.case.forecasting import months_of_years
from communitybudget.case.learnt import FIGURES, GROSS, HAPPENED, LEARNT_COLUMNS, TEACHES
from communitybudget.case.measures import present_values
from communitybudget.learning import learn_rate
from communitybudget.learning.mixtures import MixedCounts
from communitybudget.parameters import from_mean_sd
from tests_builders import small_case

CARE, TIME_IN_CARE = "child_safety.entries_to_care", "child_safety.child_years_in_care"
CLAIMING = "work.claimant_years"


@pytest.fixture(scope="module")
def appraisal():
    """Fifty families, four years."""
    return appraise(Case.from_dict(small_case()), draws=600, seed=1)


def row(outcome=CARE, amount=2.0, families=18, first=1, last=6, **more):
    return ActualRow(
        more.pop("cohort", "first"),
        more.pop("option", "support"),
        outcome,
        families,
        amount,
        from_month=first,
        to_month=last,
        **more,
    )


def batch(*rows, name="spring"):
    return Actuals(name, rows)


def delivered(amount=31_500.0, **more):
    return row("delivery", amount, agency="local_authority", price_base="2023-24", **more)


class TestWeights:
    def test_by_hand(self, appraisal):
        found = learn(appraisal, batch(row(), row(CLAIMING, 3.0, sd=0.8)))
        care = appraisal.activity.total(CARE, "support")[0] * 18 / 50 / 2
        claiming = appraisal.activity.total(CLAIMING, "support")[0] * 18 / 50 / 2
        likely = stats.poisson.pmf(2, care) * stats.norm.pdf(3.0, claiming, 0.8)
        assert found.weights.mean(care) == pytest.approx((likely * care).sum() / likely.sum(), rel=0.02)
        order = np.argsort(likely)
        assert (np.diff(found.weights.values[order]) >= -1e-15).all()

    def test_months_reach_over_years(self, appraisal):
        found = learn(appraisal, batch(row(first=7, last=18))).rows[0]
        by_year = appraisal.activity.total(CARE, "support").mean(axis=1) * 18 / 50
        assert found.expected == pytest.approx(by_year[0] / 2 + by_year[1] / 2)
        assert months_of_years(7, 30, 2).tolist() == [6, 12]

    def test_more_spread_teaches_less(self, appraisal):
        tight = learn(appraisal, batch(row(amount=9)))
        loose = learn(appraisal, batch(row(amount=9)), extra_cv=0.5)
        assert loose.weights.effective > tight.weights.effective
        assert loose.surprise > tight.surprise

    def test_families_of_a_comparison_group_teach_and_are_not_enrolled(self, appraisal):
        found = learn(appraisal, batch(row(option="bau", families=400, amount=30, cohort="others")))
        assert found.seen == 0
        assert found.to_come == 50
        assert found.weights.effective < 600
        assert np.isnan(found.rows[0].next)
        assert np.array_equal(found.happened, found.expected)

    def test_surprise_and_prediction_of_the_families_to_come(self, appraisal):
        found = learn(appraisal, batch(row(amount=9)))
        care = appraisal.activity.total(CARE, "support")[0] * 18 / 50 / 2
        chances = stats.poisson.pmf(np.arange(80)[:, None], care).mean(axis=1)
        assert found.rows[0].surprise == pytest.approx(chances[chances <= chances[9]].sum(), abs=1e-6)
        assert "surprising" in found.conflict()
        coming = MixedCounts(care * 32 / 18)
        assert found.rows[0].next == pytest.approx(float(found.weights.mean(coming.mean)))
        assert found.rows[0].next_p90 == coming.quantile(0.9, found.weights)
        assert found.rows[0].updated > found.rows[0].expected


class TestOrder:
    def test_batches_and_rows_in_any_order_are_the_same_to_the_last_bit(self, appraisal):
        spring, autumn = batch(row(), delivered()), batch(row(first=7, last=12, amount=0), name="autumn")
        one = learn(appraisal, [spring, autumn])
        other = learn(appraisal, [autumn, batch(delivered(), row())])
        assert other.weights == one.weights
        assert np.array_equal(other.happened, one.happened)
        assert other.rows == one.rows

    def test_in_turn_is_as_together(self, appraisal):
        spring, autumn = batch(row()), batch(row(first=7, last=12, amount=0), name="autumn")
        assert learn(appraisal, spring, after=learn(appraisal, autumn)) == learn(appraisal, [spring, autumn])


class TestHappened:
    """What was seen stands in the place of its forecast; the rest stays."""

    def test_families_seen_and_to_come_make_the_whole(self, appraisal):
        found = learn(appraisal, batch(row(amount=5), delivered()))
        for agency in found.agencies:
            seen, coming, whole = (
                found.npv(name, agency, chance=False) for name in ("seen", "next", "whole_updated")
            )
            assert seen + coming == pytest.approx(whole, abs=1e-6)
            assert coming == pytest.approx(32 / 50 * appraisal.npv(agency=agency), abs=1e-6)

    def test_delivery_that_cost_more_is_off_the_whole(self, appraisal):
        planned = appraisal.ledger.flow("support", "delivery")[0] * 18 / 50 / 2
        found = learn(appraisal, batch(delivered(40_000.0)))
        gap = found.npv("whole_updated", chance=False) - appraisal.npv()
        assert gap == pytest.approx(planned - 40_000)
        police = found.npv("whole_updated", "police", chance=False)
        assert police == pytest.approx(appraisal.npv(agency="police"))
        assert found.rows[0].use == HAPPENED
        assert "Nothing seen teaches the rates" in found.conflict()

    def test_other_prices_are_brought_to_those_of_the_case(self, appraisal):
        level = appraisal.model.index.factor("2020-21", "2023-24")
        paid = replace(delivered(40_000.0), price_base="2020-21")
        assert learn(appraisal, batch(paid)).rows[0].actual == pytest.approx(40_000 * level)

    def test_counts_are_priced_as_counted(self, appraisal):
        """By hand: the same activity with the events seen, priced once more."""
        found = learn(appraisal, batch(row(TIME_IN_CARE, 9.0)))
        count = next(c for c in appraisal.activity.reported if c.id == TIME_IN_CARE)
        amounts = appraisal.activity.amounts.copy()
        option = appraisal.activity.options.index("support")
        of_seen = amounts[count.rows[0], option, 0] * 18 / 50 / 2
        amounts[count.rows[0], option, 0] += 9.0 * 12 - of_seen
        drawn = appraisal.model.draw(appraisal.draws, appraisal.seed)
        ledger = appraisal.model.price(replace(appraisal.activity, amounts=amounts), drawn)
        by_hand = present_values(ledger.net("support"), appraisal.factors)
        assert found.npv("whole_updated", chance=False) == pytest.approx(by_hand)

    def test_costs_avoided_against_a_counterfactual_stand_in(self, appraisal):
        seen = row(
            "costs_avoided", 7_000.0, agency="nhs", price_base="2023-24", counterfactual="matched families"
        )
        found = learn(appraisal, batch(seen))
        forecast = appraisal.ledger.flow("support", "costs_avoided", "nhs")[0] * 18 / 50 / 2
        gap = found.npv("whole_updated", "nhs", chance=False) - appraisal.npv(agency="nhs")
        assert gap == pytest.approx(7_000 - forecast)

    def test_gross_costs_avoided_enter_nothing(self, appraisal):
        found = learn(appraisal, batch(row("costs_avoided", 1e6, agency="nhs", price_base="2023-24")))
        assert np.array_equal(found.happened, found.expected)
        assert found.weights.effective == pytest.approx(600)
        assert found.rows[0].use == GROSS
        assert "GROSS: costs avoided of £1,000,000 to NHS were compared with nothing" in found.summary()

    def test_nobody_to_come(self, appraisal):
        found = learn(appraisal, batch(row(families=50, amount=4)))
        assert found.to_come == 0
        assert not found.npv("next").any()
        assert np.isfinite(found.npv("family_updated")).all()
        assert "All families to come" not in found.summary()

    def test_chance_of_fewer_families_is_larger_for_each(self, appraisal):
        found = learn(appraisal, batch(row()))
        by_chance = found.npv("family_before") - found.npv("family_before", chance=False)
        all_fifty = (appraisal.npv(chance=True) - appraisal.npv()) / 50
        assert by_chance == pytest.approx(all_fifty * np.sqrt(50 / 32))


class TestNobodyTwice:
    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ((row(), row(first=6, last=12)), "the same outcome is there twice for some months"),
            ((row(), row(TIME_IN_CARE, 2.0), row(TIME_IN_CARE, 1.0)), "the same outcome is there twice"),
            ((row(), row(first=7, last=12, families=20)), "stands for another number of families"),
            ((row(), row(first=7, last=12, option="bau")), "stands for another number of families"),
            ((row(families=30), row(families=30, cohort="second")), "come to 60 over all cohorts and 50"),
            ((delivered(), delivered(last=3)), "the same money is there twice"),
            (
                (row(), row("costs_avoided", 5.0, agency="nhs", price_base="2023-24")),
                "costs avoided and the counts that they come from",
            ),
        ],
    )
    def test_within_a_batch(self, appraisal, rows, words):
        with pytest.raises(ActualsError, match=re.escape(words)):
            learn(appraisal, batch(*rows))

    def test_over_batches(self, appraisal):
        before = learn(appraisal, batch(row()))
        with pytest.raises(ActualsError, match="the same outcome is there twice"):
            learn(appraisal, batch(row(amount=3), name="again"), after=before)

    def test_the_same_batch(self, appraisal):
        before = learn(appraisal, batch(row()))
        with pytest.raises(ActualsError, match="holds the very figures of the batch 'spring'"):
            learn(appraisal, batch(row()), after=before)
        with pytest.raises(ActualsError, match="holds the very figures of the batch"):
            learn(appraisal, batch(row(), name="renamed"), after=before)
        with pytest.raises(ActualsError, match="is the name of two batches"):
            learn(appraisal, batch(row(first=7, last=12)), after=before)

    def test_events_that_two_outcomes_share(self, appraisal):
        count = next(c for c in appraisal.activity.reported if c.id == CARE)
        same = replace(count, name="entries_again")
        activity = replace(appraisal.activity, reported=(*appraisal.activity.reported, same))
        twice = replace(appraisal, activity=activity)
        with pytest.raises(ActualsError, match="two outcomes count the same events"):
            learn(twice, batch(row(), row("child_safety.entries_again")))

    def test_later_months_and_other_families_are_welcome(self, appraisal):
        rows = (row(), row(first=7, last=12), row(cohort="second", families=32), delivered())
        assert learn(appraisal, batch(*rows)).seen == 50


class TestMisfits:
    @pytest.mark.parametrize(
        ("seen", "words"),
        [
            (row("child_safety.entries_to_car"), "is no count that this case reports; did you mean"),
            (row(option="other"), "option: is not 'support', which is learnt of"),
            (row(amount=1.5), "is no whole number of events"),
            (row(sd=1.0), "sd: belongs to time and money"),
            (row(last=60), "to_month: lies beyond the horizon"),
            (row(first=0, last=0, year="1999-00"), "year: lies outside the years"),
            (delivered(option="bau"), "is money of families of a comparison group"),
            (replace(delivered(), agency="hmrc"), "agency: bears no line of this case"),
            (
                replace(delivered(), agency="fire", outcome="costs_avoided", counterfactual="matched"),
                "agency: bears no line of this case",
            ),
            (replace(delivered(), price_base="1901-02"), "price_base: "),
            (
                row("costs_avoided", 5.0, agency="nhs", price_base="2023-24", sd=1.0),
                "would let GROSS costs avoided teach the effects",
            ),
        ],
    )
    def test_each_says_what_to_do(self, appraisal, seen, words):
        with pytest.raises(ActualsError, match=re.escape(words)):
            learn(appraisal, batch(seen))

    def test_all_at_once(self, appraisal):
        with pytest.raises(ActualsError) as caught:
            learn(appraisal, batch(row("x.y"), row(option="other", amount=1.5)))
        assert len(caught.value.faults) == 3

    def test_families_who_join_later(self):
        case = small_case() | {"cohort": {"intake": {"2024-25": 30, "2025-26": 20}, "profile": "medium_need"}}
        later = appraise(Case.from_dict(case), draws=20, seed=1)
        with pytest.raises(CommunityBudgetError, match="join in several years"):
            learn(later, batch(row()))

    def test_draws_that_cannot_be_made_again(self, appraisal):
        other = replace(appraisal, input_values=appraisal.input_values[:, ::-1])
        with pytest.raises(CommunityBudgetError, match="cannot be made again from its seed"):
            learn(other, batch(row()))

    def test_no_such_option_or_figure(self, appraisal):
        with pytest.raises(ParameterNotFound, match="suport"):
            learn(appraisal, batch(row()), "suport")
        with pytest.raises(ParameterNotFound, match="no agency 'polce'"):
            learn(appraisal, batch(row())).npv("next", "polce")
        with pytest.raises(ValueError, match="there are no actuals"):
            learn(appraisal, [])
        with pytest.raises(ValueError, match="'all' is no figure"):
            learn(appraisal, batch(row())).npv("all")

    def test_what_could_not_have_happened(self, appraisal):
        amounts = appraisal.activity.amounts * 0
        never = replace(appraisal, activity=replace(appraisal.activity, amounts=amounts))
        with pytest.raises(ValueError, match="could have happened in no draw"):
            learn(never, batch(row()))


class TestResult:
    @pytest.fixture(scope="class")
    @staticmethod
    def found(appraisal):
        return learn(appraisal, batch(row(), delivered()))

    def test_there_and_back(self, found):
        back = Learning.from_json(found.to_json())
        assert back == found
        assert back.to_json() == found.to_json()

    def test_the_frame(self, found):
        frame = found.to_frame()
        assert tuple(frame.columns) == LEARNT_COLUMNS
        assert list(frame["figure"].unique()) == list(FIGURES)
        whole = frame[(frame["agency"] == "all") & (frame["figure"] == "whole_before")].iloc[0]
        assert whole["mean"] == pytest.approx(found.expected[0].mean())
        assert frame["mc_error"].ge(0).all()

    def test_expected_and_actual(self, found):
        frame = found.expected_and_actual().set_index("outcome")
        assert frame.loc[CARE, "actual"] == 2
        assert frame.loc[CARE, "use"] == TEACHES
        assert frame.loc["delivery", "unit"] == "GBP"

    def test_inputs_that_moved(self, found):
        frame = found.inputs_frame().set_index("key")
        moved = (frame["mean_updated"] - frame["mean_before"]).abs() / frame["sd_before"]
        assert moved.idxmax().startswith(
            ("transition.child_safety", "start.child_safety", "effect", "cohort")
        )

    def test_it_shows_itself(self, found):
        text = found.summary()
        assert "18 and 32 of 50" in text
        assert "seed 1 · 600 draws" in text
        assert repr(found).startswith("Learning(option=support, seen=18 of 50")
        assert "after spring" in found._repr_html_()
        assert isinstance(found.plot(), matplotlib.axes.Axes)


def test_a_posterior_becomes_an_override_and_gives_itself_back():
    case = Case.from_dict(small_case())
    key = "transition.child_safety.medium_need.child_in_need.looked_after.m0"
    old = case.parameters.get(key)
    seen = learn_rate(from_mean_sd(old.value, old.value / 2), 3, 2_000.0)
    new = case.override(key, **seen.as_override("three entries in 2,000 child-months")).parameters.get(key)
    assert new.uncertainty.numbers == pytest.approx(seen.posterior.numbers)
    assert new.mark == "local"
