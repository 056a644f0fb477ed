"""How an outcome changes with every transition probability, by one backward pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError
from communitybudget.sensitivity import About, OneWay
from communitybudget.sensitivity.one_way import straight_bars
from communitybudget.sensitivity.ranges import as_ranges
from communitybudget.simulation.trace import cohort_trace

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeGradient:
    """An outcome of a cohort and its derivatives.

    Parameters
    ----------
    outcome : float
        Sum over cycles and states of weight, occupancy and reward.
    transition : ndarray, shape (S, S) or (cycles, S, S)
        Derivative by each probability, from states in rows, the others held; of the shape given.
    start : ndarray, shape (S,)
        Derivative by the share that starts in each state.
    rewards : ndarray, shape (S,) or (cycles + 1, S)
        Derivative by each reward, of the shape given.
    """

    outcome: float
    transition: Array
    start: Array
    rewards: Array

    @property
    def against_staying(self) -> Array:
        """Derivative by each probability that is taken from staying in the state, so that rows sum to one."""
        diagonal = np.diagonal(self.transition, axis1=-2, axis2=-1)
        return self.transition - diagonal[..., np.newaxis]


def outcome_gradient(
    transition: ArrayLike, start: ArrayLike, rewards: ArrayLike, weights: ArrayLike
) -> OutcomeGradient:
    """Return an outcome of a cohort and how it changes with every transition, start share and reward.

    Parameters
    ----------
    transition : array_like, shape (S, S) or (cycles, S, S)
        Rows sum to one.
    start : array_like, shape (S,)
        Share in each state at the start; sums to one.
    rewards : array_like, shape (S,) or (cycles + 1, S)
        What being in a state at a point of time is worth, GBP or any unit.
    weights : array_like, shape (cycles + 1,)
        Of each point of time, the start first: discount factors times within-cycle weights, such as a half
        at both ends.

    Returns
    -------
    OutcomeGradient

    Raises
    ------
    TransitionError
        If shapes do not fit, a row does not sum to one, or a reward or weight is not finite.

    Notes
    -----
    With occupancy ``x[t+1] = x[t] P[t]`` and outcome ``sum_t w[t] x[t] . r[t]``, the adjoint
    ``a[t] = w[t] r[t] + P[t] a[t+1]``, from ``a[cycles] = w[cycles] r[cycles]`` back, gives every
    derivative at once: ``d outcome / d P[t][i, j] = x[t][i] a[t+1][j]``. One forward and one backward pass,
    however many transitions there are. Source: A. Griewank and A. Walther, *Evaluating Derivatives* (2008),
    chapter 3.

    Examples
    --------
    One cycle: half stay, half move to a state worth 10.

    >>> found = outcome_gradient([[0.5, 0.5], [0, 1]], [1, 0], [0, 10], [0, 1])
    >>> found.outcome, found.transition.tolist()
    (5.0, [[0.0, 10.0], [0.0, 0.0]])
    """
    p, x0 = np.asarray(transition, dtype=np.float64), np.asarray(start, dtype=np.float64)
    r, w = np.asarray(rewards, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if w.ndim != 1 or w.size < 2 or not np.isfinite(w).all():
        raise TransitionError(
            f"weights have shape {w.shape}; give a finite one for the start and for the end of each cycle"
        )
    cycles = w.size - 1
    if p.shape not in ((x0.size, x0.size), (cycles, x0.size, x0.size)) or x0.ndim != 1:
        raise TransitionError(
            f"transition has shape {p.shape} and start {x0.shape}; give (S, S) or (cycles, S, S), with "
            f"{cycles} cycles as the weights say, and (S,)"
        )
    if r.shape not in ((x0.size,), (cycles + 1, x0.size)) or not np.isfinite(r).all():
        raise TransitionError(
            f"rewards have shape {r.shape}; give finite ones, ({x0.size},) or ({cycles + 1}, {x0.size})"
        )
    steps = np.broadcast_to(p, (cycles, x0.size, x0.size))
    occupancy = cohort_trace(steps[np.newaxis], x0, cycles)[0]
    worth = w[:, np.newaxis] * r
    adjoint = np.empty_like(worth)
    adjoint[cycles] = worth[cycles]
    for t in range(cycles - 1, -1, -1):
        adjoint[t] = worth[t] + steps[t] @ adjoint[t + 1]
    if p.ndim == 2:
        by_transition = occupancy[:-1].T @ adjoint[1:]
    else:
        by_transition = occupancy[:-1, :, np.newaxis] * adjoint[1:, np.newaxis, :]
    by_reward = w[:, np.newaxis] * occupancy
    return OutcomeGradient(
        outcome=float((worth * occupancy).sum()),
        transition=by_transition,
        start=adjoint[0],
        rewards=by_reward.sum(axis=0) if r.ndim == 1 else by_reward,
    )


def gradient_tornado(
    transition_of: Callable[[Array], ArrayLike],
    table: "pd.DataFrame",
    start: ArrayLike,
    rewards: ArrayLike,
    weights: ArrayLike,
    *,
    step: float = 1e-4,
    ends: tuple[str, str] = ("its low value", "its high value"),
    about: About | None = None,
) -> OneWay:
    """Return the tornado of inputs that act through the transitions, from one backward pass.

    The adjoint gives the slope of the outcome in every transition; how the transitions change with each
    input is a central difference of the transitions alone, for which no cohort is run.

    Parameters
    ----------
    transition_of : callable
        Takes settings of all inputs, shape (row, input), 2 K + 1 rows at once, and returns transitions,
        shape (row, S, S) or (row, cycles, S, S).
    table : pandas.DataFrame
        A row per input: ``key``, ``low``, ``base``, ``high``; ``label`` and ``mark`` if they are known.
    start, rewards, weights
        As in `outcome_gradient`.
    step : float, default 1e-4
        Half the distance of the central difference, as a share of ``high - low``.
    ends : tuple of (str, str), optional
        What the low and the high values are, in words.
    about : About, optional
        What the outcome is.

    Returns
    -------
    OneWay
        Its bars are straight: the slope at the base, times the way to each end. Where the outcome bends,
        `one_way` tells more.

    Raises
    ------
    TransitionError
        As `outcome_gradient`.
    ValueError
        If the table is faulty or the step is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"key": ["leave"], "low": [0.1], "base": [0.2], "high": [0.4]})
    >>> def transition(rows):
    ...     p = rows[:, 0]
    ...     return np.stack([1 - p, p, 0 * p, 1 + 0 * p], axis=-1).reshape(-1, 2, 2)
    >>> bars = gradient_tornado(transition, table, [1, 0], [100, 0], [0, 1])  # 100 (1 - p)
    >>> bars.base, bars.low.round(6).tolist(), bars.high.round(6).tolist()
    (80.0, [90.0], [60.0])
    """
    if not step > 0:
        raise ValueError(f"step is {step}; give a share of the range above 0, such as 1e-4")
    ranges = as_ranges(table)
    count = len(ranges)
    width = step * (ranges.high - ranges.low)
    moves = np.concatenate([np.zeros((1, count)), np.diag(-width), np.diag(width)])
    found = np.asarray(transition_of(ranges.base + moves), dtype=np.float64)
    if found.ndim not in (3, 4) or len(found) != len(moves):
        raise TransitionError(
            f"transition_of gave shape {found.shape} for {len(moves)} settings; give (row, S, S) or "
            "(row, cycles, S, S)"
        )
    gradient = outcome_gradient(found[0], start, rewards, weights)
    change = found[count + 1 :] - found[1 : count + 1]
    through = (change * gradient.transition).reshape(count, -1).sum(axis=1)
    slope = through / np.where(width != 0, 2 * width, 1.0)
    return straight_bars(ranges, np.array([gradient.outcome]), slope[:, np.newaxis], ends, about)
