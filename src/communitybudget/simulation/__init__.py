"""Simulation: pathways over draws and families, into activity in natural units."""

from communitybudget.simulation.activity import Activity, Count, ReportedCount
from communitybudget.simulation.chains import CHAIN_LINKS, OutcomeChain, outcome_chain, spread_outcomes
from communitybudget.simulation.layout import build_layout, place_start
from communitybudget.simulation.options import Combination, DrawnEffect, OptionEffects, OptionGroup
from communitybudget.simulation.published import CheckedFigure, PublishedChecks, published_checks
from communitybudget.simulation.run import BLOCK, People, counts_of, simulate
from communitybudget.simulation.solving import Population, SolvedEffects, measure_outcome, solve_together
from communitybudget.simulation.trace import cohort_trace

__all__ = [
    "BLOCK",
    "CHAIN_LINKS",
    "Activity",
    "CheckedFigure",
    "Combination",
    "Count",
    "DrawnEffect",
    "OptionEffects",
    "OptionGroup",
    "OutcomeChain",
    "People",
    "Population",
    "PublishedChecks",
    "ReportedCount",
    "SolvedEffects",
    "build_layout",
    "cohort_trace",
    "counts_of",
    "measure_outcome",
    "outcome_chain",
    "place_start",
    "published_checks",
    "simulate",
    "solve_together",
    "spread_outcomes",
]
