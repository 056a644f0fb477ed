"""Monte Carlo standard errors of independent draws: how far a figure may move with another seed."""

import numpy as np
import numpy.typing as npt

from communitybudget._core.draws import FloatArray, as_draws


def monte_carlo_error(values: npt.ArrayLike) -> FloatArray:
    """Return the Monte Carlo standard error of a mean.

    Parameters
    ----------
    values : array_like, shape (draw, ...)
        At least two draws in the first axis, in any unit.

    Returns
    -------
    ndarray of float, shape (...)
        Standard deviation over the square root of the number of draws, in the unit of the values; a scalar
        for a single series of draws.

    Raises
    ------
    ValueError
        If there are fewer than two draws or a value is not finite.

    Examples
    --------
    >>> float(monte_carlo_error([1, 3]))
    1.0
    """
    draws = as_draws(values, "values", least=2)
    error: FloatArray = draws.std(axis=0, ddof=1) / np.sqrt(draws.shape[0])
    return error


def error_of_mean(values: FloatArray) -> float:
    """Return the Monte Carlo standard error of the mean of one series of draws; NaN for a single draw.

    Examples
    --------
    >>> error_of_mean(np.array([1.0, 3.0])), error_of_mean(np.array([1.0]))
    (1.0, nan)
    """
    return float(monte_carlo_error(values)) if values.size > 1 else float("nan")


def paired_error(values: npt.ArrayLike, others: npt.ArrayLike) -> FloatArray:
    """Return the Monte Carlo standard error of the difference of two means over common draws.

    What both share in a draw cancels, so that two options are told apart by far fewer draws than the errors
    of their own means suggest.

    Parameters
    ----------
    values, others : array_like, shape (draw, ...)
        Draws that belong together, at least two, of one shape.

    Returns
    -------
    ndarray of float, shape (...)
        Standard deviation of the differences over the square root of the number of draws.

    Raises
    ------
    ValueError
        If the shapes differ, there are fewer than two draws or a value is not finite.

    Examples
    --------
    >>> float(paired_error([100, 300, 500], [99, 299, 499]))
    0.0
    """
    first, second = as_draws(values, "values", least=2), as_draws(others, "others", least=2)
    if first.shape != second.shape:
        raise ValueError(
            f"values has shape {first.shape} and others {second.shape}; give draws that belong together"
        )
    return monte_carlo_error(first - second)


def probability_error(hits: npt.ArrayLike, draws: int) -> FloatArray:
    """Return the Monte Carlo standard error of a probability.

    Parameters
    ----------
    hits : array_like of int, shape (...)
        In how many draws the event happened.
    draws : int
        Out of how many.

    Returns
    -------
    ndarray of float, shape (...)
        ``sqrt(p (1 - p) / draws)`` as a share, a scalar for a single count. Where no draw or every draw is
        a hit that would be zero, though the probability is not known to be 0 or 1; there it is
        ``3 / draws`` (at most 1), the rule of three: the 95% bound on how far the probability may lie from
        0 or 1.

    Raises
    ------
    ValueError
        If ``draws`` is below 1, or ``hits`` does not lie between 0 and ``draws``.

    Notes
    -----
    Source: J. A. Hanley and A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249
    (1983).

    Examples
    --------
    >>> probability_error([0, 50, 100], 100)
    array([0.03, 0.05, 0.03])
    """
    if isinstance(draws, bool) or draws < 1:
        raise ValueError(f"draws is {draws}; give the number of draws, 1 or more")
    count = np.asarray(hits, dtype=np.float64)
    if not ((count >= 0) & (count <= draws)).all():
        raise ValueError(f"hits must lie between 0 and the {draws} draws")
    share = count / draws
    error = np.sqrt(share * (1 - share) / draws)
    certain = (count == 0) | (count == draws)
    return np.where(certain, min(3 / draws, 1.0), error)[()]


def ratio_error(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> float:
    """Return the Monte Carlo standard error of a ratio of means, by the delta method.

    Parameters
    ----------
    numerator, denominator : array_like, shape (draw,)
        Draws that belong together, at least two, for example the present values of benefits and costs.

    Returns
    -------
    float
        In the unit of the ratio: ``sd(numerator - ratio * denominator) / (sqrt(draws) * |mean of the
        denominator|)``. NaN when the mean of the denominator is zero.

    Raises
    ------
    ValueError
        If the draws differ in number, are fewer than two, or hold a value that is not finite.

    Notes
    -----
    Source: W. G. Cochran, Sampling Techniques (1977), section 6.3. It is close where the mean of the
    denominator is many of its own standard errors away from zero.

    Examples
    --------
    >>> ratio_error([2, 4], [1, 1])
    1.0
    """
    above = as_draws(numerator, "numerator", least=2)
    below = as_draws(denominator, "denominator", least=2)
    if above.ndim != 1 or above.shape != below.shape:
        raise ValueError(
            f"numerator has shape {above.shape} and denominator {below.shape}; give one value each per draw"
        )
    mean = float(below.mean())
    if mean == 0:
        return float("nan")
    ratio = float(above.mean()) / mean
    return float(monte_carlo_error(above - ratio * below)) / abs(mean)
