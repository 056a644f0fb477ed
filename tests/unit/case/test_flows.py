"""What an option costs and brings: the two make up the net present value, and funding is no cost."""

import numpy as np
import pytest

from communitybudget.case import Appraisal, Case, appraise
from communitybudget.case.flows import avoided_flow, costs_and_benefits, spending_flow
from tests_builders import case_with_do_minimum


@pytest.fixture(scope="module")
def result() -> Appraisal:
    return appraise(Case.from_dict(case_with_do_minimum()), draws=30, seed=1)


@pytest.mark.parametrize("agency", ["all", "local_authority", "nhs", "dwp"])
@pytest.mark.parametrize("value", ["fiscal", "public_value"])
def test_benefits_less_costs_are_the_net_present_value(result: Appraisal, agency: str, value: str) -> None:
    costs, benefits = costs_and_benefits(result, "support", agency, value)
    np.testing.assert_allclose(benefits - costs, result.npv("support", agency, value), atol=1e-6)
    flow = avoided_flow(result.ledger, "support", agency, value)
    np.testing.assert_allclose(result.factors @ flow, benefits)


def test_funding_from_another_agency_is_no_cost(result: Appraisal) -> None:
    own, whole, given = (
        spending_flow(result.ledger, "support", agency).sum(axis=0)
        for agency in ("local_authority", "all", "nhs")
    )
    np.testing.assert_allclose(whole - own, 50 * 300)
    np.testing.assert_allclose(given, 50 * 300)


def test_a_value_that_is_none(result: Appraisal) -> None:
    with pytest.raises(ValueError, match="'social' is no case; use fiscal or public_value"):
        spending_flow(result.ledger, "support", value="social")
