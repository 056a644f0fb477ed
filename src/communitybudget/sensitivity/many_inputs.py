"""Regression of net benefits on one input or many: terms enter when they explain more than chance."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from communitybudget.sensitivity.draws import FloatArray, constant
from communitybudget.sensitivity.projection import Projection, each_once, mean_of, orthonormal
from communitybudget.sensitivity.regression import standardise
from communitybudget.sensitivity.smooth_terms import (
    InputTerms,
    few_values,
    indicators,
    input_terms,
    tensor_terms,
)
from communitybudget.sensitivity.steps import with_steps

PRODUCT_ERRORS = 5.0
"""A product of terms enters when its coefficient is more than so many standard errors from nil."""
_TENSOR_INPUTS = 6
"""Most inputs for which every pair is tried as a tensor product of splines."""
_ENTRY_ROUNDS = 3
_PRODUCT_ROUNDS = 3
_MOST_PRODUCTS = 60
"""Most products that enter in one round."""
_MOST_FACTORS = 120
"""Most terms of which products are tried."""
_DRAWS_PER_TERM = 10
"""Least draws for each term, products included."""


@dataclass(frozen=True, slots=True, eq=False)
class InputFit:
    """A regression on some inputs.

    Parameters
    ----------
    projection : Projection
    entered : tuple of int
        Positions of the inputs that explain more than chance; the others are not in the regression.
    method : str
        ``group_means``, ``splines`` or ``gaussian_process``.
    """

    projection: Projection
    entered: tuple[int, ...]
    method: str


def fit_inputs(values: FloatArray, gains: FloatArray, by_cell: bool = True) -> InputFit:
    """Regress net benefits on some inputs.

    Each input enters as a straight line with an indicator of each value that many draws share, and as a
    cubic spline and as steps where these explain more than chance beyond the line. Up to six inputs are tried
    in pairs as tensor products of splines, any number as products of their terms, and of the products in
    turn; the fit itself is one of the factors, since net benefits often are products of many inputs. Where
    all inputs that entered have few values together, the fit is the mean of each combination.

    Parameters
    ----------
    values : ndarray, shape (draw, input)
        Draws of the inputs.
    gains : ndarray, shape (draw, option)
        Net benefits.
    by_cell : bool, default True
        Whether inputs with few values together are fitted by the mean of each combination.

    Returns
    -------
    InputFit

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(size=(1_000, 3))
    >>> fit_inputs(draws, draws[:, [0]] * draws[:, [1]]).entered
    (0, 1)
    """
    distinct, which = each_once(gains)
    nothing = mean_of(distinct)
    terms = {int(i): input_terms(values[:, i]) for i in np.flatnonzero(~constant(values))}
    if len(terms) == 1:
        (position, term), *_ = terms.items()
        entered, fit = _one_effect(position, term, values[:, position], nothing)
    else:
        entered, fit = _main_effects(terms, nothing)
        for i in entered:
            fit = fit if terms[i].few else with_steps(fit, values[:, i])
        if len(entered) <= _TENSOR_INPUTS:
            fit = _tensors([values[:, i] for i in entered], fit)
        fit, multiplied = _products(values, terms, entered, fit)
        entered = sorted({*entered, *multiplied})
        entered, fit = _the_weak_together(terms, entered, fit)
    if by_cell and entered and all(terms[i].few for i in entered):
        cells = np.unique(values[:, entered], axis=0, return_inverse=True)[1].reshape(-1).astype(np.float64)
        if few_values(int(cells.max()) + 1, len(values)):
            fit = nothing.with_terms(indicators(cells))
            return InputFit(fit.of_targets(which), tuple(entered), "group_means")
    return InputFit(fit.of_targets(which), tuple(entered), "splines")


def _one_effect(
    position: int, term: InputTerms, values: FloatArray, nothing: Projection
) -> tuple[list[int], Projection]:
    """Return the only input, if it explains more than chance, and the fit on it."""
    if not (nothing.gains_from(term.straight) or nothing.gains_from(term.whole)):
        return [], nothing
    fit = nothing.with_basis(term.straight)
    fit = fit.with_basis(term.curve) if fit.gains_from(term.curve) else fit
    return [position], fit if term.few else with_steps(fit, values)


def _main_effects(terms: dict[int, InputTerms], nothing: Projection) -> tuple[list[int], Projection]:
    """Return the inputs that explain more than chance by themselves, and the fit on them."""
    entered: list[int] = []
    fit = nothing
    for _ in range(_ENTRY_ROUNDS):
        new = [
            i
            for i, term in terms.items()
            if i not in entered and (fit.gains_from(term.straight) or fit.gains_from(term.whole))
        ]
        if not new:
            break
        entered = sorted([*entered, *new])
        fit = nothing.with_terms(np.concatenate([terms[i].straight for i in entered], axis=1))
        for i in entered:
            if terms[i].curve.shape[1] <= _room(fit) and fit.gains_from(terms[i].curve):
                fit = fit.with_terms(terms[i].curve)
    return entered, fit


def _tensors(columns: list[FloatArray], fit: Projection) -> Projection:
    """Return the fit with the tensor product of each pair of inputs that explains more than chance."""
    for first, second in combinations(columns, 2):
        basis = orthonormal(tensor_terms(first, second), fit.basis)
        if basis.shape[1] <= _room(fit) and fit.gains_from(basis):
            fit = fit.with_basis(basis)
    return fit


def _curve_of_the_fit(fit: Projection) -> Projection:
    """Return the fit with a curve of each option's fitted net benefit, if that explains more than chance."""
    for index in np.flatnonzero(~constant(fit.fitted)):
        curve = orthonormal(input_terms(fit.fitted[:, index]).curve, fit.basis)
        if curve.shape[1] <= _room(fit) and fit.gains_from(curve):
            fit = fit.with_basis(curve)
    return fit


