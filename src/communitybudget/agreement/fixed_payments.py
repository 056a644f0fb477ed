"""The least fixed payments that leave no partner short: a linear programme, and what its dual certifies."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from communitybudget.agreement.pence import FloatArray, IntArray, round_together

_EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_HELD = 1e-9
"""By which part of the largest quantile the second programme may miss the least money."""


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
    partners, periods = quantiles.shape
    unit = float(np.abs(quantiles).max()) or 1.0
    has, most = quantiles.ravel() / unit, np.repeat(limits / unit, periods)
    programme = _Programme.of(partners, weights, most)
    least = programme.least(has)
    if not least.success:
        return None
    # marginals of an upper bound are nil or below; without their sign, and without that of nil
    prices, limit_prices = np.abs(least.ineqlin.marginals), np.abs(least.upper.marginals[has.size :])
    limited = np.isfinite(most)
    certified = -prices @ has - limit_prices[limited] @ most[limited]
    return FixedPayments(
        a_year=programme.fairest(has, least.fun).reshape(partners, periods) * unit,
        moved=float(least.fun * unit),
        certified=float(certified * unit),
        prices=prices.reshape(partners, periods),
        limit_prices=limit_prices.reshape(partners, periods),
        balance_prices=least.eqlin.marginals,
    )


@dataclass(frozen=True, slots=True)
class _Programme:
    """The linear programme in what is received and what is paid a year, by partner and period.

    Parameters
    ----------
    to_date : ndarray, shape (partner and end, partner and period)
        What a payment a year in a period comes to by an end.
    balance : ndarray, shape (period, partner and period)
        Sums over the partners.
    money : ndarray, shape (partner and period,)
        What a payment a year comes to.
    most : ndarray, shape (partner and period,)
        That may be paid a year.
    """

    to_date: FloatArray
    balance: FloatArray
    money: FloatArray
    most: FloatArray

    @classmethod
    def of(cls, partners: int, weights: FloatArray, most: FloatArray) -> "_Programme":
        periods = len(weights)
        to_date = np.kron(np.eye(partners), np.tril(np.ones((periods, periods))) * weights)
        balance = np.kron(np.ones(partners), np.eye(periods))
        return cls(to_date.astype(np.float64), balance.astype(np.float64), np.tile(weights, partners), most)

    def least(self, has: FloatArray) -> Any:
        """Solve for the payments that move least and leave nobody short."""
        nothing = np.zeros(has.size)
        return self._solve(
            np.concatenate([nothing, self.money]), np.hstack([-self.to_date, self.to_date]), has, others=0
        )

    def fairest(self, has: FloatArray, moved: float) -> FloatArray:
        """Return of the payments that move so much those that take the smallest part of what is spare.

        That part is one more unknown: who has something to spare keeps all but the part of it.
        """
        spare, nothing = np.maximum(has, 0.0), np.zeros(has.size)
        rows = [
            np.column_stack([-self.to_date, self.to_date, -spare]),
            np.concatenate([nothing, self.money, [0.0]]),
        ]
        solved = self._solve(
            np.concatenate([nothing, nothing, [1.0]]),
            np.vstack(rows),
            np.append(np.minimum(has, 0.0), moved + _HELD),
            others=1,
        )
        net: FloatArray = solved.x[: has.size] - solved.x[has.size : 2 * has.size]
        return net

    def _solve(self, least: FloatArray, rows: FloatArray, at_most: FloatArray, others: int) -> Any:
        from scipy.optimize import linprog

        periods = len(self.balance)
        limits = [*np.full(self.money.size, np.inf), *self.most, *np.full(others, np.inf)]
        return linprog(
            least,
            A_ub=rows,
            b_ub=at_most,
            A_eq=np.hstack([self.balance, -self.balance, np.zeros((periods, others))]),
            b_eq=np.zeros(periods),
            bounds=[(0.0, limit) for limit in limits],
            options=_EXACT,
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
    for end, weight in enumerate(weights):
        while True:
            slack = (quantiles + (whole * weights).cumsum(axis=1))[:, end:]
            short = int(slack[:, 0].argmin())
            able = np.where(whole[:, end] > -limits, slack.min(axis=1), -np.inf)
            giver = int(able.argmax())
            if slack[short, 0] >= -1e-6 or able[giver] < weight:
                break
            whole[short, end] += 1
            whole[giver, end] -= 1
    return whole
