"""Generators: matrices of rates behind transition matrices, and what to do where there is none."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget.simulation.logarithms import (
    closest_fit,
    exponentials,
    logarithms,
    onto_generators,
    reachable,
    why_none,
)

Array = NDArray[np.float64]

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class NearestGenerator:
    """The valid generator nearest to a transition matrix.

    Parameters
    ----------
    generator : ndarray, shape (S, S) or (S, S, D)
        Rates per unit of time; rows sum to 0.
    transition : ndarray, same shape
        The probabilities it gives.
    largest_change : ndarray, shape () or (D,)
        Largest change of a probability against the matrix asked for.
    """

    generator: Array
    transition: Array
    largest_change: Array


def transition_of(generator: ArrayLike, time: ArrayLike = 1.0) -> Array:
    """Return the transition matrix over a cycle of a matrix of rates, exp(generator time).

    Unlike `competing_probabilities` it counts all moves within the cycle.

    Parameters
    ----------
    generator : array_like, shape (S, S) or (S, S, D)
        Rates per unit of time from row to column, at least 0 off the diagonal; rows sum to 0.
    time : array_like, scalar or shape (D,)
        Length of the cycle, above 0.

    Returns
    -------
    ndarray, shape (S, S) or (S, S, D)
        Rows sum to one. States that cannot be reached have exactly 0, absorbing states exactly 1.

    Raises
    ------
    TransitionError
        If it is not square, a rate is negative, a row does not sum to 0, or the time is not above 0.

    Examples
    --------
    Healthy, sick, dead with forces of 0.05, 0.08 and 0.15: after ten years (10 exp(-0.3) + exp(-2.5)) / 11
    are healthy.

    >>> q = [[-0.05, 0.05, 0], [0.08, -0.23, 0.15], [0, 0, 0]]
    >>> round(float(transition_of(q, time=10)[0, 0]), 6)
    0.680933
    """
    q, cycle = _lanes(generator), _checked_time(time)
    faults = []
    off = q * (1 - np.eye(q.shape[-1]))
    if not np.isfinite(q).all() or (off < 0).any():
        faults.append("a rate off the diagonal is negative or not a number; rates are at least 0")
    if np.abs(q.sum(axis=-1)).max() > _TOLERANCE * max(1.0, float(np.abs(q).max())):
        faults.append("a row of the generator does not sum to 0; set its diagonal to minus its rates")
    if faults:
        raise TransitionError("\n".join(faults))
    return _as_given(exponentials(off * cycle[:, None, None]), np.ndim(generator) == 3 or cycle.size > 1)


def generator_of(transition: ArrayLike, time: float = 1.0) -> Array:
    """Return the generator behind a transition matrix: its logarithm, where that is a valid one.

    Parameters
    ----------
    transition : array_like, shape (S, S) or (S, S, D)
        Probabilities over ``time``; rows sum to one.
    time : float
        Length of the cycle; the rates are per unit of it.

    Returns
    -------
    ndarray, shape (S, S) or (S, S, D)
        Cells of states that cannot be reached, and rows of absorbing states, are exactly 0.

    Raises
    ------
    TransitionError
        If it is no transition matrix, or has no generator: why, and how far the nearest one is.

    Examples
    --------
    >>> generator_of([[0.9, 0.1], [0.2, 0.8]]).round(4)
    array([[-0.1189,  0.1189],
           [ 0.2378, -0.2378]])
    """
    p, cycle = _checked(transition), _checked_time(time)
    logs, real = logarithms(p)
    off = logs * (1 - np.eye(p.shape[-1]))
    without = ~real | (off < -_TOLERANCE).any(axis=(1, 2))
    if without.any():
        first = int(np.argmax(without))
        nearest = nearest_generator(np.moveaxis(p[first : first + 1], 0, -1))
        many = f" in {float(without.mean()):.3g} of all draws, first in draw {first}" if len(p) > 1 else ""
        reasons = "; ".join(why_none(p[first], logs[first], bool(real[first])))
        raise TransitionError(
            f"the transition matrix has no generator{many}: {reasons}. The nearest valid generator changes "
            f"no probability by more than {float(nearest.largest_change[0]):.3g}; take it with "
            "nearest_generator, or keep the cycle length"
        )
    return _as_given(_with_diagonal(off) / cycle, np.ndim(transition) == 3)


def nearest_generator(transition: ArrayLike, time: float = 1.0) -> NearestGenerator:
    """Return the valid generator nearest to a transition matrix.

    Where the matrix has a real logarithm, each of its rows is projected onto the rows of rates (Kreinin and
    Sidelnikova 2001); where it has none, the rates are fitted to the probabilities by least squares.

    Parameters
    ----------
    transition : array_like, shape (S, S) or (S, S, D)
        Probabilities over ``time``; rows sum to one.
    time : float
        Length of the cycle; the rates are per unit of it.

    Returns
    -------
    NearestGenerator

    Examples
    --------
    In a year nobody goes from the first state to the third, yet by way of the second one can.

    >>> found = nearest_generator([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    >>> round(float(found.largest_change), 4)
    0.0058
    """
    p, cycle = _checked(transition), _checked_time(time)
    logs, real = logarithms(p)
    rates = np.empty_like(p)
    for lane in range(len(p)):
        rates[lane] = onto_generators(logs[lane]) if real[lane] else closest_fit(p[lane])
    # outside what can be reached a logarithm is rounding alone
    rates = _with_diagonal(np.where(reachable(p), rates * (1 - np.eye(p.shape[-1])), 0.0))
    per_draw = np.ndim(transition) == 3
    gives = _lanes(transition_of(np.moveaxis(rates, 0, -1)))
    return NearestGenerator(
        _as_given(rates / cycle, per_draw),
        _as_given(gives, per_draw),
        np.asarray(np.abs(gives - p).max(axis=(1, 2)) if per_draw else np.abs(gives - p).max()),
    )


def change_cycle(transition: ArrayLike, from_time: float, to_time: float, nearest: bool = False) -> Array:
    """Return a transition matrix for another cycle length.

    Parameters
    ----------
    transition : array_like, shape (S, S) or (S, S, D)
        Probabilities over ``from_time``; rows sum to one.
    from_time, to_time : float
        Cycle lengths in one unit, above 0.
    nearest : bool
        Take the nearest generator where there is none.

    Returns
    -------
    ndarray, same shape
        A power of the matrix where ``to_time`` is a whole multiple of ``from_time``, else by its generator.

    Raises
    ------
    TransitionError
        If it is no transition matrix, or a generator is needed and there is none (unless ``nearest``).

    Examples
    --------
    >>> year = [[0.7, 0.2, 0.1], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]]
    >>> change_cycle(year, from_time=12, to_time=1).round(4)
    array([[0.9707, 0.0248, 0.0045],
           [0.    , 0.9583, 0.0417],
           [0.    , 0.    , 1.    ]])
    """
    _checked_time([from_time, to_time])
    cycles = to_time / from_time
    if round(cycles) >= 1 and abs(cycles - round(cycles)) < _TOLERANCE:
        power = np.linalg.matrix_power(_checked(transition), round(cycles))
        return _as_given(power, np.ndim(transition) == 3)
    if nearest:
        return transition_of(nearest_generator(transition, from_time).generator, to_time)
    return transition_of(generator_of(transition, from_time), to_time)


def _with_diagonal(off: Array) -> Array:
    """Return rates (D, S, S) without rounding below 0, the diagonal minus the sum of its row."""
    rates = np.maximum(off, 0.0)
    index = np.arange(rates.shape[-1])
    rates[:, index, index] = 0.0 - rates.sum(axis=-1)
    return rates


def _lanes(matrix: ArrayLike) -> Array:
    """Return matrices (S, S) or (S, S, D) as (D, S, S)."""
    m = np.asarray(matrix, dtype=float)
    if m.ndim not in (2, 3) or m.shape[0] != m.shape[1]:
        raise TransitionError(f"the matrix has shape {m.shape}; give (S, S) or (S, S, D), draws last")
    return m[None] if m.ndim == 2 else np.ascontiguousarray(np.moveaxis(m, -1, 0))


def _as_given(lanes: Array, per_draw: bool) -> Array:
    return np.ascontiguousarray(np.moveaxis(lanes, 0, -1)) if per_draw else lanes[0]


def _checked(transition: ArrayLike) -> Array:
    p = _lanes(transition)
    faults = []
    if not ((p >= 0) & (p <= 1)).all():
        faults.append("a cell of the transition matrix lies outside 0 to 1; give probabilities")
    if not (np.abs(p.sum(axis=-1) - 1) < _TOLERANCE).all():
        faults.append("a row of the transition matrix does not sum to 1; leave one cell as the remainder")
    if faults:
        raise TransitionError("\n".join(faults))
    return p


def _checked_time(time: ArrayLike) -> Array:
    times = np.atleast_1d(np.asarray(time, dtype=float))
    if not (np.isfinite(times) & (times > 0)).all():
        raise TransitionError("a cycle length is not above 0; give times in one unit")
    return times
