"""As it falls: each keeps its own gains, the plain rule that others are added to."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import Rule, Split


@dataclass(frozen=True, kw_only=True)
class AsItFalls(Rule):
    """Each partner keeps its own gains, and no money changes hands but for stated funding.

    Examples
    --------
    >>> from communitybudget.agreement import Positions, settle
    >>> two = Positions.of(["council", "police"], ["2026-27"], [[[60.0]], [[0.0]]], [[[10.0]], [[90.0]]])
    >>> settle(two, AsItFalls()).after()[:, 0, 0]
    array([-5000,  9000])
    """

    label: ClassVar[str] = "As it falls"

    def split(self, positions: Positions) -> Split:
        """Return what the rule comes to for partners as they stand."""
        gained = positions.gained_so_far(self.shared).astype(np.float64)
        return Split(self._stated_contributions(positions), gained)

    def words(self) -> tuple[str, ...]:
        """Return the terms in words."""
        return ("Each partner keeps its own gains.",)
