"""Parameters with passports: sets, look-up, overrides, prices and distributions."""

from communitybudget.parameters.composed import discrete, from_values, mixture, truncated
from communitybudget.parameters.distributions import (
    Distribution,
    fixed,
    from_events,
    from_interval,
    from_mean_sd,
)
from communitybudget.parameters.eliciting import QuantileFit, from_quantiles, pooled
from communitybudget.parameters.folders import england_folder, examples_folder
from communitybudget.parameters.inverses import from_normal
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
    "QuantileFit",
    "SectorIndex",
    "Uprating",
    "apply_overrides",
    "discrete",
    "england_folder",
    "examples_folder",
    "fixed",
    "from_events",
    "from_interval",
    "from_mean_sd",
    "from_normal",
    "from_quantiles",
    "from_values",
    "import_ucd",
    "mixture",
    "pooled",
    "price_gap",
    "read_overrides",
    "truncated",
]
