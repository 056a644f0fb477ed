"""When the money is back, and stays back."""

import math

import numpy as np
import numpy.typing as npt

from communitybudget.appraisal.flows import ROUNDING, FloatArray, as_flows


def payback_year(net: npt.ArrayLike) -> FloatArray:
    """Return the first year from which the cumulative net flow is never negative again.

    Parameters
    ----------
    net : array_like, shape (..., year)
        Undiscounted real GBP, costs avoided minus spending. Year 0 comes first.

    Returns
    -------
    ndarray of float, shape (...)
        Years since year 0: 0 where the flow is never negative, NaN where the money is not recovered within
        the horizon, or is recovered and lost again. A scalar for a single series.

    Raises
    ------
    ValueError
        If the flows have no year axis or hold a value that is not finite.

    Notes
    -----
    A cumulative flow of exactly zero is recovered. A shortfall below 1e-12 of the money moved so far
    counts as nothing, so that rounding does not delay payback.

    Examples
    --------
    >>> payback_year([[-10, 6, 6], [-10, 4, 4]])
    array([ 2., nan])
    """
    return _years(*_owed(as_flows(net, "net")))


def payback_time(net: npt.ArrayLike) -> FloatArray:
    """Return the time at which the cumulative net flow reaches zero for good.

    Parameters
    ----------
    net : array_like, shape (..., year)
        Undiscounted real GBP, costs avoided minus spending. Year 0 comes first; the flow of a year is
        spread evenly over it.

    Returns
    -------
    ndarray of float, shape (...)
        Years since the start of year 0, within the year that ``payback_year`` gives: 2.5 is half-way
        through year 2. It is 0 where the flow is never negative at the end of a year, and NaN where
        ``payback_year`` is. A scalar for a single series.

    Raises
    ------
    ValueError
        If the flows have no year axis or hold a value that is not finite.

    Examples
    --------
    >>> float(payback_time([-10, 5, 10]))
    2.5
    """
    flows = as_flows(net, "net")
    owed, balance = _owed(flows)
    years = _years(owed, balance)
    year = np.nan_to_num(years).astype(np.intp)[..., np.newaxis]
    before = np.take_along_axis(balance, np.maximum(year - 1, 0), axis=-1)[..., 0]
    within = np.take_along_axis(flows, year, axis=-1)[..., 0]
    later = years > 0
    part = np.divide(-before, within, out=np.zeros_like(within), where=later)
    return np.where(later, years + np.clip(part, 0.0, 1.0), years)[()]


def payback_percentile(payback: npt.ArrayLike, q: float) -> float:
    """Return the payback that a share ``q`` of the draws does not exceed.

    Parameters
    ----------
    payback : array_like, shape (draw,)
        Years from ``payback_year`` or ``payback_time``. NaN means "not within the horizon" and sorts last.
    q : float
        Share of the draws between 0 and 1: 0.8 for "80% likely to be paid back by".

    Returns
    -------
    float
        The smallest payback of any draw by which at least ``q`` of the draws are paid back; NaN when that
        lies beyond the horizon. It is always the payback of a draw, never a value between two.

    Raises
    ------
    ValueError
        If there is no draw, a payback is infinite, or ``q`` is not between 0 and 1.

    Examples
    --------
    >>> payback_percentile([3, 5, 4, float("nan")], 0.5)
    4.0
    >>> payback_percentile([3, 5, 4, float("nan")], 0.9)
    nan
    """
    years = np.asarray(payback, dtype=np.float64)
    if years.ndim != 1 or years.size == 0:
        raise ValueError(f"payback has shape {years.shape}; give one payback per draw")
    if np.isinf(years).any():
        raise ValueError("payback holds an infinite value; NaN is the mark for 'not within the horizon'")
    if not 0 <= q <= 1:
        raise ValueError(f"q is {q}; give a share between 0 and 1, such as 0.8 for the 80th percentile")
    # The product is rounded first: 0.07 * 100 is a hair above 7, and would ask for an eighth draw.
    rank = max(math.ceil(round(q * years.size, 9)), 1)
    return float(np.sort(years)[rank - 1])


def _owed(flows: FloatArray) -> tuple[npt.NDArray[np.bool_], FloatArray]:
    """Return whether money is still owed at the end of each year, and the cumulative flow."""
    balance = np.cumsum(flows, axis=-1)
    moved = np.cumsum(np.abs(flows), axis=-1)
    return balance < -ROUNDING * moved, balance


def _years(owed: npt.NDArray[np.bool_], balance: FloatArray) -> FloatArray:
    """Return the year after the last one in which money was owed."""
    horizon = balance.shape[-1]
    after = horizon - owed[..., ::-1].argmax(axis=-1)
    year = np.where(owed.any(axis=-1), after, 0).astype(np.float64)
    return np.where(owed[..., -1], np.nan, year)[()]
