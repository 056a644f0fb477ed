"""The risk register: each risk as an expected value, or as an event in every draw."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RiskEvents:
    """A risk in every draw.

    Parameters
    ----------
    happens : ndarray of bool, shape (draw,)
        Whether it comes about.
    cost : ndarray, shape (year, draw)
        Real GBP, positive costs more; all of it in the year of the event.
    """

    happens: NDArray[np.bool_]
    cost: Array


def expected_risk(probability: ArrayLike, impact: ArrayLike, years: int, first: int, last: int) -> Array:
    """Return a risk as its expected value, spread evenly over the years in which it can come about.

    Parameters
    ----------
    probability : array_like, scalar or shape (draw,)
        That it comes about at all, 0 to 1.
    impact : array_like, scalar or shape (draw,)
        Real GBP if it does; positive costs more, negative is an opportunity.
    years : int
        Of the horizon.
    first, last : int
        Years, counted from 0, between which it can come about; both included.

    Returns
    -------
    ndarray, shape (year, draw), draw of length 1 where both are numbers

    Raises
    ------
    ValueError
        With every fault: a probability outside 0 to 1, or years outside the horizon or in the wrong order.

    Examples
    --------
    >>> expected_risk(0.2, 1000.0, 4, 1, 2)[:, 0]
    array([  0., 100., 100.,   0.])
    """
    chance = _checked(probability, years, first, last)
    worth = np.atleast_1d(chance * np.asarray(impact, dtype=float)) / (last - first + 1)
    cost = np.zeros((years, worth.size))
    cost[first : last + 1] = worth
    return cost


def risk_events(
    probability: ArrayLike,
    impact: ArrayLike,
    years: int,
    first: int,
    last: int,
    chance_number: ArrayLike,
    year_number: ArrayLike,
) -> RiskEvents:
    """Return a risk that comes about at most once in a draw, in any of its years alike.

    Parameters
    ----------
    probability, impact, years, first, last
        As in `expected_risk`.
    chance_number, year_number : array_like, shape (draw,)
        Uniform numbers: the risk comes about where the first is below its probability, in the year
        that the second picks. Options that share them share the event.

    Returns
    -------
    RiskEvents
        Its mean over draws tends to `expected_risk`.

    Raises
    ------
    ValueError
        As `expected_risk`.

    Examples
    --------
    >>> risk_events(0.5, 100.0, 3, 0, 1, [0.4, 0.6, 0.1], [0.2, 0.2, 0.9]).cost
    array([[100.,   0.,   0.],
           [  0.,   0., 100.],
           [  0.,   0.,   0.]])
    """
    chance = _checked(probability, years, first, last)
    numbers = np.asarray(chance_number, dtype=float)
    happens = np.asarray(numbers < chance)
    span = last - first + 1
    when = first + np.minimum((np.asarray(year_number, dtype=float) * span).astype(int), span - 1)
    amount = np.broadcast_to(np.asarray(impact, dtype=float), numbers.shape)
    cost = np.where((np.arange(years)[:, None] == when) & happens, amount, 0.0)
    return RiskEvents(happens, cost)


def _checked(probability: ArrayLike, years: int, first: int, last: int) -> Array:
    chance = np.asarray(probability, dtype=float)
    faults = []
    if not ((chance >= 0) & (chance <= 1)).all():
        faults.append("a probability lies outside 0 to 1; write 20% as 0.2")
    if not 0 <= first <= last < years:
        faults.append(
            f"years {first} to {last} do not lie in order within the horizon of {years}; count from 0"
        )
    if faults:
        raise ValueError("; ".join(faults))
    return chance
