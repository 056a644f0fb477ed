"""A result that is paid for: what is counted, what would have come anyway, and what it earns."""

from dataclasses import dataclass, field
from typing import Literal, Self, get_args

import numpy as np
import numpy.typing as npt

from communitybudget._core.digits import amount, percent, pounds_and_pence
from communitybudget._core.errors import AgreementError
from communitybudget._core.numbers import as_given, within
from communitybudget._core.results import same
from communitybudget.agreement.pence import FloatArray
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.rules import word_faults

Counted = Literal["counterfactual", "baseline", "gross"]
"""What results are counted against: what happens without the programme, a stated baseline, or nothing."""

_COUNTED_WORDS = {
    "counterfactual": "counted against what happens without the programme",
    "baseline": "counted against the stated baseline, which is no counterfactual",
    "gross": "counted GROSS, against nothing",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class PaidResult:
    """A result that is paid for by the unit.

    An attachment fee is one too: the unit is a family that starts.

    Parameters
    ----------
    label : str
        In words, as the term sheet prints it.
    unit : str
        Of which the tariff is the price, in the singular.
    tariff : float
        GBP for a unit, real: a tariff fixed in cash falls from year to year.
    units : array_like, shape (year, draw)
        Units of each year; negative where there are fewer than what they are counted against.
    counted : {'counterfactual', 'baseline', 'gross'}, default 'counterfactual'
        What the units are counted against.
    deadweight : float, default 0
        Units a year that would have come anyway: the band that is not paid for.
    deadweight_share : float, default 0
        Share of the units that would have come anyway; taken off before the band.
    most : float, optional
        Most units paid for in all.

    Examples
    --------
    >>> family = PaidResult(
    ...     label="Family turned around",
    ...     unit="family",
    ...     tariff=800.0,
    ...     units=[[60.0], [0.0]],
    ...     counted="gross",
    ...     deadweight_share=1 / 6,
    ... )
    >>> family.earned_to_date()[:, 0]
    array([40000., 40000.])
    """

    label: str
    unit: str
    tariff: float
    units: FloatArray = field(repr=False)
    counted: Counted = "counterfactual"
    deadweight: float = 0.0
    deadweight_share: float = 0.0
    most: float | None = None

    def __post_init__(self) -> None:
        try:
            units = np.asarray(self.units, dtype=np.float64)
        except (TypeError, ValueError) as fault:
            raise AgreementError(
                f"the units of the result '{self.label}' are no numbers in rows of one length ({fault}); "
                "give one a year and draw"
            ) from fault
        object.__setattr__(self, "units", units)

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    @classmethod
    def below_baseline(
        cls,
        *,
        label: str,
        unit: str,
        tariff: float,
        baseline: npt.ArrayLike,
        observed: npt.ArrayLike,
        most: float | None = None,
    ) -> Self:
        """Return a result that is what is observed below a baseline, such as days in care.

        Parameters
        ----------
        label, unit, tariff, most
            As of the class.
        baseline, observed : array_like, shape (year, draw)
            Units of each year; one is stretched to the other.
        """
        fewer = np.asarray(baseline, dtype=np.float64) - np.asarray(observed, dtype=np.float64)
        return cls(label=label, unit=unit, tariff=tariff, units=fewer, counted="baseline", most=most)

    def paid_units_to_date(self) -> FloatArray:
        """Return the units paid for up to the end of each year, shape (year, draw); never below nil."""
        years = np.arange(1, len(self.units) + 1)[:, np.newaxis]
        beyond = (1 - self.deadweight_share) * self.units.cumsum(axis=0) - self.deadweight * years
        return np.clip(beyond, 0.0, self.most)

    def earned_to_date(self) -> FloatArray:
        """Return what the result earns up to the end of each year before caps, GBP, shape (year, draw)."""
        return self.tariff * self.paid_units_to_date()

    def faults(self, positions: Positions) -> list[str]:
        """Return in words what makes the result impossible to pay for."""
        name, shape = f"the result '{self.label}'", (len(positions.years), positions.draws)
        found = []
        if not within(self.tariff, 0):
            found.append(
                f"{name} has a tariff of {as_given(self.tariff, '£')} a {self.unit}; give £0 or more"
            )
        if np.shape(self.units) != shape:
            found.append(
                f"the units of {name} have the shape {np.shape(self.units)}; they need (year, draw), {shape}"
            )
        elif not np.isfinite(self.units).all():
            found.append(f"the units of {name} hold a value that is not a number; give one a year and draw")
        found += word_faults(self.counted, f"words in `counted` of {name}", get_args(Counted))
        if not within(self.deadweight, 0):
            found.append(
                f"{name} has a deadweight of {as_given(self.deadweight)} units a year; give 0 or more"
            )
        if not within(self.deadweight_share, 0, 1):
            share = as_given(self.deadweight_share)
            found.append(f"{name} has a deadweight share of {share}; give a share from 0 to 1")
        if self.most is not None and not within(self.most, 0):
            found.append(
                f"{name} is paid for at most {as_given(self.most)} units; give 0 or more, or leave it out"
            )
        return found

    def words(self) -> str:
        """Return the terms of the result in words."""
        text = f"{self.label}: {pounds_and_pence(self.tariff)} a {self.unit}, {_COUNTED_WORDS[self.counted]}."
        if self.deadweight_share:
            text += f" {percent(self.deadweight_share, 1)} is not paid for: it would have come anyway."
        if self.deadweight:
            text += (
                f" The first {amount(self.deadweight)} a year are not paid for: they would have come anyway."
            )
        if self.most is not None:
            text += f" At most {amount(self.most)} are paid for in all."
        return text
