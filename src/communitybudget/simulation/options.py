"""What an option does to whom: groups of families who are treated alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from communitybudget.pathways import Move, Timing

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DrawnEffect:
    """One effect of an option, drawn.

    Parameters
    ----------
    key : str
        Two effects with the same key are the same in every draw, so they are simulated once.
    pathway : str
        Where it acts.
    moves : tuple of moves
        Whose rates it multiplies.
    log_hazard_ratio : ndarray, shape (D,)
        Exactly 0 where there is no effect.
    timing : Timing
        Numbers, or arrays of shape (D,).
    dose : float or ndarray, shape (D,)
        Part of the effect, on the log scale.
    monthly_rate : ndarray, shape (D,), or None
        Rate in place of the usual one, instead of a ratio.
    lowers_only : bool
        Whether a rate above the usual one changes nothing.
    unit : str
        Effects that were solved together are one unit; empty for an effect by itself.
    """

    key: str
    pathway: str
    moves: tuple[Move, ...]
    log_hazard_ratio: Array
    timing: Timing
    dose: float | Array = 1.0
    monthly_rate: Array | None = None
    lowers_only: bool = False
    unit: str = ""

    def acts(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Return in which draws of a block it acts, shape (L,)."""
        ratio = self.log_hazard_ratio[start:stop] != 0
        acting = np.ones_like(ratio) if self.monthly_rate is not None else ratio
        some = np.asarray(np.broadcast_to(self.dose, self.log_hazard_ratio.shape)[start:stop] != 0)
        return np.asarray(acting & some)


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Families of an option who are treated alike.

    Parameters
    ----------
    share : float or ndarray, shape (D,)
        Of the families that join as this group does; the groups that join alike sum to one in every
        draw.
    effects : tuple of DrawnEffect
        Those that act on them.
    joining : ndarray, shape (12 Y,), or None
        Families by month of joining, of whom ``share`` are in this group; None where they join as the
        cohort does.
    """

    share: float | Array = 1.0
    effects: tuple[DrawnEffect, ...] = ()
    joining: Array | None = None


@dataclass(frozen=True, slots=True)
class Combination:
    """How effects combine that meet on a move and were not solved together.

    Parameters
    ----------
    rule : {'multiplicative', 'strongest', 'given'}
        Their ratios multiply; in each month the one that changes the rate more acts alone; or both in
        full come to a given ratio, which takes the place of the product as far as both act.
    log_given : ndarray, shape (D,), or None
        Logarithm of the given ratio.
    key : str
        Two given ratios with the same key are the same in every draw.
    """

    rule: str = "multiplicative"
    log_given: Array | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class OptionEffects:
    """An option as the groups of families that it makes.

    Parameters
    ----------
    name : str
        Of the option.
    groups : tuple of OptionGroup
        Either all join as the cohort does, or all have months of joining of their own. Of the former the
        first is the remainder: it is what the shares of the others leave.
    combination : Combination
        Of effects that meet on a move.
    start : mapping of str to float
        Share of those whom it reaches who start in each place, by key of the start mix; for a pathway and
        profile all its places or none, where it reaches such families as the cohort holds.

    Examples
    --------
    >>> fewer = DrawnEffect("fewer", "safety", (("home", "care"),), np.array([-0.5]), Timing())
    >>> option = OptionEffects("help", (OptionGroup(0.2), OptionGroup(0.8, (fewer,))))
    >>> [(group.share, len(group.effects)) for group in option.groups_on("safety")]
    [(0.2, 0), (0.8, 1)]
    >>> [(group.share, len(group.effects)) for group in option.groups_on("school")]
    [(1.0, 0)]
    """

    name: str
    groups: tuple[OptionGroup, ...] = (OptionGroup(),)
    combination: Combination = Combination()
    start: Mapping[str, float] = field(default_factory=dict)

    @property
    def by_calendar(self) -> bool:
        """Whether the groups have months of joining of their own."""
        return any(group.joining is not None for group in self.groups)

    def groups_on(self, pathway: str) -> tuple[OptionGroup, ...]:
        """Return the groups as one pathway tells them apart, each with the effects that act there.

        Groups that are alike on the pathway are put together, so that each is simulated once.
        """
        found: list[OptionGroup] = []
        keys: list[tuple[str, ...]] = []
        for group in self.groups:
            own = tuple(effect for effect in group.effects if effect.pathway == pathway)
            key = tuple(effect.key for effect in own)
            for place, other in enumerate(found):
                if keys[place] == key and (both := _together(other, group)) is not None:
                    found[place] = both
                    break
            else:
                found.append(OptionGroup(group.share, own, group.joining))
                keys.append(key)
        return tuple(found)


def _together(one: OptionGroup, other: OptionGroup) -> OptionGroup | None:
    """Return two groups with the same effects as one, where one can say it."""
    if one.joining is None or other.joining is None:
        return OptionGroup(one.share + other.share, one.effects)
    if np.array_equal(one.joining, other.joining):
        return OptionGroup(one.share + other.share, one.effects, one.joining)
    if np.array_equal(one.share, other.share):
        return OptionGroup(one.share, one.effects, one.joining + other.joining)
    return None
