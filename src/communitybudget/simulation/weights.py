"""Which month counts in which year: the within-cycle convention as weights on the trace."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class YearWeights:
    """Weights that gather a monthly trace into years since joining.

    Parameters
    ----------
    occupancy : ndarray, shape (Y, T + 1)
        Person-months of year y that the occupancy at month-end t stands for.
    events : ndarray, shape (Y, T)
        Share of the moves of month t that fall in year y.
    birthdays : ndarray, shape (Y, T + 1)
        Share of those in a state at month-end t who reached the last age in the month before, by
        year y.
    """

    occupancy: Array
    events: Array
    birthdays: Array


def year_weights(years: int, presence: Array | None = None, spread_joining: bool = False) -> YearWeights:
    """Return the weights of the house convention.

    The occupancy of a month is the mean of its start and its end; a move falls in its month.

    Parameters
    ----------
    years : int
        Horizon, Y; T is 12 Y months.
    presence : ndarray, shape (T + 1,), optional
        Share still followed (not yet 18) at each month-end; 1 throughout if omitted.
    spread_joining : bool
        Whether joining spreads evenly over the twelve months of a year, instead of all on the
        first day.

    Returns
    -------
    YearWeights

    Examples
    --------
    >>> w = year_weights(2)
    >>> w.occupancy.sum(axis=1), w.events.sum(axis=1)
    (array([12., 12.]), array([12., 12.]))
    """
    joining = np.zeros(12 * years)
    spread = 12 if spread_joining else 1
    joining[:spread] = 1 / spread
    return calendar_weights(joining, presence)


def calendar_weights(joining: Array, presence: Array | None = None) -> YearWeights:
    """Return the weights that gather the trace of people who join by month into calendar years.

    Parameters
    ----------
    joining : ndarray, shape (12 Y,)
        People by month of joining, at the start of the month.
    presence : ndarray, shape (T + 1,), optional
        Share still followed at each month-end since joining; 1 throughout if omitted.

    Returns
    -------
    YearWeights
        By calendar year; whoever joins in month m is followed for the T - m months that are left.

    Examples
    --------
    >>> joining = np.zeros(24)
    >>> joining[[0, 18]] = 10, 4
    >>> calendar_weights(joining).occupancy.sum(axis=1)
    array([120., 144.])
    """
    months = len(joining)
    years = months // 12
    still = np.ones(months + 1) if presence is None else presence
    month_of = np.zeros((years, months))
    for first in np.flatnonzero(joining).tolist():
        for cycle in range(months - first):
            month_of[(first + cycle) // 12, cycle] += joining[first]
    occupancy = np.zeros((years, months + 1))
    occupancy[:, :-1] += month_of / 2
    occupancy[:, 1:] += month_of / 2
    birthdays = np.zeros((years, months + 1))
    birthdays[:, 1:] = month_of * (still[:-1] - still[1:])
    return YearWeights(occupancy * still, month_of * still[:-1], birthdays)
