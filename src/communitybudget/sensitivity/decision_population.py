"""How many families a choice is made for, and what information is worth over all of them."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from communitybudget._core.cards import NOT_STATED, card, in_prices, text_table
from communitybudget._core.results import JsonResult, result

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@result
@dataclass(frozen=True, slots=True)
class DecisionPopulation:
    """The families for whom the choice is made.

    Parameters
    ----------
    families_in_model : float
        Families that the modelled net benefit is for.
    families_a_year : float
        Families for whom the choice is made each year.
    years : int
        Years for which the choice stands.
    discount_factors : tuple of float, optional
        One a year, the first year first. Without them nothing is discounted.

    Raises
    ------
    ValueError
        If a number is not above 0, or there is not one factor, above 0, a year.

    Examples
    --------
    >>> DecisionPopulation(100, 60, 2, (1.0, 0.966)).in_words()
    '60 families a year for 2 years, discounted'
    """

    families_in_model: float
    families_a_year: float
    years: int
    discount_factors: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("families_in_model", "families_a_year", "years"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}; give a number above 0")
        if self.years != int(self.years):
            raise ValueError(f"years is {self.years}; give whole years")
        factors = self.discount_factors
        if factors is not None:
            object.__setattr__(self, "discount_factors", tuple(float(factor) for factor in factors))
            if len(factors) != self.years or min(factors) <= 0:
                raise ValueError(
                    f"there are {len(factors)} discount factors for {self.years} years; give one above 0 "
                    "for each year"
                )

    def discounted_families(self, without_first: float = 0.0) -> float:
        """Return the families, those of later years discounted.

        Parameters
        ----------
        without_first : float, default 0
            So many families, from the first on, are left out.

        Returns
        -------
        float

        Examples
        --------
        >>> DecisionPopulation(100, 60, 2, (1.0, 0.5)).discounted_families(without_first=80)
        20.0
        """
        upto = self.families_a_year * np.arange(1, self.years + 1)
        left = np.clip(upto - without_first, 0.0, self.families_a_year)
        return float(left @ np.array(self.discount_factors or np.ones(self.years)))

    def in_words(self) -> str:
        """Return the families and the years in words."""
        years = "1 year" if self.years == 1 else f"{self.years} years"
        how = "not discounted" if self.discount_factors is None else "discounted"
        return f"{self.families_a_year:,.6g} families a year for {years}, {how}"


@result
@dataclass(frozen=True, eq=False, repr=False)
class PopulationValue(JsonResult):
    """What information is worth over all families for whom the choice is made.

    Parameters
    ----------
    value, standard_error : float
        Over all families and years, GBP.
    value_as_modelled : float
        For the families in the model, GBP.
    population : DecisionPopulation
    price_base : str
    """

    value: float
    standard_error: float
    value_as_modelled: float
    population: DecisionPopulation
    price_base: str

    @property
    def value_a_family(self) -> float:
        """GBP for each family in the model."""
        return self.value_as_modelled / self.population.families_in_model

    @property
    def value_a_year(self) -> float:
        """GBP for the families of one year, not discounted."""
        return self.value_a_family * self.population.families_a_year

    def to_frame(self) -> "pd.DataFrame":
        """Return the steps as a table with the columns ``step, value``, GBP."""
        import pandas as pd

        return pd.DataFrame(
            {
                "step": ["as_modelled", "a_family", "a_year", "population"],
                "value": [self.value_as_modelled, self.value_a_family, self.value_a_year, self.value],
            }
        )

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the value as modelled, of a year and over all years."""
        from communitybudget.charts import plot_population_value

        return plot_population_value(self.to_frame(), ax, price_base=self.price_base)

    def summary(self) -> str:
        """Return the steps as text."""
        return text_table(*self._card())

    def __repr__(self) -> str:
        return (
            f"PopulationValue({self.value:,.6g} GBP, standard_error={self.standard_error:,.2g}, "
            f"{self.population.in_words()})"
        )

    def _repr_html_(self) -> str:
        return card(*self._card())

    def _card(self) -> tuple[str, list[tuple[str, str]], str]:
        modelled = f"As modelled, for {self.population.families_in_model:,.6g} families"
        rows = [
            (modelled, f"£{self.value_as_modelled:,.0f}"),
            ("A family", f"£{self.value_a_family:,.2f}"),
            ("A year's families", f"£{self.value_a_year:,.0f}"),
            (f"For {self.population.in_words()}", f"£{self.value:,.0f} (± £{self.standard_error:,.0f})"),
        ]
        return "What information is worth to all families", rows, in_prices(self.price_base)


def population_value(
    value: float,
    population: DecisionPopulation,
    *,
    standard_error: float = 0.0,
    price_base: str = NOT_STATED,
) -> PopulationValue:
    """Return what information is worth over all families for whom the choice is made.

    Parameters
    ----------
    value : float
        Of perfect, partial or sample information for the choice as modelled, GBP.
    population : DecisionPopulation
        How many families the model has, and for how many a year and for how long the choice is made.
    standard_error : float, default 0
        Of ``value``, GBP.
    price_base : str, optional

    Returns
    -------
    PopulationValue
        ``value / families_in_model`` times the discounted families.

    Raises
    ------
    ValueError
        If ``value`` is negative or not finite.

    Notes
    -----
    It takes every family to be like those in the model, and the choice to be made once for all of them.
    Source: K. Claxton, Journal of Health Economics 18 (1999).

    Examples
    --------
    >>> population_value(5_000, DecisionPopulation(100, 60, 2, (1.0, 0.5)))
    PopulationValue(4,500 GBP, standard_error=0, 60 families a year for 2 years, discounted)
    """
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"value is {value}; give what information is worth, 0 or more")
    scale = population.discounted_families() / population.families_in_model
    return PopulationValue(value * scale, standard_error * scale, float(value), population, price_base)
