"""When families start an option: some time after joining, when there is a place, while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from communitybudget.case.money import Payment
from communitybudget.case.programme import months_each
from communitybudget.case.spec import OptionSpec
from communitybudget.cohorts import Joining, WaitingList, waiting_list

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

WAITING_COLUMNS: tuple[str, ...] = (
    "option",
    "year",
    "ready",
    "started",
    "waiting",
    "mean_wait_months",
    "longest_wait_months",
    "never_start",
)


@dataclass(frozen=True, slots=True)
class Wait:
    """Families who start alike.

    Parameters
    ----------
    start : int
        Months from joining to the start of the programme.
    stop : int or None
        Months from joining to the end of the programme for all, where that comes before their own.
    families : ndarray, shape (12 Y,)
        By month of joining.
    """

    start: int
    stop: int | None
    families: Array


@dataclass(frozen=True, slots=True)
class StartPlan:
    """When the families of a cohort start an option.

    Parameters
    ----------
    joining : tuple of Joining
        Who joins when.
    delay : int
        Months from joining to being ready to start.
    waiting : WaitingList or None
        Of the families who take places; None where all start when they are ready.
    stop : int or None
        Month in which the programme stops for all; None where it outlasts the horizon.
    months_each : int or None
        Months that a family takes part; known where the programme stops or has a caseload.
    """

    joining: tuple[Joining, ...]
    delay: int
    waiting: WaitingList | None = None
    stop: int | None = None
    months_each: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether all start when they are ready, and none is stopped."""
        if self.waiting is None:
            return True
        everybody = np.array_equal(np.diagonal(self.waiting.starts), self.waiting.ready)
        return everybody and self.stop is None

    @property
    def shares(self) -> Array:
        """Of those ready in a month (row), the share that starts in a month (column), shape (T, T)."""
        months = 12 * len(self.joining[0].by_year)
        if self.waiting is None:
            return np.eye(months)
        ready = self.waiting.ready[:, None]
        return np.divide(self.waiting.starts, ready, out=np.zeros((months, months)), where=ready > 0)

    def waits(self, joining: Joining) -> tuple[tuple[Wait, ...], Array]:
        """Return families who start alike, and those who never start, by month of joining (12 Y,)."""
        by_month, shares = joining.by_month, self.shares
        months = len(by_month)
        found: dict[tuple[int, int | None], Array] = {}
        never = by_month.copy()
        for joined in np.flatnonzero(by_month).tolist():
            ready = joined + self.delay
            if ready >= months:
                continue
            for start in np.flatnonzero(shares[ready]).tolist():
                stop = None
                if self.stop is not None and start + (self.months_each or 0) > self.stop:
                    stop = self.stop - joined
                own = found.setdefault((start - joined, stop), np.zeros(months))
                own[joined] = by_month[joined] * shares[ready, start]
            never[joined] = by_month[joined] * max(1.0 - shares[ready].sum(), 0.0)
        never[never < 1e-9 * by_month.sum()] = 0.0
        waits = tuple(Wait(start, stop, families) for (start, stop), families in found.items())
        return waits, never

    @property
    def by_month(self) -> Array:
        """Families who start, by month, shape (12 Y,)."""
        started = np.zeros(12 * len(self.joining[0].by_year))
        for joining in self.joining:
            ready = np.zeros_like(started)
            ready[self.delay :] = joining.by_month[: max(len(started) - self.delay, 0)]
            started += ready @ self.shares
        return started

    def per_family(self, over_months: int, until_it_stops: bool = True) -> Array:
        """Return what one pound for each family, paid evenly over some months from its start, comes to.

        Parameters
        ----------
        over_months : int
            Months over which it is spread.
        until_it_stops : bool
            Whether nothing is paid any more once the programme has stopped for all.

        Returns
        -------
        ndarray, shape (Y,)
            By year; families who never start cost nothing.
        """
        years = len(self.joining[0].by_year)
        result = np.zeros(years)
        if self.is_plain:
            for joining in self.joining:
                since_joining = _since_joining(over_months, years, joining.spread, self.delay)
                for year, families in enumerate(joining.by_year):
                    result[year:] += families * since_joining[: years - year]
            return result
        last = 12 * years if self.stop is None or not until_it_stops else self.stop
        for start, families in enumerate(self.by_month):
            for month in range(start, min(start + over_months, last)):
                result[month // 12] += families / over_months
        return result

    @property
    def starting(self) -> float:
        """Families who start, of those who wait; all who join where nobody does."""
        if self.is_plain:
            return float(np.asarray(sum(joining.by_year for joining in self.joining)).sum())
        return float(self.by_month.sum())

    @property
    def first_year(self) -> int:
        """Year of the horizon in which the programme first starts; beyond it where it never does."""
        if self.is_plain:
            return self.delay // 12
        started = np.flatnonzero(self.by_month)
        return int(started[0]) // 12 if len(started) else len(self.joining[0].by_year)

    @property
    def starting_by_year(self) -> tuple[Array, int]:
        """Share of all families by year in which they join, or start where they wait; months still to go."""
        total = sum(joining.by_year for joining in self.joining)
        whole = np.asarray(total)
        if self.is_plain:
            return whole / whole.sum(), self.delay
        return self.by_month.reshape(-1, 12).sum(axis=1) / whole.sum(), 0


def _since_joining(over_months: int, years: int, spread: bool, delay: int) -> Array:
    found = np.zeros(years)
    joining = range(12) if spread else range(1)
    for first in joining:
        for month in range(over_months):
            year = (first + delay + month) // 12
            if year < years:
                found[year] += 1 / len(joining) / over_months
    return found


def start_plan(option: OptionSpec, joining: Sequence[Joining], years: Sequence[str]) -> StartPlan:
    """Return when families start an option.

    Parameters
    ----------
    option : OptionSpec
        As the case gives it.
    joining : sequence of Joining
        Who joins when.
    years : sequence of str
        Financial years of the horizon.
    """
    delay, runs, caseload = option.starts_after_months, option.runs, option.caseload
    if runs is None and caseload is None:
        return StartPlan(tuple(joining), delay)
    months = 12 * len(years)
    opens = 0 if runs is None or runs.first is None else 12 * years.index(runs.first)
    closes = months if runs is None or runs.last is None else 12 * (years.index(runs.last) + 1)
    taking = 1.0 if option.engagement is None else option.engagement.value or 1.0
    ready = np.zeros(months)
    for some in joining:
        ready[delay:] += taking * some.by_month[: max(months - delay, 0)]
    each = months_each(option.programme_months, caseload)
    places = np.inf if caseload is None else caseload.places
    return StartPlan(
        tuple(joining),
        delay,
        waiting_list(ready, places, each or 1, opens, closes),
        closes if closes < months else None,
        each,
    )


def waiting_frame(plans: dict[str, StartPlan], years: Sequence[str]) -> "pd.DataFrame":
    """Return who waits, by option and year; the last row of an option is the whole horizon.

    Returns
    -------
    pandas.DataFrame
        Columns `WAITING_COLUMNS`, for options with a caseload or a calendar: families ready to start
        and families who start in the year, families who wait (mean over the month-ends), months that
        those who start have waited (mean, longest), and of those ready in the year the families who
        never start within the horizon.
    """
    import pandas as pd

    rows: list[tuple[object, ...]] = []
    for option, plan in plans.items():
        found = plan.waiting
        if found is None:
            continue
        spans = [(year, slice(12 * i, 12 * i + 12)) for i, year in enumerate(years)]
        for year, months in (*spans, ("all years", slice(None))):
            started = found.started[months]
            waited = (np.nan_to_num(found.mean_wait[months]) * started).sum()
            longest = found.longest_wait[months]
            some = bool(started.sum() > 0)
            rows.append(
                (
                    option,
                    year,
                    found.ready[months].sum(),
                    started.sum(),
                    found.waiting[months].mean(),
                    waited / started.sum() if some else np.nan,
                    np.nanmax(longest) if some else np.nan,
                    found.never[months].sum(),
                )
            )
    return pd.DataFrame(rows, columns=list(WAITING_COLUMNS))


def spread_payment(
    payment: Payment, years: Sequence[str], plan: StartPlan, until_it_stops: bool = True
) -> Array:
    """Return what one pound of a payment comes to in each year, shape (Y,).

    A payment per family falls evenly over ``over_months`` from the start of the programme; a fixed one
    in the year in which the programme first starts; one by year where it says.
    """
    if payment.by_year is not None:
        return np.array([payment.by_year.get(year, 0.0) for year in years])
    if payment.per_family is None:
        return np.array([1.0 if year == plan.first_year else 0.0 for year in range(len(years))])
    return plan.per_family(payment.over_months, until_it_stops)
