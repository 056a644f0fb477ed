"""Where an outcome jumps at some value of an input, such as a cap or a threshold."""

import numpy as np

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.projection import Projection, orthonormal

_MOST_STEPS = 3
_LEAST_SHARE = 10.0
"""Least sum of squares that the other terms leave of a step: it must rest on so many draws."""


def with_steps(fit: Projection, values: FloatArray) -> Projection:
    """Return the fit with the steps of one input that explain more than chance, three at the most.

    A smooth curve through a jump is too flat near it. A step is tried at each value and counts only if it
    explains what the best of as many steps of no meaning would in one sample out of 1,000.

    Parameters
    ----------
    fit : Projection
    values : ndarray, shape (draw,)
        Of the input.

    Returns
    -------
    Projection

    Examples
    --------
    >>> from communitybudget.sensitivity.projection import mean_of
    >>> values = np.linspace(0, 1, 200)
    >>> fit = with_steps(mean_of((values > 0.7)[:, np.newaxis] * 1.0), values)
    >>> fit.explained.round(6), fit.basis.shape
    (array([1.]), (200, 1))
    """
    for _ in range(_MOST_STEPS):
        step = _best_step(fit, values)
        if not step.shape[1] or not fit.gains_from(step, tries=values.size):
            break
        fit = fit.with_basis(step)
    return fit


def _best_step(fit: Projection, values: FloatArray) -> FloatArray:
    """Return the step that explains most of one target's residual, beyond the fit (draw, 1); or none."""
    order = np.argsort(values, kind="stable")
    below = np.arange(1, values.size)
    left = below * (values.size - below) / values.size
    left -= np.sum(np.cumsum(fit.basis[order], axis=0)[:-1] ** 2, axis=1)
    total = np.einsum("ij,ij->j", fit.residual, fit.residual)
    varied = total > 0
    possible = (np.diff(values[order]) > 0) & (left >= _LEAST_SHARE)
    if not possible.any() or not varied.any():
        return fit.basis[:, :0]
    scores = np.cumsum(fit.residual[order][:, varied], axis=0)[:-1] ** 2 / total[varied]
    explained = np.where(possible, scores.max(axis=1) / np.where(possible, left, 1.0), 0.0)
    cut = values[order][explained.argmax()]
    return orthonormal((values > cut)[:, np.newaxis].astype(np.float64), fit.basis)
