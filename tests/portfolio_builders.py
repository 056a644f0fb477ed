"""Portfolio problems, and their answer by looking at every subset and every family."""

from itertools import combinations, pairwise
from typing import Any

import numpy as np

from communitybudget.appraisal import PortfolioProblem, Programme, SharedCost

Subset = tuple[int, ...]


def problem_of(programmes: list[Programme], budget: Any, **rules: Any) -> PortfolioProblem:
    return PortfolioProblem(programmes, budget, price_base="2026-27", **rules)


def twelve(seed: int, draws: int = 1, **rules: Any) -> PortfolioProblem:
    """Twelve programmes on five segments, every other one risky, with a hub, exclusions and needs."""
    random = np.random.default_rng(seed)
    programmes = []
    for i in range(12):
        segments = [f"s{k}" for k in random.choice(5, 2, replace=False)]
        luck = random.normal(1, 0.3 if i % 2 else 2.5, (2, draws)) if draws > 1 else np.ones((2, 1))
        gains = random.uniform(500, 4_000, 2)[:, None] * luck
        programmes.append(
            Programme(
                f"p{i}",
                f"Programme {i}",
                {segment: int(random.integers(10, 60)) for segment in segments},
                dict(zip(segments, gains, strict=True)),
                fixed_cost=float(random.uniform(10_000, 60_000)),
                cost_per_family=float(random.uniform(100, 900)),
            )
        )
    return problem_of(
        programmes,
        300_000,
        shared_costs=[SharedCost("Hub", 25_000, ["p0", "p1", "p2"])],
        exclusive=[["p3", "p4"], ["p5", "p6", "p7"]],
        requires={"p8": ["p9"]},
        **rules,
    )


def risky(seed: int, of: Any, draws: int = 40) -> PortfolioProblem:
    """Six programmes with uncertain gains and costs, of which the best on average is not sure enough."""
    random = np.random.default_rng(seed)
    programmes = [
        Programme(
            f"p{i}",
            f"Programme {i}",
            {f"s{i % 3}": 10 + i},
            {f"s{i % 3}": random.normal(600 + 60 * i, 200 if i % 2 else 1_800, draws)},
            fixed_cost=random.normal(5_000, 1_500, draws),
        )
        for i in range(6)
    ]
    return problem_of(programmes, 16_000, confidence=0.95, confident_of=of)


def subsets(problem: PortfolioProblem) -> list[Subset]:
    """Subsets that the rules of choice allow."""
    names = [programme.name for programme in problem.programmes]
    found = []
    for size in range(len(names) + 1):
        for subset in combinations(range(len(names)), size):
            has = {names[i] for i in subset}
            if (
                set(problem.must_have) <= has
                and not set(problem.must_not) & has
                and all(len(set(group) & has) <= 1 for group in problem.exclusive)
                and all(set(needed) <= has for name, needed in problem.requires.items() if name in has)
            ):
                found.append(subset)
    return found


def costs_of(problem: PortfolioProblem, subset: Subset) -> np.ndarray:
    """Cost of a subset by draw; budget of one line."""
    total = np.zeros(problem.draws)
    for i in subset:
        programme = problem.programmes[i]
        total += np.asarray(programme.fixed_cost)
        total += np.asarray(programme.cost_per_family) * sum(programme.families.values())
    names = {problem.programmes[i].name for i in subset}
    for shared in problem.shared_costs:
        total += np.asarray(shared.cost) if names & set(shared.programmes) else 0.0
    return total


def gains_of(problem: PortfolioProblem, subset: Subset) -> np.ndarray:
    """Gain of a subset by draw, one family after the other: the best on average who serves it."""
    total = np.zeros(problem.draws)
    for segment in {segment for i in subset for segment in problem.programmes[i].families}:
        there = [problem.programmes[i] for i in subset if segment in problem.programmes[i].families]
        edges = sorted({0, *(one.families[segment] for one in there)})
        for low, high in pairwise(edges):
            serving = [one for one in there if one.families[segment] >= high]
            best = max(serving, key=lambda one: np.mean(one.gain_per_family[segment]))
            total += (high - low) * np.asarray(best.gain_per_family[segment])
    return total


def nets_of(problem: PortfolioProblem, subset: Subset) -> np.ndarray:
    return gains_of(problem, subset) - costs_of(problem, subset)


def affordable(problem: PortfolioProblem) -> list[Subset]:
    return [s for s in subsets(problem) if costs_of(problem, s).mean() <= problem.budget + 1e-6]


def by_search(problem: PortfolioProblem) -> Subset:
    """The best subset: most net, then least cost, then fewest, then the first declared."""

    def rank(subset: Subset) -> tuple[Any, ...]:
        net, cost = nets_of(problem, subset).mean(), costs_of(problem, subset).mean()
        return (round(-net, 3), round(cost, 3), len(subset), subset)

    return min((s for s in affordable(problem) if confident(problem, s)), key=rank)


def confident(problem: PortfolioProblem, subset: Subset) -> bool:
    if problem.confidence is None:
        return True
    if problem.confident_of == "net_benefit":
        hits = nets_of(problem, subset) >= -1e-6
    else:
        hits = costs_of(problem, subset) <= problem.budget + 1e-6
    return bool(hits.sum() >= np.ceil(problem.confidence * problem.draws - 1e-9))
