"""A portfolio: which programmes are bought, whom they serve, and what more money would do."""

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from communitybudget._core.cards import Card, CardResult, footer
from communitybudget._core.digits import (
    as_stated,
    counted,
    pounds,
    pounds_and_pence,
    supported,
    supported_chance,
)
from communitybudget._core.precision import error_of_mean, probability_error
from communitybudget._core.results import result
from communitybudget.appraisal.programmes import FloatArray

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BoolArray = npt.NDArray[np.bool_]


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
        return error_of_mean(self.net_benefit)

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
            if np.isinf(line.limit):
                rows.append((f"Spent on {line.line}", f"{pounds(line.cost)}, no limit"))
                continue
            rows.append((f"Left of {line.line}", f"{pounds(line.left)} of {pounds(line.limit)}"))
            rows.append((f"A larger {line.line}", self._next_in_words(line)))
        if self.draws > 1 and self.chosen:
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
                f"It must {what} with a chance of {as_stated(self.confidence)}; that gives up "
                f"{pounds(price)}."
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
