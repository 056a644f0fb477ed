"""The cashability ladder: from average cost to the year in which a budget can be cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.results import result

Array = NDArray[np.float64]

STEP_ROUNDING = 1e-9
"""A volume this close below a whole step, as a share of a step, is that step."""


@result
@dataclass(frozen=True, eq=False)
class Ladder:
    """What is left of costs avoided on each rung, real GBP by year and draw.

    Parameters
    ----------
    average : ndarray, shape (year, draw)
        Volume avoided at the average cost.
    marginal : ndarray, shape (year, draw)
        The part of it that varies with volume.
    stepped : ndarray, shape (year, draw)
        The part that whole steps release, as if a step could close at once.
    bankable : ndarray, shape (year, draw)
        The same once closing and notice are over.
    steps : ndarray, shape (year, draw)
        Whole steps that have been closed by the end of the year; 0 where there is no step.
    """

    average: Array
    marginal: Array
    stepped: Array
    bankable: Array
    steps: Array

    def probability_of_steps(self, steps: int) -> Array:
        """Return the probability that at least so many steps are closed by each year, shape (year,)."""
        if steps < 1:
            raise ValueError(f"{steps} steps is no number to reach; ask for 1 or more")
        return np.asarray((self.steps >= steps).mean(axis=-1))


def climb_ladder(
    volume: ArrayLike,
    unit_cost: ArrayLike,
    marginal_share: ArrayLike = 1.0,
    step: float | None = None,
    delay_months: int = 0,
) -> Ladder:
    """Take a volume avoided up the cashability ladder.

    Parameters
    ----------
    volume : array_like, shape (year, draw)
        Natural units avoided in each year, for example places; negative where more are used.
    unit_cost : array_like, scalar or shape (draw,)
        Average cost of a unit, real GBP.
    marginal_share : array_like, scalar or shape (draw,)
        Share of the average cost that varies with volume, 0 to 1.
    step : float, optional
        Units that only go together: 6 places of a home. Without one, volume is released bit by bit.
    delay_months : int
        From the day a step is no longer needed to the day its cost stops: decommissioning, then notice.

    Returns
    -------
    Ladder
        In every draw and year: bankable <= stepped <= marginal <= average where volume is avoided.

    Raises
    ------
    ValueError
        If the step is not above 0, the delay is negative or a share is outside 0 to 1.

    Notes
    -----
    A step is released as long as the volume has stayed avoided without a break: with a delay of *k*
    whole years, ``floor(min(volume[t - k .. t]) / step)`` steps, nothing being avoided before the
    first year. A part of a year is shared in proportion between *k* and *k + 1* years. Where more
    is used than in business as usual, the extra is spent at once, at the marginal cost, with no
    step and no delay.

    Examples
    --------
    >>> places = [[5.0], [6.5], [6.2], [12.0]]
    >>> climb_ladder(places, 100.0, 0.8, step=6, delay_months=12).bankable[:, 0]
    array([  0.,   0., 480., 480.])
    """
    avoided = np.asarray(volume, dtype=float)
    if avoided.ndim != 2:
        raise ValueError(f"volume has {avoided.ndim} axes; give year and draw")
    share = np.asarray(marginal_share, dtype=float)
    if not ((share >= 0) & (share <= 1)).all():
        raise ValueError("a marginal share lies outside 0 to 1; write 80% as 0.8")
    if step is not None and not step > 0:
        raise ValueError(f"a step of {step:g} releases nothing; give the units that go together, such as 6")
    if delay_months < 0:
        raise ValueError(f"a delay of {delay_months} months is in the past; give 0 or more")
    price = np.asarray(unit_cost, dtype=float)
    average = avoided * price
    cost = price * share
    years, part = divmod(delay_months, 12)
    stepped = _released(avoided, cost, step, 0)
    bankable = _released(avoided, cost, step, years)
    if part:
        bankable = bankable * (1 - part / 12) + _released(avoided, cost, step, years + 1) * (part / 12)
    steps = np.zeros_like(avoided)
    if step is not None:
        steps = whole_steps(sustained(avoided, years), step)
    return Ladder(average, avoided * cost, stepped, bankable, steps)


def sustained(volume: Array, years: int) -> Array:
    """Return the least volume of a year and the ``years`` before it, shape (year, draw); nothing before."""
    least = volume.copy()
    for back in range(1, years + 1):
        earlier = np.zeros_like(volume)
        earlier[back:] = volume[:-back] if back < len(volume) else volume[:0]
        np.minimum(least, earlier, out=least)
    return least


def whole_steps(volume: Array, step: float) -> Array:
    """Return the whole steps in a volume; none where it is negative."""
    return np.maximum(np.floor(volume / step + STEP_ROUNDING), 0.0)


def _released(volume: Array, cost: Array, step: float | None, years: int) -> Array:
    """Return GBP released where volume must have been avoided for some years; extra use counts at once."""
    kept = np.maximum(sustained(volume, years), 0.0)
    if step is not None:
        # rounding up to a whole step may not release more than the volume itself
        kept = np.minimum(whole_steps(kept, step) * step, kept)
    return np.asarray(np.where(volume < 0, volume, kept) * cost)
