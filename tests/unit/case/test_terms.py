"""Terms of an agreement: every number listed, the term sheet, and what the option leaves alone."""

from typing import Any

import pytest

from agreement_cases import agreed_case, small_agreement
from communitybudget._core.errors import CaseFileError
from communitybudget.case import Case
from communitybudget.case.model import prepare
from communitybudget.case.terms import FundingSource, TermSheet, check_terms, term_sheet


def fault_of(**agreement: Any) -> str:
    with pytest.raises(CaseFileError) as error:
        check_terms(prepare(Case.from_dict(agreed_case(**agreement))))
    return str(error.value)


def test_every_number_is_listed_with_whose_it_is() -> None:
    rules = small_agreement()["rules"]
    rules[3] |= {"source": "talks of May", "mark": "local"}
    rules[6]["results"][0] |= {"deadweight_share": 0.1, "most": 5}
    rules[6]["termination"] = {"after": "2025-26", "unless_earned": 100}
    rules[9] |= {"most_a_year": {"dwp": 700}, "price_base": "2022-23"}
    used = prepare(Case.from_dict(agreed_case(rules=rules))).inputs.used
    listed = {
        key.removeprefix("agreement."): (row.value, row.unit, row.price_base, row.mark)
        for key, row in used.items()
        if key.startswith("agreement.")
    }
    own = ("share", "", "assumption")
    assert listed["confidence"] == (0.8, *own)
    assert listed["pro_rata_to_cost.funding.dwp"] == (0.1, *own)
    assert listed["first_call.multiple"] == (1.1, "times what was put in", "", "local")
    assert listed["collar_and_cap.cap"] == (1.2, "times the plan", "", "assumption")
    assert listed["reinvestment.share"] == (0.4, *own)
    assert listed["payment_by_results.cap"] == (10_000, "GBP", "2020-21", "assumption")
    assert listed["payment_by_results.tariff.claimant_years"] == (
        3_000,
        "GBP per_year",
        "2020-21",
        "assumption",
    )
    assert listed["payment_by_results.deadweight_share.claimant_years"] == (0.1, *own)
    assert listed["payment_by_results.most.claimant_years"] == (5, "year", "", "assumption")
    assert listed["payment_by_results.termination"] == (100, "GBP", "2020-21", "assumption")
    assert listed["outcome_contract.commitment"][:3] == (50_000, "GBP", "2023-24")
    assert listed["hardly_sure.most_a_year.dwp"] == (700, "GBP per_year", "2022-23", "assumption")
    assert used["agreement.first_call.multiple"].source == "talks of May"
    assert used["agreement.hardly_sure.confidence"].label == "Agreement, hardly sure: confidence"


def test_they_are_taken_as_known() -> None:
    model = prepare(Case.from_dict(agreed_case()))
    assert {key for key in model.inputs.used if key.startswith("agreement.")} <= model.inputs.not_sampled


def test_the_term_sheet_says_what_the_case_says() -> None:
    spec = Case.from_dict(agreed_case()).spec.agreement
    sheet = term_sheet(spec, "equal_return")
    assert sheet.sources[1] == FundingSource("dwp", "aligned", "not_stated")
    assert sheet.milestones == (("2025-26", "A <first> count"),)
    assert sheet.exit == "6 months' notice. Debts are paid."
    assert (sheet.host, sheet.source, sheet.mark) == ("local_authority", "judgement", "assumption")
    assert term_sheet(None) == TermSheet()


def test_a_partner_with_neither_spending_nor_gains() -> None:
    assert fault_of(partners=["local_authority", "nhs", "dwp", "fire"]) == (
        "case agreement.partners[3]: Fire and rescue neither spends nor gains under 'support'; leave it out, "
        "or let it fund a share of a rule"
    )


def test_idle_partners_and_unknown_results_are_told_together_and_once() -> None:
    rule = small_agreement()["rules"][6]
    rule["results"][0]["result"] = "claimant_yeers"
    found = fault_of(partners=["local_authority", "nhs", "dwp", "fire"], rules=[rule]).splitlines()
    assert sorted(fault.split(":")[0] for fault in found) == [
        "case agreement.partners[3]",
        "case agreement.rules[0].results[0].result",
    ]


def test_it_may_fund_a_share() -> None:
    rules = [{"rule": "equal_return", "funding": {"fire": 1}}]
    partners = ["local_authority", "nhs", "dwp", "fire"]
    check_terms(prepare(Case.from_dict(agreed_case(partners=partners, rules=rules))))


def test_a_result_that_the_option_leaves_alone() -> None:
    case = agreed_case(rules=[small_agreement()["rules"][6]])
    case["options"][0]["effects"] = [{"effect": "tfp_looked_after"}]
    case["agreement"]["partners"] = ["local_authority", "dwp"]
    with pytest.raises(CaseFileError) as error:
        check_terms(prepare(Case.from_dict(case)))
    assert (
        "agreement.rules[0].results[0].result: 'support' changes nothing in work, so claimant_years"
        in str(error.value)
    )
