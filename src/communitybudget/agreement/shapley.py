"""Shapley value: each partner's net is what it adds, on average, to the groups it could join."""

from dataclasses import dataclass
from math import comb
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from communitybudget.agreement.pence import FloatArray
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split, portions

MOST_PARTNERS = 16
"""Beyond these the groups of partners are too many: each further partner doubles them."""
NO_SURPLUS = (
    "in no draw do the gains cover the cost, so Shapley values have no surplus to share; take another rule"
)

_CACHED = 2**17
"""Worths of groups that are worked on at a time, so that they stay in the processor's cache."""


def shapley_values(gains: npt.ArrayLike, cost: npt.ArrayLike) -> FloatArray:
    """Return the Shapley values of partners who can only pay for a programme as a whole.

    A group is worth its gains less the whole cost, and nothing where they do not cover it.

    Parameters
    ----------
    gains : array_like, shape (agency, ...)
        What each gains; below nil for one that loses.
    cost : array_like, shape (...)
        Of the programme, in the same money; nil or more.

    Returns
    -------
    ndarray, shape (agency, ...)
        They sum to the worth of all together. A partner without gains has exactly nil.

    Raises
    ------
    ValueError
        If the shapes do not fit, an amount is not a number, the cost is below nil, or there are more than
        `MOST_PARTNERS` partners.

    Notes
    -----
    Every draw is worked out by itself, in the same order of sums however many there are: the same bits for
    any split of the draws. With claims for gains and what is missing of an estate for the cost, the
    game is the bankruptcy game of O'Neill (1982).

    References
    ----------
    Shapley, L. S. (1953), A value for n-person games, in *Contributions to the Theory of Games II*.
    O'Neill, B. (1982), *Mathematical Social Sciences* 2, 345-371.

    Examples
    --------
    >>> shapley_values([100.0, 200.0, 300.0], 300.0)
    array([ 50., 100., 150.])
    """
    gained, spent = np.asarray(gains, dtype=np.float64), np.asarray(cost, dtype=np.float64)
    if gained.ndim == 0 or not len(gained) or spent.shape != gained.shape[1:]:
        raise ValueError(
            f"gains has the shape {gained.shape} and cost {spent.shape}; they need (agency, ...) and (...)"
        )
    if len(gained) > MOST_PARTNERS:
        raise ValueError(_too_many(len(gained)))
    if not (np.isfinite(gained).all() and np.isfinite(spent).all()):
        raise ValueError("a gain or a cost is not a number; give every amount")
    if (spent < 0).any():
        raise ValueError("a cost is below nil; what comes in beside the gains is shared by another rule")
    flat, costs = gained.reshape(len(gained), -1), spent.reshape(-1)
    values = np.empty_like(flat)
    block = max(_CACHED >> len(gained), 8)
    for start in range(0, costs.size, block):
        draws = slice(start, start + block)
        values[:, draws] = _block_values(flat[:, draws], costs[draws])
    return values.reshape(gained.shape)


def _block_values(gains: FloatArray, cost: FloatArray) -> FloatArray:
    """Return the values of some draws; a group's number has the bits of its members."""
    partners, draws = gains.shape
    worth = np.empty((2**partners, draws))
    worth[0] = -cost
    for i, gain in enumerate(gains):
        np.add(worth[: 2**i], gain, out=worth[2**i : 2 ** (i + 1)])
    np.maximum(worth, 0.0, out=worth)
    joins, waits = _weights(partners)
    without = _in_order(worth * waits[:, np.newaxis])
    # a group counts for its members what they complete, and for all alike what is taken off in `without`
    counted = worth * (joins + waits)[:, np.newaxis]
    values = np.empty_like(gains)
    for i in reversed(range(partners)):
        values[i] = _in_order(counted[2**i :]) - without
        counted = counted[: 2**i] + counted[2**i :]
    values[gains == 0] = 0.0
    return values


def _in_order(terms: FloatArray) -> FloatArray:
    """Return the sum over groups by halves; the order of numpy's own sum depends on the number of draws."""
    while len(terms) > 1:
        terms = terms[: len(terms) // 2] + terms[len(terms) // 2 :]
    total: FloatArray = terms[0]
    return total


def _weights(partners: int) -> tuple[FloatArray, FloatArray]:
    """Return how likely a partner completes each group by joining, and how likely it finds it there.

    The whole is found by nobody, and nobody completes the empty group.
    """
    found = [1 / (partners * comb(partners - 1, size)) for size in range(partners)]
    sizes = np.array([group.bit_count() for group in range(2**partners)])
    return np.array([0.0, *found])[sizes], np.array([*found, 0.0])[sizes]


def _too_many(partners: int) -> str:
    return (
        f"{partners} partners gain or lose, and Shapley values are worked out for up to {MOST_PARTNERS}; "
        "join some to one partner, or take another rule"
    )


@dataclass(frozen=True, kw_only=True)
class ShapleyValue(Rule):
    """Each partner's net over the agreement, in present value, is its Shapley value.

    A group of partners is worth the present value of its gains less the whole cost, and nothing where
    they do not cover it. What all come to beyond the Shapley values, which is the loss in a draw whose
    gains do not cover the cost, falls in proportion to the Shapley values expected at signing.

    Notes
    -----
    Gains are shared on account, in the parts that each is expected to receive over the agreement; the
    balance is settled in the last year, so that the present value comes to the Shapley value in every draw.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[50.0]], [[70.0]]])
    >>> settle(two, ShapleyValue()).after()[:, 0, 0]
    array([2500, 3500])
    """

    label: ClassVar[str] = "Shapley value"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        if found := super().faults(positions):
            return found
        gains, cost = self._game(positions)
        if (players := int(gains.any(axis=1).sum())) > MOST_PARTNERS:
            found.append(_too_many(players))
        if not (gains.sum(axis=0) > cost).any():
            found.append(NO_SURPLUS)
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self._stated_contributions(positions)
        put_in = positions.present_value(np.diff(funded, axis=1, prepend=0.0))
        entitled = self.entitlements(positions)
        parts = portions((entitled + put_in).mean(axis=-1, keepdims=True))
        gained = positions.gained_so_far(self.shared).sum(axis=0)
        receipts = parts[:, np.newaxis] * gained
        on_account = parts * self._game(positions)[0].sum(axis=0) - put_in
        receipts[:, -1] += (entitled - on_account) / positions.factors[-1]
        return Split(funded, receipts)

    def entitlements(self, positions: Positions) -> FloatArray:
        """Return each partner's net over the agreement, present value in pence, shape (agency, draw)."""
        gains, cost = self._game(positions)
        players = gains.any(axis=1)
        values = np.zeros_like(gains)
        values[players] = shapley_values(gains[players], np.maximum(cost, 0.0))
        beyond = gains.sum(axis=0) - cost - values.sum(axis=0)
        values += portions(values.mean(axis=-1, keepdims=True)) * beyond
        return values

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return (
            "Each partner's net over the agreement, in present value, is its Shapley value: what it adds, on "
            "average over all orders of joining, to what a group of partners gains less the whole cost.",
            "A partner that gains nothing comes to nil: what it pays it has back.",
            "Where gains do not cover the cost, the loss falls in proportion to the Shapley values that were "
            "expected at signing.",
            "Gains are shared on account, in the parts expected at signing; the balance is settled in the "
            "last year.",
        )

    def _game(self, positions: Positions) -> tuple[FloatArray, FloatArray]:
        """Return present values of gains (agency, draw) and of the whole cost (draw,), pence."""
        gains = positions.present_value(positions.shared(self.shared))
        return gains, positions.present_value(positions.spending.sum(axis=0))
