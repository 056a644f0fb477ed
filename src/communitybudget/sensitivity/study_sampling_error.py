"""Sampling error of a study: made-up results, and how likely a result is."""

import math

import numpy as np

from communitybudget.sensitivity.draws import FloatArray

_LEAST_ERROR = 1e-6
"""Error of a study that has none, as a share of the spread of what it measures: its logs stay finite."""


def error_variance(counted: int, population: int | None = None) -> float:
    """Return the variance of the mean of so many values that have variance one; infinite for none.

    Of few families, those who are all in the study have no sampling error left.

    Examples
    --------
    >>> error_variance(4), error_variance(4, population=8), error_variance(8, population=8)
    (0.25, 0.125, 0.0)
    """
    if counted == 0:
        return math.inf
    return 1 / counted - (0.0 if population is None else 1 / population)


def with_noise(values: FloatArray, sd: FloatArray | float, rng: np.random.Generator) -> FloatArray:
    """Return values with normal noise as one statistic, shape (draw, 1)."""
    return (values + sd * rng.standard_normal(values.size))[:, np.newaxis]


def normal_log(results: FloatArray, means: FloatArray, variance: FloatArray | float) -> FloatArray:
    """Return the log of the normal density up to a constant, shape (result, draw).

    Examples
    --------
    >>> normal_log(np.array([0.0]), np.array([0.0, 2.0]), 1.0)
    array([[-0., -2.]])
    """
    least = max((_LEAST_ERROR * float(np.ptp(means))) ** 2, np.finfo(np.float64).tiny)
    kept = np.maximum(variance, least)
    found: FloatArray = -0.5 * (np.subtract.outer(results, means) ** 2 / kept + np.log(kept))
    return found


def binomial_log(events: FloatArray, families: int, share: FloatArray) -> FloatArray:
    """Return the log of the binomial probability up to a constant, shape (result, draw).

    Examples
    --------
    >>> binomial_log(np.array([1.0]), 2, np.array([0.5])).round(3)
    array([[-1.386]])
    """
    from scipy.special import xlog1py, xlogy

    happened = events[:, np.newaxis]
    found: FloatArray = xlogy(happened, share) + xlog1py(families - happened, -share)
    return found
