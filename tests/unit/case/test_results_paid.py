"""Results that are paid for: in natural units, by year, as they turn out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from communitybudget._core.errors import ParameterNotFound
from communitybudget.case import Appraisal, Case, appraise
from communitybudget.case.results_paid import measured_results, units_avoided
from tests_builders import small_case


@pytest.fixture(scope="module")
def result() -> Appraisal:
    case = small_case()
    case["options"][0]["outcomes"] = [
        {
            "name": "no_crisis",
            "label": "No crisis",
            "unit_cost": "unit_cost.HE16.0",
            "population": "children",
            "incidence": 0.5,
            "impact": 0.2,
            "deadweight": 0.1,
            "phasing": [1, 0.5],
            "line": "Mental health",
            "source": "an example",
        }
    ]
    return appraise(Case.from_dict(case), draws=60, seed=1)


def test_over_the_horizon_they_are_those_that_turn_out(result: Appraisal) -> None:
    name = "child_safety.child_years_in_care"
    units = units_avoided(result, "support", name)
    assert units.shape == (4, 60)
    assert_allclose(units.sum(axis=0), result.activity.avoided_as_it_turns_out(name, "support"), atol=1e-12)


def test_chance_is_spread_as_business_as_usual_has_the_count(result: Appraisal) -> None:
    name = "claimant_years"
    gap = units_avoided(result, "support", name) - result.activity.avoided(name, "support")
    usual = result.activity.total(name, "bau").mean(axis=1)
    most = np.abs(gap.sum(axis=0)).argmax()
    assert_allclose(gap[:, most] / gap[:, most].sum(), usual / usual.sum())


def test_outcomes_of_a_chain_come_as_its_benefits_do(result: Appraisal) -> None:
    units = units_avoided(result, "support", "no_crisis")
    (chain,) = result.outcomes
    by_year = chain.avoided.mean(axis=1)
    assert_allclose(units.mean(axis=1) / units.mean(axis=1).sum(), by_year / by_year.sum())
    assert units.sum(axis=0).mean() == pytest.approx(chain.chain.net.mean(), rel=0.2)


def test_what_rules_need_to_know(result: Appraisal) -> None:
    measured = measured_results(result, "support", 2)
    assert np.shape(measured.units("claimant_years")) == (2, 60)
    assert measured.counted == "counterfactual"
    assert measured.factor("2023-24") == 1.0
    assert measured.factor("2013-14") == pytest.approx(result.model.index.factor("2013-14", "2023-24"))


def test_there_is_no_such_result(result: Appraisal) -> None:
    with pytest.raises(ParameterNotFound, match="did you mean 'claimant_years'"):
        units_avoided(result, "support", "claimant_yeers")
