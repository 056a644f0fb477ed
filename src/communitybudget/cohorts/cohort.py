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
class Joining:
    """Families joining in one way.

    Parameters
    ----------
    by_year : ndarray, shape (Y,)
        Families by financial year of joining.
    spread : bool
        Whether they join evenly through the year, instead of on its first day.
    """

    by_year: Array
    spread: bool

    @property
    def by_month(self) -> Array:
        """Families by month of joining, shape (12 Y,).

        Examples
        --------
        >>> Joining(np.array([24.0, 12.0]), spread=True).by_month[[0, 11, 12]]
        array([2., 2., 1.])
        """
        months = np.zeros((len(self.by_year), 12))
        if self.spread:
            months[...] = self.by_year[:, None] / 12
        else:
            months[:, 0] = self.by_year
        return months.ravel()

    @property
    def in_mean(self) -> Array:
        """Families that have joined, in mean over the months of each year, shape (Y,).

        Examples
        --------
        >>> Joining(np.array([24.0, 12.0]), spread=False).in_mean
        array([24., 36.])
        """
        in_first_year = 6.5 / 12 if self.spread else 1.0
        joined: Array = np.cumsum(self.by_year) - self.by_year * (1 - in_first_year)
        return joined


@dataclass(frozen=True, slots=True)
class Cohort:
    """Families offered the programme.

    Parameters
    ----------
    families : float
        How many in all, today's caseload among them.
    profiles : mapping of str to float
        Share of families by need profile; they sum to one.
    intake : mapping of str to float or None
        Families by financial year of joining; None when all join on the first day.
    intake_by_profile : mapping of str to mapping, or None
        The same for each profile, where it was counted; otherwise each year has the same profiles.
    stock : float
        Of them, families of today's caseload: they join on the first day, before the intake.
    """

    families: float
    profiles: Mapping[str, float]
    intake: Mapping[str, float] | None = None
    intake_by_profile: Mapping[str, Mapping[str, float]] | None = None
    stock: float = 0.0

    def __post_init__(self) -> None:
        total = sum(self.profiles.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the shares of families by profile sum to {total:g}; make them sum to 1")
        if self.families <= 0:
            raise ValueError(f"the cohort has {self.families:g} families; give a number above 0")

    def intake_by_year(self, years: Sequence[str]) -> Array:
        """Return families joining in each year, shape (Y,); all in the first without an intake."""
        first_day = np.array([self.stock or self.families] + [0.0] * (len(years) - 1))
        if self.intake is None:
            return first_day
        return _by_year(self.intake, years) + first_day if self.stock else _by_year(self.intake, years)

    def joining(self, years: Sequence[str]) -> tuple[Joining, ...]:
        """Return who joins when: those of the intake, or all; then today's caseload.

        Examples
        --------
        >>> cohort = Cohort(130, {"medium_need": 1.0}, {"2026-27": 10.0}, stock=120.0)
        >>> [(some.by_year.tolist(), some.spread) for some in cohort.joining(["2026-27", "2027-28"])]
        [([10.0, 0.0], True), ([120.0, 0.0], False)]
        """
        if not self.stock or self.intake is None:
            return (Joining(self.intake_by_year(years), spread=self.intake is not None),)
        first_day = np.array([self.stock] + [0.0] * (len(years) - 1))
        return Joining(_by_year(self.intake, years), spread=True), Joining(first_day, spread=False)

    def intake_of(self, profile: str, years: Sequence[str]) -> Array:
        """Return families of one profile joining in each year, shape (Y,).

        Examples
        --------
        >>> counted = {"lower_need": {"2027-28": 10.0}, "medium_need": {"2026-27": 30.0}}
        >>> shares = {"lower_need": 0.25, "medium_need": 0.75}
        >>> cohort = Cohort(40, shares, {"2026-27": 30.0, "2027-28": 10.0}, counted)
        >>> cohort.intake_of("lower_need", ["2026-27", "2027-28"])
        array([ 0., 10.])
        """
        if self.intake_by_profile is None:
            return self.profiles[profile] * self.intake_by_year(years)
        return _by_year(self.intake_by_profile[profile], years)


def _by_year(intake: Mapping[str, float], years: Sequence[str]) -> Array:
    return np.array([float(intake.get(year, 0.0)) for year in years])


AgeShares = Mapping[str, float] | Array
"""Share of children by the names in `AGE_BANDS`, or by single year of age, shape (18,)."""


def share_of_age(age_shares: AgeShares, age_from: float, age_to: float) -> float:
    """Return the share of children between two birthdays.

    Parameters
    ----------
    age_shares : mapping of str to float, or ndarray, shape (18,)
        By the names in `AGE_BANDS`, ages spread evenly within each band; or by completed years of
        age, birthdays spread evenly over each year. They need not sum to one; no children, none of age.
    age_from, age_to : float
        Birthdays.

    Examples
    --------
    >>> ages = dict(zip([b[0] for b in AGE_BANDS], [0.24, 0.31, 0.33, 0.12]))
    >>> round(share_of_age(ages, 10, 18), 2)
    0.45
    >>> counted = np.zeros(18)
    >>> counted[[3, 17]] = 3, 1
    >>> share_of_age(counted, 10, 17.5)
    0.125
    """
    bands = _bands(age_shares)
    found = sum(
        share * max(0.0, min(end, age_to) - max(start, age_from)) / (end - start)
        for start, end, share in bands
    )
    total = sum(share for _, _, share in bands)
    return found / total if total else 0.0


def _bands(age_shares: AgeShares) -> list[tuple[int, int, float]]:
    if isinstance(age_shares, Mapping):
        return [(start, end, age_shares[name]) for name, start, end in AGE_BANDS]
    return [(age, age + 1, float(share)) for age, share in enumerate(age_shares)]


def still_of_age(age_shares: AgeShares, age_from: int, age_to: int, months: int) -> Array:
    """Return the share of those of age at joining who have not yet reached ``age_to``.

    Birthdays are spread evenly over each age band, so leaving at 18 is a date and not a risk.

    Parameters
    ----------
    age_shares : mapping of str to float, or ndarray, shape (18,)
        As in `share_of_age`.
    age_from, age_to : int
        Children between these birthdays are followed.
    months : int
        Horizon, T.

    Returns
    -------
    ndarray, shape (T + 1,)
        By months since joining; 1 at the start, never rising. All nil where nobody is of age.

    Examples
    --------
    >>> ages = dict(zip([b[0] for b in AGE_BANDS], [0.0, 0.0, 0.0, 1.0]))
    >>> still_of_age(ages, 0, 18, 24)[[0, 12, 24]]
    array([1. , 0.5, 0. ])
    """
    whole = share_of_age(age_shares, age_from, age_to)
    if whole == 0:
        return np.zeros(months + 1)
    left = [share_of_age(age_shares, age_from, age_to - m / 12) for m in range(months + 1)]
    return np.array(left) / whole
