"""What a case may say of an agreement: every rule from words to terms, in the prices of the case."""

from typing import Any

import numpy as np
import pytest

from agreement_cases import agreed_case, small_agreement
from communitybudget._core.errors import CaseFileError
from communitybudget.agreement import (
    CollarAndCap,
    EqualReturn,
    FirstCall,
    NoWorseOff,
    OutcomeContract,
    PaymentByResults,
    ProRataToBenefit,
    ProRataToCost,
    Reinvestment,
    Rule,
    ShapleyValue,
)
from communitybudget.case import Case
from communitybudget.case.agreeing import AgreementSpec, Measured

UNITS = np.array([[2.0], [1.0], [0.0]])


def built(**rule: Any) -> Rule:
    spec = AgreementSpec.model_validate(small_agreement(rules=[rule], confidence=0.7))
    measured = Measured(lambda _: UNITS, "counterfactual", lambda base: 2.0 if base == "2020-21" else 1.0)
    return spec.rules[0].build(spec, measured)


def fault_of(**agreement: Any) -> str:
    with pytest.raises(CaseFileError) as error:
        Case.from_dict(agreed_case(**agreement))
    return str(error.value)


class TestRules:
    @pytest.mark.parametrize(
        ("given", "rule"),
        [
            ({"rule": "pro_rata_to_cost"}, ProRataToCost()),
            (
                {"rule": "pro_rata_to_cost", "gains": "cashable", "funding": {"nhs": 1}},
                ProRataToCost(shared="cashable", funding={"nhs": 1.0}),
            ),
            ({"rule": "pro_rata_to_benefit", "basis": "realised"}, ProRataToBenefit(basis="realised")),
            ({"rule": "equal_return"}, EqualReturn()),
            ({"rule": "first_call", "multiple": 2, "then": "cost"}, FirstCall(multiple=2.0, then="cost")),
            ({"rule": "first_call", "then": {"dwp": 1}}, FirstCall(then={"dwp": 1.0})),
            ({"rule": "collar_and_cap", "collar": 0.5, "cap": 2}, CollarAndCap(collar=0.5, cap=2.0)),
            ({"rule": "reinvestment", "share": 0.25}, Reinvestment(share=0.25)),
            ({"rule": "shapley_value"}, ShapleyValue()),
            ({"rule": "no_worse_off"}, NoWorseOff(confidence=0.7)),
            (
                {
                    "rule": "no_worse_off",
                    "confidence": 0.9,
                    "most_a_year": {"dwp": 100},
                    "price_base": "2020-21",
                    "by_year": "2024-25",
                },
                NoWorseOff(confidence=0.9, most_a_year={"dwp": 200.0}, by_year="2024-25"),
            ),
        ],
    )
    def test_each_becomes_what_it_says(self, given: dict[str, Any], rule: Rule) -> None:
        assert built(**given) == rule

    def test_what_is_paid_for_is_counted_and_priced(self) -> None:
        given = small_agreement()["rules"][6]
        given |= {"termination": {"after": "2025-26", "unless_earned": 10}, "cap_a_year": 50, "lag": 1}
        given["results"][0] |= {"direction": "more", "deadweight": 0.1, "deadweight_share": 0.2, "most": 9}
        rule = built(**given)
        assert isinstance(rule, PaymentByResults)
        (paid,) = rule.results
        assert (paid.tariff, paid.counted, paid.deadweight, paid.most) == (6000, "counterfactual", 0.1, 9)
        np.testing.assert_array_equal(paid.units, -UNITS)
        assert (rule.cap, rule.cap_a_year, rule.lag) == (20_000, 100, 1)
        assert rule.termination is not None
        assert rule.termination.unless_earned == 20

    def test_an_outcome_contract_brings_its_own_parties(self) -> None:
        given = small_agreement()["rules"][7]
        spec = AgreementSpec.model_validate(small_agreement(rules=[given]))
        assert spec.rules[0].joining == ("private_sector", "voluntary_sector")
        assert set(spec.named) == {"local_authority", "dwp"}  # the host, sources and payers
        rule = built(**given)
        assert isinstance(rule, OutcomeContract)
        assert (rule.investor, rule.commitment) == ("private_sector", 50_000)


class TestFile:
    def test_there_and_back(self) -> None:
        case = Case.from_dict(agreed_case())
        assert Case.from_text(case.to_yaml()) == case

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            ({"rule": "pro_rata_to_cst"}, "'pro_rata_to_cst' is no rule; did you mean 'pro_rata_to_cost'"),
            ({"name": "ours"}, r"agreement.rules[0]: does not say which rule it is; add rule"),
            (
                {"rule": "first_call", "multipel": 1},
                "agreement.rules[0].multipel: is not known here; did you mean 'multiple'",
            ),
            ({"rule": "first_call", "then": "won"}, "is 'won'; use one of 'own' or 'cost'"),
            (
                {"rule": "first_call", "then": {"dwp": "x"}},
                "agreement.rules[0].then.dwp: 'x' is not a number",
            ),
            ({"rule": "collar_and_cap", "cap": 0.5}, "agreement.rules[0].cap: is 0.5; it must be at least 1"),
            (
                {"rule": "pro_rata_to_benefit", "funding": {"dwp": 1}},
                "agreement.rules[0].funding: is not known here",
            ),
            (
                {"rule": "no_worse_off", "most_a_year": {"dwp": 1}},
                "most_a_year and price_base go together; give both or neither",
            ),
            ({"rule": "payment_by_results"}, "agreement.rules[0].price_base: is missing"),
        ],
    )
    def test_a_rule_that_is_none(self, rule: dict[str, Any], words: str) -> None:
        assert words in fault_of(rules=[rule])

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"partners": ["dwp", "dwp"]}, "the partner dwp is there twice; keep one"),
            (
                {"rules": [{"rule": "equal_return"}, {"rule": "equal_return"}]},
                "the rule equal_return is there twice; keep one, or give each a name",
            ),
            (
                {"sources": [{"agency": "dwp", "kind": "pooled"}, {"agency": "dwp", "kind": "aligned"}]},
                "the source of dwp is there twice; keep one",
            ),
            ({"rules": []}, "agreement.rules: is empty; give at least one"),
            ({"confidence": 1}, "agreement.confidence: is 1; it must be below 1"),
        ],
    )
    def test_what_is_there_twice_or_not_at_all(self, changes: dict[str, Any], words: str) -> None:
        assert words in fault_of(**changes)

    def test_terms_say_whose_they_are(self) -> None:
        agreement = small_agreement()
        del agreement["source"]
        with pytest.raises(CaseFileError, match="say where the figure comes from: add source"):
            Case.from_dict({**agreed_case(), "agreement": agreement})
