"""The incremental table of a case: its net is the net present value, and do-minimum is a key."""

from typing import Any

import numpy as np
import pytest

from communitybudget._core.errors import CaseFileError, ParameterNotFound
from communitybudget.case import Appraisal, Case, appraise, incremental_of
from communitybudget.case.flows import costs_and_benefits


@pytest.fixture(scope="module")
def three() -> Appraisal:
    from tests_builders import small_case

    case = small_case()
    support = case["options"][0]
    support["delivery"][0]["agency"] = "local_authority"
    grant = {"from": "nhs", "to": "local_authority", "item": "Grant", "per_family": 300}
    grant |= {"price_base": "2023-24", "source": "an example"}
    least = {**support, "name": "least", "label": "Least", "do_minimum": True, "effects": []}
    half = {**support, "name": "half", "label": "Half", "can_be_chosen": False}
    case["options"] = [{**support, "funding": [grant]}, least, half]
    return appraise(Case.from_dict(case), draws=60, seed=1)


@pytest.mark.parametrize("agency", ["all", "local_authority", "nhs", "dwp"])
@pytest.mark.parametrize("value", ["fiscal", "public_value"])
def test_net_is_the_net_present_value(three: Appraisal, agency: str, value: str) -> None:
    costs, benefits = costs_and_benefits(three, "support", agency, value)
    np.testing.assert_allclose(benefits - costs, three.npv("support", agency, value), atol=1e-6)
    table = incremental_of(three, agency=agency, value=value)
    row = next(row for row in table.rows if row.option == "Support")
    assert row.over_business_as_usual.net == pytest.approx(three.npv("support", agency, value).mean())


def test_funding_from_another_agency_is_no_cost(three: Appraisal) -> None:
    own, _ = costs_and_benefits(three, "support", "local_authority")
    whole, _ = costs_and_benefits(three, "support")
    np.testing.assert_allclose(whole - own, 50 * 300)
    given, _ = costs_and_benefits(three, "support", "nhs")
    np.testing.assert_allclose(given, 50 * 300)


def test_do_minimum_is_always_there_and_what_if_only_if_named(three: Appraisal) -> None:
    assert {row.option for row in incremental_of(three).rows} == {"Business as usual", "Support", "Least"}
    table = incremental_of(three, ["half"])
    assert {row.option for row in table.rows} == {"Business as usual", "Half", "Least"}
    assert table.do_minimum == "Least"
    assert "seed 1 · 60 draws" in table.summary()


def test_what_is_not_there(three: Appraisal) -> None:
    with pytest.raises(ParameterNotFound, match="did you mean 'support'"):
        incremental_of(three, ["suport"])
    with pytest.raises(ParameterNotFound, match="is no agency"):
        incremental_of(three, agency="polcie")
    with pytest.raises(ValueError, match="'all' is no case"):
        incremental_of(three, value="all")


def test_one_do_minimum_at_most(small: dict[str, Any]) -> None:
    support = small["options"][0]
    small["options"] = [{**support, "name": name, "do_minimum": True} for name in ("one", "two")]
    with pytest.raises(CaseFileError, match=r"options\[1\].do_minimum: 'one' is the do-minimum already"):
        Case.from_dict(small)
