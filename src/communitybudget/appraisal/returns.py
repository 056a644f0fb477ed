"""Benefit-cost ratio and internal rate of return."""

import numpy as np
import numpy.typing as npt

from communitybudget.appraisal.discounting import Schedule, present_value
from communitybudget.appraisal.flows import ROUNDING, FloatArray, as_flows

_BRACKET = 30.0
_HALVINGS = 64
_NEARLY_REAL = 1e-5


def bcr(benefits: npt.ArrayLike, costs: npt.ArrayLike, schedule: Schedule = "green_book_2022") -> float:
    """Return the benefit-cost ratio: mean present benefits over mean present costs.

    It is a ratio of means over the draws; a mean of ratios is never reported.

    Parameters
    ----------
    benefits, costs : array_like, shape (draw, year) or (year,)
        Real GBP at one price base, year 0 first, both entered as positive amounts. A single series stands
        for every draw.
    schedule : str, float or DiscountSchedule, default "green_book_2022"
        A named vintage, or a constant real rate a year above -1.

    Returns
    -------
    float
        Pounds of benefit for a pound of cost; NaN when the mean present cost is not positive.

    Raises
    ------
    ScheduleError
        If the schedule is unknown, or the rate is not a number above -1.
    ValueError
        If the arrays have other shapes, differ in years or draws, or hold a value that is not finite.

    Examples
    --------
    >>> bcr([[0, 207], [0, 103.5]], [100, 0])
    1.5
    """
    gains, spent = as_flows(benefits, "benefits"), as_flows(costs, "costs")
    if gains.ndim > 2 or spent.ndim > 2 or gains.shape[-1] != spent.shape[-1]:
        raise ValueError(
            f"benefits have shape {gains.shape} and costs {spent.shape}; "
            "give (draw, year) with the same years"
        )
    if gains.ndim == spent.ndim == 2 and gains.shape[0] != spent.shape[0]:
        raise ValueError(f"benefits have {gains.shape[0]} draws and costs {spent.shape[0]}; give as many")
    if gains.size == 0 or spent.size == 0:
        raise ValueError("benefits and costs need at least one draw")
    cost = float(np.mean(present_value(spent, schedule)))
    return float(np.mean(present_value(gains, schedule))) / cost if cost > 0 else float("nan")


def irr(flows: npt.ArrayLike) -> FloatArray:
    """Return the internal rate of return, where there is exactly one.

    The net present value is a polynomial in ``v = 1 / (1 + r)``. Its roots with ``v > 0``, that is with
    ``r > -1``, are counted with their multiplicity: by Descartes' rule of signs where that settles the
    number, and from the companion matrix where it does not.

    Parameters
    ----------
    flows : array_like, shape (..., year)
        Benefits minus costs in real GBP, year 0 first and undiscounted.

    Returns
    -------
    ndarray of float, shape (...)
        Real rate a year, 0.19 for 19%; a scalar for a single series. NaN where no rate above -1 makes the
        net present value zero, and where more than one does, a double root included.

    Raises
    ------
    ValueError
        If the flows have no year axis or hold a value that is not finite.

    Notes
    -----
    Flows that change sign an even number of times (money out, in, and out again) have no rate or several,
    so they give NaN, even where only one of the rates is positive. Amounts up to 1e-12 of the largest
    count as zero, so that a residue of rounding makes no change of sign.

    Source: Descartes' rule of signs. C. J. Norstrom, "A sufficient condition for a unique nonnegative
    internal rate of return", Journal of Financial and Quantitative Analysis 7 (1972), looks at rates from
    zero only; here every rate above -1 counts.

    Examples
    --------
    >>> irr([[-100, 60, 60], [-100, 230, -132]]).round(4)
    array([0.1307,    nan])
    """
    amounts = as_flows(flows, "flows")
    rows = amounts.reshape(-1, amounts.shape[-1])
    largest = np.abs(rows).max(axis=1, keepdims=True)
    rows = np.where(np.abs(rows) <= ROUNDING * largest, 0.0, rows / np.where(largest > 0, largest, 1.0))
    changes = _sign_changes(rows)
    unique = changes == 1
    unsure = np.flatnonzero((changes > 1) & (changes % 2 == 1))
    unique[unsure] = [_positive_roots(rows[i]) == 1 for i in unsure]
    rates = np.full(rows.shape[0], np.nan)
    rates[unique] = _only_root(rows[unique])
    return rates.reshape(amounts.shape[:-1])[()]


def _sign_changes(rows: FloatArray) -> npt.NDArray[np.int_]:
    """Count how often the sign changes along each row, zeros left out; rows have shape (series, year)."""
    sign = np.sign(rows)
    changes = np.zeros(rows.shape[0], dtype=np.int_)
    last = sign[:, 0].copy()
    for year in range(1, rows.shape[1]):
        now = sign[:, year]
        changes += (now * last) < 0
        last = np.where(now != 0, now, last)
    return changes


def _positive_roots(row: FloatArray) -> int:
    """Count the positive roots of one polynomial with their multiplicity; near-real pairs count as real."""
    roots = np.roots(np.trim_zeros(row))
    real = np.abs(roots.imag) <= _NEARLY_REAL * np.abs(roots)
    return int(np.count_nonzero(real & (roots.real > 0)))


def _only_root(rows: FloatArray) -> FloatArray:
    """Halve a bracket around the only positive root of each row, in the force of interest ln(1 + r)."""
    nonzero = rows != 0
    first = np.take_along_axis(rows, nonzero.argmax(axis=1)[:, np.newaxis], axis=1)
    coefficients = (rows * np.sign(first)).T
    low = np.full(rows.shape[0], -_BRACKET)
    high = np.full(rows.shape[0], _BRACKET)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = _sign_of_npv(coefficients, middle) > 0
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    rates: FloatArray = np.expm1((low + high) / 2)
    return rates


def _sign_of_npv(coefficients: FloatArray, force: FloatArray) -> FloatArray:
    """Return a number with the sign of the net present value; coefficients have shape (year, series).

    Horner's scheme from whichever end keeps the powers at or below one, so that nothing overflows.
    """
    power = np.exp(-np.abs(force))
    forward = np.zeros_like(force)
    backward = np.zeros_like(force)
    for year in range(coefficients.shape[0]):
        forward = forward * power + coefficients[-1 - year]
        backward = backward * power + coefficients[year]
    return np.where(force >= 0, forward, backward)
