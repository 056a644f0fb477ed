"""What the best choice gains from a forecast of each option's net benefit."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.projection import Projection


@dataclass(frozen=True, slots=True)
class InformedChoice:
    """Value of choosing by a forecast, in GBP; see `InformationValue` for the fields."""

    value: float
    standard_error: float
    in_sample: float
    left_out: float
    evpi: float


def increments(benefit: FloatArray) -> FloatArray:
    """Return the net benefit of every other option over the one that is best on average.

    Of options with the same mean the first counts as best.

    Parameters
    ----------
    benefit : ndarray, shape (draw, option)

    Returns
    -------
    ndarray, shape (draw, option - 1)

    Examples
    --------
    >>> increments(np.array([[0.0, 10.0], [0.0, -6.0]]))
    array([[-10.],
           [  6.]])
    """
    best = int(benefit.mean(axis=0).argmax())
    return np.delete(benefit, best, axis=1) - benefit[:, [best]]


def informed_choice(gains: FloatArray, fit: Projection) -> InformedChoice:
    """Return what it is worth to choose by the fitted net benefits instead of by their means.

    Parameters
    ----------
    gains : ndarray, shape (draw, option - 1)
        Net benefit over the option that is best on average.
    fit : Projection
        Of the gains on what would be known.

    Returns
    -------
    InformedChoice

    Notes
    -----
    With noise ``e`` of variance ``v`` in the fit, the mean of ``max(0, g + e)`` is too high by about half of
    ``v`` times the density of ``g`` at 0; the mean gain of the draws whose fit on all other draws is above 0
    is too low by as much. The mean of the two is free of bias to that order.

    Examples
    --------
    >>> from communitybudget.sensitivity.projection import mean_of
    >>> gains = np.array([[-2.0], [-1.0], [0.0], [1.0]])
    >>> informed_choice(gains, mean_of(gains).with_terms(gains)).value
    0.25
    """
    if gains.shape[1] == 0:
        return InformedChoice(0.0, 0.0, 0.0, 0.0, 0.0)
    in_sample = float(np.maximum(fit.fitted.max(axis=1), 0.0).mean())
    left_out = float(_taken(fit.left_out, gains).sum(axis=1).mean())
    perfect = float(np.maximum(gains.max(axis=1), 0.0).mean())
    value = min(max((in_sample + left_out) / 2, 0.0), perfect)
    error = float(influence(fit).std(ddof=1)) / math.sqrt(gains.shape[0])
    return InformedChoice(value, error, in_sample, left_out, perfect)


def influence(fit: Projection) -> FloatArray:
    """Return by how much each draw moves the value, times the number of draws.

    By its own fitted gain, and by its residual through the coefficients.

    Returns
    -------
    ndarray, shape (draw,)
    """
    taken = policy(fit.fitted).astype(np.float64)
    moves: FloatArray = (taken * fit.fitted + (taken + fit.smooth(taken)) / 2 * fit.residual).sum(axis=1)
    return moves


def policy(forecast: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which option each draw takes by its forecast; none where the best on average stays best."""
    first = forecast.argmax(axis=1)
    taken = np.zeros(forecast.shape, dtype=np.bool_)
    row = np.arange(forecast.shape[0])
    taken[row, first] = forecast[row, first] > 0
    return taken


def _taken(forecast: FloatArray, gains: FloatArray) -> FloatArray:
    return np.where(policy(forecast), gains, 0.0)
