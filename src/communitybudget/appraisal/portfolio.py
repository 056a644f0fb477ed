"""The portfolio of programmes that brings most for a budget."""

from dataclasses import astuple, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import counted, pounds, pounds_and_pence, supported, supported_chance
from communitybudget._core.precision import monte_carlo_error, probability_error
from communitybudget._core.results import result
from communitybudget.appraisal.portfolio_model import SAME, PortfolioModel
from communitybudget.appraisal.portfolio_solver import best_of
from communitybudget.appraisal.programmes import FloatArray, PortfolioProblem

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BoolArray = npt.NDArray[np.bool_]

_LEAST_GAIN = 1.0  # GBP by which a portfolio must be better to be worth a larger budget


@result
@dataclass(frozen=True, slots=True)
class ProgrammeInPortfolio:
    """A programme as the portfolio has it.

    Parameters
    ----------
    name, label : str
        As declared.
    bought : bool
        Whether it is in the portfolio.
    families : float
        Families whose gain is credited to it.
    families_elsewhere : float
        Families whom it serves too and whose gain is credited to a better programme of the portfolio.
    cost : float
        Present value, GBP, mean; shared costs stand apart.
    gain : float
        Present value, GBP, mean, of the families credited to it.
    alone_families, alone_cost, alone_gain : float
        The same if it were bought whole and alone, shared costs left out.
    """

    name: str
    label: str
    bought: bool
    families: float
    families_elsewhere: float
    cost: float
    gain: float
    alone_families: float
    alone_cost: float
    alone_gain: float


@result
@dataclass(frozen=True, slots=True)
class SegmentServed:
    """How many families of a segment the portfolio serves, each counted once.

    Parameters
    ----------
    segment : str
        As declared.
    families : float
        Whom any programme could serve.
    served : float
        Whom the portfolio serves.
    """

    segment: str
    families: float
    served: float


@result
@dataclass(frozen=True, slots=True)
class LineOfPortfolio:
    """A line of the budget, and what more money on it would do.

    Parameters
    ----------
    line : str
        As declared.
    limit, cost, left : float
        GBP; cost is a mean over the draws.
    next_extra : float
        Of all amounts beyond the limit of this line alone, the one of which each pound brings most, GBP;
        infinite where none does better by a pound or more; NaN where that was not looked at.
    next_gain : float
        By how much the best portfolio with that amount is better, GBP.
    next_programmes : tuple of str
        Names of its programmes.
    """

    line: str
    limit: float
    cost: float
    left: float
    next_extra: float
    next_gain: float
    next_programmes: tuple[str, ...]

    @property
    def next_pound(self) -> float:
        """What each pound of that amount brings, GBP of net benefit: the worth of the next pound."""
        return self.next_gain / self.next_extra


