"""Monte Carlo standard errors: how far a figure may move with another seed.

They hold for draws that are independent of each other; with a Latin hypercube or a Sobol' sequence they
are usually too large, seldom too small. For those stand the errors by replicate: of designs that were made in
parts independent of each other, from how much the parts differ.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from communitybudget._core.precision import monte_carlo_error, paired_error, probability_error, ratio_error
from communitybudget.sensitivity.draws import FloatArray, as_draws

__all__ = [
    "by_replicate",
    "monte_carlo_error",
    "paired_error",
    "probability_error",
    "quantile_error",
    "ratio_error",
    "replicate_error",
    "replicate_probability_error",
    "replicate_quantile_error",
    "replicate_ratio_error",
]


def quantile_error(values: npt.ArrayLike, q: float) -> float:
    """Return the Monte Carlo standard error of a quantile, by order statistics.

    The number of draws below the true quantile is binomial, with standard deviation ``sqrt(n q (1 - q))``.
    The error is half the distance between the order statistics that lie so many places below and above the
    quantile, with linear interpolation between draws. It assumes no shape of the distribution.

    Parameters
    ----------
    values : array_like, shape (draw,)
        At least two draws, in any unit.
    q : float
        The quantile as a share between 0 and 1, both left out: 0.1 for P10.

    Returns
    -------
    float
        In the unit of the values. NaN where one of the two places lies outside the draws: there are too few
        draws to tell. Zero inside a point mass, whose value does not depend on the draws.

    Raises
    ------
    ValueError
        If there are fewer than two draws, a value is not finite, or ``q`` is not between 0 and 1.

    Notes
    -----
    Source: order-statistic interval for a quantile, H. A. David and H. N. Nagaraja, Order Statistics (2003),
    section 7.1, at one standard deviation each side.

    Examples
    --------
    >>> round(quantile_error(range(10_001), 0.5), 3)
    50.002
    """
    draws = as_draws(values, "values", least=2)
    if draws.ndim != 1:
        raise ValueError(f"values has shape {draws.shape}; give one value per draw")
    if not 0 < q < 1:
        raise ValueError(f"q is {q}; give a share between 0 and 1, such as 0.1 for P10")
    count = draws.size
    place = q * (count - 1)
    reach = np.sqrt(count * q * (1 - q))
    if place - reach < 0 or place + reach > count - 1:
        return float("nan")
    lower, upper = np.interp([place - reach, place + reach], np.arange(count), np.sort(draws))
    return float(upper - lower) / 2


def by_replicate(
    values: npt.ArrayLike, replicates: int, figure: Callable[[FloatArray], npt.ArrayLike]
) -> FloatArray:
    """Return the Monte Carlo standard error of any figure, from independent parts of a design.

    Parameters
    ----------
    values : array_like, shape (draw, ...)
        Draws in their order: the parts stand one after the other, as equal in size as can be.
    replicates : int
        How many parts, R, at least 2 and at most the number of draws.
    figure : callable
        From draws, shape (draw, ...), to the figure, shape (...).

    Returns
    -------
    ndarray of float, shape (...)
        Standard deviation of the figure over the parts, over the square root of R, in its unit.

    Raises
    ------
    ValueError
        If there are fewer than two parts, fewer draws than parts, or a value is not finite.

    Notes
    -----
    Source: A. B. Owen, "Scrambled net variance for integrals of smooth functions", Annals of Statistics 25
    (1997): the parts are independent and of one distribution, whatever holds within them. With R parts the
    error is itself uncertain by about ``1 / sqrt(2 (R - 1))`` of its size: 27% for 8.

    Examples
    --------
    >>> by_replicate([1, 3, 5, 7], 2, lambda part: part.mean(axis=0))
    array(2.)
    """
    draws = as_draws(values, "values", least=2)
    if isinstance(replicates, bool) or replicates < 2:
        raise ValueError(f"replicates is {replicates}; an error shows from 2 independent parts on")
    if replicates > draws.shape[0]:
        raise ValueError(
            f"{draws.shape[0]} draws are not {replicates} parts; give as many draws as parts at least"
        )
    found = np.array([figure(part) for part in np.array_split(draws, replicates)], dtype=np.float64)
    return np.asarray(found.std(axis=0, ddof=1) / np.sqrt(replicates), dtype=np.float64)


def replicate_error(values: npt.ArrayLike, replicates: int) -> FloatArray:
    """Return the Monte Carlo standard error of a mean, from independent parts of a design.

    Parameters
    ----------
    values, replicates : array_like of shape (draw, ...), int
        As in `by_replicate`.

    Returns
    -------
    ndarray of float, shape (...)
        In the unit of the values.

    Raises
    ------
    ValueError
        As `by_replicate`.

    Examples
    --------
    >>> float(replicate_error([1, 3, 5, 7], 2))
    2.0
    """
    return by_replicate(values, replicates, lambda part: part.mean(axis=0))


def replicate_quantile_error(values: npt.ArrayLike, q: float, replicates: int) -> FloatArray:
    """Return the Monte Carlo standard error of a quantile, from independent parts of a design.

    Parameters
    ----------
    values, replicates : array_like of shape (draw, ...), int
        As in `by_replicate`.
    q : float
        The quantile as a share between 0 and 1, both left out: 0.1 for P10.

    Returns
    -------
    ndarray of float, shape (...)
        In the unit of the values.

    Raises
    ------
    ValueError
        As `by_replicate`, or if ``q`` is not between 0 and 1.

    Examples
    --------
    >>> float(replicate_quantile_error([1, 3, 5, 7], 0.5, 2))
    2.0
    """
    if not 0 < q < 1:
        raise ValueError(f"q is {q}; give a share between 0 and 1, such as 0.1 for P10")
    return by_replicate(values, replicates, lambda part: np.quantile(part, q, axis=0))


def replicate_probability_error(hits: npt.ArrayLike, replicates: int) -> FloatArray:
    """Return the Monte Carlo standard error of a probability, from independent parts of a design.

    Parameters
    ----------
    hits : array_like of bool, shape (draw, ...)
        Whether the event happened, in the order of the draws.
    replicates : int
        As in `by_replicate`.

    Returns
    -------
    ndarray of float, shape (...)
        As a share. Where no draw or every draw is a hit the rule of three stands in, as in
        `probability_error`: parts that all agree do not show a probability of 0 or 1.

    Raises
    ------
    ValueError
        As `by_replicate`.

    Examples
    --------
    >>> float(replicate_probability_error([True, False, True, True], 2))
    0.25
    """
    happened = as_draws(hits, "hits", least=2)
    error = replicate_error(happened, replicates)
    draws, count = happened.shape[0], happened.sum(axis=0)
    certain = (count == 0) | (count == draws)
    return np.where(certain, probability_error(count, draws), error)


def replicate_ratio_error(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, replicates: int
) -> FloatArray:
    """Return the Monte Carlo standard error of a ratio of means, from independent parts of a design.

    Parameters
    ----------
    numerator, denominator : array_like, shape (draw,)
        Draws that belong together, in their order.
    replicates : int
        As in `by_replicate`.

    Returns
    -------
    ndarray of float, scalar
        In the unit of the ratio: of what is left over, ``numerator - ratio * denominator``, over the mean of
        the denominator. NaN when that is zero.

    Raises
    ------
    ValueError
        As `ratio_error` and `by_replicate`.

    Examples
    --------
    >>> float(replicate_ratio_error([2, 4, 2, 4], [1, 1, 1, 1], 2))
    0.0
    """
    if np.isnan(ratio_error(numerator, denominator)):
        return np.array(np.nan)
    above, below = as_draws(numerator, "numerator"), as_draws(denominator, "denominator")
    ratio, mean = above.mean() / below.mean(), below.mean()
    return np.asarray(replicate_error(above - ratio * below, replicates) / abs(mean), dtype=np.float64)
