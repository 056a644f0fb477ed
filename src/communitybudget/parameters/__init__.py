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

__all__ = [
    "Distribution",
    "Extension",
    "Override",
    "OverrideRow",
    "Parameter",
    "ParameterSet",
    "PriceIndex",
    "apply_overrides",
    "england_folder",
    "examples_folder",
    "fixed",
    "from_events",
    "from_interval",
    "from_mean_sd",
    "read_overrides",
]
