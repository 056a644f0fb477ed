"""Discount factors and present values."""

import math
from numbers import Integral, Real

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import ScheduleError
from communitybudget.appraisal.flows import FloatArray, as_flows
from communitybudget.parameters.schedules import DiscountSchedule, discount_schedule

Schedule = str | float | DiscountSchedule
"""The name of a vintage in the bundled set, a constant rate a year, or a schedule read from another set."""


def discount_factors(
    years: int,
    schedule: Schedule = "green_book_2022",
    *,
    cycles_per_year: int = 1,
    first_undiscounted: bool = True,
    continuous: bool = False,
) -> FloatArray:
    """Return what one real pound in each year is worth in year 0.

    The factors are cumulative products: ``factor[y] = factor[y - 1] / (1 + rate(y))``, so that year 31 of
    the Green Book is ``factor[30] / 1.03``. Year 0 is not discounted.

    Parameters
    ----------
    years : int
        How many years, year 0 included: 31 gives the years 0 to 30.
    schedule : str, float or DiscountSchedule, default "green_book_2022"
        A named vintage, or a constant real rate a year above -1 (0.03 is 3%).
    cycles_per_year : int, default 1
        For comparison with health-economics packages: the number of cycles in a year, 12 for months. The
        rates stay rates a year. A step that ends within the year up to ``y`` takes the rate of ``y``, so
        whole years have the same factor for any number of cycles.
    first_undiscounted : bool, default True
        Whether the first cycle is worth its face value. If not, every factor is one cycle later.
    continuous : bool, default False
        Whether a rate compounds continuously, ``exp(-r t)``, and not yearly, ``(1 + r) ** -t``.

    Returns
    -------
    ndarray of float, shape (years * cycles_per_year,)
        Factors without unit. Element ``i`` is for an amount ``i / cycles_per_year`` years from the start.

    Raises
    ------
    ScheduleError
        If the schedule is unknown, or a rate is not a number above -1.
    ValueError
        If ``years`` or ``cycles_per_year`` is not a whole number from 1.

    Notes
    -----
    Source: HM Treasury, The Green Book (2022), annex A6. The rates are data, in
    ``rules/discount_schedules.csv`` of the parameter set, with a mark each.

    Examples
    --------
    >>> discount_factors(3)
    array([1.        , 0.966..., 0.933...])
    >>> discount_factors(2, 0.06, cycles_per_year=2)
    array([1.        , 0.971..., 0.943..., 0.916...])
    """
    count = _whole(years, "years") * _whole(cycles_per_year, "cycles_per_year")
    # Step i leads from i - 1 to i cycles after the start, and lies in the year that ends next.
    steps = np.arange(count) + (0 if first_undiscounted else 1)
    rates = _rates(schedule, (steps + cycles_per_year - 1) // cycles_per_year)
    force = rates if continuous else np.log1p(rates)
    if first_undiscounted:
        force[0] = 0.0
    with np.errstate(over="ignore"):
        factors = np.exp(-np.cumsum(force) / cycles_per_year)
    if not np.isfinite(factors).all():
        raise ScheduleError(f"the rate {schedule} makes a pound in {years} years too large for a number")
    return factors


def present_value(flows: npt.ArrayLike, schedule: Schedule = "green_book_2022") -> FloatArray:
    """Return the value in year 0 of amounts per year.

    Parameters
    ----------
    flows : array_like, shape (..., year)
        Real GBP at one price base, year 0 first and undiscounted. The sign is kept: costs entered as
        positive amounts give a positive present value.
    schedule : str, float or DiscountSchedule, default "green_book_2022"
        A named vintage, or a constant real rate a year above -1.

    Returns
    -------
    ndarray of float, shape (...)
        Real GBP in year 0; a scalar for a single series. The years are added in order, so the result of
        one draw does not depend on the other draws beside it.

    Raises
    ------
    ScheduleError
        If the schedule is unknown, or the rate is not a number above -1.
    ValueError
        If the flows have no year axis or hold a value that is not finite.

    Examples
    --------
    >>> float(present_value([0, 103.5]))
    100.0
    """
    amounts = as_flows(flows, "flows")
    factors = discount_factors(amounts.shape[-1], schedule)
    total: FloatArray = amounts[..., 0] * factors[0]
    for year in range(1, factors.size):
        total = total + amounts[..., year] * factors[year]
    return total


def npv(flows: npt.ArrayLike, schedule: Schedule = "green_book_2022") -> FloatArray:
    """Return the net present value.

    Parameters
    ----------
    flows : array_like, shape (..., year)
        Benefits minus costs in real GBP at one price base, year 0 first and undiscounted. (The worksheet
        function ``NPV`` discounts its first cell; this does not.)
    schedule : str, float or DiscountSchedule, default "green_book_2022"
        A named vintage, or a constant real rate a year above -1.

    Returns
    -------
    ndarray of float, shape (...)
        Real GBP in year 0, positive when benefits exceed costs; a scalar for a single series.

    Raises
    ------
    ScheduleError
        If the schedule is unknown, or the rate is not a number above -1.
    ValueError
        If the flows have no year axis or hold a value that is not finite.

    Notes
    -----
    Source: HM Treasury, The Green Book (2022), annex A6.

    Examples
    --------
    >>> round(float(npv([-100, 60, 60])), 2)
    13.98
    """
    return present_value(flows, schedule)


def _whole(value: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be a whole number from 1, not {value!r}")
    return int(value)


def _rates(schedule: Schedule, years: npt.NDArray[np.int_]) -> FloatArray:
    """Return the rate a year for each of ``years``, which ascend."""
    if isinstance(schedule, str):
        schedule = discount_schedule(schedule)
    if isinstance(schedule, DiscountSchedule):
        firsts = [first for first, _, _ in schedule.bands]
        rates = np.array([rate for _, _, rate in schedule.bands])
        return rates[np.searchsorted(firsts, years, side="right") - 1]
    if isinstance(schedule, bool) or not isinstance(schedule, Real):
        raise ScheduleError(
            f"{schedule!r} is no discount schedule; give a name such as 'green_book_2022', "
            "or a rate a year such as 0.035"
        )
    rate = float(schedule)
    if not math.isfinite(rate) or rate <= -1:
        raise ScheduleError(f"a discount rate must be a number above -1, such as 0.035 for 3.5%, not {rate}")
    return np.full(years.shape, rate)
