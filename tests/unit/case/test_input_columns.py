"""Which inputs can touch an option."""

import pytest

from communitybudget.case import Appraisal
from communitybudget.case.input_columns import inputs_touching, is_start, switching_groups
from tests_builders import COST, EFFECT, PRICE, small_appraisal, small_case


@pytest.fixture(scope="module")
def result() -> Appraisal:
    """Two options, each with a delivery cost of its own; the second has no effect."""
    small = small_case()
    first = small["options"][0]
    delivery = [{**first["delivery"][0], "item": "Advice"}]
    advice = {**first, "name": "advice", "delivery": delivery, "effects": []}
    return small_appraisal(draws=20, options=[first, advice])


def keys(result: Appraisal, option: str, agency: str = "all") -> set[str]:
    return {c.key for c in inputs_touching(result.model, result.inputs, result.options, option, agency)}


def test_the_costs_of_other_options_and_pathways_that_nothing_changes_are_left_out(result: Appraisal) -> None:
    assert {COST, EFFECT, PRICE} <= keys(result, "support")
    advice = keys(result, "advice")
    assert "case.delivery.local_authority.advice" in advice
    assert not {COST, EFFECT, PRICE} & advice


def test_inputs_of_several_options_stand_once_in_the_order_of_the_appraisal(
    result: Appraisal,
) -> None:
    both = [column.key for column in result.inputs_of(("advice", "support"))]
    assert both == [c.key for c in result.inputs if c.key in keys(result, "advice") | keys(result, "support")]


def test_delivery_costs_come_first_among_switching_values(result: Appraisal) -> None:
    groups = switching_groups(result.model, result.inputs, "support", [EFFECT, COST, PRICE], most=1)
    assert [key for key, _, _ in groups] == [COST, EFFECT]


@pytest.mark.parametrize(
    ("key", "start"),
    [("start.child_safety.medium_need.child_in_need.m6", True), (PRICE, False), ("case.start.x", False)],
)
def test_start_shares_are_known_by_their_key(key: str, start: bool) -> None:
    assert is_start(key) is start
