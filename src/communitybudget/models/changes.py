"""What an option changes: ratios on moves, or moves replaced, in windows of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from communitybudget._core.errors import EffectError
from communitybudget._core.results import result
from communitybudget.models.moves import Chance, Matrix
from communitybudget.models.values import ByValue, Varying, varying
from communitybudget.pathways import Timing

Array = NDArray[np.float64]

RULES = ("multiplicative", "strongest")
Combine = str | float | None


@result
@dataclass(frozen=True, eq=False)
class Change(ByValue):
    """One change of one or more moves: made by `hazard_ratio`, `relative_risk`, `odds_ratio`, `replaced`.

    Parameters
    ----------
    measure : str
        ``hazard_ratio``, ``odds_ratio``, ``relative_risk`` or ``replaced``.
    moves : tuple of str
        ``a -> b``; either end may be ``*``.
    ratio : Varying or None
        1 is no change.
    chance : Chance, Matrix or None
        What replaces the move, or all moves.
    alone : bool
        Whether each probability is converted by itself, and not with the other ways out.
    from_cycle, to_cycle : int and int or None
        Cycles since entry in which it acts: from (included) to (excluded).
    timing : tuple or None
        Lag, ramp, lasts and fades in months since entry.
    """

    measure: str
    moves: tuple[str, ...]
    ratio: Varying | None = None
    chance: Chance | Matrix | None = None
    alone: bool = False
    from_cycle: int = 0
    to_cycle: int | None = None
    timing: tuple[Any, ...] | None = None

    def weight(self, cycle: int, cycle_months: float, draws: slice) -> float | Array:
        """Return the share of the full change in a cycle, on the log scale."""
        if cycle < self.from_cycle or (self.to_cycle is not None and cycle >= self.to_cycle):
            return 0.0
        if self.timing is None:
            return 1.0
        parts = (part[draws] if isinstance(part, np.ndarray) else part for part in self.timing)
        return Timing(*parts).weight(cycle * cycle_months)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"Change({self.name!r}, {self.chance if self.ratio is None else self.ratio!r})"

    @property
    def varies(self) -> bool:
        """Whether it acts more in some cycles than in others."""
        return self.from_cycle > 0 or self.to_cycle is not None or self.timing is not None

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.measure.replace('_', ' ')} on {', '.join(self.moves) or 'all moves'}"


def hazard_ratio(
    moves: str | Sequence[str],
    ratio: Varying | ArrayLike,
    *,
    alone: bool = False,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    timing: Timing | None = None,
) -> Change:
    """Multiply the hazard of moves; no row can be filled over.

    Rates are multiplied. Probabilities of one state are first taken back to the rates that compete to give
    them; with ``alone=True`` each by itself, ``1 - (1 - p) ** ratio``, as tutorials do.

    Parameters
    ----------
    moves : str or sequence of str
        ``a -> b``, ``a -> *`` or ``* -> b``.
    ratio : number, array of shape (D,), or Varying
        Above 0; 1 is no change, above 1 an adverse one.
    alone : bool, default False
        Convert each probability by itself.
    from_cycle, to_cycle : int, optional
        Cycles since entry in which it acts: from (included) to (excluded).
    timing : Timing, optional
        Lag, ramp, full and fade in months since entry, on the log scale.

    Examples
    --------
    >>> hazard_ratio("sick -> sicker", 0.6, to_cycle=5)
    Change('hazard ratio on sick -> sicker', 0.6)
    """
    return _change("hazard_ratio", moves, ratio, alone, from_cycle, to_cycle, timing)


def odds_ratio(
    moves: str | Sequence[str],
    ratio: Varying | ArrayLike,
    *,
    alone: bool = False,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    timing: Timing | None = None,
) -> Change:
    """Multiply the odds of moves against staying; no row can be filled over.

    With ``alone=True`` the odds against all else, one move by itself. See `hazard_ratio` for the arguments.
    """
    return _change("odds_ratio", moves, ratio, alone, from_cycle, to_cycle, timing)


def relative_risk(
    moves: str | Sequence[str],
    ratio: Varying | ArrayLike,
    *,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    timing: Timing | None = None,
) -> Change:
    """Multiply the probability of moves in a cycle; the remainder of the row takes the rest.

    The remainder is watched: where the row would be filled over, the model does not run and says in which
    share of draws and what to do. See `hazard_ratio` for the arguments.
    """
    return _change("relative_risk", moves, ratio, False, from_cycle, to_cycle, timing)


def replaced(
    move: str | Matrix,
    chance: Chance | None = None,
    *,
    from_cycle: int = 0,
    to_cycle: int | None = None,
    timing: Timing | None = None,
) -> Change:
    """Put another chance in the place of a move, or another matrix in the place of all.

    Parameters
    ----------
    move : str or Matrix
        ``a -> b``, or what `from_matrix` gives.
    chance : Chance
        Of the same form as the other moves of the state. Where the timing gives a weight below 1, the
        result lies that far between the usual chance and this one.
    from_cycle, to_cycle, timing
        As in `hazard_ratio`.
    """
    if isinstance(move, Matrix):
        return Change("replaced", (), None, move, False, from_cycle, to_cycle, _timing(timing))
    if chance is None:
        raise EffectError(f"nothing replaces '{move}'; give a probability, rate or odds")
    return Change("replaced", (move,), None, chance, False, from_cycle, to_cycle, _timing(timing))


def _change(
    measure: str,
    moves: str | Sequence[str],
    ratio: Varying | ArrayLike,
    alone: bool,
    from_cycle: int,
    to_cycle: int | None,
    timing: Timing | None,
) -> Change:
    named = (moves,) if isinstance(moves, str) else tuple(moves)
    value = varying(ratio)
    for part in value.parts:
        if part.make is None and not (np.isfinite(part.values) & (part.values > 0)).all():
            raise EffectError(
                f"the {measure.replace('_', ' ')} on {', '.join(named)} is not above 0 everywhere; give "
                "ratios, 1 where nothing changes"
            )
    if from_cycle < 0:
        raise EffectError(
            f"from_cycle is {from_cycle}; give the cycle since entry in which it begins, from 0"
        )
    if to_cycle is not None and to_cycle <= from_cycle:
        raise EffectError(
            f"the {measure.replace('_', ' ')} on {', '.join(named)} ends in cycle {to_cycle} and begins in "
            f"{from_cycle}; end it later"
        )
    return Change(measure, named, value, None, alone, from_cycle, to_cycle, _timing(timing))


def _timing(timing: Timing | None) -> tuple[Any, ...] | None:
    if timing is None:
        return None
    if not isinstance(timing, Timing):
        raise EffectError(f"timing is {timing!r}; give Timing(lag=..., ramp=..., lasts=..., fades=...)")
    for name in ("lag", "ramp", "lasts", "fades"):
        if not (np.asarray(getattr(timing, name)) >= 0).all():
            raise EffectError(f"the {name} of the timing is negative or missing; give months, from 0 on")
    return (timing.lag, timing.ramp, timing.lasts, timing.fades)
