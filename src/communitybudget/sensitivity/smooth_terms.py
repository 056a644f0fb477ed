"""Terms in which an outcome may depend on an input: a cubic spline, its point masses, or its few values."""

import math

import numpy as np

from communitybudget.sensitivity.draws import FloatArray

_FEW_VALUES = 50
"""Most values of an input, and least draws for each of them on average, to be fitted value by value."""
_POINT_MASS = 0.01
"""Share of the draws from which one and the same value has a term of its own."""


def smooth_terms(values: FloatArray, inner_knots: int | None = None) -> FloatArray:
    """Return the terms of one input, less any that do not vary.

    An input with few values gets an indicator of each value but the first, so that the fit is the mean of
    each value's draws. Any other gets a cubic B-spline with knots at its quantiles, and an indicator of each
    value that many draws share, such as a ratio of exactly 1 for no effect.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Draws of the input.
    inner_knots : int, optional
        Knots between the least and the largest value; by the number of draws when absent.

    Returns
    -------
    ndarray, shape (draw, term)
        No terms when the input does not vary.

    Examples
    --------
    >>> smooth_terms(np.repeat([1.0, 2.0], 50)).shape
    (100, 1)
    >>> smooth_terms(np.linspace(0, 1, 1_000)).shape
    (1000, 7)
    """
    ordered = np.sort(values)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.append(first, values.size))
    distinct = ordered[first]
    if few_values(distinct.size, values.size):
        return np.equal.outer(values, distinct[1:]).astype(np.float64)
    masses = distinct[counts >= max(_POINT_MASS * values.size, 2)]
    spread = ordered[~np.isin(ordered, masses)] if masses.size else ordered
    knots = default_knots(spread.size) if inner_knots is None else inner_knots
    places = np.linspace(0, spread.size - 1, knots + 2).round().astype(np.int_)
    # The first function is what the others leave over, since all of them sum to one.
    spline = cubic_spline(values, np.unique(spread[places]))[:, 1:]
    return np.concatenate([spline, np.equal.outer(values, masses)], axis=1)


def few_values(values: int, draws: int) -> bool:
    """Return whether so many values can be told apart by the mean of their draws.

    Examples
    --------
    >>> few_values(2, 100), few_values(100, 100)
    (True, False)
    """
    return values <= min(_FEW_VALUES, draws / _FEW_VALUES)


def default_knots(draws: int) -> int:
    """Return how many inner knots so many draws bear: none for 100, 4 for 1,000, 8 for 10,000.

    Examples
    --------
    >>> [default_knots(draws) for draws in (100, 1_000, 10_000, 100_000)]
    [0, 4, 8, 12]
    """
    return max(round(4 * math.log10(draws)) - 8, 0)


def cubic_spline(values: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the cubic B-splines on some knots, by the recurrence of Cox and de Boor.

    Parameters
    ----------
    values : ndarray, shape (draw,)
        Beyond the outer knots the spline goes on as the cubic next to it.
    knots : ndarray, shape (knot,)
        Rising, at least two.

    Returns
    -------
    ndarray, shape (draw, knot + 2)
        Every row sums to one.

    Notes
    -----
    Source: C. de Boor, A Practical Guide to Splines (1978), chapter 10.

    Examples
    --------
    >>> cubic_spline(np.array([0.0, 0.5]), np.array([0.0, 1.0]))
    array([[1.   , 0.   , 0.   , 0.   ],
           [0.125, 0.375, 0.375, 0.125]])
    """
    padded = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    interval = np.searchsorted(knots[1:-1], values, side="right")
    left = [values - padded[interval + 3 - i] for i in range(3)]
    right = [padded[interval + 4 + i] - values for i in range(3)]
    local = [np.ones(values.size)]
    for degree in range(3):
        carried = np.zeros(values.size)
        for i, old in enumerate(local):
            share = old / (right[i] + left[degree - i])
            local[i] = carried + right[i] * share
            carried = left[degree - i] * share
        local.append(carried)
    spline = np.zeros((values.size, knots.size + 2))
    row = np.arange(values.size)
    for i, column in enumerate(local):
        spline[row, interval + i] = column
    return spline
