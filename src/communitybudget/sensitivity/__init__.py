"""What moves the answer, how much, and how precisely the draws can tell.

Takes draws and outcomes as arrays; never sees the model. Its modules by question:

- which inputs drive the outcome: ``tornado``, ``ranks``, ``shares``, ``importance``, ``morris``, ``sobol*``,
  ``given_data``;
- what if one, two or all inputs were otherwise: ``one_way``, ``two_way``, ``spider``, ``scatter``,
  ``break_even_curve``, ``scenario_sets``, ``worst_case``, over settings from ``ranges``;
- which option: ``deciding``, ``dominance``, ``regret``;
- what it is worth to know more: ``information*``, with the regressions of ``many_inputs``, ``smooth_terms``,
  ``projection`` and ``gaussian_process``, and ``decision_population``;
- what a study is worth: ``study*`` is what it observes, ``sample_*`` and ``moment_matching`` its value;
- are there enough draws: ``precision``, ``convergence``, ``cautions``, ``stopping``, ``tallies``.
"""

from communitybudget.sensitivity.about import About
from communitybudget.sensitivity.break_even_curve import BreakEvenCurve, break_even_curve
from communitybudget.sensitivity.cautions import precision_warnings
from communitybudget.sensitivity.convergence import Convergence, convergence
from communitybudget.sensitivity.deciding import DecisionTable, decision_table, probability_of_loss_beyond
from communitybudget.sensitivity.decision_population import (
    DecisionPopulation,
    PopulationValue,
    population_value,
)
from communitybudget.sensitivity.dominance import Dominance, dominance
from communitybudget.sensitivity.given_data import given_data_indices
from communitybudget.sensitivity.importance import Importance, importance
from communitybudget.sensitivity.information import evpi, evpi_value, evppi, evppi_each, evppi_sets
from communitybudget.sensitivity.information_by_holder import HolderInformation, information_by_holder
from communitybudget.sensitivity.information_closed_forms import beta_binomial_evsi, normal_information_value
from communitybudget.sensitivity.information_nested import nested_evppi
from communitybudget.sensitivity.information_value import InformationTable, InformationValue
from communitybudget.sensitivity.morris import MorrisScreening, morris_screening
from communitybudget.sensitivity.one_way import OneWay, local_one_way, one_way
from communitybudget.sensitivity.precision import (
    by_replicate,
    monte_carlo_error,
    paired_error,
    probability_error,
    quantile_error,
    ratio_error,
    replicate_error,
    replicate_probability_error,
    replicate_quantile_error,
    replicate_ratio_error,
)
from communitybudget.sensitivity.ranks import rank_regression
from communitybudget.sensitivity.regret import RegretTable, regret_table
from communitybudget.sensitivity.sample_information import evsi, evsi_curve
from communitybudget.sensitivity.sample_net_benefit import SamplingValue, net_benefit_of_sampling
from communitybudget.sensitivity.sample_results import SampleInformation, SampleInformationCurve
from communitybudget.sensitivity.scatter import Scatter, rank_correlation, scatter
from communitybudget.sensitivity.scenario_sets import ScenarioSets, given_sets, scenario_sets
from communitybudget.sensitivity.shares import VarianceShares, variance_share
from communitybudget.sensitivity.sobol import sobol_from_outcomes, sobol_indices
from communitybudget.sensitivity.sobol_results import SobolIndices
from communitybudget.sensitivity.spider import Spider, spider
from communitybudget.sensitivity.study import CustomStudy, Study
from communitybudget.sensitivity.study_conjugate import BetaPrior, NormalPrior
from communitybudget.sensitivity.study_designs import BeforeAfter, Controlled, SingleGroup
from communitybudget.sensitivity.study_measured import Measured
from communitybudget.sensitivity.tallies import Histogram, Moments
from communitybudget.sensitivity.tornado import Tornado
from communitybudget.sensitivity.two_way import GridAxis, HeatMap, grid_axis, two_way
from communitybudget.sensitivity.worst_case import WorstCase, worst_case

__all__ = [
    "About",
    "BeforeAfter",
    "BetaPrior",
    "BreakEvenCurve",
    "Controlled",
    "Convergence",
    "CustomStudy",
    "DecisionPopulation",
    "DecisionTable",
    "Dominance",
    "GridAxis",
    "HeatMap",
    "Histogram",
    "HolderInformation",
    "Importance",
    "InformationTable",
    "InformationValue",
    "Measured",
    "Moments",
    "MorrisScreening",
    "NormalPrior",
    "OneWay",
    "PopulationValue",
    "RegretTable",
    "SampleInformation",
    "SampleInformationCurve",
    "SamplingValue",
    "Scatter",
    "ScenarioSets",
    "SingleGroup",
    "SobolIndices",
    "Spider",
    "Study",
    "Tornado",
    "VarianceShares",
    "WorstCase",
    "beta_binomial_evsi",
    "break_even_curve",
    "by_replicate",
    "convergence",
    "decision_table",
    "dominance",
    "evpi",
    "evpi_value",
    "evppi",
    "evppi_each",
    "evppi_sets",
    "evsi",
    "evsi_curve",
    "given_data_indices",
    "given_sets",
    "grid_axis",
    "importance",
    "information_by_holder",
    "local_one_way",
    "monte_carlo_error",
    "morris_screening",
    "nested_evppi",
    "net_benefit_of_sampling",
    "normal_information_value",
    "one_way",
    "paired_error",
    "population_value",
    "precision_warnings",
    "probability_error",
    "probability_of_loss_beyond",
    "quantile_error",
    "rank_correlation",
    "rank_regression",
    "ratio_error",
    "regret_table",
    "replicate_error",
    "replicate_probability_error",
    "replicate_quantile_error",
    "replicate_ratio_error",
    "scatter",
    "scenario_sets",
    "sobol_from_outcomes",
    "sobol_indices",
    "spider",
    "two_way",
    "variance_share",
    "worst_case",
]
