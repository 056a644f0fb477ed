"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.information import evpi
from communitybudget.sensitivity.precision import (
    by_replicate,
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
    replicate_error,
    replicate_probability_error,
    replicate_quantile_error,
    replicate_ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado

__all__ = [
    "Histogram",
    "Moments",
    "Tornado",
    "VarianceShares",
    "by_replicate",
    "evpi",
    "monte_carlo_error",
    "probability_error",
    "quantile_error",
    "rank_regression",
    "ratio_error",
    "replicate_error",
    "replicate_probability_error",
    "replicate_quantile_error",
    "replicate_ratio_error",
    "variance_share",
]
