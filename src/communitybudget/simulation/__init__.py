"""Simulation: pathways over draws and families, into activity in natural units."""

from communitybudget.simulation.activity import Activity, Count, ReportedCount
from communitybudget.simulation.adjoint import OutcomeGradient, gradient_tornado, outcome_gradient
from communitybudget.simulation.chains import CHAIN_LINKS, OutcomeChain, outcome_chain, spread_outcomes
from communitybudget.simulation.chance import ChanceDifference, ChanceGroup, SpellKinds, draw_difference
from communitybudget.simulation.changed_rows import COMBINING_RULES, ROW_MEASURES, changed_row, combined_ratio
from communitybudget.simulation.covariates import (
    MergedProfiles,
    coefficient_draws,
    log_hazard,
    logit_probability,
    merge_profiles,
)
from communitybudget.simulation.frailty import Frailty, frailty_classes, gamma_frailty, lognormal_frailty
from communitybudget.simulation.generators import (
    NearestGenerator,
    change_cycle,
    generator_of,
    nearest_generator,
    transition_of,
)
from communitybudget.simulation.incidence import rate_for_incidence, rate_for_prevalence, solve_rate
from communitybudget.simulation.layout import build_layout, place_start
from communitybudget.simulation.moments import (
    ChanceMoments,
    Reward,
    Worth,
    chance_moments,
    cohort_variance,
)
from communitybudget.simulation.options import Combination, DrawnEffect, OptionEffects, OptionGroup
from communitybudget.simulation.published import CheckedFigure, PublishedChecks, published_checks
from communitybudget.simulation.rates import (
    REMAINDER,
    competing_probabilities,
    competing_rates,
    fill_remainder,
    probability_to_rate,
    rate_to_probability,
)
from communitybudget.simulation.realised import (
    TILE,
    Intake,
    Realised,
    Spells,
    WeightedCount,
    part_drawn,
    realise,
)
from communitybudget.simulation.row_counts import dirichlet_rows
from communitybudget.simulation.run import BLOCK, FamilyClass, People, counts_of, simulate
from communitybudget.simulation.sojourns import Sojourn
from communitybudget.simulation.solving import Population, SolvedEffects, measure_outcome, solve_together
from communitybudget.simulation.trace import cohort_trace

__all__ = [
    "BLOCK",
    "CHAIN_LINKS",
    "COMBINING_RULES",
    "REMAINDER",
    "ROW_MEASURES",
    "TILE",
    "Activity",
    "ChanceDifference",
    "ChanceGroup",
    "ChanceMoments",
    "CheckedFigure",
    "Combination",
    "Count",
    "DrawnEffect",
    "FamilyClass",
    "Frailty",
    "Intake",
    "MergedProfiles",
    "NearestGenerator",
    "OptionEffects",
    "OptionGroup",
    "OutcomeChain",
    "OutcomeGradient",
    "People",
    "Population",
    "PublishedChecks",
    "Realised",
    "ReportedCount",
    "Reward",
    "Sojourn",
    "SolvedEffects",
    "SpellKinds",
    "Spells",
    "WeightedCount",
    "Worth",
    "build_layout",
    "chance_moments",
    "change_cycle",
    "changed_row",
    "coefficient_draws",
    "cohort_trace",
    "cohort_variance",
    "combined_ratio",
    "competing_probabilities",
    "competing_rates",
    "counts_of",
    "dirichlet_rows",
    "draw_difference",
    "fill_remainder",
    "frailty_classes",
    "gamma_frailty",
    "generator_of",
    "gradient_tornado",
    "log_hazard",
    "logit_probability",
    "lognormal_frailty",
    "measure_outcome",
    "merge_profiles",
    "nearest_generator",
    "outcome_chain",
    "outcome_gradient",
    "part_drawn",
    "place_start",
    "probability_to_rate",
    "published_checks",
    "rate_for_incidence",
    "rate_for_prevalence",
    "rate_to_probability",
    "realise",
    "simulate",
    "solve_rate",
    "solve_together",
    "spread_outcomes",
    "transition_of",
]
