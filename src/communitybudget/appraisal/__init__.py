"""Cash-flow arrays to present values, ratios, rates of return, payback and switching values.

Knows years and price bases, not families. Every function takes plain arrays, so that other programs can
use it without a case file.
"""

from communitybudget.appraisal.claims import (
    PilotClaim,
    PilotOutcome,
    mean_interval,
    months_to_total,
    regression_to_mean,
    relative_error,
    scale_up_claim,
    share_of_dearest,
)
from communitybudget.appraisal.discounting import Schedule, discount_factors, npv, present_value
from communitybudget.appraisal.payback import payback_percentile, payback_time, payback_year
from communitybudget.appraisal.returns import bcr, irr
from communitybudget.appraisal.switching import switching_value

__all__ = [
    "PilotClaim",
    "PilotOutcome",
    "Schedule",
    "bcr",
    "discount_factors",
    "irr",
    "mean_interval",
    "months_to_total",
    "npv",
    "payback_percentile",
    "payback_time",
    "payback_year",
    "present_value",
    "regression_to_mean",
    "relative_error",
    "scale_up_claim",
    "share_of_dearest",
    "switching_value",
]
