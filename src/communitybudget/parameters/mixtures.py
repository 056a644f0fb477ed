"""The inverse of a mixture: which number has so much of all its parts below it."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from communitybudget.parameters.distributions import Distribution
from communitybudget.parameters.inverses import Array, from_normal
from communitybudget.parameters.moments import halves
from communitybudget.parameters.tails import tails

_GRID = np.linspace(-8.5, 8.5, 545)
_HALVINGS = 48


def mixture_from_normal(distribution: Distribution, z: Array) -> Array:
    """Return draws of a mixture from standard normal numbers, rank for rank.

    Each draw is bracketed by two values of the parts and halved in between, as often for any draw, so that
    none depends on the others. Draws that fall on a value with weight of its own are that value exactly.

    Parameters
    ----------
    distribution : Distribution
        Of the kind ``mixture``.
    z : ndarray, shape (D,)
        Standard normal.
    """
    from scipy.special import ndtr

    rank, from_top = ndtr(z), ndtr(-z)

    def reaches(x: Array) -> NDArray[np.bool_]:
        below, above = tails(distribution, x)
        return np.asarray(np.where(z < 0, below >= rank, above <= from_top), dtype=np.bool_)

    known = np.unique(np.concatenate([from_normal(part, _GRID) for part in distribution.parts]))
    below, above = tails(distribution, known)
    at = np.where(z < 0, np.searchsorted(below, rank), np.searchsorted(-above, -from_top))
    low, high = known[np.maximum(at - 1, 0)], known[np.minimum(at, known.size - 1)]
    heaped = np.full(z.shape, np.nan)
    for value in point_masses(distribution):
        before = np.nextafter(value, -np.inf)
        heaped[reaches(np.full(z.shape, value)) & ~reaches(np.full(z.shape, before))] = value
    for _ in range(_HALVINGS):
        middle = low + (high - low) / 2
        enough = reaches(middle)
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return np.where(np.isnan(heaped), high, heaped)


def point_masses(distribution: Distribution) -> tuple[float, ...]:
    """Return the values that have weight of their own, ascending.

    Examples
    --------
    >>> point_masses(Distribution("discrete", (1.0, 2.0, 0.3, 0.7)))
    (1.0, 2.0)
    """
    n = distribution.numbers
    match distribution.kind:
        case "fixed":
            return n
        case "discrete":
            return halves(n)[0]
        case "mixture":
            return tuple(sorted({value for part in distribution.parts for value in point_masses(part)}))
        case "empirical" | "tabulated":
            return tuple(sorted({a for a, b in pairwise(n) if a == b}))
        case "two_piece_normal" | "two_piece_lognormal" | "two_piece_logit":
            return () if n[1] > 0 and n[2] > 0 else (n[0],)
        case _:
            return ()
