"""Collar and cap: each keeps its own gains within a band around the plan; the rest is settled among all."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from communitybudget._core.digits import as_stated
from communitybudget._core.numbers import as_given, within
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split, by_put_in


@dataclass(frozen=True, kw_only=True)
class CollarAndCap(Rule):
    """Partners keep their own gains within a band around the plan, and insure each other outside it.

    The plan is each partner's expected gain to date, the mean over the draws. A partner above its cap pays in
    the excess; a partner below its collar is made up to it, as far as the excess of the others goes; those
    below share in proportion to what they lack. What is left of the excess is shared in proportion to what
    each puts in over the whole agreement; in a draw in which nobody puts anything in it stays where it came
    from.

    Parameters
    ----------
    collar : float, default 0.8
        Lower end of the band, as a share of the plan; at most 1.
    cap : float, default 1.2
        Upper end of the band, as a share of the plan; at least 1.

    Notes
    -----
    For a partner that is expected to lose the band lies around its loss: ``plan - (1 - collar) |plan|`` to
    ``plan + (cap - 1) |plan|``.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(
    ...     ["council", "police"],
    ...     ["2026-27"],
    ...     [[[60.0, 60.0]], [[0.0, 0.0]]],
    ...     [[[100.0, 300.0]], [[100.0, 100.0]]],
    ... )
    >>> settle(two, CollarAndCap()).receipts[:, 0]
    array([[10000, 30000],
           [10000, 10000]])
    """

    label: ClassVar[str] = "Collar and cap"

    collar: float = 0.8
    cap: float = 1.2

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the rule impossible for these partners."""
        found = [*super().faults(positions), *self.funding_faults(positions)]
        if not within(self.collar, 0, 1):
            found.append(f"the collar is {as_given(self.collar)} of the plan; give a share from 0 to 1")
        if not within(self.cap, 1):
            found.append(f"the cap is {as_given(self.cap)} of the plan; give 1 or more")
        return found

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        funded = self._stated_contributions(positions)
        own = positions.gained_so_far(self.shared).astype(np.float64)
        plan = own.mean(axis=-1, keepdims=True)
        above = np.maximum(own - plan - (self.cap - 1) * np.abs(plan), 0.0)
        below = np.maximum(plan - (1 - self.collar) * np.abs(plan) - own, 0.0)
        spare, missing = above.sum(axis=0), below.sum(axis=0)
        made_up = below * np.divide(spare, missing, out=np.ones_like(spare), where=missing > spare)
        left = np.maximum(spare - missing, 0.0)
        kept = above * np.divide(left, spare, out=np.zeros_like(spare), where=spare > 0)
        return Split(funded, own - above + made_up + by_put_in(left, funded[:, -1], kept))

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return (
            f"Each partner keeps its own gains between {as_stated(self.collar)} and {as_stated(self.cap)} of "
            "what is expected of it to date.",
            "Who is above its cap pays in the excess; who is below its collar is made up to it, as far as "
            "the excess of the others goes.",
            "What is left of the excess is shared in proportion to what each puts in.",
            "The account is kept on totals to date: what was paid out too early is paid back.",
        )
