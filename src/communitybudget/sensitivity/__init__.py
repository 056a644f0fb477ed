"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.information import evpi, evpi_value, evppi, evppi_each, evppi_sets
from communitybudget.sensitivity.information_value import InformationRow, InformationTable, InformationValue
from communitybudget.sensitivity.nested import nested_evppi
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado

__all__ = [
    "Histogram",
    "InformationRow",
    "InformationTable",
    "InformationValue",
    "Moments",
    "Tornado",
    "VarianceShares",
    "evpi",
    "evpi_value",
    "evppi",
    "evppi_each",
    "evppi_sets",
    "monte_carlo_error",
    "nested_evppi",
    "probability_error",
    "quantile_error",
    "rank_regression",
    "ratio_error",
    "variance_share",
]
