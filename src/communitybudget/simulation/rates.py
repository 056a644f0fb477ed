"""Rates and probabilities: exact conversion, competing exits of one state, the remainder cell."""

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError

Array = NDArray[np.float64]

_TOLERANCE = 1e-12


class Remainder(Enum):
    """Type of `REMAINDER`; a word of its own, so that a stray not-a-number is never taken for it."""

    REMAINDER = "remainder"

    def __repr__(self) -> str:
        return "REMAINDER"


REMAINDER = Remainder.REMAINDER
"""The one cell of a row that takes what the others leave."""


def rate_to_probability(rate: ArrayLike, time: ArrayLike = 1.0) -> Array:
    """Return the probability that an event of constant rate has happened by a time: 1 - exp(-rate time).

    Parameters
    ----------
    rate : array_like, shape (...)
        Per unit of time, at least 0.
    time : array_like
        Length of the cycle in the unit of the rate, above 0; broadcasts with the rate.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    TransitionError
        If a rate is negative or not finite, or a time not above 0.

    Examples
    --------
    >>> rate_to_probability([0.0, 0.12, 3.0], time=1 / 12).round(4)
    array([0.    , 0.01  , 0.2212])
    """
    rate, time = _rates_and_time(rate, time)
    return np.asarray(-np.expm1(-rate * time))


def probability_to_rate(probability: ArrayLike, time: ArrayLike = 1.0) -> Array:
    """Return the constant rate at which an event has happened by a time with a given probability.

    Parameters
    ----------
    probability : array_like, shape (...)
        From 0 to below 1.
    time : array_like
        Over how long, above 0; the rate is per unit of it.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    TransitionError
        If a probability is negative or not below 1 (which asks for an infinite rate), or a time not above 0.

    Examples
    --------
    A yearly probability of 30% is a monthly one of 2.93%, not of 2.5%.

    >>> round(float(rate_to_probability(probability_to_rate(0.3, time=12))), 4)
    0.0293
    """
    return np.asarray(competing_rates(np.asarray(probability, dtype=float)[None], time)[0])


def competing_probabilities(rates: ArrayLike, time: ArrayLike = 1.0) -> tuple[Array, Array]:
    """Return the probabilities of the exits of one state over a cycle, and of staying.

    Exits compete through the cycle: exit j takes ``r_j / R * (1 - exp(-R time))`` where R is the sum
    of all rates. No further move within the cycle is counted.

    Parameters
    ----------
    rates : array_like, shape (J, ...)
        Of the J exits, per unit of time, at least 0.
    time : array_like
        Length of the cycle, above 0; broadcasts with the shape (...).

    Returns
    -------
    exits : ndarray, shape (J, ...)
    stays : ndarray, shape (...)
        Exits and staying sum to one.

    Raises
    ------
    TransitionError
        If a rate is negative or not finite, or a time not above 0.

    Examples
    --------
    >>> exits, stays = competing_probabilities([0.01, 0.005], time=30)
    >>> exits.round(4), round(float(stays), 5)
    (array([0.2416, 0.1208]), 0.63763)
    """
    rates, time = _rates_and_time(np.atleast_1d(np.asarray(rates, dtype=float)), time)
    passed = rates.sum(axis=0) * time
    with np.errstate(invalid="ignore"):
        share = np.where(passed > 0, -np.expm1(-passed) / passed, 1.0)
    rates, share = _exits_first(rates, time * share)
    return np.asarray(rates * share), np.asarray(np.exp(-passed))


