"""Characteristics of families: how they change hazards, and families alike as one profile with a weight."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import ParameterError
from communitybudget._core.streams import stream

Array = NDArray[np.float64]

_TOLERANCE = 1e-10
_LARGEST = 700.0


@dataclass(frozen=True, slots=True, eq=False)
class MergedProfiles:
    """Families with the same characteristics as one profile.

    Parameters
    ----------
    profiles : ndarray, shape (P, B)
        Each different row once, in the order in which it first comes.
    weights : ndarray, shape (P,)
        How many families have it.
    of_family : ndarray of int, shape (N,)
        Which profile each family has, so that ``profiles[of_family]`` is the table again.
    """

    profiles: Array
    weights: Array
    of_family: NDArray[np.intp]


def log_hazard(baseline: ArrayLike, coefficients: ArrayLike, covariates: ArrayLike) -> Array:
    """Return hazards by proportional hazards: baseline times exp(covariates times coefficients).

    Parameters
    ----------
    baseline : array_like, scalar, shape (D,) or (P, D)
        Hazard where all covariates are 0, at least 0.
    coefficients : array_like, shape (B,) or (B, D)
        Logarithms of the hazard ratios of a step of 1.
    covariates : array_like, shape (P, B)
        Of each profile.

    Returns
    -------
    ndarray, shape (P,) or (P, D)

    Raises
    ------
    ParameterError
        If shapes do not fit, or a baseline is negative.

    Examples
    --------
    >>> log_hazard(0.01, np.log([2.0, 1.5]), [[0, 0], [1, 0], [1, 1]]).round(4)
    array([0.01, 0.02, 0.03])
    """
    base, effect = _base_and_effect(baseline, coefficients, covariates, np.inf)
    return np.asarray(base * np.exp(effect))


def logit_probability(baseline: ArrayLike, coefficients: ArrayLike, covariates: ArrayLike) -> Array:
    """Return probabilities by logistic regression: baseline odds times exp(covariates times coefficients).

    Parameters
    ----------
    baseline : array_like, scalar, shape (D,) or (P, D)
        Probability where all covariates are 0; 0 and 1 stay what they are.
    coefficients : array_like, shape (B,) or (B, D)
        Logarithms of the odds ratios of a step of 1.
    covariates : array_like, shape (P, B)
        Of each profile.

    Returns
    -------
    ndarray, shape (P,) or (P, D)

    Raises
    ------
    ParameterError
        If shapes do not fit, or a baseline lies outside 0 to 1.

    Examples
    --------
    >>> logit_probability(0.2, np.log([4.0]), [[0], [1]])
    array([0.2, 0.5])
    """
    base, effect = _base_and_effect(baseline, coefficients, covariates, 1.0)
    odds = np.exp(np.clip(effect, -_LARGEST, _LARGEST))
    # of the two forms the one whose exponential does not grow
    low = base * np.minimum(odds, 1.0) / (1 - base + base * np.minimum(odds, 1.0))
    high = base / ((1 - base) / np.maximum(odds, 1.0) + base)
    return np.asarray(np.where(odds <= 1, low, high))


def coefficient_draws(means: ArrayLike, covariance: ArrayLike, draws: int, seed: int, name: str) -> Array:
    """Draw the coefficients of a regression, correlated as their estimates are.

    Multivariate normal. Each coefficient has a random stream of its own, so that one added at the end leaves
    the others' draws as they are.

    Parameters
    ----------
    means : array_like, shape (B,)
    covariance : array_like, shape (B, B)
        Of the estimates; positive semidefinite. A variance of 0 is a coefficient taken as known.
    draws : int
        How many, D.
    seed : int
        Any whole number from 0.
    name : str
        Of the regression; the streams are named after it.

    Returns
    -------
    ndarray, shape (B, D)

    Raises
    ------
    ParameterError
        If the covariance does not fit the means, is not symmetric or not positive semidefinite.

    Examples
    --------
    >>> drawn = coefficient_draws(
    ...     [0.5, -0.2], [[0.04, 0.01], [0.01, 0.09]], draws=20_000, seed=1, name="care"
    ... )
    >>> np.cov(drawn).round(2)
    array([[0.04, 0.01],
           [0.01, 0.09]])
    """
    mean, v = np.asarray(means, dtype=float), np.asarray(covariance, dtype=float)
    if mean.ndim != 1 or v.shape != (mean.size, mean.size):
        raise ParameterError(
            f"means have shape {mean.shape} and the covariance {v.shape}; give (B,) and (B, B), in one order"
        )
    if not (np.isfinite(mean).all() and np.isfinite(v).all()):
        raise ParameterError("a mean or covariance is not a number; fill what is missing")
    scale = max(float(np.abs(v).max(initial=0.0)), 1e-300)
    if np.abs(v - v.T).max(initial=0.0) > _TOLERANCE * scale:
        raise ParameterError("the covariance is not symmetric; the covariance of two estimates has one value")
    values = np.linalg.eigvalsh(v)
    if values.min(initial=0.0) < -_TOLERANCE * scale:
        raise ParameterError(
            f"the covariance is not positive semidefinite (smallest eigenvalue {values.min():.3g}), so its "
            "correlations cannot all hold; take it whole and unrounded from one regression, or set some to 0"
        )
    normals = np.array([stream(seed, f"{name}[{b}]").standard_normal(draws) for b in range(mean.size)])
    drawn = np.repeat(mean[:, None], draws, axis=1)
    for b, row in enumerate(_lower_factor(v, scale)):
        for earlier in range(b + 1):
            drawn[b] += row[earlier] * normals[earlier]
    return drawn


def merge_profiles(table: Any) -> MergedProfiles:
    """Merge families with exactly the same characteristics; results by weight are exact, not approximate.

    Parameters
    ----------
    table : array_like or DataFrame, shape (N, B)
        Numbers: one row a family, one column a covariate.

    Returns
    -------
    MergedProfiles
        Time grows as N log N.

    Raises
    ------
    ParameterError
        If the table is empty, or holds something that is not a number.

    Examples
    --------
    >>> merged = merge_profiles([[1, 0], [0, 3], [1, 0], [1, 1]])
    >>> merged.weights, merged.of_family
    (array([2., 1., 1.]), array([0, 1, 0, 2]))
    """
    try:
        # adding 0 makes one zero of the two that floats have
        rows = np.asarray(table, dtype=float) + 0.0
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"a characteristic is not a number ({error}); code words as 0 and 1 first"
        ) from None
    if rows.ndim != 2 or not rows.size:
        raise ParameterError(
            f"the table has shape {rows.shape}; give one row a family, one column a covariate"
        )
    if not np.isfinite(rows).all():
        where = np.argwhere(~np.isfinite(rows))[0].tolist()
        raise ParameterError(f"row {where[0]}, column {where[1]} is missing; fill it or leave the family out")
    order = np.lexsort(rows.T[::-1])
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (rows[order[1:]] != rows[order[:-1]]).any(axis=1)
    group = np.cumsum(begins) - 1
    # the sort is stable, so the first of a group is the family that comes first
    first = order[begins]
    rank = np.empty(first.size, dtype=np.intp)
    rank[np.argsort(first)] = np.arange(first.size)
    of_family = np.empty(len(rows), dtype=np.intp)
    of_family[order] = rank[group]
    return MergedProfiles(rows[np.sort(first)], np.bincount(of_family).astype(float), of_family)


def _base_and_effect(
    baseline: ArrayLike, coefficients: ArrayLike, covariates: ArrayLike, highest: float
) -> tuple[Array, Array]:
    base, b, x = (np.asarray(part, dtype=float) for part in (baseline, coefficients, covariates))
    if x.ndim != 2 or b.ndim not in (1, 2) or b.shape[0] != x.shape[1]:
        raise ParameterError(
            f"coefficients have shape {b.shape} and covariates {x.shape}; give (B,) or (B, D) and (P, B)"
        )
    if not ((base >= 0) & (base <= highest) & np.isfinite(base)).all():
        limit = "from 0 on" if np.isinf(highest) else "from 0 to 1"
        raise ParameterError(f"a baseline is out of range; give hazards or probabilities {limit}")
    column = x[:, :, None] if b.ndim == 2 or base.ndim else x
    effect = np.zeros(column.shape[:1] + np.broadcast_shapes(column.shape[2:], b.shape[1:]))
    # summed in order, so that a block of draws gives the same bits as all of them
    for k in range(x.shape[1]):
        effect += column[:, k] * b[k]
    return base, effect


def _lower_factor(v: Array, scale: float) -> Array:
    """Return L with L L' = v (Cholesky), where pivots may be 0."""
    factor = np.zeros_like(v)
    for j in range(len(v)):
        rest = v[j:, j] - factor[j:, :j] @ factor[j, :j]
        if rest[0] > _TOLERANCE * scale:
            factor[j:, j] = rest / np.sqrt(rest[0])
    return factor
