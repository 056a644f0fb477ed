"""Regression of net benefits on the results that a study would have."""

from itertools import combinations

import numpy as np

from communitybudget.sensitivity.draws import FloatArray, constant
from communitybudget.sensitivity.projection import Projection, mean_of
from communitybudget.sensitivity.smooth_terms import cubic_spline, default_knots, indicators

_COUNTED_ONE_BY_ONE = 12
_DRAWS_PER_TERM = 10


def fit_results(results: FloatArray, gains: FloatArray) -> Projection:
    """Regress net benefits on the results of a study, one made up in each draw.

    What is expected after a study moves smoothly with its result, counts included: each statistic enters as
    a cubic spline, or value by value where it has twelve at the most, and each pair as the product of
    coarser ones.

    Parameters
    ----------
    results : ndarray, shape (draw, statistic)
    gains : ndarray, shape (draw, option)

    Returns
    -------
    Projection

    Examples
    --------
    >>> results = np.random.default_rng(1).normal(size=(2_000, 2))
    >>> fit = fit_results(results, results[:, [0]] * results[:, [1]])
    >>> bool(fit.explained[0] > 0.99)
    True
    """
    statistics = results[:, ~constant(results)].T
    fit = mean_of(gains)
    knots = default_knots(len(gains))
    for statistic in statistics:
        fit = fit.with_terms(_terms(statistic, knots))
    for pair in combinations(statistics, 2):
        one, other = (_terms(statistic, knots // 3) for statistic in pair)
        product = (one[:, :, np.newaxis] * other[:, np.newaxis, :]).reshape(len(gains), -1)
        if product.shape[1] + fit.basis.shape[1] <= len(gains) / _DRAWS_PER_TERM:
            fit = fit.with_terms(product)
    return fit


def _terms(statistic: FloatArray, inner_knots: int) -> FloatArray:
    distinct = np.unique(statistic)
    if distinct.size <= _COUNTED_ONE_BY_ONE:
        return indicators(statistic)
    knots = np.quantile(statistic, np.linspace(0, 1, inner_knots + 2))
    return cubic_spline(statistic, np.unique(knots))
