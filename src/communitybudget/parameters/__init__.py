"""Parameters with passports: sets, look-up, overrides, prices and distributions."""

from communitybudget.parameters.distributions import (
    Distribution,
    fixed,
    from_events,
    from_interval,
    from_mean_sd,
)
from communitybudget.parameters.folders import england_folder, examples_folder
from communitybudget.parameters.overrides import OverrideRow, apply_overrides, read_overrides
from communitybudget.parameters.parameter import Parameter
from communitybudget.parameters.prices import Extension, PriceIndex
from communitybudget.parameters.sets import Override, ParameterSet
from communitybudget.parameters.uprating import (
    AreaFactor,
    Coverage,
    PriceGap,
    SectorIndex,
    Uprating,
    price_gap,
)
from communitybudget.parameters.workbook import ImportedWorkbook, import_ucd

__all__ = [
    "AreaFactor",
    "Coverage",
    "Distribution",
    "Extension",
    "ImportedWorkbook",
    "Override",
    "OverrideRow",
    "Parameter",
    "ParameterSet",
    "PriceGap",
    "PriceIndex",
    "SectorIndex",
    "Uprating",
    "apply_overrides",
    "england_folder",
    "examples_folder",
    "fixed",
    "from_events",
    "from_interval",
    "from_mean_sd",
    "import_ucd",
    "price_gap",
    "read_overrides",
]
