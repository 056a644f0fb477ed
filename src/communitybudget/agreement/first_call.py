"""First call: those who paid are paid back first, then what is left is split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from communitybudget._core.digits import as_stated
from communitybudget._core.numbers import as_given, within
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import (
    Rule,
    Split,
    by_put_in,
    by_shares,
    portions,
    share_faults,
    shares_in_words,
    word_faults,
)

Rest = Literal["own", "cost"]
"""Who has what is left after the first call: those who gained it, or those who put in."""


@dataclass(frozen=True, kw_only=True)
class FirstCall(Rule):
    """Gains first pay back those who funded the programme, up to a multiple; the rest is split.

    Gains to date pay back what was put in to date, in proportion to what each has put in, so that nobody
    has back more than the multiple of its own. A year that changes the account, by gains that are lost again
    or by money that another puts in later, is settled by those who had too much. If gains to date are
    negative there is no first call, and the loss is split as the rest would be.

    Parameters
    ----------
    multiple : float, default 1.0
        Up to how many times what was put in. With 0 there is no first call, and all gains are split.
    then : {'own', 'cost'} or mapping of str to float, default 'own'
        The rest stays with those who gained it, who bear the first call in proportion to their gains; or is
        shared by what each puts in over the whole agreement; or by stated shares.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, FirstCall(then={"council": 0.5, "police": 0.5})).receipts[:, 0, 0]
    array([8000, 2000])
    """

    label: ClassVar[str] = "First call, then a split"

    multiple: float = 1.0
    then: Rest | Mapping[str, float] = "own"

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = super().faults(positions)
        if self.multiple != 0 or self.then == "cost":
            found += self.funding_faults(positions)
        if not within(self.multiple, 0):
            found.append(
                f"a first call of {as_given(self.multiple)} times what was put in is none; give 0 or more"
            )
        if isinstance(self.then, Mapping):
            found += share_faults(self.then, "gain", positions.agencies)
        else:
            found += word_faults(self.then, "gains after the first call", get_args(Rest))
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self._stated_contributions(positions)
        own = positions.gained_so_far(self.shared)
        gained = own.sum(axis=0)
        first = np.clip(gained, 0.0, self.multiple * np.maximum(funded, 0.0).sum(axis=0))
        kept = own - portions(own.astype(np.float64)) * first
        if isinstance(self.then, Mapping):
            rest = by_shares(gained - first, self.then, positions.agencies)
        elif self.then == "cost":
            rest = by_put_in(gained - first, funded[:, -1], kept)
        else:
            rest = kept
        return Split(funded, portions(funded) * first + rest)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        if self.multiple:
            left = "What is left"
            first = (
                f"Gains to date first repay what was put in to date, up to {as_stated(self.multiple)} of it, "
                "in proportion to what each has put in."
            )
        else:
            left, first = "All that is gained", "There is no first call."
        if isinstance(self.then, Mapping):
            rest = f"{left} goes {shares_in_words(self.then, 'to')}."
        elif self.then == "cost":
            rest = f"{left} is shared in proportion to what each puts in over the whole agreement."
        else:
            rest = f"{left} stays with those who gained it; a first call is borne in proportion to gains."
        return (
            first,
            rest,
            "The account is kept on totals to date: what was paid out too early is paid back.",
        )
