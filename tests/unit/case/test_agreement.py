"""Agreements of a case: from its ledger as it turns out to settlements that net to nil."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from agreement_cases import agreed_case
from communitybudget._core.errors import AgreementError, ParameterNotFound
from communitybudget.agreement import EqualReturn, ProRataToCost, settle
from communitybudget.case import Agreement, Agreements, Appraisal, Case, appraise
from communitybudget.case.agreement import (
    AGREEMENT_COLUMNS,
    AGREEMENT_YEAR_COLUMNS,
    POOLED_FUND_COLUMNS,
    moved_agencies,
    positions_of,
)
from tests_builders import small_appraisal, small_case

TERM = 3


@pytest.fixture(scope="module")
def result() -> Appraisal:
    return appraise(Case.from_dict(agreed_case()), draws=120, seed=1)


@pytest.fixture(scope="module")
def agreements(result: Appraisal) -> Agreements:
    return result.agreements()


class TestPositions:
    def test_what_a_partner_has_before_is_its_net_in_the_ledger(
        self, result: Appraisal, agreements: Agreements
    ) -> None:
        for one in agreements.agreements:
            before = one.settlement.before() / 100
            for a, partner in enumerate(one.partners):
                net = result.turned_out.net("support", partner)[:TERM]
                assert_allclose(before[a], net, rtol=0, atol=0.0101)  # a penny for each of two roundings

    def test_cash_before_is_that_of_the_cash_case(self, result: Appraisal, agreements: Agreements) -> None:
        frame = agreements["equal_return"].to_frame().set_index("agency")
        whole = result.agreement(EqualReturn(), years=4).to_frame().set_index("agency")
        npv_cash = result.measure("npv_cash", "support", "dwp")["mean_with_chance"]
        assert whole.loc["dwp", "cash_before"] == pytest.approx(npv_cash, abs=0.05)
        assert (frame["cash_before"] <= frame["before"]).all()

    def test_funding_received_is_no_spending(self) -> None:
        grant = {
            "from": "central_government",
            "to": "local_authority",
            "item": "Grant",
            "fixed": 40_000,
            "price_base": "2023-24",
            "source": "an example",
        }
        case = small_case()
        case["options"][0]["funding"] = [grant]
        found = appraise(Case.from_dict(case), draws=30, seed=1)
        paid, plain = (
            positions_of(of, "support", ["local_authority"], 4).spending.sum(axis=1)
            for of in (found, small_appraisal(draws=30))
        )
        assert_array_equal(plain - paid, np.full((1, 30), 4_000_000))

    def test_every_agency_whose_money_moves_is_a_partner_unless_named(self) -> None:
        found = small_appraisal(draws=30)
        one = found.agreement(ProRataToCost())
        assert one.partners == moved_agencies(found, "support")
        assert one.outside == ()
        assert one.sheet.source == ""


class TestAgreements:
    def test_every_rule_nets_to_nil_to_the_penny(self, agreements: Agreements) -> None:
        assert len(agreements.agreements) == 10
        for one in agreements.agreements:
            assert one.nets_to_nil
            assert not one.settlement.fund_difference.any()
            assert not one.settlement.held[-1].any()
            assert_array_equal(
                one.settlement.before().sum(axis=(0, 1)), one.settlement.after().sum(axis=(0, 1))
            )

    def test_each_is_the_settlement_of_its_rule(self, result: Appraisal, agreements: Agreements) -> None:
        funding = {"local_authority": 0.9, "dwp": 0.1}
        by_hand = settle(
            positions_of(result, "support", ["local_authority", "nhs", "dwp"], TERM),
            ProRataToCost(funding=funding),
        )
        assert agreements["pro_rata_to_cost"].settlement == by_hand
        assert result.agreement() == agreements["pro_rata_to_cost"]
        assert result.agreement("equal_return") == agreements["equal_return"]

    def test_payment_by_results_pays_for_what_turned_out(
        self, result: Appraisal, agreements: Agreements
    ) -> None:
        settled = agreements["payment_by_results"].settlement
        dwp = settled.agencies.index("dwp")
        factor = result.model.index.factor("2020-21", "2023-24")
        paid = settled.paid_in[dwp].sum(axis=0) - settled.paid_out[dwp].sum(axis=0)
        assert paid.max() == round(100 * 10_000 * factor)  # the cap binds
        assert paid.min() == 0

    def test_an_investor_joins_under_its_own_rule_alone(self, agreements: Agreements) -> None:
        own = agreements["outcome_contract"]
        assert own.partners == ("local_authority", "nhs", "dwp", "private_sector", "voluntary_sector")
        assert agreements["equal_return"].partners == ("local_authority", "nhs", "dwp")

    def test_who_is_no_partner_keeps_what_it_has(self, result: Appraisal, agreements: Agreements) -> None:
        one = agreements["equal_return"]
        assert {o.agency for o in one.outside} == set(moved_agencies(result, "support")) - set(one.partners)
        police = next(o for o in one.outside if o.agency == "police")
        values = result.factors[:TERM] @ result.turned_out.net("support", "police")[:TERM]
        assert_allclose(
            [police.keeps, police.keeps_p10, police.keeps_p90],
            [values.mean(), *np.quantile(values, [0.1, 0.9])],
        )
        assert "Police, not party to it" in one.summary()

    def test_a_rule_that_cannot_be_settled_says_who_falls_short(self, agreements: Agreements) -> None:
        (refused,) = agreements.refused
        assert refused.name == "no_worse_off"
        assert "Local authority" in refused.why
        assert "cannot be settled" in agreements.summary()
        with pytest.raises(ParameterNotFound, match="Local authority"):
            agreements["no_worse_off"]

    def test_prudent_figures_are_reached_with_the_confidence(self, agreements: Agreements) -> None:
        one = agreements["first_call"]
        after = one.settlement.present_values()
        frame = one.to_frame()
        assert_allclose(frame["after_at_least"], np.quantile(after, 0.2, axis=1))
        assert (
            (after >= frame["after_at_least"].to_numpy()[:, None] - 0.01).mean(axis=1) >= 0.8 - 0.01
        ).all()

    def test_frames_hold_every_rule(self, agreements: Agreements) -> None:
        frame, by_year, fund = agreements.to_frame(), agreements.by_year(), agreements.fund()
        assert tuple(frame.columns) == AGREEMENT_COLUMNS
        assert tuple(by_year.columns) == AGREEMENT_YEAR_COLUMNS
        assert tuple(fund.columns) == POOLED_FUND_COLUMNS
        assert len(fund) == 10 * TERM
        assert len(by_year) == TERM * len(frame)
        assert set(frame["rule"]) >= {"Hardly sure", "Outcome contract"}
        assert_allclose(fund["difference"], 0, atol=0)

    def test_there_and_back(self, agreements: Agreements) -> None:
        one = agreements["reinvestment"]
        assert Agreement.from_json(one.to_json()) == one
        assert Agreements.from_json(agreements.to_json()) == agreements

    def test_they_introduce_themselves(self, agreements: Agreements) -> None:
        assert repr(agreements) == ("Agreements(10 rules, 1 refused, price_base=2023-24, draws=120, seed=1)")
        assert repr(agreements["equal_return"]).startswith(
            "Agreement(equal_return, option=support, 3 partners"
        )
        assert "seed 1" in agreements.summary()
        assert agreements.plot(partner="dwp").get_title().startswith("Department for Work")
        assert agreements["equal_return"].plot() is not None

    def test_the_label_says_gross(self) -> None:
        case = agreed_case(rules=[{"rule": "equal_return"}])
        case["options"][0]["claims"] = [
            {
                "agency": "nhs",
                "line": "Clinics",
                "item": "Clinics",
                "fixed": 100,
                "price_base": "2023-24",
                "source": "a pilot",
            }
        ]
        one = appraise(Case.from_dict(case), draws=20, seed=1).agreement()
        assert one.gross
        assert "GROSS" in one.summary()


class TestFaults:
    @pytest.mark.parametrize(
        ("asked", "error", "words"),
        [
            (
                {"rule": "equal_retrn"},
                ParameterNotFound,
                "no rule 'equal_retrn'; did you mean 'equal_return'",
            ),
            ({"partners": ["polise"]}, ParameterNotFound, "'polise' is no agency; did you mean 'police'"),
            ({"option": "suport"}, ParameterNotFound, "no option 'suport'; did you mean 'support'"),
            ({"years": 9}, ValueError, "a term of 9 years does not fit the horizon of 4; give 1 to 4"),
            (
                {"rule": EqualReturn(), "partners": ["local_authority", "fire"]},
                AgreementError,
                "Fire and rescue neither spends nor gains under 'support' and funds nothing; leave it out",
            ),
            (
                {"rule": EqualReturn(funding={"nhs": 0.7, "dwp": 0.7})},
                AgreementError,
                "the funding shares sum to 140%, more than there is",
            ),
            ({"rule": "no_worse_off"}, AgreementError, "Local authority"),
        ],
    )
    def test_what_is_asked_for_is_not_there(
        self, result: Appraisal, asked: dict[str, Any], error: type[Exception], words: str
    ) -> None:
        with pytest.raises(error, match=words):
            result.agreement(**asked)

    def test_a_case_without_an_agreement(self) -> None:
        found = small_appraisal(draws=20)
        with pytest.raises(ValueError, match="the case has no agreement; give a rule and partners"):
            found.agreement()
        with pytest.raises(ValueError, match="the case has no agreement"):
            found.agreements()

    def test_no_chart_where_no_rule_is_settled(self, result: Appraisal, agreements: Agreements) -> None:
        none = Agreements("A", "B", (), agreements.refused, "2023-24", 120, 1, "england")
        with pytest.raises(ValueError, match="no rule can be settled"):
            none.plot()
        assert isinstance(none.to_frame(), pd.DataFrame)
        with pytest.raises(ParameterNotFound, match="'polise' is no partner"):
            agreements.plot(partner="polise")


class TestOtherOptions:
    """A case whose options were changed for a question of its own, and whose agreement was not."""

    def changed(self, **changes: Any) -> Appraisal:
        return appraise(Case.from_dict({**agreed_case(), **changes}), draws=20, seed=1)

    def test_it_is_appraised_and_every_rule_says_why_it_is_refused(self) -> None:
        case = agreed_case(option="support")
        case["options"][0]["name"] = "other"
        found = appraise(Case.from_dict(case), draws=20, seed=1).agreements()
        assert found.agreements == ()
        assert {one.why for one in found.refused} == {"'support' is no option; use one of other"}
        assert found.option_label == "support"

    def test_a_result_that_no_pathway_reports_refuses_its_rule_alone(self) -> None:
        option = {**small_case()["options"][0], "effects": [{"effect": "tfp_looked_after"}]}
        found = self.changed(pathways=["child_safety"], options=[option]).agreements()
        refused = {one.name: one.why for one in found.refused}
        assert "claimant_years" in refused["payment_by_results"]
        assert {"pro_rata_to_cost", "outcome_contract"} <= {one.name for one in found.agreements}

    def test_a_term_beyond_the_horizon_ends_with_it(self) -> None:
        found = self.changed(years=2).agreements()
        assert {one.settlement.years for one in found.agreements} == {("2024-25", "2025-26")}
