"""The value of an input at which the answer changes."""

import itertools
import math
from collections.abc import Callable

import numpy as np

_STEPS = 32


def switching_value(outcome: Callable[[float], float], low: float, high: float, target: float = 0.0) -> float:
    """Return the input at which an outcome crosses a target.

    Parameters
    ----------
    outcome : callable, float -> float
        For example the net present value in GBP as a function of one input, everything else held.
    low, high : float
        The range of the input to look in, in its own unit.
    target : float, default 0.0
        In the unit of the outcome.

    Returns
    -------
    float
        The input, between ``low`` and ``high``; NaN if the outcome does not cross the target there. Where
        the outcome jumps across the target, the place of the jump.

    Raises
    ------
    ValueError
        If ``low`` is not below ``high``, a number is not finite, or the outcome is not finite somewhere.

    Notes
    -----
    Brent's method on a bracket: no derivative is needed. If the outcome lies on the same side of the target
    at both ends, the range is looked at in 32 equal steps and the lowest crossing found is returned; two
    crossings within one step can be missed. If the ends lie on different sides and the outcome crosses
    several times, one of the crossings is returned.

    Examples
    --------
    >>> round(switching_value(lambda fall: 62_522 * fall - 1_478, 0, 1), 4)
    0.0236
    """
    if not all(math.isfinite(value) for value in (low, high, target)) or low >= high:
        raise ValueError(
            f"low is {low}, high {high} and target {target}; give finite numbers with low below high"
        )

    def gap(value: float) -> float:
        found = float(outcome(value)) - target
        if not math.isfinite(found):
            raise ValueError(f"the outcome is not finite at {value}; narrow the range")
        return found

    ends = (gap(low), gap(high))
    if ends[0] == 0 or ends[1] == 0:
        return float(low if ends[0] == 0 else high)
    if (ends[0] < 0) != (ends[1] < 0):
        return _crossing(gap, low, high)
    places = [float(place) for place in np.linspace(low, high, _STEPS + 1)]
    for left, right in itertools.pairwise(places[:-1]):
        beyond = gap(right)
        if beyond == 0:
            return right
        if (beyond < 0) != (ends[0] < 0):
            return _crossing(gap, left, right)
    return math.nan


def _crossing(gap: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(gap, low, high, xtol=1e-12 * (high - low), maxiter=500))
