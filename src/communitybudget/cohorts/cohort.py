"""Families: how many, of what need, with how many children and adults, joining when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

AGE_BANDS: tuple[tuple[str, int, int], ...] = (
    ("children_aged_0_to_4", 0, 5),
    ("children_aged_5_to_9", 5, 10),
    ("children_aged_10_to_15", 10, 16),
    ("children_aged_16_to_17", 16, 18),
)
"""Rows of the composition table and the birthdays between which each lies."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Families offered the programme.

    Parameters
    ----------
    families : float
        How many in all.
    profiles : mapping of str to float
        Share of families by need profile; they sum to one.
    intake : mapping of str to float or None
        Families by financial year of joining; None when all join on the first day.
    """

    families: float
    profiles: Mapping[str, float]
    intake: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        total = sum(self.profiles.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of families by profile sum to {total:g}; make them sum to 1")
        if self.families <= 0:
            raise ValueError(f"the cohort has {self.families:g} families; give a number above 0")

    def intake_by_year(self, years: Sequence[str]) -> Array:
        """Return families joining in each year, shape (Y,); all in the first without an intake."""
        if self.intake is None:
            return np.array([self.families] + [0.0] * (len(years) - 1))
        return np.array([float(self.intake.get(year, 0.0)) for year in years])


def share_of_age(age_shares: Mapping[str, float], age_from: float, age_to: float) -> float:
    """Return the share of children between two birthdays, ages spread evenly within each band.

    Parameters
    ----------
    age_shares : mapping of str to float
        By the names in `AGE_BANDS`.
    age_from, age_to : int
        Birthdays.

    Examples
    --------
    >>> ages = dict(zip([b[0] for b in AGE_BANDS], [0.24, 0.31, 0.33, 0.12]))
    >>> round(share_of_age(ages, 10, 18), 2)
    0.45
    """
    total = sum(age_shares.values())
    found = 0.0
    for name, start, end in AGE_BANDS:
        inside = max(0.0, min(end, age_to) - max(start, age_from))
        found += age_shares[name] * inside / (end - start)
    return found / total


def still_of_age(age_shares: Mapping[str, float], age_from: int, age_to: int, months: int) -> Array:
    """Return the share of those of age at joining who have not yet reached ``age_to``.

    Birthdays are spread evenly over each age band, so leaving at 18 is a date and not a risk.

    Parameters
    ----------
    age_shares : mapping of str to float
        By the names in `AGE_BANDS`.
    age_from, age_to : int
        Children between these birthdays are followed.
    months : int
        Horizon, T.

    Returns
    -------
    ndarray, shape (T + 1,)
        By months since joining; 1 at the start, never rising.

    Examples
    --------
    >>> ages = dict(zip([b[0] for b in AGE_BANDS], [0.0, 0.0, 0.0, 1.0]))
    >>> still_of_age(ages, 0, 18, 24)[[0, 12, 24]]
    array([1. , 0.5, 0. ])
    """
    whole = share_of_age(age_shares, age_from, age_to)
    left = [share_of_age(age_shares, age_from, age_to - m / 12) for m in range(months + 1)]
    return np.array(left) / whole
