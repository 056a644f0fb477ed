"""The least fixed payments that leave no partner short: a linear programme, and what its dual certifies."""

from dataclasses import dataclass

import numpy as np

from communitybudget.agreement.pence import FloatArray, IntArray, round_together

_EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_HELD = 1e-9
"""By how much the second programme may miss the first one's least money, as a part of the largest quantile."""


@dataclass(frozen=True, slots=True)
class FixedPayments:
    """Fixed payments, level within each period, and the dual of the programme that found them.

    Parameters
    ----------
    a_year : ndarray, shape (agency, period)
        Received a year, paid where below nil; nil over all partners.
    moved : float
        Weighted sum of what is paid: the least that will do.
    certified : float
        Objective of the dual. No payments move less.
    prices : ndarray, shape (agency, period)
        By how much more would move for each unit a partner had less at the end of the period.
    limit_prices : ndarray, shape (agency, period)
        By how much less would move for each unit that a limit on yearly payments were higher.
    balance_prices : ndarray, shape (period,)
        Of the condition that payments net to nil.
    """

    a_year: FloatArray
    moved: float
    certified: float
    prices: FloatArray
    limit_prices: FloatArray
    balance_prices: FloatArray


def least_payments(quantiles: FloatArray, weights: FloatArray, limits: FloatArray) -> FixedPayments | None:
    """Return the fixed payments that move least and leave nobody short, or none where there are none.

    Of those that move least they take the smallest possible part of what any partner has to spare.

    Parameters
    ----------
    quantiles : ndarray, shape (agency, period)
        What each has to date at the end of each period, without the payments.
    weights : ndarray, shape (period,)
        Sum of the discount factors of its years.
    limits : ndarray, shape (agency,)
        The most that each pays a year; infinite where there is no limit.

    Examples
    --------
    >>> found = least_payments(np.array([[-60.0], [90.0], [30.0]]), np.array([1.0]), np.full(3, np.inf))
    >>> found.a_year[:, 0].round(6), found.moved
    (array([ 60., -45., -15.]), 60.0)
    """
    from scipy.optimize import linprog

    partners, periods = quantiles.shape
    unit = float(np.abs(quantiles).max()) or 1.0
    needed, most = -quantiles.ravel() / unit, np.repeat(limits / unit, periods)
    received = np.kron(np.eye(partners), np.tril(np.ones((periods, periods))) * weights)
    balance = np.kron(np.ones(partners), np.eye(periods))
    equal = np.hstack([balance, -balance])
    money = np.concatenate([np.zeros(needed.size), np.tile(weights, partners)])
    bounds = [(0.0, None)] * needed.size + [(0.0, limit) for limit in most]
    least = linprog(
        money,
        A_ub=np.hstack([-received, received]),
        b_ub=-needed,
        A_eq=equal,
        b_eq=np.zeros(periods),
        bounds=bounds,
        options=_EXACT,
    )
    if not least.success:
        return None
    # second programme: at the least money, the part of what is spare that is given up
    spare = np.maximum(-needed, 0.0)
    fairest = linprog(
        np.append(np.zeros(money.size), 1.0),
        A_ub=np.vstack(
            [np.hstack([-received, received, -spare[:, np.newaxis]]), np.append(money, 0.0)],
        ),
        b_ub=np.append(np.minimum(-needed, 0.0), least.fun + _HELD),
        A_eq=np.hstack([equal, np.zeros((periods, 1))]),
        b_eq=np.zeros(periods),
        bounds=[*bounds, (0.0, None)],
        options=_EXACT,
    )
    paid_in, paid_out = fairest.x[: needed.size], fairest.x[needed.size : -1]
    prices = -least.ineqlin.marginals
    limit_prices = -least.upper.marginals[needed.size :]
    limited = np.isfinite(most)
    certified = prices @ needed - limit_prices[limited] @ most[limited]
    return FixedPayments(
        a_year=((paid_in - paid_out) * unit).reshape(partners, periods),
        moved=float(least.fun * unit),
        certified=float(certified * unit),
        prices=prices.reshape(partners, periods),
        limit_prices=limit_prices.reshape(partners, periods),
        balance_prices=least.eqlin.marginals,
    )


def in_whole_pence(
    a_year: FloatArray, quantiles: FloatArray, weights: FloatArray, limits: FloatArray
) -> IntArray:
    """Return payments a year in whole pence that net to nil, with nobody short if pence can be spared.

    Parameters
    ----------
    a_year, quantiles, weights, limits
        As in `FixedPayments` and `least_payments`, in pence.

    Returns
    -------
    ndarray of int, shape (agency, period)
        Where nobody has a penny a year to spare, up to a penny a year may be missing.

    Examples
    --------
    >>> quantiles = np.array([[-60.5], [90.0]])
    >>> in_whole_pence(-quantiles * [[1], [60.5 / 90]], quantiles, np.array([1.0]), np.full(2, np.inf)).T
    array([[ 61, -61]])
    """
    # a solver's noise is no penny
    whole = round_together(np.round(a_year, 6), np.zeros(len(weights), dtype=np.int64))
    while True:
        slack = (quantiles + (whole * weights).cumsum(axis=1)).min(axis=1)
        short = int(slack.argmin())
        able = np.where(whole[:, 0] > -limits, slack, -np.inf)
        giver = int(able.argmax())
        if slack[short] >= -1e-6 or able[giver] < weights[0]:
            return whole
        whole[short, 0] += 1
        whole[giver, 0] -= 1
