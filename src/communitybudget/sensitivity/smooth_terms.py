"""Terms in which an outcome may depend on an input: a cubic spline, its point masses, or its few values."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.projection import ordered_basis, orthonormal
from communitybudget.sensitivity.regression import standardise

_FEW_VALUES = 50
"""Most values of an input, and least draws for each of them on average, to be fitted value by value."""
_POINT_MASS = 0.01
"""Share of the draws from which one and the same value has a term of its own."""
_LEAST_SHARED = 10
"""And the least number of draws for that."""
_MOST_SHARED = 5
"""With more such values than this they are a grid, such as whole years, and none has a term of its own."""

_MOST_PRODUCTS = 100
"""Most products of the terms of two inputs that are taken value by value: they slow a fit, and blur it."""


@dataclass(frozen=True, slots=True, eq=False)
class InputTerms:
    """The terms of one input, as orthonormal columns.

    Parameters
    ----------
    whole : ndarray, shape (draw, term)
        First the input itself with an indicator of each value that many draws share; then what a cubic
        spline adds to that or, for an input with few values, an indicator of each.
    straights : int
        How many columns belong to the first part.
    line : ndarray, shape (draw,)
        The input with mean zero and variance one.
    masses : ndarray, shape (draw, mass)
        The indicators of the first part, with mean zero and variance one.
    few : bool
        Whether the input has few values.
    """

    whole: FloatArray
    straights: int
    line: FloatArray
    masses: FloatArray
    few: bool

    @property
    def straight(self) -> FloatArray:
        """The first part (draw, term)."""
        return self.whole[:, : self.straights]

    @property
    def curve(self) -> FloatArray:
        """The second part (draw, term)."""
        return self.whole[:, self.straights :]


def input_terms(values: FloatArray) -> InputTerms:
    """Return the terms of one input that varies.

    The knots of the spline are quantiles of the draws that share no value with many others. Its first and
    last functions are left out: a constant, the line and the other functions span them.

    Parameters
    ----------
    values : ndarray, shape (draw,)

    Returns
    -------
    InputTerms

    Examples
    --------
    >>> terms = input_terms(np.linspace(0, 1, 1_000))
    >>> terms.straight.shape, terms.curve.shape
    ((1000, 1), (1000, 6))
    """
    line = standardise(values[:, np.newaxis])
    distinct, counts = np.unique(values, return_counts=True)
    few = few_values(distinct.size, values.size)
    if few:
        masses, bends = line[:, :0], indicators(values)
    else:
        shared = _shared(distinct, counts, values.size)
        masses = np.equal.outer(values, shared).astype(np.float64)
        bends = cubic_spline(values, _knots(values, shared, default_knots(values.size)))
    whole, terms = ordered_basis(np.concatenate([line, masses, bends[:, 1:-1]], axis=1))
    return InputTerms(
        whole=whole,
        straights=int(np.sum(terms <= masses.shape[1])),
        line=line[:, 0],
        masses=standardise(masses),
        few=few,
    )


def tensor_terms(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the products of the terms of two inputs (draw, term).

    An input with few values has an indicator of each, any other a spline with few knots; where that makes
    more than 100 products, both have a spline.

    Examples
    --------
    >>> x = np.linspace(0, 1, 1_000)
    >>> tensor_terms(x, x[::-1]).shape
    (1000, 16)
    """
    one, other = (_value_terms(values) for values in (first, second))
    if one.shape[1] * other.shape[1] > _MOST_PRODUCTS:
        one, other = (_coarse_spline(values) for values in (first, second))
    return (one[:, :, np.newaxis] * other[:, np.newaxis, :]).reshape(first.size, -1)


def _value_terms(values: FloatArray) -> FloatArray:
    if few_values(np.unique(values).size, values.size):
        return orthonormal(indicators(values))
    return _coarse_spline(values)


def _coarse_spline(values: FloatArray) -> FloatArray:
    shared = _shared(*np.unique(values, return_counts=True), values.size)
    masses = np.equal.outer(values, shared).astype(np.float64)
    spline = cubic_spline(values, _knots(values, shared, default_knots(values.size) // 3))
    return orthonormal(np.concatenate([spline, masses], axis=1))


def _shared(distinct: FloatArray, counts: npt.NDArray[np.int_], draws: int) -> FloatArray:
    """Return the values that many draws share, none if they are a grid."""
    shared = distinct[counts >= max(_POINT_MASS * draws, _LEAST_SHARED)]
    return shared if shared.size <= _MOST_SHARED else shared[:0]


def _knots(values: FloatArray, shared: FloatArray, inner: int) -> FloatArray:
    """Return knots at quantiles of the values that are not shared, the least and the largest included.

    Of all values, where fewer than two are not shared.
    """
    alone = values[~np.isin(values, shared)]
    spread = np.sort(alone if np.unique(alone).size > 1 else values)
    places = np.linspace(0, spread.size - 1, inner + 2).round().astype(np.int_)
    return np.unique(spread[places])


def indicators(values: FloatArray) -> FloatArray:
    """Return an indicator of each value (draw, value).

    Examples
    --------
    >>> indicators(np.array([2.0, 5.0, 2.0]))
    array([[1., 0.],
           [0., 1.],
           [1., 0.]])
    """
    return np.equal.outer(values, np.unique(values)).astype(np.float64)


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
        Beyond the outer knots the spline stays as it is there.
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
    inside = np.clip(values, knots[0], knots[-1])
    padded = np.concatenate([np.repeat(knots[0], 3), knots, np.repeat(knots[-1], 3)])
    interval = np.searchsorted(knots[1:-1], inside, side="right")
    left = [inside - padded[interval + 3 - i] for i in range(3)]
    right = [padded[interval + 4 + i] - inside for i in range(3)]
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
