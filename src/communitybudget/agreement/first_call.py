"""First call: those who paid are paid back first, then what is left is split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from communitybudget._core.digits import percent
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split, by_shares, portions, share_faults, shares_in_words


@dataclass(frozen=True, kw_only=True)
class FirstCall(Rule):
    """Gains first pay back those who funded the programme, up to a multiple; the rest is split.

    Reckoned on totals to date, so a year in which costs are avoided no more is paid back by those who had too
    much.

    Parameters
    ----------
    multiple : float, default 1.0
        Up to how many times what was put in.
    then : {'own', 'cost'} or mapping of str to float, default 'own'
        The rest goes to each by its own gains, by what it put in, or by stated shares.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, FirstCall(then={"council": 0.5, "police": 0.5})).receipts[:, 0, 0]
    array([8000, 2000])
    """

    label: ClassVar[str] = "First call, then a split"

    multiple: float = 1.0
    then: Literal["own", "cost"] | Mapping[str, float] = "own"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = [*super().faults(positions), *self.funding_faults(positions)]
        if not (np.isfinite(self.multiple) and self.multiple >= 0):
            found.append(f"a first call of {self.multiple} times what was put in is none; give 0 or more")
        if isinstance(self.then, Mapping):
            found += share_faults(self.then, "gain", positions.agencies)
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self.contributions(positions)
        own = positions.gained_so_far(self.shared)
        gained = own.sum(axis=0)
        put_in = portions(funded[:, -1])[:, np.newaxis]
        first = np.clip(gained, 0.0, self.multiple * np.maximum(funded.sum(axis=0), 0.0))
        rest = gained - first
        if isinstance(self.then, Mapping):
            split = by_shares(rest, self.then, positions.agencies)
        elif self.then == "cost":
            split = put_in * rest
        else:
            # without a gain in all there is no first call, and each has its own
            split = own * np.divide(rest, gained, out=np.ones_like(rest), where=gained > 0)
        return Split(funded, put_in * first + split)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        if isinstance(self.then, Mapping):
            rest = f"shared {shares_in_words(self.then)}"
        elif self.then == "cost":
            rest = "shared in proportion to what each put in"
        else:
            rest = "kept by the partners in proportion to their own gains"
        return (
            f"Gains first repay what was put in, up to {percent(self.multiple)} of it, in proportion to what "
            "each put in.",
            f"What is left is {rest}.",
            "The account is kept on totals to date: what was paid out too early is paid back.",
        )
