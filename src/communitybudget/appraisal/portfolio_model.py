"""A portfolio problem as an integer programme: its variables, what they bring and cost, its rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from communitybudget.appraisal.programmes import FloatArray, PortfolioProblem

IntArray = npt.NDArray[np.int_]

MOST_LOOKED_AT = 16
"""Programmes up to which every portfolio is looked at where the best of all does not reach a confidence."""

MOST_SCENARIOS = 200
"""Draws up to which each has a yes-or-no variable of its own, where that cannot be done."""

SAME = 1e-9
"""Amounts that differ by this share of all the money in a problem are the same."""

SCALE = 1e4
"""All the money of a problem in the solver's unit, so that its tolerances lie far below `SAME`."""


class Cell(NamedTuple):
    """Families of a segment who can all be served by the same programmes: ``members``, best gain first."""

    segment: str
    families: float
    members: tuple[int, ...]


class Row(NamedTuple):
    """A condition on the variables: ``low <= coefficients @ variables <= high``."""

    coefficients: FloatArray
    low: float
    high: float


def cells_of(problem: PortfolioProblem) -> tuple[Cell, ...]:
    """Return the families, divided by who can serve them.

    Programmes of one segment overlap as far as they can: the families of a smaller one are all among those of
    a larger one. Members come by mean gain, then in their order.

    Examples
    --------
    >>> from communitybudget.appraisal.programmes import Programme
    >>> pair = [Programme(n, n, {"s": f}, {"s": 1.0}) for n, f in (("a", 60), ("b", 50))]
    >>> [cell[1:] for cell in cells_of(PortfolioProblem(pair, 0, price_base="2026-27"))]
    [(50.0, (0, 1)), (10.0, (0,))]
    """
    cells = []
    programmes = problem.programmes
    for segment in dict.fromkeys(name for programme in programmes for name in programme.families):
        sizes = np.array([float(programme.families.get(segment, 0.0)) for programme in programmes])
        gains = np.array(
            [problem.by_draw(programme.gain_per_family.get(segment, 0.0)).mean() for programme in programmes]
        )
        by_gain = np.argsort(-gains, kind="stable")
        inner = 0.0
        for size in np.unique(sizes[sizes > 0]):
            members = tuple(int(i) for i in by_gain if sizes[i] >= size)
            cells.append(Cell(segment, float(size - inner), members))
            inner = float(size)
    return tuple(cells)


