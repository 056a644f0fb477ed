"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model.
"""

from communitybudget.sensitivity.cautions import largest_share, precision_warnings, tail_index
from communitybudget.sensitivity.convergence import Convergence, convergence
from communitybudget.sensitivity.deciding import Decision, decision_table, probability_of_loss_beyond
from communitybudget.sensitivity.dominance import Dominance, dominance
from communitybudget.sensitivity.information import evpi
from communitybudget.sensitivity.precision import (
    monte_carlo_error,
    paired_error,
    probability_error,
    quantile_error,
    ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.regret import RegretTable, regret_table
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.stopping import Lead, errors_wide, lead_of, look_numbers
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado

__all__ = [
    "Convergence",
    "Decision",
    "Dominance",
    "Histogram",
    "Lead",
    "Moments",
    "RegretTable",
    "Tornado",
    "VarianceShares",
    "convergence",
    "decision_table",
    "dominance",
    "errors_wide",
    "evpi",
    "largest_share",
    "lead_of",
    "look_numbers",
    "monte_carlo_error",
    "paired_error",
    "precision_warnings",
    "probability_error",
    "probability_of_loss_beyond",
    "quantile_error",
    "rank_regression",
    "ratio_error",
    "regret_table",
    "tail_index",
    "variance_share",
]
