"""Price indices by vintage, and uprating that never holds a year silently."""

from collections.abc import Mapping
from dataclasses import dataclass

from communitybudget._core.errors import PriceBaseMismatch
from communitybudget._core.years import first_calendar_year, format_year, parse_year, span


@dataclass(frozen=True, slots=True)
class Extension:
    """A declared growth of prices beyond the last year of an index.

    Parameters
    ----------
    rate : float
        Growth a year, 0.02 for 2%.
    mark, source, note : str
        Its passport; an extension is an assumption and is printed with every result that uses it.
    """

    rate: float
    mark: str = "assumption"
    source: str = "judgement"
    note: str = ""


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """One vintage of a price index over financial years.

    Parameters
    ----------
    vintage : str
        Name and date of the release.
    values : mapping of str to float
        Index by financial year, in order.
    source, mark : str
        Where the series comes from.
    extension : Extension or None
        Growth beyond the last year, if one is declared.
    """

    vintage: str
    values: Mapping[str, float]
    source: str
    mark: str
    extension: Extension | None = None

    def level(self, year: str) -> float:
        """Return the index of a financial year.

        Raises
        ------
        PriceBaseMismatch
            If the year is outside the series and no extension reaches it.
        """
        year = parse_year(year)
        if year in self.values:
            return self.values[year]
        years = list(self.values)
        last = years[-1]
        beyond = first_calendar_year(year) - first_calendar_year(last)
        if beyond > 0 and self.extension is not None:
            return self.values[last] * (1 + self.extension.rate) ** beyond
        raise PriceBaseMismatch(
            f"the price index '{self.vintage}' covers {span(years)} and not {year}; "
            "use a year inside it, another vintage, or declare an extension (for example 2% a year)"
        )

    def factor(self, price_base: str, to: str) -> float:
        """Return what an amount at ``price_base`` is multiplied by to be at the prices of ``to``.

        Examples
        --------
        >>> index = PriceIndex("example", {"2002-03": 145.544126, "2015-16": 195.969699}, "", "derived")
        >>> round(500 * index.factor("2002/03", "2015/16"), 2)
        673.23
        """
        return self.level(to) / self.level(price_base)

    def is_extended(self, year: str) -> bool:
        """Return whether a year lies beyond the series, so that the extension is used."""
        return first_calendar_year(year) > first_calendar_year(list(self.values)[-1])

    @property
    def last_year(self) -> str:
        """Last financial year of the series itself."""
        return format_year(first_calendar_year(list(self.values)[-1]))
