"""Simulation: pathways over draws and families, into activity in natural units."""

from communitybudget.simulation.activity import Activity, Count, ReportedCount
from communitybudget.simulation.chains import CHAIN_LINKS, OutcomeChain, outcome_chain, spread_outcomes
from communitybudget.simulation.chance import ChanceDifference, ChanceGroup, SpellKinds, draw_difference
from communitybudget.simulation.layout import build_layout, place_start
from communitybudget.simulation.moments import ChanceMoments, Reward, chance_moments, cohort_variance
from communitybudget.simulation.options import DrawnEffect, OptionEffects, OptionGroup
from communitybudget.simulation.published import CheckedFigure, PublishedChecks, published_checks
from communitybudget.simulation.realised import Intake, Realised, Spells, WeightedCount, realise
from communitybudget.simulation.run import BLOCK, People, counts_of, simulate
from communitybudget.simulation.solving import Population, SolvedEffects, measure_outcome, solve_together
from communitybudget.simulation.trace import cohort_trace

__all__ = [
    "BLOCK",
    "CHAIN_LINKS",
    "Activity",
    "ChanceDifference",
    "ChanceGroup",
    "ChanceMoments",
    "CheckedFigure",
    "Count",
    "DrawnEffect",
    "Intake",
    "OptionEffects",
    "OptionGroup",
    "OutcomeChain",
    "People",
    "Population",
    "PublishedChecks",
    "Realised",
    "ReportedCount",
    "Reward",
    "SolvedEffects",
    "SpellKinds",
    "Spells",
    "WeightedCount",
    "build_layout",
    "chance_moments",
    "cohort_trace",
    "cohort_variance",
    "counts_of",
    "draw_difference",
    "measure_outcome",
    "outcome_chain",
    "place_start",
    "published_checks",
    "realise",
    "simulate",
    "solve_together",
    "spread_outcomes",
]