@result
@dataclass(frozen=True, eq=False, repr=False)
class Portfolio(CardResult):
    """The programmes that together bring most for a budget.

    Parameters
    ----------
    programmes : tuple of ProgrammeInPortfolio
        All that could be bought, in the order declared.
    shared_costs : tuple of (str, float)
        Those that are paid, each once: label and present value, GBP.
    segments : tuple of SegmentServed
        Families served.
    lines : tuple of LineOfPortfolio
        The budget.
    gain, cost : float
        Present values, GBP, means over the draws.
    net_benefit : ndarray, shape (draw,)
        Gain less cost, present value, GBP.
    within_budget : ndarray of bool, shape (draw,)
        Whether no line is overspent.
    confidence : float or None
        Share of the draws asked for.
    confident_of : str
        Of what: ``net_benefit`` or ``budget``.
    net_without_confidence : float
        Mean net benefit of the best portfolio if no confidence were asked for, GBP.
    why_empty : str
        Why nothing is bought, in words; no text where something is.
    price_base : str
        Prices, real.
    seed : int or None
        Of the draws; None when it is not known.
    set_version : str
        Parameter set; empty when there is none.
    notes : tuple of str
        Sentences of the problem, shown under the portfolio.
    """

    programmes: tuple[ProgrammeInPortfolio, ...]
    shared_costs: tuple[tuple[str, float], ...]
    segments: tuple[SegmentServed, ...]
    lines: tuple[LineOfPortfolio, ...]
    gain: float
    cost: float
    net_benefit: FloatArray
    within_budget: BoolArray
    confidence: float | None
    confident_of: str
    net_without_confidence: float
    why_empty: str
    price_base: str
    seed: int | None
    set_version: str
    notes: tuple[str, ...]

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the programmes that are bought, in the order declared."""
        return tuple(programme.name for programme in self.programmes if programme.bought)

    @property
    def net(self) -> float:
        """Mean net benefit, GBP."""
        return self.gain - self.cost

    @property
    def net_error(self) -> float:
        """Monte Carlo standard error of the mean net benefit, GBP; NaN without draws."""
        return float(monte_carlo_error(self.net_benefit)) if self.draws > 1 else float("nan")

    @property
    def draws(self) -> int:
        """Number of draws; 1 where every amount is a single number."""
        return self.net_benefit.size

    @property
    def probability(self) -> float:
        """Share of the draws in which the portfolio brings at least what it costs."""
        return float(self._hits("net_benefit").mean())

    @property
    def probability_within_budget(self) -> float:
        """Share of the draws in which no line is overspent."""
        return float(self._hits("budget").mean())

    @property
    def probability_error(self) -> float:
        """Monte Carlo standard error of the probability that is asked to reach the confidence."""
        return float(probability_error(int(self._hits(self.confident_of).sum()), self.draws))

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each programme, in the order declared.

        Returns
        -------
        pandas.DataFrame
            ``name, label, bought, families, families_elsewhere, cost, gain, alone_families, alone_cost,
            alone_gain``; see `ProgrammeInPortfolio`.
        """
        import pandas as pd

        columns = [field.name for field in fields(ProgrammeInPortfolio)]
        return pd.DataFrame([astuple(programme) for programme in self.programmes], columns=columns)

    def line_frame(self) -> "pd.DataFrame":
        """Return a row for each line of the budget.

        Returns
        -------
        pandas.DataFrame
            ``line, limit, cost, left, next_extra, next_gain, next_programmes`` (names, joined by commas)``,
            next_pound``; see `LineOfPortfolio`.
        """
        import pandas as pd

        rows = [
            (*astuple(line)[:-1], ", ".join(line.next_programmes), line.next_pound) for line in self.lines
        ]
        return pd.DataFrame(rows, columns=[*(field.name for field in fields(LineOfPortfolio)), "next_pound"])

    def segment_frame(self) -> "pd.DataFrame":
        """Return a row for each segment: ``segment, families, served``."""
        import pandas as pd

        return pd.DataFrame(
            [astuple(segment) for segment in self.segments], columns=["segment", "families", "served"]
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw what each programme costs and brings, those bought in colour."""
        from communitybudget.charts import plot_portfolio

        frame = self.to_frame()
        frame["cost"] = frame["cost"].where(frame["bought"], frame["alone_cost"])
        frame["gain"] = frame["gain"].where(frame["bought"], frame["alone_gain"])
        return plot_portfolio(frame.assign(programme=frame["label"]), ax, price_base=self.price_base)

    def _hits(self, of: str) -> BoolArray:
        return self.within_budget if of == "budget" else np.asarray(self.net_benefit >= 0)

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            (
                programme.label,
                f"{counted(round(programme.families, 1), 'family', 'families')}, costs "
                f"{pounds(programme.cost)}, brings {pounds(programme.gain)}",
            )
            for programme in self.programmes
            if programme.bought
        ]
        rows += [(label, f"shared, costs {pounds(cost)}") for label, cost in self.shared_costs]
        rows.append(("Net benefit", supported(self.net, self.net_error)))
        for line in self.lines:
            rows.append((f"Left of {line.line}", f"{pounds(line.left)} of {pounds(line.limit)}"))
            rows.append((f"A larger {line.line}", self._next_in_words(line)))
        if self.draws > 1:
            reached = supported_chance(self.probability, self._error("net_benefit"))
            rows.append(("Chance of paying back", reached))
            kept = supported_chance(self.probability_within_budget, self._error("budget"))
            rows.append(("Chance of keeping to the budget", kept))
        return rows

    def _error(self, of: str) -> float:
        return float(probability_error(int(self._hits(of).sum()), self.draws))

    def _next_in_words(self, line: LineOfPortfolio) -> str:
        if np.isnan(line.next_extra):
            return "not looked at"
        if np.isinf(line.next_extra):
            return "would by itself do no better"
        return (
            f"{pounds(line.next_extra)} more would bring {pounds(line.next_gain)} net, "
            f"{pounds_and_pence(line.next_pound)} for each pound"
        )

    @property
    def _note(self) -> str:
        parts = [self.why_empty] if self.why_empty else []
        if self.confidence is not None:
            what = "bring what it costs" if self.confident_of == "net_benefit" else "keep to the budget"
            price = self.net_without_confidence - self.net
            parts.append(
                f"It must {what} with a chance of {self.confidence:.0%}; that gives up {pounds(price)}."
            )
        parts.append("No other portfolio within these rules brings more; each family is counted once.")
        return " ".join([*parts, *self.notes])

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        return Card("What to buy", self._rows(), foot, self._note)

    def __repr__(self) -> str:
        return (
            f"Portfolio(chosen={list(self.chosen)}, net={self.net:,.0f} GBP real, cost={self.cost:,.0f}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


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
    not looked at. Source:
    J. H. Lorie and L. J. Savage, "Three problems in rationing capital", Journal of Business 28 (1955), for
    the problem; J. Luedtke, S. Ahmed and G. L. Nemhauser, "An integer programming approach for linear
    programs with probabilistic constraints", Mathematical Programming 122 (2010), for the draws.

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


def _first_of_equals(model: PortfolioModel) -> FloatArray | None:
    """Return the best portfolio; of equals the cheapest, then the smallest, then the first declared."""
    bought = model.places["bought"]
    found = best_of(model, model.mean_net)
    if found is None:
        return None
    conditions = [model.at_least(model.mean_net, float(model.mean_net @ found))]
    if best_of(model, model.mean_net, [*conditions, model.without(found, bought)]) is None:
        return found
    each = np.eye(model.size)[bought]
    for amounts in (-model.spending.mean(axis=0), -each.sum(axis=0), *each):
        better = best_of(model, amounts, conditions)
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
    return replace(
        line,
        next_extra=float(extra @ then),
        next_gain=float(model.mean_net @ then) - best,
        next_programmes=tuple(
            name for name, bought in zip(problem.names, then[model.places["bought"]], strict=True) if bought
        ),
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
    problem = model.problem
    return (
        f"no portfolio with the must-haves ({', '.join(problem.must_have)}) reaches a confidence of "
        f"{problem.confidence:.0%}; the best on average reaches {reached:.0%}; ask for less or take a "
        "must-have out"
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
