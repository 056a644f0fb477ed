"""Least-squares regressions that grow term by term, with the leverage of each draw."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget.sensitivity.draws import FloatArray

CHANCE = 0.001
"""Terms count as explaining something when terms of no meaning explain as much in fewer samples than this."""
_COLLINEAR = 1e-9
"""Share of a term's sum of squares below which what the other terms leave of it is rounding."""
_ROUNDING = 1e-24
"""Square of a spread, over that of the mean, that is rounding."""
_ROUNDING_SHARE = 1e-18
"""Share of a sum of squares that is rounding."""
_ALONE = 1e-6
"""A draw whose leverage is so near 1 decides a term alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """The fit of targets on their mean and some terms.

    Parameters
    ----------
    basis : ndarray, shape (draw, term)
        Orthonormal columns that span the terms less their means.
    weights : ndarray, shape (term, target)
        Share of the least-squares coefficient of each column that is taken: 1 unless it is shrunk.
    fitted : ndarray, shape (draw, target)
        Fitted values.
    residual : ndarray, shape (draw, target)
        Targets less fitted values.

    Examples
    --------
    >>> line = np.arange(4.0)[:, np.newaxis]
    >>> fit = mean_of(2 * line).with_terms(line)
    >>> fit.fitted.round(6).ravel()
    array([0., 2., 4., 6.])
    >>> fit.explained.round(6)
    array([1.])
    """

    basis: FloatArray
    weights: FloatArray
    fitted: FloatArray
    residual: FloatArray

    @property
    def left_out(self) -> FloatArray:
        """Fitted values (draw, target) of each draw from the fit on all the other draws.

        A draw that alone decides one of the terms gets the mean.
        """
        leverage = 1.0 / self.basis.shape[0] + self.basis**2 @ self.weights
        alone = leverage > 1.0 - _ALONE
        others = self.fitted - leverage / np.where(alone, 1.0, 1.0 - leverage) * self.residual
        left_out: FloatArray = np.where(alone, self.fitted.mean(axis=0), others)
        return left_out

    def of_targets(self, which: npt.NDArray[np.int_]) -> "Projection":
        """Return the fit of these targets, by position; one may come several times."""
        return Projection(self.basis, self.weights[:, which], self.fitted[:, which], self.residual[:, which])

    def smooth(self, columns: FloatArray) -> FloatArray:
        """Return what the same regression would fit to other columns (draw, target)."""
        smoothed: FloatArray = columns.mean(axis=0) + self.basis @ (self.weights * (self.basis.T @ columns))
        return smoothed

    @property
    def explained(self) -> FloatArray:
        """Share (target,) of each target's variance that is fitted; 0 for a target that does not vary."""
        fitted = self.fitted - self.fitted.mean(axis=0)
        within = np.einsum("ij,ij->j", fitted, fitted)
        total = within + np.einsum("ij,ij->j", self.residual, self.residual)
        share: FloatArray = np.where(total > 0, within / np.where(total > 0, total, 1.0), 0.0)
        return share

    def with_terms(self, terms: FloatArray) -> "Projection":
        """Return the fit on these terms (draw, term) as well; what is collinear with others is left out."""
        return self.with_basis(orthonormal(terms, self.basis))

    def with_basis(self, basis: FloatArray, weights: FloatArray | None = None) -> "Projection":
        """Return the fit on these orthonormal columns as well, which must be orthogonal to those in it."""
        taken = np.ones((basis.shape[1], self.fitted.shape[1])) if weights is None else weights
        step = basis @ (taken * (basis.T @ self.residual))
        return Projection(
            basis=np.concatenate([self.basis, basis], axis=1),
            weights=np.concatenate([self.weights, taken]),
            fitted=self.fitted + step,
            residual=self.residual - step,
        )

    def gains_from(self, basis: FloatArray, tries: int = 1) -> bool:
        """Return whether orthonormal columns explain more of any one target than chance.

        Both the F test of a target, and the same test with errors that are robust to unequal variance (HC3),
        must find a probability below ``CHANCE`` over the number of targets that vary, and over ``tries``
        where the columns are the best of so many. The second test matters because the variance of a product
        of inputs depends on each of them. Where the columns are not orthogonal to those of the fit, the
        tests find too little.
        """
        draws, terms = basis.shape
        rest = draws - 1 - self.basis.shape[1] - terms
        if rest < 1 or terms == 0:
            return False
        scores = basis.T @ self.residual
        total = np.einsum("ij,ij->j", self.residual, self.residual)
        level = CHANCE / max(int(np.count_nonzero(total)), 1) / tries
        for score, whole, residual in zip(scores.T, total, self.residual.T, strict=True):
            unexplained = whole - float(score @ score)
            if whole <= 0 or _tail(float(score @ score), unexplained, terms, rest) >= level:
                continue
            if unexplained <= _ROUNDING_SHARE * whole:
                return True
            weight = 1.0 - np.einsum("ij,ij->i", basis, basis)
            error = (residual - basis @ score) / np.maximum(weight, _ALONE)
            spread = basis.T @ (basis * error[:, np.newaxis] ** 2)
            distance = float(score @ np.linalg.lstsq(spread, score, rcond=None)[0])
            if _tail(distance, float(rest), terms, rest) < level:
                return True
        return False


