"""The best portfolio: against a search of all subsets, closed forms, and what a greedy choice misses."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communitybudget.appraisal import Portfolio, PortfolioProblem, Programme, SharedCost, best_portfolio
from portfolio_builders import (
    affordable,
    by_search,
    costs_of,
    gains_of,
    nets_of,
    problem_of,
    risky,
    twelve,
)


def whole(name: str, cost: float, gain: float, families: float = 10, segment: str = "") -> Programme:
    """A programme of ten families of its own."""
    own = segment or name
    return Programme(name, name.upper(), {own: families}, {own: gain / families}, fixed_cost=cost)


def same_as_search(problem: PortfolioProblem) -> Portfolio:
    found, subset = best_portfolio(problem), by_search(problem)
    assert found.chosen == tuple(problem.names[i] for i in subset)
    np.testing.assert_allclose(found.net_benefit, nets_of(problem, subset), atol=1e-4)
    assert found.cost == pytest.approx(costs_of(problem, subset).mean())
    assert found.gain == pytest.approx(gains_of(problem, subset).mean())
    return found


AMOUNTS = st.integers(-3, 9)


@st.composite
def small_problems(draw: Any) -> PortfolioProblem:
    """Up to five programmes on two segments in small whole amounts, so that ties are common."""
    count = draw(st.integers(1, 5))
    programmes = [
        Programme(
            f"p{i}",
            f"P{i}",
            families := draw(st.dictionaries(st.sampled_from("ab"), st.integers(0, 4), min_size=1)),
            {segment: 10 * draw(AMOUNTS) for segment in families},
            fixed_cost=10 * draw(st.integers(0, 9)),
            cost_per_family=draw(st.sampled_from([0, 5, 10])),
        )
        for i in range(count)
    ]
    names = st.sampled_from([programme.name for programme in programmes])
    return problem_of(
        programmes,
        10 * draw(st.integers(0, 20)),
        shared_costs=[SharedCost("Hub", 20, draw(st.lists(names, unique=True)))],
        exclusive=draw(st.lists(st.lists(names, min_size=1, unique=True), max_size=1)),
        requires=draw(st.dictionaries(names, st.lists(names, max_size=1), max_size=1)),
        must_not=draw(st.lists(names, max_size=1)),
    )


class TestAgainstAllSubsets:
    @settings(max_examples=30)
    @given(problem=small_problems())
    def test_small_ones_ties_and_all(self, problem: PortfolioProblem) -> None:
        found = same_as_search(problem)
        assert found.net >= 0
        assert not set(found.chosen) & set(problem.must_not)

    @settings(max_examples=15)
    @given(problem=small_problems(), more=st.integers(0, 60), order=st.randoms(use_true_random=False))
    def test_more_money_does_no_harm_and_the_order_of_programmes_is_nothing(
        self, problem: PortfolioProblem, more: int, order: Any
    ) -> None:
        found = best_portfolio(problem)
        assert best_portfolio(replace(problem, budget=problem.budget + more)).net >= found.net - 1e-6
        shuffled = list(problem.programmes)
        order.shuffle(shuffled)
        assert best_portfolio(replace(problem, programmes=shuffled)).net == pytest.approx(found.net, abs=1e-6)
        assert found.net >= 0
        assert found.cost <= problem.budget + 1e-6

    @pytest.mark.parametrize("seed", [1, 2])
    def test_twelve_programmes(self, seed: int) -> None:
        problem = twelve(seed)
        assert same_as_search(problem).cost <= problem.budget

    def test_the_next_pound(self) -> None:
        problem = twelve(1)
        found = best_portfolio(problem)
        (line,) = found.lines
        larger = [
            (nets_of(problem, s).mean() - found.net) / (costs_of(problem, s).mean() - problem.budget)
            for s in affordable(replace(problem, budget=float("inf")))
            if costs_of(problem, s).mean() > problem.budget and nets_of(problem, s).mean() > found.net + 1
        ]
        assert line.next_pound == pytest.approx(max(larger))
        names = [problem.names.index(name) for name in line.next_programmes]
        assert costs_of(problem, tuple(names)).mean() == pytest.approx(line.limit + line.next_extra)


class TestConfidence:
    @pytest.mark.parametrize("draws", [25, 1_000])
    @pytest.mark.parametrize("of", ["net_benefit", "budget"])
    def test_it_is_kept_over_all_the_draws(self, draws: int, of: Any) -> None:
        found = same_as_search(risky(3, of, draws))
        reached = found.probability if of == "net_benefit" else found.probability_within_budget
        assert reached >= 0.95
        assert found.net < found.net_without_confidence - 1

    def test_twelve_programmes(self) -> None:
        found = same_as_search(twelve(3, 200, confidence=0.9))
        assert found.probability >= 0.9

    def test_it_gives_up_money_and_says_how_much(self) -> None:
        luck = np.array([3.0, 3.0, 3.0, 3.0, -2.0])
        risky = Programme("risky", "Risky", {"a": 10}, {"a": 2_000 * luck}, fixed_cost=10_000)
        steady = Programme("steady", "Steady", {"b": 10}, {"b": 1_500}, fixed_cost=10_000)
        found = best_portfolio(problem_of([risky, steady], 10_000, confidence=0.9))
        assert found.chosen == ("steady",)
        assert (found.net, found.net_without_confidence) == (5_000, 30_000)
        assert "It must bring what it costs with a chance of 90%; that gives up £25,000" in found.summary()
        assert found.probability_error == pytest.approx(0.6)

    def test_families_whom_it_harms_are_counted(self) -> None:
        """A programme that is bought whole cannot leave out the families for whom it is a loss."""
        mixed = Programme("m", "M", {"a": 10, "b": 10}, {"a": 500, "b": -400}, fixed_cost=2_000)
        assert best_portfolio(problem_of([mixed], 5_000)).chosen == ()

    def test_the_better_programme_on_average_is_credited_whatever_the_confidence(self) -> None:
        risky = Programme("r", "R", {"s": 10}, {"s": np.array([900.0, -300.0])}, fixed_cost=10)
        steady = Programme("s", "S", {"s": 10}, {"s": np.array([200.0, 200.0])}, fixed_cost=10)
        problem = problem_of([risky, steady], 100, must_have=["r", "s"], confidence=1.0)
        with pytest.raises(ValueError, match=r"the must-haves \(r, s\) reaches a confidence of 100%"):
            best_portfolio(problem)


class TestGreed:
    def test_the_best_ratio_first_is_not_the_best_portfolio(self) -> None:
        programmes = [whole("a", 60_000, 85_000), whole("b", 50_000, 65_000), whole("c", 50_000, 65_000)]
        problem = problem_of(programmes, 100_000)
        left, greedy = problem.budget, 0.0
        for one in sorted(programmes, key=lambda p: -p.gain_per_family[p.name] / p.fixed_cost):  # type: ignore
            if one.fixed_cost <= left:
                left, greedy = (
                    left - one.fixed_cost,
                    greedy + 10 * one.gain_per_family[one.name] - one.fixed_cost,
                )
        found = best_portfolio(problem)
        assert (greedy, found.net) == (25_000, 30_000)
        assert found.chosen == ("b", "c")


class TestSharedFamilies:
    def test_no_family_counts_twice(self) -> None:
        """60 and 50 families of one segment: at most 60 in all, the 50 with whoever does most for them."""
        big = Programme("big", "Big", {"s": 60}, {"s": 1_000}, fixed_cost=10_000)
        small = Programme("small", "Small", {"s": 50}, {"s": 1_500}, fixed_cost=10_000)
        found = best_portfolio(problem_of([big, small], 20_000, must_have=["big", "small"]))
        assert [(p.families, p.families_elsewhere) for p in found.programmes] == [(10, 50), (50, 0)]
        assert found.gain == 10 * 1_000 + 50 * 1_500
        assert found.segments[0].served == 60
        assert best_portfolio(problem_of([big, small], 20_000)).chosen == ("small",)

    def test_an_overlap_can_be_stated_by_a_segment_of_its_own(self) -> None:
        big = Programme("big", "Big", {"only": 40, "both": 20}, {"only": 1_000, "both": 1_000}, 10_000)
        small = Programme("small", "Small", {"own": 30, "both": 20}, {"own": 1_500, "both": 1_500}, 10_000)
        found = best_portfolio(problem_of([big, small], 20_000))
        assert found.gain == 40 * 1_000 + 50 * 1_500

    def test_a_hub_is_paid_once(self) -> None:
        pair = [whole("a", 10_000, 18_000), whole("b", 10_000, 18_000)]
        hub = [SharedCost("Hub", 12_000, ["a", "b"])]
        both = best_portfolio(problem_of(pair, 32_000, shared_costs=hub))
        assert (both.chosen, both.cost, both.shared_costs) == (("a", "b"), 32_000, (("Hub", 12_000),))
        assert best_portfolio(problem_of(pair, 31_999, shared_costs=hub)).chosen == ()


class TestDivisible:
    @settings(max_examples=15)
    @given(
        items=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 30)), min_size=1, max_size=6),
        budget=st.integers(0, 5_000),
    )
    def test_it_is_the_fractional_knapsack(self, items: list[tuple[int, int]], budget: int) -> None:
        """G. B. Dantzig, Operations Research 5 (1957): best ratio first, the last in part."""
        programmes = [
            Programme(
                f"p{i}",
                f"P{i}",
                {f"s{i}": 20.0},
                {f"s{i}": float(g)},
                cost_per_family=float(c),
                divisible=True,
            )
            for i, (g, c) in enumerate(items)
        ]
        left, net = float(budget), 0.0
        slope = 0.0
        for gain, cost in sorted(items, key=lambda pair: -pair[0] / pair[1]):
            if gain > cost:
                share = min(20.0, left / cost)
                left, net = left - share * cost, net + share * (gain - cost)
                slope = gain / cost - 1 if share < 20 and not slope else slope
        found = best_portfolio(problem_of(programmes, budget))
        assert found.net == pytest.approx(net, abs=1e-6 * max(net, 1))
        assert found.cost <= budget + 1e-6
        if found.lines[0].next_gain > 1.001:
            assert found.lines[0].next_pound == pytest.approx(slope, rel=1e-3)

    def test_a_fixed_cost_must_be_earned(self) -> None:
        part = Programme("p", "P", {"s": 100}, {"s": 30}, 1_000, 10, divisible=True)
        assert best_portfolio(problem_of([part], 1_400)).chosen == ()  # 40 families: 800 for 1,000
        found = best_portfolio(problem_of([part], 1_600))
        assert (found.programmes[0].families, found.net) == (pytest.approx(60), pytest.approx(200))

    def test_it_tops_up_where_a_whole_programme_does_less(self) -> None:
        base = Programme("base", "Base", {"s": 10}, {"s": 100}, fixed_cost=500)
        top = Programme("top", "Top", {"s": 10}, {"s": 250}, cost_per_family=100, divisible=True)
        found = best_portfolio(problem_of([base, top], 900, must_have=["base"]))
        assert found.gain == pytest.approx(4 * 250 + 6 * 100)
        assert [p.families for p in found.programmes] == [pytest.approx(6), pytest.approx(4)]


class TestLines:
    def test_each_year_has_its_own_limit_and_its_own_weight(self) -> None:
        early = Programme("early", "Early", {"a": 1}, {"a": 300}, {"2026-27": 100, "2027-28": 0})
        late = Programme("late", "Late", {"b": 1}, {"b": 300}, {"2026-27": 0, "2027-28": 100})
        budget = {"2026-27": 50.0, "2027-28": 100.0}
        found = best_portfolio(problem_of([early, late], budget, line_weights={"2027-28": 0.9}))
        assert found.chosen == ("late",)
        assert (found.cost, found.lines[1].cost, found.lines[1].left) == (90, 100, 0)
        assert (found.lines[0].next_extra, found.lines[0].next_gain) == (50, 200)
        assert np.isinf(found.lines[1].next_extra)

    def test_no_limit_and_nobody_to_serve(self) -> None:
        nobody = Programme("a", "A", {}, {}, fixed_cost=5)
        assert best_portfolio(problem_of([nobody], float("inf"))).chosen == ()

    def test_a_line_without_limit(self) -> None:
        one = Programme("a", "A", {"s": 1}, {"s": 500}, {"council": 100, "nhs": 300})
        found = best_portfolio(problem_of([one], {"council": 100, "nhs": float("inf")}))
        assert found.chosen == ("a",)
        assert np.isnan(found.lines[1].next_extra)


class TestWords:
    def test_an_empty_portfolio_says_why(self) -> None:
        programmes = [whole("a", 60_000, 85_000), whole("b", 50_000, 65_000)]
        poor = best_portfolio(problem_of(programmes, 40_000))
        assert poor.chosen == ()
        assert (
            poor.why_empty
            == "Nothing can be bought: the cheapest, B, needs £50,000 of 'budget', which has £40,000."
        )
        assert poor.lines[0].next_programmes == ("b",)  # 15 for 10 more, against 25 for 20 more
        useless = best_portfolio(problem_of([whole("a", 10, 5)], 100))
        assert useless.why_empty == "Nothing that can be bought brings more than it costs."
        never = best_portfolio(problem_of([whole("a", 10, 50)], 100, must_not=["a"]))
        assert never.why_empty == "Nothing can be bought: every programme is in must_not."

    def test_an_empty_portfolio_for_want_of_confidence(self) -> None:
        risky = Programme("r", "R", {"a": 1}, {"a": np.array([500.0, -100.0])}, fixed_cost=100)
        found = best_portfolio(problem_of([risky], 100, confidence=0.8))
        assert found.why_empty == "Nothing that brings more than it costs reaches the confidence."

    def test_must_haves_that_cannot_be_paid(self) -> None:
        problem = problem_of([whole("a", 60_000, 85_000)], 40_000, must_have=["a"])
        words = (
            r"must_have cannot be paid \(a\): 'budget' has £40,000 and £60,000 is needed; raise the budget"
        )
        with pytest.raises(ValueError, match=words):
            best_portfolio(problem)

    def test_it_introduces_itself(self) -> None:
        found = best_portfolio(replace(twelve(1, 50, confidence=0.8), seed=7))
        assert repr(found).startswith("Portfolio(chosen=[")
        for text in (found.summary(), found._repr_html_()):
            assert "2026-27 prices · seed 7 · 50 draws" in text
            assert "Chance of keeping to the budget" in text
        json.loads(found.to_json())
        assert Portfolio.from_json(found.to_json()) == found
        assert list(found.to_frame()["name"]) == [f"p{i}" for i in range(12)]
        assert found.line_frame()["line"].tolist() == ["budget"]
        assert found.segment_frame()["served"].max() <= 60
        assert found.net_error > 0
        assert len(found.plot().get_yticklabels()) == 12
