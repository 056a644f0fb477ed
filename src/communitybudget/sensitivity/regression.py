"""Least squares with the smallest coefficients, shared by rank regression and variance shares."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray

_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A least-squares fit of minimum norm.

    Parameters
    ----------
    coefficients : ndarray, shape (term, target)
        One column per target.
    correlation : ndarray, shape (term, term)
        Of the terms.
    inverse : ndarray, shape (term, term)
        Pseudo-inverse of ``correlation``; times the residual variance over the number of draws it is the
        covariance of the coefficients.
    rank : int
        How many terms are linearly independent.
    freedom : int
        Draws left over for the residual variance, at least 1.
    collinear : ndarray of bool, shape (term,)
        Terms that are linear combinations of others, so that their effects cannot be told apart.
    """

    coefficients: FloatArray
    correlation: FloatArray
    inverse: FloatArray
    rank: int
    freedom: int
    collinear: npt.NDArray[np.bool_]


def least_squares(terms: FloatArray, targets: FloatArray) -> Fit:
    """Regress targets on terms jointly; of all best fits, take the one with the smallest coefficients.

    Parameters
    ----------
    terms : ndarray, shape (draw, term)
        With mean zero and variance one.
    targets : ndarray, shape (draw, target)
        With mean zero.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If there are not more draws than independent terms plus the mean.

    Examples
    --------
    >>> term = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    >>> least_squares(term, 3 * term).coefficients
    array([[3.]])
    """
    draws = terms.shape[0]
    correlation = terms.T @ terms / draws
    sizes, directions = np.linalg.eigh(correlation)
    kept = sizes > _SINGULAR * max(float(sizes[-1]), 1.0) if sizes.size else np.zeros(0, dtype=bool)
    rank = int(kept.sum())
    freedom = draws - rank - 1
    if freedom < 1:
        raise ValueError(
            f"{draws} draws cannot tell {terms.shape[1]} terms apart; run more draws, several times as many"
        )
    base = directions[:, kept]
    inverse = (base / sizes[kept]) @ base.T
    return Fit(
        coefficients=inverse @ (terms.T @ targets / draws),
        correlation=correlation,
        inverse=inverse,
        rank=rank,
        freedom=freedom,
        collinear=(np.abs(directions[:, ~kept]) > 1e-6).any(axis=1),
    )


def standardise(columns: FloatArray) -> FloatArray:
    """Return columns with mean zero and variance one; every column must vary.

    Examples
    --------
    >>> standardise(np.array([[1.0], [3.0]]))
    array([[-1.], [ 1.]])
    """
    centred = columns - columns.mean(axis=0)
    scaled: FloatArray = centred / np.sqrt(np.mean(centred**2, axis=0))
    return scaled
