"""A yes-or-no variable for each draw gives what looking at every portfolio gives; too many are refused."""

from typing import Any

import numpy as np
import pytest

from communitybudget.appraisal import Programme, best_portfolio, portfolio_model, portfolio_solver
from communitybudget.appraisal.portfolio_model import PortfolioModel, cells_of
from portfolio_builders import by_search, problem_of, risky, twelve


@pytest.fixture
def only_scenarios(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (portfolio_model, portfolio_solver):
        monkeypatch.setattr(module, "MOST_LOOKED_AT", 0)


@pytest.mark.usefixtures("only_scenarios")
class TestScenarios:
    @pytest.mark.parametrize("of", ["net_benefit", "budget"])
    @pytest.mark.parametrize("seed", [3, 4])
    def test_they_equal_a_search_of_all_subsets(self, seed: int, of: Any) -> None:
        problem = risky(seed, of)
        found = best_portfolio(problem)
        assert found.chosen == tuple(problem.names[i] for i in by_search(problem))
        assert found.net < found.net_without_confidence
        assert np.isnan(found.lines[0].next_extra)

    def test_a_divisible_programme_serves_as_many_as_are_sure(self) -> None:
        """A sure gain of 1,000 stands against a loss of 300 a family in one of five draws: 3 families."""
        sure = Programme("sure", "Sure", {"a": 1}, {"a": 1_500}, fixed_cost=500)
        part = Programme(
            "part",
            "Part",
            {"b": 10},
            {"b": np.array([900.0] * 4 + [-200.0])},
            cost_per_family=100,
            divisible=True,
        )
        found = best_portfolio(problem_of([sure, part], 10_000, confidence=1.0))
        assert found.programmes[1].families == pytest.approx(1_000 / 300)
        assert found.probability == 1.0

    def test_more_draws_are_refused_with_what_to_do(self) -> None:
        problem = risky(3, "net_benefit", 1_000)
        with pytest.raises(
            ValueError, match=r"over 1,000 draws cannot be settled .* at most 200 draws, such as"
        ):
            best_portfolio(problem)


def test_cells_are_nested_and_each_family_is_in_one() -> None:
    trio = [Programme(n, n, {"s": f}, {"s": g}) for n, f, g in (("a", 60, 1), ("b", 50, 3), ("c", 50, 2))]
    cells = cells_of(problem_of(trio, 0))
    assert [(cell.families, cell.members) for cell in cells] == [(50, (1, 2, 0)), (10, (0,))]


def test_amounts_are_the_same_within_a_thousand_millionth() -> None:
    """A tenth and two tenths are three tenths: a budget of 0.3 pays for both."""
    pair = [Programme(n, n, {n: 1}, {n: 1.0}, fixed_cost=c) for n, c in (("a", 0.1), ("b", 0.2))]
    assert best_portfolio(problem_of(pair, 0.3)).chosen == ("a", "b")
    assert PortfolioModel(problem_of(pair, 0.3)).money == pytest.approx(2.3)


def test_the_same_problem_gives_the_same_bits() -> None:
    first, second = (best_portfolio(twelve(2)).to_json() for _ in range(2))
    assert first == second
