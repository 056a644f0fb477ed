"""What a portfolio problem refuses, all at once, with what to do."""

from typing import Any

import numpy as np
import pytest

from communitybudget.appraisal import PortfolioProblem, Programme, SharedCost
from portfolio_builders import problem_of


def one(name: str = "a", **changes: Any) -> Programme:
    given: dict[str, Any] = {"families": {"s": 10}, "gain_per_family": {"s": 100.0}, "fixed_cost": 500.0}
    return Programme(name, name.upper(), **{**given, **changes})


@pytest.mark.parametrize(
    ("programmes", "budget", "rules", "words"),
    [
        ([], 100, {}, "there is no programme; give at least one"),
        ([one()], -1, {}, "the budget 'budget' is -1; give an amount of 0 or more"),
        ([one()], float("nan"), {}, "the budget 'budget' is nan"),
        ([one()], {}, {}, "the budget has no line"),
        ([one(), one()], 100, {}, "two programmes are called 'a'"),
        ([one(), Programme("b", "A", {}, {})], 100, {}, "two programmes are labelled 'A'"),
        ([one("hub")], 100, {"must_have": ["hib"]}, "must_have: 'hib' is no programme; did you mean 'hub'"),
        ([one("hub")], 100, {"requires": {"hub": ["hob"]}}, "requires of 'hub': 'hob' is no programme"),
        ([one("hub")], 100, {"exclusive": [["hub", "x"]]}, "exclusive: 'x' is no programme"),
        ([one()], 100, {"shared_costs": [SharedCost("Hub", 1, ["b"])]}, "programmes of 'Hub': 'b' is no"),
        ([one(fixed_cost=np.nan)], 100, {}, "fixed_cost of 'a' must be a finite number"),
        ([one(families={"s": -1})], 100, {}, "families of 'a' in 's' is -1; give 0 or more"),
        ([one(families={"t": 1})], 100, {}, "'a' needs families and gain_per_family for the same segments"),
        ([one(fixed_cost={"nhs": 5})], 100, {}, "'nhs' is no line of the budget; did you mean|use one of"),
        (
            [one()],
            {"nhs": 1, "dwp": 1},
            {},
            "fixed_cost of 'a' is one amount and the budget has several lines",
        ),
        ([one()], 100, {"line_weights": {"nhs": 1}}, "line_weights: 'nhs' is no line"),
        ([one()], 100, {"line_weights": {"budget": 2}}, "line_weights of 'budget' is 2"),
        ([one()], 100, {"confidence": 80}, "a confidence of 80 is no share of the draws; write 80% as 0.8"),
        ([one()], "1m", {}, "the budget 'budget' is '1m'; give an amount of 0 or more"),
        ([one()], None, {}, "the budget 'budget' is None; give"),
        ([one()], {"budget": "100"}, {}, "the budget 'budget' is '100'; give"),
        ([one(families={"s": "10"})], 100, {}, "families of 'a' in 's' is '10'; give 0 or more"),
        ([one(gain_per_family=100)], 100, {}, "families and gain_per_family of 'a' go by segment; write"),
        ([one(gain_per_family={"s": [[1], [2, 3]]})], 100, {}, "gain_per_family of 'a' in 's' must be a fin"),
        ([one(fixed_cost="dear")], 100, {}, "fixed_cost of 'a' must be a finite number"),
        ([one()], 100, {"must_have": "hub"}, r"must_have is the text 'hub'; give a list of names, such as"),
        ([one()], 100, {"requires": {"a": "a"}}, "requires of 'a' is the text 'a'; give a list of names"),
        ([one()], 100, {"shared_costs": [SharedCost("Hub", 1, "a")]}, "programmes of 'Hub' is the text 'a'"),
        ([one()], 100, {"line_weights": {"budget": "1"}}, "line_weights of 'budget' is '1'"),
        ([one(fixed_cost=np.ones(3))], 100, {"confidence": "80%"}, "a confidence of '80%' is no share of"),
        ([one()], 100, {"confident_of": "npv"}, "confident_of is 'npv'; use net_benefit or budget"),
        ([one()], 100, {"confidence": 0.8}, "a confidence needs draws"),
        (
            [one(fixed_cost=np.ones(3)), one("b", cost_per_family=np.ones(4))],
            100,
            {},
            "fixed_cost of 'a' has 3 draws and cost_per_family of 'b' 4",
        ),
        ([one()], 100, {"must_have": ["a"], "must_not": ["a"]}, "'a' is a must-have and in must_not"),
        (
            [one(), one("b")],
            100,
            {"must_have": ["a"], "requires": {"a": ["b"]}, "must_not": ["b"]},
            "'b' is needed for 'a' and in must_not",
        ),
        (
            [one(), one("b")],
            100,
            {"must_have": ["a"], "requires": {"a": ["b"]}, "exclusive": [["b", "a"]]},
            r"'b' \(needed for 'a'\) and 'a' \(a must-have\) exclude each other",
        ),
    ],
)
def test_one_fault(programmes: list[Programme], budget: Any, rules: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        problem_of(programmes, budget, **rules)


def test_all_faults_at_once() -> None:
    with pytest.raises(ValueError, match="the budget 'budget' is -5") as error:
        problem_of([one(), one()], -5, must_have=["x"], confidence=2)
    assert len(str(error.value).splitlines()) == 6


def test_draws_are_counted_and_spread_over_the_lines() -> None:
    programme = one(fixed_cost={"nhs": [1.0, 2.0]}, gain_per_family={"s": 5.0})
    problem = PortfolioProblem([programme], {"nhs": 1, "police": 2}, price_base="2026-27")
    assert problem.draws == 2
    np.testing.assert_array_equal(problem.by_line(programme.fixed_cost), [[1, 2], [0, 0]])
    np.testing.assert_array_equal(problem.by_draw(5.0), [5, 5])