def competing_rates(exits: ArrayLike, time: ArrayLike = 1.0) -> Array:
    """Return the rates of the exits of one state from their probabilities over a cycle.

    The inverse of `competing_probabilities`.

    Parameters
    ----------
    exits : array_like, shape (J, ...)
        Probabilities of the J exits; they sum to less than 1.
    time : array_like
        Length of the cycle, above 0; broadcasts with the shape (...).

    Returns
    -------
    ndarray, shape (J, ...)
        Per unit of time.

    Raises
    ------
    TransitionError
        If a probability is negative, or they sum to more than 1, or to exactly 1 (an infinite rate).

    Examples
    --------
    >>> competing_rates([0.2, 0.1]).round(4)
    array([0.2378, 0.1189])
    """
    p, time = np.atleast_1d(np.asarray(exits, dtype=float)), np.asarray(time, dtype=float)
    leaves = p.sum(axis=0)
    faults = _time_faults(time)
    if not np.isfinite(p).all() or (p < 0).any():
        faults.append("an exit probability is negative or not a number; give shares from 0 to below 1")
    if (leaves >= 1).any():
        many = f" in {float((leaves >= 1).mean()):.3g} of all draws" if leaves.size > 1 else ""
        faults.append(
            f"the exits sum to {float(leaves.max()):.6g}{many}; that all leave asks for an infinite rate, "
            "and more is nobody, so lower them or keep probabilities"
        )
    if faults:
        raise TransitionError("\n".join(faults))
    with np.errstate(invalid="ignore"):
        per_share = np.where(leaves > 0, -np.log1p(-leaves) / leaves, 1.0)
    p, per_share = _exits_first(p, per_share / time)
    return np.asarray(p * per_share)


def fill_remainder(row: Sequence[ArrayLike | Remainder]) -> Array:
    """Return a row of probabilities whose `REMAINDER` cell takes what the others leave.

    Parameters
    ----------
    row : sequence of array_like or REMAINDER, length J
        Probabilities, each a number or an array (...) over draws; exactly one cell is `REMAINDER`.

    Returns
    -------
    ndarray, shape (J, ...)
        Sums to one.

    Raises
    ------
    TransitionError
        If not exactly one cell is the remainder, or the others are no probabilities or sum to more than 1.

    Examples
    --------
    >>> fill_remainder([0.1, REMAINDER, 0.25])
    array([0.1 , 0.65, 0.25])
    """
    open_cells = [j for j, cell in enumerate(row) if cell is REMAINDER]
    if len(open_cells) != 1:
        raise TransitionError(
            f"{len(open_cells)} cells of the row are the remainder; leave exactly one of them as REMAINDER"
        )
    given = [np.zeros(()) if cell is REMAINDER else np.asarray(cell, dtype=float) for cell in row]
    filled = np.array(np.broadcast_arrays(*given), dtype=float)
    faults = []
    if not ((filled >= 0) & (filled <= 1)).all():
        faults.append("a cell lies outside 0 to 1 or is not a number; give probabilities")
    others = filled.sum(axis=0)
    if (others > 1 + _TOLERANCE).any():
        many = f" in {float((others > 1 + _TOLERANCE).mean()):.3g} of all draws" if others.size > 1 else ""
        faults.append(
            f"the other cells sum to {float(others.max()):.6g}{many} and leave nothing for the remainder; "
            "lower them, or change the row by a hazard ratio or an odds ratio"
        )
    if faults:
        raise TransitionError("\n".join(faults))
    filled[open_cells[0]] = np.maximum(1 - others, 0.0)
    return filled


def _rates_and_time(rate: ArrayLike, time: ArrayLike) -> tuple[Array, Array]:
    rates, times = np.asarray(rate, dtype=float), np.asarray(time, dtype=float)
    faults = _time_faults(times)
    if not np.isfinite(rates).all() or (rates < 0).any():
        faults.append("a rate is negative or not finite; give rates from 0 on")
    if faults:
        raise TransitionError("\n".join(faults))
    return rates, times


def _exits_first(exits: Array, factor: Array) -> tuple[Array, Array]:
    """Give exits (J, ...) as many axes after the first as their factor (...) has."""
    missing = max(factor.ndim - exits.ndim + 1, 0)
    return exits.reshape(exits.shape[0], *(1,) * missing, *exits.shape[1:]), factor


def _time_faults(time: Array) -> list[str]:
    if np.isfinite(time).all() and (time > 0).all():
        return []
    return ["the time is not above 0; give the length of the cycle in the unit of the rate"]