@dataclass(frozen=True)
class PortfolioModel:
    """The variables of a portfolio problem, what they bring and cost, and the rules that they keep to.

    The variables are, in this order: whether each programme is bought; whether each shared cost is paid;
    which share of each cell is credited to each of its members; whether the portfolio does well in each draw;
    and what is spent on each line beyond its limit, GBP.
    """

    problem: PortfolioProblem

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Families by who can serve them."""
        return cells_of(self.problem)

    @cached_property
    def credits(self) -> tuple[tuple[Cell, int], ...]:
        """Cell and programme of each share that is credited."""
        return tuple((cell, member) for cell in self.cells for member in cell.members)

    @cached_property
    def looks_at_all(self) -> bool:
        """Whether every portfolio can be looked at: few programmes, each bought whole or not at all."""
        programmes = self.problem.programmes
        return len(programmes) <= MOST_LOOKED_AT and not any(one.divisible for one in programmes)

    @cached_property
    def places(self) -> dict[str, IntArray]:
        """Where each kind of variable stands."""
        problem = self.problem
        by_draw = problem.confidence is not None and not self.looks_at_all and problem.draws <= MOST_SCENARIOS
        sizes = {
            "bought": len(problem.programmes),
            "shared": len(problem.shared_costs),
            "credited": len(self.credits),
            "well": problem.draws if by_draw else 0,
            "extra": len(problem.limits),
        }
        ends = np.cumsum(list(sizes.values())).tolist()
        return {
            name: np.arange(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)
        }

    @cached_property
    def size(self) -> int:
        """Number of variables."""
        return sum(place.size for place in self.places.values())

    @cached_property
    def limits(self) -> FloatArray:
        """Limit of each line, GBP, shape (line,)."""
        return np.array(list(self.problem.limits.values()))

    @cached_property
    def gain(self) -> FloatArray:
        """What each variable brings, GBP, shape (draw, variable)."""
        gain = np.zeros((self.problem.draws, self.size))
        for place, (cell, member) in zip(self.places["credited"], self.credits, strict=True):
            per_family = self.problem.programmes[member].gain_per_family[cell.segment]
            gain[:, place] = cell.families * self.problem.by_draw(per_family)
        return gain

    @cached_property
    def cost(self) -> FloatArray:
        """What each variable costs on each line, GBP, shape (line, draw, variable)."""
        problem = self.problem
        cost = np.zeros((len(problem.limits), problem.draws, self.size))
        per_family = [problem.by_line(programme.cost_per_family) for programme in problem.programmes]
        for place, programme in enumerate(problem.programmes):
            cost[:, :, place] = problem.by_line(programme.fixed_cost)
            if not programme.divisible:
                cost[:, :, place] += sum(programme.families.values()) * per_family[place]
        for place, (cell, member) in zip(self.places["credited"], self.credits, strict=True):
            if problem.programmes[member].divisible:
                cost[:, :, place] = cell.families * per_family[member]
        for place, shared in zip(self.places["shared"], problem.shared_costs, strict=True):
            cost[:, :, place] = problem.by_line(shared.cost)
        return cost

    @cached_property
    def spending(self) -> FloatArray:
        """Present value of what each variable costs over the lines, GBP, shape (draw, variable)."""
        weights = [self.problem.line_weights.get(line, 1.0) for line in self.problem.limits]
        return np.asarray(np.tensordot(weights, self.cost, axes=1))

    @cached_property
    def net(self) -> FloatArray:
        """What each variable brings less what it costs, GBP, shape (draw, variable)."""
        return self.gain - self.spending

    @cached_property
    def mean_net(self) -> FloatArray:
        """Mean of `net` over the draws, GBP, shape (variable,)."""
        return np.asarray(self.net.mean(axis=0))

    @cached_property
    def money(self) -> float:
        """All the money of the problem, GBP: the size against which amounts are the same."""
        return float(np.abs(self.gain.mean(axis=0)).sum() + np.abs(self.cost.mean(axis=1)).sum()) or 1.0

    @property
    def confidence(self) -> float:
        """Share of the draws in which the portfolio has to do well; nil where none is asked for."""
        return self.problem.confidence or 0.0

    @property
    def draws_wanted(self) -> int:
        """In how many draws the portfolio has to do well."""
        return int(np.ceil(self.confidence * self.problem.draws - 1e-9))

    def confident(self, found: FloatArray) -> bool:
        """Return whether a portfolio does well in as many draws as is asked for."""
        if self.problem.confidence is None:
            return True
        return int(self.well(found, self.problem.confident_of).sum()) >= self.draws_wanted

    def well(self, found: FloatArray, of: str) -> npt.NDArray[np.bool_]:
        """Return in which draws a portfolio brings what it costs, or keeps each line, shape (draw,)."""
        slack = SAME * self.money
        if of == "net_benefit":
            return np.asarray(self.net @ found >= -slack)
        return np.asarray((self.cost @ found <= self.limits[:, None] + slack).all(axis=0))

    def bounds(self, extra: Mapping[int, float] | None = None) -> tuple[FloatArray, FloatArray]:
        """Return least and most of each variable; by line, what may be spent beyond its limit (GBP)."""
        low, high = np.zeros(self.size), np.ones(self.size)
        high[self.places["extra"]] = 0.0
        for line, amount in (extra or {}).items():
            high[self.places["extra"][line]] = amount
        place = self.problem.names.index
        low[[place(name) for name in self.problem.must_have]] = 1.0
        high[[place(name) for name in self.problem.must_not]] = 0.0
        return low, high

    @cached_property
    def rules(self) -> tuple[Row, ...]:
        """What every portfolio keeps to, confidence aside."""
        return (*self._rules_of_choice(), *self._rules_of_credit(), *self._rules_of_budget())

    def at_least(self, amounts: FloatArray, least: float) -> Row:
        """Return the condition that variables of these amounts come to at least so much, but for rounding."""
        unit = SCALE / (float(np.abs(amounts).sum()) or 1.0)
        return Row(amounts * unit, least * unit - SAME * SCALE, np.inf)

    def without(self, found: FloatArray, places: IntArray) -> Row:
        """Return the condition that a solution differs in at least one of some yes-or-no variables."""
        yes = found[places] > 0.5
        differs = np.zeros(self.size)
        differs[places] = np.where(yes, -1.0, 1.0)
        return Row(differs, 1.0 - float(yes.sum()), np.inf)

    def spent_within(self, spent: FloatArray, limit: float) -> Row:
        """Return the condition that amounts (variable,), GBP, come to at most a limit."""
        unit = SCALE / self.money
        return Row(spent * unit, -np.inf, limit * unit)

    def _row(self, coefficients: Mapping[int, float], low: float, high: float) -> Row:
        row = np.zeros(self.size)
        row[list(coefficients)] = list(coefficients.values())
        return Row(row, low, high)

    def _rules_of_choice(self) -> list[Row]:
        """Return what excludes or needs what; a shared cost is paid where any programme needs it."""
        problem, place = self.problem, self.problem.names.index
        rows = [self._row({place(name): 1.0 for name in group}, -np.inf, 1.0) for group in problem.exclusive]
        rows += [
            self._row({place(needed): 1.0, place(name): -1.0}, 0.0, np.inf)
            for name, others in problem.requires.items()
            for needed in others
            if needed != name
        ]
        for paid, shared in zip(self.places["shared"], problem.shared_costs, strict=True):
            users = {place(name): -1.0 for name in shared.programmes}
            rows += [self._row({paid: 1.0, user: -1.0}, 0.0, np.inf) for user in users]
            rows.append(self._row({paid: 1.0, **users}, -np.inf, 0.0))
        return rows

    def _rules_of_credit(self) -> list[Row]:
        """Return to whom families are credited: each to one programme, of those bought the best for it.

        A programme that is not divisible serves all its families, so that each of them is credited, to it
        or to a better one; else a portfolio could leave out families whom it harms.
        """
        programmes = self.problem.programmes
        share = dict(zip(self.credits, self.places["credited"].tolist(), strict=True))
        rows = []
        for cell in self.cells:
            shares = {share[cell, member]: 1.0 for member in cell.members}
            rows.append(self._row(shares, 0.0, 1.0))
            for rank, member in enumerate(cell.members):
                own = share[cell, member]
                rows.append(self._row({own: 1.0, member: -1.0}, -np.inf, 0.0))
                if not programmes[member].divisible:
                    rows.append(self._row({**shares, member: -1.0}, 0.0, np.inf))
                rows += [
                    self._row({own: 1.0, better: 1.0}, -np.inf, 1.0)
                    for better in cell.members[:rank]
                    if not programmes[better].divisible
                ]
        return rows

    def _rules_of_budget(self) -> list[Row]:
        """Return that no line is overspent, in expectation, but by what is allowed beyond its limit."""
        rows = []
        for line, limit in enumerate(self.limits):
            spent = self.cost[line].mean(axis=0)
            spent[self.places["extra"][line]] = -1.0
            rows.append(self.spent_within(spent, float(limit)))
        return rows


def all_portfolios(model: PortfolioModel) -> FloatArray:
    """Return every portfolio of programmes that are not divisible, shape (portfolio, variable)."""
    problem, count = model.problem, len(model.problem.programmes)
    bought = (np.arange(2**count)[:, None] >> np.arange(count)) & 1 == 1
    every = np.zeros((2**count, model.size))
    every[:, model.places["bought"]] = bought
    for paid, shared in zip(model.places["shared"], problem.shared_costs, strict=True):
        users = [problem.names.index(name) for name in shared.programmes]
        every[:, paid] = bought[:, users].any(axis=1)
    taken: dict[Cell, npt.NDArray[np.bool_]] = {cell: np.zeros(2**count, dtype=bool) for cell in model.cells}
    for place, (cell, member) in zip(model.places["credited"], model.credits, strict=True):
        every[:, place] = bought[:, member] & ~taken[cell]
        taken[cell] |= bought[:, member]
    spent = every @ model.cost.mean(axis=1).T
    every[:, model.places["extra"]] = np.maximum(spent - model.limits, 0.0)
    return every


def first_that_is_confident(
    model: PortfolioModel, amounts: FloatArray, rows: Sequence[Row], low: FloatArray, high: FloatArray
) -> FloatArray | None:
    """Return the portfolio for which amounts come to most, of all that keep to rows and confidence."""
    every, slack = all_portfolios(model), SAME * SCALE
    fits = ((every >= low - slack) & (every <= high + slack)).all(axis=1)
    for row in rows:
        value = every @ row.coefficients
        fits &= (value >= row.low - slack) & (value <= row.high + slack)
    left = every[fits]
    for place in np.argsort(-(left @ amounts), kind="stable"):
        if model.confident(left[place]):
            return np.asarray(left[place])
    return None
