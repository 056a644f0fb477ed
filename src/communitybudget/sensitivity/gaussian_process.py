"""Regression of net benefits on a few inputs by a Gaussian process."""

import numpy as np

from communitybudget.sensitivity.draws import FloatArray, constant
from communitybudget.sensitivity.projection import Projection, each_once, mean_of
from communitybudget.sensitivity.regression import standardise

_MOST_INPUTS = 10
_CENTRES = 300
"""Draws on which the length scales are found, and at which the process has a term."""
_NOISE = np.exp(np.linspace(np.log(1e-6), np.log(1e3), 91))
"""Variances of the noise over that of the process that are tried."""
_NEAR = 1e-8
"""Added to the diagonal of covariances, which are singular to rounding where draws are close."""


def fit_gaussian_process(values: FloatArray, gains: FloatArray) -> Projection:
    """Regress net benefits on some inputs: a plane, and a Gaussian process around it.

    Parameters
    ----------
    values : ndarray, shape (draw, input)
        Draws of the inputs, at most ten that vary.
    gains : ndarray, shape (draw, option)
        Net benefits.

    Returns
    -------
    Projection
        Of all draws.

    Raises
    ------
    ValueError
        If more than ten inputs vary.

    Notes
    -----
    The covariance is squared exponential with a length scale for each input, shared by the options. They
    maximise the marginal likelihood of 300 draws. The process then has a term at each of those draws (subset
    of regressors), fitted to all draws; the variance of each option's noise maximises the marginal
    likelihood of them all. The draws are chosen by a hash of their values, so that their order is nothing.

    Sources: M. Strong, J. E. Oakley and A. Brennan, Medical Decision Making 34 (2014); C. E. Rasmussen and
    C. K. I. Williams, Gaussian Processes for Machine Learning (2006), sections 2.2, 5.4 and 8.3.1.

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(400, 2))
    >>> gains = np.sin(2 * draws[:, [0]]) * draws[:, [1]]
    >>> bool(fit_gaussian_process(draws, gains).explained[0] > 0.99)
    True
    """
    inputs = standardise(values[:, ~constant(values)])
    if inputs.shape[1] > _MOST_INPUTS:
        raise ValueError(
            f"a Gaussian process of {inputs.shape[1]} inputs is too rough; give at most {_MOST_INPUTS}, "
            "or take method='auto'"
        )
    distinct, which = each_once(gains)
    plane = mean_of(distinct).with_terms(inputs)
    spread = plane.residual.std(axis=0)
    bent = spread > 1e-9 * distinct.std(axis=0)
    if not inputs.shape[1] or not bent.any():
        return plane.of_targets(which)
    centres = hash_order(np.concatenate([values, distinct[:, bent]], axis=1))[:_CENTRES]
    scales = _length_scales(inputs[centres], plane.residual[centres][:, bent] / spread[bent])
    return _around(plane, inputs / scales, inputs[centres] / scales).of_targets(which)


def hash_order(rows: FloatArray) -> "np.ndarray[tuple[int], np.dtype[np.int_]]":
    """Return the positions of rows in an order that depends on their values and not on where they stand.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> first = rows[hash_order(rows)]
    >>> bool((first == rows[::-1][hash_order(rows[::-1])]).all())
    True
    """
    words = np.ascontiguousarray(rows + 0.0).view(np.uint64)
    mixed = np.zeros(len(rows), dtype=np.uint64)
    for column in words.T:
        # The finaliser of splitmix64, for every column in turn.
        mixed = mixed + column + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return np.argsort(mixed, kind="stable")


def _covariance(one: FloatArray, other: FloatArray) -> FloatArray:
    """Return the squared exponential of the distances between rows."""
    distance = np.sum(one**2, axis=1)[:, np.newaxis] + np.sum(other**2, axis=1) - 2 * one @ other.T
    covariance: FloatArray = np.exp(-0.5 * np.maximum(distance, 0.0))
    return covariance


def _length_scales(inputs: FloatArray, targets: FloatArray) -> FloatArray:
    """Return the length scale of each input with the largest marginal likelihood."""
    from scipy.optimize import minimize

    count = inputs.shape[1]
    squares = [(column[:, np.newaxis] - column) ** 2 for column in inputs.T]

    def loss(logs: FloatArray) -> tuple[float, FloatArray]:
        scales, noise = np.exp(logs[:count]), np.exp(logs[count])
        smooth = _covariance(inputs / scales, inputs / scales)
        factor = np.linalg.inv(np.linalg.cholesky(smooth + (noise + _NEAR) * np.eye(len(inputs))))
        inverse = factor.T @ factor
        solved = inverse @ targets
        size = np.einsum("ij,ij->j", targets, solved) / len(inputs)
        # Minus twice the logarithm of the likelihood at the best size of the process, for each option.
        value = np.sum(np.log(size)) * len(inputs) - 2 * targets.shape[1] * np.log(factor.diagonal()).sum()
        weight = targets.shape[1] * inverse - (solved / size) @ solved.T
        slopes = [np.sum(weight * smooth * square) / scales[i] ** 2 for i, square in enumerate(squares)]
        return float(value), np.array([*slopes, noise * np.trace(weight)])

    start = np.append(np.full(count, np.log(np.sqrt(count) + 0.5)), 0.0)
    bounds = [(np.log(0.1), np.log(30.0))] * count + [(np.log(1e-5), np.log(1e3))]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 40})
    scales: FloatArray = np.exp(found.x[:count])
    return scales


def _around(plane: Projection, inputs: FloatArray, centres: FloatArray) -> Projection:
    """Return the fit with the process around the plane."""
    sizes, directions = np.linalg.eigh(_covariance(centres, centres))
    wide = sizes > _NEAR * sizes[-1]
    terms = _covariance(inputs, centres) @ (directions[:, wide] / np.sqrt(sizes[wide]))
    terms = terms - terms.mean(axis=0)
    terms = terms - plane.basis @ (plane.basis.T @ terms)
    sizes, directions = np.linalg.eigh(terms.T @ terms)
    wide = sizes > _NEAR * sizes[-1]
    basis = terms @ (directions[:, wide] / np.sqrt(sizes[wide]))
    weights = np.stack([_shrinkage(sizes[wide], basis.T @ r, r) for r in plane.residual.T], axis=1)
    return plane.with_basis(basis, weights)


def _shrinkage(sizes: FloatArray, scores: FloatArray, residual: FloatArray) -> FloatArray:
    """Return the share of each term's coefficient that is taken at the likeliest noise."""
    unmodelled = max(float(residual @ residual - scores @ scores), 0.0)
    draws = residual.size
    best, taken = np.inf, np.zeros(sizes.size)
    for noise in _NOISE:
        variance = sizes + noise
        size = (np.sum(scores**2 / variance) + unmodelled / noise) / draws
        if size <= 0:
            continue
        loss = draws * np.log(size) + np.log(variance).sum() + (draws - sizes.size) * np.log(noise)
        if loss < best:
            best, taken = loss, sizes / variance
    return taken
