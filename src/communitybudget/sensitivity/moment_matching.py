"""Moment matching: how much of what the inputs explain a study of some size would resolve."""

from dataclasses import dataclass

import numpy as np

from communitybudget.sensitivity.draws import FloatArray
from communitybudget.sensitivity.study_likelihood import Weighted

_GRID = 400
_GROUPS = 10
_SMALL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Directions in which the expected net benefits vary, independent of each other and of unit variance.

    Parameters
    ----------
    mean : ndarray, shape (target,)
    scores : ndarray, shape (draw, direction)
        Of each draw, with mean zero, variance one and no correlation.
    back : ndarray, shape (direction, target)
        ``mean + scores @ back`` are the expected net benefits again.
    """

    mean: FloatArray
    scores: FloatArray
    back: FloatArray


def independent_axes(expected: FloatArray) -> Axes:
    """Return the directions in which some columns vary.

    Examples
    --------
    >>> axes = independent_axes(np.array([[0.0, 0.0], [2.0, 4.0]]))
    >>> axes.scores.shape, (axes.mean + axes.scores @ axes.back).round(9).tolist()
    ((2, 1), [[0.0, 0.0], [2.0, 4.0]])
    """
    mean = expected.mean(axis=0)
    centred = expected - mean
    sizes, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    kept = sizes > _SMALL * max(float(sizes.max(initial=0.0)), np.finfo(np.float64).tiny)
    spread = np.sqrt(sizes[kept])
    return Axes(mean, centred @ directions[:, kept] / spread, (directions[:, kept] * spread).T)


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """Shares of the variance that studies of several sizes resolve.

    Parameters
    ----------
    turn : ndarray, shape (direction, direction)
        Orthogonal; its columns are the directions to which the shares belong.
    share : ndarray, shape (size, direction)
        Between 0 and 1, rising with the size.
    without : ndarray, shape (group, size, direction)
        The same with one group of made-up studies left out, for their error.
    """

    turn: FloatArray
    share: FloatArray
    without: FloatArray

    def expected(self, axes: Axes, share: FloatArray) -> FloatArray:
        """Return net benefits expected after the study: those of the inputs drawn in to the mean.

        Parameters
        ----------
        axes : Axes
        share : ndarray, shape (direction,)

        Returns
        -------
        ndarray, shape (draw, target)
        """
        return axes.mean + axes.scores @ self.contraction(share) @ axes.back

    def contraction(self, share: FloatArray) -> FloatArray:
        """Return the matrix that draws scores in, shape (direction, direction)."""
        drawn_in: FloatArray = (self.turn * np.sqrt(share)) @ self.turn.T
        return drawn_in


def resolved(left: FloatArray, made_with: FloatArray, sizes: FloatArray) -> Resolved:
    """Fit the curve ``limit * n / (n + half)`` to what made-up studies leave uncertain.

    Parameters
    ----------
    left : ndarray, shape (study, direction, direction)
        Covariance of the scores after each made-up study.
    made_with : ndarray, shape (study,)
        Families whose records counted in it.
    sizes : ndarray, shape (size,)
        Families whose records would count.

    Returns
    -------
    Resolved

    Notes
    -----
    The curve is exact for a normal input with normal data and for a beta with binomial data, where ``half``
    is what the prior is worth in families and ``limit`` is 1. A study that leaves something open however
    large it is, such as one with a bias, has a lower limit. Source: A. Heath, I. Manolopoulou and G. Baio,
    Medical Decision Making 39 (2019), where the limit is 1.

    Examples
    --------
    >>> made = np.tile([10.0, 40.0], 10)
    >>> found = resolved((10 / (10 + made))[:, None, None], made, np.array([30.0]))
    >>> found.share.round(2)
    array([[0.75]])
    """
    _, turn = np.linalg.eigh(left.mean(axis=0))
    found = 1 - np.einsum("qij,ik,jk->qk", left, turn, turn)
    group = np.arange(len(left)) % _GROUPS
    share = _curves(found, made_with, sizes)
    without = [_curves(found[group != g], made_with[group != g], sizes) for g in range(_GROUPS)]
    return Resolved(turn, share, np.array(without))


def _curves(found: FloatArray, made_with: FloatArray, sizes: FloatArray) -> FloatArray:
    """Return the least-squares curve of each direction at some sizes, shape (size, direction)."""
    ends = (1e-4 * made_with.min(), 1e4 * made_with.max())
    share = np.empty((len(sizes), found.shape[1]))
    for direction, target in enumerate(found.T):
        half = np.geomspace(*ends, _GRID)
        for _ in range(2):
            curve = made_with / (made_with + half[:, np.newaxis])
            limit = np.clip(curve @ target / np.einsum("hq,hq->h", curve, curve), 0.0, 1.0)
            misfit = ((target - limit[:, np.newaxis] * curve) ** 2).sum(axis=1)
            best = int(misfit.argmin())
            chosen = limit[best] * sizes / (sizes + half[best])
            half = np.geomspace(half[max(best - 1, 0)], half[min(best + 1, _GRID - 1)], _GRID)
        share[:, direction] = chosen
    return share


def covariance_left(weighted: Weighted, scores: FloatArray) -> FloatArray:
    """Return the covariance of the scores after each made-up study, shape (study, direction, direction)."""
    mean = weighted.weights @ scores
    products = np.einsum("id,ie->ide", scores, scores).reshape(len(scores), -1)
    raw = (weighted.weights @ products).reshape(len(mean), scores.shape[1], -1)
    # Weighted draws are fewer than they seem; as with n - 1 for n.
    correction = 1 / np.maximum(1 - 1 / weighted.effective_draws, _SMALL)
    left: FloatArray = (raw - np.einsum("qd,qe->qde", mean, mean)) * correction[:, np.newaxis, np.newaxis]
    return left
