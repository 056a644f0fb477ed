"""Any number of options against business as usual, against do-minimum, and each against the next cheaper."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import pounds_and_pence, supported, supported_chance
from communitybudget._core.draws import FloatArray, as_draws
from communitybudget._core.errors import ParameterNotFound, did_you_mean
from communitybudget._core.options import one_name_each
from communitybudget._core.precision import monte_carlo_error, probability_error, ratio_error
from communitybudget._core.results import result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BUSINESS_AS_USUAL = "Business as usual"
NOT_DOMINATED = "not dominated"
_ROUNDING = 1e-12


@result
@dataclass(frozen=True, slots=True)
class Increment:
    """What one option costs and brings more than another.

    Parameters
    ----------
    over : str
        The other option.
    cost, benefit, net : float
        Means over the draws, GBP, this option less the other; net is benefit less cost.
    ratio : float
        Benefit for each pound of cost, a ratio of means; NaN where the mean cost is not positive.
    probability : float
        Share of the draws in which net is not negative: the increment pays back.
    cost_error, benefit_error, net_error, ratio_error, probability_error : float
        Monte Carlo standard errors; of the ratio by the delta method.
    """

    over: str
    cost: float
    cost_error: float
    benefit: float
    benefit_error: float
    net: float
    net_error: float
    ratio: float
    ratio_error: float
    probability: float
    probability_error: float


_NO_INCREMENT: tuple[str | float, ...] = ("", *([np.nan] * (len(fields(Increment)) - 1)))
_FIGURES: tuple[str, ...] = tuple(field.name for field in fields(Increment))[1:]
INCREMENTAL_COLUMNS: tuple[str, ...] = (
    "option",
    "status",
    *_FIGURES,
    "over",
    *(f"over_{name}" for name in _FIGURES),
    "do_minimum",
    *(f"do_minimum_{name}" for name in _FIGURES),
)


@result
@dataclass(frozen=True, slots=True)
class IncrementalRow:
    """An option of an incremental table.

    Parameters
    ----------
    option, status : str
        Its name, and in words whether another option or a mix of two does better.
    on_frontier : bool
        Whether neither does.
    over_business_as_usual : Increment
        What it costs and brings in all; nil for business as usual itself.
    over_next_cheaper : Increment or None
        Over the next cheaper option on the frontier; None for the cheapest.
    over_do_minimum : Increment or None
        None where there is no do-minimum, and for itself.
    """

    option: str
    status: str
    on_frontier: bool
    over_business_as_usual: Increment
    over_next_cheaper: Increment | None
    over_do_minimum: Increment | None


@result
@dataclass(frozen=True, eq=False, repr=False)
class IncrementalTable(CardResult):
    """What each option adds over business as usual, do-minimum and the next cheaper option.

    Parameters
    ----------
    rows : tuple of IncrementalRow
        Business as usual and the options, by mean cost.
    do_minimum : str or None
        Name of the do-minimum.
    price_base : str
        Prices, real.
    draws : int
        Number of draws.
    seed : int or None
        Of the draws; None when it is not known.
    set_version : str
        Parameter set; empty when there is none.
    """

    rows: tuple[IncrementalRow, ...]
    do_minimum: str | None
    price_base: str
    draws: int
    seed: int | None
    set_version: str

    @property
    def frontier(self) -> tuple[str, ...]:
        """Options that no other option, and no mix of two others, dominates; by mean cost."""
        return tuple(row.option for row in self.rows if row.on_frontier)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each option, by mean cost, business as usual among them.

        Returns
        -------
        pandas.DataFrame
            Real present values, GBP; a column ``..._error`` is the Monte Carlo standard error of the one
            before it. ``option, status``; ``cost, benefit, net, ratio, probability`` over business as usual;
            ``over``, the next cheaper option on the frontier, and ``over_cost, ...`` over it; ``do_minimum``
            and ``do_minimum_cost, ...`` over do-minimum. Empty or NaN where there is nothing to compare with.
        """
        import pandas as pd

        cells = [
            (
                row.option,
                row.status,
                *astuple(row.over_business_as_usual)[1:],
                *_cells(row.over_next_cheaper),
                *_cells(row.over_do_minimum),
            )
            for row in self.rows
        ]
        return pd.DataFrame(cells, columns=list(INCREMENTAL_COLUMNS))

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw benefit against cost, with the frontier of the options that are not dominated."""
        from communitybudget.charts import plot_frontier

        frame = self.to_frame()[["option", "cost", "benefit"]]
        on_frontier = [row.on_frontier for row in self.rows]
        return plot_frontier(frame.assign(on_frontier=on_frontier), ax, price_base=self.price_base)

    def _card(self) -> Card:
        foot = footer(self.price_base, self.seed, self.draws, self.set_version)
        note = (
            "By mean cost. An option is dominated where another, or families divided between two others, "
            "would bring as much or more for no more money."
        )
        return Card("What each option adds", [(row.option, _in_words(row)) for row in self.rows], foot, note)

    def __repr__(self) -> str:
        return (
            f"IncrementalTable(frontier={list(self.frontier)}, options={len(self.rows)}, "
            f"price_base={self.price_base}, draws={self.draws}, seed={self.seed})"
        )


def incremental_table(
    costs: npt.ArrayLike,
    benefits: npt.ArrayLike,
    labels: Sequence[str],
    *,
    price_base: str,
    do_minimum: str | None = None,
    seed: int | None = None,
    set_version: str = "",
) -> IncrementalTable:
    """Return what each option costs and brings over business as usual, do-minimum and the next cheaper one.

    Parameters
    ----------
    costs, benefits : array_like, shape (draw, option)
        Present values over business as usual in real GBP, at least two draws: spending positive, costs
        avoided positive. The options share their draws. Business as usual itself, at nil, is always added.
    labels : sequence of str
        Names of the options as printed, in the order of the columns.
    price_base : str
        Financial year of the prices.
    do_minimum : str, optional
        Which of the labels is the do-minimum.
    seed : int, optional
        Of the draws, for the footer.
    set_version : str, optional
        Parameter set, for the footer.

    Returns
    -------
    IncrementalTable
        By mean cost; of equal costs the larger benefit first, then the order given.

    Raises
    ------
    ParameterNotFound
        If the do-minimum is none of the labels.
    ValueError
        If the arrays differ in shape, have fewer than two draws or a value that is not finite, or the names
        are not one for each column, each its own, none of them business as usual.

    Notes
    -----
    Dominance is one of means. An option is dominated by another that costs no more and brings no less, one of
    the two strictly; and by a mix of two others where families divided between them would, at its cost, bring
    more (extended dominance). What is left forms the frontier, along which each further pound brings less
    than the one before. A dominated option names what dominates it on the frontier. Options on a straight
    line between two others stay; of options alike in both means within rounding (1e-12 of the largest) the
    first in the order given stays and the others are ``the same as`` it. Source: M. F. Drummond and others,
    Methods for the Economic Evaluation of Health Care Programmes (2015), chapter 4 on the plane and the
    frontier; S. B. Cantor, "Cost-effectiveness analysis, extended dominance, and ethics", Medical Decision
    Making 14 (1994).

    Examples
    --------
    >>> costs, benefits = [[10, 20, 30]] * 2, [[30, 35, 60]] * 2
    >>> table = incremental_table(costs, benefits, ["a", "b", "c"], price_base="2026-27")
    >>> [(row.option, row.status) for row in table.rows][2:]
    [('b', 'dominated by a mix of a and c'), ('c', 'not dominated')]
    >>> table.rows[3].over_next_cheaper.over, table.rows[3].over_next_cheaper.ratio
    ('a', 1.5)
    """
    spent, brought = as_draws(costs, "costs", least=2), as_draws(benefits, "benefits", least=2)
    if spent.ndim != 2 or spent.shape != brought.shape or spent.shape[1] == 0:
        raise ValueError(
            f"costs have shape {spent.shape} and benefits {brought.shape}; give both as (draw, option)"
        )
    named = one_name_each(labels, spent.shape[1], "costs and benefits")
    if BUSINESS_AS_USUAL.lower() in [name.lower() for name in named]:
        raise ValueError("business as usual is always in the table, at nil; leave its column out")
    if do_minimum is not None and do_minimum not in named:
        raise ParameterNotFound(f"do_minimum '{do_minimum}' is no option; {did_you_mean(do_minimum, named)}")
    nil = np.zeros((len(spent), 1))
    spent, brought = np.hstack([nil, spent]), np.hstack([nil, brought])
    names = (BUSINESS_AS_USUAL, *named)
    plane = _Plane(names, spent.mean(axis=0), brought.mean(axis=0))

    def increment(option: int, other: int | None) -> Increment | None:
        if other in (None, option):
            return None
        return _increment(
            names[other], spent[:, option] - spent[:, other], brought[:, option] - brought[:, other]
        )

    lowest = None if do_minimum is None else names.index(do_minimum)
    rows = tuple(
        IncrementalRow(
            option=names[option],
            status=plane.status(option),
            on_frontier=option in plane.frontier,
            over_business_as_usual=_increment(BUSINESS_AS_USUAL, spent[:, option], brought[:, option]),
            over_next_cheaper=increment(option, plane.next_cheaper(option)),
            over_do_minimum=increment(option, lowest),
        )
        for option in plane.order
    )
    return IncrementalTable(rows, do_minimum, price_base, len(spent), seed, set_version)


def _increment(over: str, cost: FloatArray, benefit: FloatArray) -> Increment:
    """Return one increment from its draws, shape (draw,)."""
    net = benefit - cost
    dearer = cost.mean() > 0
    hits = int((net >= 0).sum())
    return Increment(
        over=over,
        cost=float(cost.mean()),
        cost_error=float(monte_carlo_error(cost)),
        benefit=float(benefit.mean()),
        benefit_error=float(monte_carlo_error(benefit)),
        net=float(net.mean()),
        net_error=float(monte_carlo_error(net)),
        ratio=float(benefit.mean() / cost.mean()) if dearer else float("nan"),
        ratio_error=ratio_error(benefit, cost) if dearer else float("nan"),
        probability=hits / len(net),
        probability_error=float(probability_error(hits, len(net))),
    )


@dataclass(frozen=True)
class _Plane:
    """Options in the plane of mean cost and mean benefit, business as usual first; shapes (option,)."""

    names: tuple[str, ...]
    cost: FloatArray
    benefit: FloatArray

    @cached_property
    def cost_level(self) -> npt.NDArray[np.int_]:
        return _levels(self.cost)

    @cached_property
    def benefit_level(self) -> npt.NDArray[np.int_]:
        return _levels(self.benefit)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Options by mean cost; of equals the larger benefit first, then the order given."""
        return tuple(int(option) for option in np.lexsort((-self.benefit_level, self.cost_level)))

    @cached_property
    def frontier(self) -> tuple[int, ...]:
        """Options on the upper hull, from the cheapest to the one that brings most."""
        hull: list[int] = []
        for option in self.order:
            if hull and self.benefit_level[option] <= self.benefit_level[hull[-1]]:
                continue
            while len(hull) > 1 and self._lies_below(hull[-1], hull[-2], option):
                hull.pop()
            hull.append(option)
        return tuple(hull)

    def _lies_below(self, option: int, cheaper: int, dearer: int) -> bool:
        """Return whether an option lies below the straight line between a cheaper and a dearer one."""
        cost, benefit = self.cost, self.benefit
        from_cheaper = (benefit[option] - benefit[cheaper]) * (cost[dearer] - cost[option])
        to_dearer = (benefit[dearer] - benefit[option]) * (cost[option] - cost[cheaper])
        return bool(from_cheaper < to_dearer - _ROUNDING * np.abs(cost).max() * np.abs(benefit).max())

    def next_cheaper(self, option: int) -> int | None:
        """Return the option on the frontier that comes next before one by mean cost."""
        before = self.order[: self.order.index(option)]
        return next((other for other in reversed(before) if other in self.frontier), None)

    def status(self, option: int) -> str:
        """Return in words what dominates an option, if anything does."""
        best = self.next_cheaper(option)
        if option in self.frontier or best is None:
            return NOT_DOMINATED if option else BUSINESS_AS_USUAL.lower()
        if self.benefit_level[best] < self.benefit_level[option]:
            dearer = self.frontier[self.frontier.index(best) + 1]
            return f"dominated by a mix of {self.names[best]} and {self.names[dearer]}"
        alike = self.cost_level[best] == self.cost_level[option]
        if alike and self.benefit_level[best] == self.benefit_level[option]:
            return f"the same as {self.names[best]}"
        return f"dominated by {self.names[best]}"


def _levels(values: FloatArray) -> npt.NDArray[np.int_]:
    """Return the rank of each value, those that differ by rounding alone having the same; shape (option,)."""
    order = np.argsort(values, kind="stable")
    apart = np.diff(values[order]) > _ROUNDING * np.abs(values).max()
    levels = np.zeros(len(values), dtype=np.int_)
    levels[order[1:]] = np.cumsum(apart)
    return levels


def _cells(increment: Increment | None) -> tuple[str | float, ...]:
    return _NO_INCREMENT if increment is None else astuple(increment)


def _in_words(row: IncrementalRow) -> str:
    """Return an option of the card as a sentence."""
    own, more = row.over_business_as_usual, row.over_next_cheaper
    text = (
        f"costs {supported(own.cost, own.cost_error)}, brings {supported(own.benefit, own.benefit_error)}; "
        f"{row.status}"
    )
    if not row.on_frontier or more is None:
        return text
    odds = supported_chance(more.probability, more.probability_error)
    return (
        f"{text}; over {more.over} each further pound brings {pounds_and_pence(more.ratio)}, "
        f"chance of paying back {odds}"
    )
