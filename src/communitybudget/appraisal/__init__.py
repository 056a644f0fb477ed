"""Cash-flow arrays to present values, ratios, rates of return, payback and switching values.

Knows years and price bases, not families. Every function takes plain arrays, so that other programs can
use it without a case file.
"""

from communitybudget.appraisal.discounting import Schedule, discount_factors, npv, present_value
from communitybudget.appraisal.payback import payback_percentile, payback_time, payback_year
from communitybudget.appraisal.returns import bcr, irr
from communitybudget.appraisal.switching import switching_value

__all__ = [
    "Schedule",
    "bcr",
    "discount_factors",
    "irr",
    "npv",
    "payback_percentile",
    "payback_time",
    "payback_year",
    "present_value",
    "switching_value",
]
