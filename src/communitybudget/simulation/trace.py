"""The open door: a cohort trace from transition matrices, for other programs."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import TransitionError

Array = NDArray[np.float64]

_TOLERANCE = 1e-9


def cohort_trace(transition: ArrayLike, start: ArrayLike, cycles: int) -> Array:
    """Return the share of a cohort in each state after each cycle.

    Parameters
    ----------
    transition : array_like
        Rows sum to one. Shape (S, S); (cycles, S, S) time-varying; (D, S, S) per draw; or
        (D, cycles, S, S). A three-dimensional array is time-varying where its first axis has the
        length ``cycles`` and ``start`` is (S,); give (D, 1, S, S) or a start of shape (D, S) to
        say that it is draws.
    start : array_like, shape (S,) or (D, S)
        Share in each state at the start; sums to one.
    cycles : int
        Number of cycles, at least 1.

    Returns
    -------
    ndarray, shape (cycles + 1, S) or (D, cycles + 1, S)
        Row 0 is the start.

    Raises
    ------
    TransitionError
        If a row does not sum to one, a probability is outside 0 to 1, or shapes do not fit.

    Examples
    --------
    Mutually exclusive exits of 1% and 0.5% a day leave 63.5% after 30 days, since they compete.

    >>> day = [[0.985, 0.01, 0.005], [0, 1, 0], [0, 0, 1]]
    >>> round(float(cohort_trace(day, [1, 0, 0], 30)[-1, 0]), 3)
    0.635
    """
    p = np.asarray(transition, dtype=float)
    x = np.asarray(start, dtype=float)
    if cycles < 1:
        raise TransitionError(f"cycles is {cycles}; ask for at least 1")
    p, x, per_draw = _shapes(p, x, cycles)
    _check(p, x)
    draws = max(p.shape[0], x.shape[0])
    states = p.shape[-1]
    lanes = np.ascontiguousarray(np.moveaxis(np.broadcast_to(p, (draws, *p.shape[1:])), 0, -1))
    now = np.ascontiguousarray(np.broadcast_to(x, (draws, states)).T)
    pairs = np.argwhere((lanes != 0).any(axis=(0, 3))) if lanes.shape[0] else np.empty((0, 2), int)
    # edges while they are few, else a dense product; the choice depends on the model alone
    dense = len(pairs) > (0.5 if states <= 10 else 0.3) * states * states
    out = np.empty((cycles + 1, states, draws))
    out[0] = now
    flow = np.empty(draws)
    for cycle in range(cycles):
        step = lanes[min(cycle, lanes.shape[0] - 1)]
        if dense:
            np.einsum("id,ijd->jd", out[cycle], step, out=out[cycle + 1])
        else:
            out[cycle + 1] = 0.0
            for source, target in pairs:
                np.multiply(out[cycle, source], step[source, target], out=flow)
                out[cycle + 1, target] += flow
    result = np.ascontiguousarray(np.moveaxis(out, -1, 0))
    return result if per_draw else result[0]


def _shapes(p: Array, x: Array, cycles: int) -> tuple[Array, Array, bool]:
    """Return transition (D or 1, cycles or 1, S, S), start (D or 1, S), and whether draws were given."""
    if (
        x.ndim not in (1, 2)
        or p.ndim not in (2, 3, 4)
        or p.shape[-1] != p.shape[-2]
        or p.shape[-1] != x.shape[-1]
    ):
        raise TransitionError(
            f"transition has shape {p.shape} and start {x.shape}; give (S, S), (cycles, S, S), (D, S, S) or "
            "(D, cycles, S, S) with a start of (S,) or (D, S)"
        )
    per_draw = x.ndim == 2 or p.ndim == 4
    if p.ndim == 2:
        p = p[None, None]
    elif p.ndim == 3:
        over_time = p.shape[0] == cycles and (x.ndim == 1 or x.shape[0] != cycles)
        per_draw = per_draw or not over_time
        p = p[None] if over_time else p[:, None]
    if x.ndim == 1:
        x = x[None]
    if p.shape[1] not in (1, cycles):
        raise TransitionError(
            f"transition has {p.shape[1]} cycles and {cycles} are asked for; make them equal"
        )
    if p.shape[0] != 1 and x.shape[0] != 1 and p.shape[0] != x.shape[0]:
        raise TransitionError(f"transition has {p.shape[0]} draws and start {x.shape[0]}; make them equal")
    return p, x, per_draw


def _check(p: Array, x: Array) -> None:
    if not np.isfinite(p).all() or (p < -_TOLERANCE).any() or (p > 1 + _TOLERANCE).any():
        where = tuple(int(i) for i in np.argwhere(~((p >= -_TOLERANCE) & (p <= 1 + _TOLERANCE)))[0])
        raise TransitionError(
            f"transition[{where[2]}, {where[3]}] is {p[where]:g} (draw {where[0]}, cycle {where[1]}); "
            "probabilities lie between 0 and 1"
        )
    sums = p.sum(axis=-1)
    wrong = np.argwhere(np.abs(sums - 1) > _TOLERANCE)
    if wrong.size:
        draw, cycle, state = (int(i) for i in wrong[0])
        raise TransitionError(
            f"the row of state {state} sums to {sums[draw, cycle, state]:.6f}, not 1 (draw {draw}, cycle "
            f"{cycle}; {len(wrong)} rows in all); leave one cell as the remainder"
        )
    if not np.isfinite(x).all() or np.abs(x.sum(axis=-1) - 1).max() > _TOLERANCE or (x < 0).any():
        raise TransitionError(
            "start does not sum to 1 or is negative; give the share of the cohort in each state"
        )
