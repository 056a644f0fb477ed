"""The portfolio of programmes that brings most for a budget."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from communitybudget._core.digits import as_stated, percent, pounds
from communitybudget.appraisal.portfolio_model import SAME, PortfolioModel
from communitybudget.appraisal.portfolio_result import (
    LineOfPortfolio,
    Portfolio,
    ProgrammeInPortfolio,
    SegmentServed,
)
from communitybudget.appraisal.portfolio_solver import best_of
from communitybudget.appraisal.programmes import FloatArray, PortfolioProblem

_LEAST_GAIN = 1.0  # GBP by which a portfolio must be better to be worth a larger budget


def best_portfolio(problem: PortfolioProblem) -> Portfolio:
    """Return the programmes that together bring most net benefit for a budget: proven, not searched.

    Parameters
    ----------
    problem : PortfolioProblem
        Programmes, budget and rules.

    Returns
    -------
    Portfolio
        The largest mean gain less cost that the rules allow. Of portfolios that tie (within 1e-9 of all the
        money of the problem) the one that costs least, then the one with the fewest programmes, then the one
        with the programmes declared first.

    Raises
    ------
    ValueError
        If must-haves cannot be paid or cannot reach the confidence, or the confidence cannot be settled over
        so many draws.

    Notes
    -----
    Families of a segment overlap as far as they can: those of a smaller programme are all among those of a
    larger one. Each family is credited to one programme, of those bought that serve it the one with the
    largest mean gain; a programme that is not divisible is paid for in full. To state another overlap, give
    the families whom several programmes share a segment of their own.

    The integer programme is solved by HiGHS to a gap of nil. A confidence holds over all the draws given: the
    best portfolio without it is checked first; if it falls short, all portfolios of up to 16 programmes are
    looked at from the best down; with more programmes or divisible ones each draw has a yes-or-no variable,
    and there may be 200 draws at most. Then, and where the confidence is of the budget, a larger budget is
    not looked at. Sources: J. H. Lorie and L. J. Savage, "Three problems in rationing capital", Journal of
    Business 28 (1955), for the problem; J. Luedtke, S. Ahmed and G. L. Nemhauser, "An integer programming
    approach for linear programs with probabilistic constraints", Mathematical Programming 122 (2010), for the
    draws.

    Examples
    --------
    >>> from communitybudget.appraisal import Programme
    >>> programmes = [
    ...     Programme("a", "Key worker", {"s": 10}, {"s": 8_500}, fixed_cost=60_000),
    ...     Programme("b", "Parenting", {"t": 10}, {"t": 6_500}, fixed_cost=50_000),
    ...     Programme("c", "Mentors", {"u": 10}, {"u": 6_500}, fixed_cost=50_000),
    ... ]
    >>> found = best_portfolio(PortfolioProblem(programmes, 100_000, price_base="2026-27"))
    >>> found.chosen, found.net
    (('b', 'c'), 30000.0)
    """
    model, free = PortfolioModel(problem), PortfolioModel(replace(problem, confidence=None))
    unsure = best_of(free, free.mean_net)
    if unsure is None:
        raise ValueError(_why_unpaid(free))
    found = _first_of_equals(model)
    if found is None:
        raise ValueError(_why_unsure(model, float(free.well(unsure, problem.confident_of).mean())))
    net = model.net @ found
    return Portfolio(
        programmes=tuple(_programme(model, found, place) for place in range(len(problem.programmes))),
        shared_costs=tuple(
            (shared.label, float(model.spending[:, place].mean()))
            for shared, place in zip(problem.shared_costs, model.places["shared"], strict=True)
            if found[place] > 0
        ),
        segments=_segments(model, found),
        lines=tuple(_line(model, found, place) for place in range(len(problem.limits))),
        gain=float((model.gain @ found).mean()),
        cost=float((model.spending @ found).mean()),
        net_benefit=np.where(np.abs(net) <= SAME * model.money, 0.0, net),
        within_budget=model.well(found, "budget"),
        confidence=problem.confidence,
        confident_of=problem.confident_of,
        net_without_confidence=float(free.mean_net @ unsure),
        why_empty="" if found[model.places["bought"]].any() else _why_empty(free),
        price_base=problem.price_base,
        seed=problem.seed,
        set_version=problem.set_version,
        notes=tuple(problem.notes),
    )


def _first_of_equals(model: PortfolioModel, extra: Mapping[int, float] | None = None) -> FloatArray | None:
    """Return the best portfolio; of equals the cheapest, then the smallest, then the first declared."""
    bought = model.places["bought"]
    found = best_of(model, model.mean_net, (), extra)
    if found is None:
        return None
    conditions = [model.at_least(model.mean_net, float(model.mean_net @ found))]
    if best_of(model, model.mean_net, [*conditions, model.without(found, bought)], extra) is None:
        return found
    each = np.eye(model.size)[bought]
    for amounts in (-model.spending.mean(axis=0), -each.sum(axis=0), *each):
        better = best_of(model, amounts, conditions, extra)
        found = found if better is None else better
        conditions.append(model.at_least(amounts, float(amounts @ found)))
    return found


def _programme(model: PortfolioModel, found: FloatArray, place: int) -> ProgrammeInPortfolio:
    """Return what a programme does in a portfolio, and what it would do alone."""
    programme = model.problem.programmes[place]
    own = [
        (index, cell.families)
        for index, (cell, member) in zip(model.places["credited"].tolist(), model.credits, strict=True)
        if member == place
    ]
    columns = [place, *(index for index, _ in own)]
    gain, spending = (money[:, columns].mean(axis=0) for money in (model.gain, model.spending))
    families = float(sum(found[index] * number for index, number in own))
    whole = float(sum(programme.families.values()))
    bought = bool(found[place] > 0)
    return ProgrammeInPortfolio(
        name=programme.name,
        label=programme.label,
        bought=bought,
        families=families,
        families_elsewhere=whole - families if bought and not programme.divisible else 0.0,
        cost=float(spending @ found[columns]) if bought else 0.0,
        gain=float(gain @ found[columns]),
        alone_families=whole,
        alone_cost=float(spending.sum()),
        alone_gain=float(gain.sum()),
    )


def _segments(model: PortfolioModel, found: FloatArray) -> tuple[SegmentServed, ...]:
    families: dict[str, float] = {}
    served = dict.fromkeys((cell.segment for cell in model.cells), 0.0)
    for cell in model.cells:
        families[cell.segment] = families.get(cell.segment, 0.0) + cell.families
    for place, (cell, _) in zip(model.places["credited"], model.credits, strict=True):
        served[cell.segment] += float(found[place]) * cell.families
    return tuple(SegmentServed(segment, families[segment], served[segment]) for segment in families)


def _line(model: PortfolioModel, found: FloatArray, place: int) -> LineOfPortfolio:
    """Return a line of the budget, and the amount beyond its limit of which each pound brings most.

    The ratio is made as large as can be by steps (Dinkelbach): the portfolio that is best when each further
    pound has to bring as much as the last one found.
    """
    problem, limit = model.problem, float(model.limits[place])
    cost = float((model.cost[place] @ found).mean())
    line = LineOfPortfolio(list(problem.limits)[place], limit, cost, limit - cost, np.nan, np.nan, ())
    if not np.isfinite(limit) or not _tells_next(model):
        return line
    best = float(model.mean_net @ found)
    better = [model.at_least(model.mean_net, best + max(_LEAST_GAIN, 1e-6 * model.money))]
    extra = np.zeros(model.size)
    extra[model.places["extra"][place]] = 1.0
    room = {place: _whatever_it_costs(model)[place]}
    then = best_of(model, -extra, better, room)
    if then is None:
        return replace(line, next_extra=np.inf, next_gain=0.0)
    while True:
        worth = _per_pound(model, then, best, extra)
        larger = best_of(model, model.mean_net - worth * extra, better, room)
        if larger is None or _per_pound(model, larger, best, extra) <= worth * (1 + SAME):
            break
        then = larger
    amount = float(extra @ then)
    settled = _first_of_equals(model, {place: amount + SAME * model.money})
    bought = (then if settled is None else settled)[model.places["bought"]]
    return replace(
        line,
        next_extra=amount,
        next_gain=float(model.mean_net @ then) - best,
        next_programmes=tuple(name for name, yes in zip(problem.names, bought, strict=True) if yes),
    )


def _per_pound(model: PortfolioModel, larger: FloatArray, best: float, extra: FloatArray) -> float:
    return (float(model.mean_net @ larger) - best) / float(extra @ larger)


def _tells_next(model: PortfolioModel) -> bool:
    """Return whether a larger budget is looked at: not where each look would be a long search."""
    problem = model.problem
    return problem.confidence is None or (model.looks_at_all and problem.confident_of == "net_benefit")


def _why_unpaid(free: PortfolioModel) -> str:
    """Return by how much the budget falls short of what the must-haves cost at least."""
    extra = free.places["extra"]
    least = np.zeros(free.size)
    least[extra] = -1.0
    found = best_of(free, least, (), _whatever_it_costs(free))
    over = np.zeros(extra.size) if found is None else found[extra]
    short = " and ".join(
        f"'{line}' has {pounds(limit)} and {pounds(limit + amount)} is needed"
        for (line, limit), amount in zip(free.problem.limits.items(), over, strict=True)
        if amount > SAME * free.money
    )
    must = ", ".join(free.problem.must_have)
    return f"must_have cannot be paid ({must}): {short}; raise the budget or take a must-have out"


def _why_unsure(model: PortfolioModel, reached: float) -> str:
    """Return how sure the best on average is, where no portfolio is as sure as is asked for."""
    return (
        f"no portfolio with the must-haves ({', '.join(model.problem.must_have)}) reaches a confidence of "
        f"{as_stated(model.confidence)}; the best on average reaches {percent(reached, 1)}; ask for less or "
        "take a must-have out"
    )


def _whatever_it_costs(model: PortfolioModel) -> dict[int, float]:
    """Return for each line as much beyond its limit as all programmes together can cost, GBP."""
    return dict(enumerate(np.abs(model.cost).max(axis=1).sum(axis=1).tolist()))


def _why_empty(free: PortfolioModel) -> str:
    """Return why a portfolio is empty, in words."""
    problem, bought = free.problem, free.places["bought"]
    something = [free.at_least(np.eye(free.size)[bought].sum(axis=0), 1.0)]
    cheapest = best_of(free, -free.spending.mean(axis=0), something, _whatever_it_costs(free))
    if cheapest is None:
        return "Nothing can be bought: every programme is in must_not."
    best = best_of(free, free.mean_net, something)
    if best is None:
        labels = [one.label for one, yes in zip(problem.programmes, cheapest[bought], strict=True) if yes > 0]
        costs = (free.cost @ cheapest).mean(axis=1)
        lines = [
            f"{pounds(cost)} of '{line}', which has {pounds(limit)}"
            for (line, limit), cost in zip(problem.limits.items(), costs, strict=True)
            if cost > limit
        ]
        return f"Nothing can be bought: the cheapest, {' with '.join(labels)}, needs {' and '.join(lines)}."
    if float(free.mean_net @ best) <= SAME * free.money:
        return "Nothing that can be bought brings more than it costs."
    return "Nothing that brings more than it costs reaches the confidence."
