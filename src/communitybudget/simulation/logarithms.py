"""Exponentials of rates, logarithms of transition matrices, and the generator rows nearest to them."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ZERO = 1e-12
_CONDITION = 1e5
_LARGEST_RATE = 50.0
_DEGREE = 18


def reachable(rates: Array) -> NDArray[np.bool_]:
    """Return whether each state can be reached from each other by cells above 0, itself included.

    Parameters
    ----------
    rates : ndarray, shape (D, S, S)

    Returns
    -------
    ndarray of bool, shape (D, S, S)
    """
    states = rates.shape[-1]
    found = (rates > 0) | np.eye(states, dtype=bool)
    for _ in range(max(states - 1, 1).bit_length()):
        found = (found.astype(float) @ found.astype(float)) > 0
    return np.asarray(found)


def exponentials(off: Array) -> Array:
    """Return the transition matrices of rates over one unit of time.

    The diagonal is shifted so that no number is negative: nothing cancels, small probabilities keep their
    digits, and what cannot be reached stays exactly 0.

    Parameters
    ----------
    off : ndarray, shape (D, S, S)
        Rates, 0 on the diagonal.

    Returns
    -------
    ndarray, shape (D, S, S)
        Rows sum to one.

    Notes
    -----
    Scaling and squaring on the uniformised chain; a Taylor series of degree 18 serves row sums up to 1.
    """
    leaving = off.sum(axis=-1)
    fastest = leaving.max(axis=-1)
    halvings = np.ceil(np.log2(np.maximum(fastest, 1.0))).astype(int)
    one = np.eye(off.shape[-1])
    b = (off + one * (fastest[:, None] - leaving)[:, None, :]) / 2.0 ** halvings[:, None, None]
    p = np.broadcast_to(one, off.shape)
    for k in range(_DEGREE, 0, -1):
        p = one + b @ p / k
    p = p / p.sum(axis=-1, keepdims=True)
    # each draw has its own number of squarings, so that its bits do not depend on the others
    for done in range(int(halvings.max(initial=0))):
        more = halvings > done
        square = p[more] @ p[more]
        p[more] = square / square.sum(axis=-1, keepdims=True)
    return np.asarray(p)


def logarithms(transition: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the principal logarithms of matrices.

    Parameters
    ----------
    transition : ndarray, shape (D, S, S)

    Returns
    -------
    logarithms : ndarray, shape (D, S, S)
        NaN where there is no real one.
    real : ndarray of bool, shape (D,)
    """
    from scipy.linalg import logm

    values, vectors = np.linalg.eig(transition)
    cut = (np.abs(values.imag) < _ZERO) & (values.real < _ZERO)
    real = ~cut.any(axis=1)
    logs = np.full(transition.shape, np.nan)
    plain = real & (np.linalg.cond(vectors) < _CONDITION)
    if plain.any():
        v = vectors[plain]
        exponents = np.log(values[plain].astype(complex))
        logs[plain] = ((v * exponents[:, None, :]) @ np.linalg.inv(v)).real
    # eigenvectors that nearly coincide lose digits; this way is some hundred times slower
    for lane in np.flatnonzero(real & ~plain):
        logs[lane] = logm(transition[lane]).real
    return logs, real


def onto_generators(logarithm: Array) -> Array:
    """Return a logarithm with each row projected onto the rows of rates.

    Of all rows that sum to 0 and are not negative off the diagonal it is the one at the least Euclidean
    distance: everything is lowered by one amount, and what falls below 0 off the diagonal is 0.

    Parameters
    ----------
    logarithm : ndarray, shape (S, S)

    Returns
    -------
    ndarray, shape (S, S)

    Notes
    -----
    A. Kreinin and M. Sidelnikova, "Regularization algorithms for transition matrices", Algo Research
    Quarterly 4 (2001), "quasi-optimization of the generator".
    """
    states = len(logarithm)
    rates = np.empty_like(logarithm)
    for i, row in enumerate(logarithm):
        others = np.sort(np.delete(row, i))[::-1]
        # amounts if only the k largest stay above 0; the last k for which they do is the right one
        lowered = np.cumsum(np.concatenate([row[i : i + 1], others])) / np.arange(1, states + 1)
        stay = np.flatnonzero(others > lowered[1:])
        amount = lowered[stay[-1] + 1] if stay.size else lowered[0]
        rates[i] = np.maximum(row - amount, 0.0)
        rates[i, i] = row[i] - amount
    return rates


def closest_fit(transition: Array) -> Array:
    """Return the rates whose transition matrix has the least sum of squares against a given one.

    Parameters
    ----------
    transition : ndarray, shape (S, S)
        Without a real logarithm.

    Returns
    -------
    ndarray, shape (S, S)
        A local optimum, searched from the probabilities read as rates; rates are at most 50.
    """
    from scipy.optimize import minimize

    off = reachable(transition[None])[0] & ~np.eye(len(transition), dtype=bool)

    def rates(free: Array) -> Array:
        q = np.zeros_like(transition)
        q[off] = free
        return q

    def misfit(free: Array) -> float:
        return float(np.square(exponentials(rates(free)[None])[0] - transition).sum())

    bounds = [(0.0, _LARGEST_RATE)] * int(off.sum())
    close = {"ftol": 1e-15, "gtol": 1e-10}
    found = minimize(misfit, transition[off], bounds=bounds, method="L-BFGS-B", options=close)
    fitted = rates(found.x)
    return fitted - np.diag(fitted.sum(axis=1))


def why_none(transition: Array, logarithm: Array, real: bool) -> list[str]:
    """Return the reasons why a transition matrix has no generator.

    Parameters
    ----------
    transition, logarithm : ndarray, shape (S, S)
    real : bool
        Whether the logarithm is real.

    Notes
    -----
    The first three are those of R. B. Israel, J. S. Rosenthal and J. Z. Wei, "Finding generators for Markov
    chains via empirical transition matrices", Mathematical Finance 11 (2001), and exclude any generator.
    """
    reasons = []
    for i, j in np.argwhere(reachable(transition[None])[0] & (transition == 0))[:1]:
        reasons.append(
            f"cell [{i}, {j}] is 0 although state {j} can be reached by way of others, so that in "
            "continuous time somebody would have come"
        )
    determinant = float(np.linalg.det(transition))
    staying = float(np.prod(np.diag(transition)))
    if determinant < _ZERO:
        reasons.append(f"its determinant is {determinant:.3g}, and that of a generator's is above 0")
    elif determinant > staying * (1 + 1e-9):
        reasons.append(
            f"its determinant {determinant:.3g} exceeds the product {staying:.3g} of its diagonal, so people "
            "move on faster than they stay"
        )
    if not real:
        reasons.append("it has no real logarithm, since an eigenvalue is negative or 0")
    else:
        off = np.where(np.eye(len(logarithm), dtype=bool), np.inf, logarithm)
        i, j = np.unravel_index(int(off.argmin()), off.shape)
        if off[i, j] < 0:
            reasons.append(f"its logarithm has a negative rate, {off[i, j]:.3g} in [{i}, {j}]")
    return reasons
