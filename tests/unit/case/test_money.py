"""Outcome chains, claims, caps, risks, cash and adjustments, from the case file to the ledger."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import CaseFileError, DoubleCounting
from communitybudget.case import Appraisal, Case, appraise
from communitybudget.ledger import BudgetError

JOBS = {
    "name": "into_work",
    "label": "Adults into work",
    "population": "adults",
    "unit_cost": "unit_cost.E&E1.0",
    "impact": {"value": 0.2, "low": 0.1, "high": 0.3, "interval": "range"},
    "deadweight": 0.25,
    "lasts_years": 2,
    "source": "an example",
}
HOMES = {
    "agency": "local_authority",
    "line": "Children's homes",
    "unit_cost": "unit_cost.residential_home_week",
    "marginal_share": {"value": 0.9, "low": 0.8, "high": 1.0, "interval": "range"},
    "step": {"what": "home of 2", "size": 0.2, "units_each": 52.18},
    "decommission_months": 6,
    "source": "an example",
}
CLAIM = {
    "agency": "local_authority",
    "line": "Foster care",
    "item": "Fewer placements",
    "fixed": 50_000_000,
    "price_base": "2023-24",
    "deadweight": 0.5,
    "source": "an example",
}


@pytest.fixture
def run_option(small, run_small):
    """Appraise the small case with parts added to its option, or with other parts of the case changed."""

    def run(draws=300, case=None, **parts):
        return run_small(draws, options=[{**small["options"][0], **parts}], **(case or {}))

    return run


def faults_of(data):
    with pytest.raises(CaseFileError) as raised:
        Case.from_dict(data)
    return str(raised.value)


class TestChains:
    def chain_only(self, run_option, **changes):
        return run_option(effects=[], outcomes=[{**JOBS, **changes}])

    def test_it_is_the_product_of_its_links_in_every_draw(self, run_option):
        result = self.chain_only(run_option)
        (chain,) = result.outcomes
        drawn = result.model.draw(300, 1)
        adults = drawn["cohort.medium_need.adults_per_family"] * 50
        impact = drawn["case.outcomes.into_work.impact"]
        assert_allclose(chain.chain.net, adults * impact * 0.75, rtol=1e-12)

    def test_a_headline_goes_to_the_agencies_of_its_constituents(self, run_option):
        ledger = self.chain_only(run_option).ledger
        dwp = ledger.flow("support", "costs_avoided", "dwp").sum()
        nhs = ledger.flow("support", "costs_avoided", "nhs").sum()
        assert_allclose(nhs / dwp, 566 / 9_234)
        assert_allclose(ledger.flow("support", "costs_avoided").sum(), dwp + nhs)
        assert_allclose(ledger.flow("support", "costs_avoided", transfer=True).sum(), dwp)
        economic = ledger.flow("support", "costs_avoided", value_types=("economic",)).sum(axis=0)
        assert (economic > 0).all()

    def test_no_impact_avoids_exactly_nothing(self, run_option):
        result = self.chain_only(run_option, impact=0)
        assert not result.ledger.flow("support", "costs_avoided").any()

    def test_without_deadweight_it_is_gross(self, run_option):
        given = {k: v for k, v in JOBS.items() if k != "deadweight"}
        result = run_option(effects=[], outcomes=[given])
        assert "GROSS" in result.ledger.label("support")
        assert "GROSS" not in self.chain_only(run_option).ledger.label("support")

    def test_same_bits_whatever_the_block(self, small, run_option):
        case = Case.from_dict(
            {**small, "options": [{**small["options"][0], "effects": [], "outcomes": [JOBS]}]}
        )
        assert appraise(case, 100, 3, block=7) == appraise(case, 100, 3)

    def test_business_as_usual_is_that_of_the_pathways_alone(self, run_option):
        plain, chain = run_option(), self.chain_only(run_option, incidence=0.5)
        assert_allclose(chain.ledger.business_as_usual(), plain.ledger.business_as_usual())

    def test_it_never_avoids_more_than_everybody_in_need_costs(self, run_option):
        result = self.chain_only(run_option, incidence=0.5, impact=1, deadweight=0)
        (chain,) = result.outcomes
        in_need = chain.chain.remaining[chain.chain.links.index("incidence")]
        assert (chain.avoided <= in_need * (1 + 1e-12)).all()

    def test_options_that_give_the_same_numbers_share_their_draws(self, small, run_small):
        first = {**small["options"][0], "effects": [], "outcomes": [JOBS]}
        second = {**first, "name": "other", "label": "Other"}
        result = run_small(options=[first, second])
        flows = [result.ledger.flow(o, "costs_avoided") for o in ("support", "other")]
        assert_allclose(*flows)


class TestCountedTwice:
    def test_a_chain_and_a_pathway_of_one_option(self, run_option):
        chain = {**JOBS, "unit_cost": "unit_cost.E&E1.0"}
        with pytest.raises(DoubleCounting, match="'Adults into work' and the pathways both count"):
            run_option(outcomes=[chain])

    def test_two_chains_that_feed_on_the_same_money(self, run_option):
        other = {**JOBS, "name": "again", "label": "Jobs again"}
        with pytest.raises(DoubleCounting, match="'Jobs again' and 'Adults into work' both count"):
            run_option(effects=[], outcomes=[JOBS, other])

    def test_a_headline_and_its_own_constituent(self, run_option):
        part = {**JOBS, "name": "nhs_part", "label": "NHS part", "unit_cost": "unit_cost.E&E1.0.2"}
        with pytest.raises(
            DoubleCounting,
            match=r"E&E1\.0\.2 \('NHS part'\) is a constituent of E&E1\.0 \('Adults into work'\)",
        ):
            run_option(effects=[], outcomes=[JOBS, part])

    def test_two_chains_may_share_a_price_for_a_stated_reason(self, run_option):
        other = {**JOBS, "name": "again", "label": "Jobs again"}
        allowed = [{"codes": ["E&E1.0", "E&E1.0"], "reason": "two groups of people"}]
        result = run_option(effects=[], outcomes=[JOBS, other], case={"allow_overlaps": allowed})
        assert len(result.outcomes) == 2


LIFETIME = {**JOBS, "unit_cost": "unit_cost.E&S4.1", "population": "children"}


class TestLifetime:
    """E&S4.1 is a sum over ten years."""

    def wrong(self, small, **changes):
        given = {k: v for k, v in {**LIFETIME, **changes}.items() if v is not None}
        return faults_of({**small, "options": [{**small["options"][0], "effects": [], "outcomes": [given]}]})

    def test_it_is_no_yearly_value(self, small):
        assert "is a sum over ten years and no yearly value; spread it with phasing" in self.wrong(small)

    def test_in_one_year_it_is_refused(self, small):
        text = self.wrong(small, lasts_years=None, phasing=[1.0])
        assert "is a sum over ten years and falls in one year here" in text

    def test_it_counts_once_at_most(self, small):
        assert "phasing counts 1.5 times" in self.wrong(small, lasts_years=None, phasing=[0.5, 0.5, 0.5])

    def test_spread_over_its_years_it_is_taken(self, run_option):
        given = {k: v for k, v in LIFETIME.items() if k != "lasts_years"}
        result = run_option(effects=[], outcomes=[{**given, "phasing": [0.1] * 10}])
        assert result.ledger.flow("support", "costs_avoided").sum() > 0


class TestFaults:
    @pytest.mark.parametrize(
        ("part", "given", "words"),
        [
            ("outcomes", {**JOBS, "phasing": [1]}, "give either lasts_years or phasing"),
            ("outcomes", {**JOBS, "impact": 20}, "it must be at most 1"),
            (
                "outcomes",
                {**JOBS, "attribution": 0.7, "claimed_by_others": {"Early years": 0.5}},
                "sum to 120%; shares are at most 100% in all",
            ),
            ("claims", {**CLAIM, "by_year": {"2030-31": 1}, "fixed": None}, "outside the years"),
            (
                "risks",
                {
                    "name": "Fails",
                    "agency": "nhs",
                    "probability": 0.1,
                    "impact": 5,
                    "price_base": "2023-24",
                    "first_year": "2026-27",
                    "last_year": "2025-26",
                    "source": "us",
                },
                "the last year 2025-26 lies before the first, 2026-27; put the two in order",
            ),
        ],
    )
    def test_each_is_told_with_its_remedy(self, small, part, given, words):
        given = {k: v for k, v in given.items() if v is not None}
        data = {**small, "options": [{**small["options"][0], "effects": [], part: [given]}]}
        assert words in faults_of(data)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"years": "five"}, "years: is 'five' and no whole number; write it like 5"),
            ({"title": 2026}, "title: is '2026' and no text; put it in quotes"),
        ],
    )
    def test_a_word_for_a_number_and_a_number_for_a_word(self, small, change, words):
        assert words in faults_of({**small, **change})

    def test_a_step_of_zero(self, small):
        rule = {**HOMES, "step": {"what": "home", "size": 0, "units_each": 52.18}}
        text = faults_of({**small, "cashability": [rule]})
        assert "cashability[0].step.size: is 0.0; it must be above 0" in text or "above 0" in text

    def test_a_step_needs_a_unit(self, small):
        rule = {k: v for k, v in HOMES.items() if k != "unit_cost"}
        assert "a step counts units of a unit cost; name it" in faults_of({**small, "cashability": [rule]})

    def test_a_line_that_the_case_does_not_have(self, run_small):
        with pytest.raises(CaseFileError, match="has no line 'Childrens homes' in this case; did you mean"):
            run_small(cashability=[{**HOMES, "line": "Childrens homes"}])

    def test_two_rules_that_take_the_same_money(self, run_small):
        with pytest.raises(CaseFileError, match="has a rule already that takes the same money"):
            run_small(cashability=[HOMES, HOMES])

    def test_a_unit_cost_that_is_not_on_the_line(self, run_small):
        with pytest.raises(
            CaseFileError, match=r"cashability\[0\].unit_cost: unit_cost.SS2.0.1 prices nothing"
        ):
            run_small(cashability=[{**HOMES, "unit_cost": "unit_cost.SS2.0.1"}])

    def test_the_place_in_the_file_is_told(self, small):
        case = Case.from_text(Case.from_dict({**small, "cashability": [{**HOMES, "line": "x"}]}).to_yaml())
        with pytest.raises(CaseFileError, match=r"case.yaml:\d+:\d+ cashability\[0\].line"):
            appraise(case, 10)


class TestClaims:
    def test_a_claim_above_what_is_spent_is_not_deliverable(self, run_option):
        result = run_option(claims=[CLAIM])
        ledger = result.ledger
        claimed = ledger.flow("support", "not_deliverable").sum(axis=0)
        own = [
            i
            for i, line in enumerate(ledger.lines)
            if line.basis == "own_entry" and line.line == "Foster care"
        ]
        total = ledger.amounts[own].sum(axis=0)
        base = result.model.index.factor("2023-24", "2023-24")
        assert_allclose(total[0].sum(axis=0), 25_000_000 * base)  # kept and cut are what was claimed
        assert (claimed > 0).all()
        spent = sum(
            ledger.spending[i]
            for i, line in enumerate(ledger.lines)
            if line.line == "Foster care" and line.flow == "costs_avoided"
        )
        assert (
            ledger.flow("support", "costs_avoided", "local_authority")
            <= ledger.business_as_usual("local_authority") + 1e-6
        ).all()
        assert (spent > 0).all()
        assert any("more than is spent" in text for text in result.cautions)

    def test_what_it_costs_is_counted_as_before(self, run_option):
        plain, claimed = run_option(), run_option(claims=[CLAIM])
        assert_allclose(plain.ledger.flow("support", "delivery"), claimed.ledger.flow("support", "delivery"))

    def test_a_claim_with_no_ceiling_is_told(self, run_option):
        result = run_option(claims=[{**CLAIM, "line": "Something else"}])
        assert any("capped by nothing" in text for text in result.cautions)

    def test_without_deadweight_it_is_gross(self, run_option):
        given = {k: v for k, v in CLAIM.items() if k != "deadweight"}
        assert "GROSS" in run_option(claims=[given]).ledger.label("support")


class TestBudget:
    def case(self, tmp_path, small, text, **changes):
        (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
        return Case.from_dict({**small, "budget": "budget.csv", **changes}, folder=tmp_path)

    def test_a_budget_below_the_saving_caps_it(self, tmp_path, small):
        text = "agency,line,year,amount,planned_saving\nlocal_authority,Foster care,2024-25,10,5\n"
        result = appraise(self.case(tmp_path, small, text), 300, 1)
        rows = result.reconciliation()
        assert (rows["deliverable"] <= rows["outturn"] + 1e-9).all()
        assert rows["not_deliverable"].sum() > 0
        assert (rows["probability_above_outturn"] > 0.9).all()
        assert result.measure("not_deliverable_present_value")["mean"] > 0

    def test_a_budget_that_holds_the_saving_changes_nothing(self, tmp_path, small):
        text = "agency,line,year,amount\nlocal_authority,Foster care,2024-25,1e9\n"
        held = appraise(self.case(tmp_path, small, text), 200, 1)
        assert_allclose(held.npv(), appraise(Case.from_dict(small), 200, 1).npv())

    def run(self, tmp_path, small, row):
        return appraise(self.case(tmp_path, small, f"agency,line,year,amount\n{row}\n"), 100, 1)

    def test_a_slip_of_the_pen_does_not_lose_the_cap(self, tmp_path, small):
        with pytest.raises(BudgetError, match=r"budget.csv:2 Foster car: .* did you mean 'Foster care'"):
            self.run(tmp_path, small, "local_authority,Foster car,2024-25,1000")

    def test_the_wrong_agency_is_told(self, tmp_path, small):
        with pytest.raises(
            BudgetError, match="is a line of Local authority in this case; correct the agency"
        ):
            self.run(tmp_path, small, "nhs,Foster care,2024-25,1000")

    def test_a_line_that_holds_nothing_is_told(self, tmp_path, small):
        result = self.run(tmp_path, small, "local_authority,Libraries,2024-25,1000")
        assert any("hold nothing of this case and cap nothing: Libraries" in t for t in result.cautions)

    def test_a_result_read_back_can_be_asked_further(self, tmp_path, small):
        result = self.run(tmp_path, small, "local_authority,Foster care,2024-25,1000")
        back = Appraisal.from_json(result.to_json())
        assert back.switchboard().equals(result.switchboard())
        assert "budget.csv" not in result.case_text

    def test_spending_above_the_outturn_is_told(self, tmp_path, small):
        result = self.run(tmp_path, small, "local_authority,Foster care,2024-25,1000")
        assert any("The model spends more on Foster care" in text for text in result.cautions)

    def test_faults_of_the_file_come_with_those_of_the_case(self, tmp_path, small):
        text = "agency,line,year,amount\nlocal_authority,Foster care,2024,10\n"
        with pytest.raises(CaseFileError) as raised:
            self.case(tmp_path, small, text, pathways=["child_safety", "work", "housin"])
        told = str(raised.value)
        assert "budget.csv:2 Foster care: year is '2024' and no financial year" in told or "housin" in told

    def test_a_file_outside_the_folder_is_refused(self, tmp_path, small):
        with pytest.raises(CaseFileError, match="lies outside the folder"):
            Case.from_dict({**small, "budget": "../budget.csv"}, folder=tmp_path)


class TestCash:
    def test_nothing_is_cash_until_somebody_assesses_it(self, run_small):
        result = run_small()
        assert not result.cash.rung("bankable").any()
        assert_allclose(result.cash.not_assessed[0], result.ledger.flow("support", "costs_avoided"))

    def test_volumes_are_weeks_in_homes(self, run_small):
        """The ladder's average is the ledger's own figure for the line, by another way."""
        result = run_small(cashability=[HOMES])
        i = [line.line for line in result.ledger.lines].index("Children's homes")
        assert_allclose(result.cash.rung("average"), result.ledger.amounts[i, 0], rtol=1e-9, atol=1e-6)
        assert_allclose(
            result.cash.not_assessed[0] + result.cash.rung("average"),
            result.ledger.flow("support", "costs_avoided"),
            atol=1e-6,
        )

    def test_cash_is_never_more_than_fiscal(self, run_small):
        cash = run_small(cashability=[HOMES]).cash
        avoided = cash.average >= 0
        assert (cash.bankable[avoided] <= cash.average[avoided] + 1e-6).all()

    def test_a_whole_line_in_pounds_at_full_share_is_the_line(self, run_small):
        rule = {"agency": "local_authority", "line": "Foster care", "marginal_share": 1, "source": "us"}
        result = run_small(cashability=[rule])
        i = [line.line for line in result.ledger.lines].index("Foster care")
        assert_allclose(result.cash.rung("bankable"), result.ledger.amounts[i, 0])

    def test_what_is_not_deliverable_releases_nothing(self, run_option):
        rule = {"agency": "local_authority", "line": "Foster care", "marginal_share": 1, "source": "us"}
        result = run_option(claims=[CLAIM], case={"cashability": [rule]})
        kept = sum(
            result.ledger.amounts[i, 0]
            for i, line in enumerate(result.ledger.lines)
            if line.line == "Foster care" and line.flow == "costs_avoided"
        )
        assert_allclose(result.cash.rung("bankable"), kept, rtol=1e-9, atol=1e-6)

    def test_a_claim_that_is_cut_leaves_the_cash_of_the_pathway_alone(self, run_option):
        foster = {**HOMES, "line": "Foster care", "unit_cost": "unit_cost.SS2.0.1"}
        foster = {k: v for k, v in foster.items() if k != "step"}
        plain = run_option(case={"cashability": [foster]}).cash.average
        claimed = run_option(case={"cashability": [foster]}, claims=[CLAIM])
        assert claimed.ledger.flow("support", "not_deliverable").any()
        assert_allclose(claimed.cash.average, plain)

    def test_extra_spending_on_lines_without_a_rule_is_spent(self, run_small):
        result = run_small(cashability=[{**HOMES, "step": None}])
        ledger, cash = result.ledger, result.cash
        extra = np.zeros((len(ledger.years), ledger.draws))
        for i, line in enumerate(ledger.lines):
            if line.flow == "costs_avoided" and line.value_type == "fiscal" and line.line != HOMES["line"]:
                extra += np.minimum(ledger.amounts[i, 0], 0)
        assert extra.any()
        assert_allclose(cash.extra_spending("support"), extra, atol=1e-6)
        net = cash.rung("bankable") + extra - ledger.flow("support", "delivery")
        assert result.measure("npv_cash")["mean"] == pytest.approx(
            (net * result.factors[:, None]).sum(axis=0).mean()
        )
        assert "Spent more on lines that nobody has assessed" in set(result.section_151()["item"])
        assert (cash.rung("bankable") + extra <= ledger.flow("support", "costs_avoided") + 1e-6).all()

    def test_what_is_saved_since_needs_go_unmet_is_no_cash(self, run_small):
        """A case work line that falls only since cases are closed early."""
        effect = {
            "on": "child_safety.child_in_need -> case_closed",
            "hazard_ratio": 1.8,
            "estimand": "offered",
            "design": "matched_comparison",
            "lasts_months": 24,
            "source": "an example",
        }
        rule = {
            "agency": "local_authority",
            "line": "Child in need case work",
            "unit_cost": "unit_cost.SS5.0.3",
            "marginal_share": 1,
            "source": "an example",
        }
        unmet = {"moves": "child_safety.child_in_need -> case_closed", "reason": "refused"}
        option = {"name": "support", "label": "Support", "effects": [effect]}
        result = run_small(options=[option], cashability=[rule], unmet_need=[unmet])
        ledger = result.ledger
        avoided = sum(
            ledger.amounts[i, 0]
            for i, line in enumerate(ledger.lines)
            if line.line == rule["line"] and line.flow == "costs_avoided"
        )
        assert ledger.flow("support", "unmet_need").sum() > 0
        assert (result.cash.average[0, 0] <= avoided + 1e-6).all()

    def test_a_chain_has_volume_too(self, run_option):
        rule = {
            "agency": "nhs",
            "line": "Adults into work",
            "unit_cost": "unit_cost.E&E1.0",
            "marginal_share": 0.5,
            "source": "us",
        }
        result = run_option(effects=[], outcomes=[JOBS], case={"cashability": [rule]})
        assert_allclose(
            result.cash.rung("bankable"), 0.5 * result.ledger.flow("support", "costs_avoided", "nhs")
        )

    def test_it_survives_json_and_draws_itself(self, run_small):
        cash = run_small(draws=50, cashability=[HOMES]).cash
        assert type(cash).from_json(cash.to_json()) == cash
        assert cash.plot().get_xlabel()
        assert "Bankable" in cash._repr_html_() or "bankable" in cash._repr_html_()
        assert list(cash.to_frame()["year"].unique()) == list(cash.years)


RISK = {
    "name": "Provider fails",
    "agency": "local_authority",
    "probability": 0.2,
    "impact": 80_000,
    "price_base": "2023-24",
    "first_year": "2025-26",
    "last_year": "2026-27",
    "source": "register",
}


class TestRisks:
    def test_events_happen_once_and_tend_to_the_expected_value(self, run_option):
        events = run_option(4_000, risks=[RISK]).ledger
        expected = run_option(50, risks=[{**RISK, "treatment": "expected_value"}]).ledger
        rows = [i for i, line in enumerate(events.lines) if line.spend == "risk"]
        drawn = events.amounts[rows].sum(axis=0)[0]
        assert ((drawn > 0).sum(axis=0) <= 1).all()
        same = [i for i, line in enumerate(expected.lines) if line.spend == "risk"]
        flat = expected.amounts[same].sum(axis=0)[0]
        assert_allclose(flat[:, 0], [0, 8_000, 8_000, 0])
        assert_allclose(drawn.sum(axis=0).mean(), 16_000, rtol=0.12)

    def test_an_opportunity_is_a_negative_impact(self, run_option):
        gain = {**RISK, "impact": {"value": -1_000, "low": -2_000, "high": 0, "interval": "range"}}
        ledger = run_option(risks=[{**gain, "treatment": "expected_value"}]).ledger
        rows = [i for i, line in enumerate(ledger.lines) if line.spend == "risk"]
        assert (ledger.amounts[rows].sum(axis=0) <= 0).all()

    def test_it_has_its_own_row_in_the_table_to_sign(self, run_option):
        table = run_option(risks=[RISK]).section_151()
        assert "Risks" in set(table["item"])


class TestUnmetNeed:
    """Treatment that people drop out of costs less; nobody is credited."""

    def run(self, run_small, ratio, **changes):
        effect = {
            "on": "drugs_alcohol.in_treatment -> dependent",
            "hazard_ratio": ratio,
            "estimand": "offered",
            "design": "matched_comparison",
            "lasts_months": 24,
            "source": "an example",
        }
        option = {"name": "support", "label": "Support", "effects": [effect]}
        return run_small(pathways=["drugs_alcohol"], options=[option], **changes)

    def test_more_drop_out_saves_and_is_not_credited(self, run_small):
        result = self.run(run_small, 2.0)
        ledger = result.ledger
        assert ledger.flow("support", "unmet_need").sum() > 0
        assert (ledger.flow("support", "costs_avoided") <= 1e-9).all()
        assert any("needs go unmet" in text for text in result.cautions)

    def test_less_drop_out_costs_and_is_counted(self, run_small):
        ledger = self.run(run_small, 0.5).ledger
        assert not ledger.flow("support", "unmet_need").any()
        treatment = [
            ledger.amounts[i, 0].sum() for i, line in enumerate(ledger.lines) if line.line == "Treatment"
        ]
        assert min(treatment) < 0

    def test_other_moves_are_credited(self, run_small):
        ledger = run_small().ledger
        assert not ledger.flow("support", "unmet_need").any()

    def test_a_case_may_declare_its_own(self, run_small):
        moves = {"moves": "child_safety.child_in_need -> protection_plan", "reason": "an example"}
        plain = run_small().ledger
        apart = run_small(unmet_need=[moves]).ledger
        both = apart.flow("support", "unmet_need") + apart.flow("support", "costs_avoided")
        assert_allclose(both, plain.flow("support", "costs_avoided"), atol=1e-6)


class TestSideBySide:
    def pair(self, small, run_small):
        pathway = {**small["options"][0], "effects": [{"effect": "tfp_jsa"}]}
        chain = {**pathway, "name": "chain", "label": "Chain", "effects": [], "outcomes": [JOBS]}
        return run_small(options=[pathway, chain])

    def test_both_ways_in_one_case_with_the_reasons(self, small, run_small):
        result = self.pair(small, run_small)
        beside = result.side_by_side("support", "chain")
        for option, total in zip(("support", "chain"), beside.totals, strict=True):
            assert total == pytest.approx(result.ledger.flow(option, "costs_avoided").sum(axis=0).mean())
        frame = beside.to_frame()
        assert set(frame["first_way"]) | set(frame["second_way"]) == {"", "pathway", "outcome chain"}
        assert frame["difference"].sum() == pytest.approx(beside.totals[1] - beside.totals[0])
        text = beside.summary()
        assert "Only Chain has" in text
        assert "A chain is static" in text

    def test_it_is_a_result(self, small, run_small):
        beside = self.pair(small, run_small).side_by_side("support", "chain")
        assert type(beside).from_json(beside.to_json()) == beside
        assert beside.plot() is not None
        assert repr(beside).startswith("SideBySide(support")


def test_a_case_with_all_of_it_is_one_to_one_with_its_file(small):
    data = {
        **small,
        "cashability": [HOMES],
        "adjustments": {
            "optimism_bias": {"rule": "worst", "grades": {"green": 2}, "benefits": False, "costs": False}
        },
        "unmet_need": [{"moves": "work.in_work -> claiming_search", "reason": "us"}],
        "options": [
            {
                **small["options"][0],
                "effects": [{"effect": "tfp_looked_after"}],
                "outcomes": [JOBS],
                "claims": [CLAIM],
                "risks": [RISK],
            }
        ],
    }
    case = Case.from_dict(data)
    assert Case.from_text(case.to_yaml()) == case


def test_frames_have_their_columns(run_small):
    result = run_small(cashability=[HOMES])
    assert isinstance(result.by_year(), pd.DataFrame)
    cost = result.cost_per_outcome()
    care = cost[cost["outcome"] == "Child-years in care"].iloc[0]
    avoided = result.activity.avoided("child_years_in_care", "support").sum(axis=0)
    spent = result.ledger.flow("support", "delivery").sum(axis=0)
    assert care["cost_per_outcome"] == pytest.approx(spent.mean() / avoided.mean())
    nominal = result.nominal()
    assert_allclose(nominal["net_nominal"], nominal["net_real"] * nominal["index"])
    assert np.isfinite(result.break_even()["chance"].dropna()).all()


def test_inputs_that_cannot_act_on_an_option_are_no_bars_of_it(small, run_small):
    """A chain alone leaves the pathways as they are: their rates and the other option's effects are idle."""
    first = small["options"][0]
    chain = {**first, "name": "chain", "label": "Chain", "effects": [], "outcomes": [JOBS]}
    result = run_small(1_500, options=[first, chain])
    keys = set(result.tornado("chain").to_frame()["key"])
    assert "case.outcomes.into_work.impact" in keys
    assert not any(key.startswith(("transition.", "start.", "activity.", "effect.")) for key in keys)
    assert any(key.startswith("effect.") for key in result.tornado("support").to_frame()["key"])
