"""Unobserved frailty: classes of families whose hazards are all multiplied by one number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import ParameterError

Array = NDArray[np.float64]

_ROUNDING = 1e-9
_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Frailty:
    """Classes of families that differ by what nobody recorded.

    Parameters
    ----------
    multipliers : ndarray, shape (N,)
        Of all hazards of a family in the class; their mean, weighted by the shares, is 1.
    shares : ndarray, shape (N,)
        Of families; they sum to one.
    """

    multipliers: Array
    shares: Array

    @property
    def variance(self) -> float:
        """Variance of the multipliers between families."""
        return float(self.shares @ (self.multipliers - 1) ** 2)


def gamma_frailty(variance: float, nodes: int = 5) -> Frailty:
    """Return the classes that stand for gamma frailty with mean 1.

    Gauss quadrature for the gamma distribution (generalised Laguerre): with n nodes all moments up to
    the power 2n - 1 are exact.

    Parameters
    ----------
    variance : float
        Between families, at least 0; 0 is one kind of family.
    nodes : int
        How many classes, at least 2.

    Returns
    -------
    Frailty

    Raises
    ------
    ParameterError
        If the variance is negative or there are fewer than 2 nodes.

    Notes
    -----
    G. H. Golub and J. H. Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23
    (1969). J. W. Vaupel, K. G. Manton and E. Stallard, "The impact of heterogeneity in individual frailty on
    the dynamics of mortality", Demography 16 (1979).

    Examples
    --------
    >>> frailty = gamma_frailty(0.5, nodes=3)
    >>> frailty.multipliers.round(3), frailty.shares.round(3)
    (array([0.468, 1.653, 3.879]), array([0.589, 0.391, 0.02 ]))
    """
    _check(variance, nodes)
    i = np.arange(nodes)
    # coefficients of the polynomials scaled by the variance, which keeps them small where it is
    diagonal = 1 + 2 * i * variance
    beside = np.sqrt(i[1:] * variance * (1 + (i[1:] - 1) * variance))
    places, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return _with_mean_one(places, vectors[0] ** 2)


def lognormal_frailty(variance: float, nodes: int = 5) -> Frailty:
    """Return the classes that stand for log-normal frailty with mean 1.

    Gauss-Hermite nodes on the log scale. A few nodes would miss the variance of a long tail, so the spread
    of their logarithms is widened until it is exact.

    Parameters
    ----------
    variance : float
        Between families, at least 0.
    nodes : int
        How many classes, at least 2.

    Returns
    -------
    Frailty

    Raises
    ------
    ParameterError
        If the variance is negative or more than so many nodes can have, or there are fewer than 2 nodes.

    Examples
    --------
    >>> frailty = lognormal_frailty(0.5, nodes=3)
    >>> frailty.multipliers.round(3), frailty.shares.round(3)
    (array([0.258, 0.806, 2.517]), array([0.167, 0.667, 0.167]))
    """
    _check(variance, nodes)
    z, weights = np.polynomial.hermite_e.hermegauss(nodes)
    shares = weights / weights.sum()
    reach = 1 / shares[-1] - 1
    if variance >= 0.99 * reach:
        raise ParameterError(
            f"{nodes} nodes cannot have a variance of {variance:g} ({0.99 * reach:.3g} is the most); "
            "take more nodes"
        )
    low, high = 0.0, 1.0
    while _with_mean_one(np.exp(high * (z - z[-1])), shares).variance < variance:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _with_mean_one(np.exp(middle * (z - z[-1])), shares).variance < variance:
            low = middle
        else:
            high = middle
    return _with_mean_one(np.exp(high * (z - z[-1])), shares)


def frailty_classes(multipliers: ArrayLike, shares: ArrayLike) -> Frailty:
    """Return stated classes of families, scaled so that the mean multiplier is 1.

    Parameters
    ----------
    multipliers : array_like, shape (N,)
        Of hazards, against each other: only their ratios count. At least 0, not all 0.
    shares : array_like, shape (N,)
        Of families in each class; they sum to one.

    Returns
    -------
    Frailty

    Raises
    ------
    ParameterError
        With everything that is wrong.

    Examples
    --------
    A tenth of the families escalates four times as often as the others:

    >>> frailty = frailty_classes([1, 4], [0.9, 0.1])
    >>> frailty.multipliers.round(3), round(frailty.variance, 3)
    (array([0.769, 3.077]), 0.479)
    """
    by, share = np.asarray(multipliers, dtype=float), np.asarray(shares, dtype=float)
    faults = []
    if by.ndim != 1 or by.shape != share.shape:
        raise ParameterError(f"{by.size} multipliers do not fit {share.size} shares; give one share for each")
    if not (np.isfinite(by) & (by >= 0)).all() or not (by * share > 0).any():
        faults.append(
            "a multiplier is negative or not a number, or all are 0; give hazards against each other"
        )
    if not (share >= 0).all() or abs(share.sum() - 1) > _ROUNDING:
        faults.append(f"the shares of families sum to {share.sum():.6g} or are negative; they sum to 1")
    if faults:
        raise ParameterError("\n".join(faults))
    return _with_mean_one(by, share)


def _with_mean_one(multipliers: Array, shares: Array) -> Frailty:
    parts = shares / shares.sum()
    return Frailty(multipliers / (parts @ multipliers), parts)


def _check(variance: float, nodes: int) -> None:
    faults = []
    if not (np.isfinite(variance) and variance >= 0):
        faults.append(f"the variance of frailty is {variance:g}; give a number from 0 on")
    if nodes < 2:
        faults.append(f"{nodes} nodes cannot differ; take at least 2")
    if faults:
        raise ParameterError("\n".join(faults))
