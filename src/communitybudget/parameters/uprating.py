"""Uprating by sector and by area: which index brings a unit cost to the prices of a case, and by how much."""

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from communitybudget._core.errors import ParameterError, PriceBaseMismatch
from communitybudget._core.years import first_calendar_year
from communitybudget.parameters.parameter import Parameter
from communitybudget.parameters.prices import Extension, PriceIndex

GENERAL = "general"
"""After its last year a sector index goes on as the general one."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which unit costs a rule is for: those named, and all of some agencies.

    A rule that names a unit cost goes before one for its agency.
    """

    unit_costs: frozenset[str]
    agencies: frozenset[str]

    def rank(self, row: Parameter) -> int:
        """Return 2 where the unit cost is named, 1 where its agency is, 0 where it is not covered."""
        if row.key in self.unit_costs:
            return 2
        return 1 if row.agency in self.agencies else 0


@dataclass(frozen=True, slots=True)
class SectorIndex:
    """A price index of a sector in place of the general one.

    Parameters
    ----------
    index : PriceIndex
        Of the sector.
    covers : Coverage
        For which unit costs.
    after_end : float, 'general' or None
        Growth a year after its last year, or as the general index; None: it is not to be used there.
    reason : str
        Why; printed.
    """

    index: PriceIndex
    covers: Coverage
    after_end: float | Literal["general"] | None
    reason: str

    def level(self, year: str, general: PriceIndex) -> float:
        """Return the index of a financial year.

        Raises
        ------
        PriceBaseMismatch
            If the year is outside the series and it is not said how it goes on.
        """
        if self.index.is_extended(year) and self.after_end == GENERAL:
            last = self.index.last_year
            return self.index.level(last) * general.factor(last, year)
        if isinstance(self.after_end, float):
            return replace(self.index, extension=Extension(self.after_end)).level(year)
        return self.index.level(year)


@dataclass(frozen=True, slots=True)
class AreaFactor:
    """How dear a place is beside the place of a published price.

    Parameters
    ----------
    factor : float
        1.1 where prices are 10% above.
    covers : Coverage
        For which unit costs.
    reason, source, mark : str
        Passport.
    """

    factor: float
    covers: Coverage
    reason: str
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Uprating:
    """How unit costs come to the prices of one year and one place.

    Parameters
    ----------
    general : PriceIndex
        For whatever no sector index covers.
    sectors : tuple of SectorIndex
        In place of it.
    areas : tuple of AreaFactor
        On top of fiscal values; a local figure is at local prices already and gets none.
    """

    general: PriceIndex
    sectors: tuple[SectorIndex, ...] = ()
    areas: tuple[AreaFactor, ...] = ()

    def sector_of(self, row: Parameter) -> SectorIndex | None:
        """Return the sector index of a unit cost; None where the general one is used.

        Raises
        ------
        ParameterError
            If two rules cover it alike.
        """
        return _one_rule(self.sectors, row, "sector index")

    def area_of(self, row: Parameter) -> AreaFactor | None:
        """Return the area factor of a unit cost; None where there is none.

        Raises
        ------
        ParameterError
            If two rules cover it alike.
        """
        if row.overridden or row.value_type != "fiscal":
            return None
        return _one_rule(self.areas, row, "area factor")

    def factor(self, row: Parameter, to: str) -> float:
        """Return what a unit cost is multiplied by to be at the prices of one year and of the place.

        Raises
        ------
        PriceBaseMismatch
            If its price base or that year lies outside the index; the unit cost is named.
        """
        sector, area = self.sector_of(row), self.area_of(row)
        try:
            if sector is None:
                found = self.general.factor(row.price_base, to)
            else:
                found = sector.level(to, self.general) / sector.level(row.price_base, self.general)
        except PriceBaseMismatch as fault:
            what, _, remedy = str(fault).partition("; ")
            if sector is not None:
                remedy = (
                    "lengthen the series, say after_end how it goes on, or leave the unit cost to general "
                    "prices"
                )
            raise PriceBaseMismatch(f"{row.key}: {what}; {remedy}") from fault
        return found * (1.0 if area is None else area.factor)


_Rule = TypeVar("_Rule", SectorIndex, AreaFactor)


def _one_rule(rules: tuple[_Rule, ...], row: Parameter, what: str) -> _Rule | None:
    ranked = [(rule.covers.rank(row), rule) for rule in rules]
    best = max((rank for rank, _ in ranked), default=0)
    chosen = [rule for rank, rule in ranked if rank == best and best > 0]
    if len(chosen) > 1:
        raise ParameterError(f"{row.key} is covered by more than one {what}; keep one, or name it in one")
    return chosen[0] if chosen else None


@dataclass(frozen=True, slots=True)
class PriceGap:
    """One price beside another for the same thing, GBP at one year's prices.

    Parameters
    ----------
    default, used : float
        The published price brought up by the general index, and what stands in its place.
    years : int
        From the price base of the published price to that of the other.
    growth, general_growth : float
        Growth a year that leads from the one to the other in that time, and that of the general
        index; NaN where both have one price base.
    """

    default: float
    used: float
    years: int
    growth: float
    general_growth: float

    @property
    def ratio(self) -> float:
        """Used over default, less one."""
        return self.used / self.default - 1


def price_gap(
    default: float, default_base: str, used: float, used_base: str, to: str, general: PriceIndex
) -> PriceGap:
    """Set a price beside what a published one has become by the general index.

    Parameters
    ----------
    default, default_base : float, str
        The published price, and its financial year.
    used, used_base : float, str
        Its replacement: a local figure, a reported one, or the same uprated by a sector index.
    to : str
        Financial year at whose prices both are shown; by the general index.
    general : PriceIndex
        By which.

    Examples
    --------
    >>> index = PriceIndex("example", {"2013-14": 100.0, "2014-15": 102.0}, "", "derived")
    >>> gap = price_gap(1_000.0, "2013-14", 1_122.0, "2014-15", "2014-15", index)
    >>> round(gap.default), round(gap.ratio, 3), round(gap.growth, 3)
    (1020, 0.1, 0.122)
    """
    years = first_calendar_year(used_base) - first_calendar_year(default_base)
    growth = general_growth = float("nan")
    if years:
        growth = (used / default) ** (1 / years) - 1
        general_growth = general.factor(default_base, used_base) ** (1 / years) - 1
    return PriceGap(
        default * general.factor(default_base, to),
        used * general.factor(used_base, to),
        years,
        growth,
        general_growth,
    )