def _tail(explained: float, unexplained: float, terms: int, rest: int) -> float:
    """Return the probability of an F ratio at least as large, from its two sums of squares."""
    from scipy.special import betainc

    missed = max(unexplained, 0.0) / (max(unexplained, 0.0) + explained) if explained > 0 else 1.0
    return float(betainc(rest / 2, terms / 2, missed))


def each_once(targets: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int_]]:
    """Return the targets (draw, target) without copies, and where each of the given ones is among them.

    Copies of an option would change the tests, and the weight of the others in a Gaussian process. The
    targets come in an order of their own, so that the order of the options is nothing.

    Examples
    --------
    >>> each_once(np.array([[2.0, 1.0, 2.0], [0.0, 5.0, 0.0]]))
    (array([[1., 2.],
           [5., 0.]]), array([1, 0, 1]))
    """
    kept: list[int] = []
    which = []
    for i, target in enumerate(targets.T):
        same = (place for place, j in enumerate(kept) if np.array_equal(targets[:, j], target))
        place = next(same, len(kept))
        if place == len(kept):
            kept.append(i)
        which.append(place)
    order = sorted(range(len(kept)), key=lambda place: targets[:, kept[place]].tolist())
    return targets[:, [kept[place] for place in order]], np.argsort(order)[which]


def mean_of(targets: FloatArray) -> Projection:
    """Return the fit of targets (draw, target) on their means alone."""
    fitted = np.broadcast_to(targets.mean(axis=0), targets.shape)
    return Projection(
        basis=np.zeros((targets.shape[0], 0)),
        weights=np.zeros((0, targets.shape[1])),
        fitted=fitted,
        residual=targets - fitted,
    )


def orthonormal(terms: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """Return orthonormal columns that span the terms, less their means and what other columns span.

    Parameters
    ----------
    terms : ndarray, shape (draw, term)
    others : ndarray, shape (draw, column), optional
        Orthonormal, with means of zero.

    Returns
    -------
    ndarray, shape (draw, column)
        Each column is what a term adds to those before it; a term that adds nothing beyond rounding, such as
        one that does not vary, has none.

    Examples
    --------
    >>> orthonormal(np.array([[1.0, 5.0], [3.0, 5.0]])).round(3)
    array([[-0.707],
           [ 0.707]])
    """
    return ordered_basis(terms, others)[0]


def ordered_basis(
    terms: FloatArray, others: FloatArray | None = None
) -> tuple[FloatArray, npt.NDArray[np.int_]]:
    """Return the columns of `orthonormal`, and the term that each belongs to.

    Examples
    --------
    >>> ordered_basis(np.array([[5.0, 1.0], [5.0, 3.0]]))[1]
    array([1])
    """
    mean = terms.mean(axis=0)
    left = terms - mean
    product = left.T @ left
    size = product.diagonal().copy()
    if others is not None and others.shape[1]:
        left -= others @ (others.T @ left)
        product = left.T @ left
    least = np.maximum(_COLLINEAR * size, _ROUNDING * len(terms) * mean**2)
    factors, kept = _ordered_factors(product, least)
    return left @ factors, kept


def _ordered_factors(product: FloatArray, least: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int_]]:
    """Return factors (term, column) that make terms with these products orthonormal, in their order.

    This is the inverse of the Cholesky factor, without the terms whose pivot is not above the least.
    """
    remaining = product.copy()
    kept: list[int] = []
    rows = []
    for i in range(len(product)):
        pivot = remaining[i, i]
        if pivot > least[i]:
            kept.append(i)
            rows.append(remaining[i] / np.sqrt(pivot))
            remaining -= np.outer(rows[-1], rows[-1])
    factors = np.zeros((len(product), len(kept)))
    if kept:
        factors[kept] = np.linalg.inv(np.array(rows)[:, kept])
    return factors, np.array(kept, dtype=np.int_)
