"""Options: what each changes, costs and starts with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from communitybudget._core.errors import TransitionError
from communitybudget._core.results import result
from communitybudget.models.changes import Change, Combine
from communitybudget.models.rewards import Reward
from communitybudget.models.values import ByValue

Array = NDArray[np.float64]


@result
@dataclass(frozen=True, eq=False)
class FrailtyClasses(ByValue):
    """Classes of people who differ in ways that nobody sees.

    Parameters
    ----------
    multipliers, shares : ndarray, shape (N,)
        Of the hazards, and of people at entry.
    """

    multipliers: Array
    shares: Array


@result
@dataclass(frozen=True, eq=False)
class Option(ByValue):
    """One option: what it changes, what it costs, and who starts where.

    Parameters
    ----------
    name : str
        For example ``bau`` or ``early_help``.
    changes : sequence of Change
        From `hazard_ratio`, `odds_ratio`, `relative_risk` and `replaced`.
    rewards : sequence of Reward
        Costs and effects of this option alone, beside those of the model.
    without : sequence of str
        Names of rewards of the model that this option does not have.
    moves : mapping, optional
        Moves in the place of those of the model, from the start; or a whole matrix or generator.
    start : mapping, optional
        Its own start mix.
    combine : str or float, optional
        How several changes of one move combine: ``multiplicative``, ``strongest``, or the ratio of all
        together.

    Examples
    --------
    >>> Option("early_help")
    Option(early_help: no changes)
    """

    name: str
    changes: Sequence[Change] = ()
    rewards: Sequence[Reward] = ()
    without: Sequence[str] = ()
    moves: Any = None
    start: Any = None
    combine: Combine = None

    def __post_init__(self) -> None:
        """Keep what was given as tuples."""
        for name in ("changes", "rewards", "without"):
            given = getattr(self, name)
            one = isinstance(given, Change | Reward | str)
            object.__setattr__(self, name, (given,) if one else tuple(given))
        faults = []
        if not isinstance(self.name, str) or not self.name.strip():
            faults.append(f"the name of an option is {self.name!r}; give it a name, such as 'early_help'")
        kinds = (
            ("changes", Change, "hazard_ratio(...) and its kin"),
            ("rewards", Reward, "cost(...) or effect(...)"),
        )
        for name, kind, remedy in kinds:
            faults += [
                f"option {self.name!r}: {one!r} is none of its {name}; give {remedy}"
                for one in getattr(self, name)
                if not isinstance(one, kind)
            ]
        if faults:
            raise TransitionError("\n".join(faults))

    def __repr__(self) -> str:
        return f"Option({self.name}: {'; '.join(c.name for c in self.changes) or 'no changes'})"
