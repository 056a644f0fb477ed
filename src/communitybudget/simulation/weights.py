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
    months = 12 * years
    still = np.ones(months + 1) if presence is None else presence
    joining = range(12) if spread_joining else range(1)
    month_of = np.zeros((years, months))
    for cycle in range(months):
        for first in joining:
            year = (first + cycle) // 12
            if year < years:
                month_of[year, cycle] += 1 / len(joining)
    occupancy = np.zeros((years, months + 1))
    occupancy[:, :-1] += month_of / 2
    occupancy[:, 1:] += month_of / 2
    birthdays = np.zeros((years, months + 1))
    birthdays[:, 1:] = month_of * (still[:-1] - still[1:])
    return YearWeights(occupancy * still, month_of * still[:-1], birthdays)