def _products(
    values: FloatArray, terms: dict[int, InputTerms], entered: list[int], fit: Projection
) -> tuple[Projection, set[int]]:
    """Return the fit with products of terms of two inputs or more, and the inputs that are in them."""
    fit = _curve_of_the_fit(fit) if len(entered) > 1 else fit
    factors, owners = _factors(values, terms, entered, fit)
    multiplied: set[int] = set()
    tried: set[tuple[int, int]] = set()
    for _ in range(_PRODUCT_ROUNDS):
        pairs = [
            (i, j)
            for i, j in _leading_pairs(factors, fit.residual)
            if (i, j) not in tried and len(owners[i] | owners[j]) > 1
        ]
        pairs = pairs[: min(_MOST_PRODUCTS, _room(fit))]
        if not pairs:
            break
        tried.update(pairs)
        products = np.stack([factors[:, i] * factors[:, j] for i, j in pairs], axis=1)
        fit = _curve_of_the_fit(fit.with_terms(products))
        multiplied.update(*(owners[i] | owners[j] for i, j in pairs))
        space = max(_MOST_FACTORS - factors.shape[1], 0)
        varied = np.flatnonzero(~constant(products))[:space]
        factors = np.concatenate([factors, standardise(products[:, varied])], axis=1)
        owners += [owners[pairs[i][0]] | owners[pairs[i][1]] for i in varied]
    return fit, multiplied


def _the_weak_together(
    terms: dict[int, InputTerms], entered: list[int], fit: Projection
) -> tuple[list[int], Projection]:
    """Return the fit with the lines of all other inputs, if together they explain more than chance."""
    weak = [i for i in terms if i not in entered]
    if not weak or len(weak) > _room(fit):
        return entered, fit
    lines = orthonormal(np.stack([terms[i].line for i in weak], axis=1), fit.basis)
    if not fit.gains_from(lines):
        return entered, fit
    return sorted(terms), fit.with_basis(lines)


def _factors(
    values: FloatArray, terms: dict[int, InputTerms], entered: list[int], fit: Projection
) -> tuple[FloatArray, list[frozenset[int]]]:
    """Return the terms of which products are tried, each with mean zero and variance one, and their inputs.

    The fit itself comes first, then the lines of the inputs that entered, their shared values and their
    bends, and at the end the lines of the other inputs.
    """
    found = [(fitted, frozenset(entered)) for fitted in fit.fitted.T]
    found += [(terms[i].line, frozenset({i})) for i in entered]
    found += [(mass, frozenset({i})) for i in entered for mass in terms[i].masses.T]
    found += [(_bend(terms[i].line), frozenset({i})) for i in entered]
    found += [(term.line, frozenset({i})) for i, term in terms.items() if i not in entered]
    varied = [(column, owner) for column, owner in found if not constant(column[:, np.newaxis])[0]]
    columns = [column for column, _ in varied[:_MOST_FACTORS]]
    if not columns:
        return values[:, :0], []
    return standardise(np.stack(columns, axis=1)), [owner for _, owner in varied[:_MOST_FACTORS]]


def _bend(line: FloatArray) -> FloatArray:
    """Return the part of a standardised input's square that is not straight."""
    square = line**2 - 1.0
    return square - line * np.mean(line * square)


def _leading_pairs(factors: FloatArray, residual: FloatArray) -> list[tuple[int, int]]:
    """Return the pairs of factors whose products explain the residuals beyond doubt, the surest first."""
    count = factors.shape[1]
    scale = np.sqrt(np.mean(residual**2, axis=0))
    targets = residual[:, scale > 0] / scale[scale > 0]
    if not targets.shape[1]:
        return []
    squared = factors**2
    size = np.sqrt(squared.T @ squared)
    errors = np.zeros((count, count))
    for target in targets.T:
        score = np.abs(factors.T @ (factors * target[:, np.newaxis]))
        errors = np.maximum(errors, score / np.where(size > 0, size, 1.0))
    upper = np.triu_indices(count)
    likely = np.flatnonzero(errors[upper] > PRODUCT_ERRORS)
    likely = likely[np.argsort(-errors[upper][likely], kind="stable")][: 3 * _MOST_PRODUCTS]
    pairs = [(int(upper[0][i]), int(upper[1][i])) for i in likely]
    return [
        (i, j) for i, j in pairs if _errors_from_nil(factors[:, i] * factors[:, j], targets) > PRODUCT_ERRORS
    ]


def _errors_from_nil(product: FloatArray, targets: FloatArray) -> float:
    """Return how many standard errors, robust to unequal variance, a product's coefficient is from nil."""
    centred = product - product.mean()
    size = float(centred @ centred)
    if size <= 0:
        return 0.0
    slopes = centred @ targets / size
    parts = centred[:, np.newaxis] * (targets - np.outer(centred, slopes))
    spread = np.sqrt(np.einsum("ij,ij->j", parts, parts))
    return float(np.max(np.abs(slopes) * size / np.maximum(spread, np.finfo(float).tiny)))


def _room(fit: Projection) -> int:
    """Return how many more terms the draws bear."""
    draws, terms = fit.basis.shape
    return max(int(draws) // _DRAWS_PER_TERM - int(terms), 0)
