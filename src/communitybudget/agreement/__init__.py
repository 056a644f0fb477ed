"""Who pays, who gains, and how partners share both: arrays in, a settlement in whole pence out.

Knows partners, years and draws, not families. Every rule nets to nil to the penny in every draw and year.
"""

from communitybudget.agreement.as_it_falls import AsItFalls
from communitybudget.agreement.collar import CollarAndCap
from communitybudget.agreement.first_call import FirstCall
from communitybudget.agreement.guarantee import Guarantee, guarantee
from communitybudget.agreement.no_worse_off import NoWorseOff
from communitybudget.agreement.outcome_contract import OutcomeContract
from communitybudget.agreement.outcome_returns import OutcomeReturns, outcome_returns
from communitybudget.agreement.paid_result import PaidResult
from communitybudget.agreement.payment_by_results import PaymentByResults
from communitybudget.agreement.pays_for_results import Termination
from communitybudget.agreement.pence import to_pence, to_pounds
from communitybudget.agreement.positions import Positions
from communitybudget.agreement.reinvestment import Reinvestment
from communitybudget.agreement.rules import Rule, Split
from communitybudget.agreement.settlement import Settlement, settle
from communitybudget.agreement.shapley import ShapleyValue, shapley_values
from communitybudget.agreement.sharing import EqualReturn, ProRataToBenefit, ProRataToCost

__all__ = [
    "AsItFalls",
    "CollarAndCap",
    "EqualReturn",
    "FirstCall",
    "Guarantee",
    "NoWorseOff",
    "OutcomeContract",
    "OutcomeReturns",
    "PaidResult",
    "PaymentByResults",
    "Positions",
    "ProRataToBenefit",
    "ProRataToCost",
    "Reinvestment",
    "Rule",
    "Settlement",
    "ShapleyValue",
    "Split",
    "Termination",
    "guarantee",
    "outcome_returns",
    "settle",
    "shapley_values",
    "to_pence",
    "to_pounds",
]
