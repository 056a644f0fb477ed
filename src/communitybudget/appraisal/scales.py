"""How far a programme reaches, what each place bears, and how far places differ from the pilot's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from communitybudget._core.errors import raise_together
from communitybudget._core.numbers import above, as_given, whole, within
from communitybudget._core.results import result
from communitybudget._core.streams import stream

FloatArray = npt.NDArray[np.float64]

LARGEST_SPREAD = 5.0
"""A standard deviation above so many times the amount is a percentage that was meant as a share."""


@result
@dataclass(frozen=True, slots=True)
class Level:
    """How far a programme reaches.

    Parameters
    ----------
    name : str
        Such as ``the authority``.
    families : float
        To be helped, in all places together, spread evenly over them.
    places : int, default 1
        Each bears the fixed costs.
    eligible : float, optional
        Families there are; no more are helped, however many are asked for.
    includes_pilot : bool, default True
        Whether the place of the pilot is one of them. How the effect differs there is known.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    name: str
    families: float
    places: int = 1
    eligible: float = math.inf
    includes_pilot: bool = True

    def __post_init__(self) -> None:
        faults = []
        if not above(self.families, 0):
            faults.append(f"{self.name}: there are {as_given(self.families)} families; give a number above 0")
        if not whole(self.places, 1):
            places = as_given(self.places)
            faults.append(f"{self.name}: there are {places} places; give a whole number, at least 1")
        if not (above(self.eligible, 0) or self.eligible == math.inf):
            faults.append(
                f"{self.name}: {as_given(self.eligible)} families are eligible; give a number above 0"
            )
        raise_together(faults)

    @property
    def reached(self) -> float:
        """Families helped: those asked for, up to those eligible."""
        return min(self.families, self.eligible)

    @property
    def families_a_place(self) -> float:
        """Families helped in one place."""
        return self.reached / self.places


@result
@dataclass(frozen=True, slots=True)
class FixedCosts:
    """What each place bears however many families it helps.

    Parameters
    ----------
    set_up : float
        GBP, once, in year 0.
    a_year : float
        GBP in each year of the horizon.
    agency : str
        Who bears them; the first of the agencies where it is blank.
    """

    set_up: float = 0.0
    a_year: float = 0.0
    agency: str = ""

    def __post_init__(self) -> None:
        if not (within(self.set_up, 0) and within(self.a_year, 0)):
            raise ValueError("a fixed cost is negative or no finite number; give amounts in GBP, 0 for none")


@result
@dataclass(frozen=True, slots=True)
class BetweenPlaces:
    """How far the effect in another place may lie from the pilot's.

    Both are the standard deviation of a factor of mean 1, as a share: 0.3 where two places in three lie
    within about 30% of each other's expectation.

    Parameters
    ----------
    common : float
        Of what all other places have in common: the pilot was special, and a hundred of them do not
        average that away.
    own : float
        Of what is each place's own, which many places do average away.
    """

    common: float = 0.0
    own: float = 0.0

    def __post_init__(self) -> None:
        if not all(within(spread, 0, LARGEST_SPREAD) for spread in (self.common, self.own)):
            raise ValueError(
                f"the spread between places is {as_given(self.common)} in common and {as_given(self.own)} of "
                "each place; write 30% as 0.3"
            )


def sums_of_other_places(
    levels: Sequence[Level], between: BetweenPlaces, draws: int, seed: int
) -> dict[int, FloatArray]:
    """Return the sum of the factors of all places but the pilot's, by their number.

    Parameters
    ----------
    levels : sequence of Level
        Which numbers of other places are wanted. Their first places are the same.
    between : BetweenPlaces
        Spread of the factors.
    draws, seed : int
        Each place has a stream of its own.

    Returns
    -------
    dict of int to ndarray, shape (draw,)
    """
    wanted = {level.places - int(level.includes_pilot) for level in levels}
    common = _factor(between.common, draws, seed, "scale_up.common")
    total = np.zeros(draws)
    found = {0: total} if 0 in wanted else {}
    for place in range(1, max(wanted) + 1):
        total = total + common * _factor(between.own, draws, seed, f"scale_up.place_{place}")
        if place in wanted:
            found[place] = total
    return found


def _factor(spread: float, draws: int, seed: int, name: str) -> FloatArray:
    """Return a log-normal factor of mean 1 and a stated standard deviation, shape (draw,)."""
    if spread == 0:
        return np.ones(draws)
    sigma = math.sqrt(math.log1p(spread**2))
    return np.exp(sigma * stream(seed, name).standard_normal(draws) - sigma**2 / 2)
