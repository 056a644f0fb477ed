"""Cash-flow arrays to present values, ratios, rates of return, payback and switching values.

Knows years and price bases, not families. Every function takes plain arrays, so that other programs can
use it without a case file.
"""

from communitybudget.appraisal.building_up import (
    MOST_PROFESSIONALS,
    BuiltUpCost,
    built_up_cost,
    hourly_pay,
)
from communitybudget.appraisal.cashability import Ladder, climb_ladder
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
from communitybudget.appraisal.diminishing import Diminishing, FallPerDoubling, NoDiminishing, ShareKept
from communitybudget.appraisal.discounting import Schedule, discount_factors, npv, present_value
from communitybudget.appraisal.incremental import (
    BUSINESS_AS_USUAL,
    INCREMENTAL_COLUMNS,
    Increment,
    IncrementalRow,
    IncrementalTable,
    incremental_table,
)
from communitybudget.appraisal.optimism import combined_correction, corrected_benefits, corrected_costs
from communitybudget.appraisal.payback import payback_percentile, payback_time, payback_year
from communitybudget.appraisal.place_claims import Overlap, PlaceClaim
from communitybudget.appraisal.portfolio import best_portfolio
from communitybudget.appraisal.portfolio_result import (
    LineOfPortfolio,
    Portfolio,
    ProgrammeInPortfolio,
    SegmentServed,
)
from communitybudget.appraisal.programmes import PortfolioProblem, Programme, SharedCost
from communitybudget.appraisal.prudence import (
    PRUDENT_WORDS,
    PlanOdds,
    plan_odds,
    prudent_saving,
    worst_tail_error,
    worst_tail_mean,
)
from communitybudget.appraisal.published_returns import (
    ImpliedCost,
    PublishedReturn,
    break_even_share,
    implied_cost,
    printed_interval,
    published_return,
    simple_payback,
)
from communitybudget.appraisal.returns import bcr, irr
from communitybudget.appraisal.risks import RiskEvents, expected_risk, risk_events
from communitybudget.appraisal.roll_up_result import Nation, PublishedRange, RollUp
from communitybudget.appraisal.rolling_up import roll_up
from communitybudget.appraisal.scales import BetweenPlaces, FixedCosts, Level
from communitybudget.appraisal.scaling_up import ScaledUp, scale_up
from communitybudget.appraisal.switching import switching_value
from communitybudget.appraisal.weighting import ELASTICITY, distributional_weight, weighted_public_value

__all__ = [
    "BUSINESS_AS_USUAL",
    "ELASTICITY",
    "INCREMENTAL_COLUMNS",
    "MOST_PROFESSIONALS",
    "PRUDENT_WORDS",
    "BetweenPlaces",
    "BuiltUpCost",
    "Diminishing",
    "FallPerDoubling",
    "FixedCosts",
    "ImpliedCost",
    "Increment",
    "IncrementalRow",
    "IncrementalTable",
    "Ladder",
    "Level",
    "LineOfPortfolio",
    "Nation",
    "NoDiminishing",
    "Overlap",
    "PilotClaim",
    "PilotOutcome",
    "PlaceClaim",
    "PlanOdds",
    "Portfolio",
    "PortfolioProblem",
    "Programme",
    "ProgrammeInPortfolio",
    "PublishedRange",
    "PublishedReturn",
    "RiskEvents",
    "RollUp",
    "ScaledUp",
    "Schedule",
    "SegmentServed",
    "ShareKept",
    "SharedCost",
    "bcr",
    "best_portfolio",
    "break_even_share",
    "built_up_cost",
    "climb_ladder",
    "combined_correction",
    "corrected_benefits",
    "corrected_costs",
    "discount_factors",
    "distributional_weight",
    "expected_risk",
    "hourly_pay",
    "implied_cost",
    "incremental_table",
    "irr",
    "mean_interval",
    "months_to_total",
    "npv",
    "payback_percentile",
    "payback_time",
    "payback_year",
    "plan_odds",
    "present_value",
    "printed_interval",
    "prudent_saving",
    "published_return",
    "regression_to_mean",
    "relative_error",
    "risk_events",
    "roll_up",
    "scale_up",
    "scale_up_claim",
    "share_of_dearest",
    "simple_payback",
    "switching_value",
    "weighted_public_value",
    "worst_tail_error",
    "worst_tail_mean",
]
