"""Adjustments of a case: optimism bias, evidence transfer, weights, wellbeing; and the switchboard."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case, appraise
from communitybudget.sampling import Draws


@pytest.fixture
def run_option(small, run_small):
    """Appraise the small case with parts added to its option, or with other parts of the case changed."""

    def run(draws=300, case=None, **parts):
        return run_small(draws, options=[{**small["options"][0], **parts}], **(case or {}))

    return run


GRADES = {"green": 2, "amber": 4, "red": 6, "not_graded": 5, "matched_comparison": 3}


def adjusted(rule, **changes):
    bias = {"rule": rule, "grades": GRADES, "costs": False, **changes}
    return {"adjustments": {"optimism_bias": bias}}


class TestOptimismBias:
    def test_only_what_is_gained_is_corrected(self, run_option):
        plain = run_option().ledger.flow("support", "costs_avoided")
        for rule in ("mean", "worst", "compound"):
            less = run_option(case=adjusted(rule)).ledger.flow("support", "costs_avoided")
            assert (less <= plain + 1e-6).all()
            assert less.sum() < plain.sum()

    def test_one_line_by_hand(self, run_option):
        """Foster care: a green price (grade 2, 5%) and matched comparison (grade 3, 10%), compounded."""
        plain = run_option().ledger
        less = run_option(case=adjusted("compound")).ledger
        i = [line.line for line in plain.lines].index("Foster care")
        gained = plain.amounts[i, 0] > 0
        assert_allclose(less.amounts[i, 0][gained], plain.amounts[i, 0][gained] * 0.95 * 0.9, rtol=1e-9)

    def test_costs_need_a_grade_and_rise_by_its_share(self, small, run_small):
        option = dict(small["options"][0])
        with pytest.raises(
            CaseFileError, match=r"delivery\[0\]: optimism bias is on for costs, and this has no"
        ):
            run_small(options=[option], **adjusted("worst", costs=True))
        plain = run_small().ledger.flow("support", "delivery")
        option["delivery"] = [{**option["delivery"][0], "evidence_grade": 4}]
        dearer = run_small(options=[option], **adjusted("worst", costs=True)).ledger
        assert_allclose(dearer.flow("support", "delivery"), plain * 1.15)

    def test_a_word_without_a_grade_is_named(self, run_option):
        bias = {"rule": "worst", "grades": {"green": 1}, "costs": False}
        with pytest.raises(CaseFileError, match="no grade is given for 'matched_comparison'"):
            run_option(case={"adjustments": {"optimism_bias": bias}})

    def test_chains_and_claims_need_a_grade_too_and_are_corrected(self, small, run_option):
        case = adjusted("worst")
        with pytest.raises(CaseFileError, match=r"outcomes\[0\]: optimism bias is on for benefits"):
            run_option(effects=[], outcomes=[JOB], case=case)
        claim = {
            "agency": "nhs",
            "line": "Walk-ins",
            "item": "Fewer",
            "fixed": 1_000,
            "price_base": "2023-24",
            "deadweight": 0,
            "source": "us",
        }
        graded = run_option(effects=[], claims=[{**claim, "evidence_grade": 6}], case=case)
        assert_allclose(graded.ledger.flow("support", "costs_avoided")[0], 600)

    def test_a_word_that_has_no_grade_is_refused(self, small):
        bias = {"rule": "worst", "grades": {"ambr": 2}}
        with pytest.raises(CaseFileError, match="'ambr' is no word that has a grade; did you mean 'amber'"):
            Case.from_dict({**small, "adjustments": {"optimism_bias": bias}})

    def test_effects_of_one_study_count_once(self, run_option):
        both = [{"effect": "tfp_looked_after"}, {"effect": "tfp_protection_plan_adverse"}]
        case = adjusted("compound")
        model = run_option(20, effects=both, case=case).model
        foster = [i for i, item in enumerate(model.priced) if item.line == "Foster care"]
        assert_allclose(model.kept[foster, 0], 0.95 * 0.9)

    def test_recalled_percentages_are_shown_as_recalled(self, run_option):
        rows = run_option(case=adjusted("worst")).assumptions()
        used = rows[rows["key"].str.startswith("optimism_bias.")]
        assert len(used) == 6
        assert set(used["mark"]) == {"recalled"}


TRANSFER = {"design": 0.9, "developer_led": 1, "scale": 0.8, "context": 0.7, "reason": "elsewhere"}


class TestEvidenceTransfer:
    def test_it_is_a_strength_with_reasons(self, run_option):
        shrunk = run_option(effects=[{"effect": "tfp_looked_after", "transfer": TRANSFER}])
        strength = run_option(effects=[{"effect": "tfp_looked_after", "strength": 0.9 * 0.8 * 0.7}])
        assert_allclose(shrunk.npv(), strength.npv())
        assert any("shrunk to 50% of what was measured: elsewhere" in text for text in shrunk.cautions)

    def test_the_answer_as_published_stands_beside_it(self, run_option):
        shrunk = run_option(effects=[{"effect": "tfp_looked_after", "transfer": TRANSFER}])
        plain = run_option(effects=[{"effect": "tfp_looked_after"}])
        rows = shrunk.switchboard().set_index("setting")
        assert rows.loc["effects as published", "npv_fiscal"] == pytest.approx(plain.npv().mean())
        assert rows.loc["effects shrunk as stated", "change"] == 0

    def test_nothing_kept_is_no_effect(self, run_option):
        none = {**TRANSFER, "scale": 0}
        result = run_option(effects=[{"effect": "tfp_looked_after", "transfer": none}])
        assert_allclose(result.ledger.flow("support", "costs_avoided"), 0, atol=1e-6)


class TestSwitchboard:
    def test_each_vintage_is_the_npv_under_it(self, small, run_small):
        rows = run_small().switchboard().set_index("setting")
        for name in ("green_book_2022", "review_2026_proposed"):
            other = run_small(discounting=name)
            (setting,) = [s for s in rows.index if s.startswith(name + " ")]
            assert rows.loc[setting, "npv_fiscal"] == pytest.approx(other.npv().mean())
            assert rows.loc[setting, "in_use"] == (name == "green_book_2022")
        assert rows.loc["none", "npv_fiscal"] == pytest.approx(run_small(discounting=0.0).npv().mean())

    def test_every_rule_of_optimism_bias_and_none(self, run_option):
        case = adjusted("worst")
        rows = run_option(case=case).switchboard()
        bias = rows[rows["switch"] == "optimism bias"].set_index("setting")
        assert bias.loc["none", "npv_fiscal"] == pytest.approx(run_option().npv().mean())
        assert bias.loc["grades combined by worst", "change"] == 0
        assert list(bias.index) == [
            "grades combined by worst",
            "grades combined by compound",
            "grades combined by mean",
            "none",
        ]

    def test_published_prices_in_place_of_local_ones(self, run_small):
        local = {
            "unit_cost.residential_home_week": {"value": 9000, "price_base": "2023-24", "reason": "ours"}
        }
        rows = run_small(overrides=local).switchboard().set_index("setting")
        assert rows.loc["published ones", "npv_fiscal"] == pytest.approx(run_small().npv().mean())
        assert rows.loc["1 in place of published ones", "in_use"]


WEIGHTS = {"income": 17_250, "median_income": 34_500, "source": "an example"}
JOB = {
    "name": "into_work",
    "label": "Adults into work",
    "population": 10,
    "unit_cost": "unit_cost.E&E1.0",
    "impact": 0.5,
    "deadweight": 0.25,
    "lasts_years": 1,
    "source": "an example",
}
CONTENT = {**JOB, "name": "content", "label": "More content", "unit_cost": "unit_cost.wellby"}


class TestDistributionalWeights:
    """Half the median income: what families gain and lose counts 2 ** 1.3 times."""

    def run(self, run_option, **weights):
        adjustments = {"adjustments": {"distributional_weights": {**WEIGHTS, **weights}}}
        return run_option(effects=[], outcomes=[JOB], case=adjustments)

    def test_off_by_default(self, run_option):
        assert "npv_public_value_weighted" not in set(run_option().to_frame()["measure"])
        assert list(run_option().two_cases().columns) == ["item", "cash", "financial", "economic"]

    def test_by_hand(self, run_option):
        result = self.run(run_option)
        ledger = result.ledger
        benefit = ledger.flow("support", "costs_avoided", transfer=True)
        earnings = ledger.flow("support", "costs_avoided", value_types=("economic",))
        fiscal, spent = ledger.flow("support", "costs_avoided"), ledger.flow("support", "delivery")
        by_year = fiscal - spent + 2**1.3 * (earnings - benefit)
        expected = (by_year * result.factors[:, None]).sum(axis=0).mean()
        assert result.measure("npv_public_value_weighted")["mean"] == pytest.approx(expected)
        cases = result.two_cases().set_index("item")
        assert cases.loc["Net present value", "weighted"] == pytest.approx(expected)
        rows = result.switchboard()
        weighted = rows[(rows["switch"] == "distributional weights") & ~rows["in_use"]]
        assert weighted["npv_public_value"].item() == pytest.approx(expected)

    def test_at_the_median_it_is_public_value(self, run_option):
        result = self.run(run_option, income=34_500)
        weighted = result.measure("npv_public_value_weighted")["mean"]
        assert weighted == pytest.approx(result.measure("npv_public_value")["mean"])

    def test_it_leaves_the_fiscal_case_alone(self, run_option):
        plain = run_option(effects=[], outcomes=[JOB])
        assert_allclose(self.run(run_option).npv(), plain.npv(), rtol=0, atol=0)

    def test_it_is_said_with_its_sum(self, run_option):
        assert any("counts 2.46 times" in text for text in self.run(run_option).conventions)


class TestWellbeing:
    """One point of life satisfaction for a year, GBP 13,000 at calendar 2019 prices; off by default."""

    def test_off_unless_asked_for(self, small):
        option = {**small["options"][0], "effects": [], "outcomes": [CONTENT]}
        with pytest.raises(CaseFileError, match="is off unless a case asks for it"):
            Case.from_dict({**small, "options": [option]})

    def test_it_is_social_value_and_no_money_of_an_agency(self, run_option):
        result = run_option(effects=[], outcomes=[CONTENT], case={"adjustments": {"wellbeing": True}})
        ledger = result.ledger
        assert not ledger.flow("support", "costs_avoided").any()
        social = ledger.flow("support", "costs_avoided", value_types=("social",))
        worth = result.model.draw(300, 1)["unit_cost.wellby[social]"]
        factor = result.model.index.factor("2019-20", "2023-24")
        assert_allclose(social[0], 10 * 0.5 * 0.75 * worth * factor)
        assert_allclose(np.mean(worth), 13_164.49, rtol=0.02)

    def test_the_answer_without_it_stands_beside(self, run_option):
        case = {"adjustments": {"wellbeing": True}}
        result = run_option(effects=[], outcomes=[CONTENT], case=case)
        rows = result.switchboard()
        without = rows[(rows["switch"] == "wellbeing") & ~rows["in_use"]]
        plain = run_option(effects=[])
        assert without["npv_public_value"].item() == pytest.approx(
            plain.measure("npv_public_value")["mean"], rel=1e-9
        )


def test_switching_values_hold_with_bias_claims_risks_and_a_budget(small):
    """Each is held in a run of the whole case, of the second option; the others stay as they are."""
    claim = {
        "agency": "local_authority",
        "line": "Foster care",
        "item": "Fewer placements",
        "fixed": 60_000,
        "price_base": "2023-24",
        "deadweight": 0.3,
        "evidence_grade": 5,
        "source": "us",
    }
    risk = {
        "name": "Provider fails",
        "agency": "local_authority",
        "probability": 0.3,
        "impact": 40_000,
        "price_base": "2023-24",
        "first_year": "2024-25",
        "last_year": "2026-27",
        "source": "us",
    }
    budget = [{"agency": "local_authority", "line": "Children's homes", "year": "2024-25", "amount": 40_000}]
    first = small["options"][0]
    second = {**first, "name": "other", "label": "Other", "claims": [claim], "risks": [risk]}
    second["effects"] = [{"effect": "tfp_looked_after"}]
    data = {**small, "options": [first, second], "budget": budget, **adjusted("compound")}
    result = appraise(Case.from_dict(data), draws=500, seed=3)
    frame = result.switching_values("other", most=4, draws=500)
    found = frame[np.isfinite(frame["switching_value"])]
    assert len(found) >= 2
    model, drawn = result.model, result.model.draw(500, 3)
    by_key = {c.key: c for c in result.inputs}
    for row in found.to_dict("records"):
        held = drawn
        for key in by_key[row["key"]].ids if row["key"] in by_key else (row["key"],):
            value = model.inputs.used[key].value * row["switching_value"] / row["value"]
            if key in drawn.columns and model.inputs.used[key].unit == "ratio":
                columns = {**held.columns, key: np.where(drawn.columns[key] == 1, 1.0, value)}
                held = Draws(held.draws, held.seed, columns, held.constants)
            else:
                held = held.with_fixed(key, value)
        ledger = model.price(model.simulate(held), held)
        npv = (ledger.net("other") * result.factors[:, None]).sum(axis=0).mean()
        assert abs(npv) < 1e-4 * abs(result.npv("other").mean()) + 50
