"""What if: one place for every question about one net present value."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from communitybudget._core.errors import ParameterNotFound
from communitybudget.case import Appraisal, Case, WhatIf, appraise
from communitybudget.case.global_sensitivity import importance_of
from communitybudget.case.looking import break_even_curve_of, one_way_of, scatter_of
from communitybudget.case.scenarios import scenario_sets_of
from communitybudget.sensitivity import grid_axis

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


def test_whose_answer_is_checked_at_once(hounslow_result: Appraisal) -> None:
    with pytest.raises(ParameterNotFound, match="'polcie' is no agency; did you mean 'police'"):
        hounslow_result.what_if("early_help", "polcie")
    with pytest.raises(ValueError, match="'pv' is no case"):
        hounslow_result.what_if("early_help", value="pv")


@pytest.mark.parametrize("quantile", [0, 0.5, 10, float("nan"), "10%"])
def test_a_quantile_is_a_share_below_a_half(hounslow_result: Appraisal, quantile: Any) -> None:
    with pytest.raises(ValueError, match=r"give a share above 0 and below 0\.5"):
        hounslow_result.what_if().one_way(quantile=quantile)


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        ("effect.tfp_jsa", (1, 0), "give its low and its high"),
        ("effect.tfp_jsa", 0.4, "give its low and its high"),
        ("effect.tfp_jsa", (0, 1), "cannot be 0; give a ratio above 0"),
        ("start.work.medium_need.in_work", (0.1, 2), "cannot be 2; give a share from 0 to 1"),
        ("unit_cost.CR9.0", (-3, 1), "cannot be -3; give 0 or more"),
    ],
)
def test_a_range_is_one_that_the_input_can_take(
    hounslow_result: Appraisal, key: str, given: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        hounslow_result.what_if().worst_case({key: given})


def test_a_grid_of_values_that_cannot_be(hounslow_result: Appraisal) -> None:
    what_if = hounslow_result.what_if()
    with pytest.raises(ValueError, match=r"effect\.tfp_jsa cannot be -1; give a ratio above 0"):
        what_if.break_even_curve(grid_axis("effect.tfp_jsa", [-1, 0, 1]))
    with pytest.raises(ValueError, match="points is -1; give at least 2"):
        what_if.break_even_curve("effect.tfp_jsa", points=-1)
    with pytest.raises(ValueError, match=r"set 'a', effect\.tfp_jsa: 0 cannot be; give a value of at least"):
        what_if.given_sets({"a": {"effect.tfp_jsa": 0}})


def test_inputs_that_are_no_pair_or_none(hounslow_result: Appraisal) -> None:
    what_if, key = hounslow_result.what_if(), "effect.tfp_jsa"
    with pytest.raises(ValueError, match="are one input; name two"):
        what_if.heat_map(key, key, points=3, draws=20)
    with pytest.raises(ValueError, match="switching lines are of pairs"):
        what_if.switching_lines([key])
    with pytest.raises(ValueError, match="keys is empty"):
        what_if.spider([])
    assert what_if.spider(key, draws=10).keys == (key,)


def test_an_answer_that_never_varies_has_no_drivers(run_small: Any) -> None:
    what_if = run_small(draws=1).what_if()
    for asked in (what_if.screening, what_if.sobol_indices, what_if.importance_by_agency):
        with pytest.raises(ValueError, match="is the same in all of 1 draw: nothing is uncertain"):
            asked()
    with pytest.raises(ValueError, match="agencies is empty"):
        what_if.importance_by_agency([])
