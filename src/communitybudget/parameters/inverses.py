"""From standard normal numbers to any distribution, fast: closed forms and checked tables."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from communitybudget.parameters.distributions import Distribution
from communitybudget.parameters.moments import halves

Array = NDArray[np.float64]

_REACH = 6.0
TABULATED_REACH = 6.0
_STEPS = (512, 1024)
_TOLERANCE = 1e-8


def from_normal(distribution: Distribution, z: Array) -> Array:
    """Return draws of a distribution from standard normal numbers, rank for rank.

    Parameters
    ----------
    distribution : Distribution
        The marginal.
    z : ndarray, shape (D,)
        Standard normal.

    Returns
    -------
    ndarray, shape (D,)
        Increasing in ``z``. Beta, gamma and PERT go through a table that is checked against the
        exact inverse at its mid-points; where it errs by more than 1e-8 (relative) the exact
        inverse is used. A mixture is inverted by halving, to the last digit or so.

    Examples
    --------
    >>> from_normal(Distribution("lognormal", (2.0, 0.5)), np.array([0.0]))
    array([2.])
    """
    n = distribution.numbers
    match distribution.kind:
        case "fixed":
            return np.full(z.shape, n[0])
        case "normal":
            return n[0] + n[1] * z
        case "two_piece_normal":
            return n[0] + z * np.where(z < 0, n[1], n[2])
        case "lognormal":
            return n[0] * np.exp(n[1] * z)
        case "two_piece_lognormal":
            return n[0] * np.exp(z * np.where(z < 0, n[1], n[2]))
        case "two_piece_logit":
            centre = math.log(n[0] / (1 - n[0]))
            return 1 / (1 + np.exp(-(centre + z * np.where(z < 0, n[1], n[2]))))
        case "gamma":
            return n[1] * _by_table("gamma", (n[0],), z)
        case "beta":
            return _by_table("beta", (n[0], n[1]), z)
        case "pert":
            return n[2] + (n[3] - n[2]) * _by_table("beta", (n[0], n[1]), z)
        case "triangular":
            return _triangular(n, _normal_cdf(z))
        case "uniform":
            return n[0] + (n[1] - n[0]) * _normal_cdf(z)
        case "truncated":
            return _truncated(distribution, z)
        case "discrete":
            return _discrete(n, z)
        case "mixture":
            from communitybudget.parameters.mixtures import mixture_from_normal

            return mixture_from_normal(distribution, z)
        case "empirical":
            return np.interp(_normal_cdf(z) * (len(n) - 1), np.arange(len(n)), n)
        case "tabulated":
            return np.interp(z, np.linspace(-TABULATED_REACH, TABULATED_REACH, len(n)), n)


def exactly_from_normal(distribution: Distribution, z: Array) -> Array:
    """Return what `from_normal` gives, without a table: slower for many numbers, faster for a few.

    Examples
    --------
    >>> exactly_from_normal(Distribution("beta", (2.0, 2.0)), np.array([0.0]))
    array([0.5])
    """
    n = distribution.numbers
    match distribution.kind:
        case "gamma":
            return n[1] * _exact("gamma", (n[0],), z)
        case "beta":
            return _exact("beta", (n[0], n[1]), z)
        case "pert":
            return n[2] + (n[3] - n[2]) * _exact("beta", (n[0], n[1]), z)
        case _:
            return from_normal(distribution, z)


def _normal_cdf(z: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=float)


def _triangular(numbers: tuple[float, ...], u: Array) -> Array:
    """Return triangular numbers from uniform ones, which are used up.

    Both sides of the mode are held at the mode where they do not apply, so that no draw is looked at twice.
    """
    low, mode, high = numbers
    width = high - low
    turn = (mode - low) / width
    short = np.maximum(u, turn)
    np.subtract(1, short, out=short)
    short *= width * (high - mode)
    np.sqrt(short, out=short)
    np.minimum(u, turn, out=u)
    u *= width * (mode - low)
    np.sqrt(u, out=u)
    # below the mode this takes off nothing, to the last bit: small numbers keep their digits
    np.subtract(math.sqrt((1 - turn) * (width * (high - mode))), short, out=short)
    u += short
    u += low
    return u


def _truncated(distribution: Distribution, z: Array) -> Array:
    """Return draws of the part between two limits, into which its ranks are squeezed."""
    from communitybudget.parameters.tails import scores, tails

    (part,), limits = distribution.parts, np.array(distribution.numbers)
    below, above = tails(part, limits)
    rank, from_top = _normal_cdf(z), _normal_cdf(-z)
    inner = scores(from_top * below[0] + rank * below[1], from_top * above[0] + rank * above[1])
    return np.asarray(np.clip(from_normal(part, inner), *limits), dtype=float)


def _discrete(numbers: tuple[float, ...], z: Array) -> Array:
    from scipy.special import ndtri

    values, weights = halves(numbers)
    turns = ndtri(np.cumsum(weights)[:-1])
    return np.array(values)[np.searchsorted(turns, z)]


def _exact(family: str, shape: tuple[float, ...], z: Array) -> Array:
    from scipy.special import betainccinv, betaincinv, gammainccinv, gammaincinv, ndtr

    lower, upper = ndtr(z), ndtr(-z)
    # the upper tail is taken from the complement, which keeps its digits
    if family == "gamma":
        return np.asarray(
            np.where(z < 0, gammaincinv(shape[0], lower), gammainccinv(shape[0], upper)), dtype=float
        )
    return np.asarray(np.where(z < 0, betaincinv(*shape, lower), betainccinv(*shape, upper)), dtype=float)


def _density(family: str, shape: tuple[float, ...], x: Array) -> Array:
    from scipy.special import betaln, gammaln, xlog1py, xlogy

    if family == "gamma":
        log_density = xlogy(shape[0] - 1, x) - x - gammaln(shape[0])
    else:
        log_density = xlogy(shape[0] - 1, x) + xlog1py(shape[1] - 1, -x) - betaln(*shape)
    return np.asarray(np.exp(log_density), dtype=float)


@lru_cache(maxsize=512)
def _table(family: str, shape: tuple[float, ...]) -> tuple[Array, Array] | None:
    """Return values and slopes at equal steps of z, or None where the table is not good enough."""
    if min(shape) < 1:
        return None
    for steps in _STEPS:
        z = np.linspace(-_REACH, _REACH, steps + 1)
        with np.errstate(all="ignore"):
            value = _exact(family, shape, z)
            slope = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) / _density(family, shape, value)
        if not (np.isfinite(value).all() and np.isfinite(slope).all()):
            return None
        middle = (z[:-1] + z[1:]) / 2
        # only where draws fall in practice: beyond |z| = 5 there is one draw in two million
        checked = middle[np.abs(middle) < 5][::7]
        error = np.abs(_interpolate(value, slope, checked) / _exact(family, shape, checked) - 1)
        if error.max() < _TOLERANCE:
            return value, slope
    return None


def _interpolate(value: Array, slope: Array, z: Array) -> Array:
    steps = value.size - 1
    step = 2 * _REACH / steps
    position = (z + _REACH) / step
    cell = np.clip(position.astype(np.int64), 0, steps - 1)
    t = position - cell
    s = 1 - t
    left, right = value[cell], value[cell + 1]
    return (
        (1 + 2 * t) * s * s * left
        + t * t * (1 + 2 * s) * right
        + step * t * s * (s * slope[cell] - t * slope[cell + 1])
    )


def _by_table(family: str, shape: tuple[float, ...], z: Array) -> Array:
    table = _table(family, shape)
    if table is None:
        return _exact(family, shape, z)
    result = _interpolate(*table, z)
    outside = np.abs(z) > 5
    if outside.any():
        result[outside] = _exact(family, shape, z[outside])
    return result
