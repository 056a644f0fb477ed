"""Hazards from what studies print: cumulative incidence, point prevalence, or any outcome of a model."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget.simulation.rates import probability_to_rate

Array = NDArray[np.float64]

_STEPS = 200
_LOG_WIDTH = 1e-14
_LOWEST, _HIGHEST = 1e-12, 1e6


def rate_for_incidence(share: ArrayLike, time: ArrayLike) -> Array:
    """Return the constant hazard at which a share of people have had an event by a time.

    Parameters
    ----------
    share : array_like, shape (...)
        Cumulative incidence: share who ever had it by then, from 0 to below 1.
    time : array_like
        Since the start, above 0; broadcasts with the share.

    Returns
    -------
    ndarray, shape (...)
        Per unit of time.

    Raises
    ------
    TransitionError
        If a share is negative or not below 1, or a time not above 0.

    Examples
    --------
    4.6% convicted within 24 months:

    >>> round(float(rate_for_incidence(0.046, time=24)), 6)
    0.001962
    """
    return probability_to_rate(share, time)


def rate_for_prevalence(
    share: ArrayLike, time: ArrayLike, leaving_rate: ArrayLike, start_share: ArrayLike = 0.0
) -> Array:
    """Return the hazard of entering a state at which a share of people are in it at a time.

    Two states, in and out, with constant rates: with entries at rate a and exits at rate b the share in the
    state is ``a / (a + b) + (start - a / (a + b)) exp(-(a + b) time)``, which is solved for a.

    Parameters
    ----------
    share : array_like, shape (...)
        Point prevalence: share in the state at the time.
    time : array_like
        Since the start, above 0.
    leaving_rate : array_like
        Of leaving the state again, at least 0; with 0, prevalence is cumulative incidence.
    start_share : array_like
        Share in the state at the start.

    Returns
    -------
    ndarray, shape (...)
        Per unit of time; all arguments broadcast.

    Raises
    ------
    TransitionError
        With everything that is out of range; or if more are still there from the start than the share asks
        for, with the range that can be reached.

    Examples
    --------
    2.5% in the state after 21 months asks for a higher hazard, the sooner people leave it again:

    >>> rate_for_prevalence(0.025, time=21, leaving_rate=[0.0, 0.03, 0.10]).round(5)
    array([0.00121, 0.00163, 0.00291])
    """
    at, after, leaving, start = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (share, time, leaving_rate, start_share))
    )
    faults = []
    if not ((at >= 0) & (at < 1) & (start >= 0) & (start <= 1)).all():
        faults.append("a share lies outside 0 to 1, or all are in the state; give shares from 0 to below 1")
    if not (np.isfinite(after) & (after > 0)).all():
        faults.append("the time is not above 0; give the time since the start")
    if not (np.isfinite(leaving) & (leaving >= 0)).all():
        faults.append("the leaving rate is negative or not finite; give a rate from 0 on")
    if faults:
        raise TransitionError("\n".join(faults))
    still = start * np.exp(-leaving * after)
    short = at < still
    if short.any():
        raise TransitionError(
            f"{float(still[short].max()):.4g} are still in the state from the start, and only "
            f"{float(at[short].min()):.4g} is asked for; ask for a share from the first to "
            "below 1, or give fewer at the start or a higher leaving rate"
        )

    def prevalence(entering: Array) -> Array:
        total = entering + leaving
        left = np.exp(-total * after)
        return np.asarray(start * left - entering / total * np.expm1(-total * after))

    asked = at > still
    # where nothing more is asked for, nobody enters; the solver is given a share that somebody reaches
    target = np.where(asked, at, prevalence(1 / after))
    found = solve_rate(prevalence, target, _LOWEST / after, _HIGHEST * (1 / after + leaving))
    return np.asarray(np.where(asked, found, 0.0))


def solve_rate(
    outcome: Callable[[Array], Array], target: ArrayLike, low: ArrayLike, high: ArrayLike
) -> Array:
    """Return the rate at which an outcome takes a value, in every draw.

    The outcome rises or falls with the rate throughout. The rate is bracketed on its logarithm, by inverse
    quadratic interpolation where that is safe and by halving elsewhere, all draws at once.

    Parameters
    ----------
    outcome : callable
        From rates (...) to the outcome at those rates (...), such as a run of a model.
    target : array_like, shape (...)
        Value that it shall take.
    low, high : array_like
        Between which rates to look, above 0; broadcast with the target.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    TransitionError
        If no rate between low and high gives the target, with the range that they give; or if the outcome
        is not a number.

    Notes
    -----
    T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear
    function without using derivatives", Advances in Engineering Software 28 (1997).

    Examples
    --------
    The monthly hazard at which 2.5% are in care in month 21 if 3% of them return home each month:

    >>> def in_care(hazard):
    ...     share = 0.0
    ...     for month in range(21):
    ...         share = share * 0.97 + (1 - share) * -np.expm1(-hazard)
    ...     return share
    >>> round(float(solve_rate(in_care, 0.025, low=1e-6, high=1.0)), 5)
    0.00161
    """
    goal, lowest, highest = np.broadcast_arrays(
        *(np.asarray(value, dtype=float) for value in (target, low, high))
    )
    if not ((lowest > 0) & (lowest < highest) & np.isfinite(highest)).all():
        raise TransitionError("the rates to look between are not above 0 and ascending; give low below high")
    a, b = np.log(lowest), np.log(highest)
    at_low, at_high = (np.asarray(outcome(rate), dtype=float) for rate in (lowest, highest))
    f_a, f_b = at_low - goal, at_high - goal
    beyond = ~(f_a * f_b <= 0)
    if beyond.any():
        first = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
        many = f" in {float(beyond.mean()):.3g} of all draws" if beyond.size > 1 else ""
        raise TransitionError(
            f"no rate gives {goal[first]:.6g}{many}: from rate {lowest[first]:.3g} to {highest[first]:.3g} "
            f"the outcome runs from {at_low[first]:.6g} to {at_high[first]:.6g}; ask for a value in that "
            "range, or look between other rates"
        )
    c, f_c = a, f_a
    step = np.full(goal.shape, 0.5)
    for _ in range(_STEPS):
        width = np.abs(b - a)
        if ((width <= _LOG_WIDTH) | (f_a == 0) | (f_b == 0)).all():
            break
        x = a + step * (b - a)
        f_x = np.asarray(outcome(np.exp(x)), dtype=float) - goal
        same = np.sign(f_x) == np.sign(f_a)
        c, f_c = np.where(same, a, b), np.where(same, f_a, f_b)
        b, f_b = np.where(same, b, a), np.where(same, f_b, f_a)
        a, f_a = x, f_x
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, phi = (a - b) / (c - b), (f_a - f_b) / (f_c - f_b)
            curved = f_a / (f_b - f_a) * f_c / (f_b - f_c) + (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (
                f_c - f_b
            )
            safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi) & np.isfinite(curved)
            least = np.minimum(0.5, _LOG_WIDTH / np.abs(b - a))
        step = np.clip(np.where(safe, curved, 0.5), least, 1 - least)
    return np.asarray(np.exp(np.where(np.abs(f_a) < np.abs(f_b), a, b)))
