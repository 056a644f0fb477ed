"""Cases: the declaration, `appraise`, and the appraisal it gives."""

from communitybudget.case.actuals import ActualRow, Actuals, ActualsError, read_actuals
from communitybudget.case.agreement import Agreement, Agreements
from communitybudget.case.appraisal import Appraisal
from communitybudget.case.appraise import appraise
from communitybudget.case.bridge import compare
from communitybudget.case.bridge_result import BRIDGE_COLUMNS, Bridge, BridgeStep
from communitybudget.case.case import Case, load_case
from communitybudget.case.decision import Decision, DecisionInput
from communitybudget.case.input_columns import ASSUMPTION_COLUMNS
from communitybudget.case.journeys import Journey
from communitybudget.case.learning import learn
from communitybudget.case.learnt import Learning
from communitybudget.case.measures import NOT_WITHIN, SUMMARY_COLUMNS
from communitybudget.case.paying_back import payback_frame, payback_probabilities
from communitybudget.case.portfolio import portfolio
from communitybudget.case.roll_up_file import RollUpPlan, RollUpSpec, load_roll_up
from communitybudget.case.set_effect import SetEffect, effect_of_set
from communitybudget.case.settling import Precision, Settled, appraise_until
from communitybudget.case.spec import CaseSpec
from communitybudget.case.streaming import STREAMED_COLUMNS, AppraisalSummary, summarise
from communitybudget.case.watching import watch
from communitybudget.case.what_if import WhatIf

__all__ = [
    "ASSUMPTION_COLUMNS",
    "BRIDGE_COLUMNS",
    "NOT_WITHIN",
    "STREAMED_COLUMNS",
    "SUMMARY_COLUMNS",
    "ActualRow",
    "Actuals",
    "ActualsError",
    "Agreement",
    "Agreements",
    "Appraisal",
    "AppraisalSummary",
    "Bridge",
    "BridgeStep",
    "Case",
    "CaseSpec",
    "Decision",
    "DecisionInput",
    "Journey",
    "Learning",
    "Precision",
    "RollUpPlan",
    "RollUpSpec",
    "SetEffect",
    "Settled",
    "WhatIf",
    "appraise",
    "appraise_until",
    "compare",
    "effect_of_set",
    "learn",
    "load_case",
    "load_roll_up",
    "payback_frame",
    "payback_probabilities",
    "portfolio",
    "read_actuals",
    "summarise",
    "watch",
]
