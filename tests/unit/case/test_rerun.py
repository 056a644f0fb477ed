"""A case run again: the same as run afresh, and nothing solved twice."""

from dataclasses import replace
from typing import Any

import numpy as np

from communitybudget.case import Case
from communitybudget.case.effects import EffectSolver
from communitybudget.case.model import prepare
from communitybudget.case.rerun import Run, grouped
from tests_builders import quick_case

RETURN = "transition.child_safety.medium_need.looked_after.returned_home.m0"


def test_another_discount_rule_needs_no_new_ledger() -> None:
    case = Case.from_dict(quick_case())
    other = Case.from_dict({**quick_case(), "discounting": 0.1})
    again, afresh = Run.of(case, 30, 1).discounted(other), Run.of(other, 30, 1)
    assert again.ledger is not afresh.ledger
    np.testing.assert_array_equal(again.npv("support", "all"), afresh.npv("support", "all"))


def test_effects_are_solved_once_and_again_where_rates_differ(small: dict[str, Any]) -> None:
    case, solver = Case.from_dict(small), EffectSolver()

    def solved(one: Case) -> Any:
        return prepare(one, solver=solver).effects["support"][0].solved

    first = solved(case)
    dearer = case.override("unit_cost.SS2.0.1", 900, price_base="2024-25", reason="dearer")
    assert solved(dearer) is first
    livelier = case.override(RETURN, 0.1, reason="more returns")
    assert solved(livelier) is not first
    alone = prepare(livelier).effects["support"][0].solved
    assert alone is not None
    np.testing.assert_array_equal(solved(livelier).log_hazard_ratios, alone.log_hazard_ratios)


def test_options_ask_for_the_same_effects_once(small: dict[str, Any]) -> None:
    (option,) = small["options"]
    twice = [option, {**option, "name": "again", "label": "Again"}]
    model = prepare(Case.from_dict({**small, "options": twice}))
    first, second = (model.effects[name][0] for name in ("support", "again"))
    assert first.solved is second.solved
    assert replace(first, timing_keys=second.timing_keys) == second


def test_many_figures_are_grouped_by_table() -> None:
    keys = ["unit_cost.A", "unit_cost.B", "transition.work.x"]
    assert list(grouped(keys, 3)) == keys
    assert grouped(keys, 2) == {"unit_cost": keys[:2], "transition.work": keys[2:]}
