"""A fixed share of gains goes into a fund that pays for the programme."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from communitybudget._core.digits import as_stated
from communitybudget._core.numbers import as_given, within
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split, portions


@dataclass(frozen=True, kw_only=True)
class Reinvestment(Rule):
    """Each partner pays a fixed share of its gains of a year into a fund, and keeps the rest.

    The fund's balance at the start of a year pays for the programme before the partners do, and relieves them
    in proportion to what each would have paid. What it holds at the end goes back in proportion to what each
    paid in; so in an agreement of one year no money moves.

    Parameters
    ----------
    share : float, default 0.5
        Of the gains of a year; a year without gains pays nothing in.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> one = Positions.of(
    ...     ["council", "police"],
    ...     ["2026-27", "2027-28"],
    ...     [[[60.0], [60.0]], [[0.0], [0.0]]],
    ...     [[[0.0], [0.0]], [[100.0], [0.0]]],
    ... )
    >>> settle(one, Reinvestment()).contributed[0, :, 0]
    array([6000, 1000])
    """

    label: ClassVar[str] = "Fixed reinvestment share"

    share: float = 0.5

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = super().faults(positions)
        if not within(self.share, 0, 1):
            found.append(f"a reinvestment share of {as_given(self.share)} is none; give a share from 0 to 1")
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        gains = positions.shared(self.shared)
        paid_in = np.rint(self.share * np.maximum(gains, 0)).astype(np.int64).cumsum(axis=1)
        yearly = np.diff(self._stated_contributions(positions), axis=1, prepend=0.0)
        cost = positions.spending.sum(axis=0)
        into_fund = np.diff(paid_in.sum(axis=0), axis=0, prepend=0)
        used, held = np.zeros_like(cost), np.zeros_like(cost)
        balance = np.zeros_like(cost[0])
        for y in range(len(positions.years)):
            used[y] = np.clip(balance, 0, np.maximum(cost[y], 0))
            balance = balance - used[y] + into_fund[y]
            held[y] = balance
        funded = yearly - portions(yearly) * used
        receipts = (positions.gained_so_far(self.shared) - paid_in).astype(np.float64)
        receipts[:, -1] += portions(paid_in[:, -1].astype(np.float64)) * held[-1]
        held[-1] = 0
        return Split(funded.cumsum(axis=1), receipts, used.cumsum(axis=0), held)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return (
            f"Each partner pays {as_stated(self.share)} of its gains of a year into the fund and keeps the "
            "rest.",
            "What the fund holds at the start of a year pays for the programme before the partners do, in "
            "proportion to what each would have paid.",
            "At the end the balance goes back in proportion to what each paid in.",
        )
