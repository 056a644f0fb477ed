"""Learning from actuals: what was assumed, what was seen, and what to expect of the next families.

Takes distributions, counts and draws as arrays; never sees the model.
"""

from communitybudget.learning.conflict import conflict_words
from communitybudget.learning.conjugate import Update, learn_mean, learn_rate, learn_share
from communitybudget.learning.early_warning import EarlyWarning, early_warning, highest_count
from communitybudget.learning.likelihoods import (
    binomial_log_likelihood,
    normal_log_likelihood,
    poisson_log_likelihood,
)
from communitybudget.learning.prediction import Prediction
from communitybudget.learning.robust import RobustUpdate, robust
from communitybudget.learning.rows import Row, learn_row
from communitybudget.learning.spread import NOTHING_KNOWN, MeanAndSpread, learn_mean_and_spread
from communitybudget.learning.weights import Weights, equal_weights, reweigh

__all__ = [
    "NOTHING_KNOWN",
    "EarlyWarning",
    "MeanAndSpread",
    "Prediction",
    "RobustUpdate",
    "Row",
    "Update",
    "Weights",
    "binomial_log_likelihood",
    "conflict_words",
    "early_warning",
    "equal_weights",
    "highest_count",
    "learn_mean",
    "learn_mean_and_spread",
    "learn_rate",
    "learn_row",
    "learn_share",
    "normal_log_likelihood",
    "poisson_log_likelihood",
    "reweigh",
    "robust",
]
