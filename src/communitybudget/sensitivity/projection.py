"""Least-squares projection of several targets on many terms, with the leverage of each draw."""

from dataclasses import dataclass

import numpy as np

from communitybudget.sensitivity.draws import FloatArray

_RIDGE = 1e-9
"""Added to the unit diagonal of the terms' correlations, so that collinear terms do no harm."""

_ALONE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The fit of targets on the mean and some terms.

    Parameters
    ----------
    basis : ndarray, shape (draw, term)
        Orthonormal columns that span the terms less their means.
    fitted : ndarray, shape (draw, target)
        Fitted values.
    residual : ndarray, shape (draw, target)
        Targets less fitted values.
    leverage : ndarray, shape (draw,)
        Weight of each draw in its own fitted value, between 1 / draws and 1.
    """

    basis: FloatArray
    fitted: FloatArray
    residual: FloatArray
    leverage: FloatArray

    @property
    def freedom(self) -> float:
        """Number of independent terms, the mean left out."""
        return float(self.leverage.sum()) - 1.0

    @property
    def left_out(self) -> FloatArray:
        """Fitted values (draw, target) of each draw from the fit on all the other draws.

        A draw that alone decides one of the terms gets the mean.
        """
        alone = self.leverage > 1.0 - _ALONE
        weight = self.leverage / np.where(alone, 1.0, 1.0 - self.leverage)
        others = self.fitted - weight[:, np.newaxis] * self.residual
        return np.where(alone[:, np.newaxis], self.fitted.mean(axis=0), others)

    @property
    def explained(self) -> FloatArray:
        """Share (target,) of each target's variance that is fitted; 0 for a target that does not vary."""
        fitted = self.fitted.var(axis=0)
        total = fitted + self.residual.var(axis=0)
        return np.where(total > 0, fitted / np.where(total > 0, total, 1.0), 0.0)

    @property
    def chance(self) -> float:
        """Probability that terms of no meaning explain as much of any one target (F test, Bonferroni)."""
        from scipy.special import betainc

        rest = self.leverage.size - 1.0 - self.freedom
        if self.freedom < 0.5 or rest < 1 or not self.fitted.shape[1]:
            return 1.0
        missed = np.clip(1.0 - self.explained, 0.0, 1.0)
        return min(1.0, float(missed.size * betainc(rest / 2, self.freedom / 2, missed).min()))


def project(terms: FloatArray, targets: FloatArray) -> Projection:
    """Fit targets on the mean and some terms by least squares, through the normal equations.

    Parameters
    ----------
    terms : ndarray, shape (draw, term)
        Columns that vary. They may be collinear.
    targets : ndarray, shape (draw, target)

    Returns
    -------
    Projection

    Examples
    --------
    >>> line = np.arange(4.0)[:, np.newaxis]
    >>> project(line, 2 * line).fitted.round(6).ravel()
    array([0., 2., 4., 6.])
    """
    draws = terms.shape[0]
    mean = targets.mean(axis=0)
    basis = orthonormal(terms)
    fitted = mean + basis @ (basis.T @ (targets - mean))
    leverage = 1.0 / draws + np.einsum("ij,ij->i", basis, basis)
    return Projection(basis=basis, fitted=fitted, residual=targets - fitted, leverage=leverage)


def orthonormal(terms: FloatArray) -> FloatArray:
    """Return orthonormal columns that span the terms less their means.

    Examples
    --------
    >>> orthonormal(np.array([[1.0], [3.0]])).round(3)
    array([[-0.707],
           [ 0.707]])
    """
    centred = terms - terms.mean(axis=0)
    product = centred.T @ centred
    scale = 1.0 / np.sqrt(product.diagonal())
    correlation = product * np.outer(scale, scale)
    correlation[np.diag_indices_from(correlation)] += _RIDGE
    factor = np.linalg.inv(np.linalg.cholesky(correlation)) * scale
    spanned: FloatArray = centred @ factor.T
    return spanned
