"""Needs that come together: a one-factor Gaussian copula, given that a family has enough of them.

A need is there where ``sqrt(r) z + sqrt(1 - r) e`` lies above the need's threshold; ``z`` is common to
the needs of one family, ``e`` is the need's own, both standard normal, and ``r`` is the correlation of
any two. Given ``z`` the needs are independent, so that their number is Poisson-binomial and every
probability is one integral over ``z``.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

_REACH, _STEP, _FINE_STEP = 14.0, 0.05, 0.002
_MOST_CORRELATION = 0.99
_FEWEST_ELIGIBLE = 1e-12
_TOLERANCE = 1e-12
_MOST_ROUNDS = 200
_BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class NeedProbabilities:
    """What the thresholds imply for families that have enough needs.

    Parameters
    ----------
    eligible : float
        Share of all families that have at least so many needs.
    marginal : ndarray, shape (K,)
        Share of eligible families with each need.
    pairs : ndarray, shape (K, K)
        Share of eligible families with both; the diagonal is ``marginal``.
    counts : ndarray, shape (K + 1,)
        Share of eligible families with 0, 1, ... K needs.
    """

    eligible: float
    marginal: Array
    pairs: Array
    counts: Array


def need_probabilities(thresholds: ArrayLike, at_least: int, correlation: float) -> NeedProbabilities:
    """Return how common each need is among families that have at least so many.

    Parameters
    ----------
    thresholds : array_like, shape (K,)
        Of the standard normal variable behind each need; infinite where all have it (minus) or none.
    at_least : int
        Fewest needs of an eligible family, 0 to K.
    correlation : float
        Between the variables behind any two needs, 0 to 0.99.

    Returns
    -------
    NeedProbabilities

    Raises
    ------
    ValueError
        If ``at_least`` or ``correlation`` is out of range.

    Examples
    --------
    Two needs that half of all families have, independent: two thirds of the families with any have one.

    >>> found = need_probabilities([0.0, 0.0], at_least=1, correlation=0.0)
    >>> round(found.eligible, 12), found.marginal.round(12), found.counts.round(12)
    (0.75, array([0.66..., 0.66...]), array([0. , 0.66..., 0.33...]))
    """
    tau = np.asarray(thresholds, dtype=float)
    _check(tau.size, at_least, correlation)
    z, weights = _nodes(_STEP)
    p = _given_factor(tau, correlation, z)
    counts = _number_of_needs(p) @ weights
    counts[:at_least] = 0.0
    eligible = float(counts.sum())
    pairs = np.empty((tau.size, tau.size))
    for j in range(tau.size):
        pairs[j, j] = weights @ (p[j] * _at_least(np.delete(p, j, axis=0), at_least - 1))
        for i in range(j):
            rest = np.delete(p, (i, j), axis=0)
            pairs[i, j] = pairs[j, i] = weights @ (p[i] * p[j] * _at_least(rest, at_least - 2))
    pairs /= eligible
    return NeedProbabilities(eligible, np.diag(pairs).copy(), pairs, counts / eligible)


def solve_need_thresholds(prevalence: ArrayLike, at_least: int, correlation: float) -> Array:
    """Return the thresholds that reproduce each prevalence among families with enough needs.

    Solved by Newton's method on the log odds, with the derivatives in closed form and steps cut
    until they help; exact to 1e-12.

    Parameters
    ----------
    prevalence : array_like, shape (K,)
        Share of eligible families with each need, 0 to 1.
    at_least : int
        Fewest needs of an eligible family, 0 to K.
    correlation : float
        Between the variables behind any two needs, 0 to 0.99.

    Returns
    -------
    ndarray, shape (K,)
        For `need_probabilities` and `draw_needs`; minus infinity where the prevalence is 1, infinity
        where it is 0.

    Raises
    ------
    ValueError
        If families with these needs cannot all have so many: the prevalences sum to the mean number
        of needs of an eligible family, which is above ``at_least``. Or if they could, but only as a
        vanishing share of all families.

    Examples
    --------
    >>> prevalence = [0.46, 0.71, 0.29, 0.35, 0.22]
    >>> tau = solve_need_thresholds(prevalence, at_least=1, correlation=0.3)
    >>> need_probabilities(tau, 1, 0.3).marginal.round(9)
    array([0.46, 0.71, 0.29, 0.35, 0.22])
    """
    wanted = np.asarray(prevalence, dtype=float)
    _check(wanted.size, at_least, correlation)
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise ValueError("a prevalence lies outside 0 to 1; write 46% as 0.46")
    thresholds = np.where(wanted == 1, -np.inf, np.inf)
    free = (wanted > 0) & (wanted < 1)
    # those that all families have count towards the fewest
    needed = max(at_least - int((wanted == 1).sum()), 0)
    total = float(wanted.sum())
    certain = not free.any() and needed == 0
    if at_least and not certain and total <= at_least * (1 + 1e-9):
        raise ValueError(
            f"the prevalences of {wanted.size} needs sum to {total:.4g}, so that a family has {total:.4g} on "
            f"average; that must be above the {at_least} that each has at least: lower at_least, or raise "
            "the prevalences"
        )
    if free.any():
        thresholds[free] = _solve(wanted[free], needed, correlation)
        eligible = need_probabilities(thresholds[free], needed, correlation).eligible
        if eligible < _FEWEST_ELIGIBLE:
            raise ValueError(
                f"with a correlation of {correlation:g}, families with at least {at_least} needs have "
                f"{total:.4g} on average only if such families hardly exist ({eligible:.0e} of all); lower "
                "the correlation or at_least, or raise the prevalences"
            )
    return thresholds


def draw_needs(
    thresholds: Array, at_least: int, correlation: float, factor: Array, own: Array
) -> NDArray[np.bool_]:
    """Return the needs of eligible families from uniform numbers; no draw is thrown away.

    The common factor is drawn given that there are enough needs, by its inverse distribution. Then
    the needs come one after the other, each given those before and that enough must still come.

    Parameters
    ----------
    thresholds : ndarray, shape (K,)
        From `solve_need_thresholds`.
    at_least : int
        Fewest needs of a family.
    correlation : float
        As for the thresholds.
    factor : ndarray, shape (N,)
        Uniform numbers, one a family.
    own : ndarray, shape (N, K)
        Uniform numbers, one a family and need.

    Returns
    -------
    ndarray of bool, shape (N, K)
        Row i depends on the numbers of family i alone.

    Examples
    --------
    >>> uniform = np.random.default_rng(0).random((1000, 4))
    >>> tau = solve_need_thresholds([0.5, 0.6, 0.7], 1, 0.3)
    >>> bool(draw_needs(tau, 1, 0.3, uniform[:, 0], uniform[:, 1:]).any(axis=1).all())
    True
    """
    grid, weights = _nodes(_FINE_STEP)
    density = weights * _at_least(_given_factor(thresholds, correlation, grid), at_least)
    below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
    z = np.interp(factor * below[-1], below, grid)
    needs = np.zeros(own.shape, dtype=bool)
    for start in range(0, len(z), _BLOCK):
        rows = slice(start, start + _BLOCK)
        needs[rows] = _one_after_the_other(
            _given_factor(thresholds, correlation, z[rows]), at_least, own[rows]
        )
    return needs


def _one_after_the_other(p: Array, at_least: int, own: Array) -> NDArray[np.bool_]:
    """Draw needs (n, K) of probabilities p (K, n), given that there are enough."""
    count, families = p.shape
    # tails[j, r]: chance that needs j, j + 1, ... bring at least r
    tails = np.zeros((count + 1, at_least + 1, families))
    tails[:, 0] = 1.0
    for j in range(count - 1, -1, -1):
        tails[j, 1:] = p[j] * tails[j + 1, :-1] + (1 - p[j]) * tails[j + 1, 1:]
    needs = np.zeros((families, count), dtype=bool)
    missing = np.full(families, at_least)
    each = np.arange(families)
    for j in range(count):
        with_it = p[j] * tails[j + 1, np.maximum(missing - 1, 0), each]
        needs[:, j] = own[:, j] * tails[j, missing, each] < with_it
        missing = np.maximum(missing - needs[:, j], 0)
    return needs


def _check(count: int, at_least: int, correlation: float) -> None:
    if count < 1:
        raise ValueError("there are no needs; give at least one")
    if not 0 <= at_least <= count:
        raise ValueError(f"at_least is {at_least}; it must be between 0 and the number of needs, {count}")
    if not 0 <= correlation <= _MOST_CORRELATION:
        raise ValueError(f"the correlation is {correlation:g}; it must be between 0 and {_MOST_CORRELATION}")


def _nodes(step: float) -> tuple[Array, Array]:
    """Return nodes and weights of the trapezoidal rule against the normal density.

    For a smooth integrand that vanishes at both ends its error falls faster than any power of the
    step: at 0.05 it is below rounding for every correlation that is let in.
    """
    half = round(_REACH / step)
    z = np.arange(-half, half + 1, dtype=float) * step
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return z, np.asarray(step * density, dtype=float)


def _given_factor(thresholds: Array, correlation: float, z: Array) -> Array:
    """Return the chance of each need given the common factor, shape (K, len(z))."""
    from scipy.special import ndtr

    scaled = (math.sqrt(correlation) * z - thresholds[:, None]) / math.sqrt(1 - correlation)
    return np.asarray(ndtr(scaled), dtype=float)


def _number_of_needs(p: Array) -> Array:
    """Return the Poisson-binomial distribution of the number of needs, shape (K + 1, Q)."""
    found = np.zeros((len(p) + 1, p.shape[1]))
    found[0] = 1.0
    for row in p:
        found[1:] = found[1:] * (1 - row) + found[:-1] * row
        found[0] *= 1 - row
    return found


def _at_least(p: Array, number: int) -> Array:
    """Return the chance of at least so many needs, shape (Q,); summed from the tail, which keeps digits."""
    if number <= 0:
        return np.ones(p.shape[1])
    return np.asarray(_number_of_needs(p)[number:].sum(axis=0))


def _solve(wanted: Array, at_least: int, correlation: float) -> Array:
    from scipy.special import ndtri

    z, weights = _nodes(_STEP)
    tau = -ndtri(wanted)
    if at_least == 0:
        return np.asarray(tau, dtype=float)
    goal = _log_odds(wanted)
    found, slopes = _marginal_and_slopes(tau, at_least, correlation, z, weights)
    missed = _log_odds(found) - goal
    for _ in range(_MOST_ROUNDS):
        if np.abs(found - wanted).max() <= _TOLERANCE:
            return np.asarray(tau, dtype=float)
        step = np.linalg.lstsq(slopes / (found * (1 - found))[:, None], missed, rcond=None)[0]
        step *= min(1.0, 1.0 / np.abs(step).max())
        for _ in range(30):
            tried, slopes_tried = _marginal_and_slopes(tau - step, at_least, correlation, z, weights)
            left = _log_odds(tried) - goal
            if np.isfinite(left).all() and np.linalg.norm(left) < np.linalg.norm(missed):
                break
            step = step / 2
        else:
            break
        tau, found, slopes, missed = tau - step, tried, slopes_tried, left
    if np.abs(found - wanted).max() <= 1e-10:
        return np.asarray(tau, dtype=float)
    raise ValueError(
        f"no thresholds were found for which families with at least {at_least} of these needs have "
        f"{wanted.sum():.4g} on average; lower at_least, or raise the prevalences"
    )


def _log_odds(share: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(share) - np.log1p(-share))


def _marginal_and_slopes(
    tau: Array, at_least: int, correlation: float, z: Array, weights: Array
) -> tuple[Array, Array]:
    """Return the share of eligible families with each need (K,) and its slope by each threshold (K, K)."""
    count = tau.size
    p = _given_factor(tau, correlation, z)
    own = math.sqrt(1 - correlation)
    scaled = (math.sqrt(correlation) * z - tau[:, None]) / own
    falls = -np.exp(-scaled * scaled / 2) / (math.sqrt(2 * math.pi) * own) * weights
    eligible = weights @ _at_least(p, at_least)
    joint = np.empty(count)  # with the need, and eligible
    joint_slopes = np.empty((count, count))
    eligible_slopes = np.empty(count)
    for j in range(count):
        others = _number_of_needs(np.delete(p, j, axis=0))
        enough = others[at_least - 1 :].sum(axis=0)
        joint[j] = weights @ (p[j] * enough)
        joint_slopes[j, j] = falls[j] @ enough
        eligible_slopes[j] = falls[j] @ others[at_least - 1]
        for i in range(j):
            just = np.zeros_like(z)
            if at_least >= 2:
                just = _number_of_needs(np.delete(p, (i, j), axis=0))[at_least - 2]
            joint_slopes[i, j] = falls[j] @ (p[i] * just)
            joint_slopes[j, i] = falls[i] @ (p[j] * just)
    found = np.asarray(joint / eligible, dtype=float)
    slopes = (joint_slopes - found[:, None] * eligible_slopes) / eligible
    return found, np.asarray(slopes, dtype=float)
