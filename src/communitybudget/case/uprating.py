"""How unit costs come to the prices of a case: indices of its own, by sector, for the area; and the gaps."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from communitybudget._core.errors import CommunityBudgetError, did_you_mean
from communitybudget._core.strict_yaml import Path_
from communitybudget._core.vocabulary import agency_label
from communitybudget._core.years import first_calendar_year, sort_years
from communitybudget.case.spec import CaseSpec
from communitybudget.parameters import (
    AreaFactor,
    Coverage,
    Parameter,
    ParameterSet,
    PriceIndex,
    SectorIndex,
    Uprating,
    price_gap,
)
from communitybudget.parameters.uprating import GENERAL

if TYPE_CHECKING:
    import pandas as pd

    from communitybudget.case.model import Model

GAP_COLUMNS: tuple[str, ...] = (
    "key",
    "label",
    "unit",
    "published",
    "published_price_base",
    "by_general_index",
    "used",
    "ratio",
    "growth_a_year",
    "general_growth_a_year",
    "why",
    "source",
)
STALE_COLUMNS: tuple[str, ...] = ("key", "label", "price_base", "age", "unit", "source", "mark")

_Add = Callable[[Path_, str, str], None]


def with_own_indices(spec: CaseSpec, parameters: ParameterSet) -> ParameterSet:
    """Return the set with the price indices that the case brings."""
    own = {
        name: PriceIndex(
            name,
            {year: given.levels[year] for year in sort_years(given.levels)},
            given.source,
            given.mark,
        )
        for name, given in spec.indices.items()
        if name not in parameters.indices
    }
    return replace(parameters, indices={**parameters.indices, **own}) if own else parameters


def uprating_of(spec: CaseSpec, parameters: ParameterSet) -> Uprating:
    """Return how the unit costs of a case come to its prices.

    Parameters
    ----------
    spec, parameters : CaseSpec, ParameterSet
        The set holds the case's own indices already.

    Raises
    ------
    ParameterNotFound
        If there is no index of a name.
    """
    return Uprating(
        parameters.index(spec.index or ""),
        tuple(
            SectorIndex(
                parameters.index(given.index),
                Coverage(frozenset(given.unit_costs), frozenset(given.agencies)),
                given.after_end,
                given.reason,
            )
            for given in spec.sector_indices
        ),
        tuple(
            AreaFactor(
                given.factor,
                Coverage(frozenset(given.unit_costs), frozenset(given.agencies)),
                given.reason,
                given.source,
                given.mark,
            )
            for given in spec.area_factors
        ),
    )


def check_uprating(spec: CaseSpec, parameters: ParameterSet, add: _Add) -> None:
    """Report indices that are not there or do not reach, and rules that cover a unit cost twice.

    Parameters
    ----------
    spec, parameters : CaseSpec, ParameterSet
        The set holds the case's own indices already.
    add : callable
        Takes the place, what is wrong and what to do.
    """
    for name, given in spec.indices.items():
        if parameters.indices[name].values != given.levels:
            add(("indices", name), f"the set has an index '{name}' already", "name yours otherwise")
        years = sort_years(given.levels)
        whole = first_calendar_year(years[-1]) - first_calendar_year(years[0]) + 1
        if len(years) < whole:
            add(
                ("indices", name, "levels"),
                f"{whole - len(years)} of the years between {years[0]} and {years[-1]} have no level",
                "fill them in: no year is held or guessed",
            )
    sound = True
    for i, rule in enumerate(spec.sector_indices):
        if rule.index not in parameters.indices:
            sound = False
            what = f"there is no index '{rule.index}'"
            add(("sector_indices", i, "index"), what, did_you_mean(rule.index, parameters.indices))
    if not sound:
        return
    uprating = uprating_of(spec, parameters)
    rules = (("sector_indices", spec.sector_indices), ("area_factors", spec.area_factors))
    for part, given_rules in rules:
        for i, covering in enumerate(given_rules):
            for key in covering.unit_costs:
                try:
                    uprating.factor(parameters[key], spec.price_base)
                except CommunityBudgetError as fault:
                    what, _, remedy = str(fault).rpartition("; ")
                    add((part, i), what, remedy)


def own_index_rows(spec: CaseSpec, uprating: Uprating) -> list[tuple[object, ...]]:
    """Return the sector indices and area factors of a case as rows of its assumptions."""
    rows: list[tuple[object, ...]] = []
    known = (None, None, "", "taken as known")
    for sector in uprating.sectors:
        series = sector.index
        label = f"Sector index {series.vintage}, {next(iter(series.values))} to {series.last_year}"
        rows.append(
            (
                f"sector_indices.{series.vintage}",
                label,
                series.values[series.last_year],
                *known,
                "index",
                series.last_year,
                series.source,
                series.mark,
                False,
                sector.reason,
            )
        )
        if sector.index.is_extended(spec.price_base) and sector.after_end is not None:
            as_general = sector.after_end == GENERAL
            rows.append(
                (
                    f"sector_indices.{series.vintage}.after_end",
                    f"Growth of {series.vintage} after {series.last_year}"
                    + (", as the general index" if as_general else ""),
                    None if as_general else sector.after_end,
                    *known,
                    "share a year",
                    "",
                    "the case file",
                    "assumption",
                    False,
                    sector.reason,
                )
            )
    for i, area in enumerate(uprating.areas):
        rows.append(
            (
                f"area_factors.{i + 1}",
                f"Area factor: {covered(area.covers)}",
                area.factor,
                *known,
                "times the price",
                "",
                area.source,
                area.mark,
                False,
                area.reason,
            )
        )
    return rows


def covered(covers: Coverage) -> str:
    """Return in words what a rule of prices is for."""
    names = [key.removeprefix("unit_cost.") for key in sorted(covers.unit_costs)]
    return ", ".join([*names, *(agency_label(a) for a in sorted(covers.agencies))])


def price_gaps_frame(model: "Model") -> "pd.DataFrame":
    """Return what stands in place of published prices brought up by the general index, and by how much.

    Returns
    -------
    pandas.DataFrame
        ``key, label, unit, published, published_price_base, by_general_index, used, ratio`` (used over
        by_general_index, less one)``, growth_a_year`` (from the published price to the one used, in its
        own years)``, general_growth_a_year, why, source``. One row for each unit cost in use with a local
        figure, a sector index or an area factor; GBP at the price base of the case; central values.
    """
    import pandas as pd

    parameters, uprating = model.parameters, model.uprating
    base = model.case.spec.price_base
    published = {o.key: o for o in reversed(parameters.overrides)}
    rows = []
    for row in unit_costs_in_use(model):
        sector, area = uprating.sector_of(row), uprating.area_of(row)
        local = published.get(row.id)
        if sector is None and area is None and local is None:
            continue
        used = row.value * uprating.factor(row, base)
        value = row.value if local is None else local.old
        value_base = row.price_base if local is None else local.old_price_base
        used_base = row.price_base if local is not None and sector is None else base
        in_used_base = row.value if used_base == row.price_base else used
        gap = price_gap(value, value_base, in_used_base, used_base, base, uprating.general)
        in_place = sector is None and local is None  # an area factor is a place and no growth
        rows.append(
            (
                row.id,
                row.label,
                row.unit,
                value,
                value_base,
                gap.default,
                used,
                used / gap.default - 1,
                math.nan if in_place else gap.growth,
                math.nan if in_place else gap.general_growth,
                _why(row, sector, area),
                parameters.citation(row.source) if local is not None else "",
            )
        )
    return pd.DataFrame(rows, columns=list(GAP_COLUMNS))


def _why(row: Parameter, sector: SectorIndex | None, area: AreaFactor | None) -> str:
    found = [f"local figure: {row.reason}"] if row.overridden else []
    if sector is not None:
        found.append(f"index {sector.index.vintage}: {sector.reason}")
    if area is not None:
        found.append(f"area factor {area.factor:g}: {area.reason}")
    return "; ".join(found)


def unit_costs_in_use(model: "Model") -> list[Parameter]:
    """Return the unit costs that a case prices with, each once, in the order of first use."""
    return [p for p in model.inputs.used.values() if p.key.startswith("unit_cost.")]


def stale_prices_frame(model: "Model") -> "pd.DataFrame":
    """Return the unit costs in use whose price base is older than the case allows without a word.

    Returns
    -------
    pandas.DataFrame
        ``key, label, price_base, age`` (years before the price base of the case)``, unit, source,
        mark``, the oldest first.
    """
    import pandas as pd

    limit, now = model.case.spec.stale_after_years, first_calendar_year(model.case.spec.price_base)
    rows = [
        (p.id, p.label, p.price_base, age, p.unit, model.parameters.citation(p.source), p.mark)
        for p in unit_costs_in_use(model)
        if (age := now - first_calendar_year(p.price_base)) > limit
    ]
    frame = pd.DataFrame(rows, columns=list(STALE_COLUMNS))
    return frame.sort_values("age", ascending=False, kind="stable", ignore_index=True)
