"""Mean and standard deviation of every form of distribution."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from communitybudget.parameters.distributions import Distribution

_FARTHEST, _STEPS = 9.0, 9_001


def mean_of(distribution: "Distribution") -> float:
    """Return the mean."""
    n = distribution.numbers
    match distribution.kind:
        case "fixed" | "normal":
            return n[0]
        case "two_piece_normal":
            return n[0] + (n[2] - n[1]) / math.sqrt(2 * math.pi)
        case "lognormal":
            return n[0] * math.exp(n[1] ** 2 / 2)
        case "two_piece_lognormal":
            return n[0] * (
                math.exp(n[1] ** 2 / 2) * _phi(-n[1]) + math.exp(n[2] ** 2 / 2) * (1 - _phi(-n[2]))
            )
        case "two_piece_logit" | "truncated" | "tabulated":
            return _by_quadrature(distribution)[0]
        case "gamma":
            return n[0] * n[1]
        case "beta":
            return n[0] / (n[0] + n[1])
        case "pert":
            return n[2] + (n[3] - n[2]) * n[0] / (n[0] + n[1])
        case "triangular":
            return sum(n) / 3
        case "uniform":
            return (n[0] + n[1]) / 2
        case "discrete":
            return sum(v * w for v, w in zip(*halves(n), strict=True))
        case "mixture":
            return sum(w * part.mean for w, part in zip(n, distribution.parts, strict=True))
        case "empirical":
            return sum((a + b) / 2 for a, b in pairwise(n)) / (len(n) - 1)


def sd_of(distribution: "Distribution") -> float:
    """Return the standard deviation."""
    n = distribution.numbers
    match distribution.kind:
        case "fixed":
            return 0.0
        case "normal":
            return n[1]
        case "two_piece_normal":
            return math.sqrt((n[1] ** 2 + n[2] ** 2) / 2 - (n[2] - n[1]) ** 2 / (2 * math.pi))
        case "lognormal":
            return distribution.mean * math.sqrt(math.expm1(n[1] ** 2))
        case "gamma":
            return n[1] * math.sqrt(n[0])
        case "beta":
            return _beta_sd(n[0], n[1])
        case "pert":
            return (n[3] - n[2]) * _beta_sd(n[0], n[1])
        case "triangular":
            low, mode, high = n
            return math.sqrt(((high - low) ** 2 - (mode - low) * (high - mode)) / 18)
        case "uniform":
            return (n[1] - n[0]) / math.sqrt(12)
        case "discrete":
            values, weights = halves(n)
            centre = distribution.mean
            return math.sqrt(sum(w * (v - centre) ** 2 for v, w in zip(values, weights, strict=True)))
        case "mixture":
            centre = distribution.mean
            return math.sqrt(
                sum(
                    w * (part.sd**2 + (part.mean - centre) ** 2)
                    for w, part in zip(n, distribution.parts, strict=True)
                )
            )
        case "empirical":
            centre = distribution.mean
            off = [value - centre for value in n]
            squares = sum(a * a + a * b + b * b for a, b in pairwise(off))
            return math.sqrt(squares / 3 / (len(n) - 1))
        case "two_piece_lognormal" | "two_piece_logit" | "truncated" | "tabulated":
            return _by_quadrature(distribution)[1]


def _phi(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _beta_sd(a: float, b: float) -> float:
    return math.sqrt(a * b / (a + b + 1)) / (a + b)


def halves(numbers: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the values and the weights of a discrete distribution.

    Examples
    --------
    >>> halves((1.0, 2.0, 0.3, 0.7))
    ((1.0, 2.0), (0.3, 0.7))
    """
    middle = len(numbers) // 2
    return numbers[:middle], numbers[middle:]


def _by_quadrature(distribution: "Distribution") -> tuple[float, float]:
    """Return mean and standard deviation by the trapezium rule over the standard normal number."""
    import numpy as np

    from communitybudget.parameters.inverses import from_normal

    z = np.linspace(-_FARTHEST, _FARTHEST, _STEPS)
    weights = np.exp(-z * z / 2)
    weights /= weights.sum()
    values = from_normal(distribution, z)
    mean = float((weights * values).sum())
    return mean, float(np.sqrt((weights * (values - mean) ** 2).sum()))
