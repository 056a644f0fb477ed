"""What a case expects of figures that were seen, and its money with what was seen in their place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import CommunityBudgetError
from communitybudget.case.actuals import ActualRow
from communitybudget.case.actuals_checks import is_time, reported
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.measures import present_values
from communitybudget.learning.mixtures import MixedAmounts, MixedCounts
from communitybudget.sampling import Draws
from communitybudget.simulation import Activity, ReportedCount

Array = NDArray[np.float64]


def refuse_later_joining(appraisal: Appraisal) -> None:
    """Refuse a case whose families do not all join at its start.

    Raises
    ------
    CommunityBudgetError
        If they join in several years.
    """
    if len(set(appraisal.family_years.tolist())) > 1:
        raise CommunityBudgetError(
            "the families of this case join in several years, so that what one of them brings by month since "
            "joining is not known; learn with a case in which all join at the start (cohort: families)"
        )


@dataclass(frozen=True, slots=True)
class FigureForecast:
    """What the case expects of one figure, by year and draw, for the families seen.

    ``actual`` is in the prices of the case.
    """

    row: ActualRow
    first: int
    last: int
    window: Array
    expected: Array
    actual: float
    sd: float
    unit: str
    count: ReportedCount | None
    is_time: bool

    @classmethod
    def of(cls, appraisal: Appraisal, row: ActualRow) -> "FigureForecast":
        """Return what an appraisal expects of a figure that was seen."""
        first, last = row.months(appraisal.years)
        window = months_of_years(first, last, len(appraisal.years))
        share = window / 12 * row.families / appraisal.families
        if row.is_money:
            level = appraisal.model.index.factor(row.price_base, appraisal.price_base)
            expected = appraisal.ledger.flow(row.option, row.outcome, row.agency) * share[:, None]
            unit, sd = "GBP", (row.sd or 0.0) * level
            return cls(row, first, last, window, expected, row.amount * level, sd, unit, None, False)
        count = reported(appraisal.activity, row.outcome)
        expected = appraisal.activity.total(count.id, row.option) * share[:, None]
        timed = is_time(appraisal.activity, count)
        return cls(row, first, last, window, expected, row.amount, row.sd or 0.0, count.unit, count, timed)

    @property
    def total(self) -> Array:
        """What is expected in each draw, shape (draw,)."""
        return np.asarray(self.expected.sum(axis=0))

    @property
    def is_events(self) -> bool:
        """Whether it is a number of events."""
        return self.count is not None and not self.is_time

    @property
    def teaches(self) -> bool:
        """Whether it weighs the draws."""
        return self.is_events or self.row.sd is not None

    def mixture(self, times: float, extra_cv: float) -> MixedCounts | MixedAmounts:
        """Return what to expect of so many times the families, over the draws."""
        if self.is_events:
            return MixedCounts(self.total * times, extra_cv=extra_cv)
        return MixedAmounts(self.total * times, self.sd * float(np.sqrt(times)))

    def surprise(self, extra_cv: float) -> float:
        """Return the predictive p-value of what was seen."""
        own = self.mixture(1.0, extra_cv)
        if isinstance(own, MixedCounts):
            return own.surprise(int(self.actual))
        return own.surprise(self.actual)


def months_of_years(first: int, last: int, years: int) -> Array:
    """Return how many of the months from first to last lie in each year, shape (year,).

    Examples
    --------
    >>> months_of_years(7, 18, 3)
    array([6., 6., 0.])
    """
    begins = 12 * np.arange(years)
    inside = np.minimum(last, begins + 12) - np.maximum(first - 1, begins)
    return np.asarray(np.clip(inside, 0, 12), dtype=np.float64)


def happened(
    appraisal: Appraisal, option: str, forecasts: Sequence[FigureForecast], agencies: Sequence[str]
) -> Array:
    """Return the net present value of all families with what was seen in the place of its forecast."""
    own = [f for f in forecasts if f.row.option == option and not f.row.gross]
    activity = appraisal.activity
    for forecast in own:
        if forecast.count is not None:
            activity = with_actual(
                activity, forecast.count, option, forecast.expected, forecast.actual, forecast.window
            )
    drawn = drawn_again(appraisal)
    ledger = appraisal.model.price(activity, drawn)
    found = np.array([present_values(ledger.net(option, a), appraisal.factors) for a in agencies])
    for forecast in own:
        if forecast.row.is_money:
            gap = _by_year(forecast.expected, forecast.actual, forecast.window) - forecast.expected
            value = present_values(gap, appraisal.factors)
            value = -value if forecast.row.outcome == "delivery" else value
            found[[0, agencies.index(forecast.row.agency)]] += value
    return found


def with_actual(
    activity: Activity, count: ReportedCount, option: str, expected: Array, actual: float, window: Array
) -> Activity:
    """Return the activity with what was seen of some families in the place of what was expected of them.

    Parameters
    ----------
    activity : Activity
        Of all families.
    count : ReportedCount
        Which count was seen.
    option : str
        Under which option.
    expected : ndarray, shape (year, draw)
        The part of the count that was expected of the families and months seen.
    actual : float
        What was seen.
    window : ndarray, shape (year,)
        Months seen in each year.
    """
    rows, o = list(count.rows), activity.options.index(option)
    gap = (_by_year(expected, actual, window) - expected) / count.factor
    own = activity.amounts[rows, o]
    whole = own.sum(axis=0)
    shares = np.where(whole > 0, own / np.where(whole > 0, whole, 1.0), 1 / len(rows))
    amounts = activity.amounts.copy()
    amounts[rows, o] += shares * gap
    met = activity.met
    if met is not None:
        met = met.copy()
        met[rows, o] += shares * gap
    return replace(activity, amounts=amounts, met=met)


def _by_year(expected: Array, actual: float, window: Array) -> Array:
    """Return what was seen spread over the years as it was expected; as its months, where nothing was."""
    whole = expected.sum(axis=0)
    even = np.broadcast_to((window / window.sum())[:, None], expected.shape)
    # an amount may be expected that is negative in one year and positive in another
    steady = (expected >= 0).all(axis=0) & (whole > 0)
    return np.asarray(np.where(steady, expected / np.where(steady, whole, 1.0), even) * actual)


def drawn_again(appraisal: Appraisal) -> Draws:
    """Return the draws of an appraisal once more.

    Raises
    ------
    CommunityBudgetError
        If they come out otherwise: they were drawn in another way than by seed alone.
    """
    drawn = appraisal.model.draw(appraisal.draws, appraisal.seed)
    for column, values in zip(appraisal.inputs, appraisal.input_values, strict=True):
        if not np.array_equal(drawn.columns[column.key], values):
            raise CommunityBudgetError(
                "the draws of this appraisal cannot be made again from its seed; appraise with random draws "
                "and learn from that"
            )
    return drawn
