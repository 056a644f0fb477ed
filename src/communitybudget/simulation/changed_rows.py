"""A row of probabilities under an effect: several moves at once, with the remainder watched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import EffectError, TransitionError, did_you_mean
from communitybudget.simulation.rates import competing_probabilities, competing_rates

Array = NDArray[np.float64]

ROW_MEASURES: tuple[str, ...] = ("relative_risk", "odds_ratio", "hazard_ratio", "replaced")
COMBINING_RULES: tuple[str, ...] = ("multiplicative", "strongest")

_TOLERANCE = 1e-12


def changed_row(
    row: ArrayLike, moves: Sequence[int], ratio: ArrayLike, measure: str, state: str = "this state"
) -> Array:
    """Return the exits of one state when an effect acts on some of them.

    Parameters
    ----------
    row : array_like, shape (J, ...)
        Probabilities of the J exits over a cycle, staying not among them; they sum to at most 1.
    moves : sequence of int
        Which exits change, M of them.
    ratio : array_like, shape (...) or (M, ...)
        One ratio for all the moves, or one for each where it has as many axes as the row. For ratios over
        draws (D,) on a row without draws, give the row as (J, 1).
    measure : str
        ``relative_risk``: probabilities times the ratio; who no longer leaves stays.
        ``hazard_ratio``: rates times the ratio, then competing exits anew, see `competing_rates`.
        ``odds_ratio``: odds against staying times the ratio (multinomial logit).
        ``replaced``: the ratio is the new probability.
    state : str
        Name of the state, for the message.

    Returns
    -------
    ndarray, shape (J, ...)
        Hazard ratios and odds ratios leave a remainder whatever the ratio.

    Raises
    ------
    TransitionError
        If the exits would sum to more than 1: the state, the share of draws, the smallest ratio at which it
        happens and the remedy; or if the row is none, or moves are not in it.
    EffectError
        If the measure is unknown or a ratio negative.

    Examples
    --------
    >>> row = [0.30, 0.20]
    >>> changed_row(row, [0], 0.5, "relative_risk")
    array([0.15, 0.2 ])
    >>> changed_row(row, [0], 9.0, "odds_ratio").round(3)
    array([0.794, 0.059])
    >>> changed_row(row, [0], 9.0, "hazard_ratio").round(3)
    array([0.914, 0.068])
    """
    exits = np.asarray(row, dtype=float)
    changed = list(moves)
    by = np.asarray(ratio, dtype=float)
    _check(exits, changed, by, measure, state)
    if by.ndim < exits.ndim or by.ndim == 0:
        by = np.broadcast_to(by, (len(changed), *by.shape))
    shape = np.broadcast_shapes(exits.shape[1:], by.shape[1:])
    exits = np.broadcast_to(_with_axes(exits, len(shape)), (exits.shape[0], *shape)).copy()
    by = np.broadcast_to(_with_axes(by, len(shape)), (len(changed), *shape))
    match measure:
        case "hazard_ratio":
            rates = competing_rates(exits)
            rates[changed] *= by
            return competing_probabilities(rates)[0]
        case "odds_ratio":
            stays = np.maximum(1 - exits.sum(axis=0), 0.0)
            exits[changed] *= by
            weights = exits.sum(axis=0) + stays
            if (weights == 0).any():
                raise TransitionError(
                    f"nobody stays in {state} and every exit has odds of 0; leave some exit or some staying"
                )
            return np.asarray(exits / weights)
        case "relative_risk":
            _watch_remainder(exits, changed, by, state)
            exits[changed] *= by
        case _:
            exits[changed] = by
            total = exits.sum(axis=0)
            if (total > 1 + _TOLERANCE).any():
                room = 1 - np.delete(exits, changed, axis=0).sum(axis=0)
                raise TransitionError(
                    f"the exits of {state} would sum to up to {float(total.max()):.4g} in "
                    f"{float((total > 1 + _TOLERANCE).mean()):.3g} of all draws; the replaced ones may sum "
                    f"to {float(room.min()):.4g} at the most"
                )
    return exits


def combined_ratio(ratios: ArrayLike, rule: str | ArrayLike) -> Array:
    """Return the ratio of several effects that act on one move.

    Parameters
    ----------
    ratios : array_like, shape (M, ...)
        Of the M effects, at least 0.
    rule : str or array_like, shape (...)
        ``multiplicative``: their product. ``strongest``: the one farthest from 1 on the log scale, up or
        down, draw by draw; the first of equals. A number or array: that ratio, given by the user.

    Returns
    -------
    ndarray, shape (...)

    Raises
    ------
    EffectError
        If the rule is unknown or a ratio negative.

    Examples
    --------
    >>> [
    ...     round(float(combined_ratio([0.8, 0.5, 1.1], rule)), 3)
    ...     for rule in ("multiplicative", "strongest", 0.6)
    ... ]
    [0.44, 0.5, 0.6]
    """
    each = np.atleast_1d(np.asarray(ratios, dtype=float))
    faults = _ratio_faults(each)
    if isinstance(rule, str):
        if rule not in COMBINING_RULES:
            faults.append(
                f"'{rule}' is no rule of combining; {did_you_mean(rule, COMBINING_RULES)} or give a ratio"
            )
        combined = each
    else:
        combined = np.asarray(rule, dtype=float)
        faults += [] if faults else _ratio_faults(combined)
    if faults:
        raise EffectError("\n".join(faults))
    if not isinstance(rule, str):
        return np.broadcast_to(combined, np.broadcast_shapes(combined.shape, each.shape[1:])).copy()
    if rule == "multiplicative":
        return np.asarray(each.prod(axis=0))
    with np.errstate(divide="ignore"):
        strongest = np.abs(np.log(each)).argmax(axis=0)
    return np.asarray(np.take_along_axis(each, strongest[None], axis=0)[0])


def _watch_remainder(exits: Array, changed: list[int], by: Array, state: str) -> None:
    moved = (exits[changed] * by).sum(axis=0)
    others = np.delete(exits, changed, axis=0).sum(axis=0)
    over = others + moved > 1 + _TOLERANCE
    if not over.any():
        return
    # all ratios of a draw shrunk alike until the row is just full
    part = (1 - others[over]) / moved[over]
    fitting = by.max(axis=0)[over] * part
    raise TransitionError(
        f"the exits of {state} would sum to up to {float((others + moved).max()):.4g} in "
        f"{float(over.mean()):.3g} of all draws; a relative risk above {float(fitting.min()):.4g} "
        "overfills the row. Use hazard_ratio or odds_ratio, which leave a remainder whatever the ratio, "
        "or a smaller relative risk"
    )


def _check(exits: Array, changed: list[int], by: Array, measure: str, state: str) -> None:
    if measure not in ROW_MEASURES:
        raise EffectError(f"'{measure}' is no measure of a row; {did_you_mean(measure, ROW_MEASURES)}")
    faults = []
    if (
        exits.ndim == 0
        or not ((exits >= 0) & (exits <= 1)).all()
        or (exits.sum(axis=0) > 1 + _TOLERANCE).any()
    ):
        faults.append(f"the exits of {state} are no probabilities that sum to at most 1; correct the row")
    if (
        not changed
        or len(set(changed)) < len(changed)
        or not set(changed) <= set(range(len(np.atleast_1d(exits))))
    ):
        faults.append(f"the moves {changed} are not different exits of {state}; count its exits from 0")
    if faults:
        raise TransitionError("\n".join(faults))
    faults = _ratio_faults(by)
    if by.ndim > exits.ndim or (by.ndim == exits.ndim and by.shape[0] != len(changed)):
        faults.append(
            f"ratios of shape {by.shape} do not fit {len(changed)} moves on a row of shape {exits.shape}; "
            "give one for each move first, or for ratios over draws a row (J, 1)"
        )
    if faults:
        raise EffectError("\n".join(faults))


def _ratio_faults(by: Array) -> list[str]:
    if (np.isfinite(by) & (by >= 0)).all():
        return []
    return ["a ratio is negative or not a number; 1 is no effect, below 1 fewer, above 1 more"]


def _with_axes(first: Array, axes: int) -> Array:
    """Return an array (N, ...) with so many axes after its first."""
    return first.reshape(first.shape[0], *(1,) * (axes - first.ndim + 1), *first.shape[1:])
