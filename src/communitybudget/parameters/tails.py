"""How much of a distribution lies below and above a number: the way back from `from_normal`."""

import math

import numpy as np
import numpy.typing as npt

from communitybudget.parameters.distributions import Distribution
from communitybudget.parameters.inverses import TABULATED_REACH, Array
from communitybudget.parameters.moments import halves


def tails(distribution: Distribution, x: npt.ArrayLike) -> tuple[Array, Array]:
    """Return the shares at or below, and above, each number.

    Parameters
    ----------
    distribution : Distribution
        Of any kind.
    x : array_like, shape (...)
        In the unit of the distribution; infinite ones are allowed.

    Returns
    -------
    tuple of (ndarray, ndarray), shape (...)
        They sum to one; each keeps its digits where it is small.

    Examples
    --------
    >>> tails(Distribution("uniform", (0.0, 4.0)), [1.0])
    (array([0.25]), array([0.75]))
    """
    from scipy.special import ndtr

    x = np.asarray(x, dtype=np.float64)
    n = distribution.numbers
    match distribution.kind:
        case "fixed":
            return _jump(x >= n[0])
        case "discrete":
            values, weights = halves(n)
            return _steps(np.array(values), np.array(weights), x)
        case "gamma":
            return _gamma_tails(n[0], x / n[1])
        case "beta":
            return _beta_tails(n[0], n[1], x)
        case "pert":
            return _beta_tails(n[0], n[1], (x - n[2]) / (n[3] - n[2]))
        case "triangular":
            return _triangular_tails(n, x)
        case "uniform":
            below = np.clip((x - n[0]) / (n[1] - n[0]), 0, 1)
            return below, np.clip((n[1] - x) / (n[1] - n[0]), 0, 1)
        case "truncated":
            return _truncated_tails(distribution, x)
        case "mixture":
            parts = [tails(part, x) for part in distribution.parts]
            return _weighted(n, [p[0] for p in parts]), _weighted(n, [p[1] for p in parts])
        case "empirical":
            below = _rank_of(np.array(n), x)
            return below, 1 - below
        case "tabulated":
            last = len(n) - 1
            z = TABULATED_REACH * (2 * _rank_of(np.array(n), x) - 1)
            z = np.where(x < n[0], -np.inf, np.where(x >= n[last], np.inf, z))
        case _:
            z = _scores_of(distribution, x)
    return np.asarray(ndtr(z)), np.asarray(ndtr(-z))


def scores(below: Array, above: Array) -> Array:
    """Return the standard normal numbers that have these shares below and above them.

    Examples
    --------
    >>> scores(np.array([0.5]), np.array([0.5]))
    array([0.])
    """
    from scipy.special import ndtri

    return np.asarray(np.where(below < above, ndtri(below), -ndtri(above)), dtype=np.float64)


def _scores_of(distribution: Distribution, x: Array) -> Array:
    """Return the standard normal numbers from which the normal forms reach ``x``."""
    n = distribution.numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        match distribution.kind:
            case "normal":
                return np.asarray((x - n[0]) / n[1], dtype=np.float64)
            case "lognormal":
                return np.log(np.maximum(x, 0) / n[0]) / n[1]
            case "two_piece_normal":
                off = x - n[0]
            case "two_piece_lognormal":
                off = np.log(np.maximum(x, 0) / n[0])
            case _:
                share = np.clip(x, 0, 1)
                off = np.log(share) - np.log1p(-share) - math.log(n[0] / (1 - n[0]))
        # a half without spread is heaped at the median: whoever stands there has all of it below
        above = off / n[2] if n[2] > 0 else np.full(off.shape, np.inf)
        return np.asarray(np.where(off < 0, off / n[1] if n[1] > 0 else -np.inf, above))


def _jump(reached: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    below = reached.astype(np.float64)
    return below, 1 - below


def _steps(values: Array, weights: Array, x: Array) -> tuple[Array, Array]:
    reached = np.searchsorted(values, x, side="right")
    below = np.concatenate([[0.0], np.cumsum(weights)[:-1], [1.0]])
    above = np.concatenate([[1.0], np.cumsum(weights[::-1])[::-1][1:], [0.0]])
    return below[reached], above[reached]


def _gamma_tails(shape: float, x: Array) -> tuple[Array, Array]:
    from scipy.special import gammainc, gammaincc

    x = np.maximum(x, 0)
    return np.asarray(gammainc(shape, x)), np.asarray(gammaincc(shape, x))


def _beta_tails(a: float, b: float, x: Array) -> tuple[Array, Array]:
    from scipy.special import betainc, betaincc

    x = np.clip(x, 0, 1)
    return np.asarray(betainc(a, b, x)), np.asarray(betaincc(a, b, x))


def _triangular_tails(numbers: tuple[float, ...], x: Array) -> tuple[Array, Array]:
    low, mode, high = numbers
    width, x = high - low, np.clip(x, low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = (x - low) ** 2 / (width * (mode - low))
        falling = (high - x) ** 2 / (width * (high - mode))
    return np.where(x < mode, rising, 1 - falling), np.where(x < mode, 1 - rising, falling)


def _truncated_tails(distribution: Distribution, x: Array) -> tuple[Array, Array]:
    (part,), limits = distribution.parts, np.array(distribution.numbers)
    below, above = tails(part, np.clip(x, *limits))
    (below_low, below_high), (above_low, above_high) = tails(part, limits)
    # differences are taken in the tail in which the limits lie, where they keep their digits
    mass = above_low - above_high if below_low > 0.5 else below_high - below_low
    from_low = above_low - above if below_low > 0.5 else below - below_low
    to_high = below_high - below if below_high < 0.5 else above - above_high
    return np.clip(from_low / mass, 0, 1), np.clip(to_high / mass, 0, 1)


def _rank_of(values: Array, x: Array) -> Array:
    """Return the share of the way through ascending values, by straight lines between them."""
    last = values.size - 1
    at = np.clip(np.searchsorted(values, x, side="right") - 1, 0, last - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (x - values[at]) / (values[at + 1] - values[at])
    return np.where(x < values[0], 0.0, np.where(x >= values[last], 1.0, (at + between) / last))


def _weighted(weights: tuple[float, ...], shares: list[Array]) -> Array:
    found = np.zeros(shares[0].shape)
    for weight, share in zip(weights, shares, strict=True):
        found += weight * share
    return found
