"""What if: one place for every question about one net present value."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from communitybudget.case import Appraisal, Case, WhatIf, appraise
from communitybudget.case.global_sensitivity import importance_of
from communitybudget.case.looking import break_even_curve_of, one_way_of, scatter_of
from communitybudget.case.scenarios import scenario_sets_of

PRICE = "unit_cost.SS2.0.1"
HOMES = "unit_cost.residential_home_week"


@pytest.fixture
def asked(run_small: Callable[..., Appraisal]) -> WhatIf:
    return run_small(draws=300).what_if(agency="local_authority")


def test_questions_are_about_the_option_agency_and_value_that_were_named(asked: WhatIf) -> None:
    whose = (asked.appraisal, "support", "local_authority", "fiscal")
    result = asked.appraisal
    assert asked.one_way() == one_way_of(*whose)
    assert asked.scenario_sets() == scenario_sets_of(*whose)
    assert asked.scatter(PRICE) == scatter_of(result, "support", PRICE, *whose[2:])
    curve = break_even_curve_of(result, "support", PRICE, *whose[2:], points=5, draws=50)
    assert asked.break_even_curve(PRICE, points=5, draws=50) == curve
    assert asked.importance_by_agency() == importance_of(result, "support")


def test_two_inputs_and_sets_of_them(asked: WhatIf) -> None:
    assert asked.heat_map(PRICE, HOMES, points=3, draws=20).to_frame().shape[0] == 9
    assert asked.spider([PRICE], draws=20).to_frame()["key"].unique().tolist() == [PRICE]
    assert np.isfinite(asked.worst_case().least)
    assert len(asked.given_sets({"dear": {HOMES: "p90"}}).to_frame()) > 0
    assert len(asked.switching_lines([PRICE, HOMES], draws=20)) > 0


def test_lines_of_public_value_are_refused(run_small: Callable[..., Appraisal]) -> None:
    with pytest.raises(ValueError, match="switching lines are of the fiscal case"):
        run_small(draws=50).what_if(value="public_value").switching_lines()


def test_correlated_inputs_have_no_index_of_their_own(small: dict[str, Any]) -> None:
    pair = [{"between": [PRICE, HOMES], "rank": 0.6, "source": "ours", "mark": "assumption"}]
    asked = appraise(Case.from_dict({**small, "correlations": pair}), draws=100, seed=1).what_if()
    with pytest.raises(ValueError, match=r"these inputs are correlated.*use evppi"):
        asked.sobol_indices(16)
    together = asked.sobol_indices(16, groups=dict.fromkeys((PRICE, HOMES), "prices of care"))
    assert "prices of care" in set(together.to_frame()["input"])
