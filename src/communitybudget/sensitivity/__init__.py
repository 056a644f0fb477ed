"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.by_outcome import Importance, importance
from communitybudget.sensitivity.given_data import given_data_indices
from communitybudget.sensitivity.indices import SobolIndices
from communitybudget.sensitivity.information import evpi
from communitybudget.sensitivity.morris import MorrisScreening, morris_screening
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    probability_error,
    quantile_error,
    ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.sobol import sobol_from_outcomes, sobol_indices
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado

__all__ = [
    "Histogram",
    "Importance",
    "Moments",
    "MorrisScreening",
    "SobolIndices",
    "Tornado",
    "VarianceShares",
    "evpi",
    "given_data_indices",
    "importance",
    "monte_carlo_error",
    "morris_screening",
    "probability_error",
    "quantile_error",
    "rank_regression",
    "ratio_error",
    "sobol_from_outcomes",
    "sobol_indices",
    "variance_share",
]
