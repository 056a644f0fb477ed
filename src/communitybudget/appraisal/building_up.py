"""The cost of a person's time, built up: hours, pay, on-costs, overheads."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

MOST_PROFESSIONALS = 20
"""People who may be built up for one family: the most that has been reported of one family."""


@dataclass(frozen=True, slots=True)
class BuiltUpCost:
    """What some hours of one person cost, GBP at the price base of the pay.

    Parameters
    ----------
    pay : ndarray, shape (draw,) or ()
        Hours times pay.
    on_costs : ndarray, same shape
        Employer's national insurance, pension and the like, on pay.
    overheads : ndarray, same shape
        Management, premises and support, on pay and on-costs.
    """

    pay: Array
    on_costs: Array
    overheads: Array

    @property
    def total(self) -> Array:
        """Pay, on-costs and overheads."""
        return np.asarray(self.pay + self.on_costs + self.overheads)


def built_up_cost(
    hours: ArrayLike, hourly_pay: ArrayLike, on_costs: ArrayLike = 0.0, overheads: ArrayLike = 0.0
) -> BuiltUpCost:
    """Build up the cost of some hours of one person.

    Parameters
    ----------
    hours : array_like, scalar or shape (draw,)
        All hours that are paid for: with the family, travelling, writing up.
    hourly_pay : array_like, scalar or shape (draw,)
        GBP an hour, before on-costs.
    on_costs : array_like, scalar or shape (draw,)
        Share added to pay; 0 where the pay holds them.
    overheads : array_like, scalar or shape (draw,)
        Share added to pay and on-costs; 0 where the pay holds them.

    Returns
    -------
    BuiltUpCost
        hours x pay x (1 + on-costs) x (1 + overheads), in its three parts.

    Raises
    ------
    ValueError
        With every amount that is negative.

    Examples
    --------
    >>> cost = built_up_cost(100, 20.0, on_costs=0.25, overheads=0.2)
    >>> [round(float(part)) for part in (cost.pay, cost.on_costs, cost.overheads, cost.total)]
    [2000, 500, 500, 3000]
    """
    given = {"hours": hours, "hourly_pay": hourly_pay, "on_costs": on_costs, "overheads": overheads}
    values = {name: np.asarray(value, dtype=float) for name, value in given.items()}
    wrong = [name for name, value in values.items() if (value < 0).any()]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: negative; give what is spent as positive")
    pay = values["hours"] * values["hourly_pay"]
    added = pay * values["on_costs"]
    return BuiltUpCost(pay, added, (pay + added) * values["overheads"])


def hourly_pay(salary: ArrayLike, hours_a_year: ArrayLike) -> Array:
    """Return pay an hour from a salary and the hours that are worked for it.

    Parameters
    ----------
    salary : array_like, scalar or shape (draw,)
        GBP a year, before on-costs.
    hours_a_year : array_like, scalar or shape (draw,)
        Hours worked, leave and sickness taken off.

    Raises
    ------
    ValueError
        If the hours are not above 0.

    Examples
    --------
    >>> round(float(hourly_pay(36_000, 1_600)), 2)
    22.5
    """
    worked = np.asarray(hours_a_year, dtype=float)
    if not (worked > 0).all():
        raise ValueError("hours_a_year is not above 0; give the hours worked in a year, such as 1600")
    return np.asarray(np.asarray(salary, dtype=float) / worked)
